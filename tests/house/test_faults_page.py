"""docs/faults.md promises nothing without a test: every test that it names exists, and every row names one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs/faults.md"


def rows() -> list[str]:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [line for line in lines if not line.startswith(("| what happens", "| ---"))]


def named(row: str) -> Iterator[tuple[Path, str]]:
    """File and name of each test of a row; a name without a file is in the file before it, "" is the whole file."""
    file = TESTS
    for word in re.findall(r"`([^`]+)`", row.rstrip(" |").rpartition(" | ")[2]):
        path, _, name = (
            word.rpartition("::") if "::" in word else (("", "", word) if "/" not in word else (word, "", ""))
        )
        file = TESTS / path if path else file
        yield file, name


def test_the_page_has_rows() -> None:
    assert len(rows()) > 20


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[2:40])
def test_tests_of_the_row_exist(row: str) -> None:
    found = list(named(row))
    assert found
    for file, name in found:
        assert file.is_file(), file
        assert not name or re.search(rf"^ *def {name}\(", file.read_text(encoding="utf-8"), re.MULTILINE), name
