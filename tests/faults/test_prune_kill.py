"""Removing and thinning runs is killed at any moment, and done on a full disk: no run is ever half there."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from joulebook.ledger.places import list_runs
from joulebook.ledger.recording import read_recordings
from joulebook.ledger.retention import left_over, on_disk, remove
from joulebook.testing.recorded import instruments, recorded

REMOVE = """
import os, signal, sys
from joulebook.ledger.places import list_runs
from joulebook.ledger.retention import remove
left = int(sys.argv[2])
def count(event, _):
    global left
    if event in ("os.remove", "os.rename", "os.rmdir"):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
runs = list_runs(sys.argv[1])
sys.addaudithook(count)
for run in runs:
    remove(run.path)
"""
THIN = """
import sys
from joulebook.ledger.retention import on_disk
from joulebook.meter.thin_journals import clusters, thin
runs = on_disk(sys.argv[1], "now")
print("up", flush=True)
for cluster in clusters(runs):
    thin(cluster, {run.path for run in cluster}, write=True)
"""


def killed(program, home, within_s):
    process = subprocess.Popen([sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE)
    process.stdout.readline()
    time.sleep(random.random() * within_s)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_a_kill_while_runs_are_removed_leaves_each_whole_or_gone(tmp_path):
    data = recorded(instruments(), 1, pid=0).lines()
    files = [(f"{at}-{at:08x}.000.jsonl", data) for at in range(3)]
    found = set()
    for step in range(17):
        home = tmp_path / f"{step}"
        for number in range(3):
            folder = home / "runs" / f"20250615T150640.000-{number:012x}"
            folder.mkdir(parents=True)
            for name, data in files:
                (folder / name).write_bytes(data)
        subprocess.run([sys.executable, "-c", REMOVE, str(home), str(step)], check=False)
        left = list_runs(home)
        found.add(len(left))
        assert all(len(list(Path(run.path).iterdir())) == len(files) for run in left)
        for path in left_over(home, time.time_ns()):
            remove(path)
        assert len(list((home / "runs").iterdir())) == len(left)
    assert found == {0, 1, 2, 3}  # killed before the first, between them, and not at all


def test_a_kill_while_runs_are_thinned_leaves_the_old_or_the_new_one(tmp_path):
    journals = [recorded(instruments(), 60, seed=at, begin_s=1_000 + 100 * at, pid=0) for at in range(6)]
    for cycle in range(6):
        home = tmp_path / f"{cycle}"
        for journal in journals:
            journal.write(home)
        killed(THIN, home, 1.5)
        for run in on_disk(home, "now"):
            (one,) = read_recordings(run.path)
            assert (one.damage, one.end is not None) == ([], True)


@pytest.mark.skipif(
    subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode != 0,
    reason="no user and mount namespaces here",
)
def test_prune_works_on_a_full_disk(tmp_path):
    recorded(instruments(), 20, pid=0).write(tmp_path / "book")
    recorded(instruments(), 20, seed=1, begin_s=2_000, pid=0).write(tmp_path / "book")
    place = tmp_path / "small"
    place.mkdir()
    script = (
        'mount -t tmpfs -o size=192k none "$1" && cp -r "$2" "$1/book"\n'
        'cat /dev/zero > "$1/ballast" 2>/dev/null\n'
        'JOULEBOOK_HOME="$1/book" "$3" -m joulebook prune --keep 1 --yes --json; echo "code $?"; ls -A "$1/book/runs"'
    )
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, "sh", place, tmp_path / "book", sys.executable],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    text, _, rest = done.stdout.partition("code ")
    assert len(json.loads(text)["gone"]) == 1
    assert len(rest.split()) == 2  # the code, and the folder of the run that stays
    assert rest.startswith("0\n")
