"""`scaled`: the account of so many full trainings, from that of one; every total is proportional to the work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from joulebook.account.terms import ESTIMATED, IT_ENERGY, TOTALS, WHOLE_RUN, Line, Stage, Statement
from joulebook.account.uncertainty import leading
from joulebook.quantity import Quantity

_CAUSES: Final = 3
_FIGURES: Final = ("duration", "energy", "carbon", "cost")


def scaled(one: Statement, times: Quantity, duration: Quantity, name: str) -> Statement:
    """`times` the work of `one`, done within `duration`, at the prices of `one`; of its lines those of energy."""
    totals: dict[str, Any] = {
        total: (found * times).to(found.unit).named(total)
        for total in TOTALS
        if (found := getattr(one, total)) is not None
    }
    totals["duration"] = duration.named("duration")
    lines = tuple(_line(line, times) for line in one.of_kind(IT_ENERGY, WHOLE_RUN))
    whole = one._replace(**totals, lines=lines, run=ESTIMATED, name=name, status=ESTIMATED, exit=None, reason="")
    return whole._replace(
        started="",
        shared_with=0,
        ranks=(),
        offsets=(),
        stages=(),
        yardstick=None,
        rates={},
        sensitivity={},
        alternatives=(),
    )


def detailed(whole: Statement, one: Statement, times: Quantity, parts: Mapping[str, Quantity]) -> Statement:
    """The account with all of its lines, and a stage for each part of the work, by name, in full trainings."""
    others = [_line(line, times) for line in one.lines if line.span == WHOLE_RUN and line.kind != IT_ENERGY]
    stages = [Stage(name, WHOLE_RUN, None) for name in parts]
    lines = [
        _line(line, times)._replace(span=name)
        for name, times in parts.items()
        for line in one.of_kind(IT_ENERGY, WHOLE_RUN)
    ]
    return whole._replace(stages=tuple(stages), lines=(*whole.lines, *others, *lines))


def with_sensitivity(statement: Statement) -> Statement:
    """The account with the inputs that cause most of the range of its figures."""
    figures = {name: getattr(statement, name) for name in _FIGURES}
    causes = {name: tuple(leading(one, _CAUSES)) for name, one in figures.items() if one is not None}
    return statement._replace(sensitivity={name: found for name, found in causes.items() if found})


def _line(line: Line, times: Quantity) -> Line:
    quantity = (line.quantity * times).to(line.quantity.unit)
    return line._replace(quantity=quantity, energy_uj=None, coverage=None)
