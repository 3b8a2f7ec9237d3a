"""The period that words beside an amount name, of which it is: "in a year that is", "each week", "in August"."""

from __future__ import annotations

import re
from typing import Final

from joulebook.audit.reading.measures import ADVERBS, PERS
from joulebook.audit.relations import cues

_PERIODS: Final = ("hour", "day", "week", "month", "quarter", "year")
_NAMES: Final = {word: name for word, name in PERS.items() if name in _PERIODS and len(word) > 1}
_WORD: Final = "|".join(sorted(_NAMES, key=len, reverse=True))
_ADVERB: Final = "|".join(word for word, name in ADVERBS.items() if name in _PERIODS and len(word) > 4)
_ONE: Final = (
    r"(?:an?|one|per|each|every|the|that|this|last|all|full|whole|entire|calendar|its|my|your|his|her|our|their|eine[mnrs]?|ein|das|die|pro|[ia]m"
    r"|jede[nmrs]?|ganze[nmrs]?|übers?|par|une?|l['’]|l[ae]|cada|al|por|el|todo)"
)
_MONTH: Final = (
    r"\b(?:in|during|for|throughout|through|im|en)\s(?:all of\s|early\s|late\s)?(?:January|February|March|April|May"
    r"|June|July|August|September|October|November|December|Januar|Februar|März|Mai|Juni|Juli|Oktober|Dezember|janvier"
    r"|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)\b"
)
_NAMED: Final = re.compile(rf"\b{_ONE}\s?(?P<word>{_WORD})\b(?!-)|\b(?P<adverb>{_ADVERB})\b", re.IGNORECASE)
_IN_MONTH: Final = re.compile(_MONTH)
_BEHIND: Final = re.compile(r"[^.;:,]{0,20}")
_LONGER: Final = re.compile(r"[^.;:]{0,60}")
_CLAUSE: Final = 60
"""Letters before an amount in which the period is looked for that it is of."""


def span(before: str, behind: str, text: str) -> str:
    """The period that words behind an amount, before it, or in its sentence name: day, week, month, year, or none."""
    return beside(before, behind) or ("year" if cues.YEARLY.search(text) or cues.ALWAYS.search(text) else "")


def running(behind: str, text: str) -> str:
    """The period for which words say that a power is drawn: the year of what runs without a pause, or none."""
    if cues.ALWAYS.search(text):
        return "year"
    return next((one for one in _named(_LONGER.match(behind)[0]) if one == "year"), "")  # type: ignore[index]


def beside(before: str, behind: str) -> str:
    """The period that words right beside an amount name; empty where none do."""
    clause = _BEHIND.match(behind)
    after = _named(clause[0])[:1] if clause else []
    return next(iter(after or _named(before[-_CLAUSE:])[-1:]), "")


def _named(words: str) -> list[str]:
    """The periods of words in their order."""
    found = [
        (one.start(), _NAMES[one["word"].lower()] if one["word"] else ADVERBS[one["adverb"].lower()])
        for one in _NAMED.finditer(words)
    ]
    return [name for _, name in sorted([*found, *((one.start(), "month") for one in _IN_MONTH.finditer(words))])]
