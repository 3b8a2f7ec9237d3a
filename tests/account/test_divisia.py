"""Laws of the logarithmic mean Divisia decomposition."""

from __future__ import annotations

from math import exp, fsum, isclose, log, prod, sqrt, ulp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.account.divisia import closed, log_mean, log_ratio, split

positive = st.floats(1e-12, 1e12)
amount = st.just(0.0) | positive


@st.composite
def changes(draw, numbers=amount):
    size = draw(st.integers(1, 5))
    return draw(st.lists(numbers, min_size=size, max_size=size)), draw(st.lists(numbers, min_size=size, max_size=size))


def test_the_example_of_the_method():
    # energy 140 -> 160 from a doubled activity and an intensity of 4/7: L(160, 140) = 20 / ln(8/7)
    activity, intensity = split([1.0, 140.0], [2.0, 80.0])
    assert activity == pytest.approx(20 / log(8 / 7) * log(2))
    assert activity + intensity == pytest.approx(20)


@given(positive, positive)
def test_logarithmic_mean_lies_between_geometric_and_arithmetic(left, right):
    mean = log_mean(left, right)
    assert sqrt(left) * sqrt(right) * (1 - 1e-12) <= mean <= (left + right) / 2 * (1 + 1e-12)
    assert mean == log_mean(right, left)
    assert log_mean(left, left) == left
    assert log_mean(left, 0.0) == 0


@given(positive, positive)
def test_logarithm_of_a_ratio_turns_its_sign_and_keeps_its_digits(before, after):
    assert log_ratio(before, after) == -log_ratio(after, before)
    assert log_ratio(before, after) == pytest.approx(log(after / before), rel=1e-9, abs=1e-15)


def test_a_change_in_the_last_digits_is_not_lost():
    assert log_ratio(1.0, 1.0 + 1e-15) == pytest.approx(1.11e-15, rel=0.01)


@given(changes())
def test_parts_sum_to_the_change(change):
    before, after = change
    parts = split(before, after)
    size = max(abs(part) for part in parts)
    assert isclose(fsum(parts), prod(after) - prod(before), rel_tol=1e-9, abs_tol=1e-9 * size)


@given(changes())
def test_exchanging_the_sides_turns_every_sign(change):
    before, after = change
    assert split(after, before) == [-part for part in split(before, after)]


@given(st.lists(amount, min_size=1, max_size=5))
def test_nothing_changes_nothing_contributes(factors):
    assert split(factors, list(factors)) == [0.0] * len(factors)


@given(changes(positive), st.floats(1e-6, 1e6))
def test_a_common_scale_scales_the_parts(change, scale):
    before, after = change
    scaled = split([before[0] * scale, *before[1:]], [after[0] * scale, *after[1:]])
    plain = split(before, after)
    size = max(abs(part) for part in plain)
    assert scaled == pytest.approx([part * scale for part in plain], rel=1e-9, abs=1e-9 * size * scale)


@given(changes(positive))
def test_zero_is_the_limit_of_small_values(change):
    before, after = change
    limit = split([0.0, *before[1:]], after)
    assert limit == [prod(after), *[0.0] * (len(before) - 1)]
    near = split([1e-300, 1.0], [5.0, 1.0])
    assert near[0] == pytest.approx(5.0)


def test_factors_that_vanish_together_share():
    assert split([2.0, 3.0, 4.0], [0.0, 0.0, 5.0]) == [-12.0, -12.0, 0.0]
    assert split([0.0, 3.0], [2.0, 0.0]) == [0.0, 0.0]


@given(changes(positive), st.floats(0.5, 2), st.floats(0.5, 2))
def test_ends_that_are_no_products_are_met_and_the_unchanged_stays_out(change, at_start, at_end):
    before, after = [7.0, *change[0]], [7.0, *change[1]]
    ends = prod(before) * at_start, prod(after) * at_end
    parts = split(before, after, ends, range(len(before)))
    size = max(*ends, *map(abs, parts))  # what is left of two large parts is rounded as they are
    assert isclose(fsum(parts), ends[1] - ends[0], rel_tol=1e-9, abs_tol=1e-12 * size)
    if change[0] != change[1]:
        assert parts[0] == 0
    back = split(after, before, ends[::-1], range(len(before)))
    assert back == pytest.approx([-part for part in parts], rel=1e-9, abs=1e-12 * size)


def test_ends_that_differ_though_no_factor_does_are_put_to_the_first_that_yields():
    assert split([2.0, 3.0], [2.0, 3.0], (6.0, 6.6), (1, 0)) == [0.0, pytest.approx(0.6)]


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=8), st.floats(-1e-12, 1e-12))
def test_closed_parts_sum_exactly(parts, error):
    whole = fsum(parts) * (1 + error)
    found, left = closed(parts, whole)
    assert fsum([*found, left]) == whole
    size = max(abs(part) for part in parts)
    assert abs(left) <= max(4 * ulp(size), abs(whole) if not size else 0)
    assert [part for part, before in zip(found, parts, strict=True) if not before] == [0.0] * parts.count(0.0)
    assert found == pytest.approx(parts, rel=1e-6, abs=1e-9 * size)


def test_factors_multiply_to_the_ratio():
    before, after = [2.0, 3.0, 5.0], [3.0, 2.5, 7.0]
    mean = log_mean(prod(before), prod(after))
    assert prod(exp(part / mean) for part in split(before, after)) == pytest.approx(prod(after) / prod(before))
