"""Loops that end when they are no longer worth it, and rules that end nothing."""

from __future__ import annotations

import time

import pytest

import joulebook as jb


def train(run, value=lambda step: 0.5, name="accuracy", steps=1_500, **options):
    """A loop that logs a metric every tenth step; how many steps there were."""
    done = 0
    for step in run.steps(range(steps), **options):
        time.sleep(0.002)
        if step % 10 == 0:
            run.log(**{name: value(step)})
        done += 1
    return done


def test_a_flat_curve_ends_and_a_rising_one_goes_on():
    rule = "gain of accuracy < 1 % per 0.3 s"
    with jb.track("flat") as run:
        assert train(run, stop_when=rule) < 1_500
        assert run.stopped == "stop_when"
    assert run.stopped == "stop_when"
    assert (run.statement.status, run.statement.reason) == ("stopped", f"stop_when {rule}")
    with jb.track("rising") as run:
        assert train(run, lambda step: 1.0 + step, steps=400, stop_when=rule) == 400
    assert (run.stopped, run.statement.status, run.statement.reason) == ("finished", "finished", "")


def test_it_is_per_energy_as_well_and_takes_the_metric_and_mode_of_patience():
    with jb.track("joules") as run:
        assert train(run, stop_when="gain < 1 % per 2 J", name="quality", metric="quality", mode="max") < 1_500


def test_the_loop_around_goes_on_and_the_next_one_begins_anew():
    with jb.track("folds") as run:
        folds = [train(run, stop_when="gain of loss < 1 % per 0.2 s", name="loss") for _ in run.steps(range(2))]
        assert all(0 < one < 1_500 for one in folds)
        assert train(run, steps=5) == 5
    assert run.stopped == "finished"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"stop_when": "when it is good"}, "expected such as"),
        ({"stop_when": "gain < 1 % per 1 J"}, "expected a metric"),
        ({"stop_when": "gain of quality < 1 % per 1 J"}, "expected mode="),
        ({"stop_when": "gain of accuracy < 1 % per 1 furlong"}, "expected a unit"),
        ({"stop_when": 7}, "expected such as"),
    ],
)
def test_a_rule_that_is_none_is_one_notice_and_training_goes_on(options, said):
    with jb.track("odd") as run:
        assert train(run, steps=20, **options) == 20
        assert train(run, steps=20, **options) == 20
    assert len(run.notices) == 1
    assert said in run.notices[0]


def test_a_metric_that_is_never_logged_is_one_notice_and_training_goes_on():
    with jb.track("unknown") as run:
        assert train(run, steps=300, stop_when="gain of f1 < 1 % per 0.1 s") == 300
        assert train(run, steps=20, stop_when="gain of f1 < 1 % per 0.1 s") == 20
    assert run.notices == [
        "stop_when: no number of 'f1' was logged, so that the rule ends nothing; logged were accuracy"
    ]


class Hostile:
    def __float__(self):
        raise RuntimeError("a tensor of a lost device")


def test_values_that_are_no_numbers_end_nothing():
    with jb.track("hostile") as run:
        assert train(run, lambda _step: Hostile(), steps=200, stop_when="gain of accuracy < 1 % per 0.1 s") == 200
    assert run.degraded == []


def test_nothing_is_recorded_and_nothing_ends(monkeypatch):
    monkeypatch.setenv("JOULEBOOK_OFF", "1")
    with jb.track("off", budget="0.01 s") as run:
        assert train(run, steps=50, stop_when="gain of accuracy < 1 % per 0.01 s") == 50
        assert run.budget is None


def test_what_is_logged_and_no_number_is_not_said_to_be_missing():
    with jb.track("nan") as run:
        for _ in run.steps(range(500), stop_when="gain of accuracy < 1 % per 0.1 s"):
            if run.notices:
                break
            run.log(accuracy=float("nan"))
            time.sleep(0.02)
    assert [one.partition("; ")[2] for one in run.notices] == ["what was logged of it is none"]
    with jb.track("unknown cost", share="process") as run:
        for _ in run.steps(range(2), stop_when="gain of accuracy < 1 % per 1 J"):
            run.log(accuracy=0.5)
            time.sleep(0.5)
    assert "no number" not in " ".join(run.notices)


def test_one_rank_of_several_is_not_ended_by_its_rule_and_run_over_tells(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "0")
    rule = "gain of accuracy < 1 % per 0.1 s"
    with jb.track("ranks") as run:
        for _ in range(2):
            assert train(run, steps=200, stop_when=rule) == 200
            assert run.stopped == ""
        for _ in run.steps(range(100_000), stop_when=rule):
            time.sleep(0.002)
            run.log(accuracy=0.5)
            if run.over:
                break
    assert [one.partition(";")[2] for one in run.notices] == [" look at run.over together"]
    assert (run.statement.status, run.statement.reason) == ("stopped", f"stop_when {rule}")
