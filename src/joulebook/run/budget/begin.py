"""Watches begun: from what somebody said to a thread that watches, with whatever is wrong in `run.notices`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Final

from joulebook.errors import ConfigError
from joulebook.meter.gain import gain_of
from joulebook.meter.limits import Limit, limits_of
from joulebook.meter.ranks.launcher import is_first, is_of_several
from joulebook.run.budget.relay import Relay
from joulebook.run.budget.rule import Rule
from joulebook.run.budget.wanted import Wanted
from joulebook.run.budget.watch import ASK, Watch
from joulebook.run.steps import FAULTS, Asked, Loop

if TYPE_CHECKING:
    from joulebook.meter.opening import Opened
    from joulebook.run.running import Run

_TOGETHER: Final = (
    "several ranks: one rank alone ends no loop, for the others would wait for it; look at run.over together"
)


def watched(run: Run, opened: Opened, loops: Sequence[Loop], wanted: Wanted, around: Watch | None) -> Watch | None:
    """The watch over a run's budget, begun; that around it where it has none. What is wrong is in `run.notices`.

    A part of a run counts from now on.
    """
    settings = wanted.settings
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
    watch.policy = _policy(run, wanted.on_budget, several=is_of_several(os.environ))
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
    several = is_of_several(os.environ)
    judge = watch or _started(run, Watch(opened, (), tell=_teller(run, ())), None)
    if judge is not None:
        if watch is None and several:
            judge.policy = ASK
        rule.asks = several and judge.policy != "stop"
        if rule.asks and not any(one.startswith(_TOGETHER) for one in run.notices):
            run.notices.append(_TOGETHER)
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
        run.notices.append(f"{_TOGETHER}, or say on_budget='stop'")
        return ASK
    return "stop"


def _teller(run: Run, loops: Sequence[Loop]) -> Callable[[str], None]:
    def tell(line: str) -> None:
        run.notices.append(line)
        if is_first(os.environ):
            with suppress(*FAULTS):
                _log(line, seen=any(loop.close is not None for loop in list(loops)))

    return tell


def _log(line: str, *, seen: bool) -> None:
    """To the logger "joulebook", which without any set-up of the program is its error stream; not through a bar."""
    logger = import_module("logging").getLogger("joulebook")
    if not seen or logger.hasHandlers():
        logger.warning("joulebook: %s", line)
