"""EcoLogits by its own published numbers, and beside the library itself."""

from __future__ import annotations

from math import exp
from random import Random

import pytest

from joulebook.estimate.methods.ecologits import gpu_wh, gpus, request, token_seconds, water_l

library = pytest.importorskip("ecologits.impacts.llm")


@pytest.mark.parametrize(("total", "expected"), [(8, 1), (70, 4), (405, 16), (33, 1), (34, 2), (671, 32)])
def test_gpus_are_a_power_of_two_that_holds_the_weights(total: float, expected: int) -> None:
    assert gpus(total) == expected


def test_a_request_is_its_gpus_and_its_share_of_the_server() -> None:
    found = request(70, 70, 400)
    seconds = 400 * (6.785088e-4 * 70 + 3.119310e-4 * 64 + 1.9473718e-2)
    server = seconds / 3600 * 1.2 * 4 / 8 / 64
    own = 4 * 400 * (1.1665273e-6 * exp(-1.1205921e-2 * 64) * 70 + 4.0529281e-5) / 1000
    assert found.seconds == pytest.approx(seconds)
    assert found.energy_kwh == pytest.approx(1.2 * (server + own), rel=1e-6)
    assert found.embodied_kg == pytest.approx(seconds / (3 * 365 * 86400 * 64) * (0.5 * 5700 + 4 * 273))


def test_a_measured_latency_bounds_the_time_of_the_server_alone() -> None:
    free, bound = request(70, 70, 400), request(70, 70, 400, latency=2.0)
    assert bound.seconds == 2.0
    assert bound.gpu_kwh == free.gpu_kwh
    assert bound.energy_kwh < free.energy_kwh
    assert token_seconds(8) < token_seconds(70)
    assert gpu_wh(8) < gpu_wh(70)


@pytest.mark.parametrize("count", [200, pytest.param(10_000, marks=pytest.mark.long)])
def test_random_requests_are_those_of_the_library(count: int) -> None:
    random = Random(7)
    for _ in range(count):
        total = 10 ** random.uniform(-0.5, 3.3)
        active = total * random.uniform(0.02, 1)
        tokens = random.randint(1, 20_000)
        latency = random.choice([None, 10 ** random.uniform(-1, 3)])
        rate = random.choice([None, random.uniform(5, 300)])
        first = random.choice([0.0, random.uniform(0.01, 3)])
        batch, pue, grid, site, water = (
            random.choice([1, 8, 64, 256]),
            random.uniform(1, 2),
            random.uniform(0.005, 1),
            random.uniform(0, 3),
            random.uniform(0, 9),
        )
        theirs = library.compute_llm_impacts_dag(
            model_active_parameter_count=active,
            model_total_parameter_count=total,
            output_token_count=tokens,
            request_latency=latency if latency is not None else float("inf"),
            if_electricity_mix_adpe=0,
            if_electricity_mix_pe=0,
            if_electricity_mix_gwp=grid,
            if_electricity_mix_wue=water,
            datacenter_pue=pue,
            datacenter_wue=site,
            batch_size=batch,
            tps=rate,
            ttft=first or None,
        )
        ours = request(total, active, tokens, latency=latency, batch=batch, pue=pue, rate=rate, first=first)
        assert ours.gpus == theirs["gpu_required_count"]
        assert ours.seconds == pytest.approx(theirs["generation_latency"], rel=1e-9)
        assert ours.energy_kwh == pytest.approx(theirs["request_energy"], rel=1e-9)
        assert ours.energy_kwh * grid == pytest.approx(theirs["request_usage_gwp"], rel=1e-9)
        assert ours.embodied_kg == pytest.approx(theirs["request_embodied_gwp"], rel=1e-9)
        assert water_l(ours.energy_kwh, pue, site, water) == pytest.approx(theirs["request_usage_wcf"], rel=1e-9)
