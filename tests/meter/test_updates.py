"""Update periods are found within a tenth, in half a second at most, and only where nobody knows them."""

from __future__ import annotations

import pytest

from joulebook.meter.updates import update_periods
from joulebook.sensors.base import POWER, Channel
from joulebook.testing.fake import SECOND, FakeSensor, Load, Script, VirtualClock

MS = 1_000_000


def found(*scripts):
    clock = VirtualClock()
    began = clock.now
    sensors = [(str(n), FakeSensor(script, clock)) for n, script in enumerate(scripts)]
    return update_periods(sensors, clock=clock, wait=clock.wait), clock.now - began


@pytest.mark.parametrize("period_ms", [8, 10, 20, 33, 50, 100, 130])
@pytest.mark.parametrize("watts", [20, 700])
def test_period_is_found_within_a_tenth(period_ms, watts):
    script = Script(Load.constant(watts), Channel("c", "d", "gpu"), period_ns=period_ms * MS, jitter_ns=MS // 2)
    (update,), took = found(script)
    assert update.every_ms == pytest.approx(period_ms, rel=0.1)
    assert took <= 0.6 * SECOND


def test_counter_that_does_not_move_has_none():
    (update,), _ = found(Script(Load.constant(0), Channel("c", "d", "gpu")))
    assert (update.every_ms, update.error_ms) == (None, None)


@pytest.mark.parametrize(
    "channel",
    [
        Channel("c", "d", "cpu", period_ns=MS),
        Channel("c", "d", "cpu", period_ns=100 * MS),
        Channel("c", "d", "gpu", form=POWER),
        Channel("c", "d", "cpu", basis="assumed"),
    ],
)
def test_sensors_that_tell_are_not_even_read(channel):
    assert found(Script(Load.constant(50), channel)) == ([], 0)
