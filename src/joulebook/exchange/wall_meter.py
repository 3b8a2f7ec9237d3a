"""Logs of wall meters: tables of times and watts or watt-hours, as plugs, power strips and home servers export them.

Everything that a file leaves open is either found out and said, or refused; no row is dropped in silence.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Final, NamedTuple

from joulebook.errors import ExchangeError
from joulebook.exchange.instants import LocalTime, Reader, reader_of, zone_of
from joulebook.meter.wall.log import COUNTER, ENERGY, POWER, WallLog, log_of

UNITS: Final = {"W": 1.0, "kW": 1e3, "mW": 1e-3, "J": 1.0, "kJ": 1e3, "Wh": 3_600.0, "kWh": 3.6e6}
_POWERS: Final = ("W", "kW", "mW")
_WORDS: Final = {
    "watt": "W", "watts": "W", "kilowatt": "kW", "kilowatts": "kW", "kilowatthours": "kWh", "watthours": "Wh",
    "joule": "J", "joules": "J", "apower": "W", "wattage": "W",
}  # fmt: skip
_TIMES: Final = (
    "timestamp", "datetime", "time", "date", "lastchanged", "lastupdated", "unixtime", "epoch", "ts", "utc", "zeit",
    "datum", "zeitstempel", "minutets", "uhrzeit", "t",
)  # fmt: skip
_NOT_POWER: Final = re.compile(r"\b(VA|kVA|var|kvar)\b", re.IGNORECASE)
_MOST_BYTES: Final = 500_000_000
_SHOWN: Final = 4
_SPIKE: Final = 20.0
_SPIKE_W: Final = 5_000.0
_ROWS_MIN: Final = 3
_RESETS: Final = 0.02
"""Share of rows at which a counter may fall; where more do, the column is energy per interval."""
_MISSING: Final = ("", "nan", "na", "n/a", "null", "none", "-", "unavailable", "unknown", "inf", "-inf")


class Options(NamedTuple):
    """What the user says about a file; an empty text is to be found out."""

    column: str = ""
    unit: str = ""
    zone: str = ""


class _Table(NamedTuple):
    file: str
    header: list[str]
    rows: list[tuple[int, list[str]]]
    """Line number and cells."""
    comma: bool
    """Whether numbers have a decimal comma."""

    def refuse(self, expected: str, line: int = 1) -> ExchangeError:
        return ExchangeError.at(self.file, line, expected)

    def column(self, at: int) -> list[str]:
        return [cells[at].strip() if at < len(cells) else "" for _, cells in self.rows]


class _Rows(NamedTuple):
    times: list[int]
    values: list[float]
    notes: list[str]


def read_wall_meter(path: Path, near_ns: int, options: Options = Options()) -> WallLog:  # noqa: B008 - immutable
    """The log in a CSV file; `near_ns` (UTC) is when the run was, by which units of epochs are told apart.

    Raises `ExchangeError` with file, line and what was expected.
    """
    table = _table(path)
    times_at = _time_columns(table)
    value_at, unit = _value_column(table, options, times_at)
    cells = [" ".join(parts) for parts in zip(*(table.column(at) for at in times_at), strict=True)]
    read, said = _times(table, cells, options, near_ns)
    numbers = [_number(cell, comma=table.comma) for cell in table.column(value_at)]
    rows = _rows(table, [read(cell) for cell in cells], numbers)
    kind = POWER if unit in _POWERS else _energy_kind(rows.values)
    values = [value * UNITS[unit] for value in rows.values]
    notes = [said, *rows.notes]
    if kind == POWER:
        rows, values = _without_spikes(rows, values, notes)
    if len(rows.times) < _ROWS_MIN:
        raise table.refuse(f"at least {_ROWS_MIN} usable rows, found {len(rows.times)}; {'; '.join(rows.notes)}")
    log = log_of(kind, rows.times, values)
    if not log.intervals:
        raise table.refuse(f"a counter that moves in {table.header[value_at]!r}; it stands still")
    told = tuple(note for note in (*notes, *log.notes) if note)
    return WallLog(log._replace(notes=()), table.header[value_at], unit, kind, len(rows.times), told)


# -- the table -----------------------------------------------------------------------------------------------------


def _table(path: Path) -> _Table:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ExchangeError.at(
                str(path), 1, f"a file below {_MOST_BYTES // 10**6} MB; cut it to the time of the run"
            )
        data = path.read_bytes()
    except OSError as error:
        raise ExchangeError(f"{path}: {error.strerror}; check the path and its rights") from error
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if "\0" in text:
        raise ExchangeError.at(str(path), 1, "a table as text (CSV); this is a binary file")
    lines = text.splitlines()
    delimiter = _delimiter(lines)
    try:
        rows = [
            (number, cells)
            for number, cells in enumerate(csv.reader(lines, delimiter=delimiter), 1)
            if any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith("#")
        ]
    except csv.Error as error:
        raise ExchangeError.at(str(path), 1, f"a table as text (CSV): {error}") from error
    head = next((at for at, (_, cells) in enumerate(rows[:30]) if _is_header(cells)), None)
    if head is None:
        raise ExchangeError.at(str(path), 1, "a header with the name of a time column and of a column of W or Wh")
    comma = delimiter != "," and any(re.fullmatch(r"-?\d+,\d+", cell.strip()) for _, row in rows[:500] for cell in row)
    return _Table(path.name, [cell.strip() for cell in rows[head][1]], rows[head + 1 :], comma)


def _delimiter(lines: Sequence[str]) -> str:
    """The mark that divides most of the first lines into the same number of cells."""

    def fit(mark: str) -> tuple[int, int]:
        counts = [line.count(mark) for line in lines[:50] if line.strip()]
        common = max(set(counts), key=counts.count, default=0)
        return (counts.count(common) if common else 0), common

    return max((";", "\t", "|", ","), key=fit)


def _is_header(cells: Sequence[str]) -> bool:
    words = [_word(cell) for cell in cells]
    return len(words) > 1 and any(_is_time(word) for word in words) and not any(map(_numeric, cells))


def _numeric(cell: str) -> bool:
    return bool(re.fullmatch(r"-?\d+([.,]\d+)?", cell.strip()))


def _word(cell: str) -> str:
    """A heading without its unit, in lower-case letters."""
    return re.sub(r"[^a-z]", "", re.sub(r"[(\[].*", "", cell.lower()))


def _is_time(word: str) -> bool:
    return word in _TIMES or any(word.startswith(name) for name in ("timestamp", "datetime", "time", "date"))


def _time_columns(table: _Table) -> list[int]:
    """The column of the times, or those of the date and of the time of day."""
    words = [_word(cell) for cell in table.header]
    days = [at for at, word in enumerate(words) if word in ("date", "datum", "day")]
    clocks = [at for at, word in enumerate(words) if word in ("time", "uhrzeit", "zeit", "clock", "timeofday")]
    if days and clocks:
        return [days[0], clocks[0]]
    return [min((at for at, word in enumerate(words) if _is_time(word)), key=lambda at: _rank(words[at]))]


def _rank(word: str) -> int:
    return _TIMES.index(word) if word in _TIMES else len(_TIMES)


# -- the column of values -------------------------------------------------------------------------------------------


def _value_column(table: _Table, options: Options, times: Sequence[int]) -> tuple[int, str]:
    """The column to use and its unit."""
    others = [at for at in range(len(table.header)) if at not in times]
    units = {at: unit for at in others if (unit := _unit_of(table.header[at]))}
    if options.column:
        wanted = [at for at in others if table.header[at] == options.column]
        wanted = wanted or [at for at in others if options.column.lower() in table.header[at].lower()]
        if len(wanted) != 1:
            raise table.refuse(f"one column {options.column!r} (--column); there are: {_listed(table, others)}")
        chosen = wanted[0]
    else:
        powers = [at for at, unit in units.items() if unit in _POWERS]
        fitting = powers or list(units)
        if options.unit:
            fitting = [at for at in fitting if units[at] == options.unit] or fitting or _number_columns(table, others)
        if len(fitting) != 1:
            found = "several columns could be it" if fitting else "no column has W, kW, Wh, kWh or J in its name"
            raise table.refuse(
                f"one column of power or energy; {found}: {_listed(table, others)}; say --column and --unit"
            )
        chosen = fitting[0]
    name = table.header[chosen]
    unit = options.unit or units.get(chosen, "")
    if not unit:
        hint = "apparent power (VA) is not power" if _NOT_POWER.search(name) else "say it with --unit W"
        raise table.refuse(f"a unit in the name of column {name!r}; {hint}")
    if chosen in units and units[chosen] != unit:
        raise table.refuse(f"column {name!r} in {unit}; its name says {units[chosen]}: one of the two is wrong")
    return chosen, unit


def _unit_of(name: str) -> str:
    """The unit in a heading such as "Power (W)", "power_w", "Energy kWh" or "Watts"."""
    if _NOT_POWER.search(name):
        return ""
    parts = re.split(r"[^A-Za-z]+", name)
    for part in reversed(parts):
        if part in UNITS:
            return part
    lowered = {unit.lower(): unit for unit in UNITS if unit != "mW"}  # mw could be megawatts
    for part in reversed(parts):
        if part.lower() in lowered:
            return lowered[part.lower()]
        if part.lower() in _WORDS:
            return _WORDS[part.lower()]
    return _WORDS.get(_word(name), "")


def _number_columns(table: _Table, columns: Sequence[int]) -> list[int]:
    sample = table.rows[:200]
    return [
        at
        for at in columns
        if sum(_number(row[at], comma=table.comma) is not None for _, row in sample if at < len(row)) > len(sample) / 2
    ]


def _listed(table: _Table, columns: Sequence[int]) -> str:
    return ", ".join(table.header[at] or f"(column {at + 1})" for at in columns[:12]) or "none"


def _number(cell: str, *, comma: bool) -> float | None:
    text = cell.strip().replace("\u202f", "").replace("\xa0", "").replace(" ", "")
    if comma:
        text = text.replace(".", "").replace(",", ".")
    text = re.sub(r"(?<=\d)(kWh|Wh|kW|W|J)$", "", text)
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


# -- rows ----------------------------------------------------------------------------------------------------------


def _times(table: _Table, cells: Sequence[str], options: Options, near_ns: int) -> tuple[Reader, str]:
    zone = zone_of(options.zone) if options.zone else None
    line = table.rows[0][0] if table.rows else 1
    try:
        return reader_of(cells, zone, near_ns)
    except LocalTime as error:
        wanted = f"times with a zone; {error} is a local time of somewhere: say  --zone Europe/Paris  or  --zone UTC"
        raise table.refuse(wanted, line) from error
    except ValueError as error:
        raise table.refuse(f"times; {error}", line) from error


def _rows(table: _Table, times: Sequence[int | None], values: Sequence[float | None]) -> _Rows:
    """The usable rows in order of time, and what became of the others, with their lines."""
    lines = [number for number, _ in table.rows]
    faults: dict[str, list[int]] = {}
    good: list[tuple[int, int, float]] = []
    for line, time, value, (_, cells) in zip(lines, times, values, table.rows, strict=True):
        if time is None:
            faults.setdefault("without a time", []).append(line)
        elif value is None:
            missing = any(cell.strip().lower() in _MISSING for cell in cells) or len(cells) < len(table.header)
            faults.setdefault("without a value" if missing else "with text for a number", []).append(line)
        elif value < 0:
            faults.setdefault("with a negative value", []).append(line)
        else:
            good.append((time, line, value))
    ordered = sorted(good, key=lambda row: row[0])
    backwards = [after[1] for before, after in pairwise(good) if after[0] < before[0]]
    if backwards:
        faults["out of order (they were sorted)"] = backwards
    kept: list[tuple[int, int, float]] = []
    for row in ordered:
        if kept and row[0] == kept[-1][0]:
            same = row[2] == kept[-1][2]
            what = "that repeat another" if same else "with the time of another and another value (the first counts)"
            faults.setdefault(what, []).append(row[1])
        else:
            kept.append(row)
    notes = [f"{len(found)} rows {what}: line {_some(found)}" for what, found in faults.items()]
    clashing = sum(len(found) for what, found in faults.items() if "another value" in what)
    if clashing > len(good) / 10:
        raise table.refuse(f"one device; {clashing} rows have the time of another row and another value", lines[0])
    if len(kept) < len(lines) / 2:
        raise table.refuse(
            f"usable rows; {len(lines) - len(kept)} of {len(lines)} are not: {'; '.join(notes)}", lines[0]
        )
    return _Rows([row[0] for row in kept], [row[2] for row in kept], notes)


def _some(lines: Sequence[int]) -> str:
    more = f" and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return ", ".join(map(str, lines[:_SHOWN])) + more


def _energy_kind(values: Sequence[float]) -> str:
    """Whether energies are a counter, which rises but for resets, or each of its own interval."""
    falls = sum(after < before for before, after in pairwise(values))
    return COUNTER if falls <= max(1, _RESETS * len(values)) and values[-1:] != values[:1] else ENERGY


def _without_spikes(rows: _Rows, watts: Sequence[float], notes: list[str]) -> tuple[_Rows, list[float]]:
    """The rows without powers that cannot be true beside the others."""
    ordered = sorted(watts)
    usual = ordered[int(0.95 * (len(ordered) - 1))] if ordered else 0.0
    limit = max(_SPIKE * usual, _SPIKE_W)
    kept = [at for at, value in enumerate(watts) if value <= limit]
    if len(kept) < len(watts):
        notes.append(f"{len(watts) - len(kept)} rows above {limit:.3g} W, {_SPIKE:g} times the others: left out")
    return rows._replace(times=[rows.times[at] for at in kept]), [watts[at] for at in kept]
