"""Text -> amounts: numbers with their units, what they are for one of, what they count, ranges and hedges."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from joulebook.audit.reading import measures
from joulebook.audit.reading.amount import Amount, Place
from joulebook.audit.reading.carried import carried
from joulebook.audit.reading.changes import direction
from joulebook.audit.reading.counted import counted, singular
from joulebook.audit.reading.hedges import hedge
from joulebook.audit.reading.masked import masked
from joulebook.audit.reading.measures import Measure
from joulebook.audit.reading.numbers import Number, multiplied
from joulebook.audit.reading.spelled import HALF, part
from joulebook.audit.reading.tokens import COUNTED, FACTOR, Token, tokens, unit_at

_ABOUT: Final = r"(?:(?:about|some|roughly|around|perhaps|maybe|rund|etwa|environ)\s)?"
_RANGE: Final = re.compile(rf"\s?(?:-|–|—|−|\bto\b|\bbis\b|\bà\b|\band\b|\bund\b|\bet\b|\.\.+|…)\s?{_ABOUT}[$€£]?")
_BETWEEN: Final = re.compile(rf"(?:between|zwischen|entre)\s+{_ABOUT}[$€£]?$", re.IGNORECASE)
_AND: Final = re.compile(rf"\s?(?:and|und|et)\s?{_ABOUT}[$€£]?")
_FROM: Final = re.compile(r"\bfrom\s+(?:about\s|some\s|roughly\s)?[$€£]?$|\bvon\s+$|\bde\s+$", re.IGNORECASE)
_YEAR: Final = range(1950, 2101)
_ERROR: Final = re.compile(r"\s?(?:±|\+/-|\+-)\s?")
_FACTOR_OF: Final = re.compile(
    r"\b(?:by|an?|the|another|um den|um einen|einen|einem|par un|d['’]un|un)\s(?:factor|Faktor|facteur)\s"
    r"(?:of\s|von\s|de\s)?"
    r"(?:about\s|roughly\s|around\s|nearly\s|almost\s|over\s|some\s|more than\s|up to\s|rund\s|etwa\s)?$",
    re.IGNORECASE,
)
_PAR: Final = re.compile(r"\b(?:(?P<up>multipli\w+)|divis\w+)\spar\s(?:près\sde\s|plus\sde\s)?$", re.IGNORECASE)
_MULTIPLIED: Final = re.compile(
    r"\bmultipl(?:ied|ies|y)\s(?!that|this|it\b|by)(?:[A-Za-z-]+\s){1,4}?by\s(?:(?:about|roughly|nearly|almost|over)\s)?$",
    re.IGNORECASE,
)
_NO_OVERHEAD: Final = 3.0
"""Multiplying an energy by less than this is arithmetic with a PUE, no change."""
_OFTEN: Final = re.compile(
    r"\s(?:(?:an?|per|each|every|pro|par|am|im|the)\s(?:(?:school|working|week|calendar)\s)?(?:year|month|week|day|hour|minute|second|night|Tag|Jahr|Monat|Woche|jour|an)"
    r"|in|on|over|during|daily|weekly)\b",
    re.IGNORECASE,
)
_POINTS: Final = re.compile(r"[\s-](?:points?|pts|Punkten?)\b(?!\s(?:of|out))")
_PERCENT: Final = re.compile(r"%|\bshares?\b|\bper\s?cent|\bProzent|\bpour cent")
_OF: Final = re.compile(r"\s(?:de\s|d['’])(?=[A-Za-zÀ-ÿ])")
_OF_ONE: Final = re.compile(r"\s(?:of an?|of one|d['’]une?)\s(?=[A-Za-z])")
_IN: Final = re.compile(r"\b(?:in|im|en)\s$")
_OF_THE: Final = re.compile(r"\sof\s(?:them\b|(?:the|our|its|their|these|those|his|her|my)\b)(?=\s[A-Za-z])")
_BILLION: Final = 1e9
_LARGE_MODEL: Final = 1e6
"""What a model has so many of are parameters: a seven-billion model."""
_SKIP: Final = re.compile(r"[\s\u00a0\u202f-]*")
_UNIT_OF_POWER: Final = re.compile(r"\s(?:a|per)\sunit\b")
_PER_THING: Final = re.compile(
    r"\s(?:per|pro|par)\s(?!(?:cent|unit|head|hundred|thousand|million|billion|se|day|week|night|one|the|a)\b)"
    r"(?P<what>[A-Za-zÀ-ÿ]{3,})(?![\w-])"
)
"""What an amount is for one of, though its name is unknown: per post."""
_OPEN: Final = re.compile(r"\s(?:in\b|tha)")
_ANEW: Final = re.compile(
    r"\s?(?:of\b|ago\b|earlier\b|later\b|before\b|after\b|from now|old\b|and a (?:half|quarter)|\d{4}\b|-)"
)


def scan(text: str, *, comma: bool = False, place: Place | None = None) -> list[Amount]:
    """The amounts of a text in order; their places count from `place`, where the text begins."""
    plain = masked(text)
    within = _Text(plain, place or Place(1, 1), comma)
    numbers = tokens(plain, comma=comma)
    amounts: list[Amount] = []
    end = 0
    for index, token in enumerate(numbers):
        if token.start < end:  # within what the one before is for one of, or its range
            continue
        following = numbers[index + 1] if index + 1 < len(numbers) else None
        pair = _range(plain, token, following) if following is not None else None
        last = following if pair and following is not None else token
        amounts.append(_amount(within._replace(done=end), token, last, pair or (token.number, token.number)))
        end = max(amounts[-1].end, last.end)
    return carried(plain, amounts)


def _range(text: str, left: Token, right: Token) -> tuple[Number, Number] | None:
    """Both ends where two numbers are one range: 5 to 7 kWh, 5-7 kWh, between 5 and 7 kWh, 5 ± 1 kWh."""
    between = text[left.end : right.start]
    if _ERROR.fullmatch(between):
        middle, half = left.number, right.number
        return middle._replace(value=middle.value - half.value), middle._replace(value=middle.value + half.value)
    if not _RANGE.fullmatch(between):
        return None
    is_and = _AND.fullmatch(between) is not None
    if is_and and not _BETWEEN.search(text, max(0, left.start - 20), left.start):
        return None
    low, high = left.number, right.number
    if left.kind != right.kind or _FROM.search(text[max(0, left.start - 16) : left.start]):
        return None
    if left.multiple == 1.0 != right.multiple and low.value < high.value / right.multiple:
        low = multiplied(low, right.multiple)
    if _is_year(left.number) and (_is_year(right.number) or _IN.search(text[max(0, left.start - 4) : left.start])):
        return None
    return (low, high) if low.value < high.value else None


def _is_year(one: Number) -> bool:
    return one.value in _YEAR and one.step == 1.0


def unit_and_per(text: str, position: int) -> tuple[Measure, tuple[str, ...], float, int] | None:
    """The unit at a position, what it is for one of, the factor of that (per MWh: 1e-3 per kWh), and where it ends."""
    found = unit_at(text, position)
    if found is None:
        return None
    known, end, _ = found
    if known.kind == "mass" and (mark := re.compile(measures.CARBON).match(text, end)):
        end = mark.end()
    pers, by, end = _pers(text, end)
    if not pers and (of := measures.SUBSTANCE.match(text, end)):
        pers, by, behind = _pers(text, of.end())
        end = behind if pers else end
    return known, pers, by, end


def _pers(text: str, position: int) -> tuple[tuple[str, ...], float, int]:
    """What an amount is for one of, the factor of that, and where its words end."""
    pers: list[str] = []
    by, end = 1.0, position
    while len(pers) < 2:
        match = measures.PER.match(text, end) or measures.PER_MANY_OF.match(text, end)
        if match is None and (many := measures.PER_MANY.match(text, end)):
            pers.append("each")
            by, end = by / _many(many["many"]), many.end()
            continue
        if match is None:
            adverb = measures.ADVERB.match(text, end)
            if adverb is None:
                if (thing := _PER_THING.match(text, end)) and not pers:
                    pers, end = [singular(thing["what"])], thing.end()
                break
            pers.append(measures.ADVERBS[adverb["what"].lower()])
            end = adverb.end()
            continue
        is_weak = re.match(r"\s*(?:an?|[ai]m|in an?|in einem)\s", match[0], re.IGNORECASE)
        what, scale = _one_of(match["what"].lower())
        if is_weak and (
            _ANEW.match(text, match.end()) or (what not in measures.PERIODS and _OPEN.match(text, match.end()))
        ):
            break
        pers.append(what)
        by *= scale / _many(match["many"] or "")
        end = match.end()
    return tuple(pers), by, end


def _one_of(word: str) -> tuple[str, float]:
    """The name of what something is for one of, and the factor that its size makes."""
    if word in measures.ENERGY_PER:
        return "kWh", 1 / measures.ENERGY_PER[word]
    if word in measures.POWER_PER:
        return "kW", 1 / measures.POWER_PER[word]
    if word in measures.MASS_PER:
        return "t", 1.0
    if word in measures.VOLUME_PER:
        return "L", 1 / measures.VOLUME_PER[word]
    return measures.PERS[word], 1.0


def _many(word: str) -> float:
    """How many of it: per 1,000, for every million."""
    digits = re.sub(r"\D", "", word)
    named = [value for name, value in measures.MANY.items() if name in word.lower()]
    return named[0] if named else float(digits or 1)


class _Text(NamedTuple):
    """What is read, without what is no figure, where it begins, and whether it has decimal commas."""

    plain: str
    begin: Place
    comma: bool
    done: int = 0
    """Where the amount before ends."""


class _Read(NamedTuple):
    """What the words at a number say."""

    kind: str = "number"
    unit: str = ""
    noun: str = ""
    scale: float = 1.0
    pers: tuple[str, ...] = ()
    end: int = 0


def _amount(within: _Text, first: Token, last: Token, ends: tuple[Number, Number]) -> Amount:
    """The amount of one number, or of the two ends of a range."""
    text, (low, high) = within.plain, ends
    read = _said(text, first) or _read(within, first, high, last)
    if read.unit and (half := HALF.match(text, read.end)) and low == high and low.value == int(low.value):
        low = high = Number(high.value + part(half), 0.5, 0.5)
        read = read._replace(end=half.end())
    value, scale = (low.value + high.value) / 2, read.scale
    step, rough = max(low.step, high.step), max(low.rough, high.rough)
    hedged, bound = hedge(text, first.start, read.end, before=within.done, kind=read.kind)
    return Amount(
        text=text[first.start : read.end],
        value=value * scale,
        low=low.value * scale,
        high=high.value * scale,
        slack=abs(step * scale) / 2,
        rough=abs(rough * scale) / 2,
        kind=read.kind,
        unit=read.unit,
        per=read.pers,
        noun=read.noun,
        hedged=hedged,
        place=_place(text, first.start, within.begin),
        start=first.start,
        end=read.end,
        scale=scale,
        bound=bound,
    )


def _said(text: str, first: Token) -> _Read | None:
    """What a number in words, or the name in front of it, says alone."""
    if first.kind == "share":
        return _Read("share", noun=first.noun, end=first.end)
    if first.kind == "factor":
        return _Read("factor", "x", first.noun, end=first.end)
    if first.kind in ("device", "parameter"):
        return _Read("count", noun=first.kind, end=first.end)
    if named := COUNTED.match(text, first.end):
        return _Read("count", noun=counted(text, named.end())[0], end=first.end)
    return None


def _read(within: _Text, first: Token, high: Number, last: Token) -> _Read:
    """Kind, unit and the rest of the number that ends with `last`."""
    text, position = within.plain, last.end
    if currency := first.money or last.money:
        return _money(text, currency, position)
    if last.multiple != 1.0 and (of := _OF.match(text, position)):
        position = of.end()  # 1,5 million de litres
    if high.value < 1 and (of := _OF_ONE.match(text, position)):
        position = of.end()  # 0.14 of a watt-hour
    skip = _SKIP.match(text, position)
    at = skip.end() if skip and "\n\n" not in skip[0] else position
    found = unit_and_per(text, at)
    factor = FACTOR.match(text, position)
    if factor and not (found and found[0].kind == "money"):
        if factor[0].strip().lower() in ("times", "fois", "mal") and _OFTEN.match(text, factor.end()):
            often = _OFTEN.match(text, factor.end())
            period = measures.PERS.get(often[0].split()[-1].lower(), "") if often else ""
            is_rate = period in measures.PERIODS
            return _Read(
                "number" if is_rate else "count", noun="" if is_rate else "time", pers=(period,) * is_rate, end=position
            )
        return _Read("factor", "x", direction(text, first.start, factor.end()), end=factor.end())
    if found is not None:
        known, pers, by, end = found
        if known.kind == "money" and not pers and (unit := _UNIT_OF_POWER.match(text, end)):
            pers, end = ("kWh",), unit.end()
        return _Read(known.kind, known.symbol, "", known.scale * by, pers, end)
    if noun := _change(text, first, high, position):
        return _Read("factor", "x", noun.strip(), end=position)
    return _count(within, first, high, position)


def _change(text: str, first: Token, high: Number, position: int) -> str:
    """The direction of a factor that the words in front say ("by a factor of"), " " where it has none; else empty."""
    before = text[max(0, first.start - 60) : first.start]
    if _is_year(high) and first.multiple == 1.0:
        return ""  # the grid's factor of 2014
    if par := _PAR.search(before):
        return "up" if par["up"] else "down"
    if high.value >= _NO_OVERHEAD and _MULTIPLIED.search(before):
        return "up"
    return (direction(text, first.start, position) or " ") if _FACTOR_OF.search(before) else ""


def _money(text: str, currency: str, position: int) -> _Read:
    pers, by, end = _pers(text, position)
    if not pers and (unit := _UNIT_OF_POWER.match(text, position)):
        pers, end = ("kWh",), unit.end()  # what a unit of electricity is called in Britain
    unit_name = "GBP" if currency == "p" else measures.CURRENCIES[currency]
    return _Read("money", unit_name, "", by, pers, end)


def _count(within: _Text, first: Token, high: Number, position: int) -> _Read:
    """A count of something, a bare number, or a year."""
    text = within.plain
    if _POINTS.match(text, position) and _PERCENT.search(text):
        return _Read("points", "points", end=position)
    is_whole = first.multiple != 1.0 or high.step >= 1.0
    if of := _OF_THE.match(text, position):
        position = of.end()  # four of our sites
    noun, end = counted(text, position, comma=within.comma, whole=is_whole)
    is_year = _is_year(high) and first.multiple == 1.0 and text[first.start : first.end].isdigit()
    if is_year and not (noun and noun in measures.THINGS and high.value % 100 == 0):
        return _Read("year", end=position)
    pers, by, _ = _pers(text, end)
    if not noun:
        pers, by = (pers, by) if pers and pers[0] in measures.PERIODS else ((), 1.0)
    if not noun and text[position - 1] == "B" and first.multiple == _BILLION and not first.money:
        noun = "parameter"  # the 8B took 1.3M hours
    if noun == "model" and high.value >= _LARGE_MODEL:
        noun = "parameter"
    return _Read("count" if noun else "number", "", noun, by, pers, first.end if of else position)


def _place(text: str, start: int, begin: Place) -> Place:
    above = text.count("\n", 0, start)
    if not above:
        return begin._replace(column=begin.column + start)
    return begin._replace(line=begin.line + above, column=start - text.rfind("\n", 0, start))
