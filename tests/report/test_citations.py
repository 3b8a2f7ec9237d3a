"""Facts below a figure and the readings below them."""

from __future__ import annotations

import pytest

from joulebook.account.statement import Context, state
from joulebook.entry import Entry
from joulebook.facts.catalog import Catalog
from joulebook.ledger.recording import Recording
from joulebook.quantity import Basis, Quantity, Source
from joulebook.report.citations import cited, publications, reference
from joulebook.report.readings import readings


@pytest.fixture(scope="module")
def catalog():
    return Catalog.open()


def run(catalog, **fields):
    text = "calibration of cpu: cpu.any-amd-server power_per_thread; cpu.any full_load_share, idle_share, no_such"
    gain = Quantity.of(1, "1", low=0.5, high=2, basis=Basis.ASSUMED, source=Source("cpu_model cpu.any", text))
    reading = Quantity.of(9, "J", basis=Basis.ASSUMED, source=Source("reading:boot/cpu/active:10..1010", "cpu active"))
    entry = Entry("1", "a", "", "cpu", 0, 10**10, reading * gain, 9_000_000, labels={"kind": "cpu"})
    return state([entry], Context(catalog, "2026-11-20", run="a", started="2026-11-20T10:00:00Z", **fields))


def test_facts_of_leaves_and_of_calibrations_with_their_cards(catalog):
    statement = run(catalog, region="FR")
    found = cited([statement.carbon], statement, catalog)
    assert [(item.fact.subject, item.fact.property) for item in found] == [
        ("cpu.any-amd-server", "power_per_thread"),
        ("cpu.any", "full_load_share"),
        ("cpu.any", "idle_share"),
        ("grid.fr", "carbon_intensity.lifecycle.generation"),
    ]
    cards = publications(found)
    assert len({card.id for card in cards}) == len(cards)
    assert all(item.as_dict()["source"]["publisher"] for item in found)
    assert "Ember" in reference(cards[-1])
    assert reference(cards[-1]).endswith(cards[-1].url)


def test_facts_of_the_edition_and_none_for_nonsense(catalog):
    statement = run(catalog, region="FR")
    assert cited([statement.carbon], statement._replace(edition="1999-01-01"), catalog) == []
    assert cited([statement.carbon], statement._replace(edition="\x1b"), catalog) == []
    odd = Quantity.of(1, "J", basis=Basis.MEASURED, source=Source("grid.fr nothing; x.y", "a: b c; grid.fr"))
    assert cited([odd], statement, catalog) == []


def test_readings_are_counted_within_their_window(catalog):
    head = {"boot_id": "boot", "channels": [{"device": "cpu", "name": "active", "basis": "assumed", "method": "model"}]}
    recording = Recording("1", head)
    recording.t[0], recording.raw[0] = [0, 10, 510, 1010, 2000], [0, 1, None, 3, 4]
    (found,) = readings(run(catalog).it_energy, [recording])
    assert (found.device, found.channel, found.method, found.number, found.covered) == (
        "cpu",
        "active",
        "model",
        2,
        1.0,
    )
    assert found.note == "2 readings over 100 % of 0.000001 s"
    assert readings(run(catalog).it_energy, []) == []
