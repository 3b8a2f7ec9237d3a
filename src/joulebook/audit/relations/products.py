"""Figures -> products and quotients: every way in which dimensions let a figure follow from others near it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations
from itertools import product as choices
from typing import Final

from joulebook.audit.relations import cues
from joulebook.audit.relations.figures import HOURS, PROPORTIONS, Dimensions, Figure
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.things import Signed, fits, usable
from joulebook.audit.relations.ties import tie

Coded = tuple[Figure, int]
"""A reading of a figure, and its dimension as a number."""

_BASES: Final = ("energy", "time", "mass", "water", "money", "distance", "data", "compute")
_MOST: Final = 4
"""Factors of one product."""
_TERMS: Final = 8
"""Figures that are tried as factors of one result."""
_YEARS: Final = 1.5 * HOURS["year"]
_CLAUSE, _BEHIND = 50, 16
_YEARLY: Final = re.compile(
    r"\b(?:yearly|annual|jährliche\w?|annuel\w*|anual\w*)\s(?:[\w-]+\s){0,3}[^,;.]*#|#\s?(?:a|per|each|every) year\b"
)
"""Around what is of one year, and not of the many of a contract or a life."""
_LENGTHS: Final = {"time", "device-hours"}
_FAR, _TERM = 1.5, 0.7
"""Points less for a term from farther away, and for each term beyond two."""


def products(result: Figure, near: Sequence[Figure], most: int = _MOST) -> Iterator[Relation]:
    """The products and quotients of figures `near` that have the dimension of `result`."""
    if result.kind in PROPORTIONS | {"points"} or result.is_duty or result.is_pue or result.is_one:
        return
    targets = [(one, _code(one.dimensions)) for one in result.readings()]
    is_yearly = _YEARLY.search(f"{result.before[-_CLAUSE:]}#{result.behind[:_BEHIND]}") is not None
    used = (
        one
        for one in near
        if usable(one, near)
        and not (one.kind == "percent" and one.amount.per)  # a rate of growth
        and not (is_yearly and one.kind == "time" and one.size > _YEARS)
    )
    nearest = sorted(used, key=lambda one: abs(one.order - result.order))
    some = sorted(_once(nearest)[:_TERMS], key=lambda one: one.order)
    echoes = [one for one in near if not one.is_bare and one not in some]
    terms = [[(read, _code(read.dimensions)) for read in one.readings()] for one in some]
    for size in range(1, most + 1):
        for chosen in combinations(terms, size):
            for read in choices(*chosen):
                for signed, target in _signed(result, read, targets):
                    fit, thirds = fits(target, signed), _thirds(target, signed)
                    if fit is not None and all(one.kind in _LENGTHS for one in thirds):
                        shared = any(sign < 0 and one.is_pue for sign, one in signed)
                        found = _relation(target, signed, is_loose=not fit or bool(thirds) or shared)
                        yield found._replace(tie=found.tie + _said_twice(found, echoes))


def _once(figures: Sequence[Figure]) -> list[Figure]:
    """Figures without those that repeat an amount that stands before them."""
    found: dict[object, Figure] = {}
    for one in figures:
        found.setdefault(one.order if one.is_bare else (one.dimensions, one.size, one.made, one.each), one)
    return list(found.values())


@cache
def _code(dimensions: Dimensions) -> int:
    """Exponents as one whole number, so that those of a product are the sum."""
    return sum(power * 1024 ** _BASES.index(base) for base, power in dimensions)


def _signed(result: Figure, read: tuple[Coded, ...], targets: list[Coded]) -> Iterator[tuple[Signed, Figure]]:
    """The products of a choice of figures, one of them a divisor or none, that have the dimension of a target."""
    total = sum(code for _, code in read)
    for target, wanted in targets:
        if total == wanted:
            yield tuple((1, one) for one, _ in read), target
        for at, (divisor, code) in enumerate(read) if len(read) > 1 else ():
            if total - 2 * code == wanted and _divides(result, divisor):
                yield tuple((-1 if index == at else 1, one) for index, (one, _) in enumerate(read)), target


def _divides(result: Figure, divisor: Figure) -> bool:
    """Whether a figure may be the divisor: a PUE, and a bare number only where so much for each is asked."""
    return (
        not divisor.is_bare
        or divisor.is_pue
        or bool(result.each and divisor.made)
        or cues.EACH.search(result.before) is not None
        or cues.SINGLE.search(result.before) is not None
    )


def _thirds(result: Figure, signed: Signed) -> list[Figure]:
    """Divisors of what a factor is of: hours of a lifetime may explain something, energy by energy does not."""
    below = [one for sign, one in signed if sign < 0 and not result.is_bare]
    above = [one.dimensions for sign, one in signed if sign > 0]
    bases = {_timeless(one) for one in above} - {()} if result.kind not in _LENGTHS else set()
    return [one for one in below if one.dimensions in above or _timeless(one.dimensions) in bases]


def _said_twice(relation: Relation, echoes: Sequence[Figure]) -> int:
    """Points back for figures between that are factors in other words: for sixty days, that is 1,440 hours."""
    first, last = min(relation.members), max(relation.members)
    return sum(
        first < one.order < last
        and any(
            (one.dimensions, one.size) == (term.dimensions, term.size) and abs(one.order - term.order) == 1
            for term in relation.terms
        )
        for one in echoes
    )


def _timeless(dimensions: Dimensions) -> Dimensions:
    """Exponents without that of time: the price of a month is money, too."""
    return tuple(one for one in dimensions if one[0] != "time")


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
    divisor = next((one.order for sign, one in signed if sign < 0), -1)
    return Relation("product", result, some, low, middle, high, _tie(result, some), above + under, is_loose, divisor)


def _tie(result: Figure, some: tuple[Figure, ...]) -> float:
    near = [one for one in some if not one.is_far]
    points = tie(result, near) if near else -9.0
    return points - _FAR * (len(some) - len(near)) - _TERM * max(0, len(some) - 2)
