"""Figures as they are set on a page: the words of wording.py with the signs that a terminal may not have."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SIGNS: Final = (
    (re.compile(r"(?<=\d)-(?=\d)"), "\N{EN DASH}"),
    (re.compile(r"(?<=/)-(?=\d)"), "\N{MINUS SIGN}"),
    (re.compile(r"\bu(?=[JgL]\b)"), "\N{MICRO SIGN}"),
    (re.compile(r"CO2e\b"), "CO\N{SUBSCRIPT TWO}e"),
    (re.compile(r"(?<=\d) (?=%)"), "\N{NO-BREAK SPACE}"),
    (re.compile(r" {2,}"), " "),
)


def typeset(text: str) -> str:
    """A figure of wording.py ("0.12-0.46 J", "+10/-7 %") with dashes, minus and micro signs. Not for names."""
    for pattern, sign in _SIGNS:
        text = pattern.sub(sign, text)
    return text


def isolated(name: str) -> str:
    """A name that does not turn the text around it: between marks where it has letters written from right to left."""
    if any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in name):
        return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"
    return name
