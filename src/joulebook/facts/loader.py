"""The strict loader of the catalogue's files: what breaks a rule is refused with file and line.

Used to build the packed index and by the tests; the running program reads the index only.
"""

from __future__ import annotations

import csv
import re
import tomllib
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from io import StringIO
from math import isfinite
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

from joulebook.errors import FactRejected, UnitMismatch
from joulebook.facts.fact import EVIDENCE, Fact
from joulebook.facts.union import union
from joulebook.units import unit

DATA: Final = Path(__file__).parent / "data"
FIELDS: Final = Fact._fields[:11]
_MUST: Final = (*FIELDS[:3], *FIELDS[5:10])
_CARD_KEYS: Final = {"title": str, "publisher": str, "year": int, "licence": str, "url": str}
_SUBJECT = re.compile(r"[a-z0-9][a-z0-9._-]*")
_WORDS = re.compile(r"[^a-z0-9+]+")
_HEADER = re.compile(r"\[\[\s*([A-Za-z0-9_-]+)\s*\]\]\s*(?:#.*)?")
_KEY = re.compile(r"([A-Za-z0-9_-]+)\s*=")
_NAME_KEYS: Final = {"subject", "label", "aliases", "shared"}
_KINDS: Final = ("fact", "name", "family", "series", "names", "source")


class Name(NamedTuple):
    """Words that mean a subject; `members` makes it a family."""

    subject: str
    aliases: tuple[str, ...]
    label: str
    members: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    """Words that mean other subjects too, and are therefore ambiguous."""

    @property
    def words(self) -> list[str]:
        """Every word for the subject as it is compared, the subject's own among them, each once."""
        own = self.subject.partition(".")[2]
        return list(dict.fromkeys(normal(word) for word in (*self.aliases, *self.shared, own)))


class Contents(NamedTuple):
    """Everything the data files say."""

    facts: list[Fact]
    names: list[Name]
    sources: dict[str, dict[str, Any]]


class Place(NamedTuple):
    """Where a table or row stands; `keys` are the lines of its keys where they have lines of their own."""

    file: str
    line: int
    keys: Mapping[str, int] = {}

    def reject(self, problem: str, key: str = "") -> NoReturn:
        """Refuse what stands here, at the line of `key` if that is known."""
        raise FactRejected.at(self.file, self.keys.get(key, self.line), problem)


def normal(word: str) -> str:
    """A name as it is compared: ASCII without accents, lower case, words divided by one space."""
    if not word.isascii():
        letters = (char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))
        word = "".join(char if char.isascii() else " " for char in letters)
    return _WORDS.sub(" ", word.lower()).strip()


class Placed(NamedTuple):
    """Everything the data files say, with where each fact and name stands."""

    facts: list[tuple[Place, Fact]]
    names: list[tuple[Place, Name]]
    sources: dict[str, dict[str, Any]]


def load(folder: Path = DATA) -> Contents:
    """All facts, names and sources below `folder`. Raises `FactRejected` with file and line."""
    return contents(read(folder))


def read(folder: Path) -> Placed:
    """What stands in the files of a folder, each fact and name checked alone. Raises `FactRejected`."""
    sources: dict[str, dict[str, Any]] = {}
    tables: list[tuple[str, Place, dict[str, Any]]] = []
    for path in sorted(folder.glob("*.toml")):
        cards = path.name.startswith("sources")
        tables += [] if cards else [found for found in _tables(path) if found[0] != "source"]
        for place, identity, card in _sources(path) if cards else _source_tables(path):
            if identity in sources:
                place.reject(f"source {identity!r} stands in another file too")
            sources[identity] = card
    facts: list[tuple[Place, Fact]] = []
    names: list[tuple[Place, Name]] = []
    for kind, place, table in tables:
        if kind == "fact":
            facts.append((place, _fact(place, table, sources)))
        elif kind == "series":
            constant = {key: value for key, value in table.items() if key != "file"}
            rows = _rows(folder, place, table, FIELDS)
            facts += [(row_place, _fact(row_place, {**constant, **row}, sources)) for row_place, row in rows]
        elif kind == "names":
            names += [(row_place, _named(row_place, row)) for row_place, row in _rows(folder, place, table)]
        else:
            names.append((place, _name(place, table, kind)))
    return Placed(facts, names, sources)


