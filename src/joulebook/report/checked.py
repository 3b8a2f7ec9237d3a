"""Runs against their budgets: a verdict for each limit, as a Markdown table and as a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from joulebook.meter.limits import Limit
from joulebook.report import wording
from joulebook.report.wording import Figure
from joulebook.units import UNITS

SCHEMA: Final = "joulebook.check/1"
_SCALES: Final = {"energy": wording.WATT_HOURS, "carbon": wording.GRAMS}


class Check(NamedTuple):
    """One limit of one run."""

    run: str
    name: str
    pattern: str
    """Of the budget that it comes from."""
    limit: Limit
    used: Mapping[str, Any] | None
    """The five fields of a quantity; None where it is not known."""
    verdict: str
    """within, over, cannot be told (the limit is inside the interval), or unknown."""
    holds: bool

    def as_dict(self) -> dict[str, object]:
        """The check as JSON has it."""
        limit = {"kind": self.limit.kind, "value": self.limit.amount, "unit": self.limit.unit, "text": self.limit.text}
        return {**self._asdict(), "limit": limit, "used": dict(self.used) if self.used else None}


def checked(run: str, name: str, found: tuple[str, Limit], used: Mapping[str, Any] | None, judge: str) -> Check:
    """A limit and what was used: the interval gives the verdict, its value or its high end decides whether it holds."""
    pattern, limit = found
    if used is None or UNITS[str(used["unit"])].dims != UNITS[limit.unit].dims:
        return Check(run, name, pattern, limit, used, "unknown", holds=False)
    figure = Figure.of(used, limit.unit)
    verdict = "within" if figure.high <= limit.amount else "over" if figure.low > limit.amount else "cannot be told"
    return Check(run, name, pattern, limit, used, verdict, holds=getattr(figure, judge) <= limit.amount)


def markdown(checks: Sequence[Check], judge: str) -> str:
    """The table, with what counts and what came of it below."""
    rows = ["| run | budget | limit | used (90 % interval) | verdict |", "| --- | --- | --- | --- | --- |"]
    rows += ["| " + " | ".join(_cell(word) for word in _row(check, judge)) + " |" for check in checks]
    broken = sum(not check.holds for check in checks)
    counts = "The value of each figure counts" if judge == "value" else "The high end of each interval counts"
    result = f"{broken} of {wording.count(len(checks), 'limit')} exceeded" if broken else "all hold"
    return "\n".join([*rows, "", f"{counts}: **{result}**.", ""])


def _row(check: Check, judge: str) -> Iterable[str]:
    used, figure = check.used, None
    if used is not None:
        figure = Figure.of(used, {"energy": "Wh", "carbon": "gCO2e"}.get(check.limit.kind, ""))
    scale = _SCALES.get(check.limit.kind, ((1.0, figure.unit if figure else ""),))
    verdict = check.verdict
    if figure is not None and verdict == "cannot be told":
        counted = getattr(figure, judge)
        end = wording.amount(Figure(counted, counted, counted, figure.unit), scale)
        verdict += f": its {judge}, {end}, is {'within' if check.holds else 'over'}"
    if verdict == "unknown":
        verdict += f": priced in {figure.unit}" if figure else ": no figure"
    if figure is None:
        shown = "unknown"
    else:
        shown = (
            wording.seconds(figure.to("s").value)
            if check.limit.kind == "duration"
            else wording.amount_in_brackets(figure, scale)
        )
    title = " ".join(filter(None, (wording.plain(check.name), check.run[:6])))
    budget = f"{check.limit.kind} of {wording.plain(check.pattern)}"
    return title, budget, check.limit.text, shown, verdict if check.holds else f"**{verdict}**"


def _cell(word: str) -> str:
    return word.replace("|", "\\|")


def document(checks: Sequence[Check], judge: str, file: str) -> dict[str, object]:
    """The checks for programs."""
    return {
        "schema": SCHEMA,
        "file": file,
        "judge": judge,
        "holds": all(check.holds for check in checks),
        "checks": [check.as_dict() for check in checks],
    }
