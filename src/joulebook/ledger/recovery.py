"""What damaged journals still say, and clean copies of that. Reading recovers by itself; this counts and explains."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from joulebook.errors import BookNewer, LedgerError
from joulebook.ledger.places import RunFolder
from joulebook.ledger.reader import (
    FORMAT,
    LONGEST_LINE,
    Missing,
    Record,
    RecorderFile,
    open_segment,
    record_of,
    segments_in,
)
from joulebook.ledger.recording import EARLIEST_NS, Recording, decode_file, status
from joulebook.ledger.repair import repaired
from joulebook.ledger.retention import sync_folder
from joulebook.ledger.rewrite import replace_series, write_series
from joulebook.ledger.tail import alive

_AHEAD_NS: Final = 86_400_000_000_000


class Condition(NamedTuple):
    """The journal of one recorder: what is there, and what is not."""

    recorder: str
    segments: int
    bytes: int
    records: int
    """Records that can be read, heads included."""
    damaged_lines: int
    damaged_bytes: int
    repairable: int
    """Damaged lines in which a single bit has turned."""
    torn_bytes: int
    """Of unfinished records at the ends of segments, which were never acknowledged."""
    missing: list[Missing]
    status: str
    """As its run's, or `unreadable` without a head."""
    problems: list[str]

    @property
    def missing_s(self) -> float:
        """Time between the neighbours of missing records."""
        return sum(gap.end_ns - gap.start_ns for gap in self.missing) / 1e9

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong with it; an unfinished record at the end of a killed run is nothing."""
        return self.status != "unreadable" and not (self.damaged_lines or self.missing or self.problems)

    @property
    def cleanable(self) -> bool:
        """Whether a clean copy would differ from it."""
        return bool(self.damaged_lines or self.torn_bytes or self.segments > 1)


class Examined(NamedTuple):
    """One run's folder."""

    id: str
    path: str
    name: str
    status: str
    started_ns: int
    """UTC, as its clock said."""
    recorders: list[Condition]
    notes: list[str]
    copy_of: str = ""
    """Id that its journal names, where that is another one."""

    @property
    def sound(self) -> bool:
        """Whether there is nothing to tell but how it ended."""
        return bool(self.recorders) and all(one.sound for one in self.recorders) and not self.notes


class Now(NamedTuple):
    """This machine now: what tells whether a journal is still being written."""

    wall_ns: int
    boot_ns: int
    boot_id: str


def examine(folder: RunFolder, now: Now) -> Examined:
    """Read a run's journals to their ends. Raises LedgerError when the folder cannot be read at all."""
    conditions, recordings = list[Condition](), list[Recording]()
    for recorder, segments in sorted(segments_in(Path(folder.path)).items()):
        paths = [path for _, path in sorted(segments)]
        file = RecorderFile(recorder, paths)
        try:
            file.read_head()
        except BookNewer as error:
            conditions.append(_unreadable(recorder, paths, str(error)))
            continue
        if not file.head:
            why = "no head can be read: what its numbers mean is not known"
            conditions.append(_unreadable(recorder, paths, why, *file.damage))
            continue
        recording = decode_file(file)
        recordings.append(recording)
        conditions.append(_condition(file, recording, now))
    notes = [] if conditions else ["there is no journal in its folder"]
    for recording in recordings[:1]:
        notes += _clock_notes(recording, now)
    first = recordings[0] if recordings else None
    return Examined(
        id=folder.id,
        path=folder.path,
        name=first.name if first else "",
        status=next((one.status for one in conditions if one.status != "unreadable"), "unreadable"),
        started_ns=folder.started_ns,
        recorders=conditions,
        notes=notes,
        copy_of=first.run if first and first.run != folder.id else "",
    )


def _condition(file: RecorderFile, recording: Recording, now: Now) -> Condition:
    lines = list(_lines(file.paths))
    said = status(recording, now.boot_ns, now.boot_id, alive(recording.head.get("pid")))
    telling = ("damaged lines", "records ", "more gaps")  # these are counted beside
    return Condition(
        recorder=file.recorder,
        segments=len(file.paths),
        bytes=sum(map(len, lines)),
        records=sum(record_of(line) is not None for line in lines),
        damaged_lines=file.damaged_lines,
        damaged_bytes=file.damaged_bytes,
        repairable=sum(record_of(line) is None and repaired(line) is not None for line in lines),
        torn_bytes=file.torn_bytes,
        missing=list(file.missing),
        status=said,
        problems=[text for text in recording.damage if not any(word in text for word in telling)],
    )


