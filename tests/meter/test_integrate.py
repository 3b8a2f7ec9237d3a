from __future__ import annotations

import math
from bisect import bisect_right
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.meter.integrate import Track, integrate
from joulebook.meter.integrator import Gap, Integrator
from joulebook.sensors.base import COUNTER, POWER, Channel
from joulebook.testing.fake import SECOND, Fault, Load, Script, random_script

TENTH = SECOND // 10
COUNTER_CHANNEL = Channel("package-0", "cpu-0", "cpu", period_ns=1_000_000)
WRAPPING = COUNTER_CHANNEL._replace(wrap_uj=1_000_000_000)
POWER_CHANNEL = Channel("board", "gpu-0", "gpu", form=POWER)


def regular(values: list[object], step_ns: int = TENTH) -> list[tuple[int, object]]:
    return [(i * step_ns, value) for i, value in enumerate(values)]


def rising(count: int, start: int = 500_000_000, step: int = 10_000_000) -> list[object]:
    """A counter at 100 W when read at 10 Hz."""
    return [start + i * step for i in range(count)]


def total(track: Track) -> int:
    return track.uj[-1]


# -- counters -----------------------------------------------------------------------------------------------


def test_a_counter_is_the_difference_of_its_readings():
    track = integrate(COUNTER_CHANNEL, regular(rising(11)))
    assert (total(track), track.gaps, track.moved) == (100_000_000, (), tuple(range(1, 11)))


@pytest.mark.parametrize("bad", [None, "", "text", float("nan"), math.inf, -1, True, 10**24, 1.5, [], 0])
def test_a_single_bad_value_between_two_good_ones_costs_nothing(bad):
    values = rising(21, start=700_000_000_000)
    values[10] = bad
    track = integrate(COUNTER_CHANNEL, regular(values))
    assert (total(track), track.gaps) == (200_000_000, ())
    assert len(track.t) == 20


def test_an_integral_float_is_a_reading():
    assert total(integrate(COUNTER_CHANNEL, regular([float(value) for value in rising(3)]))) == 20_000_000


def test_one_wrap_is_corrected_by_the_range():
    values = [value % 1_000_000_000 for value in range(850_000_000, 1_250_000_000, 10_000_000)]
    track = integrate(WRAPPING, regular(values))
    assert (total(track), track.gaps) == (390_000_000, ())


def test_several_possible_wraps_are_ambiguous_with_a_lower_bound():
    # 1 kJ at the limit of 5 kW wraps every 0.2 s: nothing is known about an interval of a minute.
    values = [*rising(10), 40_000_000]
    readings = [*regular(values[:-1]), (60 * SECOND, 40_000_000)]
    track = integrate(WRAPPING, readings)
    lower = (40_000_000 - 590_000_000) % 1_000_000_000
    assert track.gaps == (Gap(9 * TENTH, 60 * SECOND, "ambiguous", lower),)
    assert total(track) == 90_000_000 + lower


def test_a_fall_that_could_be_a_wrap_or_a_restart_counts_the_least_of_both():
    # As a wrap this would be 4 kW after 100 W: inside the limit, but not like the counter so far.
    values = [*[400_000_000 + i * 10_000_000 for i in range(21)], 10_000_000, 20_000_000]
    track = integrate(WRAPPING._replace(limit_w=8_000.0), regular(values))
    assert track.gaps == (Gap(20 * TENTH, 21 * TENTH, "ambiguous", 10_000_000),)
    assert total(track) == 200_000_000 + 10_000_000 + 10_000_000


def test_without_a_range_a_fall_is_a_gap_and_never_negative():
    track = integrate(COUNTER_CHANNEL, regular([*rising(10, start=10**12), *rising(10, start=3)]))
    assert track.gaps == (Gap(9 * TENTH, 10 * TENTH, "reset"),)
    assert total(track) == 180_000_000


def test_a_restart_as_the_last_reading_is_flagged():
    track = integrate(COUNTER_CHANNEL, regular([*rising(10, start=10**12), 0]))
    assert track.gaps == (Gap(9 * TENTH, 10 * TENTH, "reset"),)


def test_a_new_epoch_is_found_through_values_that_stand_still():
    track = integrate(COUNTER_CHANNEL, regular([*rising(10, start=10**12), 0, 0, 0, *rising(5, start=10_000_000)]))
    assert track.gaps == (Gap(9 * TENTH, 12 * TENTH, "reset"),)  # it stood still for longer than its period
    assert total(track) == 90_000_000 + 50_000_000


