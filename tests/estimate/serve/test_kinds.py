"""Kinds of requests: what is meant, what belongs to which, text on small devices."""

from __future__ import annotations

import pytest

from joulebook.errors import ConfigError
from joulebook.estimate.chip import chip
from joulebook.estimate.serve.kinds import kind_of, pictured, small_work
from joulebook.estimate.serve.pictures import KINDS
from joulebook.estimate.stated import stated
from joulebook.facts.catalog import Catalog

CATALOG = Catalog.open(own=False)
PLACE = {"catalog": CATALOG, "region": "FR"}


def test_text_is_meant_unless_another_kind_is_said():
    assert kind_of("", {"model": "Qwen3-8B"}) == "text"
    assert [kind_of(kind, {}) for kind in KINDS] == list(KINDS)
    with pytest.raises(ConfigError, match="say which kind"):
        kind_of("", {"steps": 50})
    with pytest.raises(ConfigError, match="one of text"):
        kind_of("poem", {})


def test_a_picture_has_rates_for_each_of_several():
    found = pictured("image", {"model": "SDXL", "device": "H100", "requests": 10, "batch": 2}, PLACE)
    assert found.rates["energy_per_image"].value == pytest.approx(found.energy.value / 10)
    assert found.rates["carbon_per_image"].value == pytest.approx(found.carbon.value / 10)
    with pytest.raises(ConfigError, match="tokens_out: of text alone"):
        pictured("image", {"model": "SDXL", "device": "H100", "tokens_out": 5}, PLACE)


def test_a_phone_answers_one_request_at_a_time():
    card = chip("Snapdragon 8 Gen 3", CATALOG)
    work = small_work(CATALOG, card, {"params": 3e9, "tokens_in": 100, "tokens_out": 200, "requests": 4})
    statement = stated(work, PLACE)
    assert statement.it_energy.value == pytest.approx(4 * work.rates["accelerator_energy_per_request"].value)
    assert any("4 bits" in text for text in statement.warnings)
    with pytest.raises(ConfigError, match="one request at a time"):
        small_work(CATALOG, card, {"params": 3e9, "tokens_out": 200, "rate": 3})
    with pytest.raises(ConfigError, match="give tokens_out"):
        small_work(CATALOG, card, {"params": 3e9})
    with pytest.raises(ConfigError, match="do not fit"):
        small_work(CATALOG, card, {"params": 70e9, "tokens_out": 200})
