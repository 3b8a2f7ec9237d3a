"""Times as other programs write them, as UTC ns: epochs in any unit, ISO 8601, the usual dates with a zone.

A local time without a zone is nobody's: it is refused until the zone is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from joulebook.errors import ConfigError

_DATES: Final = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%m-%d-%Y", "%d-%m-%Y", "%b %d %Y")
_CLOCKS: Final = ("%H:%M:%S.%f", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
_EPOCHS: Final = ((1, "s"), (10**3, "ms"), (10**6, "us"), (10**9, "ns"))
_NEAR_NS: Final = 20 * 365 * 86_400 * 10**9
"""A number is an epoch in the unit that brings it within twenty years of the run."""
_TRIED: Final = 400
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Reader = Callable[[str], int | None]
"""UTC ns of a cell; None where it is no time."""


class LocalTime(ValueError):
    """Times without a zone, while none was given."""


def zone_of(word: str) -> tzinfo:
    """The zone of "UTC", "+02:00" or "Europe/Paris"; raises `ConfigError`."""
    if word.upper() in ("UTC", "Z", "GMT"):
        return UTC
    try:
        shifted = datetime.strptime(word, "%z") if word[:1] in ("+", "-") else None
        found = timezone(shifted.utcoffset() or timedelta()) if shifted else ZoneInfo(word)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ConfigError.bad(
            "--zone", word, "UTC, an offset such as +02:00, or a place such as Europe/Paris"
        ) from error
    return found


def reader_of(cells: Sequence[str], zone: tzinfo | None, near_ns: int) -> tuple[Reader, str]:
    """What reads the times of a column, and what has to be said about it; `near_ns` is when the run was.

    Raises `LocalTime` when they have no zone and none is given, ValueError when they are no times.
    """
    shown = [cell for cell in cells if cell][:_TRIED] + [cell for cell in cells[-_TRIED:] if cell]
    if not shown:
        raise ValueError("no times")
    numbers = [number for cell in shown if (number := _number(cell)) is not None]
    if len(numbers) > len(shown) / 2:
        return _epoch(numbers, near_ns)
    iso = _Local(datetime.fromisoformat, zone)
    best = max([iso, *_patterns(shown, zone)], key=lambda one: one.fit(shown, near_ns))
    if best.fit(shown, near_ns)[0] <= len(shown) / 2:
        raise ValueError(f"{shown[0]!r} is no date and time that is known here; ISO 8601 and epochs always are")
    if best.needs_zone(shown) and zone is None:
        raise LocalTime(shown[0])
    return best, best.said


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _epoch(numbers: Sequence[float], near_ns: int) -> tuple[Reader, str]:
    middle = sorted(numbers)[len(numbers) // 2]
    for factor, symbol in _EPOCHS:
        if abs(middle * (10**9 // factor) - near_ns) < _NEAR_NS:
            return partial(_since_1970, scale=10**9 // factor), f"times are {symbol} since 1970 (UTC)"
    raise ValueError(
        f"{middle:.12g} is no time near that of the run in s, ms, us or ns since 1970 (a clock that was never set, "
        "or seconds since a start that the file does not tell?)"
    )


def _since_1970(cell: str, scale: int) -> int | None:
    whole, _, part = cell.strip().partition(".")
    if whole.isdigit() and (not part or part.isdigit()):  # exact: a float has no nanoseconds of today
        return int(whole) * scale + (int(float(f"0.{part}") * scale) if part else 0)
    number = _number(cell)
    return int(number * scale) if number is not None and abs(number) < 1e20 else None


def _patterns(shown: Sequence[str], zone: tzinfo | None) -> list[_Local]:
    """The patterns that read the first cell or the last one."""
    ends = {shown[0].strip(), shown[-1].strip()}
    patterns = [f"{day}{between}{clock}" for day in _DATES for between in (" ", "T", ", ") for clock in _CLOCKS]
    found = []
    for pattern in (*patterns, *(f"{pattern} %z" for pattern in patterns), *(f"{pattern}%z" for pattern in patterns)):
        one = _Local(partial(_by_pattern, pattern), zone, pattern)
        if any(one.plain(cell) is not None for cell in ends):
            found.append(one)
    return found


def _by_pattern(pattern: str, cell: str) -> datetime:
    return datetime.strptime(cell, pattern)  # noqa: DTZ007 - a local time gets its zone, or is refused, by the caller


class _Local:
    """Reads dates by one pattern; a local hour that comes twice is the first one unless time would run backwards."""

    def __init__(self, parse: Callable[[str], datetime], zone: tzinfo | None, pattern: str = "") -> None:
        self._parse = parse
        self._zone = zone
        self._last = 0
        self.said = f"times are read as {pattern}" if pattern else ""

    def plain(self, cell: str) -> datetime | None:
        try:
            return self._parse(cell.strip())
        except ValueError:
            return None

    def fit(self, shown: Sequence[str], near_ns: int) -> tuple[int, float]:
        """How many cells it reads, and how near they are to the run: 03/04 is March or April."""
        read = [one for cell in shown if (one := self.plain(cell)) is not None]
        middle = sorted(one.replace(tzinfo=None) for one in read)[len(read) // 2 : len(read) // 2 + 1]
        far = abs(_ns(middle[0].replace(tzinfo=UTC)) - near_ns) if middle else 0
        return len(read), -float(far)

    def needs_zone(self, shown: Sequence[str]) -> bool:
        return any(one is not None and one.tzinfo is None for one in map(self.plain, shown))

    def __call__(self, cell: str) -> int | None:
        found = self.plain(cell)
        if found is None:
            return None
        if found.tzinfo is None:
            local = found.replace(tzinfo=self._zone)
            ns = _ns(local)
            if ns < self._last and (again := _ns(local.replace(fold=1))) > self._last:
                ns = again
        else:
            ns = _ns(found)
        self._last = ns
        return ns


def _ns(moment: datetime) -> int:
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1_000