def test_a_small_counter_after_a_zero_is_ambiguous():
    # 30 J, 0 J, 50 J: a bad reading (20 J counted) or a restart (50 J): the least is counted, and flagged.
    track = integrate(COUNTER_CHANNEL, regular([10_000_000, 30_000_000, 0, 50_000_000, 70_000_000]))
    assert track.gaps == (Gap(TENTH, 3 * TENTH, "ambiguous", 20_000_000),)
    assert total(track) == 60_000_000


def test_an_impossible_jump_is_not_charged():
    track = integrate(COUNTER_CHANNEL, regular([*rising(10), *rising(10, start=10**14)]))
    assert track.gaps == (Gap(9 * TENTH, 10 * TENTH, "implausible"),)
    assert total(track) == 180_000_000


def test_a_hole_costs_time_detail_and_no_energy():
    values = rising(100)
    values[20:60] = [None] * 40
    track = integrate(COUNTER_CHANNEL, regular(values))
    assert track.gaps == (Gap(19 * TENTH, 60 * TENTH, "missing", 410_000_000, bridged=True),)
    assert total(track) == 990_000_000


def test_a_refused_reading_is_denied():
    values = rising(60)
    values[20:50] = ["denied"] * 30
    assert [gap.reason for gap in integrate(COUNTER_CHANNEL, regular(values)).gaps] == ["denied"]
    assert integrate(COUNTER_CHANNEL, regular(["denied"] * 30)).gaps == (Gap(0, 29 * TENTH, "denied"),)


def test_a_sensor_that_vanishes_leaves_a_gap_to_the_last_attempt():
    track = integrate(COUNTER_CHANNEL, regular([*rising(10), *[None] * 30]))
    assert track.gaps == (Gap(9 * TENTH, 39 * TENTH, "missing"),)


def test_a_counter_that_stands_still_is_stuck_and_its_energy_still_counts():
    values = [*rising(10), *[590_000_000] * 30, 890_000_000, *rising(5, start=900_000_000)]
    track = integrate(COUNTER_CHANNEL, regular(values))
    assert track.gaps == (Gap(9 * TENTH, 40 * TENTH, "stuck", 300_000_000, bridged=True),)
    assert total(track) == 90_000_000 + 300_000_000 + 50_000_000


def test_a_counter_that_never_moves_is_unknown_not_zero():
    assert integrate(COUNTER_CHANNEL, regular([7] * 40)).gaps == (Gap(0, 39 * TENTH, "stuck"),)
    assert integrate(COUNTER_CHANNEL, regular([7] * 15)).gaps == ()


def test_a_slow_counter_is_given_twenty_of_its_periods():
    slow = COUNTER_CHANNEL._replace(period_ns=SECOND)
    assert integrate(slow, regular([7] * 40)).gaps == ()


