"""A published table as a sheet of cells: printed figures, the formulas between them, and what depends on what."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

from joulebook.audit.cases.expression import Range, names, over_numbers, over_quantities, over_ranges
from joulebook.audit.cases.printed import Printed
from joulebook.quantity import Quantity, Source
from joulebook.units import Unit

T = TypeVar("T")
PRINTED: Final = "_printed"
"""At the end of a name in a formula: the figure as printed, not as computed."""


class Cell(NamedTuple):
    """One cell: what is printed, the formula that makes it, or both."""

    key: str
    row: str
    column: str
    printed: Printed | None
    formula: str
    """As it is written; "" of what is printed and goes into others."""
    tree: ast.expr | None
    scope: Mapping[str, str]
    """Key of each name in the formula."""
    source: str
    note: str
    shown: bool
    """Whether it is a figure of the publication, not one of its inputs from elsewhere."""

    @property
    def label(self) -> str:
        """Row and column."""
        return f"{self.row}: {self.column}" if self.column else self.row


class Table(NamedTuple):
    """Cells under the name that they are published under."""

    name: str
    about: str
    source: str
    cells: tuple[Cell, ...]


class Case(NamedTuple):
    """A publication, or several on one question."""

    name: str
    title: str
    about: str
    tables: tuple[Table, ...]

    def cells(self) -> Iterator[Cell]:
        """The cells of all tables."""
        for table in self.tables:
            yield from table.cells


class Sheet:
    """The cells of a case by their keys, worked out for any values of the inputs."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.cells = {cell.key: cell for cell in cells}
        self._below: dict[str, frozenset[str]] = {}

    def inputs(self, key: str) -> frozenset[str]:
        """Keys of the printed figures that a cell is made of; its own where it has no formula."""
        if key not in self._below:
            cell = self.cells.get(key)
            if cell is None or cell.tree is None:
                self._below[key] = frozenset([key])
            else:
                self._below[key] = frozenset().union(*(self.inputs(below) for below in cell.scope.values()))
        return self._below[key]

    def input(self, key: str) -> Printed:
        """The printed figure of an input."""
        figure = self.cells[key.removesuffix(PRINTED)].printed
        assert figure is not None  # noqa: S101 - the loader has looked
        return figure

    def number(self, key: str, changed: Mapping[str, float] | None = None) -> float:
        """A cell in the coherent unit, inputs being as printed unless `changed` (in coherent units)."""
        values = changed or {}
        return self._at(key, over_numbers, lambda name: values.get(name, coherent(self.input(name))))

    def range(self, key: str, changed: Mapping[str, float] | None = None) -> Range:
        """Where a cell lies in the coherent unit for all inputs that are rounded to those printed, or `changed`."""
        values = {name: Range(value, value) for name, value in (changed or {}).items()}
        return self._at(key, over_ranges, lambda name: values.get(name) or Range(*coherent_ends(self.input(name))))

    def quantity(self, key: str, *, rounded: bool) -> Quantity:
        """A cell as a quantity with its trace; `rounded`: with the interval of the printed digits."""

        def leaf(name: str) -> Quantity:
            cell, figure = self.cells[name.removesuffix(PRINTED)], self.input(name)
            if not rounded:
                return figure.exact(cell.label)
            text = f"{cell.label}: {figure.text}. {cell.source}"
            return figure.quantity(Source(f"{cell.source}: {cell.key}", text), cell.label)

        return self._at(key, over_quantities, leaf)

    def _at(self, key: str, work: Callable[[ast.expr, Mapping[str, T]], T], leaf: Callable[[str], T]) -> T:
        cell = self.cells.get(key)
        if cell is None or cell.tree is None:
            return leaf(key)
        return work(cell.tree, {name: self._at(cell.scope[name], work, leaf) for name in names(cell.tree)})


def size(unit_: Unit) -> float:
    """A unit in the coherent unit of its dimensions."""
    return unit_.num / unit_.den


def coherent(figure: Printed) -> float:
    """A printed figure in the coherent unit."""
    return figure.value * size(figure.unit)


def coherent_ends(figure: Printed) -> tuple[float, float]:
    """The ends of what is rounded to a printed figure, in the coherent unit; of a count the count."""
    if not figure.step and not figure.is_range:
        return coherent(figure), coherent(figure)
    return figure.low * size(figure.unit), figure.high * size(figure.unit)
