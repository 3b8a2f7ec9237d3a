"""Temperatures and areas in two units that are not the same: 27 °C (49 °F), 40 acres (99 hectares)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.nearby import clause
from joulebook.audit.rules.refuted import believed

_BETWEEN: Final = re.compile(
    r"\s?\(\s?(?:(?:or|about|around|roughly|some)\s)*|,?\s(?:or|i\.e\.|that is)\s(?:(?:about|around|roughly|some)\s)*"
)
_APART: Final = re.compile(
    r"\b(?:warmer|cooler|colder|hotter|higher|lower|ris\w+|rose|drop\w*|fell|fall\w*|differen\w+|delta|by|increas\w*"
    r"|decreas\w*|spread|margin"
    r"|swing|gain\w*|warming|degrees? (?:more|less))\b",
    re.IGNORECASE,
)
"""Words of a difference of temperatures, which has no offset."""
_KELVIN, _OFFSET = 1.8, 32.0
_SLACK: Final = 1.2
"""Degrees Fahrenheit that rounding explains."""
_AREA: Final = re.compile(
    r"(?P<one>\d[\d,]*(?:\.\d+)?)[\s-](?P<left>acres?|hectares?|square f(?:ee|oo)t|square met(?:re|er)s?)(?:\s?\(\s?"
    r"|,?\sor\s)"
    r"(?:(?:about|around|roughly|some)\s)*(?P<two>\d[\d,]*(?:\.\d+)?)[\s-](?P<right>acres?|hectares?|square f(?:ee"
    r"|oo)t|square met(?:re|er)s?)",
    re.IGNORECASE,
)
_COOLED: Final = re.compile(
    r"\b(?:(?:hot|cold|warm)[- ]?(?:aisle|gang)|aisles?|inlet|outlet|intake|supply air|air|water|coolant|loop|cooling"
    r"|racks?"
    r"|halls?|rooms?|servers?|gpus?|chips?|cards?|junction|wasser|luft|kühl\w*|halle|eau|salle|agua|aire|sala)\b",
    re.IGNORECASE,
)
_HOT: Final = re.compile(
    r"\b(?:steam|exhaust|turbine|flame|furnace|solder\w*|melt\w*|plasma|fusion|sun|salt|reactor|kelvin|turn\w*|rotat\w*"
    r"|angle|camera|view|latitude|longitude|north|south|fabs?|wafers?|dampf|fire|feuer)\b",
    re.IGNORECASE,
)
_WARMEST: Final = {True: 260.0, False: 125.0}
"""Degrees Fahrenheit and Celsius: no chip, air or water of a hall gets so warm."""
_SQUARE_METRES: Final = {"acre": 4046.86, "hectare": 10_000.0, "square f": 0.092903, "square m": 1.0}


def temperatures(document: Document) -> Iterator[Finding]:
    """Temperatures in Celsius and Fahrenheit, and areas in two units, that are said to be one and are not."""
    for sentence in believed(document):
        for left, right in pairwise(sentence.amounts):
            if left.kind == right.kind == "temperature" and _BETWEEN.fullmatch(sentence.text[left.end : right.start]):
                yield from _pair(sentence, left, right)
        yield from _areas(sentence)
        yield from _too_warm(sentence)


def _too_warm(sentence: Sentence) -> Iterator[Finding]:
    """Air, water or chips of a hall that are hotter than any."""
    for amount in sentence.amounts:
        is_bare = amount.kind == "count" and amount.noun in ("degree", "grad", "degré", "grado")
        if not (amount.kind == "temperature" or is_bare) or _HOT.search(sentence.text):
            continue
        most = _WARMEST[_is_fahrenheit(amount) or "Fahrenheit" in sentence.text]
        if amount.value > most and _COOLED.search(clause(sentence, amount).words):
            evidence = f"{printed(amount)}: hotter than any air, water or chip of a hall"
            yield Finding("magnitude", "high", 0.85, amount.place, evidence, "check the number", sentence.text)


def _is_fahrenheit(amount: Amount) -> bool:
    return re.search(r"F(?:ahrenheit)?\b", amount.text) is not None


def _pair(sentence: Sentence, left: Amount, right: Amount) -> Iterator[Finding]:
    if _is_fahrenheit(left) == _is_fahrenheit(right):
        return
    warm, cold = (left, right) if _is_fahrenheit(left) else (right, left)
    offset = 0.0 if _APART.search(sentence.text[max(0, left.start - 60) : right.end + 25]) else _OFFSET
    slack = _SLACK + warm.slack + _KELVIN * cold.slack
    ends = [(cold.low, warm.low), (cold.high, warm.high)]
    if any(abs(c * _KELVIN + offset - f) <= slack or abs(c * _KELVIN - f) <= slack * (offset == 0) for c, f in ends):
        return
    if offset == 0 and abs(cold.value * _KELVIN + _OFFSET - warm.value) <= slack:
        return
    evidence = f"{cold.digits} = {cold.value * _KELVIN + offset:.0f} °F, stated {warm.digits}"
    yield Finding("conversion", "high", 0.9, right.place, evidence, "convert one of the two again", sentence.text)


def _areas(sentence: Sentence) -> Iterator[Finding]:
    for found in _AREA.finditer(sentence.text):
        sizes = [
            float(found[number].replace(",", "")) * next(
                size for name, size in _SQUARE_METRES.items() if found[unit].lower().startswith(name)
            )
            for number, unit in (("one", "left"), ("two", "right"))
        ]  # fmt: skip
        if min(sizes) > 0 and not 0.85 < sizes[1] / sizes[0] < 1.18:
            place = sentence.place._replace(column=sentence.place.column + found.start("two"))
            evidence = f"{found[0].strip()}: a ratio of {sizes[1] / sizes[0]:.3g}"
            yield Finding("conversion", "high", 0.9, place, evidence, "convert one of the two again", sentence.text)
