"""What pricing many runs costs, in groups that have the same facts and one by one.

    python benchmarks/pricing.py [--runs 100000] [--rounds 5]

The runs are generated: ten regions, three sites or none, three cards or none, days of eight years. One by one is
`state` with the same energy-priced rules and one device, on a sample, scaled to all runs; the floor is one
multiplication for each run and figure.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from statistics import median

from stopwatch import about, table, verdict

from joulebook.account.grouped import FIGURES, RULES, Activity, price
from joulebook.account.statement import state
from joulebook.account.terms import Context
from joulebook.entry import Entry
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Quantity

BAR_S = 1.0
SAMPLE = 200
REGIONS = ("FR", "DE", "US-CA", "GB", "PL", "SE", "IN", "CN", "US-VA", "JP")
SITES = ("", "gcp", "azure", "aws")
CARDS = ("", "accelerator.v100-family", "accelerator.a100-family", "accelerator.nvidia-h100-sxm5-80gb")


def generated(count: int, seed: int = 1) -> list[Activity]:
    """Runs of any place, time and size."""
    random_ = random.Random(seed)
    return [
        Activity(
            random_.choice(REGIONS),
            random_.choice(SITES),
            f"{random_.randint(2019, 2026)}-{random_.randint(1, 12):02}-{random_.randint(1, 28):02}",
            random_.choice(CARDS),
            random_.random() * 1e9,
            random_.random() * 100,
        )
        for _ in range(count)
    ]


def spent(do: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    do()
    return time.perf_counter() - wall, time.process_time() - cpu


def floor(runs: list[Activity]) -> None:
    """One multiplication for each run and figure."""
    for _ in FIGURES:
        [run.joules * 1.1 for run in runs]


def alone(runs: list[Activity], catalog: Catalog) -> None:
    """A statement for each run."""
    for run in runs:
        amount = Quantity.exact(run.joules, "J")
        entry = Entry("gpu", "a3f9", "", "gpu-0", 0, 10**9, amount, labels={"kind": "gpu"})
        state([entry], Context(catalog, run.day, region=run.region, site=run.site), RULES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100_000, help="how many (100000)")
    parser.add_argument("--rounds", type=int, default=5, help="times that they are priced (5)")
    arguments = parser.parse_args()
    about(f"# Pricing {arguments.runs:,} runs")
    runs, catalog = generated(arguments.runs), Catalog.open(own=False)
    sample = runs[:SAMPLE]
    rounds = [
        (
            spent(lambda: price(runs, Catalog.open(own=False))),
            spent(lambda: alone(sample, catalog)),
            spent(lambda: floor(runs)),
        )
        for _ in range(arguments.rounds)
    ]
    priced = price(runs, catalog)
    scale = len(runs) / len(sample)
    rows = []
    for at, (name, times) in enumerate((("in groups", 1.0), ("one by one", scale), ("floor", 1.0))):
        wall, cpu = (median(one[at][kind] for one in rounds) * times for kind in (0, 1))
        judged = verdict(cpu, BAR_S) if at == 0 else ""
        rows.append((name, f"{wall:.2f}", f"{cpu:.2f}", judged))
    table(
        f"{priced.groups} groups, {len(FIGURES)} figures of each run, and {len(FIGURES)} sums with their intervals",
        ("", "wall s", "CPU s", f"<= {BAR_S:g} s"),
        rows,
    )


if __name__ == "__main__":
    main()
