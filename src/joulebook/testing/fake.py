"""Sensors of known truth: a load, an instrument that shows it, and the faults of that instrument.

Everything is a pure function of boot time, in integers, so that what integration should find is known to
the microjoule. `play` reads a sensor over an interval the way a poller would, suspensions included.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import Final, NamedTuple

from joulebook.errors import SensorDenied
from joulebook.sensors.base import COUNTER, POWER, Channel, Clock, Reading, boottime_ns
from joulebook.testing.powercap import PowercapTree, Zone, write_powercap_tree

__all__ = [
    "FakeSensor",
    "Fault",
    "Load",
    "PowercapTree",
    "Script",
    "VirtualClock",
    "Zone",
    "play",
    "random_script",
    "write_powercap_tree",
]

SECOND: Final = 1_000_000_000
_Z95: Final = 1.6448536269514722


class VirtualClock:
    """Nanoseconds since boot that pass only when told to; the wall clock beside it can be stepped."""

    def __init__(self, now: int = 1_000 * SECOND) -> None:
        self.now = now
        self.suspended = 0
        self.wall_offset = 1_700_000_000 * SECOND

    def __call__(self) -> int:
        """Nanoseconds since boot."""
        return self.now

    def advance(self, ns: int) -> None:
        """Let time pass."""
        self.now += ns

    def suspend(self, ns: int) -> None:
        """Let time pass that a monotonic clock does not see."""
        self.now += ns
        self.suspended += ns

    def monotonic(self) -> int:
        """Nanoseconds since boot without suspended time."""
        return self.now - self.suspended

    def wall(self) -> int:
        """UTC nanoseconds, with every step of `step_wall`."""
        return self.now + self.wall_offset

    def step_wall(self, ns: int) -> None:
        """Step the wall clock; boot time does not move."""
        self.wall_offset += ns

    def wait(self, seconds: float) -> bool:
        """Sleep of a poller that is never woken early."""
        self.advance(int(seconds * SECOND))
        return False


class Load:
    """True power over time: segments of (nanoseconds, microwatts) that repeat for ever from boot time 0."""

    def __init__(self, segments: Sequence[tuple[int, int]]) -> None:
        self.segments = tuple(segments)
        self._edges = [0, *accumulate(ns for ns, _ in self.segments)]
        self._sums = [0, *accumulate(ns * uw for ns, uw in self.segments)]

    @classmethod
    def constant(cls, watts: float) -> Load:
        """The same power always."""
        return cls([(SECOND, round(watts * 1e6))])

    @classmethod
    def square(cls, low_w: float, high_w: float, period_s: float, duty: float = 0.5) -> Load:
        """High for the first `duty` of each period, low for the rest."""
        high_ns = round(period_s * duty * SECOND)
        return cls([(high_ns, round(high_w * 1e6)), (round(period_s * SECOND) - high_ns, round(low_w * 1e6))])

    @classmethod
    def walk(cls, rng: Random, low_w: float, high_w: float, step_s: float, steps: int = 200) -> Load:
        """A random walk between two powers in steps of about `step_s`."""
        level, segments = rng.uniform(low_w, high_w), []
        for _ in range(steps):
            level = min(high_w, max(low_w, level + rng.gauss(0, (high_w - low_w) / 6)))
            segments.append((max(1, round(step_s * rng.uniform(0.5, 1.5) * SECOND)), round(level * 1e6)))
        return cls(segments)

    @property
    def top_uw(self) -> int:
        """The highest power, in microwatts."""
        return max(uw for _, uw in self.segments)

    def power_uw(self, t_ns: int) -> int:
        """True power at an instant, in microwatts."""
        return self.segments[bisect_right(self._edges, t_ns % self._edges[-1]) - 1][1]

    def work(self, t_ns: int) -> int:
        """True energy from boot to an instant, in microwatt nanoseconds (10^9 of them are a microjoule)."""
        cycles, rest = divmod(t_ns, self._edges[-1])
        at = bisect_right(self._edges, rest) - 1
        return cycles * self._sums[-1] + self._sums[at] + (rest - self._edges[at]) * self.segments[at][1]


class Fault(NamedTuple):
    """Something that is wrong with an instrument, or with the machine around it, from `start_ns` to `end_ns`.

    The counter: "reset" (starts again at 0), "backwards" (loses `value` uJ), "stuck". The value: "nan",
    "text", "empty", "negative", "huge", "none" (the file vanished). The call: "denied", "oserror" are raised.
    The machine: "suspended" (no power, no reading), "paused" (power, but no reading), "wall" (the wall clock
    steps by `value` ns at `start_ns`).
    """

    kind: str
    start_ns: int
    end_ns: int
    value: int = 0


_RAW: dict[str, object] = {
    "nan": float("nan"),
    "text": "not a number",
    "empty": "",
    "negative": -5_000_000,
    "huge": 10**24,
    "none": None,
}
_COUNTER_FAULTS: Final = ("reset", "backwards", "stuck")
_RAISED: Final = ("denied", "oserror")
FAULTS: Final = (*_COUNTER_FAULTS, *_RAW, *_RAISED, "suspended", "paused", "wall")


class _Instrument(NamedTuple):
    load: Load
    channel: Channel
    gain: float = 1.0
    period_ns: int = 0
    jitter_ns: int = 0
    window_ns: int = 0
    offset_uj: int = 0
    faults: tuple[Fault, ...] = ()


class Script(_Instrument):
    """One channel with a known truth.

    load: the true power. gain: true = shown x gain. period_ns: time between two updates of what is shown (0:
    always up to date), each late by up to `jitter_ns`. window_ns: span of past time that a power reading
    averages (0: none). offset_uj: what the counter shows on top of the energy since boot.
    """

    def true_uj(self, t_ns: int) -> int:
        """True energy from boot to an instant, in microjoules, without suspended time."""
        asleep = awake = 0
        for start, end in sorted((f.start_ns, min(t_ns, f.end_ns)) for f in self.faults if f.kind == "suspended"):
            if max(start, awake) < end:
                asleep += self.load.work(end) - self.load.work(max(start, awake))
                awake = end
        return (self.load.work(t_ns) - asleep) // SECOND

    def shown(self, t_ns: int) -> object:
        """What the instrument shows at an instant: microjoules, microwatts, or rubbish."""
        for fault in self.faults:
            if fault.kind in _RAW and fault.start_ns <= t_ns < fault.end_ns:
                return _RAW[fault.kind]
        for fault in self.faults:
            if fault.kind == "stuck" and fault.start_ns <= t_ns < fault.end_ns:
                t_ns = fault.start_ns
        at = self._updated(t_ns)
        return self._power(at) if self.channel.form == POWER else self._counter(at)

    def _updated(self, t_ns: int) -> int:
        """The instant of the last update."""
        if not self.period_ns:
            return t_ns
        number = t_ns // self.period_ns
        at = number * self.period_ns + self._late(number)
        return at if at <= t_ns else (number - 1) * self.period_ns + self._late(number - 1)

    def _late(self, number: int) -> int:
        return (number * 2_654_435_761 % 4_294_967_296) * min(self.jitter_ns, self.period_ns - 1) >> 32

    def _scaled(self, uj: int) -> int:
        return uj if self.gain == 1.0 else int(uj / self.gain)

    def _power(self, t_ns: int) -> int:
        if any(fault.kind == "suspended" and fault.start_ns <= t_ns < fault.end_ns for fault in self.faults):
            return 0
        if not self.window_ns:
            return self._scaled(self.load.power_uw(t_ns))
        return self._scaled((self.load.work(t_ns) - self.load.work(t_ns - self.window_ns)) // self.window_ns)

    def _counter(self, t_ns: int) -> int:
        shown = self._scaled(self.true_uj(t_ns)) + self.offset_uj
        for fault in self.faults:
            if fault.start_ns <= t_ns:
                if fault.kind == "reset":
                    shown = self._scaled(self.true_uj(t_ns)) - self._scaled(self.true_uj(fault.start_ns))
                elif fault.kind == "backwards":
                    shown = max(0, shown - fault.value)
        return shown % self.channel.wrap_uj if self.channel.wrap_uj else shown

    @property
    def silences(self) -> list[tuple[int, int]]:
        """Intervals in which nobody reads, in order."""
        return sorted((f.start_ns, f.end_ns) for f in self.faults if f.kind in ("suspended", "paused"))


class FakeSensor:
    """A sensor whose channels follow scripts; the default is one counter at a constant 100 W."""

    def __init__(self, scripts: Script | Sequence[Script] = (), clock: Clock = boottime_ns) -> None:
        given = (scripts,) if isinstance(scripts, Script) else tuple(scripts)
        self.scripts: tuple[Script, ...] = given or (
            Script(Load.constant(100.0), Channel("fake-0", "fake-0", "other")),
        )
        self.clock = clock
        self.closed = False

    @cached_property
    def channels(self) -> Sequence[Channel]:
        """The channels of the scripts."""
        return tuple(script.channel for script in self.scripts)

    def read(self) -> Sequence[Reading]:
        """What every instrument shows now; raises `SensorDenied` or `OSError` where a script says so."""
        readings = []
        for index, script in enumerate(self.scripts):
            now = self.clock()
            for fault in script.faults:
                if fault.kind in _RAISED and fault.start_ns <= now < fault.end_ns:
                    if fault.kind == "oserror":
                        raise OSError(5, "Input/output error", script.channel.name)
                    raise SensorDenied(f"{script.channel.name} may not be read", "ask for permission")
            readings.append(Reading(index, now, script.shown(now)))
        return readings

    def truth_uj(self, t0_ns: int, t1_ns: int, channel: int = 0) -> int:
        """True energy of a channel between two instants, in microjoules; parts add up exactly."""
        script = self.scripts[channel]
        return script.true_uj(t1_ns) - script.true_uj(t0_ns)

    def close(self) -> None:
        """Remember that the sensor was closed."""
        self.closed = True


def play(
    sensor: FakeSensor, clock: VirtualClock, end_ns: int, next_ns: Callable[[], int] = lambda: SECOND // 10
) -> list[Reading]:
    """Read from now to `end_ns`, `next_ns()` apart; a call that raises gives no reading.

    Suspensions and pauses of the first script are jumped over as the machine would, wall clock steps are made.
    """
    silences = sensor.scripts[0].silences
    steps = sorted((fault.start_ns, fault.value) for fault in sensor.scripts[0].faults if fault.kind == "wall")
    asleep = {fault.start_ns for fault in sensor.scripts[0].faults if fault.kind == "suspended"}
    readings: list[Reading] = []
    while clock.now <= end_ns:
        while steps and steps[0][0] <= clock.now:
            clock.step_wall(steps.pop(0)[1])
        with suppress(SensorDenied, OSError):
            readings += sensor.read()
        clock.advance(max(1, next_ns()))
        while silences and silences[0][0] <= clock.now:
            start, end = silences.pop(0)
            if end > clock.now:
                (clock.suspend if start in asleep else clock.advance)(end - clock.now)
    return readings


def random_script(
    rng: Random, start_ns: int = 1_000 * SECOND, span_ns: int = 60 * SECOND, *, faulty: bool = True
) -> Script:
    """A script with up to three faults between `start_ns` and `start_ns + span_ns`.

    The gain is drawn from the interval that the channel declares (two-piece log-normal with `low` and `high`
    as its 5 % and 95 % points), so that intervals can be checked for coverage.
    """
    low_w = rng.uniform(1, 100)
    high_w = low_w * rng.uniform(1.05, 8)
    load = rng.choice(
        (
            lambda: Load.constant(high_w),
            lambda: Load.square(low_w, high_w, rng.choice((0.1, 0.5, rng.uniform(0.02, 20))), rng.uniform(0.1, 0.9)),
            lambda: Load.walk(rng, low_w, high_w, rng.choice((0.02, 0.25, 2.0))),
        )
    )()
    form = rng.choice((COUNTER, COUNTER, POWER))
    period = rng.choice((0, 1_000_000, 20_000_000, 100_000_000))
    wrap = 0 if form == POWER else rng.choice((0, 262_143_328_850, 65_532_610_987, rng.randrange(10**9, 10**11)))
    low, high = rng.choice(((1.0, 1.0), (0.95, 1.05), (0.9, 1.2)))
    z = rng.gauss(0, 1)
    channel = Channel(
        "fake-0",
        "fake-0",
        rng.choice(("cpu", "gpu", "dram")),
        form=form,
        wrap_uj=wrap,
        period_ns=rng.choice((0, period)),
        low=low,
        high=high,
        calibration="fake",
        source="script",
    )
    window = rng.choice((0, 25_000_000, 100_000_000)) if form == POWER else 0
    offset = rng.randrange(wrap) if wrap else rng.randrange(10**12)
    faults = _random_faults(rng, start_ns, span_ns) if faulty else ()
    gain = high ** (z / _Z95) if z >= 0 else low ** (-z / _Z95)
    return Script(load, channel, gain, period, period // rng.choice((4, 10**9)), window, offset, faults)


def _random_faults(rng: Random, start_ns: int, span_ns: int) -> tuple[Fault, ...]:
    faults = []
    for _ in range(rng.randrange(4)):
        begin = start_ns + rng.randrange(span_ns)
        end = begin + int(span_ns * rng.choice((0.002, 0.05, 0.5)) * rng.random()) + 1
        kind = rng.choice(FAULTS)
        value = rng.randrange(-3_600 * SECOND, 3_600 * SECOND) if kind == "wall" else rng.randrange(1, 10**8)
        faults.append(Fault(kind, begin, end, value))
    return tuple(sorted(faults, key=lambda fault: fault.start_ns))
