"""Scenarios as arrays against the scalar account, which has the same formulas one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.account.arrays import CHUNK, ROWS, Figures, Ranges, Scenarios, account, draws, sampled
from joulebook.account.statement import state
from joulebook.account.terms import Context
from joulebook.draws import leaf_draws
from joulebook.entry import Entry
from joulebook.errors import UnitMismatch
from joulebook.quantity import Basis, Quantity, total
from joulebook.testing.facts import FakeCatalog, FakeFact, small_catalog

RATES = {
    "pue": ("1", 1.3, 1.1, 1.6),
    "intensity_g_per_kwh": ("gCO2e/kWh", 56.0, 30.0, 90.0),
    "wue_l_per_kwh": ("L/kWh", 1.0, 0.2, 1.8),
    "ewif_l_per_kwh": ("L/kWh", 4.0, 3.0, 5.0),
    "price_per_kwh": ("EUR/kWh", 0.25, 0.2, 0.32),
}
POSITIVE = st.floats(1e-6, 1e6)


def quantity(symbol, value, low=None, high=None, source="a"):
    return Quantity.of(value, symbol, low=low, high=high, basis=Basis.REPORTED, source=source)


def rates(*, uncertain):
    return {name: quantity(*(known if uncertain else known[:2]), source=name) for name, known in RATES.items()}


def triple(found):
    return found.value, found.low, found.high


def close(left, right):
    np.testing.assert_allclose(np.asarray(left, dtype=float), np.asarray(right, dtype=float), rtol=1e-12, atol=0)


def by_state(energy, known):
    """The figures of a run with that energy and those rates, from the rules of the account."""
    ewif = known["ewif_l_per_kwh"]
    catalog = FakeCatalog(
        [
            *small_catalog()._facts,
            FakeFact("grid.fr", "water_intensity.consumption", ewif.value, ewif.low, ewif.high, "L/kWh"),
        ]
    )
    context = Context(
        catalog,
        "2026-11-20",
        run="a",
        region="fr",
        pue=known["pue"],
        intensity=known["intensity_g_per_kwh"],
        wue=known["wue_l_per_kwh"],
        price=known["price_per_kwh"],
    )
    entry = Entry("1", "a", "", "cpu-0", 0, 10**12, energy, None, labels={"kind": "cpu"})
    found = state([entry], context)
    grid = next(one.quantity for one in found.assumptions if one.name == "water_intensity")
    cost = found.cost
    return Figures(found.it_energy.to("kWh"), found.energy.to("kWh"), found.carbon, found.water.to("L"), cost), grid


@pytest.mark.parametrize("uncertain", [False, True])
def test_one_scenario_of_quantities_is_the_statement_of_a_run(uncertain):
    energy = quantity("J", 3.6e7, *((3.2e7, 4e7) if uncertain else ()), source="meter")
    known = rates(uncertain=uncertain)
    stated, grid = by_state(energy, known)
    scenarios = Scenarios(it_energy_kwh=energy, **{**known, "ewif_l_per_kwh": grid})
    for name, one in stated._asdict().items():
        close(triple(getattr(sampled(scenarios), name)), triple(one))
        close(getattr(draws(scenarios), name), one.draws)
    if not uncertain:
        for ours, one in zip(account(scenarios), stated, strict=True):
            close(ours, one.value)


@given(*[POSITIVE] * 3, st.tuples(*[POSITIVE] * 4), st.floats(1, 3))
def test_plain_numbers_are_the_arithmetic_of_quantities(hours, watts, count, known, pue):
    gram, wue, ewif, price = known
    found = account(Scenarios(hours, watts, count, None, pue, gram, wue, ewif, price))
    it = (Quantity.exact(watts, "W") * Quantity.exact(hours, "h")).to("kWh") * count
    energy = it * pue
    water = total([it * Quantity.exact(wue, "L/kWh"), energy * Quantity.exact(ewif, "L/kWh")], "L")
    carbon, cost = energy * Quantity.exact(gram, "gCO2e/kWh"), energy * Quantity.exact(price, "EUR/kWh")
    expected = [it.to("kWh"), energy.to("kWh"), carbon.to("gCO2e"), water, cost.to("EUR")]
    close(found, [one.value for one in expected])


@given(st.floats(1e-3, 1e6), st.floats(0, 1), st.floats(0, 5))
def test_draws_of_a_range_are_those_of_a_quantity(value, down, up):
    low, high = value * (1 - down), value * (1 + up)
    found = draws(Scenarios(it_energy_kwh=Ranges(value, low, high)), seed=7)
    close(np.sort(found.it_energy_kwh), np.sort(leaf_draws(value, low, high, "arrays: it_energy_kwh, seed 7")))
    one = sampled(Scenarios(it_energy_kwh=Ranges(value, low, high))).it_energy_kwh
    close(one, (value, low, high))


def test_ranges_in_rows_are_the_product_of_quantities_with_the_same_draws_and_near_it_with_others():
    watts, pue = Ranges(np.array([300.0, 80, 0]), np.array([200.0, 80, 0]), np.array([500.0, 80, 0])), (1.2, 1.1, 1.5)
    found = sampled(Scenarios(hours=10, power_w=watts, pue=Ranges(*pue)), seed=3).energy_kwh
    for row, (value, low, high) in enumerate(zip(*watts, strict=True)):
        for sources, tolerance in ((("arrays: power_w, seed 3", "arrays: pue, seed 3"), 1e-12), (("a", "b"), 0.03)):
            power = quantity("W", value, low, high, sources[0]) * Quantity.exact(10, "h")
            whole = (power * quantity("1", *pue, sources[1])).to("kWh")
            np.testing.assert_allclose([end[row] for end in found], triple(whole), rtol=tolerance)


def test_a_seed_gives_the_same_draws_again_and_another_one_others():
    scenarios = Scenarios(it_energy_kwh=Ranges(3, 2, 5), pue=Ranges(1.2, 1.1, 1.4))
    first, again, other = (draws(scenarios, seed).energy_kwh for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
    close(sampled(scenarios, 1).it_energy_kwh, sampled(scenarios, 2).it_energy_kwh)


def test_values_and_intervals_of_sampling_are_read_off_its_draws():
    scenarios = Scenarios(it_energy_kwh=Ranges(3, 2, 5), **rates(uncertain=True))
    for name, one in sampled(scenarios)._asdict().items():
        ordered = np.sort(getattr(draws(scenarios), name))
        assert one.low == ordered[50]
        assert one.high == ordered[959]
        if name not in ("it_energy_kwh", "water_l"):  # a leaf, and a sum: their values are their own
            assert one.value == (ordered[504] + ordered[505]) / 2


@given(st.integers(1, 1000), st.booleans())
def test_n_devices_are_n_times_one(count, uncertain):
    power = Ranges(300, 200, 500) if uncertain else 300
    known = {"hours": 2.5, "power_w": power, **rates(uncertain=uncertain)}
    one, many = (sampled(Scenarios(devices=number, **known)) for number in (1, count))
    for alone, together in zip(one, many, strict=True):
        close(together, np.array(alone) * count)


def test_shapes_broadcast_over_pieces_and_give_what_single_scenarios_give():
    hours, watts, pue = np.arange(1, 301)[:, None], np.linspace(1, 500, 111, dtype=np.float32)[None, ::-1], 1.25
    scenarios = Scenarios(hours, watts, pue=pue, intensity_g_per_kwh=np.asfortranarray(np.full((300, 111), 50.0)))
    found = account(scenarios)
    assert found.carbon_g.shape == (300, 111)
    assert found.carbon_g.size > CHUNK
    close(found.carbon_g, hours * watts.astype(float) / 1000 * pue * 50)
    few = Scenarios(Ranges(hours[:7], hours[:7] * 0.5, hours[:7] * 2), watts[:, :11], pue=pue)
    several = sampled(few).energy_kwh
    assert several.value.size > ROWS
    alone = sampled(Scenarios(Ranges(3, 1.5, 6), watts[0, 5], pue=pue)).energy_kwh
    close([end[2, 5] for end in several], alone)
    assert draws(few).energy_kwh.shape == (7, 11, 1010)
    assert (found.water_l, found.cost) == (None, None)


def test_no_scenarios_have_no_figures_and_a_number_has_one():
    none = Scenarios(np.empty(0), 300, intensity_g_per_kwh=Ranges(50, 40, 60))
    assert account(none).carbon_g.shape == sampled(none).carbon_g.low.shape == (0,)
    assert draws(none).carbon_g.shape == (0, 1010)
    assert account(Scenarios(2, 500)).energy_kwh == 1


@pytest.mark.parametrize("work", [account, sampled, draws])
@pytest.mark.parametrize("wrong", [np.nan, -1.0, np.inf])
def test_numbers_that_are_none_are_refused_with_their_place(work, wrong):
    watts = np.full((3, 40000), 300.0)
    watts[1, 2] = wrong
    with pytest.raises(ValueError, match=rf"power_w: expected finite numbers of zero or more, got {wrong} at \[1, 2\]"):
        work(Scenarios(hours=1, power_w=watts))
    with pytest.raises(ValueError, match=f"pue: expected finite numbers of zero or more, got {wrong}"):
        work(Scenarios(hours=1, power_w=300, pue=wrong))


@pytest.mark.parametrize("work", [account, sampled, draws])
def test_what_does_not_fit_together_is_refused(work):
    with pytest.raises(ValueError, match=r"do not broadcast: hours \(3,\), power_w \(4,\)"):
        work(Scenarios(hours=np.ones(3), power_w=np.ones(4)))
    with pytest.raises(ValueError, match="expected it_energy_kwh, or hours and power_w; got power_w, devices, pue"):
        work(Scenarios(power_w=300))
    with pytest.raises(ValueError, match="devices: expected none beside it_energy_kwh"):
        work(Scenarios(it_energy_kwh=3, devices=8))
    with pytest.raises(ValueError, match="pue: expected numbers, got"):
        work(Scenarios(it_energy_kwh=3, pue="high"))
    with pytest.raises(UnitMismatch):
        work(Scenarios(it_energy_kwh=3, pue=quantity("W", 1)))


def test_a_range_out_of_order_is_refused():
    with pytest.raises(ValueError, match="pue: expected low <= value <= high in scenarios 0 to 0"):
        sampled(Scenarios(it_energy_kwh=3, pue=Ranges(1, 2, 3)))
