"""A PUE below one that is told without its name: "it has brought its annual average down to 0.91"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Amount, Document, Paragraph, Sentence
from joulebook.audit.rules.refuted import is_refuted

_PUE: Final = re.compile(
    r"\bpue\b|power usage effectiveness|\boverhead (?:ratio|factor)|(?:divided"
    r"|by) (?:by )?(?:the energy of )?the IT\b|ratio (?:of|between) (?:total|facility|building)\b[^.;]{0,30}\b(?:IT"
    r"|computing|servers?)\b|indicateur d.efficacité",
    re.IGNORECASE,
)
_OTHER_RATIO: Final = re.compile(
    r"\bwue\b|\bcue\b|water usage|carbon usage|dcie|reuse|factor\b|faktor|facteur|share|anteil|\bpart\b|utili[sz]\w+"
    r"|load|correlation"
    r"|coefficient|\br2\b|efficiency of|efficient|accura\w*|score|index|error|probabilit\w*|improv\w*|differen\w*"
    r"|gain\w*|\bby\b|\bum\b|fraction"
    r"|ratio of|litre\w*|liter\w*|water|carbon|price|cost\w*|euros?\b|dollars?|points?\b|reciprocal|inverse|kehrwert"
    r"|inverted|kilo\w*|renewable"
    r"|each kWh|of every|p\s?[<=]|temperature|confidence|target|goal|theoretical\w*|would",
    re.IGNORECASE,
)
_TO: Final = re.compile(
    r"\b(?:to|at|of|is|was|were|are|reach\w*|averag\w*|achiev\w*|record\w*|report\w*|post\w*|hit|hits|boasts?"
    r"|manag\w*|claim\w*|has|had|gets?|got"
    r"|bei|auf|von|beträgt|betrug|erreicht\w*|affiche\w*|atteint|à|de|est|était|time:|that|from|between|just|only"
    r"|even|a|an|around"
    r"|about"
    r"|some|nur|rund|seulement|environ)\s+$",
    re.IGNORECASE,
)
_OF_OTHER: Final = re.compile(r"\s(?:of|litres?|liters?|kWh|points?|euros?|cents?|kilo\w*|kg|g|t)\b", re.IGNORECASE)
_ENDS: Final = re.compile(
    r"\s*(?:[.,;:)!?»\"”]|$|—|–)|\s+(?:last|this|in|for|on|over|during|by|and|at|as|angekommen|gesunken|gelandet"
    r"|erreicht|en|l'an|im|while|which"
    r"|across|after|thanks|dank|grâce|to|it|this|they|can|could|is|today|now|since|seit|depuis|annually|a year)\b",
    re.IGNORECASE,
)
_LEAST: Final = 0.25
_PLAUSIBLE: Final = 3.2
_THEN: Final = re.compile(r"\s(?:to|auf|à|a)\s(?:(?:just|only|about|nur|rund)\s)?")
_MOST: Final = (5.0, 30.0)
"""A PUE below one, and one whose point was lost."""
_SENTENCES: Final = 2
"""How far behind its name a PUE may be told without it."""


def overheads(document: Document) -> Iterator[Finding]:
    """Bare numbers just below one behind a sentence about PUE, said of a hall, a site or an average."""
    for paragraph in document.paragraphs:
        yield from _paragraph(paragraph)


def _paragraph(paragraph: Paragraph) -> Iterator[Finding]:
    since = _SENTENCES + 1
    following = [*paragraph.sentences[1:], None]
    for sentence, after in zip(paragraph.sentences, following, strict=True):
        names_it = _PUE.search(sentence.text) is not None
        since = 0 if names_it else since + 1
        if since > _SENTENCES or is_refuted(sentence, after):
            continue
        for amount in sentence.amounts:
            if _is_pue(sentence, amount, named=names_it):
                remedy = "facility energy by IT energy is at least 1, and 1.05 to 2 in practice"
                yield Finding(
                    "magnitude", "high", 0.85, amount.place, f"a PUE of {printed(amount)}", remedy, sentence.text
                )


def _is_pue(sentence: Sentence, amount: Amount, *, named: bool) -> bool:
    """Whether a bare number below one can only be the PUE that the text is about."""
    is_plain = amount.kind in ("number", "count") and not amount.per and not amount.unit
    is_low = _LEAST <= amount.low < 1 - amount.slack and re.match(r"0[.,]\d{1,3}(?!\d)", amount.digits)
    is_many = _MOST[0] <= amount.low <= _MOST[1] and re.fullmatch(r"\d\d?(?:[.,]\d)?", amount.digits)
    is_high = named and not amount.noun and is_many
    if not is_plain or not (is_low or is_high):
        return False
    at = sentence.amounts.index(amount)
    others = [one for one in sentence.amounts[:at] if not re.fullmatch(r"1|one|eins|un", one.digits, re.IGNORECASE)]
    if others and 1 < others[-1].value < _PLAUSIBLE and _THEN.fullmatch(sentence.text[others[-1].end : amount.start]):
        others.pop()  # "from 1.71 to 0.29"
    begin = others[-1].end if others else 0
    before = sentence.text[max(begin, amount.start - 120) : amount.start]
    if before.rstrip().endswith("±") or (named and not _PUE.search(before)):
        return False
    behind = sentence.text[amount.end : amount.end + 60]
    is_other = _OTHER_RATIO.search(_PUE.sub("PUE", before)) or _OF_OTHER.match(behind)
    return not is_other and _TO.search(before) is not None and _ENDS.match(behind) is not None
