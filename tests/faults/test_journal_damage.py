"""A small journal cut at every byte and flipped at every bit: nothing that was not written is ever read."""

import errno
import json

import pytest

from joulebook.errors import JournalDamaged
from joulebook.ledger.batch import encode_batch
from joulebook.ledger.journal import Journal
from joulebook.ledger.reader import read_segments
from joulebook.ledger.recording import read_recordings
from joulebook.testing.disk import FaultyDisk
from joulebook.testing.recorded import instruments, recorded

NAME = "1-00000000.000.jsonl"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Bytes of a journal, its records as JSON, and where each line ends."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    head = {"run": "0123456789ab", "boot_ns": 5, "recorder": "1-00000000", "channels": [{"name": "a"}]}
    journal = Journal(folder, head, clock=lambda: 9)
    for number in range(3):
        journal.append(encode_batch(10 + number, {0: ([10 + number], [7 * number])}, {0: 7 * number}))
    journal.close({"status": "finished", "exit": 0, "reason": ""})
    data = (folder / NAME).read_bytes()
    lines = data.splitlines(keepends=True)
    ends = [sum(map(len, lines[: count + 1])) for count in range(len(lines))]
    return data, [json.loads(line.split(b" ", 2)[2]) for line in lines], ends


def read(folder):
    """All records with the head, and the file; None when there is no head."""
    try:
        [file] = read_segments(folder)
    except JournalDamaged:
        return None, None
    found = list(file.records())
    return found, file


def test_cut_at_every_byte_leaves_a_prefix(tmp_path, whole):
    data, records, ends = whole
    place = tmp_path / "run"
    place.mkdir()
    for size in range(len(data) + 1):
        (place / NAME).write_bytes(data[:size])
        complete = sum(end <= size for end in ends)
        found, file = read(place)
        if complete == 0:
            assert found is None
            continue
        assert found == records[1:complete]
        assert file.torn_bytes == size - ends[complete - 1]
        assert file.damage == []


def test_every_flipped_bit_is_noticed(tmp_path, whole):
    data, records, _ = whole
    place = tmp_path / "run"
    place.mkdir()
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        (place / NAME).write_bytes(changed)
        found, file = read(place)
        if found is None:
            assert bit // 8 < len(data)
            continue
        assert all(record in records for record in found), f"bit {bit} was accepted"
        assert found != records[1:]
        assert file.damage or file.torn_bytes, f"bit {bit} was passed over in silence"


def test_a_flip_in_the_first_segment_leaves_the_second_whole(tmp_path):
    now = [0]

    def fault(operation, count):
        now[0] += 2_000_000_000
        if (operation, count) == ("write", 4):
            raise OSError(errno.EIO, "Input/output error")

    head = {"run": "0123456789ab", "boot_ns": 5, "recorder": "1-00000000"}
    journal = Journal(tmp_path, head, disk=FaultyDisk(fault), clock=lambda: now[0])
    for number in range(6):
        now[0] += 2_000_000_000
        journal.append({"t": number})
    journal.close({"status": "finished"})
    whole, file = read(tmp_path)
    assert [record["t"] for record in whole if "t" in record and "e" not in record] == [0, 1, 2, 3, 4, 5]
    assert len(file.paths) == 2
    first = (tmp_path / NAME).read_bytes()
    second = [record for record in whole if record["n"] > 2]
    for at in range(len(first)):
        changed = bytearray(first)
        changed[at] ^= 0x20
        (tmp_path / NAME).write_bytes(changed)
        found, file = read(tmp_path)
        assert all(record in found for record in second)
        assert all(record in whole for record in found)
        assert file.head["run"] == "0123456789ab"
        assert file.damage


@pytest.mark.parametrize(
    "extra", [b"\0", b"\0" * 5000, b"\n", b"\n" * 10, b"x" * 5000, b"{}\n", b"\r\n", b"00000000 2 {}\n"]
)
def test_what_follows_the_end_adds_no_record(tmp_path, whole, extra):
    data, records, _ = whole
    (tmp_path / NAME).write_bytes(data + extra)
    found, file = read(tmp_path)
    assert found == records[1:]
    assert file.torn_bytes + file.damaged_bytes == len(extra)


