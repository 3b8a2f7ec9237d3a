"""Statements as Markdown: a paragraph, tables, what is not included, sources. Every name is escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tabulate import tabulate

from joulebook.account.terms import Statement
from joulebook.facts.catalog import Catalog, SourceCard
from joulebook.report import sheets
from joulebook.report.citations import publications, reference
from joulebook.report.sheets import Sentence, Sheet
from joulebook.report.wording import plain

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]|~$#!])")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_BLOCK: Final = re.compile(r"^\s*(?:[-+=]|\d+[.)])(?=[\s=-]|$)")
"""What begins a list, a rule or a heading at the head of a line."""
_AUTOLINK: Final = re.compile(r"(?i)\b(https?|ftp)(?=:)|\b(www)(?=\.)|(?<=\w)@(?=\w)")


def escape(text: str) -> str:
    """`text` as it is shown: no markup, no HTML, no link and no mention comes of it, wherever it stands in a line."""
    for character, entity in _ENTITIES.items():
        text = text.replace(character, entity)
    text = _SPECIAL.sub(r"\\\1", text)
    text = _BLOCK.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", text)
    return _AUTOLINK.sub(lambda found: f"{found[0]}&#8203;" if found[0] != "@" else "&#64;", text)


def document(statements: Sequence[Statement], catalog: Catalog, nested: frozenset[str] = frozenset()) -> str:
    """The Markdown of one run, or of several behind a table over all of them."""
    several = len(statements) > 1
    parts = ["# Runs", table(sheets.overview(statements, nested))] if several else []
    cards: dict[str, SourceCard] = {}
    for statement in statements:
        parts += _run(statement, catalog, cards, "##" if several else "#")
    if cards:
        lines = [f"{at}. {_reference(card)}" for at, card in enumerate(cards.values(), 1)]
        parts += ["## Sources", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _run(statement: Statement, catalog: Catalog, cards: dict[str, SourceCard], level: str) -> list[str]:
    name = " ".join(part for part in (plain(statement.name, 60), plain(statement.run)[:6]) if part)
    sentences = [_sentence(sentence, cards) for sentence in sheets.paragraph(statement, catalog)]
    parts = [f"{level} {escape(name)}", " ".join(sentences)]
    for make in (sheets.figures, sheets.devices, sheets.stages, sheets.ranks, sheets.offsets, sheets.assumptions):
        sheet = make(statement)
        if sheet.rows:
            parts += [f"{level}# {sheet.title}", table(sheet)]
    for title, items in (("Not included", statement.not_included), ("Warnings", statement.warnings)):
        if items:
            parts += [f"{level}# {title}", "\n".join(f"- {escape(plain(item, 400))}" for item in items)]
    return parts


def _sentence(sentence: Sentence, cards: dict[str, SourceCard]) -> str:
    """The sentence with the numbers of its sources."""
    numbers = []
    for card in publications(sentence.facts):
        cards.setdefault(card.id, card)
        numbers.append(list(cards).index(card.id) + 1)
    marks = f" [{', '.join(map(str, sorted(numbers)))}]" if numbers else ""
    return f"{escape(sentence.text)}{marks}."


def _reference(card: SourceCard) -> str:
    """A source with its address as a link that can be followed."""
    text = escape(plain(reference(card._replace(url="")), 400))
    return f"{text}. <{card.url}>" if re.fullmatch(r"https?://[^\s<>]+", card.url) else text


def table(sheet: Sheet) -> str:
    """The sheet as a table of pipes."""
    headings = [column.removeprefix(">") for column in sheet.columns]
    sides = ["right" if column.startswith(">") else "left" for column in sheet.columns]
    rows = [[escape(cell) for cell in row] for row in sheet.rows]
    text: str = tabulate(rows, headings, tablefmt="pipe", colalign=sides, disable_numparse=True)
    return text
