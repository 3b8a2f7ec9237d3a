"""Zeros of certificates that are told as if nothing were emitted, or as if emissions had fallen to them."""

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
    r"|(?:mercado|marché)[^.;]{0,70}(?:\b(?:cero|zéro|nulle?s?)\b|\b0 t)|(?:\bcero\b|zéro"
    r"|\b0 t)[^.;]{0,50}(?:mercado|marché)"
)
_DENIES: Final = _words(
    r"\b(?:wrong|false|not (?:true|so|quite)|misleading|nonsense|of course|in fact|in truth|in reality|actually)\b"
    r"|\bfalsch\b"
    r"|\bfaux\b|\bfalso\b|tatsächlich|en réalité|en realidad"
)
_UNLIKE: Final = 0.02
"""Relative difference from which two figures are not one."""


_NOTHING: Final = _words(
    r"(?:no|not any|zero|nil|hardly any) (?:\w+ )?(?:emissions|carbon|CO2|CO₂)\b(?! (?:target|goal|pledge|by \d))"
    r"|(?:not|without emitting) (?:a|one) (?:single )?(?:gram|kilo|tonne|ounce)|(?:emits?|emitting|causes?|releases?"
    r"|produces?) (?:exactly )?(?:nothing|zero)"
    r"|(?:emission|carbon|CO2|CO₂)s?[- ]free|zero[- ](?:carbon|emissions?)|nothing (?:at all )?(?:is|was"
    r"|gets) (?:emitted|released)"
    r"|emissionsfrei|klimaneutral|CO2-frei|(?:kein|ohne ein) (?:einziges )?gramm|keine(?:rlei)? emissionen"
    r"|stößt nichts aus"
    r"|n.émet(?:tent)? (?:rien|plus)|aucune? (?:émission|gramme)|sans (?:émettre|émission)|zéro émission"
    r"|sin emisiones|no emiten? nada|cero emisiones|ni un (?:solo )?gramo"
)
"""A claim that nothing is emitted."""
_OF_GRID: Final = _words(
    r"location[- ]?based|on (?:a|the) grid|grid (?:factor|mix|average)|standortbasiert|strommix|localisation"
    r"|ubicación"
)
_DOUBTS: Final = _words(
    r"\b(?:does|do|is|are|was|were|would|has|have|will)(?:n['’]t| not| hardly| never)\b(?! a (?:single )?gram)"
    r"|\bnever\b"
    r"|\bmyth|\bonly on paper|\bon paper|\bclaim\w* .{0,60}\bbut\b|\bnicht\b|\bnur auf dem papier|\bsur le papier"
    r"|sobre el papel"
)


_NONE: Final = _words(r"\b(?:no|none|nobody|neither|keine?r?|aucune?|ningun\w*)\b")


def boundaries(document: Document) -> Iterator[Finding]:
    """Zeros of certificates that are told as if nothing were emitted."""
    yield from _to_zero(document)
    for paragraph in document.paragraphs:
        texts = [one.text for one in paragraph.sentences]
        for at, sentence in enumerate(paragraph.sentences):
            near = " ".join(texts[max(0, at - 3) : at + 1])
            claim = _NOTHING.search(sentence.text)
            if claim is None or not _NET_ZERO.search(near) or _DOUBTS.search(sentence.text):
                continue
            if _NONE.search(sentence.text[: claim.start()]):
                continue
            behind = texts[at + 1] if at + 1 < len(texts) else ""
            others = [text for text in texts[max(0, at - 3) : at + 1] if _OF_GRID.search(text)]
            if others and not _NET.search(sentence.text) and not _DENIES.search(behind):
                place = sentence.place._replace(column=sentence.place.column + claim.start())
                evidence = f"{claim[0]!r}: the zero is market-based, and what the grid emits is told as well"
                remedy = "say that the zero is one of certificates"
                yield Finding("mixed-basis", "medium", 0.75, place, evidence, remedy, sentence.text)


def _to_zero(document: Document) -> Iterator[Finding]:
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
