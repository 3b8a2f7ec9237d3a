"""How runs and statements show themselves: three figures and a line, harmless, and never an error."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

import joulebook as jb
from joulebook.account.terms import Statement
from joulebook.meter.series import History
from joulebook.registry import DISPLAYS
from joulebook.report.notebook import bundle, html, sparkline
from joulebook.report.view import console


class Texts(HTMLParser):
    """Tags and texts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A book of its own, with a sensor of known power."""
    monkeypatch.setenv("JOULEBOOK_HOME", str(tmp_path))
    monkeypatch.setenv("JOULEBOOK_SENSORS", "fake")


def test_a_statement_shows_three_figures_and_says_the_same_in_words(item):
    shown = item[0]._repr_mimebundle_(include=None, exclude=None)
    text = " ".join(Texts(shown["text/html"]).texts)
    for figure in (
        "215 kJ",
        "2.97 g",
        "0.0",
        "USD",
        "90\N{NO-BREAK SPACE}% interval",
        "83\N{NO-BREAK SPACE}% measured",
    ):
        assert figure in text
    assert shown["text/plain"].startswith("joulebook: train.py a3f9")
    assert "<svg" not in shown["text/html"]


def test_a_run_shows_its_power_as_well(here):
    with jb.track("shown") as run:
        sum(n * n for n in range(3_000_000))
        assert "shown" in run._repr_mimebundle_()["text/html"]
    shown = run._repr_mimebundle_()
    assert "shown" in shown["text/html"]
    json.dumps(shown)
    assert run.history.series


def test_a_block_inside_a_run_shows_its_own_figures_without_the_power_of_the_whole(here):
    with jb.track("outer"), jb.track("inner") as inner:
        sum(n * n for n in range(300_000))
    assert "<svg" not in inner._repr_mimebundle_()["text/html"]


def test_line_has_gaps_bins_and_the_peak(recorded):
    drawn = sparkline(recorded(bins=130))
    line = re.findall(r' d="([^"]*)"', drawn)[1]
    assert line.count("M") == 2
    assert line.count("H") == 130 - 16
    assert "at most 1.43 kW" in drawn
    assert sparkline(recorded(bins=1)) == ""
    assert sparkline(History()) == ""


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=a()>', "\x1b[31m\u202e", "שלום"])
def test_names_are_text(name, account):
    found = Texts(html(account(name=name), History()))
    assert set(found.tags) == {"div", "b", "bdi", "span"}
    assert "\x1b" not in "".join(found.texts)


def test_unknown_is_said():
    text = " ".join(Texts(html(Statement("a3f9", "2026"), History())).texts)
    assert text.count("unknown") == 3


def test_a_cell_never_fails(monkeypatch, item):
    run = jb.Run("nothing", None)
    assert run._repr_mimebundle_() == {"text/plain": repr(run)}
    assert run.__rich__() == repr(run)
    for broken in ("joulebook_nowhere:bundle", "joulebook.report.notebook:nothing"):
        monkeypatch.setitem(DISPLAYS, "notebook", DISPLAYS["notebook"]._replace(path=broken))
        assert item[0]._repr_mimebundle_() == {"text/plain": repr(item[0])}


def test_rich_prints_the_account(item):
    screen = console()
    with screen.capture() as captured:
        screen.print(item[0])
    assert "how gpu-0 is read" in captured.get()


def test_showing_a_statement_loads_no_chart_library():
    code = (
        "import sys; from joulebook.account.terms import Statement; Statement('a', 'b')._repr_mimebundle_(); "
        "print({'altair', 'rich', 'jinja2', 'vl_convert'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_bundle_of_something_else_is_refused():
    with pytest.raises(AttributeError):
        bundle("a string")
