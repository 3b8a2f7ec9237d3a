"""Processors, phones and boards: laws, published figures, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.errors import ConfigError, FactNotFound
from joulebook.estimate.chip import chip
from joulebook.estimate.serve.device import classified, is_small, language
from joulebook.facts.catalog import Catalog


@pytest.fixture(scope="module")
def catalog():
    return Catalog.open(own=False)


@pytest.fixture(scope="module")
def board(catalog):
    return chip("Raspberry Pi 5", catalog)


@given(params=st.floats(1e8, 7e9), out=st.floats(1, 1e4), read=st.floats(1, 1e4))
def test_a_device_draws_between_idle_and_somewhat_above_rated(catalog, board, params, out, read):
    found = language(board, catalog, params=params, tokens_in=read, tokens_out=out)
    watts = found.joules.value / found.seconds.value
    assert board.idle.low <= watts <= board.tdp.high * 1.05
    assert found.joules.high > found.joules.value > found.joules.low > 0


@given(params=st.floats(1e8, 3e9))
def test_more_weights_tokens_or_bits_take_longer(catalog, board, params):
    one = language(board, catalog, params=params, tokens_out=10).seconds.value
    assert language(board, catalog, params=1.5 * params, tokens_out=10).seconds.value > one
    assert language(board, catalog, params=params, tokens_out=20).seconds.value > one
    assert language(board, catalog, params=params, tokens_out=10, precision="int8").seconds.value > one


@given(batch=st.sampled_from([1, 2, 8, 64]))
def test_a_batch_is_never_slower_for_each_image(catalog, batch):
    card = chip("Jetson Orin Nano", catalog)
    one, many = (classified(card, catalog, model="ResNet-50", batch=number).seconds.value for number in (1, batch))
    assert many / batch <= one * 1.000001


PUBLISHED = [
    # tokens per second of a 7B model in 4 bits, by reports of llama.cpp's users
    ("Apple M2", 6.74e9, 21.9),  # its table of Apple silicon, discussion 4167
    ("Apple M1", 6.74e9, 14.2),
    ("Raspberry Pi 5", 6.74e9, 2.0),
    ("Raspberry Pi 4B", 6.74e9, 0.75),
]


@pytest.mark.parametrize(("device", "params", "rate"), PUBLISHED)
def test_reported_rates_are_within_the_interval(catalog, device, params, rate):
    found = language(chip(device, catalog), catalog, params=params)
    assert 1 / found.seconds.high <= rate <= 1 / found.seconds.low


def test_processors_phones_and_boards_are_small_and_servers_are_not(catalog):
    words = ("EPYC 9654", "Raspberry Pi 4B", "Apple M2", "Jetson Orin Nano", "Snapdragon 8 Gen 3", "H100", "B200")
    assert [is_small(chip(word, catalog)) for word in words] == [True] * 5 + [False] * 2


def test_a_card_without_bandwidth_says_what_is_taken_and_takes_what_is_given(catalog):
    card = chip("EPYC 9654", catalog)
    assumed = language(card, catalog, params=8e9)
    assert any("give bandwidth" in text for text in assumed.warnings)
    given_ = language(card, catalog, params=8e9, bandwidth=460)
    assert not any("give bandwidth" in text for text in given_.warnings)
    assert given_.seconds.high / given_.seconds.low < assumed.seconds.high / assumed.seconds.low


def test_what_does_not_fit_or_is_unknown_is_refused(catalog, board):
    with pytest.raises(ConfigError, match="do not fit"):
        language(board, catalog, params=70e9)
    with pytest.raises(ConfigError, match="precision"):
        language(board, catalog, params=1e9, precision="int3.7")
    with pytest.raises(ConfigError, match="give model"):
        classified(board, catalog)
    with pytest.raises(FactNotFound, match="give flop"):
        classified(board, catalog, model="NoSuchNet")
    with pytest.raises(ConfigError, match="flop"):
        classified(board, catalog, flop=float("nan"))
