"""The writer of a recording: append-only segments, one `os.write` per record, no buffer, no lock file.

Loaded on the metering path. Nothing here raises to the recorder: what cannot be written is held in memory,
counted when it has to be dropped, and written when the disk is back.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from joulebook.ledger.batch import halves, last_of
from joulebook.ledger.cap import Cap
from joulebook.ledger.disk import Disk
from joulebook.ledger.frame import MAX_RECORD, fitting_head, frame, plain, to_json
from joulebook.ledger.held import Held
from joulebook.ledger.syncer import Segment, Syncer

FORMAT: Final = 1
BACK_OFF_NS: Final = (1_000_000_000, 30_000_000_000)
LIVED_RECORDS: Final = 8
"""A segment that took so many records before it failed is followed by another at once, without back-off."""
WRITTEN_NS: Final = 1_000_000_000
"""A sync is asked for so much earlier: the next record may come as late as this."""
MAX_SEGMENTS: Final = 1_000
REASON_CHARS: Final = 1_000
_FULL: Final = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG)

_clock: Final[Callable[[], int]] = (
    partial(time.clock_gettime_ns, time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic_ns
)
Record = Mapping[str, object]


class Journal:
    """One recorder's file series in the folder of a run.

    `head` is the head record's content; `recorder`, `format`, `parent`, `span` and `segment` are filled in where they
    are missing. `clock` returns boot-time nanoseconds. A power cut costs the last `sync_every_s` at most. When the
    folder cannot be made or written, a private temporary one has the run and `notice` says so, else `degraded` does.
    """

    def __init__(  # noqa: PLR0913 - what a test has to be able to replace
        self,
        folder: str | os.PathLike[str],
        head: Record,
        *,
        disk: Disk | None = None,
        clock: Callable[[], int] = _clock,
        sync_every_s: float = 5.0,
        cap_bytes: int = 1 << 30,
        syncer: type[Syncer] = Syncer,
    ) -> None:
        self.folder = os.fspath(folder)
        self.recorder = str(head.get("recorder") or f"{os.getpid()}-{os.urandom(4).hex()}")
        self.path = ""
        """The segment that is being written; empty while there is none."""
        self.notice = ""
        """One line for the user when the journal is not where it should be."""
        self.degraded = ""
        """Why records are not reaching the disk just now; empty when they are."""
        self.lost = 0
        """Records that were dropped for ever."""
        self.written = 0
        """Bytes over all segments."""
        self.thin = 1
        """How many times more thinly detail should be recorded: 1, 2, 4, ... as the cap comes near."""
        self._head = {"format": FORMAT, "parent": "", "span": "", **head, "recorder": self.recorder}
        self._disk = disk or Disk()
        self._clock = clock
        self._sync_ns = max(0, int(sync_every_s * 1e9) - WRITTEN_NS)
        self._cap = Cap(cap_bytes)
        self._lock = threading.Lock()
        self._syncer = syncer(self._disk, self._lock)
        self._segment: Segment | None = None
        self._unborn: Segment | None = None
        """An open segment whose head met a full disk: kept, so that a full disk costs one file, not thousands."""
        self._segments, self._number = 0, 0
        self._head_number = -1
        self._held = Held()
        self._mark: dict[str, object] = {}
        self._retry_ns, self._delay_ns = 0, 0
        self._synced_ns = clock()
        self._anchor: Record = {}
        self._closed, self._durable = False, False
        self._pid = os.getpid()
        self._begin()

    def append(self, record: Record) -> bool:
        """Number, frame and write one record; True when the write took all of it.

        False: it is held in memory until the disk is back, or the cap is reached, or the journal is closed.
        """
        if os.getpid() != self._pid:  # a forked child, whose copy of the lock may never be released
            return False
        with self._lock:
            return not self._closed and self._append(record)

    def sync(self, wait_s: float = 0.0) -> bool:
        """Ask for durability of everything written so far; True when that is reached within `wait_s`."""
        if os.getpid() != self._pid:
            return False
        deadline = time.monotonic() + wait_s
        with self._lock:
            if self._closed or self._segment is None or self._segment.retired:
                return False
            self._request_sync(self._segment)
            return self._syncer.wait(deadline) and not self._syncer.doubtful and not self._held

    def close(self, final: Record | None = None, deadline_s: float = 2.0) -> bool:
        """Write the end record `{"end": final}` and close; True when everything is durable by the deadline.

        `final` gets the time `t` if it has none. A second call changes nothing.
        """
        deadline = time.monotonic() + deadline_s
        if os.getpid() != self._pid or not self._lock.acquire(timeout=deadline_s):
            self._closed = True
            return False
        try:
            if not self._closed:
                self._finish(final)
                self._durable = self._await(deadline)
            return self._durable
        finally:
            self._lock.release()

    def after_fork_child(self) -> None:
        """Close the descriptors and become inert: no record of a child may reach its parent's journal."""
        self._closed, self._pid = True, -1
        self._segment = None
        self._syncer.close_all()

    def _append(self, record: Record) -> bool:
        text = self._text(record)
        if len(text) > MAX_RECORD:
            return self._append_divided(record, len(text))
        if "end" not in record and not self._cap.admits(self.written + self._held.bytes, len(text)):
            return self._append_capped(record)
        return self._put(self._numbered(text))

    def _append_divided(self, record: Record, size: int) -> bool:
        """Divide the events of a record that is too large; one event that is too large alone gives way to a mark."""
        parts = halves(record)
        if not parts:
            mark = self._event(self._clock(), {"reason": "record too large", "bytes": size})
            without = {**record, "e": mark["e"]}
            parts = [without if len(self._text(without)) <= MAX_RECORD else mark]
        return min([self._append(part) for part in parts])

    def _append_capped(self, record: Record) -> bool:
        """Write only last readings and accumulated energies, ever more rarely: totals stay right to the end."""
        now = self._clock()
        if not self._cap.reached:
            self._cap.reached = True
            self._put(self._numbered(self._text(self._event(now, {"reason": "capped", "bytes": self.written}))))
        self.lost += 1
        if "a" in record:
            self._anchor = last_of(record)
            if self._cap.anchor_is_due(now):
                self._put_anchor(last=False)
        return False

    def _put_anchor(self, last: bool) -> None:
        text = self._text(self._anchor)
        if self._anchor and self._cap.admits_anchor(self.written, len(text), last):
            self._put(self._numbered(text))
            self._anchor = {}

    def _text(self, record: Record) -> bytes:
        return to_json({"n": self._number, **record})

    def _numbered(self, text: bytes) -> bytes:
        """The frame of a text that was made with the present number, which is used up now."""
        self._number += 1
        return frame(text)

    @staticmethod
    def _event(now: int, payload: Record) -> dict[str, object]:
        return {"t": now, "e": [[now], ["g"], [payload]]}

    def _put(self, data: bytes) -> bool:
        """Write a frame into the present segment, or the next, or hold it."""
        self._take_doubtful()
        for _ in range(2):
            if not self._ready():
                break
            if self._write(data):
                self._wrote()
                return True
        self._hold(data)
        return False

    def _wrote(self) -> None:
        now = self._clock()
        if self._segment is not None and now - self._synced_ns >= self._sync_ns:
            self._request_sync(self._segment)
        self.thin = self._cap.thinness(self.written)

    def _request_sync(self, segment: Segment) -> None:
        self._synced_ns = self._clock()
        self._syncer.request(segment)

    def _hold(self, data: bytes) -> None:
        dropped = self._held.add(data)
        if dropped:
            self.lost += dropped
            self._mark["lost"] = int(str(self._mark.get("lost", 0))) + dropped

    def _take_doubtful(self) -> None:
        """After a failed sync: abandon its segment, and write again what that sync should have covered."""
        if self._segment is not None and self._segment.retired:
            self._abandon(self._syncer.failure)
        if self._syncer.doubtful:
            doubtful, self._syncer.doubtful = self._syncer.doubtful, []
            for data in doubtful:
                self._hold(data)

    def _ready(self) -> bool:
        """True when a segment is open and nothing older waits for it."""
        if self._segment is None and not self._reopen():
            return False
        if self._mark:
            mark = self._event(self._clock(), {"held": len(self._held), "lost": 0, **self._mark})
            if not self._write(frame(to_json({"n": self._number, **mark}))):
                return False
            self._number += 1
            self._mark = {}
        while self._held:
            if not self._write(self._held.frames[0]):
                return False
            self._held.drop_first()
        self.degraded = ""
        return True

    def _write(self, data: bytes) -> bool:
        """One system call; a segment that did not take the whole frame gets no other."""
        segment = self._segment
        if segment is None:
            return False
        try:
            count = self._disk.write(segment.descriptor, data)
        except OSError as error:
            self._abandon(f"write failed: {error}")
            return False
        self.written += count
        if count != len(data):
            self._abandon(f"short write: {count} of {len(data)} bytes")
            return False
        segment.wrote(data)
        return True

    def _abandon(self, reason: str) -> None:
        """Leave the segment at its last good record; the next one comes at once or after the back-off."""
        segment, self._segment, self.path = self._segment, None, ""
        now = self._clock()
        if segment is not None:
            lived = segment.records > LIVED_RECORDS and (segment.synced > 0 or not segment.retired)
            self._delay_ns = 0 if lived else self._longer()
            if not segment.retired:
                self._syncer.retire(segment)
        self._retry_ns = now + self._delay_ns
        self._failed(reason, now)

    def _failed(self, reason: str, now: int) -> None:
        self.degraded = reason
        self._mark = {"reason": "journal degraded", "detail": reason, "since": now, **self._mark}

    def _longer(self) -> int:
        low, high = BACK_OFF_NS
        return min(max(self._delay_ns * 2, low), high)

    def _reopen(self) -> bool:
        """Open the next segment and write its head, unless the back-off still runs."""
        now = self._clock()
        if now < self._retry_ns or self._segments >= MAX_SEGMENTS:
            return False
        segment, self._unborn = self._unborn or self._open(), None
        if segment is not None and self._write_head(segment):
            self._segment, self.path = segment, segment.path
            return True
        self._delay_ns = self._longer()
        self._retry_ns = now + self._delay_ns
        return False

    def _open(self) -> Segment | None:
        path = f"{self.folder}/{self.recorder}.{self._segments:03d}.jsonl"
        try:
            self._disk.mkdir(self.folder)
            segment = Segment(path, self._disk.open(path))
        except FileExistsError:  # a twin with our name: a copied machine, or a caller's fixed name
            if not self._number:
                self.recorder = f"{os.getpid()}-{os.urandom(4).hex()}"
                self._head["recorder"] = self.recorder
                return self._open()
            self._segments += 1
            self._failed(f"{path} exists already", self._clock())
            return None
        except OSError as error:
            self._failed(f"cannot open {path}: {error}", self._clock())
            return None
        self._syncer.opened(segment)
        return segment

    def _write_head(self, segment: Segment) -> bool:
        """Every attempt at one head has one number, so that a failed attempt is no gap."""
        if self._head_number < 0:
            self._head_number = self._number
            self._number += 1
        data = frame(to_json({"n": self._head_number, "head": fitting_head({**self._head, "segment": self._segments})}))
        try:
            count = self._disk.write(segment.descriptor, data)
        except OSError as error:
            self._failed(f"write failed: {error}", self._clock())
            if error.errno in _FULL:
                self._unborn = segment
            else:
                self._segments += 1
                self._syncer.drop(segment)
            return False
        self._segments += 1
        self.written += count
        if count != len(data):
            self._syncer.drop(segment)
            self._failed(f"short write: {count} of {len(data)} bytes", self._clock())
            return False
        segment.wrote(data)
        self._head_number = -1
        return True

    def _begin(self) -> None:
        with self._lock:
            if self._reopen():
                return
            wanted, reason = self.folder, self.degraded
            private = self._move_to_private_folder()
            if private:
                self.notice = f"JOULEBOOK_HOME={private} holds this run: cannot record in {wanted}: {reason}"
                self._mark, self.degraded = {}, ""
            else:
                self.notice = f"cannot record in {wanted} ({reason}): this run is in memory only until that changes"

    def _move_to_private_folder(self) -> str:
        """Continue in a new private folder that is a book of its own; "" and no change when that fails."""
        wanted, reason, unborn = self.folder, self.degraded, self._unborn
        try:
            private = self._disk.private_folder()
        except OSError:
            return ""
        self.folder = f"{private}/runs/{os.path.basename(wanted)}"  # noqa: PTH119 - pathlib costs an import
        self._retry_ns, self._unborn = 0, None
        if self._reopen():
            if unborn is not None:
                self._syncer.drop(unborn)
            return private
        if self._unborn is not None:
            self._syncer.drop(self._unborn)
        self.folder, self.degraded, self._unborn = wanted, reason, unborn
        return ""

    def _finish(self, final: Record | None) -> None:
        """Write what waits, the last anchor and the end record, with one more attempt at every place."""
        self._retry_ns = 0
        self._put_anchor(last=True)
        if final is not None:
            end = plain({"t": self._clock(), **final})
            if isinstance(end, dict) and isinstance(end.get("reason"), str):
                end["reason"] = end["reason"][:REASON_CHARS]
            self._append({"end": end})
        self._take_doubtful()
        if self._held and not self._ready():
            wanted, reason = self.folder, self.degraded
            if self._move_to_private_folder() and self._ready():
                self.notice = f"cannot record in {wanted} ({reason}): the rest of this run is kept in {self.folder}"
        self._closed = True

    def _await(self, deadline: float) -> bool:
        """Sync, twice more in new segments when that fails, and let the descriptors go."""
        done = False
        for attempt in range(3):
            if self._segment is not None:
                self._syncer.retire(self._segment)
                self._segment = None
            done = self._syncer.wait(deadline)
            if not done or not self._syncer.doubtful or attempt == 2:
                break
            self._retry_ns = 0
            self._take_doubtful()
            self._ready()
        if self._unborn is not None:
            self._syncer.drop(self._unborn)
        self._unborn, self.path = None, ""
        self._syncer.end()
        done = done and not self._held and not self._syncer.doubtful
        self.lost += self._held.clear()
        return done
