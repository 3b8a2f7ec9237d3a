"""What holds of every estimate, whatever is asked: more work is more energy, and prices multiply."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import joulebook as jb
from joulebook.account.terms import Statement
from joulebook.estimate.chip import chip
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Quantity

CATALOG = Catalog.open(own=False)
VALID = Draft202012Validator(json.loads(files("joulebook.report").joinpath("schema/statement-1.json").read_text()))
few = settings(max_examples=15, deadline=None)
trained_on = st.sampled_from(("H100", "A100", "V100", "TPU v4", "MI300X", "B200", "H800", "RTX 4090", "P100"))
served_on = st.sampled_from(("H100", "A100", "B200", "MI300X", "H200", "L40S"))
sizes = st.floats(1e8, 1e12)
counts = st.integers(8, 8192)


def of_figures(statement: Statement) -> Iterator[Quantity]:
    """Every figure and rate that is an amount of something."""
    for name in ("duration", "device_hours", "it_energy", "energy", "carbon", "water", "cost", "cost_hire"):
        found = getattr(statement, name)
        if found is not None:
            yield found
    yield from statement.rates.values()


def energy(statement: Statement) -> float:
    assert statement.it_energy is not None
    return statement.it_energy.value


ASKED = {
    "dense": lambda: jb.estimate.training(device="H100", count=64, params="7B", tokens="1T", region="FR"),
    "experts": lambda: jb.estimate.training(device="TPU v4", count=64, params="671B", active="37B", tokens="1T"),
    "adapters": lambda: jb.estimate.training(device="A100", count=8, from_base="8B", tokens="100M", lora=True),
    "in euro": lambda: jb.estimate.training(device="V100", hours=100, currency="EUR"),
    "several servers": lambda: jb.estimate.serving(device="H800", model="DeepSeek-V3", count=32, task="chat"),
    "chat": lambda: jb.estimate.serving(device="H100", params="8B", site="gcp"),
    "arriving": lambda: jb.estimate.serving(device="B200", params="235B", active="22B", rate=20, task="chat"),
    "board": lambda: jb.estimate.serving(device="Raspberry Pi 5", params="1B", task="chat"),
    "image": lambda: jb.estimate.serving(kind="image", model="sdxl", device="H100"),
    "classify": lambda: jb.estimate.serving(kind="classify", model="ResNet-50", device="V100"),
    "search": lambda: jb.estimate.search(device="H100", hours="8..12", space={"lr": 5, "b": 3}, early_stopping="asha"),
}


@pytest.mark.parametrize("kind", ASKED)
def test_every_interval_holds_its_value_and_every_statement_its_schema(kind: str) -> None:
    statement = ASKED[kind]()
    for one in (statement, *statement.alternatives):
        assert not list(VALID.iter_errors(json.loads(json.dumps(one.as_dict(), allow_nan=False))))
        for figure in of_figures(one):
            assert 0 <= figure.low <= figure.value <= figure.high, figure


@few
@given(trained_on, sizes, st.floats(1e9, 1e14), st.floats(1.01, 100), counts)
def test_more_tokens_take_more_energy_in_proportion(
    device: str, size: float, tokens: float, more: float, count: int
) -> None:
    less, longer = (
        jb.estimate.training(device=device, count=count, params=size, tokens=seen) for seen in (tokens, tokens * more)
    )
    assert isclose(energy(longer) / energy(less), more, rel_tol=1e-6)


@few
@given(trained_on, sizes, counts)
def test_twice_the_devices_take_half_the_time_and_about_the_same_energy(device: str, size: float, count: int) -> None:
    one, two = (jb.estimate.training(device=device, count=n, params=size, tokens="1T") for n in (count, 2 * count))
    assert one.duration is not None
    assert two.duration is not None
    assert 0.5 <= two.duration.value / one.duration.value < 0.6
    assert 1 <= energy(two) / energy(one) < 1.2


@few
@given(st.sampled_from(("H100", "A100", "V100", "MI300X", "B200", "P100")), sizes, counts, st.floats(0.1, 1e4))
def test_accelerators_draw_no_more_than_they_are_rated_for(device: str, size: float, count: int, hours: float) -> None:
    asked = jb.estimate.training(
        device=device, count=count, params=size, flop=1e15 * count * hours, hours=hours, boundary="accelerator"
    )
    rated = chip(device, CATALOG).tdp
    assert rated is not None
    assert energy(asked) <= rated.value * count * hours * 3600


@few
@given(served_on, st.floats(5e8, 3e11), st.integers(1, 7))
def test_a_larger_batch_takes_less_of_each_token(device: str, size: float, doublings: int) -> None:
    one, more = (
        jb.estimate.serving(device=device, params=size, batch=batch, tokens_in=100, tokens_out=100).rates
        for batch in (1, 2**doublings)
    )
    token = "accelerator_energy_per_token"
    assert more[token].value < one[token].value
    assert more["latency"].value >= one["latency"].value


@few
@given(served_on, st.floats(5e8, 3e11), st.sampled_from(("bf16", "fp8", "int4")))
def test_a_token_takes_no_less_time_than_reading_the_weights(device: str, size: float, precision: str) -> None:
    asked = jb.estimate.serving(
        device=device, params=size, precision=precision, batch=1, tokens_in=100, tokens_out=100, host=0
    )
    card = chip(device, CATALOG)
    assert card.bandwidth is not None
    assert asked.duration is not None
    bytes_each = {"bf16": 2.0, "fp8": 1.0, "int4": 0.5}[precision]
    devices = asked.device_hours.value / asked.duration.to("h").value if asked.device_hours is not None else 1
    reading = size * bytes_each / (card.bandwidth.value * 1e9 * devices)
    assert asked.rates["time_per_token"].value > reading
    assert card.tdp is not None
    power = asked.rates["accelerator_power"]
    assert power.high <= card.tdp.high * (1 + 1e-6)
    assert asked.rates["accelerator_energy_per_token"].value > reading * devices * 0.1 * card.tdp.value


@few
@given(served_on, st.floats(5e8, 3e11), st.floats(2, 1000))
def test_so_many_requests_take_so_many_times_as_much(device: str, size: float, number: float) -> None:
    one, many = (jb.estimate.serving(device=device, params=size, task="chat", requests=asked) for asked in (1, number))
    assert isclose(energy(many) / energy(one), number, rel_tol=1e-9)
    assert isclose(many.rates["energy_per_request"].value, one.rates["energy_per_request"].value, rel_tol=1e-9)


@few
@given(st.floats(1, 3), st.floats(1, 2000), st.floats(0.01, 5))
def test_overhead_intensity_and_price_multiply(pue: float, intensity: float, price: float) -> None:
    asked = jb.estimate.training(
        device="H100", count=8, hours=10, device_power=500, pue=pue, intensity=intensity, price=f"{price!r} USD/kWh"
    )
    assert asked.energy is not None
    assert asked.carbon is not None
    assert asked.cost is not None
    assert isclose(asked.energy.to("kWh").value, 40 * pue, rel_tol=1e-12)
    assert isclose(asked.carbon.to("gCO2e").value, 40 * pue * intensity, rel_tol=1e-12)
    assert isclose(asked.cost.value, 40 * pue * price, rel_tol=1e-12)


@few
@given(st.integers(1, 500), st.integers(2, 5))
def test_more_trials_take_more(trials: int, more: int) -> None:
    few_, many = (jb.estimate.search(device="H100", hours=5, trials=number) for number in (trials, trials * more))
    assert energy(few_) < energy(many) < more * energy(few_)
