"""Budgets of runs inside a program: loops end between two steps, and nothing else of the program notices."""

from __future__ import annotations

import logging
import os
import threading
import time
from types import SimpleNamespace

import pytest

import joulebook as jb
from joulebook.index import Book
from joulebook.index.asked import Asked, query_of
from joulebook.meter.forecasting.outlook import Outlook, Range
from joulebook.meter.limits import limits_of
from joulebook.run.budget import watch as watching
from joulebook.run.budget.relay import Order, Relay
from joulebook.run.budget.spending import Spending
from joulebook.run.budget.watch import Watch
from joulebook.sensors.base import Channel, boottime_ns


def work(run, steps=2_000, **options):
    """A loop of short steps; how many there were."""
    done = 0
    for _ in run.steps(range(steps), **options):
        time.sleep(0.002)
        done += 1
    return done


def test_a_loop_ends_between_two_steps_and_what_follows_it_runs():
    saved = []
    with jb.track("spent", budget="0.3 s") as run:
        done = work(run)
        assert run.stopped == "budget"
        assert run.over == "budget 0.3 s spent"
        saved.append(done)
    assert 0 < saved[0] < 2_000
    assert run.stopped == "budget"
    assert (run.statement.status, run.statement.reason) == ("stopped", "budget 0.3 s spent")
    assert [one for one in run.notices if "spent" in one] == [
        "budget 0.3 s spent: loops over run.steps end after their present step"
    ]
    row = Book().listing.page(query_of(Asked())).rows[0]
    assert (row["status"], row["reason"]) == ("stopped", "budget 0.3 s spent")
    assert run.degraded == []


def test_energy_is_counted_and_the_state_is_told():
    with jb.track("joules", budget="1 J, 1 h") as run:
        while run.budget.spent is None or not run.budget.spent.value:
            time.sleep(0.05)
        for _ in run.steps(range(100_000)):
            sum(range(10_000))
        state = run.budget
    energy, duration = state.limits
    assert (energy.kind, duration.kind) == ("energy", "duration")
    assert state.nearest is energy
    assert state.over == "budget 1 J spent"
    assert energy.spent.value >= 0.9  # as last read; the watch goes on at the present power
    assert energy.spent.low < energy.spent.value < energy.spent.high
    assert energy.left.value == pytest.approx(1 - energy.spent.value)
    assert duration.left.value > 0.9
    assert energy.limit.unit.symbol == "J"


def test_within_the_budget_nothing_is_said():
    with jb.track("within", budget="1 d") as run:
        assert work(run, 20) == 20
        state = run.budget
        assert run.over == ""
    assert state.probability is None or state.probability < 0.01
    assert (run.stopped, run.notices) == ("finished", [])
    assert run.statement.status == "finished"
    assert run.budget is None


def test_loops_inside_loops_end_with_the_one_around():
    with jb.track("nested", budget="0.3 s") as run:
        epochs = 0
        for _ in run.steps(range(50)):
            work(run, 500)
            epochs += 1
    assert epochs == 1
    assert run.stopped == "budget"


def test_a_loop_without_a_known_end_ends_as_well():
    with jb.track("endless", budget="0.3 s") as run:
        for _ in run.steps(iter(int, 1)):
            time.sleep(0.002)
    assert run.stopped == "budget"


def test_a_loop_that_begins_when_it_is_spent_has_no_step():
    with jb.track("late", budget="0.1 s") as run:
        while not run.over:
            time.sleep(0.02)
        assert list(run.steps(range(5))) == []


def test_a_part_of_a_run_has_its_own_and_obeys_the_one_around():
    with jb.track("outer", budget="0.8 s") as run:
        with jb.track("part", budget="0.2 s") as part:
            work(part)
            assert (part.stopped, run.stopped, run.over) == ("budget", "", "")
        with jb.track("heir") as heir:
            work(heir)
            assert heir.stopped == "budget"
    assert run.stopped == "budget"
    assert run.statement.reason == "budget 0.8 s spent"


