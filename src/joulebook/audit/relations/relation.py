"""`Relation`: one figure as it would follow from others, and how closely the text ties them together."""

from __future__ import annotations

from typing import Final, NamedTuple

from joulebook.audit.relations.figures import Figure

_FREE: Final = 0.006
"""Relative difference that is never told; a tenth of it where nearly all is gone: 99.98 % is not 99.6 %."""


class Relation(NamedTuple):
    """A result and what it follows from."""

    kind: str
    """product, sum, rest; part, multiple, rise, fall of two; times, portion: so many times or per cent of another."""
    result: Figure
    terms: tuple[Figure, ...]
    low: float
    middle: float
    high: float
    """What the terms give for the result, in its base unit."""
    tie: float
    """How closely the text ties them together."""
    arithmetic: str
    """The calculation as words: 32 x 561 W x 214 h."""
    is_loose: bool = False
    """Whether it may explain its result, and a miss of it tells nothing."""
    divisor: int = -1
    """The order of the term that divides; -1 where none does."""

    @property
    def ratio(self) -> float:
        """Stated to computed."""
        return self.result.size / self.middle if self.middle else 1.0

    @property
    def loose(self) -> float:
        """Relative half-width of computed and stated together."""
        spread = (self.high - self.low) / (2 * self.middle) if self.middle else 1.0
        return spread + self.result.loose()

    def closes(self) -> bool:
        """Whether the stated figure can be what the terms give."""
        low, high = self.result.reach()
        whole = 100.0 if self.result.kind == "percent" else 1.0
        free = _FREE / 10 if self.kind == "fall" and self.middle > 0.9 * whole else _FREE
        return low <= self.high * (1 + free) and high >= self.low * (1 - free)

    @property
    def exact(self) -> float:
        """Relative half-widths of all figures, a printed range as 2 %; of sums and remainders the same as `loose`."""
        if self.kind in ("sum", "rest"):
            return self.loose
        figures = (self.result, *self.terms)
        return sum(one.loose() if not one.amount.ranged else 0.02 for one in figures)

    @property
    def accuses(self) -> bool:
        """Whether a miss of it can tell anything: days read as a number of times only explain."""
        return not self.is_loose and not any(one.is_times for one in self.terms)

    @property
    def members(self) -> frozenset[int]:
        """The figures in it, by their order."""
        return frozenset(one.order for one in (self.result, *self.terms))

    @property
    def pair(self) -> frozenset[int]:
        """The terms, by their order."""
        return frozenset(one.order for one in self.terms)

    @property
    def is_last(self) -> bool:
        """Whether the result stands behind all terms."""
        return all(one.order < self.result.order for one in self.terms)

    @property
    def is_close(self) -> bool:
        """Whether three terms or more stand in the sentence of the result."""
        return len(self.terms) > 2 and all(one.sentence == self.result.sentence for one in self.terms)

    @property
    def is_scaled(self) -> bool:
        """Whether it is a number of things times what one of them has."""
        return any(one.is_bare for one in self.terms) and any(one.kind == self.result.kind for one in self.terms)
