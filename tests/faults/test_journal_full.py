"""Full, limited and read-only disks: the recorder goes on, no partial record is read as good."""

import errno
import os
import resource
from pathlib import Path

import pytest

from joulebook.ledger.disk import Disk
from joulebook.ledger.journal import Journal
from joulebook.ledger.reader import read_segments
from joulebook.testing.disk import FaultyDisk

HEAD = {"run": "0123456789ab", "boot_ns": 0}

pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")


def in_child(work):
    """Exit code of the work in a process of its own; 0 when it ended without an error."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_limit_on_file_size_gives_short_writes_and_costs_no_record(tmp_path):
    def work():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        journal = Journal(tmp_path / "run", HEAD)
        for number in range(1_000):
            assert journal.append({"t": number, "x": "y" * 100})
        assert journal.close({"status": "finished"})

    assert in_child(work) == 0
    [file] = read_segments(tmp_path / "run")
    found = [record for record in file.records() if "e" not in record]
    assert [record["t"] for record in found[:-1]] == list(range(1_000))
    assert found[-1]["end"]["status"] == "finished"
    assert len(file.paths) > 5
    assert file.torn_bytes > 0
    assert file.damage == []
    assert all(path.stat().st_size <= 20_000 for path in file.paths)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_device_that_is_full_is_survived(tmp_path):
    class Full(Disk):
        full = True

        def open(self, path):
            return os.open("/dev/full", os.O_WRONLY) if self.full else super().open(path)

        def private_folder(self):
            raise OSError(errno.ENOSPC, "No space left on device")

    disk, now = Full(), [0]
    journal = Journal(tmp_path / "run", HEAD, disk=disk, clock=lambda: now[0])
    assert "No space left" in journal.degraded
    for number in range(50):
        now[0] += 2_000_000_000
        assert not journal.append({"t": number})
    disk.full = False
    os.dup2(disk.open(str(tmp_path / "freed")), journal._unborn.descriptor)  # the disk has room again
    now[0] += 60_000_000_000
    assert journal.append({"t": 50})
    assert journal.degraded == ""
    assert journal.close({"status": "finished"})
    (tmp_path / "read").mkdir()
    (tmp_path / "freed").rename(tmp_path / "read" / f"{journal.recorder}.000.jsonl")
    [file] = read_segments(tmp_path / "read")
    found = list(file.records())
    assert [record["t"] for record in found if "e" not in record and "end" not in record] == list(range(51))
    assert file.damage == []


def test_a_read_only_folder_is_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    (tmp_path / "home").mkdir(mode=0o500)

    def work():
        if os.geteuid() == 0:
            (tmp_path / "tmp").chmod(0o777)
            for above in (
                tmp_path,
                *(path for path in tmp_path.parents if path.name.startswith(("pytest-", "popen-"))),
            ):
                above.chmod(0o755)
            os.setuid(65_534)
        journal = Journal(tmp_path / "home" / "runs" / "x", HEAD)
        assert journal.append({"t": 1})
        assert journal.close({"status": "finished"})
        assert "Permission denied" in journal.notice
        assert journal.folder.startswith(str(tmp_path / "tmp"))

    assert in_child(work) == 0
    assert list((tmp_path / "home").iterdir()) == []
    [place] = (tmp_path / "tmp").iterdir()
    [file] = read_segments(place / "runs" / "x")
    assert len(list(file.records())) == 2


def test_a_folder_that_disappears_is_made_again(tmp_path):
    def stale(operation, count):
        if (operation, count) == ("write", 22):
            raise OSError(errno.ESTALE, "Stale file handle")

    journal = Journal(tmp_path / "run", HEAD, disk=FaultyDisk(stale))
    for number in range(20):
        assert journal.append({"t": number})
    for path in (tmp_path / "run").iterdir():
        path.unlink()
    (tmp_path / "run").rmdir()
    assert journal.append({"t": 20})
    assert journal.close({"status": "finished"})
    [file] = read_segments(tmp_path / "run")
    assert [record["t"] for record in file.records() if "t" in record and "e" not in record] == list(range(21))
    assert file.missing == []
