"""A catalogue in memory with the face of `joulebook.facts.catalog.Catalog`, for tests of rules and reports."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple

from joulebook.errors import FactNotFound
from joulebook.quantity import Basis, Quantity, Source


class FakeFact(NamedTuple):
    """One dated fact."""

    subject: str
    prop: str
    value: float
    low: float
    high: float
    unit: str
    valid_from: str = "2024-01-01"
    basis: Basis = Basis.REPORTED
    source: str = "fake2024"
    note: str = ""

    def quantity(self) -> Quantity:
        """The value with its range; the uncertainty belongs to subject and property."""
        source = Source(f"{self.subject} {self.prop}", f"A fake source, {self.valid_from[:4]}")
        return Quantity.of(self.value, self.unit, low=self.low, high=self.high, basis=self.basis, source=source)


class FakeResolution(NamedTuple):
    """What a word was resolved to."""

    subject: str
    label: str
    members: tuple[str, ...] = ()
    warning: str = ""


class FakeCatalog:
    """Facts given by hand; words resolve by `kind.word` in lower case."""

    def __init__(self, facts: Iterable[FakeFact], edition: str = "2026-11-20.fake") -> None:
        self.edition = edition
        self._facts = list(facts)

    def find(self, subject: str, prop: str, *, on: str, edition: str | None = None) -> FakeFact:  # noqa: ARG002
        """The newest fact that is valid on that day, or the first later one."""
        found = [fact for fact in self._facts if (fact.subject, fact.prop) == (subject, prop)]
        if not found:
            raise FactNotFound.near(subject, prop, self._near(subject))
        valid = [fact for fact in found if fact.valid_from <= on]
        return max(valid, key=lambda fact: fact.valid_from) if valid else found[0]

    def properties(self, subject: str) -> list[str]:
        """What is known of a subject."""
        return sorted({fact.prop for fact in self._facts if fact.subject == subject})

    def resolve(self, name: str, kind: str) -> FakeResolution:
        """The subject `kind.name`."""
        subject = f"{kind}.{name.lower()}"
        if subject not in {fact.subject for fact in self._facts}:
            raise FactNotFound.near(name, kind, self._near(subject))
        return FakeResolution(subject, name.upper())

    def _near(self, subject: str) -> list[str]:
        return get_close_matches(subject, sorted({fact.subject for fact in self._facts}), cutoff=0.5)


_LIFE_CYCLE = "carbon_intensity.lifecycle.generation"


def small_catalog() -> FakeCatalog:
    """A few grids, prices, one site and the yardsticks; round values, not for use outside tests."""
    fact, assumed = FakeFact, Basis.ASSUMED
    return FakeCatalog(
        [
            fact("grid.fr", _LIFE_CYCLE, 50, 40, 60, "gCO2e/kWh"),
            fact("grid.de", _LIFE_CYCLE, 400, 360, 440, "gCO2e/kWh", valid_from="2015-01-01"),
            fact("grid.us", _LIFE_CYCLE, 400, 360, 440, "gCO2e/kWh"),
            fact("grid.us", "carbon_intensity.direct.residual", 450, 400, 500, "gCO2e/kWh"),
            fact("grid.us-ca", "carbon_intensity.direct.generation", 200, 180, 220, "gCO2e/kWh"),
            fact("grid.any", _LIFE_CYCLE, 350, 20, 900, "gCO2e/kWh", basis=assumed),
            fact("price.fr", "price.electricity", 0.2, 0.15, 0.3, "USD/kWh"),
            fact("price.any", "price.electricity", 0.15, 0.05, 0.4, "USD/kWh", basis=assumed),
            fact("grid.de", "carbon_intensity.lifecycle.residual", 600, 540, 660, "gCO2e/kWh"),
            fact("grid.de", "carbon_intensity.direct.marginal", 700, 500, 900, "gCO2e/kWh"),
            fact("fuel.coal", _LIFE_CYCLE, 820, 740, 910, "gCO2e/kWh"),
            fact("fuel.gas", _LIFE_CYCLE, 490, 410, 650, "gCO2e/kWh"),
            fact("fuel.wind", _LIFE_CYCLE, 12, 7, 56, "gCO2e/kWh"),
            fact("accelerator.v100", "tdp", 300, 250, 300, "W"),
            fact("rental.any.v100", "price.device_hour.preemptible", 0.74, 0.74, 0.74, "USD/device-h"),
            fact("rental.any.v100", "price.device_hour.on_demand", 2.48, 2.48, 2.48, "USD/device-h"),
            fact("currency.eur", "exchange_rate", 1.1, 1.05, 1.15, "USD/EUR"),
            fact("carbon.ets", "price.carbon", 75, 55, 100, "USD/tCO2e"),
            fact("offset.biochar", "price.offset", 140, 100, 200, "USD/tCO2e", basis=assumed),
            fact("offset.avoidance", "price.offset", 5, 1, 15, "USD/tCO2e", basis=assumed),
            fact("parameter.offset-delivery", "value", 0.16, 0.05, 0.9, "1", basis=assumed),
            fact("site.gcp", "pue", 1.1, 1.06, 1.2, "1"),
            fact("yardstick.smartphone_charge", "energy", 0.012, 0.012, 0.012, "kWh"),
            fact("yardstick.kettle_boil", "energy", 0.12, 0.12, 0.12, "kWh"),
            fact("yardstick.household_year_eu", "energy", 3600, 3600, 3600, "kWh"),
            fact("yardstick.led_hour", "energy", 0.01, 0.01, 0.01, "kWh"),
        ]
    )


def hardware_catalog() -> FakeCatalog:
    """`small_catalog` with water and what machines are made of."""
    fact = FakeFact
    made = "embodied.cradle_to_gate"
    known = small_catalog()._facts  # noqa: SLF001 - the same module
    return FakeCatalog(
        [
            *known,
            fact("grid.fr", "water_intensity.consumption", 4, 3, 5, "L/kWh"),
            fact("grid.de", "water_intensity.consumption", 2, 1, 3, "L/kWh"),
            fact("grid.us", "water_intensity.consumption", 3, 2, 4, "L/kWh"),
            fact("site.gcp", "wue", 1, 0.5, 2, "L/kWh"),
            fact("parameter.ewif-grid", "value", 3, 1, 12, "L/kWh"),
            fact("accelerator.any", made, 160, 120, 320, "kgCO2e"),
            fact("server.rack", made, 1000, 500, 2000, "kgCO2e"),
            fact("component.dram", made, 1.4, 0.7, 2.8, "kgCO2e/GB"),
            fact("component.cpu", made, 100, 50, 200, "kgCO2e"),
            fact("server.any", "lifetime", 35_000, 21_000, 52_000, "h"),
            fact("parameter.lifetime-use", "value", 0.6, 0.4, 0.85, "1"),
        ]
    )
