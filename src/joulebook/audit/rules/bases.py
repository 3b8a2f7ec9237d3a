"""Mixed bases, boundaries and years: location and market added, operational beside embodied emissions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import fsum
from typing import Final

from joulebook.audit.reading.amount import Amount, Document, Field, Record, Sentence, Table
from joulebook.audit.rules.finding import Finding

_LOCATION: Final = re.compile(
    r"location[- _]?based|\blocation\b|standortbasiert\w*|ortsbasiert\w*|localisation", re.IGNORECASE
)
_MARKET: Final = re.compile(r"market[- _]?based|\bmarket\b|marktbasiert\w*|marché", re.IGNORECASE)
_EMBODIED: Final = re.compile(
    r"embodied|cradle[- ]to|life[- ]?cycle|manufactur\w*|full (?:footprint|accounting)|graue\w*|herstellung\w*"
    r"|scope 3|incarné|fabrication",
    re.IGNORECASE,
)
_OPERATIONAL: Final = re.compile(
    r"\boperational\b|dynamic (?:power|consumption|energy)|use[- ]phase|gpus? (?:alone|only)|electricity "
    r"(?:alone|only)|without (?:embodied|manufactur\w*)|excluding (?:embodied|manufactur\w*)"
    r"|betrieb\w*|scope 2|opérationnel\w*|usage seul",
    re.IGNORECASE,
)
_COMPARES: Final = re.compile(
    r"\b(?:than|compared (?:with|to)|versus|vs\.?|against|times (?:more|less|lower|higher|as)|lower|higher"
    r"|better|cleaner|beats|outperforms|als|gegenüber|que|par rapport)\b",
    re.IGNORECASE,
)
_COMPARATIVE: Final = re.compile(
    r"\b(?:less|lower|fewer|more|higher|better|cleaner|smaller|larger|times|beats|fold|%|weniger|mehr|niedriger"
    r"|höher|moins|plus)\b|%",
    re.IGNORECASE,
)
_AWARE: Final = re.compile(
    r"not (?:directly )?comparable|different (?:bound\w+|bas[ei]s|scopes?|method\w*)|bound\w+ differ\w*"
    r"|bas[ei]s differ\w*|cannot be compared|on (?:either|both) bas[ei]s|whereas|nicht vergleichbar|both bases"
    r"|the same (?:electricity|energy|year|footprint|emissions|consumption|operations?)|respectively|differ\w* "
    r"because|of which",
    re.IGNORECASE,
)
_TOTAL: Final = re.compile(
    r"^\W*(?:grand |overall )?(?:total|sum\b|summe|gesamt|insgesamt|somme|overall)", re.IGNORECASE
)
_ONE_YEAR: Final = re.compile(r"\b((?:19|20)\d\d)\b")
_SUM: Final = re.compile(
    r"\b(?:total|sum|together|adding|added|add up|adds up|combined|plus|summe|zusammen|insgesamt|somme|au total)\b|\+",
    re.IGNORECASE,
)
_EITHER: Final = re.compile(
    r"\bor\b|\brespectively\b|\bwhile\b|\bversus\b|\bbut\b|\bon a\b.*\bon a\b|oder|\bvs\b|\bsame\b", re.IGNORECASE
)


def bases(document: Document) -> Iterator[Finding]:
    """Totals and comparisons across what does not belong together."""
    for table in document.tables:
        yield from _table(table)
    for record in document.every_record():
        yield from _record(record)
    for sentence in document.sentences():
        yield from _compared(sentence)
        yield from _added(sentence)


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


def _compared(sentence: Sentence) -> Iterator[Finding]:
    """Two carbon figures that are compared, one with and one without what the other counts."""
    carbon = [amount for amount in sentence.amounts if amount.kind in ("mass", "energy") and "kWh" not in amount.per]
    text = sentence.text
    if (
        len(carbon) < 2
        or len(carbon) > 3
        or not _COMPARES.search(text)
        or not _COMPARATIVE.search(text)
        or _AWARE.search(text)
    ):
        return
    marks = [_mark(sentence, amount, carbon) for amount in carbon]
    for one, other, rule, words in (
        ("location", "market", "mixed-basis", "a location-based figure is compared with a market-based one"),
        (
            "operational",
            "embodied",
            "mixed-boundary",
            "an operational figure is compared with one that has embodied emissions within",
        ),
    ):
        if any(one in mark and other not in mark for mark in marks) and any(
            other in mark and one not in mark for mark in marks
        ):
            listed = " and ".join(amount.digits for amount in carbon[:2])
            yield _finding(
                rule,
                carbon[-1],
                f"{words}: {listed}",
                "compare the same basis and boundary, or say that they differ",
                text,
            )


def _mark(sentence: Sentence, amount: Amount, carbon: list[Amount]) -> set[str]:
    """Basis and boundary that the words nearest to an amount name."""
    at = carbon.index(amount)
    begin = (carbon[at - 1].end + amount.start) // 2 if at else 0
    end = (amount.end + carbon[at + 1].start) // 2 if at + 1 < len(carbon) else len(sentence.text)
    stop = _COMPARES.search(sentence.text, amount.end, carbon[at + 1].start) if at + 1 < len(carbon) else None
    start = (
        max(
            (found.end() for found in _COMPARES.finditer(sentence.text, carbon[at - 1].end, amount.start)),
            default=begin,
        )
        if at
        else 0
    )
    words = sentence.text[start : stop.start() if stop else end]
    named = {"location": _LOCATION, "market": _MARKET, "embodied": _EMBODIED, "operational": _OPERATIONAL}
    found = {name for name, pattern in named.items() if pattern.search(words)}
    if "operational" in found and re.search(
        r"(?:excluding|without|ohne|sans)\W+\w*\W*(?:embodied|manufactur)", words, re.IGNORECASE
    ):
        found.discard("embodied")
    return found


def _added(sentence: Sentence) -> Iterator[Finding]:
    """Location-based plus market-based emissions, in words."""
    text = sentence.text
    carbon = [amount for amount in sentence.amounts if amount.kind == "mass" and not amount.per]
    if len(carbon) < 3 or not (_LOCATION.search(text) and _MARKET.search(text) and _SUM.search(text)):
        return
    for at, total in enumerate(carbon):
        parts = [amount for index, amount in enumerate(carbon) if index != at]
        slack = total.slack * 1.01 + max(total.rough - total.slack, 0) + fsum(part.slack for part in parts)
        if abs(fsum(part.value for part in parts[:2]) - total.value) <= slack:
            evidence = (
                f"{parts[0].digits} + {parts[1].digits} = {total.digits}: location-based and "
                f"market-based emissions are added"
            )
            yield _finding(
                "mixed-basis",
                total,
                evidence,
                "the two are bases of the same emissions: give both, not their sum",
                text,
            )
            return


def _finding(rule: str, amount: Amount, evidence: str, remedy: str, quote: str) -> Finding:
    return Finding(rule, "medium", 0.85, amount.place, evidence, remedy, quote)
