"""`jb.track(..., expect=...)`: the forecast begins with the estimate and ends with what was measured."""

import time

import pytest

import joulebook as jb
from joulebook.quantity import Basis


def estimate(seconds, watts=5.0):
    hours = seconds / 3600
    return jb.estimate.training(hours=(hours / 1.5, hours * 1.5), power=watts, region="FR", name="before")


def test_before_the_first_step_the_forecast_is_the_estimate():
    expected = estimate(60)
    with jb.track("early", region="FR", expect=expected) as run:
        nothing = run.forecast
        assert nothing.energy.value == pytest.approx(expected.energy.value)
        assert nothing.carbon.value == pytest.approx(expected.carbon.value)
        assert nothing.duration.basis is Basis.MODELLED
        assert "this is the estimate" in nothing.reason
        for _ in run.steps(range(3)):
            first = run.forecast
            break
    assert (first.duration.value, first.duration.high) == pytest.approx((60, 90), rel=1e-3)
    assert first.energy is not None
    assert run.degraded == []


def test_a_wrong_estimate_is_outweighed():
    with jb.track("wrong", expect=estimate(600)) as run:
        for step in run.steps(range(120)):
            time.sleep(0.01)
            if step == 60:
                found = run.forecast
    seconds = run.statement.duration.value
    assert found.duration.value < 3 * seconds
    assert found.duration.low <= seconds <= found.duration.high


@pytest.mark.parametrize("expect", ["10 h", 5, object(), {"energy": 3}])
def test_what_is_no_estimate_is_said_and_left_out(expect):
    with jb.track("odd", expect=expect) as run:
        assert any("expect is no estimate" in notice for notice in run.notices)
        assert "no loop" in run.forecast.reason
    assert run.statement.status == "finished"


def test_an_estimate_without_figures_changes_nothing():
    empty = estimate(60)._replace(duration=None, it_energy=None, energy=None)
    with jb.track("empty", expect=empty) as run:
        for step in run.steps(range(5)):
            if not step:
                assert run.forecast.duration is None
    assert run.degraded == []
