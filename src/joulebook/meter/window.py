"""The energy of a window as a `Quantity`: counted joules, calibration, edges, sampling and gaps.

Each error belongs to what causes it: calibration to the kind of device, an edge to its instant, sampling to
a stretch of the timeline, a gap to itself. Hence the parts of a window sum to the whole draw by draw.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt
from typing import Final, NamedTuple

from joulebook.meter.claims import unite
from joulebook.meter.integrator import Gap
from joulebook.meter.timeline import Edge, Energy, cut
from joulebook.quantity import Basis, Quantity, Source, total

EDGES_MAX: Final = 64
"""More edges than this become one combined error: a leaf for each would cost more than it tells."""
_Z95: Final = 1.6448536269514722
_CELL_NS: Final = 1 << 27
"""Sampling noise is followed down to stretches of about 0.13 s; within one it belongs to the edge."""
_ROOT_NS: Final = 1 << 62


class Window(NamedTuple):
    """The energy of one or several intervals of a timeline or of a share."""

    amount: Quantity
    """In J."""
    energy_uj: int
    """The exact integer behind `amount`."""
    coverage: float
    """Share of the intervals whose energy is known."""
    gap_s: dict[str, float]
    """Seconds of gaps by reason, those that lack time detail only included."""


def energy(line: Energy, intervals: Iterable[tuple[int, int]], label: str = "") -> Window:
    """The energy of `line` within the union of `intervals` (boot ns), named `label`."""
    parts = unite(intervals)
    uj = sum(line.energy(start, end) for start, end in parts)
    basis = Basis.parse(line.channel.basis)
    counted = _counted(line, uj, parts, basis)
    edges = _edges(line, parts)
    if len(edges) > EDGES_MAX:
        errors = [_combined(line, parts, edges, label)]
    else:
        errors = _edge_errors(line, edges) + _sampling_errors(line, edges)
    terms = [_leaf(source, sd_uj, basis) for source, sd_uj in errors if sd_uj]
    terms += _gap_terms(line, parts, basis)
    amount = total([counted, *terms], "J", name=label) if terms else counted.named(label)
    length = sum(end - start for start, end in parts)
    known = sum(line.coverage(start, end) * (end - start) for start, end in parts)
    return Window(amount, uj, known / length if length else 1.0, _gap_seconds(line, parts))


def _counted(line: Energy, uj: int, parts: Sequence[tuple[int, int]], basis: Basis) -> Quantity:
    """The counted joules times the calibration factor, which all channels with its id share."""
    channel = line.channel
    span = f"{parts[0][0]}..{parts[-1][1]}" if parts else ""
    text = f"{channel.device} {channel.name}: {channel.method or channel.form}"
    reading = Quantity.of(uj / 1e6, "J", basis=basis, source=Source(f"reading:{line.key}:{span}", text))
    factor = calibration_of(line)
    return reading if factor is None else reading * factor


def calibration_of(line: Energy) -> Quantity | None:
    """The factor by which the readings of a channel may be wrong, around 1; None for an exact instrument."""
    channel = line.channel
    if channel.low == channel.high == 1:
        return None
    owner = channel.calibration or f"calibration:{line.key}"
    source = Source(owner, f"calibration of {channel.kind}: {channel.source or owner}")
    low, high = min(channel.low, 1.0), max(channel.high, 1.0)
    return Quantity.of(1.0, "1", low=low, high=high, basis=Basis.parse(channel.basis), source=source)


def _leaf(source: Source, sd_uj: float, basis: Basis) -> Quantity:
    """An error around zero; a negative `sd_uj` turns the draws of its source around."""
    half = abs(sd_uj) * _Z95 / 1e6
    unit = Quantity.of(0.0, "J", low=-half, high=half, basis=basis, source=source)
    return unit if sd_uj > 0 else unit * -1.0


def _edges(line: Energy, parts: Sequence[tuple[int, int]]) -> list[Edge]:
    """The edges of all intervals; where two meet their weights add, and cancel when nothing changes there."""
    weights: dict[int, float] = {}
    for start, end in parts:
        for t, weight in line.edges(start, end):
            weights[t] = weights.get(t, 0.0) + weight
    return [Edge(t, weight) for t, weight in sorted(weights.items()) if weight]


def _edge_errors(line: Energy, edges: Sequence[Edge]) -> list[tuple[Source, float]]:
    return [
        (Source(f"edge:{line.key}:{t}", f"energy at the instant {t} ns, between two updates"), weight * line.edge_sd(t))
        for t, weight in edges
    ]


def _combined(
    line: Energy, parts: Sequence[tuple[int, int]], edges: Sequence[Edge], label: str
) -> tuple[Source, float]:
    variance = sum((weight * line.edge_sd(t)) ** 2 for t, weight in edges)
    variance += sum(line.share(start, end) ** 2 * line.noise_var(start, end) for start, end in parts)
    owner = f"edges:{line.key}:{label}:{edges[0].t_ns}:{edges[-1].t_ns}:{len(edges)}"
    return Source(owner, f"{len(edges)} edges of windows, together"), sqrt(variance)


def _sampling_errors(line: Energy, edges: Sequence[Edge]) -> list[tuple[Source, float]]:
    """Sampling noise as a random walk over the timeline, in Levy's construction.

    The walk's value at an edge is a sum over the binary cells around it, each with a source of its own, so
    any two windows of one timeline are correlated as they must be.
    """
    if not edges or not line.noise_var(edges[0].t_ns, edges[-1].t_ns):
        return []
    found: dict[str, float] = {}
    for t, weight in edges:
        _walk(line, t, weight, found)
    text = "sampling of a power at single instants"
    return [(Source(owner, text), sd) for owner, sd in found.items()]


def _walk(line: Energy, t: int, weight: float, found: dict[str, float]) -> None:
    """Add the walk's value at `t` to `found` (standard deviation by source)."""
    low, high = 0, _ROOT_NS
    below, above = 0.0, line.noise_var(low, high)
    at = line.noise_var(0, t)

    def add(owner: str, sd: float) -> None:
        if sd:
            name = f"noise:{line.key}:{owner}"
            found[name] = found.get(name, 0.0) + weight * sd

    add("whole", at / sqrt(above))
    while high - low > _CELL_NS and above > below:
        middle = (low + high) // 2
        inner = line.noise_var(0, middle)
        left, right = inner - below, above - inner
        if left > 0 and right > 0:
            tent = (at - below) / left if t <= middle else (above - at) / right
            add(f"{low}:{high}", sqrt(left * right / (above - below)) * tent)
        if t <= middle:
            high, above = middle, inner
        else:
            low, below = middle, inner
    if above > below:
        add(f"at:{t}", sqrt(max(0.0, (at - below) * (above - at) / (above - below))))


