"""What befalls a process as a whole: signals, a stop, a vanished folder, threads that exit, other interpreters."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from itertools import pairwise

import pytest

from joulebook.index import Book
from joulebook.ledger.places import list_runs
from joulebook.sensors.rapl import Rapl
from joulebook.testing.powercap import write_powercap_tree

BEGIN = "import joulebook as jb, os, signal, sys, threading, time\n"


@pytest.fixture(autouse=True)
def book(tmp_path, monkeypatch):
    monkeypatch.setenv("JOULEBOOK_HOME", str(tmp_path / "book"))
    monkeypatch.setenv("JOULEBOOK_SENSORS", "cpu_model")
    return Book


def program(text, **more):
    return subprocess.run(
        [sys.executable, "-c", BEGIN + text], capture_output=True, text=True, check=False, timeout=60, **more
    )


def marks(run):
    events = [event for recording in Book().recordings(run) for event in recording.events]
    return [payload for _, kind, payload in events if kind == "g"]


def test_a_process_that_is_stopped_and_goes_on_has_a_mark_and_a_true_duration(tmp_path):
    script = BEGIN + "with jb.track('x') as run:\n    print(run.id, flush=True)\n    sys.stdin.readline()\n"
    child = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    run = child.stdout.readline().strip()
    time.sleep(0.3)
    child.send_signal(signal.SIGSTOP)
    time.sleep(2.5)
    child.send_signal(signal.SIGCONT)
    time.sleep(0.3)
    child.communicate("\n")
    assert child.returncode == 0
    assert [mark for mark in marks(run) if mark["reason"] == "late" and mark["ns"] > 2e9]
    assert Book().measurement(run).duration.value > 2.5


def test_no_reading_is_bunched_after_somebody_held_the_interpreter(tmp_path):
    done = program(
        "with jb.track('x') as run:\n"
        "    time.sleep(0.3)\n"
        "    sys.setswitchinterval(10)\n"
        "    end = time.monotonic() + 2.5\n"
        "    while time.monotonic() < end: pass\n"
        "    sys.setswitchinterval(0.005)\n"
        "    time.sleep(0.3)\n"
        "print(run.id)\n"
    )
    (recording,) = Book().recordings(done.stdout.strip())
    t = recording.t[0]
    assert all(after > before for before, after in pairwise(t))
    held = max(after - before for before, after in pairwise(t))
    assert held > 2e9
    assert [mark for mark in marks(recording.run) if mark["reason"] == "late"]


@pytest.mark.parametrize(
    ("number", "status"), [("SIGTERM", "finished"), ("SIGUSR1", "finished"), ("SIGINT", "finished")]
)
def test_a_handler_of_the_user_is_called_and_the_run_ends_at_the_exit(number, status):
    done = program(
        f"signal.signal(signal.{number}, lambda *_: sys.exit(7))\n"
        f"run = jb.start('x')\nprint(run.id, flush=True)\nos.kill(os.getpid(), signal.{number})\ntime.sleep(10)\n"
    )
    assert (done.returncode, done.stderr) == (7, "")
    assert Book().status(done.stdout.strip()) == status


@pytest.mark.parametrize("number", ["SIGTERM", "SIGUSR1", "SIGABRT", "SIGSEGV"])
def test_a_signal_that_nobody_handles_ends_the_process_as_ever(number):
    done = program(
        "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        f"run = jb.start('x')\ntime.sleep(0.3)\nprint(run.id, flush=True)\nos.kill(os.getpid(), signal.{number})\n"
    )
    assert done.returncode == -getattr(signal, number)
    (row,) = Book().rows()
    assert row["status"] == "interrupted"
    assert row["it_energy"]["value"] > 0


def test_faulthandler_tells_of_a_crash_and_the_journal_is_whole():
    done = program(
        "import faulthandler, resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); faulthandler.enable()\n"
        "run = jb.start('x')\ntime.sleep(0.3)\nos.abort()\n"
    )
    assert done.returncode == -signal.SIGABRT
    assert "Fatal Python error: Aborted" in done.stderr
    (recording,) = Book().recordings(list_runs(Book().home)[0].id)
    assert recording.damage == []


def test_an_exit_in_a_thread_ends_that_thread_and_not_the_run():
    done = program(
        "with jb.track('x') as run:\n"
        "    thread = threading.Thread(target=lambda: (run.log(a=1), sys.exit(3)))\n"
        "    thread.start(); thread.join(); run.log(a=2)\nprint(run.id)\n"
    )
    assert (done.returncode, done.stderr) == (0, "")
    (recording,) = Book().recordings(done.stdout.strip())
    assert [payload["a"] for _, kind, payload in recording.events if kind == "l"] == [1, 2]


def test_a_working_folder_that_is_gone_and_no_home(tmp_path):
    place = tmp_path / "gone"
    place.mkdir()
    text = f"os.rmdir({str(place)!r})\nwith jb.track('x') as run: run.log(a=1)\nassert run.id, run.notices\n"
    assert program(text, cwd=place).returncode == 0
    left = {key: value for key, value in os.environ.items() if key not in ("HOME", "JOULEBOOK_HOME")}
    done = program("with jb.track('x') as run: run.log(a=1)\nassert run.id, run.notices\n", env={**left, "HOME": ""})
    assert done.returncode == 0, done.stderr


def test_two_recorders_of_a_cloned_machine_keep_apart(tmp_path, monkeypatch):
    """The same machine id, boot id, process id and start: names differ by random bits, and a clash takes another."""
    from joulebook.ledger.journal import Journal
    from joulebook.ledger.reader import read_segments

    draws = iter((0, 0, 1))
    monkeypatch.setattr("os.urandom", lambda size: bytes([next(draws)]) * size)
    journals = [Journal(tmp_path / "run", {"run": "0" * 12, "boot_id": "same", "boot_ns": 1}) for _ in range(2)]
    for number, journal in enumerate(journals):
        assert journal.append({"t": number})
        assert journal.close({"status": "finished"})
    files = read_segments(tmp_path / "run")
    assert [[record["t"] for record in file.records() if "t" in record] for file in files] == [[0], [1]]


def test_another_interpreter_in_the_process_can_import_it():
    done = program(
        "try:\n    import _interpreters as interpreters\n"
        "except ImportError:\n    import _xxsubinterpreters as interpreters\n"
        "one = interpreters.create()\n"
        "assert interpreters.run_string(one, 'import joulebook') is None\n"
        "interpreters.destroy(one)\n"
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_an_import_starts_no_thread_and_makes_no_file(tmp_path):
    done = program(
        "print(threading.active_count(), os.path.exists(os.environ['JOULEBOOK_HOME']),"
        " [m for m in ('pynvml', 'amdsmi', 'torch') if m in sys.modules])\n"
    )
    assert done.stdout == "1 False []\n"


def test_a_pipe_where_a_sensor_file_should_be_holds_nobody_up(tmp_path):
    tree = write_powercap_tree(tmp_path / "powercap")
    with tree, closing(Rapl(tree.root)) as sensor:
        count = len(sensor.channels)
    path = tree.folder(tree.zones[0]) / "energy_uj"
    path.unlink()
    os.mkfifo(path)
    with tree, closing(Rapl(tree.root)) as sensor:  # without anybody who writes, opening it would wait for ever
        found = [reading for reading in sensor.read() if isinstance(reading.raw, int)]
    assert 0 < len(found) < count
