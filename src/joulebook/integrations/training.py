"""A training as the callbacks of a framework tell it: its run, phases, steps and metrics.

What all frameworks share stands here; it knows none of them. Whatever goes wrong in a hook stays in `problems`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from itertools import takewhile
from threading import get_ident
from types import TracebackType
from typing import Any, Final, NamedTuple, Self, TypeVar

from joulebook.errors import MissingExtra, spared
from joulebook.run import Run, Stage, start
from joulebook.run.steps import FAULTS, Asked, Counted

F = TypeVar("F", bound=Callable[..., object])
PROBLEMS: Final = 20
SLIPS: Final = (*FAULTS, AssertionError, MemoryError, Warning)
"""What may be raised by code of ours alone. The hooks of each step name it themselves instead of being `silent`: with
the caches full of a network, every further call costs as much as recording an edge."""
LEFT: Final = "its end was never reported"
_going: dict[tuple[type, int], Training] = {}
"""Trainings of frameworks that say nothing of an exception, by callback class and thread."""


def needs(name: str, oldest: str, found: object) -> None:
    """Raise `MissingExtra`, with the command that cures it, where a framework is older than the callback can use."""
    version = str(found)
    here, least = (
        [int("".join(takewhile(str.isdigit, part)) or 0) for part in one.split(".")[:2]] for one in (version, oldest)
    )
    if here < least:
        raise MissingExtra.framework(name, oldest, f"version {version} is here")


def silent(hook: F) -> F:
    """The hook, out of which nothing of ours is raised into somebody's training: it is kept as a problem."""

    @wraps(hook)
    def quiet(self: Metered, /, *args: object, **kwargs: object) -> object:
        return spared(hook, lambda why: self._problem(hook.__name__, why), self, *args, **kwargs)

    return quiet  # type: ignore[return-value]  # it takes what the hook takes


class Plan(NamedTuple):
    """What a framework knows at the beginning of a training."""

    name: str = ""
    """For the run, where the user gave none."""
    config: Mapping[str, object] = {}


class Training:
    """A run, or a span of the run around it, with the phase that it is in."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.phase = ""
        self._stage: Stage | None = None
        self._step = run.stage("step")  # one for all steps: making it anew would cost as much as entering it
        self._steps = False
        """Whether a step has been entered and not left."""
        self._loop: Counted | None = None

    def foresee(self, steps: Asked) -> None:
        """The loop begins; it is forecast where the number of its steps is known. The framework has its own bar."""
        if self._loop is None:
            self._loop = self.run.loop(steps._replace(progress=False))

    def enter(self, phase: str) -> None:
        """Leave the present phase for this one; "" for none."""
        if phase == self.phase:
            return
        self.leave_step()
        stage, self._stage, self.phase = self._stage, None, ""
        if stage is not None:
            stage.__exit__()
        if phase:
            self._stage = self.run.stage(phase)
            self._stage.__enter__()
            self.phase = phase

    def enter_step(self) -> None:
        """A step begins; one that has not been left ends here."""
        if self._steps:
            self._step.__exit__()
        self._steps = True
        self._step.__enter__()

    def leave_step(self) -> None:
        """The step that was entered ends; nothing happens where there is none."""
        if self._steps:
            self._steps = False
            self._step.__exit__()

    def finish_step(self) -> bool:
        """A step has been trained, and counts; True where the training should end, because the budget is spent."""
        self.leave_step()
        return self._loop is not None and self._loop.step()

    def end(self, status: str, reason: str) -> None:
        """End the phase and the run."""
        try:
            self.enter("")
            loop, self._loop = self._loop, None
            if loop is not None:
                loop.end()
        finally:
            self.run.stop(status, reason=reason)


class Metered:
    """What every callback has: the name and options of its runs, the run itself, and what went wrong.

    A context manager keeps one run from its beginning to its end, with every training inside it as a part, and
    ends it when something is raised: Keras and Transformers have no hook for that.
    """

    reports_exceptions = False
    """Whether the framework calls a hook when a training raises."""

    def __init__(self, name: str = "", /, **options: object) -> None:
        known = start.__kwdefaults__ or {}
        unknown = [option for option in options if option not in known]
        if unknown:
            raise TypeError(f"{type(self).__name__} has no option {unknown[0]!r}; it has {', '.join(known)}")
        super().__init__()
        self._name = name
        self._options: dict[str, Any] = dict(options)
        self.run: Run | None = None
        """The run of the present training, or of the last one."""
        self.problems: list[str] = []
        """What went wrong in the hooks; empty when nothing did."""
        self._training: Training | None = None
        self._around: Run | None = None

    def _begin(self, plan: Plan, phase: str = "") -> Training:
        """A training begins; one of this callback or of its kind that never ended is ended as failed."""
        self._end("failed", LEFT)
        place = (type(self), get_ident())
        left = None if self.reports_exceptions else _going.pop(place, None)
        if left is not None:
            left.end("failed", LEFT)
        options = self._options
        if plan.config:
            options = {**options, "config": {**plan.config, **(options.get("config") or {})}}
        run = start(self._name or plan.name, **options)
        self.run = run
        self._training = training = Training(run)
        if not self.reports_exceptions:
            _going[place] = training
        training.enter(phase)
        return training

    def _end(self, status: str = "finished", reason: str = "") -> None:
        """The training is over; nothing happens where none goes on."""
        training, self._training = self._training, None
        if training is None:
            return
        for place in [place for place, one in _going.items() if one is training]:
            del _going[place]
        training.end(status, reason)

    def _record(self, metrics: Mapping[str, object], step: int | None = None) -> None:
        """Record metrics under the names that the framework gives them."""
        training = self._training
        if training is not None and metrics:
            training.run.log(step=step, **{str(name): value for name, value in metrics.items() if name != "step"})

    def _problem(self, hook: str, why: object) -> None:
        """Keep what went wrong."""
        said = f"{hook}: {why if isinstance(why, str) else repr(why)}"
        if said not in self.problems and len(self.problems) < PROBLEMS:
            self.problems.append(said)

    def __enter__(self) -> Self:
        self.run = self._around = start(self._name, **self._options)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        around, self._around = self._around, None
        try:
            if kind is None:
                self._end()
            else:
                self._end("failed", kind.__name__)
        finally:
            if around is not None:
                self.run = around
                around.__exit__(kind, error, trace)

    def __getstate__(self) -> dict[str, object]:
        """A copy, in this process or another one, has the name and the options and begins a run of its own."""
        return {**self.__dict__, "run": None, "problems": [], "_training": None, "_around": None}
