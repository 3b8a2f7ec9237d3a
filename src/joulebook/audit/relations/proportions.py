"""Figures -> proportions: a percentage, fraction or multiple as part, change or ratio of two figures of one unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from itertools import product as choices
from typing import Final, NamedTuple

from joulebook.audit.relations import cues
from joulebook.audit.relations.figures import MOST_PUE, PLAIN, PROPORTIONS, Figure
from joulebook.audit.relations.multiples import STEP
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.ties import tie

_SHARED: Final = {"energy", "power", "mass", "water", "money"}
_BY: Final = re.compile(
    r"(?:,|\b(?:or|also|that is|i\.e\.|thus|so|das heißt|mithin|soit|donc))\s*(?:by|um|de)\s+(?:[a-zà-ÿ]+\s+){0,2}$",
    re.IGNORECASE,
)
"""Before a percentage by which something rose or fell, as the verb before says."""
_ANNUAL: Final = re.compile(
    r"\b(?:annual(?:ly|i[sz]ed)?|yearly|jährlich\w*|annuel\w*)\s(?!reports?|review|consum|us(?:e|age)\b|footprint|energy"
    r"|electric|power|emission|total|demand|filing|bill|accounts|budget|sum)[^.;,%]{0,40}$",
    re.IGNORECASE,
)
"""Before a rate a year."""
_OTHER: Final = re.compile(r"\b(?:while|whereas|während|wohingegen|alors que|tandis que)\b", re.IGNORECASE)
"""Before a change of something else."""
_SAME: Final = 0.999
"""Ratio from which two figures are one."""
_RECENT: Final = 2
"""Sentences back to which "tripled" may look."""
_EXPLICIT, _COMPARED, _LATEST, _PASSED_OVER = 3.0, 2.0, 7.0, 2.0
"""Points for "5 % of" before the whole, and for "ten times the"; the least for the two figures before "tripled"; points
less where a figure of the same dimension stands nearer."""


class _Pair(NamedTuple):
    """Two figures of one dimension as the text has them, and by size."""

    first: Figure
    last: Figure
    small: Figure
    large: Figure


def proportions(result: Figure, near: Sequence[Figure]) -> Iterator[Relation]:
    """The parts, changes and ratios of two figures near a percentage, a fraction or a multiple."""
    if (
        result.kind not in PROPORTIONS
        or result.amount.per
        or (result.kind == "percent" and _ANNUAL.search(result.before))
    ):
        return
    terms = [one for one in near if one.kind not in PROPORTIONS | {"points"} and _measures(one, near)]
    if result.kind == "factor" and any(STEP.search(one.text) for one in (result, *terms)):
        terms = [one for one in terms if one.kind != "time"]  # years of a pace, which multiply as powers
    terms += [named for one in terms if (named := _of_number(result, one, near)) is not None]
    for some in combinations(sorted(terms, key=lambda one: one.order), 2):
        pair = _pair(*some)
        if pair is not None:
            yield from _of_pair(result, pair, terms)


def way(result: Figure) -> str:
    """Which way a word such as "tripled" goes: "up", "down" or empty."""
    return result.amount.noun if result.kind == "factor" else ""


def changes(result: Figure) -> bool:
    """Whether words beside a percentage say that it is a change."""
    return any(_direction(result))


def alternatives(one: Figure, other: Figure) -> bool:
    """Whether two figures that follow each other are alternatives: 250 W or 300 W."""
    first, second = sorted((one, other), key=lambda figure: figure.order)
    beside = first.order + 1 == second.order and first.sentence == second.sentence
    return beside and cues.ALTERNATIVE.fullmatch(second.before) is not None


def _pair(first: Figure, last: Figure) -> _Pair | None:
    """Two figures in the readings in which they are of one dimension and of the same things."""
    currencies = {one.amount.unit for one in (first, last) if one.kind == "money"}
    if alternatives(first, last) or first.made != last.made or len(currencies) > 1:
        return None
    if first.amount.digits == last.amount.digits:
        return None
    for one, other in choices(first.readings(), last.readings()):
        if _SAME < one.size / other.size < 1 / _SAME or _is_unsaid(one) != _is_unsaid(other):
            continue
        if one.dimensions == other.dimensions and (one.dimensions or one.made or one.kind in PLAIN):
            return _Pair(first, last, *sorted((one, other), key=lambda figure: figure.size))
    return None


def _is_unsaid(one: Figure) -> bool:
    """Whether a figure is read as of a period that its unit does not tell."""
    return bool(one.period) and not one.amount.per


def _measures(one: Figure, near: Sequence[Figure]) -> bool:
    """Whether a figure is more than a bare number: a PUE, and the number that it is compared with, are."""
    beside = any(
        other.is_pue and abs(other.order - one.order) == 1 and other.sentence == one.sentence for other in near
    )
    is_ratio = one.is_pue or (beside and 1.0 <= one.size < MOST_PUE)
    return one.kind != "number" or is_ratio or _is_counted(one, near)


def _is_counted(one: Figure, near: Sequence[Figure]) -> bool:
    """Whether a bare number is one of two of which one is of the other: of the 640 who answered, 412."""
    for other in near:
        first, last = sorted((one, other), key=lambda figure: figure.order)
        beside = last.order == first.order + 1 and first.sentence == last.sentence and last.kind in PLAIN
        if beside and first.kind in PLAIN and first.size.is_integer() and last.size.is_integer():
            of_it = last.size > first.size and cues.OUT_OF.fullmatch(last.before)
            of_last = last.size < first.size and cues.OF_WHOLE.search(first.before) and "," in last.before
            if of_it or of_last:
                return True
    return False


def _of_number(result: Figure, one: Figure, near: Sequence[Figure]) -> Figure | None:
    """The bare number behind a percentage of it, in the unit of a figure: 164 kg are 18 % of the total of 8,924."""
    whole = next((other for other in near if other.order == result.order + 1 and other.kind == "number"), None)
    if (
        whole is None
        or one.kind not in _SHARED
        or not cues.OF.match(result.behind)
        or whole.sentence != result.sentence
    ):
        return None
    by = one.size / one.amount.value * one.amount.scale
    return whole._replace(dimensions=one.dimensions, size=whole.size * by, made=one.made, each=one.each, meanings=())


def _direction(result: Figure) -> tuple[bool, bool]:
    """Whether words beside a percentage say up, and down."""
    if result.kind == "percent" and _BY.search(result.before):
        verbs = result.text[: result.amount.start]
        last = [max((one.end() for one in words.finditer(verbs)), default=-1) for words in (cues.UP, cues.DOWN)]
        if max(last) >= 0:
            return last[0] > last[1], last[1] > last[0]
    near = f"{cues.HEDGE.sub('', result.before[-40:])} {cues.CLAUSE.split(result.behind[:25])[0]}"
    return cues.UP.search(near) is not None, cues.DOWN.search(near) is not None


def _is_latest(result: Figure, pair: _Pair, terms: Sequence[Figure]) -> bool:
    """Whether a pair is the last of its unit before a word such as "tripled", and goes the same way."""
    first, last = pair.first, pair.last
    if not way(result) or last.order > result.order or last.is_bare or last.paragraph != result.paragraph:
        return False
    if result.sentence - last.sentence > _RECENT or first.unit() != last.unit():
        return False
    between = [one for one in terms if first.order < one.order < result.order and one.dimensions == last.dimensions]
    return between == [last] and (last.size > first.size) == (way(result) == "up")


def _compares(result: Figure, pair: _Pair) -> bool:
    """Whether a multiple stands between the two figures that it compares: 3 Wh, ten times the 0.3 Wh of a search."""
    first, last = pair.first, pair.last
    between = first.order + 1 == result.order == last.order - 1 or first.order + 1 == last.order == result.order - 1
    same = first.sentence == last.sentence == result.sentence
    return same and between and result.kind == "factor" and cues.THAN.match(result.behind) is not None


def _close(result: Figure, pair: _Pair, terms: Sequence[Figure]) -> float:
    """How closely a pair is tied to a proportion of it."""
    some, compared = (pair.first, pair.last), _compares(result, pair)
    points = tie(result, some, cued=compared) + _COMPARED * compared
    if pair.large.order == result.order + 1 and result.kind != "factor" and cues.OF.match(result.behind):
        points += _EXPLICIT
    inside = [one for one in terms if one.sentence == result.sentence and pair.first.order < one.order < result.order]
    if any(one is not pair.last and one.dimensions == pair.last.dimensions for one in inside):
        points -= _PASSED_OVER
    return max(points, _LATEST) if _is_latest(result, pair, terms) else points


def _of_pair(result: Figure, pair: _Pair, terms: Sequence[Figure]) -> Iterator[Relation]:
    small, large = pair.small, pair.large
    (a, b), (c, d) = small.spread(), large.spread()
    unit = 100.0 if result.kind == "percent" else 1.0
    low, middle, high = max(a, 1e-30) / d, small.size / large.size, b / max(c, 1e-30)
    over = f"{small.amount.digits} / {large.amount.digits}"
    back = f"{large.amount.digits} / {small.amount.digits}"
    is_loose = bool(small.each and large.each) and small.each != large.each
    is_loose = is_loose or (changes(result) and _OTHER.search(result.before) is not None)
    told = _told_change(result, pair)
    near = _close(result, pair, terms)
    changed = tie(result, (pair.first, pair.last), cued=True) if changes(result) else near
    for kind, least, value, most, words, close in (
        ("part", low, middle, high, over, near),
        ("fall", 1 - high, 1 - middle, 1 - low, f"1 - {over}", changed),
        ("rise", 1 / high - 1, 1 / middle - 1, 1 / low - 1, f"{back} - 1", changed),
        ("multiple", 1 / high, 1 / middle, 1 / low, back, near),
    ):
        if _may_be(result, kind) if not told else kind == told:
            yield Relation(
                kind, result, (pair.first, pair.last), least * unit, value * unit, most * unit, close, words, is_loose
            )


def _told_change(result: Figure, pair: _Pair) -> str:
    """The change that "from A to B, or by N %" tells, whatever words stand beside it; empty where nothing does."""
    first, last = pair.first, pair.last
    joined = last.order == first.order + 1 == result.order - 1 and first.sentence == result.sentence
    told = joined and cues.FROM.search(first.before) and cues.TO.fullmatch(last.before)
    if not told or result.kind == "factor" or cues.OF.match(result.behind) or not cues.BY.fullmatch(result.before):
        return ""
    return "rise" if last.size > first.size else "fall"


def _may_be(result: Figure, kind: str) -> bool:
    """Whether a proportion may be of that kind: words for up and down exclude the other way."""
    up, down = _direction(result)
    if kind == "part":
        return cues.CHANGE_OF.search(result.before) is None and way(result) != "up"
    if kind == "multiple":
        return not (result.kind == "percent" and up and not down)  # 228 % is no increase of 228 %
    of_whole = cues.OF.match(result.behind) is not None and cues.OF_IT.match(result.behind) is None
    if result.kind == "factor" or of_whole or (result.kind == "share" and not result.amount.noun):
        return False
    return not (kind == "rise" and down and not up) and not (kind == "fall" and up and not down)
