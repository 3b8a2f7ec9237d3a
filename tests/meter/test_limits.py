"""Budgets in words, and what is said of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.errors import ConfigError
from joulebook.meter.limits import Limit, almost, likely, limit_of, limits_of, share_above, spent


@pytest.mark.parametrize(
    ("text", "kind", "amount", "unit"),
    [
        ("5 Wh", "energy", 18_000, "J"),
        ("0.5kWh", "energy", 1_800_000, "J"),
        ("1e3 J", "energy", 1_000, "J"),
        ("2 MJ", "energy", 2_000_000, "J"),
        ("200 gCO2e", "carbon", 200, "gCO2e"),
        ("0.2 kg", "carbon", 200, "gCO2e"),
        ("1 tCO2eq", "carbon", 1_000_000, "gCO2e"),
        ("3 USD", "cost", 3, "USD"),
        ("5EUR", "cost", 5, "EUR"),
        ("90 s", "duration", 90, "s"),
        ("10 min", "duration", 600, "s"),
        ("2 h", "duration", 7_200, "s"),
        ("1 d", "duration", 86_400, "s"),
    ],
)
def test_an_amount_and_its_unit(text, kind, amount, unit):
    found = limit_of(text)
    assert (found.kind, found.unit, found.text) == (kind, unit, text)
    assert found.amount == pytest.approx(amount)


def test_several_by_commas_or_in_a_list():
    assert [limit.text for limit in limits_of("5 Wh, 2 h")] == ["5 Wh", "2 h"]
    assert limits_of(["5 Wh", "2 h"]) == limits_of("5 Wh,2 h")


IMPOSSIBLE = ["-5 Wh", "0 J", "nan Wh", "inf h", "1e999 J", "5", "Wh", "", " , ", "much", "5 furlongs", "5 m", "1,5 Wh", "5 W",
              "3 USD, 2 EUR", "5 Wh, 2 kWh", None, 7, 2.5, {"energy": "5 Wh"}, ["5 Wh", 3], b"5 Wh"]  # fmt: skip


@pytest.mark.parametrize("value", IMPOSSIBLE, ids=repr)
def test_impossible_budgets_are_refused_with_place_and_remedy(value):
    with pytest.raises(ConfigError, match=r"budget = .*\(from --budget\): expected ") as caught:
        limits_of(value, "--budget")
    assert caught.value.exit_code == 2


def test_co2_alone_is_not_what_is_counted():
    with pytest.raises(ConfigError, match="write CO2e"):
        limit_of("5 gCO2")


@given(st.floats(1e-6, 1e9), st.sampled_from(["J", "Wh", "kWh", "gCO2e", "USD", "s", "h"]))
def test_a_limit_in_its_own_words_is_itself(number, symbol):
    limit = limit_of(f"{number!r} {symbol}")
    said = limit_of(limit.words(limit.amount))
    assert said.kind == limit.kind
    assert said.amount == pytest.approx(limit.amount, rel=6e-3)


ENDS = st.tuples(st.floats(1, 100), st.floats(0.01, 10), st.floats(0.01, 10)).map(
    lambda three: (three[0], three[0] - three[1], three[0] + three[2])
)


@given(ENDS)
def test_probability_at_the_percentiles_is_theirs(ends):
    value, low, high = ends
    assert share_above(low, ends) == pytest.approx(0.95)
    assert share_above(value, ends) == pytest.approx(0.5)
    assert share_above(high, ends) == pytest.approx(0.05)


@given(ENDS, st.floats(0, 200), st.floats(0, 200))
def test_probability_falls_with_the_limit(ends, one, other):
    low, high = sorted((one, other))
    assert 0 <= share_above(high, ends) <= share_above(low, ends) <= 1


def test_without_an_interval_it_is_sure():
    assert share_above(4, (5, 5, 5)) == 1.0
    assert share_above(6, (5, 5, 5)) == 0.0


def test_lines():
    limit = Limit("energy", 18_000.0, "J", "5 Wh", "Wh")
    assert spent(limit) == "budget 5 Wh spent"
    assert almost(limit, 15_000.0) == "83 % of the budget of 5 Wh is spent"
    assert likely(limit, (21_960.0, 20_880.0, 23_400.0), 0.97) == (
        "the budget of 5 Wh will not do: forecast 6.1 Wh (5.8 Wh to 6.5 Wh), above it with a probability of 97 %"
    )
