"""Requests to language models: what is measured is within the interval, what is wrong is refused with its cure."""

from __future__ import annotations

import json

import pytest

import joulebook as jb
from joulebook.account.terms import IT_ENERGY, Statement
from joulebook.cli.app import main
from joulebook.errors import ConfigError, FactNotFound
from joulebook.estimate.serve.model import known, served
from joulebook.estimate.serve.traffic import BUSIEST, traffic
from joulebook.facts.catalog import Catalog

CATALOG = Catalog.open(own=False)


def serving(**known_: object) -> Statement:
    asked = {"device": "H100 SXM", "tokens_in": 500, "tokens_out": 250, "batch": 32, **known_}
    return jb.estimate.serving(**{name: value for name, value in asked.items() if value is not None})


# Rows of the ML.ENERGY Leaderboard 3.0 that the fit has seen: they hold the numbers in place.
@pytest.mark.parametrize(
    ("asked", "joules", "seconds"),
    [
        ({"model": "Qwen3-8B", "device": "H100", "count": 1, "batch": 31.94, "tokens_out": 646.84}, 0.16328, 0.01091),
        (
            {"model": "Llama-3.3-70B-Instruct", "device": "H100", "count": 4, "batch": 127.71, "tokens_out": 411},
            0.604,
            0.0328,
        ),
        (
            {"model": "Llama-3.3-70B-Instruct", "device": "B200", "count": 2, "batch": 63.85, "tokens_out": 415},
            0.684,
            0.0240,
        ),
        ({"model": "DeepSeek-V3.1", "device": "B200", "count": 8, "batch": 127.9, "tokens_out": 850}, 1.936, 0.0440),
        (
            {"params": 8e9, "device": "H100", "count": 1, "batch": 127.8, "tokens_out": 641},
            0.0966,
            0.0216,
        ),
    ],
)
def test_measured_servers_are_within_the_interval(asked: dict[str, object], joules: float, seconds: float) -> None:
    rates = serving(task="chat", tokens_in=None, **asked).rates
    energy, step = rates["accelerator_energy_per_token"], rates["time_per_token"]
    assert energy.low <= joules <= energy.high
    assert step.low <= seconds <= step.high


def test_the_command_of_the_documents_answers_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    words = "estimate serve --params 8e9 --device H100 --batch 32 --tokens-in 500 --tokens-out 250 --json"
    assert main(words.split()) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "joulebook.statement/1"
    assert found["status"] == "estimated"
    assert 0.05 < found["rates"]["accelerator_energy_per_token"]["value"] < 1
    assert found["sensitivity"]["energy"]


def test_terms_stand_apart_and_add_up() -> None:
    found = serving(model="Qwen3-8B", requests=1000, busy=0.5, pue=1.2)
    lines = {line.device: line.quantity.value for line in found.of_kind(IT_ENERGY, "")}
    at_work, waiting, host = lines.values()
    assert list(lines) == ["1 x NVIDIA H100 SXM5 80GB", "1 x NVIDIA H100 SXM5 80GB, waiting", "host"]
    assert found.it_energy is not None
    assert found.energy is not None
    assert found.it_energy.value == pytest.approx(at_work + waiting + host)
    assert found.energy.value == pytest.approx(1.2 * found.it_energy.value, rel=0.02)
    assert at_work == pytest.approx(1000 * found.rates["accelerator_energy_per_request"].value)
    assert found.rates["energy_per_request"].value == pytest.approx(found.energy.value / 1000)


def test_half_as_busy_holds_twice_as_long() -> None:
    all_of_it, half = serving(model="Qwen3-8B"), serving(model="Qwen3-8B", busy=0.5)
    assert half.device_hours.value == pytest.approx(2 * all_of_it.device_hours.value)  # type: ignore[union-attr]


def test_without_the_batch_the_range_is_wide_and_names_it() -> None:
    told, untold = serving(model="Qwen3-8B"), serving(model="Qwen3-8B", batch=None)
    energy = [one.rates["accelerator_energy_per_token"] for one in (told, untold)]
    assert energy[1].high / energy[1].low > 2 * energy[0].high / energy[0].low
    assert any("give batch" in warning for warning in untold.warnings)
    assert "parameter.batch-size value" in untold.sensitivity["energy"][0].ids


