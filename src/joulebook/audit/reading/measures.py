"""Names of units as people write them, in English, German and French: what kind each is, and its size."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from joulebook.units import UNITS, convert


class Measure(NamedTuple):
    """A unit as written: its kind, and its size in the base unit of that kind."""

    symbol: str
    kind: str
    scale: float


_PREFIXES: Final = {"": 1.0, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
_WORD_PREFIXES: Final = {
    "": 1.0,
    "milli": 1e-3,
    "kilo": 1e3,
    "mega": 1e6,
    "méga": 1e6,
    "giga": 1e9,
    "tera": 1e12,
    "téra": 1e12,
    "peta": 1e15,
}
_LB: Final = convert(1.0, UNITS["lbCO2e"], UNITS["kgCO2e"])
_JOULE: Final = convert(1.0, UNITS["J"], UNITS["kWh"])
_YEAR_H: Final = 8760.0

_NAMED: Final[dict[str, tuple[str, str, float]]] = {}
"""Every spelling: symbol, kind, scale."""


def _add(spellings: str, symbol: str, kind: str, scale: float) -> None:
    for spelling in spellings.split("|"):
        _NAMED.setdefault(spelling, (symbol, kind, scale))


for _p, _f in _PREFIXES.items():
    _add(f"{_p}Wh|{_p}W h|{_p}W·h|{_p}W-h", f"{_p}Wh", "energy", _f * 1e-3)
    _add(f"{_p}W", f"{_p}W", "power", _f * 1e-3)
    _add(f"{_p}J", f"{_p}J", "energy", _f * _JOULE)
    if _p not in ("P", "E"):
        _add(f"{_p}g", f"{_p}g", "mass", _f * 1e-3)
    if _p in ("", "k", "M", "G"):
        _add(f"{_p}t", f"{_p}t", "mass", _f * 1e3)
for _p, _f in _WORD_PREFIXES.items():
    _s = {"": "", "milli": "m", "kilo": "k"}.get(_p, _p[:1].upper().replace("É", "E"))
    _hours = f"{_p}watt-hours|{_p}watt-hour|{_p}watt hours|{_p}watt hour|{_p}watthours|{_p}watthour"
    _hours += f"|{_p}wattstunden|{_p}wattstunde|{_p}wattheures|{_p}wattheure|{_p}watt-heures|{_p}watt-heure"
    _hours += "".join(f"|{_p.capitalize()}watt{_end}" for _end in ("stunden", "stunde")) if _p else "|Wattstunden"
    _add(_hours, f"{_s}Wh", "energy", _f * 1e-3)
    _add(f"{_p}watts|{_p}watt|{_p.capitalize()}watt" + ("|Watt" if not _p else ""), f"{_s}W", "power", _f * 1e-3)
    _add(f"{_p}joules|{_p}joule", f"{_s}J", "energy", _f * _JOULE)
    if _p not in ("peta", "tera", "téra"):
        _add(
            f"{_p}tonnes|{_p}tonne|{_p}tons|{_p}ton|{_p}tonnen|{_p.capitalize()}tonnen"
            + ("|Tonnen|Tonne" if not _p else ""),
            f"{_s}t",
            "mass",
            _f * 1e3,
        )
        _add(f"{_p}grams|{_p}gram|{_p}gramm|{_p}grammes|{_p}gramme", f"{_s}g", "mass", _f * 1e-3)
        _add(f"{_p}litres|{_p}litre|{_p}liters|{_p}liter", f"{_s}L", "water", _f)
_add("metric tons|metric tonnes|metric ton|metric tonne|MT", "t", "mass", 1e3)
_add("short tons|short ton|US tons", "short tons", "mass", 2000 * _LB)
_add("kilos|kilo", "kg", "mass", 1.0)
_add("lbs.|lbs|lb.|lb|pounds|pound|Pfund", "lb", "mass", _LB)
_add("hours|hour|hrs|hr|h|Stunden|Stunde|Std.|Std|heures|heure", "h", "time", 1.0)
_add("minutes|minute|mins|min|Minuten", "min", "time", 1 / 60)
_add("seconds|second|secs|sec|s|Sekunden|Sekunde|secondes|seconde", "s", "time", 1 / 3600)
_add("milliseconds|ms", "ms", "time", 1 / 3.6e6)
_add("days|day|d|Tage|Tagen|Tag|jours|jour", "d", "time", 24.0)
_add("weeks|week|Wochen|Woche|semaines|semaine", "weeks", "time", 168.0)
_add("months|month|Monate|Monaten|Monat|mois", "months", "time", _YEAR_H / 12)
_add("years|year|yr|yrs|Jahre|Jahren|Jahr|ans|an|années|année", "y", "time", _YEAR_H)
_add("L|l|Liter|Litern|Litres", "L", "water", 1.0)
_add("mL|ml", "mL", "water", 1e-3)
_add("ML", "ML", "water", 1e6)
_add("m3|m³|cubic metres|cubic meters|cubic metre|cubic meter|Kubikmeter", "m3", "water", 1e3)
_add("gallons|gallon|gal", "gal", "water", 3.785411784)
_add("km|kilometres|kilometers|kilometre|kilometer|Kilometer|Kilometern|kilomètres", "km", "distance", 1.0)
_add("miles|mile|mi", "mi", "distance", 1.609344)
_add("GB|gigabytes|gigabyte", "GB", "data", 1.0)
_add("TB|terabytes|terabyte", "TB", "data", 1e3)
_add("MB|megabytes", "MB", "data", 1e-3)
_add("%|percent|per cent|pct|Prozent|pour cent|pour-cent", "%", "percent", 1.0)
_add("percentage points|Prozentpunkte|points de pourcentage", "points", "points", 1.0)
for _name in ("GPU", "TPU", "accelerator", "device", "chip", "card", "node", "server", "A100", "H100", "V100", "H200"):
    _hour = (
        f"{_name}-hours|{_name} hours|{_name}-hour|{_name} hour|{_name}-h|{_name}h|{_name} h|{_name}-hrs|{_name} hrs"
    )
    _add(f"{_hour}|{_name}-Stunden|{_name}-Stunde|heures-{_name}|heures {_name}", f"{_name}-h", "device-hours", 1.0)
_add("heures de GPU|heures d'accélérateur|B200-hours|MI250X-hours|P100-hours", "device-h", "device-hours", 1.0)
_add("USD|US-Dollar|US dollars|dollars|dollar|Dollar|US$|$", "USD", "money", 1.0)
_add("EUR|euros|euro|Euro|Euros|€", "EUR", "money", 1.0)
_add("GBP|£", "GBP", "money", 1.0)
_add("CHF|Franken|francs suisses", "CHF", "money", 1.0)
_add("JPY|¥|yen", "JPY", "money", 1.0)
_add("cents|cent|ct|¢", "cent", "money", 0.01)

_LOWER: Final[dict[str, tuple[str, str, float]]] = {}
_PREFERRED: Final = ("Wh", "kWh", "MWh", "GWh", "TWh", "W", "kW", "MW", "GW", "TW", "MJ", "GJ", "kg", "t", "Mt", "h")
for _key in (*_PREFERRED, *_NAMED):
    _LOWER.setdefault(_key.lower(), _NAMED[_key])

PERIODS: Final = {"year": _YEAR_H, "month": _YEAR_H / 12, "week": 168.0, "day": 24.0, "hour": 1.0}
_PERIOD_WORDS: Final = {
    "year": "year|years|yr|y|a|annum|Jahr|an|année",
    "month": "month|Monat|mois|mo",
    "week": "week|Woche|semaine",
    "day": "day|d|Tag|jour",
    "hour": "hour|hr|h|Stunde|heure",
    "minute": "minute|min",
    "second": "second|s|sec|Sekunde|seconde",
}
_THING_WORDS: Final = {
    "device": "GPU|TPU|accelerator|card|chip|device|board|Karte|Beschleuniger|carte|accélérateur|A100|H100|V100"
    "|H200|B200",
    "device-hour": "GPU-hour|GPU hour|GPU-h|GPUh|TPU-hour|chip-hour|chip hour|device-hour|device-h|device hour"
    "|accelerator-hour"
    "|card-hour|GPU-Stunde|heure-GPU|heure GPU|heure de GPU|A100-hour|H100-hour",
    "node": "node|server|Server|Knoten|serveur|host|machine",
    "request": "request|query|prompt|inference|call|answer|response|reply|question|Anfrage|Abfrage|requête"
    "|search|generation",
    "token": "token|Token|jeton",
    "image": "image|picture|Bild|photo",
    "person": "person|passenger|capita|head|user|customer|inhabitant|Person|Kopf|personne|passager",
    "km": "km|kilometre|kilometer|Kilometer|kilomètre",
    "home": "home|household|house|Haushalt|foyer|ménage",
    "car": "car|vehicle|Auto|voiture|Fahrzeug",
    "GB": "GB|gigabyte",
    "model": "model|Modell|modèle",
    "run": "run|training|job|trial|experiment|Lauf|Training|entraînement",
    "lifetime": "lifetime|life|Leben|Lebensdauer|vie",
}
PERS: Final[dict[str, str]] = {}
for _name, _words in {**_THING_WORDS, **_PERIOD_WORDS}.items():
    for _word in _words.split("|"):
        PERS.setdefault(_word.lower(), _name)
        if _name not in PERIODS and _word[-1] not in "s0":
            PERS.setdefault(_word.lower() + "s", _name)
PERS.update({"queries": "request", "anfragen": "request", "inferences": "request", "capita": "person"})
PERS.update({"gpu hours": "device-hour", "searches": "request", "replies": "request"})
ADVERBS: Final = {
    "annually": "year",
    "yearly": "year",
    "p.a.": "year",
    "jährlich": "year",
    "annuels": "year",
    "annual": "year",
    "daily": "day",
    "täglich": "day",
    "hourly": "hour",
    "monthly": "month",
    "apiece": "each",
    "each": "each",
    "jeweils": "each",
    "chacun": "each",
    "chacune": "each",
}


def _any_of(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


CARBON: Final = (
    r"(?:\s*(?:of\s+|de\s+|d['’]|an\s+)?(?:CO(?:2|₂)(?:[\s-]?(?:e|eq|equivalents?|Äq\.?|éq\.?)\b)?"
    r"|carbon dioxide(?: equivalents?)?|carbon|Kohlendioxid|eq\b))"
)
UNIT: Final = re.compile(rf"(?:{_any_of(list(_NAMED))})(?![A-Za-zÀ-ÿ0-9])|(?:{_any_of(['%', '$', '€', '£', '¥'])})")
GLUED: Final = re.compile(r"(?P<unit>Mt|Gt|kt|kg|mg|lbs?|g|t)(?P<carbon>CO(?:2|₂)(?:-?(?:eq|e))?)(?![A-Za-z0-9])")
"""A mass written together with its carbon mark: tCO2e."""
PER: Final = re.compile(
    rf"\s*(?:/|\bper\b|\bpro\b|\bpar\b|\bje\b|\ba\b|\ban\b|\bin a\b|\bevery\b|\bfor each\b|\bfor every\b"
    rf"|\bim\b)\s*(?:1[,.\s]?000\s+)?"
    rf"(?P<what>{_any_of(list(PERS))}|kWh|MWh|Wh|GWh|t|tonne|ton|kilowatt-hour|kilowatt hour|Kilowattstunde"
    rf"|kilowattheure|megawatt-hour)(?![A-Za-zÀ-ÿ0-9])",
    re.IGNORECASE,
)
ADVERB: Final = re.compile(rf"\s*(?P<what>{_any_of(list(ADVERBS))})(?![A-Za-z])", re.IGNORECASE)
ENERGY_PER: Final = {
    "wh": 1e-3,
    "kwh": 1.0,
    "kilowatt-hour": 1.0,
    "kilowatt hour": 1.0,
    "kilowattstunde": 1.0,
    "kilowattheure": 1.0,
    "mwh": 1e3,
    "megawatt-hour": 1e3,
    "gwh": 1e6,
}
"""Units of energy after a "per", in kWh."""


def measure(spelling: str, *, forgiving: bool = False) -> Measure | None:
    """The unit of that spelling; `forgiving` of capitals, as names of columns are written."""
    found = _NAMED.get(spelling)
    if found is None and forgiving:
        found = _LOWER.get(spelling.lower())
    return None if found is None else Measure(*found)
