"""The page of estimates against published figures: its commands are run, and it says what they print."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).parents[2] / "tools/check_published.py"
NEAR = 0.1
"""By so much a figure of the page may be older than a fit; then run  make docs."""


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_published", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


CHECK = loaded()
TEXT = CHECK.PAGE.read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.split("|")[1:-1]] for line in TEXT.splitlines() if re.match(r"\|.*\d\.\d\d", line)
]


@pytest.mark.parametrize("case", CHECK.CASES, ids=lambda case: case.title)
def test_published_figures_are_where_the_page_says(case: object) -> None:
    found = CHECK.estimated(case)
    rows = [row for row in ROWS if row[0] == case.title]  # type: ignore[attr-defined]  # of a file that is no module
    assert f"joulebook estimate {case.typed}\n" in TEXT  # type: ignore[attr-defined]  # as above
    assert len(rows) == len(case.published)  # type: ignore[attr-defined]  # as above
    for row, one in zip(rows, case.published, strict=True):  # type: ignore[attr-defined]  # as above
        result = found[one.figure]
        printed = [float(text.replace(",", "")) for text in (row[2], *row[3].split(" to "), row[4])]
        assert printed[:3] == pytest.approx([result.value, result.low, result.high], rel=NEAR)
        assert printed[3] == pytest.approx(one.value, rel=0.01)
        assert (row[6] == "yes") == one.holds == result.has(one.value)


def test_the_page_counts_what_it_shows() -> None:
    held = sum(row[6] == "yes" for row in ROWS)
    assert f"{held} of {len(ROWS)} are within" in TEXT
