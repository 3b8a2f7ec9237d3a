"""The energy of several runs beside each other, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

from joulebook.account.terms import Statement
from joulebook.report import wording
from joulebook.report.charts.dots import Dot, dots
from joulebook.report.charts.picture import Frame, Item, Picture, Table
from joulebook.report.outline import amount_and_interval, started
from joulebook.report.typography import isolated, typeset
from joulebook.report.wording import plain

MOST_RUNS = 40


def runs(items: Sequence[Item], frame: Frame) -> Picture:
    """The energy of each run, in the order given."""
    statements = [statement for statement, _ in items]
    listed, drawn = [], []
    for statement in statements:
        name = title_of(statement)
        when = started(statement)
        lasted = "unknown" if statement.duration is None else wording.duration(statement.duration)
        if statement.energy is None:
            listed.append((name, when, lasted, "unknown", "", ""))
            continue
        joules = statement.energy.to("J")
        amount, interval = (typeset(part) for part in amount_and_interval(joules))
        listed.append((name, when, lasted, amount, interval, str(joules.basis)))
        drawn.append(Dot(f"{name} · {joules.basis}", joules, "cpu"))
    subtitle = "Dot: value; line: 90 % interval, solid where measured, dashed where modelled, dotted where assumed."
    if len(drawn) > MOST_RUNS:
        subtitle += f" The first {MOST_RUNS} of {len(drawn)} runs."
    columns = ("run", "started", ">duration", ">energy", ">90 % interval", "basis")
    return Picture(
        _finding(statements), typeset(subtitle), dots(drawn[:MOST_RUNS], frame), Table(columns, tuple(listed)), frame
    )


def _finding(statements: Sequence[Statement]) -> str:
    """Which run used least, where the intervals leave no doubt."""
    known = sorted((each for each in statements if each.energy is not None), key=_low)
    if len(known) == len(statements) > 1 and _high(known[0]) < min(_low(each) for each in known[1:]):
        return f"{title_of(known[0])} used the least energy"
    return f"Energy of {wording.count(len(statements), 'run')}"


def _low(statement: Statement) -> float:
    return statement.energy.to("J").low if statement.energy is not None else 0.0


def _high(statement: Statement) -> float:
    return statement.energy.to("J").high if statement.energy is not None else 0.0


def title_of(statement: Statement) -> str:
    """Name and the beginning of the id."""
    return " ".join(part for part in (isolated(plain(statement.name)), plain(statement.run)[:6]) if part)
