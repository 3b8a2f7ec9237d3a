"""Times as other programs write them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from joulebook.errors import ConfigError
from joulebook.exchange.instants import LocalTime, reader_of, zone_of

MOMENT = datetime(2026, 5, 28, 10, 30, 15, tzinfo=UTC)
NS = int(MOMENT.timestamp()) * 10**9


@pytest.mark.parametrize(
    ("cell", "zone"),
    [
        ("1779964215", None),
        ("1779964215.0", None),
        ("1779964215000", None),
        ("1779964215000000", None),
        ("1779964215000000000", None),
        ("2026-05-28T10:30:15Z", None),
        ("2026-05-28 12:30:15+02:00", None),
        ("2026-05-28 12:30:15", "+02:00"),
        ("2026-05-28 12:30:15", "Europe/Paris"),
        ("28.05.2026 10:30:15", "UTC"),
        ("28/05/2026 10:30:15", "UTC"),
        ("05/28/2026 10:30:15 AM", "UTC"),
        ("2026/05/28 10:30:15", "UTC"),
        ("2026/05/28 12:30:15 +0200", None),
    ],
)
def test_the_same_moment_in_many_forms(cell, zone):
    read, _ = reader_of([cell] * 3, zone_of(zone) if zone else None, NS)
    assert read(cell) == NS


def test_fractions_of_a_second_are_kept():
    read, said = reader_of(["1779964215.123456"] * 3, None, NS)
    assert read("1779964215.123456") == NS + 123_456_000
    assert said == "times are s since 1970 (UTC)"


def test_day_and_month_are_told_apart_by_when_the_run_was():
    april = int(datetime(2026, 4, 3, tzinfo=UTC).timestamp()) * 10**9
    march = int(datetime(2026, 3, 4, tzinfo=UTC).timestamp()) * 10**9
    for near in (march, april):
        read, _ = reader_of(["03/04/2026 00:00:00"] * 3, UTC, near)
        assert read("03/04/2026 00:00:00") == near


def test_an_hour_that_comes_twice_is_told_apart_by_the_order_of_rows():
    cells = [f"2026-10-25 {hour}:{minute:02}:00" for hour in ("02", "02", "03") for minute in (0, 20, 40)]
    read, _ = reader_of(cells, zone_of("Europe/Paris"), NS)
    times = [read(cell) for cell in cells]
    assert [after - before for before, after in pairwise(times)] == [20 * 60 * 10**9] * 8


def test_a_local_time_without_a_zone_is_nobodys():
    with pytest.raises(LocalTime):
        reader_of(["2026-05-28 12:30:15"] * 3, None, NS)


@pytest.mark.parametrize("cells", [["0", "1", "2"], ["1e30"] * 3, ["yesterday"] * 3, [], ["nan"] * 3])
def test_what_is_no_time_is_refused(cells):
    with pytest.raises(ValueError, match="time"):
        reader_of(cells, None, NS)


def test_a_cell_that_is_no_time_among_others_is_none():
    read, _ = reader_of(["2026-05-28T10:30:15Z"] * 5, None, NS)
    assert read("unavailable") is None
    read, _ = reader_of(["1779964215"] * 5, None, NS)
    assert (read(""), read("x"), read("inf")) == (None, None, None)


@pytest.mark.parametrize("word", ["Mars/Phobos", "2 hours", "+99:99", "../etc/passwd"])
def test_an_unknown_zone_is_named(word):
    with pytest.raises(ConfigError, match="zone"):
        zone_of(word)
