"""`run.steps` and `run.forecast` inside a program: what is said, what is not, and that the loop never notices."""

from __future__ import annotations

import io
import os
import sys
import threading
import time

import pytest
from rich.console import Console

import joulebook as jb
from joulebook.meter.forecasting.outlook import Outlook, Range
from joulebook.quantity import Basis
from joulebook.report.progress import Bar, line
from joulebook.run.steps import Look
from joulebook.sensors.base import Channel


def burn(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(1_000))


def test_forecast_holds_the_end_and_is_priced_as_the_statement():
    with jb.track("ahead", region="FR") as run:
        for step in run.steps(range(40)):
            burn(0.03)
            if step == 15:
                early = run.forecast
    statement = run.statement
    assert early.reason == ""
    assert (early.done, early.total) == (15, 40)
    assert early.duration.low <= early.duration.value <= early.duration.high
    assert early.duration.value == pytest.approx(statement.duration.value, rel=0.5)
    assert early.energy.value == pytest.approx(statement.energy.value, rel=0.6)
    assert early.duration.basis is Basis.MODELLED
    assert early.energy.basis <= Basis.MODELLED
    per_joule = early.carbon.value / early.energy.value
    assert per_joule == pytest.approx(statement.carbon.value / statement.energy.value, rel=0.05)
    assert early.cost.unit == statement.cost.unit


def test_without_a_loop_a_total_or_a_recording_there_is_a_reason():
    with jb.track("none") as run:
        assert "no loop" in run.forecast.reason
        for _ in run.steps(iter(range(3))):
            assert "total=N" in run.forecast.reason
        for step in run.steps(iter(range(3)), total=3):
            assert run.forecast.energy is None
            if not step:
                assert "no step has been finished" in run.forecast.reason
        with jb.track("inner") as inner:
            assert "ask the run around it" in inner.forecast.reason
    assert "nothing is being recorded" in run.forecast.reason


def test_more_steps_than_announced_go_on_and_are_said():
    with jb.track("more") as run:
        seen = [(step, run.forecast.reason) for step in run.steps(range(6), total=3)]
    assert [step for step, _ in seen] == list(range(6))
    assert "more steps than the 3" in seen[-1][1]


@pytest.mark.parametrize("total", [0, -4, 2.5, "many", float("nan"), True, 10**30])
def test_a_total_that_is_none_costs_nothing(total):
    with jb.track("odd") as run:
        assert list(run.steps(range(5), total=total)) == list(range(5))
    assert run.degraded == []


class Lengthless:
    def __init__(self, error):
        self.error = error

    def __len__(self):
        raise self.error

    def __iter__(self):
        return iter(range(4))


@pytest.mark.parametrize("error", [TypeError("no"), ValueError("no"), RuntimeError("no"), OSError("no")])
def test_a_length_that_raises_is_no_length(error):
    with jb.track("odd") as run:
        assert [step for step in run.steps(Lengthless(error))] == list(range(4))  # noqa: C416 - a list would ask for its length


def fail_in(steps):
    for _ in steps:
        raise KeyError("theirs")


def test_a_loop_left_early_an_exception_and_a_generator_that_ends_early_leave_nothing_behind():
    with jb.track("early") as run:
        for step in run.steps(range(100)):
            if step == 3:
                break
        del step
        assert list(run.steps(iter(range(4)), total=50)) == list(range(4))
        with pytest.raises(KeyError):
            fail_in(run.steps(range(9)))
    assert run._loops == []


def test_of_nested_loops_the_outer_one_is_forecast():
    with jb.track("nested") as run:
        for epoch in run.steps(range(5)):
            for _ in run.steps(range(20)):
                time.sleep(0.001)
            if epoch == 2:
                found = run.forecast
    assert (found.done, found.total) == (2, 5)
    assert found.duration.value > 0


def test_a_resumed_loop_counts_from_its_first_step():
    with jb.track("resumed") as run:
        for step in run.steps(range(90, 100), first=90):
            if step == 95:
                found = run.forecast
    assert (found.done, found.total) == (95, 100)


def test_patience_listens_to_the_logged_metric_and_to_no_other():
    with jb.track("patient") as run:
        for step in run.steps(range(200), patience=3, metric="loss"):
            run.log(loss=1.0 if step else 2.0, other=-step)
            if step == 20:
                found = run.forecast
    assert found.steps.value == pytest.approx(20, abs=1)


