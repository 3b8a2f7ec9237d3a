"""What figures mean, followed through the document: slips that no single calculation shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from joulebook.audit.finding import Finding
from joulebook.audit.relations.accounts import accounts
from joulebook.audit.relations.figures import Figure
from joulebook.audit.relations.labels import labels
from joulebook.audit.relations.overhead import twice
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.spread import spread
from joulebook.audit.relations.unlike import unlike


def meaning(figures: Sequence[Figure], relations: Mapping[int, Sequence[Relation]]) -> Iterator[Finding]:
    """Overhead that is counted twice, and unlike figures that are compared."""
    known = labels(figures, relations)
    yield from twice(figures, relations, known)
    yield from unlike(figures, relations, known)
    yield from accounts(figures, known)
    yield from spread(figures, relations)
