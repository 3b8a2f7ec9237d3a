"""`--against` as its user types it: on a training, on requests, on a run."""

from __future__ import annotations

import json
import sys
from math import isclose, prod

import pytest

TRAINING = ("estimate", "train", "--device", "A100", "--count", "2048", "--params", "65B", "--tokens", "1.4T")
REQUEST = ("estimate", "serve", "--params", "70B", "--device", "H100", "--batch", "32", "--task", "chat")


@pytest.mark.parametrize(
    ("words", "silent"),
    [
        ((*TRAINING, "--region", "US", "--site", "aws"), {"ecologits"}),
        ((*REQUEST, "--region", "US"), {"llmcarbon"}),
        (("estimate", "train", "--device", "L4", "--hours", "5", "--region", "FR"), {"ecologits", "llmcarbon"}),
    ],
)
def test_terms_multiply_to_the_ratio(joulebook, words, silent):
    found = json.loads(joulebook(*words, "--against", "all", "--json").stdout)
    assert found["schema"] == "joulebook.against/1"
    assert {one["method"] for one in found["methods"] if one["silent"]} == silent
    energy = found["ours"]["energy"]
    for one in found["methods"]:
        if one["silent"]:
            continue
        ratio = prod(term["ratio"] for term in one["terms"])
        assert isclose(ratio, one["carbon_ratio"], rel_tol=1e-12)
        assert all(isclose(term["theirs"] / term["ours"], term["ratio"], rel_tol=1e-12) for term in one["terms"])
        if one["energy_kwh"] is not None:
            scale = {"kWh": 1, "J": 1 / 3.6e6}[energy["unit"]]
            assert isclose(one["energy_kwh"] / energy["value"] / scale, one["energy_ratio"], rel_tol=1e-9)


def test_the_table_says_why(joulebook):
    done = joulebook(*TRAINING, "--region", "FR", "--against", "strubell,ml-co2,ecologits")
    assert (done.returncode, done.stderr) == (0, b"")
    text = " ".join(done.stdout.decode().split())
    for words in ("Strubell 2019", "PUE x 1.58", "intensity x", "Why", "arXiv 1906.02243", "No figure", "EcoLogits:"):
        assert words in text


def test_markdown(joulebook):
    text = joulebook(*REQUEST, "--region", "FR", "--against", "ecologits,ccf", "--markdown").stdout.decode()
    assert text.startswith("# The same job by other methods")
    assert sum(line.startswith("|") for line in text.splitlines()) == 6
    assert "batch x" in text


def test_a_run(joulebook):
    assert joulebook("run", "-q", "--name", "short", "--", sys.executable, "-c", "sum(range(10**7))").returncode == 0
    done = joulebook("show", "short", "--region", "FR", "--against", "carbontracker,ml-co2")
    assert done.returncode == 0
    assert "carbontracker" in done.stdout.decode()


def test_an_unknown_method(joulebook):
    done = joulebook(*TRAINING, "--against", "guesswork")
    assert done.returncode == 2
    assert b"green-algorithms" in done.stderr


def test_output_that_comparisons_do_not_have_is_refused(joulebook, tmp_path):
    page = tmp_path / "page.html"
    for more in (("--html", str(page)), ("--explain", "carbon")):
        done = joulebook(*TRAINING, "--against", "strubell", *more)
        assert done.returncode == 2
        assert more[0].encode() in done.stderr
    assert not page.exists()
