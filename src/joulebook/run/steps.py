"""A loop over steps: the trained thread leaves a stamp a step, whoever asks gets the loop's end as it looks now.

Nothing here raises into the loop or waits in it; a thread of its own draws the bar, on a terminal only.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from joulebook.errors import JoulebookError
from joulebook.meter.ranks.launcher import is_first
from joulebook.registry import displayed
from joulebook.run.trail import joules_at, watts_of
from joulebook.sensors.base import boottime_ns

if TYPE_CHECKING:
    from joulebook.meter.forecasting.outlook import Outlook, Range, Steps
    from joulebook.meter.opening import Opened
    from joulebook.run.budget.watch import Watch
    from joulebook.run.running import Run
    from joulebook.sensors.base import Channel

CHUNK: Final = 256
"""Stamps that wait before the trained thread sorts them itself, where nobody has asked meanwhile."""
OLD_NS: Final = 60_000_000_000
"""and no longer than this: the energy of that time is still in memory."""
SHORT_NS: Final = 200_000
"""Steps that are shorter in the mean are taken together."""
VALUES: Final = 256
"""Values of a metric that wait to become numbers."""
FAULTS: Final = (
    ArithmeticError, AttributeError, ImportError, JoulebookError, LookupError, OSError,
    RuntimeError, TypeError, ValueError,
)  # fmt: skip


class Asked(NamedTuple):
    """The options of `run.steps`."""

    total: int | None = None
    first: int = 0
    progress: bool = True
    patience: int = 0
    metric: str = ""
    mode: str = ""
    stop_when: str = ""


class Look(NamedTuple):
    """A loop at this moment. Seconds and joules of the outlook count from the beginning of the run."""

    done: int
    total: int | None
    seconds: float
    """Since the beginning of the run."""
    joules: float | None
    devices: list[tuple[Channel, float]]
    """What each device has used since then, up to its last reading."""
    watts: float | None
    outlook: Outlook
    budget: str = ""
    """How much of it is spent, in words."""


class Loop:
    """One loop over steps that is going on."""

    def __init__(self, loops: list[Loop], opened: Opened, asked: Asked, total: int | None) -> None:
        from joulebook.meter.forecasting.outlook import Steps  # loaded by the first loop whose number of steps is known
        from joulebook.meter.forecasting.stopping import EarlyStop  # as above

        rule = EarlyStop(asked.metric, asked.patience, asked.mode) if asked.patience > 0 and asked.metric else None
        self._loops = loops
        self._recorder = opened.recorder
        self._expected = opened.expected
        began = opened.head.get("boot_ns")
        self._last_ns = boottime_ns()
        self._began_ns = began if isinstance(began, int) else self._last_ns
        self._last_j: float | None = None
        self._metric = asked.metric if rule else ""
        self._waiting: list[object] = []
        self._stamps: list[int] = []
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._steps: Steps = Steps(total, first=asked.first, rule=rule)
        self.close: Callable[[], None] | None = None
        """Ends the bar, where one is shown."""

    def step(self) -> None:
        """A step has been finished."""
        now = boottime_ns()
        self._stamps.append(now)
        due = len(self._stamps) >= CHUNK or now - self._last_ns > OLD_NS
        if due and self._lock.acquire(blocking=False):
            try:
                with suppress(*FAULTS):
                    self._take()
            finally:
                self._lock.release()

    def logged(self, metrics: Mapping[str, object]) -> None:
        """Keep the value of the metric that the patience is about; it becomes a number when somebody asks."""
        if self._metric and self._metric in metrics and len(self._waiting) < VALUES:
            self._waiting.append(metrics[self._metric])

    def end(self) -> None:
        """The loop is over: there is nothing to look ahead to."""
        if self in self._loops:
            self._loops.remove(self)
        close, self.close = self.close, None
        if close is not None and os.getpid() == self._pid:
            with suppress(*FAULTS):
                close()

    def look(self, budget: str = "") -> Look:
        """The loop now; may be asked from any thread."""
        with self._lock:
            self._take()
            now = boottime_ns()
            steps, trail = self._steps, list(self._recorder.trail)
            used = joules_at(trail, now)
            found = steps.outlook()
            if found.seconds is not None:
                found = found._replace(
                    seconds=_moved(
                        found.seconds, (self._last_ns - self._began_ns) / 1e9 - steps.seconds, self._age(now)
                    )
                )
            if found.joules is not None and self._last_j is not None and used is not None:
                found = found._replace(joules=_moved(found.joules, self._last_j - steps.joules, used))
            else:
                found = found._replace(joules=None)
            if self._expected is not None and steps.total:
                place, before = (steps.first, steps.done, steps.total), (self._age(now), used or 0.0)
                found = self._expected.of(found, place, before)
            watts = watts_of(trail)
            return Look(steps.done, steps.total, self._age(now), used, self._recorder.used(), watts, found, budget)

    def _age(self, now: int) -> float:
        return (now - self._began_ns) / 1e9

    def _take(self) -> None:
        """Sort the stamps that have come, with the energy until each of them."""
        if os.getpid() != self._pid:
            self._stamps.clear()
            return
        count = len(self._stamps)
        stamps = self._stamps[:count]
        del self._stamps[:count]
        trail = list(self._recorder.trail)
        if self._last_j is None:
            self._last_j = joules_at(trail, self._last_ns)
        if count >= CHUNK // 2 and stamps[-1] - self._last_ns < count * SHORT_NS:
            self._steps.add_many(count, *self._gained(trail, stamps[-1]))
            stamps.clear()
        for stamp in stamps:
            self._steps.add(*self._gained(trail, stamp))
        waiting = self._waiting[:]
        del self._waiting[: len(waiting)]
        for value in waiting:
            with suppress(*FAULTS):
                self._steps.metric(float(value))  # type: ignore[arg-type]  # what cannot be a number is left out

    def _gained(self, trail: list[tuple[int, float]], stamp: int) -> tuple[float, float]:
        """Seconds and joules from the last stamp to this one, which becomes the last."""
        before_ns, before = self._last_ns, self._last_j
        self._last_ns, self._last_j = stamp, joules_at(trail, stamp)
        joules = 0.0 if before is None or self._last_j is None else self._last_j - before
        return (stamp - before_ns) / 1e9, joules


class Counted:
    """A loop whose steps somebody else counts; with or without a forecast, with or without a budget."""

    __slots__ = ("_loop", "_run", "_watch")

    def __init__(self, run: Run, loop: Loop | None, watch: Watch | None) -> None:
        self._run = run
        self._loop = loop
        self._watch = watch
        if watch is not None:
            watch.begins(run)

    def step(self) -> bool:
        """A step has been finished; True where the loop should end, because the budget is spent."""
        if self._loop is not None:
            self._loop.step()
        watch = self._watch
        return watch is not None and watch.due and watch.ends(self._run)

    def end(self) -> None:
        """The loop is over."""
        if self._loop is not None:
            self._loop.end()


def begun(
    loops: list[Loop], opened: Opened | None, iterable: object, asked: Asked, watch: Watch | None = None
) -> Loop | None:
    """The loop that begins here, with its bar; None where nothing is recorded or nothing can be foreseen."""
    if opened is None or opened.recorder.closed:
        return None
    total = asked.total
    with suppress(*FAULTS):
        if total is None:
            total = len(iterable) + asked.first  # type: ignore[arg-type]  # not everything has a length
        if type(total) is not int or type(asked.first) is not int or not 0 <= asked.first < total:
            return None
        loop = Loop(loops, opened, asked, total)
        inner = bool(loops)
        loops.append(loop)
        if asked.progress and not inner and _is_watched():
            with suppress(*FAULTS):  # no thread is left, for one
                loop.close = displayed("progress", lambda: loop.look(watch.word if watch is not None else ""))
        return loop
    return None


def _is_watched() -> bool:
    """Whether a person looks at a terminal that this process, of all ranks, writes to."""
    error = sys.stderr
    return error is not None and error.isatty() and is_first(os.environ)


def _moved(found: Range, before: float, used: float) -> Range:
    """The range from the beginning of the run on; nothing of it is below what has been used already."""
    return type(found)(*(max(used, value + before) for value in found))
