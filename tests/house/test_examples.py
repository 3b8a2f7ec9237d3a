"""The examples run, and their runs land in the book."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytest.importorskip("sklearn", reason="the examples train with scikit-learn")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done


def test_training_that_knows_nothing_of_joulebook(tmp_path: Path) -> None:
    file = tmp_path / "statement.json"
    metered = run(
        sys.executable, "-m", "joulebook", "run", "--json", str(file), "--",
        sys.executable, "examples/train_digits.py", "--epochs", "8",
    )  # fmt: skip
    lines = metered.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["epoch"] * 8
    assert float(lines[-1].split()[-1]) > 0.9
    statement = json.loads(file.read_text(encoding="utf-8"))
    assert statement["schema"] == "joulebook.statement/1"
    assert "train_digits.py" in metered.stderr
    assert len(metered.stderr.splitlines()) <= 6


def test_training_with_stages() -> None:
    done = run(sys.executable, "examples/stages.py", "--epochs", "5")
    right, _, total = done.stdout.split()[:3]
    assert int(right) > 0.9 * int(total)
    shown = run(sys.executable, "-m", "joulebook", "show", "last").stdout
    for stage in ("load", "train", "evaluate"):
        assert stage in shown


def test_training_with_a_budget_ends_with_its_work_saved(tmp_path: Path) -> None:
    model = tmp_path / "model.pickle"
    done = run(sys.executable, "examples/budget.py", "--budget", "20 J", "--steps", "100000", "--model", str(model))
    assert "budget 20 J spent; run.stopped is 'budget'" in done.stdout
    assert "stopped budget 20 J spent" in done.stdout
    assert model.stat().st_size > 10_000
    assert "stopped: budget 20 J spent" in run(sys.executable, "-m", "joulebook", "show", "last").stdout


def test_training_that_looks_ahead() -> None:
    lines = run(sys.executable, "examples/forecast.py", "--steps", "1500").stdout.splitlines()
    assert lines[0] == "after 150 of 1500 steps"
    assert [line.split()[0] for line in lines[1:5]] == ["duration", "energy", "carbon", "cost"]
    assert all("it was" in line for line in lines[1:5])
    assert "the interval" in lines[5]


def test_search_of_an_architecture() -> None:
    lines = run(sys.executable, "examples/architecture_search.py").stdout.splitlines()
    assert lines[0] == "284 t as estimated"
    assert lines[1].startswith("60.2 t after hardware and site: 4.72 times less (duration x 0.278, power x 1.1,")
    assert lines[2] == "3.22 t after size of the proxy task: 18.7 times less (duration x 0.0535)"
    assert lines[3] == "together 88.3 times less"
