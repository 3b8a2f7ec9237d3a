"""Units that are printed once for several numbers: "24.69, 14.6 and 11.2 tonnes", "from 310 to 434 MW"."""

from __future__ import annotations

import re
from typing import Final

from joulebook.audit.reading.amount import Amount
from joulebook.audit.reading.numbers import MULTIPLES

_HEDGES: Final = (
    r"(?:(?:about|around|some|roughly|nearly|almost|over|under|only|just|more than|less than|rund|etwa|knapp|fast|über"
    r"|environ|près de|plus de|moins de)\s)?"
)
_YEAR: Final = r"(?:\s(?:in|im|en|for)\s(?:19|20)\d\d)"
_TO: Final = re.compile(rf"{_YEAR}?(?:,\s(?:and|und|et)|\s(?:and|or|to|und|oder|bis|auf|et|ou|à))\s{_HEDGES}")
_MULTIPLE: Final = re.compile(
    rf"(?:{'|'.join(word for word in MULTIPLES if word.isalpha())})(?![A-Za-z])", re.IGNORECASE
)
_COMMA: Final = re.compile(rf"{_YEAR}?[,;]\s{_HEDGES}")
_FROM: Final = re.compile(
    rf"{_YEAR}?,?\s\(?(?:up from|down from|compared (?:with|to)|against|versus|vs\.?|rather than|instead of|not|and not"
    rf"|gegenüber|statt|contre|au lieu de|of which|davon|dont)\s{_HEDGES}"
)
_DATED: Final = re.compile(rf"{_YEAR}[,;]?\s(?:(?:and|to|but|und|auf|et|à|against|versus)\s)?{_HEDGES}")
_EACH_FOR: Final = re.compile(
    rf"\s(?P<for>for|in|at|from|on|by|to|für|bei|aus|pour|en|à|chez)\s(?:[^.;:,\d()]|(?<=[\w-])\d){{1,40}}(?:,|,?\s(?:and|but|und|et))\s(?:and\s)?{_HEDGES}"
)
"""1,287 MWh for one, 1,066 for another."""
_BEGIN: Final = re.compile(rf"\b(?:from|von|de)\s{_HEDGES}$")
_UNTIL: Final = re.compile(rf"{_YEAR}?\s(?:to|auf|à)\s{_HEDGES}")
_YEAR_BEHIND: Final = re.compile(_YEAR)
_OWN: Final = re.compile(
    r"\b(?:PUE|WUE|CUE|ratio|factors?|efficiency|score|effectiveness|version|size|facteur|Faktor|level|coefficient"
    r"|Wirkungsgrad|exponent|chapter|section|grade|rank|place|age|aged)\W+(?:[a-zäöüé]+\W+){0,3}$",
    re.IGNORECASE,
)
_AND: Final = re.compile(r",?\s(?:(?:and|und|et)\s)?")
_BARE: Final = ("number", "count", "year", "share", "factor")
_APART: Final = 100.0
"""Numbers of one list are not further from each other than this factor."""


def _together(text: str, amounts: list[Amount]) -> list[Amount]:
    """The amounts, of which two of time that are said as one are one: three years and nine months."""
    found: list[Amount] = []
    for one in amounts:
        last = found[-1] if found else None
        if last is not None and _is_rest(text, last, one):
            both = last._replace(value=last.value + one.value, low=last.low + one.low, high=last.high + one.high)
            words = text[last.start : one.end]
            found[-1] = both._replace(slack=one.slack, rough=one.rough, text=words, end=one.end)
        else:
            found.append(one)
    return found


def _is_rest(text: str, last: Amount, one: Amount) -> bool:
    """Whether a whole number of a larger unit of time goes on in a smaller one."""
    if not (last.kind == one.kind == "time" and not last.per and not one.per and not last.ranged):
        return False
    is_whole = (last.value / last.scale).is_integer() and one.scale < last.scale and one.value < last.scale
    return is_whole and _AND.fullmatch(text[last.end : one.start]) is not None


