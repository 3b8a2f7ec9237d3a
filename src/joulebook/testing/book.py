"""Books of generated runs: many plain recordings of known energy, for tests and benchmarks of what looks back.

The journals are written at once, framed as a recorder frames them; nothing is measured and no time passes.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from joulebook.ledger.batch import Batch, Event, encode_batch
from joulebook.ledger.frame import frame, to_json
from joulebook.ledger.places import run_folder
from joulebook.sensors.base import COUNTER, POWER, Channel

SECOND: Final = 1_000_000_000
FIRST_WALL_NS: Final = 1_750_000_000 * SECOND
"""When the first generated run began: 15 June 2025, 15:06:40 UTC."""
_NAMES: Final = ("train", "finetune", "evaluate", "sweep", "export", "digits", "bert-ft", "resnet")
_REGIONS: Final = ("FR", "DE", "US-CA", "PL", "")
_STATUSES: Final = ("finished",) * 7 + ("failed", "stopped", "")
CHANNELS: Final = (
    Channel("package-0", "cpu-0", "cpu", COUNTER, period_ns=1_000_000, method="RAPL energy counter", limit_w=2_000.0),
    Channel("ram", "ram", "ram", POWER, basis="assumed", method="model", low=0.5, high=2.0, calibration="ram_model"),
)


class Generated(NamedTuple):
    """One generated run and what is true of it."""

    id: str
    folder: Path
    name: str
    status: str
    """As its end record says; "" where it has none."""
    region: str
    start_ns: int
    """UTC."""
    duration_ns: int
    package_uj: int
    """What the counter of its processor gained between the first and the last reading."""


def generate_runs(
    home: str | os.PathLike[str], count: int, *, seed: int = 0, interval_ns: int = SECOND
) -> list[Generated]:
    """Write `count` runs of 2 to 60 s into a book; the same seed writes the same ones. Each is a few kB."""
    random = Random(seed)  # noqa: S311 - tests, not secrets
    wall, boot = FIRST_WALL_NS, 10**12
    found = []
    for _ in range(count):
        run = generate_run(home, random, (wall, boot), interval_ns=interval_ns)
        found.append(run)
        pause = run.duration_ns + int(random.expovariate(1 / 30) * SECOND) + SECOND
        wall, boot = wall + pause, boot + pause
    return found


def generate_run(
    home: str | os.PathLike[str], random: Random, start: tuple[int, int], *, interval_ns: int = SECOND
) -> Generated:
    """Write one run that starts at these UTC and boot times."""
    wall, boot = start
    readings = max(2, int(2 * 30 ** random.random() * SECOND / interval_ns))
    name = f"{random.choice(_NAMES)}-{random.randrange(40)}"
    status, region = random.choice(_STATUSES), random.choice(_REGIONS)
    run = f"{random.getrandbits(48):012x}"
    times = [boot + at * interval_ns + random.randrange(1_000_000) for at in range(readings)]
    watts, uj, counter = random.uniform(20, 300), random.randrange(1 << 37), list[object]()
    for _ in times:
        counter.append(uj)
        uj += int(watts * random.uniform(0.8, 1.2) * interval_ns / 1_000)
    folder = Path(run_folder(home, wall, run))
    head = {
        "format": 1,
        "run": run,
        "recorder": f"{1 + random.randrange(1 << 22)}-{random.getrandbits(32):08x}",
        "name": name,
        "boot_id": "generated",
        "wall_ns": wall,
        "boot_ns": boot,
        "pid": 0,
        "parent": "",
        "span": "",
        "argv": ["python", "train.py", "--lr", f"{random.random():.3f}"],
        "host": "generated",
        "edition": "",
        "region": region,
        "share": "machine",
        "interval_s": interval_ns / SECOND,
        "labels": {"project": random.choice(("vision", "text"))},
        "config": {"lr": round(random.random(), 4), "epochs": random.randrange(1, 50)},
        "channels": [channel._asdict() for channel in CHANNELS],
        "sensors": [],
    }
    events: list[Event] = []
    for at in range(0, readings - 1, 5):
        events += [
            (times[at] + 10, "+", [at + 1, 0, "step"]),
            (times[at] + 20, "l", {"loss": 1 / (at + 1), "step": at}),
        ]
        events.append((times[min(at + 4, readings - 1)], "-", at + 1))
    power: list[object] = [int(5e6 * random.uniform(0.99, 1.01)) for _ in times]
    ram = ([t + 400 for t in times], power)
    used = int(str(counter[-1])) - int(str(counter[0]))
    batch = Batch(times[-1] + 1_000, {0: (times, counter), 1: ram}, {0: used}, events)
    records: list[dict[str, object]] = [{"n": 0, "head": head}, {"n": 1, **encode_batch(*batch)}]
    if status:
        end = {"t": times[-1] + 2_000, "status": status, "exit": 0 if status == "finished" else 1, "reason": ""}
        records.append({"n": 2, "end": end})
    folder.mkdir(parents=True)
    text = b"".join(frame(to_json(record)) for record in records)
    (folder / f"{head['recorder']}.000.jsonl").write_bytes(text)
    return Generated(run, folder, name, status, region, wall, times[-1] - times[0], used)
