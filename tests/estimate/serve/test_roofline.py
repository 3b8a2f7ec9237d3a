"""Laws of a step of a language model: what more of anything does, and the limits that nothing passes."""

from __future__ import annotations

from math import isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import joulebook as jb
from joulebook.estimate.serve.language import coefficients
from joulebook.estimate.serve.model import known
from joulebook.estimate.serve.roofline import Architecture, Device, Load, prompt_flop, read_weights, times, watts
from joulebook.facts.catalog import Catalog

CATALOG = Catalog.open(own=False)
BY = coefficients(CATALOG)
DEVICES = st.builds(
    lambda rated, idle, bandwidth, peak: Device(rated, idle * rated, bandwidth, peak),
    st.floats(40, 1500),
    st.floats(0.03, 0.4),
    st.floats(1e11, 2e13),
    st.floats(2e13, 1e16),
)


@st.composite
def models(draw: st.DrawFn) -> Architecture:
    total = 10 ** draw(st.floats(9, 12))
    sparse = draw(st.booleans())
    layers = draw(st.integers(8, 130))
    return Architecture(
        total=total,
        active=total * (draw(st.floats(0.03, 0.7)) if sparse else 1.0),
        layers=layers,
        hidden=draw(st.integers(1000, 16000)),
        cached=layers * draw(st.sampled_from([512, 1024, 2048, 4096])),
        heads=draw(st.sampled_from([1, 2, 4, 8, 16])),
        experts=256 if sparse else 0,
        chosen=8 if sparse else 0,
    )


LOADS = st.tuples(
    st.floats(1, 4096),
    st.floats(1, 32_000),
    st.floats(1, 32_000),
    st.sampled_from([1.0, 2.0, 4.0, 8.0, 72.0]),
    st.sampled_from([0.5625, 1.0, 2.0]),
).map(lambda drawn: Load(*drawn))


@given(models(), DEVICES, LOADS)
def test_a_step_takes_time_and_no_more_than_rated_power(model: Architecture, device: Device, load: Load) -> None:
    spent = times(BY, model, device, load)
    assert all(isfinite(part) and part >= 0 for part in spent)
    assert device.idle < watts(BY, device, spent) <= device.rated * (1 + 1e-12)


@given(models(), DEVICES, LOADS)
def test_weights_are_never_read_faster_than_memory_gives_them(model: Architecture, device: Device, load: Load) -> None:
    read = read_weights(model, load.batch) * load.weight_bytes / load.devices
    assert times(BY, model, device, load).total() >= read / device.bandwidth


@given(models(), DEVICES, LOADS, st.sampled_from(["batch", "tokens_in", "media", "pace"]))
def test_more_to_do_never_takes_less_time(model: Architecture, device: Device, load: Load, field: str) -> None:
    more = load._replace(**{field: 1.5 * getattr(load, field) + 1e-3})
    assert times(BY, model, device, more).total() >= times(BY, model, device, load).total() * (1 - 1e-12)


@given(models(), DEVICES, LOADS)
def test_a_larger_batch_costs_no_more_time_for_each_request(model: Architecture, device: Device, load: Load) -> None:
    double = load._replace(batch=2 * load.batch)
    assert times(BY, model, device, double).total() / 2 <= times(BY, model, device, load).total() * (1 + 1e-9)


@given(models(), st.floats(0, 5000), st.floats(0, 5000))
def test_experts_that_are_read_lie_between_those_of_a_token_and_all(
    model: Architecture, one: float, other: float
) -> None:
    low, high = sorted([one, other])
    assert read_weights(model, low) <= read_weights(model, high) * (1 + 1e-12) <= model.total * (1 + 1e-9)


@given(models(), DEVICES, LOADS)
@settings(max_examples=50)
def test_a_host_that_sets_the_pace_is_waited_for(model: Architecture, device: Device, load: Load) -> None:
    own = times(BY, model, device, load)
    slow = times(BY, model, device, load._replace(pace=20 * own.total()))
    assert slow.total() == pytest.approx(20 * own.total(), rel=0.01)
    assert watts(BY, device, slow) < watts(BY, device, own) or own.wait > 0.9 * own.total()


def test_attention_makes_long_prompts_dearer_than_their_length() -> None:
    model = Architecture(8e9, 8e9, 32, 4096, 32 * 2048, 8)
    assert prompt_flop(model, 64_000) > 2.5 * prompt_flop(model, 32_000)
    windowed = model._replace(windowed=model.cached, window=1024)
    assert prompt_flop(windowed, 64_000) < prompt_flop(model, 64_000)


def test_a_window_and_a_state_keep_the_cache_small() -> None:
    whole = Architecture(8e9, 8e9, 32, 4096, 32 * 2048, 8)
    half = whole._replace(cached=16 * 2048, windowed=16 * 2048, window=1024)
    assert half.cache_bytes(512) == whole.cache_bytes(512)
    assert half.cache_bytes(100_000) < 0.6 * whole.cache_bytes(100_000)
    assert whole._replace(state=1e6).cache_bytes(0) == 4e6


def test_attention_in_copies_divides_the_cache_of_a_latent_between_all_devices() -> None:
    model, by, card = known(CATALOG, "DeepSeek-V3").architecture, BY, Device(700, 100, 3.35e12, 1.979e15)
    load = Load(batch=9600, tokens_in=2000, tokens_out=1000, devices=96, weight_bytes=1.0)
    one, copies = (times(by, model, card, load._replace(attentions=number)) for number in (1.0, 96.0))
    assert copies.cache == pytest.approx(one.cache / 96)
    assert copies.total() < one.total() / 5
    assert copies.memory > one.memory  # what all experts share is held once more on every device


def test_a_model_on_many_servers_is_within_the_range_of_what_was_published() -> None:
    # DeepSeek-AI, open-infra-index day 6 (2025): 608e9 tokens of prompts, 342e9 of them cached, and 168e9 of answers in a
    # day on 226.75 servers of eight H800 on average.
    asked = jb.estimate.serving(
        model="DeepSeek-V3", device="H800", count=144, tokens_in=2200, tokens_out=1390, batch=18_000, host=0
    )
    tokens = 168e9 / 86_400 / 226.75 * 18
    assert asked.duration is not None
    assert 1390 / asked.duration.to("s").high < tokens < 1390 / asked.duration.to("s").low
    assert any("more than 8" in warning for warning in asked.warnings)
