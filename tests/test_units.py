"""Units are a closed list with exact conversions between them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.errors import UnitMismatch
from joulebook.units import UNITS, Unit, combine, convert, factor, unit

units = st.sampled_from(sorted(UNITS.values()))


@pytest.mark.parametrize(
    ("amount", "source", "target", "expected"),
    [
        (1, "kWh", "J", 3_600_000),
        (1, "Wh", "J", 3_600),
        (1, "TWh", "kWh", 1_000_000_000),
        (3_600_000_000_000, "uJ", "kWh", 1),
        (1, "kW", "W", 1_000),
        (84, "h", "s", 302_400),
        (1, "d", "h", 24),
        (1, "lbCO2e", "gCO2e", 453.59237),
        (1, "lbCO2e", "kgCO2e", 0.45359237),
        (1, "tCO2e", "kgCO2e", 1_000),
        (1, "lbCO2e/kWh", "gCO2e/kWh", 453.59237),
        (1, "kgCO2e/MWh", "gCO2e/kWh", 1),
        (50, "%", "1", 0.5),
        (1, "m3", "L", 1_000),
        (80, "EUR/MWh", "EUR/kWh", 0.08),
        (1, "km", "m", 1_000),
    ],
)
def test_conversions_are_exact(amount: float, source: str, target: str, expected: float) -> None:
    assert convert(amount, unit(source), unit(target)) == expected


def test_list_is_closed_and_without_doubles() -> None:
    assert all(symbol == found.symbol for symbol, found in UNITS.items())
    meanings = [(found.dims, Fraction(found.num, found.den)) for found in UNITS.values()]
    twins = {
        symbol for symbol, found in UNITS.items() if meanings.count((found.dims, Fraction(found.num, found.den))) > 1
    }
    assert twins == {"gCO2e/kWh", "kgCO2e/MWh"}, "two symbols for one unit"
    with pytest.raises(UnitMismatch, match="unknown unit 'BTU'"):
        unit("BTU")


def test_aliases_people_type() -> None:
    assert unit("lb/kWh") is UNITS["lbCO2e/kWh"]
    assert unit("g/kWh") is UNITS["gCO2e/kWh"]
    assert unit("") is UNITS["1"]
    assert unit(UNITS["J"]) is UNITS["J"]
    assert str(unit("kg")) == "kgCO2e"


@pytest.mark.parametrize(
    ("left", "right", "power", "result"),
    [
        ("W", "s", 1, "J"),
        ("kW", "h", 1, "J"),
        ("J", "s", -1, "W"),
        ("kWh", "gCO2e/kWh", 1, "gCO2e"),
        ("kWh", "L/kWh", 1, "L"),
        ("MWh", "USD/MWh", 1, "USD"),
        ("USD", "USD/EUR", -1, "EUR"),
        ("W/device", "device-h", 1, "J"),
        ("USD/device-h", "device-h", 1, "USD"),
        ("W/GB", "GB", 1, "W"),
        ("W/core", "core", 1, "W"),
        ("J", "token", -1, "J/token"),
        ("J/request", "request", 1, "J"),
        ("km", "gCO2e/km", 1, "gCO2e"),
        ("kWh", "J", -1, "1"),
        ("%", "kWh", 1, "J"),
    ],
)
def test_products_and_quotients(left: str, right: str, power: int, result: str) -> None:
    a, b = unit(left), unit(right)
    found, num, den = combine(a, b, power)
    assert found.symbol == result
    exact = Fraction(a.num, a.den) * Fraction(b.num, b.den) ** power / Fraction(found.num, found.den)
    assert Fraction(num, den) == exact


def test_kilowatt_times_hour_is_3_6_megajoule() -> None:
    assert combine(unit("kW"), unit("h"), 1) == (unit("J"), 3_600_000, 1)


@pytest.mark.parametrize(("left", "right", "power"), [("USD", "EUR", 1), ("J", "J", 1), ("token", "s", -1)])
def test_product_outside_the_list_is_refused(left: str, right: str, power: int) -> None:
    with pytest.raises(UnitMismatch, match=f"{left} [x/] {right}"):
        combine(unit(left), unit(right), power)


@pytest.mark.parametrize(("source", "target"), [("J", "W"), ("USD", "EUR"), ("gCO2e", "kWh"), ("s", "year")])
def test_other_dimensions_are_refused(source: str, target: str) -> None:
    with pytest.raises(UnitMismatch, match=f"{source} to {target}"):
        convert(1, unit(source), unit(target))


@given(units, units)
def test_factor_there_and_back_is_one(source: Unit, target: Unit) -> None:
    if source.dims != target.dims:
        with pytest.raises(UnitMismatch):
            factor(source, target)
        return
    assert Fraction(*factor(source, target)) * Fraction(*factor(target, source)) == 1


@given(st.integers(min_value=-(2**40), max_value=2**40), units, units)
def test_conversion_is_the_exact_ratio(amount: int, source: Unit, target: Unit) -> None:
    if source.dims == target.dims:
        exact = amount * Fraction(*factor(source, target))
        assert convert(amount, source, target) == pytest.approx(float(exact), rel=4e-16, abs=0)
