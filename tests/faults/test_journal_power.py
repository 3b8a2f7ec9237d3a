"""Power cuts on a disk that forgets what was not synced, with write and sync errors in between."""

import random
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from joulebook.errors import JournalDamaged
from joulebook.ledger.journal import Journal
from joulebook.ledger.reader import read_segments
from joulebook.ledger.recording import decode_file
from joulebook.testing.disk import ForgetfulDisk

HEAD = {"run": "0123456789ab", "boot_ns": 0, "recorder": "1-00000000", "channels": [{"name": "a"}]}
SECOND = 1_000_000_000


class PowerCuts(RuleBasedStateMachine):
    """A recorder of one counter; what it wrote is compared with what a reader finds."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())

    @initialize(capacity=st.none() | st.integers(300, 6_000), synced_every=st.sampled_from([0.0, 5.0]))
    def begin(self, capacity, synced_every):
        self.now = 0
        self.disk = ForgetfulDisk(capacity)
        self.journal = Journal("/home/runs/x", HEAD, disk=self.disk, clock=lambda: self.now, sync_every_s=synced_every)
        self.offered = {}
        self.acknowledged = set()
        self.durable = set()
        self.faults = capacity is not None

    @rule(step_s=st.integers(0, 12), size=st.integers(0, 200))
    def append(self, step_s, size):
        self.now += step_s * SECOND + 1
        number = len(self.offered) + 1
        record = {"t": self.now, "r": {"0": [[self.now], [number]]}, "a": {"0": number}, "x": "y" * size}
        self.offered[number] = record
        if self.journal.append(record):
            self.acknowledged.add(number)

    @rule()
    def sync(self):
        before = set(self.acknowledged)
        if self.journal.sync(10.0):
            self.durable |= before

    @rule(count=st.integers(1, 3))
    def break_syncs(self, count):
        self.disk.failing_syncs = count
        self.faults = True

    @rule(count=st.integers(1, 3))
    def break_writes(self, count):
        self.disk.failing_writes = count
        self.faults = True

    @precondition(lambda self: self.disk.capacity is not None)
    @rule(more=st.integers(100, 3_000))
    def free_space(self, more):
        self.disk.capacity += more

    @rule(seed=st.integers(0, 2**32))
    def cut_power(self, seed):
        """What survives: everything that was reported durable, nothing that was never offered."""
        found, file = self.read(self.disk.after_power_cut(random.Random(seed)))
        assert self.durable <= found.keys()
        for number, record in found.items():
            assert record == {**self.offered[number], "n": record["n"]}
        if file is not None and not self.faults:
            assert sorted(found) == list(range(1, len(found) + 1)), "a prefix"

    @invariant()
    def what_was_acknowledged_is_visible(self):
        found, _ = self.read(self.disk.visible())
        assert self.acknowledged <= found.keys()
        assert self.journal.lost == 0

    def teardown(self):
        self.journal.close({"status": "finished"}, 10.0)
        assert self.disk.open_files == 0
        shutil.rmtree(self.folder)

    def read(self, files):
        """Offered records by number, and the file; the reader raises nothing but JournalDamaged."""
        shutil.rmtree(self.folder)
        self.disk.save(files, self.folder)
        try:
            [file] = read_segments(self.folder)
        except JournalDamaged:
            return {}, None
        found = {record["a"]["0"]: record for record in file.records() if "a" in record}
        recording = decode_file(file)
        assert [total for _, total in recording.anchors[0]] == recording.raw[0] == sorted(found)
        return found, file


TestPowerCuts = PowerCuts.TestCase
TestPowerCuts.settings = settings(
    max_examples=120, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_a_name_that_was_never_synced_may_be_gone():
    disk = ForgetfulDisk()
    descriptor = disk.open("/run/a")
    disk.write(descriptor, b"x")
    disk.fdatasync(descriptor)
    assert {len(disk.after_power_cut(random.Random(seed))) for seed in range(20)} == {0, 1}
    disk.sync_folder("/run")
    assert all(disk.after_power_cut(random.Random(seed))["/run/a"].startswith(b"x") for seed in range(20))


def test_bytes_that_a_failed_sync_dropped_never_come_back():
    disk = ForgetfulDisk()
    descriptor = disk.open("/run/a")
    disk.sync_folder("/run")
    disk.write(descriptor, b"lost")
    disk.failing_syncs = 1
    for attempt in range(2):
        try:
            disk.fdatasync(descriptor)
        except OSError:
            assert attempt == 0
    disk.write(descriptor, b"kept")
    disk.fdatasync(descriptor)
    assert disk.visible()["/run/a"] == b"lostkept"
    assert disk.after_power_cut(random.Random(1))["/run/a"].startswith(b"\0\0\0\0kept")
