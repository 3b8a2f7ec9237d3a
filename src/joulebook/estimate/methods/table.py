"""The methods by the words that they are asked for by, and one job by several of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from joulebook.account.terms import Statement
from joulebook.errors import ConfigError
from joulebook.estimate.methods import (
    boavizta,
    carbontracker,
    cloud_carbon,
    codecarbon,
    ecologits,
    green_algorithms,
    llmcarbon,
    ml_co2,
    sci,
    strubell,
)
from joulebook.estimate.methods.job import Job, Size, job_of
from joulebook.estimate.methods.told import BOTH, HARDWARE, Told
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Quantity

SCHEMA: Final = "joulebook.against/1"
METHODS: Final[Mapping[str, Callable[[Job], Told]]] = MappingProxyType(
    {
        "strubell": strubell.told,
        "ml-co2": ml_co2.told,
        "green-algorithms": green_algorithms.told,
        "green-algorithms-3": green_algorithms.told_3,
        "codecarbon": codecarbon.told,
        "carbontracker": carbontracker.told,
        "llmcarbon": llmcarbon.told,
        "ecologits": ecologits.told,
        "ccf": cloud_carbon.told,
        "sci": sci.told,
        "boavizta": boavizta.told,
    }
)
ALL: Final = "all"
_ALSO: Final = {
    "strubell2019": "strubell",
    "mlco2impact": "ml-co2",
    "cloudcarbonfootprint": "ccf",
    "cloudcarbon": "ccf",
    "softwarecarbonintensity": "sci",
}
"""Other words for methods, written together."""


class Against(NamedTuple):
    """One job by several methods, beside our own account of it."""

    statement: Statement
    job: Job
    told: tuple[Told, ...]

    def of(self, extent: str) -> Quantity | None:
        """Our carbon of an extent: operation, hardware, or both."""
        operation, made = self.statement.carbon, self.statement.carbon_embodied
        if extent == HARDWARE:
            return made
        return operation + made if extent == BOTH and operation is not None and made is not None else operation

    def as_dict(self) -> dict[str, object]:
        """The document of `joulebook.against/1`: ratios are theirs over ours, and the products of their terms."""
        energy, carbon, made = self.statement.energy, self.statement.carbon, self.statement.carbon_embodied
        ours = {"energy": energy, "carbon": carbon, "carbon_embodied": made}
        return {
            "schema": SCHEMA,
            "name": self.statement.name,
            "ours": {name: None if one is None else one.as_dict() for name, one in ours.items()},
            "methods": [
                {
                    "method": one.method,
                    "title": one.title,
                    "source": one.source,
                    "energy_kwh": one.energy_kwh,
                    "carbon_kg": one.carbon_kg,
                    "carbon_counts": one.counts,
                    "energy_ratio": one.energy_ratio,
                    "carbon_ratio": one.carbon_ratio,
                    "terms": [factor.as_dict() for factor in one.factors],
                    "why": one.why,
                    "silent": one.silent,
                }
                for one in self.told
            ],
        }


def named(words: str) -> list[str]:
    """The methods of a list divided by commas, or all. Raises `ConfigError` for a word that is none."""
    asked = [word.strip() for word in words.split(",") if word.strip()]
    if ALL in (word.lower() for word in asked):
        return list(METHODS)
    known = {_plain(name): name for name in METHODS} | _ALSO
    for word in asked or [words]:
        if _plain(word) not in known:
            raise ConfigError.bad("against", word, f"one or several of {', '.join(METHODS)}, or all")
    return list(dict.fromkeys(known[_plain(word)] for word in asked))


def _plain(word: str) -> str:
    """Letters and digits alone: "Green Algorithms" is "green-algorithms"."""
    return "".join(letter for letter in word.lower() if letter.isalnum())


def against(statement: Statement, catalog: Catalog, methods: Sequence[str], size: Size | None = None) -> Against:
    """The job of a statement by these methods. Raises `ConfigError` where its energy, time or carbon is not known."""
    job = job_of(statement, catalog, size)
    return Against(statement, job, tuple(METHODS[method](job) for method in methods))