class Hostile:
    def __float__(self):
        raise RuntimeError("a tensor of a lost device")


def test_a_metric_that_is_no_number_is_left_out():
    with jb.track("hostile") as run:
        for step in run.steps(range(20), patience=3, metric="loss"):
            run.log(loss=Hostile() if step % 2 else "low")
            assert run.forecast is not None
    assert run.notices == []


def test_it_may_be_asked_from_another_thread_all_the_time():
    over = threading.Event()
    faults = []

    def ask(run):
        while not over.is_set():
            found = run.forecast
            if found.reason.startswith("no forecast"):
                faults.append(found.reason)

    with jb.track("asked") as run:
        asker = threading.Thread(target=ask, args=(run,))
        asker.start()
        for _ in run.steps(range(3_000)):
            pass
        over.set()
        asker.join()
    assert faults == []


def test_a_forked_child_goes_through_the_loop_silently():
    with jb.track("fork") as run:
        for step in run.steps(range(700)):
            if step == 2:
                child = os.fork()
            if step > 2 and not child and step == 699:
                os._exit(0 if run.forecast.energy is None else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "rank", "progress", "shown"),
    [
        (Terminal, "", True, True),
        (Terminal, "0", True, True),
        (Terminal, "3", True, False),
        (Terminal, "", False, False),
        (io.StringIO, "", True, False),
    ],
)
def test_a_bar_only_on_a_terminal_of_the_first_rank(monkeypatch, stream, rank, progress, shown):
    if rank:
        monkeypatch.setenv("RANK", rank)
    monkeypatch.setattr(sys, "stderr", stream())
    monkeypatch.setattr("joulebook.report.progress.EVERY_S", 0.05)
    monkeypatch.setattr("joulebook.report.progress.LAST_S", 10.0)  # a busy machine draws late
    with jb.track("bar") as run:
        for _ in run.steps(range(20), progress=progress):
            time.sleep(0.02)
    assert ("20/20" in sys.stderr.getvalue()) == shown
    assert bool(sys.stderr.getvalue()) == shown


def test_a_bar_without_a_thread_costs_the_bar_only(monkeypatch):
    def refused(_self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr("joulebook.report.progress.Bar.start", refused)
    with jb.track("bar") as run:
        for step in run.steps(range(5)):
            assert run._loops
            time.sleep(0.01)
            if step == 3:
                assert run.forecast.total == 5
        assert run._loops == []


CHANNEL = Channel("package-0", "cpu-0", "cpu", low=0.9, high=1.1, calibration="rapl")


def test_the_line_says_power_energy_and_time_with_their_intervals():
    outlook = Outlook(Range(100, 90, 120), Range(10_000, 9_000, 12_000), Range(50, 50, 50))
    text = line(Look(5, 50, 10.0, 1_000.0, [(CHANNEL, 1_000.0)], 100.0, outlook))
    assert text.startswith("5/50  100 W")
    assert " Wh  +" in text
    assert "at the end" in text
    assert text.endswith("1 min 30 s left (1 min 20 s-1 min 50 s)")


def test_the_interval_of_the_time_gives_way_to_a_budget():
    outlook = Outlook(Range(100, 60, 220), Range(10_000, 3_000, 42_000), Range(50, 50, 50))
    look = Look(1234, 5000, 10.0, 1_000.0, [(CHANNEL, 1_000.0)], 100.0, outlook, "83 % of 5 Wh")
    assert "83 % of 5 Wh" in line(look)
    assert line(look).endswith("1 min 30 s left")
    assert line(look._replace(budget="")).endswith("s left (50 s-3 min 30 s)")


def test_the_line_says_why_there_is_no_forecast():
    assert line(Look(0, 50, 1.0, None, [], None, Outlook(why="no step yet"))) == "0/50  no step yet"


def test_a_terminal_that_breaks_ends_the_bar_and_nothing_else(monkeypatch):
    monkeypatch.setattr("joulebook.report.progress.EVERY_S", 0.01)

    class Broken(io.StringIO):
        def write(self, _text):
            raise OSError("gone")

    bar = Bar(lambda: Look(1, 2, 1.0, None, [], None, Outlook(why="x")), Console(file=Broken(), force_terminal=True))
    bar.start()
    bar._thread.join(5)
    bar.close()
    assert not bar._thread.is_alive()
