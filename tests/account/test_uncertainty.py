"""Shares of uncertainty: one source at a time is held."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.account.uncertainty import shares
from joulebook.quantity import Basis, Quantity, total


def leaf(value, spread, source, unit="J"):
    return Quantity.of(value, unit, low=value / spread, high=value * spread, basis=Basis.ASSUMED, source=source)


def test_shares_of_a_product_of_independent_factors_sum_to_one():
    found = shares(leaf(3, 1.5, "a") * leaf(2, 2.0, "b", "1") * leaf(5, 1.1, "c", "1"))
    assert [item.ids for item in found] == [("b",), ("a",), ("c",)]
    assert sum(item.share for item in found) == pytest.approx(1, abs=0.1)


def test_interval_that_is_left_is_that_of_the_others():
    one, other = leaf(3, 1.5, "a"), leaf(2, 2.0, "b", "1")
    found = shares(one * other)[0]
    assert (found.low, found.high) == (pytest.approx(2 * one.low), pytest.approx(2 * one.high))


def test_a_shared_source_is_one_source_and_an_exact_figure_has_none():
    common = leaf(1, 1.3, "g", "1")
    found = shares(total([leaf(3, 1.0, "x") * common, leaf(4, 1.0, "y") * common], "J"))
    assert [(item.ids, item.share) for item in found] == [(("g",), 1.0)]
    assert shares(Quantity.exact(3.0, "J")) == []


def test_edges_gaps_and_noise_come_together():
    edges = [Quantity.of(0, "J", low=-1, high=1, basis=Basis.MEASURED, source=f"edge:b/d/c:{at}") for at in range(30)]
    gap = Quantity.of(0, "J", low=0, high=9, basis=Basis.MEASURED, source="gap:b/d/c:1")
    found = shares(total([Quantity.exact(100.0, "J"), *edges, gap], "J"))
    assert sorted(len(item.ids) for item in found) == [1, 30]
    json.dumps([item.as_dict() for item in found], allow_nan=False)


@given(st.lists(st.tuples(st.floats(0.1, 1e6), st.floats(1.0, 9.0)), min_size=1, max_size=5))
def test_shares_lie_between_nothing_and_all(parts):
    quantity = total([leaf(value, spread, f"s{at}") for at, (value, spread) in enumerate(parts)], "J")
    for item in shares(quantity):
        assert 0 <= item.share <= 1
        assert item.low <= quantity.value <= item.high
