"""The index of a book: one row for each run, in SQLite through SQLAlchemy. It is filled from the journals by `index/`.

Only one connection writes, in short transactions that begin immediately; readers are read-only. Whatever is lost here
can be made again, so that a damaged file is replaced, never repaired.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, and_, create_engine, delete, event, insert, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import StaticPool

from joulebook.errors import BookDamaged, BookUnwritable
from joulebook.ledger.query import Query, number_of, page_of
from joulebook.ledger.tables import META, PRICES, RUNS, Known, Price, Run, Stamp

BUSY_S: Final = 5.0
"""How long a writer waits for another one; their transactions take milliseconds."""
_VOLATILE: Final = ("folder_ns", "read_ns", "cost_ns", "checksum")
"""Columns that say when and how a row was made, not what it says."""
_CHUNK: Final = 500
_UNWRITABLE: Final = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
)


class RunIndex:
    """The rows of one book."""

    def __init__(self, path: Path | None) -> None:
        """Open or make the file; None keeps everything in memory. Raises `BookDamaged` when it cannot be used."""
        self.path = path
        if path is not None and (path.is_symlink() or (path.exists() and not path.is_file())):
            raise BookDamaged.index(str(path), "it is no plain file")  # opening a pipe would wait for ever
        self._writer = _engine(path)
        self._reader = self._writer if path is None else _engine(path, read_only=True)
        with self._guard():
            if path is None or not path.exists() or path.with_name(f"{path.name}-journal").exists():
                with self._writer.begin() as connection:  # also undoes what a writer that was killed had begun
                    META.create_all(connection)
            with self._reader.connect() as connection:
                condition = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if condition != "ok":
            raise BookDamaged.index(str(path), str(condition))

    def close(self) -> None:
        """Give the connections back."""
        self._writer.dispose()
        self._reader.dispose()

    def stamps(self) -> dict[str, Stamp]:
        """Of every row, what tells whether it has to be looked at again."""
        names = ("id", "folder", "folder_ns", "settled", "read_ns", "cost_ns")
        with self._reading() as connection:
            found = connection.execute(select(*(RUNS.c[name] for name in names)).where(RUNS.c.folder != "")).cursor
            return {row[0]: row for row in found.fetchall()} if found is not None else {}

    def names(self) -> dict[str, str]:
        """The name of every run, by id."""
        with self._reading() as connection:
            return {row[0]: row[1] for row in connection.execute(select(RUNS.c.id, RUNS.c.name))}

    def known(self) -> dict[str, Known]:
        """Every row, as far as it is needed to tell whether it still holds."""
        columns = [RUNS.c[name] for name in Known._fields]
        with self._reading() as connection:
            return {row[0]: Known(*row) for row in connection.execute(select(*columns).where(RUNS.c.folder != ""))}

    def launches(self) -> list[tuple[str, int, str]]:
        """Id, start (UTC ns) and group of every run of many ranks."""
        asked = select(RUNS.c.id, RUNS.c.started_ns, RUNS.c.group).where(RUNS.c.folder == "")
        with self._reading() as connection:
            return [(run, started, group) for run, started, group in connection.execute(asked)]

    def in_group(self, group: str) -> list[Run]:
        """The rows of a group of ranks: of each rank, and of the runs that they are together."""
        with self._reading() as connection:
            return [_run(row) for row in connection.execute(select(RUNS).where(RUNS.c.group == group))]

    def groups(self, runs: Iterable[str]) -> set[str]:
        """The groups of ranks that these runs belong to."""
        found: set[str] = set()
        with self._reading() as connection:
            for ids in _chunks(list(runs)):
                asked = select(RUNS.c.group).where(RUNS.c.id.in_(ids), RUNS.c.group != "").distinct()
                found.update(connection.execute(asked).scalars())
        return found

    def rows(self, runs: Iterable[str]) -> dict[str, Run]:
        """The rows of these runs."""
        found = {}
        with self._reading() as connection:
            for ids in _chunks(list(runs)):
                found.update({row[0]: _run(row) for row in connection.execute(select(RUNS).where(RUNS.c.id.in_(ids)))})
        return found

    def write(self, rows: Sequence[Run], gone: Iterable[str] = ()) -> None:
        """Insert or replace rows and remove others, in one transaction: all of it or nothing."""
        gone = list(gone)
        if not rows and not gone:
            return
        with self._guard(), self._writer.begin() as connection:
            for ids in _chunks([*gone, *(row.id for row in rows)]):
                connection.execute(delete(RUNS).where(RUNS.c.id.in_(ids)))
            for ids in _chunks(gone):
                connection.execute(delete(PRICES).where(PRICES.c.run.in_(ids)))
            if rows:
                connection.execute(insert(RUNS), [row._asdict() | {"checksum": row.checksum} for row in rows])

    def price(self, prices: Sequence[Price]) -> None:
        """Insert or replace prices."""
        if not prices:
            return
        with self._guard(), self._writer.begin() as connection:
            for ids in _chunks([price.run for price in prices]):
                connection.execute(delete(PRICES).where(PRICES.c.run.in_(ids)))
            connection.execute(insert(PRICES), [price._asdict() for price in prices])

    def prices(self, runs: Iterable[str] | None = None) -> dict[str, Price]:
        """The prices of these runs, or of all."""
        found = {}
        with self._reading() as connection:
            for ids in [None] if runs is None else _chunks(list(runs)):
                query = select(PRICES) if ids is None else select(PRICES).where(PRICES.c.run.in_(ids))
                found.update({row[0]: Price(*row) for row in connection.execute(query)})
        return found

    def select(self, query: Query) -> list[Run]:
        """The rows that a query asks for, in its order; unknown amounts come last."""
        with self._reading() as connection:
            return [_run(row) for row in connection.execute(page_of(query))]

    def beside(self, run: str) -> list[str]:
        """The runs that were recorded on the same boot at the same time."""
        own = RUNS.alias("own")
        same = and_(RUNS.c.boot == own.c.boot, RUNS.c.begin_ns < own.c.end_ns, RUNS.c.end_ns > own.c.begin_ns)
        statement = select(RUNS.c.id).join(own, same).where(own.c.id == run, RUNS.c.id != run).order_by(RUNS.c.begin_ns)
        with self._reading() as connection:
            return list(connection.execute(statement).scalars())

    def count(self, query: Query) -> int:
        """How many rows a query has on all its pages."""
        with self._reading() as connection:
            return int(connection.execute(number_of(query)).scalar_one())

    def digest(self) -> str:
        """SHA-256 of what the rows say: the same for an index that grew run by run and for one made at once."""
        kept = [column for column in RUNS.c if column.name not in _VOLATILE]
        total = sha256()
        with self._reading() as connection:
            for row in connection.execute(select(*kept).order_by(RUNS.c.id)):
                total.update(json.dumps(list(row)).encode())
        return total.hexdigest()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._guard(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except (DatabaseError, sqlite3.DatabaseError) as error:
            reason = getattr(error, "orig", None) or error
            code = getattr(reason, "sqlite_errorcode", 0) & 0xFF
            kind = BookUnwritable if code in _UNWRITABLE else BookDamaged
            raise kind.index(str(self.path or "memory"), str(reason)) from error


def _engine(path: Path | None, *, read_only: bool = False) -> Engine:
    """An engine whose transactions begin immediately: a deferred one may fail at its first write."""
    place = ":memory:" if path is None else f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(place, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _run(row: Any) -> Run:  # noqa: ANN401 - a row of the table
    *values, checksum = row
    values[3] = bool(values[3])
    found = Run(*values)
    if found.checksum != checksum:
        raise BookDamaged.index(found.id, "a row is not as it was written")
    return found


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
