import json
import os
from pathlib import Path

import pytest

from joulebook.errors import BookNewer, JournalDamaged
from joulebook.ledger.frame import frame
from joulebook.ledger.reader import Missing, read_segments

HEAD = {"format": 1, "run": "0123456789ab", "boot_ns": 50, "segment": 0}


def line(number, **content):
    return frame(json.dumps({"n": number, **content}, separators=(",", ":")).encode())


def write(folder, name, *lines):
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"".join(lines))


def read(folder):
    [file] = read_segments(folder)
    return [record["n"] for record in file.records()], file


@pytest.fixture
def run(tmp_path):
    return tmp_path / "run"


def test_a_torn_tail_is_cut_and_counted(run):
    write(run, "1-00000000.000.jsonl", line(0, head=HEAD), line(1, t=60), line(2, t=70)[:-1])
    numbers, file = read(run)
    assert numbers == [1]
    assert (file.damage, file.torn_bytes) == ([], len(line(2, t=70)) - 1)


def test_a_damaged_line_costs_that_line_and_says_how_much_time(run):
    lines = [line(0, head=HEAD), *(line(n, t=n * 1_000_000_000) for n in range(1, 8))]
    lines[4] = lines[4].replace(b'"t":4', b'"t":5')
    write(run, "1-00000000.000.jsonl", *lines)
    numbers, file = read(run)
    assert numbers == [1, 2, 3, 5, 6, 7]
    assert (file.damaged_lines, file.damaged_bytes) == (1, len(lines[4]))
    assert file.missing == [Missing(4, 4, 3_000_000_000, 5_000_000_000)]
    assert any("2.000 s" in text for text in file.damage)
    assert read(run)[0] == numbers


def test_a_second_pass_counts_nothing_twice(run):
    write(run, "1-00000000.000.jsonl", line(0, head=HEAD), b"garbage\n", line(2, t=60), b"torn")
    [file] = read_segments(run)
    list(file.records())
    first = (list(file.damage), file.damaged_lines, file.torn_bytes, list(file.missing))
    list(file.records())
    assert first == (file.damage, file.damaged_lines, file.torn_bytes, file.missing)
    assert first[1:3] == (1, 4)


def test_the_head_of_the_next_segment_stands_in(run):
    write(run, "1-00000000.000.jsonl", line(0, head=HEAD)[:-3] + b"???", line(1, t=60))
    write(run, "1-00000000.001.jsonl", line(2, head={**HEAD, "segment": 1}), line(3, t=70))
    numbers, file = read(run)
    assert numbers == [3]
    assert file.head["segment"] == 1
    assert file.missing == [Missing(0, 1, 50, 70)]


def test_segments_are_put_in_order_of_numbers_not_of_files(run):
    write(run, "1-00000000.000.jsonl", line(0, head=HEAD), line(1, t=60))
    write(
        run, "1-00000000.010.jsonl", line(7, head={**HEAD, "segment": 10}), line(8, t=91), line(3, t=64), line(6, t=90)
    )
    write(run, "1-00000000.002.jsonl", line(4, head={**HEAD, "segment": 2}), line(5, t=80), line(2, t=62))
    numbers, file = read(run)
    assert numbers == [1, 2, 3, 5, 6, 8]
    assert file.damage == []
    assert [path.name[11:14] for path in file.paths] == ["000", "002", "010"]


def test_a_repeated_record_counts_once_and_a_contradiction_is_refused(run):
    write(run, "1-00000000.000.jsonl", line(0, head=HEAD), line(1, t=60), line(1, t=60), line(1, t=61), line(2, t=62))
    numbers, file = read(run)
    assert numbers == [1, 2]
    assert file.damage == ["1-00000000.000.jsonl: another record 1; the first one is kept"]


def test_a_recorder_killed_before_its_head_hides_no_other(run):
    write(run, "1-00000000.000.jsonl", line(0, head=HEAD), line(1, t=60))
    write(run, "2-00000000.000.jsonl")
    write(run, "0-00000000.000.jsonl", b"\0" * 100)
    numbers, file = read(run)
    assert numbers == [1]
    assert [text[:21] for text in file.damage] == ["recorder 0-00000000 h", "recorder 2-00000000 h"]


@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"text\n" * 10, line(1, t=5), line(0, head=[1])])
def test_a_folder_without_any_head_is_listed(run, content):
    write(run, "1-00000000.000.jsonl", content)
    with pytest.raises(JournalDamaged, match=rf"1-00000000\.000\.jsonl {len(content)} bytes"):
        read_segments(run)


def test_a_folder_without_journals_is_damaged(run):
    run.mkdir()
    with pytest.raises(JournalDamaged, match="no journal files"):
        read_segments(run)
    with pytest.raises(JournalDamaged, match="No such file"):
        read_segments(run / "no")


def test_a_newer_format_is_named(run):
    write(run, "1-00000000.000.jsonl", line(0, head={**HEAD, "format": 2}))
    with pytest.raises(BookNewer, match="format 2, this joulebook reads up to 1"):
        read_segments(run)


@pytest.mark.parametrize("found", [0, -1, "1", None, True, 1.0])
def test_a_head_without_a_format_is_no_head(run, found):
    write(run, "1-00000000.000.jsonl", line(0, head={**HEAD, "format": found}))
    with pytest.raises(JournalDamaged, match="names no format"):
        read_segments(run)


@pytest.mark.parametrize("text", [b'{"n":1,"n":2}', b'{"n":1,"t":NaN}', b"[1]", b'{"t":1}', b'{"n":1', b"1"])
def test_a_true_checksum_over_no_record_is_not_trusted(run, text):
    write(run, "1-00000000.000.jsonl", line(0, head=HEAD), frame(text), line(2, t=9))
    numbers, file = read(run)
    assert numbers == [2]
    assert file.damaged_lines == 1


def test_a_line_without_end_is_not_taken_into_memory(run):
    write(run, "1-00000000.000.jsonl", line(0, head=HEAD), b"\0" * 5_000_000 + b"\n", line(1, t=60), b"x" * 3_000_000)
    numbers, file = read(run)
    assert numbers == [1]
    assert file.damaged_bytes == 8_000_001


def test_strange_files_are_ignored_and_links_not_followed(run, tmp_path):
    write(run, "1-00000000.000.jsonl", line(0, head=HEAD), line(1, t=60))
    write(run, "x-00000000.000.jsonl", b"x")
    write(run, "1-00000000.000.jsonl.bak", b"x")
    write(run, "1-0000000G.000.jsonl", b"x")
    (tmp_path / "other").write_bytes(line(0, head=HEAD) + line(1, t=61))
    (run / "2-00000000.000.jsonl").symlink_to(tmp_path / "other")
    os.mkfifo(run / "3-00000000.000.jsonl")
    (run / "4-00000000.000.jsonl").mkdir()
    numbers, file = read(run)
    assert numbers == [1]
    assert len(file.damage) == 3


def test_reading_changes_nothing(run):
    write(run, "1-00000000.000.jsonl", line(0, head=HEAD), b"bad\n", b"torn")
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in Path(run).iterdir()}
    read(run)
    assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in Path(run).iterdir()}