def test_a_model_known_by_size_alone_has_a_wider_range_around_the_same() -> None:
    named, sized = serving(model="Qwen3-8B"), serving(params=8.2e9)
    one, other = (found.rates["accelerator_energy_per_token"] for found in (named, sized))
    assert other.value == pytest.approx(one.value, rel=0.15)
    assert other.high / other.low > one.high / one.low


def test_copies_share_the_batch_and_parallelism_is_checked() -> None:
    one, two = serving(model="Qwen3-8B", count=1), serving(model="Qwen3-8B", count=2, data_parallel=2, batch=64)
    assert two.rates["accelerator_energy_per_token"].value == one.rates["accelerator_energy_per_token"].value
    divided = serving(
        model="DeepSeek-V3", device="H200", count=8, tensor_parallel=4, expert_parallel=8, data_parallel=2
    )
    plain = serving(model="DeepSeek-V3", device="H200", count=8)
    ratio = divided.rates["accelerator_energy_per_token"].value / plain.rates["accelerator_energy_per_token"].value
    assert 0.5 < ratio < 1  # attention in copies: each has the cache of its own requests alone
    with pytest.raises(ConfigError, match="make 2"):
        serving(model="Qwen3-8B", count=3, tensor_parallel=2)


def test_a_host_that_is_shared_sets_the_pace() -> None:
    asked = {"model": "Qwen3-8B", "device": "B200", "count": 1, "tokens_in": None, "tokens_out": None, "batch": 8}
    measured = serving(task="reasoning", **asked)
    alone = serving(task="reasoning", shared_host=False, **asked)
    assert any("its host is shared" in warning for warning in measured.warnings)
    assert measured.rates["time_per_token"].value > 3 * alone.rates["time_per_token"].value
    assert measured.rates["accelerator_power"].value < 0.6 * alone.rates["accelerator_power"].value


# -- traffic ------------------------------------------------------------------------------------------------------


def test_requests_leave_as_fast_as_they_come() -> None:
    found = traffic(20.0, lambda batch: 1 + 0.02 * batch, 512)
    assert found.replicas == 1
    assert found.batch / (1 + 0.02 * found.batch) == pytest.approx(20.0)


def test_few_requests_leave_it_idle_and_many_need_copies() -> None:
    few = traffic(0.1, lambda batch: 1 + 0.02 * batch, 512)
    assert (few.batch, few.busy) == (1.0, pytest.approx(0.102))
    many = traffic(1000.0, lambda batch: 1 + 0.02 * batch, 512)
    assert many.replicas >= 1000 / (512 / 11.24)
    assert many.batch / (1 + 0.02 * many.batch) <= BUSIEST * 512 / 11.24 * 1.001


def test_a_load_says_how_many_copies_it_needs() -> None:
    found = serving(model="Qwen3-8B", batch=None, rate=1000, requests=3_600_000)
    assert any("copies of the model" in warning for warning in found.warnings)
    assert found.duration is not None
    assert found.duration.to("h").value == pytest.approx(1.0, rel=0.01)


# -- models -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", CATALOG.subjects("language."))
def test_every_card_is_an_architecture(subject: str) -> None:
    model = known(CATALOG, CATALOG.label(subject)).architecture
    assert 0 < model.active <= model.total
    assert 10 <= model.layers <= 130
    assert 500 <= model.hidden <= 16_384
    assert model.chosen <= model.experts / 4
    assert 1e3 < model.cache_bytes(1.0) < 1e9
    if not model.experts:
        assert model.active > 0.9 * model.total


def test_names_of_repositories_and_of_precisions_are_understood() -> None:
    assert known(CATALOG, "deepseek-ai/DeepSeek-R1").native == "fp8"
    assert known(CATALOG, "Qwen/Qwen3-VL-235B-A22B-Instruct-FP8").native == "fp8"
    assert known(CATALOG, "openai/gpt-oss-20b").native == "mxfp4"
    assert known(CATALOG, "Qwen/Qwen3-8B").native == ""


def test_a_name_that_says_its_size_is_enough() -> None:
    found = served(CATALOG, "acme/Foo-100B-A10B-FP8")
    assert (found.architecture.total, found.architecture.active, found.native) == (100e9, 10e9, "fp8")
    assert "architecture is not known" in found.warnings[0]
    with pytest.raises(FactNotFound, match="give params"):
        served(CATALOG, "acme/Foo")


