"""How right the joules are: error and interval of simulated windows whose true energy is known.

    python benchmarks/accuracy.py [--windows 60] [--seed 1]

The poller of joulebook reads fake instruments on a virtual clock, with its random instants, its bursts at the
edges of a window and its longer slots while nothing changes. Loads: 100/700 W in jittered steps of 250 ms with
60 % duty, a 20 s cycle, constant, a random walk, strictly periodic. Every instrument has a calibration error
drawn from the interval that its channel declares (0.98..1.02); the errors of the first table are without it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Sequence
from math import sqrt
from random import Random
from typing import Final, NamedTuple

from joulebook.meter.integrate import integrate
from joulebook.meter.poller import Poller
from joulebook.meter.timeline import Timeline
from joulebook.meter.window import energy
from joulebook.sensors.base import COUNTER, POWER, Channel
from joulebook.testing.fake import SECOND, FakeSensor, Load, Script, VirtualClock

MS: Final = 1_000_000
Z95: Final = 1.6448536269514722
LOW, HIGH = 0.98, 1.02
EDGE_APART_NS: Final = 900 * MS
"""Edges sooner after a burst than this are served by ordinary readings, as in the recorder."""
LENGTHS: Final = (0.2, 1.0, 10.0, 60.0)
PERIODS_S: Final = (0.033, 0.1, 0.17, 0.4)
ROUNDING_J: Final = 3e-6


class Instrument(NamedTuple):
    """How a fake device shows its energy: a counter with its update period, or present power (0)."""

    name: str
    period_ns: int


INSTRUMENTS: Final = (
    Instrument("counter, 1 ms", MS),
    Instrument("counter, 20 ms", 20 * MS),
    Instrument("counter, 100 ms", 100 * MS),
    Instrument("power at 10 Hz", 0),
)


def steps(rng: Random) -> Load:
    segments = []
    for _ in range(100):
        cycle = int(250 * MS * rng.uniform(0.9, 1.1))
        segments += [(cycle * 6 // 10, 700_000_000), (cycle - cycle * 6 // 10, 100_000_000)]
    return Load(segments)


LOADS: Final[dict[str, Callable[[Random], Load]]] = {
    "steps": steps,
    "slow": lambda _: Load.square(100, 700, 20, 0.6),
    "constant": lambda _: Load.constant(400),
    "walk": lambda rng: Load.walk(rng, 100, 700, 0.25),
    "periodic": lambda rng: Load.square(100, 700, rng.choice(PERIODS_S), 0.6),
}


class Trial(NamedTuple):
    """One window: true energy, value, and bounds in J; `read_j` would be right if calibration were."""

    truth_j: float
    read_j: float
    value_j: float
    low_j: float
    high_j: float

    @property
    def covered(self) -> bool:
        """Whether the interval holds the truth, to within the resolution of the instrument."""
        return self.low_j - ROUNDING_J <= self.truth_j <= self.high_j + ROUNDING_J

    @property
    def error(self) -> float:
        """Relative error of reading and integration, calibration apart."""
        return self.read_j / self.truth_j - 1


def script(instrument: Instrument, load: Load, rng: Random) -> Script:
    z = rng.gauss(0, 1)
    gain = HIGH ** (z / Z95) if z >= 0 else LOW ** (-z / Z95)
    channel = Channel(
        "energy",
        "gpu-0",
        "gpu",
        form=COUNTER if instrument.period_ns else POWER,
        period_ns=instrument.period_ns if instrument.period_ns == MS else 0,
        low=LOW,
        high=HIGH,
        calibration="gpu",
    )
    return Script(load, channel, gain, instrument.period_ns, instrument.period_ns // 50)


def record(given: Script, edges: Sequence[int], clock: VirtualClock, end_ns: int, rng: Random) -> Timeline:
    """What the recorder would keep: the poller from now to `end_ns`, woken at the edges."""
    poller = Poller([("fake", FakeSensor(given, clock))], clock=clock, uniform=rng.random)

    def wait(seconds: float) -> bool:
        clock.advance(int(seconds * SECOND) + rng.randrange(50_000, 250_000))
        return False

    poller.burst(wait, moves=2)
    burst_ns, waiting, instant = clock(), list(edges), poller.next_instant()
    while True:
        following = min([instant, *waiting[:1]])
        if following >= end_ns:
            break
        clock.now = max(clock.now, following)
        if waiting and waiting[0] <= clock.now:
            edge = waiting.pop(0)
            if edge - burst_ns >= EDGE_APART_NS or edge == edges[0]:
                burst_ns = edge
                clock.advance(rng.randrange(50_000, 250_000))
                poller.disturbed()
                poller.burst(wait)
        else:
            poller.read()
            poller.adapt()
        if clock.now >= instant:
            instant = poller.next_instant()
    clock.now = max(clock.now, end_ns)
    poller.read()
    return Timeline([integrate(given.channel, zip(*poller.columns[0], strict=True))])


def trial(instrument: Instrument, load: Load, length_s: float, rng: Random, *, whole_run: bool = False) -> Trial:
    """One window of a recording; of a whole run nothing waits for the counter at the end."""
    given, clock = script(instrument, load, rng), VirtualClock(rng.randrange(1_000 * SECOND, 1_100 * SECOND))
    length = int(length_s * SECOND)
    start = clock.now if whole_run else clock.now + rng.randrange(SECOND // 2, 3 * SECOND // 2)
    end = start + length
    edges = [] if whole_run else [start, end]
    line = record(given, edges, clock, end if whole_run else end + rng.randrange(SECOND // 5, SECOND), rng)
    if whole_run:
        start, end = line.start_ns, line.end_ns
    window = energy(line, [(start, end)])
    truth = (given.true_uj(end) - given.true_uj(start)) / 1e6
    amount = window.amount
    return Trial(truth, window.energy_uj * given.gain / 1e6, amount.value, amount.low, amount.high)


def trials(
    instrument: Instrument, length_s: float, count: int, seed: object, *, whole_run: bool = False
) -> list[Trial]:
    """`count` windows of each load."""
    found = []
    for name, make in LOADS.items():
        rng = Random(f"{seed} {instrument.name} {length_s} {name} {whole_run}")
        found += [trial(instrument, make(rng), length_s, rng, whole_run=whole_run) for _ in range(count)]
    return found


def rms(found: Iterable[Trial]) -> float:
    errors = [one.error for one in found]
    return sqrt(sum(error * error for error in errors) / len(errors))


def coverage(found: Sequence[Trial]) -> float:
    return sum(one.covered for one in found) / len(found)


def width_ratio(found: Sequence[Trial]) -> float:
    """Mean width of the intervals over the 5-95 % spread of the errors that were made."""
    errors = sorted(one.value_j - one.truth_j for one in found)
    spread = errors[int(0.95 * len(errors))] - errors[int(0.05 * len(errors))]
    return sum(one.high_j - one.low_j for one in found) / len(found) / spread


def periodic(period_s: float, length_s: float, count: int, seed: object) -> list[Trial]:
    """Windows of polled power on a load that repeats exactly."""
    rng = Random(f"{seed} periodic {period_s} {length_s}")
    load = Load.square(100, 700, period_s, 0.6)
    return [trial(INSTRUMENTS[-1], load, length_s, rng) for _ in range(count)]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--windows", type=int, default=40, help="windows per instrument, length and load")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.perf_counter()
    strata = {
        (instrument, length): trials(instrument, length, options.windows, options.seed)
        for instrument in INSTRUMENTS
        for length in LENGTHS
    }
    runs = {
        instrument: trials(instrument, 1.0, options.windows, options.seed, whole_run=True) for instrument in INSTRUMENTS
    }
    lengths = [f"{length:g} s" for length in LENGTHS]
    print("Relative rms error of reading and integration, without the error of calibration (%)\n")
    rows = [
        [
            name,
            *(f"{100 * rms(strata[(name, period), length]):.2f}" for length in LENGTHS),
            f"{100 * rms(runs[name, period]):.2f}",
        ]
        for name, period in INSTRUMENTS
    ]
    print(table(["instrument", *lengths, "whole run of 1 s"], rows))
    print("Windows whose 90 % interval holds the truth (%), and mean width over the 5-95 % spread of the errors\n")
    rows = []
    for instrument in INSTRUMENTS:
        cells = [strata[instrument, length] for length in LENGTHS] + [runs[instrument]]
        rows.append([instrument.name, *(f"{100 * coverage(cell):.1f} ({width_ratio(cell):.2f})" for cell in cells)])
    print(table(["instrument", *lengths, "whole run of 1 s"], rows))
    everything = [one for cell in (*strata.values(), *runs.values()) for one in cell]
    print(f"All {len(everything)} windows: {100 * coverage(everything):.1f} %\n")
    print("Polled power on a strictly periodic load: relative rms error (%)\n")
    count = max(4, options.windows // 2)
    rows = [
        [
            f"{1000 * period:g} ms",
            *(f"{100 * rms(periodic(period, length, count, options.seed)):.2f}" for length in (10, 60, 240)),
        ]
        for period in PERIODS_S
    ]
    print(table(["period", "10 s", "60 s", "240 s"], rows))
    print(f"{time.perf_counter() - began:.0f} s, seed {options.seed}")


if __name__ == "__main__":
    main()
