from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joulebook.ledger.frame import frame, to_json
from joulebook.ledger.recording import decode
from joulebook.meter.claimed import Scene
from joulebook.meter.measured import measure
from joulebook.meter.thinning import differences, edges_of, thinned, thinned_head
from joulebook.testing.recorded import instruments, recorded

MS = 1_000_000


def groups(*journals, thin=0.0):
    """The recordings by run; with `thin`, each made of the records that are left at that spacing."""
    whole = {one.head["run"]: [decode(one.recorder, one.head, one.records)] for one in journals}
    if not thin:
        return whole
    edges = edges_of(whole.values())
    found = {}
    for one in journals:
        (own,) = whole[one.head["run"]]
        head, records = thinned_head(own, one.head, thin), thinned(one.records, edges, thin)
        found[own.run] = [decode(one.recorder, head, records)]
    return found


def size(records):
    return sum(len(frame(to_json(record))) for record in records)


@pytest.mark.parametrize("period_ns", [1 * MS, 20 * MS, 100 * MS])
def test_ten_minutes_get_small_and_keep_every_energy(period_ns):
    journal = recorded(
        instruments(period_ns), 600, stages=[(20, 200, "train"), (200, 230, "evaluate"), (400, 590, "train")]
    )
    before = groups(journal)
    (own,) = before[journal.head["run"]]
    few = thinned(journal.records, edges_of(before.values()), 10.0)
    assert size(few) < 0.25 * size(journal.records)
    assert [record["n"] for record in few] == list(range(1, len(few) + 1))
    after = {own.run: [decode(own.recorder, thinned_head(own, own.head, 10.0), few)]}
    assert differences(before, after) == []
    assert after[own.run][0].events == own.events
    assert after[own.run][0].end == own.end


@settings(max_examples=25)
@given(
    seed=st.integers(0, 1 << 32),
    period_ns=st.sampled_from([1 * MS, 20 * MS, 100 * MS]),
    spacing=st.sampled_from([1.0, 10.0]),
    cuts=st.lists(st.floats(0, 90), min_size=0, max_size=6, unique=True),
)
def test_the_whole_stays_as_it_is_and_stages_in_their_intervals(seed, period_ns, spacing, cuts):
    points = sorted(cuts)
    stages = [(begin, end, f"s{number % 2}") for number, (begin, end) in enumerate(pairwise(points))]
    journal = recorded(instruments(period_ns), 90, stages=stages, seed=seed)
    assert differences(groups(journal), groups(journal, thin=spacing)) == []


def test_runs_beside_and_inside_each_other_keep_their_shares():
    first = recorded(instruments(), 120, seed=1, run="a" * 12)
    inner = recorded(instruments(), 60, seed=2, run="b" * 12, begin_s=1_020, parent="a" * 12, stages=[(5, 50, "fit")])
    other = recorded(instruments(), 90, seed=3, run="c" * 12, begin_s=1_070.5)
    before, after = groups(first, inner, other), groups(first, inner, other, thin=10.0)
    assert sum(len(group[0].t[0]) for group in after.values()) < 0.7 * sum(
        len(group[0].t[0]) for group in before.values()
    )
    assert differences(before, after) == []


def test_a_change_of_energy_is_told():
    journal = recorded(instruments(), 30, stages=[(5, 20, "train")])
    before, after = groups(journal), groups(journal, thin=1.0)
    (own,) = after[journal.head["run"]]
    own.raw[0][-1] += 3_000_000
    assert any("the whole run, cpu-0: its energy changes" in text for text in differences(before, after))
    own.t[0], own.raw[0] = [], []
    assert any("not be known" in text or "duration" in text for text in differences(before, after))


def test_everything_stays_around_a_gap():
    from joulebook.testing.fake import Fault

    first, second = instruments()
    lost = Fault("none", 1_030 * 10**9, 1_045 * 10**9)
    journal = recorded([first._replace(faults=(lost,)), second], 90)
    before, after = groups(journal), groups(journal, thin=10.0)
    assert differences(before, after) == []
    old, new = (measure(Scene(group[journal.head["run"]])) for group in (before, after))
    assert [entry.coverage for entry in new.entries if not entry.span] == [
        entry.coverage for entry in old.entries if not entry.span
    ]
