"""`joulebook estimate plan` as people and programs see it."""

from __future__ import annotations

import csv
import io
import json
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

from joulebook.cli.app import main
from joulebook.errors import ConfigError
from joulebook.plan.choice import choose
from joulebook.report.plan import listed_of, markdown, options_sheet, rows

SCHEMA = Draft202012Validator(json.loads((files("joulebook.report") / "schema/plan-1.json").read_text()))
WORDS = [
    *("estimate", "plan", "--params", "7B", "--tokens", "100B", "--devices", "H100,TPU v4", "--counts", "64..256"),
    *("--regions", "FR,PL", "--max", "400 kg", "--max", "60000 USD", "--max", "3 days"),
]


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    """No settings of a person, and a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("JOULEBOOK_HOME", str(tmp_path / "book"))
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture(scope="module")
def plan():
    return choose(
        devices=["H100", "TPU v4"],
        counts=["64..256"],
        regions=["FR", "PL"],
        params="7B",
        tokens="100B",
        budgets=["400 kg", "60000 USD", "3 days"],
    )


def test_the_table_fits_a_terminal_and_hides_no_interval(plan, capsys):
    assert main(WORDS) == 0
    shown = capsys.readouterr().out
    assert all(len(line) <= 80 for line in shown.splitlines())
    for part in (
        "12 options within 400 kg, 60000 USD, 3 days",
        "meets",
        "--open NUMBER",
        "90 % intervals",
        *plan.findings[:1],
    ):
        assert " ".join(part.split()) in " ".join(shown.split())


def test_json_follows_its_schema(capsys):
    assert main([*WORDS, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    SCHEMA.validate(document)
    assert len(document["options"]) + document["dominated"] == document["counted"] == 12
    assert main([*WORDS, "--json", "--all"]) == 0
    whole = json.loads(capsys.readouterr().out)
    SCHEMA.validate(whole)
    assert len(whole["options"]) == 12


def test_an_option_is_opened_as_its_statement(plan, capsys):
    assert main([*WORDS, "--open", "2", "--json"]) == 0
    statement = json.loads(capsys.readouterr().out)
    assert statement["schema"] == "joulebook.statement/1"
    assert statement["carbon"] == plan.frontier[1].as_dict()["carbon"]
    assert statement["cost_hire"] == plan.frontier[1].as_dict()["cost"]
    assert main([*WORDS, "--open", "99"]) == 2


def test_budgets_that_are_missed_are_marked(plan):
    sheet = options_sheet(plan, plan.options)
    for option, row in zip(plan, sheet.rows, strict=True):
        cells = dict(zip(sheet.columns, row, strict=True))
        for head, chance in zip((">CO2e", ">hire", ">time"), option.chances, strict=True):
            assert cells[head].endswith("!") == (chance < 0.5)


def test_csv_and_markdown_have_every_option(plan):
    table = list(csv.DictReader(io.StringIO(rows(plan, everything=True))))
    assert [float(row["carbon_kgCO2e"]) for row in table] == [one.carbon.value for one in plan]
    assert len(listed_of(plan, everything=False)) == len(list(csv.reader(io.StringIO(rows(plan))))) - 1
    text = markdown(plan, everything=True)
    assert sum(line.startswith("|") for line in text.splitlines()) == 2 + len(plan)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--max", "3 W"], "max"),
        (["--devices", "H1000"], "h100"),
        (["--devices", ","], "at least one device"),
        (["--regions", ","], "grids or sites"),
        (["--counts", "none"], "counts"),
        (["--sort", "beauty"], "sort"),
        (["--chart", "plan.doc"], "chart"),
        (["--chart", "plan.svg", "--axes", "time"], "axes"),
        (["--counts", "1..100000000"], ""),
    ],
)
def test_bad_words_are_told_in_a_line(words, says, capsys):
    code = main([*WORDS[:4], *WORDS[4:12], *words])
    told = capsys.readouterr().err
    if says:
        assert code in (2, 4)
        assert says in told
        assert told.count("\n") == 1


def test_the_chart_draws_every_option_and_its_budgets(plan):
    pytest.importorskip("altair")
    from joulebook.report.charts import picture
    from joulebook.report.charts.frontier import drawn, frontier
    from joulebook.report.charts.picture import Frame

    shown = frontier(plan, ("time", "carbon"), Frame())
    data = picture.specification(shown)["datasets"].values()
    points = {(one["name"], round(one["y"], 6)) for some in data for one in some if "name" in one}
    assert len(points) == len(plan)
    assert {one["meets"] for some in data for one in some if "meets" in one} <= {"meets the budgets", "does not"}
    assert any(set(one) == {"x"} for some in data for one in some)
    assert drawn(plan, ("cost", "carbon"), "a.svg").startswith(b"<svg")
    assert drawn(plan, ("time", "water"), "a.PNG").startswith(b"\x89PNG")
    with pytest.raises(ConfigError, match="axes"):
        frontier(plan, ("time", "time"), Frame())
