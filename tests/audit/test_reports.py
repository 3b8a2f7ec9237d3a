"""Files of other tools, written as these write them: each is read as what it means, and compared only with its like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from joulebook.audit.comparing import Diff, Row, diff, product
from joulebook.audit.reports.door import read_report
from joulebook.audit.reports.report import HOST, Report
from joulebook.cli.app import main
from joulebook.errors import ExchangeError
from joulebook.estimate import training

# One job: 2 h, 500 Wh of GPU, 100 Wh of CPU, 40 Wh of memory, 300 g/kWh.
CODECARBON = (
    "project_name,run_id,duration,emissions,cpu_energy,gpu_energy,ram_energy,energy_consumed,codecarbon_version,"
    "tracking_mode,pue\nbert,a1,7200,0.192,0.1,0.5,0.04,0.64,3.0.4,machine,1.0\n"
)
TRACKER_TOTALS = """\
2026-01-05 10:00:01 - CarbonTracker: The following components were found: GPU with device(s) A. CPU with device(s) c.
2026-01-05 12:00:02 - CarbonTracker: \nActual consumption for 2 epoch(s):
\tTime:\t2:00:00
\tEnergy:\t0.948000 kWh
\tCO2eq:\t284.400000 g
"""
TRACKER_EPOCHS = """\
2026-01-05 10:00:00 - carbontracker version 2.3.1
2026-01-05 10:00:00 - Only predicted and actual consumptions are multiplied by a PUE coefficient of 1.58 (Daniel Bizo, 2023).
""" + "".join(
    f"""2026-01-05 11:00:01 - Epoch {epoch}:
2026-01-05 11:00:01 - Duration: 1:00:00.00
2026-01-05 11:00:01 - Average power usage (W) for gpu: [125. 125.]
2026-01-05 11:00:01 - Average power usage (W) for cpu: [50.0]
"""
    for epoch in (1, 2)
)
GREEN = {
    "coreType": "Both",
    "memory": 64,
    "runTime_hour": 2,
    "runTime": 2.0,
    "carbonIntensity": 300,
    "PUE": 1.67,
    "carbonEmissions": 320.64,
    "CE_CPU": 50.1,
    "CE_GPU": 250.5,
    "CE_core": 300.6,
    "CE_memory": 20.04,
    "energy_needed": 1.0688,
    "power_needed": 534.4,
    "appVersion": "v3.0",
    "text_CE": "320.64 g CO2e",
}
ECO2AI = (
    "id,project_name,epoch,start_time,duration(s),{column},CO2_emissions(kg),CPU_name,GPU_name,OS,country\n"
    '7d6a,bert,N/A,2026-01-05 10:00:00,7200,0.64,0.192,"AMD, TDP:155",A100 1 device(s),Linux,DE\n'
)
IMPACT = {
    "cpu_hours": 15.1,
    "gpu_hours": 1.9,
    "estimated_carbon_impact_kg": 0.2844,
    "total_power": 0.948,
    "kw_hr_gpu": 0.5,
    "kw_hr_cpu": 0.1,
    "exp_len_hours": 2.0,
    "average_realtime_carbon_intensity": 300.0,
}
KEPLER = """\
# TYPE kepler_node_cpu_joules_total counter
kepler_node_cpu_joules_total{node_name="n",zone="package"} 360000
kepler_node_cpu_joules_total{node_name="n",zone="core"} 250000
kepler_node_cpu_joules_total{node_name="n",zone="dram"} 144000
kepler_node_cpu_active_joules_total{node_name="n",zone="package"} 200000
kepler_node_cpu_watts{node_name="n",zone="package"} 50.2
kepler_container_cpu_joules_total{container_name="train",zone="package"} 120000
"""


def _impacts(value: object) -> dict[str, Any]:
    """An answer's impacts as EcoLogits dumps them."""

    def one(amount: object, unit: str) -> dict[str, Any]:
        return {"type": "x", "name": "x", "value": amount, "unit": unit}

    warming = {"min": 0.0002, "max": 0.0004}
    return {
        "energy": one(value, "kWh"),
        "gwp": one({"min": 0.00021, "max": 0.00041}, "kgCO2eq"),
        "pe": one(0.005, "MJ"),
        "wcf": one({"min": 0.002, "max": 0.004}, "L"),
        "usage": {"type": "usage", "energy": one(value, "kWh"), "gwp": one(warming, "kgCO2eq")},
        "embodied": {"type": "embodied", "gwp": one(1e-5, "kgCO2eq")},
    }


