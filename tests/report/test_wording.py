"""Numbers and names as words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.quantity import Basis, Quantity
from joulebook.report import wording


def quantity(value, unit="J", low=None, high=None):
    return Quantity.of(value, unit, low=low, high=high, basis=Basis.MEASURED, source="test")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (212, "212"), (58.88, "58.9"), (3.1, "3.1"), (999.6, "1000"), (1234567, "1230000"), (0.000123456, "0.000123"),
        (0.09996, "0.1"), (float("nan"), "unknown"), (float("inf"), "unknown"), (-12.345, "-12.3"),
    ],
)  # fmt: skip
def test_digits(value, text):
    assert wording.digits(value) == text


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ((212_000, "J", 200_000, 224_720), "212 kJ (58.9 Wh)  ±6 %"),
        ((7.2e6,), "7.2 MJ (2 kWh)"),
        ((0.5,), "500 mJ (0.139 mWh)"),
        ((0,), "0 J (0 Wh)"),
        ((999_999,), "1 MJ (278 Wh)"),
        ((3600, "J", 1000, 9000), "1-9 kJ (0.28-2.5 Wh)"),
        ((3600, "J", 0, 9000), "0-9 kJ (0-2.5 Wh)"),
        ((3600, "J", 3000, 5400), "3.6 kJ (1 Wh)  +50/-17 %"),
        ((3600, "J", 3599, 3601), "3.6 kJ (1 Wh)  ±0.03 %"),
        ((1, "kWh", -0.5, 2), "0-7.2 MJ (0-2 kWh)"),
    ],
)
def test_energy(args, text):
    names = ("value", "unit", "low", "high")
    assert wording.energy(quantity(**dict(zip(names, args, strict=False)))) == text


def test_carbon_and_money():
    assert wording.carbon(quantity(10, "gCO2e", 3.14, 26.4)) == "3.1-26 g"
    assert wording.carbon(quantity(2.5, "tCO2e")) == "2.5 t"
    assert wording.money(quantity(0.015, "EUR", 0.008, 0.024)) == "0.015 EUR  +60/-47 %"
    assert wording.money(quantity(0.015, "EUR", 0.01, 0.04)) == "0.01-0.04 EUR"
    assert wording.money(quantity(1e-6, "USD", 1e-7, 1e-5)) == "under 0.0001 USD"
    assert wording.money(quantity(0, "USD")) == "0 USD"


def test_rates():
    assert wording.rate(quantity(0.05, "kgCO2e/kWh")) == "50 g/kWh"
    assert wording.rate(quantity(0.25, "EUR/kWh", 0.18, 0.34)) == "0.18-0.34 EUR/kWh"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"), (0.42, "420 ms"), (0.00123, "1.23 ms"), (12.34, "12.3 s"), (59.96, "1 min 0 s"), (451, "7 min 31 s"),
        (3599.6, "1 h 0 min"), (11_520, "3 h 12 min"), (86_399, "1 d 0 h"), (183_600, "2 d 3 h"),
    ],
)  # fmt: skip
def test_duration(seconds, text):
    assert wording.duration(quantity(seconds, "s")) == text


def test_wide_duration_is_a_range():
    assert wording.duration(quantity(10, "h", 5, 50)) == "5 h 0 min - 2 d 2 h"


def test_percent_hides_no_small_part():
    assert [wording.percent(share) for share in (0, 0.001, 0.5, 0.999, 1)] == ["0 %", "<1 %", "50 %", ">99 %", "100 %"]


@given(st.floats(1e-6, 1e12), st.floats(0, 1), st.floats(0, 9))
def test_no_single_number_beyond_a_factor_of_three(value, down, up):
    figure = wording.Figure(value, value * (1 - down), value * (1 + up), "J")
    text = wording.amount(figure, wording.JOULES)
    assert text[0].isdigit()
    assert (wording.margin(figure) == "") >= figure.wide
    if figure.wide:
        assert "-" in text
    else:
        assert "-" not in text


def test_document_of_a_quantity_reads_like_the_quantity():
    whole = quantity(212_000, "J", 200_000, 224_720)
    assert wording.energy(whole.to("kWh").as_dict()) == wording.energy(whole)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("train.py", "train.py"),
        ("Größe übung", "Größe übung"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\nb\r\tc\x00", "a\\nb\\r\\tc\\x00"),
        ("\x9b2J", "\\x9b2J"),
        ("abc\u202etxt.exe", "abc\\u202etxt.exe"),
        ("\u2066x\u200b", "\\u2066x\\u200b"),
        ("\U0001f680 go", "\\U0001f680 go"),
        ("\ud800", "\\ud800"),
        ("a" + "\u0301\u0302\u0303\u0304", "\u00e1\u0302\u0303\\u0304"),
        ("\u05d0\u05d1", "\u05d0\u05d1"),
        ("x" * 100, "x" * 24 + "..." + "x" * 13),
    ],
)
def test_names(name, shown):
    assert wording.plain(name) == shown


@given(st.text(max_size=2000), st.integers(8, 200))
def test_any_name_is_one_printable_line_of_bounded_length(name, limit):
    shown = wording.plain(name, limit)
    assert len(shown) <= limit
    assert shown.isprintable()
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in shown)


@given(st.text(max_size=50), st.sampled_from(["ascii", "latin-1", "cp1252", "utf-8", None, "no-such-codec"]))
def test_every_line_can_be_encoded(text, encoding):
    line = wording.encodable(wording.plain(text) + " ± · ├─ …", encoding)
    line.encode(encoding if encoding in ("ascii", "latin-1", "cp1252", "utf-8") else "ascii")


def test_ascii_stand_ins():
    assert wording.encodable("±6 % · a", "ascii") == "+-6 % | a"
    assert wording.encodable("±6 % · a", "latin-1") == "±6 % · a"


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (290, 311, "300 W (290-311)"),
        (299.99, 300.02, "300 W (299.99-300.02)"),
        (300.0041, 300.0042, "300 W"),
        (300.0041, 300.0161, "300.01 W (300-300.02)"),
    ],
)
def test_ends_of_a_narrow_interval_are_told_apart_or_left_out(low, high, shown):
    value = 300 if low < 300 else (low + high) / 2
    assert wording.amount_in_brackets(wording.Figure(value, low, high, "W"), wording.WATTS) == shown
