"""A rule by which a loop ends when its metric gains too little for what it uses; judged by the thread that watches."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from joulebook.meter.gain import Course, Gain
from joulebook.run.steps import FAULTS, VALUES
from joulebook.sensors.base import boottime_ns

if TYPE_CHECKING:
    from joulebook.run.budget.spending import Spending

_NAMES: Final = 8
"""Names of other metrics that are told where the one of the rule is missing."""


class Rule:
    """The rule of one loop that is going on."""

    def __init__(self, gain: Gain) -> None:
        self.gain = gain
        self.over = ""
        """Why the loop is to end."""
        self.asks = False
        """Whether it ends nothing by itself, for other ranks would wait."""
        self._course = Course(gain)
        self._waiting: list[tuple[int, object]] = []
        self._others: set[str] = set()
        self._from: float | None = None
        self._heard = self._unpriced = False

    def logged(self, metrics: Mapping[str, object]) -> None:
        """Keep a value of the metric; it becomes a number in the thread that watches."""
        if self.gain.metric in metrics:
            self._heard = True
            if len(self._waiting) < VALUES:
                self._waiting.append((boottime_ns(), metrics[self.gain.metric]))
        elif len(self._others) < _NAMES:
            self._others.update(name for name in metrics if name != "step")

    def judge(self, spending: Spending) -> str:
        """Look at the values that have come; what is to be told, "" where nothing is."""
        waiting = self._waiting[:]
        del self._waiting[: len(waiting)]
        for at_ns, value in waiting:
            spent = spending.amount(self.gain.per, at_ns)
            self._unpriced = self._unpriced or spent is None  # which is told by the spending itself
            with suppress(*FAULTS):
                if spent is not None and self._course.is_over(spent, float(value)) and not self.over:  # type: ignore[arg-type]
                    self.over = f"stop_when {self.gain.text}"
        if self._course.values or self.over:
            return ""
        now = spending.amount(self.gain.per)
        self._from = now if self._from is None else self._from
        late = now is not None and self._from is not None and now - self._from >= self.gain.per.amount
        return self.missing() if late else ""

    def missing(self) -> str:
        """What is said where no number of the metric was ever logged; "" where one was."""
        if self._course.values or self._waiting or self._unpriced:
            return ""
        others = f"; logged were {', '.join(sorted(self._others))}" if self._others else "; nothing was logged"
        others = "; what was logged of it is none" if self._heard else others
        return f"stop_when: no number of {self.gain.metric!r} was logged, so that the rule ends nothing{others}"
