"""`Plan`: the options in order, which of them are dominated, and what the budgets leave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import inf
from typing import Final, NamedTuple, overload

from joulebook.plan.budget import Budget
from joulebook.plan.option import COST, Option
from joulebook.units import convert, unit

SCHEMA: Final = "joulebook.plan/1"
_ALWAYS: Final = ("carbon", COST, "time")
"""Figures in which an option has to be no worse to dominate another, besides those that were asked about."""


class Frame(NamedTuple):
    """What holds for a plan as a whole."""

    budgets: tuple[Budget, ...]
    sort: str
    sure: float
    """Probability from which an option meets the budgets."""
    owned: bool
    edition: str
    warnings: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    """What the budgets leave, in sentences."""


class Plan(Sequence[Option]):
    """The options, those that meet the budgets first, each group in the order that was asked for."""

    def __init__(self, options: Sequence[Option], frame: Frame) -> None:
        self.options = tuple(options)
        self.frame = frame

    @overload
    def __getitem__(self, at: int) -> Option: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Option, ...]: ...
    def __getitem__(self, at: int | slice) -> Option | tuple[Option, ...]:
        return self.options[at]

    def __len__(self) -> int:
        return len(self.options)

    def __repr__(self) -> str:
        return f"Plan of {len(self)} options: {len(self.meeting)} meet; first {self[0].name}"

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """The maxima that the options were held against."""
        return self.frame.budgets

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader has to know of the figures."""
        return self.frame.warnings

    @property
    def findings(self) -> tuple[str, ...]:
        """What the budgets leave, and what comes nearest where they leave nothing."""
        return self.frame.findings

    @property
    def meeting(self) -> tuple[Option, ...]:
        """The options that meet all the budgets, surely enough."""
        return tuple(option for option in self.options if option.meets >= self.frame.sure)

    @property
    def frontier(self) -> tuple[Option, ...]:
        """The options that no other one dominates."""
        return tuple(option for option in self.options if not option.dominated)

    def excluded_by(self, budget: Budget) -> tuple[Option, ...]:
        """The options that do not meet this budget alone, surely enough."""
        at = self.budgets.index(budget)
        return tuple(option for option in self.options if (option.chances[at] or 0.0) < self.frame.sure)

    def nearest(self, budgets: Sequence[Budget]) -> Option | None:
        """The option that goes least beyond the worst kept of these budgets; None where no figure is known."""
        known = [option for option in self.options if overshoot(option, budgets) < inf]
        return min(known, key=lambda option: overshoot(option, budgets), default=None)

    def cheapest(self) -> Option | None:
        """Of the options that meet the budgets the one of least cost; None where there is none with a known cost."""
        return min((one for one in self.meeting if one.cost), key=lambda one: of(one, COST), default=None)

    def as_dict(self, *, everything: bool = True) -> dict[str, object]:
        """The document of `joulebook.plan/1` (report/schema/plan-1.json); without `everything` no dominated options."""
        listed = self.options if everything else self.frontier
        return {
            "schema": SCHEMA,
            **self.frame._asdict(),
            "budgets": [{**one.as_dict(), "excludes": len(self.excluded_by(one))} for one in self.budgets],
            "counted": len(self),
            "meeting": len(self.meeting),
            "dominated": len(self) - len(self.frontier),
            "findings": list(self.findings),
            "warnings": list(self.warnings),
            "options": [one.as_dict() for one in listed],
        }


def arranged(options: Iterable[Option], frame: Frame) -> Plan:
    """The plan of these options."""
    marked = list(_marked(list(options), dict.fromkeys((*_ALWAYS, frame.sort, *(one.figure for one in frame.budgets)))))

    def place(option: Option) -> tuple[float, ...]:
        if option.meets >= frame.sure:
            return 0.0, of(option, frame.sort), of(option, "time")
        return 1.0, overshoot(option, frame.budgets), -option.meets

    return Plan(sorted(marked, key=place), frame)


def of(option: Option, figure: str) -> float:
    """The value of a figure; infinite where it is not known, so that it comes last."""
    amount = option.figure(figure)
    return inf if amount is None else amount.value


def overshoot(option: Option, budgets: Sequence[Budget]) -> float:
    """The largest ratio of a figure to its budget; infinite where a figure is not known."""
    found = []
    for budget in budgets:
        amount = option.figure(budget.figure)
        if amount is None:
            return inf
        found.append(amount.value / convert(budget.most.value, budget.most.unit, unit(amount.unit)))
    return max(found, default=0.0)


def _marked(options: Sequence[Option], figures: Iterable[str]) -> Iterator[Option]:
    """The options, with those marked that another one dominates; what is not known of either is no reason."""
    names = list(figures)
    points = [tuple(of(option, name) for name in names) for option in options]
    worse = _dominated(points)
    for option, is_worse in zip(options, worse, strict=True):
        yield option._replace(dominated=True) if is_worse else option


def _dominated(points: Sequence[tuple[float, ...]]) -> list[bool]:
    """Of each point whether another is no larger in any coordinate and smaller in one.

    In lexical order a point can be dominated only by one before it; it is enough to ask those that are not dominated.
    Unknown coordinates (infinite) make a point incomparable with those that know them.
    """
    worse = [False] * len(points)
    fronts: dict[tuple[bool, ...], list[tuple[float, ...]]] = {}
    for at in sorted(range(len(points)), key=points.__getitem__):
        point = points[at]
        front = fronts.setdefault(tuple(one == inf for one in point), [])
        worse[at] = any(
            other != point and all(left <= right for left, right in zip(other, point, strict=True)) for other in front
        )
        if not worse[at]:
            front.append(point)
    return worse
