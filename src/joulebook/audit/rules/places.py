"""Countries and states that words name, and what the catalogue knows of their grids, homes and yearly use."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from joulebook.audit.rules.finding import shown
from joulebook.errors import FactNotFound
from joulebook.facts.catalog import Catalog
from joulebook.units import UNITS, convert

_MORE: Final = {
    "us": "US|U.S.|USA|United States|American|Americans|États-Unis|amerikanisch\\w*|américain\\w*",
    "gb": "UK|U.K.|Britain|British|Großbritannien|britisch\\w*|Royaume-Uni|britannique",
    "fr": "French|Frankreich\\w*|französisch\\w*|français\\w*",
    "de": "German|Germans|Deutschland\\w*|deutsch\\w*|Allemagne|allemand\\w*",
    "pl": "Polish|Polen\\w*|polnisch\\w*|Pologne|polonais\\w*",
    "se": "Swedish|Schweden\\w*|schwedisch\\w*|Suède|suédois\\w*",
    "no": "Norwegian|Norwegen\\w*|norwegisch\\w*|Norvège|norvégien\\w*",
    "fi": "Finnish|Finnland\\w*|finnisch\\w*|Finlande|finlandais\\w*",
    "dk": "Danish|Dänemark\\w*|dänisch\\w*|Danemark|danois\\w*",
    "nl": "Dutch|Niederlande\\w*|niederländisch\\w*|Pays-Bas|néerlandais\\w*",
    "ie": "Irish|Irland\\w*|irisch\\w*|Irlande|irlandais\\w*",
    "es": "Spanish|Spanien\\w*|spanisch\\w*|Espagne|espagnol\\w*",
    "it": "Italian|Italien\\w*|italienisch\\w*|Italie|italien\\w*",
    "at": "Austrian|Österreich\\w*|österreichisch\\w*|Autriche",
    "ch": "Swiss|Schweiz\\w*|Suisse|suisse",
    "is": "Icelandic|isländisch\\w*|Islande",
    "ca": "Canadian|Kanada\\w*|canadien\\w*",
    "cn": "Chinese|chinesisch\\w*|Chine|chinois\\w*",
    "in": "Indian|Indien\\w*|indisch\\w*|Inde|indien\\w*",
    "jp": "Japanese|japanisch\\w*|Japon|japonais\\w*",
    "kr": "Korean|Südkorea\\w*",
    "au": "Australian|Australien\\w*",
    "za": "South African|Südafrika\\w*|Afrique du Sud",
    "be": "Belgian|Belgien\\w*|Belgique|belge",
    "pt": "Portuguese|portugiesisch\\w*",
    "cz": "Czech|Tschechien\\w*",
    "ee": "Estonian|Estland\\w*|Estonie",
    "br": "Brazilian|Brasilien\\w*|Brésil",
    "sg": "Singaporean|Singapur\\w*|Singapour",
    "eu": "EU|EU-27|European Union",
    "ae": "UAE",
    "world": "(?:[Ww]orld(?:wide)?|[Gg]lobal)(?:'s)? (?:average|mean)|(?:of|for) the (?:whole )?world(?!'s)"
    "|weltweite\\w* (?:Mittel|Durchschnitt)|moyenne mondiale",
}
"""Words beside the names that the catalogue has: adjectives, short forms, German and French."""
_UNSURE: Final = {"georgia", "washington", "islands", "island", "africa", "asia", "europe", "oceania", "jersey"}
_SMALL_WORDS: Final = {"and", "of", "the", "de"}
_PROPERTIES: Final = ("lifecycle", "direct", "mixed")


class Named(NamedTuple):
    """A place that a text names: where it stands, its subject in the catalogue, and what it is called there."""

    start: int
    end: int
    subject: str
    label: str


@cache
def catalog() -> Catalog:
    """The catalogue as shipped: what a report is held against does not depend on the reader's own facts."""
    return Catalog.open(own=False)


@cache
def _index() -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern of all names, and the subject of each."""
    names: dict[str, str] = {}
    for _, word in catalog().words("grid"):
        plain = word.replace(" ", "")
        if len(plain) < 4 or not plain.isalpha() or word in _UNSURE or word.startswith("egrid"):
            continue
        try:
            subject = catalog().resolve(word, "grid", near=False).subject
        except FactNotFound:
            continue
        if re.fullmatch(r"grid\.(?:us-|ca-|au-)?[a-z]{2,3}", subject):
            names[" ".join(part if part in _SMALL_WORDS else part.capitalize() for part in word.split())] = subject
    patterns = {re.escape(name): subject for name, subject in names.items()}
    for code, words in _MORE.items():
        for word in words.split("|") if code != "world" else [words]:
            patterns[word if "\\" in word or "(" in word else re.escape(word)] = f"grid.{code}"
    ordered = sorted(patterns, key=len, reverse=True)
    union = "|".join(f"(?P<p{at}>{one})" for at, one in enumerate(ordered))
    subjects = {f"p{at}": patterns[one] for at, one in enumerate(ordered)}
    return re.compile(rf"(?<![\w-])(?:{union})(?!\w)"), subjects


def places(text: str) -> list[Named]:
    """The places that a text names, in order."""
    pattern, subjects = _index()
    found = []
    for match in pattern.finditer(text):
        subject = subjects[match.lastgroup or ""]
        found.append(Named(match.start(), match.end(), subject, catalog().label(subject)))
    return found


class Span(NamedTuple):
    """What the catalogue has published of a quantity: least and most in a base unit, and how it is cited."""

    low: float
    high: float
    told: str


@cache
def factors(subject: str, first: int, last: int) -> Span | None:
    """Carbon intensity (kg per kWh) of a grid in the years from `first` to `last`, by any method but marginal."""
    facts = [
        fact
        for boundary in _PROPERTIES
        for fact in catalog().history(subject, f"carbon_intensity.{boundary}.generation")
        if first <= int(fact.valid_from[:4]) <= last
    ]
    if not facts:
        return None
    newest = max(facts, key=lambda fact: fact.valid_from)
    values = [convert(fact.value, UNITS[fact.unit], UNITS["kgCO2e/kWh"]) for fact in facts]
    told = f"{newest.value:.3g} g/kWh in {newest.valid_from[:4]} ({newest.citation})"
    return Span(min(values), max(values), told)


@cache
def known(subject: str, prop: str) -> tuple[float, str] | None:
    """A fact in the base unit of its kind, and how it is told with its source; nothing where there is none."""
    try:
        fact = catalog().find(subject, prop)
    except FactNotFound:
        return None
    base = {"energy": "kWh", "carbon": "kgCO2e", "power": "kW", "water": "L"}[prop]
    value = convert(fact.value, UNITS[fact.unit], UNITS[base])
    kind = "mass" if prop == "carbon" else prop
    return value, f"{shown(value, kind)} ({fact.citation})"


def span(subject: str, prop: str) -> Span | None:
    """The range of a fact in the base unit of its kind, with its value and source told."""
    found = known(subject, prop)
    if found is None:
        return None
    fact = catalog().find(subject, prop)
    by = found[0] / fact.value
    return Span(fact.low * by, fact.high * by, found[1])
