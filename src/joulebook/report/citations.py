"""The catalogued facts below a figure, and the publications they were taken from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from joulebook.account.terms import Statement
from joulebook.errors import ConfigError, FactNotFound
from joulebook.facts.catalog import Catalog, SourceCard
from joulebook.facts.fact import Fact
from joulebook.quantity import Quantity, Source

_SUBJECT: Final = re.compile(r"[a-z]+\.[a-z0-9][a-z0-9.+-]*")
_ERROR: Final = "error."
_PROPERTY: Final = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z0-9_-]+)*")


class Cited(NamedTuple):
    """A fact that a figure rests on, with the card of its source."""

    fact: Fact
    card: SourceCard

    def as_dict(self) -> dict[str, object]:
        """What a reader needs to find the value again."""
        fact, card = self.fact, self.card
        names = ("subject", "property", "value", "low", "high", "unit", "valid_from", "retrieved", "evidence", "note")
        plain: dict[str, object] = {name: getattr(fact, name) for name in names}
        source = {**card._asdict(), "url": card.url or None}
        return plain | {"source": source}


def cited(quantities: Iterable[Quantity], statement: Statement, catalog: Catalog) -> list[Cited]:
    """The facts below these quantities, as they stood in the edition of the statement, each once.

    Facts are recognised by the ids of their leaves, and by the ids that the calibration of a model names.
    """
    found: dict[tuple[str, str], Cited] = {}
    for quantity in quantities:
        for leaf in quantity.leaves():
            for key in keys_of(leaf.trace.source) if leaf.trace.source is not None else ():
                if key in found:
                    continue
                fact = _find(catalog, statement, *key) or _fitted(catalog, leaf, *key)
                if fact is not None:
                    found[key] = Cited(fact, catalog.source(fact.source))
    return list(found.values())


def keys_of(source: Source) -> Iterator[tuple[str, str]]:
    """(subject, property) of the facts that a leaf of this source is made of, or whose calibration names them."""
    return _named(f"{source.id}; {source.text.partition(': ')[2]}")


def rests_on(item: Cited, source: Source) -> bool:
    """Whether a leaf of this source is made of that fact."""
    fact = item.fact
    return any(
        subject == fact.subject and (prop == fact.property or fact.property.startswith(f"{_ERROR}{prop}."))
        for subject, prop in keys_of(source)
    )


def publications(facts: Iterable[Cited]) -> list[SourceCard]:
    """The publications of these facts, each once, in order of appearance."""
    return list({item.card.id: item.card for item in facts}.values())


def reference(card: SourceCard) -> str:
    """One publication on one line: publisher, title, year, address."""
    return ". ".join(part for part in (card.publisher, card.title, str(card.year), card.url) if part)


def _named(text: str) -> Iterator[tuple[str, str]]:
    """(subject, property) for each fact named in a text such as "cpu.any idle_share, full_load_share; ram.any ..."."""
    for part in text.split(";"):
        subject, _, rest = part.strip().partition(" ")
        if _SUBJECT.fullmatch(subject):
            for prop in (word.strip() for word in rest.split(",")):
                if _PROPERTY.fullmatch(prop):
                    yield subject, prop


def _fitted(catalog: Catalog, leaf: Quantity, subject: str, prop: str) -> Fact | None:
    """The error of a fit: "estimator.language time" is that of the devices whose interval the leaf has."""
    named = (name for name in catalog.properties(subject) if name.startswith(f"{_ERROR}{prop}."))
    known = (catalog.find(subject, name) for name in named)
    return next((fact for fact in known if (fact.low, fact.high) == (leaf.low, leaf.high)), None)


def _find(catalog: Catalog, statement: Statement, subject: str, prop: str) -> Fact | None:
    try:
        return catalog.find(subject, prop, on=statement.started[:10] or None, edition=statement.edition or None)
    except (FactNotFound, ConfigError):
        return None  # an id that only looks like one, or an edition of other hands
