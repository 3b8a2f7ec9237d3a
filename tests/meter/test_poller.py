"""The polling schedule on a virtual clock, and what happens when a sensor misbehaves."""

from __future__ import annotations

from collections import Counter

import pytest

from joulebook.meter.poller import BURST_MAX_NS, DETECT_MAX_NS, FAILURES_MAX, QUIET_AFTER, QUIET_NS, Poller
from joulebook.sensors.base import POWER, Channel, Reading

MS = 1_000_000


class World:
    """A virtual clock whose `wait` advances it."""

    def __init__(self):
        self.now = 10**12

    def clock(self):
        return self.now

    def wait(self, seconds):
        self.now += int(seconds * 1e9)
        return False

    def until(self, instant):
        self.now = max(self.now, instant)


class Steps:
    """A counter that gains `watts` and is updated every `period_ms`."""

    def __init__(self, world, period_ms, watts=100.0, **channel):
        self.channels = (Channel("c", "d", "cpu", **channel),)
        self.world, self.period, self.watts, self.reads = world, period_ms * MS, watts, 0

    def read(self):
        self.reads += 1
        updates = self.world.now // self.period
        return [Reading(0, self.world.now, int(updates * self.period * self.watts / 1000))]


class Broken:
    channels = (Channel("x", "x", "other"),)

    def __init__(self, error):
        self.error, self.reads = error, 0

    def read(self):
        self.reads += 1
        raise self.error


def make(world, *sensors, **options):
    return Poller([(f"s{i}", sensor) for i, sensor in enumerate(sensors)], clock=world.clock, **options)


def test_one_uniformly_random_instant_in_every_slot():
    world = World()
    poller = make(world, Steps(world, 1))
    began = world.now
    slots = Counter()
    thirds = Counter()
    for _ in range(3_000):
        instant = poller.next_instant()
        world.until(instant)
        slots[(instant - began) // (100 * MS)] += 1
        thirds[(instant - began) % (100 * MS) * 3 // (100 * MS)] += 1
    assert set(slots.values()) == {1}
    assert len(slots) == 3_000
    assert min(thirds.values()) > 800


def test_missed_slots_are_skipped_not_bunched():
    world = World()
    poller = make(world, Steps(world, 1))
    poller.next_instant()
    world.now += 10**10
    assert poller.next_instant() >= world.now
    assert poller.next_instant() >= world.now


def test_burst_ends_when_the_slow_counter_has_moved():
    world = World()
    sensor = Steps(world, 100)
    poller = make(world, sensor)
    poller.burst(world.wait, moves=2)
    began = world.now
    poller.burst(world.wait)
    assert 0 < world.now - began <= 102 * MS
    times, raw = poller.columns[0]
    located = [b - a for a, b, x, y in zip(times, times[1:], raw, raw[1:], strict=False) if x != y]
    assert located[-1] <= 2 * MS


def test_fast_counter_needs_no_burst_after_the_first():
    world = World()
    sensor = Steps(world, 1)
    poller = make(world, sensor)
    poller.burst(world.wait, moves=2)
    assert world.now - 10**12 <= 10 * MS
    before = sensor.reads
    poller.burst(world.wait)
    assert sensor.reads == before + 1


def test_counter_that_never_moves_ends_the_burst_at_its_limit():
    world = World()
    poller = make(world, Steps(world, 1, watts=0.0))
    poller.burst(world.wait, moves=2)
    assert world.now - 10**12 <= DETECT_MAX_NS + 2 * MS
    began = world.now
    poller.burst(world.wait)
    assert world.now - began <= BURST_MAX_NS + 2 * MS


def test_quiet_counters_are_read_less_often_until_an_edge():
    world = World()
    poller = make(world, Steps(world, 1))
    for _ in range(QUIET_AFTER + 20):
        world.until(poller.next_instant())
        poller.read()
        poller.adapt()
        poller.drain()
    assert poller.quiet
    began = poller.next_instant()
    world.until(began)
    for _ in range(10):
        world.until(poller.next_instant())
    assert world.now - began == 10 * QUIET_NS
    poller.disturbed()
    assert not poller.quiet
    assert poller.next_instant() - world.now < 200 * MS


def test_power_sensors_are_never_read_less_often():
    class Plug:
        channels = (Channel("p", "d", "board", form=POWER),)

        def read(self):
            return [Reading(0, world.now, 50_000_000)]

    world = World()
    poller = make(world, Plug())
    for _ in range(QUIET_AFTER * 2):
        world.until(poller.next_instant())
        poller.read()
        poller.adapt()
    assert not poller.quiet


@pytest.mark.parametrize("error", [OSError("gone"), ValueError("x"), KeyError("k"), ZeroDivisionError()])
def test_sensor_that_raises_is_said_once_and_the_others_go_on(error):
    world = World()
    broken, fine = Broken(error), Steps(world, 1)
    poller = make(world, broken, fine)
    for _ in range(50):
        world.now += 100 * MS
        poller.read()
    assert fine.reads == 50
    assert len(poller.problems) == 1
    assert type(error).__name__ in poller.problems[0]
    assert FAILURES_MAX < broken.reads < 15  # left alone for longer and longer
    world.now += 3600 * 10**9
    before = broken.reads
    poller.read()
    assert broken.reads == before + 1


def test_drain_hands_over_each_reading_once():
    world = World()
    poller = make(world, Steps(world, 1))
    poller.read()
    assert len(poller.drain()[0][0]) == 1
    assert poller.drain() == {}


def test_reading_without_a_time_is_the_fault_of_its_sensor_alone():
    class Timeless:
        channels = (Channel("x", "x", "other"),)

        def read(self):
            return [Reading(0, 1.5, 7)]

    world = World()
    poller = make(world, Timeless(), Steps(world, 1))
    poller.read()
    assert set(poller.drain()) == {1}
    assert len(poller.problems) == 1
    assert "1.5" in poller.problems[0]
