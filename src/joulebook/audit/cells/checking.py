"""Cells that break what their table or record obeys: one finding for a slip, whatever follows from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from joulebook.audit.cells.blame import Culprit, culprits
from joulebook.audit.cells.demanded import of_records, of_rows
from joulebook.audit.cells.grid import Grid, Key, Scope, bounds, grid_of, records_of, turned
from joulebook.audit.cells.instances import of_laws, of_totals
from joulebook.audit.cells.law import LEAST, Instance, Interval
from joulebook.audit.cells.learned import laws
from joulebook.audit.cells.likeness import likeness
from joulebook.audit.cells.telling import finding, mixed, tells
from joulebook.audit.cells.totals import totals
from joulebook.audit.cells.within import totals_within
from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Amount, Document, Place, Table

_MOST_TURNED: Final = 20
"""Rows of a table that is read with rows for columns as well."""
_UNSURE: Final = 0.9
"""Confidence up to which a finding of another rule gives way to a product that holds."""
_ROUNDS: Final = 4
"""How often a table is learned anew after cells were corrected."""
_PUE: Final = re.compile(r"PUE\D{0,12}?(\d[.,]\d+)")
_MOST_PUE: Final = 3.0


_Places = tuple[frozenset[Place], frozenset[Place], frozenset[Place]]


class Read(NamedTuple):
    """What the cells of a document tell: findings, and figures that are vouched for or follow from a slip."""

    findings: tuple[Finding, ...] = ()
    vouched: frozenset[Place] = frozenset()
    """Figures that a relation with others confirms, sums among them."""
    multiplied: frozenset[Place] = frozenset()
    """Figures that two products confirm, or one that units demand."""
    by_units: frozenset[Place] = frozenset()
    """Figures that a product confirms that units demand: kW x h = kWh."""
    excused: frozenset[Place] = frozenset()
    """Figures that a relation does not confirm because another one is wrong."""

    def answers(self, finding: Finding) -> bool:
        """Whether the cells explain a figure that another rule cannot: it follows from others, or from a slip."""
        place = finding.place
        if finding.rule == "sum":
            return place in self.vouched or place in self.excused
        if finding.rule in ("product", "double-count", "percentage"):
            return place in self.multiplied or place in self.excused
        return finding.rule in ("unit-slip", "magnitude") and place in self.by_units and finding.confidence <= _UNSURE


def cells(document: Document) -> Read:
    """What the tables and records of a document obey, and where they do not."""
    pues = _pues(document)
    reads = [_of_table(table, pues) for table in document.tables]
    grid, scopes = records_of(document)
    reads.append(_checked(grid, pues, partial(_of_records, scopes=scopes, pues=pues), rounds=1))
    return Read(
        tuple(finding for read in reads for finding in read.findings),
        frozenset(place for read in reads for place in read.vouched),
        frozenset(place for read in reads for place in read.multiplied),
        frozenset(place for read in reads for place in read.by_units),
        frozenset(place for read in reads for place in read.excused),
    )


def _pues(document: Document) -> tuple[float, ...]:
    """What the document states as its PUE, wherever it stands."""
    fields = [field for record in document.every_record() for field in record.fields]
    stated = [field.amount.value for field in fields if re.search(r"\bpue\b", field.label)]
    stated += [float(found[1].replace(",", ".")) for found in _PUE.finditer(document.text)]
    return tuple(dict.fromkeys(one for one in stated if 1 < one < _MOST_PUE))


def _of_table(table: Table, pues: tuple[float, ...]) -> Read:
    """What the columns of a table tell; what its rows do, where they tell nothing."""
    grid = grid_of(table)
    found = _checked(grid, pues, partial(_of_grid, pues=pues))
    if found.vouched or found.findings or len(grid.rows) > _MOST_TURNED:
        return found
    return _checked(turned(grid), pues, partial(_of_grid, pues=pues, whole=False))


def _of_grid(grid: Grid, *, pues: tuple[float, ...], whole: bool = True) -> list[Instance]:
    """What has to hold in a table as it is known now."""
    found = totals(grid)
    summed = {one.row for one in found}
    parts = [row for row in range(len(grid.rows)) if row not in summed]
    learned = laws(grid, parts, pues, whole=whole)
    instances = [*of_laws(grid, learned, parts, sorted(summed)), *of_totals(grid, found)]
    known = {frozenset(one.way.cells) for one in instances}
    demanded = list(of_rows(grid, parts, pues)) if whole else []
    if len(parts) < LEAST:
        demanded += [one for row in parts for one in totals_within(grid, grid.row_of(row))]
    return instances + [one for one in demanded if frozenset(one.way.cells) not in known]


def _of_records(grid: Grid, *, scopes: tuple[Scope, ...], pues: tuple[float, ...]) -> list[Instance]:
    """What has to hold in the single records of a document."""
    sums = [one for scope in scopes if not scope.record.flat for one in totals_within(grid, scope.inner)]
    return [*of_records(grid, scopes, pues), *sums]


def _checked(
    grid: Grid,
    pues: tuple[float, ...],
    instances_of: Callable[[Grid], list[Instance]],
    rounds: int = _ROUNDS,
) -> Read:
    """The cells that are wrong; each is corrected before the others are learned anew."""
    findings: list[Finding] = []
    excused: set[Place] = set()
    wrong: set[Key] = set()
    computed: set[frozenset[Key]] = set()
    for _ in range(rounds):
        instances = [one for one in instances_of(grid) if frozenset(one.way.cells) not in computed]
        values = {key: _bounds(amount) for key, amount in grid.cells.items()}
        guilty = culprits(instances, values, partial(likeness, grid, pues), partial(tells, grid))
        told = [one for one in guilty if one.key not in wrong]
        for one in told:
            findings.append(finding(grid, one))
            computed |= {frozenset(its.way.cells) for its in one.against}
            excused |= {grid.cells[key].place for fixed in one.fixed for key in fixed.way.cells}
        if not told:
            break
        wrong |= {one.key for one in told}
        grid = _corrected(grid, told)
    values = {key: _bounds(amount) for key, amount in grid.cells.items()}
    holding = [one for one in instances if one.holds(values)]
    findings += mixed(grid, totals(grid))
    return Read(tuple(findings), *_vouched(grid, holding, wrong), frozenset(excused))


def _vouched(grid: Grid, holding: list[Instance], wrong: set[Key]) -> _Places:
    """Places of figures that relations confirm, that products do, and that units do."""
    vouchers: dict[Key, list[Instance]] = {}
    for one in holding:
        for key in one.way.cells:
            if key not in wrong:
                vouchers.setdefault(key, []).append(one)
    added = {key for key, some in vouchers.items() if any(one.sure for one in some) or len(some) > 1}
    products = {key for key, some in vouchers.items() if sum(not one.way.is_sum for one in some) > 1}
    strict = {
        key
        for key, some in vouchers.items()
        if any(one.strict and not one.way.is_sum and one.way.shift < 0 for one in some)
    }
    found = [frozenset(grid.cells[key].place for key in keys) for keys in (added, products | strict, strict)]
    return found[0], found[1], found[2]


def _corrected(grid: Grid, guilty: list[Culprit]) -> Grid:
    """The grid with the values that wrong cells should have, so that the others are learned from it."""
    found = dict(grid.cells)
    for one in guilty:
        low, high = one.value
        middle, half = (low + high) / 2, max((high - low) / 2, 1e-12)
        found[one.key] = found[one.key]._replace(value=middle, low=middle, high=middle, slack=half, rough=half)
    return grid._replace(cells=found)


def _bounds(amount: Amount) -> Interval:
    return (amount.value, amount.value) if amount.slack == 0.0 else bounds(amount)
