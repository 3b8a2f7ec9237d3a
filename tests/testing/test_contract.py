"""The contract refuses what it should: each broken sensor fails the one test that names its fault."""

from __future__ import annotations

import threading

import pytest

from joulebook.sensors.base import Channel, Reading
from joulebook.testing.contract import SensorContract
from joulebook.testing.fake import FakeSensor

CHANNEL = Channel("a", "d", "other")


class Broken(FakeSensor):
    """A fake whose faults are set from outside."""

    def __init__(self, channels=(CHANNEL,), read=None, close=None):
        super().__init__()
        self.__dict__["channels"] = channels
        self._read, self._close = read, close

    def read(self):
        return self._read() if self._read else super().read()

    def close(self):
        if self._close:
            self._close()


def falling():
    values = iter(range(100, 0, -1))
    return lambda: [Reading(0, 1_000 * 10**9, next(values))]


def closing_once():
    calls = []

    def close():
        assert not calls
        calls.append(1)

    return close


def leaking(stop=threading.Event()):  # noqa: B008 - one event for the test
    threading.Thread(target=stop.wait, daemon=True).start()
    return []


@pytest.mark.parametrize(
    ("test", "make"),
    [
        ("test_it_is_a_sensor", object),
        ("test_channels_are_fixed_and_their_names_unique", lambda: Broken(())),
        ("test_channels_are_fixed_and_their_names_unique", lambda: Broken((CHANNEL, CHANNEL._replace(device="e")))),
        ("test_channels_say_what_they_mean", lambda: Broken((CHANNEL._replace(form="watts"),))),
        ("test_channels_say_what_they_mean", lambda: Broken((CHANNEL._replace(basis="guessed"),))),
        ("test_channels_say_what_they_mean", lambda: Broken((CHANNEL._replace(low=1.1, high=1.2),))),
        ("test_channels_say_what_they_mean", lambda: Broken((CHANNEL._replace(low=0.9, calibration="c"),))),
        ("test_a_device_is_counted_or_shown_not_both_ways", lambda: Broken((CHANNEL._replace(within="d"),))),
        ("test_readings_belong_to_channels_and_are_numbers", lambda: Broken(read=lambda: [Reading(1, 0, 5)])),
        ("test_readings_belong_to_channels_and_are_numbers", lambda: Broken(read=lambda: [Reading(0, 0, 5.0)])),
        ("test_times_come_from_the_clock_and_do_not_fall", lambda: Broken(read=lambda: [Reading(0, 5, 5)])),
        ("test_counters_fall_only_where_they_wrap", lambda: Broken(read=falling())),
        ("test_close_twice_and_read_after_it", lambda: Broken(close=closing_once())),
        ("test_nothing_is_left_behind", lambda: Broken(read=leaking)),
    ],
)
def test_broken_sensor_fails_its_test(test, make):
    class Suite(SensorContract):
        def make_sensor(self, clock):
            return make()

    with pytest.raises(AssertionError):
        getattr(Suite(), test)()
