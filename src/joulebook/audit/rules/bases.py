"""Totals of what does not add: location-based and market-based emissions, rows of several years."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import fsum
from typing import Final

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Amount, Document, Field, Paragraph, Record, Sentence, Table
from joulebook.audit.rules.nearby import clause

_LOCATION: Final = re.compile(
    r"location[- _]?based|\blocation\b|standortbasiert\w*|ortsbasiert\w*|localisation|ubicación", re.IGNORECASE
)
_MARKET: Final = re.compile(r"market[- _]?based|\bmarket\b|marktbasiert\w*|marché|mercado", re.IGNORECASE)
_TOTAL: Final = re.compile(
    r"^\W*(?:grand |overall )?(?:total|sum\b|summe|gesamt|insgesamt|somme|overall)", re.IGNORECASE
)
_ADDS: Final = re.compile(
    r"\b(?:altogether|in all|in total|together|totals?|totall\w+|sum|combined|across|both|overall|came to|comes? to"
    r"|amount\w*|adds? up|insgesamt|zusammen|summe|gesamt\w*|au total|ensemble|somme|s'élève\w*|en total|suma\w*"
    r"|juntas?)\b",
    re.IGNORECASE,
)
_AWARE: Final = re.compile(
    r"\b(?:not|never|wrong\w*|double|twice|mistak\w*|would|cannot|nicht|falsch|doppelt|pas|jamais|tort|nunca|no se"
    r"|no deben?)\b"
    r"|n't",
    re.IGNORECASE,
)
_SCOPE: Final = re.compile(r"\bscopes?[- ]?([13])\b(?!\s*(?:,|and|und|et|to|[-–+])\s*\d)", re.IGNORECASE)
_SCOPE_2: Final = re.compile(
    r"\bscope[- ]?2\b|\belectricity|\bpower\b|\bstrom|électricité|\bboth\b|\bthe two\b|beide\b"
    r"|les deux",
    re.IGNORECASE,
)
"""A total is of electricity, or of two."""
_MOST_TOLD, _CLOSE = 6, 0.003
"""How many figures of a basis are tried, and how closely a total has to be met."""
_BREAK: Final = re.compile(r"[,;]|\b(?:and|und|et|but|aber|mais)\b")
_FROM: Final = re.compile(r"\b(?:from|von|de)\s(?:[^.;]{0,60}\s(?:to|auf|à|a)\s)?$", re.IGNORECASE)
_ONE_YEAR: Final = re.compile(r"\b((?:19|20)\d\d)\b")


def bases(document: Document) -> Iterator[Finding]:
    """Totals and comparisons across what does not belong together."""
    for table in document.tables:
        yield from _table(table)
    for record in document.every_record():
        yield from _record(record)
    for paragraph in document.paragraphs:
        yield from _added(paragraph)
    yield from _added_from_afar(document)


def _table(table: Table) -> Iterator[Finding]:
    """Totals of one year over rows of several; those of both bases are told by the columns."""
    parts: list[Record] = []
    for record in table.records:
        if _TOTAL.match(record.label):
            yield from _years(record, parts)
            parts = []
        else:
            parts.append(record)


def _years(total: Record, parts: list[Record]) -> Iterator[Finding]:
    named = set(_ONE_YEAR.findall(total.words))
    years = {
        year
        for part in parts
        for head, text in part.texts
        if "year" in head or "jahr" in head or "ann" in head
        for year in _ONE_YEAR.findall(text)
    }
    if len(named) == 1 and len(years) >= 2 and named & years and total.fields:
        amount = total.fields[0].amount
        listed = ", ".join(sorted(years))
        yield _finding(
            "mixed-years",
            amount,
            f"a total of {named.pop()} over rows of {listed}",
            "sum the rows of one year, or name the period",
            "",
        )


def _record(record: Record) -> Iterator[Finding]:
    """A total in a row that adds its location-based and its market-based figure."""
    carbon = [field for field in record.fields if field.amount.kind == "mass" and not field.amount.per]
    left = [field for field in carbon if _LOCATION.search(field.label) and not _MARKET.search(field.label)]
    right = [field for field in carbon if _MARKET.search(field.label) and not _LOCATION.search(field.label)]
    for field in carbon:
        if (
            field in left
            or field in right
            or not left
            or not right
            or not re.search(r"total|sum|gesamt|overall|combined", field.label)
        ):
            continue
        others = [other.amount.value for other in carbon if other not in (field, *left, *right)]
        for extra in (0.0, fsum(others)):
            added = left[0].amount.value + right[0].amount.value + extra
            if (
                abs(added - field.amount.value)
                <= field.amount.slack * 2.1 + left[0].amount.slack + right[0].amount.slack
            ):
                evidence = (
                    f"{left[0].amount.digits} (location) + {right[0].amount.digits} (market) are within "
                    f"the total {field.amount.digits}"
                )
                yield _finding(
                    "mixed-basis",
                    field.amount,
                    evidence,
                    "the two are bases of the same emissions: give a total for each",
                    "",
                )
                return


def _added(paragraph: Paragraph) -> Iterator[Finding]:
    """Location-based plus market-based emissions, in one sentence or over a few."""
    seen: list[tuple[Amount, set[str]]] = []
    for sentence in paragraph.sentences:
        carbon = [
            one for one in sentence.amounts if one.kind == "mass" and one.per in ((), ("year",)) and one.value > 0
        ]
        here = [(one, _bases(sentence, one)) for one in carbon]
        for total, _ in here if not _AWARE.search(sentence.text) else ():
            if _FROM.search(sentence.text[: total.start]):
                continue  # from 800 kt to 1,000 kt
            terms = [(one, named) for one, named in [*seen[-6:], *here] if one is not total and one.value < total.value]
            left = [one for one, named in terms if named == {"location"}]
            right = [one for one, named in terms if named == {"market"}]
            for one, other in ((one, other) for one in left for other in right):
                slack = total.slack * 1.01 + max(total.rough - total.slack, 0) + one.slack + other.slack
                rest = [0.0, *(extra.value for extra, named in terms if not named)]
                if any(abs(one.value + other.value + extra - total.value) <= slack for extra in rest):
                    evidence = (
                        f"{total.digits} has {one.digits} (location-based) and {other.digits} (market-based) added"
                    )
                    remedy = "the two are bases of the same emissions: give both, not their sum"
                    yield _finding("mixed-basis", total, evidence, remedy, sentence.text)
                    return
        seen += here


def _added_from_afar(document: Document) -> Iterator[Finding]:
    """Totals of prose that add both bases, as tables and other paragraphs tell them, with or without Scopes 1 and 3."""
    told = {name: _told(document, name) for name in ("location", "market")}
    columns = _columns(document)
    if not told["market"] or not (told["location"] or columns):
        return
    pairs = [(one, other) for one in told["location"] for other in told["market"] if one is not other]
    pairs += [pair for table in document.tables for record in table.records for pair in _of_a_row(record)]
    for paragraph in document.paragraphs:
        rests = _scopes(paragraph)
        for sentence in paragraph.sentences:
            if not _ADDS.search(sentence.text) or _AWARE.search(sentence.text):
                continue
            unsaid = (
                [(one, other) for one in columns for other in told["market"]] if _SCOPE_2.search(sentence.text) else []
            )
            for total in [one for one in sentence.amounts if _is_carbon(one)]:
                closing = [pair for pair in (*pairs, *unsaid) if any(_is_sum(total, *pair, rest) for rest in rests)]
                if closing:
                    one, other = closing[0]
                    evidence = f"{total.digits} has {one.digits} (location-based), {other.digits} (market-based) added"
                    remedy = "the two are bases of the same emissions: give both, not their sum"
                    yield _finding("mixed-basis", total, evidence, remedy, sentence.text)


def _is_carbon(amount: Amount) -> bool:
    return amount.kind == "mass" and amount.per in ((), ("year",)) and amount.value > 0


def _told(document: Document, name: str) -> list[Amount]:
    """What a document tells on a basis: the largest of each column of its tables, and the figures of its sentences."""
    found = []
    for table in document.tables:
        fields = [field for record in table.records for field in record.fields if _basis_of(field) == name]
        columns = [
            [one.amount for one in fields if one.label == label] for label in dict.fromkeys(one.label for one in fields)
        ]
        found += [max(column, key=lambda one: one.value) for column in columns]
    for sentence in document.sentences():
        found += [one for one in sentence.amounts if _is_carbon(one) and _bases(sentence, one) == {name}]
    return found[:_MOST_TOLD]


def _columns(document: Document) -> list[Amount]:
    """The largest of each column of carbon that names no basis, in documents that speak of the location basis."""
    if not _LOCATION.search(document.text):
        return []
    found = []
    for table in document.tables:
        fields = [field for record in table.records for field in record.fields if _is_carbon(field.amount)]
        fields = [one for one in fields if not _LOCATION.search(one.label) and not _MARKET.search(one.label)]
        columns = [
            [one.amount for one in fields if one.label == label] for label in dict.fromkeys(one.label for one in fields)
        ]
        found += [max(column, key=lambda one: one.value) for column in columns]
    return found[:_MOST_TOLD]


def _basis_of(field: Field) -> str:
    """The basis that the name of a figure of carbon tells; empty where it tells none, or both."""
    if not _is_carbon(field.amount):
        return ""
    named = [name for name, words in (("location", _LOCATION), ("market", _MARKET)) if words.search(field.label)]
    return named[0] if len(named) == 1 else ""


def _of_a_row(record: Record) -> Iterator[tuple[Amount, Amount]]:
    left = [field.amount for field in record.fields if _basis_of(field) == "location"]
    right = [field.amount for field in record.fields if _basis_of(field) == "market"]
    if len(left) == len(right) == 1:
        yield left[0], right[0]


def _scopes(paragraph: Paragraph) -> list[list[Amount]]:
    """What a total may have beside Scope 2: nothing, the Scope 1 or the Scope 3 that its paragraph names, or both."""
    named: dict[str, Amount] = {}
    for sentence in paragraph.sentences:
        for amount in [one for one in sentence.amounts if _is_carbon(one)]:
            before, behind = sentence.text[max(0, amount.start - 25) : amount.start], sentence.text[amount.end :][:25]
            scope = _SCOPE.search(_BREAK.split(behind)[0]) or next(reversed([*_SCOPE.finditer(before)]), None)
            if scope is not None:
                named.setdefault(scope[1], amount)
    one, three = [named[key] for key in "1" if key in named], [named[key] for key in "3" if key in named]
    return [[], *([one] if one else []), *([three] if three else []), *([[*one, *three]] if one and three else [])]


def _is_sum(total: Amount, left: Amount, right: Amount, rest: list[Amount]) -> bool:
    """Whether a total is that of both bases and what is beside them, closely."""
    parts = [left, right, *rest]
    if total.place in {one.place for one in parts} or total.value <= max(one.value for one in parts):
        return False
    slack = total.slack * 1.01 + fsum(one.slack for one in parts)
    off = abs(fsum(one.value for one in parts) - total.value)
    return off <= min(slack, _CLOSE * total.value)


def _bases(sentence: Sentence, amount: Amount) -> set[str]:
    """The bases that are named for an amount: in its clause, else in the part of the sentence that is nearest."""
    around = clause(sentence, amount)
    if _SCOPE.search(_BREAK.split(around.before)[-1]):
        return set()
    named = {"location": _LOCATION, "market": _MARKET}
    segments = (_BREAK.split(around.before)[-1] + " " + _BREAK.split(around.behind)[0], around.before, around.behind)
    for words in segments:
        found = {name for name, pattern in named.items() if pattern.search(words)}
        if len(found) == 1:
            return found
    nearest = []
    for name, pattern in named.items():
        spots = [spot.start() for spot in pattern.finditer(sentence.text)]
        nearest += [(min(abs(spot - amount.start), abs(spot - amount.end)), name) for spot in spots]
    return {min(nearest)[1]} if nearest else set()


def _finding(rule: str, amount: Amount, evidence: str, remedy: str, quote: str) -> Finding:
    return Finding(rule, "medium", 0.85, amount.place, evidence, remedy, quote)
