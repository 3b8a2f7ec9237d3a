"""Products told in prose, as different people tell them: a slip is told at its figure, and its right twin is silent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from joulebook.audit.findings import audit
from joulebook.audit.reading.door import document

_SLIP = re.compile(r"\{(?P<wrong>[^|]*)\|(?P<right>[^}]*)\}")
TOLD = [
    line.replace("//", "\n\n")
    for line in (Path(__file__).parent / "products.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def _found(text: str, which: str) -> list[str]:
    """What is found in a text with the wrong figure, or with the right one."""
    printed = _SLIP.sub(lambda found: found[which], text)
    return [one.evidence for one in audit(document(printed, form="markdown"))]


@pytest.mark.parametrize("text", TOLD)
def test_a_slip_is_told_at_its_figure(text: str) -> None:
    """The wrong figure stands in what is told."""
    wrong = _SLIP.search(text)["wrong"]  # type: ignore[index]
    digits = re.findall(r"\d[\d.,]*|\w+", wrong)[0]
    assert any(digits in evidence for evidence in _found(text, "wrong"))


@pytest.mark.parametrize("text", TOLD)
def test_the_right_figure_is_left_alone(text: str) -> None:
    """Nothing is told where the figure is right."""
    assert not _found(text, "right")
