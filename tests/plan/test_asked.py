"""What a plan is asked for: budgets by their units, names, lists, and what is wrong with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import joulebook as jb
from joulebook.plan.asked import hours_by_count, ranged
from joulebook.plan.budget import budgets_of
from joulebook.plan.choice import choose


@pytest.mark.parametrize(
    ("text", "figure", "amount", "unit"),
    [
        ("10 kg", "carbon", 10, "kgCO2e"),
        ("10kg", "carbon", 10, "kgCO2e"),
        ("2 t CO2e", "carbon", 2, "tCO2e"),
        ("500 lb", "carbon", 500, "lbCO2e"),
        ("10 kg embodied", "embodied", 10, "kgCO2e"),
        ("10 kg total", "carbon_total", 10, "kgCO2e"),
        ("300 kWh", "energy", 300, "kWh"),
        ("1.5e3 MWh", "energy", 1500, "MWh"),
        ("50 USD", "cost", 50, "USD"),
        ("1_000 €", "cost", 1000, "EUR"),
        ("12 h", "time", 12, "h"),
        ("3 days", "time", 3, "d"),
        ("2 weeks", "time", 14, "d"),
        ("900 L", "water", 900, "L"),
        ("2 m3", "water", 2, "m3"),
    ],
)
def test_budgets_by_their_units(text, figure, amount, unit):
    (budget,) = budgets_of([text])
    assert (budget.figure, budget.most.value, budget.most.unit.symbol) == (figure, amount, unit)


@pytest.mark.parametrize(
    "text",
    ["", "10", "kg", "-3 kg", "0 kg", "nan kg", "inf kg", "1e999 kg", "10..20 kg", "5 W", "3 h total", "9 km", "x"],
)
def test_what_is_no_maximum_is_refused(text):
    with pytest.raises(jb.JoulebookError, match=r"max = .*expected .*10 kg"):
        budgets_of([text])


@given(st.text(max_size=20))
def test_any_text_is_a_budget_or_refused(text):
    try:
        (budget,) = budgets_of([text])
    except jb.JoulebookError:
        return
    assert budget.most.value > 0


def test_two_maxima_of_one_figure_are_refused():
    with pytest.raises(jb.JoulebookError, match="one maximum of carbon: 10 kg is another"):
        budgets_of(["10 kg", "2 t"])
    assert len(budgets_of(["10 kg", "2 t total", "1 kg embodied"])) == 3


def test_all_unknown_names_are_told_at_once():
    with pytest.raises(LookupError) as told:
        choose(devices=["H1000", "A100"], counts=[8], regions=["FR", "Polnd", "gcp:europe-west77"], hours=1, power=1)
    for part in ("H1000", "h100", "Polnd", "poland", "europe-west77"):
        assert part in str(told.value)


def test_what_means_the_same_is_taken_once(catalog):
    over = ranged(["H100-SXM5-80GB", "h100", "A100"], [64, "64", "128"], ["FR", "fr", "France", "PL"], catalog)
    assert (len(over.devices), list(over.counts)) == (2, [64, 128])
    assert [one.word for one in over.places] == ["FR", "PL"]
    assert "FR and France are the same: taken once" in over.warnings


def test_counts_by_doublings(catalog):
    assert list(ranged(["H100"], ["8..100", 3], [], catalog).counts) == [8, 16, 32, 64, 3]


@pytest.mark.parametrize("counts", [[], [0], [-1], [2.5], ["x"], ["8..4"], ["1..2..3"], [True], ["9" * 30], [""]])
def test_counts_that_are_none_are_refused(counts, catalog):
    with pytest.raises(jb.JoulebookError, match="counts"):
        ranged(["H100"], counts, [], catalog)


@pytest.mark.parametrize("devices", [[], [""], [" "], "H100", [3]])
def test_devices_that_are_none_are_refused(devices, catalog):
    with pytest.raises(jb.JoulebookError, match="devices"):
        ranged(devices, [1], [], catalog)


def test_too_many_options_are_refused_with_their_number(catalog):
    with pytest.raises(jb.JoulebookError, match="1 devices x 60000 counts x 2 places has 120,000 options"):
        ranged(["H100"], list(range(1, 60_001)), ["FR", "PL"], catalog)


def test_a_site_stands_on_its_grid(catalog):
    (place,) = ranged(["H100"], [1], ["gcp:europe-west4"], catalog).places
    assert (place.region, place.site, place.provider) == ("NL", "gcp:europe-west4", "gcp")


def test_hours_of_ranges_and_doublings():
    assert hours_by_count("5 h", ["8..16"]) == {8: "5 h", 16: "5 h"}
    assert hours_by_count(["9", "5"], ["8..16"]) == {8: "9", 16: "5"}


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"sort": "beauty"}, "sort"),
        ({"sure": 0}, "sure"),
        ({"sure": 1.5}, "sure"),
        ({"sure": float("nan")}, "sure"),
        ({"region": "FR"}, "name all of them in regions"),
        ({"owned": True, "price": "0.43..1.46"}, "give that of electricity"),
        ({"hours": None}, "hours"),
    ],
)
def test_what_contradicts_is_refused(asked, says):
    whole = {"devices": ["H100"], "counts": [8], "regions": ["PL"], "hours": 10, "device_power": 500} | asked
    with pytest.raises(jb.JoulebookError, match=says):
        choose(**whole)
