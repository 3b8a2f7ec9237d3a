"""Meters outside the machine: their own resolution, their silences, and that they are in no sum."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.ledger.recording import Recording
from joulebook.meter.claimed import Scene, bounds
from joulebook.meter.integrate import integrate
from joulebook.meter.measured import measure, totals
from joulebook.meter.poller import Poller, is_slow
from joulebook.sensors.base import COUNTER, OUTSIDE, POWER, SOCKET, Channel
from joulebook.testing.fake import SECOND, FakeSensor, Load, Script, VirtualClock

PLUG = Channel("power", "plug", SOCKET, POWER, within=OUTSIDE, limit_w=4_000.0)
COUNTING = PLUG._replace(name="energy", form=COUNTER)
INNER = Channel("package-0", "cpu-0", "cpu", COUNTER, limit_w=1_000.0)
START = 1_000 * SECOND


def recording(columns, run="r"):
    """A recording of these channels with these readings."""
    head = {"run": run, "boot_id": "b", "boot_ns": START, "wall_ns": START, "channels": [c._asdict() for c in columns]}
    made = Recording("1-a", head)
    for at, readings in enumerate(columns.values()):
        made.t[at] = [t for t, _ in readings]
        made.raw[at] = [raw for _, raw in readings]
        made.last_ns = max([made.last_ns, *made.t[at]])
    return made


def inner(seconds, watts=50.0):
    """A counter at constant power, read ten times a second."""
    return [(START + n * SECOND // 10, int(n * watts * 1e5)) for n in range(seconds * 10 + 1)]


def asked(load, seconds, every=1.0, window=0):
    """Readings of a power, averaged over the last `window` ns."""
    found = []
    for n in range(int(seconds / every) + 1):
        t = START + int(n * every * SECOND)
        found.append((t, (load.work(t) - load.work(t - window)) // window if window else load.power_uw(t)))
    return found


def entry_of(measured, device="plug"):
    return next((one for one in measured.entries if one.device == device and one.span == ""), None)


def test_outer_meter_is_an_entry_of_its_own_and_in_no_total():
    own = recording({INNER: inner(60), PLUG: asked(Load.constant(180.0), 60)})
    scene = Scene([own])
    assert totals(scene).energy_uj == 60 * 50 * 10**6
    entry = entry_of(measure(scene))
    assert entry.energy_uj == 60 * 180 * 10**6
    assert entry.labels["within"] == OUTSIDE


def test_outer_meter_does_not_move_the_ends_of_a_run():
    late = [(t + 3 * SECOND, raw) for t, raw in asked(Load.constant(180.0), 60)]
    own = recording({INNER: inner(60), PLUG: [(START - 5 * SECOND, None), *late]})
    assert bounds([own]) == (START, START + 60 * SECOND)


@given(st.lists(st.sampled_from([None, "180 W", 180_000_000]), min_size=3, max_size=60))
def test_nothing_is_counted_across_a_question_that_was_not_answered(answers):
    readings = [(START + n * SECOND, answer) for n, answer in enumerate(answers)]
    track = integrate(PLUG, readings)
    both = sum(type(a) is int and type(b) is int for a, b in pairwise(answers))
    assert (track.uj[-1] if track.uj else 0) == both * 180_000_000
    known = [n for n, answer in enumerate(answers) if type(answer) is int]
    missed = sum(b - a > 1 for a, b in pairwise(known))
    inside = [
        gap for gap in track.gaps if known and START + known[0] * SECOND <= gap.start_ns < START + known[-1] * SECOND
    ]
    assert len(inside) == missed


def test_a_time_out_widens_the_interval_up_to_the_highest_power_and_is_told():
    readings = [(t, None if 20 < (t - START) / SECOND < 40 else raw) for t, raw in asked(Load.constant(180.0), 60)]
    entry = entry_of(measure(Scene([recording({INNER: inner(60), PLUG: readings})])))
    assert entry.energy_uj == 40 * 180 * 10**6
    assert entry.coverage == pytest.approx(40 / 60, abs=0.01)
    assert entry.amount.high > 55 * 180


@pytest.mark.parametrize(
    ("readings", "reason"),
    [([], "no usable readings"), ([None] * 61, "no usable readings"), ([0] * 61, "it showed nothing")],
)
def test_silence_is_unknown_and_never_zero(readings, reason):
    times = [START + n * SECOND for n in range(61)]
    measured = measure(Scene([recording({INNER: inner(60), PLUG: list(zip(times, readings, strict=False))})]))
    assert entry_of(measured) is None
    assert any(reason in notice for notice in measured.notices) or not readings


def test_meter_that_averages_over_too_long_says_nothing_of_a_short_run():
    window = 300 * SECOND
    slow = PLUG._replace(period_ns=window)
    load = Load([(1_000 * 10**9, 100_000_000), (10**13, 300_000_000)])
    short = measure(Scene([recording({INNER: inner(600), slow: asked(load, 600, 5.0, window)})]))
    assert entry_of(short) is None
    assert any("averages over 300 s, which is too long for a run of 600 s" in notice for notice in short.notices)
    long = entry_of(measure(Scene([recording({INNER: inner(3_000), slow: asked(load, 3_000, 5.0, window)})])))
    assert long.amount.low <= 3_000 * 300 <= long.amount.high
    assert long.coverage > 0.99


def block_average(load, t, window, phase):
    """The mean of the last whole window that ended before `t`."""
    end = t - (t - phase) % window
    return (load.work(end) - load.work(end - window)) // window


@pytest.mark.parametrize("blocks", [False, True])
def test_intervals_of_averages_hold_the_truth(blocks):
    random, held, runs = Random(7), 0, 150
    for _ in range(runs):
        window = random.choice((20, 60, 300)) * SECOND
        load = Load.walk(random, 80.0, 400.0, random.choice((7.0, 50.0, 400.0)))
        seconds = int(random.uniform(4, 20) * window / SECOND)
        phase = random.randrange(window)
        times = range(START, START + seconds * SECOND + 1, 5 * SECOND)
        raws = [
            block_average(load, t, window, phase) if blocks else (load.work(t) - load.work(t - window)) // window
            for t in times
        ]
        slow = PLUG._replace(period_ns=window)
        own = recording(
            {INNER: [(START, 0), (START + seconds * SECOND, 10**9)], slow: list(zip(times, raws, strict=True))}
        )
        entry = entry_of(measure(Scene([own])))
        truth = (load.work(START + seconds * SECOND) - load.work(START)) / 1e15
        held += entry.amount.low <= truth <= entry.amount.high
    assert held >= 0.85 * runs


def counted(load, seconds, step_j):
    """Readings of a counter in whole steps."""
    return [
        (t, int((load.work(t) - load.work(START)) / 1e15 // step_j * step_j * 1e6))
        for t in range(START, START + seconds * SECOND + 1, SECOND)
    ]


@pytest.mark.parametrize(("step_j", "chosen"), [(3.6, "energy"), (60.0, "energy"), (3_600.0, "power")])
def test_of_counter_and_power_the_better_one_is_taken_and_never_both(step_j, chosen):
    load = Load.square(100.0, 260.0, 37.0)
    own = recording({INNER: inner(120), PLUG: asked(load, 120), COUNTING: counted(load, 120, step_j)})
    entries = [one for one in measure(Scene([own])).entries if one.device == "plug"]
    assert [one.labels["channel"] for one in entries] == [chosen]
    truth = (load.work(START + 120 * SECOND) - load.work(START)) / 1e15
    assert entries[0].amount.value == pytest.approx(truth, rel=0.05)


def test_counter_that_is_updated_once_a_minute_is_left_to_the_power():
    load = Load.constant(200.0)
    minutes = [(t, 12_000_000_000 * ((t - START) // (60 * SECOND))) for t, _ in asked(load, 3_000)]
    own = recording({INNER: inner(3_000), PLUG: asked(load, 3_000), COUNTING: minutes})
    assert entry_of(measure(Scene([own]))).labels["channel"] == "power"


def test_runs_beside_each_other_share_it_like_the_machine():
    load = Load.constant(180.0)
    columns = {INNER: inner(60), PLUG: asked(load, 60)}
    one, two = recording(columns, "one"), recording(columns, "two")
    parts = [entry_of(measure(Scene([a], [[b]]))).energy_uj for a, b in ((one, two), (two, one))]
    assert sum(parts) == 60 * 180 * 10**6
    assert parts[0] == parts[1]


def test_poller_neither_waits_for_an_outer_meter_nor_stays_awake_for_it():
    clock = VirtualClock(START)
    scripts = [
        Script(Load.constant(50.0), INNER),
        Script(Load.constant(180.0), PLUG),
        Script(Load.constant(1.0), COUNTING),
    ]
    poller = Poller([("fake", FakeSensor(scripts, clock))], clock=clock)
    assert not is_slow(COUNTING)
    for _ in range(100):
        clock.now = max(clock.now, poller.next_instant())
        poller.read()
        poller.adapt()
        poller.drain()
    assert poller.quiet
