"""Growth of computation: laws of the fit, records, and the window of a famous claim."""

from __future__ import annotations

from datetime import date, timedelta
from math import isclose, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.audit.trends import Training, line, records, trend
from joulebook.errors import ConfigError
from joulebook.facts.catalog import Catalog

_days = st.integers(0, 5000)


@given(days=st.lists(_days, min_size=5, max_size=40, unique=True), months=st.floats(1, 60), first=st.floats(1e10, 1e20))
def test_a_straight_line_is_found_again(days: list[int], months: float, first: float) -> None:
    made = [
        Training(str(day), (date(2010, 1, 1) + timedelta(day)).isoformat(), first * 2 ** (12 * day / 365.25 / months))
        for day in days
    ]
    times = [day / 365.25 for day in days]
    slope, spread = line(times, [log2(one.flop) for one in made])
    assert isclose(12 / slope, months, rel_tol=1e-6)
    assert spread < 1e-6


@given(st.lists(st.tuples(_days, st.floats(1, 1e30)), max_size=30))
def test_records_rise_and_nothing_before_them_is_larger(drawn: list[tuple[int, float]]) -> None:
    made = [Training(str(day), (date(2000, 1, 1) + timedelta(day)).isoformat(), flop) for day, flop in drawn]
    found = records(made)
    flops = [one.flop for one in found]
    assert flops == sorted(set(flops))
    for one in made:
        assert any(record.day <= one.day and record.flop >= one.flop for record in found)


def test_the_window_of_the_claim_and_those_after_it() -> None:
    catalog = Catalog.open(own=False)
    then = trend(catalog, "2012-09-01", "2017-10-31")
    assert then.low < 3.4 < then.high
    assert then.verdict(3.4).startswith("holds")
    later = trend(catalog, "2018-01-01", "2025-12-31")
    assert later.verdict(3.4).startswith("does not hold")
    assert "slower" in later.verdict(3.4)
    everything = trend(catalog, "2012-01-01", "2018-12-31", which="all")
    assert len(everything.trainings) > len(trend(catalog, "2012-01-01", "2018-12-31").trainings)
    assert everything.low <= everything.doubling <= everything.high


def test_the_same_interval_every_time() -> None:
    one, other = (trend(Catalog.open(own=False), "2015-01-01", "2020-12-31", which="all") for _ in range(2))
    assert one == other


def test_too_little_is_refused() -> None:
    with pytest.raises(ConfigError, match="needs 5"):
        trend(Catalog.open(own=False), "1950-01-01", "1951-01-01")
    with pytest.raises(ConfigError, match="a day before"):
        trend(Catalog.open(own=False), "2020-01-01", "2019-01-01")