def _range_query(hours: float) -> dict[str, Any]:
    """An answer of Prometheus whose counters began long before and were reset once."""
    zones = {
        "package": [100_000.0, 280_000.0, 180_000.0],
        "core": [9.0, 10.0, 11.0],
        "dram": [1e6, 1_072_000.0, 72_000.0],
    }
    result = [
        {
            "metric": {"__name__": "kepler_node_cpu_joules_total", "zone": zone},
            "values": [[1e9 + at * hours * 1800, str(value)] for at, value in enumerate(values)],
        }
        for zone, values in zones.items()
    ]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


def _read(folder: Path, name: str, content: object) -> Report:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text, encoding="utf-8")
    return read_report(str(folder / name))


def _row(found: Diff, name: str) -> Row:
    return next(row for row in found.rows if row.figure == name)


def _green(folder: Path) -> Report:
    return _read(folder, "ga.csv", ";".join(GREEN) + "\n" + ";".join(map(str, GREEN.values())) + "\n")


def _tracker(folder: Path) -> Report:
    (folder / "r_carbontracker.log").write_text(TRACKER_EPOCHS, encoding="utf-8")
    return _read(folder, "r_carbontracker_output.log", TRACKER_TOTALS)


def test_trackers_and_calculators_of_one_job_differ_by_boundary_and_overhead_alone(tmp_path: Path) -> None:
    """What each file means is known: five tools that saw the same devices have the same energy of each."""
    reports = {
        "codecarbon": (_read(tmp_path, "emissions.csv", CODECARBON), 1.0, 0.64),
        "tracker": (_tracker(tmp_path), 1.58, 0.6),
        "green": (_green(tmp_path), 1.67, 0.64),
        "impact": (_read(tmp_path, "impact.json", IMPACT), 1.58, 0.6),
    }
    first = reports["codecarbon"][0]
    for name, (one, pue, machines) in reports.items():
        assert one.overhead == pytest.approx(pue), name
        assert one.figures["duration"].to("h").value == pytest.approx(2), name
        assert one.figures["energy"].to("kWh").value == pytest.approx(machines * pue), name
        assert one.parts["gpu"].to("Wh").value == pytest.approx(500), name
        found = diff(first, one)
        for figure in ("energy", "carbon"):
            row = _row(found, figure)
            assert row.ratio is not None, (name, row.refused)
            terms = {term.name: term.ratio for term in row.terms}
            assert product(row.terms) == pytest.approx(row.ratio.value, rel=1e-12)
            assert terms["site overhead"] == pytest.approx(pue)
            assert terms["boundary"] == pytest.approx(machines / 0.64)
            assert terms.get("grid intensity", 1) == pytest.approx(1)


def test_a_log_without_the_other_does_not_state_its_overhead(tmp_path: Path) -> None:
    found = _read(tmp_path, "r_carbontracker_output.log", TRACKER_TOTALS)
    assert found.overhead is None
    assert not found.parts
    row = _row(diff(_read(tmp_path, "i.json", IMPACT), found), "energy")
    assert row.refused.startswith("boundary: A is with a PUE of 1.58, B does not state its own")
    alone = _read(tmp_path, "s_carbontracker.log", TRACKER_EPOCHS)
    assert alone.figures["energy"].to("kWh").value == pytest.approx(0.948)


def test_parts_that_do_not_make_the_total_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "r_carbontracker.log").write_text(TRACKER_EPOCHS.replace("Epoch 2", "Warning"), encoding="utf-8")
    found = _read(tmp_path, "r_carbontracker_output.log", TRACKER_TOTALS)
    assert not found.parts
    assert found.counted == {"gpu", "cpu"}


def test_a_consumption_without_its_epochs_is_read(tmp_path: Path) -> None:
    text = TRACKER_TOTALS.replace(" for 2 epoch(s)", "")
    assert _read(tmp_path, "x.log", text).figures["energy"].to("kWh").value == pytest.approx(0.948)


@pytest.mark.parametrize("column", ["power_consumption(kWh)", "power_consumption(kWTh)"])
def test_what_eco2ai_calls_power_is_energy(column: str, tmp_path: Path) -> None:
    found = _read(tmp_path, "emission.csv", ECO2AI.format(column=column))
    assert found.figures["energy"].to("kWh").value == pytest.approx(0.64)
    assert found.counted == {"cpu", "gpu", "ram"}
    row = _row(diff(_read(tmp_path, "emissions.csv", CODECARBON), found), "energy")
    assert row.refused.startswith("boundary: A is without the overhead of a site, B does not state its own")


