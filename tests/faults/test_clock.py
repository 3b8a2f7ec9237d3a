"""A wall clock that is set, and a machine that sleeps, while a run is recorded."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

import joulebook as jb
from joulebook.index import Book
from joulebook.meter import recorder

HOUR_NS = 3_600_000_000_000


@pytest.fixture
def clocks(monkeypatch, tmp_path):
    """What the recorder takes for wall clock and monotonic clock: the true ones, and what the test adds."""
    monkeypatch.setenv("JOULEBOOK_HOME", str(tmp_path / "book"))
    added = SimpleNamespace(wall=0, monotonic=0)
    monkeypatch.setattr(
        recorder,
        "time",
        SimpleNamespace(
            time_ns=lambda: time.time_ns() + added.wall, monotonic_ns=lambda: time.monotonic_ns() + added.monotonic
        ),
    )
    return added


def marks(run):
    events = [event for recording in Book().recordings(run.id) for event in recording.events]
    return [payload for _, kind, payload in events if kind == "g"]


@pytest.mark.parametrize("step", [HOUR_NS, -HOUR_NS])
def test_a_wall_clock_that_is_set_is_recorded_and_changes_no_duration(clocks, step):
    with jb.track("clock") as run:
        run.log(step=1, loss=1.0)
        time.sleep(0.3)
        clocks.wall = step
        run.log(step=2, loss=1.0)
        time.sleep(0.3)
    (mark,) = marks(run)
    assert mark["reason"] == "clock step"
    assert mark["ns"] == pytest.approx(step, abs=1e8)
    assert 0.5 <= run.statement.duration.to("s").value < 5
    assert run.statement.it_energy.value > 0


def test_time_that_the_machine_slept_is_marked(clocks):
    with jb.track("sleep") as run:
        run.log(step=1, loss=1.0)
        time.sleep(0.3)
        clocks.monotonic = -2_000_000_000  # boot time went on for two seconds more than monotonic time
        run.log(step=2, loss=1.0)
        time.sleep(0.3)
    (mark,) = marks(run)
    assert mark["reason"] == "suspended"
    assert mark["ns"] == pytest.approx(2e9, abs=1e8)
