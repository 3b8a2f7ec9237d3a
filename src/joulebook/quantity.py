"""`Quantity`: a value with unit, 90 % interval, basis and trace; and the arithmetic that keeps them together.

Uncertainty is carried by draws, one list of 1010 per quantity. A draw belongs to its *source*: the same
source used twice is the same random variable, so correlation needs no further machinery. Pure Python on
purpose: NumPy alone would cost more than the whole of `joulebook run` (docs/decisions/0002).
"""

from __future__ import annotations

import operator
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import IntEnum
from functools import partial
from math import fsum, inf, isfinite, nan
from typing import NamedTuple

from joulebook.draws import N_DRAWS, kernel, leaf_draws
from joulebook.errors import UnitMismatch
from joulebook.units import Unit, combine, convert, factor, unit


class Basis(IntEnum):
    """How a number is known; of two that meet, the weaker wins."""

    ASSUMED = 0
    MODELLED = 1
    REPORTED = 2
    MEASURED = 3

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Basis:
        """The basis of that lower-case word."""
        return cls[word.upper()]


class Source(NamedTuple):
    """Where a leaf comes from: `id` owns the draws, `text` is what a reader needs to find it again."""

    id: str
    text: str = ""


class Trace(NamedTuple):
    """The operation that made a quantity and its operands; a leaf has `op` "source" and its `Source`."""

    op: str
    operands: tuple[Quantity, ...] = ()
    source: Source | None = None
    function: Callable[..., float] | None = None
    """Of an operation that is not arithmetic: from one draw of each operand to a draw of the result."""


def _divide(left: float, right: float) -> float:
    if right == 0:
        return inf if left > 0 else -inf if left < 0 else nan
    return left / right


_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "x": operator.mul,
    "/": _divide,
}


