"""Intensity in time: which value holds when, and means weighted by energy, whatever the order, the cuts and the clocks."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, timezone
from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from joulebook.facts.feeds.feed import instant, spans
from joulebook.facts.feeds.series import FORECAST, MEASURED, STATES, Point, Slice, current, weigh

DAY = 86_400
times = st.integers(0, 40)
points = st.builds(
    lambda start, length, grams, state, fetched: Point(start, start + length, grams, state, fetched),
    times,
    st.integers(0, 12),
    st.floats(0, 900),
    st.sampled_from(STATES),
    st.integers(0, 3),
)
slices = st.builds(
    lambda start, length, energy: Slice(start * 10**9, (start + length) * 10**9, energy),
    times,
    st.integers(1, 12),
    st.floats(0.01, 1e6),
)


def holds(told: list[Point], at: int) -> Point | None:
    """What holds in the second that begins then, by going through all of them."""
    found = [(point.fetched, place) for place, point in enumerate(told) if point.start <= at < point.end]
    return told[max(found)[1]] if found else None


@given(st.lists(points, max_size=12))
def test_the_value_told_last_holds(told: list[Point]) -> None:
    flat = current(told)
    assert all(one.end <= other.start for one, other in itertools.pairwise(flat))
    for at in range(60):
        wanted = holds(told, at)
        found = next((point for point in flat if point.start <= at < point.end), None)
        assert (found is None) == (wanted is None)
        if found is not None and wanted is not None:
            assert (found.grams, found.state, found.fetched) == (wanted.grams, wanted.state, wanted.fetched)


@given(st.lists(points, max_size=12), st.lists(slices, min_size=1, max_size=6))
def test_a_mean_is_the_sum_over_seconds(told: list[Point], energy: list[Slice]) -> None:
    weighed = weigh(current(told), energy)
    total = sum(one.energy for one in energy)
    carbon, covered = 0.0, 0.0
    for start, end, amount in energy:
        for at in range(start // 10**9, end // 10**9):
            point = holds(told, at)
            if point is not None:
                covered += amount / ((end - start) / 1e9)
                carbon += amount / ((end - start) / 1e9) * point.grams
    assert isclose(sum(part.share for part in weighed.parts) + weighed.missing, 1.0, rel_tol=1e-12)
    assert isclose(weighed.missing, 1 - covered / total, abs_tol=1e-9)
    assert isclose(sum(part.share * part.grams for part in weighed.parts) * total, carbon, rel_tol=1e-9, abs_tol=1e-9)
    assert bool(weighed.gaps) == (covered < total * (1 - 1e-9))


@given(st.lists(points, max_size=12), slices, st.integers(1, 11))
def test_cutting_the_energy_changes_nothing(told: list[Point], one: Slice, parts: int) -> None:
    length = one.end_ns - one.start_ns
    edges = [one.start_ns + length * at // parts for at in range(parts + 1)]
    pieces = [Slice(left, right, one.energy * (right - left) / length) for left, right in itertools.pairwise(edges)]
    whole, cut = weigh(current(told), [one]), weigh(current(told), pieces)
    assert isclose(whole.missing, cut.missing, abs_tol=1e-9)
    for left, right in zip(whole.parts, cut.parts, strict=True):
        assert left.state == right.state
        assert isclose(left.share, right.share, rel_tol=1e-9)
        assert isclose(left.grams, right.grams, rel_tol=1e-9, abs_tol=1e-9)
    assert [gap for gap in whole.gaps if gap[1] > gap[0]] == [gap for gap in cut.gaps if gap[1] > gap[0]]


@given(st.floats(0, 2_000), st.lists(slices, min_size=1, max_size=6))
def test_a_constant_intensity_is_its_own_mean(grams: float, energy: list[Slice]) -> None:
    (part,) = weigh([Point(at, at + 1, grams, MEASURED) for at in range(60)], energy).parts
    assert part.grams == grams
    assert isclose(part.share, 1.0, rel_tol=1e-12)


def test_a_revised_forecast_takes_the_place_of_the_older_one_and_a_measured_value_that_of_both() -> None:
    told = [Point(0, 60, 100.0, FORECAST, 1), Point(30, 90, 200.0, FORECAST, 2), Point(30, 60, 150.0, MEASURED, 3)]
    assert [(point.start, point.end, point.grams) for point in current(reversed(told))] == [
        (0, 30, 100.0),
        (30, 60, 150.0),
        (60, 90, 200.0),
    ]


def test_states_are_weighed_apart_and_gaps_have_their_times() -> None:
    told = [Point(0, 10, 100.0, MEASURED), Point(20, 30, 300.0, FORECAST)]
    weighed = weigh(told, [Slice(0, 40 * 10**9, 8.0)])
    assert [(part.state, part.share, part.grams) for part in weighed.parts] == [
        (MEASURED, 0.25, 100.0),
        (FORECAST, 0.25, 300.0),
    ]
    assert (weighed.missing, weighed.gaps) == (0.5, ((10, 20), (30, 40)))


def test_no_energy_has_no_mean() -> None:
    assert weigh([Point(0, 10, 100.0, MEASURED)], [Slice(5, 5, 1.0), Slice(0, 10, 0.0)]).parts == ()


def hours_of(day: str, offset_before: int, offset_after: int, change_utc: datetime) -> list[str]:
    """The hours of a local day as a service writes them, with the offset that the clocks of the place have."""
    before, after = (timezone(timedelta(hours=hours)) for hours in (offset_before, offset_after))
    start = datetime.fromisoformat(day).replace(tzinfo=before)
    end = (datetime.fromisoformat(day) + timedelta(days=1)).replace(tzinfo=after)
    found, now = [], start
    while now < end:
        found.append(now.astimezone(before if now < change_utc else after).isoformat())
        now += timedelta(hours=1)
    return found


def test_days_on_which_clocks_are_changed_have_23_and_25_hours() -> None:
    utc = timezone.utc  # noqa: UP017
    for day, offsets, change, hours in (
        ("2026-03-29", (1, 2), datetime(2026, 3, 29, 1, tzinfo=utc), 23),
        ("2026-10-25", (2, 1), datetime(2026, 10, 25, 1, tzinfo=utc), 25),
    ):
        texts = hours_of(day, *offsets, change)
        assert len(texts) == len(set(texts)) == hours
        begins = [instant("test", text) for text in texts]
        assert [b - a for a, b in itertools.pairwise(begins)] == [3_600] * (hours - 1)
        told = [Point(*span, float(at), MEASURED) for at, span in enumerate(spans(begins, 3_600))]
        energy = Slice(begins[0] * 10**9, (begins[-1] + 3_600) * 10**9, 1.0)
        weighed = weigh(current(told), [energy])
        assert weighed.missing == 0
        assert isclose(weighed.parts[0].grams, (hours - 1) / 2, rel_tol=1e-12)
        assert weighed.parts[0].points == hours


@given(st.sets(st.integers(0, 500), min_size=1, max_size=40))
def test_values_that_come_with_a_beginning_alone_last_until_the_next_and_never_longer_than_an_hour(
    beginnings: set[int],
) -> None:
    found = spans((at * 300 for at in beginnings), 900)
    assert [start for start, _ in found] == sorted(at * 300 for at in beginnings)
    for (start, end), (following, _) in itertools.pairwise(found):
        assert start < end <= following
        assert end - start <= 3_600
    assert 0 < found[-1][1] - found[-1][0] <= 3_600


def test_a_hole_is_no_long_value() -> None:
    assert spans([0, 900, 1_800, 90_000], 900) == [(0, 900), (900, 1_800), (1_800, 2_700), (90_000, 90_900)]


def test_a_year_of_five_minutes_is_weighed() -> None:
    step, count = 300, 366 * 288
    told = [Point(at * step, (at + 1) * step, float(at % 7), MEASURED, at % 2) for at in range(count)]
    flat = current(told)
    assert len(flat) == count
    assert weigh(flat, [Slice(0, count * step * 10**9, 1.0)]).missing == 0
