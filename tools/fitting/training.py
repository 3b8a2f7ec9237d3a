"""Facts and scores of the estimator of trainings, from the models in training_models.py."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor

from joulebook.estimate.methods import constant, green_algorithms
from joulebook.estimate.train.formulas import USUAL_COUNT, UTILISATION_FEATURES

from .fitted import Fitted, Score, score, table
from .training_models import (
    FAMILY,
    MAKERS,
    NORMAL,
    PRIOR_GENERATION,
    PRIOR_POWER,
    TPU_CHIP,
    Guess,
    Rows,
    by_family,
    by_generation,
    draw,
    drawn,
    features,
    fit_power,
    fit_time,
    fit_tpu,
    generations_of,
    left_out,
    of_convolutions,
    own_error,
    power_rows,
    read,
    tpu_features,
    tpu_rows,
)
from .trainings import Training

SUBJECT, SOURCE = "estimator.training", "joulebook-fit-training-2026"
TPUS = {"v5e": (197, 16), "v5p": (459, 95), "v6e": (918, 32), "v7": (2307, 192)}
"""TFLOP/s and GB of TPUs whose draw nobody published."""
HOST_GB_PER_GB = 2.0
"""Memory of a server per memory of its devices, for Green Algorithms' formula."""


def interval(name: str, middle: float, sd: float, note: str, unit: str = "1") -> Fitted:
    """A fact from a logarithm and its standard deviation."""
    low, high = middle - NORMAL * sd, middle + NORMAL * sd
    return Fitted(SUBJECT, name, exp(middle), exp(low), exp(high), SOURCE, note, unit)


def error_of(guesses: Sequence[Guess] | Sequence[Powered]) -> float:
    """Standard deviation of the own error of a model."""
    return own_error(
        [one.left for one in guesses], [one.sd for one in guesses], len({one.row.family for one in guesses})
    )


def fit(folder: Path) -> list[Fitted]:
    rows = read(folder)
    return [*_time_facts(rows), *_power_facts(rows)]


def _time_facts(rows: Rows) -> list[Fitted]:
    learnt = [*rows.own, *rows.others]
    generations = generations_of(learnt)
    fitted = fit_time(learnt, generations)
    found = []
    tail = [0.0] * (len(UTILISATION_FEATURES) + 1)
    at_reference = "Share of the 16-bit dense peak in the training of a dense model of 2e9 parameters or more (for each 312 TFLOP/s of it) on 512 devices"
    for maker in MAKERS:
        is_maker = [float(maker == one) for one in MAKERS]
        middle, sd = fitted.of([1.0, *is_maker, *[0.0] * len(generations), *tail])
        wide = sqrt(sd**2 + PRIOR_GENERATION[1] ** 2)
        found.append(
            interval(f"utilisation.maker.{maker}", middle, wide, f"{at_reference}; a generation that no row has.")
        )
        for one in generations:
            of_it = [row for row in learnt if row.generation == one and row.maker == maker]
            if of_it:
                is_one = [float(one == other) for other in generations]
                middle, sd = fitted.of([1.0, *is_maker, *is_one, *tail])
                families = len({row.family for row in of_it})
                note = f"{at_reference}. {len(of_it)} rows of {families} families."
                found.append(interval(f"utilisation.{one}", middle, sd, note))
    notes = {
        "smaller": "Per decade of active parameters below 2e9 for each 312 TFLOP/s of the device.",
        "doublings": "Per doubling of the number of devices.",
        "sparse": "Per decade of all parameters over active ones, at most one decade.",
        "convolutions": "Of convolutional networks: ResNet-50 and the U-Net of Stable Diffusion 2 as their makers measured them.",
        "fp8": "Of arithmetic in 8 bits, still as a share of the 16-bit peak.",
    }
    for at, name in enumerate(UTILISATION_FEATURES, start=1 + len(MAKERS) + len(generations)):
        known = fitted.mean[at], sqrt(fitted.cov[at, at])
        middle, sd = of_convolutions(rows, fitted, generations) if name == "convolutions" else known
        found.append(interval(f"utilisation.factor.{name}", middle, sd, notes[name]))
    guesses = left_out(rows, by_family)
    error = error_of(guesses)
    groups = len({row.family for row in rows.own})
    note = (
        f"What is left of {len(guesses)} published trainings of {groups} families, each estimated without its family."
    )
    return [*found, interval("utilisation.error", 0.0, error, note), *_precedents(rows, guesses)]


