"""Sums that do not close: a total within a row or a mapping."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from itertools import product as choices
from math import fsum
from typing import Final

from joulebook.audit.cells.law import LEAST
from joulebook.audit.factors import slip
from joulebook.audit.finding import Finding, shown
from joulebook.audit.reading.amount import Amount, Document, Field, Record
from joulebook.audit.roles import is_facility

_TOTAL_WITHIN: Final = re.compile(r"\b(?:total|sum|summe|gesamt|insgesamt|totale|overall|combined)\b", re.IGNORECASE)
_ADDITIVE: Final = {"energy", "mass", "water", "money", "device-hours", "percent"}
_NOT_ADDITIVE: Final = re.compile(
    r"\bpue\b|\bwue\b|intensity|factor|\bper\b|/|average|mean|median|utili|rate|efficien|accuracy|score|price"
    r"|ratio|\btdp\b|mfu|\byear\b|growth|change"
    r"|auslastung|preis|faktor|durchschnitt|moyenn|intensité|facteur|prix|batch|layers|\blr\b|version",
    re.IGNORECASE,
)


def sums(document: Document) -> Iterator[Finding]:
    """Totals that are not the sum of their parts."""
    for table in document.tables:
        if len(table.records) < LEAST or not table.columns:  # of longer ones the columns tell
            for record in table.records:
                yield from _record(record)
    for record in document.records:
        if not record.flat:
            yield from _record(record)


# -- along rows and mappings -------------------------------------------------------------------------------------------


def _without_unit(label: str) -> str:
    return re.sub(r"[(\[][^)\]]*[)\]]|\bk wh\b|\bper year\b", "", label)


def _record(record: Record) -> Iterator[Finding]:
    for field in record.fields:
        if field.copied or not _TOTAL_WITHIN.search(field.label) or field.amount.kind not in _ADDITIVE:
            continue
        if _NOT_ADDITIVE.search(_without_unit(field.label)):
            continue
        alike = [
            other
            for other in record.fields
            if other is not field
            and not other.copied
            and (other.amount.kind, other.amount.per) == (field.amount.kind, field.amount.per)
            and not _NOT_ADDITIVE.search(_without_unit(other.label))
            and (field.amount.kind != "money" or other.amount.unit == field.amount.unit)
        ]
        parts = [other for other in alike if not _TOTAL_WITHIN.search(other.label) and not is_facility(other.label)]
        if len(parts) < 2 or any(_closes(field.amount, [part.amount for part in some]) for some in _subsets(parts)):
            continue
        if _basis_twice(parts) or _signed(field, alike):
            continue
        if is_facility(field.label) or any(re.search(r"pue|overhead", other.label) for other in record.fields):
            factors = [other.amount.value for other in record.fields if "pue" in other.label]
            if any(_closes(field.amount, [part.amount for part in parts], factor) for factor in factors):
                continue
        amounts = [part.amount for part in parts]
        yield _finding(field.amount, amounts, "the sum of " + ", ".join(part.label for part in parts))


def _subsets(parts: list[Field]) -> list[list[Field]]:
    """All parts; where there are many, also all but one or two, which may be no parts."""
    found = [parts]
    if len(parts) >= 3:
        found += [list(some) for some in combinations(parts, len(parts) - 1)]
    if len(parts) >= 5:
        found += [list(some) for some in combinations(parts, len(parts) - 2)]
    return found


_MOST_SIGNED: Final = 7
"""Figures of one kind of which every sum and difference is tried."""


def _signed(total: Field, others: list[Field]) -> bool:
    """Whether a total is a sum and difference of the others: a bill less a discount, plus tax."""
    if len(others) > _MOST_SIGNED:
        return False
    for signs in choices((0, 1, -1), repeat=len(others)):
        used = [(sign, other.amount) for sign, other in zip(signs, others, strict=True) if sign]
        slack = total.amount.slack + fsum(one.slack for _, one in used)
        added = fsum(sign * one.value for sign, one in used)
        if len(used) >= 2 and abs(total.amount.value - added) <= slack * 1.001:
            return True
    return False


def _basis_twice(parts: list[Field]) -> bool:
    """Whether location and market stand among the parts: another rule's matter."""
    words = " ".join(part.label for part in parts)
    return "location" in words and "market" in words


# -- closing -----------------------------------------------------------------------------------------------------------


def _closes(total: Amount, parts: Sequence[Amount], factor: float = 1.0) -> bool:
    """Whether parts add up to a total, to half a unit of every printed digit."""
    low = fsum(part.low for part in parts) * factor
    high = fsum(part.high for part in parts) * factor
    slack = fsum(part.slack for part in parts) * factor + total.slack
    if total.hedged or any(part.hedged for part in parts):
        slack += max(total.rough, 0.05 * abs(total.value))
    slack *= 1.001
    return total.low - slack <= high and total.high + slack >= low


def _finding(total: Amount, parts: Sequence[Amount], what: str) -> Finding:
    added = fsum(part.value for part in parts)
    listed = " + ".join(part.digits for part in parts[:6]) + (" + ..." if len(parts) > 6 else "")
    ratio = total.value / added if added else 0.0
    likely = slip(ratio)
    rule, remedy = "sum", "correct the total, or the part that does not belong to it"
    if likely:
        rule, remedy = "unit-slip", f"total and parts differ by {likely}: check their units"
    else:
        for part in parts:
            if part.value and abs(total.value - added - part.value) <= total.slack + part.slack:
                rule = "double-count"
                remedy = (
                    f"the total is larger by {part.digits}, which stands among its parts: it seems to be counted twice"
                )
                break
    off = abs(ratio - 1)
    evidence = f"{what}: {listed} = {shown(added, total.kind, total)}, stated {total.digits}"
    evidence += "" if any(char.isalpha() for char in total.digits) or not total.unit else f" {total.unit}"
    severity = "high" if off > 0.5 or likely else "medium"
    return Finding(rule, severity, 0.95 if off > 0.02 else 0.85, total.place, evidence, remedy)