def contents(placed: Placed, subjects: Iterable[str] = ()) -> Contents:
    """The facts with those of families, checked against each other; names may lead to `subjects` known elsewhere."""
    _refuse_duplicates(placed.facts)
    known = [fact for _, fact in placed.facts]
    _refuse_orphans({fact.subject for fact in known} | set(subjects), placed.names)
    _refuse_double_meanings(placed.names)
    return Contents(known + _unions(known, placed.names), [name for _, name in placed.names], placed.sources)


def _text(path: Path) -> str:
    """What a file says, without the mark that some programs write at its start; in UTF-8 or refused."""
    content = path.read_bytes().removeprefix(BOM_UTF8)
    try:
        return content.decode().replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FactRejected.at(
            path.name, line, f"expected text in UTF-8, got byte {content[error.start]:#04x}"
        ) from error


def _parse(path: Path) -> dict[str, Any]:
    text = _text(path)
    try:
        return tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, or an integer of thousands of digits
        found = re.search(r"line (\d+)", str(error))
        raise FactRejected.at(path.name, int(found[1]) if found else text.count("\n") + 1, str(error)) from error
    except RecursionError as error:
        raise FactRejected.at(path.name, 1, "lists or tables are nested too deeply") from error


def _sources(path: Path) -> Iterator[tuple[Place, str, dict[str, Any]]]:
    lines = _text(path).split("\n")
    for identity, card in _parse(path).items():
        heads = (f"[{identity}]", f'["{identity}"]')
        line = next((at for at, text in enumerate(lines, 1) if text.partition("#")[0].strip() in heads), 1)
        place = Place(path.name, line, _key_lines(lines, line))
        if not isinstance(card, dict):
            place.reject(f"{identity!r} stands outside of a [source]")
        yield place, identity, _card(place, identity, card)


def _source_tables(path: Path) -> Iterator[tuple[Place, str, dict[str, Any]]]:
    """The cards under [[source]] in a file that has facts too; `id` is the key that facts cite."""
    for kind, place, table in _tables(path):
        if kind == "source":
            if not isinstance(table.get("id"), str) or not table["id"]:
                place.reject("a source has no id", "id")
            card = {key: value for key, value in table.items() if key != "id"}
            yield place, table["id"], _card(place, table["id"], card)


def _card(place: Place, identity: str, card: dict[str, Any]) -> dict[str, Any]:
    for key in sorted(set(card) - set(_CARD_KEYS)):
        place.reject(f"source {identity!r}: unknown key {key!r}; expected {', '.join(_CARD_KEYS)}", key)
    for key, kind in _CARD_KEYS.items():
        if (key != "url" or key in card) and (type(card.get(key)) is not kind or not str(card[key]).strip()):
            place.reject(f"source {identity!r}: expected {key} as {kind.__name__}, got {card.get(key)!r}", key)
    return card


def _key_lines(lines: list[str], header: int) -> dict[str, int]:
    """The lines (counted from 1) of the keys of the table whose header is in line `header`."""
    found: dict[str, int] = {}
    for at, text in enumerate(lines[header:], header + 1):
        if text.startswith("["):
            break
        if key := _KEY.match(text.strip()):
            found.setdefault(key[1], at)
    return found


def _tables(path: Path) -> Iterator[tuple[str, Place, dict[str, Any]]]:
    """Every [[fact]], [[name]], [[family]], [[series]] and [[names]] with its place."""
    content = _parse(path)
    lines = _text(path).split("\n")
    headers: dict[str, list[int]] = {}
    for at, text in enumerate(lines, 1):
        if found := _HEADER.fullmatch(text.strip()):
            headers.setdefault(found[1], []).append(at)
    for kind, tables in content.items():
        here = headers.get(kind, [])
        first = Place(path.name, here[0] if here else _key_lines(lines, 0).get(kind, 1))
        if kind not in _KINDS:
            first.reject(f"unknown table {kind!r}; expected {', '.join(f'[[{word}]]' for word in _KINDS)}")
        if not isinstance(tables, list) or len(here) != len(tables):
            first.reject(f"expected every {kind} under a line [[{kind}]] of its own")
        for line, table in zip(here, tables, strict=True):
            yield kind, Place(path.name, line, _key_lines(lines, line)), table


