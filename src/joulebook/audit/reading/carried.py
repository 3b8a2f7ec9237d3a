"""Units that are printed once for several numbers: "24.69, 14.6 and 11.2 tonnes", "from 310 to 434 MW"."""

from __future__ import annotations

import re
from typing import Final

from joulebook.audit.reading.amount import Amount

_HEDGES: Final = (
    r"(?:(?:about|around|some|roughly|nearly|almost|over|under|only|just|more than|less than|rund|etwa|knapp|fast|über"
    r"|environ|près de|plus de|moins de)\s)?"
)
_YEAR: Final = r"(?:\s(?:in|im|en|for)\s(?:19|20)\d\d)"
_TO: Final = re.compile(rf"{_YEAR}?,?\s(?:and|or|to|und|oder|bis|auf|et|ou|à|respectively)\s{_HEDGES}")
_COMMA: Final = re.compile(rf"{_YEAR}?[,;]\s{_HEDGES}")
_FROM: Final = re.compile(
    rf"{_YEAR}?,?\s\(?(?:up from|down from|compared (?:with|to)|against|versus|vs\.?|rather than|instead of|not|and not"
    rf"|gegenüber|statt|contre|au lieu de)\s{_HEDGES}"
)
_DATED: Final = re.compile(rf"{_YEAR}[,;]?\s(?:(?:and|to|but|und|auf|et|à|against|versus)\s)?{_HEDGES}")
_YEAR_BEHIND: Final = re.compile(_YEAR)
_OWN: Final = re.compile(
    r"\b(?:PUE|WUE|CUE|ratio|factors?|efficiency|score|effectiveness|version|size|facteur|Faktor|level|coefficient"
    r"|Wirkungsgrad|exponent|chapter|section|grade|rank|place|age|aged)\W+(?:[a-zäöüé]+\W+){0,3}$",
    re.IGNORECASE,
)
_BARE: Final = ("number", "count", "year", "share", "factor")
_APART: Final = 100.0
"""Numbers of one list are not further from each other than this factor."""


def carried(text: str, amounts: list[Amount]) -> list[Amount]:
    """The amounts, with the unit of their neighbour where they share it."""
    found = list(amounts)
    chained = False
    for index in range(len(found) - 2, -1, -1):
        one = found[index]
        other = _next(found, index)
        chained = _is_bare(text, one) and other is not None and _shares(text, one, other, chained=chained)
        if chained and other is not None:
            found[index] = _as(one, other)
    for index in range(1, len(found)):
        before = _previous(found, index)
        if before is not None and _is_bare(text, found[index]) and _follows(text, before, found[index]):
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
    between = text[one.end : other.start]
    if not _is_near(one, other) or (other.kind in _BARE and not other.noun):
        return False
    linked = _TO.fullmatch(between) or (chained and _COMMA.fullmatch(between))
    return linked is not None and linked is not False and other.kind not in ("year", "share", "factor", "money")


def _follows(text: str, before: Amount, one: Amount) -> bool:
    if before.kind in _BARE or not _is_near(one, before):
        return False
    between = text[before.end : one.start]
    dated = _DATED.fullmatch(between) and _YEAR_BEHIND.match(text, one.end)
    return dated is not None or _FROM.fullmatch(between) is not None


def _is_near(one: Amount, other: Amount) -> bool:
    size = other.value / other.scale
    return one.value > 0 and size > 0 and 1 / _APART <= one.value / size <= _APART


def _as(one: Amount, other: Amount) -> Amount:
    """The bare number in the unit of another amount."""
    scale = other.scale
    return one._replace(
        value=one.value * scale,
        low=one.low * scale,
        high=one.high * scale,
        slack=one.slack * scale,
        rough=one.rough * scale,
        kind=other.kind,
        unit=other.unit,
        per=other.per,
        noun=other.noun,
        scale=scale,
    )
