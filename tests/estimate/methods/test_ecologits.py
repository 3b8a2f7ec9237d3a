"""EcoLogits by its own published numbers."""

from __future__ import annotations

import pytest

from joulebook.estimate.methods.ecologits import gpu_wh, gpus, request, token_seconds


@pytest.mark.parametrize(("total", "expected"), [(8, 1), (70, 4), (405, 16), (33, 1), (34, 2), (671, 32)])
def test_gpus_are_a_power_of_two_that_holds_the_weights(total: float, expected: int) -> None:
    assert gpus(total) == expected


def test_a_request_is_its_gpus_and_its_share_of_the_server() -> None:
    found = request(70, 70, 400)
    seconds = 400 * (6.785088e-4 * 70 + 3.119310e-4 * 64 + 1.9473718e-2)
    server = seconds / 3600 * 1.2 * 4 / 8 / 64
    own = 4 * 400 * gpu_wh(70) / 1000
    assert found.seconds == pytest.approx(seconds)
    assert found.energy_kwh == pytest.approx(1.2 * (server + own), rel=1e-12)
    assert found.embodied_kg == pytest.approx(seconds / (3 * 365 * 86400 * 64) * (0.5 * 5700 + 4 * 273))


def test_a_measured_latency_bounds_the_time_of_the_server_alone() -> None:
    free, bound = request(70, 70, 400), request(70, 70, 400, latency=2.0)
    assert bound.seconds == 2.0
    assert bound.gpu_kwh == free.gpu_kwh
    assert bound.energy_kwh < free.energy_kwh
    assert token_seconds(8) < token_seconds(70)
