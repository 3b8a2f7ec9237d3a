"""Overhead of the building that is counted twice: facility energy, multiplied by the PUE once more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from joulebook.audit.finding import Finding
from joulebook.audit.relations import cues
from joulebook.audit.relations.figures import Figure
from joulebook.audit.relations.relation import Relation

_CLOSE = 2.0
"""Tie from which a relation counts."""


def twice(figures: Sequence[Figure], relations: dict[int, list[Relation]]) -> Iterator[Finding]:
    """Results that only follow from facility energy when the PUE is applied to it once more."""
    for result in figures if any(one.is_pue for one in figures) else ():
        if result.kind in ("energy", "mass", "money"):
            closing = [one for one in relations[result.order] if one.closes() and one.tie >= _CLOSE]
            best = next((one for one in closing if _is_twice(one)), None)
            if best is not None and not any(one.tie >= best.tie and not _has_pue(one) for one in closing):
                yield _finding(best)


def _has_pue(relation: Relation) -> bool:
    return any(one.is_pue and one.order != relation.divisor for one in relation.terms)


def _is_twice(relation: Relation) -> bool:
    """Whether a product has the PUE, and energy that is said to be of the facility."""
    return _has_pue(relation) and any(
        one.kind == "energy" and not one.is_rate and _is_facility(one) for one in relation.terms
    )


def _is_facility(one: Figure) -> bool:
    near = f"{one.before[-45:]} {one.behind[:30].partition(',')[0]}"
    return cues.FACILITY.search(near) is not None


def _finding(relation: Relation) -> Finding:
    amount = relation.result.amount
    evidence = (
        f"{relation.arithmetic} = {amount.digits}: the energy is said to be of the facility, which has the PUE within"
    )
    remedy = "apply the PUE to IT energy once, and not to facility energy"
    return Finding("double-count", "medium", 0.8, amount.place, evidence, remedy, relation.result.text)
