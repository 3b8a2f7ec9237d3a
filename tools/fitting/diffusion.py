"""Facts from the fit of diffusion models, and how close it comes to models that it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import exp, log, sqrt
from pathlib import Path
from statistics import median

from sklearn.ensemble import GradientBoostingRegressor

from fitting.drawings import CARDS, Guess, Row, family, fitted, left_out, middle, rows
from fitting.fitted import Fitted, Score, percentile, score, table
from joulebook.estimate.serve.denoising import SHARE, operations, typical
from joulebook.estimate.serve.drawing import spent

SUBJECT, SOURCE = "estimator.diffusion", "joulebook-fit-diffusion-2026"
WIDENED = 1.25
"""An interval from four to five families has to be wider than their own spread to hold the next one."""


def held_off(guesses: list[Guess], *, seconds: bool = False) -> float:
    """The 90th percentile of how far guesses are off, as a logarithm, widened since there are few families."""
    return WIDENED * percentile(
        [abs(log(one.row.seconds / one.seconds)) if seconds else abs(one.off) for one in guesses], 0.9
    )


def fit(folder: Path) -> list[Fitted]:
    """Speeds with the range that fits without one family have, and how far estimates of unseen models are off."""
    every = rows(folder)
    final = fitted(every)
    names = dict.fromkeys(family(row.model) for row in every)
    parts = [fitted([row for row in every if family(row.model) != name]) for name in names]
    facts = []
    for field, value in final._asdict().items():
        ends = [value, *(getattr(part, field) for part in parts)]
        facts.append(Fitted(SUBJECT, field, value, min(ends), max(ends), SOURCE))
    guesses = left_out(every)
    for word, film in (("picture", False), ("film", True)):
        those = [one for one in guesses if one.row.job.film == film]
        note = f"{len(those)} rows, each by a fit without its family; 90 % of deviations, widened by {WIDENED:g}"
        for what, seconds in (("energy", False), ("time", True)):
            off = held_off(those, seconds=seconds)
            facts.append(Fitted(SUBJECT, f"error.{word}.{what}", 1, exp(-off), exp(off), SOURCE, note))
    other = left_out(every, "chip")
    more = sqrt(max(0.0, held_off(other) ** 2 - held_off(guesses) ** 2))
    note = "What devices that the fit has not seen add: H100 by B200 and B200 by H100"
    facts.append(Fitted(SUBJECT, "error.device", 1, exp(-more), exp(more), SOURCE, note))
    return facts


def sections(folder: Path) -> list[str]:
    """The page's part on pictures and films."""
    every = rows(folder)
    guesses = left_out(every)
    lines = ["## Pictures and films", "", INTRODUCTION, ""]
    head = ["what", "rows", "median", "90th", "held", "width"]
    shown = []
    for word, film in (("pictures", False), ("films", True)):
        those = [one for one in guesses if one.row.job.film == film]
        shown.append([f"{word}: this estimate, architecture known", *_scored(those).cells()])
        for label, others in _baselines(every, film=film):
            shown.append([f"{word}: {label}", *others.cells()])
        seconds = score([(one.seconds, one.row.seconds) for one in those])
        shown.append([f"{word}: seconds until the batch is there", *seconds.cells()])
    for film, word in ((False, "pictures"), (True, "films")):
        other = [one for one in left_out(every, "chip") if one.row.job.film == film]
        for chip in CARDS:
            those = [one for one in other if one.row.chip == chip]
            label = f"{word} on {chip}, fitted without it"
            shown.append([label, *score([(one.joules, one.row.joules) for one in those]).cells()])
    return [*lines, *table(head, shown), "", *_by_model(guesses), "", *_worst(guesses), ""]


INTRODUCTION = """Energy of the accelerators alone for one picture or film of the ML.ENERGY Leaderboard 3.0 (eager PyTorch with xDiT, bf16, FlashAttention-2), on
1 to 8 H100 or B200. Nothing says how devices share a model; the estimate stands halfway between rings and exchanged heads, and rows of one size
differ by up to a factor of 1.6 for that alone. Both SANA are one family. The baselines see the same rows: boosted trees from parameters, steps,
pixels, frames, batch, devices and chip; one constant for each chip times parameters, steps, pixels and frames."""


def _scored(guesses: list[Guess]) -> Score:
    """With intervals whose width was found without the family that they are put around."""
    spans = []
    for one in guesses:
        others = [other for other in guesses if family(other.row.model) != family(one.row.model)]
        off = held_off(others)
        spans.append((one.joules * exp(-off), one.joules * exp(off)))
    return score([(one.joules, one.row.joules) for one in guesses], spans)


