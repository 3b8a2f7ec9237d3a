"""How much of a document is read: what lies beyond is told, with what to do, and left out."""

from __future__ import annotations

import re
from typing import Final

from joulebook.audit.reading.amount import Document, Paragraph, Sentence

LARGEST: Final = 5_000_000
"""Bytes of a document that are read at most."""
FETCHED: Final = 10 * LARGEST
"""Bytes that are looked at, pictures within a page among them."""
_PICTURE: Final = re.compile(rb"data:[\w/+.-]+;base64,[A-Za-z0-9+/=]+")
_MOST: Final = 20_000
"""Amounts of running text that are audited at most: about a minute."""
_ROWS: Final = 40_000
"""Rows of a table that are audited at most: about a minute, too."""


def bare(data: bytes) -> bytes:
    """A page without the pictures that are written into it."""
    return _PICTURE.sub(b"", data) if len(data) > LARGEST else data


def within(data: bytes) -> bytes:
    """The whole lines of what was read, or its whole words where it has one line."""
    data = data[:LARGEST]
    end = max(data.rfind(b"\n"), 0) or max(data.rfind(b" "), 0) or len(data)
    return data[:end]


def beyond(text: str) -> str:
    """The note for a file of which `text` is the part that is read."""
    size = LARGEST // 1_000_000
    return f"only the first {size} MB are read, up to line {text.count(chr(10)) + 1:,}; {_split(size)}"


def too_large(name: str) -> str:
    """The words for a file that cannot be read in part."""
    size = LARGEST // 1_000_000
    return f"{name}: larger than {size} MB, and of this form no part can be read alone; give the part with the figures"


def shortened(document: Document) -> Document:
    """The document with as much of its tables and its running text as is audited, and notes of what is left out."""
    long = [one for one in document.tables if len(one.records) > _ROWS]
    if long:
        told = tuple(
            f"only the first {_ROWS:,} of {len(one.records):,} rows of a table are audited; {_split(1)}" for one in long
        )
        tables = tuple(one._replace(records=one.records[:_ROWS]) for one in document.tables)
        document = document._replace(tables=tables, notes=(*document.notes, *told))
    return _shortened_text(document)


def _shortened_text(document: Document) -> Document:
    lines = sorted(one.place.line for sentence in document.sentences() for one in sentence.amounts)
    if len(lines) <= _MOST:
        return document
    last = lines[_MOST - 1]
    some = f"{_MOST:,} of {len(lines):,} amounts of running text"
    note = f"only the first {some} are audited, up to line {last:,}; {_split(5)}"
    return document._replace(
        text="\n".join(document.text.split("\n")[:last]),
        paragraphs=tuple(one for one in (_paragraph(each, last) for each in document.paragraphs) if one.sentences),
        notes=(*document.notes, note),
    )


def _split(size: int) -> str:
    return f"for the rest audit the parts of  split -C {size}m FILE part-"


def _paragraph(paragraph: Paragraph, last: int) -> Paragraph:
    kept: tuple[Sentence, ...] = tuple(one for one in paragraph.sentences if one.place.line <= last)
    return paragraph._replace(sentences=kept)
