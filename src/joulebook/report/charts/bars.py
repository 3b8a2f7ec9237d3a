"""Horizontal bars with their words above them: what the charts of amounts share.

A row has its name on the left and its amount on the right above the bar, so that long names and narrow pages need no
other layout. The interval is a line with two ends across the bar; its dashes are those of the basis.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import altair as alt

from joulebook.quantity import Quantity
from joulebook.report.charts import theme
from joulebook.report.charts.picture import Drawing, Frame, fitting, nothing, room, values
from joulebook.report.terminal import device

STEP, THICK, _INDENT = 44, 13, 16
_DOWN = 10
"""How far the bar stands below the middle of its row, and the words above it."""
MOST_ROWS: Final = 24
MORE: Final = "more"
LESS: Final = "less"
"""Instead of a class of devices, where a bar shows a difference."""


class Segment(NamedTuple):
    """A part of a bar: class of device, basis, and where it ends beyond the part before it."""

    kind: str
    basis: str
    size: float


class Row(NamedTuple):
    """A bar with its words; `interval` is the 90 % interval of the whole bar."""

    name: str
    amount: str
    segments: tuple[Segment, ...]
    interval: tuple[float, float] | None
    basis: str
    depth: int = 0


def key(kind: str, basis: str) -> str:
    """How a class of devices and a basis are named together ("GPU measured"); of a difference its direction."""
    return f"{kind} energy, {basis}" if kind in (MORE, LESS) else f"{device(kind)} {basis}"


def interval_of(
    quantity: Quantity, unit: str, size: float = 1.0, *, signed: bool = False
) -> tuple[float, float] | None:
    """Both ends in that unit divided by `size`, cut at zero unless `signed`; None where the quantity is exact."""
    if quantity.is_exact:
        return None
    shown = quantity.to(unit)
    return (shown.low if signed else max(shown.low, 0.0)) / size, shown.high / size


def styles(keys: Iterable[tuple[str, str]], frame: Frame, legend: alt.Legend | None) -> dict[str, Any]:
    """The channels that draw the parts of a bar by the field `key`, for these pairs of class and basis."""
    pairs = list(dict.fromkeys(keys))
    domain = [key(*pair) for pair in pairs]
    colors = [theme.color(kind, frame.colors) for kind, _ in pairs]
    fills = [theme.filling(kind, theme.pattern(basis).fill, frame.colors) for kind, basis in pairs]
    dashes = [list(theme.pattern(basis).dash) for _, basis in pairs]

    def scaled(channel: Any, span: Sequence[Any]) -> Any:  # noqa: ANN401 - any channel of altair
        return channel("key:N", scale=alt.Scale(domain=domain, range=list(span)), legend=legend)

    return {
        "fill": scaled(alt.Fill, fills),
        "stroke": scaled(alt.Stroke, colors),
        "strokeDash": scaled(alt.StrokeDash, dashes),
    }


def legend(pairs: Sequence[tuple[str, str]], frame: Frame) -> alt.Legend | None:
    """A legend in as many columns as fit into the width; one without entries would have no size."""
    if not pairs:
        return None
    widest = max((room(key(*pair), 11) for pair in pairs), default=0) + 34
    return alt.Legend(columns=max(int(frame.width / widest), 1))


def bars(rows: Sequence[Row], axis: str, frame: Frame) -> Drawing:
    """The rows from top to bottom over a common axis that contains zero; `axis` names quantity and unit."""
    if not rows:
        return nothing(frame, "no energy is known")
    parts: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    for place, row in enumerate(rows):
        start = 0.0
        for segment in row.segments:
            end = start + segment.size
            parts.append({"row": place, "start": start, "end": end, "key": key(segment.kind, segment.basis)})
            start = end
        if row.interval is not None:
            marks.append({"row": place, "low": row.interval[0], "high": row.interval[1], "basis": row.basis})
    edges = [float(mark[end]) for mark in (*parts, *marks) for end in ("start", "end", "low", "high") if end in mark]
    lowest, highest = min(edges, default=0.0), max(edges, default=0.0)
    pairs = [(segment.kind, segment.basis) for row in rows for segment in row.segments]
    width = frame.width - 16
    across = alt.Y("row:O", axis=None, scale=alt.Scale(domain=list(range(len(rows))), paddingInner=0, paddingOuter=0))
    along = alt.Scale(domain=[min(lowest, 0), max(highest, 0) or float(lowest >= 0)], nice=False, zero=True)
    x = alt.X("start:Q", scale=along, axis=alt.Axis(title=axis, tickCount=max(width // 110, 3), format=".4~r"))
    drawn = (
        alt.Chart(values(parts))
        .mark_bar(height=THICK, yOffset=_DOWN, strokeWidth=1.2, xOffset=0.8, x2Offset=-0.8)
        .encode(x=x, x2="end:Q", y=across, **styles(pairs, frame, legend(list(dict.fromkeys(pairs)), frame)))
    )
    layers = [drawn, *_whiskers(marks, across, along, frame), *words(rows, across, width)]
    return alt.layer(*layers).properties(width=width, height=alt.Step(STEP))


def _whiskers(marks: Sequence[dict[str, Any]], across: alt.Y, along: alt.Scale, frame: Frame) -> list[alt.Chart]:
    """Lines of the intervals with their ends."""
    if not marks:
        return []
    base = alt.Chart(values(marks)).encode(y=across)
    low, high = alt.X("low:Q", scale=along), alt.X("high:Q", scale=along)
    ink, layers = frame.colors.ink, []
    for basis in dict.fromkeys(mark["basis"] for mark in marks):  # a scale of dashes would get a legend of its own
        own = alt.Chart(values(mark for mark in marks if mark["basis"] == basis)).encode(y=across, x2="high:Q", x=low)
        dash = list(theme.pattern(basis).dash)
        layers.append(own.mark_rule(color=ink, strokeWidth=1.4, yOffset=_DOWN, strokeDash=dash))
    ends = base.mark_tick(color=ink, thickness=1.6, size=9, orient="vertical", yOffset=_DOWN, opacity=1)
    return [*layers, *(ends.encode(x=end) for end in (low, high))]


def words(rows: Sequence[Row], across: alt.Y, width: int) -> list[alt.Chart]:
    """Name and amount of each row above its bar."""
    listed = [
        {
            "row": place,
            "name": fitting(row.name, width - room(row.amount) - 18 - row.depth * _INDENT),
            "amount": row.amount,
            "depth": row.depth,
        }
        for place, row in enumerate(rows)
    ]
    named = [
        alt.Chart(values(row for row in listed if row["depth"] == depth))
        .mark_text(align="left", baseline="middle", dy=-_DOWN + 2)
        .encode(x=alt.value(depth * _INDENT), y=across, text="name:N")
        for depth in sorted({row.depth for row in rows})
    ]
    amounts = (
        alt.Chart(values(listed))
        .mark_text(align="right", baseline="middle", dy=-_DOWN + 2)
        .encode(x=alt.value(width), y=across, text="amount:N")
    )
    return [*named, amounts]
