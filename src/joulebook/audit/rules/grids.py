"""A grid factor that no year of the country or state named beside it has had."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Amount, Document, Paragraph, Record, Sentence
from joulebook.audit.rules.nearby import is_intensity
from joulebook.audit.rules.places import Named, factors, places
from joulebook.audit.rules.refuted import is_refuted

_OTHERWISE: Final = re.compile(
    r"market[- ]based|marginal|residual|\bPPAs?\b|tariff|certificate|guarantee|per capita|marktbasiert|ökostrom"
    r"|grenzkraft|de mercado|European|\bEurope's average|europäisch|européen|europe[oa]|Nordic",
    re.IGNORECASE,
)
"""Words of a factor that is not the average of a grid over a year: in its sentence ..."""
_NOT_THE_MEAN: Final = re.compile(
    r"contract|contrat|\bvertrag|supplier|offre|\bhourly\b|(?<!watt-)(?<!watt )\bhours?\b|night|noon|midday|target|goal"
    r"|forecast|project(?:ed|ion)|purchas|bought|best|cleanest|dirtiest (?:hour|week|day)|\bby 20[3-9]\d",
    re.IGNORECASE,
)
_ANOTHER: Final = re.compile(
    r"saves?\b|saving|difference|reduc\w*|less than|lower|below|above|higher|cap\b|\bnet\b|limit|threshold|imports?"
    r"|\bplant\b|fuel|(?<!no )more than|times|compared|islands|green (?:power|electricity|energy|tariff)",
    re.IGNORECASE,
)
"""... or in its clause."""
_DIRTY: Final = re.compile(
    r"\b(?:gas|gas(?:kraft|turbin)\w*|kraftwerk|coal|lignite|diesel|peat|oil|fossil\w*|\w*kohle\w*|erdgas\w*|charbon"
    r"|gaz|fioul|waste|incinerat\w*)\b",
    re.IGNORECASE,
)
_PURE: Final = re.compile(
    r"\b(?:hydro\w*|nuclear|wind\w*|solar\w*|sun|geotherm\w*|renewable\w*|clean\w*|wasserkraft\w*|atom\w*|kern\w*"
    r"|nucléaire|éolien\w*"
    r"|renouvelable\w*|erneuerbar\w*)\b",
    re.IGNORECASE,
)
"""Sources of power: coal explains a factor above that of its grid, and wind one below it, never the other way."""
_GRID: Final = re.compile(
    r"\b(?:grid|mix|local\w*|national|there|here|factor|intensity|province|country|region|state|utility|netz\w*"
    r"|strommix"
    r"|dort|hier|réseau|là-bas|ici|pays|red|allí|ahí|aquí|país)\b",
    re.IGNORECASE,
)
"""Words that take up a place that was named before."""
_ITS_GRID: Final = re.compile(
    r"\b(?:its|their|whose|ihr|sein|deren|dessen|son|sa|leur|su|sus) (?:\w+ )?(?:grid|electricity|power|mix|network"
    r"|utilit\w+"
    r"|netz\w*|strom\w*|réseau|électricité|red|electricidad)\b",
    re.IGNORECASE,
)
_APART_FROM: Final = re.compile(
    r"\b(?:against|compar\w+|than|versus|vs|while|whereas|but|from|beats?|ahead|behind|half|times|gegenüber|während"
    r"|aber|statt|als|contre|tandis|mais"
    r"|que|frente|mientras|pero)\b|[;.]|,\s(?:in|en|à)\s",
    re.IGNORECASE,
)
"""Between a factor and a place that has another one."""
_IN_TABLES: Final = re.compile(
    rf"{_OTHERWISE.pattern}|{_NOT_THE_MEAN.pattern}|{_ANOTHER.pattern}|{_DIRTY.pattern}|{_PURE.pattern}"
    rf"|market",
    re.IGNORECASE,
)
_FOR_A_KWH: Final = re.compile(
    r"(?:kWh|kilowatt[- ]?hour|Kilowattstunde|kilowattheure|kilovatio)\b|kilowatt-hours", re.IGNORECASE
)
_APART_BEHIND: Final = re.compile(
    r"[;(]|,\s(?:and|but|while|whereas|whilst|though|although|und|während|aber|et|mais|tandis|alors|y|pero|mientras)\b",
    re.IGNORECASE,
)
"""Behind a factor, before what is told of another place."""
_MOST: Final = 1.6
"""kg for a kWh, more than any grid has."""
_REACH, _APART, _NEAR = 120, 30, 45
_YEAR: Final = re.compile(r"(?<![\d.,-])((?:19|20)\d\d)(?![\d.,]*\d)")
_FIRST, _LAST = 2005, 2026
_LATE: Final = 4
"""Years after which a grid may have become twice as clean."""
_TIMES, _LEAST = 2.0, 0.060
"""Methods and years differ by this factor, and by this many kg per kWh for clean grids and for traded electricity."""


def grids(document: Document) -> Iterator[Finding]:
    """Intensities beside a place that has never had one like it."""
    for paragraph in document.paragraphs:
        yield from _paragraph(paragraph)
    for record in document.every_record():
        yield from _record(record)


def _paragraph(paragraph: Paragraph) -> Iterator[Finding]:
    before = places(paragraph.sentences[0].heading, cities=True) if paragraph.sentences else []
    last: list[Named] = []
    following = [*paragraph.sentences[1:], None]
    for sentence, after in zip(paragraph.sentences, following, strict=True):
        here = places(sentence.text, cities=True)
        intensities = _intensities(sentence)
        if intensities and not _OTHERWISE.search(sentence.text) and not is_refuted(sentence, after):
            yield from _sentence(sentence, intensities, here, before if _GRID.search(sentence.text) else last)
        before, last = here or before, here if len({one.subject for one in here}) == 1 else []


def _intensities(sentence: Sentence) -> list[Amount]:
    """The amounts that are carbon for a kWh, also where only the first of them says so."""
    said = [one for one in sentence.amounts if is_intensity(sentence, one)]
    if not said and not _FOR_A_KWH.search(sentence.text):
        return []
    alike = [
        one
        for one in sentence.amounts
        if one in said
        or (one.kind == "mass" and not one.per and one.unit in ("g", "kg", "lb") and 0.001 <= one.value < _MOST)
    ]
    plain = all(one in said or places(_segment(sentence, alike, one), cities=True) for one in alike)
    return alike if plain else said


def _segment(sentence: Sentence, alike: list[Amount], amount: Amount) -> str:
    """The words from the last amount of its kind to an amount."""
    at = alike.index(amount)
    return sentence.text[alike[at - 1].end if at else 0 : amount.start]


def _sentence(
    sentence: Sentence, intensities: list[Amount], here: list[Named], before: list[Named]
) -> Iterator[Finding]:
    """Each intensity against its own place, that beside it, or those that were named before."""
    years = [int(year) for year in _YEAR.findall(sentence.text)]
    for at, amount in enumerate(intensities):
        own = _own(sentence, intensities, at, here, before)
        segment, behind = _segment(sentence, intensities, amount), sentence.text[amount.end : amount.end + _REACH // 2]
        words = segment[-_REACH:] + _APART_BEHIND.split(behind)[0]
        if _ANOTHER.search(segment[-_REACH:] + re.split(r"[,;(]", behind)[0]) or _NOT_THE_MEAN.search(words):
            continue
        subjects = list(dict.fromkeys(one.subject for one in own))
        told = [_unlike(amount, subject, years, words) for subject in subjects]
        if told and all(told):
            near = [one for one in own if one.end <= amount.start and one in here][-1:] or own[:1]
            yield _finding(amount, near[0].label, told[subjects.index(near[0].subject)], sentence.text)


def _own(sentence: Sentence, intensities: list[Amount], at: int, here: list[Named], before: list[Named]) -> list[Named]:
    """The places of an intensity: by order where there are as many, before it, right behind it, or named before."""
    amount = intensities[at]
    if len(intensities) == 1:
        here = [one for one in here if not _is_of_another(sentence, intensities, one)]
    subjects = list(dict.fromkeys(one.subject for one in here))
    if len(subjects) == len(intensities) > 1:
        return [one for one in here if one.subject == subjects[at]]
    last = intensities[at - 1].end if at else 0
    right = [one for one in here if last <= one.start < amount.start]
    stop = intensities[at + 1].start if at + 1 < len(intensities) else len(sentence.text)
    behind = [one for one in here if amount.end <= one.start < stop]
    is_apart = behind and _APART_FROM.search(sentence.text[amount.end : behind[0].start])
    if right:
        return right if is_apart or len(intensities) > 1 else [*right, *behind]
    if _ITS_GRID.search(sentence.text) and before:
        return before
    if behind and not is_apart and (len(intensities) == 1 or behind[0].start < amount.end + _NEAR):
        return behind
    return before


def _is_of_another(sentence: Sentence, intensities: list[Amount], place: Named) -> bool:
    """Whether a place stands apart behind the one intensity, and right before another mass."""
    if place.start < intensities[0].end + _APART:
        return False
    return any(one.kind == "mass" and 0 < one.start - place.end < _APART for one in sentence.amounts)


def _record(record: Record) -> Iterator[Finding]:
    fields = [one for one in record.fields if one.amount.kind == "mass" and one.amount.per[:1] == ("kWh",)]
    heads = " ".join(field.label for field in record.fields)
    if len(fields) != 1 or _IN_TABLES.search(f"{record.words} {heads}"):
        return
    named = places(record.words, cities=True)
    if len({one.subject for one in named}) != 1:
        return
    years = [int(year) for year in _YEAR.findall(f"{record.words} {fields[0].label}")]
    told = _unlike(fields[0].amount, named[0].subject, years, record.words)
    if told:
        yield _finding(fields[0].amount, named[0].label, told, "")


def _unlike(amount: Amount, subject: str, years: list[int], words: str) -> str:
    """The factors of a place that an intensity does not fit; empty where it does, or where none is known."""
    if any(year > _LAST for year in years):
        return ""
    first, last = (min(years) - 1, max(years) + 1) if years else (_FIRST, _LAST)
    found = factors(subject, first, last) or factors(subject, _FIRST - 5, _LAST)
    if found is None:
        return ""
    far_above = amount.low > _TIMES * found.high + _LEAST and not _DIRTY.search(words)
    is_old = (newest := re.search(r" in (\d{4}) \(", found.told)) is not None and int(newest[1]) < _LAST - _LATE
    lowest = found.low / (_TIMES**2 if is_old and not years else _TIMES)
    far_below = amount.high < lowest - _LEAST / 2 and (_DIRTY.search(words) or not _PURE.search(words))
    return found.told if far_above or far_below else ""


def _finding(amount: Amount, label: str, told: str, quote: str) -> Finding:
    per = f" {amount.unit}/kWh" if not any(char.isalpha() for char in amount.digits) else ""
    evidence = f"{amount.digits}{per} for {label}: its grid had {told}"
    remedy = "check zone, year and unit, or say what kind of factor it is (joulebook catalog show ZONE --all)"
    return Finding("magnitude", "high", 0.85, amount.place, evidence, remedy, quote)
