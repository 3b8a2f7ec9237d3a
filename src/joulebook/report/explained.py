"""A figure unfolded, whole: its tree, what would change it most, the facts and publications below it.

As text for a terminal, as Markdown with citations, and as a page whose tree folds without a script.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final, NamedTuple

from joulebook.account.uncertainty import SourceShare, shares
from joulebook.facts.catalog import SourceCard
from joulebook.quantity import Quantity, Source
from joulebook.report.citations import Cited, publications, reference, rests_on
from joulebook.report.tree import Row, explanation, figure_text, rows
from joulebook.report.wording import percent, plain

_SHOWN: Final = 8
_OPEN: Final = 3
"""Levels that a page shows unfolded."""
_CHANGES: Final = "What would change it most"
_IF_KNOWN: Final = "what is left if this source alone were known exactly"
_EXACT: Final = "It is exact: no source of it has an interval."
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "details,div.leaf{margin-left:1.2rem}summary{cursor:pointer}small{opacity:.7}"
    "table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top}"
    "@media(prefers-color-scheme:dark){body{background:#16181d;color:#e6e6e6}a{color:#8ab4f8}}"
)


class Explained(NamedTuple):
    """One figure with all that is known of where it comes from."""

    title: str
    """Of what it is the figure: "carbon of run baseline a3f9"."""
    quantity: Quantity
    uncertain: tuple[SourceShare, ...]
    facts: tuple[Cited, ...]
    notes: Mapping[str, str] = {}
    """What there is to say of sources, by their ids: readings."""


def explained(
    title: str, quantity: Quantity, facts: Sequence[Cited], notes: Mapping[str, str] | None = None
) -> Explained:
    """The figure with the sources of its interval, the widest first."""
    return Explained(title, quantity, tuple(shares(quantity)), tuple(facts), notes or {})


def text(found: Explained, depth: int | None = None) -> str:
    """The tree, what would change it most, facts and sources, for a terminal; folded below `depth` levels."""
    parts = [explanation(found.quantity, found.notes, depth), "", *_changes(found)]
    if found.facts:
        parts += ["", "Facts", *(f"  {_fact(item)} [{item.card.id}]" for item in found.facts)]
        parts += ["Sources", *(f"  [{card.id}] {_publication(card)}" for card in publications(found.facts))]
    return "\n".join(parts) + "\n"


def _changes(found: Explained) -> Iterator[str]:
    if not found.uncertain:
        yield _EXACT
        return
    yield f"{_CHANGES} ({_IF_KNOWN})"
    for item in found.uncertain[:_SHOWN]:
        yield f"  {percent(item.share):>5}  {item.basis!s:<8}  {plain(_what(found, item), 140)}"
        yield f"         {'':<8}  then {_left(found, item)}"
    if len(found.uncertain) > _SHOWN:
        yield f"         {'':<8}  and {len(found.uncertain) - _SHOWN} more sources"


def _what(found: Explained, item: SourceShare) -> str:
    """The name of the leaf that a source has, and the source."""
    leaves = found.quantity.leaves()
    names = {leaf.name for leaf in leaves if leaf.trace.source is not None and leaf.trace.source.id in item.ids}
    name = names.pop() if len(names) == 1 else ""
    return f"{name}: {item.text}" if name and name not in item.text else item.text


def _left(found: Explained, item: SourceShare) -> str:
    """The figure if one source were known."""
    own = found.quantity
    return figure_text(
        Quantity.of(own.value, own.unit, low=item.low, high=item.high, basis=item.basis, source="what is left")
    )


def _fact(item: Cited) -> str:
    fact = item.fact
    ends = "" if fact.low == fact.high else f" ({fact.low:.6g}-{fact.high:.6g})"
    unit = "" if fact.unit == "1" else f" {fact.unit}"
    return f"{fact.subject} {fact.property} = {fact.value:.6g}{ends}{unit}  {fact.year}"


def _publication(card: SourceCard) -> str:
    licence = f". Licence: {card.licence}" if card.licence else ""
    return f"{plain(reference(card), 400)}{plain(licence, 80)}"


# -- Markdown ---------------------------------------------------------------------------------------------------------


def markdown(found: Explained, depth: int | None = None) -> str:
    """The same as Markdown: a nested list, a table and numbered sources that leaves refer to."""
    numbers = _numbers(found)
    lines = [f"# {_marked(found.title)}", ""]
    lines += [f"{'  ' * row.depth}- {_item(row, _cites(found, row, '[{}]'))}" for row in _tree(found, depth)]
    lines += ["", f"## {_CHANGES}", ""]
    if found.uncertain:
        lines += [f"| source | share | {_IF_KNOWN} |", "| --- | ---: | --- |"]
        lines += [
            f"| {_marked(plain(_what(found, item), 400))} | {percent(item.share)} | {_marked(_left(found, item))} |"
            for item in found.uncertain[:_SHOWN]
        ]
    else:
        lines.append(_EXACT)
    cards = publications(found.facts)
    if cards:
        lines += ["", "## Sources", ""]
        lines += [f"{numbers[card.id]}. {_marked(_publication(card))}" for card in cards]
    return "\n".join(lines) + "\n"


def _tree(found: Explained, depth: int | None = None) -> Iterator[Row]:
    return rows(found.quantity, found.notes, depth)


def _item(row: Row, cites: str) -> str:
    name = f"**{_marked(row.name)}** = " if row.name else ""
    tail = f", {_marked(row.word)}{row.rest}" if row.word else ""
    if row.source:
        note = f" ({_marked(row.note)})" if row.note else ""
        tail = f": {_marked(plain(row.source, 600))}{note}{cites}"
    return f"{name}{_marked(row.amount)}{f', {row.basis}' if row.basis else ''}{tail}"


def _marked(words: str) -> str:
    """Words in which nothing is taken for Markdown."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>|" else char for char in plain(words, 1000))


