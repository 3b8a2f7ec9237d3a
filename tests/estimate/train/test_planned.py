"""A training by its size: laws of time and power, ways to describe it, and what is caught."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import joulebook as jb
from joulebook.estimate.train.door import work_of
from joulebook.estimate.train.generations import chips_of, generation
from joulebook.facts.catalog import Catalog

CATALOG = Catalog.open()
LLAMA = {"device": "A100-SXM4-80GB", "count": 2048, "params": 65e9, "tokens": 1.4e12}


def work(**asked):
    return work_of(CATALOG, **asked)


def joules(found):
    return sum(part.energy.value for part in found.parts)


def test_a_published_training_is_within_its_interval():
    """LLaMA-65B took 1,022,362 device-hours (Touvron et al. 2023, arXiv 2302.13971, table 15)."""
    found = jb.estimate.training(**LLAMA)
    assert found.device_hours.low < 1_022_362 < found.device_hours.high
    assert found.device_hours.high / found.device_hours.low < 2.4
    assert found.energy.high / found.energy.low < 2.9
    assert len(found.sensitivity["energy"]) == 3
    assert {item.name for item in found.assumptions} >= {"utilisation a100", "own error of utilisation", "power share"}


@given(tokens=st.floats(1e9, 1e14), more=st.floats(1.01, 100))
def test_more_tokens_take_proportionally_more(tokens, more):
    one, other = (work(**{**LLAMA, "tokens": amount}) for amount in (tokens, tokens * more))
    assert other.duration.value / one.duration.value == pytest.approx(more)
    assert joules(other) / joules(one) == pytest.approx(more)


@given(params=st.floats(1e7, 1e11), more=st.floats(1.01, 30))
def test_a_larger_model_takes_longer_and_no_more_than_in_proportion(params, more):
    one, other = (work(device="H100", count=512, params=size, tokens=1e11) for size in (params, params * more))
    assert 1 < other.duration.value / one.duration.value <= more * 1.001


@given(count=st.integers(100, 20_000), more=st.integers(2, 8))
def test_more_devices_are_quicker_and_waste_a_little(count, more):
    one, other = (work(**{**LLAMA, "count": devices}) for devices in (count, count * more))
    assert other.duration.value < one.duration.value
    assert other.device_hours.value >= one.device_hours.value


def test_boundaries_hold_one_another():
    energies = [joules(work(**LLAMA, boundary=name)) for name in ("accelerator", "chips", "server", "cluster")]
    assert sorted(set(energies)) == energies
    assert "processors and memory of the servers" in work(**LLAMA, boundary="accelerator").not_included


def test_what_is_given_is_taken_as_it_is():
    found = jb.estimate.training(**LLAMA, utilisation=0.5, device_power=350)
    assert found.rates["utilisation"].value == 0.5
    assert found.device_hours.is_exact or found.device_hours.high / found.device_hours.low < 1.11
    assert found.it_energy.value == pytest.approx(found.device_hours.to("device-h").value * 350 * 3600)


def test_experts_adapters_and_narrow_arithmetic_change_the_operations():
    whole = work(device="H800", count=2048, params=671e9, tokens=1e12)
    experts = work(device="H800", count=2048, params=671e9, active=37e9, tokens=1e12)
    eight = work(device="H800", count=2048, params=671e9, active=37e9, tokens=1e12, precision="fp8")
    assert whole.duration.value > 10 * experts.duration.value > 10 * eight.duration.value
    full, adapted = (work(device="H100", count=8, from_base=8e9, tokens=1e8, lora=lora) for lora in (False, True))
    assert adapted.duration.value / full.duration.value == pytest.approx(4.03 / 6)


def test_long_sequences_take_more_and_short_ones_as_much():
    usual, short, long = (work(**LLAMA, context=tokens) for tokens in (2048, 512, 32_768))
    assert usual.duration.value == short.duration.value < long.duration.value < 2 * usual.duration.value


def test_corpus_and_epochs_are_tokens():
    once = work(**LLAMA).duration.value
    rest = {name: value for name, value in LLAMA.items() if name != "tokens"}
    assert work(**rest, corpus=0.7e12, epochs=2).duration.value == pytest.approx(once)


@pytest.mark.parametrize(
    ("asked", "operations"),
    [
        ({"architecture": "cnn", "flop_per_sample": 8.2e9, "samples": 1.28e6, "epochs": 90}, 3 * 8.2e9 * 1.28e6 * 90),
        ({"architecture": "vit", "params": 86e6, "image": 224, "samples": 1e6}, 6 * 86e6 * 197 * 1e6),
        ({"architecture": "dit", "params": 675e6, "image": 256, "samples": 1e6}, 6 * 675e6 * 256 * 1e6),
        ({"architecture": "unet", "params": 860e6, "image": 512, "samples": 1e6}, 0.6 * 860e6 * 4096 * 1e6),
        ({"architecture": "encoder", "params": 110e6, "samples": 1e6, "context": 512}, 6 * 110e6 * 512 * 1e6),
        ({"flop": 3e20}, 3e20),
    ],
)
def test_operations_by_architecture(asked, operations):
    found = work(device="A100-SXM4-80GB", count=8, utilisation=0.25, **asked)
    assert found.device_hours.to("device-h").value == pytest.approx(operations / (312e12 * 0.25 * 3600))


def test_convolutions_use_less_of_a_device():
    shape = {"params": 86e6, "flop_per_sample": 1e10, "samples": 1e6}
    vit, cnn = (work(device="A100-SXM4-80GB", count=8, architecture=kind, **shape) for kind in ("vit", "cnn"))
    assert 0.4 < cnn.rates["utilisation"].value / vit.rates["utilisation"].value < 0.8


def test_a_precedent_moves_the_estimate():
    plain, like = work(**LLAMA), work(**LLAMA, like="Falcon")
    assert like.duration.value < plain.duration.value
    assert work(**LLAMA, like="llama 3").duration.value > plain.duration.value


def test_fine_tuning_stands_beside_its_alternatives():
    found = jb.estimate.training(device="H100", count=8, from_base="8B", tokens="100M", lora=True)
    by_name = {one.name: one for one in found.alternatives}
    assert found.name == "adapters (LoRA)"
    assert list(by_name) == ["from scratch", "full fine-tuning", "reuse as it is"]
    assert by_name["from scratch"].energy.low > by_name["full fine-tuning"].energy.high > found.energy.value
    assert by_name["reuse as it is"].it_energy.value == 0


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"params": 7e9}, "tokens"),
        ({"params": 7e9, "tokens": 1e12, "hours": 10}, "above 1"),
        ({"params": 7e9, "tokens": 1e30}, "tokens"),
        ({"params": 7e9, "tokens": 0}, "tokens"),
        ({"params": float("nan"), "tokens": 1e9}, "params"),
        ({"params": 65, "tokens": 1e12}, "65B"),
        ({"params": 7e9, "active": 9e9, "tokens": 1e12}, "active"),
        ({"params": 7e9, "tokens": 1e12, "corpus": 1e12}, "corpus"),
        ({"params": 7e9, "tokens": 1e12, "peak": 1979}, "sparse"),
        ({"params": 7e9, "tokens": 1e12, "like": "no such family"}, "llama2"),
        ({"params": 7e9, "tokens": 1e12, "lora": True}, "from_base"),
        ({"params": 7e9, "tokens": 1e12, "precision": "int3"}, "bf16"),
        ({"params": 7e9, "tokens": 1e12, "boundary": "moon"}, "cluster"),
        ({"architecture": "cnn", "params": 25e6, "samples": 1e6}, "flop_per_sample"),
        ({"architecture": "vit", "params": 25e6, "samples": 1e6}, "image"),
    ],
)
def test_what_is_wrong_is_told(asked, says):
    with pytest.raises(jb.JoulebookError, match=says):
        jb.estimate.training(device="H100", **asked)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"device": "H100", "count": 8, "params": 7e9, "tokens": 1e12, "hours": 1e6}, "device-hours"),
        ({"device": "H100", "count": 8, "params": 1e9, "tokens": 1e12, "hours": 5000}, "distilled"),
        ({"device": "A100-SXM4-80GB", "count": 2048, "hours": 1_022_362}, "give 499.2 h"),
        ({"device": "A100-SXM4-80GB", "params": 65e9, "tokens": 1.4e12, "count": 4}, "larger count"),
        ({"device": "H100", "params": 70e9, "tokens": 1e12, "count": 4}, "adapters"),
        ({"device": "H100", "params": 700e9, "tokens": 1e12, "count": 8}, "count of 144 or more"),
        ({"device": "H100", "params": 70e9, "tokens": 1e12}, "16 devices are taken"),
        ({"device": "TPU v3", "count": 512, "params": 11e9, "tokens": 1e12}, "cores"),
        ({"device": "MI250X", "count": 1024, "params": 7e9, "tokens": 1e12}, "GCD"),
        ({"device": "H100", "count": 512, "params": 70e9, "tokens": 300}, "billions"),
    ],
)
def test_what_is_confused_is_asked_about(asked, says):
    assert any(says in warning for warning in jb.estimate.training(**asked).warnings)


def test_a_board_is_its_chips():
    assert chips_of("accelerator.google-tpu-v3-device") == 4
    chip, board = (work(device=name, count=8, hours=10) for name in ("TPU v3", "TPU v3 device"))
    assert joules(board) == pytest.approx(4 * joules(chip))


@pytest.mark.parametrize("device", ["TPU v5e", "Gaudi2", "MI300X", "B200", "H200", "RTX 4090", "AWS Trainium2", "K80"])
def test_devices_that_no_training_of_the_fit_ran_on_get_a_wider_range(device):
    known, other = (work(device=name, count=64, params=7e9, tokens=1e11) for name in ("A100-SXM4-80GB", device))
    assert 0.02 < other.rates["utilisation"].value < 0.85
    widths = [one.duration.high / one.duration.low for one in (known, other)]
    assert widths[1] > widths[0]


def test_a_device_that_nobody_knows_is_its_peak_and_its_power():
    found = work(count=8, params=7e9, tokens=1e11, peak=500, device_power=600)
    assert 0.1 < found.rates["utilisation"].value < 0.6
    assert joules(found) == pytest.approx(found.device_hours.to("device-h").value * 600 * 3600)


def test_size_narrows_what_hours_take():
    sized, unsized = (work(device="H100", count=8, hours=100, **size) for size in ({"params": 70e9, "flop": 1e20}, {}))
    widths = [part.energy.high / part.energy.low for part in (sized.parts[0], unsized.parts[0])]
    assert widths[0] < widths[1]


def test_a_processor_is_no_accelerator_with_a_host():
    found = work(device="AMD EPYC 7763", count=2, hours=10)
    assert [part.kind for part in found.parts] == ["cpu", "supply"]


def test_generations():
    assert generation("accelerator.nvidia-h800-sxm-80gb") == ("h100", "nvidia")
    assert generation("accelerator.google-tpu-v3-device") == ("tpu-v3", "google")
    assert generation("accelerator.amd-instinct-mi300x") == ("mi300", "amd")
    assert generation("accelerator.nvidia-geforce-rtx-4090") == ("", "nvidia")
    assert generation("accelerator.apple-m2") == ("", "other")


@pytest.mark.parametrize(
    ("device", "count", "hours", "price", "printed"),
    [
        ("TPU v2 device", 16, 96, "1.35..4.5", (2074, 6912)),
        ("TPU v2 device", 1, 32_633, "1.35..4.5", (44_055, 146_848)),
        ("TPU v3 device", 32, 168, "2.4..8", (12_902, 43_008)),
    ],
)
def test_rows_of_table_3_without_a_power(device, count, hours, price, printed):
    """Strubell et al. 2019, Table 3: cost of cloud hire of BERT, of the search and of GPT-2, by boards of four chips."""
    found = jb.estimate.training(device=device, count=count, hours=hours, price=price)
    assert tuple(int(bound + 0.499) for bound in (found.cost.low, found.cost.high)) == printed


@pytest.mark.parametrize(
    ("device", "count", "params", "tokens", "device_hours"),
    [
        pytest.param("GH200", 4096, 70.6e9, 15e12, 6.0e6, id="Apertus 70B: 6 million device-hours (report of 2025)"),
        pytest.param("H100", 1024, 32.2e9, 6e12, 1.4e6, id="Olmo 3 32B: 56 days on 1,024 devices, all stages"),
        pytest.param("H100", 384, 3.08e9, 11.2e12, 2.2e5, id="SmolLM3 3B: 14,000 tokens/s of one device"),
    ],
)
def test_trainings_of_2025_are_within_their_intervals(device, count, params, tokens, device_hours):
    """None of them is among the rows of the fit."""
    found = work(device=device, count=count, params=params, tokens=tokens).device_hours.to("device-h")
    assert found.low < device_hours < found.high


def test_a_model_that_a_larger_one_may_have_taught_is_asked_about():
    """Llama 3.2 1B saw 9e12 tokens, 7,300 for each parameter, and the logits of larger models."""
    small = jb.estimate.training(params="1.23B", tokens="9T", device="H100", count=512)
    usual = jb.estimate.training(params="8B", tokens="15T", device="H100", count=512)
    assert any("distilled" in warning for warning in small.warnings)
    assert not any("distilled" in warning for warning in usual.warnings)
