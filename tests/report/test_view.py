"""The tables of `show` and `runs`."""

from __future__ import annotations

import io
import re

import pytest

from joulebook.account.statement import Context, state
from joulebook.entry import Entry
from joulebook.quantity import Basis, Quantity
from joulebook.report.view import console, runs_table, show
from joulebook.testing.facts import small_catalog

SECOND = 1_000_000_000


def entry(device, kind, joules, *, span="", basis=Basis.MEASURED, spread=0.05, **labels):
    amount = Quantity.of(
        joules, "J", low=joules * (1 - spread), high=joules * (1 + spread), basis=basis, source=f"error of {device}"
    )
    return Entry(
        device + span, "a3f9", span, device, 0, 60 * SECOND, amount, round(joules * 1e6), "its method", 0.97,
        {"kind": kind, **labels},
    )  # fmt: skip


def printed(renderable, width=160):
    stream = io.StringIO()
    screen = console(stream)
    screen.width = width
    screen.print(renderable)
    return stream.getvalue()


def rows_with(text, word):
    return [" ".join(line.split()) for line in text.splitlines() if word in line]


def statement(entries, **fields):
    return state(entries, Context(small_catalog(), "2026-11-20", run="a3f9", **{"name": "train.py", **fields}))


ENTRIES = [
    entry("gpu-0", "gpu", 178_000),
    entry("cpu-0", "cpu", 20_000, basis=Basis.MODELLED, spread=0.2),
    entry("cpu-0", "cpu", 7_000, basis=Basis.MODELLED, part="idle"),
    entry("core-0", "cpu", 5_000, within="cpu-0"),
    entry("gpu-0", "gpu", 100_000, span="train"),
    entry("gpu-0", "gpu", 60_000, span="train/forward"),
]


def test_devices_with_interval_basis_method_and_coverage():
    text = printed(show(statement(ENTRIES, region="fr")))
    assert rows_with(text, "gpu-0")[0] == "gpu-0 GPU 178 kJ 169-187 kJ measured 97 %"
    assert rows_with(text, "cpu-0")[0].startswith("cpu-0 CPU 27 kJ")
    assert "cpu-0: its method" in text
    assert "in another line" in rows_with(text, "core-0")[0]
    assert "shown, not added" in text
    assert "shown, not subtracted" in text


def test_stages_are_a_tree_with_share_time_and_remainder():
    text = printed(show(statement(ENTRIES, region="fr")))
    assert rows_with(text, "train ")[0] == "train 100 kJ 95-105 kJ 49 % 1 min 0 s"
    assert "   forward" in text
    assert rows_with(text, "outside stages")[0].startswith("outside stages 105 kJ")
    idle = entry("cpu-0", "cpu", 4_000, span="train", basis=Basis.MODELLED, part="idle")
    assert rows_with(printed(show(statement([*ENTRIES, idle]))), "outside stages")[0].endswith(" 3 kJ")


def test_unknown_is_a_word_and_wide_is_a_range():
    text = printed(show(statement(ENTRIES)))
    assert rows_with(text, "carbon (market)")[0].startswith("carbon (market) - ")
    assert rows_with(text, "carbon (location)")[0].startswith("carbon (location) - ")
    assert rows_with(text, "cost")[0].startswith("cost (electricity) - ")
    assert "region unknown" in text
    nothing = printed(show(statement([])))
    assert rows_with(nothing, "carbon (market)")[0] == "carbon (market) unknown"
    assert not rows_with(nothing, "carbon (marginal)")
    assert "none: no usable readings; see  joulebook doctor" in nothing
    assert rows_with(nothing, "IT energy")[0] == "IT energy unknown"


def test_assumptions_are_cited_and_omissions_listed():
    text = printed(show(statement(ENTRIES, region="us-ca", site="gcp")))
    assert rows_with(text, "pue")[0] == "pue = 1.1 (1.06-1.2) reported"
    assert "A fake source, 2024 (fake2024)" in text
    assert "upstream emissions of the grid" in text
    assert "IT energy by basis: measured 87 % · modelled 13 %" in text
    assert "smartphone charges of 12 Wh [A fake source, 2024" in text


def test_hostile_names_are_shown_escaped_and_are_no_markup():
    name = "[bold]x[/] \x1b[31m :smile:"
    entries = [entry(name, "cpu", 5), entry(name, "cpu", 3, span=name)]
    text = printed(show(statement(entries, name=name, notices=[name])))
    assert "\x1b" not in text
    assert text.count("[bold]x[/] \\x1b[31m :smile:") >= 4


def test_narrow_terminal_folds_and_loses_nothing():
    text = printed(show(statement(ENTRIES, region="fr")), width=60)
    assert max(map(len, text.splitlines())) <= 60
    assert "measured" in text


def test_deep_stages_keep_their_names_whole():
    paths = ["/".join(f"level{at}" for at in range(depth + 1)) for depth in range(20)]
    text = printed(show(statement([*ENTRIES[:1], *(entry("gpu-0", "gpu", 10, span=path) for path in paths)])), width=80)
    assert all(len(rows_with(text, f"level{at} ")) == 1 for at in range(20))


def test_runs_as_rows():
    document = statement(ENTRIES, region="fr", started="2026-11-20T10:00:00Z").as_dict()
    known = {
        "id": "a3f9c0ffee00",
        **{key: document[key] for key in ("name", "status", "started", "duration", "it_energy", "carbon")},
    }
    damaged = {
        "id": "b",
        "name": "\x1b",
        "status": "damaged",
        "started": "",
        "duration": None,
        "it_energy": None,
        "carbon": None,
    }
    text = printed(runs_table([known, damaged]))
    (row,) = rows_with(text, "a3f9")
    assert row.startswith("a3f9c0 train.py finished 11-20 10:00 1 min 0 s 205 kJ ")
    assert rows_with(text, "damaged") == ["b \\x1b damaged unknown unknown unknown"]


@pytest.mark.parametrize(("width", "columns"), [(80, 7), (60, 5), (40, 3)])
def test_narrow_list_leaves_out_columns_and_cuts_off_no_number(width, columns):
    document = statement(ENTRIES, region="fr", status="interrupted", name="a long name of a run").as_dict()
    figures = {key: document[key] for key in ("name", "status", "duration", "it_energy", "carbon")}
    rows = [{"id": "a3f9c0ffee00", "started": f"{year}-01-01T00:00:00Z", **figures} for year in (2026, 2027)]
    text = printed(runs_table(rows, width), width=width)
    heading, _, *lines = text.splitlines()
    assert len(re.split(r"  +", heading.strip())) == columns
    assert all(line.startswith("a3f9c0") and line.count("…") <= 1 and "205 kJ" in line for line in lines)


def test_no_color_leaves_plain_text(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    stream = io.StringIO()
    screen = console(stream)
    screen._force_terminal = True
    screen.print(show(statement(ENTRIES)))
    assert "\x1b[3" not in stream.getvalue()
