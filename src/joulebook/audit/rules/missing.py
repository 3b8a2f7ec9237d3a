"""What is missing: ranges and sources, told once for the whole document and only on request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Document, Place

_SOURCE: Final = re.compile(
    r"https?://|doi|et al|\[\^?\d+\]|\bsources?\b|according to|\breference|quelle|laut\b|selon|measured|metered"
    r"|gemessen|mesuré|\((?:[A-Z]\w+,? )+\d{4}\)",
    re.IGNORECASE,
)
_RANGE: Final = re.compile(
    r"±|\+/-|interval|uncertaint\w+|confidence|unsicherheit|incertitude|\blow\b.*\bhigh\b", re.IGNORECASE | re.DOTALL
)


def missing(document: Document) -> Iterator[Finding]:
    """One finding where no figure has a range, and one where no source is named."""
    figures = [one for one in document.amounts() if one.kind in ("energy", "mass", "water") and one.value]
    if not figures:
        return
    first = figures[0].place
    if not any(one.ranged for one in document.amounts()) and not _RANGE.search(document.text):
        evidence = f"none of {len(figures)} figures of energy, carbon and water has a range"
        yield _finding("missing-range", first, evidence, "give an interval with each result")
    if not _SOURCE.search(document.text):
        evidence = f"no source is named for any of {len(figures)} figures, nor a measurement"
        yield _finding("missing-source", first, evidence, "say how each was measured, or where it is from")


def _finding(rule: str, place: Place, evidence: str, remedy: str) -> Finding:
    return Finding(rule, "low", 0.9, place, evidence, remedy)
