"""Water: IT energy x WUE at the site, energy of the site x EWIF at the power plants; what is unknown is said."""

from __future__ import annotations

import pytest

from joulebook.account.statement import Context, state
from joulebook.account.terms import WATER_GRID, WATER_SITE
from joulebook.entry import Entry
from joulebook.quantity import Basis, Quantity
from joulebook.testing.facts import FakeCatalog, FakeFact, small_catalog

WATER = [
    FakeFact("grid.fr", "water_intensity.consumption", 4, 3, 5, "L/kWh"),
    FakeFact("grid.us", "water_intensity.consumption", 3, 2, 4, "L/kWh"),
    FakeFact("site.gcp", "wue", 1, 0.5, 2, "L/kWh"),
]
ANYWHERE = FakeFact("parameter.ewif-grid", "value", 3, 1, 12, "L/kWh")


def statement(*more, kwh=1.0, **fields):
    energy = Quantity.of(kwh * 3.6e6, "J", basis=Basis.MEASURED, source="meter")
    entry = Entry("1", "a", "", "cpu-0", 0, 10**12, energy, round(kwh * 3.6e12), labels={"kind": "cpu"})
    catalog = FakeCatalog([*small_catalog()._facts, *WATER, *more])
    return state([entry], Context(catalog, "2026-11-20", run="a", **fields))


def litres(found, kind):
    return sum(line.quantity.to("L").value for line in found.of_kind(kind))


def test_site_uses_water_for_the_machine_and_plants_for_the_whole_building():
    pue = Quantity.exact(1.5)
    found = statement(region="fr", site="gcp", pue=pue, wue=Quantity.exact(2, "L/kWh"))
    assert litres(found, WATER_SITE) == pytest.approx(2)
    assert litres(found, WATER_GRID) == pytest.approx(1.5 * 4)
    assert found.water.value == pytest.approx(8)
    assert not {"water", "water of the site", "water of the grid"} & set(found.not_included)
    assert statement(kwh=3.0, region="fr", site="gcp", pue=pue, wue=Quantity.exact(2, "L/kWh")).water.value == (
        pytest.approx(24)
    )


def test_one_known_part_stands_alone_and_the_other_is_not_included():
    home = statement(region="fr")
    assert home.water.value == pytest.approx(4)
    assert "water of the site" in home.not_included
    unknown_grid = statement(region="de", site="gcp")
    assert unknown_grid.water.value == pytest.approx(1)
    assert "water of the grid" in unknown_grid.not_included


def test_state_of_a_country_has_the_water_of_the_country():
    found = statement(region="us-ca")
    assert found.water.value == pytest.approx(3)
    assert found.assumption("water_intensity").source.startswith("grid.us water_intensity")


def test_unknown_region_spans_grids_and_is_assumed_and_nothing_known_stays_unknown():
    found = statement(ANYWHERE)
    assert (found.water.low, found.water.high) == (pytest.approx(1), pytest.approx(12))
    assert found.water.basis is Basis.ASSUMED
    nothing = statement()
    assert nothing.water is None
    assert "water" in nothing.not_included
    assert any(said.startswith("water: unknown") for said in nothing.warnings)
