"""Multiples, changes and numbers of things that are said to follow: told where they do not, and left alone where they do."""

from __future__ import annotations

from pathlib import Path

import pytest

from joulebook.audit.findings import audit
from joulebook.audit.reading.door import document

_LINES = (Path(__file__).parent / "compared.txt").read_text(encoding="utf-8").splitlines()


def _told(text: str) -> list[str]:
    return [one.evidence for one in audit(document(f"{text}\n", name="told.md", form="md"))]


@pytest.mark.parametrize("text", [line[2:] for line in _LINES if line.startswith("+ ")])
def test_a_slip_is_told(text: str) -> None:
    assert _told(text)


@pytest.mark.parametrize("text", [line[2:] for line in _LINES if line.startswith("- ")])
def test_what_is_right_is_left_alone(text: str) -> None:
    assert not _told(text)
