"""Constants that are told wrongly: 8,670 hours in a year, 1,000 joules in a watt-hour, a gallon of 0.38 litres."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding, printed, shown
from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.reading.measures import UNIT, measure
from joulebook.audit.rules.refuted import believed

_IS: Final = (
    r"\s(?:is|has|are|equals?|holds?|contains?|comprises?|corresponds? to|amounts? to|weighs?|=|ist|hat|sind|entspricht"
    r"|enthält|vaut|fait|contient|compte|correspond à|est)\s(?:(?:about|around|some|roughly|just|only|rund|etwa"
    r"|environ|exactly"
    r"|equal to|equivalent to)\s)*$"
)
_ONE: Final = re.compile(rf"\b(?:an?|one|1|eine?|une?|each|every)\s(?P<unit>{UNIT.pattern}){_IS}", re.IGNORECASE)
_CONVERTIBLE: Final = {"energy", "mass", "water", "distance"}
_FACTORS: Final = (0.94, 1.06)
_HOURS: Final = (8760.0, 8784.0, 8766.0, 8765.8, 8736.0, 8640.0)
"""Hours of a year: common, leap, mean, of 52 weeks, of twelve times 30 days."""
_OF_A_YEAR: Final = re.compile(
    r"\s*(?:of|in|per)\s(?:an?|the|one|each|every|that|this)\s(?:(?:whole|full|entire|calendar|normal)\s)?year\b"
    r"|\s*(?:des|im|eines|pro)\s(?:ganzen\s)?jahre?s?\b|\s*(?:d'une|par|de l'|dans une|dans l')\s?ann?(?:ée)?\b",
    re.IGNORECASE,
)
_A_YEAR_HAS: Final = re.compile(
    r"\b(?:an?|the|one|every|each|ein|das|une?|l['’])\s?(?:(?:whole|full|entire|calendar|normal|ganzes)\s)?(?:year"
    r"|jahr|année)(?:\s(?:has|is|contains|hat|compte|a)|['’]s|,?\s(?:with|mit|avec) (?:its|seinen|ses))\s"
    r"(?:(?:about|around|some|roughly|rund|etwa|environ)\s)*$",
    re.IGNORECASE,
)
_AT_WORK: Final = re.compile(
    r"\b(?:work\w*|operat\w*|runn?\w*|full[- ]load|load|uptime|availab\w*|average\w*|sun\w*|maintenance|free"
    r"|betrieb\w*|volllast\w*|outage"
    r"|flight|service|useful|productive|of use|accelerator|gpu|card|device)\b",
    re.IGNORECASE,
)
_RAN: Final = re.compile(
    r"\b(?:ran|runs?|operat\w+|worked|online|busy|up|in use|lief|läuft|used|available)\b[^,;]{0,25}$", re.IGNORECASE
)
_PER_UNIT: Final = re.compile(r"\b(?:joules?|calories|btu)\s(?:in|to|make)\s(?:an?|one|every|each)\s", re.IGNORECASE)


def constants(document: Document) -> Iterator[Finding]:
    """Sizes of units, and hours of a year, that are not so."""
    for sentence in believed(document):
        for amount in sentence.amounts:
            if amount.value > 0:
                yield from _unit(sentence, amount)
                yield from _year(sentence, amount)


def _unit(sentence: Sentence, amount: Amount) -> Iterator[Finding]:
    """One of a unit that is said to be an amount in another."""
    if amount.kind not in _CONVERTIBLE:
        return
    if amount.per == ("kWh",) and amount.kind == "energy" and _PER_UNIT.search(amount.text):
        size, name = 1.0, "1 kWh"
    elif not amount.per and (one := _ONE.search(sentence.text[max(0, amount.start - 70) : amount.start])):
        known = measure(one["unit"])
        if known is None or known.kind != amount.kind or known.symbol == amount.unit:
            return
        size, name = known.scale, f"1 {known.symbol}"
    else:
        return
    slack = amount.slack / amount.value
    if not _FACTORS[0] - slack <= amount.value / size <= _FACTORS[1] + slack:
        told = shown(size, amount.kind, amount if not amount.per else None)
        evidence = f"{printed(amount)} for {name}: it is {told}"
        yield Finding("conversion", "high", 0.9, amount.place, evidence, "check the factor", sentence.text)


def _year(sentence: Sentence, amount: Amount) -> Iterator[Finding]:
    """Hours that a year is said to have, near what it has or a power of ten from it."""
    if (
        amount.kind != "time"
        or amount.unit != "h"
        or amount.per not in ((), ("year",))
        or amount.ranged
        or amount.bound
    ):
        return
    before, behind = (
        sentence.text[max(0, amount.start - 50) : amount.start],
        sentence.text[amount.end : amount.end + 40],
    )
    if (
        not (amount.per or _OF_A_YEAR.match(behind) or _A_YEAR_HAS.search(before))
        or _AT_WORK.search(behind)
        or _RAN.search(before)
    ):
        return
    near = any(abs(amount.value / 10**tens / 8760 - 1) < 0.05 for tens in (-1, 0, 1))
    if near and min(abs(amount.value - hours) for hours in _HOURS) > max(amount.rough, 0.6):
        evidence = f"{printed(amount)} in a year: it has 8,760, or 8,784 in a leap year"
        yield Finding("arithmetic", "high", 0.9, amount.place, evidence, "two digits may be exchanged", sentence.text)
