"""What the trained thread pays for a stage, a metric and a step of a loop: duration of each call, at fixed rates.

    python benchmarks/hot_path.py [--seconds 4] [--rounds 3]

Calls are paced by waiting busily and by sleeping. The empty loop reads the two clocks around nothing; it runs in
the same process, by turns with the calls, with the same thread of the recorder beside it. "Late" is how long after
its scheduled time a call had ended: there the recorder's hold on the interpreter shows, whatever it meets.
"""

from __future__ import annotations

import argparse
import errno
import os
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from contextvars import Context
from statistics import median
from typing import Any, NamedTuple

from stopwatch import about, by_turns, quantile, scratch, table, verdict

from joulebook.ledger.disk import Disk
from joulebook.ledger.journal import Journal
from joulebook.meter.opening import Opened
from joulebook.meter.poller import Poller
from joulebook.meter.recorder import Recorder
from joulebook.run import Run, start, track
from joulebook.sensors.base import boottime_ns
from joulebook.sensors.rapl import Rapl
from joulebook.testing.powercap import TWO_SOCKETS, write_powercap_tree

MEDIAN_US, TAIL_US = 3.0, 50.0
RATES = (1_000, 10_000)
PACES = ("busy", "sleep")


class FullDisk(Disk):
    """Takes the head of each segment and then is full."""

    def write(self, descriptor: int, data: bytes) -> int:
        """Refuse everything after the first write."""
        if os.fstat(descriptor).st_size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(descriptor, data)


class SlowDisk(Disk):
    """Needs two seconds to make anything durable."""

    def fdatasync(self, descriptor: int) -> None:
        """Sleep, then sync."""
        time.sleep(2)
        super().fdatasync(descriptor)


class Slice(NamedTuple):
    """Durations and lateness of the calls of one slice, in microseconds."""

    calls: list[float]
    late: list[float]


def pace(call: Callable[[int], object], rate: int, seconds: float, waiting: str) -> Slice:
    """Call at a fixed rate; a slot that was missed is called late, not left out."""
    clock = time.perf_counter_ns
    count, slot = int(rate * seconds), 1_000_000_000 // rate
    calls, late = [0] * count, [0] * count
    start = clock() + slot
    for at in range(count):
        due = start + at * slot
        if waiting == "sleep" and (left := due - clock()) > 0:
            time.sleep(left / 1e9)
        while clock() < due:
            pass
        began = clock()
        call(at)
        ended = clock()
        calls[at], late[at] = ended - began, ended - due
    return Slice([value / 1e3 for value in calls], [value / 1e3 for value in late])


def empty(_at: int) -> None:
    """What the other calls are compared with."""


def stage(run: Run) -> Callable[[int], None]:
    def call(_at: int) -> None:
        with run.stage("forward"):
            pass

    return call


def log(run: Run) -> Callable[[int], None]:
    def call(at: int) -> None:
        run.log(loss=0.125, step=at)

    return call


def step(run: Run) -> Callable[[int], None]:
    """A step of a loop over items that cost nothing."""
    steps = run.steps(range(10**9), progress=False)

    def call(_at: int) -> None:
        next(steps)

    return call


@contextmanager
def recording(folder: str, disk: Disk, powercap: str) -> Any:
    """A run on three counters whose journal stands on that disk."""
    poller = Poller([("rapl", Rapl(powercap))], clock=boottime_ns)
    head = {
        "run": "0" * 12,
        "boot_ns": boottime_ns(),
        "wall_ns": time.time_ns(),
        "channels": [channel._asdict() for channel in poller.channels],
    }
    journal = Journal(folder, head, disk=disk, sync_every_s=0.5)
    recorder = Recorder(journal, poller)
    run = Run("hot path", Opened("0" * 12, folder, folder, recorder, None, []))  # type: ignore[arg-type]
    recorder.start()
    try:
        yield run
    finally:
        run.stop()


