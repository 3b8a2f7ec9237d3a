"""`joulebook figure`: a real run becomes a file of each kind; what cannot be drawn is said in one line."""

from __future__ import annotations

import json

import pytest

import joulebook as jb
from joulebook.cli.app import main

pytest.importorskip("altair")


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A book with two runs, a working folder of its own."""
    monkeypatch.setenv("JOULEBOOK_HOME", str(tmp_path / "book"))
    monkeypatch.setenv("JOULEBOOK_SENSORS", "fake")
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        with jb.track(name) as run, run.stage("count"):
            sum(n * n for n in range(300_000))
    return tmp_path


BEGINNINGS = {
    "svg": b"<svg ",
    "png": b"\x89PNG",
    "pdf": b"%PDF",
    "html": b"<!doctype html>",
    "json": b"{",
}


def test_every_kind_of_file(book, capsys):
    for suffix, beginning in BEGINNINGS.items():
        assert main(["figure", "stages", "-o", f"chart.{suffix}"]) == 0
        assert (book / f"chart.{suffix}").read_bytes().startswith(beginning)
    assert capsys.readouterr().err.splitlines()[0] == "joulebook: wrote chart.svg"
    document = json.loads((book / "chart.json").read_text(encoding="utf-8"))
    assert document["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
    assert any("key" in row for rows in document["datasets"].values() for row in rows)


def test_every_kind_of_figure(book):
    for kind in ("power", "stages", "devices", "shares", "runs", "yardsticks"):
        assert main(["figure", kind, "one", "-o", f"{kind}.svg", "--dark", "--width", "500"]) == 0
        assert "#15181c" in (book / f"{kind}.svg").read_text(encoding="utf-8")
    assert main(["figure", "compare", "one", "two", "-o", "compare.svg"]) == 0
    assert main(["figure", "runs", "one", "two", "last", "-o", "runs.svg"]) == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["pie", "-o", "a.svg"], 2, "no figure named 'pie'; known: compare, devices"),
        (["power", "-o", "a.gif"], 2, "expected a name that ends in .svg, .png, .pdf, .html, .json"),
        (["power", "-o", "noend"], 2, "expected a name that ends in"),
        (["power", "one", "two", "-o", "a.svg"], 2, "expected one run for the figure power"),
        (["compare", "one", "-o", "a.svg"], 2, "expected two: A and B"),
        (["power", "nobody", "-o", "a.svg"], 4, "no run 'nobody' in this book"),
        (["power"], 2, "required: -o/--output"),
        (["power", "-o", "a.svg", "--width", "12"], 2, "expected pixels from 240 to 4000"),
        (["power", "-o", "a.svg", "--region", "Atlantis"], 4, "no region is called 'Atlantis'"),
    ],
)
def test_what_cannot_be_drawn_is_said(book, capsys, words, code, said):
    assert main(["figure", *words]) == code
    assert said in capsys.readouterr().err
    assert not (book / "a.svg").exists()


def test_a_folder_that_is_not_there_is_said(book, joulebook):
    done = joulebook("figure", "power", "-o", "no/such/folder.svg", env={"JOULEBOOK_HOME": str(book / "book")})
    assert done.returncode == 1
    assert done.stderr.startswith(b"joulebook: No such file or directory: ")
