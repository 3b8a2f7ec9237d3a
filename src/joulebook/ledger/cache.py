"""Where a book keeps what can be made again from its journals: one folder per format, free to be deleted at any time.

`<home>/index-<format>/` unless that cannot be written or lies on a network file system, where SQLite would lose data:
then a folder in the user's cache. Versions of joulebook with another format have a folder of their own.
"""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

FORMAT: Final = 2
"""Changes with the tables and with the arithmetic whose results they hold."""
INDEX: Final = "book.sqlite"
_KEPT: Final = ".kept"
_MOUNTS: Final = Path("/proc/self/mountinfo")
_NETWORK: Final = frozenset(
    (
        *("9p", "afs", "beegfs", "ceph", "cifs", "coda", "fhgfs", "fuse.glusterfs", "fuse.sshfs", "glusterfs", "gpfs"),
        *(
            "lustre",
            "ncpfs",
            "nfs",
            "nfs4",
            "ocfs2",
            "orangefs",
            "panfs",
            "pvfs2",
            "smb3",
            "smbfs",
            "vboxsf",
            "virtiofs",
        ),
    )
)


def cache_folder(home: Path, mounts: Path = _MOUNTS) -> Path | None:
    """The folder for this home, made if need be; None where there is no place for one."""
    import platformdirs  # 10 ms that `joulebook run` does not need

    cache = Path(platformdirs.user_cache_dir("joulebook", appauthor=False))
    beside = cache / f"{sha256(os.fspath(home.absolute()).encode(errors='surrogateescape')).hexdigest()[:16]}-{FORMAT}"
    for place in (home / f"index-{FORMAT}", beside):
        if file_system(place, mounts) in _NETWORK:
            continue
        with suppress(OSError):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.access(place, os.W_OK | os.X_OK):
                return place
    return None


def other_caches(home: Path) -> list[Path]:
    """The folders beside a book that hold the indexes of other formats."""
    return sorted(place for place in home.glob("index-*") if place.name != f"index-{FORMAT}" and place.is_dir())


def file_system(path: Path, mounts: Path = _MOUNTS) -> str:
    """The type of file system that a path lies on, as the kernel names it; "" where that cannot be told."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    where = os.path.realpath(path)
    best, kind = "", ""
    for line in lines:
        fields, _, rest = line.partition(" - ")
        words = fields.split()
        if len(words) < 5 or not rest:
            continue
        point = words[4].replace("\\040", " ")
        inside = where == point or where.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, rest.split()[0]
    return kind


def keep(place: Path, run: str, text: bytes) -> None:
    """Keep something of a run, all of it or nothing; a place that takes nothing is no error."""
    path = place / f"{run}{_KEPT}"
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        unfinished.write_bytes(zlib.compress(text, 1))
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()


def kept(place: Path, run: str) -> bytes | None:
    """What was kept of a run; None where there is nothing, or nothing whole."""
    try:
        return zlib.decompress((place / f"{run}{_KEPT}").read_bytes())
    except (OSError, zlib.error):
        return None


def forget(place: Path, run: str) -> None:
    """Drop what was kept of a run."""
    with suppress(OSError):
        (place / f"{run}{_KEPT}").unlink()
