"""When figures agree: tolerances from printed digits, and the factors that are known slips."""

from __future__ import annotations

from math import isfinite, log
from typing import Final

from joulebook.audit.reading.amount import Amount

_MOST_INPUT: Final = 0.03
"""Relative rounding that an input is granted at most: 0.4 kW is taken as 0.4 within 3 %, not within 12 %."""
_HEDGED: Final = 0.12
_FREE: Final = 0.006
"""Relative difference that is never reported: years of 365 or 365.25 days, factors of which digits were dropped."""

_SMALL, _CLOSE = 10.0, 0.008
"""A small factor is met by chance: it has to be met more closely."""

SLIPS: Final = (
    (1000.0, "a factor of 1,000, as between kWh and MWh, W and kW, or kg and t"),
    (1e6, "a factor of a million, as between kWh and GWh, or g and t"),
    (1e9, "a factor of a thousand million"),
    (2.20462, "the factor between pounds and kilograms"),
    (2204.62, "the factor between pounds and tonnes"),
    (3.6, "the factor between joules and watt-hours (3.6)"),
    (3600.0, "the factor between joules and watt-hours (3,600)"),
    (24.0, "a factor of 24, as between days and hours"),
    (60.0, "a factor of 60, as between minutes and hours"),
    (365.0, "a factor of 365, as between a day and a year"),
    (8760.0, "a factor of 8,760, as between an hour and a year"),
    (12.0, "a factor of 12, as between a month and a year"),
)


def span(amount: Amount, *, result: bool = False) -> tuple[float, float]:
    """Between which values the amount lies that was printed so."""
    half = max(amount.slack, amount.rough) if result else min(amount.slack, _MOST_INPUT * abs(amount.value))
    if amount.hedged:
        half = max(half, min(amount.rough, _HEDGED * abs(amount.value)), _HEDGED * abs(amount.value) / 2)
    return amount.low - half, amount.high + half


def product(amounts: list[Amount], divided: list[Amount] | None = None) -> tuple[float, float, float]:
    """Low, middle and high of a product of amounts, divided by others."""
    low = middle = high = 1.0
    for amount in amounts:
        least, most = span(amount)
        low, middle, high = low * max(0.0, least), middle * amount.value, high * most
    for amount in divided or ():
        least, most = span(amount)
        low, middle = low / most, middle / amount.value
        high = high / least if least > 0 else float("inf")
    return low, middle, high


def agrees(stated: Amount, low: float, high: float, free: float = _FREE) -> bool:
    """Whether a stated amount can be what lies between two computed values."""
    least, most = span(stated, result=True)
    return least <= high * (1 + free) and most >= low * (1 - free)


def slip(ratio: float, more: tuple[tuple[float, str], ...] = (), within: float = 0.03) -> str:
    """The known slip that a ratio of stated to computed looks like; empty when it looks like none."""
    if not isfinite(ratio) or ratio <= 0:
        return ""
    for size, words in (*SLIPS, *more):
        if size > 1.05 and abs(abs(log(ratio)) - log(size)) < (within if size > _SMALL else _CLOSE):
            return words
    return ""
