"""How many requests are worked on at once when so many arrive: Little's law, and whether the load is stable."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, exp, log
from typing import Final, NamedTuple

from joulebook.errors import ConfigError

BUSIEST: Final = 0.8
"""Share of what servers can do at most that they are loaded with: beyond it, requests wait ever longer."""
_ROUNDS: Final = 60
_LARGEST: Final = 512.0
"""Requests at once where the memory does not say: a common limit of servers."""


class Traffic(NamedTuple):
    """A stable load."""

    batch: float
    """Requests in work at once on one replica, at least 1."""
    busy: float
    """Share of the time in which a replica has any work."""
    replicas: int
    """Copies of the model."""


def traffic(rate: float, latency: Callable[[float], float], most: float) -> Traffic:
    """The batch at which requests leave as fast as they come: batch = rate x latency(batch).

    `latency` in s of a request at a batch, `rate` in requests per second. Where one copy of the model is not enough at
    `BUSIEST` of what it can do, there are more. Raises `ConfigError` for a load beyond any number of copies.
    """
    largest = min(most, _LARGEST)
    if largest < 1:
        raise ConfigError("the memory has no room for a request of that length: give a larger count")
    capacity = BUSIEST * largest / latency(largest)
    replicas = ceil(rate / capacity)
    if replicas > 1_000_000:
        raise ConfigError.bad("rate", rate, "requests per second that fewer than a million servers can answer")
    each = rate / replicas
    if each * latency(1.0) <= 1:
        return Traffic(1.0, each * latency(1.0), replicas)
    low, high = 0.0, log(largest)
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if exp(middle) / latency(exp(middle)) < each else (low, middle)
    return Traffic(exp(high), 1.0, replicas)
