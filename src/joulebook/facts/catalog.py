"""The catalogue at run time: a packed, sorted index in which one look-up reads a few lines.

Loaded where programs are measured: nothing is parsed but the lines asked for.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from joulebook.errors import ConfigError, FactNotFound, FactRejected
from joulebook.facts.fact import Fact
from joulebook.facts.packed import Packed
from joulebook.settings import user_file

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
    """Facts by subject and property, and subjects by the words that people use.

    Facts of the user's own come first; `own.py` says how they are added.
    """

    def __init__(self, content: bytes | mmap.mmap, own: bytes | mmap.mmap = b"") -> None:
        """Both are what `pack` made: lines `key TAB json`, sorted by key."""
        self._layers = [Packed(own), Packed(content)] if own else [Packed(content)]
        self._heads: dict[tuple[int, int], list[str]] = {}
        self._histories: dict[tuple[str, str], list[Fact]] = {}
        self._chosen: dict[tuple[str, str, str | None, str | None], Fact] = {}
        self._citations: dict[str, str] = {}
        editions = [layer.get("!edition") for layer in self._layers]
        if None in editions:
            raise FactRejected("the packed index has no edition: build it again with  make facts")
        self.edition: str = editions[-1]
        """Newest `retrieved` date and digest of all facts, such as 2026.11.20+1a2b3c4d."""
        if own:
            day, newest = self.edition.partition("+")[0], editions[0].partition("+")[0]
            digests = ".".join(edition.partition("+")[2] for edition in reversed(editions))
            self.edition = f"{max(day, newest)}+{digests}"

    @classmethod
    def open(cls, path: str = PACKED, *, own: bool = True) -> Catalog:
        """The catalogue of this installation, or another packed file; with the user's own facts if `own`."""
        return cls(_mapped(path), _own() if own else b"")

    # -- facts -------------------------------------------------------------------------------------------------

    def find(self, subject: str, prop: str, *, on: str | None = None, edition: str | None = None) -> Fact:
        """The fact valid on that day (YYYY-MM-DD; default: the newest), as known in that edition.

        Of several sources for one date the one retrieved last, then the last in the files. A day before
        the first fact gets the first. Raises `FactNotFound` with near subjects.
        """
        found = self._chosen.get((subject, prop, on, edition))
        if found is None:
            found = self._chosen[subject, prop, on, edition] = self.find_all(subject, prop, on=on, edition=edition)[-1]
        return found

    def find_all(self, subject: str, prop: str, *, on: str | None = None, edition: str | None = None) -> list[Fact]:
        """All facts for the date that `find` would choose: sources that disagree are kept."""
        recorded = self.history(subject, prop)
        if len(recorded) == 1 and edition is None:
            return recorded
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
        own = [fact for fact in begun if self.is_own(fact)]
        begun, known = own or begun, own or known
        day = max(fact.valid_from for fact in begun) if begun else min(fact.valid_from for fact in known)
        return sorted((fact for fact in known if fact.valid_from == day), key=lambda fact: fact.retrieved)

    def history(self, subject: str, prop: str) -> list[Fact]:
        """Every fact of a subject and property, in order of date; the user's own last."""
        known = self._histories.get((subject, prop))
        if known is None:
            known = [fact for layer in reversed(range(len(self._layers))) for fact in self._facts(layer, subject, prop)]
            self._histories[subject, prop] = known
        return list(known)

    def _facts(self, layer: int, subject: str, prop: str) -> list[Fact]:
        facts: list[Fact] = []
        for row in self._layers[layer].get(f"f:{subject}") or ():
            name, unit, source, retrieved, evidence, note = self._head(layer, row[0])
            if name == prop:
                value, day = float(row[1]), row[-1]
                low, high = (float(row[2]), float(row[3])) if len(row) > 3 else (value, value)
                since = f"{day:04}-01-01" if isinstance(day, int) else day
                cited = self._citations.get(source) or self._citation(source)
                facts.append(
                    Fact(subject, prop, value, low, high, unit, since, source, retrieved, evidence, note, cited)
                )
        return sorted(facts, key=lambda fact: fact.valid_from) if len(facts) > 1 else facts

    def _head(self, layer: int, number: int) -> list[str]:
        """Property, unit, source, retrieved, evidence and note, which many facts have in common."""
        head = self._heads.get((layer, number))
        if head is None:
            head = self._heads[layer, number] = self._layers[layer].get(f"h:{number}")
        return head

    def is_own(self, fact: Fact) -> bool:
        """Whether a fact is the user's own, and not one that joulebook ships."""
        return len(self._layers) > 1 and self._layers[0].get(f"s:{fact.source}") is not None

    def properties(self, subject: str) -> list[str]:
        """What is known of a subject."""
        return sorted(
            {
                self._head(layer, row[0])[0]
                for layer, packed in enumerate(self._layers)
                for row in packed.get(f"f:{subject}") or ()
            }
        )

    def known(self, subject: str) -> bool:
        """Whether there is any fact of a subject."""
        return self._get(f"f:{subject}") is not None

    def subjects(self, prefix: str) -> list[str]:
        """All subjects that begin with `prefix`."""
        return sorted({key[2:] for key, _ in self._scan(f"f:{prefix}")})

    def source(self, identity: str) -> SourceCard:
        """The card of a source."""
        card = self._get(f"s:{identity}")
        if card is None:
            raise FactNotFound.near(identity, "source", [])
        return SourceCard(identity, **card)

    def sources(self) -> list[SourceCard]:
        """The cards of all sources."""
        return [self.source(identity) for identity in sorted({key[2:] for key, _ in self._scan("s:")})]

    # -- names -------------------------------------------------------------------------------------------------

    def resolve(self, name: str, kind: str, *, near: bool = True) -> Resolution:
        """The subject of that kind ("accelerator", "cpu", "grid", ...) that a name means, exactly or by a listed alias.

        A family resolves with a warning that names its members. Raises `FactNotFound` for a name that means
        nothing, or several things; `near` names are listed, none is ever chosen by likeness.
        """
        key = f"n:{kind}:{_normal(name)}"
        found = list(dict.fromkeys(subject for layer in self._layers for subject in layer.get(key) or ()))
        if not found:
            raise FactNotFound.unnamed(_short(name), kind, self._near(key, f"n:{kind}:") if near else ())
        if len(found) > 1:
            labels = ", ".join(f"{self.label(subject)} ({subject.partition('.')[2]})" for subject in found)
            raise FactNotFound(f"{name!r} is ambiguous: it names {labels}; use the code in brackets")
        subject, label = found[0], self.label(found[0])
        members = self._get(f"m:{subject}") or ()
        more = f" and {len(members) - _LISTED} more" if len(members) > _LISTED else ""
        spanned = ", ".join(member.partition(".")[2] for member in members[:_LISTED]) + more
        warning = f"{name} is a family: the range spans {spanned}" if members else ""
        return Resolution(subject, label, tuple(members), warning)

    def label(self, subject: str) -> str:
        """What a subject is called."""
        labels = (layer.get(f"l:{subject}") for layer in reversed(self._layers))
        return str(next(filter(None, labels), subject))

    def words(self, kind: str = "") -> Iterator[tuple[str, str]]:
        """Every word for subjects of a kind, or of all, with the kind in front of it."""
        for key, _ in self._scan(f"n:{kind}:" if kind else "n:"):
            found, _, word = key[2:].partition(":")
            yield found, word

    def _near(self, key: str, prefix: str) -> list[str]:
        from difflib import get_close_matches  # only on the way to an error

        words = {line_key[len(prefix) :] for line_key, _ in self._scan(prefix)}
        return get_close_matches(key[len(prefix) :], words, _NEAR, 0.7)

    # -- the packed files ----------------------------------------------------------------------------------------

    def _citation(self, source: str) -> str:
        if source not in self._citations:
            self._citations[source] = self._cite(source)
        return self._citations[source]

    def _cite(self, source: str) -> str:
        for layer in self._layers:
            if card := layer.get(f"s:{source}"):
                mine = "your own fact, " if layer is not self._layers[-1] else ""
                return f"{mine}{card['publisher']}: {card['title']} ({card['year']})"
        return source

    def _get(self, key: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        for layer in self._layers:
            found = layer.get(key)
            if found is not None:
                return found
        return None

    def _scan(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        for layer in self._layers:
            yield from layer.scan(prefix)


def _mapped(path: str) -> mmap.mmap:
    with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs an import
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def own_index() -> str:
    """The packed file of the user's own facts, beside the user's settings, whether it exists or not."""
    return os.path.join(os.path.dirname(user_file()), "facts", "packed.tsv")  # noqa: PTH118, PTH120 - as above


def _own() -> mmap.mmap | bytes:
    try:
        return _mapped(own_index())
    except (OSError, ValueError):  # none, or an empty one
        return b""


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
