"""How good the forecast at 10 % of a run is, on simulated and on recorded runs, against the mean of the steps so far.

    python benchmarks/forecast.py [--runs 100] [--seed 8] [--at 0.1]

`mean x steps` is (time so far / steps so far) x steps announced, what most progress bars do; `first x steps` is the
first step times the steps, what a prediction after one epoch does. The constants of the method were set with the
seeds 1 to 4 of the simulated classes and with every other recording, the first one on; seed 8 and the recordings
between them only made the tables in docs/benchmarks.md. No clock and no sensor: the same seed gives the same tables.
Exits 1 when a bar is missed by the simulated runs.

The recordings are those of record_trainings.py, made on two cores beside other programs: once as they were, and once
less the time in which the thread was ready and waited for a core, as on a machine of its own.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from math import exp
from random import Random
from statistics import mean
from typing import Any, NamedTuple

from trainings import QUIET, recordings

from joulebook.meter.forecasting.outlook import Steps
from joulebook.meter.forecasting.stopping import EarlyStop


class Course(NamedTuple):
    """A simulated run: seconds and watts of each step that happened, what was announced, and a watched metric."""

    seconds: list[float]
    watts: list[float]
    announced: int
    metric: list[float]
    patience: int = 0
    first: int = 0
    mode: str = "min"


class Score(NamedTuple):
    """Relative errors of one forecast, ours and the mean's, of time and energy; and whether the interval held."""

    ours: float
    plain: float
    ours_energy: float
    plain_energy: float
    first: float
    """Error of the mean of the first step alone, as a forecast after one epoch has it."""
    held: bool
    held_energy: bool
    width: float


def steady(random: Random) -> Course:
    """Steps that scatter by 1 to 20 % around the same value."""
    size, spread = random.randint(60, 3_000), random.uniform(0.01, 0.2)
    return _course([max(0.1, random.gauss(1, spread)) for _ in range(size)], random)


def warm_up(random: Random) -> Course:
    """The first steps are slow: one that compiles, and some that get faster."""
    size = random.randint(60, 2_000)
    length, height = random.uniform(0.5, 0.04 * size), random.uniform(0.5, 5)
    seconds = [max(0.1, random.gauss(1, 0.04)) + height * exp(-at / length) for at in range(size)]
    seconds[0] += random.uniform(1, 0.05 * size)
    return _course(seconds, random)


def evaluation(random: Random, first: int = 0) -> Course:
    """Every so many steps an evaluation, and at other places a checkpoint; more than one of them in the first tenth."""
    size = random.randint(200, 3_000)
    every = random.randint(7, max(8, int(size * 0.075)))
    cost, spread = random.uniform(1, 0.5 * every), random.uniform(0.01, 0.08)
    save, saving = random.randint(5, max(6, int(size * 0.045))), random.uniform(0.5, 4)
    seconds, watts = [], []
    for at in range(first, first + size):
        long = cost * random.gauss(1, 0.03) if at % every == every - 1 else 0.0
        short = saving if at % save == save - 1 else 0.0
        usual = max(0.1, random.gauss(1, spread))
        seconds.append(usual + long + short)
        watts.append((250 * usual + 160 * long + 90 * short) / seconds[-1])
    return Course(seconds, watts, size, [], first=first)


def data_dependent(random: Random) -> Course:
    """Lengths of texts: neighbours are alike, some steps take many times as long."""
    size, like, spread = random.randint(200, 4_000), random.uniform(0, 0.9), random.uniform(0.2, 0.6)
    state, seconds = 0.0, []
    for _ in range(size):
        state = like * state + (1 - like**2) ** 0.5 * random.gauss(0, spread)
        seconds.append(exp(state) * (random.paretovariate(2.5) if random.random() < 0.02 else 1))
    return _course(seconds, random)


def throttling(random: Random) -> Course:
    """It gets slower by 3 to 20 %, slowly from the beginning or at once somewhere in the first tenth."""
    size, slower, at_once = random.randint(100, 2_000), random.uniform(0.03, 0.2), random.random() < 0.6
    when = random.uniform(0.01, 0.06) * size
    factors = [1 + slower * ((at > when) if at_once else min(1, at / (0.3 * size))) for at in range(size)]
    return _throttled(factors, random)


def later(random: Random) -> Course:
    """Steady until the look; somewhere after it, it gets slower by 3 to 20 %: nothing of that can have been seen."""
    size, slower = random.randint(100, 2_000), random.uniform(0.03, 0.2)
    when = random.uniform(0.1, 0.9) * size
    return _throttled([1 + slower * (at > when) for at in range(size)], random)


