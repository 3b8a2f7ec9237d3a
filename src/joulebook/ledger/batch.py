"""One drained batch of a recorder as a journal record, and back: columns, delta-coded where they are integers.

Loaded on the metering path. A column is a list of first value and differences; a column that holds anything
but 64-bit integers is `{"v": [...]}` as it came, readings with such values are `{"t": [...], "v": [...]}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from operator import sub
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from joulebook.ledger.frame import plain

Columns = tuple[Sequence[int], Sequence[object]]
"""Boot times in ns and the raw values read then, of one channel."""

Event = tuple[int, str, object]
"""Boot time in ns, kind, payload: plain data."""

CpuColumns = tuple[Sequence[object], Sequence[object], Sequence[object]]
"""Boot times in ns, CPU microseconds of the process tree, busy microseconds of the machine."""

_LIMIT: Final = 1 << 63
_CHANNELS: Final = {str(channel): channel for channel in range(64)}
_NOTHING: Final[Mapping[int, Any]] = MappingProxyType({})


class Batch(NamedTuple):
    """What the recorder drained at one time; everything but `t` may be absent."""

    t: int
    """Boot time in ns of the drain."""
    readings: Mapping[int, Columns] = _NOTHING
    accumulated: Mapping[int, int] = _NOTHING
    """Microjoules since the start of the recording, by channel, at the channel's last reading."""
    events: Sequence[Event] = ()
    cpu: CpuColumns | None = None
    """Boot times in ns, CPU microseconds of the process tree, busy microseconds of the machine."""
    clock: tuple[int, int, int] | None = None
    """Wall, boot and monotonic nanoseconds read together."""
    lost: int = 0
    """Events that did not fit into the queue since the start: cumulative, so that a lost record hides nothing."""


def encode_batch(  # noqa: PLR0913, PLR0917 - the seven columns of a record; `encode_batch(*batch)` undoes `decode_batch`
    t: int,
    readings: Mapping[int, Columns] = _NOTHING,
    accumulated: Mapping[int, int] = _NOTHING,
    events: Sequence[Event] = (),
    cpu: CpuColumns | None = None,
    clock: tuple[int, int, int] | None = None,
    lost: int = 0,
) -> dict[str, object]:
    """The record of a batch drained at boot time `t`, without its sequence number: the journal gives that."""
    record: dict[str, object] = {"t": t}
    columns = {str(channel): _encode_readings(*pair) for channel, pair in readings.items() if any(pair)}
    if columns:
        record["r"] = columns
    if accumulated:
        record["a"] = {str(channel): total for channel, total in accumulated.items()}
    if events:
        times, kinds, payloads = zip(*events, strict=True)
        record["e"] = [_deltas(times), list(kinds), list(payloads)]
    if cpu is not None:
        record["cpu"] = [_encode_column(column) for column in cpu]
    if clock is not None:
        record["clock"] = list(clock)
    if lost:
        record["lost"] = lost
    return record


def decode_batch(record: Mapping[str, object]) -> Batch:
    """The batch of a record; ValueError says what does not have the shape of a batch."""
    clock = record.get("clock")
    return Batch(
        t=_int(record.get("t"), "t"),
        readings={_channel(key): _decode_readings(key, value) for key, value in _object(record, "r").items()},
        accumulated={_channel(key): _int(value, "a") for key, value in _object(record, "a").items()},
        events=_decode_events(record["e"]) if "e" in record else (),
        cpu=_decode_cpu(record["cpu"]) if "cpu" in record else None,
        clock=None if clock is None else _triple(clock),
        lost=_int(record.get("lost", 0), "lost"),
    )


def last_of(record: Mapping[str, object]) -> dict[str, object]:
    """The last reading of each channel and the accumulated energies of an encoded batch: least that keeps totals."""
    result: dict[str, object] = {key: record[key] for key in ("t", "a", "lost") if key in record}
    columns = record.get("r")
    if isinstance(columns, dict):
        result["r"] = {channel: _last_reading(value) for channel, value in columns.items()}
    return result


def halves(record: Mapping[str, object]) -> list[dict[str, object]]:
    """Records that together say what an encoded batch says, its events divided; none when it has no two events."""
    events = record.get("e")
    if not isinstance(events, list) or len(events[0]) < 2:
        return []
    (times, kinds, payloads), middle = events, len(events[0]) // 2
    later = [sum(times[: middle + 1]), *times[middle + 1 :]]
    return [
        {**record, "e": [times[:middle], kinds[:middle], payloads[:middle]]},
        {"t": record["t"], "e": [later, kinds[middle:], payloads[middle:]]},
    ]


