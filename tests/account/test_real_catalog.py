"""The rules on the facts that are shipped: every subject they ask for by name is there, and in range."""

from __future__ import annotations

import pytest

from joulebook.account.carbon import ANYWHERE, PROPERTIES
from joulebook.account.statement import Context, state
from joulebook.account.yardstick import CANDIDATES, LAMP
from joulebook.entry import Entry
from joulebook.errors import FactNotFound
from joulebook.quantity import Basis, Quantity

Catalog = pytest.importorskip("joulebook.facts.catalog").Catalog

ON = "2026-11-20"


@pytest.fixture(scope="module")
def catalog():
    return Catalog.open()


def statement(catalog, **fields):
    energy = Quantity.of(3.6e6, "J", basis=Basis.MEASURED, source="test")
    entry = Entry("1", "a", "", "cpu-0", 0, 10**12, energy, 3_600_000_000_000, labels={"kind": "cpu"})
    return state([entry], Context(catalog, ON, run="a", **fields))


def test_unknown_region_spans_clean_and_dirty_grids(catalog):
    found = statement(catalog)
    assert found.carbon.low < 60
    assert found.carbon.high > 600
    assert found.carbon.basis is Basis.ASSUMED
    assert found.cost.basis is Basis.ASSUMED
    assert catalog.find(ANYWHERE, PROPERTIES[0][0], on=ON).quantity().unit.symbol == "gCO2e/kWh"


@pytest.mark.parametrize(("region", "low", "high"), [("FR", 20, 100), ("DE", 200, 600), ("us-ca", 100, 350)])
def test_known_regions_are_inside_the_range_of_all(catalog, region, low, high):
    found, anywhere = statement(catalog, region=region), statement(catalog)
    assert low < found.carbon.value < high
    assert anywhere.carbon.low <= found.carbon.value <= anywhere.carbon.high
    assert found.assumption("carbon_intensity").source


def test_region_that_is_no_region_is_refused(catalog):
    with pytest.raises(FactNotFound) as caught:
        statement(catalog, region="Atlantis")
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("site", ["gcp", "aws"])
def test_sites_have_an_overhead_between_one_and_two(catalog, site):
    found = statement(catalog, site=site)
    assert 1 < found.assumption("pue").quantity.value < 2
    assert found.energy.value > found.it_energy.value


def test_every_yardstick_asked_for_is_in_the_catalogue(catalog):
    for subject in [LAMP, *(candidate.subject for candidate in CANDIDATES)]:
        assert catalog.find(subject, "energy", on=ON).quantity().to("kWh").value > 0
    assert "smartphone" in statement(catalog).yardstick.text
