"""Facts from the fit of language models, and how close it comes to models and devices that it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import exp, log
from pathlib import Path
from statistics import median

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor

from fitting.fitted import Fitted, Score, score, table
from fitting.requests import PRIORS, Guess, Row, fitted, guess, left_out, other_chip, quantile, rows
from joulebook.estimate.methods.ecologits import gpu_wh, gpus
from joulebook.estimate.serve.model import derived_from
from joulebook.estimate.serve.roofline import read_weights
from joulebook.quantity import Basis, Quantity

SUBJECT, SOURCE = "estimator.language", "joulebook-fit-language-2026"
CHIPS = ("H100", "B200")
WIDENED, UNSEEN = 1.15, 1.3
"""An interval from six families has to be wider than their own spread to hold the next one; one from two devices more."""
_SCALES = {"step": "s", "layer": "s", "expert_layer": "s", "latent_layer": "s", "link": "s", "sample": "s"}
_SCALES |= {"mixed": "s", "mixed_expert": "s", "media.image-chat": "s", "media.video-chat": "s", "crowded.pace": "s"}
_WAYS: dict[str, Callable[[Guess], float]] = {
    "energy": lambda one: one.off,
    "time": lambda one: log(one.row.seconds / one.seconds),
    "power": lambda one: log(one.row.watts / one.watts),
}


def fit(folder: Path) -> list[Fitted]:
    """Coefficients, what is fitted of the workloads, and how far estimates of unseen models and devices are off."""
    every = rows(folder)
    found = fitted(every)
    facts = []
    for name, value in found.by.items():
        off = 1.645 * found.off[name]
        note = "" if name in PRIORS else "Not in the tables: found with the rest from its runs."
        unit = "token" if name.startswith("tokens_in") else _SCALES.get(name, "1")
        facts.append(Fitted(SUBJECT, name, value, value * exp(-off), value * exp(off), SOURCE, note, unit))
    for task in dict.fromkeys(row.task for row in every):
        outs = sorted(row.load.tokens_out for row in every if row.task == task)
        note = f"Of {len(outs)} runs: answers are as long as their models make them."
        facts.append(Fitted(SUBJECT, f"tokens_out.{task}", median(outs), outs[0], outs[-1], SOURCE, note, "token"))
    guesses = left_out(every)
    other = [one for chip in CHIPS for one in other_chip(every, chip) if not one.row.alone]
    for what, of in _WAYS.items():
        for chip in CHIPS:
            those = [one for one in guesses if one.row.chip == chip]
            note = f"{len(those)} rows, each by a fit without its family; 90 % of deviations, widened by {WIDENED:g}."
            facts.append(_error(f"error.{what}.{chip.lower()}", those, WIDENED, of, note))
        note = f"{len(other)} rows, H100 by B200 and B200 by H100; 90 % of deviations, widened by {UNSEEN:g}."
        facts.append(_error(f"error.{what}.other", other, UNSEEN, of, note))
    return facts


def _error(prop: str, those: Sequence[Guess], widened: float, of: Callable[[Guess], float], note: str) -> Fitted:
    low, high = span(those, widened, of)
    return Fitted(SUBJECT, prop, 1, min(low, 0.99), max(high, 1.01), SOURCE, note)


def span(those: Sequence[Guess], widened: float, of: Callable[[Guess], float] = _WAYS["energy"]) -> tuple[float, float]:
    """Factors around an estimate that hold 90 % of those, widened."""
    return quantile(those, 0.05, of) ** widened, quantile(those, 0.95, of) ** widened


INTRODUCTION = """Energy of the accelerators alone for one token of an answer in the ML.ENERGY Leaderboard 3.0 (vLLM, steady load), on 1 to 8 H100 or B200.
Six families: Qwen3 8B (with its vision model), 30B-A3B, 235B-A22B (with its vision models, in 16 and 8 bits), DeepSeek-V3.1, Llama 3,
Nemotron. The length of prompts is not in the table: it is fitted with the rest, one number for each workload. Runs on single B200 that shared
their host waited for it; the fit is told of them, the rows fitted on the other device are not. Baselines see the same rows, boosted trees by
families left out: logarithms of parameters, active parameters, bytes of a weight, devices, batch, tokens of the answer, and workload and device."""


def sections(folder: Path) -> list[str]:
    """The page's part on language models."""
    every = rows(folder)
    fits = {name: fitted([row for row in every if row.family != name]).by for name in {row.family for row in every}}
    guesses = [guess(row, fits[row.family]) for row in every]
    by_model = left_out(every, lambda row: row.model)
    head = ["what", "rows", "median", "90th", "held", "width"]
    shown = []
    for chip in CHIPS:
        on = [one for one in guesses if one.row.chip == chip]
        shown.append([f"{chip}: this estimate", *_scored(guesses, chip).cells()])
        shown.append([f"{chip}: without the model alone", *_plain(one for one in by_model if one.row.chip == chip)])
        blind = [guess(one.row, fits[one.row.family], blind=True) for one in on]
        if chip == "B200":
            shown.append([f"{chip}: not told of shared hosts", *_plain(blind)])
        shown.append(
            [
                f"{chip}: architecture unknown, parameters given",
                *_plain(guess(_anonymous(one.row), fits[one.row.family]) for one in on),
            ]
        )
        shown += [[f"{chip}: {label}", *score(pairs).cells()] for label, pairs in _baselines(every, chip)]
        seconds = score([(one.seconds, one.row.seconds) for one in on])
        shown.append([f"{chip}: seconds of a step", *seconds.cells()])
        shown.append([f"{chip}: power", *score([(one.watts, one.row.watts) for one in on]).cells()])
    for seen, other in (CHIPS, CHIPS[::-1]):
        those = other_chip(every, seen)
        shown.append([f"{other}: fitted on {seen} alone", *_plain(those)])
        train, test = ([row for row in every if row.chip == name] for name in (seen, other))
        trees = zip(_trees(train, test), (row.joules for row in test), strict=True)
        shown.append([f"{other}: boosted trees on {seen} alone", *score(list(trees)).cells()])
    return ["## Language models", "", INTRODUCTION, "", *table(head, shown), "", *_worst(guesses), ""]


