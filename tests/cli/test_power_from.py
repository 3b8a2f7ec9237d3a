"""`joulebook estimate train --power-from`: a recorded run is scaled."""

import json
import sys

import pytest

PROGRAM = """
import time
import joulebook as jb

with jb.track("short") as run:
    for _ in run.steps(range(20)):
        time.sleep(0.05)
found = jb.estimate.training(power_from=run, steps=2000)
print(len(run.step_seconds), found.duration.value)
"""
SENSORS = {"JOULEBOOK_SENSORS": "cpu_model,ram_model"}


def test_a_recorded_run_is_scaled_by_hours_and_by_steps(joulebook, tmp_path, environment):
    (tmp_path / "short.py").write_text(PROGRAM, encoding="utf-8")
    done = joulebook("run", "--name", "around", "--", sys.executable, str(tmp_path / "short.py"), env=SENSORS)
    assert done.returncode == 0, done.stderr
    steps, seconds = done.stdout.split()
    assert int(steps) == 20
    assert 90 < float(seconds) < 400
    hours = json.loads(joulebook("estimate", "train", "--power-from", "short", "--hours", "10", "--json").stdout)
    assert hours["status"] == "estimated"
    assert hours["duration"]["value"] == 10
    watts = hours["rates"]["power"]["value"]
    assert hours["it_energy"]["value"] * 1e3 / 10 == pytest.approx(watts)
    told = json.loads(joulebook("estimate", "train", "--power-from", "short", "--steps", "2000", "--json").stdout)
    seconds = told["rates"]["time_per_step"]["value"] * 2000
    assert seconds == pytest.approx(told["duration"]["value"] * 3600)


def test_a_run_that_is_not_there_is_told(joulebook):
    done = joulebook("estimate", "train", "--power-from", "last", "--hours", "10")
    assert done.returncode != 0
    assert b"last" in done.stderr
    assert b"Traceback" not in done.stderr
