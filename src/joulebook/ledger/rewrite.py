"""A recorder's file series written anew, while the old one can still be read: a kill in between loses nothing.

The new segment is written beside the old ones, synced, and takes their place by one rename. Nobody may be recording.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from joulebook.ledger.frame import frame, to_json
from joulebook.ledger.reader import Record
from joulebook.ledger.retention import TEMPORARY, sync_folder

DAMAGED: Final = ".damaged"


def write_series(folder: Path, recorder: str, records: Iterable[Record]) -> Path:
    """A new file beside the series with these records, heads among them; it has no name of a segment yet.

    Raises OSError, and leaves nothing then.
    """
    path = folder / f".{recorder}-{os.urandom(4).hex()}{TEMPORARY}"
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            for record in records:
                file.write(frame(to_json(record)))
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise
    return path


def replace_series(new: Path, recorder: str, old: Sequence[Path], *, keep: bool) -> Path:
    """Give the new file the place of these segments; `keep` leaves them beside it, as `.damaged`."""
    folder = new.parent
    target = folder / f"{recorder}.000.jsonl"
    if keep:
        for path in old:
            _second_name(path, _free(path))
        sync_folder(folder)
    elif old:
        about = old[-1].stat()
        os.utime(new, ns=(about.st_atime_ns, about.st_mtime_ns))
    new.replace(target)  # from here on the new one counts; what it has in common with older segments is the same
    for path in old:
        if path != target:
            path.unlink()
    sync_folder(folder)
    return target


def _free(path: Path) -> Path:
    """A name with `.damaged` that nothing has yet."""
    for number in range(1_000):
        found = path.with_name(f"{path.name}{DAMAGED}{f'.{number}' if number else ''}")
        if not os.path.lexists(found):
            return found
    raise FileExistsError(f"{path}: too many copies of it are kept already")


def _second_name(path: Path, name: Path) -> None:
    """Another name for a file, or a copy where the file system has no links."""
    try:
        os.link(path, name)
    except OSError:
        shutil.copy2(path, name, follow_symlinks=False)
