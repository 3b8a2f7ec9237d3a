"""Sentences -> multiples: what something becomes of itself, in words, in per cent or from one amount to another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Amount, Sentence
from joulebook.audit.relations import cues

_STEPS: Final = (
    (r"doubl\w*|verdopp\w*", 2.0),
    (r"tripl\w*|trebl\w*|verdreifach\w*", 3.0),
    (r"quadrupl\w*|vervierfach\w*", 4.0),
    (r"quintupl\w*|verfünffach\w*", 5.0),
    (r"d[eé]cupl\w*|verzehnfach\w*", 10.0),
    (r"halve\w*|halving\w*|halbier\w*", 0.5),
)
STEP: Final = re.compile("|".join(rf"\b({words})" for words, _ in _STEPS), re.IGNORECASE)
"""Words of a step: each time so many times as much."""
_NO_STEP: Final = re.compile(r"[\s-](?:count\w*|digits?|check\w*|the\b|that\b|what\b|bind|room|bed)", re.IGNORECASE)
"""Behind a word such as "double" where nothing grows: double the rate, double-counting."""
_TIMES_AS: Final = re.compile(
    r"\s*(?:times\s+)?(?:as\s+(?:fast|quick\w*|steep\w*)|faster|quicker|the\s+(?:rate|pace|speed))", re.IGNORECASE
)
_MULTIPLIED: Final = re.compile(
    r"\b(?:multipl\w+|vervielfach\w*)\b[^.;,]{0,45}\b(?:by|par|mit|auf|um)\s+(?:\w+\s+)?$", re.IGNORECASE
)
_GROWN: Final = re.compile(r"fold|fach|doubl|tripl|trebl|quadrupl|verdopp|decupl|décupl|halv|halb", re.IGNORECASE)
_MORE: Final = re.compile(
    r"\s*(?:times\s+)?(?:as (?:much|many|large|high|big)|more|larger|higher|bigger|the|today|its|mehr|so \w+|plus)\b",
    re.IGNORECASE,
)
ORDER: Final = re.compile(r"orders?\sof\smagnitude|Größenordnung|ordres?\sde\sgrandeur", re.IGNORECASE)
_HALF_AN_ORDER: Final = 10**0.45
"""How far an order of magnitude reaches."""
_UP: Final = re.compile(
    r"\b(?:stieg\w*|gewachsen|wächst|wachsen\w*|klettert\w*|zugelegt|zugenommen|zuwachs\w*|cro[iî]\w*"
    r"|accroi\w*|cru|progress\w*"
    r"|grimp\w*|soar\w*|swell\w*|swelled|mounted|expand\w*)\b",
    re.IGNORECASE,
)
"""More words for growth."""
_OVER: Final = re.compile(r"\b(?:more than|over|mehr als|plus que)\s+$", re.IGNORECASE)
_ABOUT: Final = re.compile(
    r"\b(?:about|roughly|around|almost|nearly|etwa|rund|fast|environ|presque)\s+$", re.IGNORECASE
)
_FROM_TO: Final = re.compile(r"[^.;]{0,25}\b(?:to|auf|à|bis)\s+(?:[\w'’-]+\s+){0,3}", re.IGNORECASE)
_FROM: Final = re.compile(r"\b(?:from|von|de|d['’])\s*(?:[\w'’-]+\s+){0,3}$", re.IGNORECASE)
_LEVEL: Final = re.compile(r"\b(?:to|auf|à)\s+(?:[\w'’-]+\s+){0,2}$", re.IGNORECASE)
"""Before a percentage that is reached, and no change."""
_FALLEN_TO: Final = re.compile(
    r"\b(?:f[ae]ll\w*|dr[o]p\w*|shr[aiu]nk\w*|sunk|sink\w*|sank|down|reduc\w+|cut|gesunken|fällt|fallen"
    r"|tombe\w*|baiss\w+|rédui\w+)"
    r"\s(?:[\w'’]+\s){0,2}(?:to|auf|à)\s(?:[\w'’]+\s){0,2}$",
    re.IGNORECASE,
)
_ADDS_UP: Final = re.compile(r"\b(?:adds?|adding|added) up to\s+$", re.IGNORECASE)
_IN_YEARS: Final = re.compile(
    r"\s(?:in|within|over|after|nach|binnen|en)\s(?:[\w'’-]+\s){0,2}(?:years?|jahren?|ans?|decades?|months?)\b",
    re.IGNORECASE,
)
GROWS: Final = ("energy", "power", "mass", "water", "money", "count", "number", "compute")
_WORD, _FEW, _MANY = 0.02, 0.05, 0.1
"""Relative half-widths of "double", of "six times", of "tenfold" and of what is hedged."""


class Multiple(NamedTuple):
    """A multiple between which values, and where it stands."""

    low: float
    middle: float
    high: float
    start: int
    end: int
    at: Amount | None
    words: str


def multiples(sentence: Sentence) -> list[Multiple]:
    """The multiples of a sentence in order."""
    found = [*_words(sentence.text), *_joined(sentence)]
    for one in sentence.amounts:
        if one.kind == "percent" and not one.per:
            found += _percent(sentence.text, one)
        elif one.kind == "factor" and one.value > 1 and _grows(sentence.text, one):
            found.append(_factor(one))
        elif _is_plain(sentence.text[: one.start], one):
            ends = (1 - _FEW) * one.value, (1 + _FEW) * one.value
            found.append(Multiple(ends[0], one.value, ends[1], one.start, one.end, one, one.digits))
    return sorted({one.start: one for one in found}.values(), key=lambda one: one.start)


def _is_plain(before: str, one: Amount) -> bool:
    """Whether a number is a multiple by the words before it: multiplied by six, fallen to an eighth."""
    if one.kind == "share":
        return _FALLEN_TO.search(before) is not None
    return one.kind == "number" and one.value > 1 and _is_factor(before)


def _is_factor(before: str) -> bool:
    """Whether words before a bare number say that it is a multiple."""
    return (_MULTIPLIED.search(before) or cues.FACTOR.search(before)) is not None


def changed(text: str, amount: Amount, sign: int) -> tuple[float, float, float]:
    """Between which multiples a change by so many per cent lies; "adds up to" is no bound."""
    is_sum = _ADDS_UP.search(text[: amount.start]) is not None
    bound, hedged = ("", False) if is_sum else (amount.bound, amount.hedged)
    half = max(amount.slack, 0.1 * amount.value * (hedged and not bound))
    low = (amount.low - half) / (1.1 if bound == "most" else 1.0)
    high = (amount.high + half) * (1.25 if bound == "least" else 1.0)
    low, middle, high = sorted(max(1 + sign * one / 100, 1e-3) for one in (low, amount.value, high))
    return low, middle, high


def signed(text: str, amount: Amount) -> int:
    """Up 1, down -1 by the words around a percentage, 0 where they say neither."""
    near = f"{cues.HEDGE.sub('', text[max(0, amount.start - 60) : amount.start])} {text[amount.end : amount.end + 30]}"
    up, down = cues.UP.search(near) or _UP.search(near), cues.DOWN.search(near)
    return 0 if bool(up) == bool(down) else 1 if up else -1


def from_to(text: str, first: Amount, last: Amount) -> Iterator[Multiple]:
    """What one amount is times another; a bare number has the unit of the other."""
    if "number" in (first.kind, last.kind) and first.kind != last.kind:
        by = max(first.scale, last.scale)
        first, last = (_scaled(one, by) if one.kind == "number" else one for one in (first, last))
    elif first.kind not in GROWS or (first.kind, first.per, first.noun) != (last.kind, last.per, last.noun):
        return
    if min(first.value, last.value) <= 0 or first.value == last.value:
        return
    low = max(last.low - last.slack, 0.9 * last.low) / min(first.high + first.slack, 1.1 * first.high)
    high = min(last.high + last.slack, 1.1 * last.high) / max(first.low - first.slack, 0.9 * first.low)
    start, end = min(first.start, last.start), max(first.end, last.end)
    words = " ".join(text[start:end].split())
    yield Multiple(low, last.value / first.value, high, start, end, last, words)


def _scaled(one: Amount, by: float) -> Amount:
    return one._replace(value=one.value * by, low=one.low * by, high=one.high * by, slack=one.slack * by)


def _joined(sentence: Sentence) -> Iterator[Multiple]:
    """From one amount to another."""
    text = sentence.text
    for first, last in pairwise(one for one in sentence.amounts if one.kind != "year"):
        if _FROM_TO.fullmatch(text[first.end : last.start]) and _FROM.search(text[: first.start]):
            yield from from_to(text, first, last)


def _words(text: str) -> Iterator[Multiple]:
    """Doubles, verdreifacht, halving."""
    for some in STEP.finditer(text):
        if _NO_STEP.match(text, some.end()) or _TIMES_AS.match(text, some.end()):
            continue
        factor, before = step(some), text[max(0, some.start() - 25) : some.start()]
        over, about = _OVER.search(before), _ABOUT.search(before)
        wide = _MANY if over or about else _WORD
        most = 1.35 if over else 1 + wide
        yield Multiple((1 - wide) * factor, factor, most * factor, *some.span(), None, some[0])


def step(found: re.Match[str]) -> float:
    """The factor of a word of a step."""
    return _STEPS[(found.lastindex or 1) - 1][1]


def _percent(text: str, one: Amount) -> Iterator[Multiple]:
    sign = signed(text, one) or (1 if _IN_YEARS.match(text, one.end) else 0)
    is_level = _LEVEL.search(text[: one.start]) and not _ADDS_UP.search(text[: one.start])
    if sign and (sign > 0 or one.value < 99) and not is_level and not cues.OF.match(text[one.end :]):
        yield Multiple(*changed(text, one, sign), one.start, one.end, one, one.digits)


def _factor(one: Amount) -> Multiple:
    if ORDER.search(one.text):
        low, high = one.value / _HALF_AN_ORDER, one.value * _HALF_AN_ORDER
        return Multiple(low, one.value, high, one.start, one.end, one, one.digits)
    wide = _MANY if one.hedged or one.value >= 10 else _WORD if STEP.search(one.text) else _FEW
    low = (one.low - wide * one.value) / (1.3 if one.bound == "most" else 1)
    high = (one.high + wide * one.value) * (1.35 if one.bound == "least" else 1)
    ends = (1 / high, 1 / one.value, 1 / low) if one.noun == "down" else (low, one.value, high)
    return Multiple(*ends, one.start, one.end, one, one.digits)


def _grows(text: str, one: Amount) -> bool:
    """Whether a factor is what something becomes, and not how fast."""
    before = text[max(0, one.start - 40) : one.start]
    said = _GROWN.search(one.text) or ORDER.search(one.text) or _MORE.match(text, one.end) or cues.FACTOR.search(before)
    return not _TIMES_AS.match(text, one.end) and bool(said or _MULTIPLIED.search(before) or one.noun)
