"""The catalogue at run time: a packed, sorted index in which one look-up reads a few lines.

Loaded where programs are measured: nothing is parsed but the lines asked for.
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from joulebook.errors import ConfigError, FactNotFound, FactRejected
from joulebook.facts.fact import Fact

PACKED: Final = os.path.join(os.path.dirname(__file__), "packed.tsv")  # noqa: PTH118, PTH120 - pathlib costs an import
_NEAR: Final = 5
_LISTED: Final = 8
_LONGEST: Final = 80
"""Members of a family that its warning names."""


class Resolution(NamedTuple):
    """The subject that a word means."""

    subject: str
    label: str
    members: tuple[str, ...] = ()
    """Subjects of a family; empty for a single one."""
    warning: str = ""


class SourceCard(NamedTuple):
    """A source of facts."""

    id: str
    title: str
    publisher: str
    year: int
    licence: str
    url: str = ""


class Catalog:
    """Facts by subject and property, and subjects by the words that people use."""

    def __init__(self, content: bytes | mmap.mmap) -> None:
        """`content` is what `pack` made: lines `key TAB json`, sorted by key."""
        self._content = content
        header = self._get("!edition")
        if header is None:
            raise FactRejected("the packed index has no edition: build it again with  make facts")
        self.edition: str = header
        """Newest `retrieved` date and digest of all facts, such as 2026.11.20+1a2b3c4d."""

    @classmethod
    def open(cls, path: str = PACKED) -> Catalog:
        """The catalogue of this installation, or of another packed file."""
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs an import
            return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    # -- facts -------------------------------------------------------------------------------------------------

    def find(self, subject: str, prop: str, *, on: str | None = None, edition: str | None = None) -> Fact:
        """The fact valid on that day (YYYY-MM-DD; default: the newest), as known in that edition.

        Of several sources for one date the one retrieved last, then the last in the files. A day before
        the first fact gets the first. Raises `FactNotFound` with near subjects.
        """
        return self.find_all(subject, prop, on=on, edition=edition)[-1]

    def find_all(self, subject: str, prop: str, *, on: str | None = None, edition: str | None = None) -> list[Fact]:
        """All facts for the date that `find` would choose: sources that disagree are kept."""
        recorded = self.history(subject, prop)
        known = [fact for fact in recorded if edition is None or fact.retrieved <= day_of(edition)]
        if recorded and not known:
            first = min(fact.retrieved for fact in recorded)
            raise FactNotFound(
                f"edition {edition} knows no {prop!r} of {subject!r}: the first was retrieved on {first}"
            )
        if not known:
            raise FactNotFound.near(
                _short(subject), prop, self._near(f"f:{subject}", f"f:{subject.partition('.')[0]}.")
            )
        begun = [fact for fact in known if on is None or fact.valid_from <= on]
        day = max(fact.valid_from for fact in begun) if begun else min(fact.valid_from for fact in known)
        return sorted((fact for fact in known if fact.valid_from == day), key=lambda fact: fact.retrieved)

    def history(self, subject: str, prop: str) -> list[Fact]:
        """Every fact of a subject and property, in order of date."""
        heads, rows = self._get(f"f:{subject}") or ((), ())
        facts: list[Fact] = []
        citations = {head[2]: self._citation(head[2]) for head in heads if head[0] == prop}
        for at, value, low, high, valid_from in rows:
            name, unit, source, retrieved, evidence, note = heads[at]
            if name == prop:
                numbers = float(value), float(low), float(high)
                fields = (unit, valid_from, source, retrieved, evidence, note, citations[source])
                facts.append(Fact(subject, prop, *numbers, *fields))
        return sorted(facts, key=lambda fact: fact.valid_from)

    def properties(self, subject: str) -> list[str]:
        """What is known of a subject."""
        heads, _ = self._get(f"f:{subject}") or ((), ())
        return sorted({head[0] for head in heads})

    def subjects(self, prefix: str) -> list[str]:
        """All subjects that begin with `prefix`."""
        return [key[2:] for key, _ in self._scan(f"f:{prefix}")]

    def source(self, identity: str) -> SourceCard:
        """The card of a source."""
        card = self._get(f"s:{identity}")
        if card is None:
            raise FactNotFound.near(identity, "source", [])
        return SourceCard(identity, **card)

    # -- names -------------------------------------------------------------------------------------------------

    def resolve(self, name: str, kind: str) -> Resolution:
        """The subject of that kind ("grid", "cpu", "site") that a name means, exactly or by a listed alias.

        A family resolves with a warning that names its members. Raises `FactNotFound` for a name that means
        nothing, or several things; near names are listed, none is ever chosen by likeness.
        """
        key = f"n:{kind}:{_normal(name)}"
        found = self._get(key)
        if not found:
            raise FactNotFound.unnamed(_short(name), kind, self._near(key, f"n:{kind}:"))
        if len(found) > 1:
            labels = ", ".join(f"{label} ({subject.partition('.')[2]})" for subject, label in found)
            raise FactNotFound(f"{name!r} is ambiguous: it names {labels}; use the code in brackets")
        subject, label = found[0]
        members = self._get(f"m:{subject}") or ()
        more = f" and {len(members) - _LISTED} more" if len(members) > _LISTED else ""
        spanned = ", ".join(member.partition(".")[2] for member in members[:_LISTED]) + more
        warning = f"{name} is a family: the range spans {spanned}" if members else ""
        return Resolution(subject, label, tuple(members), warning)

    def _near(self, key: str, prefix: str) -> list[str]:
        from difflib import get_close_matches  # only on the way to an error

        words = {line_key[len(prefix) :] for line_key, _ in self._scan(prefix)}
        return get_close_matches(key[len(prefix) :], words, _NEAR, 0.7)

    # -- the packed file -----------------------------------------------------------------------------------------

    def _citation(self, source: str) -> str:
        card = self._get(f"s:{source}")
        return f"{card['publisher']}: {card['title']} ({card['year']})" if card else source

    def _position(self, key: bytes) -> int:
        """Offset of the first line whose key is not below `key`."""
        low, high = 0, len(self._content)
        while low < high:
            middle = (low + high) // 2
            start = self._content.rfind(b"\n", 0, middle) + 1
            end = self._content.find(b"\t", start)
            if self._content[start:end] < key:
                low = self._content.find(b"\n", middle) + 1
            else:
                high = start
        return low

    def _line(self, start: int) -> tuple[bytes, bytes, int]:
        end = self._content.find(b"\n", start)
        key, _, value = self._content[start:end].partition(b"\t")
        return key, value, end + 1

    def _get(self, key: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        wanted = key.encode(errors="surrogatepass")  # a key may be any text, and is then simply not there
        start = self._position(wanted)
        if start >= len(self._content):
            return None
        found, value, _ = self._line(start)
        return json.loads(value) if found == wanted else None

    def _scan(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        wanted = prefix.encode(errors="surrogatepass")
        at = self._position(wanted)
        while at < len(self._content):
            key, value, at = self._line(at)
            if not key.startswith(wanted):
                return
            yield key.decode(), value


def _normal(word: str) -> str:
    """A name as the index has it; the full rule, for names that are not ASCII, is loaded when it is needed."""
    if word.isascii():
        kept = "".join(char if char.isalnum() or char == "+" else " " for char in word.lower())
        return " ".join(kept.split())
    from unicodedata import combining, normalize

    letters = (char for char in normalize("NFKD", word) if not combining(char))
    return _normal("".join(char if char.isascii() else " " for char in letters))


def _short(name: str) -> str:
    """A name as a message has room for it."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 3]}..."


def day_of(edition: str) -> str:
    """The day of an edition (2026.11.20+1a2b3c4d, 2026.11.20 or 2026-11-20) as YYYY-MM-DD."""
    day = edition.partition("+")[0].replace(".", "-")
    parts = day.split("-")
    digits = day.isascii() and "".join(parts).isdigit() and [len(part) for part in parts] == [4, 2, 2]
    if not digits or not (0 < int(parts[1]) < 13 and 0 < int(parts[2]) < 32):
        raise ConfigError.bad("edition", edition, "a date such as 2026-11-20, or latest")
    return day
