"""The recordings of ranks, what each of them used, and how they are listed in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from joulebook.meter.measured import Measurement
from joulebook.quantity import Quantity

SHOWN: Final = 8
"""So many are named; of more their number is told."""


class Part(NamedTuple):
    """The recording of one rank."""

    run: str
    rank: int
    attempt: int
    status: str
    found: Measurement


class RankUse(NamedTuple):
    """What one rank was and used."""

    rank: int | None
    """None where nobody said."""
    attempt: int
    node: str
    run: str
    """The id of its recording."""
    status: str
    start_ns: int
    """UTC."""
    seconds: float
    energy: Quantity | None
    """Its share of what was sensed, in J."""

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"process {self.run[:4]}" if self.rank is None else f"rank {self.rank}"

    @property
    def end_ns(self) -> int:
        """UTC."""
        return self.start_ns + round(self.seconds * 1e9)


def listed(names: Sequence[str]) -> str:
    """Names, each once, and how many more there are."""
    shown = list(dict.fromkeys(names))
    return ", ".join(shown[:SHOWN]) + (f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else "")
