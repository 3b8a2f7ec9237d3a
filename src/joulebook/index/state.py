"""In which state the journals of a run are, and what this machine says of it. Loads no database."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import blake2b
from typing import Final, NamedTuple

from joulebook.ledger.recording import Recording, legible, status
from joulebook.ledger.tail import alive

SENSELESS: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What nonsense in a journal that nobody thought of may raise; it must not hide the other runs."""


class Machine(NamedTuple):
    """This machine now: what tells whether a run is still being recorded."""

    boot_ns: int
    boot_id: str
    wall_ns: int

    def status(self, recording: Recording) -> str:
        """`running`, `finished`, `failed`, `stopped` or `interrupted`."""
        return status(recording, self.boot_ns, self.boot_id, alive(recording.head.get("pid")))

    def is_settled(self, recordings: Iterable[Recording]) -> bool:
        """Whether nobody is left who could write to these journals."""
        return all(
            recording.end is not None
            or recording.head.get("boot_id") != self.boot_id
            or not alive(recording.head.get("pid"))
            for recording in recordings
        )


def state_of(path: str) -> tuple[str, int]:
    """A digest of the names, sizes and times of a run's journals, and their bytes together."""
    found, size = [], 0
    with suppress(OSError), os.scandir(path) as entries:
        for entry in entries:
            if entry.name.endswith(".jsonl"):
                facts = entry.stat(follow_symlinks=False)
                found.append((entry.name, facts.st_size, facts.st_mtime_ns))
                size += facts.st_size
    return digest(sorted(found)), size


def depends_on(state: str, beside: Iterable[str]) -> str:
    """A digest of everything that a run's energy is computed from: the states of its journals and of those beside."""
    return digest([state, *sorted(beside)])


def booted_ns(head: Mapping[str, object]) -> int:
    """When the machine of a journal was booted (UTC), by its clock at the beginning; 0 where it does not say."""
    wall, boot = head.get("wall_ns"), head.get("boot_ns")
    return max(wall - boot, 0) if type(wall) is int and type(boot) is int else 0


def text_of(head: Mapping[str, object], key: str) -> str:
    """A text of a journal's head; "" where there is none."""
    value = head.get(key)
    return legible(value) if isinstance(value, str) else ""


def changed_ns(path: str) -> int:
    """When a file was last added to a folder or removed from it; 0 when that cannot be told."""
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 - ten thousand of them at a time
    except OSError:
        return 0


def digest(value: object) -> str:
    """A short digest of plain data."""
    return blake2b(json.dumps(value).encode(), digest_size=16).hexdigest()
