"""Accelerators that a text names, and what the catalogue says of them: rated power and memory."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from joulebook.audit.rules.places import catalog
from joulebook.errors import FactNotFound

NAMED: Final = (
    r"(?:A100|H100|H200|H800|A800|H20|B100|B200|B300|V100|P100|K80|A40|A6000|L40S?|L4|T4|A10G?|MI\d{3}[AX]?"
    r"|TPU ?v\d[ep]?"
    r"|RTX ?\d{4}(?: Ti)?)"
)


class Rating(NamedTuple):
    """Rated power of the cards of one name."""

    least: float
    most: float
    """Rated power of the members of its family, in kW."""
    name: str

    @property
    def told(self) -> str:
        """The rating as it is printed in findings."""
        if self.least < self.most:
            return f"{self.name} is rated at {self.least * 1000:g} to {self.most * 1000:g} W"
        return f"{self.name} is rated at {self.most * 1000:g} W"


@cache
def _rating(name: str) -> Rating | None:
    try:
        resolved = catalog().resolve(name, "accelerator", near=False)
        tdps = [catalog().find(one, "tdp").value / 1000 for one in resolved.members or (resolved.subject,)]
    except FactNotFound:
        return None
    return Rating(min(tdps), max(tdps), name)


def ratings(words: str) -> list[Rating]:
    """The ratings of the cards that words name."""
    names = {found.upper() for found in re.findall(rf"\b{NAMED}(?=s?\b)", words)}
    return [rating for name in sorted(names) if (rating := _rating(name)) is not None]


@cache
def memory(name: str) -> tuple[float, float, str] | None:
    """Least and most memory (GB) of the cards of a name, and how that is told; nothing where it is not known."""
    try:
        resolved = catalog().resolve(name, "accelerator", near=False)
        facts = [catalog().find(one, "memory") for one in resolved.members or (resolved.subject,)]
    except FactNotFound:
        return None
    sizes = sorted({fact.value for fact in facts})
    told = f"{name} has {' or '.join(f'{size:g}' for size in sizes)} GB ({facts[0].citation})"
    return sizes[0], sizes[-1], told
