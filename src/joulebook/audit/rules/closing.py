"""When figures agree: tolerances from printed digits."""

from __future__ import annotations

from typing import Final

from joulebook.audit.reading.amount import Amount

_MOST_INPUT: Final = 0.03
"""Relative rounding that an input is granted at most: 0.4 kW is taken as 0.4 within 3 %, not within 12 %."""
_HEDGED: Final = 0.12
_FREE: Final = 0.006
"""Relative difference that is never reported: years of 365 or 365.25 days, factors of which digits were dropped."""


def span(amount: Amount, *, result: bool = False) -> tuple[float, float]:
    """Between which values the amount lies that was printed so."""
    half = max(amount.slack, amount.rough) if result else min(amount.slack, _MOST_INPUT * abs(amount.value))
    if amount.hedged:
        half = max(half, min(amount.rough, _HEDGED * abs(amount.value)), _HEDGED * abs(amount.value) / 2)
    return amount.low - half, amount.high + half


def agrees(stated: Amount, low: float, high: float, free: float = _FREE) -> bool:
    """Whether a stated amount can be what lies between two computed values."""
    least, most = span(stated, result=True)
    return least <= high * (1 + free) and most >= low * (1 - free)
