"""Linear regression of logarithms with Gaussian priors, one common deviation per family, and rows that may be odd."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

FREEDOM = 4.0
"""Of the Student distribution of what is left: an odd row counts less."""
ROUNDS = 10


class Posterior(NamedTuple):
    """What is known of the coefficients."""

    mean: np.ndarray
    cov: np.ndarray

    def of(self, features: Sequence[float]) -> tuple[float, float]:
        """Expected logarithm and its standard deviation, that of a single row not included."""
        x = np.asarray(features)
        return float(x @ self.mean), float(np.sqrt(x @ self.cov @ x))


def posterior(
    features: Sequence[Sequence[float]],
    logs: Sequence[float],
    noise: Sequence[float],
    families: Sequence[str],
    prior: Sequence[tuple[float, float]],
    spread: float,
) -> Posterior:
    """Coefficients from rows of features; `prior` is (mean, sd) of each, `spread` the sd of what a family has in common."""
    x, y, sd = np.asarray(features), np.asarray(logs), np.asarray(noise)
    mean0, sd0 = np.asarray(prior).T
    same = np.equal.outer(np.asarray(families), np.asarray(families))
    weight = np.ones(len(y))
    for _ in range(ROUNDS):
        inverse = np.linalg.inv(np.diag(sd**2 / weight) + spread**2 * same)
        cov = np.linalg.inv(x.T @ inverse @ x + np.diag(1 / sd0**2))
        mean = cov @ (x.T @ inverse @ y + mean0 / sd0**2)
        left = (y - x @ mean) ** 2 / (sd**2 + spread**2)
        weight = (FREEDOM + 1) / (FREEDOM + left)
    return Posterior(mean, cov)
