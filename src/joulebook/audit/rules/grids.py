"""A grid factor that no year of the country or state named beside it has had."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Amount, Document, Paragraph, Record, Sentence
from joulebook.audit.rules.nearby import is_intensity
from joulebook.audit.rules.places import Named, factors, places

_OTHERWISE: Final = re.compile(
    r"market|marginal|residual|contract|\bPPAs?\b|tariff|supplier|certificate|\bgreen (?:power|electricity"
    r"|energy|tariff)|guarantee|\bhourly\b"
    r"|(?<!watt-)(?<!watt )\bhours?\b|night|noon|midday"
    r"|\bsolar\b|\bwind\b|hydro\w*|nuclear|\bgas\b|\bcoal\b|lignite|diesel|peat|fuel|plant|renewable"
    r"|\bclean\b|target|goal|forecast|project(?:ed|ion)|saves?\b|saving|difference|reduc\w*|less than|lower|below|above"
    r"|higher|cap\b|purchas|bought|\bnet\b|limit|threshold|per capita|island|imports?"
    r"|marktbasiert|\bvertrag|ökostrom|grenz\w*|kohle|heure|contrat|charbon|offre",
    re.IGNORECASE,
)
"""Words of a factor that is not the average of a grid over a year."""
_GRID: Final = re.compile(r"\b(?:grid|mix|local|national|there|factor|intensity|netz|strommix|réseau)\b", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?<![\d.,-])((?:19|20)\d\d)(?![\d.,]*\d)")
_FIRST, _LAST = 2005, 2026
_TIMES, _LEAST = 2.0, 0.060
"""Methods and years differ by this factor, and by this many kg per kWh for clean grids and for traded electricity."""


def grids(document: Document) -> Iterator[Finding]:
    """Intensities beside a place that has never had one like it."""
    for paragraph in document.paragraphs:
        yield from _paragraph(paragraph)
    for record in document.every_record():
        yield from _record(record)


def _paragraph(paragraph: Paragraph) -> Iterator[Finding]:
    before: list[Named] = []
    for sentence in paragraph.sentences:
        here = places(sentence.text)
        intensities = [amount for amount in sentence.amounts if is_intensity(sentence, amount)]
        if intensities and not _OTHERWISE.search(sentence.text):
            named = here or (before if _GRID.search(sentence.text) else [])
            yield from _sentence(sentence, intensities, named)
        before = here or before


def _sentence(sentence: Sentence, intensities: list[Amount], named: list[Named]) -> Iterator[Finding]:
    """Each intensity against its own place where there are as many of both, else against all of them."""
    subjects = list(dict.fromkeys(named_one.subject for named_one in named))
    years = [int(year) for year in _YEAR.findall(sentence.text)]
    for at, amount in enumerate(intensities):
        own = [subjects[at]] if len(subjects) == len(intensities) else subjects
        told = [_unlike(amount, subject, years) for subject in own]
        if told and all(told):
            label = next(one.label for one in named if one.subject == own[0])
            yield _finding(amount, label, told[0], sentence.text)


def _record(record: Record) -> Iterator[Finding]:
    fields = [one for one in record.fields if one.amount.kind == "mass" and one.amount.per[:1] == ("kWh",)]
    heads = " ".join(field.label for field in record.fields)
    if len(fields) != 1 or _OTHERWISE.search(f"{record.words} {heads}"):
        return
    named = places(record.words)
    if len({one.subject for one in named}) != 1:
        return
    years = [int(year) for year in _YEAR.findall(f"{record.words} {fields[0].label}")]
    told = _unlike(fields[0].amount, named[0].subject, years)
    if told:
        yield _finding(fields[0].amount, named[0].label, told, "")


def _unlike(amount: Amount, subject: str, years: list[int]) -> str:
    """The factors of a place that an intensity does not fit; empty where it does, or where none is known."""
    if any(year > _LAST for year in years):
        return ""
    first, last = (min(years) - 3, max(years) + 3) if years else (_FIRST, _LAST)
    found = factors(subject, first, last) or factors(subject, _FIRST - 5, _LAST)
    if found is None:
        return ""
    far_above = amount.low > _TIMES * found.high + _LEAST
    far_below = amount.high < found.low / _TIMES - _LEAST / 2
    return found.told if far_above or far_below else ""


def _finding(amount: Amount, label: str, told: str, quote: str) -> Finding:
    per = f" {amount.unit}/kWh" if not any(char.isalpha() for char in amount.digits) else ""
    evidence = f"{amount.digits}{per} for {label}: its grid had {told}"
    remedy = "check zone, year and unit, or say what kind of factor it is (joulebook catalog show ZONE --all)"
    return Finding("magnitude", "high", 0.85, amount.place, evidence, remedy, quote)
