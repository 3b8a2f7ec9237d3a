"""Emissions that went to zero, where the zero is one of certificates and the figure before it one of the grid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Document


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_MARKET: Final = _words(r"market[- ]?based|\bmarket\b|marktbasiert\w*|\bmarché|after certificates")
_TO_ZERO: Final = _words(
    r"\s*(?:\([^)]*\)\s*)?(?:\w+\s){0,3}?(?:to|auf|à)\s(?:net[- ])?(?:zero|nil|nothing|null|zéro|0\b)"
)
_NET: Final = _words(r"market[- ]?based|\bnet\b|certificat\w*|after offset\w*|marktbasiert|netto")
_NET_ZERO: Final = _words(
    r"(?:market[- ]?based|marktbasiert\w*|net)\b[^.;]{0,70}(?:\bzero\b|\b0\b|\bnull\b|zéro)"
    r"|(?:\bzero\b|\b0 t)[^.;]{0,40}market[- ]?based"
)
_UNLIKE: Final = 0.02
"""Relative difference from which two figures are not one."""


def boundaries(document: Document) -> Iterator[Finding]:
    """Emissions that "went from 539 t to zero", where the document's zero is one of certificates."""
    sentences = document.sentences()
    fields = [field for record in document.every_record() for field in record.fields]
    in_tables = any(field.amount.value == 0 and _MARKET.search(field.label) for field in fields)
    if not in_tables and not any(_NET_ZERO.search(one.text) for one in sentences):
        return
    for sentence in sentences:
        for amount in sentence.amounts:
            if amount.kind != "mass" or amount.per or not _TO_ZERO.match(sentence.text[amount.end :]):
                continue
            alike = [
                other.text
                for other in sentences
                for one in other.amounts
                if other is not sentence
                and one.kind == "mass"
                and abs(one.value - amount.value) < _UNLIKE * amount.value
            ]
            if not _NET.search(" ".join([sentence.text, *alike])):
                evidence = f"{printed(amount)} of the grid is followed by a zero that is market-based"
                remedy = "compare figures of one basis, or say that they differ"
                yield Finding("mixed-basis", "medium", 0.75, amount.place, evidence, remedy, sentence.text)
