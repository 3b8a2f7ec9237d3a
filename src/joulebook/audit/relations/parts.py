"""Figures -> sums and remainders: what neighbours of one unit add up to, and what is left of a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from math import fsum
from typing import Final

from joulebook.audit.relations import cues
from joulebook.audit.relations.figures import PLAIN, Figure
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.ties import tie

_MOST: Final = 9
"""Parts of one sum."""
_FEW: Final = 2
_CLAUSE: Final = 60
"""Letters before a total in which the word for it is looked for."""
_OF_A_TOTAL: Final = re.compile(
    r"\b(?:of|von|des?|du|vom)\s+(?:[\w’'-]+\s+){0,3}(?:total|gesamt\w*|somme)\b", re.IGNORECASE
)
"""Behind a share: no word for the figure that follows."""
_MORE: Final = re.compile(
    r"\s*(?:more|less|fewer|higher|lower|mehr|weniger|de (?:plus|moins)) (?:than|als|que)\b", re.IGNORECASE
)
"""Behind a difference, which is no part."""
_NEXT_REST: Final = re.compile(
    r"[^.;]{0,40}(?:,|\b(?:and|und|et))\s(?:the |die |der |das |le |les )?(?:rest|remain|other|übrig"
    r"|restlich|reste|autres)",
    re.IGNORECASE,
)
"""The rest is the next figure."""
_ADDS: Final = re.compile(
    r"\b(?:(?:bring|add|mean)\w* (?:in )?(?:another|a further|an additional|an extra)|amount\w* to"
    r"|c[oa]mes? to|sums? to"
    r"|add up|weitere|supplémentaires?)\b",
    re.IGNORECASE,
)
"""Before what a list adds up to."""
_LEAST_PART: Final = 1e-5
"""A part of a total is no less than this share of it."""
_LAST: Final = 5
"""Figures before the result of which one may be the rest of another."""


def sums(result: Figure, near: Sequence[Figure]) -> Iterator[Relation]:
    """Sums of neighbouring figures of the same unit, before the result or behind it, and differences of two."""
    if result.kind == "number" and not is_listed(result):
        return
    alike = [_as_much(result, one) for one in near if _same(result, one) and not _MORE.match(one.behind)]
    alike = [one for one in alike if one.size > _LEAST_PART * result.size]
    before = [one for one in alike if one.order < result.order]
    behind = [one for one in alike if one.order > result.order]
    for many in range(2, _MOST + 1):
        for some in {tuple(before[-many:]), tuple(behind[:many])}:
            if len(some) == many and not _twice(some):
                found = _sum(result, some)
                is_begun = is_listed(result) and len(some) < len(behind) and some == tuple(behind[:many])
                yield found._replace(is_loose=True) if is_begun else found
                yield from _counted(result, some, near)
    yield from _picked(result, [one for one in before if one.sentence == result.sentence][-_LAST:])
    if cues.REST.search(result.before[-_CLAUSE:]):
        yield from _left(result, before[-_LAST:])
    for one in before[-_LAST:] if result.kind != "percent" else ():
        for other in before[-_LAST:]:
            if one.size > other.size:
                yield _difference(result, one, other)


def _left(result: Figure, before: Sequence[Figure]) -> Iterator[Relation]:
    """What is left of a figure without all that stand between: they only explain."""
    for at, whole in enumerate(before):
        parts = before[at + 1 :]
        (low, high), spreads = whole.spread(), [one.spread() for one in parts]
        if len(parts) > 1 and (left := whole.size - fsum(one.size for one in parts)) > 0:
            least, most = low - fsum(one for _, one in spreads), high - fsum(one for one, _ in spreads)
            words = " - ".join(one.amount.digits for one in (whole, *parts))
            terms = (whole, *parts)
            yield Relation("rest", result, terms, least, left, most, tie(result, terms), words, is_loose=True)


def _picked(result: Figure, before: Sequence[Figure]) -> Iterator[Relation]:
    """Sums of some figures of a sentence that are no neighbours: of two accounts, one is added to the others."""
    for many in range(2, len(before)):
        for some in combinations(before, many):
            if some != tuple(before[-many:]) and (found := _sum(result, some)).closes():
                yield found._replace(is_loose=True)


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
    clause = _OF_A_TOTAL.sub("", clause)
    return (
        cues.TOTAL.search(clause)
        or _ADDS.search(clause)
        or cues.GIVES.search(clause)
        or cues.IN_TOTAL.match(result.behind)
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
    close = tie(result, some, cued=totals(result)) + 3.0 * is_whole + _passed(result, some)
    return Relation("sum", result, some, low, fsum(one.size for one in some), high, close, words)


def _passed(result: Figure, some: tuple[Figure, ...]) -> float:
    """Points back for figures of other units between the parts of a total of three or more: they are no parts."""
    if len({one.amount.digits for one in some}) < len(some):
        return 0.0  # one of them may be named again
    orders = [one.order for one in (result, *some)]
    between = max(orders) - min(orders) + 1 - len(orders)
    return min(between, 6) if len(some) > _FEW and totals(result) and some[-1].order < result.order else 0.0


def _counted(result: Figure, some: tuple[Figure, ...], near: Sequence[Figure]) -> Iterator[Relation]:
    """Sums of so many of one and so many of another, and sums with overhead: three rows of 40 kW and five of 60 kW."""
    numbers = {one.order: one for one in near if one.is_bare and one.kind in PLAIN}
    beside = [numbers.get(one.order - 1) for one in some]
    many = [one for one in beside if one is not None]
    lists = [[one.size for one in many]] if len(many) == len(some) else []
    lists += [[one.size] * len(some) for one in near if one.is_pue]
    for by in lists if result.dimensions else ():
        total, loose = (
            fsum(one.size * times for one, times in zip(some, by, strict=True)),
            max(one.loose() for one in some),
        )
        words = " + ".join(f"{times:g} x {one.amount.digits}" for one, times in zip(some, by, strict=True))
        close, spread = (
            tie(result, some, cued=totals(result)) + len(some),
            (total * (1 - loose), total, total * (1 + loose)),
        )
        yield Relation("sum", result, some, *spread, close, words, is_loose=True)


def _difference(result: Figure, whole: Figure, part: Figure) -> Relation:
    (a, b), (c, d) = whole.spread(), part.spread()
    words, close = f"{whole.amount.digits} - {part.amount.digits}", tie(result, (whole, part))
    loose = cues.REST.search(result.before[-_CLAUSE:]) is None and _NEXT_REST.match(result.behind) is not None
    return Relation("rest", result, (whole, part), a - d, whole.size - part.size, b - c, close, words, is_loose=loose)
