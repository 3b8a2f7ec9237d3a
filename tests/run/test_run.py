"""`track`, `start`, stages, logs and counts inside a process; forks, threads, exceptions."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import joulebook as jb
from joulebook.errors import RunNotFound
from joulebook.index import Book
from joulebook.meter import recorder as recorder_room


def events(run):
    return [event for recording in Book().recordings(run.id) for event in recording.events]


def burn(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(1000))


def test_context_manager_records_and_prices():
    with jb.track("block", config={"lr": 0.1}) as run:
        burn(0.3)
    statement = run.statement
    assert statement.name == "block"
    assert statement.status == "finished"
    assert statement.it_energy.value > 0
    assert statement.carbon.low < statement.carbon.high
    assert 0.3 <= statement.duration.to("s").value < 3


def test_decorator_with_and_without_arguments():
    @jb.track
    def plain(x):
        return x + 1

    @jb.track("named")
    def named(x):
        return x + 2

    @jb.track()
    async def waiting(x):
        return x + 3

    assert (plain(1), named(1), asyncio.run(waiting(1))) == (2, 3, 4)
    names = {row["name"] for row in Book().rows()}
    assert {"named"} < names
    assert any("plain" in name for name in names)
    assert any("waiting" in name for name in names)
    assert plain.__name__ == "plain"


def test_start_and_stop_twice():
    run = jb.start("manual")
    assert run.recording
    run.stop()
    run.stop()
    assert not run.recording
    assert run.stopped == "finished"


def test_stages_logs_and_counts_are_kept():
    with jb.track("x") as run:
        with run.stage("outer"):
            with run.stage("inner"):
                run.log(loss=0.5, step=3)
            run.count(answers=2)
        run.log(text="kept", array=[1, 2])
    kinds = [(kind, payload) for _, kind, payload in events(run)]
    assert [payload[2] for kind, payload in kinds if kind == "+"] == ["outer", "inner"]
    (outer, inner) = [payload for kind, payload in kinds if kind == "+"]
    assert inner[1] == outer[0]
    assert ("l", {"loss": 0.5, "step": 3}) in kinds
    assert ("c", {"answers": 2}) in kinds


def test_numbers_of_other_libraries_are_logged_as_numbers():
    class Scalar:
        def __float__(self):
            return 2.5

    with jb.track() as run:
        run.log(loss=Scalar())
    assert ("l", {"loss": 2.5}) in [(kind, payload) for _, kind, payload in events(run)]


def test_stage_energies_add_up_to_the_run_exactly():
    with jb.track("x") as run:
        for _ in range(5):
            with run.stage("a"):
                burn(0.03)
            with run.stage("b"), run.stage("c"):
                burn(0.02)
    lines = run.statement.of_kind("it_energy")
    for device in {line.device for line in lines}:
        whole = sum(line.energy_uj for line in lines if line.device == device and line.span == "")
        parts = sum(
            line.energy_uj for line in lines if line.device == device and line.span in ("a", "b", "outside stages")
        )
        assert parts == whole
    assert {"a", "b", "b/c"} <= {line.span for line in lines}


def test_stages_in_threads_beside_each_other_share_and_add_up():
    with jb.track("x") as run:

        def work(name):
            with run.stage(name), run.stage("inner"):
                burn(0.2)

        threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two", "a/b", "")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    statement = run.statement
    tops = {stage.span for stage in statement.stages if not stage.parent}
    assert tops == {"one", "two", "a\\/b", "(unnamed)"}
    lines = statement.of_kind("it_energy")
    for device in {line.device for line in lines}:
        whole = sum(line.energy_uj for line in lines if line.device == device and line.span == "")
        parts = [line.energy_uj for line in lines if line.device == device and line.span in {*tops, "outside stages"}]
        assert sum(parts) == whole
        assert min(parts) >= 0


def test_exception_of_the_user_passes_unchanged():
    error = KeyError("mine")
    with pytest.raises(KeyError) as caught, jb.track("x") as run, run.stage("s"):
        raise error
    assert caught.value is error
    assert run.statement.status == "failed"


def test_nested_track_is_a_span_of_the_outer_run():
    with jb.track("outer") as outer:
        burn(0.05)
        with jb.track("inner") as inner:
            burn(0.1)
    assert inner.id == outer.id
    assert len(Book().rows()) == 1
    part, whole = inner.statement.it_energy.value, outer.statement.it_energy.value
    assert 0 < part < whole


def test_runs_in_threads_share_the_machine():
    def work():
        with jb.track("t"):
            burn(0.5)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = Book().rows()
    assert len(rows) == 3
    with jb.track("alone") as alone:
        burn(0.5)
    together = sum(row["it_energy"]["value"] for row in rows)
    assert together < 2.2 * alone.statement.as_dict()["it_energy"]["value"]


def test_forked_child_is_inert():
    with jb.track("parent") as run:
        run.log(who="parent")
        children = []
        for _ in range(20):
            pid = os.fork()
            if pid == 0:
                run.log(who="child")
                with run.stage("child"):
                    pass
                run.stop()
                os._exit(0)
            children.append(pid)
        for pid in children:
            assert os.waitpid(pid, 0)[1] == 0
        run.log(who="parent again")
    said = [payload for _, kind, payload in events(run) if kind in "l+"]
    assert said == [{"who": "parent"}, {"who": "parent again"}]
    assert len(list(Path(Book().find(run.id).path).iterdir())) == 1


def test_off_records_nothing(monkeypatch):
    monkeypatch.setenv("JOULEBOOK_OFF", "1")
    with jb.track("x") as run:
        run.log(a=1)
        with run.stage("s"):
            pass
    assert not run.id
    with pytest.raises(RunNotFound, match="JOULEBOOK_OFF"):
        run.statement.it_energy  # noqa: B018
    assert Book().rows() == []


def test_unwritable_home_never_raises(monkeypatch):
    monkeypatch.setenv("JOULEBOOK_HOME", "/dev/null/nowhere")
    with jb.track("x") as run:
        run.log(a=1)
    assert run.notices


def test_injected_exceptions_never_reach_the_user(monkeypatch):
    """Everything behind the queue fails at each call: the job goes on and the run says that it is degraded."""
    failures = []

    def fail(*_args, **_kwargs):
        failures.append(1)
        raise RuntimeError("injected")

    monkeypatch.setattr(recorder_room, "encode_batch", fail)
    with jb.track("x") as run:
        for step in range(1000):
            with run.stage("s"):
                run.log(step=step)
        time.sleep(0.3)
    assert failures
    assert any("injected" in reason for reason in run.degraded)


def test_opening_that_fails_never_raises(monkeypatch):
    def fail(*_args, **_kwargs):
        raise MemoryError("injected")

    monkeypatch.setattr("joulebook.meter.opening.open_recording", fail)
    with jb.track("x") as run, run.stage("s"):
        run.log(a=1)
    assert "injected" in run.notices[0]


def test_generator_stage_closed_elsewhere_is_harmless():
    with jb.track("x") as run:

        def produce():
            with run.stage("inside"):
                yield 1
                yield 2

        generator = produce()
        next(generator)
        threading.Thread(target=generator.close).start()
        time.sleep(0.05)
        with run.stage("after"):
            pass
    assert run.statement.status == "finished"


PROGRAM = """
import joulebook as jb, os, sys, time
run = jb.start("program")
run.log(a=1)
time.sleep(0.3)
{ending}
"""


@pytest.mark.parametrize(
    ("ending", "status", "code"),
    [("", "finished", 0), ("sys.exit(3)", "finished", 3), ("1/0", "failed", 1), ("os._exit(4)", "interrupted", 4)],
)
def test_how_a_program_without_stop_ends(ending, status, code):
    command = [sys.executable, "-c", PROGRAM.format(ending=ending)]
    done = subprocess.run(command, check=False, capture_output=True, timeout=60)
    assert done.returncode == code
    assert b"joulebook" not in done.stderr
    (row,) = Book().rows()
    assert row["status"] == status


def test_no_signal_handler_is_taken():
    script = (
        "import signal, joulebook as jb\n"
        "before = [signal.getsignal(n) for n in sorted(signal.valid_signals())]\n"
        "with jb.track('x'):\n"
        "    assert before == [signal.getsignal(n) for n in sorted(signal.valid_signals())]\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_environment_variable_is_restored():
    before = dict(os.environ)
    with jb.track("x"):
        assert os.environ["JOULEBOOK_RUN"]
    assert dict(os.environ) == before


def test_durable_log_is_written_when_it_returns():
    with jb.track("x", durable=True) as run:
        run.log(a=1)
        assert ("l", {"a": 1}) in [(kind, payload) for _, kind, payload in events(run)]


def test_overflow_is_counted_and_nothing_waits(monkeypatch):
    monkeypatch.setattr(recorder_room, "QUEUE_LIMIT", 10)
    with jb.track("x") as run:
        for _ in range(100_000):
            run.log(a=1)
    assert Book().recordings(run.id)[0].lost > 0
