"""What lies in a book, which of it may go under which rules, and how it goes: renamed first, then removed.

A run is looked at by the beginning and the end of its journals only. Runs that were recorded at the same time share
a machine: removing one would change the shares of the others, so that they go together or stay together.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from joulebook.errors import BookNewer, LedgerError
from joulebook.ledger.places import RunFolder, list_runs
from joulebook.ledger.reader import SEGMENT_NAME, Record, read_segments
from joulebook.ledger.recording import EARLIEST_NS, ENDS, decode
from joulebook.ledger.tail import Tail, alive

TRASH: Final = ".trash-"
INCOMING: Final = ".incoming-"
TEMPORARY: Final = ".tmp"
_ENDS_BYTES: Final = (16 << 10, 4 << 20)
_ELSEWHERE_NS: Final = 3_600_000_000_000
"""A run without an end that somebody wrote to so recently may still be recorded on another machine."""
_LEFT_OVER_NS: Final = 3_600_000_000_000


class OnDisk(NamedTuple):
    """One run as it lies on the disk."""

    id: str
    path: str
    name: str
    status: str
    """As its end record says, or running, elsewhere (another machine may record it), interrupted, damaged, newer."""
    started_ns: int
    """UTC, as its clock said."""
    ended_ns: int
    """UTC; of its files where its clock was not set."""
    bytes: int
    boot: str = ""
    begin_ns: int = 0
    """Boot time, as `end_ns`."""
    end_ns: int = 0
    parent: str = ""
    group: str = ""
    """The group of ranks that it belongs to."""


class Rules(NamedTuple):
    """What is to go: everything that satisfies all rules that are given."""

    runs: frozenset[str] = frozenset()
    older_than_ns: int | None = None
    keep: int | None = None
    """The newest so many stay, whatever else is said."""
    statuses: frozenset[str] = frozenset()
    larger_than: int | None = None

    @property
    def any(self) -> bool:
        """Whether any rule is given."""
        return self != Rules()


class Held(NamedTuple):
    """A run that the rules name and that stays, and why."""

    run: OnDisk
    why: str
    by_force: bool
    """Whether `--force` would remove it."""


class Plan(NamedTuple):
    """What goes and what stays although a rule names it. A run goes with the runs inside it."""

    go: list[OnDisk]
    held: list[Held]


def on_disk(home: str | os.PathLike[str], boot_id: str) -> list[OnDisk]:
    """The runs of a book, newest first. Raises LedgerError when the book cannot be read."""
    return [_look(folder, boot_id) for folder in list_runs(home)]


def _look(folder: RunFolder, boot_id: str) -> OnDisk:
    size, written = 0, 0
    pids = set()
    with suppress(OSError), os.scandir(folder.path) as entries:
        for entry in entries:
            about = entry.stat(follow_symlinks=False)
            size, written = size + about.st_size, max(written, about.st_mtime_ns)
            match = SEGMENT_NAME.fullmatch(entry.name)
            if match:
                pids.add(int(match[1].partition("-")[0]))
    found = OnDisk(folder.id, folder.path, "", "damaged", folder.started_ns, written or folder.started_ns, size)
    recent = time.time_ns() - written < _ELSEWHERE_NS
    try:
        head = read_segments(folder.path)[0].head
    except BookNewer:
        return found._replace(status="newer")
    except LedgerError:
        return found._replace(status="elsewhere") if recent and any(map(alive, pids)) else found
    ended, last_ns = ending(folder.path)
    begin, boot = _natural(head, "boot_ns"), head.get("boot_id")
    last_ns = max(last_ns, begin)
    writes = ended == "interrupted" and (any(map(alive, pids)) if boot == boot_id else recent)
    length = last_ns - begin
    return found._replace(
        name=str(head.get("name") or ""),
        status=("running" if boot == boot_id else "elsewhere") if writes else ended,
        ended_ns=folder.started_ns + length if folder.started_ns >= EARLIEST_NS else found.ended_ns,
        boot=str(boot or ""),
        begin_ns=begin,
        end_ns=last_ns,
        parent=str(head.get("parent") or ""),
        group=folder.group,
    )


def ending(folder: str) -> tuple[str, int]:
    """How a run ended ("interrupted" without an end record), and its last boot time, from the ends of its journals."""
    said, last = "interrupted", 0
    for size in _ENDS_BYTES:
        with suppress(LedgerError):
            for news in Tail(folder, first=size).news(backlog=0):
                piece = decode(news.recorder, news.head, news.records)
                last = max(last, piece.last_ns)
                if piece.end is not None and said == "interrupted":
                    said = str(piece.end.get("status"))
        if last:
            break
    return said if said in (*ENDS, "interrupted") else "stopped", last


def _natural(head: Record, key: str) -> int:
    value = head.get(key)
    return value if type(value) is int and 0 <= value < 1 << 61 else 0


# -- what goes --------------------------------------------------------------------------------------------------


def plan(runs: Sequence[OnDisk], rules: Rules, now_ns: int, *, force: bool = False) -> Plan:
    """What goes under these rules; `force` also takes runs that share a machine with one that stays."""
    families = families_of(runs)
    named = _named(families, rules, now_ns) if rules.any else []
    held: dict[str, Held] = {}
    for family in named:
        why = untouchable(family)
        if why:
            held[family[0].path] = Held(family[0], why, by_force=False)
    beside = {} if force else beside_each_other(families)
    going = {family[0].path: family for family in named if family[0].path not in held}
    while True:  # one that stays makes those beside it stay
        staying = {family[0].path: family[0] for family in families if family[0].path not in going}
        stopped = {
            path: next((staying[other] for other in sorted(beside.get(path, ())) if other in staying), None)
            for path in going
        }
        if not any(stopped.values()):
            break
        for path, other in stopped.items():
            if other is not None:
                why = f"shares its machine with {other.id[:4]}, which stays"
                held[path] = Held(going.pop(path)[0], why, by_force=True)
    return Plan([run for family in going.values() for run in reversed(family)], list(held.values()))


def families_of(runs: Sequence[OnDisk]) -> list[list[OnDisk]]:
    """Each run that is inside no other one with all that are inside it, outer ones first; newest families first."""
    known = {run.id: run for run in runs}
    inner: dict[str, list[OnDisk]] = {}
    first: dict[str, OnDisk] = {}
    for run in reversed(runs):
        if run.parent in known and run.parent != run.id:
            inner.setdefault(run.parent, []).append(run)
        elif run.group and first.setdefault(run.group, run) is not run:  # ranks stay and go together
            inner.setdefault(first[run.group].id, []).append(run)
    tops = [
        run
        for run in runs
        if (run.parent not in known and first.get(run.group, run) is run) or _is_circular(run, known)
    ]
    return [_below(run, inner, set()) for run in tops]


def _is_circular(run: OnDisk, known: Mapping[str, OnDisk]) -> bool:
    seen = set()
    while run.id not in seen:
        seen.add(run.id)
        if run.parent not in known:
            return False
        run = known[run.parent]
    return True


def _below(run: OnDisk, inner: Mapping[str, list[OnDisk]], seen: set[str]) -> list[OnDisk]:
    seen.add(run.path)
    found = [run]
    for child in inner.get(run.id, ()):
        if child.path not in seen:
            found += _below(child, inner, seen)
    return found


def _named(families: Sequence[list[OnDisk]], rules: Rules, now_ns: int) -> list[list[OnDisk]]:
    """The families whose outermost run satisfies the rules."""
    found = []
    for place, family in enumerate(families):
        run = family[0]
        if (
            (rules.keep is None or place >= rules.keep)
            and (not rules.runs or any(one.id in rules.runs for one in family))
            and (not rules.statuses or run.status in rules.statuses)
            and (rules.older_than_ns is None or now_ns - max(one.ended_ns for one in family) > rules.older_than_ns)
            and (rules.larger_than is None or sum(one.bytes for one in family) > rules.larger_than)
        ):
            found.append(family)
    return found


def untouchable(family: Sequence[OnDisk]) -> str:
    """Why no rule and no force touches a run; "" where nothing speaks against it."""
    for run in family:
        if run.status == "running":
            return "it is being recorded"
        if run.status == "elsewhere":
            return "it has no end and its files are less than an hour old: another machine may be recording it"
        if run.status == "newer":
            return "a newer joulebook wrote it"
    return ""


def beside_each_other(families: Sequence[Sequence[OnDisk]]) -> dict[str, set[str]]:
    """Families, by the path of their first run, of which a run was recorded while one of another family was."""
    found: dict[str, set[str]] = {}
    by_boot: dict[str, list[tuple[int, int, str]]] = {}
    for family in families:
        for run in family:
            if run.end_ns > run.begin_ns:
                by_boot.setdefault(run.boot, []).append((run.begin_ns, run.end_ns, family[0].path))
    for intervals in by_boot.values():
        open_: list[tuple[int, str]] = []
        for begin, end, top in sorted(intervals):
            open_ = [pair for pair in open_ if pair[0] > begin]
            for _, other in open_:
                if other != top:
                    found.setdefault(top, set()).add(other)
                    found.setdefault(other, set()).add(top)
            open_.append((end, top))
    return found


# -- how it goes ------------------------------------------------------------------------------------------------


def remove(path: str | os.PathLike[str]) -> bool:
    """Remove a folder so that it is there as a whole or not at all, whenever this is interrupted; False: it was gone.

    Works on a full disk. Raises OSError when it may not be removed.
    """
    folder = Path(path)
    trash = folder.with_name(f"{TRASH}{os.urandom(4).hex()}-{folder.name}")
    try:
        folder.rename(trash)
    except FileNotFoundError:
        return False
    sync_folder(folder.parent)
    shutil.rmtree(trash)
    return True


def left_over(home: str | os.PathLike[str], now_ns: int) -> list[Path]:
    """What interrupted work has left in a book: trash, and copies that were not finished an hour ago."""
    found = []
    with suppress(OSError):
        for path in sorted(Path(home, "runs").iterdir()):
            age = now_ns - path.lstat().st_mtime_ns
            if path.name.startswith(TRASH) or (path.name.startswith(INCOMING) and age > _LEFT_OVER_NS):
                found.append(path)
            elif path.is_dir() and not path.is_symlink():
                found += [
                    one
                    for one in sorted(path.glob(f".*{TEMPORARY}"))
                    if now_ns - one.lstat().st_mtime_ns > _LEFT_OVER_NS
                ]
    return found


def discard(path: Path) -> None:
    """Remove a file, a link or a folder for which nobody waits. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def size_of(paths: Iterable[Path]) -> int:
    """Bytes of files and of all files below folders; links count for nothing."""
    total = 0
    for path in paths:
        for one in [path, *(path.rglob("*") if path.is_dir() and not path.is_symlink() else ())]:
            with suppress(OSError):
                about = one.lstat()
                total += about.st_size if one.is_file() and not one.is_symlink() else 0
    return total


def sync_folder(path: Path) -> None:
    """Have the names in a folder survive a power cut, where the file system can do that."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0))
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
