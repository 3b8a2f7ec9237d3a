"""Text -> amounts: numbers with their units, what they are for one of, what they count, ranges and hedges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from joulebook.audit.reading import measures
from joulebook.audit.reading.amount import Amount, Place
from joulebook.audit.reading.measures import Measure
from joulebook.audit.reading.numbers import FACTOR_WORDS, NUMBER, WORD, WORDS, Number, multiple_at, multiplied, number

_MASKED: Final = re.compile(
    r"https?://\S+|\[\^?\d+\](?!\()|\b\d{4}-\d{2}-\d{2}(?:T[\d:]+Z?)?\b|(?<![\d.])v?(?!\d{1,3}(?:\.\d{3})+(?!\d))\d+\.\d+\.\d+(?:\.\d+)?\b"
    r"|\b(?:Table|Figure|Fig\.|Section|Sec\.|Scope|Scopes|Appendix|Chapter|Equation|Eq\.|Step|Page|p\.|pp\."
    r"|Tabelle|Abbildung"
    r"|Kapitel|Abschnitt|Tableau|Figure|Gen|Top|Nr\.|No\.)[\s\u00a0]?\d+(?:\.\d+)*(?:\s?(?:,|and|und|et|to|\+)\s?\d+)?"
    r"|^\s*\d+[.)]\s|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s\d{1,2}(?:,?\s(?:19|20)\d\d)?\b"
    r"|\b\d{1,2}\.?\s(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Januar|Februar"
    r"|März|Juni|Juli|Oktober|Dezember|janvier|février|mars|avril|mai|juin|juillet|août)\b(?:\s(?:19|20)\d\d)?"
    r"|\b\d{1,2}:\d{2}\b"
)
_NOUN: Final = re.compile(r"(?:\s|-|\u00a0)+(?P<word>[A-Za-zÀ-ÖØ-öø-ÿ][\w'-]*)")
_CURRENCY_BEFORE: Final = re.compile(r"(?:US\$|USD|EUR|GBP|CHF|[$€£¥])\s?$")
_HEDGE: Final = re.compile(
    r"(?:\b(?:about|around|roughly|some|nearly|almost|approximately|approx\.?|circa|ca\.?|over|more than|at "
    r"least|less than|under"
    r"|up to|at most|below|above|an estimated|order of|rund|etwa|über|knapp|fast|environ|près de|plus de|moins "
    r"de|quelque)"
    r"\s(?:the |an? |US)?|[~≈<>≥≤]\s?)[$€£]?$",
    re.IGNORECASE,
)
_RANGE: Final = re.compile(r"\s?(?:-|–|—|−|\bto\b|\bbis\b|\bà\b|\band\b|\bund\b|\bet\b|\.\.+|…)\s?[$€£]?")
_BETWEEN: Final = re.compile(r"(?:between|zwischen|entre)\s+[$€£]?$", re.IGNORECASE)
_AND: Final = re.compile(r"\s?(?:and|und|et)\s?")
_FACTOR: Final = re.compile(
    r"\s?(?:[x×](?=[\s,.;:)]|$)(?!\s?(?:\d|(?-i:[A-Z])))|-?fold\b|\btimes\b|-?fach\w*|[-\s]?mal\b|\bfois\b)",
    re.IGNORECASE,
)
_COUNTED: Final = re.compile(r"\s?[x×*]\s?(?:NVIDIA |AMD |Google |Nvidia )?(?=[A-Z]{1,3}\w*\d)")
"""Between a count and the name of a device: 8x A100."""
_TIMES_BEHIND: Final = re.compile(r"(?<=[A-Z]\d\d|\d\d\d|TPU)\s?[x×]\s?(?P<many>\d{1,6})(?![\w.,]\d|\w)")
_YEAR: Final = range(1950, 2101)
_ERROR: Final = re.compile(r"\s?(?:±|\+/-|\+-)\s?")


class _Token(NamedTuple):
    number: Number
    start: int
    end: int
    """Behind number and multiple."""
    multiple: float
    money: str
    is_factor: bool | None = False
    """None of a count behind the name of a device: P100x8."""


def scan(text: str, *, comma: bool = False, place: Place | None = None) -> list[Amount]:
    """The amounts of a text in order; their places count from `place`, where the text begins."""
    plain = _MASKED.sub(lambda found: " " * len(found[0]), text)
    begin = place or Place(1, 1)
    tokens = list(_tokens(plain, comma=comma))
    amounts: list[Amount] = []
    skipped = False
    for index, token in enumerate(tokens):
        if skipped:
            skipped = False
            continue
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        pair = _range(plain, token, following) if following is not None else None
        if pair is None:
            amounts.append(_amount(plain, token, token.number, token.number, token, begin))
        else:
            skipped = True
            assert following is not None  # noqa: S101 - a pair has two
            low, high = pair
            amounts.append(_amount(plain, token, low, high, following, begin))
    return amounts


def _tokens(text: str, *, comma: bool) -> Iterator[_Token]:
    found: list[_Token] = []
    for match in NUMBER.finditer(text):
        one = number(match, comma=comma)
        start = match.start("digits")
        before = _CURRENCY_BEFORE.search(text, max(0, start - 5), start)
        sign = "" if before is None else before[0].strip()
        by, end = multiple_at(text, match.end(), money=bool(sign))
        is_name = end < len(text) and text[end].isalpha() and end == match.end()
        if is_name and not _unit_at(text, end) and not _FACTOR.match(text, end) and not _COUNTED.match(text, end):
            continue  # 3D or 5nm
        found.append(_Token(multiplied(one, by), before.start() if before else start, end, by, sign))
    for match in _TIMES_BEHIND.finditer(text):
        many = Number(float(match["many"]), 1.0, 1.0)
        found += [_Token(many, match.start("many"), match.end(), 1.0, "", None)]
    for match in WORD.finditer(text):
        word = match["word"].lower()
        value = float(WORDS[word])
        by, end = multiple_at(text, match.end(), money=False)
        is_factor = word in FACTOR_WORDS
        found.append(_Token(multiplied(Number(value, 1.0, 1.0), by), match.start(), end, by, "", is_factor))
    yield from sorted(found, key=lambda token: token.start)


def _range(text: str, left: _Token, right: _Token) -> tuple[Number, Number] | None:
    """Both ends where two numbers are one range: 5 to 7 kWh, 5-7 kWh, between 5 and 7 kWh, 5 ± 1 kWh."""
    between = text[left.end : right.start]
    if _ERROR.fullmatch(between):
        middle, half = left.number, right.number
        return middle._replace(value=middle.value - half.value), middle._replace(value=middle.value + half.value)
    if not _RANGE.fullmatch(between):
        return None
    is_and = _AND.fullmatch(between) is not None
    if is_and and not _BETWEEN.search(text, max(0, left.start - 12), left.start):
        return None
    low, high = left.number, right.number
    if left.multiple == 1.0 != right.multiple and low.value < high.value / right.multiple:
        low = multiplied(low, right.multiple)
    if not low.value < high.value or (_is_year(left.number) and _is_year(right.number)):
        return None
    if re.search(r"\bfrom\s+[$€£]?$|\bvon\s+$|\bde\s+$", text[max(0, left.start - 8) : left.start]):
        return None
    return low, high


def _is_year(one: Number) -> bool:
    return one.value in _YEAR and one.step == 1.0


def _unit_at(text: str, position: int) -> tuple[Measure, int, bool] | None:
    """The unit that stands at a position, where it ends, and whether it carries a carbon mark."""
    if glued := measures.GLUED.match(text, position):
        known = measures.measure(glued["unit"])
        return None if known is None else (known, glued.end(), True)
    found = measures.UNIT.match(text, position)
    if found is None:
        return None
    known = measures.measure(found[0])
    if known is None:
        return None
    return known, found.end(), False


def unit_and_per(text: str, position: int) -> tuple[Measure, tuple[str, ...], float, int] | None:
    """The unit at a position, what it is for one of, the factor of that (per MWh: 1e-3 per kWh), and where it ends."""
    found = _unit_at(text, position)
    if found is None:
        return None
    known, end, _ = found
    if known.kind == "mass" and (mark := re.compile(measures.CARBON).match(text, end)):
        end = mark.end()
    pers: list[str] = []
    by = 1.0
    while len(pers) < 2:
        match = measures.PER.match(text, end)
        if match is None:
            adverb = measures.ADVERB.match(text, end)
            if adverb is None:
                break
            pers.append(measures.ADVERBS[adverb["what"].lower()])
            end = adverb.end()
            continue
        if _begins_a_new_statement(match[0], text[match.end() :]):
            break
        what = match["what"].lower()
        if what in measures.ENERGY_PER:
            pers.append("kWh")
            by /= measures.ENERGY_PER[what]
        elif what in ("t", "tonne", "ton"):
            pers.append("t")
        else:
            pers.append(measures.PERS[what])
        if re.search(r"1[,.\s]?000\s", match[0]):
            by /= 1000.0
        end = match.end()
    return known, tuple(pers), by, end


def _begins_a_new_statement(words: str, rest: str) -> bool:
    """Whether "a" is no "per": in "2 kW a server rack ..." it may be, in "5 t, a car ..." it never matches."""
    return words.strip().lower().startswith(("an ", "a ")) and rest.lstrip()[:3].lower() in ("in ", "tha")


def _amount(text: str, first: _Token, low: Number, high: Number, last: _Token, begin: Place) -> Amount:
    """The amount of one number, or of the two ends of a range."""
    position = last.end
    skip = re.compile(r"[\s\u00a0-]*").match(text, position)
    at = skip.end() if skip and "\n\n" not in skip[0] else position
    kind, unit, noun, scale = "number", "", "", 1.0
    pers: tuple[str, ...] = ()
    end = position
    currency = first.money or last.money
    found = None if currency else unit_and_per(text, at)
    factor = _FACTOR.match(text, position)
    if first.is_factor is None:
        kind, noun = "count", "device"
    elif counted := _COUNTED.match(text, position):
        kind = "count"
        noun, pers = _noun(text, counted.end() - 1)
    elif currency:
        known = measures.measure(currency.replace("US$", "USD").replace("$", "USD")) or Measure("USD", "money", 1.0)
        kind, unit = "money", known.symbol
        pers, by, end = _pers_behind(text, position)
        scale = by
    elif first.is_factor or (factor and not (found and found[0].kind == "money")):
        kind, unit, end = "factor", "x", factor.end() if factor else position
    elif found is not None:
        known, pers, by, end = found
        kind, unit, scale = known.kind, known.symbol, known.scale * by
    elif not (_is_year(high) and first.multiple == 1.0 and "," not in text[first.start : first.end]):
        noun, pers = _noun(text, position)
        kind = "count" if noun else "number"
    else:
        kind = "year"
    value = (low.value + high.value) / 2
    step, rough = max(low.step, high.step), max(low.rough, high.rough)
    return Amount(
        text=text[first.start : end],
        value=value * scale,
        low=low.value * scale,
        high=high.value * scale,
        slack=abs(step * scale) / 2,
        rough=abs(rough * scale) / 2,
        kind=kind,
        unit=unit,
        per=pers,
        noun=noun,
        hedged=_HEDGE.search(text, max(0, first.start - 18), first.start) is not None,
        place=_place(text, first.start, begin),
        start=first.start,
        end=end,
        scale=scale,
    )


def _pers_behind(text: str, position: int) -> tuple[tuple[str, ...], float, int]:
    found = measures.PER.match(text, position)
    if found is None:
        return (), 1.0, position
    what = found["what"].lower()
    if what in measures.ENERGY_PER:
        return ("kWh",), 1 / measures.ENERGY_PER[what], found.end()
    return (measures.PERS.get(what, "t"),), 1.0, found.end()


_DEVICES: Final = re.compile(
    r"(?:GPUs?|TPUs?|TPUv\d+|accelerators?|cards?|chips?|devices?|boards?|Grafikkarten|Beschleuniger|Karten"
    r"|cartes|accélérateurs"
    r"|[A-Z]{1,2}\d{2,3}[A-Za-z]*|MI\d{3}[A-Z]?)$"
)
_LINKING: Final = {"of", "the", "a", "an", "and", "to", "in", "for", "per", "is", "was", "are", "were", "on",
    "at", "or", "with",
                   "by", "than", "as", "from", "each", "und", "der", "die", "et", "de", "le", "la"}  # fmt: skip


def _noun(text: str, position: int) -> tuple[str, tuple[str, ...]]:
    """What a bare number counts, as a thing of `measures.PERS` or the next word; and what it is for one of."""
    words: list[tuple[str, int]] = []
    end = position
    for _ in range(4):
        found = _NOUN.match(text, end)
        if found is None:
            break
        words.append((found["word"], found.end()))
        end = found.end()
        if found["word"].lower() in _LINKING:
            break
    for word, behind in words:
        if word.lower() in _LINKING:
            break
        if _DEVICES.match(word) or any(_DEVICES.match(part) for part in word.split("-")[-1:]):
            return "device", _pers_behind(text, behind)[0]
        known = measures.PERS.get(word.lower())
        if known is not None and known not in measures.PERIODS:
            return known, _pers_behind(text, behind)[0]
    first = words[0] if words else None
    if first is None or first[0].lower() in _LINKING:
        return "", ()
    return first[0].lower().rstrip("s"), _pers_behind(text, first[1])[0]


def _place(text: str, start: int, begin: Place) -> Place:
    above = text.count("\n", 0, start)
    if not above:
        return begin._replace(column=begin.column + start)
    return begin._replace(line=begin.line + above, column=start - text.rfind("\n", 0, start))
