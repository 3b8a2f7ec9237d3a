"""`joulebook audit`: text, JSON, standard input, exit codes."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from joulebook.cli.app import main

SLIP = "Data centres use over 200 TW.\n"


def test_findings_as_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.md").write_text(SLIP, encoding="utf-8")
    assert main(["audit", str(tmp_path / "a.md")]) == 0
    shown = capsys.readouterr().out
    assert "1 finding in 1 amount" in shown
    assert "1:23" in shown
    assert "-> a unit of energy may be meant: TWh per year" in shown


def test_strict_has_exit_code_3_where_something_was_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.md").write_text(SLIP, encoding="utf-8")
    (tmp_path / "b.md").write_text("It used 12 kWh.\n", encoding="utf-8")
    assert main(["audit", str(tmp_path / "a.md"), "--strict"]) == 3
    assert main(["audit", str(tmp_path / "b.md"), "--strict"]) == 0
    capsys.readouterr()


def test_standard_input_as_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SLIP.encode())))
    assert main(["audit", "-", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "joulebook.audit/1"
    (found,) = told["findings"]
    assert found["place"] == {"line": 1, "column": 23, "cell": ""}
    assert found["rule"] == "magnitude"


def test_what_cannot_be_read_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "b.json").write_text('{"a": [1, 2', encoding="utf-8")
    assert main(["audit", str(tmp_path / "a.pdf")]) == 5
    assert main(["audit", str(tmp_path / "b.json")]) == 5
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "line 1, column 12" in lines[1]
