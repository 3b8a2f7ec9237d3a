"""An estimate as prior of a forecast: laws of the combination."""

from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.meter.forecasting.outlook import Range, Steps
from joulebook.meter.forecasting.prior import Expected, combined

amounts = st.floats(1e-3, 1e9)
widths = st.floats(1.0, 5.0)
numbers = st.integers(1, 10_000)


@st.composite
def ranges(draw):
    value = draw(amounts)
    return Range(value, value / draw(widths), value * draw(widths))


def apart(one, other):
    return abs(log(one.value / other.value))


@given(ranges(), ranges(), numbers)
def test_the_forecast_lies_between_prior_and_steps(prior, found, steps):
    both = combined(prior, found, steps, 0.0)
    low, high = sorted((prior.value, found.value))
    assert low * (1 - 1e-9) <= both.value <= high * (1 + 1e-9)
    assert both.low <= both.value <= both.high


@given(ranges(), ranges(), numbers, st.integers(2, 100))
def test_more_steps_bring_it_closer_to_them(prior, found, steps, times):
    few, many = combined(prior, found, steps, 0.0), combined(prior, found, steps * times, 0.0)
    assert apart(many, found) <= apart(few, found) + 1e-9


@given(ranges(), ranges(), numbers, st.floats(0.1, 1.0))
def test_surer_steps_bring_it_closer_to_them(prior, found, steps, narrower):
    sure = Range(found.value, *(found.value * exp(log(end / found.value) * narrower) for end in found[1:]))
    assert apart(combined(prior, sure, steps, 0.0), found) <= apart(combined(prior, found, steps, 0.0), found) + 1e-9


@given(ranges(), numbers)
def test_a_prior_that_agrees_moves_nothing(found, steps):
    prior = Range(found.value, found.value / 2, found.value * 2)
    assert combined(prior, found, steps, 0.0).value == pytest.approx(found.value)


@given(ranges(), ranges(), numbers, st.floats(0, 1))
def test_nothing_is_below_what_has_been_used(prior, found, steps, part):
    used = part * found.low
    assert min(combined(prior, found, steps, used)) >= used


@given(amounts, st.floats(1.1, 3.0), st.sampled_from([0.1, 10.0]), st.integers(36, 1_000))
def test_a_prior_that_is_ten_times_off_is_outweighed_within_dozens_of_steps(value, width, factor, steps):
    found = Range(value, value * 0.95, value * 1.05)
    both = combined(Range(value * factor, value * factor / width, value * factor * width), found, steps, 0.0)
    assert both.value == pytest.approx(value, rel=0.1)
    assert both.low <= value <= both.high


@given(ranges())
def test_without_a_step_it_is_the_prior(prior):
    loop = Steps(100)
    found = Expected(prior, None, None).of(loop.outlook(), (0, 0, 100), (0.0, 0.0))
    assert found.seconds == prior
    assert found.joules is None


def test_of_a_loop_that_goes_on_only_the_rest_is_expected():
    loop = Steps(100, first=75)
    found = Expected(Range(100, 50, 200), None, None).of(loop.outlook(), (75, 75, 100), (1.0, 0.0))
    assert found.seconds == (25, 12.5, 50)


def test_a_loop_beyond_its_announced_end_has_no_forecast_from_an_estimate_either():
    loop = Steps(3)
    for _ in range(4):
        loop.add(1.0, 1.0)
    found = Expected(Range(3, 2, 5), Range(3, 2, 5), None).of(loop.outlook(), (0, 4, 3), (4.0, 4.0))
    assert found.seconds is None
    assert found.joules is None
