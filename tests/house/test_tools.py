"""The tools that watch the house agree with it: formatter, linter, types, floors; and `make` works as documented."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "format", "--check", "."],
        ["ruff", "check", "."],
        ["mypy"],
        ["lint-imports"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_tool_finds_nothing(command: list[str]) -> None:
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def targets() -> dict[str, str]:
    if shutil.which("make") is None:
        pytest.skip("no make here")
    listing = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r"^ +make (\S+) +(\S.*)$", listing, re.MULTILINE))


def test_make_help_lists_every_target_and_at_most_ten() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert phony is not None
    assert set(targets()) == set(phony[1].split())
    assert 5 <= len(targets()) <= 10


@pytest.mark.parametrize("target", ["setup", "demo", "test", "test-long", "bench", "facts"])
def test_make_targets_parse(target: str) -> None:
    assert target in targets()
    done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_files_that_targets_run_exist() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name in re.findall(r"(?:tools|examples|benchmarks)/\w+\.py", text):
        assert (ROOT / name).is_file(), name


def test_ci_runs_the_suite() -> None:
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    text = script.read_text(encoding="utf-8")
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in text
    assert text.rstrip().endswith("make test")
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0


def test_constraints_are_names_and_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("#")
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*", line) for line in lines[1:])
    names = {re.sub(r"[-_.]+", "-", line.partition("==")[0]).lower() for line in lines[1:]}
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wanted = {name.lower() for name in re.findall(r'"([A-Za-z][A-Za-z0-9-]*)>=[0-9.]+"', project)} - {"hatchling"}
    assert wanted <= names, wanted - names
