"""Two runs term by term: what each term is, and what it contributes to the ratio and to the difference.

    IT energy = sum over kinds of devices of  duration x mean power
    energy    = IT energy x overhead of the site
    carbon    = energy x intensity of the grid, or of contracts and the rest          cost = energy x price
    water     = IT energy x water of site and grid
    embodied  = sum over kinds of parts of  duration x what making them emitted, for an hour

Contributions are those of the logarithmic mean Divisia decomposition (account/divisia.py), draw by draw, so that
what both runs share (a calibration, a grid factor) cancels. Method and limits: docs/methods/comparing.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from math import copysign, exp, fsum, inf, isfinite, nan
from typing import Final, NamedTuple

from joulebook.account.causes import causes
from joulebook.account.configuration import Difference
from joulebook.account.divisia import closed, log_mean, log_ratio, split
from joulebook.account.factors import (
    DURATION,
    INTENSITY,
    MADE,
    MARKET,
    OVERHEAD,
    POWER,
    PRICE,
    WATER,
    Term,
    ratio,
    terms_of,
    whole,
)
from joulebook.account.terms import (
    CARBON,
    CARBON_MARKET,
    EMBODIED,
    FACILITY,
    IT_ENERGY,
    MONEY,
    WATER_GRID,
    WATER_SITE,
    Statement,
)
from joulebook.draws import N_DRAWS
from joulebook.quantity import Quantity, derived

SCHEMA: Final = "joulebook.comparison/1"
_LINES: Final = {
    "it_energy": (IT_ENERGY,),
    "energy": (FACILITY,),
    "carbon": (CARBON,),
    "carbon_market": (CARBON_MARKET,),
    "carbon_embodied": (EMBODIED,),
    "water": (WATER_SITE, WATER_GRID),
    "cost": (MONEY,),
}
FIGURES: Final = tuple(_LINES)
_RATES: Final = {
    "it_energy": (),
    "energy": (OVERHEAD,),
    "carbon": (OVERHEAD, INTENSITY),
    "carbon_market": (OVERHEAD, MARKET),
    "carbon_embodied": (),
    "water": (WATER,),
    "cost": (OVERHEAD, PRICE),
}
_ORDER: Final = (DURATION, POWER, MADE, OVERHEAD, INTENSITY, MARKET, WATER, PRICE)
_UNITS: Final = {"carbon": "kgCO2e", "carbon_market": "kgCO2e", "carbon_embodied": "kgCO2e", "water": "L"}
"""Of figures that are neither energy nor money."""
_NONE: Final = {POWER: Quantity.exact(0.0, "kW"), MADE: Quantity.exact(0.0, "kgCO2e/h"), "1": Quantity.exact(1.0)}


class Effect(NamedTuple):
    """What a term contributes to a figure."""

    name: str
    kind: str
    change: Quantity
    """In the figure's unit; the effects sum to the difference."""
    log: Quantity | None
    """Its part of ln(B / A); the effects sum to it, and their exponentials multiply to the ratio."""


class Compared(NamedTuple):
    """One figure of both runs, in the unit of the schema."""

    figure: str
    before: Quantity | None
    after: Quantity | None
    ratio: Quantity | None = None
    difference: Quantity | None = None
    """B - A."""
    effects: tuple[Effect, ...] = ()
    rounding: float = 0.0
    """What the effects lack of the difference because floating point cannot hold it: almost always 0."""
    log_rounding: float = 0.0
    reason: str = ""
    """Why there are no effects."""

    @property
    def differs(self) -> bool | None:
        """Whether these measurements tell the runs apart: whether the interval of the ratio is without 1."""
        if self.difference is None or isfinite(self.difference.low + self.difference.high) is False:
            return None
        return not self.difference.low <= 0 <= self.difference.high


class Comparison(NamedTuple):
    """Run B compared with run A."""

    a: Statement
    b: Statement
    terms: tuple[Term, ...]
    figures: tuple[Compared, ...]
    causes: tuple[str, ...]
    configuration: tuple[Difference, ...] = ()
    """What differs between their recorded configurations; it is not in a statement and is added by the caller."""

    def figure(self, name: str) -> Compared:
        """The comparison of that figure."""
        return next(item for item in self.figures if item.figure == name)

    def as_dict(self) -> dict[str, object]:
        """The document of `joulebook.comparison/1`, ready for JSON (report/schema/comparison-1.json)."""
        return {
            "schema": SCHEMA,
            "a": _side(self.a),
            "b": _side(self.b),
            "figures": [_figure_dict(item) for item in self.figures],
            "terms": [
                {
                    "term": term.name,
                    "kind": term.kind,
                    "a": fields(term.before),
                    "b": fields(term.after),
                    "ratio": fields(term.ratio),
                }
                for term in self.terms
            ],
            "causes": list(self.causes),
            "configuration": [item.as_dict() for item in self.configuration],
        }


