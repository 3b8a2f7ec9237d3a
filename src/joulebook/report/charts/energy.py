"""Energy of a run by stage and by device: stacked bars with the interval of each whole bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from joulebook.account.terms import IT_ENERGY, WHOLE_RUN, Line, Statement
from joulebook.quantity import Quantity
from joulebook.report import wording
from joulebook.report.charts.bars import MOST_ROWS, Row, Segment, bars, interval_of
from joulebook.report.charts.picture import Frame, Item, Picture, Table
from joulebook.report.outline import amount_and_interval, leaf, outline, sum_of
from joulebook.report.terminal import device
from joulebook.report.typography import isolated, typeset
from joulebook.report.wording import Figure, plain


class _Entry(NamedTuple):
    name: str
    depth: int
    lines: Sequence[Line]


def devices(items: Sequence[Item], frame: Frame) -> Picture:
    """Energy of each device over the whole of the first run."""
    statement = items[0][0]
    rows = [_Entry(name_of(line), 0, [line]) for line in statement.of_kind(IT_ENERGY, WHOLE_RUN)]
    return _picture("device", rows, statement, frame)


def stages(items: Sequence[Item], frame: Frame) -> Picture:
    """Energy of each stage of the first run, nested ones below theirs; by device in a run without stages."""
    statement = items[0][0]
    if not statement.stages:
        return devices(items, frame)
    rows = [
        _Entry(plain(leaf(stage)), depth, statement.of_kind(IT_ENERGY, stage.span))
        for stage, depth in outline(statement)
    ]
    return _picture("stage", rows, statement, frame)


def name_of(line: Line) -> str:
    """The device of a line, with its class where the name does not say it."""
    kind, name = device(line.device_kind), plain(line.device)
    return f"{isolated(name)} ({kind})" if kind and kind.lower() not in name.lower() else name


def _finding(heading: str, rows: Sequence[_Entry], statement: Statement) -> str:
    """What used most and its share, where the intervals leave no doubt about which it is."""
    whole = statement.it_energy
    sums = [(row.name, joules) for row in rows if not row.depth and (joules := sum_of(row.lines)) is not None]
    if whole is None or whole.value <= 0 or len(sums) < 2:
        return f"Energy by {heading}"
    (name, most), (_, second), *_ = sorted(sums, key=lambda item: -item[1].value)
    if (most - second).low <= 0:  # draw by draw: what both share, a calibration for one, cancels
        return f"Energy by {heading}"
    return f"{isolated(name)}: {typeset(_percents(most / whole))} of the energy"


def _percents(share: Quantity) -> str:
    """A share with its interval where that can be seen in whole percents: "82-84 %"."""
    low, high = (wording.percent(min(max(end, 0.0), 1.0)) for end in (share.low, share.high))
    if low == high:
        return wording.percent(share.value)
    return f"{low.removesuffix(' %')} to {high}"


def _largest(rows: Sequence[Row]) -> list[Row]:
    """The rows with most energy, in their order; a stage has at least as much as those inside it."""
    sizes = sorted((-sum(part.size for part in row.segments), place) for place, row in enumerate(rows))
    return [rows[place] for place in sorted(place for _, place in sizes[:MOST_ROWS])]


def _picture(heading: str, rows: Sequence[_Entry], statement: Statement, frame: Frame) -> Picture:
    whole = statement.it_energy.value if statement.it_energy is not None else 0.0
    sums = [sum_of(row.lines) for row in rows]
    highest = max((joules.high for joules in sums if joules is not None), default=1.0)
    size, symbol = wording.scaled(highest, wording.JOULES)
    drawn, listed = [], []
    for row, joules in zip(rows, sums, strict=True):
        name = "\N{EM SPACE}" * row.depth + row.name
        if joules is None:
            listed.append((name, "unknown", "", "", ""))
            continue
        amount, interval = amount_and_interval(joules)
        share = wording.percent(joules.value / whole) if whole > 0 else ""
        listed.append((name, typeset(amount), typeset(interval), str(joules.basis), typeset(share)))
        parts = tuple(
            Segment(line.device_kind, str(line.quantity.basis), line.quantity.to("J").value / size)
            for line in row.lines
        )
        shown = typeset(wording.amount_in_brackets(Figure.of(joules, "J"), wording.JOULES))
        drawn.append(Row(row.name, shown, parts, interval_of(joules, "J", size), str(joules.basis), row.depth))
    subtitle = "The line across a bar is its 90 % interval."
    if len(drawn) > MOST_ROWS:
        subtitle += f" The {MOST_ROWS} largest of {len(drawn)}; all are in the table."
    chart = bars(_largest(drawn), typeset(f"energy / {symbol}"), frame)
    table = Table((heading, ">energy", ">90 % interval", "basis", ">share"), tuple(listed))
    return Picture(_finding(heading, rows, statement), typeset(subtitle), chart, table, frame)