def _unreadable(recorder: str, paths: Sequence[Path], *why: str) -> Condition:
    lines = list(_lines(paths))
    good = [record_of(line) is not None for line in lines]
    bad = [line for line, fine in zip(lines, good, strict=True) if not fine]
    mended = sum(repaired(line) is not None for line in bad)
    return Condition(
        recorder, len(paths), sum(map(len, lines)), sum(good), len(bad), sum(map(len, bad)), mended, 0, [],
        "unreadable", list(why),
    )  # fmt: skip


def _lines(paths: Sequence[Path]) -> Iterator[bytes]:
    for path in paths:
        try:
            with os.fdopen(open_segment(path), "rb", 1 << 18) as file:
                while line := file.readline(LONGEST_LINE):
                    yield line
        except OSError:  # told as damage by the reader
            continue


def _clock_notes(recording: Recording, now: Now) -> list[str]:
    """What is wrong with the clock that dated a run; its durations and energies come from another one."""
    wall = recording.head.get("wall_ns")
    if type(wall) is not int or not 0 <= wall < 1 << 62:
        return ["its journal does not say when it began"]
    said = datetime.fromtimestamp(wall / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%S")
    if wall < EARLIEST_NS:
        steps = [
            payload["ns"]
            for _, kind, payload in recording.events
            if kind == "g" and isinstance(payload, dict) and payload.get("reason") == "clock step"
            if type(payload.get("ns")) is int
        ]
        true = wall + (steps[0] if steps else 0)
        began = (
            datetime.fromtimestamp(true / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%S")
            if EARLIEST_NS < true < 1 << 62
            else ""
        )
        later = f"; it was set later, so that it began at {began}" if began else ""
        return [f"its clock was not set ({said}): its date is not true, its durations and energies are{later}"]
    if wall > now.wall_ns + _AHEAD_NS:
        return [f"its clock was ahead of this machine's ({said}): its date is not true, its durations and energies are"]
    return []


# -- clean copies -----------------------------------------------------------------------------------------------


class Cleaned(NamedTuple):
    """What a clean copy of one recorder's journal holds."""

    recorder: str
    records: int
    repaired: int
    """Lines among them that were put right."""
    path: str


def clean_copy(source: str, target: Path, *, in_place: bool = False) -> list[Cleaned]:
    """Write what can be read in the folder `source` into `target`: one whole segment for each recorder.

    `in_place` means that `target` is `source`: the old segments stay beside as `.damaged`. A recorder without a head is
    left out. Raises LedgerError when nothing can be read, OSError when it cannot be written.
    """
    found = []
    for recorder, segments in sorted(segments_in(Path(source)).items()):
        paths = [path for _, path in sorted(segments)]
        records, mended = _readable(paths)
        if not any("head" in record for record in records):
            continue
        new = write_series(target, recorder, records)
        path = replace_series(new, recorder, paths if in_place else [], keep=in_place)
        found.append(Cleaned(recorder, len(records), mended, str(path)))
    if not found:
        raise LedgerError(f"{source}: not one journal has a readable head: there is nothing to copy")
    sync_folder(target)
    return found


def _readable(paths: Sequence[Path]) -> tuple[list[Record], int]:
    """The records of a series in order of their numbers, each once, and how many of them were put right."""
    found: dict[int, Record] = {}
    mended = 0
    for line in _lines(paths):
        record = record_of(line)
        if record is None:
            better = repaired(line)
            record = record_of(better) if better is not None else None
            mended += record is not None
        if record is not None:
            found.setdefault(int(str(record["n"])), record)
    records = [found[number] for number in sorted(found)]
    heads = [record for record in records if isinstance(record.get("head"), dict)]
    if heads and _format(heads[0]) > FORMAT:
        raise BookNewer.than(str(paths[0]), _format(heads[0]), FORMAT)
    return heads[:1] + [record for record in records if record is not heads[0]] if heads else records, mended


def _format(record: Record) -> int:
    head = record["head"]
    found = head.get("format") if isinstance(head, dict) else 0
    return found if type(found) is int else 0
