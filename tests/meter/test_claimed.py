"""Who shares with whom among runs beside and inside each other."""

from __future__ import annotations

import pytest

from joulebook.ledger.recording import Recording, decode
from joulebook.meter.claimed import Scene, sharing
from joulebook.meter.measured import measure
from joulebook.testing.recorded import instruments, recorded


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


def test_a_run_whose_sensors_are_all_lost_lasts_to_its_end_and_says_what_is_missing():
    whole = recorded(instruments(), 60)
    lost = [
        {**record, "r": {}, "a": {}} if at > 20 and "end" not in record else record
        for at, record in enumerate(whole.records)
    ]
    found = measure(Scene([decode("r", whole.head, lost)]))
    assert found.duration.value == pytest.approx(60, abs=1.5)
    assert {round(entry.coverage, 1) for entry in found.entries if entry.labels.get("part") != "idle"} == {0.3}
