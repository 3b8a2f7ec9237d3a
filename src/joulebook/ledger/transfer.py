"""Runs from another place brought into a book: copied as they are, complete or not at all, and never over another run.

Files that continue what is here already are added (a run whose end had to be written elsewhere; a copy that was made
while it ran). Everything else that differs is refused.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, NamedTuple

from joulebook.errors import LedgerError
from joulebook.ledger.places import RunFolder, list_runs, new_run_id, run_folder
from joulebook.ledger.reader import SEGMENT_NAME, open_segment, read_segments
from joulebook.ledger.retention import INCOMING, TEMPORARY, sync_folder

COPIED: Final = "copied"
COMPLETED: Final = "completed"
PRESENT: Final = "here already"
REFUSED: Final = "refused"
_CHUNK: Final = 1 << 20
_PREFIX: Final = "joulebook-"


class Brought(NamedTuple):
    """What became of one run: copied, completed (files were added), here already, or refused."""

    id: str
    """Its id in this book."""
    source: str
    outcome: str
    detail: str = ""


def runs_at(path: Path) -> list[RunFolder]:
    """The runs in a folder that is a run, a book, or the `runs` of one. Raises LedgerError when it is none of these."""
    if not path.is_dir():
        raise LedgerError(f"{path}: is no folder; give the folder of a run, or that of a book")
    if _segments(path):
        return [_as_run(path)]
    for home in (path, path.parent if path.name == "runs" else path):
        found = list_runs(home)
        if found:
            return found
    raise LedgerError(f"{path}: holds no run: a run is a folder with files like 1234-89abcdef.000.jsonl")


def _as_run(path: Path) -> RunFolder:
    """A folder of journals under whatever name; what its name does not say stands in the journal's head."""
    siblings = list_runs(path.parent.parent) if path.parent.name == "runs" else []
    named = next((run for run in siblings if Path(run.path).name == path.name), None)
    if named is not None:
        return named._replace(path=str(path))
    head = read_segments(path)[0].head
    run, wall = head.get("run"), head.get("wall_ns")
    if type(run) is not str or len(run) != 12 or not set(run) <= set("0123456789abcdef"):
        raise LedgerError(f"{path}: its journal names no run; rename the folder to START-ID as in a book")
    return RunFolder(run, wall if type(wall) is int and 0 <= wall < 1 << 62 else 0, str(path))


def bring(run: RunFolder, home: str | os.PathLike[str], *, new_id: bool = False) -> Brought:
    """Copy a run into a book. `new_id` keeps both where another run has its id. Raises OSError."""
    here = next((other for other in list_runs(home) if other.id == run.id), None)
    source = Path(run.path)
    if here is None:
        _copy(source, Path(run_folder(home, run.started_ns, run.id, run.group)))
        return Brought(run.id, run.path, COPIED)
    target = Path(here.path)
    if target.resolve() == source.resolve():
        return Brought(run.id, run.path, PRESENT, "it is a run of this book")
    new, longer, conflict = _compare(source, target)
    if conflict and not new_id:
        why = f"another run of this book has its id ({conflict}); --new-id keeps both"
        return Brought(run.id, run.path, REFUSED, why)
    if conflict:
        fresh = new_run_id()
        _copy(source, Path(run_folder(home, run.started_ns, fresh, run.group)))
        return Brought(fresh, run.path, COPIED, f"under a new id, for {run.id} is taken")
    for name in (*longer, *new):
        _put(source / name, target / name)
    sync_folder(target)
    added = len(longer) + len(new)
    return Brought(run.id, run.path, COMPLETED if added else PRESENT, f"{added} files" if added else "")


def _segments(folder: Path) -> list[str]:
    with suppress(OSError):
        return sorted(path.name for path in folder.iterdir() if SEGMENT_NAME.fullmatch(path.name))
    return []


def _compare(source: Path, target: Path) -> tuple[list[str], list[str], str]:
    """Files that are not here, files that go on where those here end, and what contradicts."""
    here, new, longer = set(_segments(target)), list[str](), list[str]()
    for name in _segments(source):
        if name not in here:
            new.append(name)
            continue
        relation = _relation(source / name, target / name)
        if relation == "other":
            return [], [], f"{name} differs"
        if relation == "longer":
            longer.append(name)
    if new and _identity(source) != _identity(target):
        return [], [], "it began on another boot or at another time"
    return new, longer, ""


def _identity(folder: Path) -> object:
    """What tells two runs apart: boot and beginning; a folder without a head has none of its own."""
    try:
        head = read_segments(folder)[0].head
    except LedgerError:
        return folder
    return head.get("boot_id"), head.get("boot_ns"), head.get("wall_ns")


def _relation(source: Path, target: Path) -> str:
    """`same`, `longer` (it begins with all of the other), `shorter` or `other`."""
    with _reading(source) as left, _reading(target) as right:
        while True:
            a, b = left.read(_CHUNK), right.read(_CHUNK)
            length = min(len(a), len(b))
            if a[:length] != b[:length]:
                return "other"
            if len(a) != len(b):
                return "longer" if len(a) > len(b) else "shorter"
            if not a:
                return "same"


def _reading(path: Path) -> IO[bytes]:
    return os.fdopen(open_segment(path), "rb")


def _copy(source: Path, target: Path) -> None:
    """All journals of a run under a name that no book lists, then the name that it has."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    incoming = target.with_name(f"{INCOMING}{os.urandom(4).hex()}-{target.name}")
    incoming.mkdir(mode=0o700)
    try:
        for name in _segments(source):
            _put(source / name, incoming / name)
        sync_folder(incoming)
        incoming.rename(target)  # fails where something has taken the name meanwhile
    except OSError:
        shutil.rmtree(incoming, ignore_errors=True)
        raise
    sync_folder(target.parent)


def _put(source: Path, target: Path) -> None:
    """One file, whole or not at all, with its time."""
    temporary = target.with_name(f".{target.name}-{os.urandom(4).hex()}{TEMPORARY}")
    try:
        with _reading(source) as old, temporary.open("xb") as new:
            temporary.chmod(0o600)
            shutil.copyfileobj(old, new, _CHUNK)
            new.flush()
            os.fsync(new.fileno())
            about = os.fstat(old.fileno())
        os.utime(temporary, ns=(about.st_atime_ns, about.st_mtime_ns))
        temporary.replace(target)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise


# -- homes that had to stand in for a book ----------------------------------------------------------------------


def temporary_homes() -> list[Path]:
    """Private temporary folders of this user that hold runs, made when the book could not be written; newest first."""
    found = list[Path]()
    with suppress(OSError):
        found += [path for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*") if _is_ours(path)]
    return sorted((path for path in found if list_runs(path)), key=lambda path: path.lstat().st_mtime_ns, reverse=True)


def _is_ours(path: Path) -> bool:
    """A folder of this user that nobody else can write to: in /tmp anybody may choose names."""
    about = path.lstat()
    mine = not hasattr(os, "geteuid") or about.st_uid == os.geteuid()
    return mine and path.is_dir() and not path.is_symlink() and not about.st_mode & 0o022


def holds_only_runs(home: Path) -> bool:
    """Whether a temporary home holds nothing but runs and what is made from them."""
    return all(path.name == "runs" or path.name.startswith("index-") for path in home.iterdir()) and all(
        _is_run_file(path) for path in _below(home / "runs")
    )


def _below(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())


def _is_run_file(path: Path) -> bool:
    return not path.is_symlink() and SEGMENT_NAME.fullmatch(path.name) is not None
