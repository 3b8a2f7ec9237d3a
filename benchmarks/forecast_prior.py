"""What an estimate as prior does to the forecast of a run's time, early in the simulated runs of forecast.py.

    python benchmarks/forecast_prior.py [--runs 100] [--seed 8] [--at 0.01,0.02,0.1]

`good` is an estimate whose 90 % interval is a factor of 1.4 either way and which is wrong by as much as it says;
`3 x off` and `10 x off` say the same of themselves and are wrong by that factor, half of them upwards. `none` is the
forecast without it, and each cell the mean error and how often the 90 % interval holds the truth.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from math import exp, log
from random import Random
from statistics import mean
from typing import NamedTuple

from forecast import CLASSES, Course

from joulebook.meter.forecasting.outlook import Range, Steps
from joulebook.meter.forecasting.prior import combined
from joulebook.meter.forecasting.stopping import EarlyStop

WIDTH = 1.4
Prior = Callable[[float, Random], float]


def _good(truth: float, random: Random) -> float:
    return truth * exp(random.gauss(0, log(WIDTH) / 1.645))


def _off(factor: float) -> Prior:
    return lambda truth, random: truth * (factor if random.random() < 0.5 else 1 / factor)


PRIORS: dict[str, Prior | None] = {"none": None, "good": _good, "3 x off": _off(3), "10 x off": _off(10)}


class Look(NamedTuple):
    """What the steps tell after a part of the run, the truth, and how many steps there were."""

    found: Range
    truth: float
    steps: int
    used: float


class Score(NamedTuple):
    """One forecast of the time against the truth."""

    error: float
    held: bool


def looked(course: Course, at: float) -> Look:
    """The forecast of the time after that part of the steps that were announced."""
    rule = EarlyStop("loss", course.patience, course.mode) if course.patience else None
    seen = max(1, min(int(at * course.announced), len(course.seconds) - 1))
    steps = Steps(course.first + course.announced, first=course.first, rule=rule)
    for place in range(seen):
        steps.add(course.seconds[place], course.seconds[place] * course.watts[place])
        if course.metric:
            steps.metric(course.metric[place])
    found = steps.outlook()
    assert found.seconds is not None, found.why
    return Look(found.seconds, sum(course.seconds), seen, sum(course.seconds[:seen]))


def score(look: Look, prior: Prior | None, random: Random) -> Score:
    """The error of the forecast with that prior, and whether its interval held."""
    found = look.found
    if prior is not None:
        value = prior(look.truth, random)
        found = combined(Range(value, value / WIDTH, value * WIDTH), found, look.steps, look.used)
    return Score(abs(found.value / look.truth - 1), found.low <= look.truth <= found.high)


def scores(name: str, runs: int, seed: int, at: float) -> dict[str, list[Score]]:
    """The scores of so many runs of a class, by prior."""
    random = Random(f"{seed} {name}")
    looks = [looked(CLASSES[name](random), at) for _ in range(runs)]
    return {word: [score(look, prior, random) for look in looks] for word, prior in PRIORS.items()}


def _cell(found: Sequence[Score]) -> str:
    return f"{mean(one.error for one in found):.1%}, {mean(one.held for one in found):.0%}"


def main() -> int:
    """Print a table for each part of the run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100, help="of each class")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--at", default="0.01,0.02,0.1", help="parts of the announced steps that have been seen")
    options = parser.parse_args()
    for at in map(float, options.at.split(",")):
        print(f"| after {at:.0%} of the steps | " + " | ".join(PRIORS) + " |")
        print("| --- |" + len(PRIORS) * " ---: |")
        table = {name: scores(name, options.runs, options.seed, at) for name in CLASSES}
        table["all"] = {word: [one for found in table.values() for one in found[word]] for word in PRIORS}
        for name, found in table.items():
            print(f"| {name} | " + " | ".join(_cell(found[word]) for word in PRIORS) + " |")
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
