"""Ranks as journals tell of them, and which of them are one launch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.meter.ranks.launcher import UNNUMBERED
from joulebook.meter.ranks.members import Member, launches, rank_of

GROUP = "0123456789ab"


def member(name, start, end, rank=0, attempt=0):
    return Member(name, rank, attempt, start, end)


def names(found):
    return [[one.run for one in launch] for launch in found]


def test_ranks_that_live_together_are_one_launch():
    assert names(launches([member("a", 0, 9), member("b", 1, 9, 1), member("c", 2, None, 2)])) == [["a", "b", "c"]]


def test_a_number_that_is_used_again_after_its_end_begins_a_launch():
    rows = [member("a0", 0, 9), member("a1", 1, 9, 1), member("b0", 20, 29), member("b1", 21, 29, 1)]
    assert names(launches(rows)) == [["a0", "a1"], ["b0", "b1"]]


def test_a_slow_rank_still_finds_its_launch():
    """Rank 0 has begun a second run already when rank 1 ends its first one."""
    rows = [member("a0", 0, 5), member("a1", 0, 30, 1), member("b0", 6, 40), member("b1", 31, 40, 1)]
    assert names(launches(rows)) == [["a0", "a1"], ["b0", "b1"]]


def test_two_processes_with_one_number_at_the_same_time_are_of_one_launch():
    assert names(launches([member("a", 0, 9), member("b", 3, 12)])) == [["a", "b"]]


def test_a_restart_is_of_the_same_launch():
    rows = [member("a0", 0, 9), member("a1", 0, 9, 1), member("r0", 12, 20, 0, 1), member("r1", 12, 20, 1, 1)]
    assert names(launches(rows)) == [["a0", "a1", "r0", "r1"]]


def test_a_restart_of_the_second_launch_is_not_of_the_first():
    rows = [member("a", 0, 9), member("b", 20, 29), member("r", 31, 40, 0, 1)]
    assert names(launches(rows)) == [["a"], ["b", "r"]]


def test_a_rank_that_was_never_there_before_belongs_to_what_is_going_on():
    rows = [member("a0", 0, 9), member("b0", 20, 29), member("b1", 21, 29, 1)]
    assert names(launches(rows)) == [["a0"], ["b0", "b1"]]


def test_processes_without_numbers_belong_to_their_name():
    rows = [member("a", 0, 9, UNNUMBERED), member("b", 5, 12, UNNUMBERED), member("c", 20, 29, UNNUMBERED)]
    assert [[(one.run, one.attempt) for one in launch] for launch in launches(rows)] == [[("a", 0), ("b", 0), ("c", 1)]]


MEMBERS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 30), st.booleans(), st.integers(0, 3), st.integers(0, 1)), max_size=12
)


@given(MEMBERS, st.randoms(use_true_random=False))
def test_every_rank_is_in_one_launch_whatever_the_order(rows, random):
    members = [
        member(f"{at}", start, None if lives else start + length, rank, attempt)
        for at, (start, length, lives, rank, attempt) in enumerate(rows)
    ]
    found = launches(members)
    assert sorted(one.run for launch in found for one in launch) == sorted(one.run for one in members)
    assert all(found)
    random.shuffle(members)
    assert launches(members) == found
    for launch in found:  # a number is taken again only beside a process that lives
        for one in launch:
            for other in launch:
                if one is not other and (one.rank, one.attempt) == (other.rank, other.attempt):
                    earlier, later = sorted((one, other), key=lambda pair: (pair.start_ns, pair.run))
                    lived = [row for row in launch if (row.rank, row.attempt) == (one.rank, one.attempt)]
                    assert any(row.end_ns is None or row.end_ns > later.start_ns for row in lived), earlier


@pytest.mark.parametrize(
    "plain",
    [None, 7, [], {}, {"group": 7}, {"group": "xyz"}, {"group": "0123456789AB", "rank": 1}, {"group": GROUP + "0"}],
)
def test_nonsense_in_a_head_is_no_rank(plain):
    assert rank_of({"rank": plain}) is None


@given(
    st.dictionaries(
        st.sampled_from(["rank", "of", "local", "attempt", "launcher"]),
        st.one_of(st.integers(), st.text(), st.none(), st.booleans()),
    )
)
def test_a_group_with_nonsense_beside_it_is_a_rank_without_a_number(plain):
    found = rank_of({"rank": plain | {"group": GROUP}})
    assert (
        found.rank == plain.get("rank")
        if type(plain.get("rank")) is int and 0 <= plain["rank"] < 1 << 24
        else found.rank == UNNUMBERED
    )
    assert min(found.of, found.local, found.attempt) >= 0
