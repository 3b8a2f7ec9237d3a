"""The screen of `joulebook top` as a textual application: the same figures, with a run to choose and its stages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import DataTable, Footer, Static

from joulebook.meter.live import Snapshot
from joulebook.meter.watch import Feed
from joulebook.report.live import SORTS, ordered
from joulebook.report.live_view import HEADINGS, cells, devices_table, head

_CSS = """
#head { height: 1; text-style: bold; }
#devices { height: auto; max-height: 50%; }
#runs { height: 1fr; min-height: 3; }
#note { height: auto; max-height: 2; color: $text-muted; }
Stages { align: center middle; }
Stages > VerticalScroll { width: 95%; height: 90%; background: $surface; border: round $primary; padding: 0 1; }
"""


class Stages(ModalScreen[None]):
    """The stages of one run so far, read from its whole journal."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", "back")]

    def __init__(self, run: str, stages_of: Callable[[str], RenderableType]) -> None:
        super().__init__()
        self._run = run
        self._stages_of = stages_of

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        with VerticalScroll():
            yield Static(Text(f"{self._run[:4]}: reading its journal ..."), id="stages")
        yield Footer()

    def on_mount(self) -> None:
        """Read the journal beside the screen: that of a day takes seconds."""
        self.run_worker(self._read, thread=True)

    def _read(self) -> None:
        found = self._stages_of(self._run)
        self.app.call_from_thread(self._show, found)

    def _show(self, found: RenderableType) -> None:
        if self.is_attached:
            self.query_one("#stages", Static).update(found)


class LiveApp(App[None]):
    """Devices above, runs below; `stages_of` renders the stages of a run."""

    CSS = _CSS
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "quit"),
        Binding("s", "sort", "sort"),
        Binding("p", "pause", "pause"),
        Binding("enter", "stages", "stages", priority=True),
    ]

    def __init__(
        self, feed: Feed, stages_of: Callable[[str], RenderableType], *, interval_s: float = 1.0, sort: str = "power"
    ) -> None:
        super().__init__()
        self._feed = feed
        self._stages_of = stages_of
        self._interval_s = interval_s
        self._sort = sort
        self._paused = False
        self._ended = threading.Event()
        self._snapshot: Snapshot | None = None

    def compose(self) -> ComposeResult:
        """Head, devices, runs, a note and the keys."""
        yield Static(id="head")
        yield Static(id="devices")
        table: DataTable[Text] = DataTable(id="runs", cursor_type="row", zebra_stripes=False)
        yield table
        yield Static(id="note")
        yield Footer()

    def on_mount(self) -> None:
        """Begin to look, in a thread of its own: a look may have to read a long journal."""
        self.query_one("#runs", DataTable).add_columns(*HEADINGS)
        self.run_worker(self._look, thread=True)

    def on_unmount(self) -> None:
        """End the thread."""
        self._ended.set()

    def _look(self) -> None:
        while not self._ended.is_set():
            if not self._paused:
                snapshot = self._feed.look()
                if not self._ended.is_set():
                    self.call_from_thread(self._show, snapshot)
            self._feed.wait(self._interval_s, self._ended.wait)

    def _show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        width = self.size.width
        state = f"   by {self._sort}{'   paused' if self._paused else ''}"
        self.query_one("#head", Static).update(head(snapshot).append(state, style="not bold"))
        self.query_one("#devices", Static).update(devices_table(snapshot, len(snapshot.devices), width))
        self.query_one("#note", Static).update(Text("\n".join(snapshot.notices)))
        table: DataTable[Text] = self.query_one("#runs", DataTable)
        chosen = self._chosen()
        table.clear()
        runs = ordered(snapshot.runs, self._sort)
        for depth, run in runs:
            table.add_row(*cells(run, depth), key=run.id)
        if chosen in [run.id for _, run in runs]:
            table.move_cursor(row=table.get_row_index(chosen), animate=False)

    def _chosen(self) -> str:
        table: DataTable[Text] = self.query_one("#runs", DataTable)
        if not table.row_count:
            return ""
        return str(table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value or "")

    def action_sort(self) -> None:
        """Order the runs by the next figure."""
        self._sort = SORTS[(SORTS.index(self._sort) + 1) % len(SORTS)]
        self._again()

    def action_pause(self) -> None:
        """Hold the picture, or let it go on."""
        self._paused = not self._paused
        self._again()

    def action_stages(self) -> None:
        """Show the stages of the chosen run, or go back."""
        if isinstance(self.screen, Stages):
            self.pop_screen()
        elif chosen := self._chosen():
            self.push_screen(Stages(chosen, self._stages_of))

    def _again(self) -> None:
        if self._snapshot is not None:
            self._show(self._snapshot)
