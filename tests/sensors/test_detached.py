"""A sensor that hangs costs its own readings only: nobody waits, one line says so, and it is read again."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from joulebook.errors import SensorDenied, SensorError
from joulebook.meter.integrate import integrate
from joulebook.meter.poller import Poller
from joulebook.sensors.base import Channel, Reading
from joulebook.sensors.detached import BLOCKED_MAX, Detached, Patience
from joulebook.testing.contract import SensorContract
from joulebook.testing.fake import SECOND, FakeSensor, VirtualClock

PATIENT = Patience(open_s=5.0, prompt_s=5.0, last_s=5.0, late_s=2.0)
"""Waits for every prompt reading, so that tests do not depend on the speed of the machine."""
CHANNEL = Channel("c", "d", "gpu")


class Gate:
    """A sensor whose reading hangs while the gate is shut."""

    def __init__(self, clock, made=None):
        self.channels = (CHANNEL,)
        self.clock, self.open, self.closed, self.inside = clock, threading.Event(), 0, threading.Event()
        self.open.set()
        if made is not None:
            made.append(self)

    def read(self):
        if not self.open.is_set():
            self.inside.set()
            self.open.wait()
        now = self.clock()
        return [Reading(0, now, now // 1_000)]

    def close(self):
        self.closed += 1


def shut(gate, sensor):
    """Let the sensor run into the closed gate, without waiting for it."""
    gate.open.clear()
    sensor._patience = PATIENT._replace(prompt_s=0.0, last_s=0.0)
    values = sensor.read()
    assert gate.inside.wait(5)
    sensor._patience = PATIENT
    return values


def settle(sensor, ready, clock):
    """Read until `ready` holds; each look lets a little time pass."""
    for _ in range(500):
        readings = sensor.read()
        if ready(readings):
            return readings
        time.sleep(0.01)
        clock.advance(SECOND // 10)
    raise AssertionError("it did not happen")


class TestDetached(SensorContract):
    def make_sensor(self, clock):
        return Detached(lambda: FakeSensor(clock=clock), "fake", clock, PATIENT)


def test_readings_carry_the_time_at_which_they_were_taken():
    clock = VirtualClock()
    gate = Gate(clock)
    sensor = Detached(lambda: gate, "gate", clock, PATIENT)
    assert sensor.read() == [Reading(0, clock.now, clock.now // 1_000)]
    clock.advance(SECOND)
    assert [reading.t_ns for reading in sensor.read_last()] == [clock.now]
    sensor.close()
    assert gate.closed == 1


def test_what_comes_too_late_for_a_call_comes_with_the_next_one():
    clock = VirtualClock()
    gate = Gate(clock)
    sensor = Detached(lambda: gate, "gate", clock, PATIENT)
    asked = clock.now
    assert shut(gate, sensor) == [Reading(0, asked, None)]  # the first reading says when the recording began
    clock.advance(SECOND)
    assert sensor.read() == []  # not asked twice, and not late enough to be given up
    gate.open.set()
    late = settle(sensor, bool, VirtualClock())
    assert late[0].t_ns >= asked
    assert sensor.notes == []
    sensor.close()


def test_the_last_reading_of_a_sensor_that_hangs_says_when_the_recording_ended():
    clock = VirtualClock()
    gate = Gate(clock)
    sensor = Detached(lambda: gate, "gate", clock, PATIENT)
    sensor.read()
    clock.advance(SECOND)
    shut(gate, sensor)
    clock.advance(SECOND)
    sensor._patience = PATIENT._replace(last_s=0.0)
    assert sensor.read_last() == [Reading(0, clock.now, None)]
    gate.open.set()
    sensor.close()


def test_a_sensor_that_hangs_is_given_up_said_once_and_read_again_when_it_returns():
    clock = VirtualClock()
    gate = Gate(clock)
    sensor = Detached(lambda: gate, "gate", clock, PATIENT)
    shut(gate, sensor)
    values = []
    for _ in range(9):  # 0.9 s apart: given up after 2 s, tried anew 1 s later would make another gate
        clock.advance(SECOND // 4)
        began = time.monotonic()
        values += [reading.raw for reading in sensor.read()]
        assert time.monotonic() - began < 2
    assert set(values) == {None}
    assert sensor.notes == ["gate: no answer for 2 s; the run goes on without what hangs"]
    gate.open.set()
    back = settle(sensor, lambda readings: any(reading.raw is not None for reading in readings), VirtualClock())
    assert back[-1].raw == back[-1].t_ns // 1_000
    assert sensor.notes[1:] == ["gate: answers again"]
    sensor.close()


def test_a_sensor_that_stays_away_is_made_anew_after_growing_pauses_by_few_threads():
    clock, made = VirtualClock(), []
    before = threading.active_count()
    sensor = Detached(lambda: Gate(clock, made), "gate", clock, PATIENT)
    made[0].open.clear()
    make, sensor._make = sensor._make, lambda: (gate := make(), gate.open.clear())[0]
    sensor._patience = PATIENT._replace(prompt_s=0.0)
    for _ in range(600):
        sensor.read()
        clock.advance(SECOND // 2)
        time.sleep(0.001)
    assert 1 < len(made) <= BLOCKED_MAX
    assert threading.active_count() - before <= BLOCKED_MAX
    assert 1 <= len([note for note in sensor.notes if "no answer" in note]) <= BLOCKED_MAX
    sensor.close()
    for gate in made:
        gate.open.set()
    for _ in range(500):
        if threading.active_count() == before:
            break
        time.sleep(0.01)
    assert threading.active_count() == before


def test_a_new_one_that_answers_takes_over():
    clock, made = VirtualClock(), []
    sensor = Detached(lambda: Gate(clock, made), "gate", clock, PATIENT)
    shut(made[0], sensor)
    clock.advance(3 * SECOND)
    sensor.read()
    clock.advance(3 * SECOND)
    settle(sensor, lambda readings: any(reading.raw is not None for reading in readings), clock)
    assert len(made) == 2
    assert [note.partition(": ")[2][:9] for note in sensor.notes] == ["no answer", "answers a"]
    made[0].open.set()
    sensor.close()


def test_a_part_that_hangs_is_left_out_and_the_rest_goes_on_at_once():
    clock = VirtualClock()
    gates = [Gate(clock), Gate(clock)]
    state = SimpleNamespace(skip=-1, at=-1)

    class Two:
        channels = (CHANNEL, CHANNEL._replace(name="e", device="e"))

        def read(self):
            found = []
            for index, gate in enumerate(gates):
                if index == state.skip:
                    found.append(Reading(index, clock(), None))
                    continue
                state.at = index
                found += [reading._replace(channel=index) for reading in gate.read()]
            return found

        def leave_out(self):
            state.skip = state.at

    sensor = Detached(Two, "two", clock, PATIENT)
    assert [reading.raw is None for reading in sensor.read()] == [False, False]
    shut(gates[0], sensor)
    clock.advance(3 * SECOND)
    sensor.read()
    assert [reading.raw is None for reading in sensor.read()] == [True, False]
    gates[0].open.set()
    sensor.close()


@pytest.mark.parametrize("error", [SensorDenied("no", "ask"), KeyError("rocm"), OSError(5, "I/O"), MemoryError()])
def test_what_opening_raises_is_raised_to_the_caller(error):
    def make():
        raise error

    with pytest.raises(type(error)) as caught:
        Detached(make, "broken", VirtualClock(), PATIENT)
    assert caught.value is error


def test_a_process_leaves_few_threads_in_a_driver_that_hangs():
    gate = threading.Event()
    hasty = PATIENT._replace(open_s=0.001)
    before = threading.active_count()
    for _ in range(3 * BLOCKED_MAX):  # a function that is recorded at each call
        with pytest.raises(SensorError):
            Detached(gate.wait, "mute", VirtualClock(), hasty)
    assert threading.active_count() - before <= BLOCKED_MAX
    gate.set()


def test_an_opening_that_hangs_has_failed_and_nobody_waits_for_it():
    gate = threading.Event()
    clock = VirtualClock()
    sensors = []

    def make():
        gate.wait()
        sensors.append(Gate(clock))
        return sensors[0]

    with pytest.raises(SensorError, match="did not answer"):
        Detached(make, "late", clock, PATIENT._replace(open_s=0.01))
    gate.set()
    for _ in range(500):
        if sensors and sensors[0].closed:
            break
        time.sleep(0.01)
    assert sensors[0].closed == 1


def test_what_reading_raises_reaches_the_poller_which_says_it_once():
    clock = VirtualClock()

    class Angry:
        channels = (CHANNEL,)

        def read(self):
            raise SystemExit(1)

    sensor = Detached(Angry, "angry", clock, PATIENT)
    poller = Poller([("angry", sensor)], clock=clock)
    for _ in range(3):
        poller.read()
    assert poller.problems == ["sensor angry: SystemExit: 1"]
    poller.close()


def test_poller_goes_on_beside_a_hanging_sensor_and_the_hole_is_a_flagged_gap():
    clock = VirtualClock()
    gate = Gate(clock)
    detached = Detached(lambda: gate, "gate", clock, PATIENT)
    other = FakeSensor(clock=clock)
    poller = Poller([("gate", detached), ("other", other)], clock=clock)
    rows = []

    def turns(count):
        for _ in range(count):
            poller.read()
            clock.advance(SECOND // 10)

    turns(50)
    shut(gate, detached)
    turns(80)
    gate.open.set()
    for _ in range(500):
        turns(1)
        if detached._worker.asked_ns < 0 and not detached._worker.given_up:
            break
        time.sleep(0.01)
    turns(50)
    columns = poller.drain()
    assert len(columns[1][0]) >= 180
    rows = list(zip(*columns[0], strict=True))
    track = integrate(CHANNEL, rows)
    assert [gap.reason for gap in track.gaps] == ["missing"]
    assert [problem for problem in poller.problems if "no answer" in problem]
    assert len(poller.problems) == 2
    poller.close()
