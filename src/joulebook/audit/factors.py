"""The factors that people lose or add, in words: the same for running text, for records and for columns."""

from __future__ import annotations

from math import isfinite, log
from typing import Final

_SMALL, _CLOSE = 10.0, 0.008
"""A small factor is met by chance: it has to be met more closely."""

FACTORS: Final = {
    1000.0: "a factor of 1,000, as between kWh and MWh, W and kW, or kg and t",
    1e6: "a factor of a million, as between kWh and GWh, or g and t",
    1e9: "a factor of a thousand million",
    2.20462: "the factor between pounds and kilograms",
    2204.62: "the factor between pounds and tonnes",
    3.6: "the factor between joules and watt-hours (3.6)",
    3600.0: "the factor between joules and watt-hours (3,600)",
    24.0: "a factor of 24, as between days and hours",
    60.0: "a factor of 60, as between minutes and hours",
    365.0: "a factor of 365, as between a day and a year",
    8760.0: "a factor of 8,760, as between an hour and a year",
    12.0: "a factor of 12, as between a month and a year",
}
"""Those that tell by themselves which units were exchanged."""


def slip(ratio: float, more: tuple[tuple[float, str], ...] = (), within: float = 0.03) -> str:
    """The known slip that a ratio of stated to computed looks like; empty when it looks like none."""
    if not isfinite(ratio) or ratio <= 0:
        return ""
    for size, words in (*FACTORS.items(), *more):
        if size > 1.05 and abs(abs(log(ratio)) - log(size)) < (within if size > _SMALL else _CLOSE):
            return words
    return ""


WITH_HOURS: Final = {"W": "Wh", "kW": "kWh", "MW": "MWh", "GW": "GWh", "TW": "TWh", "mW": "mWh"}
"""Units of power, and those of energy that they are taken for."""
WITHOUT_HOURS: Final = {energy: power for power, energy in WITH_HOURS.items()}
"""Units of energy, and those of power that they are taken for."""
