"""What rules need of the catalogue, so that a test can stand in for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from joulebook.quantity import Quantity


class FoundFact(Protocol):
    """What a rule needs of a fact."""

    @property
    def source(self) -> str:
        """Id of its source."""

    @property
    def valid_from(self) -> str:
        """First day of its validity, as YYYY-MM-DD."""

    def quantity(self) -> Quantity:
        """Its value with range, basis and source."""


class Resolved(Protocol):
    """What a rule needs of a resolved name."""

    @property
    def subject(self) -> str:
        """Subject in the catalogue."""

    @property
    def label(self) -> str:
        """Name for people."""

    @property
    def warning(self) -> str | None:
        """What the reader of the result has to know about the name."""


class Facts(Protocol):
    """What a rule needs of the catalogue; `joulebook.facts.catalog.Catalog` is the real one."""

    @property
    def edition(self) -> str:
        """The newest edition it holds."""

    def find(self, subject: str, prop: str, *, on: str, edition: str | None = None) -> FoundFact:
        """The fact valid on that day; raises `FactNotFound`."""

    def properties(self, subject: str) -> Sequence[str]:
        """What is known of a subject; nothing of one that nobody knows."""

    def resolve(self, name: str, kind: str) -> Resolved:
        """The subject that a word of the user names; raises `FactNotFound` with near names."""
