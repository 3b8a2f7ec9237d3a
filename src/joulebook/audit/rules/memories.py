"""Memory that a named accelerator does not have: an A100 with 800 GB."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Amount, Document, Paragraph, Sentence
from joulebook.audit.rules.nearby import clause
from joulebook.audit.rules.ratings import NAMED, memory
from joulebook.audit.rules.refuted import is_refuted

_NAME: Final = re.compile(rf"(?<![\w-])({NAMED})(?=s?\b)", re.IGNORECASE)
_OF_CARD: Final = re.compile(
    r"\b(?:vram|hbm\w*|(?:video|graphics|card|on-board|GPU|high-bandwidth)[\s-]memory|memory|grafikspeicher|speicher"
    r"|mémoire|memoria)\b",
    re.IGNORECASE,
)
_OTHERWISE: Final = re.compile(
    r"\b(?:bandwidth|per second|/s|host|system|main|node|server|cpu|ram|disk|storage|ssd|nvme|network|weights?|model"
    r"|checkpoints?|data ?set|used|uses|using|needs?|needed|free|occup\w+|full|total|together|combined|altogether"
    r"|in all|pool\w*|unified|shared|rack|pod|cluster|activations?|cache|bandbreite|insgesamt|zusammen|au total)\b",
    re.IGNORECASE,
)
_MANY: Final = (2, 4, 6, 8, 16, 32, 64, 72)
_SINGLE: Final = re.compile(
    rf"\b(?:an?|one|each|every|single|eine?|jede[rs]?|une?|chaque|cada)\s(?:[\w-]+\s){{0,2}}(?:{NAMED}|cards?|gpus?"
    rf"|chips?"
    r"|accelerators?|karte|beschleuniger|carte|accélérateur|tarjeta|acelerador)\b(?!s)[^.;]{0,60}$",
    re.IGNORECASE,
)
_OFF: Final = 1.3
_BEHIND: Final = 25
"""Letters behind an amount that may say of what else it is."""


def memories(document: Document) -> Iterator[Finding]:
    """Memory of one card whose name stands with it or in the sentence before."""
    for paragraph in document.paragraphs:
        yield from _paragraph(paragraph)


def _paragraph(paragraph: Paragraph) -> Iterator[Finding]:
    before: set[str] = set()
    for sentence in paragraph.sentences:
        here = {found.upper() for found in _NAME.findall(sentence.text)}
        for amount in sentence.amounts:
            named = {found.upper() for found in _NAME.findall(sentence.text[: amount.start])} or (before - here)
            if amount.kind == "data" and len(named) == 1 and not is_refuted(sentence):
                yield from _of(sentence, amount, next(iter(named)))
        before = here


def _of(sentence: Sentence, amount: Amount, name: str) -> Iterator[Finding]:
    around = clause(sentence, amount)
    is_one = amount.per in (("device",), ("each",)) or (not amount.per and _OF_CARD.search(around.words))
    found = memory(name)
    if not is_one or found is None or _OTHERWISE.search(around.before + " # " + around.behind[:_BEHIND]):
        return
    least, most, told = found
    counts = [*_MANY, *(one.value for one in sentence.amounts if one.kind in ("count", "number") and one.value > 1)]
    is_many = not amount.per and _SINGLE.search(sentence.text[: amount.start]) is None
    if is_many and any(
        size * many / 1.1 < amount.value < size * many * 1.1 for size in (least, most) for many in counts
    ):
        return
    if not least / _OFF <= amount.value <= most * _OFF:
        evidence = f"{printed(amount)} for one card; {told}"
        remedy = "check the number, or say of how many cards it is"
        yield Finding("magnitude", "high", 0.85, amount.place, evidence, remedy, sentence.text)
