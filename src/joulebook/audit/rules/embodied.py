"""Carbon of making one card or server that no maker has published: an eight-GPU server of 3.7 kg."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding, printed, shown
from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.nearby import clause
from joulebook.audit.rules.places import catalog
from joulebook.audit.rules.refuted import believed

_MADE: Final = re.compile(
    r"\b(?:embodied|embedded|manufactur\w*|making|made|produc(?:e|ed|ing|tion)|built|building|fabricat\w*|cradle"
    r"|upstream"
    r"|herstellung|graue\w*|fabri\w+|intrinsèque|gris|incorporad\w*|before it is|life[- ]cycle)\b",
    re.IGNORECASE,
)
_ONE: Final = r"(?:an?|one|each|every|per|single|eine?[nms]?|jede[rs]?|pro|je|une?|chaque|par|cada|por|un|una)"
_SERVER: Final = re.compile(
    rf"\b{_ONE}\s(?:of the\s)?(?:[\w-]+\s){{0,3}}(?:servers?|nodes?|knoten|serveurs?|servidor|chassis)\b", re.IGNORECASE
)
_CARD: Final = re.compile(
    rf"\b{_ONE}\s(?:of the\s)?(?:[\w-]+\s){{0,2}}(?:gpus?|cards?|accelerators?|graphics cards?|chips?|[AHB][12]00|karte"
    r"|beschleuniger|carte|accélérateur|tarjeta|acelerador)\b",
    re.IGNORECASE,
)
_BY_TIME: Final = re.compile(
    r"\b(?:a year|per year|each year|yearly|annual\w*|hours?|months?|days?|amorti\w*|share|part of|saves?|saved|less"
    r"|more"
    r"|percent|electricity|per (?:gb|tb|core|request|prompt)|in use|pro jahr|par an|al año|spread|attribut\w*|cm2)\b",
    re.IGNORECASE,
)
_DIFFERS: Final = 12.0
"""By what factor makers' figures of one kind of thing differ."""


def embodied(document: Document) -> Iterator[Finding]:
    """Carbon of making one server or card that is off by more than a factor of ten."""
    for sentence in believed(document):
        if _MADE.search(sentence.text):
            for amount in sentence.amounts:
                if amount.kind == "mass" and amount.value > 0 and amount.per in ((), ("device",), ("node",), ("each",)):
                    yield from _of(sentence, amount)


def _of(sentence: Sentence, amount: Amount) -> Iterator[Finding]:
    around = clause(sentence, amount)
    last = sentence.amounts[sentence.amounts.index(amount) - 1] if sentence.amounts.index(amount) else None
    words = around.words
    if (
        last is not None
        and last.kind in ("count", "number")
        and sentence.text[last.end : amount.start] == around.before
    ):
        words = sentence.text[max(0, last.start - 40) : last.end] + words  # "one server with eight GPUs"
    is_server = amount.per == ("node",) or _SERVER.search(words)
    is_card = amount.per == ("device",) or _CARD.search(words)
    if not (is_server or is_card) or _BY_TIME.search(around.words):
        return
    name, subject = ("server", "server.gpu-host") if is_server else ("card", "component.gpu")
    fact = catalog().find(subject, "embodied.cradle_to_gate")
    if not fact.value / _DIFFERS <= amount.value <= fact.value * _DIFFERS:
        told = (
            f"{printed(amount)} for making one {name}: published is about {shown(fact.value, 'mass')} ({fact.citation})"
        )
        yield Finding("magnitude", "high", 0.8, amount.place, told, "g, kg and t may be exchanged", sentence.text)
