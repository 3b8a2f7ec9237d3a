"""Figures of the literature, from their published inputs and by the rules that every run is priced with."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from joulebook.account.embodied import embodied
from joulebook.account.machine import Machine
from joulebook.account.statement import Context, state
from joulebook.entry import Entry, Held
from joulebook.quantity import Basis, Quantity
from joulebook.testing.facts import FakeCatalog, FakeFact, small_catalog

with Path(__file__).with_name("published.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
RATES = {"carbon": "intensity", "cost": "price"}
ON = "2022-01-01"


def exact(value, unit, source):
    return Quantity.of(value, unit, basis=Basis.REPORTED, source=source)


def account(kwh, source, catalog=None, **fields):
    energy = exact(kwh * 3.6e6, "J", source)
    entry = Entry("1", source, "", "devices", 0, 3600 * 10**9, energy, labels={"kind": "gpu"})
    return state([entry], Context(catalog or small_catalog(), ON, run=source, **fields))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_published_figure(row):
    source = row["source"]
    kwh = float(row["it_kwh"] or float(row["watts"]) * float(row["hours"]) / 1000)
    fields = {"pue": exact(float(row["pue"]), "1", source)}
    if row["rate"]:
        fields[RATES[row["figure"]]] = exact(float(row["rate"]), row["rate_unit"], source)
    found = getattr(account(kwh, source, **fields), row["figure"]).to(row["unit"])
    if row["tolerance"] == "unit":
        assert round(found.value) == float(row["published"])
    else:
        assert found.value == pytest.approx(float(row["published"]), rel=float(row["tolerance"]) / 100)
    assert found.is_exact, "inputs without a range give a figure without one"


def test_embodied_carbon_of_bloom():
    """Luccioni 2022: 11.2 t = 3.64 t of cards + 7.57 t of servers; 150 kg, 2500 kg for 8, 6 years, 85 % in use."""
    card_hours = 1_082_990
    facts = [
        FakeFact("accelerator.a100", "embodied.cradle_to_gate", 150, 150, 150, "kgCO2e"),
        FakeFact("server.rack", "embodied.cradle_to_gate", 2500, 2500, 2500, "kgCO2e"),
        FakeFact("server.any", "lifetime", 6 * 8760, 6 * 8760, 6 * 8760, "h"),
        FakeFact("parameter.lifetime-use", "value", 0.85, 0.85, 0.85, "1"),
    ]
    held = [Held("gpu", "gpu", "A100", card_hours * 3600.0), Held("cpu", "cpu", "", card_hours / 8 * 3600.0)]
    machine = Machine(held=held, server=True, cards={"A100": "accelerator.a100"})
    context = Context(FakeCatalog(facts), ON, machine=machine)
    found = embodied(account(1, "Luccioni 2022"), context)
    by_device = {line.device: line.quantity.to("tCO2e").value for line in found.lines}
    assert by_device["gpu"] == pytest.approx(3.64, rel=0.005)
    assert by_device["server"] == pytest.approx(7.57, rel=0.005)
    assert found.totals["carbon_embodied"].to("tCO2e").value == pytest.approx(11.2, rel=0.005)


@pytest.mark.parametrize(
    ("kwh", "factors", "litres", "tolerance", "source"),
    [
        (1_287_000, (0.55, 1.0, None), 700_000, 2, "Li 2023: on site; facility energy in the place of IT energy"),
        (1_287_000, (0.55, 1.17, 3.142), 5.4e6, 2, "Li 2023: in all; facility energy in the place of IT energy"),
        (0.00024 / 1.09, (1.15, 1.09, None), 0.00026, 3, "Elsworth 2025, of rounded parts"),
    ],
    ids=["gpt-3-site", "gpt-3-all", "gemini"],
)
def test_published_water(kwh, factors, litres, tolerance, source):
    wue, pue, ewif = factors
    grid = [FakeFact("grid.us", "water_intensity.consumption", ewif, ewif, ewif, "L/kWh")] if ewif else []
    base = [FakeFact("grid.us", "carbon_intensity.lifecycle.generation", 400, 400, 400, "gCO2e/kWh")]
    catalog = FakeCatalog([*small_catalog()._facts, *base, *grid])
    given = {"pue": exact(pue, "1", source), "wue": exact(wue, "L/kWh", source)}
    found = account(kwh, source, catalog, region="us", **given)
    assert found.water.to("L").value == pytest.approx(litres, rel=tolerance / 100)
