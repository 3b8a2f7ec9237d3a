"""Solar parks that are said to yield as if the sun never set: 438 GWh a year from 50 MW."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Amount, Document, Paragraph
from joulebook.audit.rules.refuted import is_refuted

_SOLAR: Final = re.compile(
    r"\b(?:solar|photovolta\w*|pv)\b|\bsolar(?:park|anlage|strom)\w*|\bphotovolta\w*|\bsolaire"
    r"|\bfotovolta\w*",
    re.IGNORECASE,
)
_OTHERS: Final = re.compile(
    r"\b(?:wind\w*|nuclear|hydro\w*|gas|batter\w*|storage|coal|together|parks|farms|mix|kernkraft|éolien\w*"
    r"|eólic\w*)\b",
    re.IGNORECASE,
)
"""Another source of the same sentence, or several parks."""
_YEAR: Final = re.compile(
    r"\b(?:a|per|each|every|in (?:a|an?) [\w-]+|the first|typical|average|normal) year\b|\bannual\w*|\byearly\b"
    r"|\bim jahr\b"
    r"|\bjährlich\b|\bpro jahr\b|\bpar an\b|\bal año\b",
    re.IGNORECASE,
)
_HOURS: Final = 8766.0
_DAYLIGHT: Final = 0.5
"""The sun is above the horizon for half of the hours of a year, everywhere on Earth."""
_MOST: Final = 3.0
"""Years of full power beyond which the two figures are of different things."""


def solar(document: Document) -> Iterator[Finding]:
    """Yields of a year that one solar park of the stated power cannot have."""
    for paragraph in document.paragraphs:
        yield from _paragraph(paragraph)


def _paragraph(paragraph: Paragraph) -> Iterator[Finding]:
    for sentence in paragraph.sentences:
        text = sentence.text
        if not _SOLAR.search(text) or _OTHERS.search(text) or not _YEAR.search(text) or is_refuted(sentence):
            continue
        powers = [one for one in sentence.amounts if one.kind == "power" and not one.per]
        yields = [one for one in sentence.amounts if one.kind == "energy" and one.per in ((), ("year",))]
        if len(powers) == len(yields) == 1 and _is_beyond(powers[0], yields[0]):
            hours = yields[0].value / powers[0].value
            told = f"full power for {hours:,.0f} of the 8,766 hours of a year"
            evidence = f"{printed(yields[0])} of {printed(powers[0])}: {told}"
            remedy = "the sun is up for half of them: power and energy do not belong together"
            yield Finding("magnitude", "high", 0.9, yields[0].place, evidence, remedy, text)


def _is_beyond(power: Amount, energy: Amount) -> bool:
    return power.high > 0 and _DAYLIGHT * _HOURS < energy.low / power.high < _MOST * _HOURS
