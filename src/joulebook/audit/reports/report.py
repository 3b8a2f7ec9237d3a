"""What a tool says of a piece of work, whoever wrote it, and how its numbers become quantities."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Final, NamedTuple

from joulebook.errors import ConfigError
from joulebook.quantity import Basis, Quantity

HOST: Final = "cpu and ram"
"""Processors with their memory, where a report does not tell them apart."""
ONE_REQUEST: Final = "one request"
COUNTERS: Final = "counters since an instant that is not stated"


class Report(NamedTuple):
    """What a tool says of a piece of work."""

    name: str
    tool: str
    figures: Mapping[str, Quantity | None]
    """Totals by name; None where the number has no unit."""
    parts: Mapping[str, Quantity] = {}
    """Energy by kind of device, before the overhead of a site."""
    counted: frozenset[str] = frozenset()
    """Kinds of devices within the energy; empty is not said."""
    overhead: float | None = None
    """PUE that the energy has within; 1 is none, None is not said."""
    texts: Mapping[str, str] = {}
    """Words that the report has for its period, basis and boundary."""
    notes: tuple[str, ...] = ()
    span: str = ""
    """What the totals are of where no duration says it: one request, counters since an unknown instant."""


def reported(place: str, name: str, value: float, symbol: str, ends: tuple[float, float] | None = None) -> Quantity:
    """A number as it was reported; `ends` is its interval where the tool has one. Raises `ConfigError`."""
    low, high = ends or (value, value)
    try:
        return Quantity.of(value, symbol, low=low, high=high, basis=Basis.REPORTED, source=f"{place} {name}", name=name)
    except ValueError as error:
        raise ConfigError.bad(name, value, "a finite amount") from error


def number(text: object) -> float | None:
    """A finite number; None where there is none."""
    try:
        value = float(str(text))
    except ValueError:
        return None
    return value if isfinite(value) else None
