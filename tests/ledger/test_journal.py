import errno
import os
import stat
import threading
from itertools import pairwise
from pathlib import Path

import pytest

from joulebook.ledger import held as held_module
from joulebook.ledger import journal as journal_module
from joulebook.ledger.batch import decode_batch, encode_batch
from joulebook.ledger.cap import RESERVE
from joulebook.ledger.disk import Disk
from joulebook.ledger.frame import MAX_RECORD, unframe
from joulebook.ledger.journal import Journal
from joulebook.ledger.reader import read_segments
from joulebook.ledger.recording import read_recordings
from joulebook.testing.disk import FaultyDisk, ForgetfulDisk

HEAD = {"run": "0123456789ab", "boot_ns": 0, "channels": [{"name": "package-0"}]}
SECOND = 1_000_000_000


class Clock:
    def __init__(self):
        self.now = 0

    def __call__(self):
        return self.now


def records(folder):
    [file] = read_segments(folder)
    return list(file.records()), file


def fails(operation, *numbers, error=errno.EIO):
    def fault(reached, count):
        if reached == operation and count in numbers:
            raise OSError(error, os.strerror(error))

    return fault


def test_what_was_acknowledged_is_on_the_disk_at_once(tmp_path):
    journal = Journal(tmp_path / "a" / "runs" / "x", HEAD, clock=Clock())
    for number in range(5):
        assert journal.append({"t": number})
        assert [record["t"] for record in records(journal.folder)[0]] == list(range(number + 1))
    assert journal.close({"status": "finished", "exit": 0, "reason": ""})
    found, file = records(journal.folder)
    assert [record["n"] for record in found] == [1, 2, 3, 4, 5, 6]
    assert found[-1]["end"] == {"t": 0, "status": "finished", "exit": 0, "reason": ""}
    assert file.head["run"] == HEAD["run"]
    assert file.head["recorder"] == journal.recorder
    assert (file.head["format"], file.head["segment"]) == (1, 0)
    assert (file.damage, file.torn_bytes, journal.lost, journal.degraded, journal.notice) == ([], 0, 0, "", "")


def test_each_record_is_one_write_of_a_whole_line(tmp_path):
    writes = []

    class Watching(Disk):
        def write(self, descriptor, data):
            writes.append(data)
            return super().write(descriptor, data)

    journal = Journal(tmp_path / "run", HEAD, disk=Watching())
    journal.append({"t": 1, "x": "a\nb"})
    journal.close({"status": "finished"})
    assert len(writes) == 3
    assert all(data.count(b"\n") == 1 and data.endswith(b"\n") for data in writes)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_files_are_private_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        journal = Journal(tmp_path / "home" / "runs" / "x", HEAD)
        journal.append({"t": 1})
        journal.close()
    finally:
        os.umask(before)
    folder = Path(journal.folder)
    [file] = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for made in (folder, folder.parent, folder.parent.parent):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_a_link_in_place_of_the_folder_or_file_is_not_followed(tmp_path):
    target = tmp_path / "target"
    target.mkdir()
    (tmp_path / "link").symlink_to(target)
    journal = Journal(tmp_path / "link", HEAD)
    assert list(target.iterdir()) == []
    assert "symbolic link" in journal.notice
    planted = tmp_path / "run"
    planted.mkdir()
    (planted / "7-00000000.000.jsonl").symlink_to(tmp_path / "victim")
    other = Journal(planted, {**HEAD, "recorder": "7-00000000"})
    assert not (tmp_path / "victim").exists()
    assert other.recorder != "7-00000000"
    journal.close()
    other.close()


def test_the_descriptor_is_not_inherited_by_programs(tmp_path):
    class Watching(Disk):
        def open(self, path):
            self.descriptor = super().open(path)
            return self.descriptor

    disk = Watching()
    journal = Journal(tmp_path / "run", HEAD, disk=disk)
    assert not os.get_inheritable(disk.descriptor)
    journal.close()


