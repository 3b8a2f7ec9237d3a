"""`joulebook run --budget`: commands that end, commands that are ended, and what records inside of them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

LOOP = """
import joulebook as jb, pathlib, sys, time
with jb.track("inner") as run:
    for step in run.steps(range(100_000)):
        time.sleep(0.002)
    pathlib.Path(sys.argv[1]).write_text(f"{step} {run.stopped}")
time.sleep(0.3)
sys.exit(int(sys.argv[2]))
"""


def last(joulebook, reference="last"):
    return json.loads(joulebook("show", reference, "--json").stdout)


def test_a_command_is_ended_when_its_budget_is_spent(joulebook):
    begun = time.monotonic()
    done = joulebook("run", "--budget", "0.4 s", "--", "sleep", "50")
    assert done.returncode == 3
    assert time.monotonic() - begun < 20
    said = done.stderr.decode()
    assert "joulebook: budget 0.4 s spent: the command is told to end" in said
    assert "stopped: budget 0.4 s spent" in said
    statement = last(joulebook)
    assert (statement["status"], statement["reason"]) == ("stopped", "budget 0.4 s spent")
    assert statement["exit"] == 128 + signal.SIGTERM


@pytest.mark.parametrize("code", [0, 7])
def test_a_command_that_ends_by_itself_keeps_its_code(joulebook, code):
    done = joulebook("run", "--budget", "1 d, 5 MWh", "--", "sh", "-c", f"exit {code}")
    assert done.returncode == code
    assert last(joulebook)["status"] == ("finished" if code == 0 else "failed")


def test_a_command_that_ignores_the_signal_is_not_killed(joulebook):
    begun = time.monotonic()
    done = joulebook("run", "--budget", "0.2 s", "--", "sh", "-c", "trap '' TERM; sleep 1.5; exit 5")
    assert time.monotonic() - begun > 1.4
    assert done.returncode == 3
    assert last(joulebook)["exit"] == 5


def test_a_command_that_saves_its_work_at_the_signal_can(joulebook, tmp_path):
    script = f"trap 'echo saved > {tmp_path}/work; exit 0' TERM; sleep 20 > /dev/null 2>&1 & wait"
    assert joulebook("run", "--budget", "0.3 s", "--", "sh", "-c", script).returncode == 3
    assert (tmp_path / "work").read_text() == "saved\n"


def test_a_loop_inside_ends_by_itself_with_its_work_saved(joulebook, tmp_path):
    file = tmp_path / "work"
    done = joulebook("run", "--budget", "1.5 s", "--name", "around", "--", sys.executable, "-c", LOOP, str(file), "0")
    assert done.returncode == 3
    step, word = file.read_text().split()
    assert 0 < int(step) < 99_999
    assert word == "budget"
    inner, outer = last(joulebook, "inner"), last(joulebook, "around")
    assert inner["reason"] == "budget 1.5 s spent by the run around this one"
    assert (outer["status"], outer["exit"]) == ("stopped", 0)  # it was not sent a signal
    said = done.stderr.decode().splitlines()
    assert len([line for line in said if "spent" in line and "stopped:" not in line]) == 1


def test_a_loop_inside_that_takes_too_long_gets_the_signal(joulebook, tmp_path):
    slow = LOOP.replace("time.sleep(0.3)", "time.sleep(30)")
    begun = time.monotonic()
    done = joulebook(
        "run", "--budget", "1.5 s", "--budget-grace", "0.5", "--",
        sys.executable, "-c", slow, str(tmp_path / "work"), "0",
    )  # fmt: skip
    assert done.returncode == 3
    assert time.monotonic() - begun < 20
    assert (tmp_path / "work").exists()


@pytest.mark.parametrize("budget", ["-5 Wh", "nan J", "much", "", "5 furlongs", "3 USD, 2 EUR"])
def test_an_impossible_budget_is_refused_before_the_command_starts(joulebook, tmp_path, budget):
    done = joulebook("run", f"--budget={budget}", "--", "touch", str(tmp_path / "started"))
    assert done.returncode == 2
    assert not (tmp_path / "started").exists()
    said = done.stderr.decode()
    assert said.startswith("joulebook: budget = ")
    assert "(from --budget): expected" in said
    assert said.count("\n") == 1


def test_a_bad_setting_is_told_and_the_command_runs(joulebook):
    done = joulebook("run", "--", "sh", "-c", "exit 4", env={"JOULEBOOK_BUDGET": "-5 Wh"})
    assert done.returncode == 4
    assert b"no budget is watched: budget = '-5 Wh' (from JOULEBOOK_BUDGET)" in done.stderr


def test_the_setting_is_a_budget_and_is_not_counted_twice(joulebook):
    done = joulebook(
        "run", "--", "sh", "-c", 'echo "[$JOULEBOOK_BUDGET]"; exec sleep 20', env={"JOULEBOOK_BUDGET": "0.3 s"}
    )
    assert done.returncode == 3
    assert done.stdout == b"[]\n"


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGTERM])
def test_signals_reach_the_command_as_without_a_budget(spawn, number):
    process = spawn(
        "run", "-q", "--budget", "1 h", "--",
        "sh", "-c", f"trap 'echo got; exit 6' {signal.Signals(number).name[3:]}; echo ready; sleep 20 > /dev/null 2>&1 & wait",
    )  # fmt: skip
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    assert process.stdout.readline() == b"got\n"
    assert process.wait(10) == 6


def test_quiet_says_nothing(joulebook):
    done = joulebook("run", "-q", "--budget", "0.2 s", "--", "sleep", "20")
    assert (done.returncode, done.stdout, done.stderr) == (3, b"", b"")


def test_seconds_of_grace_are_seconds(joulebook):
    done = joulebook("run", "--budget", "1 h", "--budget-grace", "-1", "--", "true")
    assert done.returncode == 2
    assert b"expected seconds" in done.stderr


def test_nothing_is_left_in_the_temporary_folder(environment, tmp_path):
    place = tmp_path / "tmp"
    place.mkdir()
    command = [sys.executable, "-m", "joulebook", "run", "-q", "--budget", "0.2 s", "--", "sleep", "20"]
    subprocess.run(command, env=environment({"TMPDIR": str(place)}), check=False, timeout=60)
    assert list(place.iterdir()) == []


def test_a_setting_that_is_no_budget_is_refused(joulebook):
    assert joulebook("config", "budget", "5 furlongs").returncode == 2
    assert joulebook("config", "budget", "5 Wh, 2 h").returncode == 0
    assert b"5 Wh, 2 h" in joulebook("config", "budget").stdout
