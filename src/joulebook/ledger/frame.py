"""One record of a journal as bytes and back: `crc32 SP length SP json LF`, the CRC covers the length.

Loaded on the metering path. Nothing here touches a file.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

T = TypeVar("T")

MAX_RECORD: Final = 1 << 20
"""Bytes of JSON in one record; the writer replaces what is larger, the reader refuses it."""

MAX_DEPTH: Final = 48
_HUGE_BITS = 256
_REPR_CHARS = 4_096
_INTEGERS = {int}


def plain(value: Any, depth: int = 0, room: list[int] | None = None) -> object:  # noqa: ANN401 - any
    """The value as JSON can hold it: not-a-number, infinities and foreign objects become text.

    Keys become text too; of keys that become the same text the later ones get `#2`, `#3`, so that nothing is dropped.
    `room[0]` is how many more values may stand in containers; the ones beyond are left out (a list may hold itself).
    Nothing that a subclass overrides is called, but for the `repr` of foreign objects.
    """
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return value
    if kind is list or kind is tuple or kind is dict:
        return _plain_container(value, depth, room)
    if issubclass(kind, int):
        return int.__int__(value) if int.bit_length(value) <= _HUGE_BITS else hex(int.__int__(value))
    if issubclass(kind, float):
        number = float.__float__(value)
        return number if math.isfinite(number) else _not_a_number(number)
    if issubclass(kind, str):
        return str.__str__(value)
    return _plain_container(value, depth, room) if issubclass(kind, list | tuple | dict) else _text(value)


def _plain_container(value: Any, depth: int, room: list[int] | None) -> object:  # noqa: ANN401 - list, tuple or dict
    if depth >= MAX_DEPTH:
        return "..."
    if room is not None:
        length = (list if isinstance(value, list) else tuple if isinstance(value, tuple) else dict).__len__(value)
        room[0] -= length
        if room[0] < 0:
            return f"... ({length} values)"
    if isinstance(value, dict):
        return _plain_dict(value, depth, room)
    items = list(list.__iter__(value) if isinstance(value, list) else tuple.__iter__(value))
    if set(map(type, items)) == _INTEGERS and max(map(int.bit_length, items)) <= _HUGE_BITS:
        return items
    depth += 1
    return [plain(item, depth, room) for item in items]


def _plain_dict(value: dict[object, object], depth: int, room: list[int] | None) -> dict[str, object]:
    items = list(dict.items(value))
    depth += 1
    result: dict[str, object] = {}
    for key, item in items:
        if type(key) is not str:
            break
        result[key] = plain(item, depth, room)
    else:
        return result
    names = plain_keys(key for key, _ in items)
    return {name: plain(item, depth, room) for name, (_, item) in zip(names, items, strict=True)}


def plain_keys(keys: Iterable[object]) -> list[str]:
    """Different texts for different keys: of those that look alike the later ones get `#2`, `#3`."""
    result: dict[str, None] = {}
    seen: dict[str, int] = {}
    for key in keys:
        word = name = key if type(key) is str else _key(key)
        while name in result:
            seen[word] = number = seen.get(word, 1) + 1
            name = f"{word}#{number}"
        result[name] = None
    return list(result)


def _key(key: object) -> str:
    known = plain(key, MAX_DEPTH)
    return _text(key) if known == "..." else known if isinstance(known, str) else str(known)


def _not_a_number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _text(value: object) -> str:
    text = asked(lambda: str.__str__(repr(value))[:_REPR_CHARS])
    return f"<{type(value).__name__}>" if text is None else text


def asked(question: Callable[[], T]) -> T | None:
    """The answer of a value that somebody else's class made; None where it raises."""
    try:
        return question()
    except Exception:  # noqa: BLE001 - a door: somebody else's class raises whatever it likes
        return None


_encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode


def to_json(record: dict[str, object]) -> bytes:
    """Compact ASCII JSON of a record, whatever its values are."""
    return _encode(plain(record)).encode("ascii")


def fitting_head(head: dict[str, object]) -> dict[str, object]:
    """The head with its largest texts left out, one by one, until it fits into a record."""
    for key in ("config", "environment", "labels", "argv", "sensors", "name", "cwd"):
        if len(to_json(head)) <= MAX_RECORD - 64:
            break
        value = head.get(key)
        omitted = f"omitted: {len(to_json({'': value}))} bytes"
        shorter = value[:1_000] if isinstance(value, str) else [omitted] if isinstance(value, list) else {"": omitted}
        head = {**head, key: shorter}
    return head


def frame(text: bytes) -> bytes:
    """The line that holds this JSON."""
    body = b"%d %b" % (len(text), text)
    return b"%08x %b\n" % (zlib.crc32(body), body)


def unframe(line: bytes) -> bytes | None:
    """The JSON inside a line with its line feed; None when a single bit is not as it was written."""
    body = line[9:-1]
    if line[-1:] != b"\n" or line[:9] != b"%08x " % zlib.crc32(body):
        return None
    length, _, text = body.partition(b" ")
    return text if length == b"%d" % len(text) else None


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("duplicate key")
    return result


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is out of range")
    return value


_decode = json.JSONDecoder(object_pairs_hook=_no_duplicates, parse_constant=_no_constant, parse_float=_finite).decode


def from_json(text: bytes) -> dict[str, object]:
    """The record in strict JSON; ValueError on duplicate keys, NaN, deep nesting or a record without number."""
    try:
        record = _decode(text.decode("ascii"))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(record, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of error for all that is not a record
    number = record.get("n")
    if type(number) is not int or number < 0:
        raise ValueError("no sequence number")
    return record
