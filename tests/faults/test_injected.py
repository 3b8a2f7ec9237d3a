"""Ten thousand injected exceptions behind the queue: not one reaches the program, not a byte is printed."""

from __future__ import annotations

import time

import pytest

import joulebook as jb
from joulebook.ledger.disk import Disk
from joulebook.ledger.journal import Journal
from joulebook.meter import recorder as recorder_room
from joulebook.meter.integrate import Integrator
from joulebook.meter.poller import Poller
from joulebook.sensors.cpu_model import CpuModel
from joulebook.sensors.process_tree import ProcessTree

CALLS = 250
ERRORS = [OSError(5, "EIO"), ValueError("x"), KeyError("k"), MemoryError(), RecursionError(), UnicodeError("u")]
PLACES = [
    (recorder_room, "encode_batch"),
    (Journal, "append"),
    (Poller, "read"),
    (Poller, "adapt"),
    (Poller, "next_instant"),
    (Poller, "drain"),
    (Integrator, "step"),
    (CpuModel, "read"),
    (ProcessTree, "cpu_us"),
    (Disk, "write"),
    (Disk, "fdatasync"),
    (Disk, "open"),
    (Disk, "mkdir"),
]


@pytest.fixture(autouse=True)
def book_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("JOULEBOOK_HOME", str(tmp_path / "book"))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(("owner", "name"), PLACES, ids=lambda part: getattr(part, "__name__", part))
def test_no_exception_of_ours_reaches_the_program(monkeypatch, capfd, owner, name, error):
    raised = []

    def fail(*_args, **_kwargs):
        raised.append(1)
        raise error

    monkeypatch.setattr(owner, name, fail)
    done = 0
    with jb.track("job") as run:
        for step in range(CALLS):
            with run.stage("s"):
                run.log(step=step, loss=1.0)
            run.count(answers=1)
            done += 1
        time.sleep(0.02)
    assert done == CALLS
    assert raised or name in ("adapt", "fdatasync", "step", "next_instant")  # rare in so short a run
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")
