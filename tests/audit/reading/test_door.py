"""Documents of every form: positions, merged cells, torn rows, encodings, and what is refused."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.audit.reading import door, limits
from joulebook.audit.reading.door import FORMS, document, guess, read_document
from joulebook.errors import ExchangeError


@given(st.text(max_size=300), st.sampled_from([form for form in FORMS if form not in ("json", "yaml")]))
def test_any_text_is_a_document(text: str, form: str) -> None:
    assert document(text, form=form).form == form


@given(st.text(alphabet='{}[]",:0123456789.eE kWh\n', max_size=60))
def test_any_json_is_read_or_refused_with_its_place(text: str) -> None:
    with suppress(ExchangeError):
        assert document(text, form="json").form == "json"


def test_broken_json_says_where() -> None:
    with pytest.raises(ExchangeError, match="line 2, column 7"):
        document('{"a": 1,\n "b": }', form="json")


def test_amounts_know_their_line_and_column() -> None:
    text = "# Head\n\nIt took\n  12 kWh.\n\n| a | Energy (kWh) |\n|---|---|\n| x | 1,234.5 |\n"
    for amount in document(text, form="markdown").amounts():
        line = text.split("\n")[amount.place.line - 1]
        assert line[amount.place.column - 1 :].startswith(amount.digits.split()[0])


def test_json_and_yaml_say_line_and_path() -> None:
    for form, text in (
        ("json", '{"run": {\n  "energy_kwh": 4.5,\n  "hours": 2}}'),
        ("yaml", "run:\n  energy_kwh: 4.5\n  hours: 2\n"),
    ):
        energy = next(one for one in document(text, form=form).amounts() if one.kind == "energy")
        assert (energy.value, energy.place.line, energy.place.cell) == (4.5, 2, "$.run.energy_kwh")


def test_merged_cells_count_once_and_are_told() -> None:
    page = (
        "<table><tr><th>Part</th><th>Energy (kWh)</th></tr><tr><td>a</td><td rowspan=2>10</td></tr><tr><td>b</td></tr>"
        "<tr><td>c</td><td>5</td></tr><tr><td>Total</td><td>15</td></tr></table>"
    )
    found = document(page, form="html")
    assert any("merged" in note for note in found.notes)
    copied = [field.copied for table in found.tables for record in table.records for field in record.fields]
    assert copied == [False, True, False, False]


def test_torn_rows_are_told_and_left_out() -> None:
    found = document("name,energy_kwh\na,5\nb,6,7,8\nc,9\n", form="csv")
    assert any("line 3" in note for note in found.notes)
    assert [one.value for one in found.amounts()] == [5.0, 9.0]


def test_what_is_no_text_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, data, word in (
        ("a.pdf", b"%PDF-1.7 ...", "pdftotext"),
        ("b.xlsx", b"PK\x03\x04...", "export it"),
        ("c.bin", b"abc\x00def", "binary"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ExchangeError, match=word):
            read_document(str(tmp_path / name))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "LARGEST", 1000)
    monkeypatch.setattr(limits, "LARGEST", 1000)
    monkeypatch.setattr(limits, "_MOST", 50)
    monkeypatch.setattr(limits, "_ROWS", 30)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("name", "text", "amounts"),
    [
        ("a.md", "It took 5 kWh. " * 1000, 50),
        ("b.md", "It took 5 kWh.\n\n" * 1000, 50),
        ("c.csv", "name,energy (kWh)\n" + "ä,5\n" * 1000, 50),
        ("d.txt", "é" * 2000 + " 5 kWh", 0),
        ("e.jsonl", '{"energy_kwh": 5}\n' * 1000, 50),
    ],
)
def test_of_what_is_too_large_the_beginning_is_read(tmp_path: Path, name: str, text: str, amounts: int) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = read_document(str(tmp_path / name))
    assert any("only the first" in note for note in found.notes)
    assert len(found.amounts()) < 400
    assert bool(found.amounts()) == bool(amounts)


@pytest.mark.usefixtures("small")
def test_of_a_long_table_the_first_rows_are_audited() -> None:
    found = limits.shortened(document("name,energy (kWh)\n" + "a,5\n" * 100, form="csv"))
    assert len(found.tables[0].records) == 30
    assert any("30 of 100 rows" in note for note in found.notes)


@pytest.mark.usefixtures("small")
def test_pictures_within_a_page_do_not_count(tmp_path: Path) -> None:
    page = f'<p><img src="data:image/png;base64,{"iVBO" * 1000}"></p>\n<p>It took 5 kWh.</p>\n'
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    found = read_document(str(tmp_path / "a.html"))
    assert not found.notes
    assert [one.place.line for one in found.amounts()] == [2]


@pytest.mark.usefixtures("small")
def test_what_has_no_parts_is_refused_when_it_is_too_large(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([{"energy_kwh": 5}] * 100), encoding="utf-8")
    with pytest.raises(ExchangeError, match="larger than"):
        read_document(str(tmp_path / "a.json"))


def test_other_encodings_are_read_and_told(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes("Für 5 kWh".encode("cp1252"))
    found = read_document(str(tmp_path / "a.md"))
    assert [one.value for one in found.amounts()] == [5.0]
    assert "Windows-1252" in found.notes[0]


def test_forms_are_guessed() -> None:
    assert guess('{"a": 1}') == "json"
    assert guess("<!doctype html><p>x") == "html"
    assert guess("a,b\n1,2\n3,4\n") == "csv"
    assert guess("a: 1\nb:\n  c: 2\n") == "yaml"
    assert guess("# Title\n\nIt took 5 kWh.") == "markdown"


def test_a_document_without_figures_says_so() -> None:
    assert "no amount" in document("Nothing here.", form="markdown").notes[-1]
