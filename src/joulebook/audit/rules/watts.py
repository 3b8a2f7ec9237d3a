"""Watts for what takes energy: a prompt of 0.24 watts, a flat that used 3,500 kW last year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.factors import WITH_HOURS
from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.nearby import clause
from joulebook.audit.rules.refuted import believed
from joulebook.audit.rules.served import used

_MACHINE: Final = re.compile(
    r"\b(?:servers?|nodes?|racks?|cards?|gpus?|chips?|cpus?|processors?|hardware|phones?|laptops?|machines?|devices?"
    r"|clusters?"
    r"|idl\w+|accelerators?|computers?|pc|board|karten?|rechner|servern?|gerät\w*|cartes?|serveurs?|lamps?|bulbs?"
    r"|kettles?"
    r"|[AHBVTL]\d+s?)\b",
    re.IGNORECASE,
)
_TIMED: Final = re.compile(
    r"\b(?:for|während|pendant|lang|over|in|durant)\s(?:\w+\s){0,3}?(?:seconds?|minutes?|milliseconds?|moment|time"
    r"|sekunden?|secondes?)"
    r"|\b(?:while|during|when(?:ever)?|as long as|at a time|per second|a second|every second|while|at (?:its )?peak"
    r"|on average\s*$"
    r"|extra|additional|rises?|rose|(?<!to )draw\w*|power draw|keeps?|continuous\w*|for \d|\d+ seconds?|busy)\b",
    re.IGNORECASE,
)
_TAKES: Final = re.compile(
    r"\b(?:needs?|needed|uses?|used|takes?|took|consum\w+|requir\w+|costs?|cost|swallow\w*|burn\w*|eats?|demande\w*"
    r"|consomm\w+"
    r"|(?:ver)?braucht\w*|benötigt\w*|kostet|nécessit\w+|coûte)\s(?:[\w'’]+\s){0,3}$",
    re.IGNORECASE,
)
_SMALL: Final = 0.02
"""kW below which nothing draws that answers anybody."""
_OF_A_PERIOD: Final = re.compile(
    r"\b(?:(?:per|a|each|every|last|this|the|that|one|whole|full|entire|whole) (?:(?:whole|full|entire|past|calendar"
    r"|fiscal) )?year"
    r"|annual\w*|yearly|(?:over|during|throughout|for) (?:the (?:year|month|training|run)|20\d\d"
    r"|its (?:whole )?training)"
    r"|(?:pro|im|letztes|dieses|ganzen) jahr|jährlich\w*|par an|l.an dernier|annuelle\w*)\b(?!['’]s)",
    re.IGNORECASE,
)
_CONSUMED: Final = re.compile(
    r"(?:\b(?:used|uses?|consum(?:e|es|ed|ption)|swallow(?:s|ed)?|burn(?:s|ed|t)?|verbrauch(?:t|te|en|ten)?"
    r"|consomm(?:e|ent|é|ait)"
    r"|consommation|(?:electricity|yearly|annual|energy) (?:use|usage|consumption)))\b\s(?:[\w'’]+\s){0,3}$",
    re.IGNORECASE,
)
_YEARLY_USE: Final = re.compile(
    r"\b(?:(?:annual|yearly)\s(?:electricity |energy |total )?(?:consumption|use|usage)|jahres(?:strom"
    r"|energie)?verbrauch\w*"
    r"|consommation annuelle)\b[^.;,#]{0,40}$",
    re.IGNORECASE,
)
_OF_ELECTRICITY: Final = re.compile(
    r"\s(?:of|d['’]|an)\s?(?:electricity|electrical energy|strom|électricité)\b(?!\s(?:for|on|around|at)\b)",
    re.IGNORECASE,
)
_TRAINED: Final = re.compile(
    r"\b(?:train\w*|entraîn\w*|fine-?tun\w*)\b[^.;#]{0,60}\b(?:took|takes|used|uses|needed|needs|required|requires"
    r"|consumed|consumes|verbraucht\w*|brauchte)\s"
    r"(?:\w+\s){0,3}$",
    re.IGNORECASE,
)
_OF_USE: Final = re.compile(
    r"\s(?:(?:a|per|each) year\s)?of (?:electricity|energy) (?:use|usage|consumption)\b", re.IGNORECASE
)
_AT_A_TIME: Final = re.compile(
    r"\b(?:average\w*|mean|around the clock|round the clock|day and night|continuous\w*|constant\w*|peak\w*"
    r"|at (?:full|any|most|night|its|the)"
    r"|capacity|full load|load|new|added?|adds|built?|build|install\w*|contract\w*|power consumption|drew|draws?"
    r"|im (?:mittel|schnitt)"
    r"|en moyenne|durchschnitt\w*|rund um die uhr|steady|for (?:\w+ )?(?:hours|days|weeks|months)|cluster"
    r"|supercomputer|campus of)\b",
    re.IGNORECASE,
)


def watts(document: Document) -> Iterator[Finding]:
    """Powers that are said of one use of a model, of which there is only energy."""
    for sentence in believed(document):
        for amount in sentence.amounts:
            if amount.kind == "power" and amount.value > 0 and amount.unit in WITH_HOURS:
                yield from _of_use(sentence, amount)
                yield from _of_a_period(sentence, amount)


def _of_use(sentence: Sentence, amount: Amount) -> Iterator[Finding]:
    use = used(sentence, amount)
    around = clause(sentence, amount)
    if use is None or _MACHINE.search(around.words) or _TIMED.search(around.words):
        return
    is_taken = amount.per or _TAKES.search(around.before)
    if not is_taken and amount.value > _SMALL:
        return
    yield _finding(sentence, amount, f"for {use.what}: it takes energy, and watts are energy by time")


def _of_a_period(sentence: Sentence, amount: Amount) -> Iterator[Finding]:
    """A power that was used in a year or in a training, where no word says that it was drawn at a time."""
    at = sentence.amounts.index(amount)
    begin = sentence.amounts[at - 1].end if at and sentence.amounts[at - 1].kind not in ("year", "time") else 0
    before = sentence.text[max(begin, amount.start - 110) : amount.start]
    words = f"{before} # {clause(sentence, amount).behind}"
    is_told = _CONSUMED.search(before) and _OF_A_PERIOD.search(sentence.text[begin : amount.end + 40])
    is_told = is_told or _YEARLY_USE.search(before)
    is_told = is_told or (_TRAINED.search(before) and _OF_ELECTRICITY.match(sentence.text[amount.end :]))
    if (is_told or _OF_USE.match(sentence.text[amount.end :])) and not _AT_A_TIME.search(words):
        yield _finding(sentence, amount, "for a whole time: an amount of energy is told, and watts are energy by time")


def _finding(sentence: Sentence, amount: Amount, why: str) -> Finding:
    evidence = f"{printed(amount)} {why}"
    return Finding(
        "unit-slip", "high", 0.9, amount.place, evidence, f"{WITH_HOURS[amount.unit]} may be meant", sentence.text
    )
