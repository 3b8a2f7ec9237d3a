"""PyTorch without a framework around it: steps counted at the optimizer, stages that wait for the GPU.

A loop over a loader needs nothing of this: `for batch in run.steps(loader)` does it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from joulebook.errors import MissingExtra
from joulebook.integrations.training import needs
from joulebook.run import Run, Stage, track
from joulebook.run.steps import Asked, Counted

try:
    import torch
except ImportError as error:
    raise MissingExtra.framework("torch", "2.1", str(error)) from error
needs("torch", "2.1", torch.__version__)


@contextmanager
def watch(
    optimizer: Any, name: str = "", *, total: int | None = None, first: int = 0, progress: bool = True, **options: Any
) -> Iterator[Run]:
    """A run in which each `optimizer.step()` is a step of the forecast.

    `with watch(optimizer, "gan", total=9_000) as run:` is for loops that `run.steps` cannot be put around. `total` and
    `first` are as there, the other options are those of `joulebook.track`. Nothing is left at the optimizer, and
    nothing of it gets into a checkpoint. `run.over` says when the budget is spent: the loop is yours to end.
    """
    with track(name, **options) as run:
        loop = run.loop(Asked(total, first, progress))
        handle = optimizer.register_step_post_hook(lambda *_: _stepped(loop))
        try:
            yield run
        finally:
            handle.remove()
            loop.end()


def _stepped(loop: Counted) -> None:
    loop.step()


@contextmanager
def synchronized(stage: Stage, device: Any = None) -> Iterator[Stage]:
    """A stage that waits for the GPU at its two edges.

    Use it as `with synchronized(run.stage("epoch")):`. Kernels run after the line that starts them: without waiting,
    their energy falls into the stage in which they happen to run. The waiting costs time; around an epoch it is
    nothing, around each layer it is a lot.
    """
    _wait(device)
    with stage:
        try:
            yield stage
        finally:
            _wait(device)


def _wait(device: Any) -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize(device)
