"""Names of columns and keys: the words in them, and the unit that they give ("Energy (kWh)", "energy_kwh")."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from joulebook.audit.reading import measures
from joulebook.audit.reading.measures import Measure
from joulebook.audit.reading.scan import unit_and_per

_BRACKETS: Final = re.compile(r"[(\[]([^()\[\]]+)[)\]]")
_IN: Final = re.compile(r"(?:,|\bin|\s-|:|/)\s+([^,]+)$")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])|[_\s]+|(?<=[a-z])(?=[A-Z]{2})")
_DEVICE_HOURS: Final = re.compile(
    r"\b(?:gpu|tpu|chip|device|accelerator|card|a100|h100|v100)[\s-]?(?:hours?|hrs|h|stunden)\b|heures[\s-]gpu"
)
_FOLDS: Final = {"total", "sum", "mean", "avg", "average", "overall", "median", "all", "max", "min", "net"}
"""Words that stand behind the unit in a key: energy_kwh_total."""
_TIMES_UNIT: Final = re.compile(r"[·*x×].*$")
_BARE: Final = {
    "hours": ("h", "time", 1.0), "stunden": ("h", "time", 1.0), "heures": ("h", "time", 1.0), "days": ("d",
    "time", 24.0),
    "tage": ("d", "time", 24.0), "jours": ("d", "time", 24.0), "runtime hours": ("h", "time", 1.0),
}  # fmt: skip


class Label(NamedTuple):
    """A name of a column or key: its words in small letters, and what its numbers are in."""

    words: str
    measure: Measure | None = None
    per: tuple[str, ...] = ()
    by: float = 1.0


def label(name: str) -> Label:
    """The label of that name."""
    plain = re.sub(r"[*`†‡]|<[^>]+>", "", name).strip()
    words = " ".join(part for part in _CAMEL.split(plain) if part).lower()
    if _DEVICE_HOURS.search(words) and not re.search(r"\bper\b|/|price|pro ", words):
        by = 1e6 if re.search(r"\b(?:m|million|mio)\b", words) else 1e3 if re.search(r"\bk\b|thousand", words) else 1.0
        return Label(words, Measure("device-h", "device-hours", by))
    for candidate in _candidates(plain):
        if (found := _whole(candidate)) is not None:
            return Label(words, *found)
    if found := _suffix(plain):
        return Label(words, *found)
    if bare := _BARE.get(words):
        return Label(words, Measure(*bare))
    return Label(words)


def _candidates(name: str) -> list[str]:
    found = list(_BRACKETS.findall(name))[::-1]
    if match := _IN.search(name):
        found.append(match[1])
    found.append(_TIMES_UNIT.sub("", name))
    return found


def _whole(text: str) -> tuple[Measure, tuple[str, ...], float] | None:
    """The unit that a text is, all of it but a carbon mark."""
    text = text.strip().replace("CO₂", "CO2")
    million = re.match(r"(?:(million|billion|thousand|Mio\.?|Mrd\.?)\s+|10\^?(\d)\s+)", text, re.IGNORECASE)
    by = 1.0
    if million:
        word = (million[1] or "").lower().rstrip(".")
        by = {"million": 1e6, "mio": 1e6, "billion": 1e9, "mrd": 1e9, "thousand": 1e3}.get(word, 1.0)
        text = text[million.end() :]
    found = unit_and_per(text, 0)
    if found is None:
        return None
    known, pers, scale, end = found
    rest = re.sub(r"CO2[\s-]?(?:eq?)?|eq\b|e\b|emissions|equivalents?|[\s.]", "", text[end:])
    if rest:
        return None
    return known._replace(scale=known.scale * by), pers, scale


_MANY: Final = {"thousand": 1e3, "million": 1e6, "millions": 1e6, "mio": 1e6, "billion": 1e9, "bn": 1e9, "mrd": 1e9}


def _suffix(name: str) -> tuple[Measure, tuple[str, ...], float] | None:
    """The unit at the end of a name such as energy_kwh, carbonKg, intensity_g_per_kwh."""
    parts = [part for part in re.split(r"(?<=[a-z0-9])(?=[A-Z])|[_\s.-]+", name) if part]
    kept = [part for part in parts if not re.fullmatch(r"(?:co2(?:e|eq)?|eq|carbon|e)", part, re.IGNORECASE)]
    is_carbon, parts = 0 < len(kept) < len(parts), kept or parts
    while len(parts) > 1 and parts[-1].lower() in _FOLDS and "_" in name:
        parts = parts[:-1]
    pers: tuple[str, ...] = ()
    by = 1.0
    lower = [part.lower() for part in parts]
    if "per" in lower[1:]:
        at = len(lower) - 1 - lower[::-1].index("per")
        what = " ".join(lower[at + 1 :])
        if what in measures.ENERGY_PER:
            pers, by = ("kWh",), 1 / measures.ENERGY_PER[what]
        elif what in measures.PERS:
            pers = (measures.PERS[what],)
        else:
            at = len(parts)
        parts = parts[:at]
    for size in (2, 1):
        text = "".join(parts[-size:])
        if size == 2 and len(parts) < 3:
            continue
        stripped = re.sub(r"(?i)(?<=[a-z])co2(?:eq|e)?$", "", text)
        known = measures.measure(stripped, forgiving=True)
        if (
            known is not None
            and (is_carbon or len(parts) > 1 or len(stripped) > 1)
            and not (size == 2 and known.kind == "time")
        ):
            before = parts[-size - 1].lower() if len(parts) > size else ""
            return known, pers, by * _MANY.get(before, 1.0)
    return None
