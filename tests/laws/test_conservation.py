"""Conservation: parts of a timeline are the whole, to the microjoule, however it was recorded and claimed."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.meter.claims import MACHINE, NOBODY, PROCESS, Claim, split
from joulebook.meter.integrate import Track, integrate
from joulebook.meter.timeline import Timeline
from joulebook.sensors.base import COUNTER, POWER, Channel

SECOND = 1_000_000_000
SPAN = 20 * SECOND
CASES = 10_000


def a_track(rng: Random, form: str, recorder: str) -> Track:
    """One recorder's view of a device: it starts late, may crash early, may miss or misread a stretch."""
    channel = Channel("package-0", "cpu-0", "cpu", form=form, period_ns=rng.choice((0, 1_000_000, SECOND // 10)))
    start, end = sorted(rng.randrange(SPAN) for _ in range(2))
    lost = rng.randrange(SPAN), rng.choice((0, SECOND, 5 * SECOND))
    reset = rng.randrange(3 * SPAN)
    readings: list[tuple[int, object]] = []
    t, uj = start, rng.randrange(10**9)
    while t < end:
        if not lost[0] <= t < sum(lost):
            readings.append((t, rng.randrange(10**9) if form == POWER else uj if t < reset else uj % 1_000_000))
        step = rng.randrange(1, SECOND)
        t, uj = t + step, uj + rng.randrange(step // 10 + 1)
    return integrate(channel, readings, recorder=recorder)


def a_timeline(rng: Random) -> Timeline:
    form = rng.choice((COUNTER, COUNTER, POWER))
    return Timeline([a_track(rng, form, f"{rank}") for rank in range(rng.choice((1, 1, 2, 3)))], "boot")


def some_claims(rng: Random) -> list[Claim]:
    """Runs that overlap, ranks of a run that claim twice, resumed runs, nested runs, claims beyond the recording."""
    owners = [f"run-{i}" for i in range(rng.randrange(4))]
    parents = {owner: rng.choice([*owners[:i], "elsewhere", "", ""]) for i, owner in enumerate(owners)}
    claims = []
    for owner in owners:
        rule = rng.choice((MACHINE, PROCESS))
        for _ in range(rng.choice((1, 1, 2, 3))):
            start, end = (rng.randrange(-SECOND, SPAN + SECOND) for _ in range(2))
            claims.append(Claim(owner, start, end, rule, some_cpu(rng) if rule == PROCESS else (), parents[owner]))
    return claims


def some_cpu(rng: Random) -> tuple[tuple[int, int, int], ...]:
    rows, t, tree, busy = [], rng.randrange(SPAN), 0, 0
    for _ in range(rng.randrange(4)):
        rows.append((t, tree, busy))
        t, tree, busy = t + rng.randrange(1, SPAN), tree + rng.randrange(10**6), busy + rng.randrange(10**6)
    return tuple(rows)


def around(owner: str, claimed: dict[str, str]) -> list[str]:
    """Who is around an owner, from the inside out."""
    found = []
    while (owner := claimed.get(owner, "")) in claimed:
        found.append(owner)
    return found


def check_case(seed: int) -> None:
    rng = Random(seed)
    line, claims = a_timeline(rng), some_claims(rng)
    shares = split(line, claims)
    claimed = {claim.owner: claim.parent for claim in claims if claim.end_ns > claim.start_ns}
    assert set(shares) == {NOBODY, *claimed}, seed
    edges = [edge for claim in claims for edge in claim[1:3]]
    times = sorted([0, SPAN, *rng.sample(edges, min(3, len(edges))), *(rng.randrange(SPAN) for _ in range(3))])
    before = dict.fromkeys(shares, 0)
    for t in times:
        now = {owner: share.at(t) for owner, share in shares.items()}
        assert all(now[owner] >= before[owner] for owner in now), seed
        before = now
    for start, end in pairwise(sorted({*edges, *times})):
        here = {claim.owner for claim in claims if claim.start_ns <= start and end <= claim.end_ns}
        tops = [NOBODY, *(owner for owner in here if not here & set(around(owner, claimed)))]
        assert sum(shares[owner].energy(start, end) for owner in tops) == line.energy(start, end), seed
        for parent in here:
            inner = [
                owner for owner in here if parent == next((one for one in around(owner, claimed) if one in here), "")
            ]
            assert sum(shares[owner].energy(start, end) for owner in inner) <= shares[parent].energy(start, end), seed
    assert sum(line.energy(a, b) for a, b in pairwise(times)) == line.energy(times[0], times[-1]), seed


def test_parts_are_the_whole_in_ten_thousand_cases():
    for seed in range(CASES):
        check_case(seed)


@pytest.mark.long
def test_parts_are_the_whole_in_a_hundred_thousand_cases():
    for seed in range(CASES, 11 * CASES):
        check_case(seed)


seeds = st.integers(0, 2**32)
times = st.integers(-SECOND, SPAN + SECOND)


@given(seeds, st.tuples(times, times, times))
def test_a_window_is_the_sum_of_its_parts(seed, edges):
    line, (a, b, c) = a_timeline(Random(seed)), sorted(edges)
    assert line.energy(a, b) + line.energy(b, c) == line.energy(a, c)
    assert line.energy(a, b) >= 0


@given(seeds, times)
def test_joining_is_idempotent_commutative_and_associative(seed, t):
    tracks = [a_track(Random(seed + i), COUNTER, f"{i}") for i in range(3)]
    a, b, c = (Timeline([track], "boot") for track in tracks)
    whole = Timeline(tracks, "boot")
    for joined in (a.merged(b, c), c.merged(b).merged(a), a.merged(b.merged(c)), whole.merged(whole, b)):
        assert joined.tracks == whole.tracks
        assert joined.at(t) == whole.at(t)
        assert joined.gaps_in(-SECOND, SPAN) == whole.gaps_in(-SECOND, SPAN)


@given(seeds)
def test_a_timeline_never_falls(seed):
    rng = Random(seed)
    line = a_timeline(rng)
    values = [line.at(t) for t in sorted(rng.randrange(-SECOND, SPAN + SECOND) for _ in range(200))]
    assert values == sorted(values)


@given(seeds, st.integers(2, 5), times)
def test_ranks_that_record_the_same_count_it_once(seed, ranks, t):
    track = a_track(Random(seed), COUNTER, "0")
    line = Timeline([track._replace(recorder=f"{rank}") for rank in range(ranks)])
    assert line.at(t) == Timeline([track]).at(t)


@given(seeds, times, times)
def test_a_claim_of_everything_is_the_timeline(seed, start, end):
    line = a_timeline(Random(seed))
    shares = split(line, [Claim("a", -2 * SECOND, SPAN + 2 * SECOND)])
    assert shares["a"].energy(start, end) == line.energy(start, end)
    assert shares[NOBODY].energy(start, end) == 0