def _last_reading(value: object) -> object:
    if isinstance(value, dict):
        return {key: column[-1:] for key, column in value.items()}
    return [[sum(column)] for column in value] if isinstance(value, list) else value


def _small_ints(column: Sequence[object]) -> bool:
    return set(map(type, column)) <= {int} and all(-_LIMIT <= value < _LIMIT for value in column)  # type: ignore[operator]


def _deltas(column: Sequence[int]) -> list[int]:
    return [*column[:1], *map(sub, column[1:], column)]


def _encode_column(column: Sequence[object]) -> object:
    if _small_ints(column):
        return _deltas(column)  # type: ignore[arg-type]
    return {"v": [plain(value) for value in column]}


def _encode_readings(times: Sequence[int], raw: Sequence[object]) -> object:
    if len(times) != len(raw):
        raise ValueError(f"{len(times)} times for {len(raw)} readings")
    if _small_ints(raw) and _small_ints(times):
        return [_deltas(times), _deltas(raw)]  # type: ignore[arg-type]
    return {"t": list(times), "v": [plain(value) for value in raw]}


def _int(value: object, what: str) -> int:
    if type(value) is not int:
        raise ValueError(f"{what}: not an integer")
    return value


def _channel(key: str) -> int:
    known = _CHANNELS.get(key)
    if known is not None:
        return known
    if not (key.isascii() and key.isdecimal()) or len(key) > 9:
        raise ValueError(f"{key[:20]!r} is not the index of a channel")
    return int(key)


def _object(record: Mapping[str, object], key: str) -> dict[str, object]:
    value = record.get(key, {})
    if not isinstance(value, dict):
        raise ValueError(f"{key}: not an object")  # noqa: TRY004 - one kind of error for a wrong shape
    return value


def _list(value: object, what: str) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{what}: not a list")  # noqa: TRY004 - one kind of error for a wrong shape
    return value


def _ints(value: object, what: str) -> list[int]:
    column = _list(value, what)
    if not set(map(type, column)) <= {int}:
        raise ValueError(f"{what}: not a list of integers")
    return column  # type: ignore[return-value]


def _decode_column(value: object, what: str) -> list[object]:
    if isinstance(value, dict):
        return _list(value.get("v"), what)
    return list(accumulate(_ints(value, what)))


def _decode_readings(key: str, value: object) -> tuple[list[int], list[object]]:
    times: list[int]
    raw: Sequence[object]
    if isinstance(value, dict):
        times, raw = _ints(value.get("t"), "r.t"), _list(value.get("v"), "r.v")
    else:
        columns = _list(value, "r")
        if len(columns) != 2:
            raise ValueError(f"r.{key}: not two columns")
        times, raw = list(accumulate(_ints(columns[0], "r.t"))), list(accumulate(_ints(columns[1], "r.v")))
    if len(times) != len(raw):
        raise ValueError(f"r.{key}: {len(times)} times for {len(raw)} readings")
    return times, raw


def _decode_events(value: object) -> list[Event]:
    columns = _list(value, "e")
    if len(columns) != 3:
        raise ValueError("e: not three columns")
    times = list(accumulate(_ints(columns[0], "e.t")))
    kinds, payloads = _list(columns[1], "e.kind"), _list(columns[2], "e.payload")
    if not len(times) == len(kinds) == len(payloads) or not set(map(type, kinds)) <= {str}:
        raise ValueError("e: columns do not fit")
    return list(zip(times, kinds, payloads, strict=True))  # type: ignore[arg-type]


def _decode_cpu(value: object) -> CpuColumns:
    columns = _list(value, "cpu")
    if len(columns) != 3:
        raise ValueError("cpu: not three columns")
    times, tree, busy = (_decode_column(column, "cpu") for column in columns)
    if not len(times) == len(tree) == len(busy):
        raise ValueError("cpu: columns do not fit")
    return times, tree, busy


def _triple(value: object) -> tuple[int, int, int]:
    numbers = _ints(value, "clock")
    if len(numbers) != 3:
        raise ValueError("clock: not three numbers")
    return numbers[0], numbers[1], numbers[2]
