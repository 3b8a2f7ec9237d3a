"""What importing joulebook costs a program that only wants to be measured."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

THIRD_PARTY = {
    "numpy",
    "pandas",
    "scipy",
    "torch",
    "sqlalchemy",
    "rich",
    "typer",
    "click",
    "tomlkit",
    "platformdirs",
    "jinja2",
}
SLOW = {
    "asyncio",
    "csv",
    "dataclasses",
    "datetime",
    "inspect",
    "socket",
    "sqlite3",
    "ssl",
    "statistics",
    "subprocess",
    "tomllib",
}
REPORT = """
import json, os, sys, threading
before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
known = set(sys.modules)
import {module}
after = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
print(json.dumps([sorted(set(sys.modules) - known), threading.active_count(), after - before]))
"""


def imported(module: str) -> tuple[set[str], int, int]:
    """The modules, threads and open files that an import leaves in a fresh interpreter."""
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n" + REPORT.format(module=module)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    names, threads, files = json.loads(done.stdout)
    return set(names), threads, files


ROOMS_OF_THE_FIRST_START = ("account", "cli", "facts", "index", "ledger.journal", "quantity", "report", "sensors.rapl")


def test_import_joulebook_loads_what_every_recording_needs_and_nothing_heavy() -> None:
    names, threads, files = imported("joulebook")
    assert [
        name for name in names if name.startswith(tuple(f"joulebook.{room}" for room in ROOMS_OF_THE_FIRST_START))
    ] == []
    assert names & (THIRD_PARTY | SLOW) == set()
    assert (threads, files) == (1, 0)


@pytest.mark.parametrize("module", ["joulebook.run", "joulebook.meter.opening", "joulebook.settings"])
def test_metering_path_loads_nothing_slow_and_starts_nothing(module: str) -> None:
    names, threads, files = imported(module)
    assert names & (THIRD_PARTY | SLOW) == set()
    assert (threads, files) == (1, 0)


@pytest.mark.parametrize("module", ["joulebook.cli.run", "joulebook.cli.show", "joulebook.cli.explain"])
def test_verbs_about_one_run_load_no_database_and_no_charts(module: str) -> None:
    names, threads, files = imported(module)
    assert (
        names & {"sqlalchemy", "sqlite3", "altair", "vl_convert", "rich", "jinja2", "platformdirs", "pynvml"} == set()
    )
    assert (threads, files) == (1, 0)


def test_public_names_are_sorted_and_exist() -> None:
    import joulebook

    assert joulebook.__all__ == sorted(joulebook.__all__)
    assert dir(joulebook) == joulebook.__all__
    for name in joulebook.__all__:
        assert getattr(joulebook, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'tracker'"):
        joulebook.tracker  # noqa: B018
