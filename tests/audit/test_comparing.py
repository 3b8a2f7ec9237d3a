"""Reports of different tools: read as they are written, aligned, and refused where they do not speak of the same."""

from __future__ import annotations

import json
from math import isclose
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.audit.comparing import Diff, Row, diff, product
from joulebook.audit.reports.door import read_report
from joulebook.audit.reports.ours import statement_report
from joulebook.audit.reports.report import Report
from joulebook.errors import ExchangeError
from joulebook.estimate import training
from joulebook.quantity import Basis, Quantity, total

OLD = (
    "timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,"
    "gpu_energy,ram_energy,energy_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,os,"
    "python_version,codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,longitude,latitude,ram_total_size,"
    "tracking_mode"
)
NEWER = OLD.replace("run_id,", "run_id,experiment_id,") + ",on_cloud,pue"
NEWEST = NEWER.replace("energy_consumed,", "energy_consumed,water_consumed,").replace(
    "tracking_mode,",
    "tracking_mode,cpu_utilization_percent,gpu_utilization_percent,ram_utilization_percent,ram_used_gb,",
)
NEWEST += ",wue"
TRACKER = """\
CarbonTracker: The following components were found: GPU with device(s) NVIDIA A100. CPU with device(s) cpu:0.
CarbonTracker: Predicted consumption for 10 epoch(s):
\tTime:\t5:00:00
\tEnergy:\t3.100000 kWh
\tCO2eq:\t930.000000 g
CarbonTracker: Actual consumption for 2 epoch(s):
\tTime:\t1:00:00
\tEnergy:\t0.620000 kWh
\tCO2eq:\t186.000000 g
"""


def _emissions(header: str, *runs: tuple[str, float], pue: float = 1.0) -> str:
    """A file of CodeCarbon: two rows for each run, each with the totals since its beginning."""
    lines = [header]
    for run, energy in runs:
        for share in (0.5, 1.0):
            kwh = energy * share
            row = {
                "project_name": "bert",
                "run_id": run,
                "duration": 3600 * share,
                "emissions": 0.3 * kwh,
                "cpu_energy": 0.2 * kwh,
                "gpu_energy": 0.7 * kwh,
                "ram_energy": 0.1 * kwh,
                "energy_consumed": kwh,
                "codecarbon_version": "3.0",
                "pue": pue,
            }
            lines.append(",".join(str(row.get(column, "")) for column in header.split(",")))
    return "\n".join(lines) + "\n"


def _write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def _row(found: Diff, name: str) -> Row:
    return next(row for row in found.rows if row.figure == name)


@pytest.mark.parametrize(("header", "columns"), [(OLD, 29), (NEWER, 32), (NEWEST, 38)])
def test_columns_of_every_release_are_found_by_name(header: str, columns: int, tmp_path: Path) -> None:
    assert len(header.split(",")) == columns
    found = read_report(_write(tmp_path, "emissions.csv", _emissions(header, ("a1", 2.0))))
    assert found.figures["energy"].to("kWh").value == 2.0
    assert found.figures["carbon"].to("kgCO2e").value == pytest.approx(0.6)
    assert found.figures["duration"].to("h").value == 1
    assert found.counted == {"cpu", "gpu", "ram"}
    assert found.overhead == 1


def test_a_run_of_several_is_chosen(tmp_path: Path) -> None:
    path = _write(tmp_path, "emissions.csv", _emissions(NEWER, ("a1", 2.0), ("b2", 3.0)))
    with pytest.raises(ExchangeError, match=r"expected one run.*a1, b2"):
        read_report(path)
    assert read_report(f"{path}#b2").figures["energy"].to("kWh").value == 3


def test_the_overhead_of_a_row_is_within_its_energy(tmp_path: Path) -> None:
    one, other = (
        read_report(_write(tmp_path, f"{pue}.csv", _emissions(NEWER, ("a", 2.0 * pue), pue=pue))) for pue in (1.0, 1.5)
    )
    terms = {term.name: term.ratio for term in _row(diff(one, other), "energy").terms}
    assert terms["site overhead"] == 1.5
    assert terms["energy of cpu, gpu, ram"] == pytest.approx(1)


def test_a_log_of_carbontracker_says_what_was_consumed(tmp_path: Path) -> None:
    found = read_report(_write(tmp_path, "ct.log", TRACKER))
    assert found.figures["energy"].to("kWh").value == 0.62
    assert found.figures["carbon"].to("gCO2e").value == 186
    assert found.figures["duration"].to("h").value == 1
    assert found.counted == {"gpu", "cpu"}
    assert found.overhead is None


@pytest.mark.parametrize(
    "fields",
    [
        {"energy_kwh": 2.0, "co2eq_kg": 0.5, "runtime_h": 3, "pue": 1.67},
        {"Energy needed (kWh)": "2.00", "Carbon footprint (g CO2e)": "500", "Runtime": "3 h", "PUE": "1.67"},
        {
            "result": {"energy": {"value": 2000, "unit": "Wh"}, "emissions": "0.5 kgCO2eq"},
            "time": "180 min",
            "PUE": 1.67,
        },
        {"energy (kWh)": "2,0", "CO2eq_g": "500,0", "runtime_s": "10.800,0", "pue": "1,67"},
        {"energy_wh": "2,000", "CO2eq_g": "500.0", "runtime_s": "10,800.0", "pue": "1.67"},
        {"energy": "2 kWh", "CO₂eq [kg]": 0.5, "duration (s)": 10_800, "pue used": 1.67},
    ],
)
def test_fields_are_known_by_name_and_unit(fields: dict[str, object], tmp_path: Path) -> None:
    found = read_report(_write(tmp_path, "r.json", json.dumps(fields)))
    assert found.figures["energy"].to("kWh").value == pytest.approx(2)
    assert found.figures["carbon"].to("kgCO2e").value == pytest.approx(0.5)
    assert found.figures["duration"].to("h").value == pytest.approx(3)
    assert found.overhead == 1.67


