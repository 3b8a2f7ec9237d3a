"""The natural slips: factors that people lose or add, digits that are exchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import floor, log, log10
from typing import Final, NamedTuple

from joulebook.audit.factors import FACTORS
from joulebook.audit.reading.measures import PERIODS
from joulebook.audit.relations.relation import Relation

_CLOSEST: Final = 0.06
"""Relative width within which a factor is met at most."""
_ROUGHEST: Final = 0.075
"""The same for a result of a single digit."""
_SHORT: Final = 1.1
"""Logarithm by which figures of two digits may differ in one of them."""
_ROUNDED: Final = 0.02
"""How far digits may be rounded that are held against others."""
_CLOSER: Final = 0.04
"""The same for proportions and sums."""
DEVICES: Final = 8.0
"""Devices of a server, as most have."""
_MADE_OF: Final = ("device", "node")


_DIGITS: Final = re.compile(r"[^\d.,]+")


class Slip(NamedTuple):
    """A natural slip: what it is, and how naturally it happens (1 as likely as a lost factor of 1,000)."""

    words: str
    weight: float
    size: float = 0.0
    """The factor, where it is one."""
    is_base: bool = False
    """Whether a percentage is of the other base."""
    off: float = 0.0
    """Logarithm by which the ratio is off the factor."""


_WORDS: Final = FACTORS | {
    10.0: "a factor of ten",
    100.0: "a factor of a hundred",
    1.10231: "the factor between short and metric tons",
    30.4: "a factor of 30, as between days and months",
    7.0: "a factor of 7, as between days and weeks",
    DEVICES: "a factor of eight, as between a server and its devices",
}


def _weighed(*some: tuple[float, float]) -> tuple[tuple[float, Slip], ...]:
    """Factors with their slips, from factors and weights."""
    return tuple((size, Slip(_WORDS[size], weight, size)) for size, weight in some)


_TENS: Final = _weighed((1000.0, 1.0), (10.0, 1.0), (1e6, 0.7), (100.0, 0.7), (1e9, 0.5))
_MASSES: Final = _weighed((2.20462, 0.5), (2204.62, 0.5), (1.10231, 0.4))
_ENERGIES: Final = _weighed((3.6, 0.4), (3600.0, 0.4))
_JOULES: Final = _weighed((60.0, 0.6))
OTHER_BASE: Final = Slip(
    "the base: the new figure for the old, a part for the change, or N times for N times more", 0.9, is_base=True
)
_LEFT_OUT: Final = Slip("the load factor or the overhead that is left out", 0.6)
_TIMES: Final = _weighed((24.0, 0.6), (365.0, 0.6), (8760.0, 0.5), (12.0, 0.4), (60.0, 0.3), (30.4, 0.3), (7.0, 0.2))
_DEVICES: Final = _weighed((DEVICES, 0.5))


def slip(relation: Relation) -> Slip | None:
    """The natural slip that makes a relation close; None where none does."""
    if _repeats(relation):
        return Slip("the digits of another figure, printed as the proportion", 0.8)
    closest = _CLOSEST if relation.kind == "product" else _CLOSER
    if len(_DIGITS.sub("", relation.result.amount.digits).strip("0.,")) == 1:
        closest = _ROUGHEST
    width = min(max(relation.exact, 0.006), closest)
    is_ranged = any(one.amount.ranged for one in relation.terms)
    for computed in (relation.middle, relation.low, relation.high) if is_ranged else (relation.middle,):
        ratio = relation.result.size / computed if computed > 0 else 0.0
        for size, found in _natural(relation) if ratio > 0 else ():
            off = abs(abs(log(ratio)) - log(size))
            if off < width * 1.05:
                return found._replace(off=off)
    if relation.exact < 0.1 and _of_other_base(relation):
        return OTHER_BASE
    if relation.loose < 0.2 and _digits_exchanged(relation):
        return Slip("one digit, or two that are exchanged", 0.6)
    return None


def _repeats(relation: Relation) -> bool:
    """Whether a percentage has the digits of a figure that it is made of: 31 GWh of 184, or 31 %."""
    if relation.kind not in ("part", "rise", "fall") or relation.result.kind != "percent":
        return False
    printed = {_DIGITS.sub("", one.amount.digits) for one in relation.terms}
    return len(digits := _DIGITS.sub("", relation.result.amount.digits)) > 1 and digits in printed


def _natural(relation: Relation) -> Iterator[tuple[float, Slip]]:
    """The factors that may be lost between figures of these kinds."""
    yield from _TENS if relation.kind not in ("rise", "fall") else _TENS[1:2]
    if relation.kind != "product":
        return
    figures = (relation.result, *relation.terms)
    kinds = {one.kind for one in figures}
    if "mass" in kinds:
        yield from _MASSES
    if "energy" in kinds:
        yield from _ENERGIES
        yield from _JOULES if any(one.amount.unit.endswith("J") for one in figures) else ()
    yield from (
        (max(one.size, 1 / one.size), _LEFT_OUT)
        for one in relation.terms
        if one.is_load or (one.is_pue and one.size > 1.1)
    )
    unsaid = any(one.period and not one.amount.per for one in figures)
    if not unsaid and ("time" in kinds or any(set(one.amount.per) & set(PERIODS) for one in figures)):
        yield from _TIMES
    if any(set(_MADE_OF) & {*one.made, *one.each} for one in figures):
        yield from _DEVICES


def _of_other_base(relation: Relation) -> bool:
    """Whether a percentage is the change by the other base, the part instead of the change, or the multiple of it."""
    if relation.kind not in ("rise", "fall") or relation.result.kind == "factor":
        return False
    unit = 100.0 if relation.result.kind == "percent" else 1.0
    change = relation.middle / unit
    if not 0 < change < 1e6 or (relation.kind == "fall" and change >= 1):
        return False
    share = 1 / (1 + change) if relation.kind == "rise" else 1 - change
    others = (1 - share, 1 / share) if relation.kind == "rise" else (1 / share - 1, share)
    return any(abs(relation.result.size / (unit * other) - 1) < _CLOSEST / 3 for other in others if other > 0)


def _digits_exchanged(relation: Relation) -> bool:
    """Whether the printed figure and the computed one differ in one digit, or in two neighbours that are exchanged."""
    amount = relation.result.amount
    printed = re.sub(r"\D", "", re.match(r"\D*[\d.,\s]*", amount.text)[0]).lstrip("0")  # type: ignore[index]
    return any(_exchanged(relation, one) for one in {printed, printed.rstrip("0")} if len(one) > 1)


def _exchanged(relation: Relation, printed: str) -> bool:
    """The same for these digits."""
    for value in (relation.middle, relation.low, relation.high):
        if value <= 0:
            continue
        computed = f"{value:.{len(printed) - 1}e}".split("e")[0].replace(".", "")
        unlike = [at for at, (one, other) in enumerate(zip(printed, computed, strict=True)) if one != other]
        rounded = float(computed) * 10.0 ** (floor(log10(value)) - len(printed) + 1)
        if abs(log(relation.ratio)) > (1.5 if len(printed) > 2 else _SHORT) or abs(rounded / value - 1) > _ROUNDED:
            continue
        if len(unlike) == 1 and (len(printed) >= 3 or (unlike == [0] and relation.result.kind == "percent")):
            return True
        if len(unlike) == 2 and unlike[1] == unlike[0] + 1:
            first, second = unlike
            if printed[first] == computed[second] and printed[second] == computed[first]:
                return True
    return False