def _throttled(factors: list[float], random: Random) -> Course:
    """Steps of the same work with a lower clock: longer by these factors, at so much less power."""
    course = _course([max(0.1, random.gauss(1, 0.03)) for _ in factors], random)
    return course._replace(
        seconds=[one * factor for one, factor in zip(course.seconds, factors, strict=True)],
        watts=[one / factor for one, factor in zip(course.watts, factors, strict=True)],
    )


def early_stop(random: Random) -> Course:
    """Epochs with a loss that flattens out; the training ends after `patience` epochs without a better one."""
    announced, patience = random.randint(80, 300), random.randint(4, 12)
    scale, noise = random.uniform(3, 0.12 * announced), random.uniform(0.003, 0.03)
    metric: list[float] = []
    best, waited = 9e9, 0
    while len(metric) < announced and waited < patience:
        metric.append(0.3 + exp(-len(metric) / scale) + random.gauss(0, noise))
        best, waited = (metric[-1], 0) if metric[-1] < best else (best, waited + 1)
    return _course([max(0.1, random.gauss(1, 0.04)) for _ in metric], random)._replace(
        announced=announced, metric=metric, patience=patience
    )


def few_epochs(random: Random) -> Course:
    """Ten to forty epochs, the first one slow: only one to four have been seen."""
    size = random.randint(10, 40)
    seconds = [max(0.1, random.gauss(1, 0.03)) for _ in range(size)]
    seconds[0] *= random.uniform(1.05, 1.5)
    return _course(seconds, random)


def resumed(random: Random) -> Course:
    """A run that goes on after an interruption, with evaluations; the first steps fill the caches again."""
    course = evaluation(random, first := random.randint(50, 5_000))
    seconds = [one + 3 * exp(-at / 3) for at, one in enumerate(course.seconds)]
    return course._replace(seconds=seconds, first=first)


CLASSES: dict[str, Callable[[Random], Course]] = {
    "steady": steady,
    "warm-up": warm_up,
    "evaluation and checkpoints": evaluation,
    "data-dependent": data_dependent,
    "throttling": throttling,
    "throttling later": later,
    "early stop": early_stop,
    "few epochs": few_epochs,
    "resumed": resumed,
}

CYCLIC = ("warm-up", "evaluation and checkpoints", "early stop")
"""Classes that have to be forecast by 30 % better than by the mean,"""
SHORTEST_US = 1_000_000
"""A training that is over before its second look at the power has no energy to foresee."""
STEADY = ("steady", "data-dependent")
"""and those where we may be no more than 10 % worse."""


def _course(seconds: list[float], random: Random) -> Course:
    level = random.uniform(80, 400)
    return Course(seconds, [level * random.gauss(1, 0.03) for _ in seconds], len(seconds), [])


def score(course: Course, at: float) -> Score:
    """Forecast at that part of the steps that were announced, and what came."""
    rule = EarlyStop("loss", course.patience, course.mode) if course.patience else None
    seen = max(1, min(int(at * course.announced), len(course.seconds) - 1))
    steps = Steps(course.first + course.announced, first=course.first, rule=rule)
    joules = [one * watts for one, watts in zip(course.seconds, course.watts, strict=True)]
    for place in range(seen):
        steps.add(course.seconds[place], joules[place])
        if course.metric:
            steps.metric(course.metric[place])
    found = steps.outlook()
    assert found.seconds is not None, found.why
    assert found.joules is not None, found.why
    time, energy = sum(course.seconds), sum(joules)
    factor = course.announced / seen
    return Score(
        abs(found.seconds.value / time - 1),
        abs(sum(course.seconds[:seen]) * factor / time - 1),
        abs(found.joules.value / energy - 1),
        abs(sum(joules[:seen]) * factor / energy - 1),
        abs(course.seconds[0] * course.announced / time - 1),
        found.seconds.low <= time <= found.seconds.high,
        found.joules.low <= energy <= found.joules.high,
        (found.seconds.high - found.seconds.low) / time,
    )


def scores(name: str, runs: int, seed: int, at: float = 0.1) -> list[Score]:
    """The scores of so many runs of a class."""
    random = Random(f"{seed} {name}")
    return [score(CLASSES[name](random), at) for _ in range(runs)]


