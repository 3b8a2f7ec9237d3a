"""What one recorder saw, decoded from its journal into columns. Pure: reading files is the reader's work.

Nothing is integrated or corrected here; channels are plain dicts, as the head says them.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from typing import Final, NamedTuple, Protocol

from joulebook.ledger.batch import Batch, Event, decode_batch
from joulebook.ledger.reader import Missing, Record, RecorderFile, read_segments

HEARTBEAT_NS: Final = 10_000_000_000
"""Age of the last record up to which a recording without an end counts as running."""
ENDS: Final = ("finished", "failed", "stopped")
EARLIEST_NS: Final = 1_577_836_800_000_000_000
"""1 January 2020 (UTC): no run is older, so that a clock that says so was not set."""
_BOOT_NS: Final = 1 << 61
"""Seventy years after a boot: no time of ours is later."""
_WALL_NS: Final = 253_402_214_400_000_000_000
"""The last day of the year 9999, the end of many a calendar."""
_LARGEST: Final = 1 << 63
_SHOWN = 20


class Lived(Protocol):
    """What tells whether a recorder still writes: a whole `Recording`, or one that is being followed."""

    head: Record
    end: dict[str, object] | None
    last_ns: int
    capped: bool


class Recording:
    """Columns of one recorder. Times are boot-time ns, energies uJ; `channels[i]` describes `t[i]` and `raw[i]`."""

    __slots__ = (
        "anchors",
        "capped",
        "channels",
        "clocks",
        "cpu",
        "damage",
        "end",
        "events",
        "first_ns",
        "head",
        "last_ns",
        "lost",
        "missing",
        "raw",
        "recorder",
        "t",
        "torn_bytes",
    )

    def __init__(self, recorder: str, head: Record) -> None:
        self.recorder = recorder
        self.head = head
        self.channels: list[dict[str, object]] = _dicts(head.get("channels"))
        self.t: list[list[int]] = [[] for _ in self.channels]
        self.raw: list[list[object]] = [[] for _ in self.channels]
        self.anchors: list[list[tuple[int, int]]] = [[] for _ in self.channels]
        """Per channel (boot ns, microjoules accumulated since the start)."""
        self.events: list[Event] = []
        self.cpu: tuple[list[object], list[object], list[object]] = ([], [], [])
        """Boot ns, CPU us of the process tree, busy us of the machine."""
        self.clocks: list[tuple[int, int, int]] = []
        """(wall, boot, monotonic) ns read together; the head's pair is not among them."""
        self.end: dict[str, object] | None = None
        self.first_ns = _int(head.get("boot_ns"), _BOOT_NS)
        self.last_ns = self.first_ns
        """Boot time of the last record."""
        self.lost = 0
        """Events that did not fit into the recorder's queue."""
        self.capped = False
        self.damage: list[str] = []
        self.missing: list[Missing] = []
        self.torn_bytes = 0

    @property
    def run(self) -> str:
        """Id of the run."""
        return _str(self.head.get("run"))

    @property
    def name(self) -> str:
        """Name that the user gave the run."""
        return legible(_str(self.head.get("name")))

    def wall_ns(self, boot_ns: int) -> int:
        """UTC of a boot time by the last clock pair before it."""
        wall, boot = _int(self.head.get("wall_ns"), _WALL_NS), _int(self.head.get("boot_ns"), _BOOT_NS)
        for pair in self.clocks:
            if pair[1] > boot_ns:
                break
            wall, boot = pair[0], pair[1]
        return min(max(wall + boot_ns - boot, 0), _WALL_NS)


def legible(text: str) -> str:
    """The text with lone surrogates (bytes of an argument that were no UTF-8) escaped: any encoder takes it."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


class _Problems(NamedTuple):
    texts: list[str]

    def add(self, record: Record, problem: object) -> None:
        self.texts.append(f"record {record.get('n')}: {problem}")


def decode(recorder: str, head: Record, records: Iterable[Record]) -> Recording:
    """The recording of these records, which come in order of their numbers."""
    result = Recording(recorder, head)
    problems = _Problems([])
    for record in records:
        if "head" in record:
            continue
        try:
            _add(result, record)
        except ValueError as problem:
            problems.add(record, problem)
    result.damage = problems.texts[:_SHOWN]
    if len(problems.texts) > _SHOWN:
        result.damage.append(f"{len(problems.texts) - _SHOWN} more records without the shape of a batch")
    return result


def decode_file(file: RecorderFile) -> Recording:
    """The recording of a recorder's files, with what the reader says of their condition."""
    result = decode(file.recorder, file.head, file.records())
    result.damage = file.damage + result.damage
    result.missing = list(file.missing)
    result.torn_bytes = file.torn_bytes
    return result


