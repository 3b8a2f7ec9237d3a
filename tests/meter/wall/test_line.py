"""Gain and offset of a bench of known truth, the coverage of their intervals, and every log that is refused."""

from __future__ import annotations

import random

import pytest

from joulebook.errors import CalibrationRefused
from joulebook.meter.wall.line import GAIN_MAX, SUPPLY_GAIN, calibrate
from joulebook.meter.wall.log import COUNTER, ENERGY, POWER, log_of
from joulebook.testing.wall import START_NS, Bench, measure_both


def calibrated(bench, seed=1, change=None, offset_s=None):
    """The calibration of a bench; `change` may spoil the watts, given seconds since the start and the value."""
    logged = measure_both(bench, seed)
    watts = logged.watts
    if change:
        watts = [change((t - START_NS) / 1e9, w) for t, w in zip(logged.times_ns, watts, strict=True)]
    return calibrate(log_of(POWER, logged.times_ns, watts), logged.sensed, offset_s)


def inside(interval, truth, slack=1.0):
    half = (interval.high - interval.low) / 2 * slack
    return abs(interval.value - truth) <= half


def test_the_truth_of_a_bench_is_recovered_within_its_intervals():
    found = calibrated(Bench(lost=0.05, length_s=600))
    assert inside(found.gain, 1.12, 1.5)
    assert inside(found.offset, 23.0, 1.5)
    assert found.gain.high - found.gain.low < 0.02
    assert found.offset.high - found.offset.low < 2
    assert found.excess.value == pytest.approx(found.offset.value + (found.gain.value - 1) * found.at_w)
    assert found.gain_known
    assert found.alignment.offset_s == pytest.approx(3.7, abs=0.1)
    assert found.overlap_s > 450


@pytest.mark.parametrize(
    "bench",
    [
        Bench(length_s=60, step_s=5),
        Bench(length_s=120, step_s=6, alike=0.9),
        Bench(length_s=3_600, period_s=60, step_s=100),
    ],
    ids=["a short log", "noise that hangs together", "averages of a minute"],
)
def test_intervals_hold_the_truth_nine_times_in_ten(bench):
    """Of 50 logs chance leaves 90 % give or take 13 % (three standard deviations); benchmarks/calibration.py tries more."""
    tries, held = 50, {"gain": 0, "offset": 0, "excess": 0}
    for seed in range(tries):
        found = calibrated(bench, seed)
        held["gain"] += inside(found.gain, 1.12)
        held["offset"] += inside(found.offset, 23.0)
        held["excess"] += inside(found.excess, 23.0 + 0.12 * found.at_w)
    assert all(0.77 <= count / tries <= 1.0 for count in held.values()), held


def test_an_even_load_tells_what_is_missing_there_and_no_gain():
    found = calibrated(Bench(loads_w=(50.0, 51.0)))
    assert not found.gain_known
    assert tuple(found.gain) == SUPPLY_GAIN
    assert inside(found.excess, 23 + 0.12 * found.at_w, 1.5)
    assert "too even" in " ".join(found.notes)


def test_a_clock_that_is_given_is_not_searched():
    found = calibrated(Bench(regular=True), offset_s=3.7)
    assert found.alignment.offset_s == 3.7
    assert inside(found.gain, 1.12, 1.5)


def test_a_wrong_clock_is_refused_and_not_averaged_over():
    with pytest.raises(CalibrationRefused):
        calibrated(Bench(), offset_s=40.0)


def test_windows_far_off_the_line_are_left_out_and_counted():
    found = calibrated(Bench(length_s=600), change=lambda t, w: w + (300 if 100 < t < 106 else 0))
    assert inside(found.gain, 1.12, 1.5)
    assert "left out" in " ".join(found.notes)


def test_another_meter_tells_the_same_as_energies_and_as_a_counter():
    logged = measure_both(Bench(length_s=600), 3)
    energies = [w * 1.0 for w in logged.watts]
    total, counter = 0.0, []
    for joules in energies:
        total += joules
        counter.append(total // 10 * 10)  # a coarse one
    for kind, values in ((ENERGY, energies), (COUNTER, counter)):
        found = calibrate(log_of(kind, logged.times_ns, values), logged.sensed)
        assert found.gain.value == pytest.approx(1.12, abs=0.03)
        assert found.offset.value == pytest.approx(23.0, abs=2.5)


# -- refused --------------------------------------------------------------------------------------------------------


def other_machine(t, w):
    """A second machine on the meter, at work for minutes."""
    return w + (80 if int(t) % 240 < 110 else 0)


REFUSED = {
    "too short": (Bench(length_s=30, step_s=4), None, "windows of 2 s in common"),
    "kilowatts": (Bench(), lambda _, w: w / 1000, "another unit"),
    "milliwatts": (Bench(), lambda _, w: w * 1000, "another unit"),
    "half the machine": (Bench(), lambda _, w: w * 0.5, "less than the sensors"),
    "gain too high": (Bench(gain=2.5), None, f"to {GAIN_MAX:g} can"),
    "gain too low": (Bench(gain=0.8, offset_w=40), None, "0.9 to"),
    "another machine at work": (Bench(length_s=900), other_machine, "alone on the meter"),
    "another machine switches": (Bench(length_s=900), lambda t, w: w + (60 if t > 500 else 0), "alone on the meter"),
    "it drifts": (Bench(length_s=900), lambda t, w: w + t / 20, "the load does not explain"),
    "a device without a sensor": (Bench(length_s=600), lambda _, w: w + (w - 100) ** 2 / 60, "no straight line"),
    "less at rest": (Bench(offset_w=-6), None, "less than the sensors"),
    "noise": (Bench(length_s=300), lambda t, w: w + 150 * random.Random(int(t / 4)).random(), "swings|scatter"),
    "an even load, but not the meter": (
        Bench(loads_w=(50, 51), length_s=900),
        lambda t, w: w + (20 if int(t) % 300 < 150 else 0),
        "swings",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_log_that_cannot_be_right_is_refused_with_the_reason(case):
    bench, change, words = REFUSED[case]
    with pytest.raises(CalibrationRefused, match=words):
        calibrated(bench, change=change)


@pytest.mark.parametrize(
    ("late_s", "words"), [(7_200.0, "1.92 h apart"), (400.0, "101 s apart"), (-86_400.0, "h apart")]
)
def test_a_log_of_another_time_is_refused_and_the_distance_said(late_s, words):
    with pytest.raises(CalibrationRefused, match=words) as refused:
        calibrated(Bench(late_s=late_s))
    assert "--zone" in str(refused.value)
