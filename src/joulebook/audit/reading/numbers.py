"""Numbers as people print them: groups of digits, decimal points and commas, powers of ten, words, multiples."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import inf
from typing import Final, NamedTuple

_SPACES: Final = "\u00a0\u2009\u202f\u2007 "
_DIGITS: Final = rf"(?:\d{{1,3}}(?:[,.{_SPACES}'’]\d{{3}})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?|(?<![\d.])\.\d+)"
_POWER: Final = (
    r"(?:\s?[x×·*]\s?10(?:\^|\*\*)?\{?(?P<power>[-−⁻]?(?:\d{1,2}|[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2}))\}?|[eE](?P<exponent>[+-]?\d{1,2}))"
)


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


NUMBER: Final = re.compile(
    rf"(?<![\w.,])(?<![A-Za-z]-)(?P<sign>[-−](?=[\d.]))?"
    rf"(?:10(?:(?:\^|\*\*)\{{?(?P<ten>[-−]?\d{{1,2}})\}}?(?![\d.]\d)|(?P<raised>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]{{1,2}}))"
    rf"|(?P<digits>{_DIGITS})(?:{_POWER}(?!\d))?)"
)
MULTIPLES: Final = {
    "thousand": 1e3,
    "tausend": 1e3,
    "mille": 1e3,
    "mil": 1e3,
    "million": 1e6,
    "millions": 1e6,
    "millionen": 1e6,
    "mio": 1e6,
    "mio.": 1e6,
    "millones": 1e6,
    "mil millones": 1e9,
    "mn": 1e6,
    "mln": 1e6,
    "billion": 1e9,
    "billions": 1e9,
    "bn": 1e9,
    "milliarden": 1e9,
    "milliarde": 1e9,
    "milliard": 1e9,
    "milliards": 1e9,
    "mrd": 1e9,
    "mrd.": 1e9,
    "trillion": 1e12,
    "trillions": 1e12,
    "billionen": 1e12,
}
_GLUED: Final = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "bn": 1e9, "mn": 1e6}
_MONEY_GLUED: Final = {**_GLUED, "m": 1e6, "b": 1e9}
MULTIPLE: Final = re.compile(
    rf"[{_SPACES}-]?\s?(?P<word>{_any_of(MULTIPLES)})(?![A-Za-z])",
    re.IGNORECASE,
)
_MILLION: Final = re.compile(
    r"m(?=\s(?:metric|short|cubic|lit(?:re|er)s?|tonnes?|tons?|gallons?|people|homes?|households?|users?|customers?|cars|units|jobs|servers|chips"
    r"|queries|prompts|requests|tokens|images|parameters|hours|GPU|kWh|MWh)\b)"
)
GLUED_MULTIPLE: Final = re.compile(r"(?P<word>bn|mn|[kKMBmb])(?![A-Za-z0-9])")
_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")
_COMMA_WORDS: Final = re.compile(
    r"\b(?:der|die|das|und|ist|nicht|mit|für|eine|von|auf|den|dem|werden|wird|sind|le|la|les|des|et|est|pour|une|dans|du"
    r"|sur|que|qui|sont|[Ii]m|zum|bei|[Ee]l|los|las|del|una|con|por|para|según|cada|años?|vatios|Strom|Energieverbrauch|énergie)\b"
)


class Number(NamedTuple):
    """A number and how exactly it is printed."""

    value: float
    step: float
    """One unit of the last printed digit."""
    rough: float
    """One unit of the last digit that is not a trailing zero of a whole number."""


def comma_decimals(text: str) -> bool:
    """Whether a document writes 1.234,5 and not 1,234.5; by what is unambiguous, then by its language."""
    commas = len(re.findall(r"(?<![\d,.])(?:\d{1,3}(?:\.\d{3})+,\d+|0,\d+|\d+,(?:\d{1,2}|\d{4,}))(?![\d,])", text))
    commas += len(re.findall(r"(?<![\d,.])\d{1,3}(?:\.\d{3}){2,}(?![\d.])", text))
    points = len(re.findall(r"(?<![\d,.])(?:\d{1,3}(?:,\d{3})+\.\d+|0\.\d+|\d+\.(?:\d{1,2}|\d{4,}))(?![\d.])", text))
    points += len(re.findall(r"(?<![\d,.])\d{1,3}(?:,\d{3}){2,}(?![\d,])", text))
    if commas != points:
        return commas > points
    return len(_COMMA_WORDS.findall(text)) > max(3, len(text.split()) // 20)


def number(found: re.Match[str], *, comma: bool) -> Number:
    """The number that `NUMBER` has found."""
    if alone := found["ten"] or found["raised"]:
        return Number(*([10.0 ** int(alone.translate(_SUPERSCRIPTS))] * 3))
    digits = found["digits"]
    for space in _SPACES + "'’":
        digits = digits.replace(space, "")
    point, group = (",", ".") if comma else (".", ",")
    if digits.count(group) == 1 and point not in digits:
        tail = digits.rpartition(group)[2]
        grouped = len(tail) == 3 and not digits.startswith("0")
        digits = digits.replace(group, "" if grouped else point)
    digits = digits.replace(group, "").replace(point, ".")
    value = float(digits) if digits.count(".") <= 1 else inf
    decimals = len(digits.partition(".")[2])
    zeros = 0 if decimals or not value else len(digits) - len(digits.rstrip("0"))
    power = found["power"] or found["exponent"]
    scale = 10.0 ** int(power.translate(_SUPERSCRIPTS)) if power else 1.0
    sign = -1.0 if found["sign"] else 1.0
    return Number(sign * value * scale, 10.0**-decimals * scale, 10.0 ** (zeros - decimals) * scale)


def multiplied(one: Number, by: float) -> Number:
    """The number in millions or the like."""
    return Number(*(part * by for part in one))


def multiple_at(text: str, position: int, *, money: bool) -> tuple[float, int]:
    """The multiple that stands at a position (1 where none does), and where it ends."""
    if _MILLION.match(text, position):
        return 1e6, position + 1
    if glued := GLUED_MULTIPLE.match(text, position):
        known = _MONEY_GLUED if money else _GLUED
        if glued["word"] in known:
            return known[glued["word"]], glued.end()
    if found := MULTIPLE.match(text, position):
        return MULTIPLES[found["word"].lower()], found.end()
    return 1.0, position
