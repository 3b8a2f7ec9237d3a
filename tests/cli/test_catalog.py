"""`joulebook catalog`: what it prints, its documents, and what it refuses."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

from joulebook.cli.app import main

SCHEMA = Draft202012Validator(json.loads((files("joulebook.report") / "schema/catalog-1.json").read_text()))
OWN = """
[[source]]
id = "mine-2026"
title = "A study of ours"
publisher = "Laboratory"
year = 2026
licence = "our own"

[[fact]]
subject = "grid.fr"
property = "carbon_intensity.lifecycle.generation"
value = 50
low = 40
high = 60
unit = "gCO2e/kWh"
valid_from = "2026-01-01"
source = "mine-2026"
retrieved = "2026-11-21"
evidence = "seen"
"""


@pytest.fixture(autouse=True)
def _alone(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


def run(capsys, *words):
    code = main(["catalog", *words])
    done = capsys.readouterr()
    return code, done.out, done.err


def document(capsys, *words):
    code, out, _ = run(capsys, *words, "--json")
    assert code == 0
    found = json.loads(out)
    SCHEMA.validate(found)
    return found


@pytest.mark.parametrize(
    ("name", "subject", "words"),
    [
        (
            "NVIDIA H100 80GB HBM3",
            "accelerator.nvidia-h100-sxm5-80gb",
            ["tdp", "700", "665-735", "reported", "embodied"],
        ),
        ("A100", "accelerator.a100-family", ["is a family: the range spans", "237.5-420", "assumed"]),
        ("intel xeon platinum 8480c", "cpu.intel-xeon-platinum-8480c", ["350", "280-437.5", "assumed"]),
        (
            "FR",
            "grid.fr",
            ["carbon_intensity.lifecycle.generation", "gCO2e/kWh", "Ember", "CC BY 4.0", "price.electricity"],
        ),
        ("gcp:europe-west4", "site.gcp.europe-west4", ["pue", "wue", "carbon_free_share", "grid.nl"]),
        ("p4d.24xlarge", "instance.aws-p4d-24xlarge", ["accelerators", "accelerator.nvidia-a100-sxm4-40gb"]),
        ("coal", "fuel.coal", ["740-910", "IPCC"]),
    ],
)
def test_a_name_shows_values_ranges_units_dates_and_sources(capsys, name, subject, words):
    code, out, _ = run(capsys, "show", name)
    assert code == 0
    assert f"({subject})" in out
    assert [word for word in words if word not in out] == []
    assert "Sources\n  [" in out
    shown = document(capsys, "show", name)
    assert subject in [one["subject"] for one in shown["found"]]
    cited = {fact["source"] for one in shown["found"] for fact in one["facts"]}
    assert cited == {source["id"] for source in shown["sources"]}


@pytest.mark.parametrize("name", ["nonsense-9000", "H10", "RTX 4090 Ti", "Atlantis", "\x1b[2J"])
def test_nonsense_ends_with_exit_code_4(capsys, name):
    code, out, err = run(capsys, "show", name)
    assert (code, out) == (4, "")
    assert err.isprintable() or err.endswith("\n")
    assert "the catalogue knows nothing called" in err


@pytest.mark.parametrize("action", ["show", "search"])
def test_a_name_has_to_be_given(capsys, action):
    code, _, err = run(capsys, action)
    assert code == 2
    assert f"joulebook catalog {action} H100" in err


def test_near_names_are_listed(capsys):
    assert "h100" in run(capsys, "show", "H10")[2]
    assert "fuel" in run(capsys, "show", "GPT-33")[2] or "gpt" in run(capsys, "show", "GPT-33")[2]


def test_a_word_for_several_countries_says_so(capsys):
    code, _, err = run(capsys, "show", "Georgia")
    assert code == 4
    assert "is ambiguous" in err


def test_the_history_has_every_year_and_a_day_has_its_own(capsys):
    every = document(capsys, "show", "FR", "--all")["found"][0]["facts"]
    years = [fact["valid_from"] for fact in every if fact["property"] == "carbon_intensity.lifecycle.generation"]
    assert len(years) > 20
    then = document(capsys, "show", "FR", "--on", "2010-06-01")["found"][0]["facts"]
    assert "2010-01-01" in {fact["valid_from"] for fact in then}


def test_search_lists_what_contains_the_words(capsys):
    code, out, _ = run(capsys, "search", "epyc", "7763")
    assert code == 0
    assert "cpu.amd-epyc-7763" in out
    assert document(capsys, "search", "h100", "--kind", "accelerator")["found"]
    assert run(capsys, "search", "zzzzzz")[0] == 4


def test_sources_say_their_licence(capsys):
    code, out, _ = run(capsys, "sources")
    assert code == 0
    assert "[ember-2025] Ember." in out
    assert len(document(capsys, "sources")["sources"]) > 100
    assert len(document(capsys, "sources", "ember-2025")["sources"]) == 1
    assert run(capsys, "sources", "nowhere")[0] == 4


def test_an_own_fact_is_marked_and_can_be_removed(capsys, tmp_path):
    (tmp_path / "mine.toml").write_text(OWN)
    code, out, _ = run(capsys, "add", "mine.toml")
    assert code == 0
    assert "1 facts of your own in 1 files" in out
    assert "your own" in run(capsys, "show", "FR")[1]
    assert any(fact["own"] for fact in document(capsys, "show", "FR")["found"][0]["facts"])
    assert document(capsys, "add")["files"] == ["mine.toml"]
    assert run(capsys, "add", "--remove", "mine.toml")[0] == 0
    assert "your own" not in run(capsys, "show", "FR")[1]


def test_a_broken_file_is_told_with_its_line(capsys, tmp_path):
    (tmp_path / "mine.toml").write_text(OWN.replace("gCO2e/kWh", "bananas"))
    code, out, err = run(capsys, "add", "mine.toml")
    assert (code, out) == (4, "")
    assert "mine.toml:15: unknown unit 'bananas'" in err
