"""Countries and states that words name, and what the catalogue knows of their grids, homes and yearly use."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from joulebook.audit.finding import shown
from joulebook.audit.rules.cities import CITIES, NO_PLACE
from joulebook.errors import FactNotFound
from joulebook.facts.catalog import Catalog
from joulebook.units import UNITS, convert

_MORE: Final = {
    "us": "US|U.S.|USA|United States|American|Americans|États-Unis|amerikanisch*|américain*"
    "|Estados Unidos|estadounidense*",
    "gb": "UK|U.K.|Britain|British|Großbritannien|britisch*|Royaume-Uni|britannique|Reino Unido|británic*",
    "fr": "French|Frankreich*|französisch*|français*|Francia|francés|francesa|franceses",
    "de": "German|Germans|Deutschland*|deutsch*|Allemagne|allemand*|Alemania|alemán|alemana|alemanes",
    "pl": "Polish|Polen*|polnisch*|Pologne|polonais*|Polonia|polaco|polaca",
    "se": "Swedish|Schweden*|schwedisch*|Suède|suédois*|Suecia|sueco|sueca",
    "no": "Norwegian|Norwegen*|norwegisch*|Norvège|norvégien*|Noruega|noruego|noruega",
    "fi": "Finnish|Finnland*|finnisch*|Finlande|finlandais*|Finlandia|finlandés|finlandesa",
    "dk": "Danish|Dänemark*|dänisch*|Danemark|danois*|Dinamarca|danés|danesa",
    "nl": "Dutch|Niederlande*|niederländisch*|Pays-Bas|néerlandais*|Países Bajos",
    "ie": "Irish|Irland*|irisch*|Irlande|irlandais*|Irlanda|irlandés|irlandesa",
    "es": "Spanish|Spanien*|spanisch*|Espagne|espagnol*|España|español|española",
    "it": "Italian|Italien*|italienisch*|Italie|italien*|Italia",
    "at": "Austrian|Österreich*|österreichisch*|Autriche",
    "ch": "Swiss|Schweiz*|Suisse|suisse|Suiza|suizo|suiza",
    "is": "in Island|auf Island|Icelandic|isländisch*|Islande|Islandia|islandés|islandesa",
    "ca": "Canadian|Kanada*|canadien*|Canadá|canadiense*",
    "cn": "Chinese|chinesisch*|Chine|chinois*",
    "in": "Indian|Indien*|indisch*|Inde|indien*",
    "jp": "Japanese|japanisch*|Japon|japonais*|Japón|japonés|japonesa",
    "kr": "Korean|Südkorea*|Corea del Sur",
    "au": "Australian|Australien*",
    "za": "South African|Südafrika*|Afrique du Sud|Sudáfrica",
    "be": "Belgian|Belgien*|Belgique|belge|Bélgica|belga",
    "pt": "Portuguese|portugiesisch*|portugués|portuguesa",
    "cz": "Czech|Tschechien*",
    "ee": "Estonian|Estland*|Estonie",
    "br": "Brazilian|Brasilien*|Brésil|Brasil",
    "sg": "Singaporean|Singapur*|Singapour",
    "eu": "EU|EU-27|European Union",
    "ae": "UAE",
}
"""Words beside the names of the catalogue: adjectives, short forms, German, French and Spanish; * is any ending."""
_UNSURE: Final = {"georgia", "washington", "islands", "island", "africa", "asia", "europe", "oceania", "jersey"}
_WORD: Final = re.compile(r"(?<![\w-])[^\W\d]\w*(?:\.[A-Z]\.)?")
_WORLD: Final = re.compile(
    r"(?:[Ww]orld(?:wide)?|[Gg]lobal)(?:'s)? (?:average|mean)|(?:of|for) the (?:whole )?world(?!'s)"
    r"|weltweite\w* (?:Mittel|Durchschnitt)|moyenne mondiale"
)
_OTHERWISE: Final = re.compile(NO_PLACE)
_SHORTEST: Final = 4
"""Letters of the shortest name: codes of two and three are words of many languages."""
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


class _Index(NamedTuple):
    """Names and stems by the word that they begin with."""

    names: dict[str, list[tuple[str, str]]]
    """First word -> whole names with their subjects, the longest first."""
    stems: dict[str, list[tuple[str, str]]]
    """First four letters -> stems with their subjects."""


@cache
def _index() -> _Index:
    names: dict[str, str] = {}
    for _, word in catalog().words("grid"):
        plain = word.replace(" ", "")
        if len(plain) < _SHORTEST or not plain.isalpha() or word in _UNSURE or word.startswith("egrid"):
            continue
        try:
            subject = catalog().resolve(word, "grid", near=False).subject
        except FactNotFound:
            continue  # it means several places
        if re.fullmatch(r"grid\.(?:us-|ca-|au-)?[a-z]{2,3}", subject):
            names[" ".join(part if part in _SMALL_WORDS else part.capitalize() for part in word.split())] = subject
    index = _Index({}, {})
    for code, words in _MORE.items():
        for word in words.split("|"):
            if word.endswith("*"):
                index.stems.setdefault(word[:_SHORTEST], []).append((word[:-1], f"grid.{code}"))
            else:
                names[word] = f"grid.{code}"
    _enter(index.names, names)
    return index


@cache
def _cities() -> _Index:
    index = _Index({}, {})
    _enter(index.names, {name: f"grid.{code}" for code, names in CITIES.items() for name in names.split("|")})
    return index


def _enter(index: dict[str, list[tuple[str, str]]], names: dict[str, str]) -> None:
    """Names under the word that each begins with, the longest first."""
    for name in sorted(names, key=len, reverse=True):
        first = _WORD.match(name)
        index.setdefault(first[0] if first else name, []).append((name, names[name]))


def places(text: str, *, cities: bool = False) -> list[Named]:
    """The countries and states that a text names, in order; with `cities` also those that its cities are in."""
    found: list[Named] = []
    for word in _WORD.finditer(text):
        if found and word.start() < found[-1].end:
            continue
        named = _named(text, word, _index())
        if named is None and cities and (city := _named(text, word, _cities())):
            named = city if not _OTHERWISE.match(text, city.end) else None
        if named is not None:
            found.append(named)
    found += [Named(*one.span(), "grid.world", "the world") for one in _WORLD.finditer(text)]
    return sorted(found)


def _named(text: str, word: re.Match[str], index: _Index) -> Named | None:
    """The place whose name begins with a word."""
    start = word.start()
    for name, subject in index.names.get(word[0], ()):
        end = start + len(name)
        if text.startswith(name, start) and not text[end : end + 1].isalnum():
            return Named(start, end, subject, catalog().label(subject))
    small = word[0][0].lower() + word[0][1:]
    stems = (*index.stems.get(word[0][:_SHORTEST], ()), *index.stems.get(small[:_SHORTEST], ()))
    for stem, subject in stems:
        if word[0].startswith(stem) or small.startswith(stem):
            return Named(start, word.end(), subject, catalog().label(subject))
    return None


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
