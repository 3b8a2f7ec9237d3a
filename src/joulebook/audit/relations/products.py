"""Figures -> products and quotients: every way in which dimensions let a figure follow from others near it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from itertools import product as choices
from typing import Final

from joulebook.audit.relations import cues
from joulebook.audit.relations.figures import PROPORTIONS, Figure, dimensions
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.things import Signed, fits, usable
from joulebook.audit.relations.ties import tie

_MOST: Final = 4
"""Factors of one product."""
_LENGTHS: Final = {"time", "device-hours"}
_FAR, _TERM = 1.5, 0.7
"""Points less for a term from farther away, and for each term beyond two."""


def products(result: Figure, near: Sequence[Figure], most: int = _MOST) -> Iterator[Relation]:
    """The products and quotients of figures `near` that have the dimension of `result`."""
    if result.kind in PROPORTIONS or result.kind == "points" or result.is_duty or result.is_pue:
        return
    terms = [one for one in near if usable(one, near)]
    for size in range(1, most + 1):
        for some in combinations(terms, size):
            for read in choices(*(one.readings() for one in some)):
                yield from _signed(result, read)


def _signed(result: Figure, some: tuple[Figure, ...]) -> Iterator[Relation]:
    """The products of a choice of figures, one of them a divisor or none."""
    for divisor in (None, *range(len(some))):
        if divisor is not None and (len(some) == 1 or not _divides(result, some[divisor])):
            continue
        signed = tuple((-1 if at == divisor else 1, one) for at, one in enumerate(some))
        total: Counter[str] = Counter()
        for sign, one in signed:
            for base, power in one.dimensions:
                total[base] += sign * power
        for target in result.readings():
            if dimensions(total) == target.dimensions and (fit := fits(target, signed)) is not None:
                thirds = _thirds(target, signed)
                if all(one.kind in _LENGTHS for one in thirds):
                    yield _relation(target, signed, is_loose=not fit or bool(thirds))


def _divides(result: Figure, divisor: Figure) -> bool:
    """Whether a figure may be the divisor: a bare number only where so much for each is asked."""
    return not divisor.is_bare or bool(result.each and divisor.made) or cues.EACH.search(result.before) is not None


def _thirds(result: Figure, signed: Signed) -> list[Figure]:
    """Divisors of the dimension of a factor: hours of a lifetime may explain something, energy by energy does not."""
    below = [one for sign, one in signed if sign < 0 and not result.is_bare]
    above = [one.dimensions for sign, one in signed if sign > 0]
    return [one for one in below if one.dimensions in above]


def _relation(result: Figure, signed: Signed, *, is_loose: bool) -> Relation:
    low = middle = high = 1.0
    for sign, one in signed:
        least, most = one.spread()
        if sign > 0:
            low, middle, high = low * least, middle * one.size, high * most
        else:
            low, middle, high = low / most, middle / one.size, high / max(least, 1e-30)
    above = " x ".join(one.amount.digits for sign, one in signed if sign > 0)
    under = "".join(f" / {one.amount.digits}" for sign, one in signed if sign < 0)
    some = tuple(one for _, one in signed)
    return Relation("product", result, some, low, middle, high, _tie(result, some), above + under, is_loose)


def _tie(result: Figure, some: tuple[Figure, ...]) -> float:
    near = [one for one in some if not one.is_far]
    points = tie(result, near) if near else -9.0
    return points - _FAR * (len(some) - len(near)) - _TERM * max(0, len(some) - 2)
