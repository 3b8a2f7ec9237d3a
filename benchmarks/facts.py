"""What the catalogue costs, in CPU time: opening it, one look-up, one name; its size on disk and in a wheel.

python benchmarks/facts.py [--repeat 20]
"""

from __future__ import annotations

import argparse
import random
import sys
import zlib
from pathlib import Path
from statistics import median
from time import process_time_ns

from joulebook.errors import FactNotFound
from joulebook.facts.catalog import PACKED, Catalog
from joulebook.facts.names import accelerator

OPEN_MS, LOOK_UP_US = 20, 5
MANY = 3_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=20, help="rounds, of which the median is shown")
    repeat = parser.parse_args().repeat
    catalog = Catalog.open()
    chance = random.Random(1)  # the same look-ups every time
    subjects = [subject for subject in catalog.subjects("") if catalog.properties(subject)]
    wanted = [(subject, catalog.properties(subject)[0]) for subject in chance.sample(subjects, MANY)]
    words = [word for kind, word in catalog.words("accelerator")][::3]
    size, squeezed = Path(PACKED).stat().st_size, len(zlib.compress(Path(PACKED).read_bytes(), 6))
    rows = [
        ("open, and the first look-up", _median(repeat, _opened) / 1e6, "ms", OPEN_MS),
        ("the line of a subject", _median(repeat, lambda: _lines(wanted)) / MANY / 1e3, "us", LOOK_UP_US),
        ("a look-up, the first of a subject", _median(repeat, lambda: _first(wanted)) / MANY / 1e3, "us", LOOK_UP_US),
        ("the same look-up again", _median(repeat, lambda: _found(catalog, wanted)) / MANY / 1e3, "us", LOOK_UP_US),
        ("a name that is listed", _median(repeat, lambda: _named(catalog, words)) / len(words) / 1e3, "us", None),
        ("a name that is not, with near names", _median(3, lambda: _lost(catalog)) / 1e6, "ms", None),
    ]
    print(f"{len(subjects)} subjects, {size / 1e6:.2f} MB, {squeezed / 1e6:.2f} MB in a wheel")
    print(f"Python {sys.version.split()[0]}\n")
    print("| what | median | bar |\n| --- | --- | --- |")
    for what, figure, unit, bar in rows:
        print(f"| {what} | {figure:.2f} {unit} | {f'{bar} {unit}' if bar else ''} |")


def _median(repeat: int, work: object) -> float:
    assert callable(work)
    taken = []
    for _ in range(repeat):
        begun = process_time_ns()
        work()
        taken.append(process_time_ns() - begun)
    return median(taken)


def _opened() -> None:
    Catalog.open().find("grid.fr", "carbon_intensity.lifecycle.generation")


def _first(wanted: list[tuple[str, str]]) -> None:
    """Each look-up once in a catalogue that knows none of them yet."""
    _found(Catalog.open(), wanted)


def _lines(wanted: list[tuple[str, str]]) -> None:
    catalog = Catalog.open()
    for subject, _ in wanted:
        catalog.known(subject)


def _found(catalog: Catalog, wanted: list[tuple[str, str]]) -> None:
    for subject, prop in wanted:
        catalog.find(subject, prop)


def _named(catalog: Catalog, words: list[str]) -> None:
    for word in words:
        try:
            accelerator(catalog, word)
        except FactNotFound:  # a word that several share
            continue


def _lost(catalog: Catalog) -> None:
    try:
        accelerator(catalog, "NVIDIA H1000 80GB")
    except FactNotFound:
        return


if __name__ == "__main__":
    main()
