"""A processor without a counter: its energy modelled from the time it was busy.

Two channels of one device: what it takes at rest, and what work adds. Work adds power concavely, since the
first busy cores wake what they share: P(u) = idle + (full - idle) (2u - u^r) (Fan, Weber and Barroso 2007,
equation 2, r = 1.4, doi:10.1145/1273440.1250665). A virtual machine is modelled per thread of its host.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from math import exp, log, sqrt
from typing import Final, NamedTuple, Protocol

from joulebook.errors import SensorUnavailable
from joulebook.sensors.base import CONTINUOUS_NS, Channel, Clock, Reading, boottime_ns
from joulebook.sensors.host import STAT_HEAD, TICK_US, busy_ticks, count_cpus

WINDOW_NS: Final = 50_000_000
"""Load is judged over at least this time: the kernel counts CPU time in ticks of mostly 10 ms."""


class Range(Protocol):
    """A number with its 90 % range, such as a fact."""

    @property
    def value(self) -> float:
        """The number."""

    @property
    def low(self) -> float:
        """Its 5 % point."""

    @property
    def high(self) -> float:
        """Its 95 % point."""


class Between(NamedTuple):
    """A `Range` by hand."""

    value: float
    low: float
    high: float


class CpuShape(NamedTuple):
    """How the power of processors behaves, whatever their size: facts of all of them."""

    full_share: Range
    """Power at full load, as a share of the rated power."""
    idle_share: Range
    """Power at rest, as a share of the power at full load."""
    exponent: Range
    """r of the load curve 2u - u^r."""


class CpuPower(NamedTuple):
    """Power of the processors that this machine has (a virtual machine: its part of the host's)."""

    idle_w: float
    full_w: float
    logical_cpus: int
    exponent: float = 1.4
    idle_low: float = 1.0
    idle_high: float = 1.0
    active_low: float = 1.0
    active_high: float = 1.0
    basis: str = "assumed"
    method: str = ""
    source: str = ""
    calibration: str = "cpu_model"
    """Both channels share this error: what is wrong with the rated power is wrong with both."""


def cpu_power(rated_w: Range, threads: int, logical_cpus: int, shape: CpuShape, *, basis: str, source: str) -> CpuPower:
    """The power of `logical_cpus` processors of a chip that is rated `rated_w` for `threads` of them.

    Relative ranges of factors are combined in quadrature of their logarithms, each side by itself, as for
    independent log-normal errors.
    """
    part = logical_cpus / threads
    full_w = rated_w.value * shape.full_share.value * part
    idle = shape.idle_share
    active = Between(1 - idle.value, 1 - idle.high, 1 - idle.low)
    idle_low, idle_high = combined(rated_w, shape.full_share, idle)
    active_low, active_high = combined(rated_w, shape.full_share, active, _curve_range(shape.exponent))
    return CpuPower(
        idle_w=full_w * idle.value,
        full_w=full_w,
        logical_cpus=logical_cpus,
        exponent=shape.exponent.value,
        idle_low=idle_low,
        idle_high=idle_high,
        active_low=active_low,
        active_high=active_high,
        basis=basis,
        method=f"CPU model from busy time: {logical_cpus} threads of a chip rated {rated_w.value:.3g} W for {threads}",
        source=source,
    )


def combined(*factors: Range) -> tuple[float, float]:
    """The 90 % range of a product of independent log-normal factors, as two factors on its value."""
    down = sqrt(sum(log(factor.value / factor.low) ** 2 for factor in factors))
    up = sqrt(sum(log(factor.high / factor.value) ** 2 for factor in factors))
    return exp(-down), exp(up)


def _curve_range(exponent: Range) -> Between:
    """How far the load curve can be off at half load, where the choice of its exponent matters most."""
    middle, low, high = (load_curve(0.5, r) for r in (exponent.value, exponent.low, exponent.high))
    return Between(middle, low, high)


def load_curve(utilisation: float, exponent: float) -> float:
    """Share of the power between rest and full load at a utilisation from 0 to 1."""
    return 2 * utilisation - float(utilisation**exponent)


class CpuModel:
    """Cumulative modelled energy of the processors; both channels rise and never fall.

    Raises `SensorUnavailable` when there is no /proc/stat.
    """

    def __init__(
        self,
        params: CpuPower,
        clock: Clock = boottime_ns,
        proc_root: str = "/proc",
        monotonic: Clock = time.monotonic_ns,
    ) -> None:
        self._params = params
        self._clock = clock
        self._monotonic = monotonic
        cpus = max(1, params.logical_cpus)
        self._idle_uw = params.idle_w * 1e6 / cpus
        self._active_uw = (params.full_w - params.idle_w) * 1e6 / cpus
        try:
            self._fd = os.open(f"{proc_root}/stat", os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        except OSError as error:
            raise SensorUnavailable(
                f"{proc_root}/stat: {error.strerror}", "the CPU model works on Linux only"
            ) from error
        self._cpus = cpus
        self._owed_us = 0
        self._rate = 0.0  # active microwatts of the last window
        self._idle = self._active = self._shown = 0.0  # microjoules
        self._since = self._idle_since = monotonic()
        try:
            self._busy = self._look()
        except (OSError, ValueError) as error:
            self.close()
            raise SensorUnavailable(f"{proc_root}/stat: {error}", "the CPU model works on Linux only") from error
        self.channels: Sequence[Channel] = (
            self._channel("idle", params.idle_low, params.idle_high),
            self._channel("active", params.active_low, params.active_high),
        )

    def _channel(self, name: str, low: float, high: float) -> Channel:
        params = self._params
        return Channel(
            name=name,
            device="cpu",
            kind="cpu",
            basis=params.basis,
            method=params.method,
            period_ns=CONTINUOUS_NS,
            limit_w=max(1.0, 4 * params.full_w),
            low=low,
            high=high,
            calibration=params.calibration,
            source=params.source,
        )

    def read(self) -> Sequence[Reading]:
        """Energy at rest and energy of work since the start, in microjoules; None for work that cannot be read."""
        if self._fd < 0:
            raise SensorUnavailable("this CPU model was closed")
        active: int | None
        try:
            active = self._step()
        except (OSError, ValueError):
            active = None
        now = self._clock()
        return [Reading(0, now, int(self._idle)), Reading(1, now, active)]

    def _step(self) -> int:
        now = self._monotonic()
        self._idle += self._idle_uw * self._cpus * (now - self._idle_since) / 1e9
        self._idle_since = now
        elapsed = now - self._since
        if elapsed >= WINDOW_NS:
            busy = self._look()
            self._owed_us += max(0, busy - self._busy)
            self._busy = max(busy, self._busy)
            self._rate = self._judge(elapsed / 1e3)
            self._active += self._rate * elapsed / 1e9
            self._since, elapsed = now, 0
        # Within a window the last rate goes on; where that was too much, the counter waits to be caught up with.
        self._shown = max(self._shown, self._active + self._rate * elapsed / 1e9)
        return int(self._shown)

    def _judge(self, elapsed_us: float) -> float:
        """Active power over a window; busy time that its ticks show beyond its length is owed to the next one."""
        capacity = elapsed_us * self._cpus
        used = min(self._owed_us, capacity)
        self._owed_us = int(min(self._owed_us - used, self._cpus * 2 * TICK_US))
        return self._active_uw * self._cpus * load_curve(used / capacity, self._params.exponent)

    def _look(self) -> int:
        """Busy microseconds of all processors; processors that come and go change the power of the whole."""
        data = os.pread(self._fd, STAT_HEAD, 0)
        self._cpus = count_cpus(data, self._params.logical_cpus) or self._cpus
        return busy_ticks(data) * TICK_US

    def close(self) -> None:
        """Close the descriptor; a second call does nothing."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
