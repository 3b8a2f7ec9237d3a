"""How every chart looks, light and dark: colours by class of device, and a pattern for each basis.

Colours come from the palette of Okabe and Ito, which people with any common colour vision can tell apart. No colour
carries a meaning alone: classes of devices are named, and a basis is an outline and a strength of filling too.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import altair as alt

FONT: Final = "Liberation Sans, Arial, Helvetica, sans-serif"
"""Three faces with the same widths: one is inside vl-convert, the others on the machines of most readers."""
TEXT: Final = 12


class Look(NamedTuple):
    """The colours of one variant. A light chart becomes a dark one by exchanging them, so no two may be equal."""

    paper: str
    ink: str
    quiet: str
    grid: str
    axis: str
    stage_a: str
    stage_b: str
    stage_c: str
    gap: str
    cpu: str
    gpu: str
    ram: str
    board: str
    other: str
    more: str
    less: str


LIGHT: Final = Look(
    paper="#ffffff",
    ink="#1f2328",
    quiet="#59636e",
    grid="#e6e8eb",
    axis="#a9b1ba",
    stage_a="#f1f3f5",
    stage_b="#e3e8ee",
    stage_c="#f7efe2",
    gap="#eceef0",
    cpu="#0072b2",
    gpu="#d55e00",
    ram="#009e73",
    board="#a3528a",
    other="#737b84",
    more="#c4500a",
    less="#0a7ea4",
)
DARK: Final = Look(
    paper="#15181c",
    ink="#e8eaed",
    quiet="#a3abb5",
    grid="#2a2f35",
    axis="#565e68",
    stage_a="#1c2024",
    stage_b="#232a32",
    stage_c="#2b271e",
    gap="#22262b",
    cpu="#5aaeea",
    gpu="#ff9450",
    ram="#3ac99b",
    board="#dd8fc4",
    other="#9aa2ab",
    more="#ff9e5e",
    less="#5cc0e0",
)


class Pattern(NamedTuple):
    """How a basis is drawn: strength of a filled area, and the dashes of its outline or line."""

    fill: float
    dash: tuple[float, ...]


PATTERNS: Final = {
    "measured": Pattern(0.94, (1, 0)),
    "reported": Pattern(0.62, (8, 2, 2, 2)),
    "modelled": Pattern(0.34, (5, 3)),
    "assumed": Pattern(0.1, (1.5, 2.5)),
}
"""Solid, dash-dotted, dashed, dotted."""
BAND: Final = 0.34
"""Strength of the band from the lowest to the highest power."""
KINDS: Final = ("cpu", "gpu", "ram", "board", "other", "more", "less")


def look(*, dark: bool = False) -> Look:
    """The colours of the light or of the dark variant."""
    return DARK if dark else LIGHT


def color(kind: str, colors: Look) -> str:
    """The colour of a class of devices."""
    kind = "ram" if kind == "dram" else kind
    return str(getattr(colors, kind if kind in KINDS else "other"))


def pattern(basis: str) -> Pattern:
    """The pattern of a basis; an unknown one looks like the weakest."""
    return PATTERNS.get(basis, PATTERNS["assumed"])


def filling(kind: str, strength: float, colors: Look) -> str:
    """The colour of a class of devices at that strength over the paper, opaque."""
    parts = zip(_parts(color(kind, colors)), _parts(colors.paper), strict=True)
    return "#" + "".join(f"{round(strength * own + (1 - strength) * below):02x}" for own, below in parts)


def _parts(hexadecimal: str) -> tuple[int, ...]:
    return tuple(int(hexadecimal[place : place + 2], 16) for place in (1, 3, 5))


def exchanges() -> dict[str, str]:
    """The dark colour for every colour that a light chart can contain."""
    strengths = (BAND, *(one.fill for one in PATTERNS.values()))
    mixed = {filling(kind, strength, LIGHT): filling(kind, strength, DARK) for kind in KINDS for strength in strengths}
    return dict(zip(LIGHT, DARK, strict=True)) | mixed


def _config(colors: Look) -> alt.theme.ThemeConfig:
    words: alt.theme.AxisConfigKwds = {
        "labelColor": colors.quiet,
        "titleColor": colors.quiet,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "gridColor": colors.grid,
        "gridWidth": 0.7,
        "domainColor": colors.axis,
        "tickColor": colors.axis,
        "domainWidth": 0.8,
        "tickWidth": 0.8,
        "tickSize": 4,
        "labelPadding": 4,
        "titlePadding": 8,
    }
    title: alt.theme.TitleConfigKwds = {
        "anchor": "start",
        "frame": "group",
        "color": colors.ink,
        "fontSize": 16,
        "fontWeight": "bold",
        "subtitleColor": colors.quiet,
        "subtitleFontSize": TEXT,
        "subtitlePadding": 5,
        "lineHeight": 20,
        "subtitleLineHeight": 16,
        "offset": 14,
    }
    legend: alt.theme.LegendConfigKwds = {
        "orient": "top",
        "direction": "horizontal",
        "title": None,
        "labelColor": colors.quiet,
        "labelFontSize": 11,
        "symbolType": "square",
        "symbolSize": 110,
        "symbolStrokeWidth": 1.2,
        "columnPadding": 14,
        "offset": 10,
        "labelLimit": 260,
    }
    return {
        "background": colors.paper,
        "config": {
            "font": FONT,
            "aria": False,
            "view": {"stroke": None},
            "axis": words,
            "title": title,
            "legend": legend,
            "text": {"color": colors.ink, "fontSize": TEXT},
        },
    }


@alt.theme.register("joulebook", enable=False)
def light() -> alt.theme.ThemeConfig:
    """The theme `joulebook`: dark on white."""
    return _config(LIGHT)


@alt.theme.register("joulebook-dark", enable=False)
def dark() -> alt.theme.ThemeConfig:
    """The theme `joulebook-dark`: light on near-black."""
    return _config(DARK)
