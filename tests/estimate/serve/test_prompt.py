"""Prompts of services: laws of the composition, and what providers and others published of theirs."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.errors import ConfigError
from joulebook.estimate.chip import chip
from joulebook.estimate.serve.device import classified
from joulebook.estimate.serve.diffusion import Wanted, drawn
from joulebook.estimate.serve.prompt import Prompt, composed, prompted
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Basis, Quantity

CATALOG = Catalog.open(own=False)
WH = 3600.0


def _joules(value, low=None, high=None):
    return Quantity.of(value, "J", low=low, high=high, basis=Basis.REPORTED, source="test")


# -- laws ----------------------------------------------------------------------------------------------------------


@given(joules=st.floats(1e-3, 1e6), host=st.floats(0.01, 3), idle=st.floats(0.01, 0.95), pue=st.floats(1.0, 3.0))
def test_the_parts_add_up_to_machines_times_pue(joules, host, idle, pue):
    found = composed(_joules(joules), CATALOG, host=host, idle=idle, pue=pue)
    machines = joules * (1 + host) / (1 - idle)
    assert found.total().value == pytest.approx(machines * pue)
    assert found.idle.value == pytest.approx(idle * machines)


@given(joules=st.floats(1e-3, 1e6))
def test_a_service_of_which_nothing_is_said_is_the_published_ratio(joules):
    found = composed(_joules(joules), CATALOG)
    assert found.total().value / joules == pytest.approx(2.4, rel=0.02)
    assert found.host.value > found.idle.value > 0


def test_gemini_by_its_own_shares():
    """0.14 + 0.06 + 0.02 + 0.02 = 0.24 Wh (Elsworth et al. 2025)."""
    found = composed(_joules(0.14 * WH), CATALOG, host=0.06 / 0.14, idle=0.02 / 0.22, pue=0.24 / 0.22)
    parts = [part.value / WH for part in found]
    assert parts == pytest.approx([0.14, 0.06, 0.02, 0.02], abs=1e-9)


@given(active=st.floats(1e9, 2e11), more=st.floats(1.2, 5))
def test_a_larger_model_or_a_longer_answer_takes_more(active, more):
    card = chip("H100", CATALOG)

    def joules(**asked):
        known = {"tokens_in": 100, "tokens_out": 100, "batch": 8, "weight_bytes": 1} | asked
        return prompted(Prompt(**known), card, CATALOG).value

    one = joules(active=active)
    assert joules(active=active * more) > one
    assert joules(active=active, tokens_out=100 * more) > one
    assert joules(active=active, batch=8 * more) < one


def test_what_contradicts_itself_is_refused():
    card = chip("H100", CATALOG)
    with pytest.raises(ConfigError, match="more than params"):
        prompted(Prompt(active=2e11, params=1e11), card, CATALOG)
    with pytest.raises(ConfigError, match="active is not"):
        prompted(Prompt(params=1e11), card, CATALOG)
    with pytest.raises(ConfigError, match="idle"):
        composed(_joules(1.0), CATALOG, idle=1.5)


# -- published -----------------------------------------------------------------------------------------------------


class Case(NamedTuple):
    """A published figure, and what was known when it was published."""

    name: str
    published: float
    """Wh of one prompt, query, answer or image."""
    device: str
    prompt: Prompt | None
    service: dict[str, object] | None
    """What is said of hosts, idle machines and building; None where accelerators alone are meant."""


EPOCH = {"active": 100e9, "params": 400e9}
NODE = {"idle": (0.3, 0.88)}
"""A node of eight devices of which one works, metered whole: up to 7 of 8 wait."""
SERVICES = [
    Case("Gemini, comprehensive (Elsworth 2025)", 0.24, "TPU v4", Prompt(), {"pue": 1.09}),
    Case("Gemini, active accelerators (Elsworth 2025)", 0.10, "TPU v4", Prompt(), None),
    Case("ChatGPT, average query (Altman 2025)", 0.34, "H100", Prompt(), {}),
    Case("GPT-4o, 500 tokens (Epoch AI 2025)", 0.3, "H100", Prompt(**EPOCH, tokens_in=(50, 500), tokens_out=500), {}),
    Case("GPT-4o, 10,000 tokens in (Epoch AI 2025)", 2.5, "H100", Prompt(**EPOCH, tokens_in=1e4, tokens_out=500), {}),
    Case("GPT-4o, 100,000 tokens in (Epoch AI 2025)", 40, "H100", Prompt(**EPOCH, tokens_in=1e5, tokens_out=500), {}),
    Case(
        "BLOOM, 230,768 requests in 18 days (Luccioni 2022)",
        3.96,
        "A100-SXM4-40GB",
        Prompt(active=176e9, tokens_in=(20, 500), tokens_out=(20, 200), batch=(1, 4), weight_bytes=2),
        {"idle": (0.7, 0.8), "pue": 1.1},
    ),
    Case(
        "EXAONE 4.0 32B, reasoning (AI Energy Score 2025)",
        18.99,
        "H100",
        Prompt(active=32e9, tokens_in=(50, 500), tokens_out=(1500, 15_000), batch=1, weight_bytes=2),
        None,
    ),
    Case(
        "distilgpt2 (AI Energy Score 2025)",
        0.00131,
        "H100",
        Prompt(active=82e6, tokens_in=(100, 600), tokens_out=10, batch=1, weight_bytes=2),
        None,
    ),
    Case(
        "text generation, mean of 8 models (Luccioni 2024)",
        0.047,
        "A100-SXM4-80GB",
        Prompt(active=(0.1e9, 7e9), tokens_in=(50, 500), tokens_out=(10, 20), batch=1, weight_bytes=(2, 4)),
        NODE,
    ),
]
CLASSIFIED = [
    ("text classification, mean of 8 models (Luccioni 2024)", 0.002, (5e9, 2e11)),
    ("image classification, mean of 8 models (Luccioni 2024)", 0.007, (8e9, 2e11)),
    ("object detection, mean of 8 models (Luccioni 2024)", 0.038, (5e10, 1e12)),
]


def estimates():
    """Name, published Wh and the estimate in J of every figure that a provider or a study published."""
    found = []
    for case in SERVICES:
        joules = prompted(case.prompt, chip(case.device, CATALOG), CATALOG)
        whole = joules if case.service is None else composed(joules, CATALOG, **case.service).total()
        found.append((case.name, case.published, whole))
    node = chip("A100-SXM4-80GB", CATALOG)
    for name, published, flop in CLASSIFIED:
        found.append((name, published, composed(classified(node, CATALOG, flop=flop).joules, CATALOG, **NODE).total()))
    image = drawn(Wanted(model="SDXL"), node, CATALOG)
    found.append(("image generation (Luccioni 2024), as SDXL", 2.907, composed(image.joules, CATALOG, **NODE).total()))
    return found


def test_nine_of_ten_published_figures_are_within_the_interval():
    found = estimates()
    held = [one.low <= wh * WH <= one.high for _, wh, one in found]
    assert len(found) >= 14
    assert sum(held) >= 0.9 * len(held), [name for (name, _, _), within in zip(found, held, strict=True) if not within]


def test_no_interval_is_infinitely_wide_and_what_is_known_narrows_it():
    widths = {name: one.high / one.low for name, _, one in estimates()}
    assert max(widths.values()) < 100, widths
    assert widths["GPT-4o, 10,000 tokens in (Epoch AI 2025)"] < 0.2 * widths["ChatGPT, average query (Altman 2025)"]


def test_the_middle_is_within_a_factor_of_three_for_most():
    factors = sorted(max(one.value / WH / wh, wh * WH / one.value) for _, wh, one in estimates())
    assert factors[len(factors) // 2] < 3
