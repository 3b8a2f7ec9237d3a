"""Files that a verb writes: whole or not at all, beside the old one and then in its place."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write_whole(name: str, data: bytes) -> None:
    """Put `data` into the file of that name; a reader sees the old content or the new one, never a part.

    Permissions of an existing file are kept, and where the name is a link, the file that it leads to is
    replaced. Raises OSError, and leaves everything as it was, when the folder cannot be written.
    """
    path = Path(name).resolve()
    if path.exists() and not path.is_file():  # a pipe or a device, /dev/stdout for one
        with path.open("wb") as file:
            file.write(data)
        return
    descriptor, beside = tempfile.mkstemp(prefix=f".{path.name[:80]}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mode = path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask()
        Path(beside).chmod(mode)
        Path(beside).replace(path)
    finally:
        with suppress(OSError):  # it is gone where everything went well
            Path(beside).unlink()


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
