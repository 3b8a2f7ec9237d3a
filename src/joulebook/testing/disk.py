"""Disks for tests: one that forgets what was not synced, and one that fails where the test says.

`kill -9` does not test a power cut, since the kernel still writes its pages; `ForgetfulDisk` does.
"""

from __future__ import annotations

import errno
import os
import random
import threading
from collections.abc import Callable
from pathlib import Path

from joulebook.ledger.disk import Disk

DIRTY, DURABLE, DROPPED = "dirty", "durable", "dropped"
SECTOR = 512

Fault = Callable[[str, int], int | None]
"""Called before the n-th (from 1) call of an operation; may raise OSError, wait, or end the process.

For `write`, a number returned is how many bytes the disk takes.
"""


class FaultyDisk(Disk):
    """Another disk whose operations (mkdir, open, write, fdatasync, sync_folder, close, private_folder) can fail."""

    def __init__(self, fault: Fault, inner: Disk | None = None) -> None:
        self.calls: dict[str, int] = {}
        self._fault = fault
        self._inner = inner or Disk()

    def _reach(self, operation: str) -> int | None:
        self.calls[operation] = self.calls.get(operation, 0) + 1
        return self._fault(operation, self.calls[operation])

    def mkdir(self, path: str) -> None:
        """As the inner disk, or the fault."""
        self._reach("mkdir")
        self._inner.mkdir(path)

    def open(self, path: str) -> int:
        """As the inner disk, or the fault."""
        self._reach("open")
        return self._inner.open(path)

    def write(self, descriptor: int, data: bytes) -> int:
        """As the inner disk, a short write, or the fault."""
        taken = self._reach("write")
        return self._inner.write(descriptor, data if taken is None else data[:taken])

    def fdatasync(self, descriptor: int) -> None:
        """As the inner disk, or the fault."""
        self._reach("fdatasync")
        self._inner.fdatasync(descriptor)

    def sync_folder(self, path: str) -> None:
        """As the inner disk, or the fault."""
        self._reach("sync_folder")
        self._inner.sync_folder(path)

    def close(self, descriptor: int) -> None:
        """As the inner disk, or the fault."""
        self._reach("close")
        self._inner.close(descriptor)

    def private_folder(self) -> str:
        """As the inner disk, or the fault."""
        self._reach("private_folder")
        return self._inner.private_folder()


class _File:
    def __init__(self, path: str) -> None:
        self.path = path
        self.named = False
        self.chunks: list[list[object]] = []  # [state, bytes]

    def settle(self, state: str) -> None:
        for chunk in self.chunks:
            if chunk[0] == DIRTY:
                chunk[0] = state


