import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joulebook.ledger.batch import Batch, decode_batch, encode_batch
from joulebook.ledger.frame import frame, from_json, to_json, unframe

TIMES = st.integers(0, 2**62)
INTS = st.integers(-(2**63), 2**63 - 1)
RAW = INTS | st.none() | st.booleans() | st.text(max_size=4) | st.floats(allow_nan=False, allow_infinity=False)
PAYLOAD = st.none() | INTS | st.dictionaries(st.text(max_size=4), INTS | st.text(max_size=4), max_size=2)


def columns(raw):
    return st.lists(st.tuples(TIMES, raw), min_size=1, max_size=6).map(
        lambda rows: ([t for t, _ in rows], [value for _, value in rows])
    )


BATCHES = st.builds(
    Batch,
    t=TIMES,
    readings=st.dictionaries(st.integers(0, 200), columns(INTS) | columns(RAW), max_size=3),
    accumulated=st.dictionaries(st.integers(0, 200), st.integers(0, 2**62), max_size=3),
    events=st.lists(st.tuples(TIMES, st.text(max_size=2), PAYLOAD), max_size=4),
    cpu=st.none()
    | st.lists(st.tuples(TIMES, INTS, INTS | st.none()), max_size=4).map(
        lambda rows: tuple([row[at] for row in rows] for at in range(3))
    ),
    clock=st.none() | st.tuples(TIMES, TIMES, TIMES),
    lost=st.integers(0, 2**40),
)


@settings(deadline=None)
@given(BATCHES)
def test_decode_undoes_encode_through_a_frame(batch):
    line = frame(to_json({"n": 3, **encode_batch(*batch)}))
    back = decode_batch(from_json(unframe(line)))
    assert back == batch._replace(events=batch.events or ())
    assert [type(value) for _, raw in back.readings.values() for value in raw] == [
        type(value) for _, raw in batch.readings.values() for value in raw
    ]


def test_columns_are_written_as_the_format_says():
    record = encode_batch(9, {1: ([5, 7], [100, 90])}, {1: 3}, [(6, "l", {"loss": 1}), (8, "-", 4)], clock=(1, 2, 3))
    assert record == {
        "t": 9,
        "r": {"1": [[5, 2], [100, -10]]},
        "a": {"1": 3},
        "e": [[6, 2], ["l", "-"], [{"loss": 1}, 4]],
        "clock": [1, 2, 3],
    }


def test_a_column_with_a_wrong_reading_is_kept_as_it_came():
    record = encode_batch(9, {0: ([5, 7], [1, None])})
    assert record["r"] == {"0": {"t": [5, 7], "v": [1, None]}}
    text = encode_batch(9, {0: ([5, 6, 7], [float("nan"), float("inf"), 1 << 70])})
    assert decode_batch(text).readings[0][1] == ["NaN", "Infinity", 1 << 70]


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="1 times for 2 readings"):
        encode_batch(9, {0: ([5], [1, 2])})


@pytest.mark.parametrize(
    "part",
    [
        {"t": "1"}, {"r": []}, {"r": {"x": [[1], [1]]}}, {"r": {"-1": [[1], [1]]}}, {"r": {"9999999999": [[1], [1]]}},
        {"r": {"0": [[1], [1, 2]]}}, {"r": {"0": [[1]]}}, {"r": {"0": [[1.5], [1]]}}, {"r": {"0": {"t": [1]}}},
        {"r": {"0": {"t": 1, "v": [1]}}}, {"r": {"0": "text"}}, {"a": {"0": 1.5}}, {"a": {"0": True}}, {"e": [[1], ["l"]]},
        {"e": [[1], [1], [1]]}, {"e": [[1], [], []]}, {"e": {}}, {"cpu": [[1], [2]]}, {"cpu": [[1], [2], []]},
        {"cpu": [[1], [2], {"w": []}]}, {"clock": [1, 2]}, {"clock": 5}, {"lost": None},
    ],
)  # fmt: skip
def test_records_of_another_shape_are_refused_with_one_kind_of_error(part):
    with pytest.raises(ValueError):
        decode_batch({"n": 1, "t": 1, **part})


def size_per_reading(counters, anchor_every):
    """Bytes per reading and counter over an hour at 10 Hz: RAPL package, DRAM, GPU, drained each second."""
    chance = random.Random(5)
    t, total, values, count = 86_400_000_000_000, 0, [0] * counters, 0
    for second in range(3_600):
        readings = {channel: ([], []) for channel in range(counters)}
        for _ in range(10):
            t += 100_000_000 + chance.randrange(-300_000, 300_000)
            for channel in range(counters):
                values[channel] += chance.randrange(
                    *((4_000_000, 15_000_000), (500_000, 3_000_000), (6_000_000, 70_000_000))[channel]
                )
                readings[channel][0].append(t + channel * 40_000)
                readings[channel][1].append(values[channel])
                count += 1
        totals = dict(enumerate(values)) if second % anchor_every == 0 else {}
        total += len(frame(to_json({"n": second, **encode_batch(t, readings, totals)})))
    return total / count


@pytest.mark.parametrize(("counters", "anchor_every"), [(3, 1), (2, 10)])
def test_a_reading_takes_at_most_25_bytes_at_10_hertz(counters, anchor_every):
    assert size_per_reading(counters, anchor_every) <= 25


def test_one_counter_takes_at_most_a_megabyte_an_hour_at_10_hertz():
    assert size_per_reading(1, 1) * 36_000 <= 1 << 20
    assert size_per_reading(1, 10) * 36_000 <= 1_000_000
