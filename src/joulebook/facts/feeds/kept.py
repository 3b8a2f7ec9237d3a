"""What services told, on disk: each answer is a line that is appended, none is ever edited or replaced.

A revised forecast is a newer version beside the older one. The files are private (0600): they say where and when
somebody computed. No secret is in them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final, NamedTuple

from joulebook.facts.feeds.feed import Told
from joulebook.facts.feeds.series import STATES, Point

FORMAT: Final = 1
SETTLED_S: Final = 7 * 86_400
"""Values are asked for again until so long after their time: services fill in and revise them for some days."""
_LARGEST: Final = 64 << 20


class Version(NamedTuple):
    """One answer, and the time that was asked for."""

    start: int
    end: int
    told: Told

    def covers(self, start: int, end: int, now: int) -> bool:
        """Whether it will do for a time: it is fresh, or was told when nothing was revised any more."""
        age = now - self.told.fetched
        settled = bool(self.told.points) and self.told.fetched - end >= SETTLED_S
        return self.start <= start and end <= self.end and (settled or 0 <= age < self.told.fresh_s)


def folder() -> Path:
    """The folder in the user's cache."""
    import platformdirs  # 10 ms that only this needs

    return Path(platformdirs.user_cache_dir("joulebook", appauthor=False)) / "live"


def file_of(place: Path, service: str, zone: str) -> Path:
    """The file of a zone."""
    return place / f"{service}-{''.join(char if char.isalnum() and char.isascii() else '_' for char in zone)}.jsonl"


def append(path: Path, version: Version) -> bool:
    """Add an answer, privately and in one write; a disk that takes nothing is no error, and False comes back."""
    told = version.told
    fields = {"format": FORMAT, "start": version.start, "end": version.end, **told._asdict()}
    text = "\n" + json.dumps(fields, separators=(",", ":"), allow_nan=False) + "\n"  # the line before may be torn
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            return os.write(descriptor, text.encode()) == len(text)
        finally:
            os.close(descriptor)
    except OSError:
        return False


def versions(path: Path) -> list[Version]:
    """All answers of a file, the oldest first; lines that are torn or of another format are left out."""
    found = []
    try:
        with path.open("rb") as file:
            lines = file.read(_LARGEST).splitlines()
    except OSError:
        return []
    for line in lines:
        try:
            found.append(_version(json.loads(line)))
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
    return sorted(found, key=lambda version: version.told.fetched)


def _version(line: object) -> Version:
    if not isinstance(line, dict) or line.get("format") != FORMAT:
        raise ValueError
    fields = {name: value for name, value in line.items() if name != "format"}
    start, end = fields.pop("start"), fields.pop("end")
    rows = fields.pop("points")
    told = Told(points=tuple(_point(*row) for row in rows), **fields)
    whole = (start, end, told.fetched, told.fresh_s)
    if not all(type(value) is int for value in whole) or not isinstance(told.url, str):
        raise TypeError
    return Version(start, end, told)


def _point(start: object, end: object, grams: object, state: object, fetched: object) -> Point:
    point = Point(int(start), int(end), float(grams), str(state), int(fetched))  # type: ignore[call-overload, arg-type]
    if state not in STATES or not 0 <= point.grams < 1e6 or point.end <= point.start:
        raise ValueError
    return point