def test_values_that_json_cannot_hold_do_not_lose_the_record(tmp_path):
    journal = Journal(tmp_path / "run", {**HEAD, "config": {1: "a", "1": "b", "x": float("nan")}})
    assert journal.append({"t": 1, "e": [[1], ["l"], [{"loss": float("inf"), "where": Path("/x"), "s": "\udcff"}]]})
    journal.close()
    [record], file = records(journal.folder)
    assert record["e"][2] == [{"loss": "Infinity", "where": "PosixPath('/x')", "s": "\udcff"}]
    assert file.head["config"] == {"1": "a", "1#2": "b", "x": "NaN"}


def test_a_record_that_is_too_large_becomes_a_mark(tmp_path):
    journal = Journal(tmp_path / "run", {**HEAD, "config": {"x": "y" * (2 * MAX_RECORD)}, "name": "n" * MAX_RECORD})
    assert journal.append({"t": 1, "e": [[1], ["l"], [{"x": "y" * (2 * MAX_RECORD)}]]})
    assert journal.append({"t": 2})
    assert journal.close({"status": "failed", "reason": "r" * MAX_RECORD})
    found, file = records(journal.folder)
    payload = found[0]["e"][2][0]
    assert (payload["reason"], payload["bytes"] > 2 * MAX_RECORD) == ("record too large", True)
    assert found[1]["t"] == 2
    assert found[2]["end"]["status"] == "failed"
    assert len(found[2]["end"]["reason"]) == journal_module.REASON_CHARS
    assert file.head["config"] == {"": f"omitted: {2 * MAX_RECORD + 13} bytes"}
    assert file.head["name"] == "n" * 1_000
    assert file.damage == []


def test_a_record_with_many_events_is_divided(tmp_path):
    """One of them is too large: nothing else of the record is lost."""
    count = 60_000
    events = [(10 + 7 * number, "l", {"number": number}) for number in range(count)]
    events[1_000] = (events[1_000][0], "l", {"x": "y" * MAX_RECORD})
    journal = Journal(tmp_path / "run", HEAD)
    assert journal.append(encode_batch(5, {0: ([1, 2], [3, 4])}, {0: 7}, events))
    journal.close()
    found, file = records(journal.folder)
    decoded = [decode_batch(record) for record in found]
    assert [batch.readings for batch in decoded if batch.readings] == [{0: ([1, 2], [3, 4])}]
    kept = [event for batch in decoded for event in batch.events]
    assert kept[:1_000] + kept[1_001:] == events[:1_000] + events[1_001:]
    assert kept[1_000][2]["reason"] == "record too large"
    assert file.damage == []


def test_a_record_that_stays_too_large_ends_as_a_mark(tmp_path):
    journal = Journal(tmp_path / "run", HEAD)
    assert journal.append({"t": 1, "r": {"0": {"t": [1], "v": ["y" * MAX_RECORD]}}, "e": [[1], ["l"], [{"x": 1}]]})
    journal.close()
    [record], _ = records(journal.folder)
    assert record["e"][2][0]["reason"] == "record too large"


def test_close_is_idempotent_and_nothing_follows_it(tmp_path):
    journal = Journal(tmp_path / "run", HEAD)
    assert journal.close({"status": "finished"})
    assert journal.close({"status": "failed"})
    assert not journal.append({"t": 1})
    assert not journal.sync(1.0)
    assert [record["end"]["status"] for record in records(journal.folder)[0]] == ["finished"]


def test_all_descriptors_are_closed_and_the_thread_ends():
    disk = ForgetfulDisk()
    disk.failing_writes = 0
    journal = Journal("/run", HEAD, disk=disk, sync_every_s=0)
    for number in range(30):
        disk.failing_writes = number % 3
        disk.failing_syncs = number % 2
        journal.append({"t": number})
        journal.sync(5.0)
    journal.close({"status": "finished"}, 5.0)
    assert disk.open_files == 0
    journal._syncer._thread.join(5.0)
    assert not journal._syncer._thread.is_alive()


