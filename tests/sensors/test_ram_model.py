"""The RAM model: watts times time that was not suspended."""

from __future__ import annotations

import pytest

from joulebook.errors import SensorUnavailable
from joulebook.sensors.ram_model import RamModel, RamPower
from joulebook.testing.contract import SensorContract
from joulebook.testing.fake import SECOND

PARAMS = RamPower(0.25, 16 * 2**30, 0.25, 2.0, "a table")


class TestContract(SensorContract):
    def make_sensor(self, clock):
        return RamModel(PARAMS, clock, clock.monotonic)


def test_energy_is_size_times_power_times_waking_time(clock):
    model = RamModel(PARAMS, clock, clock.monotonic)
    clock.advance(10 * SECOND)
    clock.suspend(3_600 * SECOND)
    [reading] = model.read()
    assert reading == (0, clock.now, 40_000_000)


def test_gigabytes_are_those_that_memory_is_sold_in():
    assert (PARAMS.gigabytes, PARAMS.watts) == (16.0, 4.0)
    [channel] = RamModel(PARAMS).channels
    assert channel.method == "RAM model: 0.25 W/GB x 16 GB"
    assert (channel.basis, channel.kind, channel.low, channel.high) == ("assumed", "ram", 0.25, 2.0)


def test_memory_of_unknown_size_is_unavailable():
    with pytest.raises(SensorUnavailable, match="size of the memory"):
        RamModel(PARAMS._replace(memory_bytes=0))
