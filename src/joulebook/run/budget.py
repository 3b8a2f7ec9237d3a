"""The budget of a run that is going on: a thread beside the trained one watches it, loops end between two steps.

What the trained thread pays is one look at an attribute a step. Prices are computed in the thread that watches.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Final

from joulebook.errors import ConfigError, spared
from joulebook.meter import limits as rules
from joulebook.meter.gain import gain_of
from joulebook.meter.limits import Limit, limits_of
from joulebook.meter.relay import Order, Relay
from joulebook.run.spending import Ends, Spending
from joulebook.run.steps import FAULTS, Asked, Loop, Wanted, is_first_rank
from joulebook.run.worth import Rule

if TYPE_CHECKING:
    from joulebook.meter.forecasting.outlook import Outlook
    from joulebook.meter.opening import Opened
    from joulebook.run.running import Run
    from joulebook.run.standing import Budget

EVERY_S: Final = 0.2
"""Time between two looks at what has been spent,"""
FORESEE: Final = 3
"""between two forecasts, in looks, which take milliseconds: a hundredth of the run where that is longer,"""
SELDOM: Final = 50
"""and so many at most."""
PERSISTS: Final = 2
"""Forecasts in a row that must be above a limit before it is told."""
ASK: Final = "ask"
"""What is done where several ranks have to end together: nothing, until somebody asks."""
_SIZES: Final = ("WORLD_SIZE", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS")


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
        self._loops = loops
        self._tell = tell
        self._told: set[str] = set()
        self._calls: list[Budget] = []
        self._looks = self._above = 0
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
        elif rule is not None and rule.over:
            run.stopped, self.ended, self._reason = "stop_when", "stop_when", rule.over
        return bool(self.over or (rule is not None and rule.over))

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
        if self._relay is not None:
            self._obey(self._relay)
        for rule in list(self.rules):
            told = rule.judge(self.spending)
            if told:
                self.once(told)
        self.due = self.due or bool(self.over or self._calls) or any(rule.over for rule in list(self.rules))
        if self._looks >= self._foresee_at and not self.spent and not self.over:
            self._foresee_at = self._looks + max(FORESEE, min(SELDOM, self._looks // 100))
            self._foresee()

    def standing(self) -> Budget:
        """The budget now, in full; pricing it takes milliseconds."""
        from joulebook.run.standing import standing_of  # quantities, which the watch itself does without

        outlook = self._outlook()
        forecasts = {limit.kind: self._forecast(limit, outlook) for limit in self.limits}
        return standing_of(self.spending, self.limits, forecasts, self.over or self.spent)

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

    def _known(self) -> list[tuple[Limit, float]]:
        """The limits that hold here, and what was used of each elsewhere: by the run around, outside of this one."""
        found = [(limit, 0.0) for limit in self.limits]
        if self._order is not None and self._order.limits:
            theirs = limits_of(self._order.limits)
            found += [
                (limit, used - (self.spending.amount(limit) or 0.0))
                for limit, used in zip(theirs, self._order.spent, strict=False)
            ]
        return found

    def _foresee(self) -> None:
        """Warn once, where the forecast stays above a limit, or most of it is spent and nothing is forecast."""
        above, outlook = False, self._outlook()
        for limit, elsewhere in self._known():
            found, used = self._forecast(limit, outlook), self.spending.amount(limit)
            if found is not None:
                value, low, high = (end + elsewhere for end in found)
                if value > limit.amount:
                    above = True
                    if self._above + 1 >= PERSISTS:
                        chance = rules.share_above(limit.amount, (value, low, high))
                        self._warn(rules.likely(limit, (value, low, high), chance))
            elif used is not None and used + elsewhere >= rules.ALMOST * limit.amount:
                self._warn(rules.almost(limit, used + elsewhere))
        self._above = self._above + 1 if above else 0

    def _warn(self, line: str) -> None:
        """The one warning before anything is spent."""
        if "warned" in self._told or self.quiet:
            return
        self._told.add("warned")
        self.once(line)
        if callable(self.policy):
            self._calls.append(self.standing())
            self.due = True

    def _outlook(self) -> Outlook | None:
        """The end of the outermost loop as it looks now; None where there is none of known length."""
        loops = list(self._loops)
        return loops[0].look().outlook if loops else None

    def _forecast(self, limit: Limit, outlook: Outlook | None) -> Ends | None:
        """What the run will have used at the end of its outermost loop."""
        if outlook is None:
            return None
        found, before, rate = outlook.joules, self.spending.joules_before, None
        if limit.kind == "duration":
            found, rate, before = outlook.seconds, 1.0, self.spending.seconds_before
        elif found is not None:
            rate = self.spending.rate(limit, found.value - before)
        if found is None or rate is None:
            return None
        value, low, high = ((end - before) * rate for end in found)
        return value, low, high


def watched(run: Run, opened: Opened, loops: Sequence[Loop], wanted: Wanted, around: Watch | None) -> Watch | None:
    """The watch over a run's budget, begun; that around it where it has none. What is wrong is in `run.notices`.

    A part of a run counts from now on.
    """
    settings = wanted.settings
    several = any(os.environ.get(name, "1") not in ("", "0", "1") for name in _SIZES)
    relay = Relay.around(os.environ) if settings is not None else None
    origin, said = "budget=", wanted.budget
    if said is None and relay is None and settings is not None and settings.budget:
        origin, said = settings.origins.get("budget", ""), settings.budget
    limits: tuple[Limit, ...] = ()
    try:
        limits = limits_of(said, origin) if said is not None else ()
    except ConfigError as error:
        run.notices.append(f"no budget is watched: {error}")
    if not limits and relay is None:
        return around
    watch = Watch(opened, limits, loops, tell=_teller(run, loops), part=settings is None, relay=relay)
    watch.policy = _policy(run, wanted.on_budget, several=several)
    return _started(run, watch, around)


def rule_for(
    run: Run, opened: Opened, heard_by: list[Rule], asked: Asked, watch: Watch | None
) -> tuple[Watch | None, Rule | None]:
    """The rule by which a loop may end early, and the watch that judges it; where it is none, `run.notices` says so."""
    try:
        rule = Rule(gain_of(asked.stop_when, asked.metric, asked.mode))
    except ConfigError as error:
        if str(error) not in run.notices:
            run.notices.append(str(error))
        return watch, None
    judge = watch or _started(run, Watch(opened, (), tell=_teller(run, ())), None)
    if judge is not None:
        judge.rules.append(rule)
        heard_by.append(rule)
    return judge, rule


def _started(run: Run, watch: Watch, around: Watch | None) -> Watch | None:
    watch.run, watch.around = run, around
    try:
        watch.start()
    except RuntimeError as error:  # no thread is left
        run.notices.append(f"no budget is watched: {error}")
        return around
    return watch


def _policy(run: Run, on_budget: object, *, several: bool) -> object:
    if callable(on_budget) or on_budget in ("warn", "stop"):
        return on_budget
    if on_budget is not None:
        said = repr(on_budget) if isinstance(on_budget, str) else type(on_budget).__name__
        run.notices.append(f"on_budget = {said}: expected 'stop', 'warn' or a function")
    if several:
        run.notices.append(
            "several ranks: one rank alone ends no loop, for the others would wait for it; look at run.over together,"
            " or say on_budget='stop'"
        )
        return ASK
    return "stop"


def _teller(run: Run, loops: Sequence[Loop]) -> Callable[[str], None]:
    def tell(line: str) -> None:
        run.notices.append(line)
        if is_first_rank():
            with suppress(*FAULTS):
                _log(line, seen=any(loop.close is not None for loop in list(loops)))

    return tell


def _log(line: str, *, seen: bool) -> None:
    """To the logger "joulebook", which without any set-up of the program is its error stream; not through a bar."""
    logger = import_module("logging").getLogger("joulebook")
    if not seen or logger.hasHandlers():
        logger.warning("joulebook: %s", line)
