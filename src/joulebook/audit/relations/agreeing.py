"""Several misses -> the one figure that all of them blame: two results that ask for the same correction of a factor."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations
from typing import NamedTuple

from joulebook.audit.relations.figures import Figure
from joulebook.audit.relations.judging import Accusation

_SURER = 0.1
"""How much surer it is of what several results say."""


class _Cause(NamedTuple):
    """A factor that would make a miss close, were it larger or smaller by so much."""

    kind: str
    value: float
    by: float
    larger: bool


def agreed(found: Sequence[Accusation], figures: Sequence[Figure], sound: Collection[int]) -> list[Accusation]:
    """Accusations in their order; those of several results with one cause that is not `sound` are one, of the cause."""
    common = {
        cause
        for one, other in combinations(found, 2)
        if _independent(one, other)
        for cause in _causes(one, sound) & _causes(other, sound)
    }
    kept: list[Accusation] = []
    for one in found:
        cause = next(iter(sorted(common & _causes(one, sound))), None)
        if cause is None:
            kept.append(one)
        elif not any(cause in _causes(earlier, sound) for earlier in kept):
            first = next(figure for figure in figures if (figure.kind, figure.amount.value) == cause[:2])
            kept.append(one._replace(blamed=first, sure=min(1.0, one.sure + _SURER)))
    return kept


def _independent(one: Accusation, other: Accusation) -> bool:
    """Whether two results are different amounts, of which neither follows from the other."""
    first, second = one.relation, other.relation
    follows = first.result.order in second.members or second.result.order in first.members
    alike = first.result.kind == second.result.kind and 0.9 < first.result.size / second.result.size < 1 / 0.9
    return not follows and not alike


def _causes(one: Accusation, sound: Collection[int]) -> set[_Cause]:
    """The factors of a miss that, larger or smaller by its slip, would make it close."""
    relation, natural = one.relation, one.slip
    if relation.kind != "product" or natural is None or not natural.size:
        return set()
    return {
        _Cause(term.kind, term.amount.value, natural.size, (relation.ratio > 1) != (term.order == relation.divisor))
        for term in relation.terms
        if not term.is_bare and term.order not in sound
    }
