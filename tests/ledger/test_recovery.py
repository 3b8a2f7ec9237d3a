import os
import time

import pytest

from joulebook.errors import BookNewer, LedgerError
from joulebook.ledger.frame import frame, to_json
from joulebook.ledger.places import list_runs
from joulebook.ledger.reader import read_segments
from joulebook.ledger.recording import Recording, read_recordings
from joulebook.ledger.recovery import Now, clean_copy, examine
from joulebook.testing.recorded import instruments, recorded

NOW = Now(1_900_000_000 * 10**9, 10**18, "now")


@pytest.fixture
def segment(tmp_path):
    return recorded(instruments(), 30, stages=[(2, 9, "train")], pid=0).write(tmp_path)


def look(segment):
    (folder,) = list_runs(segment.parents[2])
    return examine(folder, NOW)


def change(segment, *, drop=(), turn=(), spoil=(), tail=b""):
    lines = segment.read_bytes().splitlines(keepends=True)
    for at in turn:
        lines[at] = lines[at][:40] + bytes([lines[at][40] ^ 2]) + lines[at][41:]
    for at in spoil:
        lines[at] = lines[at][:40] + b"????" + lines[at][44:]
    segment.write_bytes(b"".join(line for at, line in enumerate(lines) if at not in drop) + tail)


def columns(segment):
    (one,) = read_recordings(segment.parent)
    kept = (name for name in Recording.__slots__ if name not in ("damage", "missing", "torn_bytes"))
    return {name: getattr(one, name) for name in kept}


def test_a_sound_journal_has_nothing_to_tell(segment):
    run = look(segment)
    assert (run.sound, run.status, run.notes, run.copy_of) == (True, "finished", [], "")
    (one,) = run.recorders
    assert (one.records, one.damaged_lines, one.missing, one.cleanable) == (
        len(segment.read_bytes().splitlines()),
        0,
        [],
        False,
    )


def test_what_is_damaged_missing_and_torn_is_counted(segment):
    change(segment, drop=(7, 8), spoil=(4,), turn=(12,), tail=b"0000")
    run = look(segment)
    (one,) = run.recorders
    assert (one.damaged_lines, one.repairable, one.torn_bytes) == (2, 1, 4)
    assert [(gap.first, gap.last) for gap in one.missing] == [(4, 4), (7, 8), (12, 12)]
    assert 2.5 < one.missing_s < 8
    assert not run.sound


def test_a_clean_copy_says_what_could_be_read_and_puts_single_bits_right(segment, tmp_path):
    before = columns(segment)
    change(segment, turn=(0, 5, 12), tail=b"0000")
    assert look(segment).status == "unreadable"
    target = tmp_path / "clean"
    target.mkdir()
    (done,) = clean_copy(str(segment.parent), target)
    assert (done.repaired, done.records) == (3, len(segment.read_bytes().splitlines()) - 1)
    assert columns(target / segment.name) == before
    assert look(segment).status == "unreadable"  # the original is as it was


def test_cleaning_in_place_keeps_the_old_files(segment):
    change(segment, spoil=(4,), tail=b"0000")
    data = segment.read_bytes()
    before = columns(segment)
    clean_copy(str(segment.parent), segment.parent, in_place=True)
    assert columns(segment) == before
    assert segment.with_name(f"{segment.name}.damaged").read_bytes() == data
    (one,) = look(segment).recorders
    assert (one.damaged_lines, one.torn_bytes, len(one.missing), one.cleanable) == (0, 0, 1, False)
    change(segment, spoil=(6,))
    clean_copy(str(segment.parent), segment.parent, in_place=True)
    assert segment.with_name(f"{segment.name}.damaged").read_bytes() == data
    assert segment.with_name(f"{segment.name}.damaged.1").exists()


