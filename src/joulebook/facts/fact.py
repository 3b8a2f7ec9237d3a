"""`Fact`: one sourced, dated value of the catalogue, and the basis that its evidence gives it."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from joulebook.quantity import Basis, Quantity

EVIDENCE: Final = {
    "published": "reported",
    "seen": "reported",
    "fitted": "modelled",
    "third-party": "assumed",
    "derived": "assumed",
    "memory": "assumed",
    "assumption": "assumed",
}
"""How a value came into the catalogue, and the basis of a quantity made of it.

published: in the publication named, or computed from its own data; seen: read there by a person;
fitted: a coefficient of a model of ours, fitted to published or measured figures by a script of tools/fitting;
third-party: in a large table of somebody else; derived: computed from other facts; memory: from memory,
the source is where to verify it; assumption: a judgement, the source says whose.
"""


_ALWAYS: Final = "2000-01-01"
"""Since when facts are valid that are no series in time."""


class Fact(NamedTuple):
    """Eleven fields as they stand in the data files; `citation` is added from the card of the source."""

    subject: str
    property: str
    value: float
    low: float
    """5th percentile."""
    high: float
    """95th percentile."""
    unit: str
    valid_from: str
    """YYYY-MM-DD."""
    source: str
    """Id in sources.toml."""
    retrieved: str
    """YYYY-MM-DD."""
    evidence: str
    note: str = ""
    citation: str = ""

    @builtins.property
    def basis(self) -> Basis:
        """How well the value is known."""
        from joulebook.quantity import Basis  # not loaded where programs are measured: they need plain values

        return Basis.parse(EVIDENCE[self.evidence])

    @builtins.property
    def year(self) -> str:
        """The year that it is of; what stands for any place stands for any year as well."""
        return "any year" if self.valid_from == _ALWAYS and self.subject.endswith(".any") else self.valid_from[:4]

    def quantity(self) -> Quantity:
        """The value with its range; its draws belong to subject and property, whatever the year.

        Ten yearly factors of one zone share their error of method; it does not average away.
        """
        from joulebook.quantity import Quantity, Source  # as above

        text = f"{self.citation or self.source}, {self.year}"
        source = Source(f"{self.subject} {self.property}", text)
        return Quantity.of(
            self.value, self.unit, low=self.low, high=self.high, basis=self.basis, source=source, name=self.property
        )
