"""What units demand of the figures of one row or record: energy from power and hours, carbon from energy and intensity.

No formulas are listed: wherever dimensions cancel, a figure may follow from others, and some way has to hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from itertools import product as choices
from math import fsum, log
from statistics import median
from typing import Final, NamedTuple

from joulebook.audit.cells.excuses import is_excused, is_of_others
from joulebook.audit.cells.grid import Grid, Key, Scope, bounds
from joulebook.audit.cells.law import LEAST, SHARE, Instance, Interval, Way
from joulebook.audit.cells.totals import HEAD
from joulebook.audit.reading.amount import Amount
from joulebook.audit.roles import Dimension, dimension, product_of

_MOST: Final = 4
"""Figures of one dimension that are tried."""
_OPTIONAL: Final = {"U": 0.7, "PUE": 0.2, "N": 0.2, "NN": 0.2}
"""What a factor that may be left out adds to how far a way is off."""
_MOST_WAYS: Final = 12
"""Ways that are kept of those that do not hold, the likeliest first."""
_FACTORS: Final = 3
"""Factors with a dimension of one product."""
_RESULTS: Final = ("E", "C", "W", "K", "DH", "P", "N")
"""Roles of what follows from other figures; amounts of a period do as well."""
_UNITS: Final = 0.012
"""How closely a factor of thousands has to be met."""
_MOST_STATED: Final = 4
"""PUEs that are stated elsewhere, above which none of them is that of the document."""
_ADDED_UP: Final = ("DH", "K")
"""Roles of what may be the sum of products of all rows: what has no overhead that could be left unsaid."""
_ALIKE: Final = 0.03
"""Relative difference of ratios that are one."""
_STRANGE: Final = (0.3, 3.0)
"""Beyond these a common ratio of all rows is no term that was left out."""
_STRANGER: Final = (0.2, 5.0)
"""The same of one row where all others differ as well."""
_WILDEST: Final = 2e6
"""Ratio beyond which a number of things is one of other things."""


class Part(NamedTuple):
    """A figure with its dimension."""

    key: Key
    amount: Amount
    of: Dimension
    name: str
    bounds: Interval


class _Shape(NamedTuple):
    """What a relation is between: the dimension of the result, and those of its factors."""

    result: str
    factors: frozenset[frozenset[tuple[str, int]]]


class _Try(NamedTuple):
    """One way in which a figure may follow, whether a miss of it tells anything, and stated to computed."""

    way: Way
    accuses: bool
    ratio: float
    parts: tuple[Part, ...]
    holds: bool


class _Demand(NamedTuple):
    """All ways of one shape in a row; whether there is but one figure for each of its terms."""

    row: int
    shape: _Shape
    tries: tuple[_Try, ...]
    is_unique: bool
    words: str


# -- records and rows --------------------------------------------------------------------------------------------------


def of_records(grid: Grid, scopes: Iterable[Scope], pues: Sequence[float]) -> Iterator[Instance]:
    """What has to hold in single records; of nested ones, first in the inner."""
    known: set[tuple[Key, _Shape]] = set()
    for scope in scopes:
        own, around = _parts(grid, scope.inner), _parts(grid, scope.outer)
        for demand in _demands(own, around, pues, row=0, words=_words(grid, scope.inner, scope.record.words)):
            results = {(one.way.cells[0], demand.shape) for one in demand.tries}
            if results & known:
                continue
            known |= results
            instance = _instance(demand, sorted(demand.tries, key=_nearness))
            if instance is not None:
                yield instance


def _nearness(one: _Try) -> tuple[bool, float]:
    """A factor of thousands first, as between units, then what is nearest."""
    thousands = log(one.ratio) / log(1000)
    is_of_units = round(thousands) != 0 and abs(thousands - round(thousands)) * log(1000) < _UNITS
    return not is_of_units, _distance(one)


def _distance(one: _Try) -> float:
    """How far a way is off, as logarithm, and how much is in it that need not be."""
    return abs(log(one.ratio)) + sum(_OPTIONAL.get(part.of.role, 0.0) for part in one.parts[1:])


def of_rows(grid: Grid, rows: Sequence[int], pues: Sequence[float]) -> Iterator[Instance]:
    """What has to hold in the rows of a table, where it does in most of them; or in none for a known reason."""
    around = _parts(grid, grid.keys_around())
    by_shape: dict[_Shape, list[_Demand]] = {}
    for row in rows:
        own = _parts(grid, grid.row_of(row))
        words = f"{_words(grid, grid.row_of(row), grid.rows[row].words)} {grid.title}"
        for demand in _demands(own, around, pues, row=row, words=words):
            by_shape.setdefault(demand.shape, []).append(demand)
    for demands in by_shape.values():
        yield from _of_shape(demands)
    for result in _parts(grid, sorted(grid.beside)) if len(rows) > 1 else ():
        if result.of.role in _ADDED_UP:
            yield from _added_up(grid, rows, result)


def _added_up(grid: Grid, rows: Sequence[int], result: Part) -> Iterator[Instance]:
    """A figure beside the rows as the sum of products that no column states: device-hours of all jobs together."""
    found: dict[tuple[object, ...], list[Interval]] = {}
    names: dict[tuple[object, ...], str] = {}
    for row in rows:
        own = _parts(grid, grid.row_of(row))
        if any(part.of.role == result.of.role for part in own):
            return
        for demand in _demands([*own, result], [], (), row=row, words=""):
            for one in demand.tries:
                if one.accuses and demand.shape.result == result.of.role and len(one.parts) > 2:
                    way = Way(one.way.cells, one.way.signs, one.way.constant)
                    value = way.implied(result.key, {part.key: part.bounds for part in one.parts})
                    if value is not None:
                        found.setdefault(_columns(way), []).append(value)
                        names[_columns(way)] = " x ".join(part.name for part in one.parts[1:])
    sums = {
        way: (fsum(low for low, _ in values), fsum(high for _, high in values))
        for way, values in found.items()
        if len(values) == len(rows)
    }
    ways = [Way((result.key,), (1,), is_sum=True, offset=value) for value in sums.values()]
    if ways:
        name = f"the sum over {len(rows)} rows of {names[next(iter(sums))]}"
        yield Instance(ways[0], name, None, tuple(ways[1:]), sure=len(ways) == 1, directed=True)


def _of_shape(demands: list[_Demand]) -> Iterator[Instance]:
    """The relations of one shape in all rows."""
    holding = [[one.way for one in demand.tries if one.holds] for demand in demands]
    counts: dict[tuple[object, ...], int] = {}
    for ways in holding:
        for way in ways:
            counts[_columns(way)] = counts.get(_columns(way), 0) + 1
    bad = []
    for demand, ways in zip(demands, holding, strict=True):
        likeliest = sorted(demand.tries, key=lambda one: (-counts.get(_columns(one.way), 0), _distance(one)))
        if not ways:
            bad.append((demand, likeliest))
        elif (instance := _instance(demand, tuple(likeliest))) is not None:
            yield instance
    many = len(demands) - len(bad)
    for demand, tries in _unlike(bad, len(demands)):
        if (instance := _instance(demand, tuple(tries), among=many)) is not None:
            yield instance


def _unlike(bad: list[tuple[_Demand, list[_Try]]], many: int) -> list[tuple[_Demand, list[_Try]]]:
    """Of rows that mostly do not close: those unlike the others, or the first where all are off by a strange factor.

    Where all rows are off by the same few per cent, a term is not told that all of them have.
    """
    if len(bad) < LEAST or len(bad) < SHARE * many:
        return bad
    ratios = [tries[0].ratio for _, tries in bad]
    middle = median(ratios)
    off = [abs(ratio / middle - 1) for ratio in ratios]
    if sum(one < _ALIKE for one in off) < SHARE * len(bad):
        return [one for one, ratio in zip(bad, ratios, strict=True) if not _STRANGER[0] < ratio < _STRANGER[1]]
    if not _STRANGE[0] < middle < _STRANGE[1]:
        return [one for one, its in zip(bad, off, strict=True) if its < _ALIKE][:1]
    return [one for one, its in zip(bad, off, strict=True) if its >= _ALIKE]


def _columns(way: Way) -> tuple[object, ...]:
    return tuple(key[1] for key in way.cells), way.signs, way.constant


def _instance(demand: _Demand, tries: Sequence[_Try], among: int = 0) -> Instance | None:
    """The relation of a row, the way first that a miss would be told by; None where it holds no water.

    `among` as many rows in which it holds, words need not explain a miss.
    """
    holding = [one for one in tries if one.holds]
    if not holding and any(one.amount.ranged for one in tries[0].parts):
        return None
    accusing = [one for one in tries if one.accuses]
    if not holding and (not accusing or (among < LEAST - 1 and _is_excused(demand, accusing))):
        return None
    first = (holding or accusing)[0]
    others = tuple(one.way for one in (*holding, *tries[:_MOST_WAYS]) if one is not first)
    name = f"{first.parts[0].name} = {' x '.join(part.name for part in first.parts[1:])}"
    sure = demand.is_unique or among >= LEAST - 1
    return Instance(first.way, name, None, others, sure=sure, strict=sure, directed=True)


def _is_excused(demand: _Demand, accusing: Sequence[_Try]) -> bool:
    """Whether words tell why the nearest way need not hold."""
    nearest = min(accusing, key=_distance)
    ratio = nearest.ratio
    if any(name.startswith("n:") for part in nearest.parts for name in [part.of.role]):
        return not demand.is_unique or not 1 / _WILDEST < ratio < _WILDEST
    of = [part.of for part in nearest.parts]
    is_told = any(part.of.role == "PUE" for one in demand.tries for part in one.parts)
    return is_excused(nearest.parts[0].name, of, ratio, demand.words, is_told=is_told)


def _words(grid: Grid, keys: Iterable[Key], words: str) -> str:
    return " ".join([words, *(grid.name(key) for key in keys)])


def _parts(grid: Grid, keys: Iterable[Key]) -> list[Part]:
    found = []
    for key in keys:
        amount, name = grid.cells[key], grid.name(key)
        of = dimension(name, amount)
        if of.role and amount.value > 0:
            found.append(Part(key, amount, of, name, bounds(amount)))
    return found


# -- dimensions --------------------------------------------------------------------------------------------------------


def _demands(own: list[Part], around: list[Part], pues: Sequence[float], *, row: int, words: str) -> Iterator[_Demand]:
    """The relations that dimensions demand between figures of a row and those around it."""
    there = {part.of.role for part in own}
    near = own + [part for part in around if part.of.role not in there]
    groups: dict[frozenset[tuple[str, int]], list[Part]] = {}
    for part in near:
        if not part.of.is_bare:
            groups.setdefault(part.of.powers, []).append(part)
    results: dict[str, list[Part]] = {}
    for part in own:
        if part.of.role in _RESULTS or "/" in part.of.role:
            results.setdefault(part.of.role, []).append(part)
    for role, some in results.items():
        closer = False
        for size in range(_FACTORS + 1):
            for chosen in combinations(groups, size):
                if product_of(Dimension("", one) for one in chosen) != some[0].of.powers or (closer and size > 2):
                    continue
                tries = list(_tries(some[:_MOST], [groups[one] for one in chosen], near, pues))
                if tries:
                    closer = closer or size == 2
                    is_unique = _alone(some) and all(_alone(groups[one]) for one in chosen)
                    yield _Demand(row, _Shape(role, frozenset(chosen)), tuple(tries), is_unique, words)


def _alone(group: list[Part]) -> bool:
    """Whether there is one figure of each role, of IT and of the facility."""
    kinds = [(part.of.role, part.of.overhead) for part in group]
    return len(set(kinds)) == len(kinds)


def _tries(results: list[Part], groups: list[list[Part]], near: list[Part], pues: Sequence[float]) -> Iterator[_Try]:
    """Every choice of figures, with and without numbers of devices, PUE and utilisation."""
    for result in results:
        options = [[part for part in group if part.key != result.key][:_MOST] for group in groups]
        for terms in choices(*options):
            if len(terms) == 1 and not _is_said(result, terms[0]):
                continue
            for signed, constant in _additions(result, terms, near, pues):
                found = _try(result, terms, signed, constant)
                if found is not None:
                    yield found


def _is_said(result: Part, term: Part) -> bool:
    """Whether words say how two figures of one dimension differ: facility and IT, all and each, hours of all."""
    if result.of.powers != term.of.powers:
        return True
    if result.of.role == "E":
        is_whole = result.of.overhead is None and term.of.overhead == 0 and HEAD.search(result.name) is not None
        return is_whole or (result.of.overhead == 1 and term.of.overhead != 1)
    pairs = {("DH", "T"), ("P", "Pd"), ("P", "Pn")}
    return (result.of.role, term.of.role) in pairs and (result.of.role != "P" or result.of.device == 0)


_Signed = tuple[tuple[Part, int], ...]


def _additions(
    result: Part, terms: Sequence[Part], near: list[Part], pues: Sequence[float]
) -> Iterator[tuple[_Signed, float]]:
    """Numbers of devices and servers, PUE and utilisation that may be within a product, and a PUE stated elsewhere."""
    roles = {part.of.role for part in (result, *terms)}
    counted = any(part.of.is_power for part in terms) or roles & {"T", "DH", "PR"} or not terms
    bare = {name: [part for part in near if part.of.role == name and part.key != result.key][:_MOST] for name in
            ("N", "NN", "Npn", "PUE", "U")}  # fmt: skip
    names = ["N", "NN", "Npn"] if counted else []
    names += ["U"] if any(part.of.is_power for part in terms) else []
    sets = [some for size in range(3) for some in combinations(names, size)] if terms else [("NN", "Npn")]
    heats = bool(roles & {"E", "P", "Pd", "Pn", "WUE", "I"}) and result.of.role != "N"
    overheads: list[tuple[_Signed, float]] = [((), 1.0)]
    stated = pues if not bare["PUE"] and len(terms) > 1 and len(pues) <= _MOST_STATED else ()
    if heats:
        signs = (1, -1) if result.of.role == "W" else (1,)
        overheads += [(((part, sign),), 1.0) for part in bare["PUE"] for sign in signs]
        overheads += [((), pue**sign) for pue in stated for sign in signs]
    for some in sets:
        for picked in choices(*(bare[name] for name in some)):
            for signed, constant in overheads:
                yield ((*((part, 1) for part in picked), *signed)), constant


def _try(result: Part, terms: Sequence[Part], added: _Signed, constant: float) -> _Try | None:
    """One way, unless words say that overhead is within where it is not, or the other way round."""
    signed = ((result, -1), *((part, 1) for part in terms), *added)
    parts = tuple(part for part, _ in signed)
    if len(parts) < 3 and constant == 1.0:
        return None
    overhead = _left([(part.of.overhead, sign) for part, sign in signed])
    overhead = overhead if overhead is None or constant == 1.0 else overhead + (1 if constant > 1 else -1)
    has_pue = constant != 1.0 or any(part.of.role == "PUE" for part, _ in added)
    is_more = constant > 1.0 or any(part.of.role == "PUE" and sign > 0 for part, sign in added)
    is_twice = is_more and any(part.of.overhead == 1 and part.of.role != "PUE" for part in terms)
    if is_twice or (overhead not in (0, None) and (has_pue or result.of.overhead != 1)):
        return None
    things = (
        _left([(part.of.device, sign) for part, sign in signed]),
        _left([(part.of.node, sign) for part, sign in signed]),
    )
    is_loose = any(one not in (0, None) for one in things)
    if is_loose and not any(part.of.is_power for part in terms):
        return None
    computed = constant
    for part, sign in signed[1:]:
        value = part.amount.value / (100 if part.amount.kind == "percent" else 1)
        computed *= value**sign
    percents = sum(part.amount.kind == "percent" for part in parts[1:])
    by = constant / 100**percents
    cells, signs = tuple(part.key for part in parts), tuple(sign for _, sign in signed)
    ratio = result.amount.value / computed
    of_others = is_of_others(result.name, result.of, [(part.name, part.of) for part in parts[1:]])
    accuses = not is_loose and not of_others and overhead in (0, None) and ratio > 0
    way = Way(cells, signs, (by, by))
    return _Try(way, accuses, ratio, parts, way.holds({part.key: part.bounds for part in parts}) is True)


def _left(powers: Iterable[tuple[int | None, int]]) -> int | None:
    """The power that is left of a product; None where one of them is not said."""
    total = 0
    for power, sign in powers:
        if power is None:
            return None
        total += sign * power
    return total