def compare(a: Statement, b: Statement) -> Comparison:
    """Run B against run A: terms, contributions to every figure, and what differs in words."""
    terms = terms_of(a, b)
    figures = tuple(_compared(name, a, b, terms) for name in FIGURES)
    return Comparison(a, b, tuple(terms), figures, tuple(causes(a, b)))


def fields(quantity: Quantity | None) -> dict[str, float | str] | None:
    """The five fields of a quantity in its own unit; None where an end of it is not finite."""
    if quantity is None:
        return None
    plain = quantity.as_dict()
    return plain if isfinite(quantity.value + quantity.low + quantity.high) else None


# -- figures ----------------------------------------------------------------------------------------------------


class _Sides(NamedTuple):
    """What the contributions to one figure are computed from: values and draws of factors, in the schema's units."""

    shared: list[tuple[str, Quantity, Quantity]]
    """Factors that all devices have in common: duration, then rates."""
    powers: list[tuple[str, Quantity, Quantity]]
    """Mean power by device kind."""
    ends: list[tuple[float, float]]
    """The figure of each kind, as the two statements have it."""

    @property
    def operands(self) -> list[Quantity]:
        return [quantity for _, *pair in (*self.shared, *self.powers) for quantity in pair]


def _compared(figure: str, a: Statement, b: Statement, terms: Sequence[Term]) -> Compared:
    before, after = (getattr(side, figure) for side in (a, b))
    if before is not None and after is not None and before.unit.dims == after.unit.dims:
        unit = before.unit.symbol if figure == "cost" else _UNITS.get(figure, "kWh")
        before, after = before.to(unit), after.to(unit)
    reason = _obstacle(figure, a, b, terms)
    if reason:
        return Compared(figure, before, after, reason=reason)
    change = after.value - before.value
    sides = _sides(figure, a, b, terms)
    parts, rounding = closed(_values(sides), change)
    whole = ratio(before, after)
    logs, log_rounding = _logs(parts, before.value, after.value)
    operands, count = sides.operands, len(sides.powers)
    each = _each(figure)
    names = [(name, "") for name, *_ in sides.shared] + [(each, kind) for kind, *_ in sides.powers]
    effects = []
    for k, (name, kind) in enumerate(names):
        of_change = partial(_effect, k, count)
        moved = derived("contribution", of_change, operands, parts[k], before.unit)
        log = derived("contribution", partial(_log_effect, k, count), operands, logs[k], "1") if whole else None
        effects.append(Effect(name, kind, moved, log))
    effects.sort(key=lambda effect: _ORDER.index(effect.name))
    difference = derived("difference", _difference, (before, after), change, before.unit)
    return Compared(figure, before, after, whole, difference, tuple(effects), rounding, log_rounding)


def _obstacle(figure: str, a: Statement, b: Statement, terms: Sequence[Term]) -> str:
    """Why a figure cannot be taken apart; "" where it can."""
    word = figure.replace("_", " ").replace("it ", "IT ")
    values = [(name, getattr(side, figure)) for name, side in (("A", a), ("B", b))]
    unknown = [name for name, quantity in values if quantity is None]
    if unknown:
        return f"{word} of {' and of '.join(unknown)} is unknown: it is not taken apart"
    symbols = [quantity.unit.symbol for _, quantity in values]
    if values[0][1].unit.dims != values[1][1].unit.dims:
        return f"{word} of A is in {symbols[0]} and of B in {symbols[1]}: nothing converts one into the other"
    for name, side in (("A", a), ("B", b)):
        if side.duration is None or side.duration.value <= 0:
            return f"the duration of {name} is {'unknown' if side.duration is None else 'zero'}: it has no mean power"
    for term in terms:
        for name, quantity in (("A", term.before), ("B", term.after)):
            if term.name in _RATES[figure] and term.name != OVERHEAD and quantity is None:
                return f"the {term.word} of {name} is unknown: its {word} is not taken apart"
    return ""


def _sides(figure: str, a: Statement, b: Statement, terms: Sequence[Term]) -> _Sides:
    """Overhead that one side does not count is the factor 1 there, as in its statement; so is no device no power."""
    shared, powers = [], []
    for term in terms:
        if term.name == DURATION or term.name in _RATES[figure]:
            unit = term.before or term.after
            if unit is not None:
                shared.append((term.name, term.before or _NONE["1"], term.after or _NONE["1"]))
        elif term.name == _each(figure) and term.kind:
            none = _NONE[term.name]
            before, after = (none if side is None else side.to(none.unit) for side in (term.before, term.after))
            powers.append((term.kind, before, after))
    ends = [tuple(_end(side, figure, kind) for side in (a, b)) for kind, *_ in powers]
    return _Sides(shared, powers, ends)  # type: ignore[arg-type] # two sides


