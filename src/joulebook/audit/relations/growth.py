"""Steady growth: so many per cent a year double or triple something in so many years, or take it from A to B."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import exp, log
from typing import Final

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Amount, Document, Sentence

_GROWN: Final = re.compile(r"doubl|tripl|trebl|quadrupl|quintupl|fold|verdopp|verdreif|vervier|fach", re.IGNORECASE)
"""Verbs that say what something has become."""
_HOURS: Final = 8760.0
_LEAST_RATE: Final = 0.5
"""Per cent a year, below which nothing is computed."""
_OFF: Final = 0.12
"""Relative difference of years that is told at least."""


def growth(document: Document) -> Iterator[Finding]:
    """Sentences whose rate a year, multiple and years do not fit."""
    for paragraph in document.paragraphs:
        known: Amount | None = None
        for sentence in paragraph.sentences:
            rates = [one for one in sentence.amounts if one.kind == "percent" and one.per == ("year",)]
            spans = [one for one in sentence.amounts if one.kind == "time" and one.unit in ("y", "months")]
            multiples = [one for one in sentence.amounts if one.kind == "factor" and _GROWN.search(one.text)]
            rate = rates[0] if len(rates) == 1 else known if not rates else None
            if rate is not None and len(spans) == len(multiples) == 1 and rate.value >= _LEAST_RATE and not rate.ranged:
                yield from _until(sentence, rate, spans[0], multiples[0])
            known = rates[0] if len(rates) == 1 else None


def _until(sentence: Sentence, rate: Amount, span: Amount, multiple: Amount) -> Iterator[Finding]:
    """Years until a growing amount is a multiple of itself: ln(multiple) / ln(1 + rate)."""
    years = log(multiple.value) / log(1 + rate.value / 100)
    stated = span.value / _HOURS
    half = span.slack / _HOURS + _OFF * years
    beyond = 0.1 * years * (span.bound == "least"), 0.1 * years * (span.bound == "most")
    if stated - half - beyond[1] <= years <= stated + half + beyond[0]:
        return
    reached = exp(stated * log(1 + rate.value / 100))
    evidence = (
        f"at {rate.digits} it takes ln {multiple.value:g} / ln {1 + rate.value / 100:.4g} = {years:.2g} years, stated "
        f"{span.digits}; these make {reached:.2f} times as much"
    )
    remedy = "correct the rate, the multiple or the years"
    yield Finding("arithmetic", "medium", 0.85, span.place, evidence, remedy, sentence.text)
