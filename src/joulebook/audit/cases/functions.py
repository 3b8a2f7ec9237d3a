"""The functions that formulas of cases and claims may name: of plain numbers, rising or falling in each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import log2
from typing import Final

from joulebook.audit.trends import Trend, trend
from joulebook.estimate.methods import ecologits
from joulebook.estimate.trials.cases import architecture_search
from joulebook.estimate.trials.counts import random_trials
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Basis, Quantity, Source


def _ecologits_wh(parameters: float, tokens: float, pue: float) -> float:
    """Wh of so many tokens of a dense model, `parameters` in 1e9, by EcoLogits 0.11."""
    return ecologits.request(parameters, parameters, tokens, pue=pue).energy_kwh * 1e3


@cache
def _search_steps() -> tuple[float, float, float]:
    """Of the search for the Evolved Transformer: the whole correction, hardware and site, the proxy task."""
    found = architecture_search()
    return found.ratio, *(1 / step.factor for step in found.steps)  # type: ignore[return-value] # it has two steps


@cache
def _records(first: float, last: float) -> Trend:
    """The growth of record trainings from the first day of one year to the last day of another."""
    return trend(Catalog.open(), f"{first:.0f}-01-01", f"{last:.0f}-12-31")


def _doubling_of_records(first: float, last: float) -> Quantity:
    """Months in which the operations of record trainings double, with the interval of the fit."""
    found = _records(first, last)
    window = f"records {found.start} to {found.end}"
    cited = f"{'; '.join(found.sources)}: {len(found.trainings)} {window} (joulebook trend)"
    ends = {"low": found.low, "high": found.high}
    return Quantity.of(
        found.doubling, "1", **ends, basis=Basis.MODELLED, source=Source(window, cited), name="months to double"
    )


FUNCTIONS: Final[dict[str, Callable[..., float]]] = {
    "log2": log2,
    "power": pow,
    "larger": max,
    "smaller": min,
    "random_trials": lambda best, certainty: float(random_trials(best, certainty)),
    "ecologits_wh": _ecologits_wh,
    "doubling_of_records": lambda first, last: _records(first, last).doubling,
    "search_correction": lambda: _search_steps()[0],
    "search_hardware": lambda: _search_steps()[1],
}
"""By name; `power` is of a base and an exponent."""
FIGURES: Final[dict[str, Callable[..., Quantity]]] = {"doubling_of_records": _doubling_of_records}
"""Those of them that are a figure of their own where a formula is worked out over quantities: interval and source."""
OPERATIONS: Final[dict[str, str]] = {"power": "first to the power of the second", "log2": "binary logarithm of"}
"""What a function is called in a trace, where its name does not say it."""
