"""A constant utilisation, and rated power for every hour: the rules of thumb that most published footprints use."""

from __future__ import annotations

from typing import Final

UTILISATION: Final = 0.30
"""Of the 16-bit peak, as Epoch AI and others assume where nothing is published."""


def device_hours(flop: float, peak: float, used: float = UTILISATION) -> float:
    """Hours of one device for so many operations, at a peak in FLOP/s."""
    return flop / (peak * used * 3600)


def energy_kwh(hours: float, rated_w: float, pue: float = 1.0) -> float:
    """Energy of device-hours at rated power in kWh: as ML CO2 Impact (Lacoste et al. 2019) has it."""
    return hours * rated_w * pue / 1000
