"""The forecast of a loop: laws, cycles, beginnings, ends that come early, and its interval over simulated runs."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path

import pytest

from joulebook.meter.forecasting.cycles import Step, cycles_of, limit_of
from joulebook.meter.forecasting.outlook import Steps
from joulebook.meter.forecasting.stopping import EarlyStop, stops

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "forecast.py"


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("benchmark_of_the_forecast", BENCHMARK)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(BENCHMARK.parent))  # for the recordings beside it
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(BENCHMARK.parent))
    del sys.modules[spec.name]


def after(seconds, total, *, first=0, watts=100.0):
    steps = Steps(total, first=first)
    for one in seconds:
        steps.add(one, watts * one)
    return steps.outlook()


def test_bars_hold_on_a_small_number_of_runs_of_every_class(benchmark):
    table = {name: benchmark.scores(name, 30, 11) for name in benchmark.CLASSES}
    assert benchmark.misses(table) == []


def test_recorded_runs_of_classes_that_can_be_foreseen_are_forecast_better_than_by_the_mean(benchmark):
    """What was not used to set constants, less the time in which the run waited for a core."""
    table = benchmark.scores_of_recordings(benchmark.recordings()[1::2], 0.1, waiting=False)
    scores = [score for name in ("warm-up", "evaluation", "early stop") for score in table[name]]
    assert sum(score.ours for score in scores) < 0.7 * sum(score.plain for score in scores)


def test_equal_steps_are_counted_exactly():
    found = after([2.0] * 10, 100)
    assert found.seconds.value == pytest.approx(200)
    assert found.joules.value == pytest.approx(20_000)
    assert found.seconds.low <= 200 <= found.seconds.high
    assert found.steps == (100, 100, 100)


def test_at_the_end_nothing_is_uncertain():
    found = after([1.0] * 20, 20)
    assert found.seconds == (20, 20, 20)


def test_interval_gets_narrower_as_the_end_comes_nearer():
    chance = random.Random(3)
    course = [chance.gauss(1, 0.1) for _ in range(900)]
    widths = []
    for seen in (100, 500, 890):
        seconds = after(course[:seen], 900).seconds
        widths.append(seconds.high - seconds.low)
    assert widths == sorted(widths, reverse=True)


def test_same_question_has_the_same_answer():
    chance = random.Random(5)
    course = [chance.expovariate(1) for _ in range(200)]
    assert after(course, 1_000) == after(course, 1_000)


@pytest.mark.parametrize(
    ("seconds", "total", "first", "why"),
    [
        ([1.0], None, 0, "number of steps is not known"),
        ([], 10, 0, "no step has been finished"),
        ([1.0] * 11, 10, 0, "more steps than the 10"),
        ([1.0] * 4, 10, 7, "more steps than the 10"),
    ],
)
def test_nothing_is_said_where_nothing_can_be_known(seconds, total, first, why):
    found = after(seconds, total, first=first)
    assert found.seconds is found.joules is None
    assert why in found.why


def test_a_resumed_loop_has_only_the_rest_ahead():
    assert after([1.0] * 50, 1_000, first=900).seconds.value == pytest.approx(100)


def test_slow_first_steps_are_left_out():
    found = after([30.0, 5.0, 2.0] + [1.0] * 97, 1_000)
    assert found.seconds.value == pytest.approx(37 + 97 + 900, rel=0.01)


def test_steps_that_still_get_faster_are_followed():
    course = [1 + 3 * 0.97**at for at in range(1_000)]
    value = after(course[:80], 1_000).seconds.value
    assert abs(value / sum(course) - 1) < 0.15 < abs(sum(course[:80]) / 80 * 1_000 / sum(course) - 1)


def test_steps_that_settle_are_followed_to_where_they_settle():
    course = [1 + 0.5 * 0.93**at for at in range(1_000)]
    assert after(course[:60], 1_000).seconds.value == pytest.approx(sum(course), rel=0.02)


def test_growth_may_end_now_or_go_on_for_longer_than_it_has_lasted():
    grown = [1 + 0.001 * at for at in range(100)]
    found = after(grown, 1_000).seconds
    assert found.value == pytest.approx(sum(grown) + 900 * grown[-1], rel=0.01), "as slow as now"
    assert found.low < found.value
    assert found.high > sum(1 + 0.001 * min(at, 400) for at in range(1_000))


def test_a_steady_loop_may_get_slower_rather_than_faster():
    chance = random.Random(4)
    found = after([chance.gauss(1, 0.02) for _ in range(100)], 1_000).seconds
    assert found.high - found.value > 1.5 * (found.value - found.low)


def test_unrest_at_every_length_makes_the_interval_wider():
    chance, level, wandering = random.Random(6), 0.0, []
    for _ in range(300):
        level = 0.99 * level + chance.gauss(0, 0.02)
        wandering.append(1 + level)
    shuffled = chance.sample(wandering, len(wandering))
    widths = [found.high - found.low for found in (after(one, 3_000).seconds for one in (wandering, shuffled))]
    assert widths[0] > 2 * widths[1]


def test_evaluations_and_checkpoints_are_two_cycles():
    course = [1 + 10 * (at % 20 == 19) + 4 * (at % 7 == 6) for at in range(1_000)]
    assert after(course[:85], 1_000).seconds.value == pytest.approx(sum(course), rel=0.02)


def test_cycles_of_a_resumed_loop_keep_their_places():
    course = [1 + 10 * (at % 20 == 19) for at in range(510, 1_000)]
    assert after(course[:60], 1_000, first=510).seconds.value == pytest.approx(sum(course), rel=0.02)


def test_one_evaluation_so_far_is_expected_again_and_the_interval_says_that_it_is_a_guess():
    found = after([1.0] * 49 + [21.0] + [1.0] * 20, 500)
    assert found.seconds.value == pytest.approx(500 + 10 * 20, rel=0.02)
    assert found.seconds.high - found.seconds.low > 50


def test_cycle_counts_the_places_ahead():
    long = [Step(at, 5.0, 0.0) for at in (9, 19, 29)]
    (cycle,), rest = cycles_of(long, 35, 0)
    assert (cycle.period, cycle.phase, rest) == (10, 9, [])
    assert [cycle.ahead(35, end) for end in (35, 39, 40, 100)] == [0, 0, 1, 7]


def test_long_steps_without_order_are_no_cycle():
    long = [Step(at, 5.0, 0.0) for at in (3, 11, 12, 40, 58, 59, 77, 95)]
    assert cycles_of(long, 100, 0) == ([], long)


def test_limit_follows_the_shorter_half():
    assert limit_of([1.0, 2.0]) == float("inf")
    assert 1 < limit_of([1.0] * 50 + [9.0] * 50) < 9


def test_memory_does_not_grow_with_the_steps():
    steps = Steps(10**6)
    for at in range(30_000):
        steps.add(1.0 + 9.0 * (at % 100 == 99), 1.0)
    for _ in range(1_000):
        steps.add_many(300, 300.0, 300.0)
    assert len(steps._blocks) + len(steps._long) + len(steps._fresh) < 1_500
    assert steps.done == 330_000
    assert steps.outlook().seconds is not None


def test_steps_taken_together_are_worth_as_much_as_one_by_one():
    steps = Steps(1_000)
    steps.add_many(300, 150.0, 600.0)
    for _ in range(100):
        steps.add(0.5, 2.0)
    found = steps.outlook()
    assert found.seconds.value == pytest.approx(500)
    assert found.joules.value == pytest.approx(2_000)


def test_a_flat_metric_ends_the_loop_about_when_its_patience_does():
    steps = Steps(1_000, rule=EarlyStop("loss", 5))
    for at in range(40):
        steps.add(1.0)
        steps.metric(1.0 + 0.9**at + 0.05 * random.Random(at).gauss(0, 1))
    found = steps.outlook()
    assert 40 <= found.steps.low <= found.steps.value < 200
    assert found.seconds.value == pytest.approx(found.steps.value, rel=0.02)


def test_progress_may_end_soon_whatever_the_shape_of_the_curve():
    values = [1 / (1 + 0.1 * at) for at in range(20)]
    counts = sorted(stops(values, EarlyStop("loss", 4), 200, 400, random.Random(2)))
    assert counts[200] == 200, "a curve without noise that still falls goes on"
    assert 24 <= counts[10] < 40


def test_without_values_an_early_stop_is_possible_and_not_certain():
    steps = Steps(100, rule=EarlyStop("loss", 5))
    for _ in range(10):
        steps.add(1.0)
    found = steps.outlook()
    assert found.steps.low < 60
    assert found.steps.high == 100


def test_where_more_is_better_the_metric_rises():
    values = [0.9 - 0.5 * 0.8**at for at in range(60)]
    rising = stops(values, EarlyStop("accuracy", 5, "max"), 500, 50, random.Random(1))
    falling = stops(values, EarlyStop("accuracy", 5), 500, 50, random.Random(1))
    assert min(rising) >= 60
    assert max(falling) == 60, "it has not become better for longer than its patience"


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -1.0, 0.0])
def test_odd_values_of_a_metric_do_no_harm(odd):
    steps = Steps(50, rule=EarlyStop("loss", 3))
    for _ in range(10):
        steps.add(1.0)
        steps.metric(odd)
    assert steps.outlook().seconds is not None
