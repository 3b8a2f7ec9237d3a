"""CPU time of a tree: on real small processes, and on a written /proc for every order of dying."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from joulebook.sensors.host import TICK_US
from joulebook.sensors.process_tree import ProcessTree, machine_busy_us, survivors

BURN = "import time\nwhile time.process_time() < {s}: pass\n"


def until(condition, seconds=20.0):
    """Wait until the condition holds; its last value."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.01)
    return value


class Table:
    """A written /proc: processes with CPU ticks, that are born, work, die and are waited for."""

    def __init__(self, root, lists=True):
        self.root, self.lists, self.rows, self.births = root, lists, {}, 0
        self.true = 0

    def born(self, pid, parent, name="sh"):
        self.births += 1
        self.rows[pid] = {"parent": parent, "own": 0, "waited": 0, "start": self.births, "name": name, "dead": False}
        self.write()

    def work(self, pid, ticks):
        self.rows[pid]["own"] += ticks
        self.true += ticks
        self.write()

    def reap(self, pid, *, by_parent=True):
        row = self.rows.pop(pid)
        for other in self.rows.values():
            if other["parent"] == pid:
                other["parent"] = 1
        if by_parent and row["parent"] in self.rows:
            self.rows[row["parent"]]["waited"] += row["own"] + row["waited"]
        self.write()

    def write(self):
        for entry in self.root.iterdir():
            if entry.name.isdigit() and int(entry.name) not in self.rows:
                for path in sorted(entry.rglob("*"), reverse=True):
                    path.rmdir() if path.is_dir() else path.unlink()
                entry.rmdir()
        for pid, row in self.rows.items():
            task = self.root / str(pid) / "task" / str(pid)
            task.mkdir(parents=True, exist_ok=True)
            head = f"{pid} ({row['name']}) S {row['parent']} 1 1 0 -1 4194304 0 0 0 0"
            text = f"{head} {row['own']} 0 {row['waited']} 0 20 0 1 0 {row['start']} 1000 10"
            (self.root / str(pid) / "stat").write_text(text)
            if self.lists:
                children = [str(child) for child, other in self.rows.items() if other["parent"] == pid]
                (task / "children").write_text(" ".join(children))


@pytest.fixture(params=[True, False], ids=["listed children", "scanned parents"])
def table(request, tmp_path):
    made = Table(tmp_path, request.param)
    made.born(100, 1)
    return made


def ticks(tree):
    assert tree.cpu_us() % TICK_US == 0
    return tree.cpu_us() // TICK_US


def test_time_of_children_and_their_children_is_counted(table):
    tree = ProcessTree(100, str(table.root))
    table.born(101, 100)
    table.born(102, 101, name="a) S (b 1 2 3")
    table.born(200, 1)
    for pid, work in ((100, 1), (101, 10), (102, 100), (200, 1_000)):
        table.work(pid, work)
    assert ticks(tree) == 111
    assert tree.members() == [100, 101, 102]


@pytest.mark.parametrize("by_parent", [True, False], ids=["waited for", "reaped by somebody else"])
def test_time_of_a_dead_child_stays_once(table, by_parent):
    tree = ProcessTree(100, str(table.root))
    table.born(101, 100)
    table.work(101, 50)
    assert ticks(tree) == 50
    table.reap(101, by_parent=by_parent)
    assert ticks(tree) == 50
    table.work(100, 7)
    assert ticks(tree) == 57


def test_time_between_the_last_look_and_the_death_comes_through_the_parent(table):
    tree = ProcessTree(100, str(table.root))
    table.born(101, 100)
    table.work(101, 50)
    assert ticks(tree) == 50
    table.work(101, 5)
    table.reap(101)
    assert ticks(tree) == 55


def test_child_and_parent_that_die_together_are_inherited_by_the_next_above(table):
    tree = ProcessTree(100, str(table.root))
    table.born(101, 100)
    table.born(102, 101)
    table.work(101, 3)
    table.work(102, 40)
    assert ticks(tree) == 43
    table.reap(102)
    table.reap(101)
    assert ticks(tree) == 43


def test_orphan_stays_a_member_and_so_do_its_children(table):
    tree = ProcessTree(100, str(table.root))
    table.born(101, 100)
    table.born(102, 101)
    assert tree.members() == [100, 101, 102]
    table.reap(101)
    table.born(103, 102)
    table.work(103, 9)
    assert tree.members() == [100, 102, 103]
    assert ticks(tree) == 9


def test_root_that_died_leaves_its_time_and_its_children(table):
    tree = ProcessTree(100, str(table.root))
    table.work(100, 20)
    table.born(101, 100)
    assert ticks(tree) == 20
    table.reap(100)
    table.work(101, 2)
    assert ticks(tree) == 22
    assert tree.members() == [101]