# -- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({}, "give model"),
        ({"active": 3e9}, "give model"),
        ({"params": 0}, "params"),
        ({"params": -8e9}, "params"),
        ({"params": float("nan")}, "params"),
        ({"params": 1e30}, "at most"),
        ({"params": 8e9, "active": 9e9}, "more than params"),
        ({"model": "Qwen3-8B", "params": 70e9}, "leave out"),
        ({"params": 8e9, "tokens_out": 1e30}, "at most"),
        ({"params": 8e9, "tokens_in": 10**7, "batch": None}, "no room for a request"),
        ({"params": 8e9, "batch": 10**6}, "does not fit"),
        ({"params": 8e9, "batch": 0}, "batch"),
        ({"params": 8e9, "batch": 0.5}, "batch"),
        ({"params": 8e9, "tokens_in": "0..100"}, "range above 0"),
        ({"params": 8e9, "concurrency": 64}, "give one of them"),
        ({"params": 8e9, "rate": 3}, "leave out batch"),
        ({"params": 8e9, "precision": "fp3"}, "one of fp32"),
        ({"params": 8e9, "task": "poetry"}, "one of chat"),
        ({"params": 8e9, "count": 1.5}, "whole number"),
        ({"params": 8e9, "busy": 1.5}, "busy"),
        ({"params": 8e9, "requests": float("inf")}, "requests"),
        ({"params": 8e9, "steps": 3}, "not of kind text"),
        ({"params": 8e9, "device": ""}, "give device"),
        ({"model": "Llama-3.1-70B", "count": 1}, "give count 2, or precision fp8"),
        ({"model": "Qwen3-8B", "batch": 4000, "tokens_out": 30_000}, "room for"),
        ({"params": 1e14}, "check params"),
        ({"params": 8e9, "device": "TPU v5e"}, "device_power"),
    ],
)
def test_what_is_missing_contradictory_or_absurd_is_refused_with_its_cure(asked: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        serving(**asked)


def test_unknown_devices_are_named() -> None:
    with pytest.raises(FactNotFound, match="XPU9"):
        serving(params=8e9, device="XPU9")


def test_what_a_device_cannot_compute_in_is_told() -> None:
    assert any("does not compute in fp8" in one for one in serving(params=8e9, precision="fp8", device="A100").warnings)


def test_a_device_without_rated_power_takes_a_given_one() -> None:
    found = serving(params=8e9, device="TPU v5e", precision="int8", batch=4, device_power="100..200")
    assert found.rates["accelerator_power"].low == pytest.approx(100)


@pytest.mark.parametrize("device", ["A100", "L4", "T4", "H200", "MI300X", "B300"])
def test_devices_that_the_fit_has_not_seen_are_wider(device: str) -> None:
    seen, other = serving(model="Qwen3-8B", batch=4), serving(model="Qwen3-8B", batch=4, device=device)
    one, two = (found.rates["accelerator_energy_per_token"] for found in (seen, other))
    assert two.high / two.low > one.high / one.low
    assert 0.3 < two.value / one.value < 3


@pytest.mark.parametrize("lengths", [{}, {"tokens_in": 500}])
def test_lengths_that_nobody_said_are_those_of_chats_with_a_warning(lengths: dict[str, float]) -> None:
    asked = jb.estimate.serving(params="8B", device="H100", **lengths)  # type: ignore[arg-type]
    assert any("give tokens_in and tokens_out" in warning for warning in asked.warnings)
    assert asked.energy is not None
    assert asked.energy.high / asked.energy.low > 5


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ({"device_power": 0.6}, "kW"),
        ({"device_power": 5600}, "times the rated 700 W"),
        ({"count": 8}, "data_parallel 8"),
        ({"device": "EPYC 7763", "batch": 32}, "not used"),
        ({"device": "A100", "precision": "nvfp4"}, "kept in nvfp4"),
    ],
)
def test_a_slip_is_a_warning_that_names_the_cure(odd: dict[str, object], said: str) -> None:
    asked = jb.estimate.serving(**{"params": "8B", "device": "H100", "task": "chat", **odd})  # type: ignore[arg-type]
    assert any(said in warning for warning in asked.warnings)
