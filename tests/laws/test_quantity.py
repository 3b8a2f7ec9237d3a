"""Laws of uncertain amounts: draws(f(x)) = f(draws(x)), and what follows from it."""

from __future__ import annotations

import operator
import sys
from functools import partial
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joulebook.quantity import N_DRAWS, Basis, Quantity, total
from joulebook.units import UNITS, convert, unit

amounts = st.floats(min_value=1e-6, max_value=1e9)
close = partial(isclose, rel_tol=1e-12)
JOULES = st.just("J")
sources = st.sampled_from(["a", "b", "c", "fact/tdp", "cpu-0"])
few = settings(max_examples=40)


@st.composite
def leaves(draw: st.DrawFn, units: st.SearchStrategy[str] = JOULES, *, positive: bool = True) -> Quantity:
    """A leaf with an interval, or an exact one."""
    numbers = amounts if positive else st.floats(min_value=-1e6, max_value=1e6)
    low, value, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
    basis = draw(st.sampled_from(list(Basis)))
    return Quantity.of(value, draw(units), low=low, high=high, basis=basis, source=draw(sources))


@few
@given(leaves(positive=False))
def test_leaf_keeps_its_three_numbers(q: Quantity) -> None:
    low, high = q._range or (q.value, q.value)
    assert (q.low, q.high) == (low, high)
    assert len(q.draws) == N_DRAWS
    again = Quantity.from_dict(q.as_dict(), "document")
    assert again.as_dict() == q.as_dict()


@few
@given(leaves(positive=False), leaves(positive=False), st.sampled_from([operator.add, operator.sub]))
def test_draws_of_a_sum_are_the_sums_of_the_draws(x: Quantity, y: Quantity, function: operator.add) -> None:
    assert list((function(x, y)).draws) == list(map(function, x.draws, y.draws))


@few
@given(leaves(units=st.just("W")), leaves(units=st.just("s")))
def test_draws_of_a_product_are_the_products_of_the_draws(power: Quantity, time: Quantity) -> None:
    energy = power * time
    assert list(energy.draws) == list(map(operator.mul, power.draws, time.draws))
    assert list((energy / time).draws) == list(map(operator.truediv, energy.draws, time.draws))


@few
@given(leaves(), leaves(), leaves())
def test_sums_are_associative_and_commutative(x: Quantity, y: Quantity, z: Quantity) -> None:
    left, right, flat = (x + y) + z, x + (z + y), total([x, y, z], "J")
    for other in (right, flat):
        assert all(map(close, left.draws, other.draws))
        assert left.value == pytest.approx(other.value, rel=1e-12)
        assert left.basis is other.basis is min(x.basis, y.basis, z.basis)


@few
@given(leaves(), leaves())
def test_value_lies_within_its_interval(x: Quantity, y: Quantity) -> None:
    for q in (x + y, x - y, x / y, x * 3, 1 / (x / y)):
        assert q.low <= q.value <= q.high


@few
@given(leaves(), leaves())
def test_parts_add_up_to_the_whole(x: Quantity, y: Quantity) -> None:
    assert (x + y).value == x.value + y.value
    slack = 4 * sys.float_info.epsilon * (max(x.draws) + max(y.draws))
    assert all(abs(a - b) <= slack for a, b in zip((x + y - y).draws, x.draws, strict=True))


@few
@given(leaves(units=st.sampled_from(["J", "kWh", "MJ"])), st.sampled_from(["J", "Wh", "kWh", "GWh"]))
def test_conversion_acts_on_every_draw(q: Quantity, target: str) -> None:
    there = q.to(target)
    source, wanted = q.unit, unit(target)
    assert list(there.draws) == [convert(draw, source, wanted) for draw in q.draws]
    back = there.to(source)
    assert back.value == pytest.approx(q.value, rel=1e-15)
    assert (back.low, back.high) == pytest.approx((q.low, q.high), rel=1e-15)


@few
@given(leaves(), leaves())
def test_frozen_source_does_not_vary(x: Quantity, y: Quantity) -> None:
    whole = x + y
    everything = whole.frozen(whole.sources())
    assert set(everything) == {whole.value}
    (first, *_) = x.sources()
    held = whole.frozen([first])
    expected = [
        (x.value if first in x.sources() else a) + (y.value if first in y.sources() else b)
        for a, b in zip(x.draws, y.draws, strict=True)
    ]
    assert list(held) == expected


@few
@given(leaves(), leaves())
def test_same_source_and_shape_cancels(x: Quantity, y: Quantity) -> None:
    whole = x + y
    assert set((whole - whole).draws) == {0.0}
    assert set((whole / whole).draws) == {1.0}


@few
@given(leaves())
def test_named_changes_nothing_but_the_name(q: Quantity) -> None:
    assert q.named("idle") == q
    assert q.named("idle").name == "idle"


@few
@given(st.lists(leaves(), min_size=1, max_size=12))
def test_total_is_the_sum_in_any_order(parts: list[Quantity]) -> None:
    assert total(parts, "kWh") == total(parts, "kWh")
    forward, backward = total(parts, "J"), total(reversed(parts), "J")
    assert forward.value == backward.value
    assert list(forward.draws) == list(backward.draws)


def test_every_listed_unit_can_be_drawn() -> None:
    for symbol in UNITS:
        assert Quantity.of(2, symbol, low=1, high=3, basis=Basis.ASSUMED, source="u").high == 3
