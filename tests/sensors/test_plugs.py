"""Plugs on the loopback: Shelly of both interfaces, Tasmota, and everything that such a device may answer instead."""

from __future__ import annotations

import pytest

from joulebook.errors import SensorDenied, SensorError, SensorUnavailable
from joulebook.sensors.base import COUNTER, DENIED, OUTSIDE, POWER, SOCKET
from joulebook.sensors.detached import Detached, Patience
from joulebook.sensors.outer.plugs import Shelly, Tasmota
from joulebook.testing.bmc import FAULTS, PASSWORD, FakeMeters
from joulebook.testing.contract import SensorContract
from joulebook.testing.fake import SECOND, Load, VirtualClock

QUICK_S = 0.5


@pytest.fixture
def meters(clock):
    with FakeMeters(Load.square(60.0, 240.0, 100.0), clock) as fake:
        yield fake


class _Contract(SensorContract):
    generation = 2
    make = Shelly

    @pytest.fixture(autouse=True)
    def _server(self):
        self.now = VirtualClock()
        with FakeMeters(Load.square(60.0, 240.0, 3.0), lambda: self.now()) as fake:  # noqa: PLW0108 - it is set later
            fake.generation = self.generation
            self.fake = fake
            yield

    def make_sensor(self, clock):
        self.now = clock
        self.fake.since = clock()
        sensor = self.make(self.fake.address("meter"), clock)
        close = sensor.close
        sensor.close = lambda: (close(), self.fake.at_rest.wait(5))
        return sensor


class TestShellyOfTheFirstGeneration(_Contract):
    generation = 1


class TestShellyOfLaterGenerations(_Contract):
    pass


class TestTasmota(_Contract):
    make = Tasmota


def raws(sensor):
    return [reading.raw for reading in sensor.read()]


@pytest.mark.parametrize(("generation", "make", "step_j"), [(1, Shelly, 60), (2, Shelly, 3.6), (2, Tasmota, 3_600)])
def test_power_and_counter_are_those_of_the_load(meters, clock, generation, make, step_j):
    meters.generation = generation
    sensor = make(meters.address("plug"), clock)
    assert [(c.name, c.form, c.kind, c.within) for c in sensor.channels] == [
        ("power", POWER, SOCKET, OUTSIDE),
        ("energy", COUNTER, SOCKET, OUTSIDE),
    ]
    clock.advance(10 * SECOND)
    start, (power, first) = clock(), raws(sensor)
    assert power == pytest.approx(meters.load.power_uw(clock()), abs=0.6e6)
    clock.advance(500 * SECOND)
    _, last = raws(sensor)
    used = (meters.load.work(clock()) - meters.load.work(start)) / 1e9
    assert last - first == pytest.approx(used, abs=2 * step_j * 1e6 + meters.load.top_uw)


