"""What the benchmarks share: CPU time of child processes, interleaved repetitions, Markdown tables.

CPU time comes from `os.wait4`, which adds up the child and everything it waited for. Two things are compared only
within one run, by turns, so that whatever else the machine does meets both alike.
"""

from __future__ import annotations

import math
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple, TypeVar

T = TypeVar("T")
CLEAN = ("JOULEBOOK_", "CODECARBON_", "XDG_", "PYTHON")
"""Variables with these beginnings are kept from the children, so that no setting of a person takes part."""


class Used(NamedTuple):
    """What a child process has used, in milliseconds, and how it ended."""

    cpu_ms: float
    wall_ms: float
    code: int


def environment(home: Path, **more: str) -> dict[str, str]:
    """This environment without settings, with `home` as home, book and temporary folder."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(CLEAN)}
    return {**kept, "HOME": str(home), "TMPDIR": str(home), "JOULEBOOK_HOME": str(home / "book"), **more}


def spend(argv: Sequence[str], env: Mapping[str, str]) -> Used:
    """Run a command with its output thrown away; what it and its descendants used."""
    null = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_RDWR, 0) for stream in (0, 1, 2)]
    began = time.perf_counter()
    pid = os.posix_spawnp(argv[0], list(argv), dict(env), file_actions=null)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    return Used((usage.ru_utime + usage.ru_stime) * 1e3, wall * 1e3, os.waitstatus_to_exitcode(status))


def by_turns(arms: Mapping[str, Callable[[], T]], repeat: int, warm_up: int = 1) -> dict[str, list[T]]:
    """What each arm returned in `repeat` rounds; every other round goes backwards."""
    results: dict[str, list[T]] = {name: [] for name in arms}
    for round_ in range(-warm_up, repeat):
        order = list(arms)
        for name in order if round_ % 2 == 0 else reversed(order):
            value = arms[name]()
            if round_ >= 0:
                results[name].append(value)
    return results


def cpu_by_turns(commands: Mapping[str, Sequence[str]], env: Mapping[str, str], repeat: int) -> dict[str, list[float]]:
    """CPU milliseconds of each command, in interleaved rounds; ends the benchmark when one of them fails."""

    def arm(name: str, argv: Sequence[str]) -> Callable[[], float]:
        def once() -> float:
            used = spend(argv, env)
            if used.code:
                sys.exit(f"{name}: exit code {used.code} of: {' '.join(argv)}")
            return used.cpu_ms

        return once

    arms = {name: arm(name, argv) for name, argv in commands.items()}
    return by_turns(arms, repeat)


def beyond(more: Sequence[float], less: Sequence[float]) -> float:
    """Median of the differences of the rounds."""
    return median(a - b for a, b in zip(more, less, strict=True))


def quantile(values: Iterable[float], part: float) -> float:
    """The smallest value with at least that part of all values at or below it."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Median and the range from the 10th to the 90th percentile."""
    low, high = quantile(values, 0.1), quantile(values, 0.9)
    return f"{median(values):.{digits}f} ({low:.{digits}f}..{high:.{digits}f})"


def verdict(measured: float, bar: float) -> str:
    """Whether a figure is within its bar."""
    return "met" if measured <= bar else "MISSED"


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a Markdown table."""
    print(f"\n**{title}**\n")
    print("| " + " | ".join(header) + " |")
    print("|" + " --- |" * len(header))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)


def about(text: str) -> None:
    """Print what is measured and on what machine."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{text}\n")
    print(
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.release()},"
        f" {os.cpu_count()} cores, load {load}. Ratios and differences within this run are what counts;"
        " on a busy machine absolute figures are upper bounds."
    )


@contextmanager
def scratch(*, memory: bool = True) -> Iterator[Path]:
    """A folder that goes away: in memory (tmpfs) where the system has one, so that no disk takes part."""
    shared = Path("/dev/shm")
    place = shared if memory and os.access(shared, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="joulebook-bench-", dir=place))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
