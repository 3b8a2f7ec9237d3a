from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.meter.claims import NOBODY, PROCESS, Claim, split, unite
from joulebook.meter.curve import Curve
from joulebook.meter.integrate import Track, integrate
from joulebook.meter.integrator import Gap
from joulebook.meter.phase import find_period, place
from joulebook.meter.timeline import Timeline, cut
from joulebook.sensors.base import POWER, Channel

SECOND = 1_000_000_000
MS = 1_000_000
FAST = Channel("package-0", "cpu-0", "cpu", period_ns=MS)
SLOW = Channel("board", "gpu-0", "gpu")
BOARD = SLOW._replace(form=POWER)


def steady(start_s: float, end_s: float, recorder: str = "a", watts: int = 100, channel: Channel = FAST) -> Track:
    """A constant power read at 10 Hz; the counter is that of the machine, common to all recorders."""
    times = range(int(start_s * SECOND), int(end_s * SECOND) + 1, SECOND // 10)
    return integrate(channel, [(t, t // 1000 * watts) for t in times], recorder=recorder)


def read_slowly(period_ms: int, times_ns: list[int], phase_ns: int = 0, watts: int = 300) -> list[tuple[int, object]]:
    """A counter that is updated every `period_ms`."""
    period = period_ms * MS
    return [(t, ((t - phase_ns) // period * period + phase_ns) // 1000 * watts + 10**9) for t in times_ns]


def burst(start_ns: int, length_ns: int) -> list[int]:
    return list(range(start_ns, start_ns + length_ns, 2 * MS))


# -- the period and phase of a counter ------------------------------------------------------------------------


@pytest.mark.parametrize("period_ms", [10, 20, 37, 100])
def test_the_period_is_found_from_a_burst_within_a_tenth(period_ms):
    track = integrate(SLOW, read_slowly(period_ms, burst(5 * MS, 3 * period_ms * MS)))
    found = find_period(track.t, track.moved)
    assert abs(found.ns - period_ms * MS) < max(0.1 * period_ms * MS, 2 * MS)
    assert abs(found.ns - period_ms * MS) < 4 * found.sd_ns + 1


def test_the_period_is_sharpened_by_updates_far_apart():
    times = [*burst(0, 250 * MS), *burst(SECOND, 110 * MS), *burst(4 * SECOND, 110 * MS), *burst(20 * SECOND, 110 * MS)]
    track = integrate(SLOW, read_slowly(100, times, 31 * MS))
    assert abs(find_period(track.t, track.moved).ns - 100 * MS) < 0.05 * MS


def test_a_counter_that_stood_still_once_does_not_overrule_the_period_that_its_sensor_tells():
    t = list(range(0, 30 * 250 * MS, 250 * MS))
    moved = [at for at in range(1, 30) if at != 12]
    assert find_period(t, moved, MS).ns == MS
    assert find_period(t, moved).ns > 100 * MS
    moved = [at for at in range(1, 30) if at not in (12, 20)]  # twice: it is believed, unless a gap is the reason
    assert find_period(t, moved, MS).ns > 100 * MS
    assert find_period(t, moved, MS, [(t[12] - 1, t[12] + 1)]).ns == MS


def test_a_counter_that_moves_at_every_dense_read_is_fast():
    track = integrate(SLOW, [(t, t // 1000 * 100) for t in burst(0, 40 * MS)])
    assert find_period(track.t, track.moved).ns <= 4 * MS


def test_a_declared_period_is_used_when_the_readings_allow_it_and_only_then():
    track = integrate(SLOW, read_slowly(100, burst(0, 350 * MS)))
    assert abs(find_period(track.t, track.moved, 99 * MS).ns - 99 * MS) < MS
    assert abs(find_period(track.t, track.moved, 20 * MS).ns - 100 * MS) < 4 * MS
    assert find_period([0], [], 20 * MS).ns == 20 * MS


@given(st.integers(0, 99), st.integers(0, 2**32))
def test_values_are_placed_at_their_updates(phase_ms, seed):
    rng = Random(seed)
    sparse = [i * 100 * MS + rng.randrange(100 * MS) for i in range(10, 60)]
    times = sorted({*burst(0, 310 * MS), *sparse, *burst(3 * SECOND, 110 * MS)})
    track = integrate(SLOW, read_slowly(100, times, phase_ms * MS))
    knots = place(track.t, track.uj, track.moved, find_period(track.t, track.moved))
    assert knots.t == sorted(set(knots.t))
    base = int(read_slowly(100, times[:1], phase_ms * MS)[0][1])  # type: ignore[call-overload]
    late = sorted(abs(t - (uj + base - 10**9) * 1000 // 300) for t, uj in zip(knots.t, knots.uj, strict=True))
    assert late[len(late) // 2] < 20 * MS  # at the readings themselves it would be 50 ms
    assert late[-1] <= 101 * MS


def test_a_window_of_a_slow_counter_has_no_lag():
    # 300 W from reading to reading would be up to 30 J off at each end.
    edges = [2 * SECOND + 30 * MS, 3 * SECOND + 85 * MS]
    times = sorted(
        {
            *burst(0, 310 * MS),
            *range(SECOND, 5 * SECOND, 97 * MS),
            *burst(edges[0], 102 * MS),
            *burst(edges[1], 102 * MS),
        }
    )
    line = Timeline([integrate(SLOW, read_slowly(100, times, 55 * MS))])
    truth = 300 * (edges[1] - edges[0]) // 1000
    assert abs(line.energy(*edges) - truth) < 1_000_000
    assert 0 < line.edge_sd(edges[0]) < 3_000_000


def test_after_the_last_update_power_goes_on_for_one_period():
    times = [*burst(0, 310 * MS), *range(400 * MS, 1_000 * MS, 50 * MS), 1_040 * MS]
    line = Timeline([integrate(SLOW, read_slowly(100, times, 50 * MS))])
    assert abs(line.energy(500 * MS, 1_040 * MS) - 300 * 540_000) < 4_000_000  # 27 J without it
    assert line.at(9 * SECOND) == line.at(1_040 * MS)


def test_a_counter_that_stood_still_has_its_energy_spread_over_the_gap():
    readings = [(t * SECOND // 10, (t if t < 20 or t >= 60 else 20) * 10_000_000) for t in range(101)]
    line = Timeline([integrate(FAST, readings)])
    assert abs(line.at(4 * SECOND) - 400_000_000) < 20_000_000
    assert [gap.reason for gap in line.gaps_in(0, 10 * SECOND)] == ["stuck"]
    assert line.coverage(0, 10 * SECOND) == 1.0


# -- power ----------------------------------------------------------------------------------------------------


def sampled(power, seconds: int, seed: int = 1) -> Track:
    rng = Random(seed)
    times = [i * SECOND // 10 + rng.randrange(SECOND // 10) for i in range(seconds * 10)]
    return integrate(BOARD, [(t, power(t)) for t in times])


def test_sampling_noise_tells_a_steady_load_from_an_unsteady_one():
    flat = Timeline([sampled(lambda _: 300_000_000, 60)])
    slow = Timeline([sampled(lambda t: 100_000_000 if t // SECOND // 10 % 2 else 700_000_000, 60)])
    fast = Timeline([sampled(lambda t: 100_000_000 if t % (33 * MS) < 15 * MS else 700_000_000, 60)])
    window = (SECOND, 59 * SECOND)
    assert flat.noise_var(*window) == 0
    assert 0 < slow.noise_var(*window) < fast.noise_var(*window) / 10
    # Independent readings: n sigma^2 h^2, sigma about 300 W, 580 readings, 0.1 s.
    assert 0.5 < fast.noise_var(*window) ** 0.5 / (580**0.5 * 300_000_000 * 0.1) < 1.5


def test_sampling_noise_adds_up():
    line = Timeline([sampled(lambda t: t % 7 * 10**8, 10)])
    parts = line.noise_var(0, 3 * SECOND) + line.noise_var(3 * SECOND, 10 * SECOND)
    assert parts == pytest.approx(line.noise_var(0, 10 * SECOND))


# -- several recorders ------------------------------------------------------------------------------------------


def test_the_earliest_recorder_counts_and_hands_over_when_it_ends():
    early, late = steady(0, 5, "b"), steady(3, 10, "a", watts=100)
    line = Timeline([late, early])
    assert [track.recorder for track in line.tracks] == ["b", "a"]
    assert abs(line.energy(0, 10 * SECOND) - 10 * 100_000_000) < 100_000
    assert line.coverage(0, 10 * SECOND) == 1.0


def test_of_two_that_start_together_the_first_id_counts():
    line = Timeline([steady(0, 5, "b", watts=200), steady(0, 5, "a", watts=100)])
    assert abs(line.energy(0, 5 * SECOND) - 500_000_000) < 100_000


def holed(recorder: str, *, channel: Channel = FAST) -> Track:
    times = [*range(0, 3 * SECOND, SECOND // 10), *range(7 * SECOND, 10 * SECOND + 1, SECOND // 10)]
    return integrate(
        channel, [(t, 100_000_000 if channel.form == POWER else t // 10) for t in times], recorder=recorder
    )


def test_a_gap_is_covered_by_another_recorder():
    gappy, other = holed("a", channel=BOARD), sampled(lambda _: 100_000_000, 10)._replace(recorder="b")
    assert Timeline([gappy]).coverage(0, 10 * SECOND) == pytest.approx(0.59, abs=0.01)
    both = Timeline([gappy, other])
    assert both.coverage(SECOND, 9 * SECOND) == 1.0
    assert abs(both.energy(SECOND, 9 * SECOND) - 800_000_000) < 1_000_000


def test_a_bridged_gap_keeps_its_energy_unless_another_saw_all_of_it():
    part = steady(5, 20, "b")
    line = Timeline([holed("a"), part])
    assert abs(line.energy(0, 10 * SECOND) - 1_000_000_000) < 100_000
    assert [gap.bridged for gap in line.gaps_in(0, 10 * SECOND)] == [True]
    full = Timeline([holed("a"), steady(1, 20, "b")])
    assert full.gaps_in(0, 10 * SECOND) == []


def test_where_nobody_recorded_is_missing():
    line = Timeline([steady(1, 3, "a"), steady(5, 7, "b")])
    gaps = [cut(gap, 0, 9 * SECOND) for gap in line.gaps_in(0, 9 * SECOND)]
    reasons = [(gap.start_ns // SECOND, gap.end_ns // SECOND, gap.reason) for gap in gaps]
    assert reasons == [(0, 1, "missing"), (3, 5, "missing"), (7, 9, "missing")]
    assert line.coverage(0, 8 * SECOND) == 0.5
    assert line.energy(3 * SECOND, 5 * SECOND) == 0


def test_the_longest_track_of_a_recorder_stands_for_it():
    assert Timeline([steady(0, 3), steady(0, 9), steady(0, 5)]).end_ns == 9 * SECOND


def test_a_timeline_is_of_one_channel():
    with pytest.raises(ValueError, match="no track"):
        Timeline([])
    with pytest.raises(ValueError, match="one channel"):
        Timeline([steady(0, 1), steady(0, 1, channel=FAST._replace(name="dram"))])


def test_a_channel_that_was_never_read_has_a_gap_and_no_energy():
    line = Timeline([integrate(FAST, [(t, None) for t in range(0, 5 * SECOND, SECOND // 10)])])
    assert (line.at(3 * SECOND), line.coverage(0, 4 * SECOND)) == (0, 0.0)
    assert Curve(integrate(FAST, [])).at(5) == 0


def test_the_idle_baseline_is_the_power_of_quiet_seconds():
    readings, uj = [], 0
    for i in range(601):
        readings.append((i * SECOND // 10, uj))
        uj += 1_000_000 if 200 <= i < 300 else 20_000_000
    line = Timeline([integrate(FAST, readings)])
    assert line.baseline_w() == pytest.approx(10, rel=0.05)
    assert Timeline([steady(0, 0.5)]).baseline_w() is None


def test_a_gap_is_cut_to_a_window_with_its_proportion():
    assert cut(Gap(0, 100, "missing", 50, bridged=True), 50, 200) == Gap(50, 100, "missing", 25, bridged=True)


# -- claims -----------------------------------------------------------------------------------------------------


LINE = Timeline([steady(0, 10)])
TEN = (0, 10 * SECOND)


def joules(shares, owner: str) -> float:
    return round(shares[owner].energy(*TEN) / 1e6, 1)


def test_machine_claims_share_equally_where_they_overlap():
    shares = split(LINE, [Claim("a", 0, 6 * SECOND), Claim("b", 4 * SECOND, 8 * SECOND)])
    assert [joules(shares, owner) for owner in ("a", "b", NOBODY)] == [500, 300, 200]


def test_process_claims_come_first_and_the_rest_is_the_machines():
    cpu = ((0, 0, 0), (10 * SECOND, 3_000, 10_000))
    process = Claim("p", *TEN, PROCESS, cpu)
    assert [joules(split(LINE, [process]), owner) for owner in ("p", NOBODY)] == [300, 700]
    shares = split(LINE, [process, Claim("m", 0, 5 * SECOND)])
    assert [joules(shares, owner) for owner in ("p", "m", NOBODY)] == [300, 350, 350]


def test_process_claims_are_clamped_to_the_whole():
    cpu = ((0, 0, 0), (10 * SECOND, 9_000, 10_000))
    shares = split(LINE, [Claim(owner, *TEN, PROCESS, (*cpu, (11 * SECOND, i, 9**9))) for i, owner in enumerate("ab")])
    assert [joules(shares, owner) for owner in ("a", "b", NOBODY)] == [500, 500, 0]


def test_without_cpu_times_a_process_claims_nothing():
    assert joules(split(LINE, [Claim("p", *TEN, PROCESS)]), "p") == 0


def test_the_ranks_of_a_run_claim_once():
    shares = split(LINE, [Claim("a", 0, 6 * SECOND), Claim("a", 2 * SECOND, 8 * SECOND), Claim("b", *TEN)])
    assert [joules(shares, owner) for owner in ("a", "b")] == [400, 600]


def test_ranks_with_process_claims_add_their_cpu_times():
    one, two = (((0, 0, 0), (10 * SECOND, us, 10_000)) for us in (1_000, 2_000))
    shares = split(
        LINE, [Claim("a", *TEN, PROCESS, one), Claim("a", *TEN, PROCESS, two), Claim("a", *TEN, PROCESS, two)]
    )
    assert joules(shares, "a") == 300


def test_a_nested_run_is_part_of_its_parent_and_takes_from_nobody():
    claims = [Claim("a", *TEN), Claim("b", *TEN), Claim("in", 2 * SECOND, 4 * SECOND, parent="a")]
    claims.append(Claim("deeper", 3 * SECOND, 4 * SECOND, parent="in"))
    shares = split(LINE, claims)
    assert [joules(shares, owner) for owner in ("a", "b", "in", "deeper", NOBODY)] == [500, 500, 100, 50, 0]


def test_a_nested_run_that_outlives_its_parent_goes_on_beside_the_others():
    claims = [Claim("a", 0, 6 * SECOND), Claim("b", 0, 8 * SECOND), Claim("in", 2 * SECOND, 4 * SECOND, parent="a")]
    claims.append(Claim("deeper", 3 * SECOND, 10 * SECOND, parent="in"))
    shares = split(LINE, claims)
    assert [joules(shares, owner) for owner in ("a", "b", "in", "deeper", NOBODY)] == [300, 400, 100, 450, 0]


def test_runs_beside_each_other_inside_a_run_share_what_it_has():
    claims = [Claim("a", *TEN), Claim("b", *TEN)]
    claims += [Claim("left", 0, 6 * SECOND, parent="a"), Claim("right", 4 * SECOND, 8 * SECOND, parent="a")]
    shares = split(LINE, claims)
    assert [joules(shares, owner) for owner in ("a", "left", "right")] == [500, 250, 150]
    assert shares["left"].share(*TEN) == pytest.approx(0.25)
    assert sum(edge.weight for edge in shares["left"].edges(*TEN)) == pytest.approx(0)


def test_a_run_whose_parent_is_elsewhere_and_runs_in_a_circle_stand_alone():
    shares = split(LINE, [Claim("a", *TEN, parent="b"), Claim("b", *TEN, parent="a"), Claim("c", *TEN, parent="gone")])
    assert {round(joules(shares, owner)) for owner in "abc"} == {333}


def test_the_first_claim_gets_the_remainder_and_no_share_falls():
    shares = split(LINE, [Claim(owner, 0, 10 * SECOND) for owner in "abc"])
    first, *others = (shares[owner].energy(0, 100_010) for owner in "abc")
    assert first >= max(others) >= first - 1
    for owner in "abc":
        values = [shares[owner].at(t) for t in range(0, 200_000, 7_000)]
        assert values == sorted(values)


def test_intervals_unite():
    assert unite([(5, 7), (1, 3), (2, 4), (7, 7), (7, 9)]) == [(1, 4), (5, 9)]
