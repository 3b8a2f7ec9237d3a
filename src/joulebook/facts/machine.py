"""Measured facts of this machine, in a TOML file of the user: appended, never edited; the newest that fits is used.

Loaded where programs are measured: nothing is parsed unless the file exists.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, Final, NamedTuple

from joulebook.errors import FactRejected

_HEAD: Final = """\
# Facts measured on this machine. Appended by `joulebook calibrate`, never edited: what runs were priced with stays
# readable. Undo the last one with `joulebook calibrate --forget`.

"""
_PROPERTIES: Final = (
    ("wall_gain", "1", "gain"),
    ("wall_excess", "W", "excess"),
    ("wall_offset", "W", "offset"),
    ("wall_sensed_power", "W", "at"),
    ("wall_meter_accuracy", "1", "accuracy"),
)
_TEXTS: Final = ("id", "subject", "made", "run", "file", "sha256")
_NUMBERS: Final = ("windows", "window_s", "clock_s", "residual_w")
_LARGEST: Final = 1e6

Triple = tuple[float, float, float]
"""Value, low and high of a 90 % interval."""


class WallFacts(NamedTuple):
    """One calibration: wall = sensed + excess + (gain - 1) x (sensed - at), all times accuracy."""

    id: str
    subject: str
    """machine.<hash>."""
    made: str
    """UTC, ISO 8601."""
    run: str
    file: str
    sha256: str
    sensors: tuple[str, ...]
    """The channels it belongs to; with others it says nothing."""
    gain: Triple
    excess: Triple
    """W on top of the sensed power, where that is at its mean."""
    offset: Triple
    """W where the sensors would show nothing; follows from the others."""
    at: Triple
    """Mean sensed power in W, and the 5 % and 95 % of its windows."""
    accuracy: Triple
    """True energy of what the meter shows as 1."""
    gain_known: bool
    windows: int
    window_s: float
    clock_s: float
    """Added to the meter's times."""
    residual_w: float


class Choice(NamedTuple):
    """The calibration to use, or why none is."""

    facts: WallFacts | None
    reason: str = ""


def read(path: str) -> list[WallFacts]:
    """The calibrations of a file that were not forgotten, oldest first; none where there is no file.

    Raises `FactRejected` when it cannot be used.
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs an import
            text = file.read().decode()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise FactRejected(f"{path}: cannot be read ({error}); make it readable or remove it") from error
    try:
        table = import_module("tomllib").loads(text)
        forgotten = {str(row["id"]) for row in table.get("forgotten", ())}
        facts: dict[str, dict[str, Mapping[str, Any]]] = {}
        for row in table.get("fact", ()):
            facts.setdefault(row["source"], {})[row["property"]] = row
        return [_facts(row, facts[row["id"]]) for row in table.get("calibration", ()) if row["id"] not in forgotten]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FactRejected(f"{path}: {error!r}; correct the file or remove it") from error


def _facts(row: Mapping[str, Any], facts: Mapping[str, Mapping[str, Any]]) -> WallFacts:
    triples: dict[str, Triple] = {}
    for name, unit, field in _PROPERTIES:
        fact = facts[name]
        value, low, high = (float(fact[key]) for key in ("value", "low", "high"))
        if fact["unit"] != unit or fact["subject"] != row["subject"]:
            raise ValueError(f"{name} of {row['id']} has unit {fact['unit']} and subject {fact['subject']}")
        if not -_LARGEST < low <= value <= high < _LARGEST:
            raise ValueError(f"{name} of {row['id']}: {low}, {value}, {high} are not in order")
        triples[field] = (value, low, high)
    fields: dict[str, Any] = {name: str(row[name]) for name in _TEXTS}
    fields |= {name: float(row[name]) for name in _NUMBERS} | triples
    fields |= {"sensors": tuple(str(word) for word in row["sensors"]), "gain_known": row["gain_known"] is True}
    return WallFacts(**fields | {"windows": int(row["windows"])})


def keep(path: str, facts: WallFacts) -> None:
    """Append a calibration; raises OSError where the file cannot be written."""
    day = facts.made[:10]
    fields = facts._asdict()
    rows = [
        {
            "subject": facts.subject,
            "property": name,
            **dict(zip(("value", "low", "high"), fields[field], strict=True)),
            "unit": unit,
            "valid_from": day,
            "source": facts.id,
            "retrieved": day,
            "evidence": "measured" if facts.gain_known or name != "wall_gain" else "assumption",
        }
        for name, unit, field in _PROPERTIES
    ]
    plain = {name: fields[name] for name in (*_TEXTS, *_NUMBERS, "gain_known")}
    _append(path, {"calibration": [{**plain, "sensors": list(facts.sensors)}], "fact": rows})


def forget(path: str, identity: str, when: str) -> None:
    """Append that a calibration is not to be used any more."""
    _append(path, {"forgotten": [{"id": identity, "when": when}]})


def _append(path: str, tables: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    text = str(import_module("tomlkit").dumps(tables)).rstrip("\n") + "\n\n"
    os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 - as above
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o644)
    try:
        os.write(descriptor, (text if os.fstat(descriptor).st_size else _HEAD + text).encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def choose(known: Iterable[WallFacts], subject: str, sensors: Sequence[str]) -> Choice:
    """The newest calibration of this machine with these sensors."""
    ours = [facts for facts in known if subject and facts.subject == subject]
    fitting = [facts for facts in ours if set(facts.sensors) == set(sensors)]
    if fitting:
        return Choice(max(fitting, key=lambda facts: facts.made))
    if not ours:
        return Choice(None)
    newest = max(ours, key=lambda facts: facts.made)
    lacking = sorted(set(newest.sensors) - set(sensors))
    added = sorted(set(sensors) - set(newest.sensors))
    words = [f"without {', '.join(lacking)}"] * bool(lacking) + [f"with {', '.join(added)}"] * bool(added)
    return Choice(
        None, f"the wall calibration of {newest.made[:10]} was made with other sensors (now {' and '.join(words)})"
    )
