"""Demand, load, capacity and connections, which are powers, in a unit of energy: a contract demand of 48 MWh."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from joulebook.audit.factors import WITHOUT_HOURS
from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.nearby import clause
from joulebook.audit.rules.refuted import believed

_BETWEEN: Final = r"(?:[^,;:.()#\d]|,\s(?:then|though|by then)\s?,?){0,45}$"
_NAMED: Final = re.compile(
    r"\b(?:(?:contract(?:ed|ual)?|maximum|max\.?|peak|guaranteed|reserved|connected|grid|firm|committed|design"
    r"|nameplate|installed"
    r"|rated|instantaneous|subscribed|electrical|cooling|IT|mean|average)[\s-](?:demand|capacity|load|power"
    r"|connection|supply|draw"
    r"|output|rating)s?"
    r"|(?:power|electrical) (?:draw|demand|connection|rating|output|limit|cap|budget|envelope)|thermal design power|tdp"
    r"|(?:requests?|applications?|queue)\s[^.;,#]{0,30}(?:connections?|capacity)"
    r"|(?:cards?|gpus?|servers?|racks?|chips?|nodes?)\s(?:can|may|could)\s(?:draw|pull|take)\s(?:up to|as much as)"
    r"|anschlussleistung|netzanschluss\w*|\w*nennleistung|spitzenlast|spitzenleistung|leistungsaufnahme"
    r"|puissance|raccordement|appel de puissance"
    r"|(?:an?|the|with|whose) (?:output|load|power|rating|connection) (?:of|is|was|reached|averages|rated at|above"
    r"|below|beyond|over|under|exceeding))\b" + _BETWEEN,
    re.IGNORECASE,
)
"""What is a power by its name, and leads to the amount."""
_CARRIED: Final = re.compile(
    r"\b(?:substations?|feeders?|transformers?|power lines?|cables?|generators?|turbines?|gensets?)\b[^.;#]{0,40}"
    r"\b(?:carry|deliver|handle|supply|provide|rated (?:for|at)|an? (?:output|rating|power) of)\s(?:[a-z]+\s){0,2}$",
    re.IGNORECASE,
)
_OF_CAPACITY: Final = re.compile(
    r"\s+(?:of|an|de)\s(?:(?:grid|connected|contracted|generating|generation|installed|additional|new|computing|IT"
    r"|electrical"
    r"|power|firm)\s)*(?:capacity|connection|connected load|peak (?:load|demand)|anschlussleistung)\b"
    r"|\s+of\s(?:(?:backup|diesel|gas|emergency|standby|new)\s){1,3}(?:generators?|turbines?|engines?|plants?)\b"
    r"|[\s-]+(?:(?:grid|power|electrical)\s)?interconnections?\b"
    r"|\s+(?:of\s(?:load|power)\s|(?:in)?to (?:the|its) \w+\s)?at (?:full (?:output|load|power|tilt)|(?:the|its"
    r"|their) peak|peak\b"
    r"|any (?:one |given |single )?(?:time|moment|instant))",
    re.IGNORECASE,
)
_STEADY: Final = re.compile(
    r"\b(?:around the clock|round the clock|day and night|continuous(?:ly)?|constantly|at any (?:time|moment)"
    r"|rund um die uhr|jour et nuit)\b",
    re.IGNORECASE,
)
_NEEDED: Final = re.compile(
    r"\b(?:needs?|draws?|drew|pulls?|takes?|took|requires?|absorbs?|braucht|brauchen|ziehen|zieht"
    r"|tirent?)\s(?:[a-z]+\s){0,2}$",
    re.IGNORECASE,
)
_AGAINST: Final = re.compile(
    r"(?:\s(?:together|in all|each|in total|now|today|then|before))*,?\s(?:against|versus|vs\.?|instead of"
    r"|rather than|down from|up from|compared (?:with|to)"
    r"|not|(?:more|less|lower|higher) than|statt|gegenüber|gegen|contre|au lieu de)\s(?:the |some |about |only |den "
    r"|les )?",
    re.IGNORECASE,
)
"""Between two amounts that are compared."""
_STORED: Final = re.compile(
    r"batter\w*|storage|stor(?:ed|es|ing)|\bups\b|\btank|speicher\w*|stockage|accumul\w*", re.IGNORECASE
)
_OF_A_TIME: Final = re.compile(
    r"\b(?:annual\w*|yearly|monthly|daily|weekly|hourly|energy|per|a|an|the|each|every|this|last|whole|entire"
    r"|full)\s(?:(?:[\w-]+\s){0,2})"
    r"(?:year|month|week|day|hour|quarter)s?\b|\b(?:annual\w*|yearly|monthly|daily|weekly|consumption|consumed"
    r"|consumes|energy demand|(?:for|of|over|during) (?:the|this|that|each|one) (?:\w+ )?(?:run|training|job|campaign)"
    r"|(?:estimat|comput|calculat|deriv)\w+ from|tdp[- ]based"
    r"|jährlich\w*|jahres\w*|pro (?:jahr|tag|monat)|par (?:an|jour|mois)|in total|over the|contracts? (?:for|of"
    r"|cover\w*|is|are))\b|\bby 20\d\d|\b(?:in|during|of) (?:19|20)\d\d\b",
    re.IGNORECASE,
)


def demands(document: Document) -> Iterator[Finding]:
    """Amounts in a unit of energy that words call a demand, a load, a capacity or a connection."""
    for sentence in believed(document):
        for amount in sentence.amounts:
            is_plain = amount.per in ((), ("device",), ("node",), ("each",))
            is_told = is_plain and (_is_power(sentence, amount) or _is_compared(sentence, amount))
            if amount.kind == "energy" and amount.unit in WITHOUT_HOURS and is_told:
                yield Finding(
                    "unit-slip", "high", 0.9, amount.place, f"{printed(amount)}: power is stated, in a unit of energy",
                    f"{WITHOUT_HOURS[amount.unit]} may be meant", sentence.text,
                )  # fmt: skip


def _is_power(sentence: Sentence, amount: Amount) -> bool:
    around = clause(sentence, amount)
    if _STORED.search(sentence.text) or _OF_A_TIME.search(around.words):
        return False
    if _STEADY.search(sentence.text) and _NEEDED.search(around.before):
        return True
    return bool(
        _NAMED.search(around.before) or _CARRIED.search(around.before) or _OF_CAPACITY.match(around.behind[:60])
    )


def _is_compared(sentence: Sentence, amount: Amount) -> bool:
    """Whether an energy is compared with a power of the same size: "18 kWh, against 61 kW"."""
    for one, other in pairwise(sentence.amounts):
        is_pair = (
            amount in (one, other) and {one.kind, other.kind} == {"energy", "power"} and not (one.per or other.per)
        )
        is_alike = is_pair and WITHOUT_HOURS.get(amount.unit) in (one.unit, other.unit)
        if is_alike and _AGAINST.fullmatch(sentence.text[one.end : other.start]):
            return True
    return False
