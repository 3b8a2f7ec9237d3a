"""`joulebook estimate search` as its user types it."""

from __future__ import annotations

import json
import sys
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

STATEMENT = Draft202012Validator(json.loads((files("joulebook.report") / "schema/statement-1.json").read_text()))
ONE = ("--device", "H100", "--count", "8", "--hours", "8..12", "--device-power", "450..650", "--region", "FR")


def test_methods_side_by_side(joulebook):
    done = joulebook("estimate", "search", *ONE, "--space", "lr=5", "--space", "batch=16,32,64", "--space", "depth=4")
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    for word in ("random", "grid", "Bayesian", "What the ranges come from", "less with"):
        assert word in text
    below = [line.split() for line in text.partition("energy / grid")[2].splitlines() if line.strip()]
    trials = {words[0]: words[1] for words in below if len(words) > 3}
    assert (trials["random"], trials["grid"], trials["Bayesian"]) == ("59", "60", "5.9-59")


def test_json(joulebook):
    words = ("--trials", "20..60", "--early-stopping", "asha", "--proxy", "data=0.5,params=0.5", "--concurrency", "4")
    found = json.loads(joulebook("estimate", "search", *ONE, *words, "--json").stdout)
    STATEMENT.validate(found)
    assert found["status"] == "estimated"
    assert [one["name"] for one in found["alternatives"]] == ["Bayesian search", "random search, no shortcuts"]
    assert found["rates"]["trials"]["low"] == 20


def test_one_training_is_a_metered_run(joulebook):
    assert joulebook("run", "-q", "--name", "one", "--", sys.executable, "-c", "sum(range(10**6))").returncode == 0
    run = json.loads(joulebook("show", "one", "--json").stdout)
    found = json.loads(
        joulebook(
            "estimate", "search", "--one", "one", "--trials", "9", "--failed", "0", "--size", "1", "--json"
        ).stdout
    )
    assert found["energy"]["value"] == pytest.approx(10 * run["energy"]["value"])


def test_published_searches(joulebook):
    fall = json.loads(joulebook("estimate", "search", "--example", "architecture", "--json").stdout)
    assert (fall["schema"], round(fall["ratio"])) == ("joulebook.waterfall/1", 88)
    assert "÷ 18.7" in joulebook("estimate", "search", "--example", "architecture").stdout.decode()
    table = joulebook("estimate", "search", "--example", "research").stdout.decode().replace("\N{NO-BREAK SPACE}", " ")
    for cell in ("239,942", "9,870 USD", "118 USD", "52–175 USD", "1,238–4,205 USD", "103,175–350,315 USD"):
        assert cell in table


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ([], 2, "give hours"),
        ([*ONE, "--space", "lr"], 2, "NAME=VALUES"),
        ([*ONE, "--space", "lr=0"], 2, "how many values"),
        ([*ONE, "--trials", "none"], 2, "trials"),
        (["--one", "last", "--hours", "3"], 2, "leave out --hours"),
        (["--one", "nothing"], 4, "no run"),
    ],
)
def test_bad_input_is_told(joulebook, words, code, says):
    done = joulebook("estimate", "search", *words)
    assert done.returncode == code
    assert says in done.stderr.decode()
