"""What the scripts that make the catalogue share: reading tables, writing series, cards and names, and the refusals."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from joulebook.facts.loader import DATA, normal

PAGE = Path(__file__).parents[1] / "docs/facts-refused.md"
MADE = "# Made by tools/make_facts.py."
REFUSED: defaultdict[str, Counter[str]] = defaultdict(Counter)
"""Why rows of a table stayed out, counted: file -> reason -> rows."""
EXAMPLES: dict[tuple[str, str], list[str]] = defaultdict(list)
SERIES = ["subject", "property", "value", "low", "high", "unit", "valid_from", "source", "evidence", "note"]

Span = tuple[float, float]


class Card(NamedTuple):
    """A source: what stands in a file sources_*.toml."""

    title: str
    publisher: str
    year: int
    licence: str
    url: str = ""

    def text(self, identity: str) -> str:
        fields = {key: value for key, value in self._asdict().items() if value}
        return table("x", **fields).replace("[[x]]", f"[{identity}]")


class Row(NamedTuple):
    """A line of a series; neither `low` nor `high` where the value is exact."""

    subject: str
    property: str
    value: float
    unit: str
    year: str
    source: str
    evidence: str
    span: Span | None = None
    """Factors from value to low and high."""
    bounds: Span | None = None
    note: str = ""

    def cells(self) -> list[object]:
        low, high = self.bounds or (around(self.value, self.span) if self.span else ("", ""))
        day = self.year if "-" in self.year else f"{self.year}-01-01"
        fields = [plain(self.value), plain(low), plain(high), self.unit, day, self.source, self.evidence, self.note]
        return [self.subject, self.property, *fields]


def refuse(file: str, reason: str, row: str) -> None:
    """Keep a row out, and say why in the report."""
    REFUSED[file][reason] += 1
    examples = EXAMPLES[file, reason]
    if len(examples) < 3 and row not in examples:
        examples.append(row)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(name: str, header: Sequence[str], body: Iterable[Iterable[object]]) -> None:
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([plain(cell) for cell in line] for line in body)


def write_series(name: str, body: Iterable[Row]) -> None:
    """A series whose rows have every field but `retrieved`, in order of subject."""
    ordered = sorted(body, key=lambda row: (row.subject, row.property, row.year, row.source))
    write(name, SERIES, (row.cells() for row in ordered))


def write_sources(name: str, cards: dict[str, Card]) -> None:
    text = [MADE, "", *(card.text(identity) for identity, card in sorted(cards.items()))]
    (DATA / name).write_text("\n".join(text), encoding="utf-8")


def plain(cell: object) -> object:
    return f"{cell:.12g}" if isinstance(cell, float) else cell


def table(kind: str, **fields: object) -> str:
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items()]
    return "\n".join([f"[[{kind}]]", *lines, ""])


def slug(words: str) -> str:
    """A subject or id made of a name."""
    return normal(words.replace("+", " plus ")).replace(" ", "-")


def percentile(ordered: list[float], share: float) -> float:
    """Hazen percentile, linear between order statistics."""
    at = share * len(ordered) - 0.5
    below = min(max(int(at), 0), len(ordered) - 1)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * min(max(at - below, 0.0), 1.0)


def span(ratios: Iterable[float]) -> Span:
    ordered = sorted(ratios)
    return percentile(ordered, 0.05), percentile(ordered, 0.95)


def around(value: float, factors: Span) -> Span:
    low, high = (round(value * factor, 3) if abs(value) >= 1 else float(f"{value * factor:.3g}") for factor in factors)
    return min(low, value), max(high, value)


def year_of(text: str, default: int) -> int:
    """The first year that a text names."""
    found = re.findall(r"\b(?:19|20)\d\d\b", text)
    return int(found[0]) if found else default


def write_refused() -> None:
    """What stayed out and why, as a page of the documents."""
    lines = [
        "# Rows that stayed out",
        "",
        "Made by `tools/make_facts.py`: what the tables of raw values held and the catalogue does not, and why.",
        "",
        "| table | why | rows | such as |",
        "| --- | --- | --- | --- |",
    ]
    for file, reasons in sorted(REFUSED.items()):
        for reason, count in sorted(reasons.items()):
            lines.append(f"| {file} | {reason} | {count} | {'; '.join(EXAMPLES[file, reason])} |".replace("\n", " "))
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
