"""Stages: named intervals of a run, and where in which run the present context is."""

from __future__ import annotations

from contextvars import ContextVar, Token
from itertools import count
from typing import TYPE_CHECKING, Self, TypeAlias

from joulebook.errors import spared
from joulebook.sensors.base import boottime_ns

if TYPE_CHECKING:
    from joulebook.run.running import Run

span_ids = count(1)
Place: TypeAlias = "tuple[Run, int]"
here: ContextVar[Place | None] = ContextVar("joulebook_run", default=None)
"""The run and the span of it that this context is in."""


class Stage:
    """A named interval of a run; a context manager. Entering and leaving costs about a microsecond."""

    __slots__ = ("_entered", "_run", "name")

    def __init__(self, run: Run, name: str) -> None:
        self.name = name
        self._run = run
        self._entered: list[tuple[int, Token[Place | None]]] = []
        """One for each time it was entered and not left: by the same thread again, or by several."""

    def __enter__(self) -> Self:
        spared(self._enter, self._run.noted)
        return self

    def _enter(self) -> None:
        run = self._run
        outer = here.get()
        parent = outer[1] if outer is not None and outer[0] is run else run.span
        sid = next(span_ids)
        if not run.edge(boottime_ns(), "+", (sid, parent, self.name)):
            sid = 0
        self._entered.append((sid, here.set((run, sid or parent))))

    def __exit__(self, *exc: object) -> None:
        spared(self._leave, self._run.noted)

    def _leave(self) -> None:
        now = boottime_ns()
        if self._entered:
            sid, token = self._entered.pop()
            if sid:
                self._run.edge(now, "-", sid)
            restore(token, self._run)

    def __reduce__(self) -> tuple[object, ...]:
        return Stage, (self._run, self.name)


def restore(token: Token[Place | None], run: Run) -> None:
    """Leave a place; where that happens in another context than entering did, only if it is the place there too."""
    try:
        here.reset(token)
    except ValueError:  # a generator or a run that is ended elsewhere
        place = here.get()
        if place is not None and place[0] is run:
            here.set(None if token.old_value is Token.MISSING else token.old_value)
