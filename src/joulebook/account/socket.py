"""What a meter outside the machine read beside its sensors: how much of that they saw. It is in no total.

A plug or a BMC sees the whole machine, power supply and fans included. To have those in the totals, calibrate.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from joulebook.account.terms import AT_SOCKET, WHOLE_RUN, Additions, Context, Line, Statement
from joulebook.quantity import Quantity

COVERED: Final = 0.9
"""A meter that knows less of the time than this is not compared."""


class Seen(NamedTuple):
    """One outer meter's energy of a run; the share of it that the sensors show, where the two can be compared."""

    line: Line
    share: Quantity | None


def seen(statement: Statement) -> list[Seen]:
    """Each outer meter of the run. Runs beside each other divide sensors in other ways than the socket."""
    found = []
    for line in statement.of_kind(AT_SOCKET, WHOLE_RUN):
        known = (line.coverage or 0.0) >= COVERED and line.quantity.value > 0
        share = None
        if known and not statement.shared_with and statement.it_energy is not None:
            share = (statement.it_energy / line.quantity).to("1").named("share that the sensors show")
        found.append(Seen(line, share))
    return found


def at_socket(statement: Statement, _context: Context) -> Additions:
    """Said where the sensors show more than the meter of the whole machine, which cannot be."""
    warnings = [
        f"{line.device} measured less than the sensors show: is all of this machine on it, and is it this machine?"
        for line, share in seen(statement)
        if share is not None and share.low > 1
    ]
    return Additions(warnings=tuple(warnings))
