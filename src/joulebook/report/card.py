"""The model card of one run for the Hugging Face hub: `co2_eq_emissions` metadata and a short section.

A README is patched line by line, because writing its YAML again with a library would lose its comments, quotes and
order; whatever is not plainly one block of plain keys is refused instead of guessed. Field names and grams as in
https://huggingface.co/docs/hub/model-cards-co2
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from joulebook.account.terms import Statement
from joulebook.errors import ExchangeError
from joulebook.facts.catalog import Catalog
from joulebook.report import sheets
from joulebook.report.markdown import escape
from joulebook.report.wording import plain
from joulebook.version import __version__

KEY: Final = "co2_eq_emissions"
BEGIN, END = "<!-- joulebook: begin -->", "<!-- joulebook: end -->"
_DIGITS: Final = 4
_FENCE: Final = re.compile(r"---[ \t]*\Z")
_TOP_KEY: Final = re.compile(
    r"""(?:["'](?P<quoted>[^"'\\]*)["']|(?P<plain>[^\s"'#&*!|>%@`{}\[\],?:-][^:#{}\[\],]*))\s*:(?=\s|\Z)"""
)
_ITEM: Final = re.compile(r"-(?:\s|\Z)")
_QUOTES: Final = ("'", '"')
_QUOTED: Final = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*(?:#.*)?\Z""")
_MARKS: Final = ("{", "[", "&", "*", "!", "|", ">", *_QUOTES)
_BREAK: Final = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")


class Card(NamedTuple):
    """The fields of `co2_eq_emissions` in order, and why there are no emissions if there are none."""

    fields: dict[str, str | Decimal]
    reason: str = ""


def card(statement: Statement, training_type: str = "") -> Card:
    """The metadata of a run. No number stands for emissions of which only the range over all grids is known."""
    fields: dict[str, str | Decimal] = {}
    intensity, carbon = statement.assumption("carbon_intensity"), statement.carbon
    reason = ""
    if carbon is None or intensity is None:
        reason = "the carbon emissions of this run are unknown: its energy was not metered"
    elif not intensity.note:
        reason = (
            "the region of this run is unknown, so that its emissions are only known as a range over all grids: "
            "say where it ran with --region FR"
        )
    else:
        fields["emissions"] = _grams(carbon.to("gCO2e").value)
    fields["source"] = _source(statement)
    if training_type:
        fields["training_type"] = plain(training_type, 80)
    place = (
        intensity.note.rsplit(", ", 2)[0]
        if intensity is not None and intensity.note.count(", ") > 1
        else statement.region
    )
    if place:
        fields["geographical_location"] = plain(place, 80)
    if statement.hardware:
        fields["hardware_used"] = plain(", ".join(statement.hardware), 200)
    return Card(fields, reason)


def _grams(value: float) -> Decimal:
    """Grams with four significant digits."""
    exact = Decimal(value)
    if not exact:
        return Decimal(0)
    return round(exact, _DIGITS - 1 - exact.adjusted())


def _source(statement: Statement) -> str:
    text = f"joulebook {__version__}"
    if statement.carbon is None:
        return text
    quantity = statement.carbon.to("gCO2e")
    ends = f"90 % interval {_plain(_grams(max(quantity.low, 0.0)))} to {_plain(_grams(quantity.high))} g"
    return f"{text}: {quantity.basis}, {ends}, operational, location-based"


def _plain(number: Decimal) -> str:
    """Without an exponent: YAML 1.1 takes 1e-05 for a text."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def metadata(found: Card) -> str:
    """The YAML lines of a card."""
    lines = [f"{KEY}:"]
    for name, value in found.fields.items():
        lines.append(
            f"  {name}: {_plain(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)}"
        )
    return "\n".join(lines) + "\n"


def section(statement: Statement, catalog: Catalog, found: Card) -> str:
    """What the card says in words, between two marks by which it is found again."""
    sentences = [f"{escape(sentence.text)}." for sentence in sheets.paragraph(statement, catalog)]
    if found.reason:
        sentences.append(f"{escape(found.reason[0].upper() + found.reason[1:])}.")
    return f"{BEGIN}\n## Energy and carbon\n\n{' '.join(sentences)}\n{END}\n"


def document(statement: Statement, catalog: Catalog, training_type: str = "") -> str:
    """A README of its own: metadata between fences, and the section."""
    found = card(statement, training_type)
    return f"---\n{metadata(found)}---\n\n{section(statement, catalog, found)}"


def patched(text: str, block: str, words: str, name: str = "README.md") -> str:
    """`text` with the metadata and the section put in or replaced, and everything else byte for byte as it was.

    Raises `ExchangeError`, with the line, where the metadata is not a block of plain keys.
    """
    lines = _BREAK.split(text)
    line_break = "\r\n" if lines[0].endswith("\r\n") else "\r" if lines[0].endswith("\r") else "\n"
    block, words = (part.replace("\n", line_break) for part in (block, words))
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    first = next((at for at, line in enumerate(lines) if line.strip("\ufeff \t\r\n")), 0)
    if lines[first].lstrip("\ufeff").rstrip("\r\n") != "---":
        body = f"---{line_break}{block}---{line_break}{text.removeprefix(mark)}"
        return mark + _with_section(body, words, line_break)
    close = next((at for at in range(first + 1, len(lines)) if _FENCE.match(lines[at].rstrip("\r\n"))), None)
    if close is None:
        raise ExchangeError.at(name, first + 1, "a second line of --- where the metadata ends")
    start, end = _place(lines, first + 1, close, name)
    head, tail = "".join(lines[:start]), "".join(lines[end:])
    return head + block + _with_section(tail, words, line_break)


def _place(lines: Sequence[str], first: int, close: int, name: str) -> tuple[int, int]:
    """The lines of the key in the metadata, or the empty place before its end."""
    keys = _keys(lines, first, close, name)
    found = [at for at, key in keys.items() if key == KEY]
    if len(found) > 1:
        raise ExchangeError.at(name, found[1] + 1, f"{KEY} once; it stands in line {found[0] + 1} already")
    if not found:
        return close, close
    value = lines[found[0]].partition(":")[2].strip()
    if value.startswith(_MARKS):
        expected = f"{KEY} as lines below it; remove what is there and try again"
        raise ExchangeError.at(name, found[0] + 1, expected)
    after = next((at for at in keys if at > found[0]), close)
    while after > found[0] + 1 and not lines[after - 1].startswith((" ", "\t", "-")):
        after -= 1  # blank lines and comments before the next key belong to that
    return found[0], after


def _keys(lines: Sequence[str], first: int, close: int, name: str) -> dict[int, str]:
    """The keys at the top of the metadata, by line."""
    keys: dict[int, str] = {}
    depth = 0
    for at in range(first, close):
        line = lines[at].rstrip("\r\n")
        inside = depth > 0 or not line.strip() or line[0] in " \t#" or bool(keys and _ITEM.match(line))
        key = None if inside else _TOP_KEY.match(line)
        if not inside and key is None:
            raise ExchangeError.at(name, at + 1, f"a key of the metadata, as in {KEY}:, not {line[:40]!r}")
        value = line if key is None else line[key.end() :].strip()
        if key is not None:
            keys[at] = (key["quoted"] or key["plain"]).strip()
            if value[:1] in _QUOTES and not _QUOTED.match(value):
                raise ExchangeError.at(name, at + 1, f"a value of {keys[at]} whose quotes close on its line")
        if depth or (key is not None and value[:1] in ("[", "{")):
            depth += _opened(value)
    if depth:
        raise ExchangeError.at(name, close + 1, "metadata in which every bracket is closed")
    return keys


def _opened(text: str) -> int:
    """Brackets opened less those closed, outside quotes and comments."""
    bare = re.sub(r"""\"(?:[^"\\]|\\.)*"|'[^']*'|(?<=\s)#.*""", "", text)
    return sum(bare.count(mark) for mark in "[{") - sum(bare.count(mark) for mark in "]}")


def _with_section(text: str, words: str, line_break: str) -> str:
    begin, end = text.find(BEGIN), text.find(END)
    if 0 <= begin < end:
        rest = text[end + len(END) :]
        return text[:begin] + words.removesuffix(line_break) + rest
    gap = (
        "" if not text or text.endswith(line_break * 2) else line_break if text.endswith(line_break) else line_break * 2
    )
    return text + gap + words
