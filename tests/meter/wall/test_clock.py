"""The meter's clock against ours, where the truth is known."""

from __future__ import annotations

import pytest

from joulebook.meter.wall.clock import align
from joulebook.testing.wall import Bench, measure_both


def aligned(bench, seed=1, centre_s=0.0):
    logged = measure_both(bench, seed)
    return align(logged.log, logged.sensed, centre_s)


@pytest.mark.parametrize("late_s", [-90.0, -0.4, 0.0, 3.7, 100.0])
def test_a_clock_that_is_off_is_found_below_the_meters_own_period(late_s):
    found = aligned(Bench(late_s=late_s))
    assert found.known
    assert found.low_s <= found.offset_s <= found.high_s
    assert found.offset_s == pytest.approx(late_s, abs=0.1)
    assert found.explained > 0.99


def test_averages_of_a_minute_are_aligned_to_seconds():
    found = aligned(Bench(length_s=7_200, period_s=60, step_s=130))
    assert found.low_s <= 3.7 <= found.high_s
    assert found.high_s - found.low_s < 6


def test_noise_widens_the_interval():
    quiet, noisy = (aligned(Bench(noise_w=noise)) for noise in (0.5, 10.0))
    assert noisy.high_s - noisy.low_s > 2 * (quiet.high_s - quiet.low_s)


def test_values_that_are_missing_do_no_harm():
    assert aligned(Bench(lost=0.2)).offset_s == pytest.approx(3.7, abs=0.2)


def test_a_load_that_never_changes_tells_nothing_about_clocks():
    found = aligned(Bench(loads_w=(60.0, 60.1)), centre_s=2.0)
    assert not found.known
    assert found.offset_s == 2.0
    assert "too little" in found.note


def test_a_load_that_repeats_itself_is_said_and_the_nearest_shift_taken():
    found = aligned(Bench(regular=True, step_s=15.0, length_s=600))
    assert found.offset_s == pytest.approx(3.7, abs=0.1)
    assert "repeats" in found.note
    assert "-26.5 s" in found.note or "-26 s" in found.note


def test_a_clock_beyond_the_search_is_found_from_where_one_says():
    found = aligned(Bench(late_s=7_200.0), centre_s=7_195.0)
    assert found.offset_s == pytest.approx(7_200.0, abs=0.1)


def test_a_log_of_another_time_is_not_aligned():
    assert not aligned(Bench(late_s=86_400.0)).known
