"""The progress bar of a loop: steps, watts and the forecast, drawn on the error stream by a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from joulebook.errors import JoulebookError
from joulebook.meter.live import known
from joulebook.quantity import Basis, Quantity, total
from joulebook.report import wording
from joulebook.report.wording import Figure
from joulebook.run.steps import Look

EVERY_S: Final = 0.5
"""A loop that is over before the first of these shows nothing."""
_WORDS: Final = 78
"""Columns that the words beside the bar mostly take."""
_ROOM: Final = 74
"""Columns beside the smallest bar of a terminal of 80: with a budget the interval of the time gives way."""
LAST_S: Final = 0.2
"""How long the end of a loop may take for the last picture."""


class Bar:
    """Draws until it is closed; a terminal that stands still holds this thread up, never the loop."""

    def __init__(self, look: Callable[[], Look], console: Console | None = None) -> None:
        self._look = look
        self._over = threading.Event()
        self._console = console
        self._thread = threading.Thread(target=self._draw, name="joulebook-bar", daemon=True)

    def start(self) -> None:
        """Begin to draw."""
        self._thread.start()

    def close(self) -> None:
        """Draw the last picture and end."""
        self._over.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(LAST_S)

    def _draw(self) -> None:
        if self._over.wait(EVERY_S):
            return
        console = self._console or Console(stderr=True)
        progress = Progress(
            BarColumn(bar_width=max(4, min(30, console.width - _WORDS))),
            TextColumn("{task.description}", markup=False),
            console=console,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        try:
            with progress:
                task = progress.add_task("")
                over = False
                while not over:
                    over = self._over.is_set()
                    look = self._look()
                    progress.update(task, completed=look.done, total=look.total, description=line(look), refresh=True)
                    over = over or (self._over.wait(EVERY_S) and over)
        except (ArithmeticError, JoulebookError, LookupError, OSError, RuntimeError, TypeError, ValueError):
            return  # a terminal that is gone, a word that it cannot show: the loop goes on without a bar


def shown(look: Callable[[], Look]) -> Callable[[], None]:
    """Show the bar of a loop; returns what ends it."""
    bar = Bar(look)
    bar.start()
    return bar.close


def line(look: Look) -> str:
    """The loop in a few words: steps, power, and what it will have used when it ends."""
    parts = [f"{look.done}/{look.total}" if look.total is not None else str(look.done)]
    if look.budget:
        parts.append(look.budget)
    found = look.outlook
    used = total([known(channel, joules, "J") for channel, joules in look.devices if joules > 0], "J")
    if look.watts is not None and used.value > 0:
        figure = Figure.of(used * (look.watts / used.value))
        parts.append(wording.with_margin(figure._replace(unit="W"), wording.WATTS))
    if found.seconds is None:
        return "  ".join([*parts, found.why])
    if found.joules is not None and used.value > 0:
        value, low, high = (end / used.value for end in found.joules)
        growth = Quantity.of(value, "1", low=low, high=high, basis=Basis.MODELLED, source="forecast of a loop")
        ends = Figure.of(used * growth, "Wh")
        parts.append(f"{wording.with_margin(ends, wording.WATT_HOURS)} at the end")
    left = found.seconds.value - look.seconds
    soonest, latest = (wording.seconds(max(0.0, end - look.seconds)) for end in found.seconds[1:])
    short = "  ".join([*parts, f"{wording.seconds(left)} left"])
    whole = short + ("" if soonest == latest else f" ({soonest}-{latest})")
    return short if look.budget and len(whole) > _ROOM else whole