def test_no_thread_is_started_before_a_sync_is_due(tmp_path):
    clock = Clock()
    disk = FaultyDisk(lambda operation, count: None)
    journal = Journal(tmp_path / "run", HEAD, disk=disk, clock=clock)
    before = threading.active_count()
    clock.now = 3 * SECOND
    journal.append({"t": 1})
    assert threading.active_count() == before
    assert "fdatasync" not in disk.calls
    clock.now = 4 * SECOND  # the next record may come a second later
    journal.append({"t": 2})
    assert journal.sync(5.0)
    assert disk.calls["fdatasync"] >= 1
    journal.close()


def test_a_disk_that_takes_seconds_to_sync_delays_no_append(tmp_path):
    release, reached = threading.Event(), threading.Event()

    def slow(operation, count):
        if operation == "fdatasync":
            reached.set()
            assert release.wait(30)

    journal = Journal(tmp_path / "run", HEAD, disk=FaultyDisk(slow), sync_every_s=0)
    assert journal.append({"t": 0})
    assert reached.wait(30)
    for number in range(1, 200):  # every one returns while the sync still hangs
        assert journal.append({"t": number})
    assert len(records(journal.folder)[0]) == 200
    assert not journal.close({"status": "stopped"}, deadline_s=0.05)
    assert records(journal.folder)[0][-1]["end"]["status"] == "stopped"
    release.set()
    journal._syncer._thread.join(30)


def test_close_gives_up_when_a_write_hangs(tmp_path):
    release, reached = threading.Event(), threading.Event()

    def stuck(operation, count):
        if operation == "write" and count == 2:
            reached.set()
            assert release.wait(30)

    journal = Journal(tmp_path / "run", HEAD, disk=FaultyDisk(stuck))
    thread = threading.Thread(target=journal.append, args=({"t": 1},))
    thread.start()
    assert reached.wait(30)
    assert not journal.close({"status": "stopped"}, deadline_s=0.05)
    release.set()
    thread.join(30)
    journal._syncer.close_all()


def test_a_shutting_down_interpreter_gets_its_end_record_without_a_thread(tmp_path, monkeypatch):
    journal = Journal(tmp_path / "run", HEAD)

    def refuse(self):
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert not journal.close({"status": "finished"})
    assert records(journal.folder)[0][-1]["end"]["status"] == "finished"


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.ESTALE, errno.EDQUOT, errno.EFBIG])
def test_a_write_error_costs_a_segment_and_no_record(tmp_path, error):
    clock = Clock()
    disk = FaultyDisk(fails("write", 15, error=error))
    journal = Journal(tmp_path / "run", HEAD, disk=disk, clock=clock)
    assert all(journal.append({"t": number}) for number in range(30))
    assert journal.degraded == ""
    journal.close()
    found, file = records(journal.folder)
    assert [record["t"] for record in found if "e" not in record] == list(range(30))
    [mark] = [record["e"][2][0] for record in found if "e" in record]
    assert os.strerror(error) in mark["detail"]
    assert mark["lost"] == 0
    assert len(file.paths) == 2
    assert file.damage == []


def test_a_short_write_is_never_read_as_a_record(tmp_path):
    def short(operation, count):
        return 12 if (operation, count) == ("write", 12) else None

    journal = Journal(tmp_path / "run", HEAD, disk=FaultyDisk(short))
    assert all(journal.append({"t": number}) for number in range(20))
    journal.close()
    found, file = records(journal.folder)
    assert [record["t"] for record in found if "e" not in record] == list(range(20))
    assert (file.torn_bytes, file.damage, len(file.paths)) == (12, [], 2)


def test_records_are_held_while_the_disk_is_full_and_written_when_it_is_back():
    clock, disk = Clock(), ForgetfulDisk(capacity=600)
    journal = Journal("/run", HEAD, disk=disk, clock=clock)
    answers = []
    for number in range(70):
        clock.now += SECOND
        answers.append(journal.append({"t": clock.now}))
        if number == 30:
            disk.capacity = None
    assert not all(answers)
    assert answers[-1]
    assert (journal.lost, journal.degraded) == (0, "")
    assert journal.close()
    assert len(disk.visible()) <= 3
    assert disk.open_files == 0


