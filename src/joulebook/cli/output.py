"""What the verbs write: text that the stream can hold and the terminal cannot be fooled by, or nothing."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Final

from joulebook.index.priced import Pricing
from joulebook.report.wording import encodable

if TYPE_CHECKING:
    from argparse import Namespace

    from rich.console import RenderableType

    from joulebook.account.terms import Statement

LIVE_HELP: Final = (
    "ask a service for the grid's intensity hour by hour: neso, energy-charts, electricity-maps, watttime"
)
"""The one option with which something is asked on the network."""
MIX_HELP: Final = "price it for this mix of sources, such as coal=.30,gas=.24,wind=.46"


def put(text: str) -> None:
    """Write lines to stdout; raises OSError when it is closed, full or broken."""
    if sys.stdout is None:
        raise OSError("stdout is closed")
    sys.stdout.write(encodable(_harmless(text), sys.stdout.encoding))
    sys.stdout.flush()


def put_json(value: object) -> None:
    """Write strict JSON to stdout."""
    put(json.dumps(value, indent=2, allow_nan=False) + "\n")


def put_document(text: str) -> None:
    """Write a document to stdout: to a file or a pipe every byte of it, as UTF-8; to a terminal what cannot fool it."""
    if sys.stdout is None:
        raise OSError("stdout is closed")
    if sys.stdout.isatty():
        put(text.replace("\r\n", "\n"))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()


def put_rendered(renderable: RenderableType) -> None:
    """Write tables and colours to stdout."""
    from joulebook.report.view import console  # rich is not loaded for JSON

    if sys.stdout is None:
        raise OSError("stdout is closed")
    screen = console()
    with screen.capture() as captured:
        screen.print(renderable)
    sys.stdout.write(encodable(captured.get(), sys.stdout.encoding))
    sys.stdout.flush()


def say(text: str) -> None:
    """Write lines to stderr if there is one that takes them; `stty tostop` stops no job because of them."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        if sys.stderr is not None:
            sys.stderr.write(encodable(_harmless(text), sys.stderr.encoding) + "\n")
            sys.stderr.flush()
    except (OSError, ValueError):
        sys.stderr = None  # or the interpreter tries once more at its end, and changes the exit code


def priced_with(arguments: Namespace) -> Pricing:
    """What the options --region, --edition, --live and --mix say; what is wrong in the settings is raised."""
    live, mix = (getattr(arguments, name, "") for name in ("live", "mix"))
    return Pricing(arguments.region, arguments.edition, live, mix, strict=True)


def say_live(statement: Statement) -> None:
    """Say what services on the network did not tell, for verbs that do not show warnings."""
    for warning in statement.warnings:
        if warning.startswith("live: "):
            say(f"joulebook: {warning}")


def close_broken() -> None:
    """After a write that failed: what is still buffered goes nowhere, and the interpreter does not complain."""
    if sys.stdout is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _harmless(text: str) -> str:
    """Control characters and marks that turn the direction of writing, escaped."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char == "\n" else char.encode("unicode_escape", "surrogatepass").decode("ascii")
        for char in text
    )