def _plain(those: Iterable[Guess]) -> list[str]:
    return score([(one.joules, one.row.joules) for one in those]).cells()


def _scored(guesses: Sequence[Guess], chip: str) -> Score:
    """With intervals whose width was found without the family that they are put around."""
    on = [one for one in guesses if one.row.chip == chip]
    spans = []
    for one in on:
        low, high = span([other for other in on if other.row.family != one.row.family], WIDENED)
        spans.append((one.joules * min(low, 1.0), one.joules * max(high, 1.0)))
    return score([(one.joules, one.row.joules) for one in on], spans)


def _anonymous(row: Row) -> Row:
    size, active = (_exactly(value) for value in (row.architecture.total, row.architecture.active))
    return row._replace(architecture=derived_from(size, active, "").architecture)


def _exactly(value: float) -> Quantity:
    return Quantity.of(value, "1", basis=Basis.REPORTED, source="table")


def _baselines(every: Sequence[Row], chip: str) -> Iterable[tuple[str, list[tuple[float, float]]]]:
    on = [row for row in every if row.chip == chip]
    yield "EcoLogits", [(_ecologits(row), row.joules) for row in on]
    yield "plain roofline at rated power", [(_roofline(row), row.joules) for row in on]
    pairs: list[tuple[float, float]] = []
    for name in dict.fromkeys(row.family for row in every):
        train = [row for row in every if row.family != name]
        test = [row for row in on if row.family == name]
        if test:
            pairs += zip(_trees(train, test), (row.joules for row in test), strict=True)
    yield "boosted trees", pairs


def _ecologits(row: Row) -> float:
    model = row.architecture
    return 3600 * gpus(model.total / 1e9) * gpu_wh(model.active / 1e9)


def _roofline(row: Row) -> float:
    """The slower of weights at full bandwidth and products at full peak, at rated power."""
    read = read_weights(row.architecture, row.load.batch) * row.load.weight_bytes / row.device.bandwidth
    spent = 2 * row.architecture.active * row.load.batch / row.device.peak
    return max(read, spent) * row.device.rated / row.load.batch


def _features(row: Row) -> list[float]:
    model, load = row.architecture, row.load
    plain = (model.total, model.active, load.weight_bytes, load.devices, load.batch, load.tokens_out)
    tasks = ("lm-arena-chat", "gpqa", "sourcegraph-fim", "image-chat", "video-chat")
    return [*map(log, plain), *(float(row.task == task) for task in tasks), float(row.chip == "B200")]


def _trees(train: Sequence[Row], test: Sequence[Row]) -> list[float]:
    trees = GradientBoostingRegressor(n_estimators=300, max_depth=3, learning_rate=0.05, random_state=0)
    trees.fit([_features(row) for row in train], [log(row.joules) for row in train])
    return [float(value) for value in np.exp(trees.predict([_features(row) for row in test]))]


_WHY = {
    "host": "eight such servers shared a host; how long each waited for it differs from run to run",
    "media": "the run asks again for pictures that its server has prepared: nothing is left to do for the host",
    "DeepSeek": "no other family has a latent: without this one, nothing says what its layers and its copied cache take",
    "Llama": "no other dense model is divided between devices: without it, exchange is learnt from experts alone",
    "fp8": "8-bit experts ran in kernels that were not tuned for this device; no other family has them",
    "": "which kernels run at which batch is not in the estimate: they are tuned by size and device",
}


def _why(row: Row) -> str:
    if row.alone:
        return _WHY["host"]
    if row.load.batch > 200 and row.task in ("image-chat", "video-chat"):
        return _WHY["media"]
    return _WHY.get(row.family, _WHY["fp8" if row.load.untuned else ""])


def _worst(guesses: Sequence[Guess]) -> list[str]:
    """The ten rows that are furthest off, and what the estimate does not know of them."""
    far = sorted(guesses, key=lambda one: -abs(one.off))[:10]
    head = ["model", "workload", "devices", "batch", "measured J/token", "estimated", "time off", "power off", "why"]
    lines = [
        [
            one.row.model,
            one.row.task,
            f"{one.row.load.devices:g} x {one.row.chip}",
            f"{one.row.load.batch:.0f}",
            f"{one.row.joules:.3g}",
            f"{one.joules:.3g}",
            f"{one.seconds / one.row.seconds:.2f}",
            f"{one.watts / one.row.watts:.2f}",
            _why(one.row),
        ]
        for one in far
    ]
    return ["The ten furthest off:", "", *table(head, lines)]