def test_what_had_to_be_dropped_is_counted_and_said(tmp_path, monkeypatch):
    monkeypatch.setattr(held_module, "HELD_RECORDS", 10)
    clock, disk = Clock(), ForgetfulDisk(capacity=400)
    journal = Journal("/run", HEAD, disk=disk, clock=clock)
    for _ in range(60):
        clock.now += SECOND // 10
        journal.append({"t": clock.now})
    assert "short write" in journal.degraded or "No space" in journal.degraded
    lost = journal.lost
    assert lost > 20
    disk.capacity = None
    clock.now += 60 * SECOND
    assert journal.append({"t": clock.now})
    assert journal.degraded == ""
    journal.close()
    disk.save(disk.visible(), tmp_path / "run")
    found, file = records(tmp_path / "run")
    [mark] = [record["e"][2][0] for record in found if "e" in record]
    assert mark["reason"] == "journal degraded"
    assert mark["lost"] == lost == journal.lost
    assert sum(gap.last - gap.first + 1 for gap in file.missing) == lost
    assert any("missing" in text for text in file.damage)


def test_held_records_are_bounded_in_bytes(monkeypatch):
    monkeypatch.setattr(held_module, "HELD_BYTES", 10_000)
    disk = ForgetfulDisk(capacity=300)
    journal = Journal("/run", HEAD, disk=disk, clock=Clock())
    for number in range(200):
        journal.append({"t": number, "x": "y" * 500})
    assert journal._held.bytes <= 10_000
    assert journal._held.bytes == sum(map(len, journal._held.frames))
    assert journal.lost > 150
    journal.close(deadline_s=0.1)
    lines = [line for data in disk.visible().values() for line in data.splitlines(keepends=True)]
    assert journal.lost == 200 - sum(unframe(line) is not None for line in lines[1:])


def test_a_full_disk_costs_a_few_files_not_thousands():
    clock, disk = Clock(), ForgetfulDisk(capacity=500)
    journal = Journal("/run", HEAD, disk=disk, clock=clock)
    for _ in range(2_000):
        clock.now += 5 * SECOND
        journal.append({"t": clock.now})
    assert len(disk.visible()) <= 3
    journal.close()


def test_the_back_off_grows_to_thirty_seconds(tmp_path):
    clock = Clock()
    disk = FaultyDisk(
        lambda operation, count: (
            fails("open", *range(2, 10_000))(operation, count) or fails("write", 2)(operation, count)
        )
    )
    journal = Journal(tmp_path / "run", HEAD, disk=disk, clock=clock)
    tries = []
    for _ in range(3_000):
        clock.now += SECOND // 10
        before = disk.calls["open"]
        journal.append({"t": clock.now})
        tries += [clock.now] * (disk.calls["open"] - before)
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert gaps[0] >= SECOND
    assert gaps == sorted(gaps)
    assert max(gaps) == 30 * SECOND
    journal.close()


def test_a_failed_sync_abandons_the_segment_and_writes_again_what_is_in_doubt(tmp_path):
    disk = ForgetfulDisk()
    journal = Journal("/run", HEAD, disk=disk, clock=Clock())
    assert journal.append({"t": 1})
    assert journal.sync(5.0)
    assert journal.append({"t": 2})
    disk.failing_syncs = 1
    assert not journal.sync(5.0)
    assert journal.append({"t": 3}) is False  # the back-off of a young segment; held
    assert journal.close({"status": "finished"}, 5.0)
    disk.save(disk.visible(), tmp_path / "run")
    found, file = records(tmp_path / "run")
    assert [record["t"] for record in found if "e" not in record and "end" not in record] == [1, 2, 3]
    assert len(file.paths) == 2
    assert file.damage == []
    second = disk.visible()[f"/run/{journal.recorder}.001.jsonl"]
    assert b'"t":2' in second


