"""What rules of knowledge tell of one sentence or two, and what they leave alone that reads alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from joulebook.audit.findings import audit
from joulebook.audit.reading.door import document

_LINES = (Path(__file__).parent / "told.txt").read_text(encoding="utf-8").splitlines()
_TABLE = """# Emissions

| Region | Location-based (kt CO2e) | Market-based (kt CO2e) |
|---|---|---|
| Europe | 48.5 | 3.1 |
| Asia | 72.8 | 16.5 |
| Total | 121.3 | 19.6 |

"""


def _told(text: str) -> list[str]:
    return [one.evidence for one in audit(document(f"{text}\n", name="told.md", form="md"))]


@pytest.mark.parametrize("text", [line[2:] for line in _LINES if line.startswith("+ ")])
def test_a_slip_is_told(text: str) -> None:
    assert _told(text)


@pytest.mark.parametrize("text", [line[2:] for line in _LINES if line.startswith("- ")])
def test_what_is_right_is_left_alone(text: str) -> None:
    assert not _told(text)


@pytest.mark.parametrize(
    "text",
    [
        "Altogether, our Scope 2 emissions came to 140.9 kt CO2e across both methods.",
        "Our electricity therefore caused 140.9 kt in all.",
        "Scope 1 was 2.1 kt and Scope 3 186.0 kt. Our footprint across Scopes 1, 2 and 3 comes to 329.0 kt.",
        "Europe's Scope 2 emissions, both columns together, came to 51.6 kt.",
        "Insgesamt verursachte unser Strom 140,9 kt CO2e.",
    ],
)
def test_a_sum_of_both_bases_of_a_table_is_told(text: str) -> None:
    assert any("added" in one for one in _told(_TABLE + text))


@pytest.mark.parametrize(
    "text",
    [
        "The two may not be added to 140.9 kt.",
        "Between both methods lie 101.7 kt.",
        "Together with Scope 1 (2.1 kt), we came to 123.4 kt by the grids and to 21.7 kt by contract.",
        "Across all sites Scope 2 came to 121.3 kt; the contracts take it to 19.6 kt.",
        "Scope 3 was 186.0 kt in total, of which servers are 174.8 kt.",
    ],
)
def test_totals_of_one_basis_are_left_alone(text: str) -> None:
    assert not _told(_TABLE + text)
