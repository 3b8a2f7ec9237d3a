"""Amounts in text: values, units, what they are for one of, ranges, hedges, places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.audit.reading.numbers import comma_decimals
from joulebook.audit.reading.scan import scan

UNITS = {"Wh": 1e-3, "kWh": 1.0, "MWh": 1e3, "GWh": 1e6, "TWh": 1e9, "J": 1 / 3.6e6, "MJ": 1 / 3.6}


@given(st.floats(0.01, 1e6), st.sampled_from(sorted(UNITS)), st.sampled_from(["{:,.2f}", "{:.2f}", "{:.3e}"]))
def test_an_amount_that_is_printed_is_read_again(value: float, unit: str, style: str) -> None:
    printed = style.format(value)
    (found,) = scan(f"It used {printed} {unit} then.")
    assert (found.kind, found.unit) == ("energy", unit)
    assert abs(found.value / UNITS[unit] - value) <= found.slack / UNITS[unit] * 1.001 + 1e-9 * value


@given(st.floats(0.01, 1e6))
def test_decimal_commas_are_decimal_points(value: float) -> None:
    english = f"{value:,.2f}"
    german = english.replace(",", " ").replace(".", ",").replace(" ", ".")
    assert [one.value for one in scan(f"{german} kWh", comma=True)] == [one.value for one in scan(f"{english} kWh")]


@given(st.text(max_size=200))
def test_any_text_is_scanned(text: str) -> None:
    for one in scan(text):
        assert text[one.start : one.end].strip() or one.text
        assert one.low <= one.high


@pytest.mark.parametrize(
    ("text", "value", "kind", "per"),
    [
        ("24.7 tCO2e", 24_700.0, "mass", ()),
        ("57 gCO2/kWh", 0.057, "mass", ("kWh",)),
        ("0.429 kg CO2e per kWh", 0.429, "mass", ("kWh",)),
        ("200 TWh per year", 2e11, "energy", ("year",)),
        ("3.5 Mrd. Kilowattstunden", 3.5e9, "energy", ()),
        ("1,082,990 GPU hours", 1_082_990.0, "device-hours", ()),
        ("0.24 Wh per prompt", 0.00024, "energy", ("request",)),
        ("400 W each", 0.4, "power", ("each",)),
        ("$2.40 per GPU-hour", 2.4, "money", ("device-hour",)),
        ("US$ 701 million", 701e6, "money", ()),
        ("£116b", 116e9, "money", ()),
        ("10 000 heures", 10_000.0, "time", ()),
        ("1.5 × 10^6 kWh", 1.5e6, "energy", ()),
        ("five cars", 5.0, "count", ()),
        ("10 metric tons", 10_000.0, "mass", ()),
        ("626,155 lbs", 284_019.13, "mass", ()),
    ],
)
def test_units_and_what_they_are_for_one_of(text: str, value: float, kind: str, per: tuple[str, ...]) -> None:
    (found,) = scan(f"about that: {text} in all")
    assert found.value == pytest.approx(value)
    assert (found.kind, found.per) == (kind, per)


def test_names_dates_links_and_citations_are_no_amounts() -> None:
    text = "GPT-3 and BERT on A100 [12], see https://a.b/300 of 2021-05-06, Table 3, version 1.2.3, CO2"
    assert scan(text) == []


def test_ranges() -> None:
    for text in ("5 to 7 kWh", "5-7 kWh", "5–7 kWh", "between 5 and 7 kWh", "6 ± 1 kWh"):
        (found,) = scan(text)
        assert (found.low, found.value, found.high) == (5.0, 6.0, 7.0), text
    assert [one.value for one in scan("from 100 kWh to 60 kWh")] == [100.0, 60.0]


def test_which_decimal_sign_a_document_has() -> None:
    assert comma_decimals("Das sind 1.234,5 kWh und 0,38 kg")
    assert not comma_decimals("These are 1,234.5 kWh and 0.38 kg")
    assert comma_decimals(
        "Der Verbrauch ist 3.072 kWh und die Last ist nicht hoch, das ist mit der PUE für die Halle so"
    )


def test_devices_in_front_of_and_behind_a_name() -> None:
    found = scan("8x A100, P100x8, 64 V100s, 8 x H100 GPUs")
    assert [(one.value, one.noun) for one in found] == [(8, "device"), (8, "device"), (64, "device"), (8, "device")]
