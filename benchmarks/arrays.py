"""Scenarios per second of `joulebook.account.arrays` on one core, with and without sampling.

    python benchmarks/arrays.py [--scenarios 4000000] [--sampled 10000] [--rounds 5]

Without sampling: hours, power, PUE, intensity and price of each scenario are arrays, the number of devices is one
number; energy, energy of the site, carbon and cost come back, and every input is checked. With sampling, power, PUE,
intensity and price are ranges of their own in each scenario: 1010 draws of four inputs, and four values with intervals.
The bar with sampling is read as one draw of all inputs. Plain NumPy is the same arithmetic on whole arrays without
checks; with sampling, normal deviates, `exp` and `percentile`, in pieces of the same size.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from stopwatch import about, by_turns, spread, table, verdict

from joulebook.account.arrays import ROWS, Ranges, Scenarios, account, sampled
from joulebook.draws import N_DRAWS

BARS = {"without sampling": 100, "with sampling": 20}
"""Millions per second on one core."""
UNCERTAIN = {"power_w": 1.2, "pue": 1.1, "intensity_g_per_kwh": 1.5, "price_per_kwh": 1.3}
"""Inputs that are ranges, and how far these go: a fifth of the value up and a sixth down for 1.2."""


def generated(count: int) -> dict[str, Any]:
    """Columns of inputs of usual size."""
    random_ = np.random.default_rng(1)
    ends = {
        "hours": (0.1, 100),
        "power_w": (50, 700),
        "pue": (1, 2),
        "intensity_g_per_kwh": (10, 900),
        "price_per_kwh": (0.05, 0.4),
    }
    return {name: random_.uniform(*between, count) for name, between in ends.items()}


def whole(known: dict[str, Any], devices: float) -> tuple[Any, ...]:
    """The formulas on whole arrays."""
    it_energy = devices * known["power_w"] * known["hours"] / 1000
    energy = it_energy * known["pue"]
    return it_energy, energy, energy * known["intensity_g_per_kwh"], energy * known["price_per_kwh"]


def drawn(known: dict[str, Any], devices: float, random_: np.random.Generator) -> list[Any]:
    """The same with log-normal draws, and three percentiles of each figure."""
    found = []
    for start in range(0, len(known["hours"]), ROWS):
        piece = {name: column[start : start + ROWS, None] for name, column in known.items()}
        for name, ratio in UNCERTAIN.items():
            scores = random_.standard_normal((len(piece[name]), N_DRAWS))
            piece[name] = piece[name] * np.exp(scores * (np.log(ratio) / 1.645))
        found.append([np.percentile(figure, (5, 50, 95), axis=-1) for figure in whole(piece, devices)])
    return found


def rate(count: int, do: Callable[[], object]) -> Callable[[], float]:
    """Millions of scenarios per second of CPU time."""

    def once() -> float:
        began = time.process_time()
        do()
        return count / (time.process_time() - began) / 1e6

    return once


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenarios", type=int, default=4_000_000, help="how many without sampling (4000000)")
    parser.add_argument("--sampled", type=int, default=10_000, help="how many with sampling (10000)")
    parser.add_argument("--rounds", type=int, default=5, help="times that they are computed (5)")
    arguments = parser.parse_args()
    about(f"# Scenarios as arrays: {arguments.scenarios:,}, and {arguments.sampled:,} with sampling; CPU time")
    many, few = generated(arguments.scenarios), generated(arguments.sampled)
    ranges = few | {name: Ranges(few[name], few[name] / by, few[name] * by) for name, by in UNCERTAIN.items()}
    random_ = np.random.default_rng(1)
    sizes = {"without sampling": arguments.scenarios, "with sampling": arguments.sampled * N_DRAWS}
    arms = {
        ("without sampling", "joulebook"): lambda: account(Scenarios(devices=8, **many)),
        ("without sampling", "plain NumPy"): lambda: whole(many, 8),
        ("with sampling", "joulebook"): lambda: sampled(Scenarios(devices=8, **ranges)),
        ("with sampling", "plain NumPy"): lambda: drawn(few, 8, random_),
    }
    measured = by_turns({arm: rate(sizes[arm[0]], do) for arm, do in arms.items()}, arguments.rounds)
    rows = []
    for (how, whose), rates in measured.items():
        intervals = spread([one * 1e6 / N_DRAWS for one in rates], 0) if how == "with sampling" else ""
        judged = verdict(-median(rates), -BARS[how]) if whose == "joulebook" else ""
        rows.append((how, whose, spread(rates), intervals, f"{BARS[how]:g}", judged))
    header = ("", "", "10^6 per CPU second: scenarios, or draws", "scenarios with intervals per CPU second", "bar", "")
    table("median (10th..90th percentile of the rounds)", header, rows)


if __name__ == "__main__":
    main()
