"""What is learned of tables: laws of their rows, totals, the cell that is wrong, and what honest tables do."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joulebook.audit.cells.checking import cells
from joulebook.audit.cells.grid import grid_of
from joulebook.audit.cells.law import Way
from joulebook.audit.cells.learned import laws
from joulebook.audit.cells.totals import totals
from joulebook.audit.findings import audit
from joulebook.audit.reading.door import document
from joulebook.audit.reading.durations import duration
from joulebook.testing.planted import planted

_JOBS = (
    "job,nodes,elapsed,node_power_w,it_kwh,site_kwh,kg\n"
    "a,4,22:30:00,6120,550.8,649.9,222.3\nb,16,41:12:00,7240,4772.6,5631.7,1926.0\n"
    "c,2,09:15:00,3980,73.6,86.8,29.7\nd,6,30:00:00,1370,246.6,291.0,99.5\n"
    "e,8,64:00:00,4260,2181.1,2573.7,880.2\ntotal,,,,7824.7,9233.1,3157.7\n"
)


def wrong(text: str, form: str = "csv") -> list[tuple[int, str]]:
    """Line and rule of every finding."""
    return [(one.place.line, one.rule) for one in audit(document(text, form=form))]


def test_a_table_that_closes_has_laws_and_no_finding() -> None:
    (table,) = document(_JOBS, form="csv").tables
    grid = grid_of(table)
    found = {tuple(sorted(grid.names[at] for at in law.columns)) for law in laws(grid, range(5))}
    assert ("elapsed", "it kwh", "node power w", "nodes") in found
    assert ("it kwh", "site kwh") in found
    assert [one.parts for one in totals(grid)] == [(0, 1, 2, 3, 4)]
    assert wrong(_JOBS) == []


@pytest.mark.parametrize(
    ("right", "slip", "line"),
    [
        ("4772.6", "47726.0", 3),
        ("649.9", "766.9", 2),
        ("2573.7", "2753.7", 6),
        ("99.5", "9.95", 5),
        ("9233.1", "9323.1", 7),
        ("09:15:00", "19:15:00", 4),
    ],
)
def test_one_slip_is_one_finding_at_its_own_cell(right: str, slip: str, line: int) -> None:
    found = audit(document(_JOBS.replace(right, slip), form="csv"))
    assert [one.place.line for one in found] == [line]


def test_names_of_columns_are_not_needed() -> None:
    rows = [(30.5, 12.5), (71.0, 42.5), (118.5, 85.2), (24.5, 31.25), (54.5, 67.5), (93.5, 35.1)]
    text = "x,foo,bar,baz\n" + "".join(f"r,{a},{b},{a * b * 1.7:.1f}\n" for a, b in rows)
    assert wrong(text) == []
    assert wrong(text.replace("17163.5", "171635.4")) == [(4, "product")]


def test_honest_tables_are_left_alone() -> None:
    site_apart = "site,IT (MWh),Facility (MWh),t CO2e\nA,1130,1300,261.3\nB,5126,5895,1184.9\nC,5188,5966,1199.2\nD,487,487,97.9\n"
    means = "week,hours,kWh,kWh per hour\n1,840,571.2,0.68\n2,910,627.9,0.69\n3,705,472.4,0.67\nmean,818,557.2,0.68\n"
    of_which = (
        "use,Q1 (kEUR),Q2 (kEUR)\nCompute,120.4,131.0\nof which GPU,80.1,90.3\nStorage,44.2,45.1\nTotal,164.6,176.1\n"
    )
    bases = (
        "Scope,Source,t CO2e\n1,Gas,315.0\n2 LB,Power,7235.2\n2 MB,Power,2812.8\n3,Goods,3993.8\n"
        "Total,location-based,11544.0\nTotal,market-based,7121.6\n"
    )
    for text in (site_apart, means, of_which, bases):
        assert wrong(text) == [], text


def test_both_bases_in_one_total_are_told() -> None:
    text = "Source,Basis,t CO2e\nGas,,315.0\nPower,location-based,7235.2\nPower,market-based,2812.8\nTotal,,10363.0\n"
    assert wrong(text) == [(5, "mixed-basis")]


def test_totals_beside_a_list_in_json() -> None:
    text = (
        '{"runs": [\n{"energy_kwh": {"cpu": 1.71, "gpu": 14.52, "total": 16.23}},\n'
        '{"energy_kwh": {"cpu": 1.104, "gpu": 10.116, "total": 11.22}},\n'
        '{"energy_kwh": {"cpu": 0.177, "gpu": 0.431, "total": 0.608}}],\n"summary": {"energy_kwh_total": 28.058}}'
    )
    assert wrong(text, "json") == []
    assert [line for line, _ in wrong(text.replace("11.22", "11220.0"), "json")] == [3]
    assert [line for line, _ in wrong(text.replace("28.058", "38.058"), "json")] == [5]


def test_units_in_a_second_row_of_heads() -> None:
    text = (
        "system,power,time,energy\n,kW,h,MWh\na,1191,21.5,25.61\nb,588,30.0,17.64\nc,202,48.0,9.70\nd,411,26.4,10.85\n"
    )
    assert wrong(text) == []
    assert wrong(text.replace("17.64", "17640.00")) == [(4, "unit-slip")]


@pytest.mark.parametrize(
    ("text", "words", "hours"),
    [
        ("64:00:00", "elapsed", 64.0),
        ("2-12:30:00", "elapsed", 60.5),
        ("PT11H45M", "duration", 11.75),
        ("3h 30m", "wall time", 3.5),
        ("08:15", "start", None),
        ("08:15", "duration", 8.25),
        ("12.5", "hours", None),
    ],
)
def test_durations(text: str, words: str, hours: float | None) -> None:
    assert duration(text, words) == hours


@given(st.lists(st.floats(0.1, 1e4), min_size=3, max_size=5), st.data())
@settings(max_examples=60, deadline=None)
def test_what_a_relation_gives_for_a_cell_makes_it_hold(values: list[float], data: st.DataObject) -> None:
    is_sum = data.draw(st.booleans())
    keys = tuple((0, at) for at in range(len(values)))
    signs = (1, *(data.draw(st.sampled_from((-1, 1))) for _ in values[2:]), -1)
    one = Way(keys, signs, (0.7, 0.7), is_sum)
    held = {cell: (value, value) for cell, value in zip(keys, values, strict=True)}
    key = data.draw(st.sampled_from(keys))
    found = one.implied(key, held)
    assert found is not None
    assert one.holds({**held, key: found}, 1e-6)


def test_planted_slips_are_found_at_their_place() -> None:
    reports = [report for report in planted(range(1)) if " " in report.name][::3]
    found = [
        report.found((one.place.line, one.evidence) for one in cells(document(report.text, form=report.form)).findings)
        for report in reports
    ]
    assert len(reports) > 60
    assert sum(found) >= 0.9 * len(found)


def _record(**figures: str) -> str:
    """A mapping with a run that closes, but for the figures given."""
    run = {"gpus": "64", "hours": "120", "power_per_gpu_w": "410", "gpu_hours": "7680", "it_kwh": "3148.8",
           "pue": "1.25", "facility_kwh": "3936.0", "grid_g_per_kwh": "380", "emissions_kg": "1495.7",
           "price_usd_per_gpu_hour": "2.2", "cost_usd": "16896"} | figures  # fmt: skip
    return "{" + ",\n".join(f'"{key}": {value}' for key, value in run.items()) + "}"


def test_a_record_that_closes_is_left_alone() -> None:
    assert wrong(_record(), "json") == []
    assert wrong(_record(it_kwh="3148.8", emissions_kg="1196.5"), "json") == []  # of the IT energy


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("hours", "210", 2),
        ("power_per_gpu_w", "4.1", 3),
        ("gpu_hours", "6780", 4),
        ("it_kwh", "3.1488", 5),
        ("facility_kwh", "4920.0", 7),
        ("emissions_kg", "1.4957", 9),
        ("cost_usd", "19866", 11),
    ],
)
def test_units_alone_demand_what_holds_in_a_record(key: str, value: str, line: int) -> None:
    assert [line for line, _ in wrong(_record(**{key: value}), "json")] == [line]


@pytest.mark.parametrize("words", ["tdp_w", "rated_power_w", "measured_it_kwh"])
def test_energy_need_not_follow_from_a_rated_power(words: str) -> None:
    names = {"tdp_w": "power_per_gpu_w", "rated_power_w": "power_per_gpu_w", "measured_it_kwh": "it_kwh"}
    text = _record(it_kwh="2519.0", facility_kwh="3148.8", emissions_kg="1196.5").replace(names[words], words)
    assert wrong(text, "json") == []


def test_growth_since_the_row_before() -> None:
    rows = [
        (2019, 120.4, ""),
        (2020, 139.7, "16.0"),
        (2021, 171.2, "22.5"),
        (2022, 183.9, "7.4"),
        (2023, 230.1, "25.1"),
    ]
    text = "year,GWh,Change (%)\n" + "".join(f"{year},{value},{change}\n" for year, value, change in rows)
    assert wrong(text) == []
    assert wrong(text.replace("7.4", "6.9")) == [(5, "percentage")]
    last_first = "year,GWh,Change (%)\n" + "\n".join(text.splitlines()[:0:-1]) + "\n"
    assert wrong(last_first) == []
    assert wrong(last_first.replace("7.4", "6.9")) == [(3, "percentage")]


def test_totals_that_run_down_a_column() -> None:
    months = [41.3, 39.8, 45.2, 44.1, 50.7, 48.9]
    lines = [f"m{at},{one},{sum(months[: at + 1]):.1f}" for at, one in enumerate(months)]
    text = "month,MWh,Year to date (MWh)\n" + "\n".join(lines) + "\n"
    assert wrong(text) == []
    assert [line for line, _ in wrong(text.replace("170.4", "174.0"))] == [5]


def test_products_of_rows_add_up_to_a_figure_beside_them() -> None:
    text = '{"runs": [{"gpus": 4, "hours": 10.5},\n{"gpus": 8, "hours": 21},\n{"gpus": 2, "hours": 7}],\n"summary": {"gpu_hours": 224}}'
    assert wrong(text, "json") == []
    assert [line for line, _ in wrong(text.replace("224", "242"), "json")] == [4]


def test_records_with_figures_left_out_are_left_alone() -> None:
    """What would explain a figure may be what is missing: overhead, the number of servers, rent beside electricity."""
    chance = random.Random(5)
    for _ in range(80):
        gpus, hours, watts = chance.choice([8, 64, 512]), chance.randint(3, 900), chance.randint(200, 700)
        pue, grams, digits = round(chance.uniform(1.05, 1.6), 2), chance.randint(20, 700), chance.choice([3, 4, 5])
        energy = gpus * hours * watts / 1e6
        of_site = {"facility_energy_mwh": energy * pue, "location_based_t": energy * pue * grams / 1e3,
                   "electricity_cost_usd": energy * pue * 110, "water_m3": energy * chance.choice([1.0, pue]) * 1.2,
                   "cost_usd": gpus * hours * 2.2, "it_energy_mwh": energy, "cluster_power_kw": gpus * watts / 1e3,
                   "cooling_energy_mwh": energy * (pue - 1) * 0.8}  # fmt: skip
        told = {"nodes": gpus // 8, "gpus": gpus, "gpus_per_node": 8, "hours": hours, "mean_power_per_gpu_w": watts,
                "pue": pue, "grid_g_per_kwh": grams, "gpu_hours": gpus * hours, "price_usd_per_gpu_hour": 2.2,
                "electricity_price_usd_per_kwh": 0.11, "wue_l_per_kwh": 1.2, "utilisation_percent": 60}  # fmt: skip
        figures = told | {key: float(f"{value:.{digits}g}") for key, value in of_site.items()}
        kept = {key: value for key, value in figures.items() if chance.random() < 0.65}
        text = "{" + ", ".join(f'"{key}": {value}' for key, value in kept.items()) + "}"
        assert not cells(document(text, form="json")).findings, text


def test_a_slip_far_down_a_long_table_is_told() -> None:
    rows = [(power, hours) for power in range(11, 41) for hours in range(101, 131)]
    energies = [power * hours * (10 if at == 777 else 1) for at, (power, hours) in enumerate(rows)]
    lines = [
        f"s{at},{power},{hours},{energy}"
        for at, ((power, hours), energy) in enumerate(zip(rows, energies, strict=True))
    ]
    found = audit(document("site,power (kW),hours (h),energy (kWh)\n" + "\n".join(lines) + "\n", form="csv"))
    assert [one.place.line for one in found] == [779]
