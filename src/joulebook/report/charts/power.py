"""Power over time: for each device the lowest, mean and highest power of each bin, with the stages above and behind.

Long recordings are put into fewer, wider bins that keep every peak; where nothing is known, nothing is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import altair as alt

from joulebook.account.terms import Statement
from joulebook.meter.series import Band, History, PowerSeries
from joulebook.report import wording
from joulebook.report.bins import by_device, rebinned
from joulebook.report.charts import theme
from joulebook.report.charts.picture import Drawing, Frame, Item, Picture, Table, fitting, nothing, room, values
from joulebook.report.outline import started
from joulebook.report.terminal import device
from joulebook.report.typography import isolated, typeset
from joulebook.report.wording import Figure, plain
from joulebook.sensors.base import OUTSIDE

MOST_DEVICES: Final = 16
_PIXELS_A_BIN = 2
_LEFT, _RIGHT = 46, 10
_TALL, _SHORT, _STRIP = 120, 72, 17
_DEPTHS, _MOST_VISITS, _MOST_BEHIND = 3, 300, 60
_HEADROOM = 1.06
"""A line at the upper edge would be cut in half."""
_TIMES: Final = ((1.0, "s"), (60.0, "min"), (3_600.0, "h"), (86_400.0, "d"))
_SLASH: Final = re.compile(r"(?<!\\)/")
"""What divides the names of a path; a "/" inside a name is written "\\/"."""


class _Span(NamedTuple):
    """What is shown of time: its beginning (UTC ns), its length and the unit of the axis."""

    start_ns: int
    length: float
    seconds: float
    unit: str

    def at(self, time_ns: float) -> float:
        """A time in the unit of the axis."""
        return round(min(max((time_ns - self.start_ns) / 1e9 / self.seconds, 0.0), self.length), 5)


def power(items: Sequence[Item], frame: Frame) -> Picture:
    """Power of each device of the first run over time."""
    statement, history = items[0]
    ordered = by_device(history)
    span = _span(history, statement)
    width = frame.width - _LEFT - _RIGHT
    shown = [rebinned(series, width // _PIXELS_A_BIN) for series in ordered[:MOST_DEVICES]]
    bands = _drawable(history.bands, span, width)
    tints = _tints(bands, frame)
    parts: list[Any] = []
    if bands and shown:
        parts.append(_strip(bands, span, tints, frame))
    tops = _tops(shown)
    height = _TALL if len(shown) <= 2 else _SHORT
    behind = [_rectangle(band, span, tints) for band in bands if band.depth == 0]
    behind = behind if len(behind) <= _MOST_BEHIND else []
    for series in shown:
        last = series is shown[-1]
        parts.append(_row(series, _Place(span, tops[series.kind], height, behind, last=last), frame))
    if not parts:
        parts.append(nothing(frame, "no power was recorded"))
    drawing = alt.vconcat(*parts, spacing=14).resolve_scale(x="independent", y="independent")
    subtitle = _subtitle(shown, len(ordered), statement)
    if len({band.depth for band in bands}) < min(len({band.depth for band in history.bands}), _DEPTHS):
        subtitle += " Stages with too many visits to be told apart are not drawn."
    return Picture(_finding(statement), subtitle, drawing, _table(ordered), frame)


def _finding(statement: Statement) -> str:
    if statement.it_energy is None or statement.duration is None or statement.duration.value <= 0:
        return "Power over time"
    mean = Figure.of(statement.it_energy / statement.duration, "W")
    return typeset(f"Power over time: {wording.amount_in_brackets(mean, wording.WATTS)} on average")


def _subtitle(shown: Sequence[PowerSeries], devices: int, statement: Statement) -> str:
    if not shown:
        return "No power was recorded."
    step = typeset(wording.duration({"value": shown[0].step_ns / 1e9, **_exact(shown[0].step_ns / 1e9), "unit": "s"}))
    text = f"Power / W. Line: mean of each {step}; band: lowest to highest reading in it."
    if any(mean is None for series in shown for mean in series.mean_w):
        text += " Grey: no readings."
    if any(series.within not in ("", OUTSIDE) for series in shown):
        text += " What is part of another device is in its line already."
    if devices > len(shown):
        text += f" The first {len(shown)} of {devices} devices."
    if statement.started:
        text += f" Time 0 is {started(statement)}."
    return text


def _exact(value: float) -> dict[str, float]:
    return {"low": value, "high": value}


def _span(history: History, statement: Statement) -> _Span:
    starts = [series.start_ns for series in history.series] + [band.start_ns for band in history.bands]
    ends = [series.start_ns + len(series.mean_w) * series.step_ns for series in history.series]
    ends += [band.end_ns for band in history.bands]
    start = min(starts, default=0)
    seconds = max(max(ends, default=0) - start, 1) / 1e9
    if statement.duration is not None and statement.duration.value > 0:  # the last bin may be longer than the run
        seconds = min(seconds, statement.duration.to("s").value)
    size, unit = _TIMES[0]
    for least, longer in zip((150.0, 7_200.0, 259_200.0), _TIMES[1:], strict=True):
        if seconds > least:
            size, unit = longer
    return _Span(start, seconds / size, size, unit)


def _tops(shown: Iterable[PowerSeries]) -> dict[str, float]:
    """The end of the axis of each class of devices, so that devices of one class can be compared."""
    tops: dict[str, float] = {}
    for series in shown:
        highest = max((value for value in series.high_w if value is not None), default=0.0)
        tops[series.kind] = max(tops.get(series.kind, 0.0), highest)
    return {kind: _HEADROOM * top or 1.0 for kind, top in tops.items()}


class _Place(NamedTuple):
    """Where a row stands: its axes, its height and the stages behind it."""

    span: _Span
    top: float
    height: int
    behind: Sequence[dict[str, object]]
    last: bool


def _row(series: PowerSeries, place: _Place, frame: Frame) -> Drawing:
    colors, width = frame.colors, frame.width - _LEFT - _RIGHT
    x = alt.X(
        "x:Q",
        scale=alt.Scale(domain=[0, place.span.length], nice=False),
        axis=alt.Axis(
            title=f"time / {place.span.unit}" if place.last else None,
            labels=place.last,
            ticks=place.last,
            grid=False,
            tickCount=max(width // 90, 3),
        ),
    )
    shown = ".3~s" if place.top >= 1_000 else ".3~r"
    axis = alt.Axis(title=None, tickCount=3, format=shown, minExtent=_LEFT - 8, maxExtent=_LEFT - 8)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, place.top], nice=True, zero=True), axis=axis)
    whole = {"y": alt.value(0), "y2": alt.value(place.height)}
    layers: list[alt.Chart] = []
    if place.behind:
        tinted = alt.Chart(values(place.behind)).mark_rect(opacity=0.6)
        layers.append(tinted.encode(x=x, x2="x2:Q", **whole, color=alt.Color("tint:N", scale=None)))
    gaps = list(_gaps(series, place.span, 3 * place.span.length / width))
    if gaps:
        layers.append(alt.Chart(values(gaps)).mark_rect(color=colors.gap).encode(x=x, x2="x2:Q", **whole))
        written = alt.Chart(values(gap for gap in gaps if gap["long"] > 64 / width * place.span.length))
        text = written.mark_text(color=colors.quiet, fontSize=10, baseline="middle")
        layers.append(text.encode(x="middle:Q", y=alt.value(place.height / 2), text=alt.value("no readings")))
    points = alt.Chart(values(_points(series, place.span)))
    fill = theme.filling(series.kind, theme.BAND, colors)
    layers.append(points.mark_area(color=fill).encode(x=x, y=y, y2="low:Q", detail="part:N"))
    dash = list(theme.pattern(series.basis).dash)
    line = points.mark_line(color=theme.color(series.kind, colors), strokeWidth=1.3, strokeDash=dash)
    layers.append(line.encode(x=x, y=alt.Y("mean:Q"), detail="part:N", order="x:Q"))
    title = alt.Title(
        _name(series, width), anchor="start", fontSize=12, fontWeight="normal", offset=5, color=colors.ink
    )
    return alt.layer(*layers).properties(width=width, height=place.height, title=title)


def _name(series: PowerSeries, width: float) -> str:
    return fitting(" · ".join(part for part in _words(series) if part), width)


def _words(series: PowerSeries) -> tuple[str, str, str]:
    """Name, basis and what it is part of."""
    name, kind = isolated(plain(series.device)), device(series.kind)
    named = f"{name} ({kind})" if kind.lower() not in name.lower() else name
    if series.within == OUTSIDE:
        return named, series.basis, "not added"
    return named, series.basis, f"part of {isolated(plain(series.within))}" if series.within else ""


def _points(series: PowerSeries, span: _Span) -> Iterator[dict[str, object]]:
    """Two points for each known bin, so that it is as wide as it lasted; `part` counts the stretches without gap."""
    part, known = 0, False
    for place, (low, mean, high) in enumerate(zip(series.low_w, series.mean_w, series.high_w, strict=True)):
        if low is None or mean is None or high is None:
            known = False
            continue
        part += not known
        known = True
        for edge in (place, place + 1):
            x = span.at(series.start_ns + edge * series.step_ns)
            yield {"x": x, "low": low, "mean": round(mean, 3), "y": high, "part": part}


def _gaps(series: PowerSeries, span: _Span, least: float) -> Iterator[dict[str, float]]:
    """The stretches of bins without readings that are wide enough to be seen."""
    known = [-1, *(place for place, mean in enumerate(series.mean_w) if mean is not None), len(series.mean_w)]
    for before, after in pairwise(known):
        if after - before > 1:
            start, end = (span.at(series.start_ns + place * series.step_ns) for place in (before + 1, after))
            if end - start >= least:
                yield {"x": start, "x2": end, "middle": (start + end) / 2, "long": end - start}


# -- stages -----------------------------------------------------------------------------------------------------


def _strip(bands: Sequence[Band], span: _Span, tints: dict[str, str], frame: Frame) -> Drawing:
    """The stages by name, one line for each depth."""
    width = frame.width - _LEFT - _RIGHT
    rows = []
    for band in bands:
        row = _rectangle(band, span, tints)
        pixels = (float(row["x2"]) - float(row["x"])) / span.length * width
        name = plain(_SLASH.split(band.path)[-1].replace("\\/", "/"))
        shown = name if room(name, 11) + 8 <= pixels else _beginning(name, pixels - 8)
        rows.append({**row, "name": shown, "top": band.depth * _STRIP, "foot": (band.depth + 1) * _STRIP - 2})
    depths = max(int(row["top"]) for row in rows) // _STRIP + 1
    base = alt.Chart(values(rows))
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, span.length], nice=False), axis=None)
    y = alt.Y("top:Q", scale=alt.Scale(domain=[0, depths * _STRIP], nice=False, reverse=True), axis=None)
    boxes = base.mark_rect(xOffset=0.5, x2Offset=-0.5, stroke=frame.colors.axis, strokeWidth=0.4)
    text = base.mark_text(align="left", baseline="middle", fontSize=11, dx=4, dy=_STRIP / 2 - 1, color=frame.colors.ink)
    drawing = alt.layer(
        boxes.encode(x=x, x2="x2:Q", y=y, y2="foot:Q", color=alt.Color("tint:N", scale=None)),
        text.encode(x=x, y=y, text="name:N"),
    )
    return drawing.properties(width=width, height=depths * _STRIP)


def _beginning(name: str, pixels: float) -> str:
    """As much of the name as fits; nothing where that would not be recognised."""
    letters = int(pixels / room("x", 11)) - 1
    return f"{name[:letters]}\N{HORIZONTAL ELLIPSIS}" if letters >= 3 else ""


def _tints(bands: Iterable[Band], frame: Frame) -> dict[str, str]:
    """The same tint for every visit of a stage, another one for the next stage."""
    colors = frame.colors
    cycle = (colors.stage_a, colors.stage_b, colors.stage_c)
    paths = list(dict.fromkeys(band.path for band in sorted(bands, key=lambda band: (band.depth, band.start_ns))))
    return {path: cycle[place % len(cycle)] for place, path in enumerate(paths)}


def _drawable(bands: Iterable[Band], span: _Span, width: float) -> list[Band]:
    """Bands of at most three depths; visits of one stage less than a pixel apart become one.

    A depth with more visits than can be told apart is left out, and so is what lies below it.
    """
    pixel = span.length * span.seconds * 1e9 / width
    last: dict[str, Band] = {}
    found: list[Band] = []
    for band in sorted(bands, key=lambda band: band.start_ns):
        before = last.get(band.path)
        if before is not None and band.start_ns - before.end_ns < pixel:
            last[band.path] = before._replace(end_ns=max(before.end_ns, band.end_ns))
        else:
            found += [before] if before is not None else []
            last[band.path] = band
    found += last.values()
    drawn: list[Band] = []
    for depth in range(_DEPTHS):
        visits = [band for band in found if band.depth == depth]
        if len(visits) > _MOST_VISITS:
            break
        drawn += visits
    return drawn


def _rectangle(band: Band, span: _Span, tints: dict[str, str]) -> dict[str, Any]:
    return {"x": span.at(band.start_ns), "x2": span.at(band.end_ns), "tint": tints[band.path]}


def _table(listed: Iterable[PowerSeries]) -> Table:
    rows = []
    for series in listed:
        name, basis, part = _words(series)
        means = [value for value in series.mean_w if value is not None]
        watts = [
            min((value for value in series.low_w if value is not None), default=None),
            sum(means) / len(means) if means else None,
            max((value for value in series.high_w if value is not None), default=None),
        ]
        words = ["unknown" if value is None else typeset(_watts(value)) for value in watts]
        known = typeset(wording.percent(len(means) / len(series.mean_w))) if series.mean_w else ""
        rows.append((f"{name}, {part}" if part else name, basis, *words, known))
    return Table(("device", "basis", ">lowest", ">mean", ">highest", ">known"), tuple(rows))


def _watts(value: float) -> str:
    return wording.amount(Figure(value, value, value, "W"), wording.WATTS)
