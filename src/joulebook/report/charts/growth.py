"""The computation of trainings over time: models as points, the fitted line, and the line of a claim."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from typing import Final, Protocol

import altair as alt

from joulebook.report.charts.picture import WIDE, Drawing, Frame, Picture, Table, fitting, values
from joulebook.report.typography import typeset
from joulebook.report.wording import plain

_HEIGHT: Final = 360
_NAMED: Final = 16
"""Models that are named at most: more names hide each other."""


class Training(Protocol):
    """What a chart needs of a model."""

    @property
    def label(self) -> str:
        """Its name."""

    @property
    def day(self) -> str:
        """YYYY-MM-DD."""

    @property
    def year(self) -> float:
        """With the part of the year that had gone."""

    @property
    def flop(self) -> float:
        """Operations of its training."""


class Growth(Protocol):
    """What a chart needs of a trend; `joulebook.audit.trends.Trend` is one."""

    @property
    def trainings(self) -> Sequence[Training]:
        """In order of time."""

    @property
    def doubling(self) -> float:
        """Months."""

    @property
    def low(self) -> float:
        """Of the 90 % interval."""

    @property
    def high(self) -> float:
        """Of the 90 % interval."""

    def at(self, year: float, months: float | None = None) -> float:
        """Operations on the fitted line, or on one with a claimed doubling time through its middle."""


def growth(found: Growth, claim: float, frame: Frame | None = None) -> Picture:
    """Models over time on a logarithmic axis, with both lines."""
    frame = frame or Frame(WIDE)
    count, colors = len(found.trainings), frame.colors
    title = f"Computation doubles in {found.doubling:.3g} months: {count} trainings"
    subtitle = (
        f"Line: least squares, 90 % interval {found.low:.3g}-{found.high:.3g} months. "
        f"Dashed: a doubling every {claim:g} months, through the middle of the models."
    )
    points = [
        {"day": one.day, "power": log10(one.flop), "name": fitting(plain(one.label), 120, 10)}
        for one in found.trainings
    ]
    ends = [found.trainings[0], found.trainings[-1]]
    x = alt.X("day:T", axis=alt.Axis(title=None, tickCount=8))
    y = alt.Y("power:Q", scale=alt.Scale(zero=False, padding=12), axis=alt.Axis(title="FLOP, as a power of ten"))
    layers: list[alt.Chart] = []
    for months, dashes in ((None, [1, 0]), (claim, [5, 4])):
        line = [{"day": one.day, "power": log10(found.at(one.year, months))} for one in ends]
        drawn = alt.Chart(values(line)).mark_line(strokeDash=dashes, strokeWidth=1.6, color=colors.ink)
        layers.append(drawn.encode(x=x, y=y))
    marks = alt.Chart(values(points)).mark_point(size=50, strokeWidth=1.6, color=colors.gpu, opacity=1)
    layers.append(marks.encode(x=x, y=y))
    if count <= _NAMED:
        names = alt.Chart(values(points)).mark_text(dx=8, dy=10, align="left", fontSize=10, color=colors.quiet)
        layers.append(names.encode(x=x, y=y, text="name:N"))
    chart: Drawing = alt.layer(*layers).properties(width=frame.width - 90, height=_HEIGHT)
    rows = tuple((plain(one.label), one.day, f"{one.flop:.3g}") for one in found.trainings)
    return Picture(title, typeset(subtitle), chart, Table(("model", "day", ">FLOP"), rows), frame)
