"""Boards on fake trees of hwmon: rails of Jetson modules, sockets of AMD, and everything that is left out."""

from __future__ import annotations

import os

import pytest

from joulebook.errors import SensorDenied, SensorUnavailable
from joulebook.meter.sources import _CHIPS
from joulebook.sensors.base import DENIED, MACHINE
from joulebook.sensors.host import read_host
from joulebook.sensors.hwmon import DRIVERS, Hwmon
from joulebook.sensors.rapl import Rapl
from joulebook.testing.contract import SensorContract
from joulebook.testing.fake import SECOND
from joulebook.testing.hwmon import AGX_ORIN, ORIN_NX, FakeSys
from joulebook.testing.powercap import Zone, write_powercap_tree


@pytest.fixture
def fake(tmp_path):
    return FakeSys(tmp_path)


@pytest.fixture
def opened(fake, clock):
    """Opens sensors on the tree and closes them."""
    sensors = []

    def make(**options):
        sensors.append(Hwmon(str(fake.root), clock=clock, **options))
        return sensors[-1]

    yield make
    for sensor in sensors:
        sensor.close()


def raws(sensor):
    return [reading.raw for reading in sensor.read()]


class TestContract(SensorContract):
    @pytest.fixture(autouse=True)
    def _tree(self, tmp_path):
        tree = FakeSys(tmp_path)
        tree.jetson(ORIN_NX)
        tree.sockets(5_000_000)
        self.root = str(tmp_path)

    def make_sensor(self, clock):
        return Hwmon(self.root, clock=clock)


def refuse(monkeypatch, part):
    real = os.open

    def guarded(path, *args, **kwargs):
        if part in str(path):
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **kwargs)

    monkeypatch.setattr("joulebook.sensors.attributes.os.open", guarded)


def test_input_of_a_module_contains_its_rails(fake, opened):
    fake.jetson(ORIN_NX)
    sensor = opened()
    assert [(c.name, c.kind, c.within) for c in sensor.channels] == [
        ("VDD_IN", "board", ""),
        ("VDD_CPU_GPU_CV", "cpu", "VDD_IN"),
        ("VDD_SOC", "ram", "VDD_IN"),
    ]
    assert raws(sensor) == [4_944 * 2_400, 4_944 * 900, 4_944 * 500]


def test_module_without_a_rail_for_the_whole_is_the_sum_of_those_that_do_not_overlap(fake, opened):
    for chip in AGX_ORIN:
        fake.jetson(chip)
    sensor = opened()
    assert [(c.name, c.within) for c in sensor.channels] == [
        ("VDD_GPU_SOC", ""),
        ("VDD_CPU_CV", ""),
        ("VIN_SYS_5V0", ""),
        ("VDDQ_VDD2_1V8AO", "VIN_SYS_5V0"),
    ]
    assert sensor.skipped == []


def test_memory_rail_alone_is_shown_and_not_added(fake, opened):
    fake.jetson({"VDD_CPU_CV": (19_000, 100), "VDDQ_VDD2_1V8AO": (5_000, 300)})
    assert [c.within for c in opened().channels] == ["", MACHINE]


def test_rail_that_nobody_knows_or_that_comes_twice_is_named_and_not_read(fake, opened):
    fake.jetson({"VDD_IN": (5_000, 1_000), "VDD_SPECIAL\x1b[31m": (5_000, 100)})
    fake.jetson({"VDD_IN": (5_000, 1_000)})
    sensor = opened()
    assert [c.name for c in sensor.channels] == ["VDD_IN"]
    assert [(one.zone, one.reason) for one in sensor.skipped] == [
        ("ina3221 VDD_SPECIAL[31m", "what this rail feeds is not known"),
        ("ina3221 VDD_IN", "another chip has a rail of this name"),
    ]


def test_sockets_are_the_packages_of_rapl(fake, opened, tmp_path):
    fake.sockets(7_000_000, 9_000_000)
    sensor = opened()
    zones = [Zone("intel-rapl:0", "package-0", 5.0), Zone("intel-rapl:1", "package-1", 5.0)]
    with write_powercap_tree(tmp_path / "powercap", zones) as tree:
        rapl = Rapl(str(tree.root))
        assert list(sensor.channels) == [channel._replace(wrap_uj=0) for channel in rapl.channels]
        rapl.close()
    assert raws(sensor) == [7_000_000, 9_000_000]
    assert sensor.skipped[-1].reason == "each is part of its socket"


def test_socket_that_rapl_counts_is_left_to_it(fake, opened):
    fake.sockets(7_000_000, 9_000_000, driver="zenergy")
    sensor = opened(taken={"cpu-0"})
    assert [c.device for c in sensor.channels] == ["cpu-1"]
    assert sensor.skipped[0].reason == "RAPL reads the same counter"
    with pytest.raises(SensorUnavailable, match="RAPL reads the same counter"):
        opened(taken={"cpu-0", "cpu-1"})


def test_files_that_may_not_be_read_are_denied_with_the_remedy(fake, opened, monkeypatch):
    folder = fake.sockets(7_000_000)
    refuse(monkeypatch, "energy3_input")
    with pytest.raises(SensorDenied, match="amd_energy Esocket0: Permission denied") as caught:
        opened()
    assert f"sudo chmod a+r {folder}/energy3_input" in caught.value.remedy


@pytest.mark.parametrize("driver", ["nvme", "k10temp", "amdgpu", "power_meter"])
def test_other_drivers_are_not_booked(fake, opened, driver):
    fake.chip(driver, {"power1_input": 5_000_000, "energy1_input": 7})
    with pytest.raises(SensorUnavailable, match="no chip of hwmon has a power to book"):
        opened()
    assert read_host(str(fake.root)).chips == (driver,)


def test_drivers_that_are_looked_for_are_those_that_are_read():
    assert frozenset(DRIVERS) == _CHIPS


@pytest.mark.parametrize("text", ["", "many", "1.5"])
def test_rail_that_shows_no_number_is_skipped(fake, opened, text):
    fake.jetson({"VDD_IN": (5_000, 1_000), "VDD_SOC": (5_000, text)})
    sensor = opened()
    assert [c.name for c in sensor.channels] == ["VDD_IN"]
    assert sensor.skipped[0].reason == "it shows no number"


def test_rubbish_in_the_middle_is_kept_as_it_came(fake, opened):
    folder = fake.jetson({"VDD_IN": (5_000, 1_000)})
    sensor = opened()
    fake.write(folder, {"curr1_input": "nan"})
    assert raws(sensor) == ["5000 mV x nan mA"]
    fake.write(folder, {"curr1_input": -20})
    assert raws(sensor) == [-100_000]


def test_failing_file_is_opened_again_after_longer_pauses(fake, opened, clock, monkeypatch):
    fake.jetson({"VDD_IN": (5_000, 1_000)})
    sensor = opened()

    def failing(*args):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("joulebook.sensors.attributes.os.pread", failing)
        assert raws(sensor) == [None]
    assert raws(sensor) == [None]
    clock.advance(SECOND)
    assert raws(sensor) == [5_000_000]


def test_right_that_is_taken_away_is_said_in_the_reading(fake, opened, monkeypatch):
    fake.jetson({"VDD_IN": (5_000, 1_000)})
    sensor = opened()

    def denied(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("joulebook.sensors.attributes.os.pread", denied)
    assert raws(sensor) == [DENIED]


def test_reading_after_close_says_so(fake, opened):
    fake.jetson(ORIN_NX)
    sensor = opened()
    sensor.close()
    with pytest.raises(SensorUnavailable, match="closed"):
        sensor.read()