class Quantity:
    """An uncertain amount of a unit; immutable.

    `value` is the input for a leaf, exact for sums and for scaling by exact amounts, and the median of the
    draws for every other operation between uncertain operands. `low` and `high` are the 5th and the 95th
    percentile of the draws, moved out to `value` where a sum of skewed parts lies beyond them
    (docs/decisions/0003). `basis` is the weakest of all operands; `trace` leads down to the sources.
    """

    __slots__ = ("_draws", "_range", "basis", "is_exact", "name", "trace", "unit", "value")

    value: float
    unit: Unit
    basis: Basis
    trace: Trace
    name: str
    is_exact: bool
    """Whether every draw equals the value."""
    _range: tuple[float, float] | None
    _draws: array[float] | None

    def __init__(
        self,
        value: float,
        unit_: Unit,
        basis: Basis,
        trace: Trace,
        *,
        range_: tuple[float, float] | None = None,
        name: str = "",
    ) -> None:
        set_ = object.__setattr__
        set_(self, "value", value)
        set_(self, "unit", unit_)
        set_(self, "basis", basis)
        set_(self, "trace", trace)
        set_(self, "name", name)
        set_(self, "_range", range_)
        set_(self, "_draws", None)
        set_(self, "is_exact", range_ is None and all(operand.is_exact for operand in trace.operands))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Quantity is immutable; {name!r} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a Quantity is immutable; {name!r} cannot be deleted")

    def __reduce__(self) -> tuple[object, ...]:
        restored = partial(Quantity, range_=self._range, name=self.name)
        return restored, (self.value, self.unit, self.basis, self.trace)

    @classmethod
    def of(  # noqa: PLR0913 - a leaf is made of these
        cls,
        value: float,
        unit_: Unit | str,
        *,
        low: float | None = None,
        high: float | None = None,
        basis: Basis,
        source: Source | str,
        name: str = "",
    ) -> Quantity:
        """A leaf: `value` within `low`..`high` (5th and 95th percentile; neither given: exact) from `source`.

        Raises ValueError when a bound is not finite or the three are not in order.
        """
        src = source if isinstance(source, Source) else Source(source)
        lo, hi = value if low is None else low, value if high is None else high
        if not (isfinite(lo) and isfinite(value) and isfinite(hi) and lo <= value <= hi):
            raise ValueError(f"quantity of {src.id}: expected finite low <= value <= high, got {lo}, {value}, {hi}")
        bounds = None if lo == hi else (float(lo), float(hi))
        return cls(float(value), unit(unit_), basis, Trace("source", (), src), range_=bounds, name=name)

    @classmethod
    def exact(cls, value: float, unit_: Unit | str = "1", name: str = "") -> Quantity:
        """A number known exactly by definition (a count, a conversion); never weakens a basis."""
        source = Source("by definition")
        return cls(float(value), unit(unit_), Basis.MEASURED, Trace("source", (), source), name=name)

    @property
    def draws(self) -> memoryview[float]:
        """The N_DRAWS draws, in the quantity's unit; read-only (`numpy.asarray(q.draws)` copies nothing)."""
        return memoryview(self._drawn()).toreadonly()  # type: ignore[return-value] # the buffer holds doubles

    def _drawn(self) -> array[float]:
        return self._draws if self._draws is not None else _evaluate(self, frozenset())

    @property
    def low(self) -> float:
        """5th percentile of the draws (Hazen), at most the value."""
        return self._bounds()[0]

    @property
    def high(self) -> float:
        """95th percentile of the draws (Hazen), at least the value."""
        return self._bounds()[1]

    def _bounds(self) -> tuple[float, float]:
        if self.is_exact:
            return self.value, self.value
        low, _, high = kernel().marks(self._drawn())
        return min(low, self.value), max(high, self.value)

    def frozen(self, source_ids: Iterable[str]) -> array[float]:
        """The draws when these sources are held at their values: what a tornado is read off from."""
        return _evaluate(self, frozenset(source_ids))

    def _with(self, op: str, other: Quantity, value: float, unit_: Unit) -> Quantity:
        linear = op in "+-" or self.is_exact or (other.is_exact and op in "x/")
        result = Quantity(value, unit_, min(self.basis, other.basis), Trace(op, (self, other)))
        if linear:
            return result
        draws = result._drawn()
        final = Quantity(kernel().marks(draws)[1], unit_, result.basis, result.trace)
        object.__setattr__(final, "_draws", draws)
        return final

    def _joined(self, op: str, other: Quantity) -> Quantity:
        if not isinstance(other, Quantity):
            return NotImplemented
        if self.unit.dims != other.unit.dims:
            raise UnitMismatch.between(op, self.unit.symbol, other.unit.symbol)
        right = other.to(self.unit)
        return self._with(op, right, _OPERATORS[op](self.value, right.value), self.unit)

    def _combined(self, op: str, other: Quantity | float, power: int) -> Quantity:
        if not isinstance(other, (Quantity, int, float)):
            return NotImplemented
        right = other if isinstance(other, Quantity) else Quantity.exact(other)
        unit_, num, den = combine(self.unit, right.unit, power)
        return self._with(op, right, _OPERATORS[op](self.value, right.value) * num / den, unit_)

    def __add__(self, other: Quantity) -> Quantity:
        return self._joined("+", other)

    def __sub__(self, other: Quantity) -> Quantity:
        return self._joined("-", other)

    def __mul__(self, other: Quantity | float) -> Quantity:
        return self._combined("x", other, 1)

    __rmul__ = __mul__

    def __truediv__(self, other: Quantity | float) -> Quantity:
        return self._combined("/", other, -1)

    def __rtruediv__(self, other: float) -> Quantity:
        return Quantity.exact(other) / self if isinstance(other, (int, float)) else NotImplemented

    def to(self, target: Unit | str) -> Quantity:
        """The same amount in another unit of the same dimensions."""
        wanted = unit(target)
        if wanted == self.unit:
            return self
        value = convert(self.value, self.unit, wanted)
        return Quantity(value, wanted, self.basis, Trace("to", (self,)), name=self.name)

    def named(self, name: str) -> Quantity:
        """The same quantity under a name that `explain` prints."""
        copy = Quantity(self.value, self.unit, self.basis, self.trace, range_=self._range, name=name)
        object.__setattr__(copy, "_draws", self._draws)
        return copy

    def leaves(self) -> Iterator[Quantity]:
        """Every leaf below this quantity once, left to right."""
        stack, seen = [self], {id(self)}
        while stack:
            node = stack.pop()
            if node.trace.op == "source":
                yield node
            for operand in reversed(node.trace.operands):
                if id(operand) not in seen:
                    seen.add(id(operand))
                    stack.append(operand)

    def sources(self) -> dict[str, Source]:
        """The sources of all leaves by id."""
        return {leaf.trace.source.id: leaf.trace.source for leaf in self.leaves() if leaf.trace.source}

    def explain(self) -> str:
        """The trace as a tree whose leaves are facts and readings."""
        return "\n".join(_tree(self))

    def as_dict(self) -> dict[str, float | str]:
        """The five fields of `joulebook.statement/1`: value, low, high, unit, basis."""
        low, high = self._bounds()
        return {"value": self.value, "low": low, "high": high, "unit": self.unit.symbol, "basis": str(self.basis)}

    @classmethod
    def from_dict(cls, fields: Mapping[str, float | str], source: Source | str, name: str = "") -> Quantity:
        """A quantity read from a document: a single new source."""
        return cls.of(
            float(fields["value"]),
            str(fields["unit"]),
            low=float(fields["low"]),
            high=float(fields["high"]),
            basis=Basis.parse(str(fields["basis"])),
            source=source,
            name=name,
        )

    def __repr__(self) -> str:
        low, high = self._bounds()
        bounds = "" if self.is_exact else f" [{low:.4g}..{high:.4g}]"
        return f"{self.value:.6g}{bounds} {self.unit.symbol} ({self.basis})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Quantity):
            return NotImplemented
        return self.as_dict() == other.as_dict() and self._drawn() == other._drawn()

    def __hash__(self) -> int:
        return hash((self.value, self.unit, self.basis))