def _rows(
    folder: Path, place: Place, table: Mapping[str, Any], allowed: Iterable[str] = ("subject", "label", "aliases")
) -> Iterator[tuple[Place, dict[str, str]]]:
    """The rows of the CSV file that a [[series]] or [[names]] names; empty cells are left out."""
    for key in table:
        if key != "file" and (key not in allowed or key not in FIELDS):
            place.reject(f"unknown key {key!r}; expected file, {', '.join(allowed)}", key)
    name = table.get("file")
    if not isinstance(name, str) or not name or Path(name).name != name or "\0" in name:
        place.reject(f"file = {name!r}: expected the name of a file in the same folder", "file")
    path = folder / name
    if not path.is_file():
        place.reject(f"the file {name!r} does not exist", "file")
    reader = csv.DictReader(StringIO(_text(path)), strict=True)
    try:
        columns = reader.fieldnames or ()
        bad = [column for column in columns if column not in allowed or column in table or columns.count(column) > 1]
        if bad:
            Place(path.name, 1).reject(f"columns {', '.join(bad)}: unknown, twice, or given in {place.file} too")
        for row in reader:
            here = Place(path.name, reader.line_num)
            if None in row or None in row.values():
                here.reject(f"expected {len(columns)} cells, as the header has")
            yield here, {key: value for key, value in row.items() if value != ""}
    except csv.Error as error:
        Place(path.name, reader.reader.line_num).reject(str(error))


def _fact(place: Place, table: Mapping[str, Any], sources: Mapping[str, Any]) -> Fact:
    for key in table:
        if key not in FIELDS:
            place.reject(f"unknown key {key!r}; expected {', '.join(FIELDS)}", key)
    missing = [key for key in _MUST if key not in table]
    if missing:
        place.reject(f"no {', '.join(missing)}")
    for key in ("subject", "property", "unit", "source", "evidence", "note"):
        if not isinstance(table.get(key, ""), str):
            place.reject(f"{key} = {table[key]!r}: expected text", key)
    if ("low" in table) != ("high" in table):
        place.reject("expected low and high together, or neither where the value is exact")
    value, low, high = (_number(place, key, table.get(key, table["value"])) for key in ("value", "low", "high"))
    if low < 0:
        place.reject(f"low = {low}: no fact is below zero", "low" if "low" in table else "value")
    if not low <= value <= high:
        place.reject(f"expected low <= value <= high, got {low}, {value}, {high}", "value")
    fact = Fact(
        subject=str(table["subject"]),
        property=str(table["property"]),
        value=value,
        low=low,
        high=high,
        unit=str(table["unit"]),
        valid_from=_day(place, "valid_from", table["valid_from"]),
        source=str(table["source"]),
        retrieved=_day(place, "retrieved", table["retrieved"]),
        evidence=str(table["evidence"]),
        note=str(table.get("note", "")),
    )
    _check(place, fact, sources)
    card = sources[fact.source]
    return fact._replace(citation=f"{card['publisher']}: {card['title']} ({card['year']})")


def _check(place: Place, fact: Fact, sources: Mapping[str, Any]) -> None:
    for key in ("subject", "property"):
        if not _SUBJECT.fullmatch(getattr(fact, key)):
            place.reject(f"{key} {getattr(fact, key)!r}: expected lower-case ASCII such as grid.fr", key)
    if fact.source not in sources:
        place.reject(f"source {fact.source!r} is not in any sources*.toml", "source")
    if fact.evidence not in EVIDENCE:
        place.reject(f"evidence {fact.evidence!r}: expected {', '.join(EVIDENCE)}", "evidence")
    try:
        unit(fact.unit)
    except UnitMismatch as error:
        place.reject(str(error), "unit")


def _number(place: Place, key: str, value: object) -> float:
    try:
        number = float(value) if not isinstance(value, bool) else float("nan")  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = float("nan")
    if not isfinite(number):
        place.reject(f"{key} = {value!r:.40}: expected a finite number", key)
    return number


