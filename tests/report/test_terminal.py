"""The summary of a run as golden text, and the tree of a figure."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.account.statement import Context, state
from joulebook.entry import Entry
from joulebook.quantity import Basis, Quantity
from joulebook.report.terminal import summary
from joulebook.testing.facts import small_catalog

SECOND = 1_000_000_000
CATALOG = small_catalog()


def entry(device, kind, joules, *, basis=Basis.MEASURED, spread=0.05, span="", seconds=451.0, **rest):
    amount = Quantity.of(
        joules, "J", low=joules * (1 - spread), high=joules * (1 + spread), basis=basis, source=f"error of {device}"
    )
    fields = {"energy_uj": round(joules * 1e6), "labels": {"kind": kind}, **rest}
    return Entry(f"{device}{span}", "a3f9c0ffee00", span, device, 0, int(seconds * SECOND), amount, **fields)


def statement(entries, **fields):
    around = {"run": "a3f9c0ffee00", "name": "train.py", "exit": 0, **fields}
    return state(entries, Context(CATALOG, "2026-11-20", **around))


def check(found, golden, **options):
    assert "\n".join(summary(found, **options)) == dedent(golden).strip("\n")


def test_all_measured():
    check(
        statement([entry("cpu-0", "cpu", 172_800)], region="fr", site="gcp"),
        """
        joulebook: train.py a3f9   7 min 31 s   exit 0
          energy   191 kJ (53.2 Wh)  +10/-6.9 %   CPU measured 100 % · x 1.1 site overhead
          CO2e     2.67 g  ±22 %                  at 40-60 g/kWh, FR, life cycle, 2024
          cost     0.0108 USD  +51/-26 %          at 0.15-0.3 USD/kWh (FR 2024)
          like     4.4 smartphone charges of 12 Wh
          see      joulebook show a3f9
        """,
    )


def test_all_assumed_and_unknown_region():
    parts = [
        entry("cpu-0", "cpu", 20_000, basis=Basis.ASSUMED, spread=0.7),
        entry("ram", "ram", 5_000, basis=Basis.ASSUMED, spread=0.7),
    ]
    check(
        statement(parts),
        """
        joulebook: train.py a3f9   7 min 31 s   exit 0
          energy   10-39 kJ (2.9-11 Wh)   CPU assumed 80 % · RAM assumed 20 %
          CO2e     0.13-6.7 g             region unknown: set it once with  joulebook config region FR
          cost     0.00024-0.0029 USD     at 0.05-0.4 USD/kWh (assumed)
          like     0.24-0.91 smartphone charges of 12 Wh
          see      joulebook show a3f9
        """,
    )


def test_mixed_with_stages():
    parts = [
        entry("gpu-0", "gpu", 178_000),
        entry("cpu-0", "cpu", 27_500, basis=Basis.MODELLED, spread=0.3),
        entry("ram", "ram", 6_500, basis=Basis.ASSUMED, spread=0.5),
        entry("gpu-0", "gpu", 100_000, span="train"),
        entry("gpu-0", "gpu", 60_000, span="eval"),
    ]
    check(
        statement(parts, region="us-ca"),
        """
        joulebook: train.py a3f9   7 min 31 s   exit 0
          energy   212 kJ (58.9 Wh)  ±6 %   GPU measured 84 % · CPU modelled 13 % · RAM assumed 3 %
          CO2e     11.7 g  ±12 %            at 180-220 g/kWh, US-CA, direct, 2024
          cost     0.0029-0.023 USD         at 0.05-0.4 USD/kWh (assumed)
          like     4.9 smartphone charges of 12 Wh
          see      joulebook show a3f9
        """,
    )


def test_run_of_no_length():
    check(
        statement([entry("cpu-0", "cpu", 0.0, seconds=0)], region="fr", name=""),
        """
        joulebook: a3f9   0 s   exit 0
          energy   0 J (0 Wh)   CPU measured
          CO2e     0 g          at 40-60 g/kWh, FR, life cycle, 2024
          cost     0 USD        at 0.15-0.3 USD/kWh (FR 2024)
          see      joulebook show a3f9
        """,
    )


def test_interrupted_with_a_gap_and_shared():
    check(
        statement(
            [entry("cpu-0", "cpu", 3_600, coverage=0.97)], region="fr", status="interrupted", exit=None, shared_with=2
        ),
        """
        joulebook: train.py a3f9   7 min 31 s   interrupted
          energy   3.6 kJ (1 Wh)  ±5 %     CPU measured 100 %
          CO2e     50 mg  ±21 %            at 40-60 g/kWh, FR, life cycle, 2024
          cost     0.0002 USD  +50/-25 %   at 0.15-0.3 USD/kWh (FR 2024)
          note     interrupted after 7 min 31 s; gap: 14 s (3 %) without readings; shared with 2 other runs
          see      joulebook show a3f9
        """,
    )


@pytest.mark.parametrize(
    ("coverage", "seconds", "shown"),
    [(0.998, 1, False), (0.99, 1, False), (0.9, 1, True), (0.998, 3600, True), (1, 9, False)],
)
def test_gaps_at_the_edges_of_a_short_run_take_no_line(coverage, seconds, shown):
    lines = summary(statement([entry("cpu-0", "cpu", 9, coverage=coverage, seconds=seconds)]))
    assert any("gap: " in line for line in lines) == shown


def test_without_any_sensor():
    time = Quantity.of(3, "s", basis=Basis.MEASURED, source="clock")
    reasons = ["rapl: permission denied", "cpu model: unknown processor"]
    check(
        statement([], duration=time, degraded=reasons, region="fr"),
        """
        joulebook: train.py a3f9   3 s   exit 0
          energy   unknown   no usable readings: see  joulebook doctor
          note     degraded: rapl: permission denied (+1 more)
          see      joulebook show a3f9
        """,
    )


def test_hostile_name_and_reference():
    lines = summary(
        statement([entry("cpu-0", "cpu", 3_600)], name="\x1b]0;evil\x07\u202e\U0001f4a3\nx"), reference="a\x1b[1m"
    )
    assert lines[0] == "joulebook: \\x1b]0;evil\\x07\\u202e\\U0001f4a3\\nx a\\x1b[1m   7 min 31 s   exit 0"
    assert lines[-1] == "  see      joulebook show a\\x1b[1m"


def test_notices_of_recording_and_caller_are_on_the_one_line():
    lines = summary(
        statement([entry("cpu-0", "cpu", 9)], notices=["region 'Atlantis' is not known"]), notices=["x\x1by" * 60]
    )
    notes = [line for line in lines if line.startswith("  note")]
    assert len(notes) == 1
    assert notes[0].startswith("  note     region 'Atlantis' is not known; x\\x1by")
    assert len(notes[0]) < 170


def test_stream_that_cannot_print_signs():
    lines = summary(statement([entry("cpu-0", "cpu", 9), entry("ram", "ram", 9)], name="Größe"), encoding="ascii")
    assert lines[0].startswith("joulebook: Gr\\xf6\\xdfe a3f9")
    assert "+-" in lines[1]
    assert " | " in lines[1]
    assert "\n".join(lines).isascii()


@pytest.mark.parametrize("kind", ["psu\x1b[0m", "", "board"])
def test_kinds_of_devices_are_safe(kind):
    assert all(line.isprintable() for line in summary(statement([entry("x", kind, 5)])))


@given(
    st.lists(st.tuples(st.sampled_from(["cpu", "gpu", "ram", "\x1b"]), st.floats(0, 1e12), st.sampled_from(list(Basis)), st.floats(0, 1))),
    st.text(), st.lists(st.text()), st.lists(st.text(min_size=1)), st.integers(0, 5),
    st.sampled_from(["finished", "failed", "interrupted", "running"]), st.sampled_from(["ascii", "utf-8"]),
)  # fmt: skip
def test_never_more_than_six_printable_lines(parts, name, notices, degraded, shared, status, encoding):  # noqa: PLR0917
    entries = [
        entry(f"d{i}", kind, joules, basis=basis, coverage=coverage)
        for i, (kind, joules, basis, coverage) in enumerate(parts)
    ]
    found = statement(entries, name=name, degraded=degraded, shared_with=shared, status=status)
    lines = summary(found, notices=notices, encoding=encoding)
    assert 2 <= len(lines) <= 6
    assert all(line.isprintable() for line in lines)
    "\n".join(lines).encode(encoding)
    assert any("degraded: " in line for line in lines) == bool(degraded)


def test_summary_loads_no_heavy_library():
    script = (
        "import sys, joulebook.report.terminal, joulebook.account.statement; "
        "print(*sorted({'rich', 'typer', 'jsonschema', 'numpy', 'sqlite3', 'difflib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout.strip() == b""
