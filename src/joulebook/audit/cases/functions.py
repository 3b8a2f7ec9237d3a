"""The functions that formulas of cases and claims may name: of plain numbers, rising or falling in each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import log2
from typing import Final

from joulebook.estimate.methods import ecologits
from joulebook.estimate.trials.cases import architecture_search
from joulebook.estimate.trials.counts import random_trials


def _ecologits_wh(parameters: float, tokens: float, pue: float) -> float:
    """Wh of so many tokens of a dense model, `parameters` in 1e9, by EcoLogits 0.11."""
    return ecologits.request(parameters, parameters, tokens, pue=pue).energy_kwh * 1e3


@cache
def _search_steps() -> tuple[float, float, float]:
    """Of the search for the Evolved Transformer: the whole correction, hardware and site, the proxy task."""
    found = architecture_search()
    return found.ratio, *(1 / step.factor for step in found.steps)  # type: ignore[return-value] # it has two steps


FUNCTIONS: Final[dict[str, Callable[..., float]]] = {
    "log2": log2,
    "power": pow,
    "larger": max,
    "smaller": min,
    "random_trials": lambda best, certainty: float(random_trials(best, certainty)),
    "ecologits_wh": _ecologits_wh,
    "search_correction": lambda: _search_steps()[0],
    "search_hardware": lambda: _search_steps()[1],
}
"""By name; `power` is of a base and an exponent."""
