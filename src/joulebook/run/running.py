"""`start()` and `Run`: a program, or a part of one, whose energy is recorded.

This module stands inside somebody's training process. Nothing in it raises, waits (beyond the start and
the stop themselves), prints twice, installs a signal handler or touches a sensor.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextvars import Token
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from joulebook import settings as settings_room
from joulebook.errors import RunNotFound, spared
from joulebook.meter.recorder import Recorder
from joulebook.registry import displayed
from joulebook.run.budget.wanted import Wanted, ruled, watch_over
from joulebook.run.stages import Place, Stage, here, restore, span_ids
from joulebook.run.steps import Asked, Counted, Loop, begun
from joulebook.sensors.base import boottime_ns
from joulebook.settings import RUN_VARIABLE

if TYPE_CHECKING:
    from joulebook.account.statement import Statement
    from joulebook.meter.opening import Opened
    from joulebook.meter.series import History
    from joulebook.run.ahead import Forecast
    from joulebook.run.budget.rule import Rule
    from joulebook.run.budget.standing import Budget
    from joulebook.run.budget.watch import Watch

T = TypeVar("T")
_clock = boottime_ns
PROBLEMS = 20
"""Of the meter's own problems so many different ones are kept."""
_open: dict[str, Run] = {}
"""Runs of this process that have not ended, the oldest first."""
_around: list[str] = []
"""The run of another process that this process is part of; known once a run has been started here."""


