import json
from pathlib import Path

import pytest

from joulebook.ledger.batch import encode_batch
from joulebook.ledger.recording import Recording, decode, read_recordings, status

GOLDEN = Path(__file__).parent / "golden"
HEAD = {"format": 1, "run": "0123456789ab", "boot_id": "b", "boot_ns": 100, "wall_ns": 1_000, "channels": [{}, {}]}
SECOND = 1_000_000_000


def view(recording):
    """Everything that a recording says, as JSON has it."""
    shown = {name: getattr(recording, name) for name in Recording.__slots__ if name not in {"head", "channels"}}
    return json.loads(json.dumps({**shown, "run": recording.run, "name": recording.name}))


@pytest.mark.parametrize("folder", sorted(path.name for path in GOLDEN.iterdir() if path.is_dir()))
def test_journals_of_format_1_stay_readable(folder):
    expected = json.loads((GOLDEN / f"{folder}.json").read_text())
    assert [view(recording) for recording in read_recordings(GOLDEN / folder)] == expected


def numbered(*records):
    return [{"n": number, **record} for number, record in enumerate(records, 1)]


def test_columns_of_batches_are_joined():
    recording = decode(
        "1-0",
        HEAD,
        numbered(
            encode_batch(200, {0: ([110, 120], [5, 9]), 1: ([111], [3])}, {0: 4, 1: 0}, [(115, "+", [1, 0, "a"])]),
            encode_batch(300, {0: ([210], [None])}, {0: 7, 1: 0}, cpu=([210], [5], [6]), clock=(2_000, 300, 7), lost=2),
            {"end": {"t": 400, "status": "failed", "exit": 1, "reason": "x"}},
        ),
    )
    assert recording.t == [[110, 120, 210], [111]]
    assert recording.raw == [[5, 9, None], [3]]
    assert recording.anchors == [[(120, 4), (210, 7)], [(111, 0), (111, 0)]]
    assert recording.events == [(115, "+", [1, 0, "a"])]
    assert recording.cpu == ([210], [5], [6])
    assert recording.clocks == [(2_000, 300, 7)]
    assert (recording.first_ns, recording.last_ns, recording.lost) == (100, 400, 2)
    assert recording.end == {"t": 400, "status": "failed", "exit": 1, "reason": "x"}
    assert recording.damage == []
    assert [recording.wall_ns(t) for t in (100, 299, 300, 310)] == [1_000, 1_199, 2_000, 2_010]


@pytest.mark.parametrize(
    "record",
    [
        {"t": 5, "r": {"2": [[1], [1]]}},
        {"t": 5, "a": {"7": 1}},
        {"t": "5"},
        {"x": 1},
        {"end": 5},
        {"end": {"t": None}},
        {"t": 5, "r": 3},
    ],
)
def test_a_record_of_another_shape_is_named_and_the_rest_is_kept(record):
    recording = decode(
        "1-0", HEAD, numbered(encode_batch(200, {0: ([110], [5])}), record, encode_batch(300, {0: ([210], [6])}))
    )
    assert recording.raw[0] == [5, 6]
    assert len(recording.damage) == 1
    assert recording.damage[0].startswith("record 2: ")


def test_many_wrong_records_do_not_fill_the_screen():
    recording = decode("1-0", HEAD, numbered(*[{"t": None}] * 500))
    assert len(recording.damage) == 21
    assert recording.damage[-1].startswith("480 more")


@pytest.mark.parametrize("head", [{}, {"channels": 5, "boot_ns": "x"}, {"channels": [1, None]}])
def test_a_poor_head_is_no_reason_to_fail(head):
    recording = decode("1-0", head, numbered({"t": 5}))
    assert (recording.first_ns, recording.last_ns, recording.run) == (0, 5, "")
    assert all(channel == {} for channel in recording.channels)


@pytest.mark.parametrize(
    ("end", "age_s", "boot", "alive", "expected"),
    [
        ("finished", 99, "other", False, "finished"),
        ("failed", 0, "b", True, "failed"),
        ("stopped", 0, "b", True, "stopped"),
        ("nonsense", 0, "b", True, "stopped"),
        (None, 9, "b", True, "running"),
        (None, -9, "b", True, "running"),
        (None, 11, "b", True, "interrupted"),
        (None, 9, "b", False, "interrupted"),
        (None, 9, "other", True, "interrupted"),
        (None, 9, "", True, "interrupted"),
    ],
)
def test_status_is_derived(end, age_s, boot, alive, expected):
    records = numbered({"t": 100 * SECOND}, *([{"end": {"t": 100 * SECOND, "status": end}}] if end else []))
    recording = decode("1-0", HEAD, records)
    assert status(recording, (100 + age_s) * SECOND, boot, alive) == expected


@pytest.mark.parametrize(("interval_s", "expected"), [(0.1, "interrupted"), (30, "running"), ("30", "interrupted")])
def test_a_slow_recording_is_running_for_three_intervals(interval_s, expected):
    recording = decode("7-0badcafe", {**HEAD, "boot_ns": 0, "interval_s": interval_s}, [])
    assert status(recording, 60 * 10**9, str(HEAD["boot_id"]), True) == expected


def test_a_capped_journal_is_running_as_long_as_its_process():
    recording = decode("1-0", HEAD, numbered(encode_batch(5, events=[(5, "g", {"reason": "capped"})])))
    assert status(recording, 10_000 * SECOND, "b", True) == "running"
    assert status(recording, 10_000 * SECOND, "b", False) == "interrupted"
