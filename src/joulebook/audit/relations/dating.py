"""Figures -> the year that each is of, as its sentence or an earlier mention of it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from joulebook.audit.relations.figures import Figure

_YEAR: Final = re.compile(r"(?<![\d.,\w-])((?:19|20)\d\d)(?![\d.,]*\d)(?!\w)")
_EDITION: Final = re.compile(
    r"\s(?:[\w-]+\s){0,2}(?:report|study|paper|edition|survey|outlook|estimate|forecast|update|filing|bericht|studie"
    r"|ausgabe|rapport|étude|informe|estudio)\b",
    re.IGNORECASE,
)
"""Behind the year of a publication, of which the figures in it are not."""
_SINCE: Final = re.compile(
    r"\b(?:since|than|until|before|after|from|seit|als|bis|vor|depuis|que|avant|desde|hasta"
    r"|antes de)\s(?:in\s|en\s)?$",
    re.IGNORECASE,
)
"""Before a year that a change counts from, and no figure is of."""
_BEHIND: Final = re.compile(
    r"^\s?(?:(?!(?:and|but|while|then|to|und|aber|et|mais|y|pero|auf|à)\b)[^\W\d]+['’]?\s){0,6}?(?:\(?(?:in|for|of"
    r"|during|throughout|im jahr|des jahres|en|de|pour)?\s?)\(?"
    r"((?:19|20)\d\d)(?![\d.,]*\d)(?!\w)",
    re.IGNORECASE,
)
_RELATIVE: Final = re.compile(
    r"\b(?:last|this|previous|next|that|same) year\b|\byear (?:before|earlier|after)\b|(?:vorige|letzte"
    r"|diese)\w* jahr"
    r"|vorjahr|l.an dernier|l.année (?:dernière|précédente)|cette année|año (?:pasado|anterior)|este año",
    re.IGNORECASE,
)
"""Words for a year without its number."""
_DIGITS: Final = 2


def dated(figures: Sequence[Figure]) -> dict[int, int]:
    """The years of figures by their order: said right behind one, before it, or at another mention of its digits."""
    found: dict[int, int] = {}
    loosely: dict[int, int] = {}
    for _, some in groupby(figures, key=lambda one: one.sentence):
        for one in some:
            beside = _beside(one)
            if beside is not None:
                found[one.order] = beside
            elif (named := _named(one)) is not None:
                loosely[one.order] = named
    mentions: dict[tuple[object, ...], set[int]] = {}
    for one in figures:
        if one.order in found and _is_told_again(one):
            mentions.setdefault(_what(one), set()).add(found[one.order])
    for one in figures:
        known = mentions.get(_what(one), set())
        if one.order not in found and len(known) == 1 and _is_told_again(one):
            found[one.order] = next(iter(known))
    return {**loosely, **found}


def _beside(one: Figure) -> int | None:
    """The year right behind a figure, in its clause."""
    year = _BEHIND.match(one.behind)
    return int(year[1]) if year and not _EDITION.match(one.behind, year.end()) else None


def _named(one: Figure) -> int | None:
    """The last year before a figure in its sentence, or else its only one."""
    if _RELATIVE.search(one.text):
        return None
    spots = [(spot.start(), int(spot[1])) for spot in _YEAR.finditer(one.text)]
    spots = [(at, year) for at, year in spots if not _SINCE.search(one.text[:at])]
    spots = [(at, year) for at, year in spots if not _EDITION.match(one.text, at + 4)]
    before = [year for at, year in spots if at < one.amount.start]
    years = {year for _, year in spots}
    return before[-1] if before else years.pop() if len(years) == 1 else None


def _is_told_again(one: Figure) -> bool:
    """Whether a figure can be known by its digits."""
    return len(re.sub(r"\D", "", one.amount.text).strip("0")) >= _DIGITS and not one.is_bare


def _what(one: Figure) -> tuple[object, ...]:
    return one.kind, one.amount.per, f"{one.amount.value:.9g}"
