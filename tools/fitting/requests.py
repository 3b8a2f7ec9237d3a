"""Rows of measured language models, and the fit of the roofline to them; what has been left out is estimated with it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from math import exp, log
from pathlib import Path
from statistics import mean
from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares

from joulebook.estimate.chip import chip
from joulebook.estimate.serve.model import known
from joulebook.estimate.serve.precision import figures_of, precision_of
from joulebook.estimate.serve.roofline import Architecture, Coefficients, Device, Load, times, watts
from joulebook.facts.catalog import Catalog

# Expected value and standard deviation of its logarithm before any row is seen: what published kernels reach, and orders
# of magnitude of launches. The data move those that they can tell apart.
PRIORS: dict[str, tuple[float, float]] = {
    "weights": (0.85, 0.12),
    "cache": (0.7, 0.25),
    "untuned": (2.0, 0.25),
    "decode": (0.65, 0.2),
    "prefill": (0.5, 0.25),
    "step": (2e-3, 0.4),
    "layer": (30e-6, 0.4),
    "expert_layer": (30e-6, 0.6),
    "latent_layer": (80e-6, 0.5),
    "link": (20e-6, 0.5),
    "sample": (40e-6, 0.5),
    "mixed": (150e-6, 0.6),
    "mixed_expert": (300e-6, 0.6),
    "media": (600.0, 0.6),
    "power_compute": (1.1, 0.2),
    "power_memory": (0.7, 0.15),
    "power_cache": (0.9, 0.2),
    "power_launch": (0.35, 0.3),
    "power_mixed": (0.6, 0.3),
    "power_media": (0.2, 0.4),
    "power_wait": (0.1, 0.3),
}
# What the tables do not say of a workload: tokens of a prompt, and seconds of the host for its picture or film.
WORKLOADS: dict[str, tuple[float, float]] = {
    "tokens_in.lm-arena-chat": (250.0, 0.3),
    "tokens_in.gpqa": (280.0, 0.2),
    "tokens_in.sourcegraph-fim": (800.0, 0.4),
    "tokens_in.image-chat": (900.0, 0.4),
    "tokens_in.video-chat": (2000.0, 0.5),
    "media.image-chat": (50e-3, 0.5),
    "media.video-chat": (80e-3, 0.5),
    "crowded.media": (2.5, 0.4),
    "crowded.pace": (30e-3, 0.3),
}
ALL = {**PRIORS, **WORKLOADS}
PRIOR_WEIGHT = 0.8
"""Against rows whose deviation of 0.15 counts as one: the rows of a series share most of their error."""
ODD = 0.15
"""Of a logarithm: beyond it, a deviation counts by its size instead of its square."""
SHARES = ("weights", "cache", "decode", "prefill")
"""Of what the card promises: never all of it."""
CROWDED = ("gpqa", "image-chat")
"""Workloads whose runs on single B200 waited for a host that they shared."""


class Row(NamedTuple):
    """One measured configuration."""

    model: str
    task: str
    chip: str
    architecture: Architecture
    device: Device
    load: Load
    seconds: float
    """Of a step: average batch over tokens per second."""
    watts: float
    """Of one accelerator."""
    limit: float
    """Requests that the server takes at once, at most."""
    weights: str

    @property
    def joules(self) -> float:
        """Of a token, all accelerators together."""
        return self.watts * self.load.devices * self.seconds / self.load.batch

    @property
    def family(self) -> str:
        """Models of one maker and one body: pictures or not, 8 or 16 bits, instructed or thinking."""
        for word in ("235B", "30B", "8B", "DeepSeek", "Llama", "Nemotron"):
            if word in self.model:
                return f"Qwen3 {word}" if word.endswith("B") else word
        return self.model

    @property
    def alone(self) -> bool:
        """Whether it ran on one B200, of which eight share a host."""
        return self.chip == "B200" and self.load.devices == 1


class Guess(NamedTuple):
    """A row and what is estimated for it."""

    row: Row
    seconds: float
    watts: float

    @property
    def joules(self) -> float:
        return self.watts * self.row.load.devices * self.seconds / self.row.load.batch

    @property
    def off(self) -> float:
        """Logarithm of the measured energy over the estimate."""
        return log(self.row.joules / self.joules)


def rows(folder: Path) -> list[Row]:
    """Language models in the table of measured inference."""
    catalog = Catalog.open(own=False)
    found = []
    with (folder / "inference_bench.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if line["arch"] == "Diffusion":
                continue
            card = chip(line["gpu"], catalog)
            eight = line["precision"] == "fp8"
            model = known(catalog, line["model"]).architecture
            count, batch = float(line["gpu_count"]), float(line["avg_batch"])
            figures, _ = figures_of(card, precision_of(line["precision"]))
            untuned = float(eight and model.experts > 0 and not model.latent)
            load = Load(batch, 0.0, float(line["avg_output_tokens"]), count, 1.0 if eight else 2.0, untuned)
            found.append(
                Row(
                    model=line["model"].rpartition("/")[2],
                    task=line["task"],
                    chip=line["gpu"],
                    architecture=model,
                    device=figures.plain(),
                    load=load,
                    seconds=batch / float(line["throughput_tok_per_s"]),
                    watts=float(line["power_all_gpus_W"]) / count,
                    limit=float(line["max_num_seqs"]),
                    weights=line["precision"],
                )
            )
    return found


def load_of(row: Row, by: Mapping[str, float], *, blind: bool = False) -> Load:
    """The load of a row, with what is fitted of its workload; `blind` to how crowded the hosts of the campaign were."""
    media = by.get(f"media.{row.task}", 0.0)
    crowded = row.alone and not blind
    return row.load._replace(
        tokens_in=by[f"tokens_in.{row.task}"],
        media=media * (by["crowded.media"] if crowded else 1.0),
        pace=by["crowded.pace"] if crowded and row.task in CROWDED else 0.0,
    )


def guess(row: Row, by: Mapping[str, float], *, blind: bool = False) -> Guess:
    """The estimate of a row by fitted numbers."""
    coefficients = Coefficients(*(by[name] for name in PRIORS))
    spent = times(coefficients, row.architecture, row.device, load_of(row, by, blind=blind))
    return Guess(row, spent.total(), watts(coefficients, row.device, spent))


class Found(NamedTuple):
    """Fitted numbers and the standard deviations of their logarithms."""

    by: dict[str, float]
    off: dict[str, float]


def fitted(seen: Sequence[Row]) -> Found:
    """What fits the rows best, weighed against what is expected; time and power each count, and energy again."""
    expected = np.array([log(value) for value, _ in ALL.values()])
    spread = np.array([sd for _, sd in ALL.values()])
    sizes = [row.family for row in seen]
    many = mean(sizes.count(name) for name in set(sizes))
    counts = [(many / sizes.count(row.family)) ** 0.5 for row in seen]

    def left(logs: np.ndarray) -> np.ndarray:
        by = dict(zip(ALL, np.exp(logs).tolist(), strict=True))
        out = []
        for row, count in zip(seen, counts, strict=True):
            one = guess(row, by)
            time, power = log(one.seconds / row.seconds), log(one.watts / row.watts)
            out += [time * count, 1.5 * power * count, (time + power) * count]
        return np.array([*out, *((logs - expected) / spread * PRIOR_WEIGHT)])

    most = [log(0.99) if name in SHARES else np.inf for name in ALL]
    best = least_squares(left, expected, bounds=(-np.inf, most), loss="soft_l1", f_scale=ODD, x_scale=spread, ftol=1e-5)
    cov = np.linalg.pinv(best.jac.T @ best.jac) * ODD**2
    return Found(
        dict(zip(ALL, np.exp(best.x).tolist(), strict=True)),
        dict(zip(ALL, np.sqrt(np.diag(cov)).tolist(), strict=True)),
    )


def left_out(every: Sequence[Row], by: Callable[[Row], str] = lambda row: row.family) -> list[Guess]:
    """Each row by a fit that has seen no other row of its kind, in the order of the rows."""
    fits = {name: fitted([row for row in every if by(row) != name]).by for name in {by(row) for row in every}}
    return [guess(row, fits[by(row)]) for row in every]


def other_chip(every: Sequence[Row], seen: str) -> list[Guess]:
    """Rows of the other device by a fit to one, which knows nothing of the hosts of the campaign."""
    by = fitted([row for row in every if row.chip == seen]).by
    return [guess(row, by, blind=True) for row in every if row.chip != seen]


def quantile(guesses: Sequence[Guess], share: float, what: Callable[[Guess], float] = lambda one: one.off) -> float:
    """Of the factor between measured and estimated."""
    return exp(float(np.quantile([what(one) for one in guesses], share)))
