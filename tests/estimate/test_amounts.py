"""What people type, and what it means: the same amount however it is written, and one clear line otherwise."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

import joulebook as jb
from joulebook.account.terms import Statement
from joulebook.errors import ConfigError
from joulebook.estimate.amounts import amount
from joulebook.quantity import Quantity
from joulebook.units import UNITS

positive = st.floats(1e-6, 1e16)


@given(positive, st.sampled_from(("k", "M", "B", "T", " thousand", " million", " billion", " trillion", "b", "t", "m")))
def test_a_multiple_is_one_however_it_is_written(number: float, multiple: str) -> None:
    scale = {"k": 1e3, "t": 1e3, "m": 1e6, "M": 1e6, "b": 1e9, "B": 1e9, "T": 1e12}
    word = multiple.strip()
    expected = scale[word[0]] if word in ("thousand", "million", "billion", "k", "M", "m", "b", "B") else 1e12
    assert isclose(amount("params", f"{number!r}{multiple}", "1").value, number * expected, rel_tol=1e-12)


@given(positive)
def test_numbers_of_all_kinds_are_the_same_amount(number: float) -> None:
    same = [number, repr(number), Decimal(number), Fraction(number), Quantity.exact(number, "h"), f"{number!r} h"]
    assert {amount("hours", one, "h").value for one in same} == {number}  # type: ignore[arg-type]


@given(positive, positive)
def test_a_range_is_the_same_as_a_tuple_a_list_and_a_text(one: float, other: float) -> None:
    low, high = sorted((one, other))
    made = [amount("hours", asked, "h") for asked in ((low, high), [low, high], f"{low!r}..{high!r}")]  # type: ignore[list-item]
    assert len({(found.value, found.low, found.high) for found in made}) == 1
    assert made[0].low <= made[0].value <= made[0].high or low == high
    assert isclose(made[0].value, sqrt(low * high), rel_tol=1e-9)


@given(st.text(max_size=12), st.sampled_from(sorted(UNITS)))
def test_any_text_is_an_amount_or_a_clear_error(text: str, symbol: str) -> None:
    said, found = "", None
    try:
        found = amount("name", text, symbol)
    except ConfigError as error:
        said = str(error)
    assert (found is None) == said.startswith("name = ")
    assert "\n" not in said
    assert found is None or (found.low > 0 and found.unit.symbol == symbol)


@pytest.mark.parametrize(
    ("name", "text", "symbol", "value"),
    [
        ("hours", "3 days", "h", 72),
        ("hours", "3d", "h", 72),
        ("hours", "2 weeks", "h", 336),
        ("hours", "90 min", "h", 1.5),
        ("params", "7,000,000,000", "1", 7e9),
        ("params", "7_000_000_000", "1", 7e9),
        ("tokens", "1.4T tokens", "1", 1.4e12),
        ("tokens_out", "250 tokens", "token", 250),
        ("batch", "32 requests", "request", 32),
        ("count", "8 GPUs", "device", 8),
        ("pue", "120%", "1", 1.2),
        ("busy", "30 percent", "1", 0.3),
        ("device_power", "0.5kW", "W", 500),
        ("power", "2MW", "W", 2e6),
        ("params", "7..8B", "1", sqrt(56) * 1e9),
        ("params", "7e9..8B", "1", sqrt(56) * 1e9),
    ],
)
def test_what_people_write(name: str, text: str, symbol: str, value: float) -> None:
    assert isclose(amount(name, text, symbol).value, value, rel_tol=1e-12)


@pytest.mark.parametrize(
    ("asked", "symbol", "said"),
    [
        ("٧", "1", "65B"),
        ("7,0", "1", "65B"),
        ("", "h", "a number of h"),
        ("2..1", "h", "the lower end of a range first"),
        ((2, 1), "h", "the lower end of a range first"),
        ((None, 1), "h", "a number of h"),
        (True, "h", "a number of h"),
        (10**400, "h", "a number of h"),
        ("5 parsec", "h", "s, ms, min, h, d, y"),
        ("5 kg", "1", "without a unit"),
        ("5 requests", "1", "without a unit"),
        ("-1", "h", "above 0"),
        ("1e30", "h", "at most"),
    ],
)
def test_what_is_no_amount_is_told_with_what_would_be(asked: object, symbol: str, said: str) -> None:
    with pytest.raises(ConfigError, match="what = ") as refused:
        amount("what", asked, symbol)  # type: ignore[arg-type]
    assert said in str(refused.value)
    assert len(str(refused.value)) < 200 + len(repr(asked))


@pytest.mark.parametrize("door", [jb.estimate.training, jb.estimate.serving, jb.estimate.search, jb.plan.choose])
def test_a_name_that_means_nothing_is_told_with_the_nearest(door: Callable[..., Statement]) -> None:
    needed = {"devices": ["H100"], "counts": [8]} if door is jb.plan.choose else {"device": "H100"}
    with pytest.raises(ConfigError, match=r"did you mean: (count|params)"):
        door(**needed, hours=3, cuonts=8) if door is not jb.estimate.serving else door(**needed, parms="8B")


@pytest.mark.parametrize("odd", [{"device": 100}, {"region": 7}, {"site": 7}, {"currency": 3}])
def test_names_are_texts(odd: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(odd))):
        jb.estimate.training(**{"device": "H100", "hours": 3, **odd})  # type: ignore[arg-type]


@pytest.mark.parametrize("price", ["2", "$2", "2 $/h", "2 USD/GPU-hour", "2 USD/device-h", "2 USD"])
def test_a_price_of_an_hour_as_people_write_it(price: str) -> None:
    asked = jb.estimate.training(device="H100", count=8, hours=10, price=price)
    assert asked.cost is not None
    assert isclose(asked.cost.value, 160)


@pytest.mark.parametrize("price", ["-1", "2 GBP/h", Quantity.exact(2, "kWh"), Quantity.exact(-2, "USD/device-h")])
def test_what_is_no_price(price: str | Quantity) -> None:
    with pytest.raises(ConfigError, match="price"):
        jb.estimate.training(device="H100", count=8, hours=10, price=price)


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ({"device_power": 5000}, "times the rated 700 W"),
        ({"device_power": 0.7}, "is it in kW"),
        ({"power": 5.6}, "in kW"),
        ({"power": 1e6}, "not of this job"),
        ({"count": 10**7}, "more than one training"),
        ({"hours": None, "params": "7B", "tokens": "1T", "utilisation": 0.0035}, "below 0.01"),
        ({"hours": None, "params": "7B", "tokens": "1T", "peak": 0.989}, "check the unit"),
    ],
)
def test_a_slip_is_a_warning_that_names_the_cure(odd: dict[str, float], said: str) -> None:
    asked = jb.estimate.training(**{"device": "H100", "count": 8, "hours": 10, **odd})  # type: ignore[arg-type]
    assert any(said in warning for warning in asked.warnings)


@pytest.mark.parametrize("word", ["8xH100", "8 x H100", "H100 x 8"])
def test_several_devices_in_a_name_are_a_count(word: str) -> None:
    with pytest.raises(ConfigError, match="one device: H100, with count 8"):
        jb.estimate.training(device=word, hours=10)


def test_a_patch_is_no_larger_than_its_picture() -> None:
    with pytest.raises(ConfigError, match="larger than image"):
        jb.estimate.training(device="H100", params="86M", samples="1M", architecture="vit", image=224, patch=300)


def test_a_share_of_a_device_is_none() -> None:
    with pytest.raises(ConfigError, match="of at least 1"):
        jb.estimate.training(device="H100", count=0.5, hours=10)


def test_a_device_without_8_bits_computes_in_16() -> None:
    eight, sixteen = (
        jb.estimate.training(device="V100", count=64, params="7B", tokens="1T", precision=precision)
        for precision in ("fp8", "bf16")
    )
    assert any("8 bits" in warning for warning in eight.warnings)
    assert eight.energy is not None
    assert sixteen.energy is not None
    assert eight.energy.value == sixteen.energy.value
