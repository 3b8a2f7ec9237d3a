"""Where the book lives and how its runs are found. Loaded on the metering path: no pathlib, no platformdirs there.

`<home>/runs/<UTC start>-<run id>[-<group of ranks>]/<recorder>.<segment>.jsonl`
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import NamedTuple

from joulebook.errors import LedgerError, RunNotFound
from joulebook.ledger.disk import Disk

VARIABLE = "JOULEBOOK_HOME"
LOCAL = ".joulebook"
"""A folder of this name, made with mkdir, is the book of everything below its parent."""

_RUN = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(?:\.(\d{3}))?-([0-9a-f]{12})(?:-([0-9a-f]{12}))?", re.ASCII)
_LAST = re.compile(r"last(?:~(\d{1,6}))?", re.ASCII)
_SHOWN = 8


class Home(NamedTuple):
    """The book's folder, where this was decided, and what the user should know about it."""

    path: str
    origin: str
    """argument, JOULEBOOK_HOME, folder, user or temporary."""
    notice: str = ""


class RunFolder(NamedTuple):
    """One run's folder, known by its name alone."""

    id: str
    started_ns: int
    """UTC, to the millisecond."""
    path: str
    group: str = ""
    """The group of ranks that it belongs to."""


def book_home(argument: str | os.PathLike[str] | None = None, environ: Mapping[str, str] | None = None) -> Home:
    """The book: argument, JOULEBOOK_HOME, the nearest `.joulebook/` upwards, else the user's data folder.

    Never raises, and makes nothing unless there is no place at all: then a new private temporary folder.
    """
    environ = os.environ if environ is None else environ
    for given, origin in ((os.fspath(argument or ""), "argument"), (environ.get(VARIABLE, ""), VARIABLE)):
        path = _absolute(_expanded(given, environ))
        if path:
            return Home(path, origin)
    local, notice = _nearest()
    if local:
        return Home(local, "folder", notice)
    user = _user_data(environ)
    return Home(user, "user", notice) if user else _temporary("there is no home folder", Disk())


def machine_facts(environ: Mapping[str, str] | None = None) -> str:
    """The file of the facts measured on this machine: the user's, whatever book is used; "" where there is no home."""
    folder = _user_data(os.environ if environ is None else environ)
    return f"{folder}/machine.toml" if folder else ""


def writable_home(home: Home, disk: Disk | None = None) -> Home:
    """The same book when a run can be made in it, else a private temporary one with a notice; never raises."""
    disk = disk or Disk()
    runs = f"{home.path}/runs"
    try:
        disk.mkdir(runs)
    except OSError as error:
        return _temporary(f"cannot write the book {home.path} ({error.strerror or error})", disk)
    if not os.access(runs, os.W_OK | os.X_OK):
        return _temporary(f"cannot write the book {home.path} (permission denied)", disk)
    return home


def new_run_id() -> str:
    """Twelve random hexadecimal digits."""
    return os.urandom(6).hex()


