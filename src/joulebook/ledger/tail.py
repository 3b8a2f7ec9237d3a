"""Journals that are still being written, followed: each look reads the new bytes only, however long the run is.

The end of a long journal is read first and its beginning in slices, so that what goes on now is seen at once.
Nothing is ever written or locked, and nothing is read twice.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from joulebook.ledger.places import RunFolder, list_runs
from joulebook.ledger.reader import FORMAT, LONGEST_LINE, SEGMENT_NAME, Record, open_segment, record_of, segments_in

FIRST: Final = 256 << 10
"""Bytes at the end of a journal that are read at the first look."""
SLICE: Final = 2 << 20
"""Bytes of what lies before them that are read at each later look."""
_MOST: Final = 16 << 20
"""New bytes that are read at one look; the rest comes at the next."""
_UNREAD, _MORE = -1, -2
"""In place of the size at the last look: there was none, or it has not come to the end."""
_SETTLED_NS: Final = 2_000_000_000
"""A folder whose time of change is younger than this may change again without a new time."""


class News(NamedTuple):
    """What a look has found of one recorder, each in the order of writing."""

    recorder: str
    head: Record
    records: list[Record]
    """Records written since the last look; at the first one, those at the end of the journal."""
    old: list[Record]
    """Records from before the first look."""
    whole: bool
    """Whether all that was written before the first look has been read by now."""


class _Segment:
    """How far a segment has been read: everything before `old_at`, and from `old_end` up to `at`."""

    __slots__ = ("at", "old_at", "old_end", "path", "size")

    def __init__(self, path: Path, at: int) -> None:
        self.path = path
        self.at = at
        self.old_at = 0
        self.old_end = at
        self.size = _UNREAD


class Tail:
    """The journals of one run's folder; `news` is what came since it was asked for the last time."""

    def __init__(self, folder: str | os.PathLike[str], first: int = FIRST) -> None:
        self.folder = Path(folder)
        self.damaged = 0
        """Lines that could not be read."""
        self._first = first
        self._segments: dict[str, _Segment] = {}
        self._heads: dict[str, Record] = {}
        self._numbers: dict[str, int] = {}
        self._looked = False

    @property
    def waiting(self) -> int:
        """Bytes from before the first look that are still to be read."""
        return sum(segment.old_end - segment.old_at for segment in self._segments.values())

    def news(self, backlog: int = SLICE) -> list[News]:
        """Read what is new, and `backlog` bytes of what is old. Raises JournalDamaged when the folder is gone."""
        found: list[News] = []
        for recorder, segments in segments_in(self.folder).items():
            records, old = list[Record](), list[Record]()
            followed = [
                self._followed(recorder, path, at) for at, (_, path) in enumerate(sorted(segments), 1 - len(segments))
            ]
            for segment in followed:
                records += self._fresh(recorder, self._read_new(segment))
            for segment in followed:
                part = self._read_old(segment, backlog)
                backlog -= part[0]
                old += part[1]
            if recorder in self._heads and (records or old):
                whole = all(segment.old_at >= segment.old_end for segment in followed)
                found.append(News(recorder, self._heads[recorder], records, old, whole))
        self._looked = True
        return found

    def _followed(self, recorder: str, path: Path, last: int) -> _Segment:
        """The segment of that path; at the first look all but the last one (`last` is 0) are old as a whole."""
        known = self._segments.get(path.name)
        if known is None:
            size = 0
            with suppress(OSError):
                size = path.lstat().st_size
            begin = 0 if self._looked else size if last else max(0, size - self._first)
            known = self._segments[path.name] = _Segment(path, begin)
        if recorder not in self._heads:
            self._read_head(recorder, path)
        return known

    def _read_head(self, recorder: str, path: Path) -> None:
        with suppress(OSError), os.fdopen(open_segment(path), "rb") as file:
            record = record_of(file.readline(LONGEST_LINE)) or {}
            head = record.get("head")
            if isinstance(head, dict) and head.get("format") in range(1, FORMAT + 1):
                self._heads[recorder] = head

    def _read_new(self, segment: _Segment) -> list[Record]:
        """The whole lines from where the last look ended; a line that is not finished waits for the next look."""
        try:
            size = segment.path.lstat().st_size
            if size == segment.size:
                return []
            data = _bytes(segment.path, segment.at, min(size - segment.at, _MOST))
        except OSError:
            return []
        begin = 0
        if segment.size == _UNREAD and segment.at:  # in the middle of a line: that one belongs to what is old
            begin = data.find(b"\n") + 1
            segment.old_end = segment.at + begin
        end = data.rfind(b"\n") + 1
        if end == 0 and len(data) > LONGEST_LINE:  # no line of ours
            self.damaged += 1
            end = len(data)
        segment.at += max(begin, end)
        segment.size = size if segment.at + len(data) - max(begin, end) >= size else _MORE
        return self._records(data[begin:end])

    def _read_old(self, segment: _Segment, room: int) -> tuple[int, list[Record]]:
        """At most `room` bytes from the beginning, in whole lines: how many, and their records."""
        left = segment.old_end - segment.old_at
        if left <= 0 or room <= 0:
            return 0, []
        try:
            data = _bytes(segment.path, segment.old_at, min(left, room))
            if b"\n" not in data:
                data = _bytes(segment.path, segment.old_at, min(left, LONGEST_LINE))
        except OSError:
            data = b""
        end = data.rfind(b"\n") + 1
        if not end:  # cut short, gone, or one endless line
            segment.old_at = segment.old_end
            return 0, []
        segment.old_at += end
        return end, self._records(data[:end])

    def _records(self, data: bytes) -> list[Record]:
        found = []
        for line in data.splitlines(keepends=True):
            record = record_of(line)
            if record is None:
                self.damaged += 1
            elif "head" not in record:
                found.append(record)
        return found

    def _fresh(self, recorder: str, records: list[Record]) -> list[Record]:
        """Without those that a later segment repeats after trouble with the disk."""
        last, found = self._numbers.get(recorder, -1), []
        for record in records:
            number = int(str(record["n"]))
            if number > last:
                last = number
                found.append(record)
        self._numbers[recorder] = last
        return found


