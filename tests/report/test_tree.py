"""The tree behind a figure: golden text, repeated parts, small errors, nodes for JSON."""

from __future__ import annotations

from textwrap import dedent

from joulebook.account.statement import Context, state
from joulebook.entry import Entry
from joulebook.quantity import Basis, Quantity, Source, total
from joulebook.report.tree import explanation, figure_text, nodes
from joulebook.testing.facts import small_catalog

SECOND = 1_000_000_000


def entry(device, kind, joules, *, basis=Basis.MEASURED, spread=0.05):
    amount = Quantity.of(
        joules, "J", low=joules * (1 - spread), high=joules * (1 + spread), basis=basis, source=f"error of {device}"
    )
    return Entry(device, "a3f9", "", device, 0, 451 * SECOND, amount, round(joules * 1e6), labels={"kind": kind})


def statement(entries, **fields):
    return state(entries, Context(small_catalog(), "2026-11-20", run="a3f9", **fields))


def test_explanation_leads_to_facts_and_readings():
    parts = [entry("cpu-0", "cpu", 100_000), entry("ram", "ram", 50_000, basis=Basis.ASSUMED)]
    text = explanation(statement(parts, region="fr").carbon)
    golden = """
    carbon = 2.08 g (1.65-2.52)  assumed  sum of
    ├─ cpu-0 = 1.39 g (1.1-1.68)  reported  product of
    │  ├─ cpu-0 = 100 kJ (95-105)  measured  <- error of cpu-0
    │  └─ carbon_intensity = 50 gCO2e/kWh (40-60)  reported  <- A fake source, 2024
    └─ ram = 693 mg (550-837)  assumed  product of
       ├─ ram = 50 kJ (47.5-52.5)  assumed  <- error of ram
       └─ carbon_intensity = 50 gCO2e/kWh (40-60)  reported  <- A fake source, 2024
    """
    assert text == dedent(golden).strip("\n")


def test_explanation_names_repeated_parts_once_and_cuts_long_sums():
    one = Quantity.of(5, "J", basis=Basis.MEASURED, source="once\x1b[31m") * Quantity.exact(2)
    text = explanation(one + one)
    assert text.count("(as above)") == 1
    assert "\x1b" not in text
    parts = [Quantity.of(i, "J", basis=Basis.MEASURED, source=f"s{i}") for i in range(1000)]
    long = explanation(total(parts, "J", "all"))
    assert "├─ 988 more, together 499 kJ" in long
    assert len(long.splitlines()) == 14


def test_wide_figures_in_a_tree_are_ranges():
    text = explanation(Quantity.of(10, "J", low=1, high=100, basis=Basis.ASSUMED, source="guess", name="x"))
    assert text == "x = 1-100 J  assumed  <- guess"


def test_errors_around_zero_are_gathered_and_have_signs():
    reading = Quantity.of(10, "J", basis=Basis.MEASURED, source=Source("reading:b/d/c:1..2", "cpu package-0"))
    edges = [
        Quantity.of(0, "J", low=-size, high=size, basis=Basis.MEASURED, source=f"edge:b/d/c:{at}")
        for at, size in enumerate((0.003, 0.004))
    ]
    text = explanation(total([reading, edges[0], edges[1] * -1.0], "J", "cpu"), {"reading:b/d/c:1..2": "31 readings"})
    lines = text.splitlines()
    assert lines[1] == "├─ 10 J  measured  <- cpu package-0 (31 readings)"
    assert lines[2].endswith("mJ  measured  <- 2 edges of its window, between two updates")
    assert lines[2].startswith("└─ ±") or " to +" in lines[2]
    assert len(lines) == 3


def test_figures_around_zero():
    assert figure_text(Quantity.of(0, "J", low=-0.002, high=0.002, basis=Basis.MEASURED, source="x")) == "±2 mJ"
    assert figure_text(Quantity.of(0, "J", low=-0.001, high=0.002, basis=Basis.MEASURED, source="x")) == "-1 to +2 mJ"
    assert figure_text(Quantity.exact(0.0, "J")) == "0 J"


def test_nodes_are_flat_and_shared_parts_stand_once():
    one = Quantity.of(5, "J", basis=Basis.MEASURED, source=Source("s", "where from"))
    found = nodes((one + one).named("twice"))
    assert [(node["name"], node["op"], node["operands"]) for node in found] == [
        ("twice", "+", [1, 1]),
        ("", "source", []),
    ]
    assert found[1]["source"] == {"id": "s", "text": "where from"}
    deep = one
    for _ in range(3000):
        deep = deep + one
    assert len(nodes(deep)) == 3001
