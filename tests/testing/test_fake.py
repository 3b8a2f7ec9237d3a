"""The fakes themselves: their truth is checked against sums done another way."""

from __future__ import annotations

from itertools import pairwise
from math import isnan
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.errors import SensorDenied
from joulebook.sensors.base import POWER, Channel, Sensor
from joulebook.testing.contract import SensorContract
from joulebook.testing.fake import (
    FAULTS,
    SECOND,
    FakeSensor,
    Fault,
    Load,
    Script,
    VirtualClock,
    play,
    random_script,
)

COUNTER = Channel("c", "d", "gpu")
START = 1_000 * SECOND


def sensor(*faults, load=None, clock=None, **fields):
    script = Script(load or Load.constant(100.0), fields.pop("channel", COUNTER), faults=faults, **fields)
    return FakeSensor(script, clock or VirtualClock())


def raw_at(fake, seconds):
    fake.clock.now = START + int(seconds * SECOND)
    return fake.read()[0].raw


class TestContractOfCounter(SensorContract):
    def make_sensor(self, clock):
        return sensor(clock=clock, period_ns=20_000_000, jitter_ns=5_000_000)


class TestContractOfWrappingCounterBesidePower(SensorContract):
    def make_sensor(self, clock):
        wrapping = Script(Load.constant(50), COUNTER._replace(wrap_uj=10_000_000), offset_uj=9_999_999)
        power = Script(Load.square(10, 90, 0.3), Channel("p", "e", "gpu", form=POWER), window_ns=25_000_000)
        return FakeSensor([wrapping, power], clock)


def test_default_is_a_sensor_of_a_hundred_watts():
    fake = FakeSensor()
    assert isinstance(fake, Sensor)
    assert fake.truth_uj(5 * SECOND, 6 * SECOND) == 100_000_000


