"""Claims from their tables: what is claimed, in our own words, and what it is computed from."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from joulebook.audit.cases.expression import names, parse
from joulebook.audit.cases.printed import Printed, printed
from joulebook.errors import ConfigError
from joulebook.quantity import Basis, Source

_DATA: Final = Path(__file__).with_name("data")
_SHARED: Final = "inputs"
_ARTICLE: Final = "the article"
"""As a source: the text that makes the claim."""


class Input(NamedTuple):
    """A figure that claims are computed from."""

    name: str
    figure: Printed
    source: Source
    basis: Basis


class Reading(NamedTuple):
    """One way in which a claim can be meant, and what comes out then."""

    when: str
    """The condition in words; `{}` in it stands for what is computed. "" where there is only one way."""
    formula: str
    tree: ast.expr
    says: str
    """How the claim binds: a word of `verdicts.BINDING`."""
    claimed: Printed | None
    """None where the figure is told beside it and nothing is claimed of it."""
    shown: Printed | None
    """Whose unit the computed figure is shown in, where nothing is claimed."""


class Claim(NamedTuple):
    """A claim of a text."""

    id: str
    text: str
    """The text that has it."""
    claim: str
    of: str
    """What is counted, where the figure has no unit."""
    note: str
    readings: tuple[Reading, ...]
    inputs: Mapping[str, Input]


def load() -> tuple[Claim, ...]:
    """All claims, text by text."""
    shared = _inputs(tomllib.loads((_DATA / f"{_SHARED}.toml").read_text(encoding="utf-8")), _SHARED)
    documents = [
        tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(_DATA.glob("*.toml")) if path.stem != _SHARED
    ]
    found = [_claim(item, document["text"], shared) for document in documents for item in document["claims"]]
    return tuple(sorted(found, key=lambda claim: claim.id))


def read(document: Mapping[str, Any]) -> tuple[Claim, ...]:
    """The claims of one document that brings all its inputs."""
    return tuple(_claim(item, document["text"], {}) for item in document["claims"])


def _claim(item: Mapping[str, Any], text: str, shared: Mapping[str, Input]) -> Claim:
    inputs = {**shared, **_inputs(item.get("inputs", {}), item["id"], text)}
    readings = tuple(_reading(reading, item) for reading in item["readings"])
    used = dict.fromkeys(name for reading in readings for name in names(reading.tree))
    missing = [name for name in used if name not in inputs]
    if missing:
        raise ConfigError(f"{item['id']}: no figure is called {', '.join(missing)}")
    return Claim(
        item["id"],
        text,
        item["claim"],
        item.get("of", ""),
        item.get("note", ""),
        readings,
        {name: inputs[name] for name in used},
    )


def _reading(reading: Mapping[str, Any], item: Mapping[str, Any]) -> Reading:
    beside = reading.get("beside", "")
    claimed = "" if beside else reading.get("claimed", item.get("claimed", ""))
    return Reading(
        when=reading.get("when", ""),
        formula=reading["formula"],
        tree=parse(reading["formula"]),
        says=reading.get("says", item.get("says", "is")),
        claimed=printed(claimed, counted=False) if claimed else None,
        shown=printed(f"1 {beside}", counted=False) if beside else None,
    )


def _inputs(rows: Mapping[str, str], owner: str, article: str = "") -> dict[str, Input]:
    """Inputs written as "40 h | source" or "80 | source | assumed"; `article` is the text that makes the claim."""
    found = {}
    for name, row in rows.items():
        text, source, *basis = (part.strip() for part in row.replace(_ARTICLE, article or _ARTICLE).split("|"))
        own = Source(f"{source}: {owner if owner != _SHARED else ''} {name}", f"{text.removeprefix('=')}: {source}")
        found[name] = Input(name, printed(text), own, Basis.parse(basis[0]) if basis else Basis.REPORTED)
    return found