def _precedents(rows: Rows, guesses: list[Guess]) -> list[Fitted]:
    """How much more or less each family uses; what is left of the others of a family is no less than between families."""
    found = []
    for family in sorted({row.family for row in rows.own} - {"patterson-et"}):
        own = [one for one in guesses if one.row.family == family]
        middle, sd = _common(own)
        names = ", ".join(one.row.name for one in own)
        name = family.replace("-", "").removeprefix("patterson")
        found.append(interval(f"utilisation.like.{name}", middle, sd, f"Over the estimate without it: {names}."))
    return found


def _common(own: list[Guess]) -> tuple[float, float]:
    """What the rows of a family have in common beyond the model, drawn towards nothing, and its standard deviation."""
    weights = [1 / one.row.noise**2 for one in own]
    kept = FAMILY**2 * sum(weights) / (1 + FAMILY**2 * sum(weights))
    mean = sum(weight * one.left for weight, one in zip(weights, own, strict=True)) / sum(weights)
    return kept * mean, FAMILY * sqrt(1 - kept)


def _power_facts(rows: Rows) -> list[Fitted]:
    fitted = fit_power(power_rows(rows))
    notes = {
        "share": "Of its rated power that an accelerator draws in the training of a model of 1e9 parameters or more.",
        "smaller": "On the draw, per decade of active parameters below 1e9.",
        "host": "Draw with processors and memory over that of the accelerators alone.",
        "rest": "Draw at the socket of the server (fans, switches, disks, supply) over that of its chips.",
        "cluster": "Draw with idle nodes, network and storage of the cluster over that of the servers at work.",
    }
    found = []
    for at, name in enumerate(PRIOR_POWER):
        kind = "power.share" if name == "share" else f"power.factor.{name}"
        found.append(interval(kind, fitted.mean[at], sqrt(fitted.cov[at, at]), notes[name]))
    tpu, generations = fit_tpu(tpu_rows(rows))
    measured = "Mean draw of a chip with its share of host, network and fans; published means of {}."
    for one in generations:
        (sample, *_) = [row for row in tpu_rows(rows) if row.generation == one]
        shape = [1.0, *tpu_features(sample.peak / 1e12, sample.card.memory.value if sample.card.memory else 32.0)]
        middle, sd = tpu.of([*shape, *(float(one == other) for other in generations)])
        families = ", ".join(row.name.partition(" (")[0] for row in tpu_rows(rows) if row.generation == one)
        found.append(interval(f"power.{one}", middle, sd, measured.format(families), "W"))
    for name, (tflops, memory) in TPUS.items():
        middle, sd = tpu.of([1.0, *tpu_features(tflops, memory), *[0.0] * len(generations)])
        note = "Mean draw of a chip with its share of host, network and fans: by peak and memory from v2, v3 and v4."
        found.append(interval(f"power.tpu-{name}", middle, sqrt(sd**2 + TPU_CHIP**2), note, "W"))
    guesses = power_guesses(rows)
    error = error_of(guesses)
    note = f"What is left of {len(guesses)} measured draws of {len({one.row.family for one in guesses})} families."
    return [*found, interval("power.error", 0.0, error, note)]


class Powered(NamedTuple):
    """A published energy, estimated without its family."""

    row: Training
    log: float
    """Of MWh within the boundary of the publication."""
    sd: float

    @property
    def left(self) -> float:
        return log(self.row.energy) - self.log


