"""What becomes of each cell when it is computed again: one rule for all tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from joulebook.audit.cases.expression import Range
from joulebook.audit.cases.sheet import PRINTED, Case, Cell, Sheet, Table, size
from joulebook.audit.cases.solving import Change, candidates, closes, explained, repairs, shown
from joulebook.errors import UnitMismatch

_NAMED: Final = 3


class Verdict(StrEnum):
    """Of a cell."""

    AGREES = "agrees"
    ROUNDING = "differs by rounding"
    OPEN = "does not close"
    INPUT = "printed, not computed"
    DEFINITION = "formula"


_OF_MANY: Final = {
    Verdict.AGREES: "agree",
    Verdict.ROUNDING: "differ by rounding",
    Verdict.OPEN: "do not close",
    Verdict.INPUT: "printed, not computed",
    Verdict.DEFINITION: "formulas",
}


class Judged(NamedTuple):
    """A cell, what comes out of its formula, and what that means."""

    cell: Cell
    verdict: Verdict
    computed: float | None
    """From the inputs as printed, in the unit of the printed figure."""
    ends: Range | None
    """Of what is computed, as far as the digits of the inputs leave it open."""
    repaired: float | None
    """Computed once inputs are put right, or of an input what it should be; None where nothing was changed."""
    why: str

    @property
    def closes(self) -> bool:
        """Whether it comes out as printed once inputs are put right; of an input whether nothing speaks against it."""
        if self.cell.tree is None or self.cell.printed is None:
            return self.repaired is None
        return self.verdict != Verdict.OPEN or (self.repaired is not None and self.cell.printed.covers(self.repaired))

    @property
    def apart(self) -> float | None:
        """What is computed over what is printed, less 1; None where there is no such ratio."""
        figure = self.cell.printed
        return None if figure is None or self.computed is None or not figure.value else self.computed / figure.value - 1

    def as_dict(self) -> dict[str, object]:
        """The cell as JSON has it; amounts in the unit of the printed figure."""
        figure, cell = self.cell.printed, self.cell
        unit = None if figure is None else figure.unit.symbol
        return {
            "row": cell.row,
            "column": cell.column,
            "formula": cell.formula,
            "unit": unit,
            "printed": None if figure is None else figure.value,
            "computed": self.computed,
            "low": None if self.ends is None else self.ends.low,
            "high": None if self.ends is None else self.ends.high,
            "repaired": self.repaired,
            "verdict": str(self.verdict),
            "closes": self.closes,
            "why": self.why,
            "source": cell.source,
        }


class Judgement(NamedTuple):
    """A case with what became of its tables."""

    case: Case
    tables: tuple[tuple[Table, tuple[Judged, ...]], ...]

    def cells(self) -> list[Judged]:
        """All of them."""
        return [judged for _, cells in self.tables for judged in cells]

    def counts(self) -> dict[str, int]:
        """How many cells have each verdict."""
        found = [judged.verdict for judged in self.cells()]
        return {_OF_MANY[verdict]: found.count(verdict) for verdict in Verdict if verdict in found}

    def as_dict(self) -> dict[str, object]:
        """The case as JSON has it."""
        tables = [
            {"name": table.name, "source": table.source, "cells": [judged.as_dict() for judged in cells]}
            for table, cells in self.tables
            if cells
        ]
        return {"name": self.case.name, "title": self.case.title, "counts": self.counts(), "tables": tables}


def judge(case: Case) -> Judgement:
    """Every cell of a case with its verdict."""
    sheet = Sheet(tuple(case.cells()))
    computed = [cell for cell in case.cells() if cell.tree is not None and cell.printed is not None]
    for cell in computed:
        _check_units(sheet, cell)
    rounded = frozenset(cell.key for cell in computed if explained(sheet, cell, {}))
    changes = repairs(sheet, computed, rounded)
    judged = {cell.key: _judged(sheet, cell, computed, changes) for cell in case.cells()}
    tables = tuple((table, tuple(judged[cell.key] for cell in table.cells if cell.shown)) for table in case.tables)
    return Judgement(case, tables)


def _check_units(sheet: Sheet, cell: Cell) -> None:
    found = sheet.quantity(cell.key, rounded=False)
    assert cell.printed is not None  # noqa: S101 - only printed cells are checked
    if found.unit.dims != cell.printed.unit.dims:
        raise UnitMismatch.between(f"{cell.label}:", found.unit.symbol, cell.printed.unit.symbol)


def _ends(sheet: Sheet, cell: Cell) -> Range:
    assert cell.printed is not None  # noqa: S101 - only printed cells are checked
    scale = size(cell.printed.unit)
    low, high = sheet.range(cell.key)
    return Range(low / scale, high / scale)


def _judged(sheet: Sheet, cell: Cell, computed: Sequence[Cell], changes: Sequence[Change]) -> Judged:
    if cell.printed is None:
        return Judged(cell, Verdict.DEFINITION, None, None, None, cell.note)
    if cell.tree is None:
        return _of_input(sheet, cell, computed, changes)
    amount, ends = sheet.number(cell.key) / size(cell.printed.unit), _ends(sheet, cell)
    own = [change for change in changes if change.key in sheet.inputs(cell.key)]
    changed = {change.key: change.value * size(sheet.input(change.key).unit) for change in own}
    repaired = sheet.number(cell.key, changed) / size(cell.printed.unit) if own else None
    verdict, why = _compared(sheet, cell, computed, own, changed)
    return Judged(cell, verdict, amount, ends, repaired, _and(why, cell.note))


def _compared(
    sheet: Sheet, cell: Cell, computed: Sequence[Cell], own: Sequence[Change], changed: Mapping[str, float]
) -> tuple[Verdict, str]:
    """The verdict of a computed cell, and the reason where it does not simply agree."""
    figure = cell.printed
    assert figure is not None  # noqa: S101 - only printed cells are computed
    amount = sheet.number(cell.key) / size(figure.unit)
    verdict = Verdict.ROUNDING if explained(sheet, cell, {}) or figure.cuts(amount) else Verdict.OPEN
    if figure.covers(amount):
        return Verdict.AGREES, ""
    if figure.cuts(amount):
        return verdict, "cut off, not rounded"
    if own and closes(sheet, cell, changed):
        return verdict, f"agrees with {', '.join(_named(sheet, change) for change in own)}"
    if verdict == Verdict.ROUNDING:
        return verdict, "the inputs are printed rounded"
    others = candidates(sheet, computed, changed)
    closing = [_named(sheet, change) for change in others if cell.key in change.closes][:_NAMED]
    apart = f"{100 * (amount / figure.value - 1):+.2g} %" if figure.value else "the printed figure is 0"
    explanation = f"would agree with {' or '.join(closing)}" if closing else "no single input explains it"
    return verdict, f"{apart}; {explanation}"


def _of_input(sheet: Sheet, cell: Cell, computed: Sequence[Cell], changes: Sequence[Change]) -> Judged:
    """An input: as printed, unless what it goes into comes out only with another."""
    for change in changes:
        if change.key.removesuffix(PRINTED) != cell.key:
            continue
        figure = sheet.input(change.key)
        count = len(_closed_by(sheet, computed, changes, change))
        makes = f"{count} figure{'s' if count > 1 else ''} that it goes into agree{'' if count > 1 else 's'}"
        word = "rounded from" if change.is_rounding else "a slip for"
        why = f"{word} {shown(figure, change)}: with that {makes}"
        verdict = Verdict.ROUNDING if change.is_rounding else Verdict.OPEN
        return Judged(cell, verdict, None, None, change.value, _and(why, cell.note))
    return Judged(cell, Verdict.INPUT, None, None, None, cell.note)


def _closed_by(sheet: Sheet, computed: Sequence[Cell], changes: Sequence[Change], change: Change) -> list[Cell]:
    """The cells that come out with all changes, and would not without this one."""
    changed = {one.key: one.value * size(sheet.input(one.key).unit) for one in changes}
    without = {key: value for key, value in changed.items() if key != change.key}
    return [cell for cell in computed if closes(sheet, cell, changed) and not closes(sheet, cell, without)]


def _named(sheet: Sheet, change: Change) -> str:
    cell, figure = sheet.cells[change.key.removesuffix(PRINTED)], sheet.input(change.key)
    return f"{cell.column or cell.row} {shown(figure, change)} instead of {figure.shown()}"


def _and(why: str, note: str) -> str:
    return "; ".join(part for part in (why, note) if part)