def _baselines(every: list[Row], *, film: bool) -> Iterable[tuple[str, Score]]:
    those = [row for row in every if row.job.film == film]
    names = list(dict.fromkeys(family(row.model) for row in those))

    def by(guess: Callable[[list[Row], list[Row]], list[float]]) -> Score:
        pairs: list[tuple[float, float]] = []
        for name in names:
            train = [row for row in those if family(row.model) != name]
            test = [row for row in those if family(row.model) == name]
            pairs += [(one, row.joules) for one, row in zip(guess(train, test), test, strict=True)]
        return score(pairs)

    yield "this estimate, parameters and passes known", by(lambda _, test: _by_size(every, test))
    yield "this estimate, parameters known", by(lambda _, test: _by_size(every, test, passes=2))
    yield "boosted trees", by(_trees)
    yield "parameters x steps x pixels x constant", by(_constant)


def _by_size(every: list[Row], test: list[Row], passes: float | None = None) -> list[float]:
    speeds = fitted([row for row in every if family(row.model) != family(test[0].model)])
    found = []
    for row in test:
        model = typical(row.parameters, SHARE, film=row.job.film)
        job = middle(row.job)._replace(passes=passes or row.job.passes)
        found.append(spent(operations(model, row.size), job, CARDS[row.chip], speeds)[1])
    return found


def _features(row: Row) -> list[float]:
    size = [row.size.height * row.size.width, row.size.frames]
    return [
        *(log(one) for one in (row.parameters, row.job.steps, *size, row.job.batch, row.job.devices)),
        row.chip == "H100",
    ]


def _trees(train: list[Row], test: list[Row]) -> list[float]:
    trees = GradientBoostingRegressor(random_state=0)
    trees.fit([_features(row) for row in train], [log(row.joules / row.job.batch) for row in train])
    guessed = trees.predict([_features(row) for row in test])
    return [exp(one) * row.job.batch for one, row in zip(guessed, test, strict=True)]


def _amount(row: Row) -> float:
    return row.parameters * row.job.steps * row.size.height * row.size.width * row.size.frames * row.job.batch


def _constant(train: list[Row], test: list[Row]) -> list[float]:
    each = {chip: median(row.joules / _amount(row) for row in train if row.chip == chip) for chip in CARDS}
    return [each[row.chip] * _amount(row) for row in test]


def _by_model(guesses: list[Guess]) -> list[str]:
    """Median of published over estimated energy, by model and number of devices."""
    shown = []
    for model in dict.fromkeys(one.row.model for one in guesses):
        cells = []
        for devices in (1, 2, 4, 8):
            off = [one.off for one in guesses if one.row.model == model and one.row.job.devices == devices]
            cells.append(f"{exp(median(off)):.2f}" if off else "-")
        shown.append([model, *cells])
    head = ["measured over estimated energy", "1 device", "2", "4", "8"]
    return table(head, shown)


WHY = {
    "stable-diffusion-3.5-medium": "one ring over all devices: 24 heads would allow exchanging them",
    "FLUX.1-dev": "eight devices for one picture wait for their launches; the way of sharing decides",
    "SANA1.5_1.6B_1024px_diffusers": "20 linear attentions that take 30 ms a step: launches and the decoder decide",
    "SANA1.5_4.8B_1024px_diffusers": "60 blocks whose linear attentions are shared in rings only, since 70 heads do not divide by four",
    "HunyuanDiT-v1.2-Diffusers": "heads of 88 numbers, skips between halves and long waits for launches",
    "Wan2.1-T2V-14B-Diffusers": "text is shared between devices too, in rings",
    "HunyuanVideo": "one film of 119,000 tokens: attention decides",
    "CogVideoX-2b": "the benchmark decodes on one device of two, the fit assumes that more than half decode",
}


def _worst(guesses: list[Guess]) -> list[str]:
    """The ten rows that are furthest off, each with its likely reason."""
    worst = sorted(guesses, key=lambda one: -abs(one.off))[:10]
    shown = []
    for one in worst:
        row, job = one.row, one.row.job
        way = "one device" if job.devices == 1 else f"rings of {job.ring:g}"
        cells = [
            row.model,
            f"{job.devices:g} {row.chip}, batch {job.batch:g}, {way}",
            f"{exp(one.off):.2f}",
            WHY[row.model],
        ]
        shown.append(cells)
    return [
        "The ten rows that are furthest off:",
        "",
        *table(["model", "row", "measured over estimated", "why"], shown),
    ]
