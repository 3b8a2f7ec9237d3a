"""Reports of tools become `Report`: totals with units, what they count, and the factors that they state.

Read are statements of joulebook (JSON), `emissions.csv` of CodeCarbon, logs of carbontracker, and JSON or CSV whose
fields name a figure and its unit (`energy_kwh`, "CO2eq (kg)", "runtime": "12 h"), as other calculators export them.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from math import isfinite
from pathlib import Path
from typing import Any, Final, NamedTuple

from joulebook.errors import ConfigError, ExchangeError
from joulebook.quantity import Basis, Quantity, total
from joulebook.units import UNITS

LARGEST: Final = 20_000_000
"""Bytes of a report."""
_TOTALS: Final = ("duration", "it_energy", "energy", "carbon", "carbon_market", "carbon_embodied", "water", "cost")
_PARTS: Final = {
    **dict.fromkeys(("gpu", "gpus", "accelerator", "accelerators"), "gpu"),
    **dict.fromkeys(("cpu", "cpus", "processor", "processors"), "cpu"),
    **dict.fromkeys(("ram", "dram", "memory"), "ram"),
}
_WORDS: Final = {
    "wh": "Wh",
    "kwh": "kWh",
    "mwh": "MWh",
    "gwh": "GWh",
    "j": "J",
    "kj": "kJ",
    "mj": "MJ",
    "gj": "GJ",
    "g": "gCO2e",
    "kg": "kgCO2e",
    "t": "tCO2e",
    "ton": "tCO2e",
    "tons": "tCO2e",
    "tonnes": "tCO2e",
    "lb": "lbCO2e",
    "lbs": "lbCO2e",
    "g/kwh": "gCO2e/kWh",
    "kg/kwh": "kgCO2e/kWh",
    "lb/kwh": "lbCO2e/kWh",
    "s": "s",
    "sec": "s",
    "seconds": "s",
    "min": "min",
    "minutes": "min",
    "h": "h",
    "hr": "h",
    "hrs": "h",
    "hour": "h",
    "hours": "h",
    "d": "d",
    "days": "d",
    "l": "L",
    "liters": "L",
    "litres": "L",
    "m3": "m3",
    "usd": "USD",
    "$": "USD",
    "eur": "EUR",
    "€": "EUR",
}
_KINDS: Final = {UNITS[symbol].dims: symbol for symbol in ("J", "gCO2e", "s", "L", "USD", "EUR", "gCO2e/kWh")}
_NAMED: Final = re.compile(r"energy|emission|carbon|co2|cost|duration|runtime|water")
_GAS: Final = re.compile(r"co_?2(?:[-_ ]?eq?)?(?:uivalents?)?")
_NUMBER: Final = re.compile(r"\s*([-+]?\d[\d.,]*(?:[eE][-+]?\d+)?)\s*(.*)\Z")
_THOUSANDS: Final = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z")
_COMMA: Final = re.compile(r"[-+]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+\Z")
_BLOCK: Final = re.compile(
    r"(Actual|Predicted) consumption for (\d+) epoch\(s\):\s*Time:\s*(\S+)\s*Energy:\s*([\d.]+) kWh"
    r"(?:\s*CO2eq:\s*([\d.]+) g)?"
)
_COMPONENTS: Final = re.compile(r"(GPU|CPU|RAM|DRAM) with device")
_STATEMENT: Final = "joulebook.statement/1"


class Report(NamedTuple):
    """What a tool says of a piece of work."""

    name: str
    tool: str
    figures: Mapping[str, Quantity | None]
    """Totals by name; None where the number has no unit."""
    parts: Mapping[str, Quantity] = {}
    """Energy by kind of device, before the overhead of a site."""
    counted: frozenset[str] = frozenset()
    """Kinds of devices within the energy; empty is not said."""
    overhead: float | None = None
    """PUE that the energy has within; 1 is none, None is not said."""
    texts: Mapping[str, str] = {}
    """Words that the report has for its period, basis and boundary."""
    notes: tuple[str, ...] = ()


def read_report(path: str) -> Report:
    """The report in a file; `FILE#WORD` chooses the run of a file that has several.

    Raises `ExchangeError` for what is no report, OSError where it cannot be read.
    """
    place, _, chosen = path.partition("#")
    data = Path(place).read_bytes()
    if len(data) > LARGEST:
        raise ExchangeError(f"{place}: larger than {LARGEST // 10**6} MB: no report of one piece of work")
    text = data.decode("utf-8-sig", errors="replace")
    if "\x00" in text or text.count("\ufffd") > len(text) / 20:
        raise ExchangeError(f"{place}: expected text: JSON, CSV or a log; this is a binary file")
    if text.lstrip()[:1] in ("{", "["):
        return _json(place, text)
    if _BLOCK.search(text) is not None:
        return _carbontracker(place, text)
    return _csv(place, text, chosen)


# -- ours -----------------------------------------------------------------------------------------------------------


def statement_report(name: str, document: Mapping[str, Any]) -> Report:
    """The report that a statement of joulebook is, from its JSON."""
    figures: dict[str, Quantity | None] = {
        key: Quantity.from_dict(document[key], f"{name} {key}", key)
        for key in _TOTALS
        if isinstance(document.get(key), dict)
    }
    lines = [
        line
        for line in document.get("lines", ())
        if line.get("kind") == "it_energy" and not line.get("span") and line["quantity"]["value"] > 0
    ]
    kinds = dict.fromkeys(_kind(str(line.get("device_kind", ""))) for line in lines)
    parts = {
        kind: total(
            [
                Quantity.from_dict(line["quantity"], f"{name} {line['device']}")
                for line in lines
                if _kind(str(line.get("device_kind", ""))) == kind
            ],
            "J",
            kind,
        )
        for kind in kinds
    }
    it_energy, energy = figures.get("it_energy"), figures.get("energy")
    overhead = energy.value / it_energy.value if it_energy is not None and energy is not None and it_energy.value else 1
    label = f"{document.get('name', '')} {str(document.get('run', ''))[:6]}".strip() or name
    return Report(label, "joulebook", figures, parts, frozenset(kinds), overhead)


def _kind(word: str) -> str:
    return _PARTS.get(word, word)


# -- other tools ----------------------------------------------------------------------------------------------------


def _json(place: str, text: str) -> Report:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ExchangeError(f"{place}: expected JSON: {error}") from error
    if isinstance(document, dict) and document.get("schema") == _STATEMENT:
        try:
            return statement_report(place, document)
        except (KeyError, TypeError, ValueError) as error:
            raise ExchangeError(f"{place}: expected {_STATEMENT}: {error!r}") from error
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    if not isinstance(document, dict):
        raise ExchangeError(f"{place}: expected one report, a mapping of named figures; this is a list of several")
    return _fields(place, list(_flat(document)))


def _flat(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, object]]:
    """Fields with the names of what they stand in; an amount is a mapping of value and unit."""
    for key, value in tree.items():
        name = f"{path} {key}".strip()
        if isinstance(value, dict) and "value" in value:
            yield name, f"{value['value']} {value.get('unit', '')}"
        elif isinstance(value, dict):
            yield from _flat(value, name)
        elif isinstance(value, int | float | str) and not isinstance(value, bool):
            yield name, value


def _csv(place: str, text: str, chosen: str) -> Report:
    try:
        rows = [row for row in csv.DictReader(StringIO(text)) if any(row.values())]
    except csv.Error as error:
        raise ExchangeError(f"{place}: expected CSV: {error}") from error
    if not rows:
        raise ExchangeError(f"{place}: expected a report: JSON, CSV with named fields, or a log of carbontracker")
    if {"emissions", "energy_consumed"} <= rows[0].keys():
        return _codecarbon(place, rows, chosen)
    if len(rows) > 1:
        raise ExchangeError(f"{place}: {len(rows)} rows: a report of one piece of work has one")
    return _fields(place, [(str(key), value) for key, value in rows[0].items() if value not in (None, "")])


def _codecarbon(place: str, rows: list[dict[str, Any]], chosen: str) -> Report:
    """The last row of one run: each row has the totals since its beginning. Energy has the PUE of the row within."""
    runs: dict[str, dict[str, Any]] = {}
    for row in rows:
        words = (str(row.get("run_id", "")), str(row.get("project_name", "")))
        if not chosen or any(word.startswith(chosen) for word in words if word):
            runs[words[0]] = row
    if len(runs) != 1:
        listed = ", ".join(word[:8] for word in (runs or {str(row.get("run_id", "")): row for row in rows}))
        raise ExchangeError(f"{place}: expected one run; say which, {place}#RUN: {listed}")
    row = next(iter(runs.values()))
    number = {key: _float(value) for key, value in row.items() if key}
    pue = number.get("pue") or 1.0
    figures: dict[str, Quantity | None] = {}
    for name, column, symbol in (
        ("duration", "duration", "s"),
        ("energy", "energy_consumed", "kWh"),
        ("carbon", "emissions", "kgCO2e"),
        ("water", "water_consumed", "L"),
    ):
        value = number.get(column)
        if value is not None and (value > 0 or column != "water_consumed"):
            figures[name] = _quantity(place, column, value, symbol)
    parts = {
        kind: _quantity(place, f"{kind}_energy", value / pue, "kWh")
        for kind in ("cpu", "gpu", "ram")
        if (value := number.get(f"{kind}_energy"))
    }
    label = str(row.get("project_name") or place)
    return Report(
        label, f"CodeCarbon {row.get('codecarbon_version') or ''}".strip(), figures, parts, frozenset(parts), pue
    )


def _carbontracker(place: str, text: str) -> Report:
    """The last block of what was consumed; of what was predicted where nothing was."""
    blocks = list(_BLOCK.finditer(text))
    actual = [block for block in blocks if block[1] == "Actual"]
    word, epochs, clock, energy, grams = (actual or blocks)[-1].groups()
    seconds = _seconds(clock)
    figures: dict[str, Quantity | None] = {"energy": _quantity(place, "Energy", float(energy), "kWh")}
    if seconds is not None:
        figures["duration"] = _quantity(place, "Time", seconds, "s")
    if grams:
        figures["carbon"] = _quantity(place, "CO2eq", float(grams), "gCO2e")
    counted = frozenset(_kind(found.lower()) for found in _COMPONENTS.findall(text))
    notes = [f"{place}: {word.lower()} consumption of {epochs} epochs"]
    notes.append(f"{place}: its energy has the PUE of that release within, which the log does not state (1.55 to 1.67)")
    return Report(place, "carbontracker", figures, {}, counted, None, {}, tuple(notes))


def _seconds(clock: str) -> float | None:
    """Seconds of "1:02:03", also with days before it."""
    try:
        parts = [float(part) for part in clock.split(":")]
    except ValueError:
        return None
    return sum(part * size for part, size in zip(reversed(parts), (1, 60, 3600, 86_400), strict=False))


# -- named fields ---------------------------------------------------------------------------------------------------


def _fields(place: str, fields: Iterable[tuple[str, object]]) -> Report:
    """A report whose fields name a figure and its unit."""
    figures: dict[str, Quantity | None] = {}
    parts: dict[str, Quantity] = {}
    texts: dict[str, str] = {}
    overhead: float | None = None
    tool = ""
    for name, value in fields:
        words = set(re.split(r"[^a-z0-9]+", _GAS.sub("co2", name.lower())))
        amount, symbol = _amount(name, value)
        if amount is None:
            text = str(value).strip()
            tool = text if words & {"tool", "method", "software"} else tool
            texts |= {key: text for key in ("period", "year", "basis", "boundary") if key in words}
        elif "pue" in words:
            overhead = amount
        elif words & {"year", "period"} and not symbol:
            texts["period"] = str(value)
        elif (kind := _figure(words, symbol, name)) in ("gpu", "cpu", "ram"):
            parts[kind] = _quantity(place, name, amount, symbol)
        elif kind and "rate" not in words:
            figures.setdefault(kind, _quantity(place, name, amount, symbol) if symbol else None)
    if not figures and not parts:
        raise ExchangeError(
            f"{place}: expected fields such as energy_kwh, co2eq_kg, runtime_h, pue; found none of them"
        )
    if parts and "energy" not in figures:
        figures["energy"] = total(parts.values(), "kWh", "energy") * (overhead or 1.0)
    return Report(place, tool, figures, parts, frozenset(parts), overhead, texts)


def _amount(name: str, value: object) -> tuple[float | None, str]:
    """The number of a field and its unit: written behind it, or in its name; "" where there is none."""
    if isinstance(value, int | float):
        return (float(value) if isfinite(value) else None), _unit_of(name)
    found = _NUMBER.match(str(value))
    if found is None:
        return None, ""
    written = _unit(found[2])
    if found[2] and not written and not re.fullmatch(r"[-\w ./]{0,12}", found[2]):
        return None, ""
    return _float(_pointed(found[1])), written or _unit_of(name)


def _pointed(text: str) -> str:
    """A number with a decimal point: 1,234.5 and 1.234,5 are the same; three digits after a comma are thousands."""
    if _THOUSANDS.match(text):
        return text.replace(",", "")
    return text.replace(".", "").replace(",", ".") if _COMMA.match(text) else text


def _unit_of(name: str) -> str:
    """The unit in brackets, or the last word of a name that is one: "energy_kwh", "runtime hours"."""
    brackets = re.findall(r"[(\[]([^)\]]+)[)\]]", name)
    for word in brackets[::-1]:
        if _unit(word):
            return _unit(word)
    words = [word for word in re.split(r"[_\s]+", re.sub(r"[(\[].*?[)\]]", "", name.lower())) if word]
    return next((_unit(word) for word in words[:0:-1] if _unit(word)), "")


def _unit(word: str) -> str:
    plain = _GAS.sub("", word.lower().replace("\u2082", "2")).replace(" ", "").strip("._-")
    return _WORDS.get(plain, "")


def _figure(words: set[str], symbol: str, name: str) -> str:
    """Which total a field is, by its unit and its words; "" for one that is none."""
    if not symbol:
        found = _NAMED.search(name.lower())
        short = {"emission": "carbon", "co2": "carbon", "runtime": "duration"}
        return short.get(found[0], found[0]) if found else ""
    kind = _KINDS.get(UNITS[symbol].dims, "")
    part = next((_PARTS[word] for word in sorted(words) if word in _PARTS), "")
    if kind == "J":
        return part or ("it_energy" if "it" in words else "energy")
    if kind == "s":
        return "" if part else "duration"
    if kind == "gCO2e":
        return (
            "carbon_market"
            if "market" in words
            else ("carbon_embodied" if words & {"embodied", "embedded", "manufacturing"} else "carbon")
        )
    return {"L": "water", "USD": "cost", "EUR": "cost"}.get(kind, "")


def _quantity(place: str, name: str, value: float, symbol: str) -> Quantity:
    try:
        return Quantity.of(value, symbol, basis=Basis.REPORTED, source=f"{place} {name}", name=name)
    except ValueError as error:
        raise ConfigError.bad(name, value, "a finite amount") from error


def _float(text: object) -> float | None:
    try:
        value = float(str(text))
    except ValueError:
        return None
    return value if isfinite(value) else None
