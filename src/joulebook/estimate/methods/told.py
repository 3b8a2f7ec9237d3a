"""What a published method says of a job, and the factors between that and our own figure. No formula lives here."""

from __future__ import annotations

from math import prod
from typing import Final, NamedTuple

OPERATION: Final = "operation"
BOTH: Final = "operation and hardware"
HARDWARE: Final = "hardware"
"""What the carbon of a method is of: electricity, electricity and the making of machines, the making alone."""

TIME, POWER, BOUNDARY, OVERHEAD = "time", "power", "boundary", "PUE"
INTENSITY, MAKING, LIFETIME = "intensity", "hardware", "lifetime"
_OF_CARBON: Final = (INTENSITY, MAKING, LIFETIME)


class Factor(NamedTuple):
    """One factor of the figure, as we have it and as the method has it."""

    name: str
    ours: float
    theirs: float
    unit: str = "1"
    said: str = ""
    """What both are in words, where the numbers say too little: "32 to 64 at once"."""

    @property
    def ratio(self) -> float:
        """Theirs over ours."""
        return self.theirs / self.ours

    def as_dict(self) -> dict[str, object]:
        """Name, both values, unit and ratio."""
        return {**self._asdict(), "ratio": self.ratio}


class Told(NamedTuple):
    """The job by one method. Published methods give single figures: they have no interval of their own."""

    method: str
    """The word that it is asked for by."""
    title: str
    source: str
    energy_kwh: float | None = None
    carbon_kg: float | None = None
    counts: str = OPERATION
    """What its carbon is of: `OPERATION`, `BOTH` or `HARDWARE`."""
    factors: tuple[Factor, ...] = ()
    """Their ratios multiply to that of the carbon; those before the intensity to that of the energy."""
    why: str = ""
    silent: str = ""
    """Why the method says nothing of this job."""

    @property
    def energy_terms(self) -> tuple[Factor, ...]:
        """The factors of the energy."""
        return tuple(one for one in self.factors if one.name not in _OF_CARBON)

    @property
    def energy_ratio(self) -> float | None:
        """Energy over ours, as the factors have it; None where the method has no energy."""
        return prod(one.ratio for one in self.energy_terms) if self.energy_kwh is not None else None

    @property
    def carbon_ratio(self) -> float | None:
        """Carbon over ours of the same extent, as the factors have it; None where the method has no carbon."""
        return prod(one.ratio for one in self.factors) if self.carbon_kg is not None else None
