"""Charts inside an HTML page: SVG elements that take their colours from the style sheet of the page.

A chart is rendered once, light. Each of its colours is an attribute that the style sheet overrides with a variable, so
that the page turns dark without a second chart and without a script.
"""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree as ET

from joulebook.report.charts import theme
from joulebook.report.charts.picture import Picture, svg

_TAGS: Final = {"svg", "g", "path", "rect", "line", "text", "tspan"}
_KEPT: Final = {
    *("d", "x", "y", "x1", "x2", "y1", "y2", "dx", "dy", "width", "height", "transform", "viewBox"),
    *("fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-miterlimit", "stroke-opacity"),
    *("opacity", "font-size", "font-weight", "text-anchor"),
}
_LONG_NUMBER: Final = re.compile(r"(\d\.\d)\d+")
"""A tenth of a pixel is more than one sees, and half of what a renderer writes."""
_COMMAND: Final = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_SVG = "{http://www.w3.org/2000/svg}"


def inline(picture: Picture, label: str) -> str:
    """The chart without its title as one `svg` element; `label` is what it is called for those who cannot see it.

    Only shapes and text are kept: whatever a renderer adds, no script, style, link or reference gets into the page.
    """
    root = ET.fromstring(svg(picture, titled=False))  # noqa: S314 - our own renderer wrote it
    page = _plain(root)
    page.attrib.pop("width", None)
    page.attrib.pop("height", None)
    for backdrop in page.findall("rect"):  # the page has a colour of its own
        page.remove(backdrop)
    width = root.attrib.get("width", "0")
    page.attrib.update({"class": "chart", "role": "img", "aria-label": label, "data-width": width})
    return ET.tostring(page, encoding="unicode")


def _plain(node: ET.Element) -> ET.Element:
    """A copy with the elements and attributes that draw, and nothing else."""
    kept = {name: value for name, value in node.attrib.items() if name in _KEPT and (name, value) != ("opacity", "1")}
    if "d" in kept:
        kept["d"] = _shorter(_LONG_NUMBER.sub(r"\1", kept["d"]))
    copy = ET.Element(node.tag.removeprefix(_SVG), kept)
    copy.text = node.text if copy.tag in ("text", "tspan") else None
    for child in node:
        if child.tag.removeprefix(_SVG) in _TAGS and child.get("display") != "none":
            inner = _plain(child)
            if len(inner) or inner.text or (inner.tag not in ("g", "text") and inner.get("d", "-") != "M0,0h0v0h0Z"):
                copy.append(inner)
    return copy


def _shorter(path: str) -> str:
    """The same path: lines straight across or straight up in the short form, lines to where one is already left out."""
    parts, x, y = [], "", ""
    for command, place in _COMMAND.findall(path):
        here = place.split(",")
        if command not in "ML" or len(here) != 2:
            parts.append(command + place)
            x = y = ""
            continue
        if command == "M" or (here[0] != x and here[1] != y):
            parts.append(command + place)
        elif here[0] != x:
            parts.append(f"H{here[0]}")
        elif here[1] != y:
            parts.append(f"V{here[1]}")
        x, y = here
    return "".join(parts)


def style_sheet() -> str:
    """The variables of both variants and the rules by which the colours of a chart follow them.

    The colours of a `Look` become variables of their names: `--paper`, `--ink`, `--gpu`.
    """
    exchanges = theme.exchanges()
    fields = {color: f"--{name}" for name, color in theme.LIGHT._asdict().items()}
    names = {color: fields.get(color, f"--mixed-{number}") for number, color in enumerate(exchanges)}
    light = "".join(f"{name}:{color};" for color, name in names.items())
    dark = "".join(f"{names[color]}:{other};" for color, other in exchanges.items())
    rules = "".join(
        f'.chart [{channel}="{color}"]{{{channel}:var({name})}}\n'
        for channel in ("fill", "stroke")
        for color, name in names.items()
    )
    return (
        f":root{{color-scheme:light;{light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not(:has(#scheme-light:checked)){{color-scheme:dark;{dark}}}}}\n"
        f":root:has(#scheme-dark:checked){{color-scheme:dark;{dark}}}\n"
        f"@media print{{:root{{color-scheme:light!important;{light.replace(';', '!important;')}}}}}\n"
        f".chart text{{font-family:{theme.FONT}}}\n{rules}"
    )
