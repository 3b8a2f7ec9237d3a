import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.ledger.places import list_runs
from joulebook.ledger.retention import OnDisk, Rules, discard, left_over, on_disk, plan, remove, size_of
from joulebook.testing.recorded import instruments, recorded

DAY = 86_400 * 10**9
NOW = 1_800_000_000 * 10**9


def run(name, begin=0, end=10, *, days=100, status="finished", parent="", size=1_000, boot="b"):
    ended = NOW - days * DAY
    return OnDisk(name, f"/runs/{name}", name, status, ended - 10, ended, size, boot, begin, end, parent)


def ids(runs):
    return [one.id for one in runs]


def went(found, force=False, **rules):
    return set(ids(plan(found, Rules(**rules), NOW, force=force).go))


def test_without_a_rule_nothing_goes():
    assert plan([run("a")], Rules(), NOW).go == []


def test_every_rule_that_is_given_has_to_hold():
    runs = [
        run("new", days=1, begin=0, end=1),
        run("old", begin=2, end=3, status="failed"),
        run("big", begin=4, end=5, size=9_999),
    ]
    assert went(runs, older_than_ns=90 * DAY) == {"old", "big"}
    assert went(runs, older_than_ns=90 * DAY, statuses=frozenset(["failed"])) == {"old"}
    assert went(runs, larger_than=5_000) == {"big"}
    assert went(runs, keep=1) == {"old", "big"}
    assert went(runs, keep=2, older_than_ns=90 * DAY) == {"big"}
    assert went(runs, runs=frozenset(["new"])) == {"new"}
    assert went(runs, keep=0) == {"new", "old", "big"}


@pytest.mark.parametrize("status", ["running", "elsewhere", "newer"])
def test_what_may_still_be_written_or_cannot_be_judged_stays_even_by_force(status):
    found = plan([run("a", status=status)], Rules(keep=0), NOW, force=True)
    assert (found.go, [held.by_force for held in found.held]) == ([], [False])


def test_a_run_beside_one_that_stays_stays_and_so_does_what_is_beside_that():
    runs = [
        run("c", 18, 30, days=1),
        run("b", 8, 20),
        run("a", 0, 10),
        run("far", 40, 50),
        run("boot", 0, 50, boot="x"),
    ]
    found = plan(runs, Rules(older_than_ns=90 * DAY), NOW)
    assert set(ids(found.go)) == {"far", "boot"}
    assert {held.run.id: held.by_force for held in found.held} == {"b": True, "a": True}
    assert "shares its machine with c" in found.held[0].why
    assert went(runs, force=True, older_than_ns=90 * DAY) == {"a", "b", "far", "boot"}


def test_runs_beside_each_other_go_together():
    assert went([run("a", 0, 10), run("b", 5, 15)], keep=0) == {"a", "b"}


def test_a_run_goes_with_those_inside_it_inner_ones_first():
    runs = [run("deep", 3, 4, parent="inner"), run("inner", 2, 5, parent="outer"), run("outer", 0, 10)]
    assert ids(plan(runs, Rules(keep=0), NOW).go) == ["deep", "inner", "outer"]
    assert plan(runs, Rules(keep=1), NOW).go == []  # one run, seen from above
    assert went(runs, runs=frozenset(["inner"])) == {"deep", "inner", "outer"}
    running = [runs[0]._replace(status="running"), *runs[1:]]
    assert plan(running, Rules(keep=0), NOW, force=True).go == []


def test_runs_that_claim_to_be_inside_each_other_go_as_well():
    assert went([run("a", parent="b"), run("b", 20, 30, parent="a"), run("c", 40, 50, parent="c")], keep=0) >= {"c"}


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9), st.booleans(), st.sampled_from("xy")), max_size=12),
    st.booleans(),
)
def test_no_run_that_goes_overlaps_with_one_that_stays(drawn, by_force):
    runs = [
        run(f"{at}", begin, begin + length, days=100 if old else 1, boot=boot)
        for at, (begin, length, old, boot) in enumerate(drawn)
    ]
    gone = {one.path for one in plan(runs, Rules(older_than_ns=50 * DAY), NOW, force=by_force).go}
    stay = [one for one in runs if one.path not in gone]
    assert all(one.ended_ns < NOW - 50 * DAY for one in runs if one.path in gone)
    if not by_force:
        assert not any(
            a.boot == b.boot and a.begin_ns < b.end_ns and b.begin_ns < a.end_ns
            for a in stay
            for b in runs
            if b.path in gone
        )


def test_runs_as_they_lie_on_the_disk(tmp_path):
    first = recorded(instruments(), 30, seed=1, pid=0)
    killed = recorded(instruments(), 20, seed=2, pid=0, status="", boot_id="now", begin_s=2_000)
    live = recorded(instruments(), 10, seed=3, status="", boot_id="now", begin_s=3_000)
    away = recorded(instruments(), 10, seed=4, status="", begin_s=4_000)
    old = recorded(instruments(), 10, seed=5, wall_ns=12 * 10**9, begin_s=5_000)
    for journal in (first, killed, live, away, old):
        path = journal.write(tmp_path)
    os.utime(path, ns=(NOW, NOW))
    found = {one.id: one for one in on_disk(tmp_path, "now")}
    assert [found[journal.head["run"]].status for journal in (first, killed, live, away, old)] == [
        *("finished", "interrupted", "running", "elsewhere", "finished")
    ]
    one = found[first.head["run"]]
    assert one.end_ns - one.begin_ns == pytest.approx(30e9, rel=0.01)
    assert one.bytes == len(first.lines())
    unset = found[old.head["run"]]
    assert unset.ended_ns == NOW  # its age is that of its files


def test_what_cannot_be_read_is_damaged_and_what_is_newer_is_left(tmp_path):
    bad = recorded(instruments(), 1, seed=1, pid=0).write(tmp_path)
    bad.write_bytes(b"rubbish\n")
    newer = recorded(instruments(), 1, seed=2, pid=0, format=99).write(tmp_path)
    assert {one.path: one.status for one in on_disk(tmp_path, "now")} == {
        str(bad.parent): "damaged",
        str(newer.parent): "newer",
    }


def test_removing_twice_is_no_error_and_leaves_nothing(tmp_path):
    path = recorded(instruments(), 1).write(tmp_path).parent
    assert remove(path)
    assert not remove(path)
    assert list((tmp_path / "runs").iterdir()) == []


def test_what_was_interrupted_is_not_a_run_and_is_found_again(tmp_path):
    path = recorded(instruments(), 1).write(tmp_path)
    trash = path.parent.with_name(f".trash-00000000-{path.parent.name}")
    path.parent.rename(trash)
    half = trash.with_name(".incoming-00000000-x")
    half.mkdir()
    assert list_runs(tmp_path) == []
    assert left_over(tmp_path, time.time_ns()) == [trash]  # somebody may be copying just now
    waste = left_over(tmp_path, time.time_ns() + 2 * 3_600 * 10**9)
    assert set(waste) == {trash, half}
    assert size_of(waste) == (trash / path.name).stat().st_size
    for place in waste:
        discard(place)
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_link_in_the_place_of_waste_is_removed_and_not_followed(tmp_path):
    treasure = tmp_path / "treasure"
    treasure.mkdir()
    (treasure / "gold").write_text("x")
    (tmp_path / "runs").mkdir()
    link = Path(tmp_path, "runs", ".trash-x")
    link.symlink_to(treasure)
    assert left_over(tmp_path, time.time_ns()) == [link]
    assert size_of([link]) == 0
    discard(link)
    assert (treasure / "gold").exists()
