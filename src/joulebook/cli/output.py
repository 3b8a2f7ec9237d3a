"""What the verbs write: text that the stream can hold and the terminal cannot be fooled by, or nothing."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TYPE_CHECKING

from joulebook.report.wording import encodable

if TYPE_CHECKING:
    from rich.console import RenderableType


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
