"""Rules of things asked again where a sentence says "it", or answers a question, of the one before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Document, Paragraph, Sentence
from joulebook.audit.rules.centres import centres
from joulebook.audit.rules.everyday import everyday
from joulebook.audit.rules.powers import powers
from joulebook.audit.rules.sizes import sizes
from joulebook.audit.rules.uses import uses
from joulebook.audit.rules.watts import watts
from joulebook.audit.rules.worldwide import worldwide

_RULES: Final = (uses, watts, powers, sizes, everyday, centres, worldwide)
_OPENS: Final = re.compile(
    r"(?P<lead>[\W_]*)(?:(?P<own>Its|Their|Ihre?[rs]?|Seine?|Son|Sa|Leurs?)|(?P<each>Each(?: (?:one|of them))?"
    r"|Jede[rs]?|Chacune?)"
    r"|(?P<it>It|They|This|That|Er|Sie|Es|Das|Ils?|Elles?|Cela))\b(?!\s(?:is|was|means|makes) (?:\w+\s)?(?:true"
    r"|clear|not|no|why|how|what|because|enough|like)\b)"
)
"""A subject that the sentence before names: of its own, of each, or it."""
_SHORT: Final = 90
_SUBJECTS: Final = (
    re.compile(
        r"\b(?:(?:an?|one|the|its|each|single|eine?|une?)\s)(?P<what>(?:(?:median|average|typical|single|text|simple"
        r"|ordinary|short|einzelne\w*)\s)*"
        r"(?:prompt|query|question|request|answer|reply|response|anfrage|frage|antwort|requête|question|réponse"
        r"|image|picture|bild))\b",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?P<what>(?:A100|H100|H200|B100|B200|B300|V100|L40S?|MI\d{3}X?|DGX (?:A100|H100|H200|B200)))s?\b"),
    re.compile(r"\b(?P<what>GPT-3|BLOOM|Gopher|PaLM|GLaM|Llama 3\.1 405B|Meena)(?![\w.])"),
    re.compile(r"\b(?P<what>data[- ]?cent(?:er|re)s|rechenzentren|centres de données)\b", re.IGNORECASE),
)
_USE, _CARD, _MODEL, _CENTRES = range(4)
_TRAINED: Final = re.compile(r"\b(?:pre-?)?train(?:ed|ing)\b|entraîn|trainier", re.IGNORECASE)


def pronouns(document: Document) -> Iterator[Finding]:
    """What the rules of things find in sentences whose subject stands in the sentence before."""
    originals: dict[str, str] = {}
    paragraphs: list[Paragraph] = []
    for paragraph in document.paragraphs:
        for at in range(1, len(paragraph.sentences)):
            sentence = paragraph.sentences[at]
            told = _resolved(paragraph.sentences[at - 1], sentence) if sentence.amounts else None
            if told is not None:
                originals[told.text] = sentence.text
                paragraphs.append(Paragraph((told, *paragraph.sentences[at + 1 : at + 2])))
    if not paragraphs:
        return
    asked = document._replace(paragraphs=tuple(paragraphs), tables=(), records=())
    for rule in _RULES:
        yield from (one._replace(quote=originals[one.quote]) for one in rule(asked) if one.quote in originals)


def _resolved(before: Sentence, sentence: Sentence) -> Sentence | None:
    """A sentence with the subject that its pronoun, or the question before it, stands for; None where neither is."""
    if (
        before.text.rstrip().endswith("?")
        and len(before.text) < _SHORT
        and not before.amounts
        and sentence.amounts[0].start < 35
    ):
        return _with(sentence, f"{before.text.rstrip('? ')} ", 0)
    found = _OPENS.match(sentence.text)
    named = [(kind, one["what"]) for kind, pattern in enumerate(_SUBJECTS) for one in pattern.finditer(before.text)]
    if found is None or len({what.lower() for _, what in named}) != 1:
        return None
    kind, what = named[0]
    if kind == _MODEL:
        if not (_TRAINED.search(before.text) or _TRAINED.search(sentence.text)):
            return None
        subject = f"{what}'s" if found["own"] else f"Training {what}"
    elif kind == _CENTRES:
        subject = f"{what}'" if found["own"] else what
    elif kind == _USE and before.text.lower().count(what.lower()) > 1:
        return None
    else:
        article = "Each" if found["each"] else "One" if kind == _USE else "The"
        subject = f"{article} {what}" + ("'s" if found["own"] else "")
    return _with(sentence, found["lead"] + subject, found.end())


def _with(sentence: Sentence, opening: str, end: int) -> Sentence:
    """A sentence with another opening up to `end`, and its amounts where they then stand."""
    by = len(opening) - end
    amounts = tuple(one._replace(start=one.start + by, end=one.end + by) for one in sentence.amounts)
    if amounts[0].start < len(opening):
        return sentence
    return sentence._replace(text=opening + sentence.text[end:], amounts=amounts)
