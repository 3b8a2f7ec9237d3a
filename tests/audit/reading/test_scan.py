"""Amounts in text: values, units, what they are for one of, ranges, hedges, places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.audit.reading.amount import Amount
from joulebook.audit.reading.door import document
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
        ("a quarter of a millilitre per prompt", 0.00025, "water", ("request",)),
        ("half a million tonnes a year", 5e8, "mass", ("year",)),
        ("two and a half hours", 2.5, "time", ()),
        ("an hour and a half", 1.5, "time", ()),
        ("a hundred and twenty megawatts", 120_000.0, "power", ()),
        ("three quarters of an hour", 0.75, "time", ()),
        ("half a percent", 0.5, "percent", ()),
        ("0.14 of a watt-hour", 0.00014, "energy", ()),
        ("two dozen cars", 24.0, "count", ()),
        ("one and a half million homes", 1.5e6, "count", ()),
        ("forty-odd thousand homes", 40_000.0, "count", ()),
        ("27p a unit", 0.27, "money", ("kWh",)),
        ("eight cents per kilowatt-hour", 0.08, "money", ("kWh",)),
        ("3 kWh for every thousand images", 0.003, "energy", ("image",)),
        ("0.4 litres for each kilowatt-hour", 0.4, "water", ("kWh",)),
        ("400 grams of CO2 for every kilowatt-hour", 0.4, "mass", ("kWh",)),
        ("0.3 watt-hours for an ordinary text prompt", 0.0003, "energy", ("request",)),
        ("5.4 million gallons of water a day", 20_441_223.6, "water", ("day",)),
        ("30 tonnes per annum", 30_000.0, "mass", ("year",)),
        ("100-MW", 100_000.0, "power", ()),
        ("1,000-GPU cluster", 1000.0, "count", ()),
        ("10^25 FLOP", 1e25, "compute", ()),
        ("nine percentage points", 9.0, "points", ()),
        ("einundzwanzig Kilowatt", 21.0, "power", ()),
        ("eine halbe Million Liter", 5e5, "water", ()),
        ("360 Gramm CO2 pro Kilowattstunde", 0.36, "mass", ("kWh",)),
        ("1,5 million de litres", 1.5e6, "water", ()),
        ("un quart d'heure", 0.25, "time", ()),
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


@pytest.mark.parametrize(
    ("text", "kind", "value", "noun"),
    [
        ("a third of the power", "share", 1 / 3, ""),
        ("fewer than one in eight of those", "share", 1 / 8, ""),
        ("4 out of 5 data centres", "share", 0.8, ""),
        ("it fell by a third", "share", 1 / 3, "down"),
        ("which is a quarter too much", "share", 0.25, "up"),
        ("ein Drittel des Stroms", "share", 1 / 3, ""),
        ("la moitié de l'eau", "share", 0.5, ""),
        ("it more than doubled", "factor", 2.0, "up"),
        ("was halved", "factor", 2.0, "down"),
        ("was cut in half", "factor", 2.0, "down"),
        ("a tenfold rise", "factor", 10.0, "up"),
        ("an order of magnitude less", "factor", 10.0, "down"),
        ("hat sich verdreifacht", "factor", 3.0, "up"),
        ("divisé par deux", "factor", 2.0, "down"),
        ("by a factor of 88", "factor", 88.0, ""),
    ],
)
def test_shares_and_changes_in_words(text: str, kind: str, value: float, noun: str) -> None:
    (found,) = scan(text)
    assert (found.kind, found.noun) == (kind, noun)
    assert found.value == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "tens of megawatts, several thousand litres, hundreds of homes",
        "in hall two, the first half, a third party, the second quarter, one of them",
        "no one, a one-off, doubling time, a ton of work, twice a year",
        "in the 1990s, Llama 3, version 2.1, at 5 p.m., on pages 3-5",
    ],
)
def test_words_that_are_no_figures(text: str) -> None:
    assert scan(text) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("24.69, 14.6 and 11.2 tonnes", [24_690, 14_600, 11_200]),
        ("24, 30, 26 and 17 g", [0.024, 0.03, 0.026, 0.017]),
        ("from 310 to 434 kg", [310, 434]),
        ("310 kg, up from 280", [310, 280]),
        ("9.8 million kg, of which 5.2 million burn", [9.8e6, 5.2e6]),
        ("from 4.7 to 6.4 million kg", [4.7e6, 6.4e6]),
    ],
)
def test_a_unit_that_is_printed_once_is_of_all(text: str, values: list[float]) -> None:
    found = scan(text)
    assert {one.kind for one in found} == {"mass"}
    assert [one.value for one in found] == pytest.approx(values)


def test_a_unit_is_not_that_of_another_quantity() -> None:
    for text in ("a PUE of 1.2 and 300 W", "expand to twelve, or 960 MW", "the ratio was 1.24 last year"):
        assert (scan(text)[0].kind, scan(text)[0].noun) == ("number", ""), text


def test_bounds_and_hedges() -> None:
    def told(text: str) -> tuple[bool, str]:
        return scan(text)[0].hedged, scan(text)[0].bound

    assert {told(f"{words} 5 kWh") for words in ("more than", "at least", "mehr als", "au moins")} == {(True, "least")}
    assert {told(f"{words} 5 kWh") for words in ("nearly", "a shade under", "up to", "knapp")} == {(True, "most")}
    assert {told(f"{words} 5 kWh") for words in ("about", "etwa", "environ", "~")} == {(True, "")}
    assert told("5 kWh or more") == (True, "least")
    assert {told(text) for text in ("spread over 6 years", "the 5 kWh", "with 5 kWh")} == {(False, "")}


def test_cents_are_of_the_currency_of_the_document() -> None:
    def money(text: str) -> list[Amount]:
        return [one for one in document(text, form="markdown").amounts() if one.kind == "money"]

    assert [one.unit for one in money("It costs $5, at 12 cents per kWh.")] == ["USD", "USD"]
    assert [one.unit for one in money("It costs 5 euros, at 12 cents per kWh.")] == ["EUR", "EUR"]
    assert [one.unit for one in money("At 27p per kWh it is 300 pounds.")] == ["GBP", "GBP"]


def test_numbers_count_what_is_named_behind_them() -> None:
    text = "4,100 permitted diesel units, 23 data centers, 14 LED bulbs, 475,000 retail customers, three companies"
    assert [one.noun for one in scan(text)] == ["unit", "data centre", "bulb", "person", "company"]
