"""Two accounts of the same electricity, by location and by market, that a total adds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.relations.context import Context
from joulebook.audit.relations.figures import Figure
from joulebook.audit.relations.labels import Label, Labels

_BACK: Final = 60
"""Figures before a total among which its parts are looked for."""
_MET, _ROUGH = 0.004, 0.02
"""How closely a total has to be met, and from which width figures are too rough to tell."""
_BOTH: Final = re.compile(
    r"(?=.*\b(?:location|standort|ortsbasiert|localisation))(?=.*\b(?:market|markt|marché))|\bboth (?:methods|bases"
    r"|accounts|figures)"
    r"|\bbeide\w* (?:methoden|werte|zahlen)|\bles deux (?:méthodes|chiffres)",
    re.IGNORECASE | re.DOTALL,
)
_ELECTRICITY: Final = re.compile(
    r"\bscope[- ]?2\b|electricity|\bpower\b|\bstrom|électricité|énergie achetée", re.IGNORECASE
)
_AWARE: Final = re.compile(
    r"\b(?:not|never|wrong\w*|double|twice|mistak\w*|would|cannot|nicht|falsch|doppelt|pas|jamais|tort)\b|n['’]t",
    re.IGNORECASE,
)
_MORE: Final = re.compile(r"\s*(?:more|less|fewer|mehr|weniger|de (?:plus|moins))\b", re.IGNORECASE)
"""Behind a difference."""
_FROM_TO: Final = re.compile(r"\b(?:from|von|de)\s(?:[^.;]{0,60}\s(?:to|auf|à|a)\s)?$", re.IGNORECASE)
"""Before the ends of a change."""
_APART: Final = re.compile(
    r"\bscopes?[- ]?(?:1|3)\b|diesel|\bgas\b|generator|embodied|manufactur|hardware|hersteller|fabrication|travel"
    r"|refrigerant",
    re.IGNORECASE,
)
"""Carbon of something else than electricity."""


def accounts(context: Context) -> Iterator[Finding]:
    """Totals of carbon that are a location-based and a market-based figure added, wherever these stand."""
    figures, known = context.figures, context.known
    carbon = [one for one in figures if one.kind == "mass" and not one.is_rate and not one.each]
    markets = [one for one in carbon if _basis(one, known) == "market-based"]
    for total in carbon if markets else ():
        if (
            total.loose() > 2 * _ROUGH
            or _AWARE.search(total.text)
            or context.denies(total)
            or _FROM_TO.search(total.text[: total.amount.start])
        ):
            continue
        before = [one for one in carbon if 0 < total.order - one.order <= _BACK and one.size < total.size]
        told = [one for one in markets if one in before and not _MORE.match(one.behind)]
        pairs = [(one, other) for other in told for one in before if one is not other]
        found = next((pair for pair in pairs if _adds(total, *pair) and _is_account(total, pair[0], known)), None)
        if found is not None:
            yield _finding(total, *found, known)


def _basis(one: Figure, known: Labels) -> str:
    label = known[one.order].get("basis")
    return label.name if label is not None else ""


def _adds(total: Figure, one: Figure, other: Figure) -> bool:
    """Whether a total is the sum of two to its printed digits; of rough figures exactly."""
    off = abs(one.size + other.size - total.size)
    slacks = [figure.amount.slack for figure in (total, one, other)]
    if max(total.loose(), one.loose(), other.loose() / 2) > _ROUGH:
        return max(slacks) < 1.1 * min(slacks) and off < 0.1 * min(slacks)
    return off <= min(sum(slacks), _MET * total.size)


def _is_account(total: Figure, one: Figure, known: Labels) -> bool:
    """Whether the other part is the same electricity by location."""
    if (
        _basis(one, known) == "market-based"
        or _MORE.match(one.behind)
        or _APART.search(f"{one.before[-60:]} {one.behind[:30]}")
    ):
        return False
    if _basis(one, known) == "location-based":
        return True
    return _BOTH.search(total.text) is not None or (
        _ELECTRICITY.search(total.text) is not None and one.size > total.size / 2
    )


def _finding(total: Figure, one: Figure, other: Figure, known: Labels) -> Finding:
    here, there = known[one.order].get("basis"), known[other.order]["basis"]
    evidence = (
        f"{printed(total.amount)} has {printed(one.amount)} (location-based{_where(here)}) and {printed(other.amount)} "
        f"(market-based{_where(there)}) added"
    )
    remedy = "the two are bases of the same emissions: give both, not their sum"
    return Finding("mixed-basis", "medium", 0.85, total.amount.place, evidence, remedy, total.text)


def _where(label: Label | None) -> str:
    return f", line {label.line}: {label.why!r}" if label is not None else ""
