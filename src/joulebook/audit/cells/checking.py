"""Cells that break what their table obeys elsewhere: one finding for a slip, whatever follows from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import combinations
from typing import Final, NamedTuple

from joulebook.audit.cells.blame import Culprit, culprits, holds
from joulebook.audit.cells.grid import Grid, Key, additive, bounds, grid_of, turned, what
from joulebook.audit.cells.law import Instance, Interval, Law
from joulebook.audit.cells.learned import laws
from joulebook.audit.cells.likeness import natural
from joulebook.audit.cells.totals import Total, closes, folds, totals
from joulebook.audit.finding import Finding, printed, shown
from joulebook.audit.reading.amount import Amount, Document, Place, Table

_MOST_TURNED: Final = 20
"""Rows of a table that is read with rows for columns as well."""
_UNSURE: Final = 0.9
"""Confidence up to which a finding of another rule gives way to a product that holds."""
_ROUNDS: Final = 4
"""How often a table is learned anew after cells were corrected."""
_MOST_ROWS: Final = 400
"""Rows of a table that are held against its laws."""
_SPECIAL: Final = re.compile(
    r"estimat|partial|exclud|without|dedicated|pro[- ]?rata|assum|approx|incomplete|missing|interpolat|provisional"
    r"|geschätzt|teilweise|vorläufig|ohne|sauf|provisoire",
    re.IGNORECASE,
)
"""Words of a row that is unlike the others for a reason."""
_FOLDED: Final = ("time", "power", "count", "number")
"""Kinds of which the figure of a total row may be the largest or the mean."""
_BASED: Final = ("mass", "number")
"""Kinds that may be emissions, which have bases."""
_SHARE: Final = re.compile(r"share|anteil|\bpart\b|percentage of|% of|proportion", re.IGNORECASE)


class Read(NamedTuple):
    """What the columns of a table tell: findings, and places of figures that are vouched for or follow from a slip."""

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
        """Whether the columns explain a figure that another rule cannot: it follows from others, or from a slip."""
        place = finding.place
        if finding.rule == "sum":
            return place in self.vouched or place in self.excused
        if finding.rule in ("product", "double-count", "percentage"):
            return place in self.multiplied or place in self.excused
        return finding.rule in ("unit-slip", "magnitude") and place in self.by_units and finding.confidence <= _UNSURE


def columns(document: Document) -> Read:
    """What the tables of a document obey, and where they do not."""
    pues = {
        field.amount.value: field.label
        for record in document.every_record()
        for field in record.fields
        if re.search(r"\bpue\b", field.label) and 1 < field.amount.value < 3
    }
    for found in re.finditer(r"PUE\D{0,12}?(\d[.,]\d+)", document.text):
        pues[float(found[1].replace(",", "."))] = "PUE"
    reads = [_of_table(table, pues) for table in document.tables]
    return Read(
        tuple(finding for read in reads for finding in read.findings),
        frozenset(place for read in reads for place in read.vouched),
        frozenset(place for read in reads for place in read.multiplied),
        frozenset(place for read in reads for place in read.by_units),
        frozenset(place for read in reads for place in read.excused),
    )


def _of_table(table: Table, pues: dict[float, str]) -> Read:
    """What the columns of a table tell; what its rows do, where they tell nothing."""
    grid = grid_of(table)
    found = _of_grid(grid, pues)
    if found.vouched or found.findings or len(grid.rows) > _MOST_TURNED:
        return found
    return _of_grid(turned(grid), pues, whole=False)


def _of_grid(grid: Grid, pues: dict[float, str], *, whole: bool = True) -> Read:
    findings: list[Finding] = []
    excused: set[Place] = set()
    wrong: set[Key] = set()
    for _ in range(_ROUNDS):
        known, guilty = _round(grid, pues, whole=whole)
        told = [one for one in guilty if one.key not in wrong]
        for one in told:
            findings.append(_finding(known.grid, known.learned, one))
            excused |= {grid.cells[key].place for fixed in one.fixed for key in fixed.cells}
        if not told:
            break
        wrong |= {one.key for one in told}
        grid = _corrected(grid, told)
    findings += _mixed(grid, known.totals)
    vouchers: dict[Key, list[Instance]] = {}
    values = {key: _bounds(amount) for key, amount in grid.cells.items()}
    for instance in known.instances:
        if holds(instance, values):
            for key in instance.cells:
                if key not in wrong:
                    vouchers.setdefault(key, []).append(instance)
    added = {key for key, some in vouchers.items() if any(one.sure for one in some) or len(some) > 1}
    products = {key for key, some in vouchers.items() if sum(not one.is_sum for one in some) > 1}
    strict = {key for key, some in vouchers.items() if any(_is_strict(one, known.learned) for one in some)}
    vouched, multiplied, by_units = (
        frozenset(grid.cells[key].place for key in keys) for keys in (added, products | strict, strict)
    )
    return Read(tuple(findings), vouched, multiplied, by_units, frozenset(excused))


def _is_strict(one: Instance, learned: list[Law]) -> bool:
    return one.law >= 0 and learned[one.law].strict


class _Known(NamedTuple):
    """What is known of a grid in one round."""

    grid: Grid
    totals: list[Total]
    learned: list[Law]
    instances: list[Instance]


def _round(grid: Grid, pues: dict[float, str], *, whole: bool = True) -> tuple[_Known, list[Culprit]]:
    """What the rows obey, and the cells that break it."""
    found = totals(grid)
    summed = {one.row for one in found}
    parts = [row for row in range(len(grid.rows)) if row not in summed][:_MOST_ROWS]
    learned = laws(grid, parts, whole=whole)
    instances = [*_of_laws(grid, learned, parts, sorted(summed)), *_of_totals(grid, found)]
    values = {key: _bounds(amount) for key, amount in grid.cells.items()}
    guilty = culprits(instances, values, partial(natural, grid, pues), partial(_tells, grid))
    return _Known(grid, found, learned, instances), guilty


def _corrected(grid: Grid, guilty: list[Culprit]) -> Grid:
    """The grid with the values that wrong cells should have, so that the others are learned from it."""
    cells = dict(grid.cells)
    for one in guilty:
        low, high = one.value
        middle, half = (low + high) / 2, max((high - low) / 2, 1e-12)
        cells[one.key] = cells[one.key]._replace(value=middle, low=middle, high=middle, slack=half, rough=half)
    return grid._replace(cells=cells)


def _bounds(amount: Amount) -> Interval:
    return (amount.value, amount.value) if amount.slack == 0.0 else bounds(amount)


# -- relations in rows and columns -------------------------------------------------------------------------------------


def _of_laws(grid: Grid, learned: list[Law], parts: list[int], whole: list[int]) -> Iterator[Instance]:
    for at, law in enumerate(learned):
        words = " x ".join(grid.names[column] for column in law.columns)
        for row in [*parts, *whole]:
            if any((row, column) not in grid.cells for column in law.columns):
                continue
            if row in whole and not _is_for_totals(grid, law, row, parts):
                continue
            cells = tuple((row, column) for column in law.columns)
            sure, strict = law.natural, law.strict or law.is_sum or law.shift >= 0
            yield Instance(at, words, cells, law.signs, (law.low, law.high), law.is_sum, sure, strict, law.shift)


def _is_for_totals(grid: Grid, law: Law, row: int, parts: list[int]) -> bool:
    """Whether a law of rows holds for totals as well: sums, fixed ratios, and ratios of two that add up."""
    if law.is_sum or law.shift >= 0:
        return True
    adding = [column for column in law.columns if additive(grid, column)]
    others = [column for column in law.columns if column not in adding]
    if len(law.columns) == 2:
        return law.signs[0] != law.signs[1] and len(adding) >= (1 if law.natural else 2)
    if len(law.columns) != 3 or len(adding) != 2 or not others:
        return False
    signs = [law.signs[law.columns.index(column)] for column in adding]
    rates = [grid.cells[part, others[0]] for part in parts if (part, others[0]) in grid.cells]
    return signs[0] != signs[1] and not _is_plain_mean(grid.cells[row, others[0]], rates)


def _is_plain_mean(stated: Amount, parts: list[Amount]) -> bool:
    """Whether the figure of a total row is the mean, the middle, the largest or the least of the rows."""
    values = sorted(part.value for part in parts)
    if not values:
        return True
    folded = (
        values[0],
        values[-1],
        sum(values) / len(values),
        values[len(values) // 2],
        values[(len(values) - 1) // 2],
    )
    return any(abs(stated.value - one) <= 1.01 * stated.slack for one in folded)


def _of_totals(grid: Grid, found: list[Total]) -> Iterator[Instance]:
    for total in found:
        for column in range(len(grid.names)):
            stated = grid.cells.get((total.row, column))
            if total.mixed and stated is not None and stated.kind in _BASED:
                continue
            rows = [part for part in total.parts if (part, column) in grid.cells]
            amounts = [grid.cells[part, column] for part in rows]
            if stated is None or len(amounts) < 2 or not additive(grid, column):
                continue
            unknown = any(_is_unknown(grid, part, column) for part in total.parts if part not in rows)
            if not closes(stated, amounts) and (unknown or not _has_to_close(grid, column, stated, amounts, total)):
                continue
            cells = ((total.row, column), *((part, column) for part in rows))
            yield Instance(-1, grid.names[column], cells, (1, *(-1 for _ in rows)), is_sum=True, sure=True, strict=True)


def _is_unknown(grid: Grid, row: int, column: int) -> bool:
    """Whether a cell says that its figure is not known, unlike a dash for none."""
    return any(name == grid.names[column] and re.search(r"[A-Za-z?]", text) for name, text in grid.rows[row].texts)


def _has_to_close(grid: Grid, column: int, stated: Amount, amounts: list[Amount], total: Total) -> bool:
    """Whether a total that does not close is one, and no mean, maximum or share of something else."""
    if stated.kind in _FOLDED:
        whole = all(float(one.value).is_integer() for one in (stated, *amounts))
        others = total.closing > 1 and whole and stated.kind in ("count", "number")
        if folds(stated, amounts, loosely=not others):
            return False
        if not others and stated.kind in ("count", "number") and stated.value < max(part.value for part in amounts):
            return False
    if stated.kind == "percent" and not (_SHARE.search(grid.names[column]) and abs(stated.value - 100) < 25):
        return False
    return total.row != grid.outer or not _closes_with_more(grid, stated, amounts)


def _closes_with_more(grid: Grid, stated: Amount, amounts: list[Amount]) -> bool:
    """Whether a total beside a list closes with figures that stand beside it as well: what is idle, a base load."""
    more = [
        field.amount
        for field in grid.rows[grid.outer].fields
        if what(field.amount) == what(stated) and field.amount is not stated
    ]
    some = [[one] for one in more] + [[one, other] for one, other in combinations(more, 2)]
    return any(closes(stated, [*amounts, *added]) for added in some)


# -- findings ----------------------------------------------------------------------------------------------------------


def _tells(grid: Grid, one: Culprit) -> bool:
    """Whether a cell is told: a relation without a learned constant breaks, or it looks like a known slip."""
    sure = [fixed for fixed in one.fixed if fixed.sure]
    is_factor = "factor" in one.natural
    if not sure and not (is_factor or ("digit" in one.natural and not any(other.sure for other in one.against))):
        return False
    is_special = _SPECIAL.search(grid.rows[one.key[0]].words) is not None
    return bool(one.natural) or any(fixed.is_sum for fixed in sure) or not is_special


def _finding(grid: Grid, learned: list[Law], one: Culprit) -> Finding:
    amount = grid.cells[one.key]
    middle = (one.value[0] + one.value[1]) / 2
    ratio = amount.value / middle if middle else 0.0
    best = max(one.fixed, key=lambda fixed: (fixed.sure, not fixed.is_sum, -len(fixed.cells)))
    is_factor = "factor" in one.natural
    grave = not 0.5 < ratio < 2 or is_factor
    rule = (
        "unit-slip" if is_factor and "factor of 10" not in one.natural.split(",")[0]
        else "double-count" if "PUE" in one.natural
        else "percentage" if best.shift >= 0 or amount.kind == "percent"
        else "sum" if best.is_sum else "product"
    )  # fmt: skip
    computed = shown(middle, amount.kind, amount)
    evidence = f"{_arithmetic(grid, learned, best, one.key)} = {computed}, stated {printed(amount)}"
    if abs(ratio - 1) > 0.004:
        evidence += f"; stated / computed = {ratio:.4g}"
    others = [fixed for fixed in one.fixed if fixed is not best]
    if others:
        evidence += f"; {len(others)} more relation{'s' if len(others) > 1 else ''} of the table would close with it"
    remedy = f"they differ by {one.natural}" if one.natural else "correct this figure, or those that it follows from"
    if twice := _twice(grid, one):
        rule, remedy = "double-count", f"it is larger by {twice}, which stands among its parts: counted twice"
    sure = 0.95 if others or one.natural else 0.85
    return Finding(rule, "high" if grave else "medium", sure, amount.place, evidence, remedy)


def _twice(grid: Grid, one: Culprit) -> str:
    """The figure of the same column by which a total is too large."""
    amount = grid.cells[one.key]
    more = amount.value - (one.value[0] + one.value[1]) / 2
    slack = amount.slack + (one.value[1] - one.value[0]) / 2
    is_total = any(fixed.is_sum and fixed.law < 0 and fixed.cells[0] == one.key for fixed in one.fixed)
    if not is_total or more <= slack:
        return ""
    column = [other for key, other in grid.cells.items() if key[1] == one.key[1] and key != one.key]
    return next((other.digits for other in column if abs(other.value - more) <= slack + other.slack), "")


def _arithmetic(grid: Grid, learned: list[Law], one: Instance, key: Key) -> str:
    """The calculation that gives a cell from the others."""
    at = one.cells.index(key)
    if one.is_sum:
        terms = [(cell, -one.signs[at] * sign) for cell, sign in zip(one.cells, one.signs, strict=True) if cell != key]
        listed = [f"{'+' if sign > 0 else '-'} {grid.cells[cell].digits}" for cell, sign in terms]
        text = " ".join(listed[:8]).removeprefix("+ ") + (" + ..." if len(listed) > 8 else "")
        rows = len(terms) if one.law < 0 else 0
        return f"the sum of {rows} rows of {one.words!r}: {text}" if rows and at == 0 else f"{_name(grid, key)}: {text}"
    law = learned[one.law]
    if one.shift >= 0:
        _, old, new = (grid.cells[cell].digits for cell in one.cells)
        return f"{_name(grid, key)}: the change from {old} to {new}, as in {law.obeyed} of {law.of} rows"
    up = [cell for cell, sign in zip(one.cells, one.signs, strict=True) if cell != key and sign != one.signs[at]]
    down = [cell for cell, sign in zip(one.cells, one.signs, strict=True) if cell != key and sign == one.signs[at]]
    text = " x ".join(_figure(grid, cell) for cell in up) or "1"
    text += "".join(f" / {_figure(grid, cell)}" for cell in down)
    constant = "" if law.natural else " x the ratio of the other rows"
    return f"{_name(grid, key)}, as in {law.obeyed} of {law.of} rows: {text}{constant}"


def _name(grid: Grid, key: Key) -> str:
    return grid.names[key[1]]


def _figure(grid: Grid, key: Key) -> str:
    amount = grid.cells[key]
    return f"{printed(amount)} ({_name(grid, key)})"


def _mixed(grid: Grid, found: list[Total]) -> Iterator[Finding]:
    """Totals that close only when location-based and market-based rows are added."""
    for total in found:
        keys = [(total.row, column) for column in range(len(grid.names)) if (total.row, column) in grid.cells]
        if not total.mixed or not keys:
            continue
        for key in keys:
            rows = [part for part in total.parts if (part, key[1]) in grid.cells]
            amounts = [grid.cells[part, key[1]] for part in rows]
            amount = grid.cells[key]
            if (
                amount.kind not in _BASED
                or len(amounts) < 2
                or not additive(grid, key[1])
                or not closes(amount, amounts)
            ):
                continue
            listed = " + ".join(part.digits for part in amounts[:8])
            evidence = f"{listed} = {amount.digits}: location-based and market-based emissions are added"
            remedy = "the two are bases of the same emissions: give a total for each"
            yield Finding("mixed-basis", "medium", 0.9, amount.place, evidence, remedy)
