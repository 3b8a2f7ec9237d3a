"""Cars, flights, homes: whether the amount and what it is compared with fit, a year and a lifetime above all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.finding import Finding, shown
from joulebook.facts.catalog import Catalog
from joulebook.units import UNITS, convert

_CARS: Final = re.compile(
    r"\b(?:cars?|vehicles?|autos?|pkw|fahrzeuge?n?|voitures?|véhicules?|automobiles?)\b", re.IGNORECASE
)
_HOMES: Final = re.compile(r"\b(?:homes?|households?|houses|haushalte?n?|foyers?|ménages?)\b", re.IGNORECASE)
_FLIGHTS: Final = re.compile(r"\b(?:flights?|flüge|vols?)\b", re.IGNORECASE)
_PHONES: Final = re.compile(r"\b(?:smartphones?|phones?)\b", re.IGNORECASE)
_LIFETIME: Final = re.compile(
    r"\b(?:lifetimes?|life ?times?|whole life|entire li(?:fe|ves)|leben\w*|lebensdauer|durée de vie|vie enti\w+"
    r"|including fuel)\b",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(
    r"\b(?:for (?:a|one) (?:whole |full |entire )?year|(?:in|over|during) (?:a|one) (?:whole |full )?year|a "
    r"year|per year|year'?s?|annual\w*|yearly|(?:ein |pro |im )jahr|jährlich\w*|(?:par|un) an(?:née)?)\b",
    re.IGNORECASE,
)
_LIKE: Final = re.compile(
    r"\bas (?:much|many|large|high)\b|\blike\b|equal\w*|equivalent\w*|the same|correspond\w*|compar\w+"
    r"|emissions? (?:of|from)|that of|what|driv\w+"
    r"|enough|\bas\b|so viel|entspr\w+|vergleich\w*|autant|équival\w+|comme|power(?:s|ing)?\b|footprint|taking"
    r"|footprints|charg\w+|or \d",
    re.IGNORECASE,
)
_AI: Final = re.compile(r"train\w*|model\w*|\bAI\b|neural|network|transformer|\bKI\b|entraîn\w*|modèle", re.IGNORECASE)


class Known(NamedTuple):
    """A comparison: words, the fact behind it, and by how much one of its kind may differ from it."""

    what: str
    subject: str
    prop: str
    less: float
    more: float


CAR_YEAR: Final = Known("a car for a year", "yardstick.gasoline_car_one_year", "carbon", 4.0, 2.0)
CAR_LIFETIME: Final = Known("a car over its lifetime, fuel included", "yardstick.car_lifetime_us", "carbon", 3.0, 1.8)
HOME_CARBON: Final = Known("a home for a year", "yardstick.us_home_energy_one_year", "carbon", 10.0, 2.0)
HOME_ENERGY: Final = Known("the electricity of a home for a year", "yardstick.household_year_us", "energy", 8.0, 2.2)
FLIGHT: Final = Known("a flight of one passenger", "yardstick.flight_ny_sf_return", "carbon", 20.0, 6.0)
PHONE: Final = Known("charging a phone", "yardstick.smartphone_charge", "energy", 4.0, 2.5)


@cache
def _size(known: Known) -> tuple[float, str]:
    """Its size in kg or kWh, and where it is from."""
    fact = Catalog.open(own=False).find(known.subject, known.prop)
    unit = "kgCO2e" if known.prop == "carbon" else "kWh"
    return convert(fact.value, UNITS[fact.unit], UNITS[unit]), fact.citation


def equivalents(document: Document) -> Iterator[Finding]:
    """Comparisons whose sizes do not fit what they are compared with."""
    for paragraph in document.paragraphs:
        last: dict[str, Amount] = {}
        for sentence in paragraph.sentences:
            yield from _sentence(sentence, last)
            for amount in sentence.amounts:
                if amount.kind in ("mass", "energy") and not amount.per:
                    last[amount.kind] = amount


def _sentence(sentence: Sentence, last: dict[str, Amount]) -> Iterator[Finding]:
    for count in sentence.amounts:
        if count.kind != "count" or count.value <= 0:
            continue
        known = _known(sentence.text, count) if _LIKE.search(sentence.text) else None
        if known is None:
            continue
        kind = "mass" if known.prop == "carbon" else "energy"
        own = [amount for amount in sentence.amounts if amount.kind == kind and not amount.per and amount.value > 0]
        stated = own[0] if len(own) == 1 else last.get(kind) if not own else None
        if stated is None:
            yield from _famous(sentence, count, known)
            continue
        size, source = _size(known)
        each = stated.value / count.value
        if size / known.less <= each <= size * known.more:
            continue
        evidence = (
            f"{stated.digits} / {count.value:g} = {shown(each, kind)}; {known.what} is about "
            f"{shown(size, kind)} ({source})"
        )
        words = (
            "a year and a lifetime may be exchanged"
            if known in (CAR_YEAR, CAR_LIFETIME)
            else "check the comparison or its number"
        )
        yield Finding("equivalence", "high", 0.9 if own else 0.8, count.place, evidence, words, sentence.text)


def _known(text: str, count: Amount) -> Known | None:
    """What is counted, in the sentence around the number."""
    behind = text[count.end : count.end + 45]
    words = f"{count.noun} {behind}"
    is_distance = re.search(r"\b(?:km|miles?|kilomet\w+)\b", words)
    if not is_distance and (count.noun == "car" or _CARS.search(words[:30])):
        return CAR_LIFETIME if _LIFETIME.search(text) else CAR_YEAR if _YEAR.search(text) else None
    if (count.noun == "home" or _HOMES.search(words[:30])) and _YEAR.search(text):
        return HOME_ENERGY if re.search(r"electric\w*|kWh|MWh|GWh|strom|power", text) else HOME_CARBON
    if _FLIGHTS.search(words[:40]) and not re.search(r"\b(?:plane|aircraft|whole flight|all passengers)\b", text):
        return FLIGHT
    is_charge = _PHONES.search(words[:40]) and re.search(r"charg\w*|laden|recharg\w*|aufladen|geladen", text)
    return PHONE if is_charge else None


def _famous(sentence: Sentence, count: Amount, known: Known) -> Iterator[Finding]:
    """Five cars "for a year": the figure behind it, 626,155 lb, is of five lifetimes."""
    if known is CAR_YEAR and count.value == 5 and _AI.search(sentence.text) and not _LIFETIME.search(sentence.text):
        life, source = _size(CAR_LIFETIME)
        year = _size(CAR_YEAR)[0]
        evidence = (
            f"the published comparison is of five cars over their lifetimes ({shown(5 * life, 'mass')}, {source});"
            f" five for a year are {shown(5 * year, 'mass')}"
        )
        yield Finding(
            "equivalence", "high", 0.85, count.place, evidence, "a year and a lifetime are exchanged", sentence.text
        )
