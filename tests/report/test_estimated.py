"""Faces of an estimate: what was asked, ranges and what they come from, in the units that were wanted."""

from __future__ import annotations

import json
import re
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

import joulebook as jb
from joulebook.cli.app import main
from joulebook.errors import ConfigError
from joulebook.quantity import Basis, Quantity
from joulebook.report import estimated_sheets as sheets
from joulebook.report.estimated_markdown import markdown
from joulebook.report.estimated_sheets import units_shown
from joulebook.report.notebook import bundle

HOURS = ["estimate", "train", "--device", "H100", "--count", "8", "--hours", "80..120", "--device-power", "400..600"]


@pytest.fixture(scope="module")
def estimate():
    return jb.estimate.training(device="H100", count=8, hours="80..120", device_power="400..600", region="FR", pue=1.2)


@pytest.fixture
def said(capsys, monkeypatch, tmp_path):
    """What the command writes, in 80 columns and without anybody's settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words):
        code = main([*HOURS, *words])
        return code, capsys.readouterr()

    return run


def test_terminal_fits_says_what_was_asked_and_has_no_columns_of_runs(said):
    code, out = said("--region", "FR")
    assert code == 0
    assert max(map(len, out.out.splitlines())) <= 80
    assert "asked: hours 80..120, count 8, device_power 400..600, region FR" in out.out
    for word in ("coverage", "IT energy", "exit", "region unknown"):
        assert word not in out.out
    assert re.search(r"energy +385 kWh +285-508 kWh +reported", out.out)
    assert "30 % narrower" in out.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--unit", "MJ"], r"energy +1380 MJ +1030-1830 MJ"),
        (["--unit", "MWh"], r"energy +0.385 MWh +0.285-0.508 MWh"),
        (["--lb", "--intensity", "0.954 lb/kWh"], r"carbon +367 lb +272-485 lb"),
        (["--unit", "d"], r"time +4.08 d +3.33-5 d"),
    ],
)
def test_units_change_what_is_shown(said, words, expected):
    code, out = said(*words)
    assert code == 0
    assert re.search(expected, out.out)


@pytest.mark.parametrize("word", ["parsec", "W", "USD", ""])
def test_units_that_no_figure_has_are_refused(said, word):
    code, out = said("--unit", word)
    assert code == 2
    assert "expected a unit of energy" in out.err


def test_explain_unfolds_down_to_what_was_given(said):
    code, out = said("--explain", "device-hours")
    assert code == 0
    assert "given, hours 80..120" in out.out
    assert "given, count 8" in out.out
    code, out = said("--explain", "joy")
    assert code == 2
    assert "device_hours" in out.err


def test_json_keeps_the_units_of_its_schema(said):
    code, out = said("--json", "--lb", "--unit", "MWh")
    assert code == 0
    plain = json.loads(out.out)
    assert (plain["energy"]["unit"], plain["carbon"]["unit"]) == ("kWh", "kgCO2e")


def test_hire_is_called_so_and_stands_once():
    found = jb.estimate.training(count=8, hours=84, power=1500, price="0.43..1.46")
    titles = [row[0] for row in sheets.figures(found, {}).rows]
    assert "cost of hire" in titles
    assert not any("instead" in title or "electricity" in title for title in titles)


def test_causes_name_inputs_as_the_assumptions_do(estimate):
    names = {item.name.replace("_", " ") for item in estimate.assumptions}
    for figure in sheets.CAUSED:
        found = sheets.causes(estimate, figure, {})
        assert 1 <= len(found) <= 3
        assert {cause.name for cause in found} <= names


def test_markdown_and_notebook_escape_names():
    hostile = jb.estimate.training(count=1, hours=1, power=1, name="<script>alert(1)</script>|`x`")
    text, shown = markdown(hostile), bundle(hostile)
    assert "<script>" not in text
    assert "<script>" not in shown["text/html"]
    assert "estimated" not in shown["text/plain"].splitlines()[1]


def test_an_interpreter_shows_a_few_lines(estimate):
    lines = repr(estimate).splitlines()
    assert lines[0].startswith("estimate: training")
    assert 4 <= len(lines) <= 8
    assert "461 kWh" in repr(estimate)


@given(low=st.floats(1, 99), high=st.floats(101, 1e4), left=st.floats(0, 1))
def test_narrowing_says_the_part_that_goes(low, high, left):
    wide = Quantity.of(100, "J", low=low, high=high, basis=Basis.ASSUMED, source="x")
    ends = (100 - left * (100 - low), 100 + left * (high - 100))
    said = sheets.narrowing(wide, *ends)
    if high > 3 * low:  # what is far apart is compared by ratio
        left = log(ends[1] / ends[0]) / log(high / low)
    if found := re.fullmatch(r"(\d+) % narrower", said):
        assert abs(int(found[1]) - 100 * (1 - left)) <= 1
    else:
        assert {"half the range": 0.4 < left < 0.6, "as wide": left > 0.9, "no range is left": left < 0.1}[said]


def test_units_are_found_by_their_short_names():
    assert sorted(units_shown(["lb", "MWh"]).values()) == ["MWh", "lbCO2e"]
    with pytest.raises(ConfigError):
        units_shown(["kg", "nonsense"])