def test_one_of_several_rows_is_chosen_by_its_id(tmp_path: Path) -> None:
    text = ECO2AI.format(column="power_consumption(kWh)")
    path = tmp_path / "emission.csv"
    path.write_text(text + text.splitlines()[1].replace("7d6a", "8e7b").replace("0.64", "2") + "\n", encoding="utf-8")
    with pytest.raises(ExchangeError, match=r"2 rows.*7d6a, 8e7b"):
        read_report(str(path))
    assert read_report(f"{path}#8e").figures["energy"].to("kWh").value == 2


def test_impacts_of_an_answer_are_of_one_request_with_use_apart_from_hardware(tmp_path: Path) -> None:
    found = _read(tmp_path, "e.json", _impacts({"min": 0.0005, "max": 0.0009}))
    energy, carbon = found.figures["energy"], found.figures["carbon"]
    assert (energy.low, energy.high) == pytest.approx((0.0005, 0.0009))
    assert carbon.to("gCO2e").value == pytest.approx(0.3)
    assert found.figures["carbon_embodied"].to("gCO2e").value == pytest.approx(0.01)
    row = _row(diff(_read(tmp_path, "emissions.csv", CODECARBON), found), "carbon")
    assert row.refused == "period: 2 h in A, one request in B"
    older = _read(tmp_path, "o.json", {"id": "chatcmpl", "impacts": _impacts(0.0031)})
    assert older.figures["energy"].to("Wh").value == pytest.approx(3.1)


def test_a_counter_seen_once_has_no_period_and_zones_within_others_are_not_added(tmp_path: Path) -> None:
    page = _read(tmp_path, "k.prom", KEPLER)
    assert page.figures["energy"].to("Wh").value == pytest.approx(140)
    other = _read(tmp_path, "emissions.csv", CODECARBON)
    assert _row(diff(page, other), "energy").refused.startswith("period: A has counters since an instant")
    own = read_report(f"{tmp_path / 'k.prom'}#train")
    assert own.figures["energy"].to("J").value == pytest.approx(120_000)
    found = _read(tmp_path, "q.json", _range_query(2))
    assert found.figures["duration"].to("h").value == pytest.approx(2)
    assert found.figures["energy"].to("J").value == pytest.approx(180_000 + 72_000)
    row = _row(diff(other, found), "energy")
    assert product(row.terms) == pytest.approx(row.ratio.value)


def test_watts_of_an_analyser_are_of_the_whole_system(tmp_path: Path) -> None:
    lines = [
        f"Time,01-05-2026 10:{at // 60:02}:{at % 60:02}.000,Watts,{800 + at},Volts,230,Amps,3.5,PF,0.99"
        for at in range(90)
    ]
    found = _read(tmp_path, "spl.txt", "\n".join(lines))
    assert found.figures["energy"].to("J").value == pytest.approx(sum(800 + at + 0.5 for at in range(89)))
    row = _row(diff(_read(tmp_path, "emissions.csv", CODECARBON), found, per_hour=True), "energy")
    assert row.refused.startswith("boundary: cpu, gpu, ram in A, whole system at the plug in B")


def test_processors_and_memory_in_one_are_held_against_both(tmp_path: Path) -> None:
    """An estimate does not tell them apart: they are never held against processors alone."""
    document = training(device="A100", count=1, hours=2, region="DE").as_dict()
    ours = _read(tmp_path, "ours.json", document)
    assert HOST in ours.parts
    found = diff(_read(tmp_path, "emissions.csv", CODECARBON), ours)
    assert {row.figure for row in found.rows if row.figure.startswith("energy of")} == {
        "energy of gpu",
        f"energy of {HOST}",
    }
    assert product(_row(found, "carbon").terms) == pytest.approx(_row(found, "carbon").ratio.value)


def test_reports_of_ours_in_a_list_and_as_a_table(tmp_path: Path) -> None:
    document = training(device="A100", count=1, hours=2, region="DE", pue=1.2).as_dict()
    two = [document | {"run": "aaaa11"}, document | {"run": "bbbb22"}]
    path = tmp_path / "two.json"
    path.write_text(json.dumps(two), encoding="utf-8")
    with pytest.raises(ExchangeError, match=r"#RUN: aaaa11, bbbb22"):
        read_report(str(path))
    first = read_report(f"{path}#bbbb")
    assert first.overhead == pytest.approx(1.2)
    table = "run,name,it_energy_kWh,energy_kWh,energy_kWh_low,energy_kWh_high\ncccc33,x,1,1.2,0.9,1.5\n"
    found = _read(tmp_path, "r.csv", table)
    assert found.overhead == pytest.approx(1.2)
    assert (found.figures["energy"].low, found.figures["energy"].high) == pytest.approx((0.9, 1.5))


