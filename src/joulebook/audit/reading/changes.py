"""Changes and multiples in words: doubled, halved, tenfold, an order of magnitude, twice as much."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from joulebook.audit.reading.numbers import Number

_STEMS: Final = {
    "double": 2, "doubled": 2, "doubles": 2, "doubling": 2, "verdoppel": 2, "doppelt": 2, "doppelte": 2, "zweifach": 2,
    "triple": 3, "tripled": 3, "triples": 3, "tripling": 3, "treble": 3, "trebled": 3, "trebles": 3, "trebling": 3,
    "verdreifach": 3, "dreifach": 3, "quadruple": 4, "quadrupled": 4, "quadruples": 4, "quadrupling": 4,
    "vervierfach": 4, "vierfach": 4, "quintupled": 5, "quintuple": 5, "quintupling": 5, "verfünffach": 5, "fünffach": 5,
    "versechsfach": 6, "sextupled": 6, "verzehnfach": 10, "zehnfach": 10, "verhundertfach": 100, "hundertfach": 100,
    "doublé": 2, "doubler": 2, "doublement": 2, "triplé": 3, "tripler": 3, "triplement": 3, "quadruplé": 4,
    "quadrupler": 4, "quintuplé": 5, "décuplé": 10, "décupler": 10,
}  # fmt: skip
_DOWN: Final = {"halve": 2, "halved": 2, "halves": 2, "halving": 2, "halbier": 2}
_GERMAN_END: Final = r"(?:e[nrsm]?|t|te[nrsm]?|n|lung|ung|ter|tes)?"
_CHANGED: Final = re.compile(
    rf"(?<![\w-])(?P<stem>{'|'.join(sorted([*_STEMS, *_DOWN], key=len, reverse=True))}){_GERMAN_END}(?![A-Za-zÀ-ÿ])",
    re.IGNORECASE,
)
_NO_CHANGE: Final = re.compile(
    r"[\s-](?:count\w*|digits?|check\w*|bind|standards?|edged|sided|pass|entry|time\b|times\b|every|each|room|bed|down"
    r"|conversions?|precision|glaz\w+|whamm\w+|acts?|roles?|book\w*|blind\w*|layers?)",
    re.IGNORECASE,
)
_COMPARED: Final = re.compile(r"\s(?:the|that|those|what|its|their|his|her|our|this|so|de|as)\b", re.IGNORECASE)
_PLAIN: Final = ("double", "triple", "treble", "quadruple", "quintuple")
_FOLDS: Final = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100, "thousand": 1000,
}  # fmt: skip
_FOLD: Final = re.compile(rf"(?<![\w-])(?:a\s)?(?P<many>{'|'.join(_FOLDS)})[\s-]?fold\b", re.IGNORECASE)
_MAL_WORDS: Final = {
    "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10,
    "elf": 11, "zwölf": 12, "fünfzehn": 15, "zwanzig": 20, "dreißig": 30, "vierzig": 40, "fünfzig": 50, "sechzig": 60,
    "achtzig": 80, "hundert": 100, "tausend": 1000,
}  # fmt: skip
_MAL: Final = re.compile(
    rf"(?<![\w-])(?P<many>{'|'.join(_MAL_WORDS)})(?:fach(?:e[nmrs]?)?(?![A-Za-zÀ-ÿ])|mal(?=\s(?:so|mehr|größer|höher|weniger|kleiner|das|des|die|der|über)\b))",
    re.IGNORECASE,
)
_VECES_WORDS: Final = {
    "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10, "doce": 12,
    "quince": 15, "veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "cien": 100, "mil": 1000,
}  # fmt: skip
_VECES: Final = re.compile(rf"(?<![\w-])(?P<many>{'|'.join(_VECES_WORDS)})\sveces\b", re.IGNORECASE)
_IN_HALF: Final = re.compile(
    r"\b(?:cut|cuts|cutting|reduced?|reducing|slash\w*|split|fell|fallen|dropped|drop)\b[^.;,]{0,50}?\s(?P<half>(?:in|by)\shalf)\b",
    re.IGNORECASE,
)
_ORDERS: Final = re.compile(
    r"(?<![\w-])(?P<many>an?|one|two|three|four|five|six|eine|zwei|drei|un|deux|trois)\s(?:whole\s|full\s)?"
    r"(?:orders?\sof\smagnitude|Größenordnung(?:en)?|ordres?\sde\sgrandeur)",
    re.IGNORECASE,
)
_MANY: Final = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "zwei": 2, "drei": 3, "deux": 2, "trois": 3}
_TWICE: Final = re.compile(
    r"\b(?P<twice>twice)\s(?:as|the|that|those|what|its|their|our|this|these|his|her|your|more|larger)\b"
    r"|\b(?P<thrice>three\stimes\sover)\b",
    re.IGNORECASE,
)
_TIMES: Final = {**_MANY, "dix": 10, "cent": 100, "mille": 1000, "quatre": 4, "cinq": 5, "six": 6}
_BY: Final = re.compile(
    rf"\b(?P<verb>multipli\w+|divis\w+)\spar\s(?:un\sfacteur\s(?:de\s)?)?(?P<many>{'|'.join(_TIMES)})\b", re.IGNORECASE
)
_AGAIN: Final = re.compile(r"(?<![\w-])half\s(?:again|as\s(?:much|many|\w+)\sagain)\b", re.IGNORECASE)
_LESSER: Final = re.compile(
    r"\b(?:less|lower|fewer|smaller|below|reduc\w+|decreas\w+|declin\w+|drop\w*|sav\w+|cut\w*|fell|fallen|shr[aiu]nk\w*"
    r"|cheaper|weniger|kleiner|niedriger|moins|down)\b",
    re.IGNORECASE,
)
_GREATER: Final = re.compile(
    r"\b(?:more|higher|larger|greater|bigger|above|rose|risen|rise\w*|rising|gr[eo]w\w*|increas\w+|climb\w+|multipl\w+|mehr"
    r"|größer|höher|plus|up|jump\w*|surg\w+)\b",
    re.IGNORECASE,
)


class Change(NamedTuple):
    """A factor in words, and whether it is upward ("up"), downward ("down") or not said."""

    number: Number
    start: int
    end: int
    noun: str = ""


def _factor(value: float, start: int, end: int, noun: str, about: float = 0.1) -> Change:
    return Change(Number(value, 2 * about * value, 2 * about * value), start, end, noun)


def changes(text: str) -> Iterator[Change]:
    """The factors in words of a text."""
    for found in _CHANGED.finditer(text):
        if not _NO_CHANGE.match(text, found.end()):
            yield _changed(text, found)
    for found in _FOLD.finditer(text):
        yield _factor(_FOLDS[found["many"].lower()], *found.span(), direction(text, *found.span()) or "up")
    for found in _MAL.finditer(text):
        yield _factor(_MAL_WORDS[found["many"].lower()], *found.span(), direction(text, *found.span()))
    for found in _VECES.finditer(text):
        yield _factor(_VECES_WORDS[found["many"].lower()], *found.span(), direction(text, *found.span()))
    for found in _IN_HALF.finditer(text):
        yield _factor(2, *found.span("half"), "down")
    for found in _ORDERS.finditer(text):
        orders = _MANY.get(found["many"].lower(), 1)
        yield _factor(10.0**orders, *found.span(), direction(text, *found.span()), 0.5)
    for found in _TWICE.finditer(text):
        name = "twice" if found["twice"] else "thrice"
        yield _factor(
            2 if found["twice"] else 3, *found.span(name), direction(text, *found.span(name), after_only=True)
        )
    for found in _BY.finditer(text):
        noun = "up" if found["verb"].lower().startswith("mul") else "down"
        yield _factor(_TIMES[found["many"].lower()], *found.span(), noun)
    yield from (_factor(1.5, *found.span(), "up") for found in _AGAIN.finditer(text))


def _changed(text: str, found: re.Match[str]) -> Change:
    """Doubled, halved, verdreifacht: a verb says that it is upward or downward, a comparison does not."""
    stem = found["stem"].lower()
    if stem in _DOWN:
        return _factor(_DOWN[stem], *found.span(), "down")
    if "doppelt" in stem or ("fach" in stem and not stem.startswith("ver")):
        return _factor(_STEMS[stem], *found.span(), direction(text, *found.span()))
    is_compared = stem in _PLAIN and _COMPARED.match(text, found.end())
    return _factor(_STEMS[stem], *found.span(), "" if is_compared else "up")


def direction(text: str, start: int, end: int, *, after_only: bool = False) -> str:
    """Whether the words next to a factor say that it is upward or downward; empty where they do not."""
    behind = re.split(r"[.;:,(]", text[end : end + 40])[0]
    before = "" if after_only else re.split(r"[.;:,(]", text[max(0, start - 40) : start])[-1]
    for words in (behind[:22], before):
        less, more = list(_LESSER.finditer(words)), list(_GREATER.finditer(words))
        if less or more:
            last = -1 if words is before else 0
            nearest = sorted([*less, *more], key=lambda one: one.start())[last]
            return "down" if nearest in less else "up"
    return ""
