"""How much of the literature comes out as it was printed: tables, anchors with their own tolerance; and the time.

    python benchmarks/literature.py [--repeat 5]

Published figures are compared with what joulebook computes from the inputs that are printed beside them. A figure that
does not come out counts as a miss, unless rounding explains it or a slip that a second figure shows.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Final

from stopwatch import about, environment, spend, table, verdict

from joulebook.audit.cases.loading import case_names, load
from joulebook.audit.cases.verdicts import Judged, judge

BAR_SHARE: Final = 95.0
BAR_S: Final = 10.0
ANCHORS: Final = (  # case, figure, as published in the unit that it is printed in, how far off it may be
    ("strubell", "NAS (Evolved Transformer) on P100x8: energy with PUE", 656_347, 1e-4),
    ("strubell", "NAS (Evolved Transformer) on P100x8: CO2e", 626_155, 1e-4),
    ("patterson", "carbon as estimated in 2019", 284.0, 1e-3),
    ("patterson", "Evolved Transformer NAS: energy", 7.5, 1e-2),
    ("patterson", "carbon as it was", 3.2, 1.5e-2),
    ("patterson", "how many times too high", 88, 1e-2),
    ("patterson", "GPT-3 175B: energy", 1287, 5e-3),
    ("patterson", "GPT-3 175B: carbon", 552.1, 5e-3),
    ("bloom", "energy of the final run", 433_196, 1e-4),
    ("bloom", "carbon of the final run", 24.69, 1e-3),
    ("bloom", "carbon of what stood idle", 14.6, 5e-3),
    ("bloom", "embodied", 11.2, 5e-3),
    ("bloom", "together", 50.5, 3e-3),
    ("bloom", "share of the final run in the energy of the project", 37.24, 5e-4),
    ("bloom", "requests until then", 592_570_000, 1e-9),
    ("gemini", "all of it", 0.24, 1e-9),
    ("gemini", "prompts in a kilowatt-hour", 4167, 3e-4),
    ("gemini", "carbon of electricity, by market", 0.023, 2.5e-2),
    ("gemini", "carbon with scopes 1 and 3", 0.033, 2e-2),
    ("gemini", "water", 0.26e-3, 3e-2),
    ("gemini", "carbon of electricity, by location", 0.0828, 1e-9),
    ("splits", "development over training", 0.5, 1e-2),
    ("splits", "power capacity for AI: together", 100, 1e-9),
    ("splits", "energy of recommendation model RM1 (experimentation is in training): together", 100, 1e-9),
    ("splits", "energy of a language model: together", 100, 1e-9),
    ("splits", "energy of machine learning, 2019 to 2021: together", 100, 1e-9),
    ("cars", "carbon of a year", 0.14e9, 1e-2),
    ("water", "water at the site", 700_000, 2e-2),
    ("water", "water in all", 5.4e6, 2e-2),
    ("trainings", "1e6 tokens of a dense model of 8e9 parameters", 85.4379, 1e-6),
)
"""Well-known figures, each with the tolerance that its publication leaves."""


def figures() -> dict[tuple[str, str], Judged]:
    """Every figure of every case, by case and name."""
    return {(name, judged.cell.label): judged for name in case_names() for judged in judge(load(name)).cells()}


def off(judged: Judged, published: float) -> float:
    """Computed over published, less 1."""
    return (judged.computed or 0.0) / published - 1


def anchors(cells: dict[tuple[str, str], Judged]) -> list[tuple[str, str, float, float, float, bool]]:
    """Case, figure, published, deviation, tolerance, and whether it keeps it, for each anchor."""
    found = []
    for case, label, published, tolerance in ANCHORS:
        apart = off(cells[case, label], published)
        found.append((case, label, published, apart, tolerance, abs(apart) <= tolerance))
    return found


def seconds(repeat: int) -> float:
    """Wall time of `joulebook reproduce all`, start included; the median."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "joulebook", "reproduce", "all"]
        return median(spend(command, environment(Path(folder))).wall_ms for _ in range(repeat)) / 1e3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5, help="times that the command is timed")
    arguments = parser.parse_args()
    about("Published figures computed from the inputs that are printed beside them.")
    cells = figures()
    rows, shares = [], []
    for name in case_names():
        computed = [one for (case, _), one in cells.items() if case == name and one.computed is not None]
        closing, near = (
            [one for one in computed if one.closes],
            [one for one in computed if abs(one.apart or 0) <= 0.01],
        )
        shares += [one.closes for one in computed]
        rows.append((name, len(computed), len(closing), len(near)))
    table("By case", ("case", "figures computed", "come out as printed", "within 1 %"), rows)
    found = anchors(cells)
    table(
        "Anchors",
        ("case", "figure", "published", "off", "tolerance", "kept"),
        [
            (case, label, f"{value:,.10g}", f"{apart:+.2%}", f"{near:.3g}", "yes" if kept else "no")
            for case, label, value, apart, near, kept in found
        ],
    )
    whole, kept = 100 * sum(shares) / len(shares), 100 * sum(one[-1] for one in found) / len(found)
    took = seconds(arguments.repeat)
    table(
        "Bars",
        ("what", "bar", "measured", ""),
        [
            ("figures that come out as printed", f">= {BAR_SHARE:g} %", f"{whole:.1f} %", verdict(-whole, -BAR_SHARE)),
            ("anchors within their tolerance", f">= {BAR_SHARE:g} %", f"{kept:.1f} %", verdict(-kept, -BAR_SHARE)),
            ("`joulebook reproduce all`", f"<= {BAR_S:g} s", f"{took:.2f} s", verdict(took, BAR_S)),
        ],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