def test_the_same_journal_twice_counts_once(tmp_path, whole):
    data, records, _ = whole
    (tmp_path / NAME).write_bytes(data + data)
    found, file = read(tmp_path)
    assert found == records[1:]
    assert file.damage == []


def test_any_bytes_of_lines_in_any_order_never_raise(tmp_path, whole):
    data, _, _ = whole
    lines = data.splitlines(keepends=True)
    for shift in range(1, len(lines)):
        (tmp_path / NAME).write_bytes(b"".join(lines[shift:] + lines[:shift]))
        [recording] = read_recordings(tmp_path)
        assert sorted(recording.raw[0]) == [0, 7, 14]
        assert recording.end["status"] == "finished"


def several_segments(folder, records, size=8):
    """A journal that had trouble with its disk twice: three segments, the later ones begin with earlier records."""
    now = [0]

    def fault(operation, count):
        now[0] += 2_000_000_000
        if operation == "write" and count in (size, 2 * size):
            raise OSError(errno.EIO, "Input/output error")

    head = {"run": "0123456789ab", "boot_ns": 5, "recorder": "1-00000000", "channels": [{"name": "a"}]}
    journal = Journal(folder, head, disk=FaultyDisk(fault), clock=lambda: now[0])
    for number in range(records):
        now[0] += 2_000_000_000
        journal.append(encode_batch(now[0], {0: ([now[0]], [7 * number])}, {0: 7 * number}))
    journal.close({"status": "finished", "exit": 0, "reason": ""})
    paths = sorted(folder.iterdir())
    assert len(paths) == 3
    return paths


def check(folder, whole, changed, what):
    """Nothing is read that was not written, and what is gone is said."""
    found, file = read(folder)
    if found is None:
        return
    assert all(record in whole for record in found), f"{what} was accepted"
    numbers = [record["n"] for record in found]
    assert numbers == sorted(set(numbers)), what
    if changed or found != whole[: len(found)]:  # a clean cut leaves a beginning
        assert file.damage or file.torn_bytes, f"{what} was passed over in silence"


def test_every_bit_and_every_cut_of_several_segments(tmp_path):
    paths = several_segments(tmp_path / "run", 16)
    whole, _ = read(tmp_path / "run")
    for path in paths:
        data = path.read_bytes()
        for at in range(len(data)):
            for bit in range(8):
                path.write_bytes(data[:at] + bytes((data[at] ^ 1 << bit,)) + data[at + 1 :])
                check(tmp_path / "run", whole, changed=True, what=f"bit {bit} of byte {at} of {path.name}")
            path.write_bytes(data[:at])
            check(tmp_path / "run", whole, changed=False, what=f"the cut at byte {at} of {path.name}")
        path.write_bytes(data)


def test_without_the_heads_of_all_but_one_segment_everything_is_read(tmp_path):
    paths = several_segments(tmp_path / "run", 16)
    whole, _ = read(tmp_path / "run")
    texts = {path: path.read_bytes() for path in paths}
    for kept in paths:
        for path, data in texts.items():
            path.write_bytes(data if path == kept else b"#" + data[1:])
        found, file = read(tmp_path / "run")
        assert found == whole
        assert file.head["run"] == "0123456789ab"
        assert file.damage


@pytest.mark.long
def test_every_bit_and_every_cut_of_a_long_journal(tmp_path):
    journal = recorded(instruments(), 6, stages=[(1, 2, "a"), (2.5, 5, "b")], pid=0)
    place = tmp_path / "run"
    place.mkdir()
    path = place / f"{journal.recorder}.000.jsonl"
    data = journal.lines()
    path.write_bytes(data)
    whole, _ = read(place)
    for at in range(len(data)):
        for bit in range(8):
            path.write_bytes(data[:at] + bytes((data[at] ^ 1 << bit,)) + data[at + 1 :])
            check(place, whole, changed=True, what=f"bit {bit} of byte {at}")
        path.write_bytes(data[:at])
        found, file = read(place)
        assert found is None or (found == whole[: len(found)] and not file.damage), at
