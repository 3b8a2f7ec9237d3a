"""All runs of a book at once: found, filtered, sorted and paged through its index.

Prices depend on facts and settings; they are computed for the rows that are shown, and kept until one of these changes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from joulebook.account.terms import in_schema_unit
from joulebook.errors import BookDamaged, BookUnwritable, JoulebookError
from joulebook.index.book import this_machine
from joulebook.index.priced import utc
from joulebook.index.refresh import Progress, refresh
from joulebook.index.state import SENSELESS, digest, state_of
from joulebook.ledger.cache import INDEX, cache_folder
from joulebook.ledger.places import RunFolder
from joulebook.ledger.query import Query
from joulebook.ledger.recording import legible
from joulebook.ledger.run_index import RunIndex
from joulebook.ledger.tables import Price, Run
from joulebook.settings import Settings
from joulebook.settings import load as load_settings

if TYPE_CHECKING:
    from joulebook.index.book import Book

T = TypeVar("T")
_FIGURES = ("duration", "it_energy", "energy", "carbon", "cost")
_AT_ONCE = 200
_FRESH_NS = 1_000_000_000


class Page(NamedTuple):
    """Some of the runs that were asked for."""

    rows: list[dict[str, object]]
    """id, name, status, started, duration, it_energy, energy, carbon, cost, exit, region, labels, parent, ranks;
    `reason`, `problem`."""
    total: int
    """How many there are on all pages."""


class Listing:
    """The runs of a book, as they were at most a second ago."""

    def __init__(self, book: Book) -> None:
        self._book = book
        place = cache_folder(book.home)
        self.notice = "" if place else "the list of runs is made anew each time: there is no place to keep it"
        """What a user should know about where the index is kept."""
        self._path = place / INDEX if place else None
        self._index: RunIndex | None = None
        self._looked_ns = 0
        self._names: dict[str, str] = {}

    def page(self, query: Query, progress: Progress | None = None) -> Page:
        """The rows that a query asks for, with their figures. Raises `LedgerError` when the book cannot be read."""
        return self._with_index(lambda index: self._page(index, query, progress))

    def digest(self) -> str:
        """A digest of all rows, as they are now."""

        def ask(index: RunIndex) -> str:
            self._refresh(index, None)
            return index.digest()

        return self._with_index(ask)

    def rebuild(self, progress: Progress | None = None) -> None:
        """Make the index again from the journals."""
        self.close()
        if self._path is not None:
            _remove(self._path)
        self._with_index(lambda index: self._refresh(index, progress))

    def name_of(self, folder: RunFolder) -> str:
        """The name of a run; "" where it has none."""

        def ask(index: RunIndex) -> dict[str, str]:
            self._refresh(index, None)
            return index.names()

        if not self._names:
            self._names = self._with_index(ask)
        return self._names.get(folder.id, "")

    def launches(self) -> list[RunFolder]:
        """The runs of many ranks, which have no folder of their own."""

        def ask(index: RunIndex) -> list[RunFolder]:
            self._refresh(index, None)
            return [RunFolder(run, started, "", group) for run, started, group in index.launches()]

        return self._with_index(ask)

    def beside(self, run: str) -> list[str]:
        """The runs that were recorded at the same time as this one."""

        def ask(index: RunIndex) -> list[str]:
            self._refresh(index, None)
            return index.beside(run)

        return self._with_index(ask)

    def close(self) -> None:
        """Let go of the file."""
        if self._index is not None:
            self._index.close()
            self._index = None
        self._looked_ns = 0

    def _with_index(self, ask: Callable[[RunIndex], T]) -> T:
        """The answer of the index; one that is damaged is made again, one that cannot be written is left aside."""
        said = ""
        for path in (self._path, self._path):
            try:
                if self._index is None:
                    self._index = RunIndex(path)
                return ask(self._index)
            except BookUnwritable as error:
                said = f"{error}"
                break
            except (BookDamaged, *SENSELESS) as error:  # also pages that are whole for SQLite and nonsense for us
                self.close()
                said = f"{error}"
                if path is not None:
                    _remove(path)
        self.close()
        self.notice = f"the list of runs is made anew: {said}"
        self._index = RunIndex(None)
        return ask(self._index)

    def _refresh(self, index: RunIndex, progress: Progress | None) -> None:
        if time.monotonic_ns() - self._looked_ns > _FRESH_NS:
            refresh(index, self._book.look(_FRESH_NS), this_machine(), progress)
            self._looked_ns = time.monotonic_ns()

    def _page(self, index: RunIndex, query: Query, progress: Progress | None) -> Page:
        self._refresh(index, progress)
        settings = load_settings(lenient=True)
        rows = self._selected(index, query, settings, progress)
        changed = [row for row in rows if self._is_changed(row)]
        if changed:
            index.write([row._replace(folder_ns=-1) for row in changed])
            self._looked_ns = 0
            self._refresh(index, progress)
            rows = self._selected(index, query, settings, progress)
        prices = self._priced(index, rows, settings, None)
        total = len(rows) if query.offset == 0 and len(rows) < query.limit else index.count(query)
        return Page([self._row(row, prices.get(row.id)) for row in rows], total)

    def _selected(self, index: RunIndex, query: Query, settings: Settings, progress: Progress | None) -> list[Run]:
        if query.priced:
            self._priced(index, index.select(query.unpriced()), settings, progress)
        return index.select(query)

    def _is_changed(self, row: Run) -> bool:
        """Whether somebody wrote to the journals of a finished run, which a look at its folder does not tell."""
        folder = self._book.folders.get(row.id)
        return row.settled and folder is not None and state_of(folder.path)[0] != row.state

    def _priced(
        self, index: RunIndex, rows: Sequence[Run], settings: Settings, progress: Progress | None
    ) -> dict[str, Price]:
        """The prices of these rows; those that are missing or no longer hold are computed and kept."""
        prices = index.prices(row.id for row in rows)
        tables = repr([(name, table.value) for name, table in sorted(settings.tables.items())])
        told = settings.region, settings.site, settings.price, settings.carbon_price, settings.currency, tables
        key = *told, self._book.catalog.edition
        keys = {row.id: digest([row.depends, *key]) for row in rows}
        missing = [row for row in rows if row.id not in prices or prices[row.id].key != keys[row.id]]
        for start in range(0, len(missing), _AT_ONCE):
            some = [self._price(row, keys[row.id], settings) for row in missing[start : start + _AT_ONCE]]
            with suppress(BookUnwritable):
                index.price(some)
            prices.update((price.run, price) for price in some)
            if progress is not None:
                progress(start + len(some), len(missing))
        return prices

    def _price(self, row: Run, key: str, settings: Settings) -> Price:
        try:
            statement = self._book.outline(row.id, settings)
            figures: dict[str, object] = {name: in_schema_unit(getattr(statement, name)) for name in _FIGURES}
            figures |= {"reason": statement.reason} if statement.reason else {}
            grams = statement.carbon.to("gCO2e").value if statement.carbon is not None else None
            cost = statement.cost.value if statement.cost is not None else None
        except (JoulebookError, *SENSELESS) as error:
            figures, grams, cost = dict.fromkeys(_FIGURES) | {"problem": legible(f"{error}")}, None, None
        self._book.release(row.id)
        return Price(row.id, key, grams, cost, json.dumps(figures))

    def _row(self, row: Run, price: Price | None) -> dict[str, object]:
        figures: dict[str, object] = json.loads(price.row) if price else {}
        problem = row.problem or figures.get("problem") or ""
        found: dict[str, object] = {
            "id": row.id,
            "name": row.name,
            "status": row.status,
            "started": utc(row.started_ns),
            **{name: figures.get(name) for name in _FIGURES},
            "exit": row.exit,
            "region": row.region or None,
            "labels": json.loads(row.labels),
            "parent": self._book.ranked.launch_of(row.id) or row.parent or None,
            "ranks": len(self._book.ranked.ranks(row.id)),
        }
        copies = self._book.duplicates.get(row.id)
        if copies:
            problem = "; ".join(filter(None, [str(problem), f"another folder has this id: {copies[0]}"]))
        said = {"reason": figures.get("reason"), "problem": problem}
        return found | {name: value for name, value in said.items() if value}


def _remove(path: Path) -> None:
    """Remove a file of the index and what SQLite has beside it."""
    for name in (f"{path}", f"{path}-journal", f"{path}-wal", f"{path}-shm"):
        with suppress(OSError):
            Path(name).unlink()
