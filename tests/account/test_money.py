"""Money beside money: tariffs, hire, wear, carbon at a price, other currencies. Nothing is added to anything."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.account.bought import Bought, Ownership, Tariff
from joulebook.account.hours import by_hour_of_week, zone_of
from joulebook.account.machine import Machine
from joulebook.account.money import converted
from joulebook.account.statement import state
from joulebook.entry import Entry, Held
from joulebook.errors import ConfigError, FactNotFound
from joulebook.facts.catalog import Catalog
from joulebook.facts.feeds.series import Slice
from joulebook.quantity import Basis, Quantity

SECOND = 1_000_000_000
KWH = 3.6e6
MONDAY = 1_795_996_800  # 2026-11-30T00:00:00Z
V100 = Machine(held=(Held("gpu-0", "gpu", "V100", 3600.0),), cards={"V100": "accelerator.v100"})


def entry(joules=KWH, device="gpu-0", seconds=3600):
    amount = Quantity.exact(joules, "J")
    return Entry(device, "a3f9", "", device, 0, seconds * SECOND, amount, labels={"kind": "gpu"})


def tariff(prices, currency="EUR"):
    rates = tuple(Quantity.of(one, f"{currency}/kWh", basis=Basis.REPORTED, source=f"rate {one}") for one in prices)
    slots = tuple((hour * len(rates)) // 168 for hour in range(168))
    return Tariff(currency, "UTC", rates, slots, "a tariff", "file:1")


# -- tariff: laws -------------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**6), st.floats(0.01, 1e3)), min_size=1, max_size=8),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham"]),
)
def test_hours_of_the_week_have_the_whole_energy(in_germany, parts, zone):
    use = tuple(Slice((MONDAY + at) * SECOND, (MONDAY + at + length) * SECOND, weight) for at, length, weight in parts)
    found = by_hour_of_week(in_germany(bought=Bought(use=use)), zone_of(zone))
    assert sum(found.values()) == pytest.approx(1, abs=1e-12)
    assert set(found) <= set(range(168))


def test_a_whole_week_has_every_hour_alike_and_summer_time_has_one_less(in_germany):
    week = tuple(
        by_hour_of_week(
            in_germany(bought=Bought(use=(Slice(MONDAY * SECOND, (MONDAY + 7 * 86_400) * SECOND, 1.0),))),
            zone_of("UTC"),
        ).values()
    )
    assert week == pytest.approx([1 / 168] * 168)
    spring = 1_774_738_800  # 2026-03-29T00:00+01:00 in Berlin, a day of 23 hours
    use = (Slice(spring * SECOND, (spring + 23 * 3600) * SECOND, 1.0),)
    found = by_hour_of_week(in_germany(bought=Bought(use=use)), zone_of("Europe/Berlin"))
    assert len(found) == 23
    assert 6 * 24 + 2 not in found


def test_price_of_a_run_that_used_nothing_is_that_of_its_time(in_germany):
    bought = Bought(tariff=tariff([0.1, 0.3]), use=(Slice(MONDAY * SECOND, (MONDAY + 60) * SECOND, 0.0),))
    statement = state([entry(0.0)], in_germany(started="2026-11-30T00:00:00Z", bought=bought))
    assert statement.cost.value == 0
    assert statement.assumption("price").quantity.value == pytest.approx(0.1)


@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=7))
def test_price_of_a_tariff_lies_between_its_rates(in_germany, prices):
    fields = {"started": "2026-11-30T00:00:00Z", "duration": Quantity.exact(7 * 86_400, "s")}
    statement = state([entry()], in_germany(bought=Bought(tariff=tariff(prices)), **fields))
    assert min(prices) * (1 - 1e-9) <= statement.cost.value <= max(prices) * (1 + 1e-9)
    assert statement.cost.unit.symbol == "EUR"
    if len(prices) in (1, 7):
        assert statement.cost.value == pytest.approx(sum(prices) / len(prices))


def test_energy_in_dear_hours_costs_more_than_its_time(in_germany):
    use = (
        Slice(MONDAY * SECOND, (MONDAY + 3600) * SECOND, 3.0),
        Slice((MONDAY + 4 * 86_400) * SECOND, (MONDAY + 4 * 86_400 + 3600) * SECOND, 1.0),
    )
    statement = state([entry()], in_germany(bought=Bought(tariff=tariff([0.4, 0.2]), use=use)))
    assert statement.cost.value == pytest.approx(0.75 * 0.4 + 0.25 * 0.2)


# -- hire, wear, carbon -------------------------------------------------------------------------------------------


def test_hire_goes_from_preemptible_to_on_demand_and_is_added_to_nothing(in_germany):
    plain, hired = (state([entry()], in_germany(machine=machine)) for machine in (None, V100))
    assert (hired.cost_hire.low, hired.cost_hire.high) == (pytest.approx(0.74), pytest.approx(2.48))
    assert plain.cost_hire is None
    assert plain.cost == hired.cost
    assert {source.id for source in hired.cost_hire.sources().values()} >= {
        "rental.any.v100 price.device_hour.preemptible, price.device_hour.on_demand"
    }


STRUBELL = (
    ("P100", 8, 12, 41, 140),
    ("P100", 8, 84, 289, 981),
    ("P100", 3, 336, 433, 1_472),
    ("V100", 64, 79.2, 3_751, 12_571),
    ("P100", 8, 274_120, 942_973, 3_201_722),
)
"""Table 3 of Strubell et al. 2019: cards, how many, hours, USD pre-emptible and on demand."""


@pytest.mark.parametrize(("card", "count", "hours", "low", "high"), STRUBELL)
def test_cloud_cost_of_strubell_to_the_dollar(in_germany, card, count, hours, low, high):
    catalog = Catalog.open(own=False)
    held = tuple(Held(f"gpu-{at}", "gpu", card, hours * 3600.0) for at in range(count))
    machine = Machine(held=held, cards={card: f"accelerator.{card.lower()}-family"})
    context = in_germany(region="US", site="gcp")._replace(catalog=catalog, on="2019-06-01", machine=machine)
    entries = [entry(device=f"gpu-{at}") for at in range(count)]
    found = state(entries, context._replace(duration=Quantity.exact(hours, "h")))
    rented = f"rental.gcp.{card.lower()}-family"
    rates = [
        catalog.find(rented, f"price.device_hour.{kind}", on="2019-06-01") for kind in ("preemptible", "on_demand")
    ]
    assert [round(found.device_hours.value * rate.value) for rate in rates] == [low, high]
    assert found.cost_hire.low <= low < high <= found.cost_hire.high
    assert found.cost_hire.high / found.cost_hire.low == pytest.approx(high / low, rel=0.05)


def test_hours_of_all_devices_are_hired(in_germany):
    held = tuple(Held(f"gpu-{at}", "gpu", "V100", 12 * 3600.0) for at in range(8))
    entries = [entry(device=f"gpu-{at}", seconds=12 * 3600) for at in range(8)]
    machine = Machine(held=held, cards={"V100": "accelerator.v100"})
    hours = Quantity.exact(12, "h")
    statement = state(entries, in_germany(machine=machine, duration=hours))
    assert statement.device_hours.value == pytest.approx(96)
    assert (statement.cost_hire.low, statement.cost_hire.high) == (pytest.approx(96 * 0.74), pytest.approx(96 * 2.48))


@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=5))
def test_runs_that_share_a_card_pay_it_once(in_germany, weights):
    own = Ownership(Quantity.exact(10_000, "USD"), 1, Quantity.exact(4, "y"), 0.5, None, "invoice", "file:1")
    whole = state([entry()], in_germany(machine=V100, bought=Bought(ownership=own)))
    machines = [V100._replace(held=(V100.held[0]._replace(seconds=3600.0 * one / sum(weights)),)) for one in weights]
    parts = [state([entry()], in_germany(machine=one, bought=Bought(ownership=own))) for one in machines]
    for name in ("cost_hire", "cost_owned"):
        assert sum(getattr(part, name).value for part in parts) == pytest.approx(getattr(whole, name).value), name


def test_hire_of_a_card_that_is_not_known_is_unknown(in_germany):
    other = Machine(held=(*V100.held, Held("gpu-1", "gpu", "Zorn 9000", 3600.0)), cards=V100.cards)
    assert state([entry()], in_germany(machine=other)).cost_hire is None


@given(st.floats(1.0, 1e6), st.floats(1.0, 64), st.floats(1.0, 1e5), st.floats(0.01, 1.0))
def test_wear_over_the_whole_working_life_is_the_price(in_germany, price, devices, lifetime, utilisation):
    paid = Quantity.of(price, "USD", basis=Basis.REPORTED, source="invoice")
    own = Ownership(paid, devices, Quantity.exact(lifetime, "h"), utilisation, None, "invoice", "file:1")
    statement = state([entry()], in_germany(bought=Bought(ownership=own)))
    hours = lifetime * devices * utilisation
    assert statement.cost_owned.value * hours == pytest.approx(price)


def test_carbon_has_its_price_by_tonne_of_location_based_carbon(in_germany):
    price = Quantity.of(190, "USD/tCO2e", basis=Basis.REPORTED, source="given")
    statement = state([entry(1e6 * KWH)], in_germany(bought=Bought(carbon_price=price)))
    assert statement.cost_carbon.value == pytest.approx(statement.carbon.to("tCO2e").value * 190)


def test_carbon_price_of_2019_is_a_tenth_of_a_percent_of_a_gpu_hour():
    """Biewald 2019: 0.25 lb per GPU-hour at 10 USD/t is 0.11 cent."""
    carbon = Quantity.exact(0.25, "lbCO2e") * Quantity.exact(10, "USD/tCO2e")
    assert carbon.to("USD").value == pytest.approx(0.00113, rel=0.01)


# -- currencies ---------------------------------------------------------------------------------------------------


def test_costs_are_in_the_currency_that_is_wanted_by_a_dated_rate(in_germany):
    context = in_germany(
        bought=Bought(currency="EUR"), price=Quantity.of(0.22, "USD/kWh", basis=Basis.REPORTED, source="p")
    )
    statement = state([entry()], context)
    assert (statement.cost.value, statement.cost.unit.symbol) == (pytest.approx(0.2, rel=0.01), "EUR")
    assert "currency.eur exchange_rate" in statement.cost.sources()
    there = converted(Quantity.exact(110, "USD"), "EUR", context)
    assert converted(there, "USD", context).value == pytest.approx(110, rel=1e-3)


def test_without_a_rate_nothing_is_converted(in_germany):
    price = Quantity.of(0.22, "USD/kWh", basis=Basis.REPORTED, source="p")
    context = in_germany(bought=Bought(currency="EUR"), price=price)
    statement = state([entry()], context._replace(catalog=_NoRates(context.catalog)))
    assert statement.cost.unit.symbol == "USD"
    assert any(warning.startswith("cost: not converted to EUR") for warning in statement.warnings)


class _NoRates:
    def __init__(self, catalog):
        self._catalog = catalog

    def __getattr__(self, name):
        return getattr(self._catalog, name)

    def find(self, subject, prop, **rest):
        if subject.startswith("currency."):
            raise FactNotFound.near(subject, prop, [])
        return self._catalog.find(subject, prop, **rest)


# -- reading ------------------------------------------------------------------------------------------------------

GOOD = """\
[tariff]
currency = "EUR"
timezone = "Europe/Berlin"
source = "price list 2026"

