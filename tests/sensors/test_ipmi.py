"""DCMI's power reading: what a BMC may answer, and the kernel's interface in front of it."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from joulebook.errors import SensorDenied, SensorError, SensorUnavailable
from joulebook.sensors.base import SOCKET
from joulebook.sensors.outer.address import Address
from joulebook.sensors.outer.ipmi import Ipmi, number, watts_of
from joulebook.testing.contract import SensorContract
from joulebook.testing.fake import SECOND, Load
from joulebook.testing.ipmi import RECEIVE, SEND, FakeBmc, FakeKernel

HERE = Address("ipmi")


class TestContract(SensorContract):
    def make_sensor(self, clock):
        return Ipmi(HERE, clock, FakeBmc(clock=clock))


@pytest.fixture
def bmc(clock):
    return FakeBmc(Load.square(200.0, 400.0, 100.0), clock)


def test_power_is_that_of_the_machine_and_in_no_sum(bmc, clock):
    sensor = Ipmi(HERE, clock, bmc)
    assert [(c.kind, c.within, c.device) for c in sensor.channels] == [(SOCKET, "no sum", "ipmi")]
    assert [reading.raw for reading in sensor.read()] == [bmc.load.power_uw(clock())]
    clock.advance(50 * SECOND)
    assert [reading.raw for reading in sensor.read()] == [bmc.load.power_uw(clock())]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "0xFF"),
        (b"\xc1", "does not know DCMI"),
        (b"\xc0", "busy"),
        (b"\x99", "0x99"),
        (b"\x00\xdc\x01", "no power reading"),
        (b"\x00\xdd" + bytes(17), "no power reading"),
        (b"\x00\xdc" + bytes(17), "not active"),
    ],
)
def test_answers_without_a_power_are_reasons_and_never_zero(answer, reason):
    with pytest.raises(SensorError, match=reason):
        watts_of(answer)


def test_bmc_without_a_reading_is_not_used(bmc, clock):
    bmc.code = 0xC1
    with pytest.raises(SensorError, match="does not know DCMI"):
        Ipmi(HERE, clock, bmc)
    assert bmc.closed == 1


@pytest.mark.parametrize("trouble", ["mute", "short", "inactive", "busy"])
def test_what_it_does_not_answer_is_none_and_said_once(bmc, clock, trouble):
    sensor = Ipmi(HERE, clock, bmc)
    bmc.mute, bmc.short, bmc.active = trouble == "mute", trouble == "short", trouble != "inactive"
    bmc.code = 0xC0 if trouble == "busy" else 0
    for _ in range(3):
        assert [reading.raw for reading in sensor.read()] == [None]
        clock.advance(100 * SECOND)
    assert len(sensor.notes) == 1
    bmc.mute, bmc.short, bmc.active, bmc.code = False, False, True, 0
    assert [reading.raw for reading in sensor.read()] == [bmc.load.power_uw(clock())]
    assert sensor.notes[1:] == ["meter ipmi: answers again"]


def test_missing_and_forbidden_devices_say_what_helps(tmp_path, clock, monkeypatch):
    with pytest.raises(SensorUnavailable, match="there is no") as caught:
        Ipmi(Address("ipmi", path=str(tmp_path / "ipmi0").strip("/")), clock)
    assert "modprobe ipmi_devintf" in caught.value.remedy

    def refused(*args):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("joulebook.sensors.outer.ipmi.os.open", refused)
    with pytest.raises(SensorDenied, match="/dev/ipmi0: Permission denied") as denied:
        Ipmi(HERE, clock)
    assert "any command" in denied.value.remedy


def test_numbers_of_the_calls_are_those_of_the_kernel():
    assert number(2, 13, 40) == SEND
    assert number(3, 11, 48) == RECEIVE


def test_request_and_response_through_the_kernel(bmc, clock, tmp_path, monkeypatch):
    kernel = FakeKernel(bmc, tmp_path)
    monkeypatch.setattr("fcntl.ioctl", kernel.ioctl)
    sensor = Ipmi(Address("ipmi", path=kernel.path.strip("/")), clock)
    kernel.late = lambda serial: serial - 1  # the answer to a question that was given up
    assert [reading.raw for reading in sensor.read()] == [bmc.load.power_uw(clock())]
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir()))
    sensor.close()
    sensor.close()
    assert len(list(descriptors.iterdir())) == before - 1
