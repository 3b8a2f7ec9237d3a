"""Batteries on fake trees: discharging, on mains, two of them, signs, and a plug that is put in meanwhile."""

from __future__ import annotations

import os

import pytest

from joulebook.errors import SensorDenied, SensorUnavailable
from joulebook.sensors.base import MACHINE
from joulebook.sensors.battery import Battery
from joulebook.sensors.host import read_host
from joulebook.testing.contract import SensorContract
from joulebook.testing.hwmon import FakeSys


@pytest.fixture
def fake(tmp_path):
    return FakeSys(tmp_path)


@pytest.fixture
def opened(fake, clock):
    """Opens the batteries of the tree and closes them."""
    sensors = []

    def make(**options):
        root = str(fake.root)
        sensors.append(Battery(read_host(root).batteries, root, clock, **options))
        return sensors[-1]

    yield make
    for sensor in sensors:
        sensor.close()


def raws(sensor):
    return [reading.raw for reading in sensor.read()]


class TestContract(SensorContract):
    @pytest.fixture(autouse=True)
    def _tree(self, tmp_path):
        FakeSys(tmp_path).battery(power_now=15_000_000)
        self.root = str(tmp_path)

    def make_sensor(self, clock):
        return Battery(("BAT0",), self.root, clock)


@pytest.mark.parametrize(
    ("files", "microwatts"),
    [
        ({"power_now": 15_000_000}, 15_000_000),
        ({"power_now": -15_000_000}, 15_000_000),
        ({"voltage_now": 12_000_000, "current_now": 1_500_000}, 18_000_000),
        ({"voltage_now": 12_000_000, "current_now": -1_500_000}, 18_000_000),
        ({"power_now": "", "voltage_now": 12_000_000, "current_now": 1_000_000}, 12_000_000),
    ],
)
def test_power_of_a_battery_is_that_of_the_whole_machine(fake, opened, files, microwatts):
    fake.battery(**files)
    sensor = opened()
    assert raws(sensor) == [microwatts]
    assert [(c.kind, c.within) for c in sensor.channels] == [("board", "")]


def test_beside_other_sensors_it_is_shown_and_not_added(fake, opened):
    fake.battery(power_now=15_000_000)
    assert [c.within for c in opened(beside=True).channels] == [MACHINE]


@pytest.mark.parametrize("status", ["Charging", "Full", "Not charging", "Unknown", ""])
def test_on_mains_a_battery_says_nothing_of_the_machine(fake, opened, status):
    fake.battery(status=status, power_now=15_000_000)
    with pytest.raises(SensorUnavailable, match="runs on mains") as caught:
        opened()
    assert caught.value.remedy


def test_plug_that_is_put_in_meanwhile_makes_the_machine_unknown_and_not_zero(fake, opened):
    folder = fake.battery(power_now=15_000_000)
    sensor = opened()
    fake.write(folder, {"status": "Charging", "power_now": 30_000_000})
    assert raws(sensor) == [None]
    fake.write(folder, {"status": "Discharging", "power_now": 16_000_000})
    assert raws(sensor) == [16_000_000]


def test_of_two_batteries_one_may_rest(fake, opened):
    fake.battery("BAT0", power_now=15_000_000)
    fake.battery("BAT1", status="Not charging", power_now=0)
    sensor = opened()
    assert raws(sensor) == [15_000_000, 0]
    assert [c.device for c in sensor.channels] == ["BAT0", "BAT1"]


def test_battery_without_a_power_is_skipped(fake, opened):
    fake.battery("BAT0", power_now=15_000_000)
    fake.battery("BAT1")
    sensor = opened()
    assert [(one.zone, one.reason) for one in sensor.skipped] == [("BAT1", "it shows no power")]


def test_file_that_may_not_be_read_is_denied_with_the_remedy(fake, opened, monkeypatch):
    fake.battery(power_now=15_000_000)
    real = os.open

    def guarded(path, *args, **kwargs):
        if str(path).endswith("power_now"):
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **kwargs)

    monkeypatch.setattr("joulebook.sensors.attributes.os.open", guarded)
    with pytest.raises(SensorDenied, match="BAT0: Permission denied") as caught:
        opened()
    assert "sudo chmod a+r" in caught.value.remedy


def test_other_supplies_are_no_batteries(fake):
    fake.battery("AC", status="", online=1)
    fake.battery("hidpp_battery_0", power_now=1)
    assert read_host(str(fake.root)).batteries == ()


def test_reading_after_close_says_so(fake, opened):
    fake.battery(power_now=15_000_000)
    sensor = opened()
    sensor.close()
    with pytest.raises(SensorUnavailable, match="closed"):
        sensor.read()