def measure(run: Run, rate: int, waiting: str, arguments: argparse.Namespace) -> dict[str, Slice]:
    """Slices of every arm by turns, joined."""

    def arm(call: Callable[[int], object]) -> Callable[[], Slice]:
        return lambda: pace(call, rate, arguments.seconds, waiting)

    arms = {"empty loop": arm(empty), "stage enter + exit": arm(stage(run)), "log": arm(log(run))}
    found = by_turns(arms, arguments.rounds, warm_up=0)
    return {
        name: Slice([us for one in slices for us in one.calls], [us for one in slices for us in one.late])
        for name, slices in found.items()
    }


def measure_steps(rate: int, waiting: str, arguments: argparse.Namespace) -> dict[str, Slice]:
    """Steps of a run without and of one with a budget, by turns, each run in a context of its own."""
    plain, limited = (Context().run(start, "hot path", budget=budget) for budget in (None, "1 MWh, 9999 d"))
    calls = {"empty loop": empty, "step of run.steps": step(plain), "the same with a budget": step(limited)}
    arms = {name: (lambda call=call: pace(call, rate, arguments.seconds, waiting)) for name, call in calls.items()}
    found = by_turns(arms, arguments.rounds, warm_up=0)
    for run in (plain, limited):
        run.stop()
    return {
        name: Slice([us for one in slices for us in one.calls], [us for one in slices for us in one.late])
        for name, slices in found.items()
    }


def rows(where: str, rate: int, waiting: str, found: dict[str, Slice]) -> list[tuple[object, ...]]:
    base = found["empty loop"]
    result: list[tuple[object, ...]] = []
    for name, one in found.items():
        middle, tail = median(one.calls), quantile(one.calls, 0.999)
        more_tail = tail - quantile(base.calls, 0.999)
        compared = name != "empty loop"
        result.append(
            (
                where,
                f"{rate:,}/s, {waiting}",
                name,
                f"{middle:.2f}",
                verdict(middle, MEDIAN_US) if compared else "",
                f"{tail:.1f}",
                f"{more_tail:+.1f} {verdict(more_tail, TAIL_US)}" if compared else "",
                f"{max(one.calls):,.0f}",
                f"{quantile(one.late, 0.999):,.1f}",
            )
        )
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4, help="length of one slice (4)")
    parser.add_argument("--rounds", type=int, default=3, help="slices of each kind (3)")
    arguments = parser.parse_args()
    about("# What the trained thread pays for a call")
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        tree = stack.enter_context(write_powercap_tree(folder / "powercap", TWO_SOCKETS[:1] + TWO_SOCKETS[2:4]))
        stack.enter_context(tree.running(0.05))
        powercap = str(tree.root)
        os.environ.update(JOULEBOOK_HOME=str(folder / "book"), JOULEBOOK_POWERCAP_ROOT=powercap)
        cases: dict[str, Callable[[], Any]] = {
            "as installed": lambda: track("hot path"),
            "full disk": lambda: recording(str(folder / "full"), FullDisk(), powercap),
            "fdatasync of 2 s": lambda: recording(str(folder / "slow"), SlowDisk(), powercap),
        }
        found: list[tuple[object, ...]] = []
        for where, opened in cases.items():
            with opened() as run:
                for rate in RATES:
                    for waiting in PACES:
                        found += rows(where, rate, waiting, measure(run, rate, waiting, arguments))
            print(f"{where}: {'; '.join(run.degraded) or 'nothing degraded'}", flush=True)
        for waiting in PACES:
            found += rows("as installed", RATES[0], waiting, measure_steps(RATES[0], waiting, arguments))
    table(
        f"Microseconds of one call; {arguments.rounds} slices of {arguments.seconds:g} s each, by turns."
        f" Bars: median at most {MEDIAN_US:g} us, 99.9 % at most the empty loop's + {TAIL_US:g} us",
        ("journal", "pace", "call", "median", "", "99.9 %", "- empty", "longest", "late, 99.9 %"),
        found,
    )


if __name__ == "__main__":
    main()
