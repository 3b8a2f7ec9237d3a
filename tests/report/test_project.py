"""The table of a project: which runs are in which row, sums that lose nothing, and the documents of it."""

from __future__ import annotations

import csv
import io
import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from joulebook.quantity import Basis, Quantity
from joulebook.report import project as table

SCHEMA = Draft202012Validator(json.loads((files("joulebook.report") / "schema/project-1.json").read_text()))
HOSTILE = "<b>a|b</b> & _x_ % $1"


@pytest.fixture
def statements(account):
    """Four runs: two finished, one failed, one that was stopped."""
    states = ("finished", "finished", "failed", "stopped")
    names = ("digits-1", HOSTILE, "digits-3", "digits-4")
    return [
        account(run=f"{at}00000000000", name=name, status=status, factor=at + 1.0)
        for at, (name, status) in enumerate(zip(names, states, strict=True))
    ]


def test_rows(statements):
    found = table.project("digits", statements, "100000000000")
    final, tuned, everything = found.rows
    assert (final.number, tuned.number, everything.number) == (1, 2, 4)
    energies = [row.totals["energy"].value for row in found.rows]
    one = statements[0].energy.value
    assert energies == pytest.approx([2 * one, 3 * one, 10 * one])
    assert "The final model is 20 % of the energy of everything." in found.notes
    assert "2 runs that did not finish took 70 % of it." in found.notes


def test_nothing_finished(statements):
    found = table.project("digits", statements[2:])
    assert [row.number for row in found.rows] == [0, 2]
    assert found.rows[0].totals["energy"] is None
    assert "unknown" in table.as_markdown(found)


@given(st.lists(st.sampled_from(["finished", "failed", "stopped", "interrupted", "running"]), min_size=1, max_size=12))
def test_everything_is_never_less_than_what_finished(account, states):
    made = [account(run=f"{at:012d}", status=status) for at, status in enumerate(states)]
    *_, tuned, everything = table.project("x", made).rows
    assert everything.number == len(states)
    assert tuned.number == states.count("finished")
    if tuned.number:
        assert everything.totals["energy"].value >= tuned.totals["energy"].value


def test_what_is_unknown_of_some_is_said_and_of_all_is_no_number(statements):
    some = [statements[0], statements[1]._replace(carbon=None)]
    found = table.project("x", some)
    assert found.rows[-1].missing["carbon"] == 1
    assert found.rows[-1].totals["carbon"].value == pytest.approx(statements[0].carbon.value)
    assert any("Carbon: unknown of 1 run, which the sums are without" in note for note in found.notes)
    none = table.project("x", [one._replace(carbon=None) for one in statements])
    assert none.rows[-1].totals["carbon"] is None
    assert any("Carbon: unknown of 4 runs, nothing is added" in note for note in none.notes)


def test_currencies_are_not_added(statements):
    euros = Quantity.of(1.0, "EUR", basis=Basis.REPORTED, source="a bill")
    found = table.project("x", [statements[0], statements[1]._replace(cost=euros)])
    assert found.rows[-1].totals["cost"] is None
    assert any("several currencies" in note for note in found.notes)


def test_documents(statements):
    found = table.project(HOSTILE, statements, "100000000000")
    SCHEMA.validate(json.loads(table.as_json(found)))
    page = table.as_html(found)
    assert "<b>a|b</b>" not in page
    assert "&lt;b&gt;" in page
    assert "<script" not in page
    marked = table.as_markdown(found)
    assert "<b>" not in marked
    assert marked.count("\n| ") == 4
    tex = table.as_latex(found)
    assert tex.count("\\\\\n") == 7
    assert "\\begin{tabular}{@{}lrrr@{}}" in tex
    rows = list(csv.DictReader(io.StringIO(table.as_csv(found), newline="")))
    assert [int(row["runs"]) for row in rows] == [1, 2, 4]
    assert float(rows[-1]["energy"]) == pytest.approx(found.rows[-1].totals["energy"].to("kWh").value)
