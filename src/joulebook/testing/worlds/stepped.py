"""The real recorder, its syncer and its journal without a thread: on a clock that passes only where they wait.

What a recorder would wait for - its pause, a disk, the end of the program - happens inside the wait, at its time.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Final, NamedTuple

from joulebook.ledger.journal import Journal
from joulebook.ledger.syncer import Segment, Syncer
from joulebook.meter.recorder import Recorder
from joulebook.testing.disk import ForgetfulDisk
from joulebook.testing.fake import SECOND, VirtualClock

SYNC_NS: Final = 5_000_000
"""How long a healthy disk takes to sync."""
PATIENCE_NS: Final = 2 * SECOND
"""How long the end of a recording waits for a disk."""
Log = Callable[[str], None]
Act = tuple[int, Callable[[], object]]
"""A boot time in ns, and what the program does then."""


class KilledError(BaseException):
    """The process is gone: by a signal, or with the whole machine."""


class Outage(NamedTuple):
    """What a disk does wrong from `start_ns` to `end_ns`.

    full: writes are cut short, then refused. error: writes fail. sync: syncs fail, and their bytes are gone.
    slow: a sync takes `value` ns.
    """

    kind: str
    start_ns: int
    end_ns: int
    value: int = 0


class Life(VirtualClock):
    """The clock of one process: it jumps over suspensions and pauses, does what the program does, and ends in a kill.

    `silences` are (start, end, whether the whole machine sleeps) in boot ns, in order.
    """

    def __init__(
        self, start_ns: int, end_ns: int, silences: Sequence[tuple[int, int, bool]], steps: Sequence[tuple[int, int]]
    ) -> None:
        super().__init__(start_ns)
        self.kill_ns = end_ns
        self.acts: list[Act] = []
        self._silences = [one for one in silences if one[1] > start_ns]
        for begin, end, asleep in silences:
            if asleep and end <= start_ns:
                self.suspended += end - begin
        self._steps = [step for step in steps if step[0] > start_ns]
        self.wall_offset += sum(ns for at, ns in steps if at <= start_ns)

    def pass_to(self, until_ns: int, awake: Callable[[], bool] = lambda: False) -> None:
        """Let time pass until then, or until something that the program does ends the wait; raises `KilledError`."""
        if self.now >= self.kill_ns:
            raise KilledError
        while self.now < until_ns and not awake():
            target = min([until_ns, self.kill_ns, *[at for at, _ in self.acts[:1]]])
            self._pass(max(target, self.now))
            if self.now >= self.kill_ns:
                raise KilledError
            while self.acts and self.acts[0][0] <= self.now:
                self.acts.pop(0)[1]()

    def _pass(self, to_ns: int) -> None:
        while self._silences and self._silences[0][0] <= to_ns:
            begin, end, asleep = self._silences.pop(0)
            self.advance(max(0, begin - self.now))
            left = max(0, min(end, self.kill_ns) - self.now)
            (self.suspend if asleep else self.advance)(left)
        self.advance(max(0, to_ns - self.now))
        while self._steps and self._steps[0][0] <= self.now:
            self.step_wall(self._steps.pop(0)[1])


class TimedDisk(ForgetfulDisk):
    """A disk that takes time and has outages; what is written when a process ends there is cut off."""

    def __init__(self, life: Life, outages: Sequence[Outage], chance: Random, log: Log) -> None:
        super().__init__()
        self.dies_at_write = 0
        """The process is killed in this write; 0: in none."""
        self._life = life
        self._outages = outages
        self._chance = chance
        self._log = log
        self._writes = 0
        self.end_sync: Callable[[], None] = lambda: None

    def _now(self, kind: str) -> Outage | None:
        now = self._life.now
        return next((one for one in self._outages if one.kind == kind and one.start_ns <= now < one.end_ns), None)

    def write(self, descriptor: int, data: bytes) -> int:
        """Append, or what an outage or a kill leaves of that."""
        if self._life.now >= self._life.kill_ns:
            raise KilledError
        self._writes += 1
        if self._writes == self.dies_at_write:
            part = self._chance.choice((0, self._chance.randrange(len(data)), len(data)))
            super().write(descriptor, data[:part])
            self._log(f"killed with {part} of {len(data)} bytes written")
            self._life.kill_ns = self._life.now
            raise KilledError
        if self._now("error"):
            self._log("write: EIO")
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if self._now("full"):
            part = self._chance.choice((0, 0, self._chance.randrange(len(data))))
            self._log(f"write: {part} of {len(data)} bytes, the disk is full")
            if not part:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            data = data[:part]
        return super().write(descriptor, data)

    def sync_ns(self) -> int:
        """How long a sync takes that begins now."""
        slow = self._now("slow")
        return slow.value if slow else SYNC_NS

    def fdatasync(self, descriptor: int) -> None:
        """Begin to sync; `end_sync` ends it."""
        if self._now("sync"):
            self._log("sync: EIO")
            self.failing_syncs = 1
            super().fdatasync(descriptor)
        self.end_sync = self.begin_sync(descriptor)


class SteppedSyncer(Syncer):
    """Carries out requests without a thread, one at a time, each as long as its disk takes."""

    life: Life
    disk: TimedDisk
    acknowledged: list[bytes]
    """Frames that a finished sync covers."""
    _begun: tuple[Segment, tuple[int, int, str], int] | None = None

    def request(self, segment: Segment) -> None:
        """Have the segment synced soon."""
        if segment not in self._jobs:
            self._jobs.append(segment)

    def wait(self, deadline: float) -> bool:  # noqa: ARG002 - the deadline is that of the end, on another clock
        """True when all that was requested is done within two seconds."""
        patience = self.life.now + PATIENCE_NS
        while self._jobs or self._busy:
            self._change.release()
            try:
                self.turn()
                if self._begun and self._begun[2] > patience:
                    return False
                if self._begun:
                    self.life.pass_to(self._begun[2])
            finally:
                self._change.acquire()
        return not self._refused

    def turn(self) -> None:
        """Begin what was requested, end what is due."""
        if self._begun and self.life.now >= self._begun[2]:
            (done, (frames, size, failure), _), self._begun = self._begun, None
            covered = done.unsynced[:frames]
            if not failure:
                self.disk.end_sync()
            self._settle(done, frames, size, failure)
            self.acknowledged += covered
        segment = self._next() if self._jobs and not self._begun else None
        if segment is not None:
            until = self.life.now + self.disk.sync_ns()
            self._begun = segment, self._sync(segment), until


class SteppedJournal(Journal):
    """A journal on a `TimedDisk`; it remembers what it was given and when."""

    def __init__(self, folder: str, head: dict[str, object], life: Life, disk: TimedDisk) -> None:
        acknowledged: list[bytes] = []

        class Own(SteppedSyncer):
            """The syncer of this journal."""

        Own.life, Own.disk, Own.acknowledged = life, disk, acknowledged
        self.given: list[tuple[int, dict[str, object], bool]] = []
        """Boot ns, record, and whether its write returned."""
        self.ends = False
        """Whether it was given an end record."""
        super().__init__(folder, head, disk=disk, clock=life, syncer=Own)
        self.acknowledged = acknowledged
        every = head.get("interval_s")
        self.head_interval_ns = int(every * SECOND) if isinstance(every, float) else 0
        self.life = life

    def append(self, record: object) -> bool:
        """As a journal does."""
        if not isinstance(record, dict):
            raise TypeError("not a record")
        self.given.append((self.life.now, record, False))
        taken = super().append(record)
        self.given[-1] = (self.life.now, record, taken)
        return taken

    def close(self, final: Mapping[str, object] | None = None, deadline_s: float = 2.0) -> bool:
        """As a journal does."""
        self.ends = final is not None
        return super().close(final, deadline_s)

    def turn(self) -> None:
        """Let the syncer do what is due."""
        if isinstance(self._syncer, SteppedSyncer):
            self._syncer.turn()


class _Wake:
    """The lock that a recorder sleeps on: whoever waits for it lets the time pass."""

    def __init__(self, life: Life, journal: SteppedJournal, chance: Random) -> None:
        self._life, self._journal, self._chance = life, journal, chance
        self._awake = False

    def acquire(self, timeout: float) -> bool:
        """Let up to `timeout` seconds pass, and a little more as every machine does."""
        late = self._chance.randrange(20_000, 200_000)
        self._journal.turn()
        self._life.pass_to(self._life.now + int(timeout * SECOND) + late, lambda: self._awake)
        self._journal.turn()
        woken, self._awake = self._awake, False
        return woken

    def release(self) -> None:
        """End the wait."""
        self._awake = True


class SteppedRecorder(Recorder):
    """A recorder whose whole life passes in one call; its thread is never started."""

    def __init__(self, journal: SteppedJournal, poller: object, work: object, chance: Random) -> None:
        life = journal.life
        super().__init__(journal, poller, work, wall=life.wall, monotonic=life.monotonic)  # type: ignore[arg-type]
        self._wake = _Wake(life, journal, chance)  # type: ignore[assignment]
        self.life = life

    def live(self) -> bool:
        """From the first reading to the end record; False when it was killed before that."""
        try:
            self._main()
        except KilledError:
            return False
        return True

    def _is_us(self) -> bool:
        """Everything is one thread here."""
        return True
