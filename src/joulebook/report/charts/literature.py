"""How far computed figures of a publication lie from the printed ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import altair as alt

from joulebook.errors import ConfigError
from joulebook.report.charts import picture as files
from joulebook.report.charts.picture import Drawing, Frame, Picture, Table, fitting, nothing, values
from joulebook.report.literature import Page, Row, counted
from joulebook.report.typography import typeset

_STEP: Final = 17
_NAMES: Final = 300
"""Pixels for the names of cells."""
_LEAST: Final = 0.5
"""Per cent that the axis reaches at least to both sides."""
_MOST: Final = 80


def drawn(page: Page, file: str) -> bytes:
    """The chart as the content of a file of that name. Raises `ConfigError` for a name of another kind."""
    suffix = Path(file).suffix.lower()
    picture = closing(page, Frame())
    if suffix == ".svg":
        return files.svg(picture).encode()
    if suffix == ".json":
        return (json.dumps(files.specification(picture), indent=1) + "\n").encode()
    if suffix not in (".png", ".pdf"):
        raise ConfigError.bad("--chart", file, "a name that ends in .svg, .png, .pdf or .json")
    return files.png(picture) if suffix == ".png" else files.pdf(picture)


def closing(page: Page, frame: Frame) -> Picture:
    """Each computed cell as a mark: filled where it agrees, hollow where it is rounded, a cross where it is open."""
    rows = [row for table in page.tables for row in table.rows if row.apart is not None]
    shown = rows[:_MOST]
    subtitle = (
        f"{counted(page.counts)}. Filled: agrees when rounded as printed; hollow: within what rounded inputs allow; "
        "cross: does not close."
    )
    if len(rows) > len(shown):
        subtitle += f" The first {len(shown)} of {len(rows)} figures."
    bare = sum(row.apart is None and "not close" in row.verdict for table in page.tables for row in table.rows)
    if bare:
        subtitle += f" {bare} more that do not close have no computed figure and no mark."
    listed = tuple((row.name, row.printed, row.computed, row.verdict) for row in rows)
    table = Table(("figure", ">printed", ">computed", "verdict"), listed)
    title = f"{page.title.partition(':')[0]}, computed again"
    return Picture(typeset(title), subtitle, _drawn(shown, frame), table, frame)


def _drawn(rows: Sequence[Row], frame: Frame) -> Drawing:
    if not rows:
        return nothing(frame, "nothing is computed")
    names = min(_NAMES, frame.width // 2)
    colors = frame.colors
    most = 1.1 * max(_LEAST, *(abs(100 * (row.apart or 0.0)) for row in rows))
    marked = [
        {
            "row": f"{place}",
            "name": fitting(row.name, names),
            "apart": 100 * (row.apart or 0.0),
            "shape": "circle" if row.plain or "rounding" in row.verdict else "cross",
            "color": colors.cpu if row.plain or "rounding" in row.verdict else colors.more,
            "fill": colors.cpu if row.plain else colors.paper,
        }
        for place, row in enumerate(rows)
    ]
    across = alt.Y("row:O", axis=None, sort=[str(place) for place in range(len(rows))])
    axis = alt.Axis(title="computed over printed / %", format="+.2~r", tickCount=5)
    x = alt.X("apart:Q", axis=axis, scale=alt.Scale(domain=[-most, most], nice=False))
    width = frame.width - names - 16
    base = alt.Chart(values(marked)).encode(y=across)
    zero = alt.Chart(values([{"apart": 0.0}])).mark_rule(color=colors.axis).encode(x=x)
    points = base.mark_point(size=46, opacity=1, strokeWidth=1.6).encode(
        x=x,
        shape=alt.Shape("shape:N", scale=None),
        stroke=alt.Stroke("color:N", scale=None),
        fill=alt.Fill("fill:N", scale=None),
    )
    words = base.mark_text(align="right", baseline="middle", color=colors.ink, fontSize=11).encode(
        text="name:N", x=alt.value(-10)
    )
    return alt.layer(zero, points, words).properties(width=width, height=alt.Step(_STEP))
