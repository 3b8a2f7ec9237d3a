"""So many things that an amount is likened to, beside what the text says of one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product as choices
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
_ROUGH: Final = 0.3
_SHARED: Final = frozenset({"energy", "power", "mass", "water", "money", "distance", "data"})
_ONE: Final = re.compile(
    r"\b(?:an?|one|each|every|per|single|average|typical|my|our|your|the|eine?[rsmn]?|jede[rsmn]?|mein\w*|une?|chaque"
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
    r" (?:of|from|for)|\benough (?:to|for)(?:\s\w+){0,2}|\b(?:amounts?|comes?|adds? up|corresponds?|translates?)"
    r" (?:out )?to|\b(?:power|suppl|fill|charg|recharg|boil|feed|heat|light|serv|driv|run|brew|bak|wash|mak|keep|tak"
    r"|cover|empty|us)\w*|\bor|\bthat(?:'s| is| makes| would be)|\bi\.e\.|\bso|\bentspr\w+|\b(?:so viel )?wie"
    r"|\breich\w* für|\bversorg\w*|\bautant (?:que|d['’]\w+ que)|\béqui\w+ (?:de|à)|\bsoit|\bcomme|\baliment\w*"
    r"|\bde quoi \w+|[=≈(])\s*(?:(?!and\b|und\b|et\b)[\w'’~≈-]+\s){0,3}$",
    re.IGNORECASE,
)
"""Right before the number of things that an amount is likened to."""
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
        if result.kind != "count" or not result.made or result.each or cues.REBUTTED.search(result.text):
            continue
        if result.made[0] in _COMPUTING or _AS.search(result.before[-_CLAUSE:]) is None:
            continue
        near = figures[max(0, result.order - _PAGE) : result.order + _PAGE // 3]
        found = [one for single in _singles(result, near) for one in _divided(result, single, near)]
        if found and not any(_is_met(result, one) for one in found) and not _is_unsaid(result, found, near):
            yield from _told(result, found)


def _singles(result: Figure, near: Sequence[Figure]) -> list[Figure]:
    """The amounts of one of what a count counts."""
    some = [
        one for one in near if one.kind in _SHARED and abs(one.paragraph - result.paragraph) <= _NEAR and _is_one(one)
    ]
    named = [one for one in some if _names(one, result)]
    is_such = cues.SUCH.match(result.behind) is not None or re.search(r"\bsuch\s*$", result.before) is not None
    return named or (some[-1:] if is_such else [])


def _is_one(one: Figure) -> bool:
    """Whether an amount is said to be of one thing."""
    return bool(one.each or one.said) or _ONE.search(one.before[-60:]) is not None


def _names(one: Figure, result: Figure) -> bool:
    """Whether an amount is of one of what a count counts."""
    noun = result.made[0]
    if noun in (*one.each, *one.said):
        return True
    words = _WORD.findall(f"{one.before[-70:]} {one.behind[:25]}".lower())
    return noun in one.words() or noun[:_STEM] in {word[:_STEM] for word in words}


def _divided(result: Figure, single: Figure, near: Sequence[Figure]) -> Iterator[_Likened]:
    """Amounts near a count by that of one thing, the nearest first."""
    others = [
        one
        for one in near
        if one.kind == single.kind
        and one.order != single.order
        and (one.order < result.order or one.sentence == result.sentence)
        and result.sentence - one.sentence <= _BACK
        and not set(one.each) & set(result.made)
    ]
    for one in sorted(others, key=lambda other: (other.order > result.order, abs(other.order - result.order))):
        for whole, each in choices(one.readings(), single.readings()):
            if whole.dimensions == each.dimensions and whole.size > each.size > 0:
                (a, b), (c, d) = whole.spread(), each.spread()
                yield _Likened(a / d, whole.size / each.size, b / max(c, 1e-30), one, single)


def _is_met(result: Figure, one: _Likened) -> bool:
    low, high = result.reach()
    return low <= one.high * 1.03 and one.low <= high * 1.03


def _is_unsaid(result: Figure, found: Sequence[_Likened], near: Sequence[Figure]) -> bool:
    """Whether a count is a number without a unit by one of them: 27.5 GWh, with the overhead 38.5."""
    low, high = result.reach()
    for bare in [one for one in near if one.kind == "number" and abs(one.paragraph - result.paragraph) <= 1]:
        for one in found:
            by = low * one.one.size / 1.05 / bare.size, high * one.one.size * 1.05 / bare.size
            scales = [other.size / other.amount.value * other.amount.scale for other in (one.whole, one.one)]
            if any(by[0] <= scale <= by[1] for scale in scales):
                return True
    return False


def _told(result: Figure, found: Sequence[_Likened]) -> Iterator[Finding]:
    one = found[0]
    low, high = result.reach()
    off = max(low / one.high, one.low / high)
    if one.high / one.low - 1 > 2 * _ROUGH or not _OFF <= off <= _MOST:
        return
    evidence = f"{one.whole.amount.digits} / {one.one.amount.digits} = {one.middle:,.4g}, stated {result.amount.digits}"
    yield Finding("equivalence", "high", 0.75, result.amount.place, evidence, "check the number of things", result.text)
