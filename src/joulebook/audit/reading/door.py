"""Files and streams -> `Document`: what form they have, how they are encoded, what is too large or no text."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from joulebook.audit.reading.amount import Document, Place
from joulebook.audit.reading.currencies import settled
from joulebook.audit.reading.delimited import delimited
from joulebook.audit.reading.html import html
from joulebook.audit.reading.limits import FETCHED, LARGEST, bare, beyond, shortened, too_large, within
from joulebook.audit.reading.mappings import mappings
from joulebook.audit.reading.markdown import Parts, markdown
from joulebook.audit.reading.nodes import Node, json_nodes, yaml_nodes
from joulebook.audit.reading.numbers import comma_decimals
from joulebook.audit.reading.prose import paragraph
from joulebook.errors import ExchangeError, MissingExtra

_FORMS: Final = {
    ".json": "json", ".jsonl": "json", ".ndjson": "json", ".csv": "csv", ".tsv": "csv", ".yaml": "yaml", ".yml": "yaml",
    ".html": "html", ".htm": "html", ".xhtml": "html", ".md": "markdown", ".markdown": "markdown", ".txt": "markdown",
    ".rst": "markdown", ".tex": "markdown",
}  # fmt: skip
FORMS: Final = ("json", "csv", "yaml", "html", "markdown")
_LINES: Final = (".jsonl", ".ndjson")
"""Endings of files whose lines are documents of their own."""
_BINARY: Final = {
    b"%PDF": "a PDF: save it as text first, for example with  pdftotext -layout FILE",
    b"PK\x03\x04": "a zipped file (an office document, perhaps): export it as CSV, HTML or text first",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "compressed: unpack it first, for example with  gunzip",
    b"\xd0\xcf\x11\xe0": "an old office document: export it as CSV, HTML or text first",
}


def read_document(name: str, form: str = "") -> Document:
    """The document in that file, or on standard input for "-"; `form` instead of the one that its name says.

    Of what is too large the beginning is read, and a note says so.

    Raises `ExchangeError` for what is no text, or is too large and has no parts; OSError where it cannot be read.
    """
    if name == "-":
        stream = getattr(sys.stdin, "buffer", None)
        data = stream.read(FETCHED) if stream is not None else b""
    else:
        with Path(name).open("rb") as file:
            data = file.read(FETCHED)
    shown = "standard input" if name == "-" else name
    suffix = Path(name).suffix.lower()
    is_whole = len(data) < FETCHED
    data = bare(data)
    is_whole = is_whole and len(data) <= LARGEST
    text, notes = _decoded(data if is_whole else within(data), shown)
    form = form or _FORMS.get(suffix, "") or guess(text)
    if not is_whole:
        if form in ("json", "yaml") and suffix not in _LINES:
            raise ExchangeError(too_large(shown))
        notes = (*notes, beyond(text))
    return shortened(document(text, name=shown, form=form, notes=notes))


def document(text: str, *, name: str = "text", form: str = "", notes: tuple[str, ...] = ()) -> Document:
    """The document that a text is; without a form it is guessed from the text."""
    form = form or guess(text)
    told = list(notes)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    comma = comma_decimals(re.sub(r"<[^>]*>", " ", text) if form == "html" else text.replace(";", " ; "))
    if form == "json":
        parts = mappings(_nodes(name, text))
    elif form == "yaml":
        parts = mappings(yaml_nodes(text))
    elif form == "csv":
        parts, more = delimited(text, comma=comma)
        told += more
    elif form == "html":
        parts, more = html(text, comma=comma)
        told += more
    else:
        parts = _with_front_matter(text, told, comma=comma)
    words = re.sub(r"<[^>]*>", " ", text) if form == "html" else text
    paragraphs = settled(parts.paragraphs, words, comma=comma)
    found = Document(name, form, words, paragraphs, tuple(parts.tables), tuple(parts.records), tuple(told))
    if not found.amounts():
        found = found._replace(notes=(*found.notes, "no amount with a unit, no table and no count was found in it"))
    return found


def _nodes(name: str, text: str) -> list[Node]:
    try:
        return json_nodes(text)
    except ExchangeError as error:
        raise ExchangeError(f"{name}: {error}") from error


def guess(text: str) -> str:
    """The form of a text without a name."""
    begin = text.lstrip("\ufeff \t\r\n")[:2000]
    if begin[:1] in "{[" and re.match(r'[{\[]\s*(?:["{\[\]}]|-?\d)', begin):
        return "json"
    if re.match(r"(?i)<!doctype html|<html|<\w+[^>]*>", begin):
        return "html"
    lines = [line for line in begin.split("\n") if line.strip()][:8]
    if begin.startswith("---\n") and "\n---" not in begin[4:]:
        return "yaml"
    keys = sum(bool(re.match(r"\s*(?:- )?[\w ]+:(?:\s|$)", line)) for line in lines)
    if len(lines) >= 2 and keys == len(lines) and not any(len(line) > 120 for line in lines):
        return "yaml"
    for separator in (",", ";", "\t"):
        counts = {line.count(separator) for line in lines}
        if len(lines) >= 2 and min(counts) >= 1 and len(counts) == 1 and not any(". " in line for line in lines[:1]):
            return "csv"
    return "markdown"


def _with_front_matter(text: str, told: list[str], *, comma: bool) -> Parts:
    """A Markdown text; the YAML at its head is read as such."""
    found = re.match(r"---\n(.*?)\n---[ \t]*(?:\n|$)", text, re.DOTALL)
    if found is None:
        return markdown(text, comma=comma)
    first = found[0].count("\n") + 1
    parts = markdown(text[found.end() :], comma=comma, first_line=first)
    try:
        front = mappings(yaml_nodes(found[1], first_line=2))
    except MissingExtra as error:
        told.append(f"lines 1 to {first - 1}, the front matter: {error}")
        return parts
    except ExchangeError as error:
        told.append(f"lines 1 to {first - 1}, the front matter: {error}")
        parts.paragraphs.append(paragraph(found[1], Place(2, 1), comma=comma))
        return parts
    return Parts(front.paragraphs + parts.paragraphs, front.tables + parts.tables, front.records + parts.records)


def _decoded(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    for mark, what in _BINARY.items():
        if data.startswith(mark):
            raise ExchangeError(f"{name}: {what}; JSON, CSV, Markdown, YAML, HTML and plain text are read")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), ()
    if b"\x00" in data[:100_000]:
        raise ExchangeError(f"{name}: binary, not text; JSON, CSV, Markdown, YAML, HTML and plain text are read")
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        note = f"byte {error.start} is not UTF-8; the file was read as Windows-1252"
        return data.decode("cp1252", "replace"), (note,)
