"""`waterfall`: from one account of a piece of work to another in named steps, whose factors multiply to the ratio.

Each step is a pair of accounts, taken apart by their terms (account/compare.py): what changes between them is the name
of the step, and the terms (time, power, overhead, intensity) say how.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, isfinite, prod
from typing import Final, NamedTuple

from joulebook.account.compare import compare
from joulebook.account.terms import Statement, in_schema_unit
from joulebook.errors import ConfigError
from joulebook.quantity import Quantity

SCHEMA: Final = "joulebook.waterfall/1"
_UNCHANGED: Final = 1e-12


class Term(NamedTuple):
    """One term of a step."""

    name: str
    factor: float
    """By what it multiplies the figure."""


class Step(NamedTuple):
    """From one account to the next."""

    name: str
    factor: float
    """The figure after it over that before it: the product of its terms."""
    after: Quantity
    terms: tuple[Term, ...]


class Waterfall(NamedTuple):
    """A figure, where it begins, and the steps to where it ends."""

    figure: str
    name: str
    """Of the account that it begins with."""
    start: Quantity
    steps: tuple[Step, ...]

    @property
    def ratio(self) -> float:
        """How many times the last account the first one is: the product of all steps, upside down."""
        return 1 / prod(step.factor for step in self.steps)

    def as_dict(self) -> dict[str, object]:
        """The document of `joulebook.waterfall/1`, ready for JSON."""
        steps = [
            {**step._asdict(), "after": in_schema_unit(step.after), "terms": [term._asdict() for term in step.terms]}
            for step in self.steps
        ]
        start = {"name": self.name, "amount": in_schema_unit(self.start)}
        return {"schema": SCHEMA, "figure": self.figure, "start": start, "steps": steps, "ratio": self.ratio}


def waterfall(first: Statement, steps: Sequence[tuple[str, Statement]], figure: str = "carbon") -> Waterfall:
    """From the first account through the others, each with the name of the step that leads to it.

    Raises `ConfigError` where a figure is not known, or no product of terms.
    """
    found, before = [], first
    for name, after in steps:
        compared = compare(before, after).figure(figure)
        if compared.reason or compared.after is None or compared.ratio is None:
            raise ConfigError(f"{name}: {compared.reason or f'the {figure} of one of the accounts is not known'}")
        logs = [(effect.name, effect.log.value) for effect in compared.effects if effect.log is not None]
        if not all(isfinite(log) for _, log in logs):
            raise ConfigError(f"{name}: the {figure} of one of the accounts is zero, so that nothing multiplies")
        terms = tuple(Term(term, exp(log)) for term, log in logs if abs(log) > _UNCHANGED)
        found.append(Step(name, prod(term.factor for term in terms), compared.after, terms))
        before = after
    start = getattr(first, figure)
    return Waterfall(figure, first.name, start.to(found[0].after.unit) if found else start, tuple(found))
