"""The book: runs found, read, measured and priced. Everything that looks back on runs starts here.

Nothing is stored besides the journals: a statement is computed when it is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from joulebook.account.statement import Context, Statement, state
from joulebook.errors import FactNotFound, JoulebookError, LedgerError
from joulebook.facts.catalog import Catalog
from joulebook.ledger.places import RunFolder, book_home, find_run, list_runs
from joulebook.ledger.reader import read_segments
from joulebook.ledger.recording import Recording, legible, read_recordings, status
from joulebook.meter.claimed import Scene
from joulebook.meter.measured import Measurement, measure
from joulebook.meter.series import History, history
from joulebook.quantity import Basis, Quantity, Source
from joulebook.sensors.base import boottime_ns
from joulebook.sensors.host import boot_id
from joulebook.settings import load as load_settings

_SENSELESS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What nonsense in a journal that nobody thought of may raise; it must not hide the other runs."""


class Book:
    """All runs below one home; what has been read once is kept for the life of the object."""

    def __init__(self, home: str | os.PathLike[str] | None = None, catalog: Catalog | None = None) -> None:
        self.home = Path(book_home(os.fspath(home) if home else "").path)
        self._catalog = catalog or Catalog.open()
        self._folders = {folder.id: folder for folder in list_runs(self.home)}
        self._recordings: dict[str, list[Recording]] = {}
        self._written: dict[str, int] = {}

    def find(self, reference: str) -> RunFolder:
        """The run that an id, its beginning, a name, `last` or `last~1` means; raises `RunNotFound`."""
        return find_run(self.home, reference, self._name_of, self._is_nested)

    def recordings(self, run: str) -> list[Recording]:
        """The decoded journals of a run. Raises `JournalDamaged` when nothing of it can be read."""
        if run not in self._recordings:
            self._recordings[run] = read_recordings(self._folders[run].path)
            for recording in self._recordings[run]:
                recording.head["run"] = run  # the folder decides: a copy has an id of its own
        return self._recordings[run]

    def status(self, run: str) -> str:
        """`running`, `finished`, `failed`, `stopped` or `interrupted`."""
        recording = self.recordings(run)[0]
        pid = recording.head.get("pid")
        return status(recording, boottime_ns(), boot_id(), type(pid) is int and 0 < pid < 1 << 31 and _alive(pid))

    def measurement(self, run: str, span: str = "") -> Measurement:
        """The energy of a run (or of one of its spans), shared with the runs beside it."""
        return measure(self._scene(run), span=span)

    def history(self, reference: str) -> History:
        """Power over time and stages of one run, as its charts show them."""
        return history(self._scene(self.find(reference).id))

    def _scene(self, run: str) -> Scene:
        own = self.recordings(run)
        return Scene(own, [self.recordings(other) for other in self._beside(run, own)])

    def statement(self, reference: str, *, span: str = "", region: str = "", edition: str = "") -> Statement:
        """The account of one run.

        `region` overrides what was recorded and raises `FactNotFound` when it is unknown; a recorded region
        that is unknown counts as none, with a warning. `edition` is a date or "latest"; default: as recorded.
        """
        folder = self.find(reference)
        run = folder.id
        self._folders.setdefault(run, folder)  # begun since this book was opened
        found = self.measurement(run, span)
        head = found.head
        notices = list(found.notices)
        settings = load_settings(lenient=True)
        if region:
            self._catalog.resolve(region, "grid")
        else:
            region, said = self._known(_text(head, "region"), settings.region, "grid")
            notices += said
        site, said = self._known(_text(head, "site"), settings.site, "site")
        notices += said
        end = found.end or {}
        code = end.get("exit")
        priced = {"": _text(head, "edition"), "latest": ""}.get(edition, edition)
        return state(
            found.entries,
            Context(
                catalog=self._catalog,
                on=_utc(found.start_ns).date().isoformat(),
                edition=priced,
                run=run,
                name=_text(head, "name"),
                status=self.status(run),
                exit=code if type(code) is int else None,
                started=_utc(found.start_ns).isoformat(timespec="seconds").replace("+00:00", "Z"),
                duration=found.duration,
                region=region,
                site=site,
                price=_price(settings.price),
                spans=found.spans,
                notices=notices,
                degraded=found.degraded,
                shared_with=found.shared_with,
            ),
        )

    def rows(self, limit: int = 50, *, nested: bool = False) -> list[dict[str, object]]:
        """The newest runs as plain rows: id, name, status, started, duration, it_energy, carbon, parent, exit.

        Runs recorded inside another run are left out unless `nested`: the run around them has their energy.
        A run whose journal is damaged beyond reading is a row with status "damaged".
        """
        rows: list[dict[str, object]] = []
        for folder in self._folders.values():
            if len(rows) >= limit:
                break
            try:
                if nested or not self._is_nested(folder):
                    rows.append(self._row(folder.id))
            except (JoulebookError, *_SENSELESS) as error:
                rows.append(_damaged(folder, error))
        return rows

    def _row(self, run: str) -> dict[str, object]:
        plain = self.statement(run).as_dict()
        parent = _text(self.recordings(run)[0].head, "parent")
        keys = ("name", "status", "started", "duration", "it_energy", "carbon", "exit")
        return {"id": run, **{key: plain[key] for key in keys}, "parent": parent or None}

    def _known(self, recorded: str, setting: str, kind: str) -> tuple[str, list[str]]:
        """The recorded region or site, else that of the settings, if the catalogue knows it; and what to say of it."""
        word = recorded or setting
        if not word:
            return "", []
        try:
            self._catalog.resolve(word, kind)
        except FactNotFound as error:
            return "", [str(error)]
        return word, [] if recorded else [f"{word} is from your settings; nothing was recorded with the run"]

    def _name_of(self, folder: RunFolder) -> str:
        return self._in_head(folder, "name")

    def _is_nested(self, folder: RunFolder) -> bool:
        return self._in_head(folder, "parent") in self._folders

    def _in_head(self, folder: RunFolder, key: str) -> str:
        """A text of the head of a run's journal, without reading its records; "" when it cannot be read."""
        try:
            return _text(read_segments(folder.path)[0].head, key)
        except LedgerError:
            return ""

    def _last_write(self, folder: RunFolder) -> int:
        """When anything was last written in a run's folder (UTC ns): the time of its newest file."""
        if folder.id not in self._written:
            newest = 0
            with suppress(OSError), os.scandir(folder.path) as entries:
                newest = max((entry.stat(follow_symlinks=False).st_mtime_ns for entry in entries), default=0)
            self._written[folder.id] = newest
        return self._written[folder.id]

    def _beside(self, run: str, own: Sequence[Recording]) -> list[str]:
        """Other runs of this book that may have been recorded at the same time."""
        start = min(recording.wall_ns(recording.first_ns) for recording in own)
        end = max(recording.wall_ns(recording.last_ns) for recording in own)
        found = []
        for other, folder in self._folders.items():
            if other == run or folder.started_ns > end + 1_000_000_000 or self._last_write(folder) < start:
                continue
            try:
                self.recordings(other)
            except LedgerError:  # damaged, or of a newer joulebook: it cannot be told what it claims
                continue
            found.append(other)
        return found


def _damaged(folder: RunFolder, error: Exception) -> dict[str, object]:
    started = _utc(folder.started_ns).isoformat(timespec="seconds").replace("+00:00", "Z")
    row: dict[str, object] = dict.fromkeys(("duration", "it_energy", "carbon", "exit", "parent"))
    return {"id": folder.id, "name": "", "status": "damaged", "started": started, **row, "problem": legible(f"{error}")}


def _price(setting: str) -> Quantity | None:
    """The price that the user gave ("0.25 USD/kWh", "0.18..0.34 EUR/kWh"); a range is the 90 % interval."""
    if not setting:
        return None
    amounts, _, symbol = setting.partition(" ")
    low, _, high = amounts.partition("..")
    ends = float(low), float(high or low)
    source = Source("setting price", f"your setting, {setting}")
    return Quantity.of(
        sum(ends) / 2, symbol, low=ends[0], high=ends[1], basis=Basis.REPORTED, source=source, name="price"
    )


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _utc(wall_ns: int) -> datetime:
    return datetime.fromtimestamp(wall_ns / 1e9, UTC)


def _text(head: dict[str, object], key: str) -> str:
    value = head.get(key)
    return legible(value) if isinstance(value, str) else ""