def total(quantities: Iterable[Quantity], unit_: Unit | str, name: str = "") -> Quantity:
    """The sum of quantities of one dimension in `unit_`; an empty sum is an exact zero."""
    parts = tuple(quantity.to(unit_) for quantity in quantities)
    if not parts:
        return Quantity.exact(0.0, unit_, name=name)
    basis = min(part.basis for part in parts)
    return Quantity(fsum(part.value for part in parts), unit(unit_), basis, Trace("sum", parts), name=name)


def derived(
    op: str, function: Callable[..., float], operands: Iterable[Quantity], value: float, unit_: Unit | str
) -> Quantity:
    """A quantity whose draws are `function` of those of its operands, draw by draw; `op` names it in a trace.

    The value is the caller's: parts that have to add up to something cannot be medians (docs/decisions/0003).
    """
    parts = tuple(operands)
    basis = min(part.basis for part in parts)
    return Quantity(value, unit(unit_), basis, Trace(op, parts, None, function))


def _evaluate(root: Quantity, frozen: frozenset[str]) -> array[float]:
    """The draws of `root`; every quantity below it is evaluated once, without recursion (sums can be long).

    What no frozen source is part of keeps the draws that it has.
    """
    columns: dict[int, array[float]] = {}
    touched: dict[int, bool] = {}
    stack = [root]
    while stack:
        node = stack[-1]
        known = None if frozen else node._draws  # noqa: SLF001 - the other half of the class
        missing = [] if known is not None else [part for part in node.trace.operands if id(part) not in columns]
        if missing:
            stack.extend(missing)
            continue
        stack.pop()
        source, operands = node.trace.source, node.trace.operands
        held = bool(frozen) and (
            (source is not None and source.id in frozen) or any(touched[id(part)] for part in operands)
        )
        touched[id(node)] = held
        if known is None and not held:
            known = node._draws  # noqa: SLF001 - as above
        column = known if known is not None else _column(node, columns, frozen)
        columns[id(node)] = column
        if not held:
            object.__setattr__(node, "_draws", column)
    return columns[id(root)]


def _column(node: Quantity, columns: Mapping[int, array[float]], frozen: frozenset[str]) -> array[float]:
    """The draws of one quantity from those of its operands."""
    op, operands, source, function = node.trace
    if source is not None:
        bounds = node._range  # noqa: SLF001 - the other half of the class
        if bounds is None or source.id in frozen:
            return array("d", [node.value]) * N_DRAWS
        return leaf_draws(node.value, *bounds, source.id)
    parts = [columns[id(operand)] for operand in operands]
    if op == "sum":
        return kernel().total(parts)
    if op == "to":
        return kernel().scaled(parts[0], *factor(operands[0].unit, node.unit))
    if function is not None or op in "+-":
        return array("d", map(function or _OPERATORS[op], *parts))
    _, num, den = combine(operands[0].unit, operands[1].unit, 1 if op == "x" else -1)
    apply = operator.truediv if op == "/" and 0.0 not in parts[1] else _OPERATORS[op]
    return kernel().combined(apply, parts, num, den)


_WORDS = {"x": "product", "/": "ratio", "+": "sum", "-": "difference", "to": "converted"}


def _tree(root: Quantity) -> Iterator[str]:
    """One line for each operand; what was unfolded before is named again but not unfolded again."""
    stack, unfolded = [(root, "", "")], set()
    while stack:
        quantity, first, rest = stack.pop()
        op, operands, source, _ = quantity.trace
        line = f"{first}{quantity.name + ' = ' if quantity.name else ''}{quantity!r}"
        if source is not None:
            yield f"{line}  <- {source.text or source.id}"
            continue
        seen = id(quantity) in unfolded
        yield f"{line}  [{_WORDS.get(op, op)}{', as above' if seen else ''}]"
        if seen:
            continue
        unfolded.add(id(quantity))
        for last, operand in enumerate(reversed(operands)):
            stack.append((operand, rest + ("├─ " if last else "└─ "), rest + ("│  " if last else "   ")))
