"""A plan as tables: what it was asked, what the budgets leave, and its options, for a terminal, Markdown and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from tabulate import tabulate

from joulebook.plan.findings import WORDS
from joulebook.plan.option import COST, FIGURES, Amount, Option
from joulebook.plan.table import Plan
from joulebook.report import wording
from joulebook.report.markdown import escape
from joulebook.report.sheets import Sheet
from joulebook.report.wording import Figure, plain

SHOWN: Final = 20
"""Options that are shown unless more are asked for."""
_TIMES: Final = ((1.0, "s"), (60.0, "min"), (3_600.0, "h"), (86_400.0, "d"))
_HEADS: Final = {
    "time": "time",
    "energy": "energy",
    "carbon": "CO2e",
    COST: "hire",
    "water": "water",
    "embodied": "embodied",
    "carbon_total": "CO2e total",
}
_LEAST_MISSED: Final = ("carbon_total", "embodied", "water", "energy")
"""Figures that are left out where there is no room, unless there is a budget of them."""
_MARK: Final = "!"
_PLACE: Final = 18
_REMARKS: Final = 12


def show(plan: Plan, *, width: int = 80, everything: bool = False, top: int = SHOWN) -> RenderableType:
    """The plan for a terminal that is so wide."""
    listed = listed_of(plan, everything=everything)
    sheet = options_sheet(plan, listed[:top], width)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for column in sheet.columns:
        right = column.startswith(">")
        table.add_column(column.removeprefix(">"), justify="right" if right else "left", no_wrap=right, overflow="fold")
    for row in sheet.rows:
        table.add_row(*map(Text, row))
    parts: list[RenderableType] = [_head(plan)]
    parts += [Padding(Text(sentence), (0, 0, 0, 2)) for sentence in plan.findings]
    parts += [Text(), table]
    parts += [Padding(Text(note, style="dim"), (0, 0, 0, 2)) for note in notes(plan, listed, top)]
    if plan.warnings:
        parts.append(Text("\nWarnings", style="bold"))
        parts += [Padding(Text(plain(one, 400)), (0, 0, 0, 2)) for one in plan.warnings[:_REMARKS]]
        if len(plan.warnings) > _REMARKS:
            parts.append(Text(f"  and {len(plan.warnings) - _REMARKS} more: --json has all of them"))
    return Group(*parts)


def listed_of(plan: Plan, *, everything: bool) -> Sequence[Option]:
    """The options to be shown."""
    return plan.options if everything else plan.frontier


def options_sheet(plan: Plan, listed: Sequence[Option], width: int = 0) -> Sheet:
    """The options as rows, with as many figures as fit into so many columns; all of them where it is 0."""
    wanted = {one.figure for one in plan.budgets} | {plan.frame.sort}
    names = [name for name in FIGURES if name != "carbon_total" or name in wanted]
    cells = [
        [str(at), plain(f"{one.number} x {one.device}", 24), plain(one.place or "unknown", _PLACE)]
        for at, one in enumerate(listed, 1)
    ]
    figures = {name: [_cell(plan, one, name) for one in listed] for name in names}
    chances = [[wording.percent(one.meets)] for one in listed] if plan.budgets else [[] for _ in listed]
    heads = {name: f">{'electricity' if name == COST and plan.frame.owned else _HEADS[name]}" for name in names}
    for name in _LEAST_MISSED:
        if width and name in names and name not in wanted and _wide(cells, figures, heads, names) > width:
            names.remove(name)
    columns = (">#", "devices", "where", *(heads[name] for name in names), *([">meets"] if plan.budgets else []))
    rows = [(*cells[at], *(figures[name][at] for name in names), *chances[at]) for at in range(len(listed))]
    return Sheet("Options", columns, tuple(rows))


def notes(plan: Plan, listed: Sequence[Option], top: int = SHOWN) -> list[str]:
    """What has to be known to read the table."""
    said = []
    if plan.budgets:
        said.append(f"meets: probability of keeping within {' and '.join(one.text for one in plan.budgets)}")
        if any(one.meets < plan.frame.sure for one in listed[:top]):
            said.append(f"{_MARK}  a budget that is kept with less than {100 * plan.frame.sure:g} %")
    if len(listed) > top:
        said.append(f"{len(listed) - top} more are not shown: --top {len(listed)}")
    hidden = len(plan) - len(listed)
    if hidden:
        figures = dict.fromkeys(("carbon", COST, "time", plan.frame.sort, *(one.figure for one in plan.budgets)))
        told = ", ".join(WORDS[name] for name in figures)
        said.append(f"{hidden} are no better than another in {told}, and worse in one: --all shows them")
    said.append("ranges are 90 % intervals; the whole account of an option:  --open NUMBER")
    return said


def markdown(plan: Plan, *, everything: bool = False, top: int = SHOWN) -> str:
    """The findings, and the options as a table."""
    listed = listed_of(plan, everything=everything)
    sheet = options_sheet(plan, listed[:top])
    sides = ["right" if column.startswith(">") else "left" for column in sheet.columns]
    heads = [column.removeprefix(">") for column in sheet.columns]
    rows = [[escape(cell) for cell in row] for row in sheet.rows]
    table: str = tabulate(rows, heads, tablefmt="pipe", colalign=sides, disable_numparse=True)
    bullets = [*plan.findings, *(note for note in notes(plan, listed, top) if "--open" not in note)]
    remarks = [f"- {escape(plain(one, 400))}" for one in (*bullets, *plan.warnings)]
    return "\n".join([f"# {_title(plan)}", "", table, "", *remarks]) + "\n"


def rows(plan: Plan, *, everything: bool = False) -> str:
    """CSV: a row for each option, numbers with all their digits, units in the names of the columns."""
    listed = listed_of(plan, everything=everything)
    units = {name: next((one.unit for option in listed if (one := option.figure(name))), "") for name in FIGURES}
    stream = io.StringIO()
    writer = csv.writer(stream)
    heads = [f"{name}_{units[name]}{end}" for name in FIGURES for end in ("", "_low", "_high")]
    writer.writerow(["device", "label", "count", "place", *heads, "meets", "dominated"])
    for option in listed:
        amounts = [option.figure(name) for name in FIGURES]
        numbers = [end for amount in amounts for end in (amount[:3] if amount else ("", "", ""))]
        writer.writerow([*option[:4], *numbers, option.meets, option.dominated])
    return stream.getvalue()


def _title(plan: Plan) -> str:
    within = f" within {', '.join(one.text for one in plan.budgets)}" if plan.budgets else ""
    return f"{wording.count(len(plan), 'option')}{within}"


def _head(plan: Plan) -> Text:
    text = Text(_title(plan), style="bold")
    by = f"sorted by {WORDS[plan.frame.sort]}   facts {plain(plan.frame.edition)}"
    return text.append(f"\n{by}", style="not bold dim")


def _cell(plan: Plan, option: Option, name: str) -> str:
    """The figure, marked where a budget of it is not kept surely enough."""
    amount = option.figure(name)
    missed = any(
        budget.figure == name and (chance or 0.0) < plan.frame.sure
        for budget, chance in zip(plan.budgets, option.chances, strict=True)
    )
    text = "unknown" if amount is None else figure_words(amount)
    return f"{text} {_MARK}" if missed else text


def figure_words(amount: Amount) -> str:
    """The shortest that does not hide the interval: "9.3-21 d", "0.7-2.6 t", "57-700 kUSD"."""
    figure = Figure.of(amount.as_dict())
    scales = {"h": ("s", _TIMES), "kWh": ("Wh", wording.WATT_HOURS), "kgCO2e": ("gCO2e", wording.GRAMS)}
    if figure.unit in scales:
        base, scale = scales[figure.unit]
        return wording.brief(figure.to(base), scale)
    if figure.unit == "L":
        return wording.brief(figure, wording.LITRES)
    symbol = figure.unit
    return wording.brief(figure, ((1.0, symbol), (1e3, f"k{symbol}"), (1e6, f"M{symbol}")))


def _wide(
    cells: Sequence[Sequence[str]], figures: dict[str, list[str]], heads: dict[str, str], names: Sequence[str]
) -> int:
    """Columns that the table takes."""
    fixed = [max([len(row[at]) for row in cells] + [len(head)]) for at, head in enumerate(("#", "devices", "where"))]
    amounts = [max([len(cell) for cell in figures[name]] + [len(heads[name]) - 1]) for name in names]
    return sum(part + 2 for part in (*fixed, *amounts, 5))