@pytest.mark.parametrize(
    "load", [Load.constant(123.456), Load.square(10, 70, 0.3, 0.6), Load.walk(Random(1), 5, 80, 0.02, 50)]
)
def test_truth_is_the_integral_of_power(load):
    step = 1_000_000
    times = range(START, START + SECOND // 2, step)
    sum_uj = sum(load.power_uw(t + step // 2) for t in times) * step / SECOND
    fake = sensor(load=load)
    assert fake.truth_uj(START, START + SECOND // 2) == pytest.approx(sum_uj, rel=0.005)


@given(seed=st.integers(0, 2**32), cut=st.integers(0, 60 * SECOND))
def test_truth_of_parts_adds_up_to_the_microjoule(seed, cut):
    fake = FakeSensor(random_script(Random(seed)), VirtualClock())
    end = START + 60 * SECOND
    assert fake.truth_uj(START, START + cut) + fake.truth_uj(START + cut, end) == fake.truth_uj(START, end)
    assert 0 <= fake.truth_uj(START, end) <= 60 * fake.scripts[0].load.top_uw


@given(seed=st.integers(0, 2**32))
def test_counter_without_faults_shows_the_truth_divided_by_its_gain(seed):
    script = random_script(Random(seed), faulty=False)
    if script.channel.form == POWER:
        script = script._replace(channel=COUNTER, window_ns=0)
    clock = VirtualClock()
    fake = FakeSensor(script, clock)
    readings = play(fake, clock, START + 30 * SECOND)
    wrap = script.channel.wrap_uj
    shown = sum((b.raw - a.raw) % wrap if wrap else b.raw - a.raw for a, b in pairwise(readings))
    late = script.load.top_uw * 2 * (script.period_ns + script.jitter_ns) // SECOND
    assert shown * script.gain == pytest.approx(fake.truth_uj(START, readings[-1].t_ns), abs=late + 10)


def test_counter_moves_only_at_its_updates():
    fake = sensor(period_ns=100_000_000, jitter_ns=20_000_000)
    values = [raw_at(fake, n / 1000) for n in range(1000)]
    moves = [n for n, (a, b) in enumerate(pairwise(values)) if a != b]
    assert 9 <= len(moves) <= 11
    assert all(79 <= b - a <= 121 for a, b in pairwise(moves))
    assert values == sorted(values)


def test_reset_starts_again_at_zero():
    fake = sensor(Fault("reset", START + SECOND, START + SECOND), offset_uj=7)
    assert raw_at(fake, 0.5) > 10**11
    assert raw_at(fake, 1.5) == 50_000_000


def test_backwards_loses_what_it_says_once():
    fake = sensor(Fault("backwards", START + SECOND, START + SECOND, 30_000_000))
    assert raw_at(fake, 2) - raw_at(fake, 0) == 170_000_000


def test_stuck_counter_catches_up_afterwards():
    fake = sensor(Fault("stuck", START + SECOND, START + 3 * SECOND))
    assert raw_at(fake, 2.9) == raw_at(fake, 1)
    assert raw_at(fake, 3) - raw_at(fake, 1) == 200_000_000


@pytest.mark.parametrize(
    ("kind", "raw"),
    [("text", "not a number"), ("empty", ""), ("negative", -5_000_000), ("huge", 10**24), ("none", None)],
)
def test_rubbish_is_shown_for_its_time(kind, raw):
    fake = sensor(Fault(kind, START + SECOND, START + 2 * SECOND))
    assert raw_at(fake, 1.5) == raw
    assert raw_at(fake, 2) - raw_at(fake, 0.9) == 110_000_000


def test_nan_is_shown_for_its_time():
    assert isnan(raw_at(sensor(Fault("nan", START, START + SECOND)), 0.5))


@pytest.mark.parametrize(("kind", "error"), [("denied", SensorDenied), ("oserror", OSError)])
def test_calls_that_fail_raise_for_their_time(kind, error):
    fake = sensor(Fault(kind, START + SECOND, START + 2 * SECOND))
    raw_at(fake, 0.5)
    with pytest.raises(error):
        raw_at(fake, 1.5)
    raw_at(fake, 2.5)


def test_suspended_machine_uses_nothing_and_is_not_read():
    clock = VirtualClock()
    overlap = Fault("suspended", START + 9 * SECOND, START + 12 * SECOND)
    fake = sensor(Fault("suspended", START + SECOND, START + 10 * SECOND), overlap, clock=clock)
    readings = play(fake, clock, START + 20 * SECOND)
    assert fake.truth_uj(START, START + 20 * SECOND) == 900_000_000
    assert not [r for r in readings if START + SECOND < r.t_ns < START + 12 * SECOND]
    assert clock.now - START - clock.monotonic() + START == pytest.approx(11 * SECOND, abs=SECOND // 5)


def test_paused_reader_misses_wraps_that_happened():
    clock = VirtualClock()
    fake = sensor(
        Fault("paused", START + SECOND, START + 50 * SECOND), clock=clock, channel=COUNTER._replace(wrap_uj=10**9)
    )
    readings = play(fake, clock, START + 60 * SECOND)
    assert max(b.t_ns - a.t_ns for a, b in pairwise(readings)) >= 49 * SECOND
    assert fake.truth_uj(START, START + 60 * SECOND) == 6 * 10**9
    assert clock.suspended == 0


def test_wall_clock_steps_and_boot_time_does_not():
    clock = VirtualClock()
    offset = clock.wall() - clock()
    fake = sensor(Fault("wall", START + SECOND, START + SECOND, -3_600 * SECOND), clock=clock)
    readings = play(fake, clock, START + 2 * SECOND)
    assert clock.wall() - clock() == offset - 3_600 * SECOND
    assert all(b.t_ns - a.t_ns == SECOND // 10 for a, b in pairwise(readings))


def test_power_is_averaged_over_its_window():
    power = Channel("p", "d", "gpu", form=POWER)
    fake = sensor(load=Load.square(100, 700, 1.0, 0.5), channel=power, window_ns=SECOND)
    assert raw_at(fake, 0.3) == 400_000_000
    instant = sensor(load=Load.square(100, 700, 1.0, 0.5), channel=power)
    assert (raw_at(instant, 0.3), raw_at(instant, 0.6)) == (700_000_000, 100_000_000)


def test_gains_of_random_scripts_lie_in_the_declared_range_nine_times_out_of_ten():
    scripts = [random_script(Random(seed)) for seed in range(2_000)]
    uncertain = [script for script in scripts if script.channel.low < 1]
    inside = [script.channel.low <= script.gain <= script.channel.high for script in uncertain]
    assert 0.87 < sum(inside) / len(inside) < 0.93
    assert all(script.gain == 1 for script in scripts if script.channel.low == 1)


def test_random_scripts_meet_every_fault():
    kinds = {fault.kind for seed in range(500) for fault in random_script(Random(seed)).faults}
    assert kinds == set(FAULTS)


def test_the_same_seed_is_the_same_script():
    def shown(seed):
        clock = VirtualClock()
        return [
            repr(reading) for reading in play(FakeSensor(random_script(Random(seed)), clock), clock, START + SECOND)
        ]

    assert shown(5) == shown(5)
    assert shown(5) != shown(6)
