"""Record small real trainings for `forecast.py`: the time and the energy of each step, and the watched metric.

    python benchmarks/record_trainings.py [--each 4] [--only NAME] [--to FILE]

Each training runs in a process of its own, metered by joulebook, one core, nice 10; the file is extended line by
line, so that it can be interrupted and called again. Trainings with PyTorch are left out where it is missing.
A line of the file is JSON: what was announced, `us` and mean `mw` of each step, `own_us` without the time in which the
thread was ready and waited for a core (Linux schedstat), and what the steps told (trainings/).
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
from trainings import RECORDINGS, Training, recordings

import joulebook as jb
from joulebook.sensors.base import boottime_ns

ENVIRONMENT = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def trainings(*files: str) -> dict[str, tuple[str, str, Training]]:
    """The trainings of these files of trainings/ by name, each with its file and class."""
    return {
        one.__name__: (file, kind, one)
        for file in files
        for kind, group in import_module(f"trainings.{file}").TRAININGS.items()
        for one in group
    }


def record(file: str, name: str, seed: int) -> dict[str, object]:
    """Run one training to its end."""
    _, kind, training = trainings(file)[name]
    course = training(Random(f"{name} {seed}"))
    plan = next(course)
    load = os.getloadavg()[0]
    told: list[object] = []
    stamps, waits = [], []
    waiting = Path("/proc/thread-self/schedstat")
    with waiting.open("rb", buffering=0) as schedstat, tempfile.TemporaryDirectory() as book:
        os.environ["JOULEBOOK_HOME"] = book
        with jb.track(name) as run:
            stamps.append(boottime_ns())
            waits.append(_waited(schedstat.fileno()))
            for value in course:
                stamps.append(boottime_ns())
                waits.append(_waited(schedstat.fileno()))
                told.append(value)
            time.sleep(0.5)  # until the sensors have been read once more
            trail = list(run._recorder.trail)  # noqa: SLF001 - what the forecast of a running loop sees
    joules = np.interp(stamps, *zip(*trail, strict=True))
    ours = [stamp - wait for stamp, wait in zip(stamps, waits, strict=True)]
    seconds = [(b - a) / 1e9 for a, b in pairwise(stamps)]
    watts = [(b - a) / one for (a, b), one in zip(pairwise(joules), seconds, strict=True)]
    return {
        "name": name, "class": kind, "seed": seed, **plan._asdict(), "load": round(load, 1),
        "us": [_short(one * 1e6, 4) for one in seconds],
        "mw": [_short(one * 1e3, 3) for one in watts],
        "own_us": [_short(max(0, b - a) / 1e3, 4) for a, b in pairwise(ours)],
        "told": [_short(one, 4) if isinstance(one, float) else one for one in told] if any(told) else [],
    }  # fmt: skip


def _waited(schedstat: int) -> int:
    """Nanoseconds that this thread has been ready and waited for a core."""
    return int(os.pread(schedstat, 80, 0).split()[1])


def _short(value: float, digits: int) -> float | int:
    """Rounded: more digits are not worth their bytes."""
    found = float(f"{value:.{digits}g}")
    return int(found) if found.is_integer() else found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=4, help="how many of each training")
    parser.add_argument("--only", help="this training")
    parser.add_argument("--seed", type=int, help="record this one here and print it: --only FILE:NAME")
    parser.add_argument("--to", type=Path, default=RECORDINGS)
    options = parser.parse_args()
    if options.seed is not None:
        print(json.dumps(record(*options.only.split(":"), options.seed), separators=(",", ":")))
        return 0
    have = {(one["name"], one["seed"]) for one in recordings(options.to)}
    for seed in range(options.each):
        for name, (file, _, _) in trainings("classic", *(["deep"] if find_spec("torch") else [])).items():
            if (name, seed) in have or options.only not in (None, name):
                continue
            began = time.monotonic()
            line = subprocess.run(
                ["nice", "-n", "10", sys.executable, __file__, "--only", f"{file}:{name}", "--seed", str(seed)],
                env=os.environ | ENVIRONMENT, stdout=subprocess.PIPE, check=True, timeout=600,
            ).stdout  # fmt: skip
            write(options.to, line)
            print(f"{name} {seed}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return 0


def write(path: Path, line: bytes) -> None:
    """The file with one line more; the same lines make the same file."""
    before = gzip.decompress(path.read_bytes()) if path.exists() else b""
    path.write_bytes(gzip.compress(before + line, 9, mtime=0))


if __name__ == "__main__":
    sys.exit(main())
