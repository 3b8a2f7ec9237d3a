"""The budget of a run that is going on: a thread beside the trained one watches it, loops end between two steps.

What the trained thread pays is one look at an attribute a step. Prices are computed in the thread that watches.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from joulebook.errors import spared
from joulebook.meter import limits as rules
from joulebook.meter.limits import Limit
from joulebook.run.budget.foresight import Foresight
from joulebook.run.budget.relay import Order, Relay
from joulebook.run.budget.rule import Rule
from joulebook.run.budget.spending import Spending
from joulebook.run.steps import Loop

if TYPE_CHECKING:
    from joulebook.meter.opening import Opened
    from joulebook.run.budget.standing import Budget
    from joulebook.run.running import Run

EVERY_S: Final = 0.2
"""Time between two looks at what has been spent,"""
FORESEE: Final = 3
"""between two forecasts, in looks, which take milliseconds: a hundredth of the run where that is longer,"""
SELDOM: Final = 50
"""and so many at most."""
ASK: Final = "ask"
"""What is done where several ranks have to end together: nothing, until somebody asks."""


class Watch:
    """Watches one run's budget, and that of the run around it, and tells what is to be told, once."""

    def __init__(
        self,
        opened: Opened,
        limits: Sequence[Limit],
        loops: Sequence[Loop] = (),
        *,
        tell: Callable[[str], None],
        part: bool = False,
        relay: Relay | None = None,
    ) -> None:
        self.limits = tuple(limits)
        self.due = False
        """Whether the trained thread has something to do between this step and the next."""
        self.over = ""
        """Why loops end now."""
        self.spent = ""
        """The limit that was spent, whatever follows from it."""
        self.word = ""
        """What the bar says: "83 % of 5 Wh"."""
        self.spending = Spending(opened, part=part)
        self.around: Watch | None = None
        """The watch of the run that this part belongs to."""
        self.policy: object = "stop"
        self.run: Run | None = None
        """Whose watch it is, where it is one inside a program."""
        self.ended = ""
        """The word of what has ended a loop: "budget"."""
        self.consequence = "loops over run.steps end after their present step"
        """What follows when it is spent, in words."""
        self.looping = False
        """Whether there has been a loop that can be ended."""
        self.quiet = False
        """Whether a run inside of it tells all this."""
        self.used: tuple[float, ...] = ()
        """What has been used of each limit, in its unit; 0 where that is not known."""
        self.rules: list[Rule] = []
        """Those of loops that may end early."""
        self._reason = ""
        self._relay = relay
        self._order: Order | None = None
        self._foresight = Foresight(self.spending, self.limits, loops)
        self._tell = tell
        self._told: set[str] = set()
        self._calls: list[Budget] = []
        self._looks = 0
        self._foresee_at = FORESEE
        self._pid = os.getpid()
        self._end = threading.Event()

    # -- the trained thread -----------------------------------------------------------------------------------

    def begins(self, run: Run) -> bool:
        """Whether a loop that begins here has no step at all."""
        self.looping = self.looping or self.policy != ASK
        if run.stopped == "stop_when" and not self.over:
            run.stopped = self.ended = ""  # another loop than the one that has ended
        return self.due and self.ends(run)

    def asked(self) -> str:
        """Why the budget asks to end, for loops that somebody else ends: who has heard it ends the run by it."""
        self.looping = True
        why = self.over or self.spent
        if why and self.policy in (ASK, "stop"):
            self.ended = "budget"
        if why:
            return why
        why = next((rule.over for rule in list(self.rules) if rule.over and rule.asks), "")
        if why:
            self.ended, self._reason = "stop_when", why
        return why

    def ends(self, run: Run, rule: Rule | None = None) -> bool:
        """Whether the loop is to end here; the user's own function is called first, where it is due."""
        self.due = bool(self.over) or any(one.over for one in list(self.rules))
        while self._calls:
            state = self._calls.pop(0)
            answer = spared(lambda: self.policy(run, state), self._failed)  # type: ignore[operator]  # noqa: B023
            if answer == "stop" and state.over:
                self.over = state.over
        if self.over:
            run.stopped = self.ended = "budget"
            self.due = True
        elif rule is not None and rule.over and not rule.asks:
            run.stopped, self.ended, self._reason = "stop_when", "stop_when", rule.over
            return True
        return bool(self.over)

    def forget(self, run: Run, rule: Rule, heard_by: list[Rule]) -> None:
        """The loop of a rule is over."""
        for listening in (self.rules, heard_by):
            if rule in listening:
                listening.remove(rule)
        missing = rule.missing()
        if missing and missing not in run.notices:
            run.notices.append(missing)

    def _failed(self, why: str) -> None:
        self.once(f"on_budget failed: {why}; it is not called again")
        self._calls.clear()
        self.policy = "warn"

    def start(self) -> None:
        """Begin to watch in a thread of its own. Raises RuntimeError where the system has none left."""
        if self._relay is not None:
            self._obey(self._relay)  # the budget around may have been spent before this run began
        threading.Thread(target=self._main, name="joulebook-budget", daemon=True).start()

    def close(self, run: Run, status: str, reason: str) -> tuple[str, str, str]:
        """Status and reason with which a run ends, and its word; its own watch is over, and not waited for."""
        if run is self.run:
            self._end.set()
            if self._relay is not None:
                self._relay.leave()
        if status == "finished" and self.ended:
            return "stopped", self._reason if self.ended == "stop_when" else self.over or self.spent, self.ended
        return status, reason, status

    # -- the thread that watches ------------------------------------------------------------------------------

    def _main(self) -> None:
        while not self._end.wait(EVERY_S) and os.getpid() == self._pid:
            spared(self.turn, lambda why: self.once(f"the budget may not be watched: {why}"))

    def turn(self) -> None:
        """One look."""
        self._looks += 1
        if self.around is not None and self.around.over:
            self._end_loops(self.around.over)
        self._compare()
        if self._relay is not None:
            self._obey(self._relay)
        for rule in list(self.rules):
            told = rule.judge(self.spending)
            if told:
                self.once(told)
        self.due = self.due or bool(self.over or self._calls) or any(rule.over for rule in list(self.rules))
        if self._looks >= self._foresee_at and not self.spent and not self.over:
            self._foresee_at = self._looks + max(FORESEE, min(SELDOM, self._looks // 100))
            warning = self._foresight.warning(self._order)
            if warning:
                self._warn(warning)

    def _compare(self) -> None:
        """What has been used, beside what may be."""
        self.used = tuple(self.spending.amount(limit) or 0.0 for limit in self.limits)
        for line in self.spending.notices:
            self.once(line)
        nearest = 0.0
        for limit, used in zip(self.limits, self.used, strict=True):
            if used / limit.amount >= nearest:
                nearest = used / limit.amount
                self.word = f"{100 * nearest:.0f} % of {limit.text}"
            if used >= limit.amount and not self.spent:
                self._is_spent(limit)

    def standing(self) -> Budget:
        """The budget now, in full; pricing it takes milliseconds."""
        from joulebook.run.budget.standing import standing_of  # quantities, which the watch itself does without

        return standing_of(self.spending, self.limits, self._foresight.ends(), self.over or self.spent)

    def once(self, line: str) -> None:
        """Tell a line that has not been told."""
        if line not in self._told:
            self._told.add(line)
            self._tell(line)

    def _is_spent(self, limit: Limit) -> None:
        self.spent = rules.spent(limit)
        if callable(self.policy):
            self._calls.append(self.standing())
            self.due = True
        elif self.policy == "stop":
            self._end_loops(self.spent)
        else:
            self.once(f"{self.spent}: {'end all ranks together' if self.policy == ASK else 'the run goes on'}")

    def _end_loops(self, why: str) -> None:
        if not self.over:
            self.over = why
            self.due = True
            if not self.quiet:
                self.once(f"{why}: {self.consequence}")

    def _obey(self, relay: Relay) -> None:
        """Look whether the run around this process has spent its budget."""
        if self.looping:
            relay.listen()
        self._order = order = relay.heard()
        if order is not None and order.over:
            why = f"{order.over} by the run around this one"
            if self.policy == ASK:
                self.spent = self.spent or why
            else:
                self._end_loops(why)
        if order is not None and not self.limits:
            self.word = order.word

    def _warn(self, line: str) -> None:
        """The one warning before anything is spent."""
        if "warned" in self._told or self.quiet:
            return
        self._told.add("warned")
        self.once(line)
        if callable(self.policy):
            self._calls.append(self.standing())
            self.due = True
