from __future__ import annotations

import importlib.util
from itertools import pairwise
from math import sqrt
from pathlib import Path
from random import Random
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joulebook.meter.claims import NOBODY, Claim, split
from joulebook.meter.integrate import integrate
from joulebook.meter.timeline import Timeline
from joulebook.meter.window import EDGES_MAX, energy
from joulebook.quantity import Basis, Quantity, total
from joulebook.sensors.base import POWER, Channel

SECOND = 1_000_000_000
MS = 1_000_000
EXACT = Channel("package-0", "cpu-0", "cpu", period_ns=MS)
GAINED = EXACT._replace(low=0.95, high=1.1, calibration="rapl")


def counted(channel: Channel = EXACT, seconds: int = 10, seed: int = 1) -> Timeline:
    """A counter with a load that changes all the time, read at 10 Hz."""
    rng, uj, readings = Random(seed), 0, []
    for i in range(seconds * 10 + 1):
        readings.append((i * SECOND // 10, uj))
        uj += rng.randrange(1_000_000, 50_000_000)
    return Timeline([integrate(channel, readings)], "boot")


def sampled(seconds: int = 10, seed: int = 1) -> Timeline:
    rng = Random(seed)
    times = [i * SECOND // 10 + rng.randrange(SECOND // 10) for i in range(seconds * 10)]
    channel = EXACT._replace(form=POWER)
    return Timeline([integrate(channel, [(t, rng.choice((10**8, 7 * 10**8))) for t in times])], "boot")


def draws_close(left: Quantity, right: Quantity) -> bool:
    return max(abs(a - b) for a, b in zip(left.draws, right.draws, strict=True)) < 1e-6 * max(1.0, right.value)


# -- what a window says ---------------------------------------------------------------------------------------


def test_the_value_is_the_counted_energy():
    line = counted()
    window = energy(line, [(SECOND, 3 * SECOND), (5 * SECOND, 6 * SECOND)], "fit")
    uj = line.energy(SECOND, 3 * SECOND) + line.energy(5 * SECOND, 6 * SECOND)
    assert (window.energy_uj, window.amount.value, window.amount.unit.symbol) == (uj, uj / 1e6, "J")
    assert (window.amount.name, window.amount.basis, window.coverage, window.gap_s) == ("fit", Basis.MEASURED, 1.0, {})
    assert window.amount.low < window.amount.value < window.amount.high


def test_the_basis_is_that_of_the_channel():
    assert energy(counted(EXACT._replace(basis="modelled")), [(0, SECOND)]).amount.basis is Basis.MODELLED


def test_calibration_is_shared_by_the_kind_of_device():
    one, two = (energy(counted(GAINED._replace(device=f"cpu-{i}")), [(0, 10 * SECOND)]).amount for i in range(2))
    assert "rapl" in one.sources()
    assert one.low / one.value == pytest.approx(0.95, abs=0.01)
    assert one.high / one.value == pytest.approx(1.1, abs=0.01)
    assert (one + two).high / (one + two).value == pytest.approx(1.1, abs=0.01)  # they err together


def test_an_exact_instrument_has_no_calibration():
    assert not [source for source in energy(counted(), [(0, SECOND)]).amount.sources() if source.startswith("cal")]


def test_overlapping_intervals_count_once():
    line = counted()
    twice = energy(line, [(0, 4 * SECOND), (2 * SECOND, 6 * SECOND)])
    assert twice.energy_uj == line.energy(0, 6 * SECOND)
    assert energy(line, []).energy_uj == 0


def test_many_edges_become_one_error():
    line = counted(seconds=60)
    steps = [(i * SECOND // 2 + 30 * MS, i * SECOND // 2 + 260 * MS) for i in range(100)]
    few, many = energy(line, steps[:20]).amount, energy(line, steps).amount
    assert len(few.sources()) > 20
    assert len(many.sources()) == 2
    variance = sum(line.edge_sd(t) ** 2 for pair in steps for t in pair)
    assert (many.high - many.value) == pytest.approx(1.645 * sqrt(variance) / 1e6, rel=0.02)
    assert len(steps) * 2 > EDGES_MAX


# -- parts and whole --------------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(st.lists(st.integers(0, 10 * SECOND), min_size=3, max_size=5, unique=True), st.booleans())
def test_parts_are_the_whole_draw_by_draw(edges, power):
    line, edges = sampled() if power else counted(GAINED), sorted(edges)
    parts = [energy(line, [pair]).amount for pair in pairwise(edges)]
    whole = energy(line, [(edges[0], edges[-1])]).amount
    assert total(parts, "J").value == pytest.approx(whole.value)
    assert draws_close(total(parts, "J"), whole)


@pytest.mark.parametrize("line", [counted(GAINED), sampled()], ids=["counter", "power"])
def test_shares_are_the_whole_draw_by_draw(line):
    shares = split(line, [Claim("a", SECOND + 7, 5 * SECOND), Claim("b", 3 * SECOND, 8 * SECOND + 9)])
    window = [(2 * SECOND, 9 * SECOND)]
    parts = [energy(shares[owner], window).amount for owner in ("a", "b", NOBODY)]
    assert draws_close(total(parts, "J"), energy(line, window).amount)


def test_sampling_noise_of_a_window_has_the_variance_of_the_timeline():
    line = sampled(60)
    for start, end in ((SECOND, 2 * SECOND), (5 * SECOND, 55 * SECOND), (7_300 * MS, 8_100 * MS)):
        amount = energy(line, [(start, end)]).amount
        sd = sqrt(line.noise_var(start, end)) / 1e6
        assert (amount.high - amount.low) / 2 / 1.645 == pytest.approx(sd, rel=0.2)


# -- gaps -------------------------------------------------------------------------------------------------------


def holed(channel: Channel) -> Timeline:
    """100 W with nothing read between 3 and 7 s."""
    times = [*range(0, 3 * SECOND + 1, SECOND // 10), *range(7 * SECOND, 10 * SECOND + 1, SECOND // 10)]
    return Timeline([integrate(channel, [(t, 10**8 if channel.form == POWER else t // 10) for t in times])])


def test_a_gap_is_a_range_from_nothing_to_what_is_plausible():
    window = energy(holed(EXACT._replace(form=POWER)), [(0, 10 * SECOND)])
    assert window.energy_uj == 600_000_000
    assert (window.coverage, window.gap_s) == (pytest.approx(0.6), {"missing": 4.0})
    assert (window.amount.low, window.amount.high) == (pytest.approx(600), pytest.approx(1000))


def test_the_parts_of_a_gap_are_the_gap():
    line = holed(EXACT._replace(form=POWER))
    parts = [energy(line, [pair]).amount for pair in ((0, 4 * SECOND), (4 * SECOND, 10 * SECOND))]
    assert draws_close(total(parts, "J"), energy(line, [(0, 10 * SECOND)]).amount)


def test_a_bridged_gap_is_known_but_shown():
    window = energy(holed(EXACT), [(0, 10 * SECOND)])
    assert (window.coverage, window.gap_s) == (1.0, {"missing": 4.0})
    assert window.amount.high < 1_001


def test_an_edge_inside_a_bridged_gap_is_uncertain():
    line = counted()
    cut_out = [
        (t, uj) for t, uj in zip(line.tracks[0].t, line.tracks[0].uj, strict=True) if not 3 * SECOND < t < 7 * SECOND
    ]
    gappy = Timeline([integrate(EXACT, cut_out)])
    assert gappy.edge_sd(5 * SECOND) > 5 * line.edge_sd(5 * SECOND + 50 * MS)


def test_what_was_not_recorded_is_a_gap_of_its_own():
    window = energy(counted(), [(5 * SECOND, 15 * SECOND)])
    assert (window.coverage, window.gap_s) == (0.5, {"missing": 5.0})
    assert window.amount.high > window.amount.value * 1.5


def test_a_machine_asleep_draws_at_most_its_idle_power():
    readings = [(i * SECOND // 10, 10**7 if i < 60 else 3 * 10**8) for i in range(121)]
    readings += [(t + 3_600 * SECOND, raw) for t, raw in readings[1:]]
    slept = (13 * SECOND, 3_599 * SECOND)
    line = Timeline([integrate(EXACT._replace(form=POWER), readings, suspensions=[slept])])
    window = energy(line, [(0, 3_612 * SECOND)])
    assert set(window.gap_s) == {"suspended"}
    assert window.amount.high - window.amount.value == pytest.approx(10 * window.gap_s["suspended"], rel=0.05)


def test_the_energy_of_a_counter_that_never_moved_is_not_zero_but_unknown():
    line = Timeline([integrate(EXACT, [(i * SECOND // 10, 5) for i in range(100)])])
    window = energy(line, [(0, 9 * SECOND)])
    assert (window.energy_uj, window.coverage, set(window.gap_s)) == (0, 0.0, {"stuck"})
    assert window.amount.high == pytest.approx(9 * EXACT.limit_w)


# -- the bar (benchmarks/accuracy.py, seeded) ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def accuracy() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "accuracy.py"
    spec = importlib.util.spec_from_file_location("accuracy", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_intervals_hold_the_truth_as_often_as_they_say(accuracy):
    strata = {
        (instrument.name, length): accuracy.trials(instrument, length, 20, 2)
        for instrument in accuracy.INSTRUMENTS
        for length in (0.2, 1.0, 10.0)
    }
    everything = [one for stratum in strata.values() for one in stratum]
    assert len(everything) == 1200
    assert 0.88 <= accuracy.coverage(everything) <= 0.92
    for name, stratum in strata.items():
        assert accuracy.coverage(stratum) >= 0.85 - 2 * sqrt(0.9 * 0.1 / len(stratum)), name
        assert accuracy.width_ratio(stratum) <= 2, name


def test_a_second_is_right_to_the_bar(accuracy):
    bars = zip(accuracy.INSTRUMENTS[:3], (0.001, 0.005, 0.015), strict=True)
    for instrument, bar in bars:
        assert accuracy.rms(accuracy.trials(instrument, 1.0, 20, 3)) <= bar, instrument.name


@pytest.mark.parametrize("period_s", [0.1, 0.4])
def test_power_polled_at_random_instants_does_not_alias(accuracy, period_s):
    errors = [accuracy.rms(accuracy.periodic(period_s, length, 12, 4)) for length in (15, 60)]
    assert errors[1] <= 0.035
    assert errors[1] < errors[0]
