"""What figures mean through a document: slips that are told, and what reads alike and is right."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from joulebook.audit.finding import Finding
from joulebook.audit.reading.door import document
from joulebook.audit.relations.gathering import figures_of
from joulebook.audit.relations.labels import labels
from joulebook.audit.relations.meaning import meaning
from joulebook.audit.relations.passages import relations
from joulebook.audit.rules.bases import bases
from joulebook.audit.rules.doubles import doubles

_LINES = [
    line.split(": ", 1)
    for line in (Path(__file__).parent / "meaning.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
_RULES: Final = {
    "pue": {"double-count"},
    "unlike": {"mixed-boundary", "mixed-basis"},
    "accounts": {"mixed-basis"},
    "part": {"double-count"},
    "spread": {"product", "mixed-boundary", "unit-slip"},
    "years": {"mixed-years"},
    "lifetime": {"equivalence"},
    "again": {"mixed-boundary", "equivalence"},
    "level": {"unit-slip"},
    "life": {"mixed-boundary"},
}


def _found(text: str) -> list[Finding]:
    read = document(text.replace(" // ", "\n\n") + "\n", name="told.md", form="md")
    figures = figures_of(read.paragraphs)
    return [*meaning(read, figures, relations(figures)), *doubles(read), *bases(read)]


@pytest.mark.parametrize(("kind", "text"), [(kind[2:], text) for kind, text in _LINES if kind.startswith("+ ")])
def test_a_slip_of_meaning_is_told(kind: str, text: str) -> None:
    assert _RULES[kind] & {one.rule for one in _found(text)}


@pytest.mark.parametrize("text", [text for kind, text in _LINES if kind.startswith("- ")])
def test_what_reads_alike_and_is_right_is_left_alone(text: str) -> None:
    assert not _found(text)


def test_a_finding_says_which_labels_clash_and_where() -> None:
    text = "Our run took 300 MWh at the GPUs.\n\nA rival used 500 MWh at its utility meter. We were 40 percent below.\n"
    (found,) = _found(text)
    assert "300 MWh (the cards alone, line 1: 'at the GPUs')" in found.evidence
    assert "500 MWh (the whole facility, line 3: 'utility meter')" in found.evidence


def test_labels_are_carried_to_rounded_mentions() -> None:
    text = "The cards alone took 1,229 MWh. Later the paper speaks of 1.23 GWh, and of 1.4 GWh for tests.\n"
    figures = figures_of(document(text, name="a.md", form="md").paragraphs)
    known = labels(figures, relations(figures))
    assert [known[one.order]["energy"].name if known[one.order] else "" for one in figures] == [
        "the cards alone",
        "the cards alone",
        "",
    ]