def _each(figure: str) -> str:
    """The term of which every kind of device has one of its own."""
    return MADE if figure == "carbon_embodied" else POWER


def _end(statement: Statement, figure: str, kind: str) -> float:
    """The value of a figure for the devices of a kind, in the unit of the schema."""
    lines = [line for one in _LINES[figure] for line in whole(statement, one)]
    lines = lines or (whole(statement, IT_ENERGY) if figure == "energy" else [])
    unit = (lines[0].quantity.unit.symbol if lines else "") if figure == "cost" else _UNITS.get(figure, "kWh")
    return fsum(line.quantity.to(unit).value for line in lines if line.device_kind == kind)


def _values(sides: _Sides) -> list[float]:
    """Contributions at the values: those of each kind, added up where a factor is common to all."""
    columns: list[list[float]] = [[] for _ in sides.shared]
    powers = []
    uncertain = [k for k, (_, *pair) in enumerate(sides.shared, 1) if not all(one.is_exact for one in pair)]
    for (_, *power), ends in zip(sides.powers, sides.ends, strict=True):
        factors = [power, *(pair for _, *pair in sides.shared)]
        before, after = ([max(pair[side].value, 0.0) for pair in factors] for side in (0, 1))
        parts = split(before, after, (max(ends[0], 0.0), max(ends[1], 0.0)), (0, *uncertain))
        powers.append(parts[0])
        for column, part in zip(columns, parts[1:], strict=True):
            column.append(part)
    return [fsum(column) for column in columns] + powers


def _logs(parts: Sequence[float], before: float, after: float) -> tuple[list[float], float]:
    """The contributions as parts of ln(B / A), and what they lack of it."""
    if before <= 0 or after <= 0:
        return [nan] * len(parts), 0.0
    mean = log_mean(before, after)
    return closed([part / mean for part in parts], log_ratio(before, after))


# -- draw by draw -----------------------------------------------------------------------------------------------


def _difference(before: float, after: float) -> float:
    return after - before


@lru_cache(maxsize=4 * N_DRAWS)
def _at_draw(kinds: int, draws: tuple[float, ...]) -> tuple[tuple[float, ...], float, float]:
    """Contributions, figure of A and figure of B at one draw; a draw below zero is zero, as no amount is less."""
    befores, afters = ([max(draw, 0.0) for draw in draws[side::2]] for side in (0, 1))
    common = len(befores) - kinds
    columns: list[list[float]] = [[] for _ in range(common)]
    powers, starts, ends = [], [], []
    for k in range(common, common + kinds):
        before, after = [*befores[:common], befores[k]], [*afters[:common], afters[k]]
        *shared, power = split(before, after)
        for column, part in zip(columns, shared, strict=True):
            column.append(part)
        powers.append(power)
        starts.append(_product(before))
        ends.append(_product(after))
    return (*map(fsum, columns), *powers), fsum(starts), fsum(ends)


def _product(factors: Iterable[float]) -> float:
    result = 1.0
    for factor in factors:
        result *= factor
    return result


def _effect(k: int, kinds: int, *draws: float) -> float:
    return _at_draw(kinds, draws)[0][k]


def _log_effect(k: int, kinds: int, *draws: float) -> float:
    parts, start, end = _at_draw(kinds, draws)
    mean = log_mean(start, end)
    if mean > 0:
        return parts[k] / mean
    return copysign(inf, parts[k]) if parts[k] else 0.0


# -- the document -------------------------------------------------------------------------------------------------


def _side(statement: Statement) -> dict[str, object]:
    names = ("run", "name", "status", "started", "edition", "region", "site")
    return {name: getattr(statement, name) for name in names}


def _figure_dict(item: Compared) -> dict[str, object]:
    return {
        "figure": item.figure,
        "a": fields(item.before),
        "b": fields(item.after),
        "ratio": fields(item.ratio),
        "difference": fields(item.difference),
        "differs": item.differs,
        "effects": [
            {
                "term": effect.name,
                "kind": effect.kind,
                "change": fields(effect.change),
                "log": fields(effect.log),
                "factor": exp(effect.log.value) if effect.log is not None and isfinite(effect.log.value) else None,
            }
            for effect in item.effects
        ],
        "rounding": item.rounding,
        "log_rounding": item.log_rounding,
        "reason": item.reason,
    }
