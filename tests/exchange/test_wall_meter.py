"""Logs as plugs, strips and home servers write them; and every way in which one can be wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from joulebook.errors import ExchangeError
from joulebook.exchange.wall_meter import Options, read_wall_meter
from joulebook.meter.wall.log import COUNTER, ENERGY, POWER

T = 1_780_000_000
NEAR = T * 10**9


def stamp(seconds, form="%Y-%m-%d %H:%M:%S"):
    return datetime.fromtimestamp(T + seconds, UTC).strftime(form)


@pytest.fixture
def read(tmp_path):
    def of(text, near_ns=NEAR, **options):
        path = tmp_path / "plug.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_wall_meter(path, near_ns, Options(**options))

    return of


def table(header, row, count=30, between="\n"):
    return between.join([header, *(row(i) for i in range(count))]) + between


def first(log):
    one = log.log.intervals[1]
    return (one.start_ns - NEAR) / 1e9, round(one.joules, 6)


# -- logs that read ---------------------------------------------------------------------------------------------------


def test_a_plug_with_local_times_and_a_unit_in_its_heading(read):
    log = read(table("Time,Power(W)", lambda i: f"{stamp(i)},{50 + i}"), zone="UTC")
    assert (log.column, log.unit, log.kind, log.rows, first(log)) == ("Power(W)", "W", POWER, 30, (0.0, 51.0))


def test_a_meter_that_tells_the_energy_of_each_minute(read):
    text = table("timestamp,a_total_act_energy,a_fund_act_energy", lambda i: f"{T + 60 * i},{1 + i % 3},0.5")
    log = read(text, column="a_total_act_energy", unit="Wh")
    assert (log.kind, log.log.period_s, first(log)) == (ENERGY, 60.0, (0.0, 7200.0))


def test_the_history_of_a_home_server_with_states_that_are_no_numbers(read):
    text = table(
        "entity_id,state,last_changed",
        lambda i: f"sensor.plug,{'unavailable' if i == 4 else 50 + i},{stamp(i, '%Y-%m-%dT%H:%M:%S.500Z')}",
    )
    log = read(text, column="state", unit="W")
    assert (log.rows, first(log)) == (29, (0.5, 51.0))
    assert "1 rows without a value: line 6" in log.notes
    assert any(note.startswith("1 gaps") for note in log.notes)


def test_a_logger_with_date_and_time_apart_semicolons_commas_and_crlf(read):
    text = table(
        "\ufeffDate;Time;Volts;Amps;Watts;KWH",
        lambda i: f"{stamp(i, '%d.%m.%Y')};{stamp(i, '%H:%M:%S')};230,1;0,22;1.05{i % 10},5;0,001",
        between="\r\n",
    )
    log = read(text, zone="UTC")
    assert (log.column, log.unit, first(log)) == ("Watts", "W", (0.0, 1051.5))


def test_a_power_strip_with_apparent_power_beside_the_active_one(read):
    text = table("# export\nEpoch (ms),Active Power (W),Apparent Power (VA)", lambda i: f"{(T + i) * 1000},{50 + i},70")
    assert read(text).column == "Active Power (W)"


def test_power_counts_before_energy(read):
    assert read(table("ts\ttotal_kwh\tpower_w", lambda i: f"{T + i}\t{i}\t{50 + i}")).unit == "W"


def test_a_counter_in_kwh_and_its_new_beginning(read):
    log = read(table("ts,total_kwh", lambda i: f"{T + 10 * i},{100 + (i % 20) * 0.001:.3f}"))
    assert (log.kind, log.unit, round(log.log.intervals[0].joules)) == (COUNTER, "kWh", 3600)
    assert any("fell 1 times" in note for note in log.notes)


def test_kilowatts_and_numbers_with_their_unit(read):
    assert first(read(table("timestamp,kW", lambda i: f"{T + i},0.05"))) == (0.0, 50.0)
    assert first(read(table("timestamp,Power (W)", lambda i: f"{T + i},{50 + i} W"))) == (0.0, 51.0)


def test_a_table_of_another_encoding(read):
    assert read(table("Zeit;Leistung (W)", lambda i: f"{T + i};{50 + i}").encode("utf-16")).rows == 30
    assert read(table("Zeit;Geräte (W)", lambda i: f"{T + i};{50 + i}").encode("latin-1")).rows == 30


# -- rows that are wrong ----------------------------------------------------------------------------------------------


def test_every_row_that_is_left_out_is_counted_with_its_line(read):
    cells = {3: "x1", 4: "nan", 5: "-5", 6: "99999"}
    rows = [f"{T + 10 * i},{cells.get(i, 50 + i)}" for i in range(30)]
    rows[10], rows[11] = rows[11], rows[10]
    rows += [f"{T + 290},79", f"{T + 290},70", "soon,5", f"{T + 1000},5"]
    log = read("\n".join(["ts,W", *rows]))
    notes = " | ".join(log.notes)
    for said in (
        "1 rows with text for a number: line 5",
        "1 rows without a value: line 6",
        "1 rows with a negative value: line 7",
        "1 rows out of order (they were sorted): line 13",
        "1 rows that repeat another: line 32",
        "1 rows with the time of another and another value (the first counts): line 33",
        "1 rows without a time: line 34",
        "1 rows above 5e+03 W, 20 times the others: left out",
        "the longest 710 s",
    ):
        assert said in notes, said
    assert log.rows == 27


# -- files that are refused -----------------------------------------------------------------------------------------


REFUSED = {
    "a local time": (table("Time,Power(W)", lambda i: f"{stamp(i)},50"), {}, "plug.csv:2: .*local time.*--zone"),
    "no unit": (table("time,state", lambda i: f"{T + i},50"), {}, "no column has W.*--unit"),
    "no unit in the column": (table("time,a,W", lambda i: f"{T + i},5,5"), {"column": "a"}, "unit in the name"),
    "two outlets": (table("ts,Outlet 1 (W),Outlet 2 (W)", lambda i: f"{T + i},5,6"), {}, "several columns.*--column"),
    "no such column": (table("ts,W", lambda i: f"{T + i},5"), {"column": "kW"}, "there are: W"),
    "another unit than its name": (table("ts,W", lambda i: f"{T + i},5"), {"unit": "kW"}, "its name says W"),
    "apparent power": (table("ts,Power VA", lambda i: f"{T + i},5"), {"column": "Power VA"}, "VA.* is not power"),
    "a clock that was never set": (table("ts,W", lambda i: f"{i},5"), {}, "a clock that was never set"),
    "a clock beyond all years": (table("ts,W", lambda i: f"{T * 10**12 + i},5"), {}, "no time near"),
    "no times": (table("time,W", lambda i: f"row {i},5"), {}, "no date"),
    "no header": (table("1,2", lambda i: f"{T + i},5"), {}, "a header"),
    "two devices": (table("ts,W", lambda i: f"{T + i // 2},{5 + i % 2}"), {}, "one device"),
    "mostly text": (table("ts,W", lambda i: f"{T + i},{'off' if i % 3 else 5}"), {}, "usable rows"),
    "three rows of nothing": ("ts,W\n", {}, "no times"),
    "a counter that stands": (table("ts,kWh", lambda i: f"{T + i},{100 if i else 99}"), {}, "stands still"),
    "binary": (b"\x89PNG\0\0", {}, "binary"),
    "empty": ("", {}, "a header"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_leaves_something_open_is_refused_and_the_cure_named(read, case):
    text, options, words = REFUSED[case]
    with pytest.raises(ExchangeError, match=words):
        read(text, **options)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ExchangeError, match="No such file"):
        read_wall_meter(tmp_path / "none.csv", NEAR)
    with pytest.raises(ExchangeError, match="directory"):
        read_wall_meter(tmp_path, NEAR)
