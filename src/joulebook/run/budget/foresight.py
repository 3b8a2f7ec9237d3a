"""What a run is likely to have used of its limits when its outermost loop ends, and when that is worth a warning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from joulebook.meter import limits as rules
from joulebook.meter.limits import Limit, limits_of
from joulebook.run.budget.relay import Order
from joulebook.run.budget.spending import Ends, Spending

if TYPE_CHECKING:
    from joulebook.meter.forecasting.outlook import Outlook
    from joulebook.run.steps import Loop

PERSISTS: Final = 2
"""Forecasts in a row that must be above a limit before it is told."""


class Foresight:
    """Forecasts for the limits of one run. Not for the trained thread: each takes milliseconds."""

    def __init__(self, spending: Spending, limits: Sequence[Limit], loops: Sequence[Loop]) -> None:
        self._spending = spending
        self._limits = limits
        self._loops = loops
        self._above = 0

    def ends(self) -> dict[str, Ends | None]:
        """By kind of limit, what the run will have used; None where there is no loop of known length."""
        outlook = self._outlook()
        return {limit.kind: self._end(limit, outlook) for limit in self._limits}

    def warning(self, around: Order | None) -> str:
        """A line where the forecast stays above a limit, or most of it is spent and nothing is forecast; else "".

        `around` is what the run around this one says: its limits count as well.
        """
        line, above, outlook = "", False, self._outlook()
        for limit, elsewhere in self._known(around):
            found, used = self._end(limit, outlook), self._spending.amount(limit)
            if found is not None:
                value, low, high = (end + elsewhere for end in found)
                if value > limit.amount:
                    above = True
                    if self._above + 1 >= PERSISTS:
                        chance = rules.share_above(limit.amount, (value, low, high))
                        line = line or rules.likely(limit, (value, low, high), chance)
            elif used is not None and used + elsewhere >= rules.ALMOST * limit.amount:
                line = line or rules.almost(limit, used + elsewhere)
        self._above = self._above + 1 if above else 0
        return line

    def _known(self, around: Order | None) -> list[tuple[Limit, float]]:
        """The limits that hold here, and what was used of each elsewhere: by the run around, outside of this one."""
        found = [(limit, 0.0) for limit in self._limits]
        if around is not None and around.limits:
            found += [
                (limit, used - (self._spending.amount(limit) or 0.0))
                for limit, used in zip(limits_of(around.limits), around.spent, strict=False)
            ]
        return found

    def _outlook(self) -> Outlook | None:
        """The end of the outermost loop as it looks now; None where there is none of known length."""
        loops = list(self._loops)
        return loops[0].look().outlook if loops else None

    def _end(self, limit: Limit, outlook: Outlook | None) -> Ends | None:
        """What the run will have used at the end of its outermost loop."""
        if outlook is None:
            return None
        found, before, rate = outlook.joules, self._spending.joules_before, None
        if limit.kind == "duration":
            found, rate, before = outlook.seconds, 1.0, self._spending.seconds_before
        elif found is not None:
            rate = self._spending.rate(limit, found.value - before)
        if found is None or rate is None:
            return None
        value, low, high = ((end - before) * rate for end in found)
        return value, low, high
