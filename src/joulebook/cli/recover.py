"""`joulebook recover`: what damaged journals still hold, clean copies of it, and runs brought in from elsewhere."""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from joulebook.cli.output import put, put_json, say
from joulebook.errors import ConfigError, JoulebookError, LedgerError
from joulebook.index import Book
from joulebook.ledger.places import RunFolder, book_home, list_runs
from joulebook.ledger.recovery import Cleaned, Examined, Now, clean_copy, examine
from joulebook.ledger.retention import remove
from joulebook.ledger.transfer import (
    COMPLETED,
    COPIED,
    REFUSED,
    Brought,
    bring,
    holds_only_runs,
    runs_at,
    temporary_homes,
)
from joulebook.quantity import Quantity
from joulebook.report.upkeep import examined_dict, examined_lines
from joulebook.report.wording import count
from joulebook.sensors.base import boottime_ns
from joulebook.sensors.host import boot_id
from joulebook.settings import load as load_settings

UNREADABLE = LedgerError.exit_code
_SHOWN = 5


class Told(NamedTuple):
    """A run that is spoken of: what it holds, its energy until its end, and its clean copies."""

    run: Examined
    energy: Quantity | None
    cleaned: list[Cleaned] | None
    """None where there was nothing to clean."""


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook recover`."""
    parser.add_argument(
        "what", nargs="*", metavar="RUN|PATH", help="runs of this book, or folders elsewhere to bring in (default: all)"
    )
    clean = parser.add_mutually_exclusive_group()
    clean.add_argument("--write", type=Path, metavar="DIR", help="clean copies of RUN into the book DIR")
    clean.add_argument("--in-place", action="store_true", help="clean RUN; the old files stay beside as .damaged")
    parser.add_argument(
        "--take-over", action="store_true", help="bring in the runs of temporary homes, and remove those"
    )
    parser.add_argument(
        "--new-id", action="store_true", help="keep both where another run has the id of one brought in"
    )
    parser.add_argument("-n", "--dry-run", action="store_true", help="only say what is there")
    parser.add_argument("--json", action="store_true", dest="as_json", help="schema joulebook.recover/1")


def main(arguments: Namespace) -> int:
    """Say what journals still hold; clean them, or bring runs in from elsewhere.

    Every verb reads around damage by itself. A RUN is one of this book; a PATH is
    the folder of a run or of a book in another place, whose runs are copied into
    this book. Nothing is ever overwritten. Without RUN or PATH: all runs of this
    book of which there is something to tell, and homes that stood in for a book.

    examples:
      joulebook recover
      joulebook recover last --in-place
      joulebook recover /mnt/node7/book
    """
    home = Path(book_home(load_settings().home).path)
    paths = [Path(word) for word in arguments.what if _is_path(word)]
    names = [word for word in arguments.what if not _is_path(word)]
    if (arguments.write or arguments.in_place) and (paths or not names):
        raise ConfigError("--write and --in-place take runs of this book: joulebook recover RUN --in-place")
    stray = [one for one in temporary_homes() if one.resolve() != home.resolve()]
    sources = [run for place in [*paths, *(stray if arguments.take_over else [])] for run in runs_at(place)]
    brought = [] if arguments.dry_run else [bring(run, home, new_id=arguments.new_id) for run in sources]
    if arguments.take_over and not arguments.dry_run:
        _give_up(stray, brought, home)
        stray = [one for one in stray if one.exists()]
    survey = not arguments.what and not arguments.take_over
    wanted = list_runs(home) if survey else [*_found(home, names), *_arrived(home, brought)]
    now = Now(time.time_ns(), boottime_ns(), boot_id())
    examined = [examine(folder, now) for folder in (*wanted, *(sources if arguments.dry_run else ()))]
    told = [_told(run, arguments) for run in examined if not (survey and run.sound)]
    if arguments.as_json:
        put_json(_document(home, len(examined), told, brought, stray))
    else:
        lines = [line for one in told for line in _told_lines(one, asked=bool(arguments.write or arguments.in_place))]
        put(
            "\n".join([*_brought_lines(brought), *lines, *(_survey_lines(examined, told, stray) if survey else ())])
            + "\n"
        )
    refused = any(one.outcome == REFUSED for one in brought)
    lost = any(one.run.status == "unreadable" and not one.cleaned for one in told)
    return UNREADABLE if refused or lost else 0


def _is_path(word: str) -> bool:
    return os.sep in word or Path(word).is_dir()


def _arrived(home: Path, brought: Sequence[Brought]) -> list[RunFolder]:
    """The runs that have come into the book, or have become longer there."""
    new = {one.id for one in brought if one.outcome in (COPIED, COMPLETED)}
    return [run for run in list_runs(home) if run.id in new] if new else []


def _found(home: Path, names: Sequence[str]) -> list[RunFolder]:
    book = Book(home) if names else None
    if book is None:
        return []
    return [book.folders[rank] for name in names for rank in book.ranked.ranks(book.find(name).id)]


def _give_up(stray: Sequence[Path], brought: Sequence[Brought], home: Path) -> None:
    """Remove temporary homes whose runs are all in this book now and have ended."""
    now = Now(time.time_ns(), boottime_ns(), boot_id())
    for place in stray:
        runs = list_runs(place)
        outcomes = {one.source: one.outcome for one in brought}
        if any(examine(run, now).status == "running" for run in runs):
            say(f"joulebook: {place}: a run is still being recorded there: take it over again when it has ended")
        elif any(outcomes.get(run.path, REFUSED) == REFUSED for run in runs):
            say(f"joulebook: {place}: stays, for not all of its runs could be brought into {home}")
        elif not holds_only_runs(place):
            say(f"joulebook: {place}: its runs are in {home} now; it stays, for it holds other files too")
        else:
            remove(place)


def _told(run: Examined, arguments: Namespace) -> Told:
    cleaned = _clean(run, arguments) if arguments.write or arguments.in_place else None
    return Told(run, _energy(run), cleaned)


def _energy(run: Examined) -> Quantity | None:
    """The energy of a run of a book until its last record; None where nothing tells."""
    if run.status == "unreadable":
        return None
    try:
        return Book(Path(run.path).parents[1], keep=False).statement(run.id).it_energy
    except JoulebookError:
        return None


def _clean(run: Examined, arguments: Namespace) -> list[Cleaned] | None:
    """Clean copies of a run's journals; None where there is nothing to clean."""
    if run.status == "running":
        raise LedgerError(f"run {run.id[:6]} is being recorded: clean it when it has ended")
    if arguments.in_place:
        if arguments.dry_run or not any(one.cleanable for one in run.recorders):
            return None
        return clean_copy(run.path, Path(run.path), in_place=True)
    target = arguments.write / "runs" / Path(run.path).name
    if target.exists():
        raise LedgerError(f"{target}: is there already and is not overwritten")
    if arguments.dry_run:
        return None
    target.mkdir(mode=0o700, parents=True)
    return clean_copy(run.path, target)


def _document(
    home: Path, examined: int, told: Sequence[Told], brought: Sequence[Brought], stray: Sequence[Path]
) -> dict[str, object]:
    return {
        "schema": "joulebook.recover/1",
        "home": str(home),
        "examined": examined,
        "runs": [
            {
                **examined_dict(one.run),
                "it_energy": None if one.energy is None else one.energy.as_dict(),
                "cleaned": None if one.cleaned is None else [copy._asdict() for copy in one.cleaned],
            }
            for one in told
        ],
        "brought": [one._asdict() for one in brought],
        "temporary_homes": [str(place) for place in stray],
    }


def _brought_lines(brought: Sequence[Brought]) -> list[str]:
    return [
        f"{one.id[:6]}  {one.outcome}{': ' if one.detail else ''}{one.detail}   from {one.source}" for one in brought
    ]


def _told_lines(one: Told, *, asked: bool) -> list[str]:
    lines = examined_lines(one.run, one.energy)
    if asked and one.cleaned is None:
        lines.append("  there is nothing to clean")
    for copy in one.cleaned or ():
        mended = f", {count(copy.repaired, 'line')} put right" if copy.repaired else ""
        lines.append(f"  clean: {count(copy.records, 'record')}{mended} in {copy.path}")
    return lines


def _survey_lines(examined: Sequence[Examined], told: Sequence[Told], stray: Sequence[Path]) -> list[str]:
    interrupted = sum(run.status == "interrupted" for run in examined)
    said = f"{count(len(examined), 'run')} read: {len(told)} with something to tell"
    lines = [f"{said}, {interrupted} without an end (read as interrupted)"]
    if stray:
        held = count(sum(len(list_runs(place)) for place in stray), "run")
        where = count(len(stray), "temporary home")
        lines += [
            f"{held} in {where}, from when a book could not be written; joulebook recover --take-over brings in all"
        ]
        lines += [f"  joulebook recover {place}" for place in stray[:_SHOWN]]
        lines += [f"  ... and {len(stray) - _SHOWN} more"] if len(stray) > _SHOWN else []
    return lines