def test_reused_process_id_is_another_process(table):
    tree = ProcessTree(100, str(table.root))
    table.born(101, 100)
    table.work(101, 30)
    assert ticks(tree) == 30
    table.reap(101)
    table.born(101, 1)
    table.work(101, 5_000)
    assert tree.members() == [100]
    assert ticks(tree) == 30


def test_process_that_does_not_exist_has_no_members(tmp_path):
    tree = ProcessTree(4_000, str(tmp_path))
    assert (tree.members(), tree.cpu_us()) == ([], 0)


@pytest.mark.parametrize("seed", range(20))
def test_total_never_falls_and_equals_the_truth_when_every_change_is_seen(tmp_path, seed):
    rng, table = Random(seed), Table(tmp_path)
    table.born(100, 1)
    tree, last, pid = ProcessTree(100, str(tmp_path)), 0, 100
    for _ in range(40):
        members = list(table.rows)
        chosen = rng.choice(members)
        action = rng.choice(("born", "work", "work", "reap"))
        if action == "born":
            pid += 1
            table.born(pid, chosen)
        elif action == "work":
            table.work(chosen, rng.randrange(100))
        elif chosen != 100:
            table.reap(chosen, by_parent=rng.random() < 0.7)
        now = ticks(tree)
        assert now >= last
        assert now == table.true
        last = now


# -- real processes ----------------------------------------------------------------------------------------------


def test_cpu_time_of_a_real_grandchild_is_seen():
    script = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BURN.format(s=0.3)!r}])\n"
    process = subprocess.Popen([sys.executable, "-c", script])
    tree = ProcessTree(process.pid)
    assert until(lambda: tree.cpu_us() >= 300_000 or process.poll() is not None)
    process.wait()
    assert tree.cpu_us() >= 300_000
    assert tree.members() == []


def test_own_process_counts_children_that_were_waited_for():
    tree = ProcessTree(os.getpid())
    before = tree.cpu_us()
    subprocess.run([sys.executable, "-c", BURN.format(s=0.1)], check=True)
    assert tree.cpu_us() - before >= 50_000  # the kernel counts in ticks of 10 ms
    assert os.getpid() in tree.members()


def test_process_started_by_a_thread_is_found():
    script = (
        "import subprocess, threading, time\n"
        "t = threading.Thread(target=lambda: subprocess.run(['sleep', '30']))\n"
        "t.start()\nt.join()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script])
    tree = ProcessTree(process.pid)
    found = until(lambda: len(tree.members()) > 1)
    for pid in reversed(tree.members()):
        os.kill(pid, 9)
    process.wait()
    assert found


def test_real_orphan_stays_a_member_after_a_double_fork(tmp_path):
    go = tmp_path / "go"
    # The middle process lives until it has been seen, then leaves the sleeper to init.
    script = f"(sleep 30 & while [ ! -e {go} ]; do sleep 0.02; done) & wait; sleep 30"
    process = subprocess.Popen(["sh", "-c", script])
    tree = ProcessTree(process.pid)

    def sleeper():
        names = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in tree.members()}
        return next((pid for pid, line in names.items() if b"sleep\x0030" in line), 0)

    def has_moved():
        stat = Path(f"/proc/{orphan}/stat").read_bytes()
        return int(stat.rpartition(b") ")[2].split()[1]) not in tree.members()

    orphan = until(lambda: _quietly(sleeper))
    go.touch()
    moved = until(has_moved)
    still = orphan in tree.members()
    process.kill()
    process.wait()
    for pid in tree.members():
        os.kill(pid, 9)
    assert orphan
    assert moved
    assert still


def _quietly(look):
    try:
        return look()
    except OSError:  # a process ended between the list and the look
        return None


def test_survivors_are_found_by_their_environment():
    env = {**os.environ, "JOULEBOOK_TEST_RUN": "a3f9"}
    process = subprocess.Popen(["sleep", "30"], env=env)
    other = subprocess.Popen(["sleep", "30"], env={**env, "JOULEBOOK_TEST_RUN": "a3f90"})
    found = until(lambda: survivors("JOULEBOOK_TEST_RUN", "a3f9"))
    for each in (process, other):
        each.kill()
        each.wait()
    assert found == [(process.pid, "sleep")]
    assert survivors("JOULEBOOK_TEST_RUN", "a3f9") == []


def test_busy_time_of_the_machine_grows_with_work():
    before = machine_busy_us()
    subprocess.run([sys.executable, "-c", BURN.format(s=0.1)], check=True)
    assert machine_busy_us() - before >= 50_000


def test_busy_time_without_proc_stat_is_zero(tmp_path):
    assert machine_busy_us(str(tmp_path)) == 0
