"""Facts of a family: what is known of all its members, with a range that holds them all."""

from __future__ import annotations

from collections.abc import Sequence

from joulebook.errors import UnitMismatch
from joulebook.facts.fact import Fact


def union(subject: str, members: Sequence[Sequence[Fact]]) -> list[Fact]:
    """One fact for each property that every member has: the median of their newest values, the union of the ranges.

    `members` holds the facts of each member. Raises `UnitMismatch` where they are not in one unit.
    """
    shared = set.intersection(*({fact.property for fact in facts} for facts in members))
    return [_one(subject, [_newest(facts, prop) for facts in members]) for prop in sorted(shared)]


def _newest(facts: Sequence[Fact], prop: str) -> Fact:
    return max((fact for fact in facts if fact.property == prop), key=lambda fact: (fact.valid_from, fact.retrieved))


def _one(subject: str, facts: Sequence[Fact]) -> Fact:
    ordered = sorted(facts, key=lambda fact: fact.value)
    for fact in ordered:
        if fact.unit != ordered[0].unit:
            raise UnitMismatch.between("and", ordered[0].unit, fact.unit)
    lower, upper = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return upper._replace(
        subject=subject,
        value=(lower.value + upper.value) / 2,
        low=min(fact.low for fact in facts),
        high=max(fact.high for fact in facts),
        valid_from=min(fact.valid_from for fact in facts),
        retrieved=max(fact.retrieved for fact in facts),
        evidence="derived",
        note=f"Median of {len(facts)} members, range of all: {', '.join(fact.subject for fact in facts)}.",
    )