def test_a_failed_last_sync_is_answered_with_a_new_segment(tmp_path):
    disk = ForgetfulDisk()
    journal = Journal("/run", HEAD, disk=disk, clock=Clock())
    for number in range(20):
        journal.append({"t": number})
    disk.failing_syncs = 1
    assert journal.close({"status": "finished"}, 5.0)
    disk.save(disk.visible(), tmp_path / "run")
    found, file = records(tmp_path / "run")
    assert len(file.paths) == 2
    assert [record for record in found if "end" in record]
    assert disk.open_files == 0


def test_a_file_system_without_sync_is_not_a_failure(tmp_path):
    journal = Journal(tmp_path / "run", HEAD, disk=FaultyDisk(fails("fdatasync", *range(1, 99), error=errno.EINVAL)))
    journal.append({"t": 1})
    assert journal.sync(5.0)
    assert journal.close({"status": "finished"}, 5.0)
    assert len(records(journal.folder)[1].paths) == 1


@pytest.mark.parametrize("operation", ["mkdir", "open", "write"])
def test_a_folder_that_cannot_be_used_is_replaced_and_said(tmp_path, monkeypatch, operation):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "tmp").mkdir()
    disk = FaultyDisk(fails(operation, 1, error=errno.EACCES))
    journal = Journal(tmp_path / "home" / "runs" / "20240101T000000-0123456789ab", HEAD, disk=disk)
    assert journal.append({"t": 1})
    journal.close({"status": "finished"})
    assert journal.folder.startswith(str(tmp_path / "tmp"))
    assert "Permission denied" in journal.notice
    assert "JOULEBOOK_HOME=" in journal.notice
    assert journal.degraded == ""
    assert stat.S_IMODE(Path(journal.folder).stat().st_mode) == 0o700
    assert [record["n"] for record in records(journal.folder)[0]] == [1, 2]


def test_without_any_disk_the_journal_works_in_memory():
    def nothing(operation, count):
        if operation in {"mkdir", "private_folder"}:
            raise OSError(errno.EROFS, "Read-only file system")

    journal = Journal("/nowhere/run", HEAD, disk=FaultyDisk(nothing), clock=Clock())
    assert not journal.append({"t": 1})
    assert "Read-only" in journal.degraded
    assert "memory only" in journal.notice
    assert not journal.close({"status": "finished"}, 0.1)
    assert journal.lost == 2


def test_the_end_of_a_run_moves_when_its_folder_is_full(tmp_path):
    disk = ForgetfulDisk()
    journal = Journal("/home/runs/x", HEAD, disk=disk, clock=Clock())
    journal.append({"t": 1})
    real_open = disk.open
    disk.open = lambda path: (
        real_open(path) if path.startswith("/private") else fails("open", 1, error=errno.EROFS)("open", 1)
    )
    disk.failing_writes = 1
    assert not journal.append({"t": 2})
    assert journal.close({"status": "finished"}, 5.0)
    assert "/private/runs/x" in journal.notice
    assert any(path.startswith("/private/runs/x/") for path in disk.visible())


def test_detail_grows_thinner_near_the_cap_and_totals_go_on(tmp_path):
    clock, cap = Clock(), 100_000
    journal = Journal(tmp_path / "run", HEAD, clock=clock, cap_bytes=cap)
    thins, answers = [1], []
    for number in range(1_500):
        clock.now += SECOND
        answers.append(
            journal.append({"t": clock.now, "r": {"0": [[clock.now], [number]]}, "a": {"0": number}, "x": "y" * 100})
        )
        if journal.thin != thins[-1]:
            thins.append(journal.thin)
    assert thins == sorted(thins)
    assert thins[:4] == [1, 2, 4, 8]
    assert answers[0]
    assert not answers[-1]
    assert journal.close({"status": "finished"})
    assert sum(path.stat().st_size for path in Path(journal.folder).iterdir()) == journal.written <= cap
    [recording] = read_recordings(journal.folder)
    assert recording.capped
    assert recording.anchors[0][-1][1] == 1_499
    assert recording.end["status"] == "finished"
    assert recording.damage == []
    [capped_ns] = [t for t, kind, payload in recording.events if payload["reason"] == "capped"]
    late = [t for t, _ in recording.anchors[0] if t >= capped_ns]
    assert 30 < len(late) < 100
    assert [t for t in recording.t[0] if t >= capped_ns] == late


