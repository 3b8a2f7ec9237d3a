"""What other people's programs do with a run: values that raise, places that cross, copies, kinds of functions."""

from __future__ import annotations

import ast
import asyncio
import copy
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
import time

import pytest

import joulebook as jb
from joulebook.index import Book
from joulebook.meter import recorder as recorder_room


class Odd(Exception):
    """What no list of exceptions holds."""


def raising(error):
    def method(*_):
        raise error

    return method


def events(run):
    return [event for recording in Book().recordings(run.id) for event in recording.events]


def names(run):
    return [payload[2] for _, kind, payload in events(run) if kind == "+"]


VALUES = {
    "repr": type("R", (), {"__repr__": raising(Odd())})(),
    "float": type("F", (), {"__float__": raising(Odd())})(),
    "attributes": type("G", (), {"__getattr__": raising(Odd())})(),
    "class": type("C", (), {"__class__": property(raising(Odd()))})(),
    "interrupt": type("K", (), {"__repr__": raising(KeyboardInterrupt())})(),
    "exit": type("E", (), {"__float__": raising(SystemExit(3))})(),
    "integer": type("I", (int,), {"bit_length": raising(Odd()), "__int__": raising(Odd())})(4),
    "dict": type("D", (dict,), {"items": raising(Odd())})(a=1),
    "large": "x" * 3_000_000,
    "values": [0.5] * 400_000,
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_cannot_be_logged_costs_itself_only(name):
    with jb.track("x") as run:
        with run.stage("before"):
            run.log(value=VALUES[name], loss=0.5)
        run.log(loss=0.25)
        run.count(answers=VALUES[name])
        with run.stage("after"):
            pass
    assert run.statement.status == "finished"
    assert run.degraded == []
    assert names(run) == ["before", "after"]
    assert {"loss": 0.25} in [payload for _, kind, payload in events(run) if kind == "l"]
    assert [kind for _, kind, _ in events(run)].count("-") == 2


def test_a_value_that_never_ends_is_cut():
    endless: list = []
    endless += [endless, endless]
    with jb.track("x", config={"endless": endless, "lr": 0.1}) as run:
        run.log(value=endless)
    assert run.statement.status == "finished"
    assert Book().recordings(run.id)[0].head["config"]["lr"] == 0.1


def test_a_value_that_takes_its_time_delays_the_end_by_two_seconds_at_most():
    release = threading.Event()
    slow = type("Slow", (), {"__repr__": lambda _: str(release.wait(30))})()
    run = jb.start("x")
    run.log(value=slow)
    time.sleep(0.2)
    began = time.monotonic()
    run.stop()
    lasted = time.monotonic() - began
    assert lasted < 10  # two seconds, on a machine that has them
    assert run.statement.status == "finished"
    assert "did not finish" in run.degraded[0]
    release.set()


def test_no_event_is_lost_without_being_counted():
    count = 100_000
    with jb.track("x") as run:
        for _ in range(count):
            with run.stage("s"):
                pass
    (recording,) = Book().recordings(run.id)
    edges = [kind for _, kind, _ in recording.events]
    late = recording.end.get("unwritten", 0)  # where the machine had no time for them at the end
    assert len(edges) + late + 2 * (recording.lost - late) == 2 * count
    assert edges.count("+") > 1_000
    assert edges.count("+") == edges.count("-") or late


def test_stages_that_found_no_place_in_the_queue_leave_no_stage_open(monkeypatch):
    monkeypatch.setattr(recorder_room, "QUEUE_LIMIT", 3)
    with jb.track("x") as run, run.stage("outer"):
        for _ in range(200):
            with run.stage("inner"):
                pass
        time.sleep(0.3)
    assert events(run)[-1][1] == "-"
    kinds = [kind for _, kind, _ in events(run)]
    assert kinds.count("+") == kinds.count("-")


def test_runs_of_threads_that_cross_leave_nothing_behind():
    first_began, second_began = threading.Event(), threading.Event()

    def first():
        with jb.track("first"):
            first_began.set()
            second_began.wait(20)

    def second():
        first_began.wait(20)
        with jb.track("second"):
            second_began.set()
            threads[0].join(20)

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert "JOULEBOOK_RUN" not in os.environ
    with jb.track("third"):
        pass
    assert {row["name"]: row["parent"] for row in Book().rows()} == {"first": None, "second": None, "third": None}


def test_run_that_nobody_holds_goes_on_to_the_end_of_the_program():
    program = (
        "import gc, threading, joulebook as jb\n"
        "thread = threading.Thread(target=jb.start, args=('x',)); thread.start(); thread.join(); gc.collect()"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    (row,) = Book().rows()
    assert row["status"] == "finished"


def test_a_run_that_is_sent_away_is_inert_and_knows_its_id():
    with jb.track("x") as run:
        with run.stage("s") as stage:
            assert pickle.loads(pickle.dumps(stage)).name == "s"
        away = pickle.loads(pickle.dumps(run))
        assert (away.id, away.recording) == (run.id, False)
        away.log(loss=1)
        with away.stage("away"):
            away.count(answers=1)
        away.stop()
        assert copy.deepcopy([run])[0] is copy.copy(run) is run
        assert run.recording
    assert names(run) == ["s"]
    assert away.statement.name == "x"


def stage_in_worker(run, name):
    with run.stage(name):
        run.log(who=name)
    return run.recording


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_are_given_the_run_and_do_no_harm(method):
    with jb.track("x") as run:
        with multiprocessing.get_context(method).Pool(2) as pool:
            found = pool.starmap_async(stage_in_worker, [(run, f"worker{number}") for number in range(4)])
            assert found.get(timeout=60) == [False] * 4  # a worker that dies is not waited for
        with run.stage("own"):
            pass
    assert names(run) == ["own"]


def test_a_stage_may_be_entered_again_left_twice_and_left_open():
    with jb.track("x") as run:
        stage = run.stage("again")
        with stage:
            with stage:
                time.sleep(0.05)
            time.sleep(0.05)
        stage.__exit__(None, None, None)
        run.stage("never entered").__exit__(None, None, None)
        run.stage("open").__enter__()
    assert {stage.span for stage in run.statement.stages} == {"again", "again/again", "open"}
    kinds = [kind for _, kind, _ in events(run)]
    assert (kinds.count("+"), kinds.count("-")) == (3, 2)


def test_a_generator_is_one_run_from_its_first_item_to_its_last():
    @jb.track("items")
    def items(count):
        for number in range(count):
            time.sleep(0.05)
            yield number
        return "returned"

    def around():
        assert (yield from items(3)) == "returned"

    assert list(around()) == [0, 1, 2]
    (row,) = Book().rows()
    assert row["duration"]["value"] * 3600 > 0.14


def test_an_asynchronous_generator_keeps_what_is_sent_and_thrown():
    heard = []

    @jb.track("items")
    async def items():
        try:
            heard.append((yield 1))
            yield 2
        except ValueError:
            yield "caught"
        finally:
            heard.append("left")

    async def use():
        generator = items()
        found = [await generator.asend(None), await generator.asend("sent"), await generator.athrow(ValueError())]
        await generator.aclose()
        async for item in items():
            found += [item]
        return found

    assert asyncio.run(use()) == [1, 2, "caught", 1, 2]
    assert heard == ["sent", "left", None, "left"]


class Methods:
    @jb.track
    def plain(self, x):
        return self, x

    @jb.track
    @staticmethod
    def static(x):
        return x

    @jb.track
    @classmethod
    def of_class(cls, x):
        return cls, x


def test_methods_and_classes_stay_what_they_are():
    methods = Methods()
    assert methods.plain(1) == (methods, 1)
    assert (methods.static(2), Methods.static(2)) == (2, 2)
    assert methods.of_class(3) == (Methods, 3)
    assert jb.track(Methods) is Methods


def test_one_tracker_in_several_threads_ends_the_run_of_its_own_thread():
    tracker = jb.track("x")
    first_left, both_in = threading.Event(), threading.Barrier(2)
    recording = []

    def first():
        with tracker:
            both_in.wait(20)
        first_left.set()

    def second():
        with tracker as run:
            both_in.wait(20)
            first_left.wait(20)
            recording.append(run.recording)

    threads = [threading.Thread(target=target) for target in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert recording == [True]


def test_inner_run_that_outlives_the_outer_one_waits_for_nothing():
    outer = jb.start("outer")
    inner = jb.start("inner", durable=True)
    outer.stop()
    assert not inner.recording
    began = time.monotonic()
    for _ in range(20):
        inner.log(loss=1)
    assert time.monotonic() - began < 10  # each would have waited a second for a thread that has ended
    inner.stop()


@pytest.mark.parametrize("option", [{"share": 3}, {"region": object()}, {"labels": "abc"}, {"config": object()}])
def test_options_of_the_wrong_type_never_raise_and_the_run_is_recorded(option):
    with jb.track("x", **option) as run:
        pass
    assert run.statement.status == "finished"


def test_secrets_in_labels_are_masked():
    with jb.track("x", labels={"team": "vision", "token": "hf_0123456789abcdefghij"}) as run:
        pass
    labels = Book().recordings(run.id)[0].head["labels"]
    assert labels["team"] == "vision"
    assert "0123456789" not in labels["token"]


def test_no_thread_left_is_no_reason_to_fail(monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", raising(RuntimeError("can't start new thread")))
        with jb.track("x") as run:
            run.log(loss=1)
    assert "can't start new thread" in run.notices[0]
    (row,) = Book().rows()
    assert row["status"] == "stopped"


@pytest.mark.parametrize("flags", [["-W", "error"], ["-O"], ["-OO"], ["-I"], ["-X", "dev"], ["-X", "tracemalloc"]])
def test_any_interpreter_will_do_and_nothing_is_printed(flags):
    program = (
        "import joulebook as jb\n"
        "with jb.track('x') as run:\n"
        "    with run.stage('s'): run.log(loss=1.5)\n"
        "assert run.statement.it_energy.value >= 0\n"
    )
    done = subprocess.run([sys.executable, *flags, "-c", program], check=True, capture_output=True, timeout=60)
    assert (done.stdout, done.stderr) == (b"", b"")


NUMPY = """
import numpy as np
import joulebook as jb
values = dict(f=np.float32(0.5), i=np.int64(2**60 + 1), one=np.array([2.5]), c=np.complex64(1), m=np.ma.masked, a=np.ones(9))
with jb.track("x") as run:
    run.log(**values)
from joulebook.index import Book
print([payload for _, kind, payload in Book().recordings(run.id)[0].events if kind == "l"][0])
"""


@pytest.mark.parametrize("flags", [[], ["-W", "error"], ["-W", "always"]])
def test_numbers_of_numpy_are_numbers_and_nothing_is_printed(flags):
    pytest.importorskip("numpy")
    done = subprocess.run([sys.executable, *flags, "-c", NUMPY], check=True, capture_output=True, timeout=60, text=True)
    assert done.stderr == ""
    logged = ast.literal_eval(done.stdout)
    assert (logged["f"], logged["i"], logged["one"]) == (0.5, 2**60 + 1, 2.5)
    assert (logged["m"], logged["a"]) == ("masked", "array([1., 1., 1., 1., 1., 1., 1., 1., 1.])")
    assert "1+0j" in logged["c"]