def _numbers(found: Explained) -> dict[str, int]:
    """The number of each publication, in order of appearance."""
    return {card.id: number for number, card in enumerate(publications(found.facts), 1)}


def _cites(found: Explained, row: Row, form: str) -> str:
    """References of a leaf to the publications of its facts, by their numbers."""
    if not row.source:
        return ""
    numbers, source = _numbers(found), Source(row.source_id, row.source)
    cards = dict.fromkeys(item.card.id for item in found.facts if rests_on(item, source))
    return "".join(" " + form.format(numbers[card]) for card in cards)


# -- HTML -------------------------------------------------------------------------------------------------------------


def html(found: Explained) -> str:
    """A page of its own: the tree folds (no script, nothing is loaded), leaves lead to the publications."""
    numbers = _numbers(found)
    cards = publications(found.facts)
    listed = "".join(f'<li id="s{numbers[card.id]}">{_linked(card)}</li>' for card in cards)
    table = "".join(
        f"<tr><td>{escape(plain(_what(found, item), 400))}</td><td>{escape(percent(item.share))}</td>"
        f"<td>{escape(_left(found, item))}</td></tr>"
        for item in found.uncertain[:_SHOWN]
    )
    changes = f"<table><tr><th>source</th><th>share</th><th>{_IF_KNOWN}</th></tr>{table}</table>"
    title = escape(plain(found.title, 200))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>\n"
        f"{_folded(found)}\n<h2>{_CHANGES}</h2>{changes if found.uncertain else escape(_EXACT)}"
        f"{f'<h2>Sources</h2><ol>{listed}</ol>' if listed else ''}</body></html>\n"
    )


def _folded(found: Explained) -> str:
    """Nested elements: `details` where something stands below, a line where nothing does."""
    listed = list(_tree(found))
    parts: list[str] = []
    deep: list[int] = []
    """Depths of the elements that are open."""
    for at, row in enumerate(listed):
        while deep and deep[-1] >= row.depth:
            deep.pop()
            parts.append("</details>")
        line = _line(row, _cites(found, row, '<a href="#s{0}">[{0}]</a>'))
        if at + 1 < len(listed) and listed[at + 1].depth > row.depth:
            parts.append(f"<details{' open' if row.depth < _OPEN else ''}><summary>{line}</summary>")
            deep.append(row.depth)
        else:
            parts.append(f'<div class="leaf">{line}</div>')
    return "\n".join([*parts, *("</details>" for _ in deep)])


def _line(row: Row, cites: str) -> str:
    name = f"<b>{escape(row.name)}</b> = " if row.name else ""
    tail = f"{row.word}{row.rest}"
    if row.source:
        tail = f"{plain(row.source, 600)}{f' ({row.note})' if row.note else ''}"
    return f"{name}{escape(row.amount)} <small>{escape(', '.join(filter(None, (row.basis, tail))))}{cites}</small>"


def _linked(card: SourceCard) -> str:
    words = escape(_publication(card))
    if card.url.startswith(("https://", "http://")):
        address = escape(card.url)
        return words.replace(address, f'<a href="{address}">{address}</a>', 1)
    return words
