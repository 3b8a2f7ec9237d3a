"""Rows that are totals, and which rows each of them adds up: by words, by groups, by bases, and by what closes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import fsum
from typing import Final, NamedTuple

from joulebook.audit.cells.grid import Grid, bounds
from joulebook.audit.reading.amount import Amount, Record

TOTAL: Final = re.compile(
    r"^\W*(?:grand[ _]|overall[ _]|sub[ -]?|zwischen|sous-)?(?:totals?|totale?n?|totaux|sum|summe|gesamt\w*|insgesamt"
    r"|somme|ensemble|overall|altogether|all\b|both\b|combined|entire|zusammen|alle\b|tous|toutes"
    r"|(?:full |whole |calendar )?year$|year(?:ly)? total|jahr(?:essumme)?$|année$)(?![a-z]*able)"
    r"|\b(?:total|sum|subtotal|gesamt|summe)$",
    re.IGNORECASE,
)
HEAD: Final = re.compile(
    r"\b(?:totale?|sum|summe|gesamt\w*|insgesamt|ensemble|overall|combined)\b|gesamt", re.IGNORECASE
)
"""Words of columns and keys that are totals of others."""
_NO_TOTAL: Final = re.compile(
    r"\b(?:mean|average|median|mittel\w*|durchschnitt\w*|moyenne|max\w*|min\w*|share|%)", re.IGNORECASE
)
_LOOSE: Final = re.compile(r"\W*(?:all|both|alle|tous|toutes|year|combined)\b", re.IGNORECASE)
"""Words of totals that begin other rows as well."""
_OF_WHICH: Final = re.compile(
    r"^\W*(?:of which|thereof|davon|darunter|dont\b|including|incl\b|memo\b|for information)", re.IGNORECASE
)
_EXCLUDED: Final = re.compile(
    r"\bnot (?:included|counted|added)|\bexclu|\boutside|\bwithout\b|nicht enthalten|nicht in|hors total|non compris"
    r"|outside of scopes|biogenic",
    re.IGNORECASE,
)
_LOCATION: Final = re.compile(r"location|\bLB\b|standort|ortsbasiert|localisation")
_MARKET: Final = re.compile(r"market|\bMB\b|markt|marché")


class Total(NamedTuple):
    """A total row: the rows that it adds up, and whether rows of both bases are among them though it should not."""

    row: int
    parts: tuple[int, ...]
    mixed: bool = False
    closing: int = 0
    """Columns that close with these parts."""


def says_total(record: Record) -> bool:
    """Whether words of a row say that it is a total."""
    texts = [record.label, *(text for _, text in record.texts)]
    short = [re.sub(r"[*_`]", "", text).strip() for text in texts if len(text) < 60]
    return any(TOTAL.search(text) for text in short) and not any(_NO_TOTAL.search(text) for text in short)


def totals(grid: Grid) -> list[Total]:
    """The total rows of a grid with their parts, in order."""
    found: list[Total] = []
    filled = {row for row, _ in grid.cells}
    named = {row for row in filled if row == grid.outer or says_total(grid.rows[row])}
    named |= _unnamed(grid, filled, named)
    plain = [row for row in sorted(filled) if row not in named]
    for row in sorted(named):
        tried = [(rows, _closing(grid, row, rows)) for rows in _candidates(grid, row, plain, named, found)]
        if not tried:
            continue
        best = max(tried, key=lambda one: len(one[1][0]) - 0.01 * len(one[1][1]))
        rows, (closed, _) = best
        if not closed and _LOOSE.match(grid.rows[row].words):
            continue
        mixed = False
        if closed and _both(grid, rows):
            other = next((some for some, (well, _) in tried if well and not _both(grid, some)), None)
            rows, mixed = (other, False) if other else (rows, True)
        found.append(Total(row, rows if closed else tried[0][0], mixed, len(closed)))
    return found


_FEWEST: Final = 2
"""Columns that have to close for a row to be a total without words."""


def _unnamed(grid: Grid, filled: set[int], named: set[int]) -> set[int]:
    """The last row of a block, where most of its figures are sums of those above, to the digit."""
    rows = sorted(filled)
    found: set[int] = set()
    for at, row in enumerate(rows):
        if row in named or (at + 1 < len(rows) and rows[at + 1] not in named):
            continue
        begin = max((other + 1 for other in (*named, *found) if other < row), default=0)
        above = [one for one in rows[:at] if one >= begin and one not in named and not stands_aside(grid.rows[one])]
        if len(above) <= _FEWEST:
            continue
        good, bad = _closing(grid, row, above)
        exact = [column for column in good if grid.cells[row, column].value > 0]
        if len(exact) >= _FEWEST and len(exact) > len(bad):
            found.add(row)
    return found


def _candidates(grid: Grid, row: int, plain: list[int], named: set[int], found: list[Total]) -> list[tuple[int, ...]]:
    """Which rows a total may add up, the likeliest first."""
    above = [one for one in plain if one < row]
    last = max((one for one in named if one < row), default=-1)
    since = [one for one in above if one > last]
    own = [one.row for one in found]
    used = {part for one in found for part in one.parts}
    groups = [one for one in above if _group(grid.rows[one]) and _group(grid.rows[one]) == _group(grid.rows[row])]
    following = [one for one in plain if one > row]
    next_total = min((one for one in named if one > row), default=len(grid.rows))
    below = [one for one in following if one < next_total]
    free = [one for one in own if one not in used]
    alone = [one for one in above if one not in used]
    said = _said(grid, row, above)
    lists = [since, groups, said, free, sorted(free + alone), above, own, below, following]
    found_lists: list[tuple[int, ...]] = []
    basis = _basis(grid.rows[row].words)
    for rows in lists:
        kept = [one for one in rows if one != row and not stands_aside(grid.rows[one])]
        bases = {_basis(grid.rows[one].words) for one in kept}
        variants = [kept]
        if {"location", "market"} <= bases:
            wanted = [basis] if basis else ["location", "market"]
            variants = [[one for one in kept if _basis(grid.rows[one].words) in ("", only)] for only in wanted]
            variants.append(kept)
        found_lists += [tuple(one) for one in variants if len(one) >= 2]
    return list(dict.fromkeys(found_lists))


def _said(grid: Grid, row: int, above: list[int]) -> list[int]:
    """The rows whose first words a total names: "Scope 1" of rows that begin with 1."""
    numbers = re.findall(r"[Ss]cope (\d)(?!\s*[+,&])\b", grid.rows[row].words)
    if len(numbers) != 1:
        return []
    return [one for one in above if _of_scope(grid.rows[one], numbers[0])]


def _of_scope(record: Record, number: str) -> bool:
    texts = [text for _, text in record.texts] + [one.amount.text for one in record.fields if "scope" in one.label]
    return any(re.match(rf"(?:Scope )?{number}(?:\.\d+)?(?=\s|$)", text) for text in texts)


def _group(record: Record) -> str:
    """The text of the first column."""
    return record.texts[0][1] if record.texts and len(record.texts) > 1 else ""


def stands_aside(record: Record) -> bool:
    """Whether a row is no part of what is added: "of which", "not included"."""
    return any(
        _OF_WHICH.match(text) or _EXCLUDED.search(text) for text in (record.label, *(t for _, t in record.texts))
    )


def _basis(words: str) -> str:
    location, market = _LOCATION.search(words), _MARKET.search(words)
    return "" if bool(location) == bool(market) else "location" if location else "market"


def _both(grid: Grid, rows: Sequence[int]) -> bool:
    return {"location", "market"} <= {_basis(grid.rows[row].words) for row in rows}


def _closing(grid: Grid, row: int, parts: Sequence[int]) -> tuple[list[int], list[int]]:
    """Columns whose total is the sum of these rows, and columns whose is not."""
    good: list[int] = []
    bad: list[int] = []
    for column in range(len(grid.names)):
        stated = grid.cells.get((row, column))
        amounts = [grid.cells[part, column] for part in parts if (part, column) in grid.cells]
        if stated is None or len(amounts) < 2 or column not in grid.adding:
            continue
        (good if closes(stated, amounts) else bad).append(column)
    return good, bad


def closes(stated: Amount, parts: Sequence[Amount]) -> bool:
    """Whether parts add up to a total within their printed digits."""
    low, high = bounds(stated)
    slack = fsum(part.slack for part in parts) * 1.001
    return low <= fsum(part.high for part in parts) + slack and high >= fsum(part.low for part in parts) - slack


def folds(stated: Amount, parts: Sequence[Amount], *, loosely: bool) -> bool:
    """Whether a "total" is the largest, the least or the mean of the parts; `loosely` anything between them."""
    values = [part.value for part in parts]
    least, most = min(values), max(values)
    if loosely and least <= stated.value <= most and least < most:
        return True
    return any(abs(stated.value - one) <= 1.01 * stated.slack for one in (most, least, fsum(values) / len(values)))
