"""Published tables computed again: the laws of the verdicts, and what was printed."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joulebook.audit.cases.expression import Range, over_numbers, over_quantities, over_ranges, parse
from joulebook.audit.cases.loading import case_names, load, read
from joulebook.audit.cases.printed import printed
from joulebook.audit.cases.verdicts import Judged, Verdict, judge
from joulebook.cli.app import main
from joulebook.cli.reproduce import literature_page
from joulebook.errors import ConfigError, UnitMismatch
from joulebook.quantity import Quantity

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "literature.py"
POSITIVE = st.floats(1e-3, 1e6)


def case(rows: list[dict], **more: object) -> dict[str, Judged]:
    document = {"title": "a case", "source": "a test", "tables": [{"name": "a table", "rows": rows, **more}]}
    return {judged.cell.key: judged for judged in judge(read("made", document)).cells()}


# -- formulas ---------------------------------------------------------------------------------------------------


@given(POSITIVE, POSITIVE, POSITIVE)
def test_numbers_ranges_and_quantities_say_the_same(a: float, b: float, c: float) -> None:
    tree = parse("a * b / c + a")
    number = over_numbers(tree, {"a": a, "b": b, "c": c})
    ends = over_ranges(tree, {name: Range(value, value) for name, value in zip("abc", (a, b, c), strict=True)})
    amount = over_quantities(tree, {name: Quantity.exact(value) for name, value in zip("abc", (a, b, c), strict=True)})
    assert ends.low == ends.high == pytest.approx(number) == pytest.approx(amount.value)


@given(st.data())
def test_a_range_holds_whatever_lies_within_its_inputs(data: st.DataObject) -> None:
    tree = parse("(a + b) * c / d - b")
    ends = {name: sorted(data.draw(st.tuples(POSITIVE, POSITIVE))) for name in "abcd"}
    inside = {name: data.draw(st.floats(*pair)) for name, pair in ends.items()}
    found = over_ranges(tree, {name: Range(*pair) for name, pair in ends.items()})
    amount = over_numbers(tree, inside)
    assert found.low - 1e-9 * abs(found.low) <= amount <= found.high + 1e-9 * abs(found.high)


@pytest.mark.parametrize(
    "text", ["a ** b", "__import__('os')", "a.b", "a[0]", "a if b else c", "lambda: 1", "a +", "'a'", "open(a)", "-a"]
)
def test_a_formula_is_nothing_but_arithmetic(text: str) -> None:
    with pytest.raises(ConfigError):
        parse(text)


def test_units_of_a_formula_are_checked() -> None:
    rows = [{"name": "t", "value": "3 h"}, {"name": "e", "value": "6 kWh", "formula": "t + t"}]
    with pytest.raises(UnitMismatch):
        case(rows)


# -- verdicts ---------------------------------------------------------------------------------------------------


def test_digits_say_what_a_printed_figure_leaves_open() -> None:
    assert printed("27 kWh").covers(27.4)
    assert not printed("27 kWh").covers(27.6)
    assert printed("0.10 Wh").covers(0.104)
    assert not printed("0.10 Wh").covers(0.106)
    assert printed("103e3 USD").covers(103_400)
    assert not printed("103e3 USD").covers(103_600)
    assert printed("8 device").step == 0 == printed("=1.5 kWh").step
    assert (printed("2..3 h").low, printed("2..3 h").high) == (2, 3)
    assert printed("2..2.2..3 h")[1:4] == (2.2, 2, 3)
    for wrong in ("kWh", "27 furlongs", "1,5 kWh", ""):
        with pytest.raises((ConfigError, UnitMismatch)):
            printed(wrong)


@settings(max_examples=60)
@given(st.integers(50, 9_999), st.integers(50, 9_999))
def test_what_is_computed_and_rounded_agrees(watts: int, hours: int) -> None:
    energy = watts * hours / 1000
    rows = [
        {"name": "p", "value": f"{watts} W"},
        {"name": "t", "value": f"{hours} h"},
        {"name": "e", "value": f"{energy:.2f} kWh", "formula": "p * t"},
    ]
    assert case(rows)["e"].verdict == Verdict.AGREES


@settings(max_examples=60)
@given(st.floats(1_000, 9_000), st.floats(100, 990))
def test_inputs_that_are_printed_rounded_are_no_fault(watts: float, hours: float) -> None:
    rows = [
        {"name": "p", "value": f"{watts:.0f} W"},
        {"name": "t", "value": f"{hours:.0f} h"},
        {"name": "e", "value": f"{watts * hours / 1000:.3f} kWh", "formula": "p * t"},
    ]
    assert case(rows)["e"].closes


@settings(max_examples=40)
@given(st.integers(1_000, 90_000), st.integers(1, 9), st.integers(0, 4))
def test_a_slip_in_one_digit_is_found_and_put_right(hours: int, other: int, place: int) -> None:
    """Two figures of one row are made of the same hours: the search finds those that both were made of."""
    digits = list(str(hours))
    place = min(place, len(digits) - 1)
    digits[place] = str((int(digits[place]) + other) % 10)
    wrong = "".join(digits)
    if wrong[0] == "0" or abs(int(wrong) - hours) < 5:
        return
    rows = [
        {"name": "p", "value": "1515.43 W"},
        {"name": "rate", "value": "0.43 USD/device-h"},
        {"name": "n", "value": "8 device"},
        {"name": "t", "value": f"{wrong} h"},
        {"name": "e", "value": f"{1515.43 * hours / 1000:.1f} kWh", "formula": "p * t"},
        {"name": "c", "value": f"{8 * 0.43 * hours:.1f} USD", "formula": "n * t * rate"},
    ]
    found = case(rows)
    assert found["t"].repaired == hours
    assert found["e"].closes
    assert found["c"].closes
    assert not found["t"].closes


@given(st.floats(1.3, 900.0))
def test_a_result_that_is_off_by_a_factor_does_not_close(factor: float) -> None:
    rows = [
        {"name": "p", "value": "1500 W"},
        {"name": "t", "value": "100 h"},
        {"name": "e", "value": f"{150 * factor:.0f} kWh", "formula": "p * t"},
    ]
    found = case(rows)["e"]
    assert found.verdict == Verdict.OPEN
    assert not found.closes
    assert re.search(r"would agree with|no single input", found.why)


def test_digits_that_are_cut_off_are_told_apart() -> None:
    rows = [{"name": "p", "value": "=1.0076 kWh"}, {"name": "e", "value": "1.00 kWh", "formula": "p"}]
    found = case(rows)["e"]
    assert (found.verdict, found.why) == (Verdict.ROUNDING, "cut off, not rounded")


# -- what was published -----------------------------------------------------------------------------------------


def test_strubell_2019_to_the_cell() -> None:
    found = judge(load("strubell"))
    assert len(found.cells()) == 104
    wrong = {judged.cell.label: judged.repaired for judged in found.cells() if not judged.closes}
    assert wrong == {
        "BERT base on V100x64: hours": pytest.approx(79.2),
        "NAS (Evolved Transformer) on TPUv2x1: hours": pytest.approx(32_633),
        "price of TPUv2, pre-emptible, as printed": pytest.approx(1.35),
    }
    verdicts = {judged.cell.label: judged.verdict for judged in found.cells()}
    assert verdicts["BERT base on V100x64: hours"] == Verdict.ROUNDING
    assert verdicts["NAS (Evolved Transformer) on TPUv2x1: hours"] == Verdict.OPEN


def test_every_other_case_closes() -> None:
    cells = [judged for name in case_names() if name != "strubell" for judged in judge(load(name)).cells()]
    computed = [judged for judged in cells if judged.computed is not None]
    assert len(computed) > 60
    assert all(judged.closes for judged in computed), [judged.cell.label for judged in computed if not judged.closes]


def test_anchors_of_the_literature(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of `benchmarks/literature.py`, which prints how far off each is."""
    monkeypatch.syspath_prepend(str(BENCHMARK.parent))
    spec = importlib.util.spec_from_file_location("benchmark_of_the_literature", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    found = benchmark.anchors(benchmark.figures())
    assert len(found) == 30
    assert [label for _, label, *_, kept in found if not kept] == []


# -- the verb ---------------------------------------------------------------------------------------------------


def test_the_verb_prints_text_json_and_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reproduce"]) == 0
    assert "strubell" in capsys.readouterr().out
    assert main(["reproduce", "strubell"]) == 0
    shown = capsys.readouterr().out
    assert "a slip for 32,633 h" in shown
    assert shown.count("\n", shown.index("Inputs that cannot stand"), shown.index("104 figures")) >= 4
    assert main(["reproduce", "bloom", "gemini", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [item["name"] for item in document["cases"]] == ["bloom", "gemini"]
    assert main(["reproduce", "patterson", "--markdown"]) == 0
    assert "| carbon as it was" in capsys.readouterr().out
    assert main(["reproduce", "CARS", "cars", "--json"]) == 0
    assert [item["name"] for item in json.loads(capsys.readouterr().out)["cases"]] == ["cars"]
    assert main(["reproduce", "c017"]) == 0
    assert "C017" in capsys.readouterr().out
    assert main(["reproduce", "nobody"]) == 2
    assert "expected one of" in capsys.readouterr().err


def test_the_chart_has_a_mark_for_every_computed_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reproduce", "strubell", "--chart", str(tmp_path / "s.svg")]) == 0
    assert "BERT base on V100x64: energy with PUE" in (tmp_path / "s.svg").read_text()
    assert main(["reproduce", "strubell", "--chart", str(tmp_path / "s.json")]) == 0
    rows = [row for rows in json.loads((tmp_path / "s.json").read_text())["datasets"].values() for row in rows]
    assert sum("shape" in row for row in rows) == sum(
        one.computed is not None for one in judge(load("strubell")).cells()
    )
    for wrong in (["all", "--chart", str(tmp_path / "a.svg")], ["cars", "--chart", str(tmp_path / "a.txt")]):
        assert main(["reproduce", *wrong]) == 2
    assert "expected" in capsys.readouterr().err


def test_the_page_is_current() -> None:
    page = Path(__file__).parents[2] / "docs/literature.md"
    assert page.read_text(encoding="utf-8") == literature_page(), "run  make docs"
