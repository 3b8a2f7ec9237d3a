"""Formulas as they are written, over + - * / and names: worked out over quantities, numbers or ranges alike."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from itertools import product
from typing import Any, Final, NamedTuple

from joulebook.audit.cases.functions import FIGURES, FUNCTIONS, OPERATIONS
from joulebook.errors import ConfigError
from joulebook.quantity import Basis, Quantity, Source, derived, total

_OPERATORS: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Range(NamedTuple):
    """Where a number lies for certain; its arithmetic is that of intervals."""

    low: float
    high: float

    def __add__(self, other: Range) -> Range:  # type: ignore[override] # not the tuples are added
        return Range(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Range) -> Range:
        return Range(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Range) -> Range:  # type: ignore[override] # as above
        ends = [one * two for one, two in product(self, other)]
        return Range(min(ends), max(ends))

    def __truediv__(self, other: Range) -> Range:
        if other.low <= 0 <= other.high:
            raise ConfigError("a formula divides by a range that includes zero")
        ends = [one / two for one, two in product(self, other)]
        return Range(min(ends), max(ends))


def parse(text: str) -> ast.expr:
    """The formula as a tree; raises `ConfigError` for what is not + - * /, a number, a name or a known function."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise ConfigError.bad("a formula", text, "names and numbers with + - * /") from error
    _check(tree, text)
    return tree


def _check(tree: ast.expr, text: str) -> None:
    match tree:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            _check(left, text)
            _check(right, text)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            for argument in arguments:
                _check(argument, text)
        case ast.Name() | ast.Constant(value=int() | float()):
            pass
        case _:
            raise ConfigError.bad("a formula", text, f"names, numbers, + - * / and {', '.join(FUNCTIONS)}")


def names(tree: ast.expr) -> Iterator[str]:
    """The names in a formula, functions apart, in the order of writing."""
    match tree:
        case ast.Name(id=name):
            yield name
        case ast.BinOp(left=left, right=right):
            yield from names(left)
            yield from names(right)
        case ast.Call(args=arguments):
            for argument in arguments:
                yield from names(argument)


def over_quantities(tree: ast.expr, given: Mapping[str, Quantity]) -> Quantity:
    """The formula over quantities: units are checked, and the trace is the formula."""
    found = _worked(tree, given, Quantity.exact, _of_quantities)
    assert isinstance(found, Quantity)  # noqa: S101 - for the type checker
    return found


def over_numbers(tree: ast.expr, given: Mapping[str, float]) -> float:
    """The formula over numbers in the coherent units."""
    return float(_worked(tree, given, float, lambda name, parts: FUNCTIONS[name](*parts)))


def over_ranges(tree: ast.expr, given: Mapping[str, Range]) -> Range:
    """Where the formula lies for certain when its names lie in ranges, in the coherent units."""
    found = _worked(tree, given, lambda number: Range(number, number), _of_ranges)
    assert isinstance(found, Range)  # noqa: S101 - for the type checker
    return found


def _worked(
    tree: ast.expr,
    given: Mapping[str, Any],
    constant: Callable[[float], Any],
    call: Callable[[str, list[Any]], Any],
) -> Any:  # noqa: ANN401 - what comes back is what `given` holds
    match tree:
        case ast.Name(id=name):
            return given[name]
        case ast.Constant(value=int() | float() as number):
            return constant(number)
        case ast.BinOp(op=ast.Add()):
            return _sum([_worked(part, given, constant, call) for part in _terms(tree)])
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](_worked(left, given, constant, call), _worked(right, given, constant, call))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return call(name, [_worked(argument, given, constant, call) for argument in arguments])
    raise ConfigError("a formula was not checked before it was worked out")


def _terms(tree: ast.expr) -> list[ast.expr]:
    """What a chain of + adds up."""
    match tree:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*_terms(left), right]
    return [tree]


def _sum(parts: list[Any]) -> Any:  # noqa: ANN401 - numbers, ranges or quantities
    """The sum; of quantities one node of a trace, however many they are."""
    first, *others = parts
    return total(parts, first.unit) if isinstance(first, Quantity) else reduce(operator.add, others, first)


def _of_quantities(name: str, parts: list[Quantity]) -> Quantity:
    function, numbers = FUNCTIONS[name], [part.to("1") for part in parts]
    values = [part.value for part in numbers]
    if name in FIGURES:
        return FIGURES[name](*values)
    if not parts:
        return Quantity.of(function(), "1", basis=Basis.MODELLED, source=Source(name, "computed by joulebook"))
    return derived(OPERATIONS.get(name, name), function, numbers, function(*values), "1")


def _of_ranges(name: str, parts: list[Range]) -> Range:
    ends = [FUNCTIONS[name](*corner) for corner in product(*parts)]
    return Range(min(ends), max(ends))
