"""Published formulas of others, against their own worked figures."""

from __future__ import annotations

import pytest

from joulebook.estimate.methods import constant, green_algorithms


def test_rated_power_times_hours_is_what_model_cards_print():
    """Llama 2 70B: 1,720,320 device-hours at 400 W and a PUE of 1.1 (Touvron et al. 2023, table 2)."""
    assert constant.energy_kwh(1_720_320, 400, 1.1) == pytest.approx(756_940.8)


def test_constant_utilisation():
    assert constant.device_hours(6 * 70e9 * 2e12, 312e12) == pytest.approx(2.49e6, rel=0.01)


def test_green_algorithms():
    """12 h on 12 cores of 12.2 W with 64 GB in an average building."""
    kwh = green_algorithms.energy_kwh(12, cores=12, core_w=12.2, memory_gb=64)
    assert kwh == pytest.approx(12 * (12 * 12.2 + 64 * 0.3725) * 1.67 / 1000)
    halved = green_algorithms.energy_kwh(12, cores=12, core_w=12.2, memory_gb=64, use=0.5, psf=2)
    assert kwh < halved < 2 * kwh
    third = green_algorithms.THIRD
    later = green_algorithms.energy_kwh(
        12, cores=12, core_w=12.2, memory_gb=64, pue=third.pue, memory_w_per_gb=third.memory_w_per_gb
    )
    assert later == pytest.approx(12 * (12 * 12.2 + 64 * 0.08) * 1.56 / 1000)
