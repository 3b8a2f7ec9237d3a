"""Rules by which a training ends that gains too little for what it uses."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.errors import ConfigError
from joulebook.meter.gain import Course, gain_of


@pytest.mark.parametrize(
    ("text", "options", "metric", "less", "least", "relative", "amount", "unit"),
    [
        ("gain of accuracy < 0.1 % per 0.1 kWh", {}, "accuracy", False, 0.1, True, 360_000, "J"),
        ("gain of val_loss<2% per 10 min", {}, "val_loss", True, 2, True, 600, "s"),
        ("gain < 0.002 per 20 gCO2e", {"metric": "f1"}, "f1", False, 0.002, False, 20, "gCO2e"),
        ("gain < 1 % per 0.5 USD", {"metric": "quality", "mode": "max"}, "quality", False, 1, True, 0.5, "USD"),
        ("gain of score < 1 per 1 h", {"mode": "min"}, "score", True, 1, False, 3_600, "s"),
    ],
)
def test_rules_in_words(text, options, metric, less, least, relative, amount, unit):  # noqa: PLR0917
    rule = gain_of(text, **options)
    assert (rule.metric, rule.less, rule.least, rule.relative) == (metric, less, least, relative)
    assert (rule.per.amount, rule.per.unit) == (pytest.approx(amount), unit)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nonsense", "such as"),
        ("gain of accuracy > 1 % per 1 J", "such as"),
        ("gain of accuracy < 1 %", "such as"),
        ("gain < 1 % per 1 J", "a metric"),
        ("gain of quality < 1 % per 1 J", "more or less quality"),
        ("gain of accuracy < -1 % per 1 J", "above zero"),
        ("gain of accuracy < nan % per 1 J", "above zero"),
        ("gain of accuracy < 1 % per 0 J", "above zero"),
        ("gain of accuracy < 1 % per 1 furlong", "a unit such as"),
        (7, "such as"),
    ],
)
def test_rules_that_are_none_are_refused_with_the_remedy(text, expected):
    with pytest.raises(ConfigError, match=f"stop_when = .*expected .*{expected}"):
        gain_of(text)


RULE = gain_of("gain of accuracy < 1 % per 10 J")


@given(st.lists(st.tuples(st.floats(0.5, 15), st.floats(0.1, 100)), min_size=3, max_size=60))
def test_the_gain_is_that_of_its_definition(steps):
    course, spent, seen = Course(RULE), 0.0, []
    for more, value in steps:
        spent += more
        found = course.add(spent, value)
        seen.append((spent, value))
        earlier = [(at, one) for at, one in seen[:-1] if at <= spent - 10]
        if len(seen) < 3 or not earlier:
            assert found is None
        else:
            before, best = max(one for _, one in earlier), max(one for _, one in seen)
            assert found == pytest.approx(100 * (best - before) / before * 10 / (spent - earlier[-1][0]))


def test_nothing_is_judged_before_so_much_is_spent():
    course = Course(RULE)
    assert not any(course.is_over(at * 0.1, 0.5) for at in range(100))
    assert course.is_over(10.0, 0.5)


@pytest.mark.parametrize("noise", [0.0, 0.005, 0.02])
def test_a_curve_that_flattens_ends_where_its_slope_is_the_rule(noise):
    random, course, ends = Random(1), Course(RULE), 0.0
    for at in range(5_000):
        ends = at * 0.5
        if course.is_over(ends, 1 - math.exp(-ends / 50) + random.gauss(0, noise)):
            break
    # without noise the slope is 1 % per 10 J at 50 ln(100 * 10 / 50) J or so; noise feigns some gain, or none
    assert 90 <= ends <= 260


def test_values_that_are_none_are_left_out_and_memory_is_bounded():
    course = Course(RULE)
    assert course.add(1.0, math.nan) is None
    assert course.values == 0
    for at in range(100_000):
        course.add(at * 1e-3, 1.0)
    assert len(course._kept) < 600


def test_absolute_and_of_zero():
    course = Course(gain_of("gain of loss < 0.5 per 1 J"))
    assert [course.add(float(at), value) for at, value in enumerate((3.0, 2.0, 1.75, 4.0))] == [None, None, 0.25, 0.0]
    course = Course(gain_of("gain of accuracy < 1 % per 1 J"))
    assert [course.add(float(at), value) for at, value in enumerate((0.0, 0.0, 0.0, 0.5))][2:] == [0.0, math.inf]