def test_thinning_begins_at_four_fifths_of_the_cap():
    disk = ForgetfulDisk()
    journal = Journal("/run", HEAD, disk=disk, cap_bytes=1_000_000)
    while journal.thin == 1:
        journal.append({"t": 1, "x": "y" * 1_000})
    assert journal.thin == 2
    assert journal.written == pytest.approx(800_000 - RESERVE, abs=2_000)
    journal.close()


def test_a_fork_leaves_the_child_without_a_journal(tmp_path):
    disk = ForgetfulDisk()
    journal = Journal("/run", HEAD, disk=disk, sync_every_s=0)
    journal.append({"t": 1})
    journal.sync(5.0)
    before = disk.visible()
    journal.after_fork_child()
    assert not journal.append({"t": 2})
    assert not journal.sync(0.1)
    assert not journal.close({"status": "finished"})
    assert disk.visible() == before
    assert disk.open_files == 0


def test_two_recorders_share_a_folder(tmp_path):
    first, second = Journal(tmp_path / "run", HEAD), Journal(tmp_path / "run", HEAD)
    for number in range(5):
        first.append({"t": number})
        second.append({"t": 10 + number})
    first.close({"status": "finished"})
    second.close({"status": "failed"})
    recordings = read_recordings(tmp_path / "run")
    assert {recording.recorder for recording in recordings} == {first.recorder, second.recorder}
    assert {recording.end["status"] for recording in recordings} == {"finished", "failed"}
    assert all(recording.damage == [] for recording in recordings)


def test_a_twin_with_the_same_name_never_shares_a_file(tmp_path):
    head = {**HEAD, "recorder": "12-0123abcd"}
    first, second = Journal(tmp_path / "run", head), Journal(tmp_path / "run", head)
    assert first.recorder == "12-0123abcd"
    assert second.recorder != first.recorder
    first.append({"t": 1})
    second.append({"t": 2})
    first.close()
    second.close()
    found = {file.recorder: [record["t"] for record in file.records()] for file in read_segments(tmp_path / "run")}
    assert found == {first.recorder: [1], second.recorder: [2]}


def test_a_removed_folder_costs_nothing_that_was_not_yet_durable(tmp_path):
    """The command under `joulebook run` may clean up more than it should."""
    journal = Journal(tmp_path / "run", HEAD)
    for number in range(20):
        assert journal.append({"t": number})
    for path in (tmp_path / "run").iterdir():
        path.unlink()
    (tmp_path / "run").rmdir()
    assert journal.append({"t": 20})
    assert journal.append({"t": 21})
    assert journal.close({"status": "finished"})
    found, file = records(journal.folder)
    assert {record["t"] for record in found if "t" in record} >= set(range(22))
    assert found[-1]["end"]["status"] == "finished"
    assert file.head["run"] == HEAD["run"]


def test_a_descriptor_that_somebody_closed_and_got_again_is_left_alone(tmp_path):
    journal = Journal(tmp_path / "run", HEAD)
    journal.append({"t": 1})
    descriptor = journal._segment.descriptor
    os.close(descriptor)
    theirs = os.open(tmp_path / "theirs", os.O_RDWR | os.O_CREAT)
    assert theirs == descriptor
    for number in range(2, 6):
        journal.append({"t": number})
    journal.close({"status": "finished"})
    assert (tmp_path / "theirs").read_bytes() == b""
    os.fstat(theirs)  # still open
    os.close(theirs)
    found, _ = records(journal.folder)
    assert [record["t"] for record in found if "t" in record and "e" not in record][-1] == 5
    assert any("end" in record for record in found)
