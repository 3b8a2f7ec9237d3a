"""JSON and CSV whose fields name a figure and its unit, as many calculators and people write them.

`energy_kwh`, "CO2eq (kg)", "runtime": "12 h", `gpu_energy_kwh`, `pue`: a number without a unit is no figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any, Final

from joulebook.audit.reports.report import Report, number, reported
from joulebook.errors import ExchangeError
from joulebook.quantity import Quantity, total
from joulebook.units import UNITS

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
    "w": "W",
    "watts": "W",
    "kw": "kW",
}
_AS_WRITTEN: Final = {"mJ": "mJ", "MJ": "MJ", "mWh": ""}
"""Units whose case is their size; a name in small letters alone ("energy_mj") does not say which."""
_KINDS: Final = {UNITS[symbol].dims: symbol for symbol in ("J", "W", "gCO2e", "s", "L", "USD", "EUR", "gCO2e/kWh")}
_NAMED: Final = re.compile(r"energy|emission|carbon|co2|cost|duration|runtime|water")
_NO_TOTAL: Final = frozenset(
    ("rate", "per", "min", "max", "peak", "low", "high", "idle", "baseline", "tdp", "rated")
) | {*("limit", "budget", "saved", "avoided", "offset", "intensity", "efficiency", "factor")}
"""Words of fields that are no total of the work."""
_MEAN: Final = frozenset(("avg", "average", "mean"))
_GAS: Final = re.compile(r"co_?2(?:[-_ ]?eq?)?(?:uivalents?)?")
_WORD: Final = 2
"""Letters of a unit that may be the whole name of a field."""
_NUMBER: Final = re.compile(r"\s*([-+]?\d[\d.,]*(?:[eE][-+]?\d+)?)\s*(.*)\Z")
_THOUSANDS: Final = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z")
_COMMA: Final = re.compile(r"[-+]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+\Z")


def device_word(word: str) -> str:
    """A kind of device as all reports call it."""
    return _PARTS.get(word, word)


def flat(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, object]]:
    """Fields with the names of what they stand in; an amount is a mapping of value and unit."""
    for key, value in tree.items():
        name = f"{path} {key}".strip()
        if isinstance(value, dict) and "value" in value:
            yield name, f"{value['value']} {value.get('unit', '')}"
        elif isinstance(value, dict):
            yield from flat(value, name)
        elif isinstance(value, int | float | str) and not isinstance(value, bool):
            yield name, value


def named_fields(place: str, fields: Iterable[tuple[str, object]]) -> Report:
    """A report whose fields name a figure and its unit."""
    figures: dict[str, Quantity | None] = {}
    parts: dict[str, Quantity] = {}
    texts: dict[str, str] = {}
    notes: list[str] = []
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
            parts[kind] = reported(place, name, amount, symbol)
        elif kind:
            found = reported(place, name, amount, symbol) if symbol else None
            if (taken := figures.get(kind)) is None:
                figures[kind] = found
            elif found is not None and found.to(taken.unit).value != taken.value:
                notes.append(f"{place}: {taken.name} is taken for {kind}; {name} is another")
    if not figures and not parts:
        raise ExchangeError(
            f"{place}: expected fields such as energy_kwh, co2eq_kg, runtime_h, pue; found none of them"
        )
    notes += _energy_of(place, figures, parts, overhead)
    return Report(place, tool, figures, parts, frozenset(parts), overhead, texts, tuple(notes))


def _energy_of(
    place: str, figures: dict[str, Quantity | None], parts: Mapping[str, Quantity], overhead: float | None
) -> list[str]:
    """Put the energy where it follows from parts, or from mean power and duration; what has to be known of it."""
    power, duration = figures.pop("power", None), figures.get("duration")
    if figures.get("energy") is not None:
        return []
    if parts:
        figures["energy"] = total(parts.values(), "kWh", "energy") * (overhead or 1.0)
        return []
    if power is not None and duration is not None:
        figures["energy"] = (power * duration).to("kWh").named("energy")
        return [f"{place}: energy is its {power.name} x its {duration.name}"]
    if power is not None and not figures:
        raise ExchangeError(f"{place}: states a power ({power.name}) and no duration: no energy follows")
    return []


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
    return number(_pointed(found[1])), written or _unit_of(name)


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
    words = [word for word in re.split(r"[_\s]+", re.sub(r"[(\[].*?[)\]]", "", name)) if word]
    if len(words) == 1 and len(words[0]) >= _WORD:
        return _unit(words[0])
    return next((_unit(word) for word in words[:0:-1] if _unit(word)), "")


def _unit(word: str) -> str:
    if word.strip() in _AS_WRITTEN:
        return _AS_WRITTEN[word.strip()]
    plain = _GAS.sub("", word.lower().replace("\u2082", "2")).replace(" ", "").strip("._-")
    return _WORDS.get(plain, "")


def _figure(words: set[str], symbol: str, name: str) -> str:
    """Which total a field is, by its unit and its words; "" for one that is none."""
    kind = _KINDS.get(UNITS[symbol].dims, "") if symbol else ""
    if words & _NO_TOTAL or (words & _MEAN and kind != "W"):
        return ""
    if not symbol:
        found = _NAMED.search(name.lower())
        short = {"emission": "carbon", "co2": "carbon", "runtime": "duration"}
        return short.get(found[0], found[0]) if found else ""
    part = next((_PARTS[word] for word in sorted(words) if word in _PARTS), "")
    if kind == "J":
        return part or ("it_energy" if "it" in words else "energy")
    if kind in ("s", "W"):
        return "" if part else {"s": "duration", "W": "power"}[kind]
    if kind == "gCO2e":
        return (
            "carbon_market"
            if "market" in words
            else ("carbon_embodied" if words & {"embodied", "embedded", "manufacturing"} else "carbon")
        )
    return {"L": "water", "USD": "cost", "EUR": "cost"}.get(kind, "")