def test_several_segments_become_one(segment):
    lines = segment.read_bytes().splitlines(keepends=True)
    (whole,) = read_segments(segment.parent)
    records = list(whole.records())
    late = frame(to_json({"n": 90_000, "head": {**whole.head, "segment": 1}}))
    segment.write_bytes(b"".join(lines[:10]) + lines[10][:30])
    second = segment.with_name(segment.name.replace(".000.", ".001."))
    second.write_bytes(late + b"".join(lines[9:]))
    assert look(segment).recorders[0].segments == 2
    clean_copy(str(segment.parent), segment.parent, in_place=True)
    (again,) = read_segments(segment.parent)
    assert [path.name for path in again.paths] == [segment.name]
    assert list(again.records()) == records
    assert sorted(path.name for path in segment.parent.iterdir() if "damaged" in path.name) == [
        f"{segment.name}.damaged",
        f"{second.name}.damaged",
    ]


@pytest.mark.parametrize("stop", ["second name", "replace", "unlink"])
def test_a_kill_while_it_is_cleaned_leaves_all_of_it_readable(segment, monkeypatch, stop):
    lines = segment.read_bytes().splitlines(keepends=True)
    before = columns(segment)
    segment.write_bytes(b"".join(lines[:10]))
    (whole,) = read_segments(segment.parent)
    head = frame(to_json({"n": 90_000, "head": {**whole.head, "segment": 1}}))
    segment.with_name(segment.name.replace(".000.", ".001.")).write_bytes(head + b"".join(lines[10:]))

    class Killed(BaseException):
        pass

    def kill(*_args, **_options):
        raise Killed

    names = {"second name": "os.link", "replace": "pathlib.Path.replace", "unlink": "pathlib.Path.unlink"}
    monkeypatch.setattr(names[stop], kill)
    with pytest.raises(Killed):
        clean_copy(str(segment.parent), segment.parent, in_place=True)
    assert columns(segment) == before


def test_without_any_head_there_is_nothing_to_copy(segment):
    change(segment, spoil=(0,))
    with pytest.raises(LedgerError, match="not one journal has a readable head"):
        clean_copy(str(segment.parent), segment.parent, in_place=True)
    assert not [path for path in segment.parent.iterdir() if path.name.startswith(".")]


def test_a_newer_journal_is_named_and_not_rewritten(tmp_path):
    segment = recorded(instruments(), 1, format=99).write(tmp_path)
    (one,) = look(segment).recorders
    assert one.status == "unreadable"
    assert "upgrade joulebook" in one.problems[0]
    with pytest.raises(BookNewer):
        clean_copy(str(segment.parent), segment.parent, in_place=True)


def test_a_clock_of_1970_is_named_and_what_it_was_set_to(tmp_path):
    journal = recorded(instruments(), 5, wall_ns=77 * 10**9)
    step = {"reason": "clock step", "ns": 1_750_000_000 * 10**9}
    journal.records[2]["e"] = [[1_001 * 10**9], ["g"], [step]]
    run = look(journal.write(tmp_path))
    assert "its clock was not set (1970-01-01 00:01:17)" in run.notes[0]
    assert "it began at 2025-06-15 15:07:57" in run.notes[0]
    assert not run.sound


def test_a_clock_that_is_ahead_is_named(tmp_path):
    run = look(recorded(instruments(), 5, wall_ns=NOW.wall_ns + 3 * 86_400 * 10**9).write(tmp_path))
    assert "ahead of this machine" in run.notes[0]


def test_a_copy_under_another_id_says_so(segment):
    other = segment.parent.with_name(segment.parent.name[:-12] + "f" * 12)
    segment.parent.rename(other)
    assert look(other / segment.name).copy_of


def test_a_full_disk_leaves_nothing_behind(segment, monkeypatch):
    change(segment, spoil=(4,))
    data = segment.read_bytes()

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        clean_copy(str(segment.parent), segment.parent, in_place=True)
    assert [path.name for path in segment.parent.iterdir()] == [segment.name]
    assert segment.read_bytes() == data


def test_a_running_run_is_running(tmp_path):
    boot = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    segment = recorded(instruments(), 5, begin_s=boot / 1e9 - 6, status="", boot_id="now").write(tmp_path)
    (folder,) = list_runs(tmp_path)
    assert examine(folder, Now(time.time_ns(), boot, "now")).status == "running"
    assert segment.exists()
