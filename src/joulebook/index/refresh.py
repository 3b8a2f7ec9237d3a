"""Bringing the index of a book up to date: what is new, changed or gone is read, and nothing else.

The energy of a run depends on the runs that were recorded beside it on the same boot. Hence a run that comes, changes
or goes makes those be counted again whose intervals it overlaps.
"""

from __future__ import annotations

import json
import time
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from joulebook.errors import JoulebookError
from joulebook.index.launch_rows import rows_of_launches
from joulebook.index.state import SENSELESS, Machine, changed_ns, depends_on, state_of, text_of
from joulebook.ledger.places import RunFolder
from joulebook.ledger.recording import Recording, legible, read_recordings
from joulebook.ledger.run_index import RunIndex
from joulebook.ledger.tables import Known, Run, Stamp
from joulebook.meter.claimed import Scene, boot_of, bounds
from joulebook.meter.measured import end_of, totals
from joulebook.meter.ranks.members import rank_of

CHUNK_RUNS: Final = 500
CHUNK_BYTES: Final = 32 << 20
"""Journals that are in memory together; also what one transaction writes."""
_LARGEST: Final = (1 << 63) - 1
PATIENCE: Final = 20
"""A run that is being recorded is read again after so many times what reading it took."""
Progress = Callable[[int, int], object]
"""Called with the number of runs that have been read and that of all that have to be."""


class _Intervals:
    """When runs were recorded, by boot, in order of their beginnings."""

    def __init__(self, known: Iterable[Known]) -> None:
        self._of: dict[str, tuple[str, int, int]] = {}
        self._sorted: dict[str, list[tuple[int, int, str]]] = {}
        self._longest: dict[str, int] = {}
        for row in known:
            self._of[row.id] = row.boot, row.begin_ns, row.end_ns
            self._sorted.setdefault(row.boot, []).append((row.begin_ns, row.end_ns, row.id))
            self._longest[row.boot] = max(self._longest.get(row.boot, 0), row.end_ns - row.begin_ns)
        for rows in self._sorted.values():
            rows.sort()

    def put(self, run: str, boot: str, begin: int, end: int) -> None:
        """Take a run in, in place of what was known of it."""
        self.drop(run)
        self._of[run] = boot, begin, end
        insort(self._sorted.setdefault(boot, []), (begin, end, run))
        self._longest[boot] = max(self._longest.get(boot, 0), end - begin)

    def drop(self, run: str) -> None:
        """Forget a run."""
        if run in self._of:
            boot, begin, end = self._of.pop(run)
            rows = self._sorted[boot]
            del rows[bisect_left(rows, (begin, end, run))]

    def beside(self, run: str) -> list[str]:
        """The runs that overlap with this one, in order of their beginnings; none of a run that is not known."""
        if run not in self._of:
            return []
        boot, begin, end = self._of[run]
        rows = self._sorted[boot]
        first = bisect_left(rows, (begin - self._longest[boot],))
        last = bisect_left(rows, (end,))
        return [other for _, until, other in rows[first:last] if until > begin and other != run]


def refresh(index: RunIndex, folders: Sequence[RunFolder], machine: Machine, progress: Progress | None = None) -> None:
    """Make the rows of the index those of these folders. Raises `BookDamaged` when the index cannot be written."""
    stamps = index.stamps()
    places = {folder.id: folder for folder in folders}
    gone = [run for run in stamps if run not in places]
    stale = [folder for folder in reversed(folders) if not _holds(stamps.get(folder.id), folder, machine)]
    if not stale and not gone:
        return
    known = index.known()
    intervals = _Intervals(known.values())
    work = _Work(places, known, intervals, machine)
    done = 0
    for chunk in _chunks(stale, work.states) if stale else iter([[]]):
        rows = work.rows([folder.id for folder in chunk], gone)
        together, ended = rows_of_launches(index, rows, gone, places)
        index.write([*rows, *together], [*gone, *ended])
        known.update((row.id, Known(*(getattr(row, name) for name in Known._fields))) for row in rows)
        gone = []
        done += len(chunk)
        if progress is not None:
            progress(done, len(stale))


