"""Statements and lists of runs as `rich` renderables; loaded only by the verbs that print tables.

The kind of a figure is always a word: colour says nothing here that the text does not say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from joulebook.account.statement import Statement
from joulebook.account.terms import AT_SOCKET, IDLE, IT_ENERGY, OPTIONAL, TOTALS, WHOLE_RUN, WITHIN, Line
from joulebook.quantity import Quantity
from joulebook.report import wording
from joulebook.report.outline import amount_and_interval, leaf, outline, sum_of
from joulebook.report.sheets import TITLES, offsets, ranks
from joulebook.report.socket import socket_sentences
from joulebook.report.terminal import device
from joulebook.report.wording import Figure, plain

_LEAST_OF_A_NAME = 8
_DEEPEST = 8


def console(file: IO[str] | None = None) -> Console:
    """A console that obeys NO_COLOR and does not colour numbers or wrap ids by itself."""
    return Console(file=file, highlight=False, markup=False, emoji=False)


def show(statement: Statement) -> RenderableType:
    """The whole account of one run."""
    parts: list[RenderableType] = [_head(statement), _totals(statement), _remarks(statement)]
    parts.append(_devices(statement))
    if statement.stages:
        parts.append(stages_table(statement))
    if statement.ranks:
        parts.append(_ranks(statement))
    if statement.offsets:
        parts.append(_offsets(statement))
    if statement.assumptions:
        parts.append(_assumptions(statement))
    if statement.not_included:
        parts.append(_list("Not included", [", ".join(statement.not_included)]))
    if statement.warnings:
        parts.append(_list("Warnings", statement.warnings))
    return Group(*parts)


def runs_table(rows: Sequence[Mapping[str, Any]], width: int = 80) -> Table:
    """Runs as rows with the keys id, name, status, started, duration, it_energy, carbon, for so wide a terminal.

    Of an id the first six digits are shown, of the start the day alone where the years differ. Where there is no
    room names are shortened, then columns are left out, so that no number is cut off. Quantities are `Quantity`, the
    five fields of one, or None where they are unknown.
    """
    headings = ("id", "name", "status", "start, UTC", "duration", "IT energy", "CO2e")
    years = {str(row["started"])[:4] for row in rows if row.get("started")}
    found = []
    for row in rows:
        started = plain(str(row.get("started") or "")).replace("T", " ")
        found.append(
            (
                plain(str(row["id"]))[:6],
                plain(str(row.get("name") or ""), 32),
                wording.ending(str(row.get("status") or ""), str(row.get("reason") or ""), briefly=True),
                started[:10] if len(years) > 1 else started[5:16],
                _or_unknown(wording.duration, row.get("duration")),
                _or_unknown(lambda it: wording.brief(Figure.of(it, "J"), wording.JOULES), row.get("it_energy")),
                _or_unknown(lambda it: wording.brief(Figure.of(it, "gCO2e"), wording.GRAMS), row.get("carbon")),
            )
        )
    columns = list(zip(headings, *found, strict=True))
    longest = [max(map(cell_len, column)) for column in columns]
    shown = list(range(len(headings)))
    for least_missed in map(headings.index, ("start, UTC", "CO2e", "duration", "status")):
        if width - _width(longest, shown) + longest[1] >= min(longest[1], _LEAST_OF_A_NAME):
            break
        shown.remove(least_missed)
    name = min(longest[1], max(width - _width(longest, shown) + longest[1], _LEAST_OF_A_NAME))
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for at in shown:
        amount = at >= headings.index("duration")
        fixed = name if headings[at] == "name" else None
        table.add_column(headings[at], justify="right" if amount else "left", no_wrap=True, width=fixed)
    for cells in zip(*(columns[at][1:] for at in shown), strict=True):
        table.add_row(*map(Text, cells))
    return table


def _width(longest: Sequence[int], shown: Sequence[int]) -> int:
    return sum(longest[at] + 2 for at in shown) - 1


def _or_unknown(words: Any, quantity: Quantity | Mapping[str, Any] | None) -> str:  # noqa: ANN401 - a wording function
    return "unknown" if quantity is None else str(words(quantity))


def _table(*columns: str, title: str = "") -> Table:
    """A table whose columns are aligned to the right where their heading begins with ">"."""
    heading = Text(title, style="bold") if title else None
    table = Table(box=SIMPLE_HEAD, title=heading, title_justify="left", pad_edge=False)
    for column in columns:
        right = column.startswith(">")
        name = column.removeprefix(">")
        whole = name in ("id", "status", "started (UTC)")
        table.add_column(name, justify="right" if right else "left", overflow="fold", no_wrap=whole)
    return table


def _head(statement: Statement) -> Text:
    parts = [plain(statement.name), statement.run, wording.ending(statement.status, statement.reason)]
    if statement.exit is not None:
        parts.append(f"exit {statement.exit}")
    where = plain(statement.region) or "region unknown"
    text = Text("   ".join(part for part in parts if part), style="bold")
    below = (statement.started, where, f"facts {plain(statement.edition)}")
    return text.append("\n" + "   ".join(part for part in below if part), style="not bold")


def _totals(statement: Statement) -> Table:
    table = _table("figure", ">amount", ">90 % interval", "basis")
    for name in TOTALS:
        quantity = getattr(statement, name)
        if quantity is None and name in OPTIONAL:
            continue
        title = Text(TITLES.get(name, name))
        if quantity is None:
            table.add_row(title, "unknown", "", "")
        else:
            amount, interval = amount_and_interval(quantity)
            table.add_row(title, Text(amount), Text(interval), Text(str(quantity.basis)))
    return table


def _remarks(statement: Statement) -> Text:
    """Shares by basis and the yardstick, below the totals they belong to."""
    text = Text()
    if statement.shares is not None:
        shares = " · ".join(f"{basis} {wording.percent(share)}" for basis, share in statement.shares.items() if share)
        text.append(f" IT energy by basis: {shares}\n")
    for sentence in socket_sentences(statement):
        text.append(f" {sentence}\n")
    if statement.yardstick is not None:
        text.append(f" Energy is {plain(statement.yardstick.text, 80)} [{plain(statement.yardstick.source, 120)}]\n")
    return text


def _devices(statement: Statement) -> RenderableType:
    """Energy by device, and below the table how each one is known."""
    table = _table("device", "kind", ">energy", ">90 % interval", "basis", ">coverage", title="Devices, whole run")
    methods: dict[str, None] = {}
    lines = statement.lines
    for line in (
        line for line in lines if line.span == WHOLE_RUN and line.kind in (IT_ENERGY, WITHIN, AT_SOCKET, IDLE)
    ):
        amount, interval = amount_and_interval(line.quantity)
        table.add_row(
            Text(plain(line.device) + _remark(line)),
            Text(device(line.device_kind)),
            Text(amount),
            Text(interval),
            Text(str(line.quantity.basis)),
            Text("" if line.coverage is None else wording.percent(line.coverage)),
        )
        if line.method and line.kind in (IT_ENERGY, AT_SOCKET):
            methods[f"  {plain(line.device)}: {plain(line.method, 160)}"] = None
    if not table.row_count:
        table.add_row("none: no usable readings; see  joulebook doctor")
    kinds = {line.kind for line in lines if line.span == WHOLE_RUN}
    if WITHIN in kinds:
        methods["  in another line: shown, not added"] = None
    if IDLE in kinds:
        methods["  at rest: what it would have used idle; shown, not subtracted"] = None
    return Group(table, Text("\n".join([*methods, ""]))) if methods else table


def _remark(line: Line) -> str:
    return {WITHIN: " (in another line)", AT_SOCKET: " (not added)", IDLE: " at rest"}.get(line.kind, "")


def stages_table(statement: Statement) -> Table:
    """Stages in the order of their tree, then the remainder; energies are those of all devices together."""
    table = _table("stage", ">energy", ">90 % interval", ">share", ">time", ">at rest", title="Stages")
    whole = statement.it_energy.value if statement.it_energy is not None else 0.0
    for stage, depth in outline(statement):
        path, time = stage.span, stage.duration
        joules = sum_of(statement.of_kind(IT_ENERGY, path))
        amount, interval = ("unknown", "") if joules is None else amount_and_interval(joules)
        idle = sum_of(statement.of_kind(IDLE, path))
        table.add_row(
            Text("  " * min(depth, _DEEPEST) + plain(leaf(stage))),
            Text(amount),
            Text(interval),
            Text(wording.percent(joules.value / whole) if joules is not None and whole > 0 else ""),
            Text("" if time is None else wording.duration(time)),
            Text("" if idle is None else wording.amount(Figure.of(idle, "J"), wording.JOULES)),
        )
    return table


def _ranks(statement: Statement) -> Table:
    """Each rank with its share."""
    sheet = ranks(statement)
    table = _table(*sheet.columns, title=sheet.title)
    for row in sheet.rows:
        table.add_row(*map(Text, row))
    return table


def _offsets(statement: Statement) -> Text:
    """Offsets and certificates, each with what has to be known about it."""
    sheet = offsets(statement)
    text = Text(f"\n{sheet.title}\n", style="bold")
    for name, kind, bought, delivered, cost, storage, told in sheet.rows:
        text.append(f"  {name}: {kind}, bought {bought}, to be expected {delivered}, cost {cost}\n", style="not bold")
        text.append(f"      storage: {storage}\n" if storage else "", style="not bold dim")
        text.append(f"      {told}\n", style="not bold dim")
    return text


def _assumptions(statement: Statement) -> Text:
    """Each value that was not observed in this run, and under it where it comes from."""
    text = Text("Assumptions\n", style="bold")
    for item in statement.assumptions:
        amount, interval = amount_and_interval(item.quantity)
        value = interval if amount == "-" else amount + (f" ({interval})" if interval != "exact" else "")
        text.append(f"  {plain(item.name)} = {value}  {item.quantity.basis}\n", style="not bold")
        text.append(f"      {plain(item.source, 200)}\n", style="not bold dim")
    return text


def _list(title: str, items: Iterable[str]) -> Text:
    text = Text(f"\n{title}\n", style="bold")
    for item in items:
        text.append(f"  {plain(item, 400)}\n", style="not bold")
    return text
