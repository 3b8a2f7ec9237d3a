"""Where the interval of a figure comes from: one source at a time is held at its value, and the rest is read off."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from math import fsum, isfinite, log, sqrt
from operator import mul
from typing import Final, NamedTuple

from joulebook.draws import HIGH, LOW, in_order
from joulebook.quantity import Basis, Quantity

_GROUPS: Final = {
    "edge": "the instants at which windows begin and end, between two updates",
    "edges": "the instants at which windows begin and end, between two updates",
    "noise": "sampling of powers at single instants",
    "gap": "gaps in the readings",
}
"""Sources that come in hundreds are held together, by the word their ids begin with."""


class SourceShare(NamedTuple):
    """What one source, or one group of sources, adds to the uncertainty of a figure."""

    ids: tuple[str, ...]
    text: str
    basis: Basis
    share: float
    """Part of the variance that goes when this source alone is known exactly: 0 to 1."""
    low: float
    """5th percentile of the figure if this source were known exactly, in its unit."""
    high: float

    def as_dict(self) -> dict[str, object]:
        """The fields, ready for JSON."""
        return {**self._asdict(), "ids": list(self.ids), "basis": str(self.basis)}


def shares(quantity: Quantity) -> list[SourceShare]:
    """The uncertain sources of a quantity, the widest first; empty where it is exact.

    The variance is that of the logarithms where all draws are positive: then the shares of independent factors
    of a product sum to 1. Where sources meet in sums of products they need not.
    """
    return _shares(quantity, _groups(quantity))


def leading(quantity: Quantity, count: int) -> list[SourceShare]:
    """The `count` widest of `shares`, found without holding every source: by correlation of their draws with it."""
    groups = _groups(quantity)
    if len(groups) > count:
        whole = _scores(quantity.draws)
        strength = {
            group: max(abs(fsum(map(mul, whole, _scores(leaf.draws)))) for leaf in leaves)
            for group, leaves in groups.items()
        }
        groups = {group: groups[group] for group in sorted(groups, key=lambda group: -strength[group])[:count]}
    return _shares(quantity, groups)


def _groups(quantity: Quantity) -> dict[str, list[Quantity]]:
    """The uncertain leaves by source, or by group of sources."""
    groups: dict[str, list[Quantity]] = {}
    for leaf in quantity.leaves():
        if not leaf.is_exact and leaf.trace.source is not None:
            word = leaf.trace.source.id.partition(":")[0]
            groups.setdefault(word if word in _GROUPS else leaf.trace.source.id, []).append(leaf)
    return groups


def _shares(quantity: Quantity, groups: Mapping[str, Sequence[Quantity]]) -> list[SourceShare]:
    whole = array("d", quantity.draws)
    logarithmic = min(whole) > 0
    spread = _variance(whole, logarithmic=logarithmic)
    found = [_share(quantity, group, leaves, spread, logarithmic=logarithmic) for group, leaves in groups.items()]
    return sorted(found, key=lambda item: -item.share)


def _scores(draws: Sequence[float]) -> list[float]:
    """Draws about their mean, of length 1, in logarithms where all are positive: the sum of products correlates."""
    values = [log(draw) for draw in draws] if min(draws) > 0 else list(draws)
    mean = fsum(values) / len(values)
    norm = sqrt(fsum((value - mean) ** 2 for value in values)) or 1.0
    return [(value - mean) / norm for value in values]


def _share(
    quantity: Quantity, group: str, leaves: Sequence[Quantity], spread: float, *, logarithmic: bool
) -> SourceShare:
    sources = {leaf.trace.source.id: leaf.trace.source for leaf in leaves if leaf.trace.source is not None}
    held = quantity.frozen(sources)
    ordered = in_order(held)
    left = _variance(held, logarithmic=logarithmic and ordered[0] > 0)
    first = next(iter(sources.values()))
    return SourceShare(
        ids=tuple(sources),
        text=_GROUPS.get(group) or first.text or first.id,
        basis=min(leaf.basis for leaf in leaves),
        share=min(max(1 - left / spread, 0.0), 1.0) if spread > 0 and isfinite(left) else 0.0,
        low=min(ordered[LOW], quantity.value),
        high=max(ordered[HIGH], quantity.value),
    )


def _variance(draws: Sequence[float], *, logarithmic: bool) -> float:
    values = [log(draw) for draw in draws] if logarithmic else list(draws)
    mean = fsum(values) / len(values)
    return fsum((value - mean) ** 2 for value in values) / len(values)