class Run:
    """One recorded execution. Made by `track` or `start`; after `stop`, `statement` is its account."""

    def __init__(self, name: str, opened: Opened | None, *, durable: bool = False, span: int = 0) -> None:
        self.name = name
        self.id = opened.run if opened else ""
        self.span = span
        self.stopped = ""
        self.notices: list[str] = list(opened.notices) if opened else []
        self._home = opened.home if opened else ""
        self._opened = opened
        self._recorder: Recorder | None = opened.recorder if opened else None
        self._durable = durable
        self._pid = os.getpid()
        self._statement: Statement | None = None
        self._token: Token[Place | None] | None = None
        self._watch: Watch | None = None
        self._rules: list[Rule] = []
        self._loops: list[Loop] = []
        """Loops over steps that have begun and not ended, the outermost first."""

    # -- inside the trained loop ------------------------------------------------------------------------------

    def edge(self, t_ns: int, kind: str, payload: object) -> bool:
        """Queue the edge of a span; False when it is not recorded."""
        recorder = self._recorder
        return recorder is not None and recorder.edge(t_ns, kind, payload)

    def stage(self, name: str) -> Stage:
        """A named interval of this run: `with run.stage("forward"): ...`. Stages nest; equal names add up."""
        return Stage(self, name)

    def noted(self, why: str) -> None:
        """Keep what went wrong in a call of the program: it is said by `degraded` and raised nowhere."""
        kept = self._opened.recorder.degraded if self._opened else self.notices
        if why not in kept and len(kept) < PROBLEMS:
            kept.append(why)

    def log(self, /, *, step: int | None = None, **metrics: object) -> None:
        """Record metrics (numbers) at this moment; the latest and the history of each are kept."""
        if step is not None:
            metrics["step"] = step
        spared(self._log, self.noted, metrics)

    def _log(self, metrics: dict[str, object]) -> None:
        recorder = self._recorder
        if recorder is not None:
            recorder.event(_clock(), "l", metrics)
            for loop in self._loops:
                loop.logged(metrics)
            for rule in self._rules:
                rule.logged(metrics)
            if self._durable:
                recorder.flush()

    def count(self, /, **counts: float) -> None:
        """Add to counters of useful work: `run.count(answers=64, useful=3)`."""
        spared(self._count, self.noted, counts)

    def _count(self, counts: dict[str, float]) -> None:
        recorder = self._recorder
        if recorder is not None:
            recorder.event(_clock(), "c", counts)
            if self._durable:
                recorder.flush()

    def steps(  # noqa: PLR0913 - each is a word that a training loop knows
        self,
        iterable: Iterable[T],
        *,
        total: int | None = None,
        first: int = 0,
        progress: bool = True,
        patience: int = 0,
        metric: str = "",
        mode: str = "",
        stop_when: str = "",
    ) -> Iterator[T]:
        """The items of `iterable`, each one a stage called "step", and a forecast of the loop's end.

        `total` is the number of the last step, by default what `len(iterable)` and `first` make; `first` is that of the
        step with which an interrupted loop goes on. `patience`: the loop ends early after so many values of `metric`
        (as logged) without a better one, `mode` "min" or "max". A terminal shows a bar, unless `progress` is off.
        `stop_when="gain of accuracy < 0.1 % per 0.1 kWh"` ends it; so does a budget that is spent, between two steps.
        """
        asked = Asked(total, first, progress, patience, metric, mode, stop_when)
        rule = spared(self._ruled, self.noted, asked)
        watch = self._watch if self._recorder is not None else None
        if watch is not None and spared(watch.begins, self.noted, self):
            return
        loop = spared(begun, self.noted, self._loops, self._opened, iterable, asked, watch)
        try:
            for item in iterable:
                with Stage(self, "step"):
                    yield item
                if loop is not None:
                    spared(loop.step, self.noted)
                if watch is not None and watch.due and spared(watch.ends, self.noted, self, rule):
                    break
        finally:
            if loop is not None:
                spared(loop.end, self.noted)
            if watch is not None and rule is not None:
                spared(watch.forget, self.noted, self, rule, self._rules)

    def _ruled(self, asked: Asked) -> Rule | None:
        self._watch, rule = ruled(self, self._opened, self._rules, asked, self._watch)
        return rule

    def loop(self, asked: Asked) -> Counted:
        """A loop whose steps somebody else counts, as a framework does."""
        begins = spared(begun, self.noted, self._loops, self._opened, (), asked, self._watch)
        return Counted(self, begins, self._watch)

    def expect(self, estimate: object) -> None:
        """Make an estimate of this run the prior of its forecast; before its loop begins."""
        from joulebook.meter.forecasting.prior import expecting  # loaded where somebody expects something

        if self._opened is not None and not self.span:
            self._opened = spared(expecting, self.noted, self._opened, estimate, self.notices) or self._opened

    @property
    def forecast(self) -> Forecast:
        """Energy, duration, carbon and cost of this run at the end of its outermost loop; None with a reason."""
        from joulebook.run.ahead import forecast_of  # pricing is heavy and is not loaded before it is asked for

        if self.span:
            return forecast_of(None, [], reason="a part of a run has no forecast of its own: ask the run around it")
        found = spared(forecast_of, self.noted, self._opened if self._recorder is not None else None, self._loops)
        return found or forecast_of(None, [], reason="it cannot be told: run.degraded says why")

    @property
    def budget(self) -> Budget | None:
        """What is spent of this run's budget, what is left, and what is forecast; None where it has none."""
        watch = self._watch
        known = watch is not None and watch.limits and self._recorder is not None
        return spared(watch.standing, self.noted) if known and watch is not None else None

    @property
    def over(self) -> str:
        """Why the budget, or the rule of one rank of several, asks to end now; "" while none does."""
        watch = self._watch
        return (spared(watch.asked, self.noted) or "") if watch is not None else ""

    # -- start and stop ---------------------------------------------------------------------------------------

    @property
    def recording(self) -> bool:
        """Whether this run is being recorded at present."""
        return self._recorder is not None and not self._recorder.closed

    @property
    def degraded(self) -> list[str]:
        """What went wrong inside the meter; empty when nothing did."""
        return list(self._opened.recorder.degraded) if self._opened else list(self.notices)

    def stop(self, status: str = "finished", *, exit_code: int | None = None, reason: str = "") -> None:
        """End the run. Does nothing when it has ended, or in a forked child. Takes 2 s at the very most."""
        recorder, self._recorder = self._recorder, None
        if recorder is None or os.getpid() != self._pid:
            return
        self.stopped = status
        if self._watch is not None:
            told = spared(self._watch.close, self.noted, self, status, reason)
            status, reason, self.stopped = told or (status, reason, status)
        for loop in list(self._loops):
            spared(loop.end, self.noted)
        spared(_leave, self.noted, self)
        now = spared(_clock, self.noted)
        if self.span:
            spared(recorder.edge, self.noted, now or 0, "-", self.span)
            return
        final = {"status": status, "exit": exit_code, "reason": reason}
        spared(recorder.stop, self.noted, final if now is None else {"t": now, **final})

    @property
    def statement(self) -> Statement:
        """The account of this run (of what it has used so far, while it still runs).

        Raises `RunNotFound` when nothing was recorded (JOULEBOOK_OFF, or no place to write).
        """
        from joulebook.index import Book  # pricing is heavy and is not loaded before it is asked for

        if not self.id:
            raise RunNotFound("nothing was recorded: JOULEBOOK_OFF is set, or run.notices says why")
        if self._statement is None or self._recorder is not None:
            if self._recorder is not None:
                self._recorder.flush()
            book = Book(self._home or None, keep=False)
            self._statement = book.statement(self.id, span=str(self.span) if self.span else "")
        return self._statement

    @property
    def history(self) -> History:
        """Power over time and the visits of the stages (of the whole run around it, where this is a part of one)."""
        from joulebook.index import Book  # as for the statement

        if self._recorder is not None:
            self._recorder.flush()
        return Book(self._home or None, keep=False).history(self.id)

    @property
    def step_seconds(self) -> tuple[float, ...]:
        """Seconds of each finished step of the outermost loop, as an estimate of a longer run needs them."""
        from joulebook.index.metered import metered  # as for the statement

        return tuple(metered(self.id, self._home or None).step_seconds)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows: three figures and the power over time."""
        return displayed("notebook", self) or {"text/plain": repr(self)}

    def __rich__(self) -> object:
        """What `rich` prints: the whole account."""
        return displayed("terminal", self) or repr(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.stop()
        else:
            self.stop("failed", reason=kind.__name__)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return _elsewhere, (self.name, self.id, self._home)

    def __repr__(self) -> str:
        state = "recording" if self._recorder else self.stopped or "off"
        return f"<joulebook run {self.name or 'unnamed'} {self.id[:4]} {state}>"


def _elsewhere(name: str, run_id: str, home: str) -> Run:
    """What becomes of a run that is sent to another process: it knows its id and records nothing."""
    run = Run(name, None)
    run.id, run._home, run.stopped = run_id, home, "elsewhere"  # noqa: SLF001 - this module is the home of Run
    return run


def start(  # noqa: PLR0913 - each is a word of somebody who starts a run
    name: str = "",
    *,
    config: Mapping[str, object] | None = None,
    region: str | None = None,
    share: str | None = None,
    labels: Mapping[str, str] | None = None,
    durable: bool = False,
    budget: object = None,
    on_budget: object = None,
) -> Run:
    """Start a run and return it; end it with `run.stop()`.

    Inside another run of this process it becomes a span of that run, so that nothing is counted twice.
    Never raises: a problem is kept in `run.notices`, and the run then records nothing.
    """
    outer = here.get()
    if outer is not None and outer[0].recording and outer[0]._opened is not None:  # noqa: SLF001 - same class
        return _nested(name, outer, Wanted(budget, on_budget), durable=durable)
    try:
        from joulebook.meter.opening import Subject, open_recording  # facts and sensors: loaded by the first start

        flags = {key: value for key, value in (("region", region), ("share", share)) if value is not None}
        settings = settings_room.load(flags=flags, lenient=True)
        if settings.off:
            return Run(name, None)
        argv = list(getattr(sys, "orig_argv", sys.argv))
        opened = open_recording(Subject(name, argv, os.getpid(), config, labels, _outside()), settings)
        run = Run(name, opened, durable=durable)
        run.notices += settings.problems
        opened.recorder.start()
        run._watch = watch_over(run, opened, run._loops, Wanted(budget, on_budget, settings))  # noqa: SLF001 - as below
    except Exception as error:  # noqa: BLE001 - the door to somebody's program: their job goes on
        failed = Run(name, None)
        failed.notices.append(f"nothing is recorded: {type(error).__name__}: {error}")
        return failed
    run._token = here.set((run, 0))  # noqa: SLF001 - this module is the home of Run
    _open[run.id] = run
    os.environ[RUN_VARIABLE] = opened.mark
    return run


def _nested(name: str, outer: tuple[Run, int], wanted: Wanted, *, durable: bool) -> Run:
    around, parent = outer
    run = Run(name, around._opened, durable=durable, span=next(span_ids))  # noqa: SLF001 - same class
    watched = spared(watch_over, run.noted, run, run._opened, run._loops, wanted, around._watch)  # noqa: SLF001 - as above
    run._watch = watched  # noqa: SLF001 - same class
    spared(lambda: run.edge(_clock(), "+", (run.span, parent, name or "block")), run.noted)
    run._token = here.set((run, run.span))  # noqa: SLF001 - same class
    return run


def current() -> Run | None:
    """The run that this context is in."""
    place = here.get()
    return None if place is None else place[0]


def _outside() -> str:
    """The run of another process that this process is part of; runs in other threads are beside, not around."""
    if not _open:
        _around[:] = [os.environ.get(RUN_VARIABLE, "")]
    return _around[0]


def _mark(run: Run) -> str:
    return run._opened.mark if run._opened else run.id  # noqa: SLF001 - this module is the home of Run


def _leave(run: Run) -> None:
    token, run._token = run._token, None  # noqa: SLF001 - this module is the home of Run
    if token is not None:
        restore(token, run)
    if run.span or _open.pop(run.id, None) is None:
        return
    around = next((_mark(other) for other in reversed(_open.values())), "") or _around[0]
    if around:
        os.environ[RUN_VARIABLE] = around
    elif os.environ.get(RUN_VARIABLE) == _mark(run):
        del os.environ[RUN_VARIABLE]


def _after_fork() -> None:
    """Make every run inert in a forked child: the parent goes on recording, the child never does."""
    for run in list(_open.values()):
        recorder, run._recorder = run._recorder, None  # noqa: SLF001 - this module is the home of Run
        run._watch = None  # noqa: SLF001 - as above
        run._loops.clear()  # noqa: SLF001 - as above
        if recorder is not None:
            spared(recorder.abandon, run.noted)
    _open.clear()
    here.set(None)


def _at_exit() -> None:
    raised = None if hasattr(sys, "ps1") else getattr(sys, "last_type", None)  # at a prompt programs go on after it
    for run in list(_open.values()):
        if raised is None:
            run.stop()
        else:
            run.stop("failed", reason=raised.__name__)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
atexit.register(_at_exit)
