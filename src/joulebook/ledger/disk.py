"""The few calls a journal makes on a disk, as one class that a test can replace.

Loaded on the metering path. No lock, rename, mmap or delete: this works on network file systems.
"""

from __future__ import annotations

import errno
import os

_CREATE = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | os.O_APPEND
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_fdatasync = getattr(os, "fdatasync", os.fsync)


class Disk:
    """The real disk. Everything raises OSError and nothing else.

    It knows its files by more than their descriptors: a program that closes every descriptor (to become a daemon)
    gets ours back for files of its own, and those are never written or closed here.
    """

    def __init__(self) -> None:
        self._identities: dict[int, tuple[int, int]] = {}

    def mkdir(self, path: str) -> None:
        """Make the folder and what is missing above it, all private to this user whatever the umask is."""
        if os.path.islink(path):  # noqa: PTH114 - pathlib costs an import on the metering path
            raise OSError(errno.ELOOP, "is a symbolic link", path)
        if os.path.isdir(path):  # noqa: PTH112
            return
        above = os.path.dirname(path)  # noqa: PTH120
        if above and above != path and not os.path.isdir(above):  # noqa: PTH112
            self.mkdir(above)
        try:
            os.mkdir(path, 0o700)  # noqa: PTH102
        except FileExistsError:
            if not os.path.isdir(path):  # noqa: PTH112
                raise
            return
        os.chmod(path, 0o700)  # noqa: PTH101

    def open(self, path: str) -> int:
        """Create the file, readable by this user only; it must not exist."""
        descriptor = os.open(path, _CREATE, 0o600)
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, 0o600)
        about = os.fstat(descriptor)
        self._identities[descriptor] = about.st_dev, about.st_ino
        return descriptor

    def _check(self, descriptor: int) -> None:
        """Raise OSError when the descriptor is no longer that of our file, or the file has been removed."""
        about = os.fstat(descriptor)
        if self._identities.get(descriptor) not in (None, (about.st_dev, about.st_ino)):
            raise OSError(errno.EBADF, "the descriptor was closed and is another file's")
        if about.st_nlink == 0:
            raise OSError(errno.ENOENT, "the file was removed")

    def write(self, descriptor: int, data: bytes) -> int:
        """Append with one system call; the number of bytes that were taken."""
        self._check(descriptor)
        return os.write(descriptor, data)

    def fdatasync(self, descriptor: int) -> None:
        """Wait until the written bytes survive a power cut."""
        self._check(descriptor)
        _fdatasync(descriptor)

    def sync_folder(self, path: str) -> None:
        """Wait until the names in a folder survive a power cut."""
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0))
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def close(self, descriptor: int) -> None:
        """Close the descriptor if it is still ours."""
        try:
            self._check(descriptor)
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise
        finally:
            self._identities.pop(descriptor, None)
        os.close(descriptor)

    def private_folder(self) -> str:
        """A new private folder with an unpredictable name, for when the book cannot be written."""
        import tempfile  # 2 ms that are paid only in need

        return tempfile.mkdtemp(prefix="joulebook-")
