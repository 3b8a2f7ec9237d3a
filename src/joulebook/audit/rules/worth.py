"""So many prompts that an energy is said to be worth, at the energy of one that the document itself tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import log10
from typing import Final

from joulebook.audit.finding import Finding, printed, shown
from joulebook.audit.reading.amount import Amount, Document, Paragraph, Sentence
from joulebook.audit.rules.refuted import is_refuted
from joulebook.audit.rules.served import used

_WORTH: Final = re.compile(
    r"\bas (?:much|many)\b|\bthe same\b|\bsame as\b|\bworth\b|\bequal\w*|\bequivalent\w*|\bthat(?:'s| is| makes"
    r"| buys| gets| would)"
    r"|\bor\b|\benough (?:for|to)|\bpays? for\b|\bmakes?\b|\bcorrespond\w*|\bgets? you\b|\bwould (?:last|do|pay"
    r"|cover|run|answer)\b"
    r"|\bcomes? to\b|\bcould (?:run|answer|send|ask)\b|entspricht|entsprechen|so viel wie|reicht|autant|équivaut"
    r"|correspond",
    re.IGNORECASE,
)
_AWAY: Final = re.compile(
    r"\b(?:a|per|each|every) (?:day|week|month|year|hour|second)\b|\bdaily\b|\btimes\b|\bmore than|\bfewer"
    r"|\bless than|\bpro tag|\bpar jour",
    re.IGNORECASE,
)
_UNLIKE: Final = re.compile(
    r"\b(?:long|longer|complex|reasoning|short|lange\w*|kurze\w*|longues?|images?|video)\b", re.IGNORECASE
)
"""Prompts of another kind than the one that is told."""
_WITHIN: Final = 0.17
"""How near to a power of ten the slip has to be, for counts are rounded to one digit."""
_OFF: Final = 4.0


def worth(document: Document) -> Iterator[Finding]:
    """Counts of prompts that are off by a power of ten from the energy beside them."""
    each = _of_one(document)
    if each:
        for paragraph in document.paragraphs:
            yield from _paragraph(paragraph, each)


def _of_one(document: Document) -> set[float]:
    """Energies (kWh) of one prompt that a document tells."""
    found: set[float] = set()
    for sentence in document.sentences():
        for amount in sentence.amounts:
            if amount.kind == "energy" and 1e-6 < amount.value < 0.05:
                use = used(sentence, amount)
                is_each = amount.per == ("each",) and any(one.noun == "request" for one in sentence.amounts)
                if is_each or (use is not None and use.what == "a prompt"):
                    found.update((amount.value, amount.low, amount.high))
    return found


def _paragraph(paragraph: Paragraph, each: set[float]) -> Iterator[Finding]:
    last: Amount | None = None
    for sentence in paragraph.sentences:
        for amount in sentence.amounts:
            if amount.kind == "energy" and amount.per in ((), ("each",)) and not _is_near(amount.value, each):
                last = amount
            is_count = (
                amount.noun == "request" and amount.kind in ("count", "number") and not amount.per and amount.value >= 2
            )
            if is_count and last is not None and not is_refuted(sentence):
                yield from _counted(sentence, amount, last, each)


def _is_near(value: float, each: set[float]) -> bool:
    return any(0.8 < value / one < 1.25 for one in each)


def _counted(sentence: Sentence, count: Amount, energy: Amount, each: set[float]) -> Iterator[Finding]:
    begin = energy.end if energy in sentence.amounts else 0
    between = sentence.text[begin : count.start]
    if (
        _UNLIKE.search(sentence.text[count.start : count.end + 25])
        or not _WORTH.search(between)
        or _AWAY.search(between + sentence.text[count.end : count.end + 20])
    ):
        return
    ratios = [count.value * one / energy.value for one in each]
    nearest = min(ratios, key=lambda ratio: abs(log10(ratio)))
    tens = log10(nearest)
    if abs(tens) < log10(_OFF) or abs(tens - round(tens)) > log10(1 + _WITHIN) or round(tens) == 0:
        return
    one = min(each, key=lambda value: abs(log10(count.value * value / energy.value)))
    evidence = (
        f"{printed(energy)} / {shown(one, 'energy')} = {energy.value / one:,.3g} prompts, stated {count.digits}: "
        f"a factor of {10 ** abs(round(tens)):,}"
    )
    yield Finding("equivalence", "high", 0.85, count.place, evidence, "check the number of prompts", sentence.text)
