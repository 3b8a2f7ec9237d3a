"""Articles and tables whose slips are known: how many are found, and that honest figures give next to no alarm."""

from __future__ import annotations

from pathlib import Path

import pytest

from joulebook.testing.keyed import Score, scored

HERE = Path(__file__).parent
ARTICLES = sorted(one for one in (HERE / "articles").iterdir() if one.is_dir())


def _all(every: int) -> Score:
    total = Score()
    for folder in ARTICLES:
        total = total.plus(scored(folder, every))
    return total


def test_slips_of_articles_are_found_and_hardly_an_alarm_beside_them() -> None:
    score = _all(every=4)
    assert score.texts >= 15
    assert score.found >= 0.6 * score.slips, score.lines
    assert score.alarms <= 0.3 * score.texts, score.lines


def test_slips_of_tables_are_found() -> None:
    score = scored(HERE / "tables")
    assert score.found >= 0.7 * score.slips, score.lines
    assert score.alarms <= 0.15 * score.texts, score.lines


@pytest.mark.long
def test_all_articles() -> None:
    score = _all(every=1)
    assert score.found >= 0.65 * score.slips, score.lines
    assert score.alarms <= 0.2 * score.texts, score.lines
