"""What an estimate costs: with its ranges and what causes them, after the import; the command; the page.

    python benchmarks/estimate.py [--repeat 10]

Bars are on the CPU time of an estimate and on the wall time of the command, which a person waits for: on a busy machine
the latter is an upper bound.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from stopwatch import about, by_turns, environment, scratch, spend, spread, table, verdict

import joulebook as jb
from joulebook.account.terms import Statement
from joulebook.report.estimate_page.build import page

ESTIMATE_MS, COMMAND_MS = 100, 500
ASKED: dict[str, tuple[Callable[[], Statement], str]] = {
    "a training by hours and power": (
        lambda: jb.estimate.training(device="H100", count=8, hours="80..120", device_power="400..600", region="FR"),
        "train --device H100 --count 8 --hours 80..120 --device-power 400..600 --region FR",
    ),
    "a training by size": (
        lambda: jb.estimate.training(params="65B", tokens="1.4T", device="A100-SXM4-80GB", count=2048, region="US-VA"),
        "train --params 65B --tokens 1.4T --device A100-SXM4-80GB --count 2048 --region US-VA",
    ),
    "adapters, beside three other ways": (
        lambda: jb.estimate.training(from_base="8B", lora=True, tokens="1B", device="H100", count=8, region="FR"),
        "train --from-base 8B --lora --tokens 1B --device H100 --count 8 --region FR",
    ),
    "a request to a language model": (
        lambda: jb.estimate.serving(params="8B", device="H100", batch=32, tokens_in=500, tokens_out=250, region="FR"),
        "serve --params 8B --device H100 --batch 32 --tokens-in 500 --tokens-out 250 --region FR",
    ),
    "a picture": (
        lambda: jb.estimate.serving(model="FLUX.1-dev", kind="image", device="H100", region="FR"),
        "serve --kind image --model FLUX.1-dev --device H100 --region FR",
    ),
    "a search, by three methods": (
        lambda: jb.estimate.search(device="H100", hours=10, device_power=550, space={"lr": 5, "batch": 3}),
        "search --device H100 --hours 10 --device-power 550 --space lr=5 --space batch=3",
    ),
}


def spent(make: Callable[[], object], repeat: int) -> tuple[list[float], list[float]]:
    """CPU and wall milliseconds of each of so many calls, and of the JSON that they make."""
    cpu, wall = [], []
    for _ in range(repeat + 1):
        cpu_began, began = time.process_time(), time.perf_counter()
        made = make()
        if isinstance(made, Statement):
            made.as_dict()
        cpu.append((time.process_time() - cpu_began) * 1e3)
        wall.append((time.perf_counter() - began) * 1e3)
    return cpu[1:], wall[1:]  # the first opens the catalogue


def in_process(repeat: int) -> None:
    rows = []
    for name, (make, _) in ASKED.items():
        cpu, wall = spent(make, repeat)
        rows.append((name, spread(cpu), spread(wall), ESTIMATE_MS, verdict(median(cpu), ESTIMATE_MS)))
    table(
        f"An estimate with ranges, causes and JSON, after the import, ms: median (10..90 %) of {repeat}",
        ("what", "CPU", "wall", "bar (CPU)", ""),
        rows,
    )
    rows = []
    for name, (make, _) in ASKED.items():
        statement = make()
        cpu, wall = spent(lambda statement=statement: page(statement), max(repeat // 3, 1))
        rows.append((name, spread(cpu), spread(wall), f"{len(page(statement).encode()) / 1e3:.0f}"))
    table("Its page", ("what", "CPU, ms", "wall, ms", "kB"), rows)


def commands(repeat: int, folder: Path) -> None:
    command, env = str(Path(sys.executable).with_name("joulebook")), environment(folder)
    arms = {
        f"{name}{shown}": [command, "estimate", *words.split(), *shown.split()]
        for name, (_, words) in ASKED.items()
        for shown in (" --json", "")
    }

    def once(argv: list[str]) -> tuple[float, float]:
        used = spend(argv, env)
        if used.code:
            sys.exit(f"exit code {used.code} of: {' '.join(argv)}")
        return used.cpu_ms, used.wall_ms

    found = by_turns({name: lambda argv=argv: once(argv) for name, argv in arms.items()}, repeat)
    rows = []
    for name, measured in found.items():
        cpu, wall = ([one[at] for one in measured] for at in (0, 1))
        rows.append((name, spread(cpu), spread(wall), COMMAND_MS, verdict(median(wall), COMMAND_MS)))
    table(
        f"`joulebook estimate`, ms: median (10..90 %) of {repeat} rounds",
        ("what", "CPU", "wall", "bar (wall)", ""),
        rows,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=10, help="rounds (10)")
    arguments = parser.parse_args()
    about("# What an estimate costs")
    in_process(arguments.repeat)
    with scratch() as folder:
        commands(arguments.repeat, folder)


if __name__ == "__main__":
    main()
