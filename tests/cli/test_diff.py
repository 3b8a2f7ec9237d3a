"""`joulebook diff` as its user types it."""

from __future__ import annotations

import json
import sys
from math import isclose, prod


def test_a_run_beside_a_report(joulebook, tmp_path):
    assert joulebook("run", "-q", "--name", "short", "--", sys.executable, "-c", "sum(range(10**6))").returncode == 0
    own = json.loads(joulebook("show", "short", "--region", "FR", "--json").stdout)
    statement = tmp_path / "own.json"
    statement.write_text(json.dumps(own))
    other = {"tool": "a tool", "cpu_energy_kwh": own["energy"]["value"], "co2eq (kg)": own["carbon"]["value"], "pue": 1}
    report = tmp_path / "other.json"
    report.write_text(json.dumps(other))
    found = json.loads(joulebook("diff", str(statement), str(report), "--json").stdout)
    assert (found["schema"], found["a"]["tool"], found["b"]["tool"]) == ("joulebook.diff/1", "joulebook", "a tool")
    rows = {row["figure"]: row for row in found["rows"]}
    assert isclose(rows["energy"]["ratio"]["value"], 1)
    assert isclose(prod(term["ratio"] for term in rows["energy"]["terms"]), 1)
    assert rows["water"]["refused"] == "only A states it"
    text = joulebook("diff", "short", str(report)).stdout.decode()
    assert "only A" in text


def test_refusals_have_their_reason(joulebook, tmp_path):
    for name, fields in (("a", {"energy_kwh": 1, "runtime_h": 1}), ("b", {"energy_kwh": 9, "runtime_h": 9})):
        (tmp_path / f"{name}.json").write_text(json.dumps(fields))
    words = (str(tmp_path / "a.json"), str(tmp_path / "b.json"))
    assert b"refused: period" in joulebook("diff", *words).stdout
    assert b"refused" not in joulebook("diff", *words, "--per-hour").stdout


def test_bad_input(joulebook, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    done = joulebook("diff", str(broken), str(broken))
    assert (done.returncode, done.stdout) == (5, b"")
    assert b"expected JSON" in done.stderr
    assert joulebook("diff", "nosuch", "nosuch").returncode == 4
