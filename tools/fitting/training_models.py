"""The models of trainings: what share of a device's peak they use, and what it draws; fitted with and without a family."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import log, sqrt
from pathlib import Path
from typing import NamedTuple

from scipy.stats import t as student

from joulebook.estimate.train.formulas import (
    USUAL_COUNT,
    UTILISATION_FEATURES,
    draw_feature,
    tpu_features,
    utilisation_features,
)
from joulebook.facts.catalog import Catalog

from .bayes import Posterior, posterior
from .trainings import Training, benchmarks, published, tabled, timed

NORMAL = 1.645
"""Standard deviations from the median to either end of a 90 % interval."""
MAKERS = ("nvidia", "google", "amd", "other")

# What was known before any row was looked at, as (median of the logarithm, standard deviation).
PRIOR_REFERENCE = (log(0.35), 0.2)
PRIOR_MAKER, PRIOR_GENERATION = (0.0, 0.15), (0.0, 0.25)
PRIOR_FEATURE = {
    "smaller": (-0.25, 0.06),
    "doublings": (-0.02, 0.015),
    "sparse": (-0.25, 0.08),
    "fp8": (0.25, 0.1),
    "convolutions": (-0.5, 0.25),
}
PRIOR_STEADY = (0.3, 0.15)
FAMILY = 0.15
"""What the trainings of one family have in common."""

POWER_NOISE, POWER_FAMILY = 0.04, 0.08
PRIOR_POWER = {
    "share": (log(0.85), 0.07),  # of its rated power that a device draws
    "smaller": (-0.3, 0.1),  # per decade of parameters below full draw
    "host": (log(1.12), 0.05),  # processors and memory
    "rest": (log(1.25), 0.08),  # fans, switches, disks, supply losses
    "cluster": (log(1.2), 0.15),  # idle nodes, network and storage of a cluster
}
PRIOR_TPU = ((log(290), 0.2), (0.5, 0.25), (0.5, 0.3))
NODES = (("latif-2025", "NVIDIA H100 SXM5 80GB", 13e9, 0.76 * 10_200 / 8),)
"""Servers of eight whose draw was metered while they trained: family, device, parameters, W per device."""


class Rows(NamedTuple):
    """Everything that is learnt from."""

    published: list[Training]
    own: list[Training]
    """Those of them whose device-hours and operations are known: what is scored."""
    others: list[Training]
    """Tables of third parties and benchmarks: learnt from, never scored."""
    pictures: list[Training]
    """Benchmarks of convolutional networks: they tell one factor and nothing else."""


def read(folder: Path) -> Rows:
    catalog = Catalog.open()
    known = published(folder, catalog)
    measured = list(benchmarks(catalog))
    others = [*tabled(folder, catalog, known), *(row for row in measured if not row.convolutions)]
    return Rows(known, timed(known), others, [row for row in measured if row.convolutions])


# Utilisation


def features(row: Training, generations: Sequence[str]) -> list[float]:
    own = [float(row.maker == maker) for maker in MAKERS] + [float(row.generation == one) for one in generations]
    shape = utilisation_features(
        row.active, row.total, row.count or USUAL_COUNT, row.peak / 1e12, fp8=row.fp8, convolutions=row.convolutions
    )
    return [1.0, *own, *shape, float(row.steady)]


def generations_of(rows: Iterable[Training]) -> list[str]:
    return sorted({row.generation for row in rows if row.generation})


def fit_time(rows: Sequence[Training], generations: Sequence[str]) -> Posterior:
    prior = [
        PRIOR_REFERENCE,
        *[PRIOR_MAKER] * len(MAKERS),
        *[PRIOR_GENERATION] * len(generations),
        *(PRIOR_FEATURE[name] for name in UTILISATION_FEATURES),
        PRIOR_STEADY,
    ]
    return posterior(
        [features(row, generations) for row in rows],
        [log(row.utilisation) for row in rows],
        [row.noise for row in rows],
        [row.family for row in rows],
        prior,
        FAMILY,
    )


def of_convolutions(rows: Rows, fitted: Posterior, generations: Sequence[str]) -> tuple[float, float]:
    """The logarithm of what convolutional networks use of what others would, by family, and its standard deviation."""
    mean, sd = PRIOR_FEATURE["convolutions"]
    total, weight = mean / sd**2, 1 / sd**2
    for family in sorted({row.family for row in rows.pictures}):
        plain = [row._replace(convolutions=False) for row in rows.pictures if row.family == family]
        left = [log(row.utilisation) - fitted.of(features(row, generations))[0] for row in plain]
        spread = 2 * FAMILY  # two families of one fit each, on devices whose own reference is as uncertain
        total, weight = total + sum(left) / len(left) / spread**2, weight + 1 / spread**2
    return total / weight, sqrt(1 / weight)


class Guess(NamedTuple):
    """A row, the logarithm estimated of it, and its standard deviation without that of the model's own error."""

    row: Training
    log: float
    sd: float

    @property
    def left(self) -> float:
        """What is left of the logarithm of the utilisation."""
        return log(self.row.utilisation) - self.log