@pytest.mark.parametrize("budget", ["-5 Wh", "nan J", "much", "3 furlongs", "5 Wh, 2 kWh", 7, object()])
def test_an_impossible_budget_is_a_notice_and_training_goes_on(budget):
    with jb.track("odd", budget=budget) as run:
        assert work(run, 5) == 5
        assert run.budget is None
        assert run.over == ""
    assert len(run.notices) == 1
    assert run.notices[0].startswith("no budget is watched: budget = ")
    assert run.statement.status == "finished"


def test_the_setting_is_a_budget_and_a_bad_one_a_notice(monkeypatch):
    monkeypatch.setenv("JOULEBOOK_BUDGET", "0.2 s")
    with jb.track("set") as run:
        work(run)
    assert run.stopped == "budget"
    monkeypatch.setenv("JOULEBOOK_BUDGET", "-1 s")
    with jb.track("set") as run:
        assert work(run, 3) == 3
    assert "from JOULEBOOK_BUDGET" in run.notices[0]


def test_warn_goes_on_and_says_so_once():
    with jb.track("warned", budget="0.2 s", on_budget="warn") as run:
        assert work(run, 300) == 300
        assert run.over == "budget 0.2 s spent"
    assert run.stopped == "finished"
    assert [one for one in run.notices if "goes on" in one] == ["budget 0.2 s spent: the run goes on"]


def test_a_function_is_called_between_steps_in_the_trained_thread_and_decides():
    calls = []

    def decide(run, state):
        calls.append((threading.current_thread(), run.name, state.over, state.spent.value))
        return "stop" if state.over else None

    with jb.track("asked", budget="0.3 s", on_budget=decide) as run:
        assert work(run) < 2_000
    assert run.stopped == "budget"
    assert {call[0] for call in calls} == {threading.current_thread()}
    assert [call[2] for call in calls] == ["budget 0.3 s spent"]
    assert calls[0][3] >= 0.3


class Theirs(Exception):
    pass


def test_a_function_that_raises_or_wants_to_go_on_ends_nothing():
    def broken(_run, _state):
        raise Theirs("no such model")

    with jb.track("broken", budget="0.1 s", on_budget=broken) as run:
        assert work(run, 200) == 200
    assert [one for one in run.notices if "failed" in one] == [
        "on_budget failed: no such model; it is not called again"
    ]
    with jb.track("patient", budget="0.1 s", on_budget=lambda _run, _state: None) as run:
        assert work(run, 200) == 200
    assert run.stopped == "finished"


def test_what_is_no_answer_to_a_budget_is_said():
    with jb.track("odd", budget="1 d", on_budget="explode") as run:
        work(run, 2)
    assert "expected 'stop', 'warn' or a function" in run.notices[0]


def test_one_rank_of_several_ends_nothing_by_itself(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "4")
    with jb.track("rank", budget="0.1 s") as run:
        assert work(run, 200) == 200
        assert run.over == "budget 0.1 s spent"
    assert "several ranks" in run.notices[0]
    with jb.track("rank", budget="0.1 s", on_budget="stop") as run:
        assert work(run) < 2_000


def test_ranks_that_end_together_are_stopped_and_listen_to_the_run_around(monkeypatch):
    relay = Relay.made()
    monkeypatch.setenv(*next(iter(relay.environment().items())))
    monkeypatch.setenv("WORLD_SIZE", "2")
    with jb.track("together") as run:
        for step in run.steps(range(2_000)):
            time.sleep(0.002)
            if step == 150:
                assert relay.listeners() == []  # nobody has asked yet
            if step == 160:
                relay.tell(Order("budget 5 Wh spent"))
            if step > 160 and run.over:
                break
        assert step < 1_999
    assert run.stopped == "budget"
    assert run.statement.reason == "budget 5 Wh spent by the run around this one"
    relay.remove()


