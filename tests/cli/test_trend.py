"""`joulebook trend` as its user types it."""

from __future__ import annotations

import json

import pytest


def test_the_claim_is_checked(joulebook):
    text = joulebook("trend", "--from", "2012-09", "--to", "2017-10").stdout.decode()
    assert "90 % interval" in text
    assert "'It doubles every 3.4 months' holds" in text
    assert "Epoch AI" in text
    found = json.loads(joulebook("trend", "--from", "2018", "--to", "2025", "--claim", "3.4", "--json").stdout)
    assert found["schema"] == "joulebook.trend/1"
    assert found["n"] == len(found["trainings"])
    assert found["doubling_months"]["low"] <= found["doubling_months"]["value"] <= found["doubling_months"]["high"]
    assert found["claim"]["verdict"].startswith("does not hold")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--from", "soon"], b"2012-09"),
        (["--from", "2012-13"], b"2012-09"),
        (["--claim", "0"], b"above 0"),
        (["--from", "2020", "--to", "2012"], b"a day before"),
    ],
)
def test_bad_words(joulebook, words, says):
    done = joulebook("trend", *words)
    assert (done.returncode, done.stdout) == (2, b"")
    assert says in done.stderr


def test_a_chart(joulebook, tmp_path):
    pytest.importorskip("altair")
    path = tmp_path / "growth.svg"
    done = joulebook("trend", "--from", "2012-09", "--to", "2017-10", "--chart", str(path))
    assert (done.returncode, done.stdout) == (0, b"")
    assert "AlphaGo" in path.read_text()
    assert b".svg" in joulebook("trend", "--chart", str(tmp_path / "growth.txt")).stderr
