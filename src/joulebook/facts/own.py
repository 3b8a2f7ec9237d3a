"""Facts of the user's own: checked like those that are shipped, packed beside the user's settings, used before them.

Files are checked all together before anything is written; what is refused changes nothing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from joulebook.errors import ConfigError, FactNotFound, UnitMismatch
from joulebook.facts.catalog import PACKED, Catalog, own_index
from joulebook.facts.fact import Fact
from joulebook.facts.loader import Contents, Place, Placed, contents, read
from joulebook.facts.pack import pack
from joulebook.units import convert, unit

_SUFFIXES: Final = (".toml", ".csv")


class Kept(NamedTuple):
    """The user's own facts as they are from now on."""

    folder: str
    files: tuple[str, ...]
    facts: int
    remarks: tuple[str, ...]
    """Facts that come before shipped ones, in words."""


def adopt(files: Sequence[str], *, override: bool = False) -> Kept:
    """Check these files with those in use, and use them all; no file: check again those in use.

    Raises `FactRejected` with file, line and field where a rule is broken, where a word already means something else,
    and, unless `override`, where a value contradicts a shipped one.
    """
    folder = Path(own_index()).parent
    for file in map(Path, files):
        if file.suffix not in _SUFFIXES:
            raise ConfigError.bad("FILE", str(file), "a .toml file of facts, or the .csv file that it names")
    given = {Path(file).name: Path(file) for file in files}
    for file in map(Path, files):
        if given[file.name] != file:
            raise ConfigError.bad("FILE", str(file), f"another name than that of {given[file.name]}: one would be lost")
    with TemporaryDirectory() as scratch:
        for file in [*_in_use(folder), *given.values()]:
            shutil.copyfile(file, Path(scratch, file.name))
        if not list(Path(scratch).glob("*.toml")):
            raise ConfigError("there are no facts of your own yet; add some with  joulebook catalog add FILE.toml")
        return _use(Path(scratch), folder, override=override)


def forget(files: Sequence[str]) -> Kept:
    """Use these files no more. Raises `ConfigError` for one that is not in use."""
    folder = Path(own_index()).parent
    names = {Path(file).name for file in files}
    used = {file.name for file in _in_use(folder)}
    if not names or names - used:
        lost = ", ".join(sorted(names - used)) or "no name"
        raise ConfigError.bad("FILE", lost, f"one of those in use: {', '.join(sorted(used)) or 'none'}")
    with TemporaryDirectory() as scratch:
        for name in used - names:
            shutil.copyfile(folder / name, Path(scratch, name))
        kept = _use(Path(scratch), folder, override=True)
    for name in names:
        (folder / name).unlink()
    return kept._replace(files=tuple(sorted(used - names)))


def _in_use(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix in _SUFFIXES)


def _use(scratch: Path, folder: Path, *, override: bool) -> Kept:
    """Check what stands in `scratch`, then copy it to `folder`; the packed index, which alone is read, comes last."""
    shipped = Catalog.open(PACKED, own=False)
    placed = read(scratch)
    _refuse_shipped_sources(placed, shipped)
    _refuse_other_meanings(placed, shipped)
    remarks = [remark for place, fact in placed.facts for remark in _beside(place, fact, shipped, override=override)]
    _refuse_quarrels(placed)
    found = contents(placed, (name.subject for _, name in placed.names if shipped.properties(name.subject)))
    folder.mkdir(parents=True, exist_ok=True)
    files = sorted(path.name for path in scratch.iterdir())
    for name in files:
        shutil.copyfile(scratch / name, folder / name)
    _replace(Path(own_index()), found)
    return Kept(str(folder), tuple(files), len(placed.facts), tuple(remarks))


def _replace(index: Path, found: Contents) -> None:
    if not found.facts and not found.names:
        index.unlink(missing_ok=True)
        return
    written = index.with_suffix(f".{os.getpid()}")
    written.write_bytes(pack(found))
    written.replace(index)


def _refuse_shipped_sources(placed: Placed, shipped: Catalog) -> None:
    taken = {card.id for card in shipped.sources()}
    for place, fact in placed.facts:
        if fact.source in taken:
            place.reject(f"source {fact.source!r} is the id of a shipped source: give yours another one", "source")


def _refuse_other_meanings(placed: Placed, shipped: Catalog) -> None:
    for place, name in placed.names:
        kind = name.subject.partition(".")[0]
        for word in name.words:
            try:
                other = shipped.resolve(word, kind, near=False).subject
            except FactNotFound:
                continue
            if other != name.subject:
                place.reject(
                    f"{word!r} already means {other}: choose another word, or give the fact to {other}", "aliases"
                )


def _beside(place: Place, fact: Fact, shipped: Catalog, *, override: bool) -> Iterator[str]:
    """What is to be said of a fact that joulebook ships as well; refuses one that contradicts it."""
    try:
        other = shipped.find(fact.subject, fact.property, on=fact.valid_from)
    except FactNotFound:
        return
    low, high = _in_unit_of(place, fact, other)
    theirs = f"{_range(other)} of {other.valid_from[:4]} [{other.source}]"
    where = f"{fact.subject} {fact.property}"
    if high < other.low or low > other.high:
        if not override:
            place.reject(
                f"{where}: {_range(fact)} contradicts the shipped {theirs}; if it is meant so:  --override", "value"
            )
        yield f"{place.file}:{place.line}: {where}: {_range(fact)} is used although it contradicts the shipped {theirs}"
    else:
        yield f"{place.file}:{place.line}: {where}: {_range(fact)} is used before the shipped {theirs}"


def _in_unit_of(place: Place, fact: Fact, other: Fact) -> tuple[float, float]:
    try:
        return tuple(convert(bound, unit(fact.unit), unit(other.unit)) for bound in (fact.low, fact.high))  # type: ignore[return-value]
    except UnitMismatch:
        place.reject(
            f"{fact.property} of {fact.subject} is shipped in {other.unit}, which {fact.unit} is no unit of", "unit"
        )


def _refuse_quarrels(placed: Placed) -> None:
    """Two of one's own facts for one day must be possible together."""
    seen: dict[tuple[str, str, str], tuple[Place, Fact]] = {}
    for place, fact in placed.facts:
        first, other = seen.setdefault((fact.subject, fact.property, fact.valid_from), (place, fact))
        low, high = _in_unit_of(place, fact, other)
        if high < other.low or low > other.high:
            place.reject(
                f"{_range(fact)} contradicts {_range(other)} in {first.file}:{first.line}, for the same day", "value"
            )


def _range(fact: Fact) -> str:
    ends = "" if fact.low == fact.high else f" ({fact.low:.6g}-{fact.high:.6g})"
    return f"{fact.value:.6g}{ends} {fact.unit}"