@pytest.mark.parametrize(
    ("a", "b", "figure", "reason"),
    [
        ({"energy": 2.0}, {"energy_kwh": 2.0}, "energy", "unit: A states none"),
        ({"cost_usd": 2.0, "energy_kwh": 1}, {"cost_eur": 2.0, "energy_kwh": 1}, "cost", "unit: USD"),
        ({"market co2_kg": 2.0}, {"co2_kg": 2.0}, "carbon", "basis: B is by location"),
        ({"co2_kg": 2, "basis": "market"}, {"co2_kg": 2, "basis": "location"}, "carbon", "basis: market"),
        ({"energy_kwh": 2, "runtime_h": 1}, {"energy_kwh": 2, "runtime_h": 24}, "energy", "period: 1 h"),
        ({"energy_gwh": 2, "year": 2023}, {"energy_gwh": 2, "year": 2024}, "energy", "period: 2023"),
        ({"energy_kwh": 2, "pue": 1.5}, {"energy_kwh": 2}, "energy", "boundary: A is with a PUE of 1.5"),
        ({"energy_kwh": 2, "boundary": "GPU"}, {"energy_kwh": 2, "boundary": "server"}, "energy", "boundary: GPU"),
        ({"gpu_energy_kwh": 2, "pue": 1}, {"cpu_energy_kwh": 2, "pue": 1}, "energy", "boundary: gpu in A, cpu in B"),
        ({"water_l": 2}, {"energy_kwh": 2}, "water", "only A states it"),
    ],
)
def test_what_is_not_the_same_is_refused(
    a: dict[str, object], b: dict[str, object], figure: str, reason: str, tmp_path: Path
) -> None:
    sides = [read_report(_write(tmp_path, f"{at}.json", json.dumps(one))) for at, one in enumerate((a, b))]
    row = _row(diff(*sides), figure)
    assert row.ratio is None
    assert row.refused.startswith(reason)


def test_an_hour_of_each_is_compared_where_it_is_asked_for(tmp_path: Path) -> None:
    sides = [
        read_report(_write(tmp_path, f"{hours}.json", json.dumps({"energy_kwh": 2 * hours, "runtime_h": hours})))
        for hours in (1, 24)
    ]
    row = _row(diff(*sides, per_hour=True), "energy")
    assert row.ratio is not None
    assert row.ratio.value == pytest.approx(1)


@st.composite
def _reports(draw: st.DrawFn) -> Report:
    kinds = draw(st.lists(st.sampled_from(["cpu", "gpu", "ram"]), min_size=1, unique=True))
    parts = {
        kind: Quantity.of(draw(st.floats(1e-3, 1e6)), "kWh", basis=Basis.REPORTED, source=f"{kind} {draw(st.uuids())}")
        for kind in kinds
    }
    pue = draw(st.floats(1, 3))
    energy = total(parts.values(), "kWh", "energy") * pue
    carbon = Quantity.of(energy.value * draw(st.floats(1e-3, 2)), "kgCO2e", basis=Basis.REPORTED, source="carbon")
    duration = Quantity.of(1.0, "h", basis=Basis.REPORTED, source="time")
    figures = {"duration": duration, "energy": energy, "carbon": carbon}
    return Report("report", "tool", figures, parts, frozenset(parts), pue)


@given(a=_reports(), b=_reports(), per_hour=st.booleans())
def test_terms_multiply_to_the_ratio(a: Report, b: Report, per_hour: bool) -> None:
    found = diff(a, b, per_hour=per_hour)
    for name in ("energy", "carbon"):
        row = _row(found, name)
        if row.refused:
            assert not a.counted & b.counted
            continue
        assert row.ratio is not None
        assert isclose(product(row.terms), row.ratio.value, rel_tol=1e-12)


@given(a=_reports())
def test_a_report_is_itself(a: Report) -> None:
    for row in diff(a, a).rows:
        assert not row.refused
        assert row.ratio is not None
        assert isclose(row.ratio.value, 1, rel_tol=1e-12)
        assert all(isclose(term.ratio, 1, rel_tol=1e-12) for term in row.terms)


def test_a_statement_beside_itself_in_another_place() -> None:
    documents = [
        training(device="A100", count=8, hours=24, region=region, pue=pue).as_dict()
        for region, pue in (("FR", 1.1), ("PL", 1.4))
    ]
    found = diff(*(statement_report(name, document) for name, document in zip("ab", documents, strict=True)))
    terms = {term.name: term.ratio for term in _row(found, "carbon").terms}
    assert terms["site overhead"] == pytest.approx(1.4 / 1.1)
    assert terms["boundary"] == pytest.approx(1)
    assert terms["grid intensity"] > 5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "expected a report"),
        ("{", "expected JSON"),
        ('[{"energy_kwh": 1}, {"energy_kwh": 2}]', "list of several"),
        ('{"name": "nothing"}', "expected fields such as energy_kwh"),
        ("energy_kwh\n1\n2\n", "2 rows"),
        ("a\x00b", "binary"),
        ('{"schema": "joulebook.statement/1", "energy": {"value": 1}}', "joulebook.statement/1"),
    ],
)
def test_what_is_no_report_is_refused(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match=says):
        read_report(_write(tmp_path, "x", text))
