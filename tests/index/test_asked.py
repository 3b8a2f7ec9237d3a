"""Words of a user as a query."""

from __future__ import annotations

import time

import pytest

from joulebook.errors import ConfigError
from joulebook.index.asked import Asked, query_of
from joulebook.ledger.query import Condition


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("it_energy>1kWh", Condition("it_energy", ">", 3.6e12)),
        ("it_energy >= 2.5 kJ", Condition("it_energy", ">=", 2.5e9)),
        ("duration<2h", Condition("duration", "<", 7.2e12)),
        ("carbon<=1e3 g", Condition("carbon", "<=", 1e3)),
        ("carbon>1kg", Condition("carbon", ">", 1e3)),
        ("cost=0.5", Condition("cost", "=", 0.5)),
    ],
)
def test_conditions(word, expected):
    assert query_of(Asked(where=[word])).conditions == (expected,)


@pytest.mark.parametrize(
    "asked",
    [
        Asked(where=["it_energy>1"]),
        Asked(where=["it_energy>1kg"]),
        Asked(where=["it_energy>kWh"]),
        Asked(where=["it_energy>1-2kWh"]),
        Asked(where=["id>1kWh"]),
        Asked(where=["it_energy>1kWh; drop table runs"]),
        Asked(where=["cost>1EUR"]),
        Asked(sort="id; drop table runs"),
        Asked(status=["done"]),
        Asked(since="yesterday"),
        Asked(until="2026-13-01"),
        Asked(labels=["project"]),
        Asked(labels=["=x"]),
    ],
)
def test_words_that_make_no_sense_say_what_was_expected(asked):
    with pytest.raises(ConfigError, match="expected"):
        query_of(asked)


def test_times():
    day = query_of(Asked(since="2026-11-01", until="2026-11-01T02:00+02:00"))
    assert day.since_ns == day.until_ns == 1_793_491_200 * 10**9
    age = query_of(Asked(since="2h")).since_ns
    assert abs(time.time_ns() - age - 7_200 * 10**9) < 10**10


def test_pages():
    assert query_of(Asked(limit=20, page=3)).offset == 40


def test_numbers_and_days_that_no_database_can_hold_are_the_furthest_there_are():
    far = query_of(Asked(since="0001-01-01", until="9999-12-31", limit=10**30, page=10**30))
    assert (far.since_ns, far.until_ns) == (-(2**63) + 1, 2**63 - 1)
    assert (far.limit, far.offset) == (2**63 - 1, 2**63 - 1)
    assert query_of(Asked(since="99999999999999999999d")).since_ns == -(2**63) + 1
