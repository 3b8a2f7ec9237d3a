"""Sentences -> paces of growth: a multiple and the years that it takes, however they are said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import log
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Amount, Sentence
from joulebook.audit.relations.multiples import GROWS, Multiple, changed, from_to, multiples, signed

_HOURS: Final = 8760.0
_PERIODS: Final = {"year": 1.0, "month": 1 / 12}
_DECADE: Final = re.compile(
    r"\b(?P<many>an?|one|the|this|every|each|per|two|three|ein\w*|zwei|une?|deux)\s+"
    r"(?:\w+\s)?(?:decades?|jahrzehnt\w*|décennies?)\b",
    re.IGNORECASE,
)
_MANY: Final = {"two": 2.0, "zwei": 2.0, "deux": 2.0, "three": 3.0}
_FOR_EACH: Final = re.compile(
    r"\s*(?:(?:an?|per|each|every|pro|im|jedes|par|chaque|l['’])\s*(?P<what>year|month|decade|jahr|monat|an(?:née)?"
    r"|mois)\b|(?:[\w-]+\s){0,3}(?:every|each) year\b|annually|yearly|jährlich\w*|in jedem davon|year[- ]on[- ]year)",
    re.IGNORECASE,
)
_OF_THEM: Final = re.compile(r"\s*(?:in )?(?:each )?(?:of )(?:them|these|those)\b", re.IGNORECASE)
_ANNUAL: Final = re.compile(r"\b(?:annual\w*|yearly|compound\w*|jährlich\w*|annuel\w*)\s[^.;,%]{0,40}$", re.IGNORECASE)
_OVER: Final = re.compile(
    r"\b(?:in|within|inside|over|after|for|during|every|each|per|takes?|took|taking|needs?|alle|alles?|binnen|innerhalb"
    r"|nach|für|pro|dauert|braucht|tous les|toutes les|en|dans|sur|au bout de|faut|met|time|period|temps|\w*zeit)\s+"
    r"(?:[\w'’-]+\s+){0,3}$",
    re.IGNORECASE,
)
"""Between a multiple and the time that it takes."""
_LATER: Final = re.compile(r"\s(?:of (?:that|this|it)|later|on|hence|from now|später|plus tard|davon)\b", re.IGNORECASE)
"""Behind years that have passed."""
_APART: Final = re.compile(r"[.;:!?(]|\b(?:since|for|ago|seit|depuis|vor)\b", re.IGNORECASE)
_SHARE_WIDE: Final = 0.03
"""Relative half-width of a fraction that is a rate."""
_EXACT: Final = 0.01
"""Relative half-width of years that are counted and not computed."""
_FAR: Final = 70
"""Letters between a multiple and its years."""
_LEAST_RATE, _MOST_FALL = 0.5, 60.0
"""Per cent a year below which nothing is computed, and above which nothing falls."""
_MOST_YEARS: Final = 40
_PERIOD: Final = re.compile(
    r"\b(?:between|from|zwischen|von|entre|de)\s(?P<since>(?:19|20)\d\d)\s(?:and|to|until|till|und|bis|et|à|–)\s"
    r"(?P<until>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_YEAR_BEHIND: Final = re.compile(
    r"[^.;:,]{0,30}?\b(?:in|for|by|im jahr|für|en|pour)\s(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE
)
_YEAR_BEFORE: Final = re.compile(r"\b(?P<year>(?:19|20)\d\d)\b[^.;:]{0,40}$")


class Pace(NamedTuple):
    """A multiple in so many years: its logarithm a year, between which values, and where it stands."""

    least: float
    log: float
    most: float
    factor: float
    years: float
    start: int
    end: int
    at: Amount
    """The amount that is named."""
    words: str
    is_rate: bool
    """Whether it is so many per cent a year."""
    narrow: tuple[float, float]
    """Between which values it lies where the years are meant exactly."""


class _Span(NamedTuple):
    years: float
    half: float
    exact: float
    """Half-width where the years are counted and not computed."""
    start: int
    end: int
    at: Amount | None
    bound: str = ""
    is_period: bool = False
    """Whether it lies between two years that are named."""


def paces(sentence: Sentence) -> list[Pace]:
    """The paces of a sentence in order."""
    text = sentence.text
    found = [one for amount in sentence.amounts if (one := _rate(text, amount)) is not None]
    spans, many = _spans(sentence), multiples(sentence)
    timed: list[Pace] = []
    for some in many:
        if any(one.start < some.end and some.start < one.end for one in found):
            continue
        pace = _at_once(text, some if some.at is not None else _named(sentence, some))
        span = _span(text, some, spans, many) if pace is None else None
        if span is not None:
            pace = _timed(text, some, span)
            spans.remove(span)
        timed += [pace] if pace is not None else []
    for one in (*timed, *_labelled(sentence)):
        if not any(one.start < other.end and other.start < one.end for other in found):
            found.append(one)
    return sorted(found, key=lambda one: one.start)


def _rate(text: str, amount: Amount) -> Pace | None:
    """So many per cent a year."""
    each = _FOR_EACH.match(text, amount.end)
    amount = _in_percent(amount) if each is not None or amount.per else amount
    if amount.kind != "percent" or amount.value < _LEAST_RATE:
        return None
    period, end = 1.0, amount.end
    if len(amount.per) == 1 and amount.per[0] in _PERIODS:
        period = _PERIODS[amount.per[0]]
    elif amount.per:
        them = _OF_THEM.match(text, amount.end)
        if amount.per != ("each",) or them is None:
            return None
        end = them.end()
    elif each is not None:
        end, period = each.end(), _period(each)
    elif not (_ANNUAL.search(text[: amount.start]) and signed(text, amount)):
        return None
    sign = signed(text, amount) or 1
    if sign < 0 and amount.value > _MOST_FALL:
        return None
    low, middle, high = changed(text, amount, sign)
    ends = log(low) / period, log(high) / period
    place = amount.start, end, amount, _words(text, amount.start, end)
    return Pace(ends[0], log(middle) / period, ends[1], middle, period, *place, is_rate=True, narrow=ends)


def _in_percent(amount: Amount) -> Amount:
    """A fraction by which something changes as so many per cent: by a quarter each year."""
    if amount.kind != "share" or not amount.noun:
        return amount
    value = 100 * amount.value
    slack = min(100 * amount.slack, _SHARE_WIDE * value)
    return amount._replace(kind="percent", value=value, low=value, high=value, slack=slack)


def _named(sentence: Sentence, one: Multiple) -> Multiple:
    """A multiple in words that is no amount, with an amount of its own."""
    place = sentence.place._replace(column=sentence.place.column + one.start)
    ends = (one.middle, one.low, one.high, 0.0, 0.0)
    return one._replace(at=Amount(one.words, *ends, "factor", "x", place=place, start=one.start, end=one.end))


def _words(text: str, start: int, end: int) -> str:
    return " ".join(text[start:end].split())


def _period(each: re.Match[str]) -> float:
    what = (each["what"] or "year").lower()
    return 1 / 12 if what.startswith("mo") else 10.0 if what.startswith("dec") else 1.0


def _spans(sentence: Sentence) -> list[_Span]:
    found = []
    for one in sentence.amounts:
        if one.kind == "time" and one.unit in ("y", "months") and one.value > 0:
            years, spread = one.value / _HOURS, (one.high - one.low) / 2 / _HOURS
            half = max(spread, min(one.slack / _HOURS, 0.5), 0.1 * years * one.hedged)
            exact = half if one.hedged else max(spread, min(half, _EXACT * years))
            found.append(_Span(years, half, exact, one.start, one.end, one, one.bound))
    for some in _DECADE.finditer(sentence.text):
        years = 10 * _MANY.get(some["many"].lower(), 1.0)
        if not any(one.start < some.end() and some.start() < one.end for one in found):
            found.append(_Span(years, 0.05 * years, 0.05 * years, *some.span(), None))
    for some in _PERIOD.finditer(sentence.text):
        years = float(int(some["until"]) - int(some["since"]))
        if 1 < years < _MOST_YEARS:
            found.append(_Span(years, _EXACT * years, _EXACT * years, *some.span(), None, is_period=True))
    return found


def labelled(sentence: Sentence) -> list[tuple[Amount, int]]:
    """The amounts of a sentence whose year is told."""
    text, found = sentence.text, list[tuple[Amount, int]]()
    amounts = [one for one in sentence.amounts if one.kind in GROWS and not one.ranged]
    begins = [0, *(one.end for one in amounts)]
    ends = [*(one.start for one in amounts[1:]), len(text)]
    for one, begin, end in zip(amounts, begins, ends, strict=False):
        year = _YEAR_BEHIND.match(text[one.end : end]) or _YEAR_BEFORE.search(text[begin : one.start])
        if year is not None:
            found.append((one, int(year["year"])))
    return found


def between(first: tuple[Amount, int], last: tuple[Amount, int], text: str = "") -> Iterator[Pace]:
    """The pace from one amount to another by their years; `text` where both stand in it."""
    since, until = first[1], last[1]
    for some in from_to(text, first[0], last[0]) if 1 < until - since < _MOST_YEARS else ():
        years = float(until - since)
        low, high = log(some.low) / years, log(some.high) / years
        start, end, words = (some.start, some.end, some.words) if text else (last[0].start, last[0].end, last[0].digits)
        place = start, end, last[0], words
        yield Pace(low, log(some.middle) / years, high, some.middle, years, *place, is_rate=False, narrow=(low, high))


def _labelled(sentence: Sentence) -> Iterator[Pace]:
    """Two amounts of one unit, each with its year: 12 TWh in 2014 and 20 in 2024."""
    found = sorted(labelled(sentence), key=lambda some: some[1])
    if len(found) == 2:
        yield from between(found[0], found[1], sentence.text)


def _at_once(text: str, one: Multiple) -> Pace | None:
    """A multiple with its period right behind: tenfold a year."""
    each = _FOR_EACH.match(text, one.end)
    if each is None or one.at is None or one.at.kind == "percent":
        return None
    years = _period(each)
    ends = log(one.low) / years, log(one.high) / years
    place = one.start, each.end(), one.at, _words(text, one.start, each.end())
    return Pace(ends[0], log(one.middle) / years, ends[1], one.middle, years, *place, is_rate=False, narrow=ends)


def _span(text: str, one: Multiple, spans: Sequence[_Span], many: Sequence[Multiple]) -> _Span | None:
    """The years that a multiple takes, behind or before it."""
    known = [span for span in spans if _takes(text, one, span, many) and (one.at or span.at)]
    return min(known, key=lambda span: max(one.start, span.start) - min(one.end, span.end), default=None)


def _timed(text: str, one: Multiple, span: _Span) -> Pace | None:
    """A multiple with the years that it takes."""
    at = one.at or span.at
    if at is None:
        return None
    words = _words(text, min(one.start, span.start), max(one.end, span.end))
    place = one.start, max(one.end, span.end), at, words
    (least, most), narrow = _ends(one, span, span.half), _ends(one, span, span.exact)
    return Pace(least, log(one.middle) / span.years, most, one.middle, span.years, *place, is_rate=False, narrow=narrow)


def _takes(text: str, one: Multiple, span: _Span, many: Sequence[Multiple]) -> bool:
    """Whether words say that a multiple takes so many years."""
    first, last = sorted(((one.start, one.end), (span.start, span.end)))
    between = text[first[1] : last[0]]
    if first[1] > last[0] or len(between) > _FAR or _APART.search(between):
        return False
    if any(first[1] <= other.start and other.end <= last[0] for other in many):
        return False
    if first[0] == span.start and _LATER.match(text, span.end):
        return True
    return span.is_period or _OVER.search(between if first[0] == one.start else text[: span.start]) is not None


def _ends(one: Multiple, span: _Span, half: float) -> tuple[float, float]:
    """Between which logarithms a year a multiple in so many years lies."""
    low, high = max(span.years - half, 0.05), span.years + half
    low, high = low * (0.85 if span.bound == "most" else 1), high * (1.15 if span.bound == "least" else 1)
    ends = [log(factor) / years for factor in (one.low, one.high) for years in (low, high)]
    return min(ends), max(ends)