[[tariff.rate]]
days = "mon-fri"
hours = "6-22"
price = 0.31

[[tariff.rate]]
days = "mon-fri"
hours = "22-6"
price = 0.22

[[tariff.rate]]
days = "sat,sun"
price = "0.2..0.24 EUR/kWh"

[ownership]
price = "30000 USD"
devices = 8
lifetime = "35000 h"
utilisation = 0.6
source = "invoice 88"
"""


def test_tariff_and_ownership_are_read(toml):
    found = toml('carbon_price = "ets"\n' + GOOD)
    assert [rate.value for rate in found.tariff.rates] == [0.31, 0.22, pytest.approx(0.22)]
    assert [found.tariff.slots[hour] for hour in (0, 6, 21, 22, 5 * 24)] == [1, 0, 0, 1, 2]
    changes = [hour for hour, (one, two) in enumerate(pairwise(found.tariff.slots)) if one != two]
    assert len(changes) == 11
    assert found.ownership.devices == 8
    assert found.carbon_price.value == 75
    assert toml('carbon_price = "15..190 USD/t"').carbon_price.high == pytest.approx(190)
    assert toml("") == Bought()


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('hours = "22-6"', 'hours = "22-5"', 1, "no price for mon 05:00 and 4 more hours"),
        ('days = "sat,sun"', 'days = "sat"', 1, "no price for sun 00:00 and 23 more"),
        ('hours = "22-6"', 'hours = "21-6"', 11, "mon 21:00 has two prices"),
        ('hours = "6-22"', 'hours = "6-25"', 8, "hours of the day"),
        ('days = "mon-fri"', 'days = "mon-fry"', 7, "days such as"),
        ("price = 0.31", "price = -0.31", 9, "zero or more"),
        ("price = 0.31", 'price = "0.31 USD/kWh"', 9, "zero or more, by kWh in EUR"),
        ('currency = "EUR"', 'currency = "CHF"', 2, "no dated rate converts"),
        ('"Europe/Berlin"', '"Europe/Utopia"', 3, "time zone"),
        ('source = "price list 2026"', "", 1, "it has no source"),
        ("utilisation = 0.6", "utilisation = 0", 24, "the part of its life"),
        ('lifetime = "35000 h"', 'lifetime = "0 h"', 23, "more than no time"),
        ('price = "30000 USD"', 'price = "30000 CHF"', 21, "an amount such as"),
        ("devices = 8", 'devices = 8\nresale = "40000 USD"', 23, "no more than the price"),
    ],
)
def test_mistakes_in_tariff_and_ownership_are_told_with_their_line(toml, old, new, line, said):
    with pytest.raises(ConfigError, match=said) as caught:
        toml(GOOD.replace(old, new, 1))
    assert f"joulebook.toml:{line})" in str(caught.value)


@pytest.mark.parametrize("text", ["free", "-5 USD/t", "190", "190 USD", "200..100 USD/t"])
def test_carbon_price_that_is_none_is_refused(toml, text):
    with pytest.raises(ConfigError, match=r"a price such as 190 USD/t"):
        toml(f'carbon_price = "{text}"')
