"""Reads journals back: every frame is verified, damage is counted and named, nothing is ever written.

A recorder's file series is streamed; one damaged line costs that line, one damaged head costs nothing as long
as another segment has one.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

from joulebook.errors import BookNewer, JournalDamaged
from joulebook.ledger.frame import MAX_RECORD, from_json, unframe

FORMAT: Final = 1
"""Newest journal format that can be read."""
LONGEST_LINE: Final = MAX_RECORD + 32
SEGMENT_NAME: Final = re.compile(r"(\d{1,10}-[0-9a-f]{8})\.(\d{3,6})\.jsonl", re.ASCII)
"""Recorder (its process id and a random part) and number of a segment."""
_SHOWN = 20

Record = dict[str, object]


class Missing(NamedTuple):
    """Records that were written and are not there: first and last number, boot ns of the records around them."""

    first: int
    last: int
    start_ns: int
    end_ns: int


class RecorderFile:
    """The segments of one recorder in a run's folder.

    `damage` and the counters describe the last complete pass over `records()`.
    """

    def __init__(self, recorder: str, paths: list[Path]) -> None:
        self.recorder = recorder
        self.paths = paths
        self.head: Record = {}
        self.notes: list[str] = []
        """What every pass begins its damage with."""
        self.damage: list[str] = []
        """What is wrong, one sentence each."""
        self.missing: list[Missing] = []
        self.damaged_lines = 0
        self.damaged_bytes = 0
        self.torn_bytes = 0
        """Bytes of unfinished records at the ends of segments, which were never acknowledged."""
        self._seen: dict[int, tuple[int, int]] = {}

    def records(self) -> Iterator[Record]:
        """The verified records after the head, in order of their numbers, each number once."""
        self._clear()
        if len(self.paths) == 1 and self.paths[0].name.endswith(".000.jsonl"):
            yield from self._verified()
        else:  # after trouble with the disk, later segments may begin with earlier records
            yield from sorted(self._verified(), key=_number)
        self._find_missing()

    def read_head(self) -> None:
        """Take the first head of any segment; `head` stays empty when there is none. Raises BookNewer."""
        self._clear()
        for path in self.paths:
            for record, _ in self._lines(path):
                head = record.get("head")
                if isinstance(head, dict):
                    self.head = head
                    self._check_format(path)
                    return

    def _check_format(self, path: Path) -> None:
        found = self.head.get("format")
        if type(found) is not int or found < 1:
            self.damage.append(f"{path.name}: the head names no format")
            self.head = {}
        elif found > FORMAT:
            raise BookNewer.than(str(path), found, FORMAT)

    def _clear(self) -> None:
        self.damage, self.missing, self._seen = list(self.notes), [], {}
        self.damaged_lines = self.damaged_bytes = self.torn_bytes = 0

    def _verified(self) -> Iterator[Record]:
        seen = self._seen
        for path in self.paths:
            for record, checksum in self._lines(path):
                number = _number(record)
                before = seen.get(number)
                is_head = "head" in record
                if before is not None:
                    if before[1] != checksum and not is_head:
                        self.damage.append(f"{path.name}: another record {number}; the first one is kept")
                    continue
                seen[number] = (_time(record), checksum)
                if not is_head:
                    yield record

    def _find_missing(self) -> None:
        before, before_ns, waiting = -1, self._start_ns(), list[tuple[int, int]]()
        for number in sorted(self._seen):
            at_ns = self._seen[number][0]
            if number != before + 1:
                waiting.append((before + 1, number - 1))
            before = number
            if at_ns < 0:  # the head of a later segment does not say when it was written
                continue
            self.missing += [Missing(first, last, min(before_ns, at_ns), at_ns) for first, last in waiting]
            waiting, before_ns = [], at_ns
        self.missing += [Missing(first, last, before_ns, before_ns) for first, last in waiting]
        for gap in self.missing[:_SHOWN]:
            self.damage.append(
                f"{self.recorder}: records {gap.first} to {gap.last} are missing"
                f" ({(gap.end_ns - gap.start_ns) / 1e9:.3f} s between their neighbours)"
            )
        if len(self.missing) > _SHOWN:
            self.damage.append(f"{self.recorder}: {len(self.missing) - _SHOWN} more gaps")

    def _start_ns(self) -> int:
        start_ns = self.head.get("boot_ns")
        return start_ns if type(start_ns) is int else 0

    def _lines(self, path: Path) -> Iterator[tuple[Record, int]]:
        lines, size = self.damaged_lines, self.damaged_bytes
        try:
            with os.fdopen(open_segment(path), "rb", 1 << 18) as file:
                while line := file.readline(LONGEST_LINE):
                    if line[-1:] != b"\n":
                        self._unfinished(line, file)
                        continue
                    record = record_of(line)
                    if record is None:
                        self._damaged(len(line))
                    else:
                        yield record, int(line[:8], 16)
        except OSError as error:
            self.damage.append(f"{path.name}: {error.strerror or error}")
        if self.damaged_lines > lines:
            self.damage.append(
                f"{path.name}: {self.damaged_lines - lines} damaged lines, {self.damaged_bytes - size} bytes"
            )

    def _unfinished(self, line: bytes, file: IO[bytes]) -> None:
        """A torn tail, or a line that is too long to be one of ours."""
        size = len(line)
        while line and len(line) == LONGEST_LINE and line[-1:] != b"\n":
            line = file.readline(LONGEST_LINE)
            size += len(line)
        if size < LONGEST_LINE:
            self.torn_bytes += size
        else:
            self._damaged(size)

    def _damaged(self, size: int) -> None:
        self.damaged_lines += 1
        self.damaged_bytes += size


def read_segments(folder: str | os.PathLike[str]) -> list[RecorderFile]:
    """One `RecorderFile` for each recorder of a run, by name.

    Raises JournalDamaged when not one of them has a readable head, BookNewer when one has a newer format.
    A recorder without a head is set aside with a word in the damage of the first readable one.
    """
    place = Path(folder)
    readable: list[RecorderFile] = []
    aside: list[str] = []
    for recorder, paths in sorted(segments_in(place).items()):
        file = RecorderFile(recorder, [path for _, path in sorted(paths)])
        file.read_head()
        if file.head:
            readable.append(file)
        else:
            sizes = ", ".join(f"{path.name} {_size(path)} bytes" for path in file.paths)
            why = "".join(f"; {problem}" for problem in file.damage)
            aside.append(f"recorder {recorder} has no readable head ({sizes}{why})")
    if not readable:
        raise JournalDamaged(
            f"{place}: nothing can be read: {'; '.join(aside) or 'no journal files'};"
            " the files are left as they are: restore them from a copy, or remove the folder"
        )
    if aside:
        readable[0].notes = aside
    return readable


def segments_in(place: Path) -> dict[str, list[tuple[int, Path]]]:
    """Number and path of each segment in a folder, by recorder. Raises JournalDamaged."""
    series: dict[str, list[tuple[int, Path]]] = {}
    try:
        entries = sorted(place.iterdir())
    except OSError as error:
        raise JournalDamaged(f"{place}: cannot be read: {error.strerror}; check the path and its rights") from error
    for path in entries:
        match = SEGMENT_NAME.fullmatch(path.name)
        if match:
            series.setdefault(match[1], []).append((int(match[2]), path))
    return series


def open_segment(path: Path) -> int:
    """A descriptor for reading; OSError for links, pipes and devices that carry the name of a segment."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("is not a regular file")
    return descriptor


def record_of(line: bytes) -> Record | None:
    """The record in a line of a journal with its line feed; None where it is damaged."""
    text = unframe(line)
    try:
        return None if text is None else from_json(text)
    except ValueError:  # a true checksum over what is no record: still not to be trusted
        return None


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _number(record: Record) -> int:
    return record["n"]  # type: ignore[return-value]


def _time(record: Record) -> int:
    """Boot time of a record; -1 where it has none."""
    end, head = record.get("end"), record.get("head")
    time = record.get("t")
    if isinstance(end, dict):
        time = end.get("t")
    elif isinstance(head, dict) and head.get("segment", 0) == 0:
        time = head.get("boot_ns")
    return time if type(time) is int else -1
