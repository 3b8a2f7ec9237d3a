"""SCI: ((E x I) + M) / R, gross and location-based, for every unit that was counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.account.machine import Machine
from joulebook.account.sci import sci
from joulebook.account.statement import Context, state
from joulebook.entry import Entry, Held
from joulebook.errors import ConfigError
from joulebook.quantity import Basis, Quantity
from joulebook.testing.facts import FakeCatalog, FakeFact, small_catalog

MADE = [
    FakeFact("server.rack", "embodied.cradle_to_gate", 1000, 500, 2000, "kgCO2e"),
    FakeFact("accelerator.any", "embodied.cradle_to_gate", 160, 120, 320, "kgCO2e"),
    FakeFact("component.dram", "embodied.cradle_to_gate", 1.4, 0.7, 2.8, "kgCO2e/GB"),
    FakeFact("server.any", "lifetime", 40_000, 30_000, 50_000, "h"),
    FakeFact("parameter.lifetime-use", "value", 0.6, 0.4, 0.85, "1"),
]


def statement(*, known=True, cards=False, **fields):
    energy = Quantity.of(3.6e6, "J", low=3.5e6, high=3.7e6, basis=Basis.MEASURED, source="meter")
    entry = Entry("1", "a3f9", "", "cpu-0", 0, 3600 * 10**9, energy, 3_600_000_000_000, labels={"kind": "cpu"})
    catalog = FakeCatalog([*small_catalog()._facts, *(MADE if known else [])])
    devices = [Held("cpu-0", "cpu", "", 3600.0), *([Held("gpu-0", "gpu", "A card", 3600.0)] if cards else [])]
    held = Machine(held=devices, server=True, memory_gb=10.0)
    return state([entry], Context(catalog, "2026-11-20", run="a3f9", region="fr", site="gcp", machine=held, **fields))


def test_sci_is_operational_and_embodied_carbon_for_one_unit():
    account = statement()
    found = sci(account, {"answers": 200.0})
    (rate,) = found.rates
    assert found.total.value == pytest.approx(account.carbon.value + account.carbon_embodied.value)
    assert rate.sci.value == pytest.approx(found.total.value / 200)
    assert rate.operational.value + rate.embodied.value == pytest.approx(rate.sci.value)
    product = found.energy.value * found.intensity.to("gCO2e/kWh").value
    assert found.operational.value == pytest.approx(product, rel=0.05)  # medians of products


@given(st.dictionaries(st.sampled_from(("answers", "tokens", "images")), st.floats(0.001, 1e12), min_size=1))
def test_rates_times_counts_are_the_total_for_every_unit(counts):
    found = sci(statement(), counts)
    assert [rate.unit for rate in found.rates] == list(counts)
    for rate in found.rates:
        assert rate.sci.value * counts[rate.unit] == pytest.approx(found.total.value)


def test_units_that_need_no_counting():
    found = sci(statement(), {}, ["run", "hour", "device-hour"])
    assert [rate.counted for rate in found.rates] == [1, pytest.approx(1), pytest.approx(1)]


def test_unit_of_which_none_was_done_keeps_no_other_one_back():
    account, counts = statement(), {"answers": 10.0, "refusals": 0.0}
    assert [rate.unit for rate in sci(account, counts).rates] == ["answers"]
    with pytest.raises(ConfigError, match="refusals"):
        sci(account, counts, ["refusals"])


def test_unit_that_was_not_counted_says_how_to_count_it():
    with pytest.raises(ConfigError, match=r"answers, run, hour.*run\.count\(answers=") as caught:
        sci(statement(), {"answers": 3}, ["cats"])
    assert "'cats'" in str(caught.value)
    with pytest.raises(ConfigError, match=r"run\.count"):
        sci(statement(), {})
    for count in (0.0, -1.0):
        with pytest.raises(ConfigError, match="more than none"):
            sci(statement(), {"answers": count})


def test_without_embodied_carbon_there_is_no_sci_but_its_other_terms():
    found = sci(statement(known=False), {"answers": 10})
    assert found.total is None
    assert found.rates[0].sci is None
    assert found.rates[0].operational.value > 0
    assert "[hardware]" in found.reason


def test_embodied_carbon_by_work_is_shown_and_in_no_total():
    per_work = Quantity.of(0.58, "gCO2e/EFLOP", basis=Basis.REPORTED, source="published")
    counts = {"flop": 3e18, "answers": 10}
    assert sci(statement(), counts, per_work=per_work).by_work is None, "no accelerator was held"
    found = sci(statement(cards=True), counts, per_work=per_work)
    assert found.by_work.value == pytest.approx(3 * 0.58)
    assert found.total == sci(statement(cards=True), counts).total
    assert sci(statement(cards=True), {"answers": 10}, per_work=per_work).by_work is None


def test_without_energy_there_is_nothing():
    nothing = state([], Context(small_catalog(), "2026-11-20", run="a3f9"))
    with pytest.raises(ConfigError, match="energy is unknown"):
        sci(nothing, {"answers": 10})
