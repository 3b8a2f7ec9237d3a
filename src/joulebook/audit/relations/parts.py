"""Figures -> sums and remainders: what the last figures of one unit add up to, and what is left of a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import fsum
from typing import Final

from joulebook.audit.relations.figures import Figure
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.ties import tie

TOTAL: Final = re.compile(
    r"\b(?:total(?:s|led|ling|ing|ed)?|altogether|together|combined|in all|all told|all in|overall|sum(?:s|med)?|adds? up"
    r"|adding up|added up|makes?|grand|both|bringing|brings"
    r"|insgesamt|zusammen|summe|gesamt\w*|macht|ergibt|total|totale|ensemble|somme|en tout)\b",
    re.IGNORECASE,
)
REST: Final = re.compile(
    r"\b(?:remain\w*|rest|left|balance|remainder|difference|minus|übrig\w*|rest\w*|verbleib\w*|reste\w*"
    r"|restant\w*|différence)\b",
    re.IGNORECASE,
)


def sums(result: Figure, near: Sequence[Figure]) -> Iterator[Relation]:
    """Sums of neighbouring figures of the same unit, before the result or behind it, and differences of two."""
    if result.is_bare and not result.made and result.kind != "percent":
        return
    alike = [one for one in near if one.order != result.order and _same(result, one)]
    before = [one for one in alike if one.order < result.order]
    behind = [one for one in alike if one.order > result.order]
    for some in (
        *(before[-many:] for many in range(2, len(before) + 1)),
        *(behind[:many] for many in range(2, len(behind) + 1)),
    ):
        if len(some) <= 9:
            yield _sum(result, tuple(some))
    for one in before[-5:]:
        for other in before[-5:]:
            if one.size > other.size:
                yield _difference(result, one, other)


def totals(result: Figure) -> bool:
    """Whether words beside a figure say that it is a total."""
    return TOTAL.search(f"{result.before[-60:]} {result.behind[:40]}") is not None


def _same(left: Figure, right: Figure) -> bool:
    units = left.kind != "money" or left.amount.unit == right.amount.unit
    return left.kind == right.kind and left.amount.per == right.amount.per and left.made == right.made and units


def _sum(result: Figure, some: tuple[Figure, ...]) -> Relation:
    spreads = [one.spread() for one in some]
    low, high = fsum(one for one, _ in spreads), fsum(one for _, one in spreads)
    words = " + ".join(one.amount.digits for one in some)
    return Relation(
        "sum", result, some, low, fsum(one.size for one in some), high, tie(result, some, cued=totals(result)), words
    )


def _difference(result: Figure, whole: Figure, part: Figure) -> Relation:
    (a, b), (c, d) = whole.spread(), part.spread()
    words = f"{whole.amount.digits} - {part.amount.digits}"
    return Relation(
        "rest", result, (whole, part), a - d, whole.size - part.size, b - c, tie(result, (whole, part)), words
    )