def recorded(one: dict[str, Any], *, waiting: bool) -> Course:
    """A recorded run, with or without the time in which it waited for a core."""
    seconds = [max(us, 1) / 1e6 for us in one["us" if waiting else "own_us"]]
    metric = one["told"] if one["patience"] else []
    watts = [mw / 1e3 for mw in one["mw"]]
    return Course(seconds, watts, one["total"] - one["first"], metric, one["patience"], one["first"], one["mode"])


def scores_of_recordings(chosen: list[dict[str, Any]], at: float, *, waiting: bool) -> dict[str, list[Score]]:
    """The scores of these recordings, by class."""
    table: dict[str, list[Score]] = {}
    for one in chosen:
        table.setdefault(one["class"], []).append(score(recorded(one, waiting=waiting), at))
    return table


def main() -> int:
    """Print the tables; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100, help="of each class")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--at", type=float, default=0.1, help="part of the announced steps that has been seen")
    options = parser.parse_args()
    table = {name: scores(name, options.runs, options.seed, options.at) for name in CLASSES}
    _print(
        "| simulated | runs | error, time | mean x steps | first x steps | ratio | error, energy | mean x steps "
        "| held, time | held, energy | width |",
        [_row(name, found) for name, found in _with_all(table)],
    )
    busy = recordings()
    _print_recorded(busy[::2], "constants were set with these", options.at)
    _print_recorded(busy[1::2], "held out", options.at)
    quiet = [one for one in recordings(QUIET) if sum(one["us"]) > SHORTEST_US]
    _print_recorded(quiet, "held out, a quiet machine", options.at)
    missed = misses(table)
    print("\n".join(missed) or "all bars are met")
    return bool(missed)


def misses(table: dict[str, list[Score]]) -> list[str]:
    """The bars that are missed, in words."""
    ratios = {name: mean(one.ours for one in found) / mean(one.plain for one in found) for name, found in table.items()}
    found = [f"{name}: error {ratios[name]:.2f} of the mean's, above 0.70" for name in CYCLIC if ratios[name] > 0.7]
    found += [f"{name}: error {ratios[name]:.2f} of the mean's, above 1.10" for name in STEADY if ratios[name] > 1.1]
    every = [one for scores_ in table.values() for one in scores_]
    for words, held in (("time", mean(one.held for one in every)), ("energy", mean(one.held_energy for one in every))):
        if not 0.85 <= held <= 0.95:
            found.append(f"{words}: {held:.0%} of the intervals held, not 85 to 95 %")
    return found


def _print(head: str, rows: list[list[str]]) -> None:
    print(head)
    print("| --- |" + (head.count("|") - 2) * " ---: |")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def _print_recorded(chosen: list[dict[str, Any]], words: str, at: float) -> None:
    """The recordings as they were, and beside them less their waiting: of the energy of a machine that says nothing."""
    as_they_were = _with_all(scores_of_recordings(chosen, at, waiting=True), "changing")
    alone = _with_all(scores_of_recordings(chosen, at, waiting=False), "changing")
    rows = []
    for (name, found), (_, without) in zip(as_they_were, alone, strict=True):
        one, other = _row(name, found), _row(name, without)
        rows.append([*one[:4], one[5], one[6], *one[8:], other[2], other[3], other[5], other[8], other[10]])
    _print(
        f"| recorded: {words} | runs | error, time | mean x steps | ratio | error, energy | held, time | held, energy "
        "| width | less waiting: error | mean x steps | ratio | held | width |",
        rows,
    )


def _with_all(table: dict[str, list[Score]], apart: str = "") -> list[tuple[str, list[Score]]]:
    """The classes of a table and all of it, also without the one that stands apart."""
    rows = [*table.items(), ("all", [one for found in table.values() for one in found])]
    if apart in table:
        rows.append((f"all but {apart}", [one for name, found in table.items() if name != apart for one in found]))
    return rows if table else []


def _row(name: str, found: list[Score]) -> list[str]:
    ours, plain = mean(one.ours for one in found), mean(one.plain for one in found)
    energy, plain_energy = mean(one.ours_energy for one in found), mean(one.plain_energy for one in found)
    held, held_energy = mean(one.held for one in found), mean(one.held_energy for one in found)
    first, width = mean(one.first for one in found), mean(one.width for one in found)
    errors = [
        f"{ours:.1%}",
        f"{plain:.1%}",
        f"{first:.0%}",
        f"{ours / plain:.2f}",
        f"{energy:.1%}",
        f"{plain_energy:.1%}",
    ]
    return [name, str(len(found)), *errors, f"{held:.0%}", f"{held_energy:.0%}", f"{width:.0%}"]


if __name__ == "__main__":
    sys.exit(main())