def _bytes(path: Path, start: int, count: int) -> bytes:
    with os.fdopen(open_segment(path), "rb", 0) as file:
        file.seek(start)
        data = bytearray()
        while len(data) < count and (part := file.read(count - len(data))):
            data += part
        return bytes(data)


class Newcomers:
    """The runs of a book that may be running; each look lists those that were not listed before.

    A name of a segment begins with the process that writes it: where that one is gone, the run has ended.
    """

    def __init__(self, home: str | os.PathLike[str]) -> None:
        self._home = os.fspath(home)
        self._known: set[str] = set()
        self._changed_ns = -1

    def look(self) -> list[RunFolder]:
        """Runs that began since the last look; at the first one, all that somebody may still be recording."""
        try:
            changed = os.stat(f"{self._home}/runs").st_mtime_ns  # noqa: PTH116 - once a second, like the rest
        except OSError:
            return []
        if changed == self._changed_ns:
            return []
        if time.time_ns() - changed > _SETTLED_NS:
            self._changed_ns = changed
        found = []
        for folder in list_runs(self._home):
            if folder.path in self._known:
                continue
            pids = _writers(folder.path)
            if pids is None:  # begun this very moment: it has no journal yet
                self._changed_ns = -1
                continue
            self._known.add(folder.path)
            if any(alive(pid) for pid in pids):
                found.append(folder)
        return found


def _writers(folder: str) -> set[int] | None:
    """The processes that write, or wrote, the journals of a run; None when there is no journal."""
    found = set()
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            match = SEGMENT_NAME.fullmatch(entry.name)
            if match:
                found.add(int(match[1].partition("-")[0]))
    return found or None


def alive(pid: object) -> bool:
    """Whether a process of that id lives on this machine, as far as this user can see."""
    if type(pid) is not int or not 0 < pid < 1 << 31:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
