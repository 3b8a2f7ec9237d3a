"""Measured pictures and films, and the speeds and draws that explain them."""

from __future__ import annotations

import csv
from collections import defaultdict
from math import log, sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares

from joulebook.estimate.serve.denoising import Denoiser, Operations, Size, operations
from joulebook.estimate.serve.drawing import Card, Job, Speeds, spent
from joulebook.facts.loader import load

CARDS = {"H100": Card(989e12, 3350e9, 450e9, 700.0), "B200": Card(2250e12, 7700e9, 900e9, 1000.0)}
PRIOR = Speeds(
    dense=0.75,
    narrow=1000,
    attention=0.35,
    passes_memory=95,
    launch=3e-4,
    launch_shared=2e-4,
    launch_hop=1.5e-4,
    hop=4,
    exchange=2,
    decode=0.10,
    decode_film=0.06,
    decode_everywhere=0.6,
    after=0.1,
    floor=0.18,
    busy=0.94,
    busy_decoding=0.7,
    busy_telling=0.7,
    dense_lag=0.5,
    attention_lag=0.8,
    busy_lag=0.13,
)
"""What each should be by physics or by publications of others, before any row is seen."""
SPREAD = Speeds(
    dense=0.06,
    narrow=0.4,
    attention=0.04,
    passes_memory=0.3,
    launch=0.5,
    launch_shared=0.8,
    launch_hop=0.6,
    hop=0.8,
    exchange=0.8,
    decode=0.3,
    decode_film=0.3,
    decode_everywhere=0.3,
    after=0.5,
    floor=0.25,
    busy=0.05,
    busy_decoding=0.2,
    busy_telling=0.2,
    dense_lag=0.4,
    attention_lag=0.2,
    busy_lag=0.5,
)
"""Standard deviations of their logarithms."""
NOISE = 0.15


class Row(NamedTuple):
    """One measurement."""

    model: str
    chip: str
    work: Operations
    size: Size
    job: Job
    seconds: float
    joules: float
    """Of the batch, on all devices."""
    parameters: float


def cards() -> dict[str, dict[str, float]]:
    """Properties of the diffusion models in the catalogue's files, by the words that mean them."""
    contents = load()
    facts: dict[str, dict[str, float]] = defaultdict(dict)
    for fact in contents.facts:
        if fact.subject.startswith("diffusion."):
            facts[fact.subject][fact.property] = fact.value
    return {
        word: facts[name.subject]
        for name in contents.names
        if name.subject in facts
        for word in (*name.aliases, name.subject)
    }


def denoiser(card: dict[str, float]) -> Denoiser:
    return Denoiser(**{field: card.get(f"denoiser.{field}", 0.0) for field in Denoiser._fields})


def rows(folder: Path) -> list[Row]:
    """Measured pictures and films.

    Devices share a model by rings, by exchanging heads, or both; the table does not say how, but lists the ways of one
    size in the order of the benchmark's sweep, from one ring over all devices to none.
    """
    known, seen, found = cards(), defaultdict(int), []
    with (folder / "inference_bench.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if line["task"] not in ("text-to-image", "text-to-video"):
                continue
            card = known[line["model"]]
            devices, batch = int(line["gpu_count"]), int(line["batch_size"])
            key = (line["model"], line["gpu"], devices, batch)
            ring = devices / 2 ** seen[key]
            seen[key] += 1
            size = Size(float(line["height"]), float(line["width"]), card["usual.frames"])
            film = line["task"] == "text-to-video"
            job = Job(batch, float(line["steps"]), card["usual.passes"], devices, ring, film)
            joules = float(line["energy_per_request_J"]) * batch
            seconds = float(line["latency_s"])
            work = operations(denoiser(card), size)
            found.append(
                Row(line["model"].split("/")[1], line["gpu"], work, size, job, seconds, joules, card["parameters"])
            )
    return found


def fitted(train: list[Row]) -> Speeds:
    """The speeds that explain the rows, none far from what physics says; each model weighs the same."""
    groups: dict[tuple[str, float], int] = defaultdict(int)
    for row in train:
        groups[row.model, row.job.devices] += 1
    weights = [sqrt(12 / groups[row.model, row.job.devices]) / NOISE for row in train]
    start, spread = np.log(np.array(PRIOR)), np.array(SPREAD)

    def off(at: np.ndarray) -> list[float]:
        speeds = Speeds(*map(float, np.exp(at)))
        out: list[float] = []
        for row, weight in zip(train, weights, strict=True):
            seconds, joules = spent(row.work, row.job, CARDS[row.chip], speeds)
            out += [weight * log(joules / row.joules), 0.5 * weight * log(seconds / row.seconds)]
        return [*out, *((at - start) / spread)]

    found = least_squares(off, start, loss="soft_l1", bounds=(start - 4 * spread, start + 4 * spread))
    return Speeds(*map(float, np.exp(found.x)))


def family(model: str) -> str:
    return "SANA" if model.startswith("SANA") else model


def middle(job: Job) -> Job:
    """The job when nobody says how devices share it: halfway between rings and heads."""
    return job._replace(ring=sqrt(job.devices))


class Guess(NamedTuple):
    """A row and what a fit that has not seen its model says of it."""

    row: Row
    seconds: float
    joules: float

    @property
    def off(self) -> float:
        return log(self.row.joules / self.joules)


def left_out(every: list[Row], group: str = "model") -> list[Guess]:
    """Each row by a fit without its family of models, or without its chip."""
    key = (lambda row: family(row.model)) if group == "model" else (lambda row: row.chip)
    guesses: list[Guess] = []
    for name in dict.fromkeys(map(key, every)):
        speeds = fitted([row for row in every if key(row) != name])
        guesses += [
            Guess(row, *spent(row.work, middle(row.job), CARDS[row.chip], speeds)) for row in every if key(row) == name
        ]
    return guesses
