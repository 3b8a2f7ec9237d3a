"""`joulebook top`: what this machine and the runs on it use at this moment."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from types import FrameType
from typing import TYPE_CHECKING

from joulebook import settings as settings_room
from joulebook.cli.output import put, put_json, put_rendered
from joulebook.errors import JoulebookError
from joulebook.index import Book
from joulebook.ledger.places import book_home
from joulebook.meter.watch import Feed
from joulebook.report.live import SORTS, as_dict, line
from joulebook.report.wording import plain

if TYPE_CHECKING:
    from rich.console import RenderableType

SHORTEST_S, LONGEST_S = 0.2, 3_600.0
_KEYS = "q quit · s sort · p pause"


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook top`."""
    parser.add_argument("--once", action="store_true", help="one look, then end")
    parser.add_argument("--json", action="store_true", dest="as_json", help="schema joulebook.top/1, one look a line")
    parser.add_argument(
        "--interval", type=_seconds, default=1.0, metavar="S", help="seconds between looks (default: 1)"
    )
    parser.add_argument("--sort", choices=SORTS, default="power", help="order of the runs (default: power)")
    parser.add_argument("--simple", action="store_true", help="the plain screen even where textual is installed")


def main(arguments: Namespace) -> int:
    """Show present watts by device and by run, until q or Ctrl-C.

    Runs that are being recorded are read from their journals; while there is none,
    the sensors of this machine are read directly. Nothing is recorded. Without a
    terminal each look is one line.

    examples:
      joulebook top
      joulebook top --once --json
    """
    settings = settings_room.load()
    home = book_home(settings.home).path
    feed = Feed(home, settings)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        if arguments.once:
            _once(feed, arguments)
        elif arguments.as_json or not _is_screen():
            _lines(feed, arguments)
        elif not arguments.simple and find_spec("textual") is not None:
            from joulebook.report.live_app import LiveApp  # textual is loaded for its screen alone

            LiveApp(feed, partial(_stages_of, home), interval_s=arguments.interval, sort=arguments.sort).run()
        else:
            _screen(feed, arguments)
    except KeyboardInterrupt:  # how one leaves a screen
        return 0
    finally:
        feed.close()
    return 0


def _once(feed: Feed, arguments: Namespace) -> None:
    snapshot = feed.look(whole=True)
    if snapshot.source == "sensors" and snapshot.power is None:  # models need a moment
        feed.wait(arguments.interval, _pause)
        snapshot = feed.look()
    if arguments.as_json:
        put_json(as_dict(snapshot))
        return
    from joulebook.report.live_view import screen  # rich is not loaded for JSON and lines

    columns, _ = os.get_terminal_size() if _is_screen() else (100, 0)
    put_rendered(screen(snapshot, (columns, 1_000), sort=arguments.sort))


def _lines(feed: Feed, arguments: Namespace) -> None:
    while True:
        snapshot = feed.look()
        put((json.dumps(as_dict(snapshot), allow_nan=False) if arguments.as_json else line(snapshot)) + "\n")
        feed.wait(arguments.interval, _pause)


def _screen(feed: Feed, arguments: Namespace) -> None:
    """The rich screen with three keys."""
    from rich.live import Live  # rich is not loaded for JSON and lines

    from joulebook.report.live_view import screen  # as above
    from joulebook.report.view import console  # as above

    terminal = console()
    sort, paused = arguments.sort, False
    with _keys() as key, Live(console=terminal, screen=True, auto_refresh=False) as live:
        snapshot = feed.look()
        while True:
            state = f"{_KEYS} · by {sort}{' · paused' if paused else ''}"
            live.update(screen(snapshot, (terminal.width, terminal.height), sort=sort, keys=state), refresh=True)
            pressed = ""

            def pressed_within(seconds: float) -> bool:
                nonlocal pressed
                pressed = key(seconds)
                return bool(pressed)

            feed.wait(arguments.interval, pressed_within)
            if pressed in ("q", "\x04"):
                return
            if pressed == "s":
                sort = SORTS[(SORTS.index(sort) + 1) % len(SORTS)]
            elif pressed == "p":
                paused = not paused
            elif not paused:
                snapshot = feed.look()


def _stages_of(home: str, run: str) -> RenderableType:
    """The stages of a run, or why they cannot be told."""
    from rich.text import Text  # as above

    from joulebook.report.view import stages_table  # as above

    try:
        statement = Book(home, keep=False).statement(run)
    except JoulebookError as error:
        return Text(plain(str(error), 400))
    return stages_table(statement) if statement.stages else Text(f"{run[:4]} has no stages so far")


@contextmanager
def _keys() -> Iterator[Callable[[float], str]]:
    """Waits so many seconds for a key and returns it, or "" without one; the terminal is put back in the end."""
    import termios  # not on every system
    import tty

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)

    def key(seconds: float) -> str:
        ready, _, _ = select.select([descriptor], [], [], seconds)
        if not ready:
            return ""
        return os.read(descriptor, 64)[:1].decode("latin-1") or "q"  # the terminal is gone: so are we

    try:
        tty.setcbreak(descriptor)
        yield key
    finally:
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _is_screen() -> bool:
    streams = (sys.stdin, sys.stdout)
    return all(stream is not None and stream.isatty() for stream in streams) and os.environ.get("TERM") != "dumb"


def _pause(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _seconds(text: str) -> float:
    with suppress(ValueError):
        if SHORTEST_S <= float(text) <= LONGEST_S:
            return float(text)
    raise ArgumentTypeError(f"{text!r}: expected seconds from {SHORTEST_S:g} to {LONGEST_S:g}")
