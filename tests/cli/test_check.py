"""`joulebook check`: the gate of continuous integration."""

from __future__ import annotations

import json

import pytest

from joulebook.exchange.budgets import read_budgets
from joulebook.meter.limits import limit_of
from joulebook.report.checked import checked, markdown
from joulebook.testing.book import generate_runs

WIDE = '[budget."*"]\nenergy = "1 MWh"\ncarbon = "1 tCO2e"\nduration = "1 h"\n'


def quantity(value, low, high, unit="kWh"):
    return {"value": value, "low": low, "high": high, "unit": unit, "basis": "assumed"}


@pytest.mark.parametrize(
    ("used", "judge", "verdict", "holds"),
    [
        (quantity(1, 0.9, 1.1), "value", "within", True),
        (quantity(1, 0.9, 1.1), "high", "within", True),
        (quantity(3, 2.9, 3.1), "value", "over", False),
        (quantity(1.9, 1.5, 2.1), "value", "cannot be told", True),
        (quantity(1.9, 1.5, 2.1), "high", "cannot be told", False),
        (quantity(2.05, 1.5, 2.1), "value", "cannot be told", False),
        (None, "value", "unknown", False),
    ],
)
def test_the_interval_gives_the_verdict_and_one_end_decides(used, judge, verdict, holds):
    found = checked("a3f9" * 3, "train", ("*", limit_of("2 kWh")), used, judge)
    assert (found.verdict, found.holds) == (verdict, holds)
    text = markdown([found], judge)
    assert ("1 of 1 limit exceeded" in text) is not holds
    assert text.count("\n| ") == 2
    if verdict == "cannot be told":
        assert f"its {judge}, {'1.9' if judge == 'value' and holds else '2.'}" in text


def test_a_cost_in_another_currency_is_unknown():
    found = checked("a3f9" * 3, "train", ("*", limit_of("2 EUR")), quantity(1, 1, 1, "USD"), "value")
    assert (found.verdict, found.holds) == ("unknown", False)
    assert "**unknown: priced in USD**" in markdown([found], "value")


def test_names_cannot_break_the_table():
    found = checked("a3f9" * 3, "a | b\n\x1b[31m", ("x|*", limit_of("2 kWh")), None, "value")
    rows = [line for line in markdown([found], "value").splitlines() if line.startswith("|")]
    assert len(rows) == 3
    assert rows[2].replace("\\|", "").count("|") == 6
    assert "\x1b" not in rows[2]


@pytest.fixture
def book(environment):
    return generate_runs(environment()["JOULEBOOK_HOME"], 12, seed=3)


def file_of(tmp_path, text):
    path = tmp_path / "budgets.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_runs_within_their_budgets_are_a_table_and_code_0(joulebook, tmp_path, book):
    done = joulebook("check", "--budget", file_of(tmp_path, WIDE), "--since", "2020-01-01")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "| run | budget | limit | used (90 % interval) | verdict |"
    assert len([line for line in lines if line.endswith("| within |")]) == 3 * len(book)
    assert lines[-1] == "The value of each figure counts: **all hold**."


def test_one_that_is_exceeded_is_code_3(joulebook, tmp_path, book):
    file = file_of(tmp_path, WIDE + f'[budget."{book[4].name}"]\nenergy = "0.001 J"\n')
    done = joulebook("check", "--budget", file, "--since", "2020-01-01")
    assert done.returncode == 3
    assert f"energy of {book[4].name} | 0.001 J |" in done.stdout.decode()
    assert b"**over**" in done.stdout
    assert joulebook("check", "--budget", file, book[4].id).returncode == 3
    other = next(run for run in book if run.name != book[4].name)
    assert joulebook("check", "--budget", file, other.id).returncode == 0


def test_the_last_run_is_checked_by_default_and_told_to_programs(joulebook, tmp_path):
    assert joulebook("run", "-q", "--name", "mine", "--", "true").returncode == 0
    done = joulebook(
        "check", "--json", "--budget", file_of(tmp_path, 'judge = "high"\n[budget.mine]\nduration = "1 h"')
    )
    assert done.returncode == 0, done.stderr
    plain = json.loads(done.stdout)
    assert (plain["schema"], plain["judge"], plain["holds"]) == ("joulebook.check/1", "high", True)
    (check,) = plain["checks"]
    assert check["limit"] == {"kind": "duration", "value": 3_600.0, "unit": "s", "text": "1 h"}
    assert check["used"]["unit"] == "h"
    assert (check["name"], check["verdict"]) == ("mine", "within")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "a table such as"),
        ("[budget.a", 1, "a TOML file"),
        ('judge = "low"\n[budget.a]\nenergy = "1 J"', 1, "judge = 'value' or 'high'"),
        ("x = 1", 1, "judge or [budget.NAME]"),
        ('[budget.a]\nenergie = "1 J"', 2, "one of energy, carbon, cost, duration"),
        ('[budget.a]\n\nenergy = "-1 J"', 3, "an amount above zero"),
        ('[budget.a]\nenergy = "2 h"', 2, "an amount of energy"),
        ("[budget.a]\nenergy = 5", 2, "an amount with its unit"),
        ("[budget.a]", 1, "with energy, carbon, cost, duration"),
        ("budget = 3", 1, "a table such as"),
        ("budget.a = 3", 1, "with energy"),
        ("\x00", 1, "a TOML file"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(joulebook, tmp_path, text, line, said):
    file = file_of(tmp_path, text)
    done = joulebook("check", "--budget", file)
    assert done.returncode == 5
    words = done.stderr.decode()
    assert f"{file}:{line}: expected" in words
    assert said in words
    assert words.count("\n") == 1


def test_no_file_no_run_no_match_and_both_ways_at_once(joulebook, tmp_path):
    missing = joulebook("check", "--budget", str(tmp_path / "none.toml"))
    assert (missing.returncode, b"none.toml: No such file" in missing.stderr) == (5, True)
    file = file_of(tmp_path, '[budget."train*"]\nenergy = "1 J"')
    assert joulebook("check", "--budget", file).returncode == 4
    assert joulebook("run", "-q", "--name", "other", "--", "true").returncode == 0
    done = joulebook("check", "--budget", file)
    assert done.returncode == 4
    assert b"no run here has a budget" in done.stderr
    assert joulebook("check", "--budget", file, "last", "--since", "1h").returncode == 2
    assert joulebook("check").returncode == 2


def test_several_patterns_hold_for_one_name(tmp_path):
    path = tmp_path / "b.toml"
    path.write_text(
        '[budget."*"]\nduration = "1 h"\n[budget."train*"]\nenergy = "1 J"\n[budget.eval]\ncost = "1 USD"\n'
    )
    found = read_budgets(path).of("train-7")
    assert [(pattern, limit.kind) for pattern, limit in found] == [("*", "duration"), ("train*", "energy")]