def carried(text: str, amounts: list[Amount]) -> list[Amount]:
    """The amounts, with the unit of their neighbour where they share it; three years and nine months are one."""
    found = _together(text, amounts)
    chained = False
    for index in range(len(found) - 2, -1, -1):
        one = found[index]
        other = _next(found, index)
        chained = _is_bare(text, one) and other is not None and _shares(text, one, other, chained=chained)
        if chained and other is not None:
            found[index] = _as(one, other)
    for index in range(1, len(found)):
        if not _is_bare(text, found[index]):
            continue
        before = _previous(found, index)
        if before is None or not _follows(text, before, found[index]):
            before = _elided(found, index)
        if before is not None:
            found[index] = _as(found[index], before)
    return found


def _next(amounts: list[Amount], index: int) -> Amount | None:
    return next((one for one in amounts[index + 1 :] if one.kind != "year"), None)


def _previous(amounts: list[Amount], index: int) -> Amount | None:
    return next((one for one in amounts[index - 1 :: -1] if one.kind != "year"), None)


def _is_bare(text: str, one: Amount) -> bool:
    is_number = one.kind == "number" and not one.noun and not one.per
    return is_number and not _OWN.search(text[max(0, one.start - 40) : one.start])


def _shares(text: str, one: Amount, other: Amount, *, chained: bool) -> bool:
    """Whether a bare number is in the unit of the amount behind it."""
    between = text[one.end : other.start]
    unitless = other.kind in _BARE and not other.noun and _multiple(other) == 1.0
    if unitless or other.kind in ("year", "share", "factor", "money") or not _is_near(one, other):
        return False
    return _TO.fullmatch(between) is not None or (chained and _COMMA.fullmatch(between) is not None)


def _follows(text: str, before: Amount, one: Amount) -> bool:
    """Whether a bare number is in the unit of the amount in front of it."""
    if before.kind in _BARE or not _is_near(one, before):
        return False
    between = text[before.end : one.start]
    if _UNTIL.fullmatch(between) and _BEGIN.search(text[max(0, before.start - 20) : before.start]):
        return True
    if (each := _EACH_FOR.fullmatch(between)) and text.startswith(f" {each['for']} ", one.end):
        return True
    dated = _DATED.fullmatch(between) and _YEAR_BEHIND.match(text, one.end)
    return dated is not None or _FROM.fullmatch(between) is not None


def _elided(amounts: list[Amount], index: int) -> Amount | None:
    """The amount in front whose unit a number of millions has: 9.8 million gallons, of which 5.2 million for homes."""
    one, by = amounts[index], _multiple(amounts[index])
    if by == 1.0:
        return None
    for other in amounts[index - 1 :: -1]:
        if other.kind not in _BARE and _multiple(other) == by and _is_near(one, other):
            return other
    return None


def _multiple(one: Amount) -> float:
    """The million or the like that is printed with an amount; 1 where none is."""
    found = _MULTIPLE.search(one.text)
    return MULTIPLES[found[0].lower()] if found else 1.0


def _is_near(one: Amount, other: Amount) -> bool:
    size = other.value / other.scale
    return one.value > 0 and size > 0 and 1 / _APART <= one.value * _missing(one, other) / size <= _APART


def _missing(one: Amount, other: Amount) -> float:
    """The million that is printed once for both: from 4.77 to 6.40 million."""
    by = _multiple(other)
    is_left_out = by != 1.0 and _multiple(one) == 1.0 and one.value < other.value / other.scale / by * _APART
    return by if is_left_out else 1.0


def _as(one: Amount, other: Amount) -> Amount:
    """The bare number in the unit of another amount."""
    size = other.scale * _missing(one, other)
    return one._replace(
        value=one.value * size,
        low=one.low * size,
        high=one.high * size,
        slack=one.slack * size,
        rough=one.rough * size,
        kind=other.kind,
        unit=other.unit,
        per=other.per,
        noun=other.noun,
        scale=other.scale,
    )
