"""A meter keeps its own intervals; what it does not say is not known."""

from __future__ import annotations

import pytest

from joulebook.meter.wall.log import COUNTER, ENERGY, POWER, Sensed, log_of, pairs

S = 1_000_000_000


def test_a_power_speaks_for_the_period_before_its_time():
    log = log_of(POWER, [0, S, 2 * S, 3 * S], [10.0, 20.0, 30.0, 40.0])
    assert [one.joules for one in log.intervals] == [10.0, 20.0, 30.0, 40.0]
    assert log.intervals[1][:2] == (0, S)
    assert (log.period_s, log.notes) == (1.0, ())


def test_nothing_is_known_in_a_gap():
    times = [*range(3), *range(10, 30)]
    log = log_of(POWER, [t * S for t in times], [10.0] * len(times))
    assert log.intervals[3][:2] == (9 * S, 10 * S)
    assert log.notes == ("1 gaps, the longest 8 s: nothing is taken to be known in them",)


def test_a_meter_that_writes_changes_holds_each_value_for_a_minute_at_most():
    times = [0, 1, 2, 12, 13, 14, 40, 41, 300, 301]
    log = log_of(POWER, [t * S for t in times], [float(t) for t in times])
    assert (2 * S, 12 * S, 20.0) in log.intervals
    assert (41 * S, 101 * S, 41.0 * 60) in log.intervals
    assert "uneven" in log.notes[0]


def test_energies_of_intervals_are_taken_as_they_are():
    log = log_of(ENERGY, [60 * S, 120 * S, 180 * S], [5.0, 6.0, 7.0])
    assert log.intervals[1] == (60 * S, 120 * S, 6.0)


def test_a_counter_is_read_at_its_ticks_and_knows_what_was_used_in_a_gap():
    values = [0, 0, 1, 1, 1, 2, 2, 5, 6, 0, 0, 1, 2]
    times = [t * S for t in (0, 1, 2, 3, 4, 5, 6, 60, 61, 62, 63, 64, 65)]
    log = log_of(COUNTER, times, [float(value) for value in values])
    assert [(one.start_ns // S, one.end_ns // S, one.joules) for one in log.intervals] == [
        *((2, 5, 1.0), (5, 60, 3.0), (60, 61, 1.0)),
        (64, 65, 1.0),  # the first tick after a new beginning only starts an interval
    ]
    assert "fell 1 times" in log.notes[0]


def test_windows_join_what_touches_and_leave_out_what_our_sensors_did_not_see():
    sensed = Sensed(0, S, [10.0 * t for t in range(21)], [(8 * S, 9 * S)], 0.1)
    log = log_of(POWER, [t * S for t in range(1, 21)], [12.0] * 20)
    found = pairs(log, sensed, 0, 2.0)
    assert {(one.sensed_w, one.wall_w, one.seconds) for one in found} == {(10.0, 12.0, 2.0)}
    assert [one.start_ns // S for one in found] == [0, 2, 4, 6, 9, 11, 13, 15, 17]


def test_a_shift_moves_the_meter():
    sensed = Sensed(0, S, [float(t * t) for t in range(11)], [], 0.1)
    log = log_of(POWER, [t * S for t in range(1, 6)], [0.0] * 5)
    assert pairs(log, sensed, 5 * S)[0].sensed_w == pytest.approx(36 - 25)
    assert pairs(log, sensed, 20 * S) == []


def test_a_long_run_has_a_coarser_grid():
    assert Sensed.step_for(60 * S) == 50_000_000
    assert Sensed.step_for(86_400 * S) == 864_000_000