def test_it_is_asked_once_a_second_at_most(meters, clock):
    sensor = Shelly(meters.address("shelly"), clock)
    meters.asked.clear()
    for _ in range(100):
        sensor.read()
        clock.advance(SECOND // 10)
    assert 8 <= len(meters.asked) <= 11


def test_second_outlet_is_named_by_its_number(meters, clock):
    meters.generation = 1
    two = [{"power": 5.5, "is_valid": True, "total": 1}, {"power": 7.25, "is_valid": True, "total": 2}]
    meters.overrides["/status"] = {"meters": two}
    assert raws(Shelly(meters.address("shelly", "1"), clock)) == [7_250_000, 120_000_000]
    with pytest.raises(SensorUnavailable, match="shows no power"):
        Shelly(meters.address("shelly", "2"), clock)
    energy = {"Power": [3, 4], "Total": [0.5, 0.25]}
    meters.overrides["/cm"] = {"StatusSNS": {"ENERGY": energy}}
    assert raws(Tasmota(meters.address("tasmota"), clock)) == [7_000_000, 2_700_000_000_000]
    assert raws(Tasmota(meters.address("tasmota", "1"), clock)) == [4_000_000, 900_000_000_000]


def test_outlet_without_a_number_is_refused(meters, clock):
    with pytest.raises(SensorUnavailable, match="'left' is no outlet"):
        Shelly(meters.address("shelly", "left"), clock)
    assert meters.asked == []


def test_energy_meter_of_the_first_generation_counts_watt_hours(meters, clock):
    meters.generation = 1
    meters.overrides["/status"] = {"emeters": [{"power": 10.0, "is_valid": True, "total": 2.5}], "meters": []}
    assert raws(Shelly(meters.address("shelly"), clock)) == [10_000_000, 9_000_000_000]


def test_later_shelly_without_a_switch_is_asked_for_its_meter(meters, clock):
    meters.overrides["/rpc/Switch.GetStatus"] = None
    meters.overrides["/rpc/PM1.GetStatus"] = {"id": 0, "apower": 12.5, "aenergy": {"total": 1.5}}
    assert raws(Shelly(meters.address("shelly"), clock)) == [12_500_000, 5_400_000_000]


def test_plug_without_a_meter_is_a_reason(meters, clock):
    meters.overrides["/rpc/Switch.GetStatus"] = {"id": 0, "output": True}
    with pytest.raises(SensorUnavailable, match="a plug without a meter"):
        Shelly(meters.address("shelly"), clock)
    meters.overrides["/cm"] = {"StatusSNS": {"Time": "2026-11-20T10:00:00"}}
    with pytest.raises(SensorError, match="a plug without a meter"):
        Tasmota(meters.address("tasmota"), clock)


@pytest.mark.parametrize("shown", ["180 W", None, True, float("inf"), [1], {"W": 1}])
def test_power_that_is_no_number_is_not_taken_for_one(meters, clock, shown):
    sensor = Shelly(meters.address("shelly"), clock)
    meters.overrides["/rpc/Switch.GetStatus"] = {"apower": shown, "aenergy": {"total": 1}}
    clock.advance(10 * SECOND)
    assert type(raws(sensor)[0]) is not int


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_a_gap_that_ends_and_is_said_once(meters, clock, fault):
    sensor = Shelly(meters.address("shelly"), clock, QUICK_S if fault in ("silent", "slow") else 5.0)
    raws(sensor)
    meters.fault = fault
    for _ in range(2 if fault in ("silent", "slow") else 3):
        clock.advance(100 * SECOND)
        found = raws(sensor)
        if fault == "redirect":  # to the same place: it is followed
            assert all(type(raw) is int for raw in found)
        else:
            assert found == [DENIED if fault in ("401", "403") else None] * 2 or fault == "text"
    if fault not in ("redirect", "text"):
        assert len(sensor.notes) == 1
    meters.fault = ""
    clock.advance(100 * SECOND)
    assert all(type(raw) is int for raw in raws(sensor))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("silent", "no answer within 0.5 s"),
        ("slow", "no answer within 0.5 s"),
        ("500", "it answers 500"),
        ("garbage", "no JSON"),
        ("deep", "no JSON"),
        ("huge", "longer than 256 KiB"),
        ("elsewhere", "another place"),
        ("no http", "BadStatusLine"),
        ("hangup", "Remote"),
    ],
)
def test_why_a_plug_is_not_used_is_said(meters, clock, fault, reason):
    meters.fault = fault
    with pytest.raises(SensorError, match=reason):
        Shelly(meters.address("shelly"), clock, QUICK_S)


def test_pauses_between_questions_to_a_silent_plug_grow(meters, clock):
    sensor = Shelly(meters.address("shelly"), clock)
    meters.fault = "500"
    meters.asked.clear()
    for _ in range(1_000):
        sensor.read()
        clock.advance(SECOND // 10)
    assert 5 <= len(meters.asked) <= 10


@pytest.mark.parametrize(
    ("generation", "make", "kind"), [(1, Shelly, "Basic"), (2, Shelly, "Digest"), (2, Tasmota, "")]
)
def test_password_is_sent_where_it_is_asked_for(meters, clock, generation, make, kind):
    meters.generation, meters.password = generation, PASSWORD
    with pytest.raises(SensorDenied) as caught:
        make(meters.address("plug"), clock)
    assert "JOULEBOOK_METER_PASSWORD" in caught.value.remedy
    sensor = make(meters.address("plug", password=PASSWORD), clock)
    assert all(type(raw) is int for raw in raws(sensor))
    assert "with a password" in meters.asked[-1]


def test_password_is_not_sent_where_nobody_asks(meters, clock):
    raws(Shelly(meters.address("shelly", password=PASSWORD), clock))
    raws(Tasmota(meters.address("tasmota", password=PASSWORD), clock))
    assert meters.asked
    assert not any("with a password" in asked for asked in meters.asked)


def test_plug_that_hangs_delays_nobody(meters):
    patience = Patience(prompt_s=0.0, last_s=0.05)
    address = meters.address("shelly")
    sensor = Detached(lambda: Shelly(address), "shelly", patience=patience)
    meters.fault = "silent"
    found = [reading for _ in range(20) for reading in sensor.read()]  # returns at once, or this test takes 20 s
    found += sensor.read_last()
    assert found
    assert all(reading.raw is None for reading in found)
    sensor.close()
    meters.fault = ""