def run_folder(home: str | os.PathLike[str], start_wall_ns: int, run_id: str, group: str = "") -> str:
    """The folder of a run that started at this UTC time, `group` the ranks that it belongs to; it is not made."""
    start = time.strftime("%Y%m%dT%H%M%S", time.gmtime(start_wall_ns // 1_000_000_000))
    name = "-".join(filter(None, (run_id, group)))
    return f"{os.fspath(home)}/runs/{start}.{start_wall_ns // 1_000_000 % 1000:03d}-{name}"


def list_runs(home: str | os.PathLike[str]) -> list[RunFolder]:
    """The runs of a book, newest first; whatever else lies there is ignored, links too. Raises LedgerError."""
    found = []
    try:
        with os.scandir(f"{os.fspath(home)}/runs") as entries:
            for entry in entries:
                match = _RUN.fullmatch(entry.name)
                started = _utc_ns([int(part or 0) for part in match.groups()[:7]]) if match else None
                if match and started is not None and entry.is_dir(follow_symlinks=False):
                    found.append(RunFolder(match[8], started, entry.path, match[9] or ""))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise LedgerError(
            f"{error.filename}: cannot be read: {error.strerror}; check the path and its rights"
        ) from error
    return sorted(found, key=lambda run: (run.started_ns, run.id), reverse=True)


def find_run(
    home: str | os.PathLike[str],
    reference: str,
    name_of: Callable[[RunFolder], str] | None = None,
    is_nested: Callable[[RunFolder], bool] | None = None,
    more: Iterable[RunFolder] = (),
) -> RunFolder:
    """The run that `last`, `last~N`, the unique beginning of an id, or a name means. Raises RunNotFound.

    `name_of` tells the name of a run; it is asked only when nothing else fits. Runs that `is_nested` says are
    inside another one are not counted by `last`. `more` are runs without a folder of their own: those of many ranks.
    """
    runs = sorted([*list_runs(home), *more], key=lambda run: (run.started_ns, run.id), reverse=True)
    last = _LAST.fullmatch(reference)
    if last:
        tops = (run for run in runs if is_nested is None or not is_nested(run))
        found = next(islice(tops, int(last[1] or 0), None), None)
        if found is None:
            raise RunNotFound.named(reference, ())
        return found
    fitting = [run for run in runs if reference and run.id.startswith(reference)]
    if not fitting and name_of is not None and reference:
        named = [run for run in runs if name_of(run) == reference]
        fitting = [run for run in named if not run.group or not run.path] or named  # a rank has the name of its run
    if fitting and len({run.id for run in fitting}) == 1:  # of copies of one run the newest is meant, as in a list
        return fitting[0]
    raise RunNotFound.named(reference, [run.id for run in fitting[:_SHOWN]])


def _expanded(path: str, environ: Mapping[str, str]) -> str:
    """`~` by the environment given, so that a test or another user's settings decide."""
    if path == "~" or path.startswith("~/"):
        home = environ.get("HOME", "") or os.path.expanduser("~")  # noqa: PTH111 - pathlib costs an import
        return home + path[1:]
    return path


def _absolute(path: str) -> str:
    if not path or "\0" in path:
        return ""
    try:
        return os.path.abspath(path)  # noqa: PTH100 - pathlib costs an import
    except OSError:  # relative, and the working folder is gone
        return ""


def _nearest() -> tuple[str, str]:
    """The nearest `.joulebook/` upwards, and a word about one that was passed over."""
    try:
        folder = os.getcwd()  # noqa: PTH109 - pathlib costs an import
    except OSError:
        return "", ""
    notice = ""
    while True:
        path = os.path.join(folder, LOCAL)  # noqa: PTH118
        if os.path.isdir(path):  # noqa: PTH112
            if _ours(path):
                return path, notice
            notice = notice or f"{path} belongs to another user and is not used; {VARIABLE}={path} would use it"
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder:
            return "", notice
        folder = above


def _ours(path: str) -> bool:
    """Nobody else may plant a book in a folder above us, such as /tmp."""
    if not hasattr(os, "geteuid"):
        return True
    try:
        return os.stat(path).st_uid in (os.geteuid(), 0)  # noqa: PTH116
    except OSError:
        return False


def _user_data(environ: Mapping[str, str]) -> str:
    if not sys.platform.startswith("linux"):
        import platformdirs  # 10 ms, for systems whose folders are not two environment variables

        return platformdirs.user_data_dir("joulebook", appauthor=False)
    data = environ.get("XDG_DATA_HOME", "")
    if os.path.isabs(data):  # noqa: PTH117 - relative values are invalid by the XDG specification
        return f"{data}/joulebook"
    home = _expanded("~", environ)
    return f"{home}/.local/share/joulebook" if os.path.isabs(home) else ""  # noqa: PTH117


def _temporary(reason: str, disk: Disk) -> Home:
    try:
        path = disk.private_folder()
    except OSError as error:
        return Home("", "temporary", f"{reason} and no temporary folder either ({error}): kept in memory only")
    return Home(path, "temporary", f"{VARIABLE}={path} holds this run: {reason}")


def _utc_ns(parts: list[int]) -> int | None:
    """Nanoseconds of a UTC date and time; None when there is no such date (`calendar` would load datetime)."""
    year, month, day, hour, minute, second, milli = parts
    if not (year >= 1970 and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 61):
        return None
    shifted = year - (month <= 2)
    days = 365 * shifted + shifted // 4 - shifted // 100 + shifted // 400  # days before 1 March of that year
    days += (153 * ((month + 9) % 12) + 2) // 5 + day - 1 - 719_468
    return ((days * 86_400 + hour * 3_600 + minute * 60 + second) * 1_000 + milli) * 1_000_000
