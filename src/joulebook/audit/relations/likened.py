"""So many things that an amount is likened to, beside what the text says of one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from itertools import product as choices
from math import log10
from typing import Final, NamedTuple

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Document
from joulebook.audit.relations import cues
from joulebook.audit.relations.figures import Figure
from joulebook.audit.relations.gathering import figures_of

_NEAR: Final = 2
"""Paragraphs within which one thing is told."""
_BACK: Final = 3
"""Sentences between a count and the amount that it is of."""
_PAGE: Final = 30
_OFF, _MOST = 1.15, 2e6
"""Ratios of the stated to the computed count between which a miss is told."""
_JUST: Final = 2
"""Sentences between a count and the one thing that it does not name."""
_TENS: Final = 0.06
"""How closely the decimal logarithm of a miss is a whole number where nothing says what is counted."""
_LEAST: Final = 1.5
"""An amount and its conversion are no so many things."""
_ROUGH: Final = 0.3
_SHARED: Final = frozenset({"energy", "power", "mass", "water", "money", "distance", "data"})
_ONE: Final = re.compile(
    r"\b(?:an?|one|each|every|per|single|average|typical|my|our|your|the (?:average|typical|mean|median)"
    r"|eine?[rsmn]?|jede[rsmn]?|mein\w*|une?|chaque"
    r"|mon|ma|un|una|cada)\s+(?:[\w'’-]+\s+){0,6}$",
    re.IGNORECASE,
)
_COMPUTING: Final = frozenset(
    {"device", "node", "rack", "site", "model", "parameter", "core", "run", "token", "request", "account"}
)
"""What amounts are made of, and not likened to."""
_AS: Final = re.compile(
    r"(?:\bas (?:much|many|high|large|big)(?:\s[\w'’-]+){0,5} as|\blike|\bequal\w*(?: (?:to|of|that of))?|\bwhat"
    r"|\bequivalent (?:to|of)|\b(?:the )?same(?:\s[\w'’-]+){0,4} (?:as|that)|\bth(?:at|ose) of|\bworth of"
    r"|\b(?:emissions?|needs?|footprints?|demand|consumption|usage|output|electricity|supply|budget|batter(?:y|ies))"
    r" (?:of|from)|\benough (?:\w+ )?(?:to|for)(?:\s\w+){0,2}|\b(?:amounts?|comes?|adds? up|corresponds?|translates?)"
    r" (?:out )?to|\b(?:power|suppl|fill|charg|recharg|boil|feed|heat|light|serv|driv|run|brew|bak|wash|mak|keep|tak"
    r"|cover|empty|us)\w*|\bor|\bthat(?:'s| is| makes| would be)|\bi\.e\.|\bso|\bentspr\w+|\b(?:so viel )?wie"
    r"|\breich\w* für|\bversorg\w*|\bautant (?:que|d['’]\w+ que)|\béqui\w+ (?:de|à)|\bsoit|\bcomme|\baliment\w*"
    r"|\bde quoi \w+|\bas if|\bals ob|\b(?:picture|imagine|could|might|would)(?:\s[a-z]+){1,4}|\bque|[=≈(])\s*"
    r"(?:an?\s(?:\w+\s){0,2}(?:town|city|village|street|district|suburb|fleet|crowd|forest|stadium)\sof\s)?"
    r"(?:(?!(?:and|und|et|of|de|von)\b)[\w'’~≈-]+\s){0,3}$",
    re.IGNORECASE,
)
"""Right before the number of things that an amount is likened to."""
_ONE_AT_HEAD: Final = re.compile(
    r"\W*(?:an?|one|each|every|eine?[rs]?|jede[rs]?|une?|chaque|una?|cada)\s[a-zà-ÿ]", re.IGNORECASE
)
_EACH: Final = re.compile(r"\b(?:each|apiece|a head|pro kopf|par tête|chacun\w*)\b", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\d")
_FAR: Final = 100.0
"""Kilometres up to which a use is told."""
_ON_THE_WAY: Final = re.compile(
    r"\s*(?:(?:for|on|over|every|each|per|auf|für|pour|sur|aux|por|cada)\s(?:(?:every|each|the|les|die)\s)?)?",
    re.IGNORECASE,
)
_HOURS: Final = re.compile(r"\s?[\w-]*-(?:hours?|days?|months?|years?)\b")
_SUCH: Final = re.compile(r"\bsuch\s*$", re.IGNORECASE)
_WORD: Final = re.compile(r"[a-zà-ÿß]{3,}")
_STEM: Final = 5
_CLAUSE: Final = 80


class _Likened(NamedTuple):
    """An amount divided by that of one thing, between which values."""

    low: float
    middle: float
    high: float
    whole: Figure
    one: Figure


def likened(document: Document) -> Iterator[Finding]:
    """Counts of things that are said to be an amount, and are not that amount by the one of each."""
    figures = figures_of(document.paragraphs)
    for result in figures:
        if not _is_count(result) or cues.REBUTTED.search(result.text) or not _is_likeness(result):
            continue
        near = figures[max(0, result.order - _PAGE) : result.order + _PAGE // 3]
        found = [one for single in _singles(result, near) for one in _divided(result, single, near)]
        if not _AS.search(result.before[-_CLAUSE:]):
            found = [one for one in found if result.sentence - one.whole.sentence <= 1]
        if found and not any(_is_met(result, one) for one in found) and not _is_unsaid(result, found, near):
            yield from _told(result, found)


def _is_count(result: Figure) -> bool:
    """Whether a figure is a number of things that are no part of what is told of: of them, of the pools."""
    if _HOURS.match(result.behind):
        return False  # generator-hours
    if result.kind == "distance":
        return result.size > _FAR and not result.amount.per
    if result.kind == "number":
        return cues.OF_THEM.match(result.behind) is not None
    return result.kind == "count" and bool(result.made) and not result.each and result.made[0] not in _COMPUTING


def _is_likeness(result: Figure) -> bool:
    """Whether words say that an amount is so many things: as much as, such, of them."""
    return cues.SUCH.match(result.behind) is not None or _AS.search(result.before[-_CLAUSE:]) is not None


def _singles(result: Figure, near: Sequence[Figure]) -> list[Figure]:
    """The amounts of one of what a count counts."""
    if result.kind == "distance":
        return list(_of_way(near))
    some = [
        one for one in near if one.kind in _SHARED and abs(one.paragraph - result.paragraph) <= _NEAR and _is_one(one)
    ]
    named = [one for one in some if result.made and _names(one, result)]
    if named:
        return named
    is_such = cues.SUCH.match(result.behind) or cues.OF_THEM.match(result.behind) or _SUCH.search(result.before)
    before = [one for one in some if one.order < result.order and result.sentence - one.sentence <= _JUST]
    return before[-1:] if is_such else sorted(before, key=lambda one: one.size)[:1]


def _of_way(near: Sequence[Figure]) -> Iterator[Figure]:
    """What one km takes, where it is told of a kilometre or of a hundred."""
    for one, way in pairwise(near):
        told = one.kind in ("energy", "mass") and not one.each and one.sentence == way.sentence
        if told and way.kind == "distance" and 0 < way.size <= _FAR and _ON_THE_WAY.fullmatch(one.behind):
            read = one.amount
            ends = {name: getattr(read, name) / way.size for name in ("value", "low", "high", "slack")}
            yield one._replace(amount=read._replace(**ends), size=one.size / way.size, meanings=())


def _is_one(one: Figure) -> bool:
    """Whether an amount is said to be of one thing."""
    head = one.text[: one.amount.start]
    if one.each or one.said or _ONE.search(head[-_CLAUSE:]) or _EACH.search(f"{one.amount.text}{one.behind[:12]}"):
        return True
    return _ONE_AT_HEAD.match(head) is not None and not _NUMBER.search(head)


def _names(one: Figure, result: Figure) -> bool:
    """Whether an amount is of one of what a count counts."""
    noun = result.made[0]
    if noun in (*one.each, *one.said):
        return True
    words = _WORD.findall(f"{one.text[: one.amount.start][-_CLAUSE:]} {one.behind[:25]}".lower())
    stem = noun[:_STEM] if len(noun) >= _STEM else f"{noun}s"
    return noun in one.words() or any(word.startswith(stem) or word.endswith(noun) for word in words)


def _divided(result: Figure, single: Figure, near: Sequence[Figure]) -> Iterator[_Likened]:
    """Amounts near a count by that of one thing, the nearest first."""
    others = [
        one
        for one in near
        if one.kind == single.kind
        and one.order != single.order
        and (one.order < result.order or one.sentence == result.sentence)
        and result.sentence - one.sentence <= _BACK
        and not one.each
    ]
    for one in sorted(others, key=lambda other: (other.order > result.order, abs(other.order - result.order))):
        for whole, each in choices(one.readings(), single.readings()):
            if whole.dimensions == each.dimensions and whole.size > _LEAST * each.size > 0:
                (a, b), (c, d) = whole.spread(), each.spread()
                yield _Likened(a / d, whole.size / each.size, b / max(c, 1e-30), one, single)


def _many(result: Figure) -> tuple[float, float]:
    """Between which numbers a count lies, whatever period it is for."""
    low, high = result.reach()
    by = result.amount.value / result.size
    return low * by, high * by


def _is_met(result: Figure, one: _Likened) -> bool:
    low, high = _many(result)
    return low <= one.high * 1.03 and one.low <= high * 1.03


def _is_unsaid(result: Figure, found: Sequence[_Likened], near: Sequence[Figure]) -> bool:
    """Whether a count is of another amount than that of one, or of one without a unit: 27.5 GWh, in all 38.5."""
    low, high = _many(result)
    wholes = {one.whole.order: one.whole for one in found}.values()
    others = [other for other in near if other.order not in (whole.order for whole in wholes)]
    for other in others:
        if any(other.kind == whole.kind and low <= whole.size / other.size * 1.05 <= high * 1.1 for whole in wholes):
            return True
    for bare in [one for one in near if one.kind == "number" and abs(one.paragraph - result.paragraph) <= 1]:
        for one in found:
            by = low * one.one.size / 1.05 / bare.size, high * one.one.size * 1.05 / bare.size
            scales = [other.size / other.amount.value * other.amount.scale for other in (one.whole, one.one)]
            if any(by[0] <= scale <= by[1] for scale in scales):
                return True
    return False


def _told(result: Figure, found: Sequence[_Likened]) -> Iterator[Finding]:
    one = found[0]
    low, high = _many(result)
    off = max(low / one.high, one.low / high)
    if one.high / one.low - 1 > 2 * _ROUGH or not _OFF <= off <= _MOST:
        return
    is_named = bool(result.made) and _names(one.one, result)
    tens = abs(log10(result.amount.value / one.middle))
    is_only = len({(some.whole.order, some.one.order) for some in found}) == 1
    if not is_named and not (is_only and tens > 1 - _TENS and abs(tens - round(tens)) < _TENS):
        return
    evidence = f"{one.whole.amount.digits} / {one.one.amount.digits} = {one.middle:,.4g}, stated {result.amount.digits}"
    yield Finding("equivalence", "high", 0.75, result.amount.place, evidence, "check the number of things", result.text)
