"""A multiple that is told as an increase, of figures that stand apart: 945 is 2.28 times 415, and 128 % more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Document
from joulebook.audit.relations import cues
from joulebook.audit.relations.figures import Figure
from joulebook.audit.relations.gathering import figures_of

_LEAST: Final = 100.0
"""Per cent from which a multiple may be told as an increase."""
_BACK: Final = 3
"""Sentences back to what it is an increase to."""
_PAGES: Final = 60
"""Figures back to what it is an increase from."""
_FEW: Final = 8
_RISE: Final = re.compile(
    r"\b(?:increase|rise|growth|jump|gain|surge|anstieg|zuwachs|zunahme|steigerung|hausse|augmentation"
    r"|progression|croissance)s?"
    r"\s+(?:of|by|von|um|de)\s+(?:[\w'’]+\s+){0,2}$"
    r"|\b(?:increas\w+|ris\w+|rose|gr[eo]w\w*|jump\w*|surg\w*|climb\w*|gestiegen|stieg\w*|gewachsen|wuchs"
    r"|augment\w+|progress\w+)"
    r"(?:\s[\w'’]+){0,3}\s(?:by|um|de)\s+(?:[\w'’]+\s+){0,2}$",
    re.IGNORECASE,
)


def rises(document: Document) -> Iterator[Finding]:
    """Increases by so many per cent that are the multiple of two figures."""
    figures = figures_of(document.paragraphs)
    for one in figures:
        said = one.kind == "percent" and one.size > _LEAST and not one.amount.per and not one.amount.ranged
        if said and _RISE.search(one.before) and not cues.REBUTTED.search(one.text):
            yield from _told(one, figures[max(0, one.order - _PAGES) : one.order + 3])


def _told(one: Figure, near: Sequence[Figure]) -> Iterator[Finding]:
    pairs = [
        (first, last)
        for last in near
        if last.dimensions and abs(one.sentence - last.sentence) <= _BACK
        for first in [some for some in near if some.unit() == last.unit() and some.made == last.made][-_FEW:]
        if first.size < last.size and (first.order + 2 < one.order or first.paragraph < one.paragraph)
    ]
    half = max(one.amount.slack, 0.02 * one.size * one.amount.hedged)
    if any(abs(100 * (last.size / first.size - 1) - one.size) <= half + _loose(first, last) for first, last in pairs):
        return
    for first, last in pairs:
        if last.order < one.order and abs(100 * last.size / first.size - one.size) <= half:
            more = 100 * (last.size / first.size - 1)
            evidence = (
                f"{last.amount.digits} / {first.amount.digits} - 1 = {more:.3g} %, stated an increase of "
                f"{one.amount.digits}: that is the new figure in per cent of the old"
            )
            yield Finding(
                "percentage", "high", 0.75, one.amount.place, evidence, "say the increase, or the multiple", one.text
            )
            return


def _loose(first: Figure, last: Figure) -> float:
    return 100 * last.size / first.size * (first.loose() + last.loose())
