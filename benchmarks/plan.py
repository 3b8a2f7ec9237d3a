"""What a plan of 10,000 options costs after its import, by what it ranges over.

    python benchmarks/plan.py [--repeat 5]

Each has three budgets, ranges, joint probabilities and sentences, like any plan. Beside it are as many statements made
one by one, told from fifty of them. The bar is on CPU time: on a busy machine the wall time is an upper bound.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from statistics import median
from typing import Any

from stopwatch import about, by_turns, spread, table, verdict

from joulebook.facts.catalog import Catalog
from joulebook.plan import Plan, choose, columns

BAR_S = 2.0
ALONE = 50
DEVICES = (
    *("H100", "H200", "A100", "V100", "B200", "GH200", "H800", "A800", "L40S", "A10G"),
    *("T4", "L4", "MI300X", "MI250X", "TPU v3", "TPU v4", "TPU v5e", "TPU v5p", "H100-PCIE", "A100-PCIE-40GB"),
)
SIZE = {"params": 7e9, "tokens": 1e12}
BUDGETS = ["1 t", "500000 USD", "3 days"]


def shapes(catalog: Catalog) -> dict[str, Mapping[str, Any]]:
    """What 10,000 options can be made of."""
    countries = [word.partition(".")[2].upper() for word in catalog.subjects("grid.") if len(word) == len("grid.fr")]
    sites = [f"gcp:{word.rpartition('.')[2]}" for word in catalog.subjects("site.gcp.")][:25]
    by_hours = {"hours": "100..140", "device_power": "400..600"}
    return {
        "20 devices x 10 counts x 50 countries, by size": SIZE
        | {"devices": DEVICES, "counts": ["8..4096"], "regions": countries[:50]},
        "20 devices x 10 counts x 50 countries, by hours and power": by_hours
        | {"devices": DEVICES, "counts": ["8..4096"], "regions": countries[:50]},
        "20 devices x 20 counts x 25 sites of a cloud, by size": SIZE
        | {"devices": DEVICES, "counts": range(64, 1344, 64), "regions": sites},
        "5 devices x 10 counts x 200 countries, by size": SIZE
        | {"devices": DEVICES[:5], "counts": ["8..4096"], "regions": countries[:200]},
    }


def spent(asked: Mapping[str, Any], catalog: Catalog) -> tuple[float, float, Plan]:
    """CPU and wall seconds, and the plan."""
    cpu, wall = time.process_time(), time.perf_counter()
    plan = choose(**asked, budgets=BUDGETS, catalog=catalog)
    return time.process_time() - cpu, time.perf_counter() - wall, plan


def alone(plan: Plan) -> float:
    """CPU seconds of as many statements as the plan has options, from some of them."""
    some = plan[:: max(len(plan) // ALONE, 1)][:ALONE]
    began = time.process_time()
    for option in some:
        _ = option.statement
    return (time.process_time() - began) / len(some) * len(plan)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args().repeat
    about(__doc__ or "")
    catalog = Catalog.open()
    assert columns  # NumPy is loaded: it is part of the import
    asked = shapes(catalog)
    found = by_turns({name: lambda one=one: spent(one, catalog) for name, one in asked.items()}, repeat)
    rows = []
    for name, runs in found.items():
        cpu, wall = [one[0] for one in runs], [one[1] for one in runs]
        count = len(runs[0][2])
        rows.append((name, count, spread(cpu), spread(wall), f"{alone(runs[0][2]):.0f}", verdict(median(cpu), BAR_S)))
    table(
        f"A plan after the import, s: median (10..90 %) of {repeat}",
        ("options", "number", "CPU", "wall", "one by one, CPU", f"bar {BAR_S:g} s (CPU)"),
        rows,
    )


if __name__ == "__main__":
    main()
