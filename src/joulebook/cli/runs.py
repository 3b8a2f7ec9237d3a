"""`joulebook runs`: the runs of the book, found, sorted and paged."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace

from joulebook.cli.output import put_json, put_rendered, say
from joulebook.index import Book
from joulebook.index.asked import SORTS, STATUSES, Asked, query_of
from joulebook.index.listing import Page
from joulebook.index.refresh import Progress
from joulebook.settings import load as load_settings


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook runs`."""
    parser.add_argument("--name", default="", metavar="PATTERN", help="part of a name, or a pattern with * and ?")
    parser.add_argument("--status", action="append", default=[], metavar="S", help=", ".join(STATUSES))
    parser.add_argument("--region", default="", metavar="R", help="recorded region, as it was written")
    parser.add_argument("--label", action="append", default=[], metavar="K=V", help="a label of the run")
    parser.add_argument("--since", default="", metavar="WHEN", help="a day, a time, or an age: 2026-11-01, 12h, 7d")
    parser.add_argument("--until", default="", metavar="WHEN", help="the same, for the end of the period")
    parser.add_argument("--where", action="append", default=[], metavar="COND", help="an amount: 'it_energy>1kWh'")
    parser.add_argument("--sort", default="started", metavar="COLUMN", help=", ".join(SORTS) + " (default: started)")
    parser.add_argument("--ascending", action="store_true", help="least or oldest first")
    parser.add_argument("-n", "--limit", type=_natural, default=50, metavar="N", help="rows on a page (default: 50)")
    parser.add_argument("--page", type=_natural, default=1, metavar="K", help="page K")
    parser.add_argument("--nested", action="store_true", help="also list runs recorded inside another run")
    parser.add_argument("--rebuild", action="store_true", help="make the index again from the journals first")
    parser.add_argument("--json", action="store_true", dest="as_json", help="rows as JSON")


def main(arguments: Namespace) -> int:
    """List the runs of this book, newest first.

    Energies of runs that overlapped on one machine are shares: the rows add up to
    what the machine used.

    examples:
      joulebook runs --name 'bert*' --since 7d
      joulebook runs --where 'it_energy>1kWh' --where 'duration<2h' --sort carbon
      joulebook runs --label project=vision --status failed --page 2
    """
    words = {name: value for name, value in vars(arguments).items() if name in Asked._fields}
    query = query_of(Asked(**words, labels=arguments.label))
    listing = Book().listing
    if arguments.rebuild:
        listing.rebuild(_progress())
    page = listing.page(query, _progress())
    if arguments.as_json:
        put_json(page.rows)
    elif page.rows:
        from joulebook.report.view import console, runs_table  # rich is not loaded for JSON

        put_rendered(runs_table(page.rows, console().width))
    _remarks(arguments, page, listing.notice)
    return 0


def _remarks(arguments: Namespace, page: Page, notice: str) -> None:
    """What there is besides the rows, on stderr."""
    for remark in filter(None, (notice, *load_settings(lenient=True).problems)):
        say(f"joulebook: {remark}")
    for row in page.rows:
        if "problem" in row:
            say(f"joulebook: {str(row['id'])[:6]}: {row['problem']}")
    before = (arguments.page - 1) * arguments.limit
    if not page.total:
        filtered = any((arguments.name, arguments.status, arguments.region, arguments.label, arguments.since))
        asked = filtered or arguments.until or arguments.where
        hint = "no run matches; all of them:  joulebook runs" if asked else "no runs yet:  joulebook run -- CMD"
        say(f"joulebook: {hint}")
    elif not page.rows:
        say(f"joulebook: there are {page.total} runs on {-(-page.total // arguments.limit)} pages")
    elif before + len(page.rows) < page.total and not arguments.as_json:
        last = before + len(page.rows)
        say(f"joulebook: {before + 1} to {last} of {page.total}; go on with  --page {arguments.page + 1}")


def _progress() -> Progress | None:
    """One line that is written over, where somebody is looking and it takes long."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None

    def tell(done: int, whole: int) -> None:
        if whole > 1_000:
            end = "\r" if done < whole else "\r\033[K"
            sys.stderr.write(f"joulebook: reading {done} of {whole} runs{end}")
            sys.stderr.flush()

    return tell


def _natural(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r}: expected a number from 1 on")
    return int(text)
