"""The firmware's power meter on a fake tree of hwmon."""

from __future__ import annotations

import pytest

from joulebook.errors import SensorDenied, SensorUnavailable
from joulebook.sensors.base import OUTSIDE, SOCKET
from joulebook.sensors.outer.acpi import AcpiMeter, accuracy_of
from joulebook.sensors.outer.address import Address
from joulebook.testing.contract import SensorContract
from joulebook.testing.fake import SECOND
from joulebook.testing.hwmon import FakeSys

FILES = {"power1_average": 215_000_000, "power1_average_interval": 30_000, "power1_accuracy": "95.0%"}


class TestContract(SensorContract):
    @pytest.fixture(autouse=True)
    def _tree(self, tmp_path):
        FakeSys(tmp_path).chip("power_meter", FILES)
        self.root = str(tmp_path)

    def make_sensor(self, clock):
        return AcpiMeter(Address("acpi"), clock, self.root)


def test_its_own_interval_and_accuracy_are_kept(tmp_path, clock):
    fake = FakeSys(tmp_path)
    fake.chip("nvme", {"power1_average": 1})
    folder = fake.chip("power_meter", FILES)
    sensor = AcpiMeter(Address("acpi"), clock, str(tmp_path))
    (channel,) = sensor.channels
    assert (channel.kind, channel.within, channel.period_ns) == (SOCKET, OUTSIDE, 30 * SECOND)
    assert (channel.low, channel.high) == pytest.approx((0.95, 1.05))
    assert "95.0 %" in channel.source
    assert [reading.raw for reading in sensor.read()] == [215_000_000]
    (folder / "power1_average").unlink()
    sensor.close()


def test_reading_that_fails_is_none(tmp_path, clock, monkeypatch):
    FakeSys(tmp_path).chip("power_meter", FILES)
    sensor = AcpiMeter(Address("acpi"), clock, str(tmp_path))

    def failing(*args):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("joulebook.sensors.attributes.os.pread", failing)
        assert [reading.raw for reading in sensor.read()] == [None]
    clock.advance(100 * SECOND)
    assert [reading.raw for reading in sensor.read()] == [215_000_000]


def test_absent_and_forbidden_meters_say_what_helps(tmp_path, clock, monkeypatch):
    with pytest.raises(SensorUnavailable, match="no ACPI power meter") as caught:
        AcpiMeter(Address("acpi"), clock, str(tmp_path))
    assert "modprobe acpi_power_meter" in caught.value.remedy
    FakeSys(tmp_path).chip("power_meter", FILES)

    def refused(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("joulebook.sensors.attributes.Attributes._open", refused)
    with pytest.raises(SensorDenied, match="Permission denied"):
        AcpiMeter(Address("acpi"), clock, str(tmp_path))


@pytest.mark.parametrize(
    ("text", "share"), [("90.0%", 0.1), ("99%", 0.01), ("0%", None), ("100%", None), ("good", None), ("", None)]
)
def test_accuracy(text, share):
    found = accuracy_of(text)
    assert found is None if share is None else found[0] == pytest.approx(share)