def power_guesses(rows: Rows) -> list[Powered]:
    """Energy from published hours."""
    found = []
    for row in rows.published:
        if draw(row) and row.energy:
            one = drawn(rows, row, without=row.family)
            found.append(Powered(row, one.log + log(row.hours * row.pue / 1e6), one.sd))
    return found


def whole_guesses(rows: Rows) -> list[tuple[Powered, float]]:
    """Energy from size, tokens and device alone, and what a constant utilisation at rated power gives in MWh."""
    found = []
    for row in rows.published:
        if not (row.energy and row.flop and row.peak and row.circular in ("no", "partly")):
            continue
        learnt = [one for one in [*rows.own, *rows.others] if one.family != row.family]
        generations = generations_of([*learnt, row])
        used, sd = fit_time(learnt, generations).of(features(row, generations))
        power = drawn(rows, row, without=row.family)
        pue = 1.0 if "PUE after" in row.scope or "idle" in row.scope else row.pue
        hours = row.flop / (row.peak * 3600 * exp(used))
        guess = Powered(row, power.log + log(hours * pue / 1e6), sqrt(sd**2 + power.sd**2))
        tdp = row.card.tdp.value if row.card.tdp else 0.0
        found.append((guess, constant.energy_kwh(constant.device_hours(row.flop, row.peak), tdp, pue) / 1000))
    return found


# Scores


def spans(middles: list[tuple[float, float]], error: float) -> list[tuple[float, float]]:
    """Intervals from logarithms and their standard deviations, with the model's own error."""
    wide = [(middle, NORMAL * sqrt(sd**2 + error**2)) for middle, sd in middles]
    return [(exp(middle - half), exp(middle + half)) for middle, half in wide]


def scored(pairs: list[tuple[float, float, float]], error: float) -> Score:
    """Of (logarithm estimated, its standard deviation, published)."""
    return score(
        [(exp(middle), true) for middle, _, true in pairs], spans([(middle, sd) for middle, sd, _ in pairs], error)
    )


def _hours(guess: Guess) -> tuple[float, float, float]:
    row = guess.row
    return log(row.flop / (row.peak * 3600)) - guess.log, guess.sd, row.hours


def sections(folder: Path) -> list[str]:
    rows = read(folder)
    families, chips = left_out(rows, by_family), left_out(rows, by_generation)
    error = error_of(families)
    constants = score([(constant.device_hours(one.flop, one.peak), one.hours) for one in rows.own])
    hours_given, whole = power_guesses(rows), whole_guesses(rows)
    power_error = error_of(hours_given)
    sure = [_hours(one) for one in families if one.row.id not in DOUBTED]
    both = sqrt(error**2 + power_error**2)
    return [
        "## Trainings",
        "",
        f"{len(rows.own)} published trainings of {len({row.family for row in rows.own})} families; {len(rows.others)} rows of other tables",
        "and benchmarks are learnt from and never scored. Energies that are rated power times hours teach time, never power.",
        "",
        *table(
            ["what", "rows", "median", "90th percentile", "held", "width"],
            [
                ["device-hours from size and tokens", *scored([_hours(one) for one in families], error).cells()],
                ["the same, without the two rows in doubt", *scored(sure, error).cells()],
                [
                    "the same, a whole generation of devices left out",
                    *scored([_hours(one) for one in chips], error).cells(),
                ],
                ["the same, utilisation always 0.30", *constants.cells()],
                ["the same, boosted trees", *_trees(rows).cells()],
                [
                    "energy, hours given",
                    *scored([(one.log, one.sd, one.row.energy) for one in hours_given], power_error).cells(),
                ],
                ["the same, rated power", *_rated(hours_given).cells()],
                ["the same, Green Algorithms' formula", *_green(hours_given).cells()],
                [
                    "energy from size and tokens",
                    *scored([(one.log, one.sd, one.row.energy) for one, _ in whole], both).cells(),
                ],
                [
                    "the same, rated power and utilisation 0.30",
                    *score([(plain, one.row.energy) for one, plain in whole]).cells(),
                ],
            ],
        ),
        "",
        *_worst(families, hours_given, [one for one, _ in whole]),
        "",
    ]


