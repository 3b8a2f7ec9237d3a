"""The page of three jobs: every method has a row or says why it has none, and the commands are those of the page."""

from __future__ import annotations

import re
from pathlib import Path

from joulebook.estimate.methods.table import METHODS

PAGE = Path(__file__).parents[3] / "docs" / "against-jobs.md"


def test_every_method_stands_below_every_job() -> None:
    jobs = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    assert len(jobs) == 3
    for job in jobs:
        assert re.search(r"^joulebook estimate (train|serve) .* --against all$", job, re.MULTILINE)
        figures = [line for line in job.splitlines() if line.startswith("| ") and "joulebook" not in line]
        silent = [line for line in job.splitlines() if line.startswith("- ") and "no figure" in line]
        assert len(figures) - 2 + len(silent) == len(METHODS)
