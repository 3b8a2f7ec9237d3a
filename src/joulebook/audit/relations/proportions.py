"""Figures -> proportions: a percentage, a fraction or a multiple as part, change or ratio of two figures of one unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from itertools import product as choices
from typing import Final

from joulebook.audit.relations.figures import Figure
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.ties import tie

PROPORTIONS: Final = {"percent", "share", "factor"}
_RECENT: Final = 2
"""Sentences back to which "tripled" may look."""
_ALTERNATIVES: Final = re.compile(r"[\s\w]{0,12}(?:\b(?:or|to|oder|bis|ou|à)\b|[–-])\s*", re.IGNORECASE)
_TIED: Final = 7.0
"""Tie of the two figures before "tripled"."""
_UP: Final = re.compile(
    r"\b(?:rose|rise[sn]?|rising|grew|grow\w*|increas\w*|up|more|higher|larger|above|over|gain\w*|jump\w*|climb\w*|surg\w*|add\w*"
    r"|extra|plus|on top|too (?:much|many|high)|gestiegen|steig\w*|anstieg|zunahme|wuchs|mehr|höher|augment\w*|hausse|plus)\b",
    re.IGNORECASE,
)
_DOWN: Final = re.compile(
    r"\b(?:fell|fall\w*|drop\w*|declin\w*|decreas\w*|reduc\w*|cut\w*|down|lower|less|below|under|sav\w*|shr[aiu]nk\w*"
    r"|smaller|fewer|cheaper|better|minus|improv\w*|too (?:little|few|low)|gesunken|senk\w*|sank|rückgang|verringer\w*"
    r"|reduzier\w*|weniger|niedriger|einspar\w*|baiss\w*|diminu\w*|rédui\w*|moins|économi\w*)\b",
    re.IGNORECASE,
)


_THAN: Final = re.compile(
    r"\s*(?:as (?:much|many|large|high|big)|more|less|larger|higher|bigger|the|that|what|than|mehr|weniger|so viel|plus|moins)\b"
    r"[^;.]{0,60}$",
    re.IGNORECASE,
)
_HEDGE: Final = re.compile(
    r"(?:more|less|fewer|higher|lower) than\W+(?:[a-z]+\W+)?$|(?:over|under|above|below|up to)\W+$", re.IGNORECASE
)


def proportions(result: Figure, near: Sequence[Figure]) -> Iterator[Relation]:
    """The parts, changes and ratios of two figures near a percentage, a fraction or a multiple."""
    if result.kind not in PROPORTIONS:
        return
    usable = [one for one in near if one.kind not in PROPORTIONS and one.kind not in ("points", "number")]
    for first, second in combinations(usable, 2):
        for one, other in alike(first, second):
            small, large = sorted((one, other), key=lambda figure: figure.size)
            latest = _latest(result, (first, second), usable)
            yield from _of_pair(result, (first, second), (small, large), is_latest=latest)


def _latest(result: Figure, pair: tuple[Figure, Figure], usable: Sequence[Figure]) -> bool:
    """Whether a pair is the last of its dimension before a word such as "tripled"."""
    first, last = sorted(pair, key=lambda one: one.order)
    if result.kind != "factor" or not result.amount.noun or last.order > result.order or last.is_bare:
        return False
    if first.paragraph != result.paragraph or result.sentence - first.sentence > _RECENT:
        return False
    if first.amount.per != last.amount.per:
        return False
    between = [one for one in usable if first.order < one.order < result.order and one.dimensions == last.dimensions]
    return between == [last] and (last.size > first.size) == (result.amount.noun == "up")


def alternatives(first: Figure, second: Figure) -> bool:
    """Whether two figures that follow each other are alternatives or ends of a range: 250 W or 300 W."""
    first, second = sorted((first, second), key=lambda one: one.order)
    beside = first.order + 1 == second.order and first.sentence == second.sentence
    return beside and _ALTERNATIVES.fullmatch(second.before) is not None


def alike(first: Figure, second: Figure) -> Iterator[tuple[Figure, Figure]]:
    """The readings of two figures in which they are of one dimension and of the same things."""
    if alternatives(first, second):
        return
    if first.made != second.made or (first.kind == "money" and first.amount.unit != second.amount.unit):
        return
    for one, other in choices(first.readings(), second.readings()):
        if one.dimensions == other.dimensions and (one.dimensions or one.made):
            yield one, other
            return


def _compares(result: Figure, pair: tuple[Figure, Figure]) -> bool:
    """Whether a multiple stands between the two figures that it compares: 3 Wh, ten times the 0.3 Wh of a search."""
    first, last = sorted(pair, key=lambda one: one.order)
    between = first.order + 1 == result.order == last.order - 1 and first.sentence == last.sentence
    return between and result.kind == "factor" and _THAN.match(result.behind) is not None


def changes(result: Figure) -> bool:
    """Whether words beside a percentage say that it is a change."""
    return any(direction(result))


def direction(result: Figure) -> tuple[bool, bool]:
    """Whether words beside a percentage say up, and down."""
    near = f"{_HEDGE.sub('', result.before[-40:])} {result.behind[:25]}"
    return _UP.search(near) is not None, _DOWN.search(near) is not None


def _of_pair(
    result: Figure, pair: tuple[Figure, Figure], sizes: tuple[Figure, Figure], *, is_latest: bool
) -> Iterator[Relation]:
    small, large = sizes
    (a, b), (c, d) = small.spread(), large.spread()
    unit = 100.0 if result.kind == "percent" else 1.0
    low, middle, high = max(a, 1e-30) / d, small.size / large.size, b / max(c, 1e-30)
    over = f"{small.amount.digits} / {large.amount.digits}"
    back = f"{large.amount.digits} / {small.amount.digits}"
    near = tie(result, pair, cued=_compares(result, pair)) + 2.0 * _compares(result, pair)
    near = max(near, _TIED) if is_latest else near
    is_loose = small.each != large.each and "each" not in (*small.each, *large.each)
    by = tie(result, pair, cued=True) if changes(result) else near
    up, down = direction(result)
    found = [
        ("part", low, middle, high, over),
        ("fall", 1 - high, 1 - middle, 1 - low, f"1 - {over}"),
        ("rise", 1 / high - 1, 1 / middle - 1, 1 / low - 1, f"{back} - 1"),
        ("multiple", 1 / high, 1 / middle, 1 / low, back),
    ]
    for kind, least, value, most, words in found:
        if kind == "part" and result.kind == "factor" and result.amount.noun == "up":
            continue
        if kind in ("rise", "fall") and (result.kind == "factor" or (kind == "rise" and down and not up)):
            continue
        if kind == "fall" and up and not down:
            continue
        close = by if kind in ("rise", "fall") else near
        yield Relation(kind, result, pair, least * unit, value * unit, most * unit, close, words, is_loose)
