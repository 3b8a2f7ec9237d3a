"""The budget of a command: when it is spent the command gets a signal; loops of joulebook in it end by themselves."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence

from joulebook.errors import spared
from joulebook.meter.limits import Limit
from joulebook.meter.opening import Opened
from joulebook.run.budget.relay import Order, Relay
from joulebook.run.budget.watch import Watch


class Budgeted:
    """A command whose recording has a budget."""

    def __init__(self, opened: Opened, limits: Sequence[Limit], *, grace_s: float, tell: Callable[[str], None]) -> None:
        self._relay = Relay.made()
        self._watch = Watch(opened, limits, tell=tell, relay=Relay.around(os.environ))
        self._watch.looping = True
        self._watch.consequence = "the command is told to end"
        self._limits = ", ".join(limit.text for limit in limits)
        self._grace_s = grace_s
        self._until: float | None = None
        """When the command gets its signal, once the budget is spent."""
        self._sent = False

    @property
    def over(self) -> str:
        """Why the command was ended; "" where it was not."""
        return self._watch.over

    def environment(self, environment: Mapping[str, str]) -> dict[str, str]:
        """That of the command: what records inside of it listens, and does not count the same budget anew."""
        kept = {name: value for name, value in environment.items() if name != "JOULEBOOK_BUDGET"}
        return kept | self._relay.environment()

    def look(self) -> int:
        """The signal that the command is to get now; 0: none."""
        watch = self._watch
        spared(self._turn, lambda why: watch.once(f"the budget may not be watched: {why}"))
        if not watch.over or self._sent:
            return 0
        now = time.monotonic()
        if self._until is None:
            self._until = now + self._grace_s if self._relay.listeners() else now
        if now < self._until:
            return 0
        self._sent = True
        return signal.SIGTERM

    def _turn(self) -> None:
        watch = self._watch
        watch.quiet = bool(self._relay.listeners())
        watch.turn()
        self._relay.tell(Order(watch.over, watch.word, self._limits, watch.used))

    def close(self) -> None:
        """The command has ended."""
        self._relay.remove()
