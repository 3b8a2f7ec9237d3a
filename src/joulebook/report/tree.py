"""The tree behind a figure, down to readings and facts: as text, and as plain nodes for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from joulebook.quantity import Quantity, Source, total
from joulebook.report import wording
from joulebook.report.wording import Figure, plain
from joulebook.units import UNITS

_SHOWN_OPERANDS: Final = 12
_WORDS: Final = {"x": "product of", "/": "ratio of", "+": "sum of", "-": "difference of", "sum": "sum of"}
_SCALES: Final = {"J": wording.JOULES, "gCO2e": wording.GRAMS, "W": wording.WATTS, "L": wording.LITRES}
_SMALL_ERRORS: Final = {"edge": "edges of its window, between two updates", "noise": "sampling at single instants"}
"""Errors around zero that come by the dozen: shown as one."""


def explanation(quantity: Quantity, notes: Mapping[str, str] | None = None) -> str:
    """The tree of a figure, one line each: amount, interval, basis, and the source of every leaf.

    `notes` has more to say of a source, by its id.
    """
    return "\n".join(_tree(quantity, notes or {}))


def nodes(root: Quantity) -> list[dict[str, object]]:
    """The tree as a flat list: each node once, the figure itself first, with the places of its operands."""
    order: list[Quantity] = []
    places: dict[int, int] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if id(node) not in places:
            places[id(node)] = len(order)
            order.append(node)
            stack.extend(reversed(node.trace.operands))
    return [
        {
            "name": node.name,
            "op": node.trace.op,
            "quantity": node.as_dict(),
            "operands": [places[id(operand)] for operand in node.trace.operands],
            "source": None if node.trace.source is None else node.trace.source._asdict(),
        }
        for node in order
    ]


def _tree(root: Quantity, notes: Mapping[str, str]) -> Iterator[str]:
    stack, unfolded = [(root, "", "")], set()
    while stack:
        node, first, rest = stack.pop()
        node, name = _through_conversions(node)
        op, operands, source, _ = node.trace
        title = f"{plain(name, 60)} = " if name else ""
        line = f"{first}{title}{figure_text(node)}  {node.basis}"
        if source is not None:
            note = notes.get(source.id)
            yield f"{line}  <- {plain(source.text or source.id, 160)}{f' ({plain(note, 120)})' if note else ''}"
            continue
        seen = id(node) in unfolded
        yield f"{line}  {_WORDS.get(op, op)}{' (as above)' if seen else ''}"
        if seen:
            continue
        unfolded.add(id(node))
        shown = _gathered(operands) if op == "sum" else list(operands)
        shown, more = shown[:_SHOWN_OPERANDS], shown[_SHOWN_OPERANDS:]
        if more:
            together = Quantity.exact(sum(operand.value for operand in more), node.unit)
            yield f"{rest}├─ {len(more)} more, together {figure_text(together)}"
        for last, operand in enumerate(reversed(shown)):
            stack.append((operand, rest + ("├─ " if last else "└─ "), rest + ("│  " if last else "   ")))


def _gathered(operands: tuple[Quantity, ...]) -> list[Quantity]:
    """The operands of a sum, with the small errors of one kind made one."""
    kept: list[Quantity] = []
    small: dict[str, list[Quantity]] = {}
    for operand in operands:
        source = _error_of(operand)
        word = source.id.partition(":")[0] if source is not None else ""
        if word in _SMALL_ERRORS:
            small.setdefault(word, []).append(operand)
        else:
            kept.append(operand)
    for word, parts in small.items():
        whole = total(parts, parts[0].unit)
        low, high = min(whole.low, 0.0), max(whole.high, 0.0)
        text = f"{len(parts)} {_SMALL_ERRORS[word]}" if word == "edge" else _SMALL_ERRORS[word]
        owner = Source(f"{word} together", text)
        kept.append(Quantity.of(0.0, whole.unit, low=low, high=high, basis=whole.basis, source=owner))
    return kept


def _error_of(node: Quantity) -> Source | None:
    """The source of an error around zero, also where its sign is turned; None of anything else."""
    if node.value:
        return None
    while node.trace.source is None and node.trace.op in ("x", "to"):
        node = node.trace.operands[0]
    return node.trace.source


def _through_conversions(node: Quantity) -> tuple[Quantity, str]:
    """The quantity below conversions and sums of one part, and the outermost name on the way."""
    name = node.name
    while node.trace.op == "to" or (node.trace.op == "sum" and len(node.trace.operands) == 1):
        node = node.trace.operands[0]
        name = name or node.name
    return node, name


def figure_text(quantity: Quantity) -> str:
    """Amount and interval in one unit: "212 kJ (199-225)"; the range alone where it is wide, "±3 mJ" around zero."""
    scale: wording.Scale = ((1.0, quantity.unit.symbol),)
    for base, steps in _SCALES.items():
        if quantity.unit.dims == UNITS[base].dims:
            quantity, scale = quantity.to(base), steps
    if quantity.value == 0 and quantity.low < 0 < quantity.high:
        low, high = (abs(end) for end in (quantity.low, quantity.high))
        size, symbol = wording.scaled(max(low, high), scale)
        ends = [wording.digits(end / size, 2) for end in (low, high)]
        return f"±{ends[0]} {symbol}" if ends[0] == ends[1] else f"-{ends[0]} to +{ends[1]} {symbol}"
    return wording.amount_in_brackets(Figure.of(quantity), scale)
