"""Grid factors years older than what they are applied to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Document, Place, Sentence

_YEAR: Final = re.compile(r"(?<![\d.,-])((?:19|20)\d\d)(?![\d.,]*\d|[A-Za-z])")
_FACTOR: Final = re.compile(
    r"(?:emissions?|grid|carbon|conversion|electricity)[- ]?(?:emissions?[- ])?(?:intensit\w+|factors?|mix"
    r"|average)|\bfactors?\b"
    r"|\begrid|\bpue\b|usage effectiveness|\bdefra\b|\b(?:uba|iea|ademe|aib|ember|epa|rte|national inventory"
    r"|electricity maps?)\b"
    r"|emissionsfaktor\w*|strommix"
    r"|facteurs? d.émission|intensité carbone|CO(?:2|₂)e?/kWh|\bk?g/kWh|\bmix\b|per (?:kWh|kilowatt-hour)",
    re.IGNORECASE,
)
_ACTIVITY: Final = re.compile(
    r"\b(?:accounts?(?! for (?:about|some|nearly|an?|most|more|the|\d{1,3}\b))|books|train\w*|tun\w+|ran|runs?"
    r"|us(?:ed?|age|ing)|consum\w+|emit\w*|emissions|report\w*"
    r"|fiscal|fy"
    r"|operat\w+|measur\w+|work|campaign|job"
    r"|footprint|calendar|took place|deployed|verbrauch\w*|trainier\w*|bericht\w*|geschäftsjahr|statement|inventory"
    r"|footprint|bilanz|rapport"
    r"|exercice|consommé\w*|entraîn\w*)\b",
    re.IGNORECASE,
)
_APPLIED: Final = re.compile(
    r"\b(?:us(?:ed?|es|ing)|appl\w+|with|at|multipl\w+|assum\w*|based|tak(?:e|es|en)|took|gives?|yields?"
    r"|convert\w*|from|according|those of|come"
    r"|gerechnet|zugrunde|appliqu\w*|retenu\w*|correspond\w*|reckon\w*|comput\w+|calculat\w+|by the|mit|nach|laut"
    r"|rests?|relies|relied|stems?|draws?|basier\w*|beruh\w*|repos\w*|se bas\w+|usó|angewandt\w*|verwend\w*"
    r"|berechn\w*|avec|selon"
    r"|appliqu\w*|utilis\w*)\b",
    re.IGNORECASE,
)
_HISTORY: Final = re.compile(
    r"\b(?:was|were|stood) at\b|\baveraged\b"
    r"|\b(?:baseline|base year|since|histor\w*|basisjahr|at the time|back then|fell|fallen|declin\w*|dropp\w*|rose"
    r"|risen|improv\w*|down from|up from|trend|between|compared|earlier|previous\w*|ago|latest|newest|most recent"
    r"|paper|study|authors?|et al|strubell|patterson|green algorithms|old|outdated|stale|instead|no longer|damals"
    r"|gesunken|depuis)\b",
    re.IGNORECASE,
)
_THEN: Final = re.compile(
    r"\b(?:waren es|war es|noch|still|only|already|years before|encore|seulement|compared|first|founded|opened|born"
    r"|began|since)\b",
    re.IGNORECASE,
)
"""Of a year that is told for comparison."""
_WORTH: Final = (
    r"(?:value|figure|number|average|mean|factor|mix|intensity|wert|zahl|durchschnitt|mittel|faktor|valeur|chiffre"
    r"|moyenne|facteur)"
)
_OF_YEAR: Final = r"(?:of|for|from|in|as of|de|pour|en|von|für|aus|des jahres|aus dem jahr|de l.année)"
_SAID_FOR: Final = re.compile(rf"\b\w*{_WORTH}s?\b[^.;,()]{{0,45}}?\b{_OF_YEAR}\s(?:the year\s)?$", re.IGNORECASE)
_OF_THE_YEAR: Final = re.compile(r"\s(?:of|in|for|from|de|en|aus dem jahr|im jahr|von)\s", re.IGNORECASE)
_IT_IS: Final = re.compile(r"\W{0,3}(?:which is|of|that is|i\.e\.|namely|also|soit|das sind|:)?\W{0,3}$", re.IGNORECASE)
_FROM_THEN: Final = re.compile(
    rf"[^.;]{{0,90}}?\b(?:{_WORTH}|published|determined|calculated|reported|gave|inventory|strommix\w*"
    rf"|publi\w+)\b[^.;,]{{0,25}}?"
    rf"\b{_OF_YEAR}\s(?:the year\s)?$",
    re.IGNORECASE,
)
"""Between a factor with its unit and the year that it is said to be of."""
_SETTING: Final = re.compile(r"\W*(?:In|By|Im Jahr|En) ((?:19|20)\d\d)\b")
"""A year that a sentence begins with says when, not of which year a factor is."""
_LINK: Final = re.compile(r"\b(?:with|using|and|at|for|from|by|avec|et|selon|mit|und|nach)\b|[,;:]", re.IGNORECASE)
_REACH: Final = 48
_OLDEST: Final = 4
"""Years that a factor may lie behind what it is applied to: publication takes two or three."""
_NOW, _SPAN = 2026, 5
"""The newest year of a deed, and over how many years the deeds of one report may spread."""
_SUBJECT_HEAD: Final = re.compile(
    r"(?:report |reporting |fiscal |training )?(?:year|date|period)|jahr|berichtsjahr|année|reporting year"
)


def stale(document: Document) -> Iterator[Finding]:
    """Factors that are four years or more older than the activity."""
    subject = _subject_year(document)
    for paragraph in document.paragraphs:
        before = subject
        for sentence in paragraph.sentences:
            factor_years, own = _years(sentence)
            against = max(own) if own else before
            if len(factor_years) == 1 and _APPLIED.search(sentence.text) and not _HISTORY.search(sentence.text):
                ((year, start),) = factor_years.items()
                setting = _SETTING.match(sentence.text)
                is_label = setting is None or int(setting[1]) != year
                if is_label and against is not None and against - year >= _OLDEST and year >= 1990:
                    place = sentence.place._replace(column=sentence.place.column + start)
                    yield _finding(year, against, place, sentence.text)
            before = max(own) if own else before
    if subject is not None:
        yield from _of_records(document, subject)


def _of_records(document: Document, subject: int) -> Iterator[Finding]:
    """Factors of rows and mappings with a year or a source beside them."""
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
    remedy = "grids change by several per cent a year: use the factor of the year (joulebook catalog show ZONE --all)"
    return Finding("stale-factor", "medium", 0.8, place, evidence, remedy, quote)


def _years(sentence: Sentence) -> tuple[dict[int, int], set[int]]:
    """The years of factors with where they stand, and the years of what was done, by the nearer word."""
    text = sentence.text
    factors = [found.span() for found in _FACTOR.finditer(text)]
    deeds = [found.span() for found in _ACTIVITY.finditer(text)]
    of_factors: dict[int, int] = {}
    of_deeds: set[int] = set()
    for found in _YEAR.finditer(text):
        to_factor, to_deed = _to_factor(text, found.span(), factors), _distance(found.span(), deeds)
        if _is_of_factor(sentence, found.span()):
            to_factor = 0
        if _is_of_use(sentence, found.start()):
            to_deed = -1
        if (
            re.search(r"\(\w[\w .&,]*$", text[: found.start()])
            and re.match(r"\s?[,)]", text[found.end() :])
            and not factors
        ):
            continue  # a citation
        if min(to_factor, to_deed) > _REACH:
            continue
        if to_factor <= to_deed:
            of_factors.setdefault(int(found[1]), found.start())
        else:
            of_deeds.add(int(found[1]))
    return of_factors, of_deeds


def _is_of_use(sentence: Sentence, start: int) -> bool:
    """Whether a year stands right behind an amount of energy: "the 1.2 GWh of 2024"."""
    return any(
        one.kind == "energy" and not one.per and _OF_THE_YEAR.fullmatch(sentence.text[one.end : start])
        for one in sentence.amounts
        if one.end < start
    )


def _is_of_factor(sentence: Sentence, span: tuple[int, int]) -> bool:
    """Whether a year stands with a factor and its unit: "the value for 2014, 560 g/kWh"."""
    before = sentence.text[: span[0]]
    for amount in sentence.amounts:
        if amount.kind != "mass" or amount.per[:1] != ("kWh",):
            continue
        if amount.start > span[1] and _IT_IS.fullmatch(sentence.text[span[1] : amount.start]):
            return True
        if amount.end < span[0] and _FROM_THEN.fullmatch(sentence.text[amount.end : span[0]]):
            return True
        if _SAID_FOR.search(before) or re.match(rf"\s(?:[\w-]+\s)?{_WORTH}\b", sentence.text[span[1] :], re.IGNORECASE):
            return True
    return False


def _to_factor(text: str, span: tuple[int, int], words: list[tuple[int, int]]) -> int:
    """How far a year is from the words of a factor; one before it counts only where it is an adjective."""
    behind = [(start, end) for start, end in words if start >= span[1]]
    plain = [(start, end) for start, end in behind if not _LINK.search(text[span[1] : start])]
    return _distance(span, [one for one in words if one not in behind] + plain)


def _distance(span: tuple[int, int], words: list[tuple[int, int]]) -> int:
    return min((max(start - span[1], span[0] - end, 0) for start, end in words), default=9999)


def _subject_year(document: Document) -> int | None:
    """The newest year that a document reports on, of headings, deeds and tables; none where its deeds span many."""
    told = [one for one in document.sentences() if not _HISTORY.search(one.text) and not _THEN.search(one.text)]
    deeds = [year for sentence in told for year in _years(sentence)[1] if year <= _NOW]
    headings = {sentence.heading for sentence in document.sentences()}
    named = [int(year) for heading in headings for year in _YEAR.findall(heading) if int(year) <= _NOW]
    if deeds and max(deeds) - min(deeds) > _SPAN:
        return max(named, default=None)
    tables: list[int] = []
    for record in document.every_record():
        for head, value in record.texts:
            if _SUBJECT_HEAD.fullmatch(head):
                tables += [int(year) for year in _YEAR.findall(value)]
        for field in record.fields:
            if _SUBJECT_HEAD.fullmatch(field.label) and 1990 < field.amount.value <= _NOW:
                tables.append(int(field.amount.value))
    return max([*deeds, *named, *tables], default=None)
