"""Memory without a counter: so many watts for each gigabyte installed, busy or not.

Published figures differ by a factor of 2 to 16 between each other, hence the wide range and the weakest basis.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from joulebook.errors import SensorUnavailable
from joulebook.sensors.base import CONTINUOUS_NS, Channel, Clock, Reading, boottime_ns


class RamPower(NamedTuple):
    """Power of the installed memory; `low` and `high` are factors on it (90 %)."""

    watts_per_gb: float
    memory_bytes: int
    low: float = 1.0
    high: float = 1.0
    source: str = ""
    calibration: str = "ram_model"

    @property
    def gigabytes(self) -> float:
        """Size as memory is sold: in units of 2^30 bytes."""
        return self.memory_bytes / 2**30

    @property
    def watts(self) -> float:
        """Power of all of it."""
        return self.watts_per_gb * self.gigabytes


class RamModel:
    """Cumulative modelled energy of memory while the machine is not suspended.

    Raises `SensorUnavailable` when the size of the memory is not known.
    """

    def __init__(self, params: RamPower, clock: Clock = boottime_ns, monotonic: Clock = time.monotonic_ns) -> None:
        if params.memory_bytes <= 0:
            raise SensorUnavailable("the size of the memory is not known", "the RAM model works on Linux and macOS")
        self._clock = clock
        self._monotonic = monotonic
        self._start = monotonic()
        self._uw = round(params.watts * 1e6)
        self.channels: Sequence[Channel] = (
            Channel(
                name="ram",
                device="ram",
                kind="ram",
                basis="assumed",
                method=f"RAM model: {params.watts_per_gb:g} W/GB x {params.gigabytes:.3g} GB",
                period_ns=CONTINUOUS_NS,
                limit_w=max(1.0, 4 * params.watts),
                low=params.low,
                high=params.high,
                calibration=params.calibration,
                source=params.source,
            ),
        )

    def read(self) -> Sequence[Reading]:
        """Energy since the start, in microjoules."""
        return [Reading(0, self._clock(), (self._monotonic() - self._start) * self._uw // 1_000_000_000)]