def _gap_terms(line: Energy, parts: Sequence[tuple[int, int]], basis: Basis) -> list[Quantity]:
    """For each gap whose energy is not known: from nothing more than was counted to what is plausible."""
    terms = []
    for start, end in parts:
        for gap in line.gaps_in(start, end):
            if gap.bridged:
                continue
            part = cut(gap, start, end)
            length = part.end_ns - part.start_ns
            share = line.share(part.start_ns, part.end_ns)
            most = _plausible_w(line, gap) * length / 1e9 - part.lower_bound_uj / 1e6
            if most * share <= 0:
                continue
            source = Source(f"gap:{line.key}:{_owner(gap)}", f"{gap.reason} for {length / 1e9:.3g} s")
            terms.append(Quantity.of(0.0, "J", low=0.0, high=most * share, basis=basis, source=source))
    return terms


def _plausible_w(line: Energy, gap: Gap) -> float:
    """The most that can have been drawn: the highest power seen, or the idle power of a machine asleep."""
    if gap.reason == "suspended":
        idle = line.baseline_w()
        return line.peak_w() if idle is None else idle
    return line.peak_w()


def _owner(gap: Gap) -> str:
    return f"{gap.reason}:{gap.start_ns}"


def _gap_seconds(line: Energy, parts: Sequence[tuple[int, int]]) -> dict[str, float]:
    seconds: dict[str, float] = {}
    for start, end in parts:
        for gap in line.gaps_in(start, end):
            part = cut(gap, start, end)
            seconds[gap.reason] = seconds.get(gap.reason, 0.0) + (part.end_ns - part.start_ns) / 1e9
    return seconds