@pytest.mark.parametrize(
    ("fields", "energy_j"),
    [
        ({"energy": "5 mJ"}, 0.005),
        ({"energy": "5 MJ"}, 5e6),
        ({"avg_power_w": 500, "duration_s": 7200}, 3.6e6),
        ({"mean power": "0.5 kW", "hours": 2, "tdp_w": 700, "gpu_power_w": 300}, 3.6e6),
        ({"energy_per_epoch_kwh": 1, "energy_kwh": 2, "energy_saved_kwh": 9}, 7.2e6),
    ],
)
def test_names_are_taken_for_what_they_say(fields: dict[str, object], energy_j: float, tmp_path: Path) -> None:
    assert _read(tmp_path, "f.json", fields).figures["energy"].to("J").value == pytest.approx(energy_j)


def test_what_a_name_does_not_say_is_not_guessed(tmp_path: Path) -> None:
    assert _read(tmp_path, "f.json", {"energy_mj": 5}).figures["energy"] is None
    with pytest.raises(ExchangeError, match=r"a power .* and no duration"):
        _read(tmp_path, "f.json", {"avg_power_w": 500})
    found = _read(tmp_path, "f.json", {"carbon_intensity": 300, "co2_kg": 5, "energy_kwh": 1, "total_energy_kwh": 2})
    assert found.figures["carbon"].to("kgCO2e").value == 5
    assert "total_energy_kwh is another" in found.notes[0]


def test_what_a_ratio_takes_for_granted_is_said(tmp_path: Path) -> None:
    bare = _read(tmp_path, "f.json", {"energy_kwh": 1, "pue": 1})
    notes = diff(_read(tmp_path, "emissions.csv", CODECARBON), bare).notes
    assert any("does not say which devices" in note for note in notes)
    assert any("does not say its period" in note for note in notes)


def test_the_overhead_of_a_site_may_be_said_for_a_report_that_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _read(tmp_path, "emissions.csv", CODECARBON)
    _read(tmp_path, "emission.csv", ECO2AI.format(column="power_consumption(kWh)"))
    files = [str(tmp_path / name) for name in ("emissions.csv", "emission.csv")]
    assert main(["diff", *files, "--pue-b", "1", "--json"]) == 0
    rows = {row["figure"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert rows["energy"]["ratio"]["value"] == pytest.approx(1)
    assert main(["diff", *files, "--pue-a", "1.2"]) != 0
    assert "bert states 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    [
        {"status": "success", "data": {"resultType": "matrix"}},
        {"status": "success", "data": {"result": [1, None]}},
        {"schema": "joulebook.statement/1", "energy": 3, "lines": 7},
        {"energy": {"value": []}, "gwp": {}, "usage": [], "embodied": None},
        {"total_power": "x", "estimated_carbon_impact_kg": None},
        TRACKER_EPOCHS.replace("125. 125.", "1.2.5 7"),
        TRACKER_TOTALS.replace("0.948000", "0.9.48"),
    ],
)
def test_what_is_damaged_is_refused(content: object, tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="x"):
        _read(tmp_path, "x", content)


def test_amounts_that_cannot_be_give_no_ratio(tmp_path: Path) -> None:
    sound = _read(tmp_path, "emissions.csv", CODECARBON)
    none = _read(tmp_path, "zero.csv", CODECARBON.replace("0.192,0.1,0.5,0.04,0.64", "0,0,0,0,0"))
    assert _row(diff(sound, none), "carbon").ratio.value == 0
    assert _row(diff(none, sound), "energy").refused == "A is not above zero: there is no ratio"
    below = _read(tmp_path, "below.json", {"energy_kwh": -1, "pue": 1})
    assert _row(diff(sound, below), "energy").refused == "one of the two is below zero: there is no ratio"
    small = _read(tmp_path, "small.json", {"energy_kwh": 1, "pue": 0.2})
    assert small.overhead is None
    assert "below 1" in small.notes[0]


def test_the_table_says_below_it_why_figures_differ(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _read(tmp_path, "emissions.csv", CODECARBON)
    _read(tmp_path, "impact.json", IMPACT)
    assert main(["diff", str(tmp_path / "emissions.csv"), str(tmp_path / "impact.json")]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Why they differ" in shown
    assert "energy, carbon: site overhead x 1.58 (PUE 1 to 1.58), boundary x 0.938" in shown
    assert main(["diff", *[str(tmp_path / "impact.json")] * 2]) == 0
    assert "Why" not in capsys.readouterr().out


def test_a_name_that_is_neither_file_nor_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _read(tmp_path, "emissions.csv", CODECARBON)
    assert main(["diff", str(tmp_path / "emissions.csv"), str(tmp_path / "theirs.csv")]) == 4
    assert "no such file, and no run" in capsys.readouterr().err