def test_a_loop_that_somebody_ends_himself_is_stopped_and_a_run_that_ended_steps_as_ever():
    with jb.track("own", budget="0.1 s") as run:
        while not run.over:
            time.sleep(0.01)
    assert (run.stopped, run.statement.status) == ("budget", "stopped")
    assert list(run.steps(range(3))) == [0, 1, 2]
    assert run.stopped == "budget"
    with jb.track("unheard", budget="0.1 s") as run:
        time.sleep(0.4)
    assert (run.stopped, run.statement.status) == ("finished", "finished")


@pytest.mark.parametrize(("rank", "lines"), [("0", 1), ("3", 0)])
def test_it_is_logged_once_by_the_first_rank(monkeypatch, caplog, rank, lines):
    monkeypatch.setenv("RANK", rank)
    with caplog.at_level(logging.WARNING, "joulebook"), jb.track("logged", budget="0.2 s") as run:
        work(run)
    assert len([one for one in caplog.messages if "0.2 s spent" in one]) == lines


def test_a_failure_of_the_program_stays_its_own():
    def fail():
        with jb.track("fails", budget="0.1 s") as run:
            work(run)
            raise Theirs(run.id)

    with pytest.raises(Theirs) as caught:
        fail()
    statement = Book().statement(str(caught.value))
    assert (statement.status, statement.reason) == ("failed", "Theirs")


def test_without_a_thread_the_loop_goes_on(monkeypatch):
    def refused(_self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Watch, "start", refused)
    with jb.track("threadless", budget="0.05 s") as run:
        assert work(run, 100) == 100
    assert run.notices == ["no budget is watched: can't start new thread"]


