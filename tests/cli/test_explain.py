"""`joulebook explain` on a recorded run."""

from __future__ import annotations

import json
import sys
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

SCHEMA = Draft202012Validator(json.loads((files("joulebook.report") / "schema/explanation-1.json").read_text()))
PROGRAM = """
import joulebook, time
with joulebook.track("staged", region="FR") as run:
    with run.stage("train"):
        with run.stage("forward"):
            t = time.monotonic()
            while time.monotonic() < t + 0.3: pass
"""


@pytest.fixture
def staged(environment, joulebook, bare):
    done = bare(sys.executable, "-c", PROGRAM)
    assert done.returncode == 0, done.stderr
    return joulebook


def test_figure_leads_to_readings_facts_and_sources(staged):
    done = staged("explain", "last", "carbon")
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    assert text.startswith("carbon = ")
    assert " readings over " in text
    assert "grid.fr carbon_intensity.lifecycle.generation" in text
    assert "https://" in text
    assert "if this source alone were known exactly" in text


def test_stage_and_device_in_both_ways(staged):
    one = staged("explain", "last", "it_energy:train/forward", "--json")
    other = staged("explain", "last", "it_energy", "--stage", "forward", "--json")
    documents = [json.loads(done.stdout) for done in (one, other)]
    assert documents[0] == documents[1]
    SCHEMA.validate(documents[0])
    assert documents[0]["stage"] == "train/forward"
    assert documents[0]["readings"]
    assert documents[0]["nodes"][0]["quantity"] == documents[0]["quantity"]


def test_unknown_figures_and_unknown_values(staged):
    done = staged("explain", "last", "carbn")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"carbon" in done.stderr
    done = staged("explain", "last", "cost_owned", "--json")
    document = json.loads(done.stdout)
    SCHEMA.validate(document)
    assert (done.returncode, document["quantity"]) == (0, None)
    assert document["reason"].startswith("cost_owned: unknown")
    assert staged("explain", "last", "cost_owned").stdout.startswith(b"cost_owned: unknown")


def test_markdown_and_a_page_that_folds(staged, tmp_path):
    done = staged("explain", "last", "carbon", "--markdown")
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    assert text.startswith("# carbon of staged")
    assert "\n## Sources\n" in text
    assert " [1]" in text
    page = tmp_path / "carbon.html"
    done = staged("explain", "last", "carbon", "--html", str(page))
    assert (done.returncode, done.stdout) == (0, b"")
    assert "<details" in page.read_text()
    assert "<script" not in page.read_text()


@pytest.mark.parametrize(
    "words",
    [
        ("train", "--device", "A100", "--count", "8", "--hours", "10", "--region", "FR", "--explain", "energy"),
        ("serve", "--params", "8B", "--device", "H100", "--batch", "8", "--task", "chat", "--explain", "carbon"),
        ("plan", "--devices", "A100", "--counts", "8", "--hours", "10", "--open", "1", "--explain", "energy"),
    ],
)
def test_estimates_and_options(joulebook, words):
    done = joulebook("estimate", *words)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "What would change it most" in done.stdout.decode()
    document = json.loads(joulebook("estimate", *words, "--json").stdout)
    SCHEMA.validate(document)
    assert document["facts"]


def test_a_page_and_a_depth_of_an_option(joulebook, tmp_path):
    words = ("plan", "--devices", "A100", "--counts", "8", "--hours", "10")
    page = tmp_path / "option.html"
    done = joulebook("estimate", *words, "--open", "1", "--explain", "energy", "--html", str(page))
    assert done.returncode == 0
    assert "<details" in page.read_text()
    done = joulebook("estimate", *words, "--open", "1", "--explain", "energy", "--depth", "1")
    assert b" folded" in done.stdout
    for lonely in (("--explain", "energy"), ("--html", str(page)), ("--open", "1", "--depth", "2")):
        done = joulebook("estimate", *words, *lonely)
        assert done.returncode == 2
        assert b"give" in done.stderr
    assert joulebook("estimate", *words, "--open", "1", "--explain", "energy", "--depth", "0").returncode == 2


READ = ("reading", "edge", "noise", "clock", "kernel", "given")
"""How the sources of leaves begin that were read, recorded or given."""


@pytest.mark.parametrize("figure", ["energy", "carbon", "carbon_embodied", "water", "cost", "idle_baseline"])
def test_every_leaf_of_a_run_was_read_or_is_cited(staged, figure):
    document = json.loads(staged("explain", "last", figure, "--json").stdout)
    if document["quantity"] is None:
        return
    known = [f"{fact['subject']} " for fact in document["facts"]]
    assert all(fact["source"]["licence"] for fact in document["facts"])
    for node in document["nodes"]:
        source = node["source"]
        if source is None:
            continue
        if source["id"] == "by definition":
            assert node["name"] or abs(node["quantity"]["value"]) == 1, node
        elif not source["id"].startswith(READ):
            told = f"{source['id']} {source['text']} "
            assert any(subject in told for subject in known), source