def left_out(rows: Rows, key: Callable[[Training], str]) -> list[Guess]:
    """Every published row by a fit of the rows that do not share its key."""
    generations = generations_of([*rows.own, *rows.others])
    found = []
    for group in sorted({key(row) for row in rows.own}):
        fitted = fit_time([row for row in [*rows.own, *rows.others] if key(row) != group], generations)
        found += [Guess(row, *fitted.of(features(row, generations))) for row in rows.own if key(row) == group]
    return found


def by_family(row: Training) -> str:
    return row.family


def by_generation(row: Training) -> str:
    return row.generation


def own_error(left: Sequence[float], sds: Sequence[float], families: int) -> float:
    """Standard deviation of the model's own error: what the spread of coefficients leaves unexplained, robustly.

    Wider for few families, as Student's distribution has it for that many less one.
    """
    ordered = sorted(abs(one) for one in left)
    at = ordered[min(len(ordered) - 1, round(0.9 * len(ordered)) - 1)] / NORMAL
    at *= float(student.ppf(0.95, families - 1)) / NORMAL
    return sqrt(max(0.1**2, at**2 - sum(sd**2 for sd in sds) / len(sds)))


# Power


def power_rows(rows: Rows) -> list[tuple[str, float, float, tuple[float, ...], bool]]:
    """(family, W per device, rated W or 0, features, whether it is scored) of measured, non-circular draws of GPUs."""
    found = []
    for row in rows.published:
        watts = draw(row)
        if watts and row.maker != "google" and row.card.tdp is not None:
            found.append((row.family, watts, row.card.tdp.value, power_features(row), True))
    catalog = Catalog.open()
    for family, word, active, watts in NODES:
        card = catalog.find(f"accelerator.{word.lower().replace(' ', '-')}", "tdp")
        found.append((family, watts, card.value, (1.0, draw_feature(active), 1.0, 1.0, 0.0), False))
    return found


def draw(row: Training) -> float:
    """W per device over the whole of the training, PUE taken off; 0 where it was assumed and not measured."""
    if row.circular == "yes" or not row.hours:
        return 0.0
    if row.watts and "TDP" not in row.power_basis and "assumed" not in row.power_basis:
        return row.watts
    return row.energy * 1e6 / row.hours if row.energy and "idle" in row.scope else 0.0


def power_features(row: Training) -> tuple[float, ...]:
    """Share, decades below full draw, host, rest of the server, cluster: as far as the boundary reaches."""
    host = "only" not in row.scope
    rest = host and "CPU+DRAM" not in row.power_basis
    return 1.0, draw_feature(row.active), float(host), float(rest), float("idle" in row.scope)


def fit_power(found: Sequence[tuple[str, float, float, tuple[float, ...], bool]]) -> Posterior:
    return posterior(
        [shape for _, _, _, shape, _ in found],
        [log(watts / rated) for _, watts, rated, _, _ in found],
        [POWER_NOISE] * len(found),
        [family for family, *_ in found],
        list(PRIOR_POWER.values()),
        POWER_FAMILY,
    )


def tpu_rows(rows: Rows) -> list[Training]:
    return [row for row in rows.published if row.maker == "google" and draw(row)]


def tpu_shape(row: Training) -> list[float]:
    memory = row.card.memory
    return [1.0, *tpu_features(row.peak / 1e12, memory.value if memory else 32.0)]


TPU_CHIP = 0.1
"""What chips of one generation have in common, beyond its peak and memory."""


def fit_tpu(found: Sequence[Training]) -> tuple[Posterior, list[str]]:
    generations = generations_of(found)
    shapes = [[*tpu_shape(row), *(float(row.generation == one) for one in generations)] for row in found]
    fitted = posterior(
        shapes,
        [log(draw(row)) for row in found],
        [POWER_NOISE] * len(found),
        [row.family for row in found],
        [*PRIOR_TPU, *[(0.0, TPU_CHIP)] * len(generations)],
        POWER_FAMILY,
    )
    return fitted, generations


class Drawn(NamedTuple):
    """A row and the logarithm of the W per device estimated of it, within the boundary of the publication."""

    row: Training
    log: float
    sd: float


def drawn(rows: Rows, row: Training, *, without: str = "") -> Drawn:
    """The draw of a row, by a fit that has not seen one family."""
    if row.maker == "google":
        fitted, generations = fit_tpu([one for one in tpu_rows(rows) if one.family != without])
        shape = [*tpu_shape(row), *(float(row.generation == one) for one in generations)]
        return Drawn(row, *fitted.of(shape))
    fitted = fit_power([one for one in power_rows(rows) if one[0] != without])
    middle, sd = fitted.of(power_features(row))
    return Drawn(row, middle + log(row.card.tdp.value if row.card.tdp else 1.0), sd)
