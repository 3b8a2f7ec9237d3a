"""The options of a plan by two of their figures, with what no other option betters in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt

from joulebook.errors import ConfigError
from joulebook.plan.findings import WORDS
from joulebook.plan.option import FIGURES, Amount, Option
from joulebook.plan.table import Plan
from joulebook.report import wording
from joulebook.report.charts import picture as files
from joulebook.report.charts.picture import WIDE, Drawing, Frame, Picture, Table, fitting, nothing, values
from joulebook.report.plan import options_sheet
from joulebook.report.typography import typeset
from joulebook.report.wording import plain
from joulebook.units import convert, unit

MOST: Final = 1_000
"""Options that are drawn."""
_RANGED: Final = 40
"""Options whose intervals are drawn: more lines hide each other."""
_NAMED: Final = 8
_HEIGHT: Final = 360
_LOG_FROM: Final = 10.0
_SHAPES: Final = (("meets the budgets", "circle"), ("does not", "triangle-down"))
_KINDS: Final = ("cpu", "gpu", "ram", "board", "other")


def drawn(plan: Plan, axes: Sequence[str], file: str) -> bytes:
    """The chart as the content of a file of that name. Raises `ConfigError` for another suffix, or for no figures."""
    return files.content(frontier(plan, axes, Frame(WIDE)), files.suffix_of(file))


def frontier(plan: Plan, axes: Sequence[str], frame: Frame) -> Picture:
    """Each option as a point, its intervals as lines; options that meet the budgets are circles, others triangles."""
    if len(axes) != 2 or axes[0] == axes[1] or not set(axes) <= set(FIGURES):
        raise ConfigError.bad("axes", ",".join(axes), f"two of {', '.join(FIGURES)}")
    known = [one for one in plan if one.figure(axes[0]) is not None and one.figure(axes[1]) is not None]
    best = _best(known, axes)
    listed = [*best, *(one for one in known if one not in best)][:MOST]
    sheet = options_sheet(plan, listed[:_RANGED])
    across, up = (WORDS[name] for name in axes)
    subtitle = f"Black line: options that no other betters in both {across} and {up}. Crosses: 90 % intervals."
    if plan.budgets:
        subtitle += f" Dots keep within {', '.join(one.text for one in plan.budgets)}; hollow triangles do not."
    if len(known) > len(listed):
        subtitle += f" {len(listed):,} of {len(known):,} options."
    title = f"{up.capitalize()} and {across} of {wording.count(len(plan), 'option')}"
    chart = _chart(plan, listed, best, (axes[0], axes[1]), frame) if listed else nothing(frame, "no option has both")
    return Picture(title, typeset(subtitle), chart, Table(sheet.columns, tuple(sheet.rows)), frame)


def _best(known: Sequence[Option], axes: Sequence[str]) -> list[Option]:
    """The options that no other betters in both figures, from left to right."""
    found: list[Option] = []
    for one in sorted(known, key=lambda one: tuple(_of(one, name).value for name in axes)):
        if not found or _of(one, axes[1]).value < _of(found[-1], axes[1]).value:
            found.append(one)
    return found


def _of(option: Option, name: str) -> Amount:
    amount = option.figure(name)
    assert amount is not None  # noqa: S101 - only options with both figures are drawn
    return amount


def _chart(
    plan: Plan, listed: Sequence[Option], best: Sequence[Option], axes: tuple[str, str], frame: Frame
) -> Drawing:
    symbols = {name: _symbol([_of(one, name) for one in listed]) for name in axes}
    devices = list(dict.fromkeys(one.device for one in listed))
    colors = {one: str(getattr(frame.colors, _KINDS[at % len(_KINDS)])) for at, one in enumerate(devices)}
    points = [_row(plan, one, symbols, colors[one.device], frame) for one in listed]
    x, y = (_axis(axis, name, points, symbols[name]) for axis, name in zip((alt.X, alt.Y), axes, strict=True))
    named = [plain(one) for one in devices]
    color = alt.Color(
        "device:N",
        scale=alt.Scale(domain=named, range=[colors[one] for one in devices]),
        legend=alt.Legend(
            symbolType="square", symbolFillColor=frame.colors.paper, symbolOpacity=1, symbolStrokeWidth=2
        ),
    )
    layers = _limits(plan, axes, (x, y), symbols, frame)
    for some, opacity in ((points[len(best) : _RANGED], 0.22), (points[: len(best)][:_RANGED], 0.75)):
        own = alt.Chart(values(some)).mark_rule(strokeWidth=1.2, opacity=opacity)
        layers.append(own.encode(x=_with("x_low", x), x2="x_high:Q", y=y, color=color))
        layers.append(own.encode(x=x, y=_with("y_low", y), y2="y_high:Q", color=color))
    front = alt.Chart(values(points[: len(best)]))
    layers.append(
        front.mark_line(strokeWidth=1.6, strokeDash=[1, 0], color=frame.colors.ink).encode(x=x, y=y, order="x:Q")
    )
    shape = alt.Shape(
        "meets:N",
        scale=alt.Scale(domain=[word for word, _ in _SHAPES], range=[shape for _, shape in _SHAPES]),
        legend=alt.Legend(symbolFillColor=frame.colors.paper, symbolStrokeColor=frame.colors.quiet)
        if plan.budgets
        else None,
    )
    marks = alt.Chart(values(points)).mark_point(size=72, strokeWidth=1.8, opacity=1)
    layers.append(marks.encode(x=x, y=y, color=color, shape=shape, fill=alt.Fill("fill:N", scale=None)))
    for at, point in enumerate(points[: min(len(best), _NAMED)]):  # below the line there is no option
        name = alt.Chart(values([point])).encode(x=x, y=y, text="name:N")
        below = 20 + 15 * (at % 3)
        for around in (4, 0):  # paper around the letters, then the letters
            ink = frame.colors.paper if around else frame.colors.ink
            layers.append(
                name.mark_text(dy=below, fontSize=11, color=ink, stroke=frame.colors.paper, strokeWidth=around)
            )
    return alt.layer(*layers).properties(width=frame.width - 90, height=_HEIGHT)


def _row(plan: Plan, option: Option, symbols: Mapping[str, str], color: str, frame: Frame) -> dict[str, Any]:
    """A point with its ends; filled where it meets the budgets."""
    meets = option.meets >= plan.frame.sure
    row: dict[str, Any] = {
        "name": fitting(plain(option.name), 190, 11),
        "device": plain(option.device),
        "meets": _SHAPES[0 if meets else 1][0],
        "fill": color if meets else frame.colors.paper,
    }
    for key, (name, symbol) in zip("xy", symbols.items(), strict=True):
        amount = _of(option, name)
        value, low, high = (convert(end, unit(amount.unit), unit(symbol)) for end in amount[:3])
        row |= {key: value, f"{key}_low": max(low, 0.0), f"{key}_high": high}
    return row


def _symbol(amounts: Sequence[Amount]) -> str:
    """The unit of an axis: the larger one where the amounts are many."""
    symbol = amounts[0].unit
    larger = {"h": ("d", 96.0), "kWh": ("MWh", 1e4), "kgCO2e": ("tCO2e", 1e3), "L": ("m3", 1e4)}
    other, least = larger.get(symbol, (symbol, 0.0))
    return other if max(one.value for one in amounts) >= least else symbol


def _axis(axis: Any, name: str, points: Sequence[Mapping[str, Any]], symbol: str) -> Any:  # noqa: ANN401 - of altair
    """The axis of a figure, logarithmic where its ends lie far apart."""
    key = "x" if axis is alt.X else "y"
    lowest, highest = min(one[f"{key}_low"] for one in points), max(one[f"{key}_high"] for one in points)
    logarithmic = lowest > 0 and highest > _LOG_FROM * lowest
    scale = alt.Scale(type="log", nice=False, padding=12) if logarithmic else alt.Scale(zero=False, padding=12)
    title = typeset(f"{WORDS[name]} / {symbol.removesuffix('CO2e')}")
    return axis(f"{key}:Q", scale=scale, axis=alt.Axis(title=title, format="~s", labelOverlap="greedy", tickCount=6))


def _with(field: str, like: Any) -> Any:  # noqa: ANN401 - an axis of altair
    """The same axis for another field."""
    copy = like.copy()
    copy.shorthand = f"{field}:Q"
    return copy


def _limits(
    plan: Plan, axes: tuple[str, str], pair: tuple[Any, Any], symbols: Mapping[str, str], frame: Frame
) -> list[Any]:
    """A dashed line where a budget ends."""
    found = []
    for name, axis, key in zip(axes, pair, "xy", strict=True):
        for budget in plan.budgets:
            if budget.figure == name:
                limit = convert(budget.most.value, budget.most.unit, unit(symbols[name]))
                rule = alt.Chart(values([{key: limit}])).mark_rule(strokeDash=[5, 4], color=frame.colors.quiet)
                found.append(rule.encode(**{key: axis}))
    return found