def test_a_forked_child_goes_through_its_loop():
    with jb.track("fork", budget="0.2 s") as run:
        child = os.fork()
        if not child:
            os._exit(0 if work(run, 200) == 200 and run.over == "" else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_the_run_around_ends_loops_and_tells_the_bar(monkeypatch):
    relay = Relay.made()
    monkeypatch.setenv(*next(iter(relay.environment().items())))
    relay.tell(Order("", "40 % of 5 Wh", "5 Wh", (7_200.0,)))
    with jb.track("inside") as run:
        for step in run.steps(range(2_000)):
            time.sleep(0.002)
            if step == 150:
                assert relay.listeners() == [os.getpid()]
                assert run._watch.word == "40 % of 5 Wh"
                relay.tell(Order("budget 5 Wh spent", "100 % of 5 Wh", "5 Wh", (18_000.0,)))
    assert run.stopped == "budget"
    assert run.statement.reason == "budget 5 Wh spent by the run around this one"
    assert relay.listeners() == []
    relay.remove()


# -- the watch, on readings of known truth -------------------------------------------------------------------

CHANNEL = Channel("package-0", "cpu-0", "cpu", low=0.9, high=1.1, calibration="rapl")


def opened(watts=100.0, seconds=10.0, **head):
    """A recording that has drawn so many watts for so long."""
    now = boottime_ns()
    joules = watts * seconds
    trail = [(now - round(seconds * 1e9 * at / 20), joules * (1 - at / 20)) for at in range(20, -1, -1)]
    recorder = SimpleNamespace(trail=trail, used=lambda: [(CHANNEL, joules)], closed=False)
    head = {"boot_ns": trail[0][0], "share": "machine", "region": "FR", "wall_ns": time.time_ns()} | head
    return SimpleNamespace(recorder=recorder, head=head, run="0" * 12)


def watch_of(text, told, outlook=None, **head):
    loops = [SimpleNamespace(look=lambda: SimpleNamespace(outlook=outlook))] if outlook else []
    found = opened(**head)
    return Watch(found, limits_of(text), loops, tell=told.append)


def looks(watch, count):
    for _ in range(count):
        watch.turn()


AHEAD = Outlook(Range(100, 90, 110), Range(10_000, 9_000, 12_000), Range(50, 50, 50))


def test_a_forecast_above_the_limit_warns_once_with_its_interval_and_probability():
    told = []
    watch = watch_of("9500 J, 1 h", told, AHEAD)
    looks(watch, watching.FORESEE)
    assert told == []  # one forecast alone may be an accident
    looks(watch, 20)
    assert len(told) == 1
    assert told[0].startswith("the budget of 9500 J will not do: forecast 10000 J (9000 J to 12000 J), above it")
    assert watch.over == ""


@pytest.mark.parametrize("text", ["12.1 kJ", "3 Wh", "101 s"])
def test_a_forecast_below_the_limit_warns_of_nothing(text):
    told = []
    looks(watch_of(text, told, AHEAD), 20)
    assert told == []


def test_without_a_forecast_what_is_spent_warns():
    told = []
    looks(watch_of("1.2 kJ, 1 h", told), 20)
    assert told == ["83 % of the budget of 1.2 kJ is spent"]


def test_what_is_spent_is_told_with_what_follows():
    told = []
    watch = watch_of("900 J", told)
    looks(watch, 20)
    assert told == ["budget 900 J spent: loops over run.steps end after their present step"]
    assert watch.word == "111 % of 900 J"


@pytest.mark.parametrize("share", ["process", "allocated"])
def test_a_share_that_is_known_at_the_end_is_said_and_time_is_watched(share):
    told = []
    watch = watch_of("900 J, 5 s", told, share=share)
    looks(watch, 5)
    assert "not watched" in told[0]
    assert watch.over == "budget 5 s spent"


def test_carbon_and_money_are_those_of_the_statement():
    watch = watch_of("1 gCO2e, 1 EUR", [])
    statement = watch.spending.statement()
    carbon, cost = (watch.spending.amount(limit) for limit in watch.limits)
    assert carbon == pytest.approx(statement.carbon.value, rel=0.02)
    if statement.cost.unit.symbol == "EUR":
        assert cost == pytest.approx(statement.cost.value, rel=0.02)
    else:
        assert cost is None


def test_without_a_region_the_high_end_of_all_grids_counts_and_it_is_said():
    told = []
    watch = watch_of("1 kgCO2e", told, region="")
    looks(watch, 2)
    assert len(told) == 1
    assert "the region is unknown" in told[0]
    highest = watch.spending.statement().assumption("carbon_intensity").quantity.to("gCO2e/kWh").high
    assert watch.used[0] == pytest.approx(1_000 / 3.6e6 * highest, rel=0.1)


def test_a_currency_that_is_not_that_of_the_price_is_said():
    told = []
    watch = watch_of("1 EUR", told, region="US-CA")
    looks(watch, 2)
    assert "no rate between" in told[0]
    assert watch.used == (0.0,)


def test_the_overhead_of_a_known_site_is_counted():
    watch, plain = watch_of("1 kWh", [], site="gcp"), watch_of("1 kWh", [])
    statement = watch.spending.statement()
    assert watch.spending.amount(watch.limits[0]) == pytest.approx(statement.energy.value, rel=0.02)
    assert watch.spending.amount(watch.limits[0]) > plain.spending.amount(plain.limits[0])


def test_a_limit_that_has_no_price_yet_gets_one_whatever_the_others_have():
    watch = watch_of("1 gCO2e, 1 kWh", [], site="gcp")
    assert [watch.spending.rate(limit, 0.0) for limit in watch.limits] == [None, None]
    assert None not in [watch.spending.rate(limit, 5.0) for limit in watch.limits]


def test_what_was_used_before_a_part_is_not_its_own_though_the_second_reading_comes_later():
    found = opened(seconds=10.0)
    first, *_, last = found.recorder.trail
    found.recorder.trail = [first]
    part = Spending(found, part=True)
    found.recorder.trail = [first, last]
    assert part.amount(limits_of("1 kJ")[0]) == pytest.approx(0.0, abs=100.0)
