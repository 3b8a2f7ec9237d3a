"""Figures -> sums and remainders: what neighbours of one unit add up to, and what is left of a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import fsum
from typing import Final

from joulebook.audit.relations import cues
from joulebook.audit.relations.figures import PLAIN, Figure
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.ties import tie

_MOST: Final = 9
"""Parts of one sum."""
_CLAUSE: Final = 60
"""Letters before a total in which the word for it is looked for."""
_LAST: Final = 5
"""Figures before the result of which one may be the rest of another."""


def sums(result: Figure, near: Sequence[Figure]) -> Iterator[Relation]:
    """Sums of neighbouring figures of the same unit, before the result or behind it, and differences of two."""
    if result.kind == "number" and not is_listed(result):
        return
    alike = [_as_much(result, one) for one in near if _same(result, one)]
    before = [one for one in alike if one.order < result.order]
    behind = [one for one in alike if one.order > result.order]
    for many in range(2, _MOST + 1):
        for some in {tuple(before[-many:]), tuple(behind[:many])}:
            if len(some) == many and not _twice(some):
                yield _sum(result, some)
    for one in before[-_LAST:] if result.kind != "percent" else ():
        for other in before[-_LAST:]:
            if one.size > other.size:
                yield _difference(result, one, other)


def _twice(some: tuple[Figure, ...]) -> bool:
    """Whether one amount stands there in two units."""
    return any(
        one.amount.unit != other.amount.unit and abs(one.size - other.size) < 0.01 * one.size
        for one, other in pairwise(some)
    )


def totals(result: Figure) -> bool:
    """Whether words beside a figure say that it is a total, or a list of its parts follows."""
    clause = result.before[-_CLAUSE:]
    if not set(":;,") & set(clause):  # between them, the three account for 95 %
        clause = result.text[max(0, result.amount.start - _CLAUSE) : result.amount.start]
    return (
        cues.TOTAL.search(clause) or cues.GIVES.search(clause) or cues.IN_TOTAL.match(result.behind)
    ) is not None or is_listed(result)


def is_listed(result: Figure) -> bool:
    """Whether a colon behind a figure opens the list of its parts."""
    return cues.COLON.match(result.behind) is not None


def _same(left: Figure, right: Figure) -> bool:
    units = left.kind != "money" or left.amount.unit == right.amount.unit
    listed = is_listed(left) and right.sentence == left.sentence and {left.kind, right.kind} <= PLAIN
    return (
        (left.kind == right.kind or listed)
        and (left.amount.per == right.amount.per or not right.amount.per)
        and units
        and (left.made == right.made or listed)
    )


def _as_much(result: Figure, one: Figure) -> Figure:
    """A part of which no period is told in that of the total: 2.31 kWh a day and 1.09 kWh."""
    if one.amount.per == result.amount.per:
        return one
    return one._replace(size=one.amount.value * result.size / result.amount.value, dimensions=result.dimensions)


def _sum(result: Figure, some: tuple[Figure, ...]) -> Relation:
    spreads = [one.spread() for one in some]
    low, high = fsum(one for one, _ in spreads), fsum(one for _, one in spreads)
    words = " + ".join(one.amount.digits for one in some)
    opens = some[0].order == result.order + 1 and some[-1].sentence == result.sentence
    is_whole = opens and totals(result) and not cues.GIVES.search(result.before[-_CLAUSE:])
    close = tie(result, some, cued=totals(result)) + 3.0 * is_whole
    return Relation("sum", result, some, low, fsum(one.size for one in some), high, close, words)


def _difference(result: Figure, whole: Figure, part: Figure) -> Relation:
    (a, b), (c, d) = whole.spread(), part.spread()
    words, close = f"{whole.amount.digits} - {part.amount.digits}", tie(result, (whole, part))
    return Relation("rest", result, (whole, part), a - d, whole.size - part.size, b - c, close, words)
