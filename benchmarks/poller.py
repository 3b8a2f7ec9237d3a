"""What the poller costs: CPU of a process that only sleeps beside it, against a bare loop that reads the same files.

    python benchmarks/poller.py [--seconds 20] [--rounds 5] [--codecarbon PYTHON]

The counters are a powercap tree in memory that this process keeps moving every millisecond, as RAPL does: with
power that changes all the time (so that the poller stays at its set rate), or steady (so that it may slow down).
A real counter adds the kernel's reading of a model-specific register to each read, here and in the bare loop.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
from ast import literal_eval
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from subprocess import run as run_process
from typing import NamedTuple

from stopwatch import about, by_turns, environment, scratch, spread, table, verdict

from joulebook.ledger.recording import read_recordings
from joulebook.sensors.base import boottime_ns
from joulebook.testing.powercap import TWO_SOCKETS, PowercapTree, write_powercap_tree

RATIO, SHARE, QUIET_SHARE = 1.5, 0.15, 0.02
PROBE = str(Path(__file__).with_name("probes") / "sampling.py")
_names = count()


class Slice(NamedTuple):
    """CPU ms per second of wall time, and readings of one counter per second (0: not known)."""

    cpu_ms: float
    rate: float


@contextmanager
def moving(tree: PowercapTree, *, steady: bool) -> Iterator[None]:
    """Keep the counters moving with real time: at constant power, or at another power every 50 ms."""
    ended, uniform = threading.Event(), random.Random(7).uniform

    def serve() -> None:
        before, level = boottime_ns(), 1.0
        for turn in count():
            if ended.wait(0.001):
                return
            now = boottime_ns()
            if not steady and turn % 50 == 0:
                level = uniform(0.2, 2.0)
            tree.advance((now - before) / 1e9 * level)
            before = now

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def slice_of(kind: str, python: str, folder: Path, root: Path, seconds: float) -> Slice:
    place = folder / f"{kind}-{next(_names)}"
    place.mkdir()
    env = environment(place, JOULEBOOK_SENSORS="rapl", JOULEBOOK_POWERCAP_ROOT=str(root))
    command = [python, PROBE, kind, str(seconds), str(place), str(root)]
    ended = run_process(command, env=env, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(f"{kind}: {ended.stderr}")
    cpu, wall = literal_eval(ended.stdout.splitlines()[-1])
    return Slice(cpu * 1e3 / wall, _rate(place) if kind == "recorder" else 0.0)


def _rate(place: Path) -> float:
    """Readings per second in the last third of the journal."""
    [folder] = (place / "book" / "runs").iterdir()
    times = read_recordings(folder)[0].t[0]
    late = times[2 * len(times) // 3 :]
    return (len(late) - 1) * 1e9 / (late[-1] - late[0]) if len(late) > 1 else 0.0


def compare(title: str, tree: PowercapTree, folder: Path, arguments: argparse.Namespace, *, steady: bool) -> None:
    def arm(kind: str, python: str = sys.executable) -> Callable[[], Slice]:
        return lambda: slice_of(kind, python, folder, tree.root, arguments.seconds)

    arms = {"bare": arm("bare"), "recorder": arm("recorder")}
    if arguments.codecarbon and not steady:
        arms["codecarbon"] = arm("codecarbon", arguments.codecarbon)
    with moving(tree, steady=steady):
        found = by_turns(arms, arguments.rounds, warm_up=0)
    words = {"bare": "bare loop at 10 Hz", "recorder": "joulebook", "codecarbon": "CodeCarbon at 1 Hz, its own sources"}
    rows: list[tuple[object, ...]] = []
    base = [one.cpu_ms for one in found["bare"]]
    for name, slices in found.items():
        used = [one.cpu_ms for one in slices]
        share = median(used) / 10
        bar: tuple[object, ...] = ("", "")
        ratio = median(mine / other for mine, other in zip(used, base, strict=True))
        if name == "recorder":
            limit = QUIET_SHARE if steady else SHARE
            bar = (verdict(ratio, RATIO) if not steady else "", f"<= {limit} % {verdict(share, limit)}")
        rate = f"{median(one.rate for one in slices):.1f}" if name == "recorder" else ""
        rows.append((words[name], rate, spread(used, 2), f"{share:.3f} %", f"{ratio:.2f}", *bar))
    table(
        f"{title}: {arguments.rounds} slices of {arguments.seconds:g} s each, by turns; median (10..90 %)",
        ("what", "readings/s", "CPU ms per s", "of a core", "ratio", f"<= {RATIO}", "bar of the share"),
        rows,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="length of one slice (20)")
    parser.add_argument("--rounds", type=int, default=5, help="slices of each kind (5)")
    parser.add_argument("--codecarbon", metavar="PYTHON", help="Python of an environment with codecarbon")
    arguments = parser.parse_args()
    about("# What the poller costs")
    zones = (TWO_SOCKETS[0], TWO_SOCKETS[2], TWO_SOCKETS[3])
    with scratch() as folder, write_powercap_tree(folder / "powercap", zones) as tree:
        compare("Three counters, changing power (set rate, 10 Hz)", tree, folder, arguments, steady=False)
        compare("Three counters, steady power (adaptive rate)", tree, folder, arguments, steady=True)


if __name__ == "__main__":
    main()
