"""The thread that makes segments durable, so that a disk that takes seconds never delays a reading.

Loaded on the metering path. A failed fdatasync is never retried on the same descriptor: the kernel may have
dropped the bytes and call the next one a success.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections import deque
from contextlib import suppress

from joulebook.ledger.disk import Disk

GUARDED_BYTES = 4 << 20
_UNSUPPORTED = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)
"""A file system that has no such call: nothing is wrong with what was written."""


class Segment:
    """One open file of a journal, and the frames in it that no sync has covered yet."""

    __slots__ = ("bytes", "descriptor", "path", "records", "retired", "synced", "unsynced")

    def __init__(self, path: str, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor
        self.records = 0
        self.bytes = 0
        self.unsynced: list[bytes] = []
        self.synced = 0
        self.retired = False
        """Nothing more will be written: it is closed after its last sync."""

    def wrote(self, frame: bytes) -> None:
        """Account for one whole frame."""
        self.records += 1
        self.bytes += len(frame)
        if self.bytes - self.synced <= GUARDED_BYTES:
            self.unsynced.append(frame)


class Syncer:
    """Syncs segments in order of request; started by the first request.

    `lock` is the journal's: every method without a note is called with it held. Frames that a failed sync has
    put in doubt wait in `doubtful` until the journal writes them into its next segment.
    """

    def __init__(self, disk: Disk, lock: threading.Lock) -> None:
        self.doubtful: list[bytes] = []
        self.failure = ""
        self._disk = disk
        self._change = threading.Condition(lock)
        self._jobs: deque[Segment] = deque()
        self._open: list[Segment] = []
        self._busy: Segment | None = None
        self._named: set[str] = set()
        self._thread: threading.Thread | None = None
        self._ended = False
        self._refused = False

    def opened(self, segment: Segment) -> None:
        """Take charge of a new segment's descriptor."""
        self._open.append(segment)

    def request(self, segment: Segment) -> None:
        """Have the segment synced soon; a request that already waits is enough."""
        if segment not in self._jobs:
            self._jobs.append(segment)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="joulebook-sync", daemon=True)
            try:
                self._thread.start()
            except RuntimeError:  # the interpreter is shutting down: the kernel will write the pages by itself
                self._thread = None
                self._refused = True
                self._jobs.clear()
                self._close_retired()
                return
        self._change.notify_all()

    def retire(self, segment: Segment) -> None:
        """Sync the segment a last time, then close it."""
        segment.retired = True
        self.request(segment)

    def wait(self, deadline: float) -> bool:
        """True when all that was requested is done before `deadline` (time.monotonic)."""
        while self._jobs or self._busy:
            if not self._change.wait(max(deadline - time.monotonic(), 0.0)) and time.monotonic() >= deadline:
                return False
        return not self._refused

    def drop(self, segment: Segment) -> None:
        """Close a segment in which nothing was written and nothing requested."""
        segment.retired = True
        self._close_retired()

    def end(self) -> None:
        """Let the thread finish what was requested and end."""
        self._ended = True
        self._change.notify_all()

    def close_all(self) -> None:
        """Close every descriptor at once and forget the rest: for a forked child, which must not take locks."""
        for segment in self._open:
            with suppress(OSError):
                self._disk.close(segment.descriptor)
        self._open, self._jobs = [], deque()

    def _run(self) -> None:
        while (segment := self._next()) is not None:
            self._settle(segment, *self._sync(segment))

    def _next(self) -> Segment | None:
        """Take the lock; wait for the next request."""
        with self._change:
            while not self._jobs:
                if self._ended:
                    return None
                self._change.wait()
            self._busy = self._jobs.popleft()
            return self._busy

    def _sync(self, segment: Segment) -> tuple[int, int, str]:
        """Sync without the lock; the frames and bytes that are durable now, and why not."""
        frames, size = len(segment.unsynced), segment.bytes
        try:
            self._disk.fdatasync(segment.descriptor)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                return 0, 0, f"sync failed: {error}"
        except Exception as error:  # noqa: BLE001 - a thread of ours never prints a traceback into somebody's program
            return 0, 0, f"sync failed: {type(error).__name__}: {error}"
        if segment.path not in self._named:
            self._named.add(segment.path)
            folder = segment.path
            for _ in range(3):  # the folder of the run and the two above it may all be new
                folder = os.path.dirname(folder)  # noqa: PTH120 - pathlib costs an import on the metering path
                with suppress(OSError):  # not every file system can sync a folder
                    self._disk.sync_folder(folder)
        return frames, size, ""

    def _settle(self, segment: Segment, frames: int, size: int, failure: str) -> None:
        """Take the lock; book the outcome."""
        with self._change:
            self._busy = None
            if failure:
                self.failure = failure
                segment.retired = True
                self.doubtful += segment.unsynced
                segment.unsynced = []
                if segment in self._jobs:
                    self._jobs.remove(segment)
            else:
                del segment.unsynced[:frames]
                segment.synced = size
            self._close_retired()
            self._change.notify_all()

    def _close_retired(self) -> None:
        for segment in [one for one in self._open if one.retired and one not in self._jobs and one is not self._busy]:
            self._open.remove(segment)
            with suppress(OSError):
                self._disk.close(segment.descriptor)
