"""Ranks as real processes: on one node, and on two nodes that are network namespaces of this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack

import pytest

from joulebook.index import Book
from joulebook.testing.powercap import Zone, write_powercap_tree

TRAIN = """
import time
import joulebook as jb
with jb.track("ddp") as run:
    for step in run.steps(range(12), progress=False):
        with run.stage("forward"):
            time.sleep(0.02)
assert not run.notices, run.notices
"""
NODE = """
import os, subprocess, sys
node, boot, script = int(sys.argv[1]), *sys.argv[2:]
subprocess.run(["hostname", f"n{node}"], check=True)
subprocess.run(["mount", "--bind", boot, "/proc/sys/kernel/random/boot_id"], check=True)
ranks = []
for local in range(2):
    where = {"RANK": 2 * node + local, "LOCAL_RANK": local, "WORLD_SIZE": 4, "LOCAL_WORLD_SIZE": 2,
             "MASTER_ADDR": "10.0.0.1", "MASTER_PORT": 29500}
    ranks.append(subprocess.Popen([sys.executable, "-c", script], env=os.environ | {k: str(v) for k, v in where.items()}))
assert [rank.wait(60) for rank in ranks] == [0, 0]
"""


def environment(home, **more):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("JOULEBOOK_", "XDG_"))}
    return kept | {"JOULEBOOK_HOME": str(home), "JOULEBOOK_SENSORS": "rapl", **more}


def machine(folder, watts):
    return write_powercap_tree(folder, [Zone("intel-rapl:0", "package-0", watts)])


def joules(statement):
    return {line.device: line.energy_uj for line in statement.of_kind("it_energy", "")}


def seconds(book, runs):
    """From the beginning of the first to the end of the last one."""
    found = [book.measurement(run) for run in runs]
    ends = [one.start_ns + one.duration.value * 1e9 for one in found]
    return (max(ends) - min(one.start_ns for one in found)) / 1e9


def test_ranks_of_one_node_are_one_run_and_one_machine(tmp_path):
    home = tmp_path / "book"
    with machine(tmp_path / "powercap", 90.0).running() as tree:
        ranks = [
            subprocess.Popen(
                [sys.executable, "-c", TRAIN],
                env=environment(
                    home, JOULEBOOK_POWERCAP_ROOT=str(tree.root), RANK=str(rank), WORLD_SIZE="4", LOCAL_RANK=str(rank),
                    LOCAL_WORLD_SIZE="4", MASTER_ADDR="127.0.0.1", MASTER_PORT="29500",
                ),
            )
            for rank in range(4)
        ]  # fmt: skip
        assert [rank.wait(60) for rank in ranks] == [0, 0, 0, 0]
    book = Book(home)
    statement = book.statement("last")
    assert [line.rank for line in statement.ranks] == [0, 1, 2, 3]
    parts = [sum(joules(book.statement(line.run)).values()) for line in statement.ranks]
    assert sum(parts) == sum(joules(statement).values())
    watts = sum(parts) / 1e6 / seconds(book, [line.run for line in statement.ranks])
    assert watts == pytest.approx(90, rel=0.05)
    listed = [sys.executable, "-m", "joulebook", "runs", "--json"]
    shown = subprocess.run(listed, env=environment(home), capture_output=True, check=True)
    assert [(row["name"], row["ranks"]) for row in json.loads(shown.stdout)] == [("ddp", 4)]


def test_of_many_ranks_the_first_one_speaks(tmp_path):
    command = [sys.executable, "-m", "joulebook", "run", "--name", "step", "--", "sleep", "0.2"]
    step = {"SLURM_STEP_NUM_TASKS": "3", "SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0"}
    tasks = [
        subprocess.Popen(
            command,
            env=environment(tmp_path / "book", JOULEBOOK_SENSORS="ram_model", SLURM_PROCID=str(task), **step),
            stderr=subprocess.PIPE,
            text=True,
        )
        for task in range(3)
    ]
    said = [task.communicate(timeout=60)[1] for task in tasks]
    assert said[0].startswith("joulebook: step")
    assert said[1:] == ["", ""]
    statement = Book(tmp_path / "book").statement("last")
    assert (statement.name, len(statement.ranks), statement.status) == ("step", 3, "finished")


RESUMED = """
import os, sys, time
import joulebook as jb
first, last = map(int, sys.argv[1:3])
run = jb.start("resumed")
for step in range(first, last):
    time.sleep(0.01)
    run.log(loss=1 / (step + 1), step=step)
if sys.argv[3:]:
    time.sleep(0.3)
    os._exit(9)  # as a node that is taken away
"""


def test_a_training_that_goes_on_after_an_interruption_is_one_run(tmp_path):
    where = environment(tmp_path / "book", JOULEBOOK_SENSORS="ram_model", JOULEBOOK_GROUP="resumed-17")
    command = [sys.executable, "-c", RESUMED]
    assert subprocess.run([*command, "0", "20", "killed"], env=where, check=False).returncode == 9
    subprocess.run([*command, "15", "30"], env=where, check=True)
    statement = Book(tmp_path / "book").statement("last")
    assert [(line.attempt, line.rank, line.status) for line in statement.ranks] == [
        (0, None, "interrupted"),
        (1, None, "finished"),
    ]
    assert statement.status == "finished"
    assert "5 steps were trained again after a restart" in statement.warnings
    assert any(text.startswith("started anew once") for text in statement.warnings)


def may_have_namespaces() -> bool:
    if not all(map(shutil.which, ("unshare", "mount", "hostname"))):
        return False
    tried = ["unshare", "--net", "--uts", "--mount", "mount", "--bind", "/proc/uptime", "/proc/uptime"]
    return subprocess.run(tried, capture_output=True, timeout=10, check=False).returncode == 0


@pytest.mark.skipif(not may_have_namespaces(), reason="namespaces need rights that this user lacks")
def test_two_nodes_with_two_ranks_each_are_the_sum_of_their_machines(tmp_path):
    home, power = tmp_path / "book", {"n0": 60.0, "n1": 250.0}
    with ExitStack() as machines:
        running = []
        for node, watts in enumerate(power.values()):
            tree = machines.enter_context(machine(tmp_path / f"powercap{node}", watts).running())
            boot = tmp_path / f"boot{node}"
            boot.write_text(f"{node}{node}{node}{node}0000-0000-0000-0000-000000000000\n")
            command = [sys.executable, "-c", NODE, str(node), str(boot), TRAIN]
            where = environment(home, JOULEBOOK_POWERCAP_ROOT=str(tree.root))
            running.append(subprocess.Popen(["unshare", "--net", "--uts", "--mount", *command], env=where))
        assert [process.wait(90) for process in running] == [0, 0]
    book = Book(home)
    statement = book.statement("last")
    assert [(line.rank, line.node) for line in statement.ranks] == [(0, "n0"), (1, "n0"), (2, "n1"), (3, "n1")]
    whole = joules(statement)
    assert len(whole) == 2
    for device, uj in whole.items():
        node = device.split()[0]
        ranks = [line.run for line in statement.ranks if line.node == node]
        assert sum(sum(joules(book.statement(run)).values()) for run in ranks) == uj
        assert uj / 1e6 / seconds(book, ranks) == pytest.approx(power[node], rel=0.05)
