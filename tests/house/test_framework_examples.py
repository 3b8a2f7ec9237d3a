"""The examples with callbacks run with the real frameworks, and say nothing but what they print themselves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "options", "stages"),
    [
        ("lightning_digits", ["--epochs", "1"], ("train", "step", "validation")),
        ("transformers_digits", ["--epochs", "0.1"], ("train", "step", "validation", "checkpoint")),
        ("keras_digits", ["--epochs", "1"], ("train", "step", "validation")),
        ("accelerate_digits", ["--epochs", "2"], ("step", "train", "validation")),
    ],
)
def test_example(name: str, options: list[str], stages: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, f"examples/{name}.py", *options],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-2].startswith("energy ")
    assert "joulebook" not in done.stderr
    command = lines[-1].split()[1:]
    assert command[:2] == ["joulebook", "show"]
    shown = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    ).stdout
    assert name.partition("_")[0] in shown
    assert all(stage in shown for stage in stages)
