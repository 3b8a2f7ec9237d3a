"""Many processes at once: on a fresh book, and as forks of one that records. None lost, none doubled, no error."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from joulebook.index import Book
from joulebook.ledger.places import list_runs
from joulebook.ledger.recording import read_recordings

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

RUN = """
import sys, joulebook as jb
with jb.track(f"rank {sys.argv[1]}") as run:
    for step in range(20):
        with run.stage("s"):
            run.log(step=step)
    run.count(answers=1)
assert not run.degraded, run.degraded
assert not [notice for notice in run.notices if "sensor" not in notice], run.notices
"""
FORKS = """
import os, sys, threading, time, joulebook as jb
count, beside = int(sys.argv[1]), sys.argv[2]
ended = threading.Event()

def busy():
    while not ended.is_set():
        run.log(beside=1)
        time.sleep(0.0001)

def child():
    run.log(who="child")
    with run.stage("child"):
        run.count(answers=1)
    with jb.track("child") as own:  # what a child records itself is a run of its own, inside
        pass
    run.stop()
    os._exit(0 if not own.degraded and own.id != run.id else 3)

def fork(times):
    for number in range(times):
        run.log(step=number)
        pid = os.fork()
        if not pid:
            if number % 10:
                run.log(who="child")
                os._exit(0)
            child()
        assert os.waitpid(pid, 0)[1] == 0, number

with jb.track("parent") as run:
    writer = threading.Thread(target=busy)
    writer.start()
    if beside == "thread":
        threads = [threading.Thread(target=fork, args=(count // 4,)) for _ in range(4)]
        [one.start() for one in threads]
        [one.join() for one in threads]
    else:
        fork(count)
    ended.set()
    writer.join()
assert not run.degraded, run.degraded
print(run.id)
"""
POOL = """
import multiprocessing, sys, joulebook as jb

def work(number):
    with jb.track("worker") as run:
        run.log(number=number)
    return len(run.degraded)

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with jb.track("parent") as run, context.Pool(4) as pool:
        assert pool.map(work, range(8), chunksize=1) == [0] * 8
    assert not run.degraded, run.degraded
    print(run.id)
"""


def environment(home):
    return {**os.environ, "JOULEBOOK_HOME": str(home), "JOULEBOOK_SENSORS": "cpu_model", "PYTHONWARNINGS": "ignore"}


def started(count, home):
    """So many processes at once on a book that is not there yet; what they say."""
    commands = [[sys.executable, "-c", RUN, str(number)] for number in range(count)]
    running = [
        subprocess.Popen(one, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for one in commands
    ]
    return [(one.communicate(timeout=600)[0], one.returncode) for one in running]


def check_start(count, home):
    assert started(count, home) == [(b"", 0)] * count
    runs = list_runs(home)
    assert len({run.id for run in runs}) == len(runs) == count
    names = []
    for run in runs:
        (recording,) = read_recordings(run.path)
        steps = [payload["step"] for _, kind, payload in recording.events if kind == "l"]
        assert (steps, recording.lost, recording.damage) == (list(range(20)), 0, [])
        assert recording.end["status"] == "finished"
        names.append(recording.name)
    assert sorted(names) == sorted(f"rank {number}" for number in range(count))
    listed = Book(home).rows(count + 1)
    assert len(listed) == count
    assert {row["status"] for row in listed} == {"finished"}


def test_processes_that_start_at_once_on_a_fresh_book(tmp_path):
    check_start(8, tmp_path / "new" / "book")


@pytest.mark.long
def test_sixty_four_processes_that_start_at_once_on_a_fresh_book(tmp_path):
    check_start(64, tmp_path / "new" / "book")


def check_forks(count, beside, home, written):
    done = subprocess.run(
        [sys.executable, "-c", FORKS, str(count), beside],
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert (done.returncode, done.stderr) == (0, "")
    parent = done.stdout.strip()
    folders = {run.id: Path(run.path) for run in list_runs(home)}
    assert len(folders) == 1 + count // 10
    assert len(list(folders[parent].iterdir())) == 1
    (recording,) = read_recordings(folders[parent])
    said = [payload for _, kind, payload in recording.events if kind == "l"]
    assert [payload for payload in said if "who" in payload] == []
    assert sum("step" in payload for payload in said) == written
    assert sum("beside" in payload for payload in said) > 0
    assert (recording.lost, recording.damage) == (0, [])
    children = [read_recordings(path) for run, path in folders.items() if run != parent]
    assert {str(one[0].head["parent"]) for one in children} == {parent}
    assert all(one[0].end["status"] == "finished" for one in children)


@pytest.mark.parametrize("beside", ["main", "thread"])
def test_forks_while_the_parent_records(tmp_path, beside):
    check_forks(40, beside, tmp_path / "book", written=40)


@pytest.mark.long
@pytest.mark.parametrize("beside", ["main", "thread"])
def test_a_thousand_forks_while_the_parent_records(tmp_path, beside):
    check_forks(1_000, beside, tmp_path / "book", written=1_000)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_a_pool_are_runs_inside(tmp_path, method):
    script = tmp_path / "pool.py"
    script.write_text(POOL)
    home = tmp_path / "book"
    done = subprocess.run(
        [sys.executable, str(script), method],
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    parent = done.stdout.strip()
    folders = list_runs(home)
    heads = [read_recordings(run.path)[0].head for run in folders if run.id != parent]
    assert len(heads) == 8
    assert {str(head["parent"]) for head in heads} == {parent}
    assert len(Book(home).rows()) == 1
