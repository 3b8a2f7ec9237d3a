"""Two runs compared: contributions that sum exactly, what cancels, what is said in words."""

from __future__ import annotations

import json
from math import exp, fsum, isclose, prod, ulp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joulebook.account.compare import FIGURES, compare
from joulebook.account.machine import Machine
from joulebook.account.statement import Context, state
from joulebook.entry import Entry, Held
from joulebook.quantity import Basis, Quantity
from joulebook.testing.facts import hardware_catalog

SECOND = 1_000_000_000
CATALOG = hardware_catalog()


def entry(
    device="cpu-0", joules=100.0, *, kind="cpu", seconds=10.0, basis=Basis.MEASURED, spread=0.05, source="", **rest
):
    amount = Quantity.of(
        joules, "J", low=joules * (1 - spread), high=joules * (1 + spread), basis=basis,
        source=source or f"calibration of {device}",
    )  # fmt: skip
    fields = {"energy_uj": round(joules * 1e6), "method": "a method", **rest}
    end = round(seconds * SECOND)
    return Entry(f"{device}", "a3f9", "", device, 0, end, amount, labels={"kind": kind}, **fields)


def run(*entries, id_="a3f9", seconds=10.0, **fields):
    time = Quantity.of(seconds, "s", basis=Basis.MEASURED, source="clock")
    held = [Held(item.device, item.labels["kind"], "", seconds) for item in entries]
    machine = Machine(held=held, server=True, memory_gb=10.0)
    around = {"run": id_, "duration": time, "status": "finished", "machine": machine, **fields}
    return state([item._replace(run=id_) for item in entries], Context(CATALOG, "2026-11-20", **around))


def effects(compared):
    return {(effect.name, effect.kind): effect for effect in compared.effects}


def check_sums(comparison):
    for figure in comparison.figures:
        if figure.reason:
            assert figure.effects == ()
            continue
        changes = [effect.change.value for effect in figure.effects]
        assert fsum([*changes, figure.rounding]) == figure.after.value - figure.before.value == figure.difference.value
        assert abs(figure.rounding) <= 4 * ulp(max(map(abs, changes)))
        if figure.ratio is not None and figure.after.value > 0:
            logs = [effect.log.value for effect in figure.effects]
            assert prod(map(exp, logs)) == pytest.approx(figure.ratio.value, rel=1e-9)
            assert isclose(figure.ratio.value, figure.after.value / figure.before.value, rel_tol=1e-12)


def test_twice_the_time_and_half_the_power_are_told_apart():
    a = run(entry(joules=100, seconds=10), seconds=10, region="fr")
    b = run(entry(joules=100, seconds=20), seconds=20, region="fr", id_="b")
    found = compare(a, b)
    check_sums(found)
    parts = effects(found.figure("it_energy"))
    assert parts["duration", ""].log.value == pytest.approx(-parts["power", "cpu"].log.value)
    assert exp(parts["duration", ""].log.value) == pytest.approx(2)
    assert parts["duration", ""].change.unit.symbol == "kWh"
    assert found.figure("carbon").ratio.value == 1
    assert found.figure("carbon").differs is False


def test_another_grid_explains_all_of_the_carbon_and_none_of_the_energy():
    a, b = run(entry(), region="fr"), run(entry(), region="de", id_="b")
    found = compare(a, b)
    check_sums(found)
    assert found.figure("energy").difference.value == 0
    parts = effects(found.figure("carbon"))
    assert parts["carbon_intensity", ""].change.value == found.figure("carbon").difference.value
    assert parts["duration", ""].change.value == 0
    assert parts["power", "cpu"].change.value == 0
    assert found.figure("carbon").differs is True
    assert "They are on different grids or years: A FR, life cycle, 2024; B DE, life cycle, 2015." in found.causes


def test_what_both_share_cancels():
    a = run(entry(joules=100, spread=0.3), region="fr")
    b = run(entry(joules=110, spread=0.3), region="fr", id_="b")
    found = compare(a, b)
    assert found.figure("it_energy").ratio.low == pytest.approx(1.1)
    assert found.figure("it_energy").ratio.high == pytest.approx(1.1)
    assert found.figure("carbon").ratio.low == pytest.approx(1.1)
    assert found.figure("carbon").differs is True
    power = effects(found.figure("carbon"))["power", "cpu"]
    assert power.log.low == pytest.approx(power.log.high)


def test_noise_is_not_sold_as_a_difference():
    a, b = run(entry(joules=100, source="x")), run(entry(joules=103, source="y"), id_="b")
    found = compare(a, b).figure("it_energy")
    assert found.differs is False
    assert found.ratio.low < 1 < found.ratio.high


