"""Famous published figures whose boundary is known, where an article quotes them without it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Published(NamedTuple):
    """A published figure: words that name it, kind and size in the base unit, and what it covers."""

    named: re.Pattern[str]
    kind: str
    size: float
    axis: str
    name: str
    source: str


_BLOOM: Final = re.compile(r"bloom", re.IGNORECASE)
_GPT_3: Final = re.compile(r"GPT[- ]?3\b", re.IGNORECASE)
_LUCCIONI: Final = "Luccioni, Viguier, Ligozat 2022, table 3"
_PATTERSON: Final = "Patterson et al. 2021, table 4"
PUBLISHED: Final = (
    Published(_BLOOM, "mass", 50_500.0, "carbon", "the life cycle", _LUCCIONI),
    Published(_BLOOM, "mass", 24_690.0, "carbon", "electricity alone", _LUCCIONI),
    Published(_GPT_3, "mass", 552_100.0, "carbon", "electricity alone", _PATTERSON),
    Published(_GPT_3, "mass", 502_000.0, "carbon", "electricity alone", _LUCCIONI),
)
