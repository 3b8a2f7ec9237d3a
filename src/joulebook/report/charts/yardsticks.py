"""The energy of a run between everyday amounts of energy, on a logarithmic axis."""

from __future__ import annotations

from collections.abc import Sequence

from joulebook.account.overhead import cite
from joulebook.account.yardstick import CANDIDATES
from joulebook.errors import FactNotFound
from joulebook.facts.catalog import Catalog
from joulebook.report.charts.dots import Dot, dots
from joulebook.report.charts.picture import Frame, Item, Picture, Table
from joulebook.report.charts.runs import title_of
from joulebook.report.outline import amount_and_interval
from joulebook.report.typography import typeset
from joulebook.report.wording import plain

_LAMP = ("yardstick.led_hour", "10 W lamp for an hour")


def yardsticks(items: Sequence[Item], frame: Frame) -> Picture:
    """The energy of each run among the yardsticks of the catalogue, the smallest first."""
    catalog = Catalog.open()
    listed = []
    for subject, name in ((_LAMP), *((candidate.subject, candidate.one) for candidate in CANDIDATES)):
        try:
            fact = catalog.find(subject, "energy")
        except FactNotFound:
            continue
        quantity = fact.quantity()
        listed.append((Dot(name, quantity.to("J"), "other"), cite(quantity, fact)))
    for statement, _ in items:
        if statement.energy is not None:
            listed.append((Dot(f"this run: {title_of(statement)}", statement.energy.to("J"), "cpu"), "this run"))
    listed.sort(key=lambda item: item[0].energy.value)
    rows = []
    for dot, source in listed:
        amount, interval = (typeset(part) for part in amount_and_interval(dot.energy))
        rows.append((dot.name, amount, interval, str(dot.energy.basis), plain(source, 160)))
    table = Table(("what", ">energy", ">90 % interval", "basis", "source"), tuple(rows))
    subtitle = typeset("Line: 90 % interval. The sources stand in the table and in joulebook's catalogue.")
    drawing = dots([dot for dot, _ in listed], frame)
    return Picture("Energy among everyday amounts", subtitle, drawing, table, frame)
