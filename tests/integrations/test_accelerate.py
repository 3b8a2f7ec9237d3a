"""Accelerate: a tracker like its own ones, around a loop that is the user's."""

from __future__ import annotations

import numpy as np
import pytest

import joulebook as jb
from joulebook.index import Book

STEPS = 6


@pytest.fixture(autouse=True)
def no_state_of_others():
    yield
    from accelerate.state import AcceleratorState, PartialState

    AcceleratorState._reset_state()
    PartialState._reset_state()


def tracker(*args, **options):
    from joulebook.integrations.accelerate import JoulebookTracker

    return JoulebookTracker(*args, **options)


def train(mine, tensors, fail_at=0, seen=None):
    """The loop of Accelerate's own quick tour; with a tracker of ours or none."""
    import torch
    from accelerate import Accelerator

    torch.manual_seed(0)
    accelerator = Accelerator(cpu=True, log_with=mine)
    accelerator.init_trackers("project", config={"lr": 0.1})
    model = torch.nn.Linear(4, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = torch.utils.data.DataLoader(tensors, batch_size=8)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    for step, (x, y) in enumerate(mine.run.steps(loader) if mine else loader):
        if step + 1 == fail_at:
            raise RuntimeError("theirs")
        loss = torch.nn.functional.cross_entropy(model(x), y)
        accelerator.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
        accelerator.log({"loss": loss.item()}, step=step)
        if seen is not None:
            seen.append(mine.run.forecast)
    accelerator.end_training()
    return [one.detach().numpy().copy() for one in model.parameters()]


def test_a_training_is_a_run_with_steps_metrics_and_a_forecast(tensors, told, capfd):
    mine, seen = tracker("ft", region="FR"), []
    train(mine, tensors, seen=seen)
    assert "joulebook" not in "".join(capfd.readouterr())
    assert mine.problems == []
    assert (mine.run.name, mine.run.stopped) == ("ft", "finished")
    paths, metrics = told(mine.run.id)
    assert paths == ["step"] * STEPS
    assert metrics[0] == {"lr": 0.1}
    assert [one["step"] for one in metrics[1:]] == list(range(STEPS))
    assert [(one.done, one.total) for one in seen] == [(at, STEPS) for at in range(STEPS)]


def test_results_are_the_same_with_and_without(tensors):
    pairs = zip(train(None, tensors), train(tracker("ft"), tensors), strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)


def test_an_exception_ends_the_run_as_failed(tensors, runs):
    mine = tracker("ft")
    with pytest.raises(RuntimeError, match="theirs"), mine:
        train(mine, tensors, fail_at=3)
    assert runs() == [("ft", "failed")]


def test_off_nothing_is_recorded_and_the_loop_is_the_same(tensors, monkeypatch, tmp_path):
    monkeypatch.setenv("JOULEBOOK_OFF", "1")
    train(tracker("ft"), tensors)
    assert not (tmp_path / "book").exists()


def test_by_its_name_it_is_made_with_the_name_of_the_project(tensors, runs):
    from accelerate import Accelerator
    from accelerate.tracking import register_tracker_class

    from joulebook.integrations.accelerate import JoulebookTracker

    register_tracker_class(JoulebookTracker)
    accelerator = Accelerator(cpu=True, log_with="joulebook")
    accelerator.init_trackers("project", init_kwargs={"joulebook": {"config": {"lr": 0.1}}})
    run = accelerator.get_tracker("joulebook", unwrap=True)
    assert isinstance(run, jb.Run)
    accelerator.end_training()
    assert runs() == [("project", "finished")]
    assert Book().recordings(run.id)[0].head["config"] == {"lr": 0.1}
