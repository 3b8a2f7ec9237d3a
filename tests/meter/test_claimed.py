"""Who shares with whom among runs beside and inside each other."""

from __future__ import annotations

import pytest

from joulebook.ledger.recording import Recording
from joulebook.meter.claimed import sharing


def recording(run, parent=""):
    return Recording(f"r-{run}", {"run": run, "parent": parent})


@pytest.mark.parametrize(
    ("run", "expected"),
    [("a", ["x"]), ("b", ["c", "x"]), ("c", ["b", "x"]), ("deep", ["c", "x"]), ("x", ["a"]), ("in x", ["a"])],
)
def test_runs_inside_other_runs_are_counted_only_where_they_take_a_share(run, expected):
    groups = {
        name: [recording(name, parent)]
        for name, parent in {"a": "", "b": "a", "c": "a", "deep": "b", "x": "", "in x": "x"}.items()
    }
    others = [group for name, group in groups.items() if name != run]
    assert sorted(sharing(groups[run], others)) == expected
