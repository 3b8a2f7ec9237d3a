"""The screen of `joulebook top`: devices and runs that fit into a window. Loaded only where there is one.

How a figure is known is always a word; colour says nothing here that the text does not say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from joulebook.meter.live import RunNow, Snapshot
from joulebook.report import wording
from joulebook.report.live import clock, doing, ordered, sharing, title, watts, watts_and_basis
from joulebook.report.terminal import device
from joulebook.report.wording import plain

_LEAST_ROWS: Final = 2
_COLUMNS: Final[Sequence[tuple[int, Literal["left", "right"]]]] = (
    (10, "right"),
    (17, "right"),
    (8, "left"),
    (21, "right"),
)
HEADINGS: Final = ("run", "elapsed", "power", "basis", "energy of the machine", "doing")


def screen(snapshot: Snapshot, size: tuple[int, int], *, sort: str = "power", keys: str = "") -> RenderableType:
    """The look as a screen of that many columns and rows; what does not fit is counted."""
    width, height = size
    foot = [f"note: {plain(text, max(20, width - 8))}" for text in snapshot.notices[:2]] + ([keys] if keys else [])
    runs = ordered(snapshot.runs, sort)
    room = height - len(foot) - 2 - bool(runs)  # the head line and the headings
    rows = _fitting(len(snapshot.devices), max(_LEAST_ROWS, room - 2 * len(runs)))
    parts: list[RenderableType] = [head(snapshot), devices_table(snapshot, rows, width)]
    if runs:
        left = room - rows - (rows < len(snapshot.devices))
        parts.append(_runs(runs, len(runs) if 2 * len(runs) <= left else max(1, (left - 1) // 2), width))
    parts += [Text(text, no_wrap=True, overflow="ellipsis") for text in foot]
    return Group(*parts)


def _fitting(count: int, lines: int) -> int:
    """How many of so many rows fit into these lines, one of which tells of the others."""
    return count if count <= lines else max(1, lines - 1)


def head(snapshot: Snapshot) -> Text:
    """When, how much, and how many runs."""
    count = sum(run.status in ("running", "silent") for run in snapshot.runs)
    what = wording.count(count, "run") if count else "no run recorded: own readings"
    text = f"joulebook top  {clock(snapshot.wall_ns)[11:19]} UTC  {watts_and_basis(snapshot.power)}  {what}"
    return Text(text, style="bold", no_wrap=True, overflow="ellipsis")


def devices_table(snapshot: Snapshot, rows: int, width: int) -> Table:
    """The first `rows` devices, and how many there are beyond them."""
    table = _table("<device", "kind", ">power", "basis")
    for one in snapshot.devices[:rows]:
        name = one.device if one.channel in (one.device, "") else f"{one.device} {one.channel}"
        inside = f" (in {plain(one.within, 16)})" if one.within else ""
        row = (plain(name, max(12, width - 44)) + inside, device(one.kind), watts(one.power), one.basis)
        table.add_row(*(Text(cell) for cell in row))
    if rows < len(snapshot.devices):
        table.add_row(Text(f"... {len(snapshot.devices) - rows} more"))
    return table


def cells(run: RunNow, depth: int) -> list[Text]:
    """A run under the `HEADINGS`; one inside another one is set in."""
    ended = run.status not in ("running", "silent")
    energy = "" if ended else "unknown" if run.energy is None else wording.joules(run.energy)
    basis = str(run.power.basis) if run.power is not None and not ended else ""
    return [
        Text("  " * depth + title(run), style="bold" if not depth else ""),
        Text(wording.seconds(run.elapsed_s), justify="right"),
        Text(run.status if ended else watts(run.power), justify="right"),
        Text(basis),
        Text(energy, justify="right"),
        Text(" · ".join(part for part in (doing(run), sharing(run)) if part)),
    ]


def _table(*columns: str) -> Table:
    """A table whose columns are aligned to the right after ">"; one after "<" takes what room there is."""
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    for column in columns:
        justify: Literal["left", "right"] = "right" if column.startswith(">") else "left"
        ratio = 1 if column.startswith("<") else None
        table.add_column(column.strip("<>"), justify=justify, no_wrap=True, overflow="ellipsis", ratio=ratio)
    return table


def _runs(runs: Sequence[tuple[int, RunNow]], rows: int, width: int) -> Group:
    """Two lines for each run: its figures, and what it is doing."""
    shown = 5 if width >= 100 else 4
    parts: list[RenderableType] = [_row([Text(word, style="bold") for word in HEADINGS[:shown]])]
    for depth, run in runs[:rows]:
        *figures, below = cells(run, depth)
        below.pad_left(2 * depth + 5)
        below.truncate(width, overflow="ellipsis")
        parts += [_row(figures[:shown]), below]
    if rows < len(runs):
        parts.append(Text(f"... {len(runs) - rows} more"))
    return Group(*parts)


def _row(row: Sequence[Text]) -> Table:
    """One line in columns whose widths are always the same."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for width, justify in _COLUMNS[: len(row) - 1]:
        table.add_column(width=width, justify=justify, no_wrap=True, overflow="ellipsis")
    table.add_row(*row)
    return table
