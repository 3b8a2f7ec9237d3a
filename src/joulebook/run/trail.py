"""Energy and power of this moment, read off the trail that a recorder leaves: times and joules since its beginning."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

_POWER_NS: Final = 2_000_000_000


def joules_at(trail: list[tuple[int, float]], t_ns: int) -> float | None:
    """Energy used until then: between two readings, or beyond the last one at the power of the last seconds."""
    if len(trail) < 2:
        return None
    at = min(max(bisect_right(trail, (t_ns, float("inf"))), 1), len(trail) - 1)
    before, after = trail[at - 1], trail[at]
    if t_ns > after[0]:
        watts = watts_of(trail) or 0.0
        return after[1] + watts * (t_ns - after[0]) / 1e9
    return before[1] + (after[1] - before[1]) * max(0, t_ns - before[0]) / (after[0] - before[0])


def watts_of(trail: list[tuple[int, float]]) -> float | None:
    """Mean power of the last two seconds."""
    if len(trail) < 2:
        return None
    last = trail[-1]
    at = max(0, min(bisect_right(trail, (last[0] - _POWER_NS, float("inf"))) - 1, len(trail) - 2))
    return (last[1] - trail[at][1]) / (last[0] - trail[at][0]) * 1e9
