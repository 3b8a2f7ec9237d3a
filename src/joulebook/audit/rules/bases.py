"""Totals of what does not add: location-based and market-based emissions, rows of several years."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import fsum
from typing import Final

from joulebook.audit.reading.amount import Amount, Document, Field, Paragraph, Record, Sentence, Table
from joulebook.audit.rules.finding import Finding
from joulebook.audit.rules.nearby import clause

_LOCATION: Final = re.compile(
    r"location[- _]?based|\blocation\b|standortbasiert\w*|ortsbasiert\w*|localisation", re.IGNORECASE
)
_MARKET: Final = re.compile(r"market[- _]?based|\bmarket\b|marktbasiert\w*|marché", re.IGNORECASE)
_TOTAL: Final = re.compile(
    r"^\W*(?:grand |overall )?(?:total|sum\b|summe|gesamt|insgesamt|somme|overall)", re.IGNORECASE
)
_BREAK: Final = re.compile(r"[,;]|\b(?:and|und|et|but|aber|mais)\b")
_ONE_YEAR: Final = re.compile(r"\b((?:19|20)\d\d)\b")


def bases(document: Document) -> Iterator[Finding]:
    """Totals and comparisons across what does not belong together."""
    for table in document.tables:
        yield from _table(table)
    for record in document.every_record():
        yield from _record(record)
    for paragraph in document.paragraphs:
        yield from _added(paragraph)


def _words(record: Record) -> str:
    return " ".join([record.label, *(text for _, text in record.texts)])


def _table(table: Table) -> Iterator[Finding]:
    """A total over rows of both bases; a total of one year over rows of several."""
    parts: list[Record] = []
    for record in table.records:
        if not _TOTAL.match(record.label):
            parts.append(record)
            continue
        both = (
            [part for part in parts if _LOCATION.search(_words(part))],
            [part for part in parts if _MARKET.search(_words(part))],
        )
        for field in record.fields:
            if field.amount.kind != "mass" or field.amount.per:
                continue
            if both[0] and both[1] and _sums(field, parts):
                yield _finding(
                    "mixed-basis", field.amount,
                    f"the total {field.amount.digits} adds location-based ({len(both[0])} rows) and "
                    f"market-based ({len(both[1])} rows) figures",
                    "the two are bases of the same emissions: give a total for each", "",
                )  # fmt: skip
        yield from _years(record, parts)
        parts = []


def _sums(total: Field, parts: list[Record]) -> bool:
    amounts = [field.amount for part in parts for field in part.fields if field.label == total.label]
    slack = fsum(one.slack for one in amounts) + total.amount.slack * 1.01
    return len(amounts) >= 2 and abs(fsum(one.value for one in amounts) - total.amount.value) <= slack


def _years(total: Record, parts: list[Record]) -> Iterator[Finding]:
    named = set(_ONE_YEAR.findall(_words(total)))
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
        for total, _ in here:
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


def _bases(sentence: Sentence, amount: Amount) -> set[str]:
    """The bases that are named for an amount: in its clause, else in the part of the sentence that is nearest."""
    around = clause(sentence, amount)
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