def _trees(rows: Rows) -> Score:
    """Boosted trees on the same rows: peak, memory and year of the device, size, sparsity, count, 8 bits, benchmark."""
    learnt = [*rows.own, *rows.others]
    shapes = np.asarray([_shape(row) for row in learnt])
    logs = np.asarray([log(row.utilisation) for row in learnt])
    families = np.asarray([row.family for row in learnt])
    pairs = []
    for family in sorted({row.family for row in rows.own}):
        inside = families == family
        trees = GradientBoostingRegressor(random_state=0).fit(shapes[~inside], logs[~inside])
        own = [row for row in rows.own if row.family == family]
        for row, found in zip(own, trees.predict(np.asarray([_shape(row) for row in own])), strict=True):
            pairs.append((row.flop / (row.peak * 3600 * exp(found)), row.hours))
    return score(pairs)


def _shape(row: Training) -> list[float]:
    memory = row.card.memory.value if row.card.memory else 0.0
    count = log(row.count or USUAL_COUNT)
    return [row.peak, memory, row.card.year, log(row.active), log(row.total / row.active), count, row.fp8, row.steady]


def _rated(guesses: list[Powered]) -> Score:
    pairs = []
    for one in guesses:
        tdp = one.row.card.tdp.value if one.row.card.tdp else 0.0
        pairs.append((constant.energy_kwh(one.row.hours, tdp, one.row.pue) / 1000, one.row.energy))
    return score(pairs)


def _green(guesses: list[Powered]) -> Score:
    pairs = []
    for one in guesses:
        card = one.row.card
        tdp, memory = (card.tdp.value if card.tdp else 0.0), (card.memory.value if card.memory else 0.0)
        kwh = green_algorithms.energy_kwh(
            one.row.hours, cores=1, core_w=tdp, memory_gb=HOST_GB_PER_GB * memory, pue=one.row.pue
        )
        pairs.append((kwh / 1000, one.row.energy))
    return score(pairs)


DOUBTED = ("P001", "P080")
"""A search counted as a training, and a card whose figures cannot all be right."""
WHY = {
    "P001": "a search of many small models, whose operations were counted another way",
    "P080": "its card implies 63 % of the peak: hours or tokens are doubtful",
    "P027": "the card of Llama 3.1 counts 160,000 device-hours more than that of Llama 3 for the same size and tokens",
    "P054": "hours printed to one digit",
    "P055": "its card says about two weeks: the hours are known to a tenth at best",
    "P004": "0.4 % of the parameters are active, and their number is from a third party",
    "P035": "the first large model on this machine; the paper itself says 32.5 %",
    "P029": "the table of the paper says 41 % while it runs; the hours count everything",
    "P060": "its 8,192 tokens of context add a tenth of operations that 6 N D leaves out",
    "P008": "the four rows of one paper are the only small models: without them nothing shows how little these draw",
    "P042": "tokens between 2.0e12 and 2.46e12; no hours were published",
}
"""What is known of rows that are far off."""


def _worst(families: list[Guess], given: list[Powered], whole: list[Powered]) -> list[str]:
    """The ten rows that are furthest off."""
    found = [("device-hours", one.row, -one.left) for one in families]
    found += [("energy, hours given", one.row, one.left) for one in given]
    found += [("energy", one.row, one.left) for one in whole]
    worst = sorted(found, key=lambda one: -abs(one[2]))[:10]
    head = ["The ten rows that are furthest off (published over estimated):", ""]
    return [
        *head,
        *table(
            ["row", "what", "factor", "why"],
            [[row.name, what, f"{exp(left):.2f}", WHY.get(row.id, "")] for what, row, left in worst],
        ),
    ]
