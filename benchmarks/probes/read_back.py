"""A fresh process that reads one journal back: floor, decoded columns, statement. Arguments: home, run."""

from __future__ import annotations

import json
import resource
import shutil
import sys
import time
from pathlib import Path

from joulebook.index import Book

home, run = sys.argv[1:]
figures: dict[str, float] = {}


def timed(name, do):
    used = time.process_time()
    result = do()
    figures[name] = time.process_time() - used
    return result


def floor():
    """The least that a reader of JSON lines does."""
    for path in Path(home).rglob("*.jsonl"):
        with path.open("rb") as file:
            for line in file:
                json.loads(line[9:].partition(b" ")[2])


for kept in Path(home).glob("index-*"):
    shutil.rmtree(kept)
timed("floor", floor)
book = timed("open", lambda: Book(home, keep=False))
timed("read", lambda: book.recordings(run))
statement = timed("state", lambda: book.statement(run))
figures["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
figures["kwh"] = statement.as_dict()["it_energy"]["value"]
Book(home).measurement(run)  # kept from here on


def opened():
    """What a reader does who comes later."""
    again = Book(home)
    again.statement(run).as_dict()
    again.history(run)


began = time.perf_counter()
opened()
figures["again"] = time.perf_counter() - began
print(figures)
