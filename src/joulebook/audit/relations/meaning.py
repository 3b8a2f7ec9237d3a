"""What figures mean, followed through the document: slips that no single calculation shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Document
from joulebook.audit.relations.accounts import accounts
from joulebook.audit.relations.ages import ages
from joulebook.audit.relations.context import context_of
from joulebook.audit.relations.figures import Figure
from joulebook.audit.relations.levels import levels
from joulebook.audit.relations.lifetimes import lifetimes
from joulebook.audit.relations.overhead import twice
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.restated import restated
from joulebook.audit.relations.spread import spread
from joulebook.audit.relations.unlike import unlike
from joulebook.audit.relations.whole_life import whole_life


def meaning(
    document: Document, figures: Sequence[Figure], relations: Mapping[int, Sequence[Relation]]
) -> Iterator[Finding]:
    """Overhead counted twice, unlike figures compared, two accounts added, and wholes taken for a part."""
    context = context_of(document, figures, relations)
    for rule in (twice, unlike, accounts, spread, ages, lifetimes, restated, levels, whole_life):
        yield from rule(context)
