"""Percentages of one whole in tables and mappings that do not add up to 100, and amounts with shares in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from math import fsum
from statistics import median
from typing import Final

from joulebook.audit.cells.totals import stands_aside
from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Amount, Document, Field, Record, Sentence, Table

_SHARE: Final = re.compile(
    r"\bshare|\banteil|\bpart\b|breakdown|% of|percent of|percentage of|split|répartition|fraction|^%$|^\(?%\)?$",
    re.IGNORECASE,
)
_NO_SHARE: Final = re.compile(
    r"utili|accuracy|change|growth|efficien|reduction|renewable|carbon[- ]free|cfe|mfu|error|saving|uncertainty|±",
    re.IGNORECASE,
)
_TOTAL: Final = re.compile(r"^\W*(?:total|sum|summe|gesamt|insgesamt|somme|overall|all\b)", re.IGNORECASE)
_OF_OTHERS: Final = re.compile(
    r"\b(?:than|from\b[^.]{1,40}\bto|up|down|compared|utili\w+|accuracy|saving\w*|confidence|interval|reduction"
    r"|reduc\w+"
    r"|increase\w*|gr[eo]w\w*|renewable|efficien\w+|of which|at least|up to|between|95 %|90 %|more|less)\b",
    re.IGNORECASE,
)


def shares(document: Document) -> Iterator[Finding]:
    """Columns and mappings whose shares do not add up, and shares in brackets."""
    for table in document.tables:
        yield from _columns(table)
    for sentence in document.sentences():
        yield from _in_brackets(sentence)
    for record in document.records:
        fields = [field for field in record.fields if _is_share(field) and not record.flat]
        amounts = [field.amount for field in fields]
        if len(amounts) >= 3 and _off(amounts) and 85 < fsum(one.value for one in amounts) < 120:
            yield _finding(amounts, amounts[-1], "")


def _is_share(field: Field) -> bool:
    amount = field.amount
    return amount.kind == "percent" and _SHARE.search(field.label) is not None and not _NO_SHARE.search(field.label)


def _columns(table: Table) -> Iterator[Finding]:
    for label in dict.fromkeys(field.label for record in table.records for field in record.fields if _is_share(field)):
        parts, stated = [], None
        for record in table.records:
            field = next((one for one in record.fields if one.label == label and not one.copied), None)
            if field is not None and _TOTAL.match(record.label):
                stated = field.amount
            elif field is not None and not stands_aside(record):
                parts.append((record, field.amount))
        amounts = [amount for _, amount in parts]
        if len(amounts) < 2:
            continue
        added = fsum(amount.value for amount in amounts)
        whole = stated is not None or 88 < added < 130
        wrong = list(_each(parts, label))
        yield from wrong
        if whole and _off(amounts) and not wrong and (stated is None or 50 < added < 200):
            if stated is not None and abs(stated.value - 100) > 0.5:
                continue  # a total of its own is the business of sums
            yield _finding(amounts, amounts[-1] if stated is None else stated, "")


def _each(parts: list[tuple[Record, Amount]], label: str) -> Iterator[Finding]:
    """Shares that are not those of the amounts beside them, in the column that they fit best."""
    best: list[Finding] | None = None
    for other in dict.fromkeys(field.label for record, _ in parts for field in record.fields):
        column = [next((one.amount for one in record.fields if one.label == other), None) for record, _ in parts]
        known = [amount for amount in column if amount is not None]
        if other == label or len(known) != len(parts) or known[0].kind not in _SHARED:
            continue
        off = _not_shares(parts, known)
        if best is None or len(off) < len(best):
            best = off
    if best and len(best) <= max(1, len(parts) // 3):
        yield from best


_SHARED: Final = ("energy", "mass", "water", "money", "device-hours")


def _not_shares(parts: list[tuple[Record, Amount]], known: list[Amount]) -> list[Finding]:
    total = fsum(amount.value for amount in known)
    found: list[Finding] = []
    for (record, share), amount in zip(parts, known, strict=True):
        real = 100 * amount.value / total if total > 0 else share.value
        if abs(real - share.value) > share.slack + 100 * amount.slack / max(total, 1e-30) + 0.011 * real + 0.02:
            evidence = (
                f"{record.label}: {amount.digits} is {real:.3g} % of the sum of its column, stated {share.digits}"
            )
            found.append(
                Finding("percentage", "medium", 0.85, share.place, evidence, "correct the share or the amount")
            )
    return found


def _off(amounts: list[Amount]) -> bool:
    slack = fsum(amount.slack for amount in amounts) + 0.051
    return abs(fsum(amount.value for amount in amounts) - 100) > slack


def _in_brackets(sentence: Sentence) -> Iterator[Finding]:
    """Amounts with their share in brackets: 24.7 t (49 %), 14.6 t (29 %), of which one has another whole."""
    pairs = [
        (one, share)
        for one, share in pairwise(sentence.amounts)
        if one.kind in _SHARED
        and share.kind == "percent"
        and share.value > 0
        and re.fullmatch(r"[^,.;()]{0,20}[(\[]\s*", sentence.text[one.end : share.start])
    ]
    if len(pairs) < 3 or len({(one.kind, one.per) for one, _ in pairs}) > 1 or _OF_OTHERS.search(sentence.text):
        return
    middle = median(one.value / share.value for one, share in pairs)
    off = []
    for one, share in pairs:
        real = one.value / middle
        if abs(real - share.value) > 2 * share.slack + 0.02 * real + one.slack / middle:
            off.append((one, share, real))
    if len(off) == 1:
        one, share, real = off[0]
        evidence = f"{one.digits} is {real:.3g} % of the whole that the other shares give, stated {share.digits}"
        remedy = "correct the share or the amount"
        yield Finding("percentage", "medium", 0.85, share.place, evidence, remedy, sentence.text)


def _finding(amounts: list[Amount], at: Amount, quote: str) -> Finding:
    added = fsum(amount.value for amount in amounts)
    listed = " + ".join(amount.digits for amount in amounts[:8])
    evidence = f"shares of one whole: {listed} = {added:.4g} %, not 100 %"
    return Finding("percentage", "medium", 0.85, at.place, evidence, "correct the share that is wrong", quote)