class ForgetfulDisk(Disk):
    """A disk in memory that loses at a power cut what was not synced.

    A file's name survives for certain only after its folder was synced. A failed sync drops the dirty bytes for
    ever, as Linux does, and the next one succeeds. `capacity` bytes may be written; then writes are short, then
    refused.
    """

    def __init__(self, capacity: int | None = None) -> None:
        self.capacity = capacity
        self.failing_syncs = 0
        """So many of the next syncs fail."""
        self.failing_writes = 0
        """So many of the next writes fail with EIO."""
        self.used = 0
        self._files: dict[str, _File] = {}
        self._descriptors: dict[int, _File] = {}
        self._next = 1_000
        self._lock = threading.Lock()

    def mkdir(self, path: str) -> None:
        """Folders need not be made."""

    def open(self, path: str) -> int:
        """A new file."""
        with self._lock:
            if path in self._files:
                raise FileExistsError(errno.EEXIST, "exists", path)
            self._next += 1
            self._files[path] = self._descriptors[self._next] = _File(path)
            return self._next

    def write(self, descriptor: int, data: bytes) -> int:
        """Append what the capacity leaves room for."""
        with self._lock:
            if self.failing_writes:
                self.failing_writes -= 1
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            if self.capacity is not None:
                data = data[: max(self.capacity - self.used, 0)]
                if not data:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._file(descriptor).chunks.append([DIRTY, bytes(data)])
            self.used += len(data)
            return len(data)

    def fdatasync(self, descriptor: int) -> None:
        """Make the file's bytes durable, or drop them and fail."""
        with self._lock:
            file = self._file(descriptor)
            if self.failing_syncs:
                self.failing_syncs -= 1
                file.settle(DROPPED)
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            file.settle(DURABLE)

    def begin_sync(self, descriptor: int) -> Callable[[], None]:
        """A sync that takes time: calling what comes back ends it; what was written before is durable then."""
        with self._lock:
            held = [chunk for chunk in self._file(descriptor).chunks if chunk[0] == DIRTY]

        def end() -> None:
            for chunk in held:
                chunk[0] = DURABLE

        return end

    def sync_folder(self, path: str) -> None:
        """Make the names in the folder durable."""
        with self._lock:
            for file in self._files.values():
                if os.path.dirname(file.path) == path:  # noqa: PTH120 - paths of a disk that does not exist
                    file.named = True

    def close(self, descriptor: int) -> None:
        """Forget the descriptor."""
        with self._lock:
            self._file(descriptor)
            del self._descriptors[descriptor]

    def private_folder(self) -> str:
        """A folder of this disk."""
        return "/private"

    @property
    def open_files(self) -> int:
        """Descriptors that were not closed."""
        return len(self._descriptors)

    def visible(self) -> dict[str, bytes]:
        """What a reader sees while the power is on."""
        with self._lock:
            return {path: b"".join(_bytes(chunk) for chunk in file.chunks) for path, file in self._files.items()}

    def after_power_cut(self, chance: random.Random) -> dict[str, bytes]:
        """What a reader finds after power came back: the durable bytes, and of the others what chance leaves.

        Dropped bytes read as zeros; of the dirty ones a part from the front survives, with holes at times where later
        sectors reached the disk before earlier ones, then perhaps garbage.
        """
        with self._lock:
            return {
                path: _survivors(file, chance)
                for path, file in self._files.items()
                if file.named or chance.random() < 0.5
            }

    def save(self, files: dict[str, bytes], folder: Path) -> None:
        """Write files as a real folder that a reader can be pointed at; only the last part of each path is kept."""
        folder.mkdir(parents=True, exist_ok=True)
        for path, data in files.items():
            (folder / Path(path).name).write_bytes(data)

    def _file(self, descriptor: int) -> _File:
        file = self._descriptors.get(descriptor)
        if file is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return file


def _bytes(chunk: list[object]) -> bytes:
    return chunk[1] if isinstance(chunk[1], bytes) else b""


def _survivors(file: _File, chance: random.Random) -> bytes:
    solid = b"".join(_bytes(chunk) for chunk in file.chunks)
    last = max((index for index, chunk in enumerate(file.chunks) if chunk[0] == DURABLE), default=-1)
    kept = b"".join(
        _bytes(chunk) if chunk[0] == DURABLE else bytes(len(_bytes(chunk))) for chunk in file.chunks[: last + 1]
    )
    tail = solid[len(kept) :] if all(chunk[0] == DIRTY for chunk in file.chunks[last + 1 :]) else b""
    tail = tail[: chance.randint(0, len(tail))]
    if chance.random() < 0.2:
        holes = [chance.random() < 0.3 for _ in range(0, len(tail), SECTOR)]
        sectors = [tail[at : at + SECTOR] for at in range(0, len(tail), SECTOR)]
        tail = b"".join(bytes(len(one)) if hole else one for one, hole in zip(sectors, holes, strict=True))
    kept += tail
    if chance.random() < 0.3:
        kept += bytes(chance.randint(1, 64))
    elif chance.random() < 0.3:
        kept += chance.randbytes(chance.randint(1, 64))
    return kept
