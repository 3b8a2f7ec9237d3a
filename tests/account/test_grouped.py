"""Many runs priced at once: the same figures as one by one, whatever the order and the division."""

from __future__ import annotations

from datetime import date
from math import fsum, isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joulebook.account.bought import Bought, Contract, Tariff
from joulebook.account.grouped import BY_ENERGY, FIGURES, Activity, price
from joulebook.account.statement import state
from joulebook.account.terms import Context
from joulebook.entry import Entry
from joulebook.errors import ConfigError, FactNotFound
from joulebook.quantity import Basis, Quantity

days = st.dates(min_value=date(2015, 1, 1), max_value=date(2026, 12, 31))
activities = st.builds(
    Activity,
    region=st.sampled_from(["FR", "DE", "US-CA", ""]),
    site=st.sampled_from(["", "gcp"]),
    day=days.map(str),
    card=st.sampled_from(["", "accelerator.v100-family", "accelerator.nobody"]),
    joules=st.floats(1.0, 1e12),
    device_hours=st.floats(0.0, 1e6),
)


def alone(catalog, one):
    amount = Quantity.exact(one.joules, "J")
    entry = Entry("gpu", "a3f9", "", "gpu-0", 0, 10**9, amount, labels={"kind": "gpu"})
    return state([entry], Context(catalog, one.day, region=one.region, site=one.site))


@settings(max_examples=25)
@given(st.lists(activities, min_size=1, max_size=12))
def test_each_run_has_the_figures_that_it_has_alone(real, runs):
    found = price(runs, real)
    for at, one in enumerate(runs):
        statement = alone(real, one)
        for name in BY_ENERGY:
            quantity = getattr(statement, name)
            got = found.columns[name][at]
            assert isnan(got) if quantity is None else got == pytest.approx(quantity.value, rel=1e-9), name


@settings(max_examples=25)
@given(st.lists(activities, min_size=1, max_size=12))
def test_sums_are_the_sums_of_the_runs_and_unknown_where_one_is(real, runs):
    found = price(runs, real)
    for name in FIGURES:
        column = found.columns[name]
        if any(map(isnan, column)):
            assert found.sums[name] is None, name
        else:
            assert found.sums[name].value == pytest.approx(fsum(column), rel=1e-9), name
            assert found.sums[name].low <= found.sums[name].value <= found.sums[name].high


def test_a_thousand_runs_of_one_year_and_place_are_one_group(real):
    runs = [Activity("FR", "", f"2024-{1 + at % 12:02}-{1 + at % 28:02}", "", 3.6e6) for at in range(1000)]
    found = price(runs, real)
    assert found.groups <= 2
    whole = alone(real, runs[0]._replace(joules=3.6e9)).carbon
    assert (found.sums["carbon"].low, found.sums["carbon"].high) == (
        pytest.approx(whole.low),
        pytest.approx(whole.high),
    )


def test_a_contract_holds_on_its_days_alone(real):
    rate = Quantity.of(10, "gCO2e/kWh", basis=Basis.REPORTED, source="wind")
    june = Contract("wind", "ppa", "grid.de", 1.0, rate, 2025, start="2025-06-01", end="2025-06-30")
    runs = [Activity("DE", "", day, "", 3.6e6) for day in ("2025-05-31", "2025-06-01", "2025-06-30", "2025-07-01")]
    found = price(runs, real, bought=Bought((june,))).columns
    before, first, last, after = found["carbon_market"]
    assert (first, last) == (pytest.approx(10), pytest.approx(10))
    assert (before, after) == (found["carbon"][0], found["carbon"][3])


def test_no_runs_have_no_sums_and_words_that_nobody_knows_are_refused(real):
    assert all(quantity is None for quantity in price([], real).sums.values())
    with pytest.raises(FactNotFound):
        price([Activity("Atlantis", "", "2026-01-01", "", 1.0)], real)
    rate = Quantity.of(0.2, "EUR/kWh", basis=Basis.REPORTED, source="rate")
    with pytest.raises(ConfigError, match="by itself"):
        price([], real, bought=Bought(tariff=Tariff("EUR", "UTC", (rate,), (0,) * 168, "list", "file:1")))