def test_same_run_twice():
    a = run(entry(), entry("ram", 5, kind="ram", basis=Basis.ASSUMED), region="fr")
    found = compare(a, a)
    assert found.causes[0] == "A and B are the same run."
    for figure in found.figures:
        assert figure.differs is False
        assert (figure.ratio.low, figure.ratio.value, figure.ratio.high) == (1, 1, 1)
        assert {effect.change.value for effect in figure.effects} == {0}
        assert {effect.log.high for effect in figure.effects} == {0}


def test_device_on_one_side_is_flagged_and_its_power_carries_its_energy():
    a = run(entry(joules=100))
    b = run(entry(joules=100), entry("gpu-0", 300, kind="gpu"), entry("gpu-1", 300, kind="gpu"), id_="b")
    found = compare(a, b)
    check_sums(found)
    assert effects(found.figure("it_energy"))["power", "gpu"].change.to("J").value == pytest.approx(600)
    assert effects(found.figure("it_energy"))["duration", ""].change.value == 0
    term = next(term for term in found.terms if term.kind == "gpu")
    assert (term.before, term.ratio, term.word) == (None, None, "GPU power")
    assert any(cause.startswith("GPU is counted in B only (measured): A has no readings") for cause in found.causes)


def test_kinds_and_numbers_of_devices_are_causes():
    a = run(entry(basis=Basis.MODELLED), entry("gpu-0", kind="gpu"), entry("ram", kind="ram"))
    b = run(
        entry(),
        entry("gpu-0", kind="gpu"),
        entry("gpu-1", kind="gpu"),
        entry("ram", kind="ram", method="other"),
        id_="b",
    )
    said = compare(a, b).causes
    assert "CPU is modelled in A and measured in B: part of the difference may be the method." in said
    assert "GPU: 1 device in A, 2 in B." in said
    assert "RAM was metered in two ways: a method in A, other in B." in said


def test_conditions_are_causes():
    a = run(entry(coverage=0.9), status="interrupted", shared_with=2, degraded=["rapl: gone"])
    b = run(entry(), status="failed", exit=3, id_="b")
    said = compare(a, b).causes
    assert "A was interrupted: its totals are those of the part that was recorded." in said
    assert "A shared its machine with 2 other runs: its energy is its share, which depends on them." in said
    assert "A has no usable readings of cpu-0 for 10 % of its time." in said
    assert "The meter of A was degraded: rapl: gone." in said
    assert "B failed with exit code 3: it may not have done the same work." in said


def test_unknown_regions_and_sites_are_causes():
    known, unknown = run(entry(), region="fr", site="gcp"), run(entry(), id_="b")
    assert (
        "Both regions are unknown: the comparison supposes that both stood on the same grid."
        in compare(unknown, unknown).causes
    )
    found = compare(known, unknown)
    assert "The region of B is unknown: its carbon is a range over all plausible grids." in found.causes
    assert "Only A counts the overhead of its site: the building of B is not known." in found.causes
    check_sums(found)
    overhead = effects(found.figure("energy"))["overhead", ""]
    assert exp(overhead.log.value) == pytest.approx(1 / 1.1, rel=0.01)  # medians of products
    assert next(term for term in found.terms if term.name == "overhead").after is None


def test_machines_are_causes():
    said = compare(run(entry(), hardware=["a", "b"]), run(entry(), hardware=["c"], id_="b")).causes
    assert "They ran on different machines: A on a, b; B on c." in said
    assert not any("machines" in cause for cause in compare(run(entry(), hardware=["a"]), run(entry(), id_="b")).causes)


def test_editions_are_causes():
    a, b = run(entry(), edition="2026-01-01"), run(entry(), edition="2026-02-01", id_="b")
    assert any("different editions" in cause for cause in compare(a, b).causes)


def test_unknown_is_not_taken_apart_and_never_zero():
    a, b = run(entry()), run(id_="b")
    found = compare(a, b)
    for figure in found.figures:
        assert figure.effects == ()
        assert "of B is unknown" in figure.reason
        assert (figure.after, figure.ratio, figure.differs) == (None, None, None)
    assert "Nothing was metered in B." in found.causes
    assert "A and of B is unknown" not in compare(a, b).figures[0].reason
    assert "of A and of B is unknown" in compare(b, b).figures[0].reason


def test_two_currencies_are_not_compared():
    price = Quantity.of(200.0, "EUR/MWh", basis=Basis.REPORTED, source="--price")
    found = compare(run(entry()), run(entry(), price=price, id_="b")).figure("cost")
    assert found.reason == "cost of A is in USD and of B in EUR: nothing converts one into the other"
    assert found.ratio is None


