"""What every callback promises, whatever the framework: the same laws on Lightning, Transformers and Keras."""

from __future__ import annotations

import copy
import pickle
import time
from itertools import cycle

import numpy as np
import pytest

import joulebook as jb
from joulebook.index import Book
from joulebook.integrations import training as room

STEPS = 6


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_training_is_a_run_with_its_phases_steps_and_metrics(lab, told, capfd):
    import torch  # noqa: F401 - what it prints when it is loaded is not ours

    callback = lab.Callback("ft", config={"width": 3}, labels={"who": "me"}, region="FR")
    lab.train([callback])
    assert "joulebook" not in "".join(capfd.readouterr())
    run = callback.run
    assert run.notices == []
    assert callback.problems == []
    assert (run.name, run.stopped, run.recording) == ("ft", "finished", False)
    paths, metrics = told(run.id)
    assert paths.count("train/step") == 2 * STEPS
    assert paths.count("validation") == 2
    assert set(paths) <= {"train", "train/step", "validation", "sanity check"}
    for name in lab.epochs_of_metrics:
        assert [one[name] for one in metrics if name in one], name
    values = [one[lab.epochs_of_metrics[0]] for one in metrics if lab.epochs_of_metrics[0] in one]
    assert len(values) == 2
    assert values[1] != values[0]
    head = Book().recordings(run.id)[0].head
    assert head["config"]["width"] == 3
    assert head["labels"] == {"who": "me"}
    statement = run.statement
    assert statement.status == "finished"
    assert statement.energy.value == pytest.approx(100 * statement.duration.value, rel=0.2)


def test_results_are_the_same_with_and_without(lab):
    without = lab.train([])
    assert same(without, lab.train([lab.Callback("ft")]))


def test_the_forecast_knows_the_last_step(lab, monkeypatch):
    seen = []
    enter = room.Training.enter_step

    def looked(self):
        enter(self)
        seen.append(self.run.forecast)

    monkeypatch.setattr(room.Training, "enter_step", looked)
    lab.train([lab.Callback("ft")], epochs=3)
    assert [(one.done, one.total) for one in seen[1:]] == [(at, 3 * STEPS) for at in range(1, 3 * STEPS)]
    assert seen[-1].duration is not None


def test_an_exception_is_theirs_and_ends_the_run_as_failed(lab, runs):
    metered = lab.Callback("ft")
    with pytest.raises(RuntimeError, match="theirs"), metered:
        lab.train([metered], fail_at=3)
    assert metered.run.stopped == "failed"
    assert metered.problems == []
    assert runs() == [("ft", "failed")]
    following = jb.start("next")
    following.stop()
    assert following.span == 0


def test_an_exception_without_a_block_ends_the_run_no_later_than_the_next_training(lab, runs):
    with pytest.raises(RuntimeError, match="theirs"):
        lab.train([lab.Callback("first")], fail_at=3)
    lab.train([lab.Callback("second")])
    assert runs() == [("first", "failed"), ("second", "finished")]


def test_ctrl_c_is_not_swallowed(lab, monkeypatch, runs):
    finish, due = room.Training.finish_step, [True]

    def interrupted(self):
        over = finish(self)
        if due:
            due.pop()
            raise KeyboardInterrupt
        return over

    metered = lab.Callback("ft")
    monkeypatch.setattr(room.Training, "finish_step", interrupted)
    with pytest.raises((KeyboardInterrupt, SystemExit)), metered:
        lab.train([metered])
    assert runs() == [("ft", "failed")]


def test_two_trainings_with_one_callback_are_two_runs_and_a_block_makes_them_one(lab, runs, told):
    callback = lab.Callback("ft")
    lab.train([callback])
    first = callback.run
    lab.train([callback])
    assert first.id != callback.run.id
    assert runs() == [("ft", "finished")] * 2
    with callback as metered:
        lab.train([callback], epochs=1)
        lab.train([callback], epochs=1)
    assert runs() == [("ft", "finished")] * 3
    paths, _ = told(metered.run.id)
    assert paths.count("ft/train/step") == 2 * STEPS


def test_inside_a_run_a_training_is_a_part_of_it(lab, runs, told):
    with jb.track("around") as run:
        callback = lab.Callback("ft")
        lab.train([callback])
    assert callback.run.id == run.id
    assert runs() == [("around", "finished")]
    assert "ft/train/step" in told(run.id)[0]


def test_a_budget_that_is_spent_ends_the_training_in_the_way_of_the_framework(lab, runs):
    callback = lab.Callback("ft", budget="20 J")
    before = time.monotonic()
    lab.train([callback], epochs=3_000)
    assert time.monotonic() - before < 60
    assert callback.problems == []
    assert callback.run.stopped == "budget"
    assert runs() == [("ft", "stopped")]
    assert callback.run.statement.duration.value < 30


def test_what_stands_alone_is_a_run_too(lab, runs, told):
    callback = lab.Callback("ft")
    phases = lab.alone([callback])
    assert runs() == [("ft", "finished")] * len(phases)
    found = [told(row["id"])[0] for row in reversed(list(Book().rows()))]
    assert [phase in paths for phase, paths in zip(phases, found, strict=True)] == [True, True]


def test_off_nothing_is_recorded(lab, monkeypatch, tmp_path):
    monkeypatch.setenv("JOULEBOOK_OFF", "1")
    callback = lab.Callback("ft")
    without = lab.train([])
    assert same(without, lab.train([callback]))
    assert callback.problems == []
    assert not (tmp_path / "book").exists()


def test_copies_keep_name_and_options_and_begin_runs_of_their_own(lab, runs):
    callback = lab.Callback("ft", region="FR")
    with callback:
        for copied in (copy.deepcopy(callback), copy.copy(callback), pickle.loads(pickle.dumps(callback))):
            assert copied.run is None
            assert (copied._name, copied._options) == ("ft", {"region": "FR"})
    lab.train([copied])
    assert runs() == [("ft", "finished")] * 2


def test_whatever_is_raised_in_a_hook_stays_there(lab, monkeypatch):
    without = lab.train([])
    errors = cycle((RuntimeError("ours"), MemoryError(), TypeError("missing 1 argument"), AttributeError("renamed")))
    for place in ("_begin", "foresee", "enter", "enter_step", "finish_step", "end"):
        error = next(errors)

        def broken(self, *args, error=error, **kwargs):
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(room.Metered if place == "_begin" else room.Training, place, broken)
            callback = lab.Callback("ft")
            assert same(without, lab.train([callback])), place
        assert callback.problems, place
        if callback.run is not None:
            callback.run.stop()


def test_hooks_bear_other_arguments(lab):
    callback = lab.Callback("ft")
    for name in dir(callback):
        if name.startswith("on_") and getattr(type(callback), name).__module__.startswith("joulebook"):
            getattr(callback, name)("other", "arguments", 3, 4, 5, 6, 7, new=8)
            getattr(callback, name)()
    callback._end()


def test_an_option_that_does_not_exist_is_refused_at_once(lab):
    with pytest.raises(TypeError, match="no option 'regoin'; it has config, region"):
        lab.Callback("ft", regoin="FR")