def _day(place: Place, key: str, value: object) -> str:
    try:
        day = date.fromisoformat(str(value)).isoformat()
    except ValueError:
        day = ""
    if day != str(value):
        place.reject(f"{key} = {value!r}: expected YYYY-MM-DD", key)
    return day


def _named(place: Place, row: Mapping[str, str]) -> Name:
    """The name in a row of a [[names]] file: aliases divided by semicolons."""
    aliases = [word for word in row.get("aliases", "").split(";") if word]
    return _name(place, {**row, "aliases": [row.get("label", ""), *aliases]}, "name")


def _name(place: Place, table: Mapping[str, Any], kind: str) -> Name:
    allowed = _NAME_KEYS | ({"members"} if kind == "family" else set())
    for key in table:
        if key not in allowed:
            place.reject(f"unknown key {key!r}; expected {', '.join(sorted(allowed))}", key)
    for key in ("subject", "aliases", *(["members"] if kind == "family" else [])):
        if not table.get(key):
            place.reject(f"no {key}", key)
    for key in ("subject", "label"):
        if not isinstance(table.get(key, ""), str):
            place.reject(f"{key} = {table[key]!r}: expected text", key)
    lists = {key: _texts(place, key, table.get(key, [])) for key in ("aliases", "members", "shared")}
    for alias in (*lists["aliases"], *lists["shared"]):
        if not normal(alias):
            place.reject(f"the alias {alias!r} of {table['subject']} has no letter or digit", "aliases")
    return Name(table["subject"], label=table.get("label", lists["aliases"][0]), **lists)


def _texts(place: Place, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        place.reject(f"{key} = {value!r}: expected a list of texts", key)
    return tuple(value)


# -- rules between tables ------------------------------------------------------------------------------------------


def _refuse_duplicates(facts: list[tuple[Place, Fact]]) -> None:
    seen: dict[tuple[str, str, str, str], Place] = {}
    for place, fact in facts:
        key = (fact.subject, fact.property, fact.valid_from, fact.source)
        first = seen.setdefault(key, place)
        if first is not place:
            where = f"{first.file}:{first.line}"
            place.reject(f"{' '.join(key)} stands in {where} too: a change is a newer date or another source")


def _refuse_orphans(subjects: set[str], names: list[tuple[Place, Name]]) -> None:
    """Names must lead to facts, and families to members that exist."""
    for place, name in names:
        wanted = name.members or (name.subject,)
        lost = [subject for subject in wanted if subject not in subjects]
        kinds = {subject.partition(".")[0] for subject in (name.subject, *name.members)}
        if len(kinds) > 1:
            place.reject(f"the family {name.subject} has members of other kinds: {', '.join(sorted(kinds))}", "members")
        if lost:
            place.reject(f"the name {name.label!r} means {', '.join(lost)}, of which there is no fact", "subject")


def _refuse_double_meanings(names: list[tuple[Place, Name]]) -> None:
    """A word means one subject of a kind, unless every subject that it means says that it is shared."""
    seen: dict[tuple[str, str], tuple[Name, Place]] = {}
    for place, name in names:
        for word in name.words:
            other, first = seen.setdefault((name.subject.partition(".")[0], word), (name, place))
            open_ = all(word in map(normal, one.shared) for one in (other, name))
            if other.subject != name.subject and not open_:
                where = f"{first.file}:{first.line}"
                place.reject(f"{word!r} names {name.subject} and {other.subject} ({where}): drop it or share it")


def _unions(facts: list[Fact], names: list[tuple[Place, Name]]) -> list[Fact]:
    """The facts of families that have none of their own."""
    by_subject: dict[str, list[Fact]] = {}
    for fact in facts:
        by_subject.setdefault(fact.subject, []).append(fact)
    found: list[Fact] = []
    for place, name in names:
        if name.members and name.subject not in by_subject and all(member in by_subject for member in name.members):
            try:
                found += union(name.subject, [by_subject[member] for member in name.members])
            except UnitMismatch as error:
                place.reject(f"the members of {name.subject} cannot be one family: {error}", "members")
    return found
