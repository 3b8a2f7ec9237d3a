"""Kills of a process that writes a journal: every acknowledged record is there afterwards."""

import faulthandler
import os
import random
import resource
import shutil
import signal
import struct
import sys
import time
from pathlib import Path

import pytest

from joulebook.errors import JournalDamaged
from joulebook.ledger.disk import Disk
from joulebook.ledger.frame import frame, to_json
from joulebook.ledger.journal import Journal
from joulebook.ledger.reader import read_segments
from joulebook.testing.disk import FaultyDisk

HEAD = {"run": "0123456789ab", "boot_ns": 0, "recorder": "1-00000000"}

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
]


@pytest.fixture(autouse=True)
def crashes_that_are_meant_say_nothing():
    faulthandler.disable()  # before the fork: a signal may come sooner than the child could do it
    yield
    faulthandler.enable(file=sys.__stderr__)


def in_child(work):
    """Fork; the child does its work and leaves without cleaning up."""
    child = os.fork()
    if child == 0:
        try:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            work()
        finally:
            os._exit(17)
    return child


def write_until_killed(folder, pipe, disk=None, sync_every_s=0.003):
    journal = Journal(folder, HEAD, disk=disk, sync_every_s=sync_every_s)
    number = 0
    while True:
        number += 1
        if journal.append({"t": number, "x": "y" * (number % 97)}):
            os.write(pipe, struct.pack("<q", number))


def acknowledged(pipe):
    data = b""
    while part := os.read(pipe, 1 << 16):
        data += part
    return [number for (number,) in struct.iter_unpack("<q", data[: len(data) // 8 * 8])]


def check(folder, acks):
    """All that was acknowledged, in order, at most one record more, nothing damaged."""
    if not acks and not any(Path(folder).glob("*.jsonl")):
        return 0
    try:
        [file] = read_segments(folder)
    except JournalDamaged:
        assert not acks
        return 0
    found = [record["t"] for record in file.records() if "t" in record]
    assert found == list(range(1, len(found) + 1))
    assert len(acks) <= len(found) <= len(acks) + 1
    assert file.damage == []
    assert file.torn_bytes < len(frame(to_json({"n": 10**6, "t": 10**6, "x": "y" * 97})))
    return len(found)


def kill_loop(folder, cycles, signals=(signal.SIGKILL,), seed=1):
    chance = random.Random(seed)
    total = 0
    for cycle in range(cycles):
        place = folder / str(cycle)
        reading, writing = os.pipe()
        child = in_child(lambda place=place, writing=writing: write_until_killed(place, writing))
        os.close(writing)
        time.sleep(chance.uniform(0.001, 0.020))
        os.kill(child, chance.choice(signals))
        os.waitpid(child, 0)
        total += check(place, acknowledged(reading))
        os.close(reading)
        shutil.rmtree(place, ignore_errors=True)
    return total


def test_kill_at_any_moment_loses_no_acknowledged_record(tmp_path):
    assert kill_loop(tmp_path, 300) > 1_000


@pytest.mark.long
def test_three_thousand_kills_lose_no_acknowledged_record(tmp_path):
    assert kill_loop(tmp_path, 3_000, seed=2) > 10_000


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS])
def test_a_crash_loses_no_acknowledged_record(tmp_path, number):
    assert kill_loop(tmp_path, 10, (number,), seed=3) > 10


POINTS = [("mkdir", 1), ("open", 1), ("write", 1), ("write", 2), ("write", 7), ("write", 21), ("fdatasync", 1),
          ("fdatasync", 2), ("sync_folder", 1), ("close", 1)]  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "count", "partly"),
    [(*point, False) for point in POINTS] + [(*point, True) for point in POINTS if point[0] == "write"],
)
def test_a_kill_at_each_named_point(tmp_path, operation, count, partly):
    class Dying(Disk):
        def write(self, descriptor, data):
            if partly and faulty.calls["write"] == count:
                super().write(descriptor, data[: len(data) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return super().write(descriptor, data)

    def fault(reached, number):
        if (reached, number) == (operation, count) and not partly:
            os.kill(os.getpid(), signal.SIGKILL)

    faulty = FaultyDisk(fault, Dying())
    reading, writing = os.pipe()

    def work():
        journal = Journal(tmp_path / "run", HEAD, disk=faulty, sync_every_s=0)
        for number in range(1, 20):
            if journal.append({"t": number}):
                os.write(writing, struct.pack("<q", number))
            journal.sync(5.0)
        journal.close({"status": "finished"}, 5.0)

    child = in_child(work)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the point was reached"
    acks = acknowledged(reading)
    os.close(reading)
    assert check(tmp_path / "run", acks) >= len(acks)
    assert (operation, len(acks)) in {("mkdir", 0), ("open", 0), ("close", 19)} or operation in {
        "write",
        "fdatasync",
        "sync_folder",
    }


def test_a_forked_child_writes_nothing_into_its_parents_journal(tmp_path):
    journal = Journal(tmp_path / "run", HEAD, sync_every_s=0)
    journal.append({"t": 1})
    journal.sync(5.0)

    def unaware():
        assert not journal.append({"t": 666})
        assert not journal.sync(0.1)
        assert not journal.close({"status": "failed"}, 0.1)

    def aware():
        journal.after_fork_child()
        unaware()

    with journal._lock:  # another thread of the parent may hold it at the fork
        children = [in_child(unaware), in_child(aware)]
        for child in children:
            os.waitpid(child, 0)
    assert journal.append({"t": 2})
    assert journal.close({"status": "finished"})
    [file] = read_segments(tmp_path / "run")
    assert [record.get("t") for record in file.records()] == [1, 2, None]
    assert file.damage == []


def test_a_forked_child_that_knows_holds_no_descriptor(tmp_path):
    journal = Journal(tmp_path / "run", HEAD)
    journal.append({"t": 1})
    reading, writing = os.pipe()

    def work():
        journal.after_fork_child()
        held = [os.path.realpath(name) for name in Path("/proc/self/fd").iterdir()]
        os.write(writing, b"held" if any(str(tmp_path) in path for path in held) else b"free")

    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc")
    os.waitpid(in_child(work), 0)
    assert os.read(reading, 4) == b"free"
    os.close(reading)
    os.close(writing)
    journal.close()
