"""A recorded run as an estimate scales it: its account, its power over time, and how long its steps took."""

from __future__ import annotations

from joulebook.errors import ConfigError
from joulebook.estimate.train.metered import Metered
from joulebook.index.book import Book
from joulebook.meter.pace import step_seconds


def metered(reference: str, home: str | None = None) -> Metered:
    """The run that an id, its beginning, a name, `last` or `last~1` means. Raises `RunNotFound`."""
    book = Book(home, keep=False)
    run = book.find(reference).id
    if run in book.ranked:
        raise ConfigError(f"{reference} is a run of several ranks: name one of them, and scale it by --count")
    return Metered(book.statement(run), book.history(run), step_seconds(book.scene(run)))