def test_times_that_do_not_rise_are_dropped():
    readings = [(0, 0), (TENTH, 10), (TENTH, 12), (TENTH // 2, 13), (2 * TENTH, 20)]
    assert integrate(COUNTER_CHANNEL, readings)[2:4] == ((0, TENTH, 2 * TENTH), (0, 10, 20))


def test_a_suspended_counter_tells_the_truth_when_it_survived():
    readings = [*regular(rising(10)), *[(t + 60 * SECOND, raw) for t, raw in regular(rising(10, start=600_000_000))]]
    track = integrate(COUNTER_CHANNEL, readings, suspensions=[(SECOND, 60 * SECOND)])
    assert track.gaps == (Gap(9 * TENTH, 60 * SECOND, "suspended", 10_000_000, bridged=True),)
    assert total(track) == 190_000_000


def test_a_wrapping_counter_is_not_ambiguous_over_a_suspension():
    channel = WRAPPING._replace(limit_w=500.0)  # wraps after two seconds at most, awake
    readings = [*regular(rising(10)), *[(t + 60 * SECOND, raw) for t, raw in regular(rising(10, start=600_000_000))]]
    track = integrate(channel, readings, suspensions=[(SECOND, 60 * SECOND)])
    assert [gap.reason for gap in track.gaps] == ["suspended"]


# -- power --------------------------------------------------------------------------------------------------


def test_power_is_a_trapezoid_between_readings():
    track = integrate(POWER_CHANNEL, [(0, 100_000_000), (SECOND, 200_000_000), (3 * SECOND // 2, 200_000_000)])
    assert (track.uj, track.gaps) == ((0, 150_000_000, 250_000_000), ())
    assert track.power_uw == (100_000_000, 200_000_000, 200_000_000)


def test_power_loses_nothing_to_rounding():
    readings = [(i * 333_333_337, 1_000_001) for i in range(1001)]
    exact = 1000 * 333_333_337 * 1_000_001
    assert total(integrate(POWER_CHANNEL, readings)) == exact // SECOND


@pytest.mark.parametrize("bad", [None, "", "text", float("nan"), -1, True, 10**18])
def test_bad_power_is_left_out(bad):
    track = integrate(POWER_CHANNEL, regular([50_000_000, bad, 50_000_000]))
    assert (total(track), track.gaps) == (10_000_000, ())


def test_power_is_not_charged_over_a_hole():
    readings = [*regular([50_000_000] * 10), *[(t + 60 * SECOND, raw) for t, raw in regular([50_000_000] * 10)]]
    track = integrate(POWER_CHANNEL, readings)
    assert track.gaps == (Gap(9 * TENTH, 60 * SECOND, "missing"),)
    assert total(track) == 90_000_000


def test_power_is_not_charged_while_suspended():
    readings = [(0, 50_000_000), (TENTH, 50_000_000), (SECOND, 50_000_000), (11 * TENTH, 50_000_000)]
    track = integrate(POWER_CHANNEL, readings, suspensions=[(2 * TENTH, 9 * TENTH)])
    assert track.gaps == (Gap(TENTH, SECOND, "suspended"),)
    assert total(track) == 10_000_000


def test_a_change_of_unit_is_implausible():
    values: list[object] = [50_000_000] * 10 + [50_000_000_000] * 40 + [50_000_000] * 10
    assert integrate(POWER_CHANNEL, regular(values)).gaps == (Gap(9 * TENTH, 50 * TENTH, "implausible"),)


def test_a_slow_recording_is_not_full_of_holes():
    track = integrate(POWER_CHANNEL, regular([50_000_000] * 40, 5 * SECOND))
    assert len(track.gaps) <= 3
    assert total(track) >= 36 * 250_000_000


# -- anchors ------------------------------------------------------------------------------------------------


class Recorded(NamedTuple):
    readings: list[tuple[int, object]]
    anchors: list[tuple[int, int]]
    energy_uj: int


def recorded(channel: Channel, values: list[object], batch: int = 10) -> Recorded:
    readings, anchors, integrator = regular(values), [(-1, 0)], Integrator(channel)
    for number, (t, raw) in enumerate(readings, 1):
        integrator.step(t, raw)
        if number % batch == 0:
            anchors.append((t, integrator.uj))
    return Recorded(readings, anchors, integrator.uj)


def power_values(count: int) -> list[object]:
    return [100_000_000 + i % 7 * 10_000_000 for i in range(count)]


@given(lost=st.sets(st.integers(0, 18)))
def test_anchors_restore_the_energy_of_lost_records(lost):
    whole = recorded(POWER_CHANNEL, power_values(200))
    readings = [pair for i, pair in enumerate(whole.readings) if i // 10 not in lost]
    anchors = [whole.anchors[0], *(a for i, a in enumerate(whole.anchors[1:]) if i not in lost)]
    track = integrate(POWER_CHANNEL, readings, anchors)
    assert abs(total(track) - whole.energy_uj) <= 2
    assert all(gap.bridged and gap.reason == "missing" for gap in track.gaps)
    assert bool(track.gaps) <= bool(lost)  # a short loss may be what the neighbours make of it
    assert list(track.uj) == sorted(track.uj)
    assert len(track.t) == len(track.uj) == len(track.power_uw)


def test_anchors_change_nothing_when_nothing_was_lost():
    whole = recorded(COUNTER_CHANNEL, rising(100))
    assert integrate(COUNTER_CHANNEL, whole.readings, whole.anchors) == integrate(COUNTER_CHANNEL, whole.readings)


def test_an_anchor_without_readings_waits_for_the_next_ones():
    whole = recorded(POWER_CHANNEL, power_values(100))
    readings = whole.readings[:30] + whole.readings[60:]
    anchors = [*whole.anchors[:4], (whole.readings[29][0], whole.anchors[5][1]), *whole.anchors[7:]]
    assert total(integrate(POWER_CHANNEL, readings, anchors)) == whole.energy_uj


def test_the_energy_of_a_first_record_that_was_lost_stands_before_the_first_reading():
    whole = recorded(POWER_CHANNEL, power_values(100))
    slow = [*whole.readings[10:55], *whole.readings[58:]]  # a longer hole that has nothing to do with it
    anchors = [whole.anchors[0], *whole.anchors[2:]]
    track = integrate(POWER_CHANNEL, slow, anchors, lost=[whole.readings[0][0]])
    whole_track = integrate(POWER_CHANNEL, whole.readings)
    at = track.t.index(whole.readings[10][0])
    assert abs(track.uj[at] - whole_track.uj[10]) <= 2
    assert track.gaps[0].end_ns == track.t[at]
    assert track.gaps[0].bridged


def test_a_hole_that_a_lost_record_left_is_a_gap_however_short():
    whole = recorded(COUNTER_CHANNEL, rising(100))
    readings = whole.readings[:30] + whole.readings[35:]
    track = integrate(COUNTER_CHANNEL, readings, lost=[readings[29][0] + 1])
    assert track.gaps == (Gap(readings[29][0], readings[30][0], "missing", 60_000_000, bridged=True),)
    assert integrate(COUNTER_CHANNEL, readings).gaps == ()


def test_lost_records_that_held_a_gap_are_not_bridged():
    """The recorder stood still for most of the time in which its records are lost: it counted far less than 100 W."""
    readings = [(at, 100_000_000) for at in range(0, 2 * SECOND, TENTH)]
    readings += [(at, 100_000_000) for at in range(22 * SECOND, 24 * SECOND, TENTH)]
    anchors = [(0, 0), (readings[19][0], 190_000_000), (readings[-1][0], 400_000_000)]
    (gap,) = integrate(POWER_CHANNEL, readings, anchors, lost=[readings[19][0]]).gaps
    assert (gap.bridged, gap.lower_bound_uj) == (False, 20_000_000)


def test_a_counter_that_begins_with_a_number_that_no_counter_shows_is_not_believed():
    track = integrate(COUNTER_CHANNEL, regular([10**24] * 8 + rising(20)))
    assert total(track) == 190_000_000
    assert track.t[0] == 8 * TENTH


# -- one truth, two uses ------------------------------------------------------------------------------------


def test_online_and_offline_agree():
    values = [*rising(30), None, *rising(5, start=3), 10**24, *[10**6] * 40]
    integrator = Integrator(COUNTER_CHANNEL)
    for t, raw in regular(values):
        integrator.step(t, raw)
    track = integrate(COUNTER_CHANNEL, regular(values))
    assert (total(track), list(track.gaps)) == (integrator.uj, sorted(integrator.gaps + integrator.pending()))


# -- random faults ------------------------------------------------------------------------------------------

START, SPAN, STEP = 1_000 * SECOND, 9 * SECOND, SECOND // 5
HOLE = 6 * SECOND
"""Ten times twice the longest interval that the reader below leaves between its pauses."""


def taken(script: Script, rng: Random) -> list[tuple[int, object]]:
    silences, readings, t = script.silences, [], START
    refused = [f for f in script.faults if f.kind in ("denied", "oserror")]
    while t <= START + SPAN:
        if not any(f.start_ns <= t < f.end_ns for f in refused):
            readings.append((t, script.shown(t)))
        t += int(STEP * (0.5 + rng.random()))
        for start, end in silences:
            if start <= t < end:
                t = end
    return readings


def cannot_be_seen(script: Script) -> bool:
    """Whether a new epoch looks like an ordinary step.

    A restart just below the range looks like a wrap, one of a counter near 0 like nothing; a fall cut off at 0
    leaves a counter that stands still until it has made up for it.
    """
    top = script.load.top_uw / script.gain * 2  # two seconds of it
    for fault in script.faults:
        if fault.kind not in ("reset", "backwards"):
            continue
        earlier = script._replace(faults=tuple(f for f in script.faults if f.start_ns < fault.start_ns))
        value = earlier._counter(earlier._updated(fault.start_ns))
        if fault.kind == "backwards":
            if value < fault.value + top:
                return True
        elif value < top or 0 < script.channel.wrap_uj < value + 5 * top:  # a hole of 3 s, thrice the mean power
            return True
    return False


def hidden_fall(script: Script, track: Track, fault: Fault) -> int:
    """What a fall may take unseen: less than the counter rises between the readings before and after it."""
    after = bisect_right(track.t, fault.start_ns)
    stuck = [other for other in script.faults if other.kind == "stuck"]
    while after < len(track.t) and (
        script._updated(track.t[after]) < fault.start_ns
        or any(other.start_ns <= track.t[after] < other.end_ns for other in stuck)
    ):
        after += 1
    if not 0 < after < len(track.t):
        return fault.value
    before = track.t[after - 1]
    for other in stuck:
        if other.start_ns < before < other.end_ns:
            before = other.start_ns  # what the counter rose while it stood still comes at the end
    lag = script.period_ns  # the value shown is up to one period old
    return min(fault.value, script._scaled(script.true_uj(track.t[after]) - script.true_uj(before - 2 * lag)))


def worst_outside_gaps(script: Script, track: Track) -> float:
    """The largest difference from the truth, in uJ, over any stretch that no gap touches."""

    def truth(t: int) -> float:
        if script.channel.form == POWER:
            return script.true_uj(t) / script.gain
        return script._scaled(script.true_uj(script._updated(t)))

    stuck = [f for f in script.faults if f.kind == "stuck"]
    worst, begun, gaps, at = 0.0, -1, track.gaps, 0
    for i, t in enumerate(track.t):
        while at < len(gaps) and i and gaps[at].end_ns <= track.t[i - 1]:
            at += 1
        if i and any(gap.start_ns < t and gap.end_ns > track.t[i - 1] for gap in gaps[at:]):
            begun = -1
        if any(f.start_ns <= t < f.end_ns for f in stuck):
            continue
        if begun < 0:
            begun = i
        else:
            worst = max(worst, abs(track.uj[i] - track.uj[begun] - truth(t) + truth(track.t[begun])))
    return worst


def check_random_script(seed: int) -> bool:
    """Whether this script could be judged; asserts what must hold of it."""
    rng = Random(seed)
    script = random_script(rng, START, SPAN)
    if script.channel.form == POWER:  # what sampling leaves of a varying load is not a fault: see test_window
        script = script._replace(load=Load.constant(rng.uniform(5, 500)), period_ns=0)
    readings = taken(script, rng)
    asleep = [(f.start_ns, f.end_ns) for f in script.faults if f.kind == "suspended"]
    track = integrate(script.channel, readings, suspensions=asleep)
    assert all(a <= b for a, b in zip(track.uj, track.uj[1:], strict=False)), seed
    assert all(gap.start_ns <= gap.end_ns and gap.lower_bound_uj >= 0 for gap in track.gaps), seed
    for a, b in zip(track.t, [*track.t[1:], readings[-1][0] if readings else 0], strict=True):
        assert b - a <= HOLE or any(gap.start_ns <= a and gap.end_ns >= b for gap in track.gaps), seed
    if cannot_be_seen(script):
        return False
    hidden = sum(hidden_fall(script, track, fault) for fault in script.faults if fault.kind == "backwards")
    truth = script.true_uj(START + SPAN) - script.true_uj(START)
    assert worst_outside_gaps(script, track) <= 0.001 * truth + 10 + hidden, seed
    return True


def test_ten_thousand_random_faults():
    assert sum(check_random_script(seed) for seed in range(10_000)) > 9_500


@pytest.mark.long
def test_a_hundred_thousand_random_faults():
    assert sum(check_random_script(seed) for seed in range(10_000, 110_000)) > 95_000


@given(
    st.lists(
        st.one_of(st.integers(-5, 10**9), st.none(), st.floats(), st.text(max_size=3), st.booleans()), max_size=60
    ),
    st.sampled_from([COUNTER, POWER]),
    st.sampled_from([0, 10**8, 10**9]),
    st.integers(1, 10**10),
)
def test_energy_never_falls_whatever_is_read(values, form, wrap, step):
    track = integrate(COUNTER_CHANNEL._replace(form=form, wrap_uj=wrap), regular(values, step))
    assert list(track.uj) == sorted(track.uj)
    assert list(track.t) == sorted(set(track.t))
    assert all(gap.start_ns <= gap.end_ns and gap.lower_bound_uj >= 0 for gap in track.gaps)
