"""`joulebook prune`: how much room the book takes, and which runs may go."""

from __future__ import annotations

import re
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import Final

from joulebook.cli.output import put, put_json, say
from joulebook.index import Book
from joulebook.ledger.cache import other_caches
from joulebook.ledger.places import book_home
from joulebook.ledger.retention import OnDisk, Plan, Rules, discard, left_over, on_disk, plan, remove, size_of
from joulebook.meter.thin_journals import Thinned, clusters, thin
from joulebook.report.upkeep import held_lines, runs_lines, size
from joulebook.report.wording import count
from joulebook.sensors.host import boot_id
from joulebook.settings import load as load_settings

STATUSES: Final = ("finished", "failed", "stopped", "interrupted", "damaged")
_SECONDS: Final = {"h": 3_600, "d": 86_400, "w": 7 * 86_400, "y": 365 * 86_400}
_BYTES: Final = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "KI": 1 << 10, "MI": 1 << 20, "GI": 1 << 30}
_LARGEST: Final = 10


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook prune`."""
    rules = parser.add_argument_group(
        "rules", "a run goes when it satisfies all that are given, with the runs inside it"
    )
    rules.add_argument("runs", nargs="*", metavar="RUN", help="an id or its beginning, a name, last~1")
    rules.add_argument("--older-than", type=_age, metavar="AGE", help="ended longer ago than 12h, 90d, 6w or 1y")
    rules.add_argument("--keep", type=_natural, metavar="N", help="keep the newest N, whatever else is said")
    rules.add_argument("--status", type=_statuses, default=frozenset(), metavar="STATUS", help=", ".join(STATUSES))
    rules.add_argument("--larger-than", type=_size, metavar="SIZE", help="such as 100MB or 1GiB")
    parser.add_argument(
        "--thin", action="store_true", help="keep the runs and their totals, drop readings between edges"
    )
    parser.add_argument("--force", action="store_true", help="also runs whose removal changes the shares of others")
    parser.add_argument("-y", "--yes", action="store_true", help="do it; without this nothing is changed")
    parser.add_argument("--json", action="store_true", dest="as_json", help="schema joulebook.prune/1")


def main(arguments: Namespace) -> int:
    """Show how much room the book takes and what would go; with --yes, let it go.

    examples:
      joulebook prune --older-than 90d --status failed
      joulebook prune --older-than 30d --thin --yes
    """
    home = Path(book_home(load_settings().home).path)
    now = time.time_ns()
    runs = on_disk(home, boot_id())
    rules = _rules(arguments, home)
    chosen = plan(runs, rules, now, force=arguments.force or arguments.thin)
    waste = [*left_over(home, now), *other_caches(home)]
    found: dict[str, object] = {
        "schema": "joulebook.prune/1",
        "home": str(home),
        "runs": len(runs),
        "bytes": sum(run.bytes for run in runs),
        "held": [{"id": one.run.id, "why": one.why, "force": one.by_force} for one in chosen.held],
        "waste": [str(path) for path in waste],
        "waste_bytes": size_of(waste),
        "done": arguments.yes,
    }
    lines = [f"{count(len(runs), 'run')}, {size(sum(run.bytes for run in runs))} in {home}"]
    if arguments.thin:
        results = _thin(runs, chosen if rules.any else plan(runs, Rules(keep=0), now), write=arguments.yes)
        found["thinned"] = [
            {"id": one.run.id, "before": one.before, "after": one.after, "why": one.why or None} for one in results
        ]
        lines += _thin_lines(results, done=arguments.yes)
    else:
        gone = _remove(chosen) if arguments.yes else chosen.go
        found["gone" if arguments.yes else "go"] = [{"id": run.id, "bytes": run.bytes} for run in gone]
        lines += _go_lines(runs, rules, gone, done=arguments.yes)
    if chosen.held:
        lines += ["", f"stay although a rule names them: {count(len(chosen.held), 'run')}", *held_lines(chosen.held)]
        if any(one.by_force for one in chosen.held):
            lines.append("  their neighbours' shares would change; --thin shrinks them instead, --force removes them")
    lines += _waste(waste, found, done=arguments.yes)
    if arguments.as_json:
        put_json(found)
    else:
        put("\n".join(lines) + "\n")
    return 0


def _rules(arguments: Namespace, home: Path) -> Rules:
    book = Book(home) if arguments.runs else None
    return Rules(
        runs=frozenset(one for name in arguments.runs for one in book.ranked.ranks(book.find(name).id))
        if book
        else frozenset(),
        older_than_ns=arguments.older_than,
        keep=arguments.keep,
        statuses=arguments.status,
        larger_than=arguments.larger_than,
    )


def _remove(chosen: Plan) -> list[OnDisk]:
    """Remove what is to go; one that cannot be removed is named, and the others go on."""
    gone = []
    for run in chosen.go:
        try:
            remove(run.path)
        except OSError as error:
            say(
                f"joulebook: {error.filename or run.path}: {error.strerror or error}; it stays or is finished next time"
            )
        else:
            gone.append(run)
    return gone


def _thin(runs: list[OnDisk], chosen: Plan, *, write: bool) -> list[Thinned]:
    paths = {run.path for run in chosen.go}
    return [one for cluster in clusters(runs) for one in thin(cluster, paths, write=write)]


def _go_lines(runs: list[OnDisk], rules: Rules, gone: list[OnDisk], *, done: bool) -> list[str]:
    if not rules.any:
        largest = sorted(runs, key=lambda run: -run.bytes)[:_LARGEST]
        hint = ["", "say which may go: --older-than 90d, --keep 100, --status failed, --larger-than 100MB, or RUN"]
        return ["", "the largest:", *runs_lines(largest), *hint] if runs else []
    if not gone:
        return ["", "nothing goes under these rules"]
    what = f"{count(len(gone), 'run')}, {size(sum(run.bytes for run in gone))}"
    return ["", f"removed: {what}" if done else f"would go: {what}; with --yes they do", *runs_lines(gone)]


def _thin_lines(results: list[Thinned], *, done: bool) -> list[str]:
    able = [one for one in results if not one.why]
    before, after = sum(one.before for one in able), sum(one.after for one in able)
    head = "thinned" if done else "could be thinned; with --yes they are"
    lines = ["", f"{count(len(able), 'run')} {head}: {size(before)} become {size(after)}"]
    lines += [f"  {one.run.id[:6]}  {size(one.before):>8} -> {size(one.after)}" for one in able[:_LARGEST]]
    left: dict[str, int] = {}
    for one in results:
        if one.why:
            left[one.why] = left.get(one.why, 0) + 1
    return [*lines, *(f"  {count(number, 'run')} left as they are: {why}" for why, number in left.items())]


def _waste(waste: list[Path], found: dict[str, object], *, done: bool) -> list[str]:
    """Remove what nobody needs any more, or say how much of it there is."""
    if not waste:
        return []
    what = f"indexes of other versions and what interrupted work has left, {size(int(str(found['waste_bytes'])))}"
    if not done:
        return ["", f"{what}: --yes removes that too"]
    for path in waste:
        try:
            discard(path)
        except OSError as error:
            say(f"joulebook: {error.filename or path}: {error.strerror or error}; it stays")
    return ["", f"removed: {what}"]


def _age(text: str) -> int:
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)([hdwy])", text.strip().lower())
    if not match:
        raise ArgumentTypeError(f"{text!r}: expected a number with h, d, w or y, such as 90d")
    return int(float(match[1]) * _SECONDS[match[2]] * 1e9)


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d{1,12}(?:\.\d{1,3})?) ?(|[KMG]I?)B?", text.strip().upper())
    if not match:
        raise ArgumentTypeError(f"{text!r}: expected bytes, such as 100MB or 1GiB")
    return int(float(match[1]) * _BYTES[match[2]])


def _natural(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text!r}: expected a number of runs")
    return int(text)


def _statuses(text: str) -> frozenset[str]:
    words = frozenset(text.split(","))
    if not words <= set(STATUSES):
        raise ArgumentTypeError(f"{text!r}: expected one or several of {','.join(STATUSES)}")
    return words
