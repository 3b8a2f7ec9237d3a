"""The tree behind a figure, down to readings and facts: as text, and as plain nodes for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import log10
from typing import Final, NamedTuple

from joulebook.quantity import Quantity, Source, total
from joulebook.report import wording
from joulebook.report.wording import Figure, plain
from joulebook.units import UNITS

_SHOWN_OPERANDS: Final = 12
_WITHIN: Final = "first x (second - 1):"
_WORDS: Final = {
    "x": "product of",
    "/": "ratio of",
    "+": "sum of",
    "-": "difference of",
    "sum": "sum of",
    "draw": "product of",
    "utilisation": "product of",
    "host": _WITHIN,
    "rest": _WITHIN,
    "cluster": _WITHIN,
    "formula": "formula of",
}
"""What an operation is called before its operands."""
_SAID: Final = "said"
"""Attribute of a function of draws that has its formula in words."""
_TIMES: Final = ((1e-3, "ms"), (1.0, "s"), (60.0, "min"), (3_600.0, "h"), (86_400.0, "d"))
_SCALES: Final = {
    "J": wording.JOULES,
    "gCO2e": wording.GRAMS,
    "W": wording.WATTS,
    "L": wording.LITRES,
    "s": _TIMES,
}
_BY_DEFINITION: Final = "by definition"
_LARGE: Final = tuple(10.0**power for power in range(6, 31, 3))
_SMALL_ERRORS: Final = {"edge": "edges of its window, between two updates", "noise": "sampling at single instants"}
"""Errors around zero that come by the dozen: shown as one."""


def explanation(quantity: Quantity, notes: Mapping[str, str] | None = None, depth: int | None = None) -> str:
    """The tree of a figure, one line each: amount, interval, basis, and the source of every leaf.

    `notes` has more to say of a source, by its id; below `depth` levels the tree is folded.
    """
    return "\n".join(_tree(quantity, notes or {}, depth))


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


class Row(NamedTuple):
    """One node of a tree as a reader sees it; rows come in the order of the tree, each below the one it is part of."""

    depth: int
    last: bool
    """Whether no other part of the same whole follows."""
    name: str
    amount: str
    basis: str
    word: str
    """How it follows from the rows below it; "" of a leaf."""
    source: str = ""
    """Of a leaf: where it comes from, whole."""
    note: str = ""
    source_id: str = ""
    again: bool = False
    """Whether its parts were listed above."""
    folded: int = 0
    """How many sources lie below it, where they are not shown."""

    @property
    def rest(self) -> str:
        """What is said of parts that are not listed below it."""
        if self.folded:
            return f" {self.folded} source{'s' * (self.folded > 1)}, folded"
        return " (as above)" if self.again else ""


def rows(root: Quantity, notes: Mapping[str, str] | None = None, most: int | None = None) -> Iterator[Row]:
    """The tree of a figure, row by row; what was unfolded before is named again but not unfolded again.

    Nodes `most` levels down say how many sources lie below them instead.
    """
    stack, unfolded = [(root, 0, True)], set()
    while stack:
        node, depth, last = stack.pop()
        node, name = _through_conversions(node)
        op, operands, source, function = node.trace
        head = Row(depth, last, plain(name, 60), figure_text(node), str(node.basis), "")
        if source is not None:
            note = plain((notes or {}).get(source.id, ""), 120)
            yield head._replace(source=source.text or source.id, note=note, source_id=source.id)
            continue
        seen = id(node) in unfolded
        said = getattr(function, _SAID, "")
        folded = len(node.sources()) if most is not None and depth >= most else 0
        yield head._replace(word=f"{said}:" if said else _WORDS.get(op, op), again=seen, folded=folded)
        if seen or folded:
            continue
        unfolded.add(id(node))
        shown = _gathered(operands) if op == "sum" else _telling(op, operands, formula=function is not None)
        shown, more = shown[:_SHOWN_OPERANDS], shown[_SHOWN_OPERANDS:]
        if more:
            together = Quantity.exact(sum(operand.value for operand in more), node.unit)
            yield Row(depth + 1, False, "", f"{len(more)} more, together {figure_text(together)}", "", "")
        stack += [(operand, depth + 1, not at) for at, operand in enumerate(reversed(shown))]


def _tree(root: Quantity, notes: Mapping[str, str], most: int | None) -> Iterator[str]:
    open_: list[bool] = []
    """At each depth, whether another part follows."""
    for row in rows(root, notes, most):
        del open_[max(row.depth - 1, 0) :]
        rest = "".join("│  " if follows else "   " for follows in open_)
        if row.depth:
            rest += "└─ " if row.last else "├─ "
            open_.append(not row.last)
        title = f"{row.name} = " if row.name else ""
        tail = f"  {row.word}{row.rest}" if row.word else ""
        if row.source:
            tail = f"  <- {plain(row.source, 160)}{f' ({row.note})' if row.note else ''}"
        yield f"{rest}{title}{row.amount}{f'  {row.basis}' if row.basis else ''}{tail}"


def _telling(op: str, operands: tuple[Quantity, ...], *, formula: bool) -> list[Quantity]:
    """The operands without a factor of 1 that nobody named: in a product or a formula it does nothing."""
    return [one for one in operands if not ((formula or op == "x") and _is_one(one))]


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
    """The quantity below conversions, units and sums of one part, and the outermost name on the way."""
    name = node.name
    while _converts(node):
        node = node.trace.operands[0]
        name = name or node.name
    return node, name


def _converts(node: Quantity) -> bool:
    """Whether a node is its first operand in another unit, or alone."""
    op, operands, source, _ = node.trace
    if op == "to" or (op == "sum" and len(operands) == 1):
        return True
    if op not in "x/" or source is not None:
        return False
    return _is_one(operands[1])


def _is_one(node: Quantity) -> bool:
    """Whether a node is a 1 that nobody named: a unit, or a factor that does nothing here."""
    source = node.trace.source
    return node.is_exact and node.value == 1 and not node.name and source is not None and source.id == _BY_DEFINITION


def _steps(symbol: str) -> wording.Scale:
    """A unit, and powers of ten before it where the numbers would be long."""
    word = "" if symbol == "1" else f" {symbol}"
    return [(1.0, symbol), *((size, f"x 10^{round(log10(size))}{word}") for size in _LARGE)]


def figure_text(quantity: Quantity) -> str:
    """Amount and interval in one unit: "212 kJ (199-225)"; the range alone where it is wide, "±3 mJ" around zero."""
    scale = _steps(quantity.unit.symbol)
    for base, steps in _SCALES.items():
        if quantity.unit.dims == UNITS[base].dims:
            quantity, scale = quantity.to(base), steps
    if quantity.value == 0 and quantity.low < 0 < quantity.high:
        low, high = (abs(end) for end in (quantity.low, quantity.high))
        size, symbol = wording.scaled(max(low, high), scale)
        ends = [wording.digits(end / size, 2) for end in (low, high)]
        return f"±{ends[0]} {symbol}" if ends[0] == ends[1] else f"-{ends[0]} to +{ends[1]} {symbol}"
    return wording.amount_in_brackets(Figure.of(quantity), scale)
