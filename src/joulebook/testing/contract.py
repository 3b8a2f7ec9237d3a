"""What every sensor has to keep, as tests to inherit: `class TestMine(SensorContract)` with `make_sensor`.

Needs pytest only where it is run.
"""

# ruff: noqa: S101 - tests assert
from __future__ import annotations

import os
import threading
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise

from joulebook.errors import SensorError
from joulebook.sensors.base import COUNTER, OUTSIDE, POWER, SOCKET, Channel, Reading, Sensor
from joulebook.testing.fake import SECOND, VirtualClock

_BASES = ("assumed", "modelled", "reported", "measured")


class SensorContract:
    """Inherit, give `make_sensor`, and pytest checks the rest; no test waits for real time."""

    @abstractmethod
    def make_sensor(self, clock: VirtualClock) -> Sensor:
        """A new sensor that stamps its readings with `clock`."""

    def pass_time(self, clock: VirtualClock, ns: int) -> None:
        """Let `ns` pass for the sensor and what it measures; extend it for a device of its own."""
        clock.advance(ns)

    def readings(self, sensor: Sensor, clock: VirtualClock, rounds: int = 20) -> list[Reading]:
        """The readings of several calls, 0.1 s apart."""
        readings: list[Reading] = []
        for _ in range(rounds):
            readings += sensor.read()
            self.pass_time(clock, SECOND // 10)
        return readings

    def test_it_is_a_sensor(self) -> None:
        """It has channels and a verb."""
        sensor = self.make_sensor(VirtualClock())
        assert isinstance(sensor, Sensor)
        _close(sensor)

    def test_channels_are_fixed_and_their_names_unique(self) -> None:
        """At least one channel; the same before and after a reading."""
        sensor = self.make_sensor(VirtualClock())
        before = list(sensor.channels)
        sensor.read()
        names = [channel.name for channel in before]
        assert names
        assert len(set(names)) == len(names)
        assert list(sensor.channels) == before
        _close(sensor)

    def test_channels_say_what_they_mean(self) -> None:
        """Form, basis and ranges are those of the protocol; an uncertain value names its source."""
        sensor = self.make_sensor(VirtualClock())
        for channel in sensor.channels:
            _check(channel)
        _close(sensor)

    def test_a_device_is_counted_or_shown_not_both_ways(self) -> None:
        """What a channel is within is no part of that channel."""
        sensor = self.make_sensor(VirtualClock())
        assert any(not channel.within or channel.kind == SOCKET for channel in sensor.channels)
        assert all(channel.within == OUTSIDE for channel in sensor.channels if channel.kind == SOCKET)
        assert all(channel.within != channel.device for channel in sensor.channels)
        _close(sensor)

    def test_readings_belong_to_channels_and_are_numbers(self) -> None:
        """Each reading has the index of a channel and an integer that is not negative."""
        clock = VirtualClock()
        sensor = self.make_sensor(clock)
        readings = self.readings(sensor, clock)
        assert {reading.channel for reading in readings} == set(range(len(sensor.channels)))
        assert all(type(reading.raw) is int and reading.raw >= 0 for reading in readings)
        _close(sensor)

    def test_times_come_from_the_clock_and_do_not_fall(self) -> None:
        """Readings are stamped with the given clock."""
        clock = VirtualClock()
        start = clock.now
        sensor = self.make_sensor(clock)
        times = [reading.t_ns for reading in self.readings(sensor, clock)]
        assert times == sorted(times)
        assert start <= times[0]
        assert times[-1] <= clock.now
        _close(sensor)

    def test_counters_fall_only_where_they_wrap(self) -> None:
        """A counter never falls, or its channel says after which range it starts again."""
        clock = VirtualClock()
        sensor = self.make_sensor(clock)
        readings = self.readings(sensor, clock)
        for index, channel in enumerate(sensor.channels):
            values = [reading.raw for reading in readings if reading.channel == index]
            if channel.form == COUNTER and not channel.wrap_uj:
                assert all(before <= after for before, after in pairwise(values))  # type: ignore[operator]
        _close(sensor)

    def test_close_twice_and_read_after_it(self) -> None:
        """Closing twice is fine; reading a closed sensor raises SensorError or OSError, or still works."""
        sensor = self.make_sensor(VirtualClock())
        _close(sensor)
        _close(sensor)
        with suppress(SensorError, OSError):
            sensor.read()

    def test_nothing_is_left_behind(self) -> None:
        """No thread and no descriptor outlives a closed sensor."""
        clock = VirtualClock()
        threads, descriptors = threading.active_count(), _descriptors()
        sensor = self.make_sensor(clock)
        self.readings(sensor, clock, rounds=3)
        _close(sensor)
        assert threading.active_count() == threads
        assert len(_descriptors()) <= len(descriptors)


def _close(sensor: Sensor) -> None:
    close = getattr(sensor, "close", None)
    if close is not None:
        close()


def _check(channel: Channel) -> None:
    assert channel.name
    assert channel.device
    assert channel.kind
    assert channel.form in (COUNTER, POWER)
    assert channel.basis in _BASES
    assert channel.wrap_uj >= 0
    assert channel.period_ns >= 0
    assert channel.limit_w > 0
    assert 0 < channel.low <= 1 <= channel.high
    if channel.low < channel.high:
        assert channel.calibration
        assert channel.source


def _descriptors() -> Sequence[str]:
    folder = "/proc/self/fd"
    return os.listdir(folder) if os.path.isdir(folder) else ()  # noqa: PTH112, PTH208