def read_recordings(folder: str | os.PathLike[str]) -> list[Recording]:
    """The recordings of a run's folder, one for each recorder. Raises JournalDamaged, BookNewer."""
    return [decode_file(file) for file in read_segments(folder)]


def status(recording: Lived, now_boot_ns: int, boot_id: str, pid_alive: bool) -> str:
    """`running`, `interrupted`, or as the end record says: `finished`, `failed`, `stopped`.

    Running needs the same boot, a live process and a record younger than 10 s or three intervals; a journal at
    its cap writes too rarely for the last, so there the process decides.
    """
    if recording.end is not None:
        said = recording.end.get("status")
        return said if isinstance(said, str) and said in ENDS else "stopped"
    same_boot = bool(boot_id) and recording.head.get("boot_id") == boot_id
    interval = recording.head.get("interval_s")
    slow = int(3e9 * interval) if isinstance(interval, int | float) and 0 < interval < 3_600 else 0
    fresh = recording.capped or abs(now_boot_ns - recording.last_ns) < max(HEARTBEAT_NS, slow)
    return "running" if same_boot and pid_alive and fresh else "interrupted"


def _add(result: Recording, record: Record) -> None:
    if "end" in record:
        end = record["end"]
        if not isinstance(end, dict) or type(end.get("t")) is not int:
            raise ValueError("end: not an object with a time")
        _check("end", [end["t"]], _BOOT_NS)
        result.end = end
        result.lost += _int(end.get("unwritten"), _LARGEST)
        result.last_ns = max(result.last_ns, end["t"])
        return
    batch = decode_batch(record)
    highest = max([*batch.readings, *batch.accumulated], default=-1)
    if highest >= len(result.channels):
        raise ValueError(f"the head has no channel {highest}")
    _check_batch(batch)
    _add_columns(result, batch)
    result.last_ns = max(result.last_ns, batch.t)
    result.lost = max(result.lost, batch.lost)
    if batch.clock is not None:
        result.clocks.append(batch.clock)


def _check_batch(batch: Batch) -> None:
    """ValueError where a number cannot be what it should be: then nothing of its record is to be trusted."""
    _check("t", [batch.t], _BOOT_NS)
    _check("lost", [batch.lost], _LARGEST)
    for times, _ in batch.readings.values():
        _check("r", times, _BOOT_NS)
    _check("a", batch.accumulated.values(), _LARGEST)
    _check("e", [event[0] for event in batch.events], _BOOT_NS)
    if batch.cpu is not None:
        for column in batch.cpu:
            _check("cpu", column, _LARGEST)
    if batch.clock is not None:
        _check("clock", batch.clock[:1], _WALL_NS)
        _check("clock", batch.clock[1:], _BOOT_NS)


def _check(what: str, column: Collection[object], limit: int) -> None:
    if not set(map(type, column)) <= {int} or not all(0 <= value < limit for value in column):  # type: ignore[operator]
        raise ValueError(f"{what}: a number that cannot be true")


def _add_columns(result: Recording, batch: Batch) -> None:
    for channel, (times, raw) in batch.readings.items():
        result.t[channel] += times
        result.raw[channel] += raw
    for channel, total in batch.accumulated.items():
        at_ns = batch.readings[channel][0][-1:] if channel in batch.readings else ()
        known = at_ns or result.t[channel][-1:]
        result.anchors[channel].append((known[0] if known else batch.t, total))
    for event in batch.events:
        result.events.append(event)
        if event[1] == "g" and isinstance(event[2], dict) and event[2].get("reason") == "capped":
            result.capped = True
    if batch.cpu is not None:
        for column, new in zip(result.cpu, batch.cpu, strict=True):
            column.extend(new)


def _dicts(value: object) -> list[dict[str, object]]:
    return [item if isinstance(item, dict) else {} for item in value] if isinstance(value, list) else []


def _int(value: object, limit: int) -> int:
    return value if type(value) is int and 0 <= value < limit else 0


def _str(value: object) -> str:
    return value if isinstance(value, str) else ""
