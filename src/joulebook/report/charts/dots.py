"""Points with their intervals on a common axis, linear from zero or logarithmic: amounts that are no parts of a sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import altair as alt

from joulebook.quantity import Basis, Quantity
from joulebook.report import wording
from joulebook.report.charts import theme
from joulebook.report.charts.bars import Row, words
from joulebook.report.charts.picture import Drawing, Frame, nothing, values
from joulebook.report.typography import typeset
from joulebook.report.wording import Figure

STEP = 40
_DOWN = 9
_LOG_FROM = 30.0
"""Ratio of the highest to the lowest end from which the axis is logarithmic."""
_ROOM = 1.6
"""Factor that is left free at both ends of a logarithmic axis."""


class Dot(NamedTuple):
    """A named energy; `kind` chooses the colour ("" is ink)."""

    name: str
    energy: Quantity
    kind: str = ""


def dots(listed: Sequence[Dot], frame: Frame) -> Drawing:
    """The energies from top to bottom; of one whose interval is too wide for a single number the line alone."""
    if not listed:
        return nothing(frame, "no energy is known")
    width = frame.width - 16
    figures = [Figure.of(dot.energy, "J") for dot in listed]
    size, x = _axis(figures, width)
    rows = []
    for place, (dot, figure) in enumerate(zip(listed, figures, strict=True)):
        color = theme.color(dot.kind, frame.colors) if dot.kind else frame.colors.ink
        solid = dot.energy.basis is Basis.MEASURED
        rows.append(
            {
                "row": place,
                "low": figure.low / size,
                "value": figure.value / size,
                "high": figure.high / size,
                "basis": str(dot.energy.basis),
                "color": color,
                "fill": color if solid else frame.colors.paper,
                "point": not figure.wide,
            }
        )
    across = alt.Y("row:O", axis=None, scale=alt.Scale(domain=list(range(len(rows))), paddingInner=0, paddingOuter=0))
    named = [
        Row(dot.name, typeset(wording.amount_in_brackets(figure, wording.JOULES)), (), None, "")
        for dot, figure in zip(listed, figures, strict=True)
    ]
    layers = [*_marks(rows, across, x), *words(named, across, width)]
    return alt.layer(*layers).properties(width=width, height=alt.Step(STEP))


def _axis(figures: Sequence[Figure], width: int) -> tuple[float, alt.X]:
    """How many joules the unit of the axis has, and the axis."""
    highest = max((figure.high for figure in figures), default=1.0) or 1.0
    lowest = min((figure.low for figure in figures), default=highest)
    logarithmic = lowest > 0 and highest > _LOG_FROM * lowest
    size, symbol = (1.0, "J") if logarithmic else wording.scaled(highest, wording.JOULES)
    scale = alt.Scale(domain=[0, highest / size], nice=False)
    if logarithmic:
        scale = alt.Scale(type="log", domain=[lowest / _ROOM, highest * _ROOM], nice=False)
    axis = alt.Axis(
        title=typeset(f"energy / {symbol}"),
        format="~s" if logarithmic else ".4~r",
        tickCount=max(width // 110, 3),
        labelOverlap="greedy",
    )
    return size, alt.X("low:Q", scale=scale, axis=axis)


def _marks(rows: Sequence[Mapping[str, object]], across: alt.Y, x: alt.X) -> list[alt.Chart]:
    """Lines, their ends, and the points: filled where measured."""
    color, layers = alt.Color("color:N", scale=None), []
    for basis in dict.fromkeys(str(row["basis"]) for row in rows):
        own = alt.Chart(values(row for row in rows if row["basis"] == basis)).encode(y=across, x=x, color=color)
        dash = list(theme.pattern(basis).dash)
        layers.append(own.mark_rule(strokeWidth=2, strokeDash=dash, yOffset=_DOWN).encode(x2="high:Q"))
    ends = alt.Chart(values(rows)).mark_tick(thickness=2, size=9, orient="vertical", yOffset=_DOWN, opacity=1)
    layers += [ends.encode(y=across, color=color, x=end) for end in (x, alt.X("high:Q"))]
    pointed = alt.Chart(values(row for row in rows if row["point"]))
    points = pointed.mark_point(size=70, yOffset=_DOWN, opacity=1, strokeWidth=2)
    stroke, fill = alt.Stroke("color:N", scale=None), alt.Fill("fill:N", scale=None)
    return [*layers, points.encode(y=across, x=alt.X("value:Q"), stroke=stroke, fill=fill)]
