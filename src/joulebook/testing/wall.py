"""A machine and the wall meter in front of it, both of known truth: what calibration should find."""

from __future__ import annotations

from random import Random
from typing import Final, NamedTuple

from joulebook.meter.wall.log import POWER, MeterLog, Sensed, log_of

START_NS: Final = 1_780_000_000_000_000_000
"""UTC of the first reading: 28 May 2026."""
_STEP_NS: Final = 50_000_000


class Bench(NamedTuple):
    """What is true: wall = offset_w + gain x sensed; the meter's clock is `late_s` behind."""

    gain: float = 1.12
    offset_w: float = 23.0
    late_s: float = 3.7
    length_s: float = 300.0
    period_s: float = 1.0
    """The meter writes the mean of each of these."""
    loads_w: tuple[float, float] = (30.0, 110.0)
    """Sensed power is anywhere between; a step lasts `step_s`, give or take half."""
    step_s: float = 10.0
    regular: bool = False
    """Steps of the same length between the two ends of `loads_w`."""
    noise_w: float = 1.0
    alike: float = 0.5
    """Correlation of the noise of neighbouring values."""
    lost: float = 0.0
    """Share of the meter's values that are missing."""


class Logged(NamedTuple):
    """What both instruments say."""

    sensed: Sensed
    times_ns: list[int]
    """By the meter's clock."""
    watts: list[float]

    @property
    def log(self) -> MeterLog:
        """The meter's values as a log."""
        return log_of(POWER, self.times_ns, self.watts)


def measure_both(bench: Bench, seed: int) -> Logged:
    """One recording of a bench; the same seed gives the same one."""
    random = Random(seed)  # noqa: S311 - a simulation
    sensed = Sensed(START_NS, _STEP_NS, _sensed(bench, random), [], 0.1)
    times, watts, noise, at = [], [], 0.0, bench.period_s + 0.3
    while at < bench.length_s:
        before, now = (START_NS + (at - back) * 1e9 for back in (bench.period_s, 0.0))
        mean = (sensed.at(now) - sensed.at(before)) / bench.period_s
        noise = bench.alike * noise + random.gauss(0, bench.noise_w) * (1 - bench.alike**2) ** 0.5
        if random.random() >= bench.lost:
            times.append(START_NS + int((at - bench.late_s) * 1e9))
            watts.append(bench.offset_w + bench.gain * mean + noise)
        at += bench.period_s
    return Logged(sensed, times, watts)


def _sensed(bench: Bench, random: Random) -> list[float]:
    """Cumulative energy in J on the grid."""
    low, high = bench.loads_w
    joules, level, left = [0.0], low, 0
    for _ in range(int(bench.length_s * 1e9) // _STEP_NS):
        if left == 0:
            length = bench.step_s if bench.regular else bench.step_s * random.uniform(0.5, 1.5)
            left = max(1, int(length * 1e9) // _STEP_NS)
            level = (high if level == low else low) if bench.regular else random.uniform(low, high)
        joules.append(joules[-1] + level * _STEP_NS / 1e9)
        left -= 1
    return joules
