"""Cases from their tables: one TOML file each, figures as they are printed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from joulebook.audit.cases.expression import names, parse
from joulebook.audit.cases.printed import printed
from joulebook.audit.cases.sheet import PRINTED, Case, Cell, Table
from joulebook.errors import ConfigError

_DATA: Final = Path(__file__).with_name("data")
_WORDS: Final = frozenset({"id", "name", "source", "note", "formulas", "formula", "definition"})
_ORDER: Final = ("strubell", "patterson", "bloom", "gemini", "water", "cars", "splits", "trainings")


def case_names() -> tuple[str, ...]:
    """The cases there are, in the order of reading."""
    found = {path.stem for path in _DATA.glob("*.toml")}
    return (*(name for name in _ORDER if name in found), *sorted(found - set(_ORDER)))


def load(name: str) -> Case:
    """One case; raises `ConfigError` where there is none of that name."""
    if name not in case_names():
        raise ConfigError.bad("NAME", name, f"one of {', '.join(case_names())}, all, claims, C001")
    return read(name, tomllib.loads((_DATA / f"{name}.toml").read_text(encoding="utf-8")))


def read(name: str, document: Mapping[str, Any]) -> Case:
    """The case of a document; raises `ConfigError` for a name that no cell has."""
    keys = _keys(document)
    tables = tuple(
        Table(
            table["name"],
            table.get("about", ""),
            table.get("source", document["source"]),
            tuple(_cells(table, document, keys)),
        )
        for table in document["tables"]
    )
    return Case(name, document["title"], document.get("about", ""), tables)


def _keys(document: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(
        _key(row, column) for table in document["tables"] for row in table["rows"] for column in _columns(row)
    )


def _columns(row: Mapping[str, Any]) -> list[str]:
    columns = [column for column in row if column not in _WORDS]
    return columns or ["value"]


def _key(row: Mapping[str, Any], column: str) -> str:
    own = row.get("id") or row["name"]
    return str(own) if column == "value" else f"{own}_{column}"


def _cells(table: Mapping[str, Any], document: Mapping[str, Any], keys: frozenset[str]) -> Iterator[Cell]:
    labels: Mapping[str, str] = table.get("columns", {"value": ""})
    for row in table["rows"]:
        formulas = {**table.get("formulas", {}), **row.get("formulas", {})}
        if "formula" in row or "definition" in row:
            formulas["value"] = row.get("formula") or row["definition"]
        note = row.get("note", "")
        for column in _columns(row):
            text = row.get(column, "")
            if text in keys:
                continue  # another name for a figure that stands elsewhere
            formula = formulas.get(column, "")
            tree = parse(formula) if formula else None
            wanted = dict.fromkeys(names(tree)) if tree is not None and "definition" not in row else ()
            scope = {word: _meaning(word, row, keys, table["name"]) for word in wanted}
            yield Cell(
                key=_key(row, column),
                row=row["name"],
                column=labels.get(column, "" if column == "value" else column),
                printed=printed(text, counted=tree is None) if text else None,
                formula=formula,
                tree=None if "definition" in row else tree,
                scope=scope,
                source=row.get("source", table.get("source", document["source"])),
                note=note if column in labels else "",
                shown=column in labels,
            )
            note = "" if column in labels else note  # once in a row


def _meaning(word: str, row: Mapping[str, Any], keys: frozenset[str], table: str) -> str:
    """The key that a name in a formula of a row stands for."""
    plain = word.removesuffix(PRINTED)
    ending = word[len(plain) :]
    if plain in row and plain not in _WORDS:
        alias = row[plain]
        return alias if alias in keys else _key(row, plain) + ending
    if plain in keys:
        return plain + ending
    raise ConfigError(f"{table}, {row['name']}: no figure is called {word}")
