"""What somebody said about a budget. What watches it is loaded by the first run that has one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from joulebook.settings import BUDGET_VARIABLE

if TYPE_CHECKING:
    from joulebook.meter.opening import Opened
    from joulebook.run.budget.rule import Rule
    from joulebook.run.budget.watch import Watch
    from joulebook.run.running import Run
    from joulebook.run.steps import Asked, Loop
    from joulebook.settings import Settings


class Wanted(NamedTuple):
    """What somebody said about a run's budget, in whatever words; settings are those of a run, not of a part of one."""

    budget: object = None
    on_budget: object = None
    settings: Settings | None = None


def watch_over(
    run: Run, opened: Opened | None, loops: list[Loop], wanted: Wanted, around: Watch | None = None
) -> Watch | None:
    """The watch over a run's budget, begun; that of the run around where it has none of its own."""
    settings = wanted.settings
    given = settings is not None and (settings.budget or BUDGET_VARIABLE in os.environ)
    if opened is None or (wanted.budget is None and not given):
        return around
    from joulebook.run.budget.begin import watched  # loaded by the first run that has a budget

    return watched(run, opened, loops, wanted, around)


def ruled(
    run: Run, opened: Opened | None, rules: list[Rule], asked: Asked, watch: Watch | None
) -> tuple[Watch | None, Rule | None]:
    """The rule of a loop that may end early, and the watch that judges it."""
    if opened is None or opened.recorder.closed or not asked.stop_when:
        return watch, None
    from joulebook.run.budget.begin import rule_for  # loaded by the first loop that has a rule

    return rule_for(run, opened, rules, asked, watch)
