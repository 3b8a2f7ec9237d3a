"""Plain PyTorch: steps counted at the optimizer, stages with an empty queue at their edges."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import joulebook as jb


def trained(tensors, steps, *, metered=True, looks=None, fail_at=0, **options):
    import torch

    from joulebook.integrations.torch import watch

    torch.manual_seed(0)
    model = torch.nn.Linear(4, 3)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)

    def loop(run):
        for step in range(steps):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(tensors.tensors[0]), tensors.tensors[1]).backward()
            optimizer.step()
            if looks is not None:
                looks.append(run.forecast)
            if step + 1 == fail_at:
                raise RuntimeError("theirs")

    if metered:
        with watch(optimizer, "ft", **options) as run:
            loop(run)
    else:
        loop(None)
    return optimizer, [one.detach().numpy().copy() for one in model.parameters()]


def test_steps_of_the_optimizer_are_forecast(tensors):
    looks = []
    trained(tensors, 5, total=8, first=3, looks=looks)
    assert [(one.done, one.total) for one in looks] == [(3 + at, 8) for at in range(1, 6)]


def test_results_are_the_same_and_nothing_is_left_at_the_optimizer(tensors):
    (_, without), (watched, with_it) = trained(tensors, 5, metered=False), trained(tensors, 5, total=5)
    assert all(np.array_equal(a, b) for a, b in zip(without, with_it, strict=True))
    assert not watched._optimizer_step_post_hooks
    assert b"joulebook" not in pickle.dumps(watched.state_dict()) + pickle.dumps(watched)


def test_copies_of_a_watched_optimizer_are_not_watched(tensors):
    import torch

    from joulebook.integrations.torch import watch

    optimizer = torch.optim.SGD(torch.nn.Linear(2, 2).parameters(), lr=0.1)
    with watch(optimizer, "ft", total=3) as run:
        for other in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
            other.step()
        assert run.forecast.done == 0
        optimizer.step()
        assert run.forecast.done == 1


def test_without_a_total_the_run_is_recorded_and_an_exception_ends_it(tensors, runs):
    with pytest.raises(RuntimeError, match="theirs"):
        trained(tensors, 5, fail_at=2)
    assert runs() == [("ft", "failed")]


def test_off_nothing_is_recorded(tensors, monkeypatch, tmp_path):
    monkeypatch.setenv("JOULEBOOK_OFF", "1")
    trained(tensors, 3, total=3)
    assert not (tmp_path / "book").exists()


def test_a_synchronized_stage_waits_at_both_edges_and_where_something_is_raised(monkeypatch, told):
    import torch

    from joulebook.integrations.torch import synchronized

    waited = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "synchronize", waited.append)
    with jb.track("x") as run:
        with synchronized(run.stage("epoch"), "cuda:0"):
            assert waited == ["cuda:0"]
        with pytest.raises(KeyError), synchronized(run.stage("epoch")):
            raise KeyError
    assert waited == ["cuda:0", "cuda:0", None, None]
    assert told(run.id)[0] == ["epoch", "epoch"]
