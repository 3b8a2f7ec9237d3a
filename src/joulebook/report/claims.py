"""Claims beside what is computed: for the terminal, and as a page of Markdown with the tree of each computation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape as escaped
from itertools import groupby
from textwrap import indent, wrap
from typing import Final, NamedTuple

from tabulate import tabulate

from joulebook.quantity import Quantity
from joulebook.report.literature import counted
from joulebook.report.markdown import escape
from joulebook.report.tree import explanation
from joulebook.report.typography import typeset

_WIDE: Final = 96


class Tree(NamedTuple):
    """One computation: under which condition, by which formula, and what comes of it for the claim."""

    when: str
    formula: str
    held: str
    quantity: Quantity


class Told(NamedTuple):
    """A claim with its verdict."""

    id: str
    text: str
    claim: str
    claimed: str
    computed: str
    verdict: str
    why: str
    note: str
    trees: Sequence[Tree]


def text(told: Told, *, unfolded: bool) -> str:
    """A claim for the terminal; `unfolded` with the tree of every computation."""
    verdict = f"{told.verdict}{f': {told.why}' if told.why else ''}"
    lines = [f"{told.id}  {told.claim}"]
    lines += [f"      claimed {told.claimed}, computed {told.computed}" if told.claimed else f"      {told.computed}"]
    lines += wrap(verdict, _WIDE, initial_indent="      ", subsequent_indent="      ")
    lines += wrap(told.note, _WIDE, initial_indent="      ", subsequent_indent="      ")
    for tree in told.trees if unfolded else ():
        lines += ["", f"      {_title(tree)}", indent(explanation(tree.quantity), "      ")]
    return "\n".join(lines) + "\n"


def markdown(found: Iterable[Told], counts: Mapping[str, int], head: str) -> str:
    """All claims as Markdown, text by text: a table, then each claim with its computation folded away."""
    parts = [head.strip(), counted(counts).replace("figures", "claims") + "."]
    for name, group in groupby(found, key=lambda told: told.text):
        claims = list(group)
        rows = [
            [told.id, escape(told.claim), _figure(told.claimed), _figure(told.computed), f"**{told.verdict}**"]
            for told in claims
        ]
        heads = ["", "claim", "claimed", "computed", "verdict"]
        parts += [f"## {escape(name)}", str(tabulate(rows, heads, tablefmt="github", disable_numparse=True))]
        parts += [_folded(told) for told in claims]
    return "\n\n".join(parts) + "\n"


def _figure(figure: str) -> str:
    return typeset(escape(figure))


def _folded(told: Told) -> str:
    """A claim, its verdict with the reason, and the trees between <details>."""
    reason = f": {typeset(escape(told.why))}" if told.why else ""
    note = f" {escape(told.note)}" if told.note else ""
    trees = "\n\n".join(f"{_title(tree)}\n{explanation(tree.quantity)}" for tree in told.trees)
    return (
        f"**{told.id}** {escape(told.claim)} **{told.verdict.capitalize()}**{reason}.{note}\n\n"
        f"<details><summary>Computation of {escaped(told.id)}</summary>\n\n```text\n{trees}\n```\n\n</details>"
    )


def _title(tree: Tree) -> str:
    said = f"{tree.when}: " if tree.when else ""
    return f"{said}{tree.formula}  ({tree.held})"
