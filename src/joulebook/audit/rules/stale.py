"""Grid factors years older than what they are applied to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.reading.amount import Document, Place
from joulebook.audit.rules.finding import Finding

_FACTOR: Final = re.compile(
    r"(?:emission|grid|carbon|conversion|electricity)s?[- ]?(?:emissions?[- ])?(?:intensit\w+|factors?|mix)"
    r"|\begrid\b|\bdefra\b|emissionsfaktor\w*|strommix|facteurs? d.émission|intensité carbone|g(?:CO2e?)?/kWh",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"(?<![\d.,-])((?:19|20)\d\d)(?![\d.,]*\d|[A-Za-z])")
_FACTOR_YEAR: Final = re.compile(
    r"(?:egrid|defra|uba|iea|ademe|aib|ember|epa|rte|electricity maps?)\W{0,3}(?:of |from |für |de )?\(?((?:19"
    r"|20)\d\d)|((?:19|20)\d\d)\W(?:[\w-]+\W){0,3}?(?:egrid|defra|emission factors?|grid (?:factors?|mix"
    r"|average|intensity)|factors?|mix|carbon intensit\w+|intensity|average (?:grid|mix|intensity))"
    r"|(?:intensit\w+|factors?|mix|average|emissionsfaktor|strommix|facteur)\b[^.;]{0,45}?\b(?:of|from|for|in"
    r"|as of|dated|year|year of|aus|von|vom jahr|für|de|du|en)\W+((?:19|20)\d\d)\b"
    r"|(?:intensit\w+|factors?|mix|average|faktor|facteur)\b[^.;]{0,30}\(((?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_SUBJECT_YEAR: Final = re.compile(
    r"(?:report|fiscal year|fy|reporting (?:period|year)|in the year|calendar year|bericht|geschäftsjahr"
    r"|rapport|exercice)\W{0,3}(?:for |of |de |für )?((?:19|20)\d\d)|((?:19|20)\d\d)\W(?:\w+\W){0,3}?(?:report"
    r"|sustainability|footprint|bericht)"
    r"|\b(?:in|during|im jahr|en)\s+((?:19|20)\d\d)\b[^.;]{0,40}?(?:train\w*|used|consumed|emitted|verbrauch\w*)"
    r"|(?:trained|training|ran|run|used|consumed|consumption|emitted|operated|verbrauch\w*|trainiert"
    r"|consommé\w*)\b[^.;]{0,60}?\b(?:in|during|of|for|im jahr|en)\W+((?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_OLDEST: Final = 4
"""Years that a factor may lie behind what it is applied to: publication takes two or three."""
_HISTORIC: Final = re.compile(
    r"\b(?:baseline|base year|since|historical\w*|strubell|patterson|basisjahr|at the time|then)\b", re.IGNORECASE
)


def stale(document: Document) -> Iterator[Finding]:
    """Factors that are four years or more older than the activity."""
    subject = _subject_year(document)
    if subject is None:
        return
    for sentence in document.sentences():
        if not _FACTOR.search(sentence.text) or _HISTORIC.search(sentence.text):
            continue
        for found in _FACTOR_YEAR.finditer(sentence.text):
            year = int(next(filter(None, found.groups())))
            own = [int(one) for one in _years(_SUBJECT_YEAR, sentence.text) if int(one) != year]
            against = max(own) if own else subject
            if against - year >= _OLDEST and year >= 1990:
                place = sentence.place._replace(column=sentence.place.column + found.start())
                yield _finding(year, against, place, sentence.text)
                break
    for record in document.every_record():
        for head, text in record.texts:
            year_of_factor = re.search(r"factor|intensity|grid|faktor|facteur", head) and re.search(
                r"year|source|vintage|edition|jahr|année", head
            )
            named = _YEAR.search(text)
            if year_of_factor and named and subject - int(named[1]) >= _OLDEST:
                yield _finding(int(named[1]), subject, record.place, f"{head}: {text}")


def _finding(year: int, against: int, place: Place, quote: str) -> Finding:
    evidence = f"a factor of {year} is applied to {against}"
    remedy = (
        "grids change by several per cent a year: use the factor of the year, or say why not (joulebook "
        "catalog show ZONE)"
    )
    return Finding("stale-factor", "medium", 0.8, place, evidence, remedy, quote)


def _years(pattern: re.Pattern[str], text: str) -> list[str]:
    return [next(filter(None, found.groups())) for found in pattern.finditer(text)]


def _subject_year(document: Document) -> int | None:
    """The year that a document is about: the newest that it reports on."""
    text = "\n".join(sentence.text for sentence in document.sentences())
    found = [int(year) for year in _years(_SUBJECT_YEAR, text)]
    for record in document.every_record():
        for head, value in record.texts:
            if re.fullmatch(
                r"(?:report |reporting |fiscal |training )?(?:year|date|period)|jahr|berichtsjahr|année|reporting year",
                head,
            ):
                found += [int(year) for year in _YEAR.findall(value)]
        for field in record.fields:
            if (
                re.fullmatch(r"(?:reporting |fiscal |training )?year|jahr|berichtsjahr|année", field.label)
                and 1990 < field.amount.value < 2100
            ):
                found.append(int(field.amount.value))
    headings = {sentence.heading for sentence in document.sentences()}
    found += [int(year) for heading in headings for year in _YEAR.findall(heading)]
    return max(found) if found else None
