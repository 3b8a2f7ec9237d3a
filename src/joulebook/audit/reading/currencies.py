"""What a document leaves open of its money: of which currency cents are, and whether pounds are money."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from joulebook.audit.reading.amount import Amount, Paragraph

_WITH_CENTS: Final = ("USD", "EUR", "CAD", "AUD", "SGD", "NZD")
_STERLING: Final = re.compile(r"£|\bpence\b|\bsterling\b|\bGBP\b|(?<![\w.,])\d{1,3}p\b")
_WEIGHT: Final = re.compile(r"\blbs?\b|pounds? of (?:CO|carbon|greenhouse|emissions|copper|steel)|kilogram|\bkg\b")


def settled(paragraphs: Iterable[Paragraph], text: str, *, comma: bool) -> tuple[Paragraph, ...]:
    """The paragraphs, with cents in the currency of the money around them, and pounds that are no weight as money."""
    listed = list(paragraphs)
    named = [one.unit for part in listed for each in part.sentences for one in each.amounts if one.unit in _WITH_CENTS]
    first = named[0] if named else "EUR" if comma else ""
    is_sterling = _STERLING.search(text) is not None and _WEIGHT.search(text) is None
    if not (first or is_sterling):
        return tuple(listed)
    found = []
    for part in listed:
        sentences = []
        for sentence in part.sentences:
            amounts = []
            for amount in sentence.amounts:
                first = amount.unit if amount.unit in _WITH_CENTS else first
                amounts.append(_settled(amount, first, is_sterling=is_sterling))
            sentences.append(sentence._replace(amounts=tuple(amounts)))
        found.append(Paragraph(tuple(sentences)))
    return tuple(found)


def _settled(amount: Amount, currency: str, *, is_sterling: bool) -> Amount:
    if amount.unit == "cent" and currency:
        return amount._replace(unit=currency)
    if is_sterling and amount.unit == "lb" and "pound" in amount.text.lower():
        by = amount.scale
        sizes = {name: getattr(amount, name) / by for name in ("value", "low", "high", "slack", "rough")}
        return amount._replace(kind="money", unit="GBP", scale=1.0, **sizes)
    return amount
