"""The traces of an estimate's figures as one list of operations over inputs: what the page computes again."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isclose, isfinite
from typing import Any, Final, NamedTuple

from joulebook.draws import leaf_draws
from joulebook.quantity import Quantity
from joulebook.report.estimate_page.formulas import Formulas, Untranslatable
from joulebook.units import combine, factor

_BY_DEFINITION: Final = "by definition"
_FORMULA: Final = "formula"
"""Attribute of a function of draws that has the formula itself: each input's range acts on it as a power."""
_SAME: Final = 1e-9
"""Relative difference up to which a formula of the values is the value."""


class Input(NamedTuple):
    """What a reader of the page can change: one leaf, or what a formula gave that the page does not know."""

    source: str
    """Owns the draws."""
    leaf: Quantity
    places: tuple[int, ...] = ()
    """Of the draws in order, where they do not follow from the source alone."""


class Graph:
    """Operations in an order in which each comes after its operands, and the inputs that they begin with."""

    def __init__(self) -> None:
        self.operations: list[dict[str, Any]] = []
        self.inputs: list[Input] = []
        self.formulas = Formulas()
        self.unknown: list[str] = []
        """Formulas that could not be translated."""
        self._calls: list[str] = []
        self._places: dict[int, int] = {}
        self._kept: list[Quantity] = []
        self._known: dict[tuple[object, ...], int] = {}

    def place(self, root: Quantity) -> int:
        """The place of a figure among the operations; it and what it rests on are added where they are new."""
        stack = [root]
        while stack:
            node = stack[-1]
            if id(node) in self._places:
                stack.pop()
                continue
            missing = [part for part in node.trace.operands if id(part) not in self._places]
            if missing and not self._is_closed(node):
                stack.extend(missing)
                continue
            stack.pop()
            self._places[id(node)] = self._add(node)
            self._kept.append(node)  # an id is taken again once its owner is gone
        return self._places[id(root)]

    @property
    def script(self) -> str:
        """The formulas, and the table by which operations call them."""
        return "\n".join([self.formulas.script, "const CALLS = [", *(f"{call}," for call in self._calls), "];", ""])

    def _is_closed(self, node: Quantity) -> bool:
        """Whether a node is an input although it has operands."""
        if node.trace.function is None:
            return False
        try:
            self._call(node)
        except Untranslatable:
            return True
        return False

    def _call(self, node: Quantity) -> str:
        """The function of an operation, as an expression of its operands in an array."""
        function = getattr(node.trace.function, _FORMULA, node.trace.function)
        operands = [f"d[{at}]" for at in range(len(node.trace.operands))]
        return f"(d) => {self.formulas.call(function, operands)}"

    def _add(self, node: Quantity) -> int:
        op, operands, source, function = node.trace
        parts = [self._places[id(part)] for part in operands if id(part) in self._places]
        if source is not None:
            made = self._leaf(node, source.id)
        elif function is not None:
            made = self._derived(node, parts)
        elif op in ("x", "/"):
            _, num, den = combine(operands[0].unit, operands[1].unit, 1 if op == "x" else -1)
            made = {"op": op, "of": parts, "by": [num, den]}
        elif op == "to":
            made = {"op": op, "of": parts, "by": list(factor(operands[0].unit, node.unit))}
        else:
            made = {"op": op, "of": parts}
        self.operations.append(made)
        return len(self.operations) - 1

    def _leaf(self, node: Quantity, source: str) -> dict[str, Any]:
        if source == _BY_DEFINITION:
            return {"op": "exact", "value": node.value}
        key = (source, node.value, node.low, node.high, node.unit)
        if key not in self._known:
            self._known[key] = len(self.inputs)
            self.inputs.append(Input(source, node))
        elif node.name and not self.inputs[self._known[key]].leaf.name:
            self.inputs[self._known[key]] = Input(source, node)
        return {"op": "input", "input": self._known[key]}

    def _derived(self, node: Quantity, parts: Sequence[int]) -> dict[str, Any]:
        try:
            call = self._call(node)
        except Untranslatable:
            return self._closed(node)
        if call not in self._calls:
            self._calls.append(call)
        is_powers = hasattr(node.trace.function, _FORMULA)
        made: dict[str, Any] = {
            "op": "powers" if is_powers else "call",
            "of": list(parts),
            "call": self._calls.index(call),
        }
        assert node.trace.function is not None  # noqa: S101 - this is what `derived` means
        at_values = node.trace.function(*(part.value for part in node.trace.operands))
        if isclose(at_values, node.value, rel_tol=_SAME):
            return made
        ordered = sorted(node.draws)
        median = (ordered[len(ordered) // 2 - 1] + ordered[len(ordered) // 2]) / 2
        if isclose(median, node.value, rel_tol=_SAME):
            return {**made, "value": "median"}
        return {**made, "scale": node.value / at_values if at_values and isfinite(at_values) else inf}

    def _closed(self, node: Quantity) -> dict[str, Any]:
        """What a formula gave that the page cannot compute: an input whose draws keep their order."""
        order = sorted(range(len(node.draws)), key=node.draws.__getitem__)
        places = [0] * len(order)
        for rank, at in enumerate(order):
            places[at] = rank
        self.unknown.append(node.name or node.trace.op)
        self.inputs.append(Input(f"formula {node.trace.op}", node, tuple(places)))
        return {"op": "input", "input": len(self.inputs) - 1}


def scores() -> list[float]:
    """The quantiles of the standard normal over its 95 % point, in order: of what every leaf is made."""
    return sorted(leaf_draws(0.0, -1.0, 1.0, ""))
