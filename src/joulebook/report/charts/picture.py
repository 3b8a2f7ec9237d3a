"""`Picture`: a chart with what it says in words and numbers; and the files that it can become."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import altair as alt
import vl_convert

from joulebook.account.terms import Statement
from joulebook.errors import ConfigError
from joulebook.meter.series import History
from joulebook.report.charts import theme
from joulebook.report.charts.theme import Look

WIDE: Final = 700
NARROW: Final = 340
"""Widths in pixels for a page and for a telephone."""
_PER_POINT = 0.54
"""Width of an average letter of the chart's font, in units of its size."""


Drawing = alt.LayerChart | alt.VConcatChart | alt.FacetChart
Item = tuple[Statement, History]
"""A run: its account, and what happened in time."""


class Frame(NamedTuple):
    """How wide a chart is, in pixels, and whether it is light on dark."""

    width: int = WIDE
    dark: bool = False

    @property
    def colors(self) -> Look:
        """The colours of this variant."""
        return theme.look(dark=self.dark)


class Table(NamedTuple):
    """The numbers of a chart as text; a column whose heading begins with ">" is aligned to the right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Picture(NamedTuple):
    """A chart, the sentence that it shows, and its numbers."""

    title: str
    subtitle: str
    chart: Drawing
    """Without title."""
    table: Table
    frame: Frame


def values(rows: Iterable[Mapping[str, object]]) -> alt.InlineData:
    """Rows as the data of a chart. Raises altair's `MaxRowsError` above 5,000: charts get bins, never raw readings.

    They travel as JSON, which altair does not copy row by row with every layer; `specification` unpacks them.
    """
    listed = [dict(row) for row in rows]
    alt.limit_rows({"values": listed})
    return alt.InlineData(values=json.dumps(listed, allow_nan=False))


def nothing(frame: Frame, text: str) -> Drawing:
    """Words instead of a chart, where there is nothing to draw."""
    words = alt.Chart(values([{"text": text}])).mark_text(align="left", color=frame.colors.quiet)
    placed = words.encode(text="text:N", x=alt.value(0), y=alt.value(20))
    return alt.layer(placed).properties(width=frame.width - 16, height=40)


def room(text: str, size: float = theme.TEXT) -> float:
    """About how many pixels a text is wide."""
    return _PER_POINT * size * len(text)


def fitting(text: str, pixels: float, size: float = theme.TEXT) -> str:
    """The text, cut in the middle to what fits."""
    most = max(int(pixels / (_PER_POINT * size)), 3)
    if len(text) <= most:
        return text
    tail = (most - 1) // 3
    return f"{text[: most - 1 - tail]}\N{HORIZONTAL ELLIPSIS}{text[-tail:] if tail else ''}"


def _wrapped(text: str, width: int, size: int) -> Sequence[str]:
    return textwrap.wrap(text, max(int(width / (0.5 * size)), 12)) or [""]


def specification(picture: Picture, *, titled: bool = True) -> dict[str, Any]:
    """The chart as a Vega-Lite document with its theme inside."""
    width, dark = picture.frame
    chart = picture.chart.properties(padding=1)
    if titled:
        title = _wrapped(picture.title, width, 16)
        subtitle = _wrapped(picture.subtitle, width, theme.TEXT) if picture.subtitle else alt.Undefined
        chart = chart.properties(title=alt.Title(list(title), subtitle=subtitle, frame="bounds"), padding=16)
    with alt.theme.enable("joulebook-dark" if dark else "joulebook"):
        document = dict(chart.to_dict())
    datasets = document.get("datasets", {})
    return document | {"datasets": {name: json.loads(text) for name, text in datasets.items()}}


def svg(picture: Picture, *, titled: bool = True) -> str:
    """The chart as SVG: text stays text."""
    return str(vl_convert.vegalite_to_svg(specification(picture, titled=titled)))


def png(picture: Picture, scale: float = 2.0) -> bytes:
    """The chart as PNG, with `scale` pixels for each unit of its width."""
    return bytes(vl_convert.vegalite_to_png(specification(picture), scale=scale))


def pdf(picture: Picture) -> bytes:
    """The chart as one page of PDF."""
    return bytes(vl_convert.vegalite_to_pdf(specification(picture)))


SUFFIXES: Final = ("svg", "png", "pdf", "json")
"""Of the files that a chart can become."""


def suffix_of(file: str) -> str:
    """The suffix of a file for a chart. Raises `ConfigError` for another one."""
    suffix = Path(file).suffix.removeprefix(".").lower()
    if suffix not in SUFFIXES:
        raise ConfigError.bad("chart", file, f"a name that ends in .{', .'.join(SUFFIXES)}")
    return suffix


def content(picture: Picture, suffix: str) -> bytes:
    """The chart as the content of a file of that suffix."""
    if suffix == "json":
        return (json.dumps(specification(picture), indent=1) + "\n").encode()
    if suffix == "svg":
        return svg(picture).encode()
    return png(picture) if suffix == "png" else pdf(picture)
