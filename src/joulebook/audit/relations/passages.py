"""A figure -> the relations that it may stand in with those around it."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from itertools import islice, takewhile
from math import log
from typing import Final

from joulebook.audit.reading.measures import PERIODS
from joulebook.audit.relations import cues
from joulebook.audit.relations.figures import PROPORTIONS, Figure
from joulebook.audit.relations.parts import is_listed, sums
from joulebook.audit.relations.portions import portions
from joulebook.audit.relations.products import products
from joulebook.audit.relations.proportions import alternatives, proportions, way
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.ties import tie

_BACK, _AHEAD = 10, 3
"""Figures before and behind one that it may follow from."""
_PAGES: Final = 150
"""Figures before and behind one among which others are looked for."""
_MOST_FAR: Final = 12
"""Figures from elsewhere that are tried."""
_COMPARED: Final = {"energy", "mass", "water", "money", "power"}
_FARTHER: Final = 1.5
"""Points less for a figure from elsewhere."""
_BESIDE: Final = 4
"""Figures beyond which an amount of energy is looked for as if from elsewhere."""


def relations(figures: Sequence[Figure]) -> dict[int, list[Relation]]:
    """The relations that each figure may stand in, the closest first; none of one that repeats an earlier one."""
    repeated = _repeated(figures)
    return {one.order: [] if one.order in repeated else _of(one, figures) for one in figures}


def window(figures: Sequence[Figure], result: Figure) -> Sequence[Figure]:
    """The figures of the pages around one."""
    return figures[max(0, result.order - _PAGES) : result.order + _PAGES]


def _of(result: Figure, figures: Sequence[Figure]) -> list[Relation]:
    near = [
        one
        for one in figures[max(0, result.order - _BACK) : result.order + _AHEAD + 1]
        if one.order != result.order
        and abs(one.paragraph - result.paragraph) <= 1
        and not _is_alternative(one, figures)
    ]
    found = [
        *products(result, near),
        *_from_afar(result, near, figures),
        *portions(result, near),
        *sums(result, near if not is_listed(result) else _listed(result, figures)),
        *proportions(result, near + _earlier(result, near, figures)),
        *_compared_afar(result, near, figures),
    ]
    return sorted(found, key=lambda one: (-round(one.tie), abs(log(one.ratio)) if one.ratio > 0 else 9.0))


def _is_alternative(one: Figure, figures: Sequence[Figure]) -> bool:
    """Whether a figure is one of two of which either may hold: two or three hours."""
    beside = [figures[at] for at in (one.order - 1, one.order + 1) if 0 <= at < len(figures)]
    return any(alternatives(one, other) and other.kind in (one.kind, "number", "count") for other in beside)


def _repeated(figures: Sequence[Figure]) -> set[int]:
    """The figures that repeat an earlier one."""
    earlier: dict[tuple[object, ...], list[float]] = {}
    found: set[int] = set()
    for one in figures:
        if one.kind in PROPORTIONS or one.is_bare:
            continue
        sizes = earlier.setdefault((one.kind, one.made, one.amount.per), [])
        low, high = one.spread()
        at = bisect_left(sizes, low)
        if at < len(sizes) and sizes[at] <= high and cues.THAT_IS.fullmatch(one.before) is None:
            found.add(one.order)
        insort(sizes, one.size)
    return found


def _listed(result: Figure, figures: Sequence[Figure]) -> list[Figure]:
    """The figures of the list that a colon opens."""
    return list(takewhile(lambda one: one.sentence == result.sentence, islice(figures, result.order + 1, None)))


def _earlier(result: Figure, near: Sequence[Figure], figures: Sequence[Figure]) -> list[Figure]:
    """The figure that the last one before "tripled" may have grown from, where none of its unit is near."""
    before = [one for one in near if one.dimensions and one.order < result.order] if way(result) else []
    if not before:
        return []
    last = max(before, key=lambda one: one.order)
    if any(one.unit() == last.unit() for one in before if one is not last):
        return []
    return [one for one in figures[: last.order] if one.unit() == last.unit() and one not in near][-1:]


def _from_afar(result: Figure, near: Sequence[Figure], figures: Sequence[Figure]) -> list[Relation]:
    """Products of one figure near it and one from elsewhere."""
    far = _far(result, near, figures)
    beside = [one for one in near if abs(one.order - result.order) <= _BESIDE]
    found = [relation for one in far for relation in products(result, [*beside, one], most=2)]
    return [relation for relation in found if any(one.is_far for one in relation.terms)]


def _compared_afar(result: Figure, near: Sequence[Figure], figures: Sequence[Figure]) -> list[Relation]:
    """Parts and multiples of the figure right before one and another from elsewhere; none where one of them closes."""
    last = next((one for one in reversed(near) if one.order < result.order and not one.is_bare), None)
    if result.kind not in PROPORTIONS or last is None or result.order - last.order > 2 or last.kind not in _COMPARED:
        return []
    if any(one.unit() == last.unit() and one is not last for one in near) or last.sentence < result.sentence - 1:
        return []
    far = [one for one in window(figures, result) if one.unit() == last.unit() and one not in near][:_MOST_FAR]
    close = tie(result, [last]) - _FARTHER
    found = [
        relation._replace(tie=close, terms=(last, one.afar()))
        for one in far
        for relation in proportions(result, [last, one])
        if relation.kind in ("part", "multiple")
    ]
    return [] if any(one.closes() for one in found) else found


def _far(result: Figure, near: Sequence[Figure], figures: Sequence[Figure]) -> list[Figure]:
    """From elsewhere: rates for the energy near a figure, or the energy for a rate near it."""
    if result.kind not in ("mass", "water", "money", "energy", "count", "time"):
        return []
    taken = {one.order for one in near if abs(one.order - result.order) <= _BESIDE}
    here = {(one.dimensions, one.amount.value) for one in near if one.order in taken}
    others = sorted(
        (
            one
            for one in window(figures, result)
            if one.order not in taken
            and one.order != result.order
            and (one.is_bare or (one.dimensions, one.amount.value) not in here)
        ),
        key=lambda one: abs(one.order - result.order),
    )
    if result.kind == "count":
        of_one = [one for one in others if set(result.made) & {*one.each, *one.said} and not one.is_bare]
        return [one.afar() for one in of_one[:1]]
    if result.kind == "time":  # a training of 50 GWh, far above, and 850 MWh a day: after six days
        rated = {one.kind for one in near if abs(one.order - result.order) <= 2 and set(one.amount.per) & set(PERIODS)}
        amounts = [one for one in others if one.kind in rated and not one.amount.per]
        return [one.afar() for one in amounts[:_MOST_FAR]]
    counted = {thing for one in near if one.kind == "count" for thing in one.made}
    of_one = [one for one in others if one.kind == result.kind and counted & {*one.each, *one.said}]
    if result.kind == "energy":
        return [one.afar() for one in of_one[:_MOST_FAR]]
    if result.is_rate:
        energies = [one for one in others if one.kind == "energy" and not one.is_rate]
        return [one.afar() for one in energies[:_MOST_FAR]]
    base = {base for base, power in result.dimensions if power > 0}
    wanted = [one for one in others if one.is_rate and base & set(dict(one.dimensions))]
    beside = [one for one in near if one.order in taken]
    if any(one.is_rate and base & set(dict(one.dimensions)) for one in beside):
        wanted = [one for one in others if one.kind in ("energy", "device-hours") and not one.is_rate]
    elif not any(one.kind in ("energy", "device-hours") for one in beside):
        wanted = []
    return [one.afar() for one in (*of_one, *wanted)[:_MOST_FAR]]