class _Work:
    """Reads and counts runs chunk by chunk."""

    def __init__(
        self,
        places: Mapping[str, RunFolder],
        known: Mapping[str, Known],
        intervals: _Intervals,
        machine: Machine,
    ) -> None:
        self._places = places
        self._known = known
        self._intervals = intervals
        self._machine = machine
        self._recordings: dict[str, list[Recording]] = {}
        self.states: dict[str, str] = {}
        """The state of a run's journals when they were read, or before."""
        self._problems: dict[str, str] = {}

    def rows(self, runs: Sequence[str], gone: Iterable[str]) -> list[Run]:
        """The rows of these runs, and of the others whose energy changes with them or with those that are gone."""
        self._recordings.clear()
        began = time.monotonic_ns()
        affected = dict.fromkeys(runs)
        for run in gone:
            affected.update(dict.fromkeys(self._intervals.beside(run)))
            self._intervals.drop(run)
        for run in runs:
            affected.update(dict.fromkeys(self._intervals.beside(run)))
            self._intervals.drop(run)
            own = self._read(run)
            if own:
                self._intervals.put(run, boot_of(own[0]), *bounds(own))
        for run in runs:
            affected.update(dict.fromkeys(self._intervals.beside(run)))
        spent = (time.monotonic_ns() - began) // max(1, len(runs))
        return [row for run in affected if run in self._places and (row := self._row(run, run in runs, spent))]

    def _read(self, run: str) -> list[Recording]:
        """The recordings of a run; none when it cannot be read, and then the problem is kept."""
        if run not in self._recordings:
            self._state(run)
            try:
                self._recordings[run] = read_recordings(self._places[run].path)
                self._problems.pop(run, None)
            except (JoulebookError, *SENSELESS) as error:
                self._recordings[run], self._problems[run] = [], legible(f"{error}")
            for recording in self._recordings[run]:
                recording.head["run"] = run  # the folder decides: a copy has an id of its own
        return self._recordings[run]

    def _row(self, run: str, is_new: bool, spent: int) -> Run | None:
        """The row of a run; None when the one there is still holds."""
        beside = self._intervals.beside(run)
        before = self._known.get(run)
        state = self._state(run)
        depends = depends_on(state, map(self._state, beside))
        if not is_new and before is not None and before.depends == depends:
            return None
        began = time.monotonic_ns()
        folder = self._places[run]
        own = self._read(run)
        row = Run(
            id=run,
            folder=Path(folder.path).name,
            folder_ns=changed_ns(folder.path),
            settled=self._machine.is_settled(own),
            state=state,
            depends=depends,
            read_ns=self._machine.wall_ns,
            started_ns=folder.started_ns,
            problem=self._problems.get(run, ""),
            group=folder.group,
        )
        if own:
            try:
                row = _counted(
                    row, Scene(own, [group for other in beside if (group := self._read(other))]), self._machine
                )
            except (JoulebookError, *SENSELESS) as error:
                row = row._replace(problem=legible(f"{error}"))
        return _storable(row._replace(cost_ns=spent + time.monotonic_ns() - began))

    def _state(self, run: str) -> str:
        if run not in self.states:
            before = self._known.get(run)
            settled = before is not None and before.settled
            self.states[run] = before.state if settled and before else state_of(self._places[run].path)[0]
        return self.states[run]


def _counted(row: Run, scene: Scene, machine: Machine) -> Run:
    """The row with what the recordings say."""
    first = scene.own[0]
    head = first.head
    found = totals(scene)
    rank = rank_of(head)
    code = (end_of(scene.own) or {}).get("exit")
    return row._replace(
        boot=boot_of(first),
        begin_ns=scene.window[0],
        end_ns=scene.window[1],
        name=text_of(head, "name"),
        status=machine.status(first),
        exit=code if type(code) is int and abs(code) < 1 << 31 else None,
        parent=text_of(head, "parent"),
        region=text_of(head, "region"),
        rank=rank.rank if rank else None,
        attempt=rank.attempt if rank else None,
        host=text_of(head, "host"),
        labels=json.dumps(_labels(head.get("labels"))),
        started_ns=found.start_ns,
        duration_ns=found.duration_ns,
        energy_uj=found.energy_uj,
        problem="; ".join(first.damage[:2]),
    )


def _storable(row: Run) -> Run:
    """The row with numbers that SQLite can hold: a clock that was never right may say any year."""
    return Run._make(max(-_LARGEST, min(value, _LARGEST)) if type(value) is int else value for value in row)


def _labels(found: object) -> dict[str, str]:
    return {legible(str(key)): legible(str(value)) for key, value in found.items()} if isinstance(found, dict) else {}


def _holds(stamp: Stamp | None, folder: RunFolder, machine: Machine) -> bool:
    """Whether a row still says what the folder does, as far as one look at the folder tells."""
    if stamp is None:
        return False
    _, name, folder_ns, settled, read_ns, cost_ns = stamp
    if not folder.path.endswith(name):
        return False
    if not settled:
        return 0 <= machine.wall_ns - read_ns < PATIENCE * cost_ns
    return folder_ns == changed_ns(folder.path)


def _chunks(folders: Iterable[RunFolder], states: dict[str, str]) -> Iterator[list[RunFolder]]:
    """Folders in groups that fit into memory together; the states of their journals are noted before these are read."""
    chunk: list[RunFolder] = []
    size = 0
    for folder in folders:
        states[folder.id], own = state_of(folder.path)
        if chunk and (len(chunk) >= CHUNK_RUNS or size + own > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(folder)
        size += own
    if chunk:
        yield chunk
