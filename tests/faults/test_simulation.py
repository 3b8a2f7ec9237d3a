"""A thousand simulated worlds, and a hundred thousand: what is left of each is what was written, and its energy is true.

A world that fails prints the line that shows it again: `python -m joulebook.testing.simulation 4711`.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from joulebook.testing.fake import FAULTS
from joulebook.testing.simulation import fault_of, main
from joulebook.testing.worlds.world import simulate

WORLDS = 1_000
MANY = 100_000
CHUNK = 50
LONG_CHUNK = 1_000


def wrong(first: int, count: int) -> list[str]:
    return [text for seed in range(first, first + count) if (text := fault_of(seed))]


@pytest.mark.parametrize("first", range(0, WORLDS, CHUNK))
def test_a_thousand_worlds_hold(first):
    assert wrong(first, CHUNK) == []


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, MANY, LONG_CHUNK))
def test_a_hundred_thousand_worlds_hold(first):
    assert wrong(first, LONG_CHUNK) == []


def told(seed: int, hashes: str) -> str:
    """The course of a world, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "joulebook.testing.simulation", str(seed)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": hashes},
    ).stdout


def test_a_number_tells_the_same_world_again():
    course = told(13, "1")
    assert course == told(13, "2")
    assert "begins run" in course
    assert "found" in course


def test_the_worlds_have_everything_in_them():
    """Every kind of fault comes often in a few hundred worlds; else the thousand would prove less than it says."""
    seen: dict[str, int] = {}
    for seed in range(200):
        world = simulate(seed)
        machines = {process.machine.boot: process.machine for process in world.processes}.values()
        kinds = [outage.kind for machine in machines for outage in machine.outages]
        kinds += [fault.kind for machine in machines for script in machine.scripts for fault in script.faults]
        kinds += ["cut" for machine in machines if machine.cut_ns]
        kinds += ["step" for machine in machines if machine.steps]
        kinds += ["paused" for machine in machines for silence in machine.silences if not silence[2]]
        kinds += ["killed" for process in world.processes if not process.ended and not process.lives]
        kinds += ["nested" for process in world.processes if process.parent]
        kinds += ["rank" for process in world.processes if sum(one.run == process.run for one in world.processes) > 1]
        kinds += ["reboot"] * (len(machines) - 1) + ["stillborn"] * len(world.stillborn)
        for kind in kinds:
            seen[kind] = seen.get(kind, 0) + 1
    kinds = {
        "cut",
        "step",
        "paused",
        "killed",
        "nested",
        "rank",
        "reboot",
        "stillborn",
        "full",
        "error",
        "sync",
        "slow",
    }
    for kind in kinds | {*FAULTS} - {"reset", "backwards", "paused", "wall"}:
        assert seen.get(kind, 0) >= 3, (kind, seen)


def test_a_failing_world_is_told_in_one_line_that_shows_it_again(monkeypatch):
    monkeypatch.setattr("joulebook.testing.simulation.faults_of", lambda seed: ["a", "b"])
    assert fault_of(7) == "python -m joulebook.testing.simulation 7: a; b"


@pytest.mark.parametrize("arguments", [["abc"], ["1.5"], ["1", "2", "3"]])
def test_a_world_that_is_no_number_is_refused_with_the_usage(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage: python -m joulebook.testing.simulation" in capsys.readouterr().err


def test_a_range_without_worlds_is_no_success():
    with pytest.raises(SystemExit) as refused:
        main(["200000", "20000"])
    assert refused.value.code == 2
