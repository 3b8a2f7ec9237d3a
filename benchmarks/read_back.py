"""What a recording costs on disk, and what reading it back costs: journals of an hour and of a day.

    python benchmarks/read_back.py [--hours 1 24] [--rounds 3]

Three counters at 10 Hz, written by the poller and the journal themselves on a virtual clock; with and without one
stage and one logged metric each second. The floor is reading the same file and parsing each line's JSON.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from ast import literal_eval
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from subprocess import run as run_process
from typing import Any, NamedTuple

from stopwatch import about, environment, scratch, spend, table, verdict

from joulebook.ledger.batch import encode_batch
from joulebook.ledger.disk import Disk
from joulebook.ledger.journal import Journal
from joulebook.ledger.places import run_folder
from joulebook.meter.poller import Poller
from joulebook.meter.recorder import READING_AGE_NS
from joulebook.sensors.base import Channel, Reading

BYTES, MB_PER_HOUR, OPEN_S = 25, 1.0, 0.3
COUNTERS = 3
PROBE = str(Path(__file__).with_name("probes") / "read_back.py")
SECOND = 1_000_000_000
BOOT_NS = 10**15


class Immediate(Disk):
    """A disk that makes everything durable at once: only bytes are of interest here."""

    def fdatasync(self, descriptor: int) -> None:
        """Do nothing."""


class Counters:
    """Three counters of a machine whose power wanders."""

    channels = tuple(
        Channel(f"package-{at}", f"cpu-{at}", "cpu", wrap_uj=262_143_328_850, period_ns=1_000_000, limit_w=2_000)
        for at in range(COUNTERS)
    )

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._random = random.Random(11).random
        self._then = clock()
        self._uj = [10**9 * (1 + at) for at in range(COUNTERS)]

    def read(self) -> Sequence[Reading]:
        """Each counter has gained 40 to 160 W since the last reading."""
        now = self._clock()
        dt, self._then = now - self._then, now
        for at in range(COUNTERS):
            self._uj[at] += int((40 + 120 * self._random()) * dt / 1000)
        return [Reading(at, now + 400 * at, uj % 262_143_328_850) for at, uj in enumerate(self._uj)]


class Written(NamedTuple):
    """One generated journal."""

    run: str
    home: Path
    readings: int
    size: int
    seconds: float


def write(home: Path, hours: float, *, stages: bool) -> Written:
    """Record that many hours on a virtual clock."""
    now = BOOT_NS
    run, wall = f"{int(hours * 100):012x}", time.time_ns() - int(hours * 3600 * SECOND)
    poller = Poller([("rapl", Counters(lambda: now))], clock=lambda: now, uniform=random.Random(13).random)
    channels = [channel._asdict() for channel in poller.channels]
    head = {"run": run, "name": "read back", "boot_id": "b", "wall_ns": wall, "boot_ns": now, "channels": channels}
    head |= {"edition": "", "region": "FR", "share": "machine", "interval_s": 0.1, "sensors": []}
    journal = Journal(run_folder(home, wall, run), head, disk=Immediate(), clock=lambda: now)
    began, end, flushed = time.process_time(), BOOT_NS + int(hours * 3600 * SECOND), BOOT_NS
    events: list[tuple[int, str, object]] = []
    sid, readings = 0, 0
    while now < end:
        poller.read()
        if stages and now >= BOOT_NS + (sid + 1) * SECOND:
            sid += 1
            events += [
                (now - 3, "+", (sid, 0, "step")),
                (now - 2, "l", {"loss": 1 / sid, "step": sid}),
                (now, "-", sid),
            ]
        if now - flushed >= READING_AGE_NS:
            columns = poller.drain()
            readings += sum(len(column[0]) for column in columns.values())
            totals = {at: one.uj for at, one in enumerate(poller.integrators)}
            journal.append(encode_batch(now, columns, totals, events))
            events, flushed = [], now
        now = poller.next_instant()
    now = end
    journal.close({"t": now, "status": "finished", "exit": 0, "reason": ""})
    size = sum(path.stat().st_size for path in home.rglob("*.jsonl"))
    return Written(run, home, readings, size, time.process_time() - began)


def read(written: Written, env: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, PROBE, str(written.home), written.run]
    ended = run_process(command, env=env, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(f"reading back failed:\n{ended.stderr}")
    figures: dict[str, Any] = literal_eval(ended.stdout.splitlines()[-1])
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, nargs="+", default=[1, 24], help="lengths of the runs (1 24)")
    parser.add_argument("--rounds", type=int, default=3, help="times that each is read (3)")
    arguments = parser.parse_args()
    about("# What a recording costs on disk and to read back")
    on_disk: list[tuple[object, ...]] = []
    back: list[tuple[object, ...]] = []
    for hours in arguments.hours:
        for stages in (False, True):
            with scratch() as folder:
                what = f"{hours:g} h{', a stage and a metric each second' if stages else ''}"
                written = write(folder / "book", hours, stages=stages)
                per_reading = written.size / written.readings
                hourly = written.size / hours / COUNTERS / 1e6
                judged = (verdict(per_reading, BYTES), verdict(hourly, MB_PER_HOUR)) if not stages else ("", "")
                size = f"{written.size / 1e6:.1f}"
                cells = (f"{written.readings:,}", size, f"{per_reading:.1f}", judged[0], f"{hourly:.2f}", judged[1])
                on_disk.append((what, *cells, f"{written.seconds * 1e6 / written.readings:.1f}"))
                env = environment(folder)
                show = [str(Path(sys.executable).with_name("joulebook")), "show", "last"]
                arms = {
                    "read": lambda written=written, env=env: read(written, env),
                    "show": lambda show=show, env=env: spend(show, env).wall_ms / 1e3,
                }
                rounds = [{name: arm() for name, arm in arms.items()} for _ in range(arguments.rounds)]
                back.append((what, *_read_cells({name: [one[name] for one in rounds] for name in arms})))
    table(
        f"On disk: {COUNTERS} counters at 10 Hz",
        (
            "run",
            "readings",
            "MB",
            "bytes per reading",
            f"<= {BYTES}",
            "MB per hour and counter",
            f"<= {MB_PER_HOUR:g}",
            "CPU us per reading to write",
        ),
        on_disk,
    )
    table(
        f"Read back: CPU seconds, median of {arguments.rounds}",
        (
            "run",
            "floor",
            "read",
            "ratio",
            "integrate, share, price",
            "opened again, wall s",
            f"<= {OPEN_S:g}",
            "`joulebook show` again, wall s",
            "peak MiB",
            "kWh",
        ),
        back,
    )


def _read_cells(found: dict[str, list[Any]]) -> list[str]:
    middle = {key: median(one[key] for one in found["read"]) for key in found["read"][0]}
    return [
        f"{middle['floor']:.2f}",
        f"{middle['read']:.2f}",
        f"{middle['read'] / middle['floor']:.2f}",
        f"{middle['state']:.2f}",
        f"{middle['again']:.3f}",
        verdict(middle["again"], OPEN_S),
        f"{median(found['show']):.2f}",
        f"{middle['peak_mib']:.0f}",
        f"{middle['kwh']:.6g}",
    ]


if __name__ == "__main__":
    main()
