"""How the energy of a run is known: its shares by class of device and basis, in one strip."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from joulebook.account.terms import DeviceShare, Statement
from joulebook.quantity import Basis
from joulebook.report import wording
from joulebook.report.charts import theme
from joulebook.report.charts.picture import Drawing, Frame, Item, Picture, Table, nothing, room, values
from joulebook.report.terminal import device
from joulebook.report.typography import typeset

_HEIGHT = 30


def shares(items: Sequence[Item], frame: Frame) -> Picture:
    """Shares of the IT energy of the first run, the strongest basis first."""
    statement = items[0][0]
    parts = sorted(statement.device_shares, key=lambda part: (-Basis.parse(part.basis), -part.share))
    rows, start = [], 0.0
    for part in parts:
        percent = typeset(wording.percent(part.share))
        rows.append({"start": start, "end": start + part.share, "key": f"{device(part.kind)} {part.basis} {percent}"})
        start += part.share
    width = frame.width - 16
    style = _style(parts, [str(row["key"]) for row in rows], frame)
    x = alt.X(
        "start:Q",
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(title="share of the IT energy", format=".0%", values=[0, 0.25, 0.5, 0.75, 1], grid=False),
    )
    strip = (
        alt.Chart(values(rows))
        .mark_bar(height=_HEIGHT, strokeWidth=1.2, xOffset=0.8, x2Offset=-0.8)
        .encode(x=x, x2="end:Q", y=alt.value(_HEIGHT / 2 + 4), **style)
    )
    table = Table(
        ("device", "basis", ">share"),
        tuple((device(part.kind), part.basis, typeset(wording.percent(part.share))) for part in parts),
    )
    whole: Drawing = alt.layer(strip).properties(width=width, height=_HEIGHT + 8)
    drawing = whole if rows else nothing(frame, "no energy is known")
    return Picture(_finding(statement), "Shares by class of device and basis.", drawing, table, frame)


def _style(parts: Sequence[DeviceShare], keys: Sequence[str], frame: Frame) -> dict[str, alt.SchemaBase]:
    widest = max((room(key, 11) for key in keys), default=0) + 34
    legend = alt.Legend(columns=max(int(frame.width / widest), 1))
    fills = [theme.filling(part.kind, theme.pattern(part.basis).fill, frame.colors) for part in parts]
    outlines = [theme.color(part.kind, frame.colors) for part in parts]
    dashes = [list(theme.pattern(part.basis).dash) for part in parts]
    return {
        "fill": alt.Fill("key:N", scale=alt.Scale(domain=keys, range=fills), legend=legend),
        "stroke": alt.Stroke("key:N", scale=alt.Scale(domain=keys, range=outlines), legend=legend),
        "strokeDash": alt.StrokeDash("key:N", scale=alt.Scale(domain=keys, range=dashes), legend=legend),
    }


def _finding(statement: Statement) -> str:
    if not statement.shares:
        return "How the energy is known: there is none to divide"
    measured = statement.shares.get("measured", 0.0)
    if measured <= 0:
        return "None of the energy was measured"
    return typeset(f"{wording.percent(measured)} of the energy was measured")
