"""The formula of Green Algorithms (Lannelongue, Grealey, Inouye 2021, doi 10.1002/advs.202100707)."""

from __future__ import annotations

from typing import Final

MEMORY_W_PER_GB: Final = 0.3725
PUE: Final = 1.67
"""Where the user does not know that of the building."""


def energy_kwh(  # noqa: PLR0913 - the formula has these
    hours: float, *, cores: float, core_w: float, memory_gb: float, use: float = 1.0, pue: float = PUE, psf: float = 1.0
) -> float:
    """Energy in kWh of `hours` on so many cores (or devices) of a rated power, and memory in GB.

    `psf` is how often the work is done for one result.
    """
    return hours * (cores * core_w * use + memory_gb * MEMORY_W_PER_GB) * pue * psf / 1000