def test_prices_in_other_units_of_energy_compare():
    prices = [
        Quantity.of(*price, basis=Basis.REPORTED, source=price[1]) for price in ((0.2, "EUR/kWh"), (300.0, "EUR/MWh"))
    ]
    found = compare(run(entry(), price=prices[0]), run(entry(), price=prices[1], id_="b"))
    check_sums(found)
    assert effects(found.figure("cost"))["price", ""].log.value == pytest.approx(0.405465108)


def test_run_of_no_length_has_no_power():
    found = compare(run(entry(joules=0.0, seconds=0), seconds=0), run(entry(), id_="b"))
    assert found.figure("energy").reason == "the duration of A is zero: it has no mean power"


def test_energy_that_appears_has_a_difference_and_no_ratio():
    found = compare(run(entry(joules=0.0)), run(entry(), id_="b")).figure("it_energy")
    assert found.ratio is None
    assert effects(found)["power", "cpu"].log is None
    assert effects(found)["power", "cpu"].change.value == found.difference.value > 0
    json.dumps(compare(run(entry(joules=0.0)), run(entry(), id_="b")).as_dict(), allow_nan=False)
    gone = compare(run(entry()), run(entry(joules=0.0), id_="b"))
    assert gone.figure("it_energy").ratio.value == 0
    json.dumps(gone.as_dict(), allow_nan=False)


def test_draws_below_zero_are_no_amounts():
    wide = entry(joules=1.0, spread=3.0)
    found = compare(run(wide), run(entry(joules=2.0, spread=3.0, source="y"), id_="b"))
    assert found.figure("it_energy").differs is False
    json.dumps(found.as_dict(), allow_nan=False)


DEVICES = [("cpu-0", "cpu"), ("ram", "ram"), ("gpu-0", "gpu"), ("gpu-1", "gpu")]


@st.composite
def runs(draw, id_):
    seconds = draw(st.floats(1e-3, 1e6))
    devices = draw(st.lists(st.sampled_from(DEVICES), unique=True, min_size=1))
    entries = [
        entry(
            device, draw(st.floats(1e-6, 1e9)), kind=kind, seconds=seconds,
            basis=draw(st.sampled_from(list(Basis))), spread=draw(st.sampled_from([0.0, 0.05, 0.9])),
        )
        for device, kind in devices
    ]  # fmt: skip
    place = {"region": draw(st.sampled_from(["", "fr", "us-ca", "de"])), "site": draw(st.sampled_from(["", "gcp"]))}
    return run(*entries, id_=id_, seconds=seconds, **place)


@settings(max_examples=60)
@given(runs("a"), runs("b"))
def test_contributions_sum_exactly_and_turn_around(a, b):
    there, back = compare(a, b), compare(b, a)
    check_sums(there)
    for name in FIGURES:
        forward, backward = effects(there.figure(name)), effects(back.figure(name))
        size = max(abs(effect.change.value) for effect in forward.values())
        assert forward.keys() == backward.keys()
        for key, effect in forward.items():
            assert effect.change.value == pytest.approx(-backward[key].change.value, rel=1e-9, abs=1e-12 * size)


@settings(max_examples=10)
@given(runs("a"), runs("b"))
def test_contributions_sum_draw_by_draw(a, b):
    for figure in compare(a, b).figures:
        size = max(abs(effect.change.value) for effect in figure.effects) + 1e-9 * abs(figure.before.value)
        for at in range(0, 1010, 101):
            together = fsum(effect.change.draws[at] for effect in figure.effects)
            assert together == pytest.approx(figure.difference.draws[at], rel=1e-6, abs=1e-6 * size)


@settings(max_examples=30)
@given(runs("a"))
def test_a_run_against_itself_is_nothing(a):
    found = compare(a, a)
    assert {effect.change.value for figure in found.figures for effect in figure.effects} == {0}
    assert {figure.ratio.value for figure in found.figures} == {1}


@settings(max_examples=30)
@given(st.floats(1e-3, 1e6), st.floats(1, 1e5), st.floats(1, 1e5))
def test_parts_of_the_ratio_do_not_depend_on_the_scale(scale, first, second):
    plain = compare(run(entry(joules=first)), run(entry(joules=second), seconds=20, id_="b"))
    scaled = compare(run(entry(joules=first * scale)), run(entry(joules=second * scale), seconds=20, id_="b"))
    for one, other in zip(plain.figure("carbon").effects, scaled.figure("carbon").effects, strict=True):
        assert one.log.value == pytest.approx(other.log.value, rel=1e-6, abs=1e-9)
