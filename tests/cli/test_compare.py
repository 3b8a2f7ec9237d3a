"""`joulebook compare` on recorded runs, as its user types it."""

from __future__ import annotations

import json
import sys
from math import fsum

import pytest


@pytest.fixture
def two(joulebook):
    """Two short runs in one book, of which the second works longer and has a secret in its command line."""
    for name, seconds, more in (("short", 0.2, ()), ("long", 0.5, ("--api-key", "hunter2hunter2"))):
        work = f"import time; t = time.monotonic()\nwhile time.monotonic() < t + {seconds}: pass"
        done = joulebook("run", "-q", "--name", name, "--region", "FR", "--", sys.executable, "-c", work, *more)
        assert done.returncode == 0, done.stderr
    return joulebook


def test_two_runs_are_compared_term_by_term(two):
    done = two("compare", "short", "long", env={"COLUMNS": "120"})
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    assert "carbon: what makes B - A" in text
    assert "duration" in text
    assert "grid intensity" in text
    assert "command" in text
    assert "hunter2" not in text


def test_document_sums_exactly_and_names_what_differs(two):
    done = two("compare", "short", "long", "--json")
    document = json.loads(done.stdout)
    assert document["schema"] == "joulebook.comparison/1"
    for figure in document["figures"]:
        changes = [effect["change"]["value"] for effect in figure["effects"]]
        assert fsum([*changes, figure["rounding"]]) == figure["difference"]["value"]
        logs = [effect["log"]["value"] for effect in figure["effects"]]
        assert figure["difference"]["value"] == figure["b"]["value"] - figure["a"]["value"]
        assert fsum(logs) != 0
    assert [item["key"] for item in document["configuration"]] == ["command"]
    assert b"hunter2" not in done.stdout


def test_a_run_against_itself_and_a_run_that_is_not_there(two):
    done = two("compare", "last", "last", "--figure", "energy")
    assert b"A and B are the same run." in done.stdout
    missing = two("compare", "last", "nothing")
    assert missing.returncode == 4
    assert b"no run 'nothing'" in missing.stderr
    assert two("compare", "last", "last~1", "--figure", "joy").returncode == 2
