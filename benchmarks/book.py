"""What a book of many runs costs: making its index, asking it, and `joulebook runs` on the command line.

    python benchmarks/book.py [--runs 10000] [--rounds 3]

The journals are generated (`joulebook.testing.book`), each with one processor counter and one modelled power. The floor
of the index is reading each file and parsing its JSON; that of a question is the same `SELECT` by sqlite3 alone.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from stopwatch import about, environment, quantile, scratch, spend, table, verdict

from joulebook.index import Book
from joulebook.index import listing as listing_room
from joulebook.ledger.cache import FORMAT, INDEX
from joulebook.ledger.query import Condition, Query
from joulebook.testing.book import generate_runs

RUNS_PER_S, PAGE_S, COMMAND_S = 2_000, 0.020, 0.6
ASKED: dict[str, Query] = {
    "newest 50": Query(),
    "page 100": Query(offset=4_950),
    "by energy": Query(sort="it_energy"),
    "by name, ascending": Query(sort="name", ascending=True),
    "name `bert*`": Query(name="bert*"),
    "failed": Query(status=("failed",)),
    "label project=vision": Query(labels=(("project", "vision"),)),
    "more than 2 kJ, by duration": Query(conditions=(Condition("it_energy", ">", 2e9),), sort="duration"),
}


def floor(home: Path) -> None:
    """The least that a reader of these journals does."""
    for path in home.rglob("*.jsonl"):
        for line in path.read_bytes().splitlines():
            json.loads(line[9:].partition(b" ")[2])


def seconds(do: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def asked(listing: listing_room.Listing, path: Path, query: Query, rounds: int) -> tuple[list[float], float]:
    """Times of a question whose rows are priced, and of sqlite3 fetching fifty rows of the same file."""
    listing.page(query)
    found = [seconds(lambda: listing.page(query)) for _ in range(rounds)]
    connection = sqlite3.connect(path)
    text = "SELECT * FROM runs LEFT JOIN prices ON prices.run = runs.id ORDER BY started_ns DESC LIMIT 50"
    bare = [seconds(lambda: connection.execute(text).fetchall()) for _ in range(rounds)]
    connection.close()
    return found, median(bare)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000, help="runs in the book (10000)")
    parser.add_argument("--rounds", type=int, default=3, help="times that the index is made (3)")
    arguments = parser.parse_args()
    about(f"# A book of {arguments.runs:,} runs")
    with scratch() as folder:
        env = environment(folder)
        home = folder / "book"
        generate_runs(home, arguments.runs)
        command = [str(Path(sys.executable).with_name("joulebook")), "runs"]
        made, floors, first = [], [], []
        for _ in range(arguments.rounds):
            shutil.rmtree(home / f"index-{FORMAT}", ignore_errors=True)
            floors.append(seconds(lambda: floor(home)))
            made.append(seconds(Book(home).listing.rebuild))
            first.append(spend(command, env).wall_ms / 1e3)
        again = [spend(command, env).wall_ms / 1e3 for _ in range(10)]
        rate = arguments.runs / median(made)
        whole = (f"{median(made):.2f}", f"{median(floors):.2f}", f"{median(made) / median(floors):.1f}")
        judged = verdict(RUNS_PER_S, rate), f"{median(first):.2f}", f"{median(again):.2f}"
        table(
            "The index made from the journals, and `joulebook runs` (wall seconds)",
            ("index", "floor", "ratio", "runs/s", f">= {RUNS_PER_S}", "`runs` after that", "again", f"<= {COMMAND_S}"),
            [(*whole, f"{rate:,.0f}", *judged, verdict(median(again), COMMAND_S))],
        )
        book = Book(home)
        looked = []
        for _ in range(5):
            book.listing.close()
            looked.append(seconds(lambda: book.listing.page(Query(limit=1))))
        listing_room._FRESH_NS = 1 << 62  # noqa: SLF001 - what a question costs without looking around
        rows, everything = [], []
        for name, query in ASKED.items():
            found, bare = asked(book.listing, home / f"index-{FORMAT}" / INDEX, query, 40)
            everything += found
            rows.append((name, f"{median(found) * 1e3:.1f}", f"{quantile(found, 0.95) * 1e3:.1f}", f"{bare * 1e3:.2f}"))
        p95 = quantile(everything, 0.95)
        rows.append(("**all**", f"{median(everything) * 1e3:.1f}", f"{p95 * 1e3:.1f} ({verdict(p95, PAGE_S)})", ""))
        table(
            f"Questions to the index, ms (bar: 95 % within {PAGE_S * 1e3:.0f} ms)",
            ("question", "median", "95 %", "sqlite3"),
            rows,
        )
        print(f"\nLooking for what is new among all folders, at most once a second: {median(looked) * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
