"""Who a machine's energy belongs to: runs claim intervals of a timeline, overlaps are shared by a declared rule.

Shares are exact: at every instant the shares of all owners and of nobody ("") sum to the timeline.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from joulebook.meter.integrator import Gap
from joulebook.meter.timeline import Edge, Energy
from joulebook.sensors.base import Channel

MACHINE: Final = "machine"
PROCESS: Final = "process"
ALLOCATED: Final = "allocated"
NOBODY: Final = ""
_WHOLE: Final = 1_000_000_000
"""Shares are counted in billionths."""


class Claim(NamedTuple):
    """An interval (boot ns) of a timeline that `owner` claims.

    Rule `machine`: all of it, in equal parts with other such claims. Rule `process`: the part of the process
    tree in the machine's busy CPU time, by `cpu`: rows (boot ns, tree us, busy us), cumulative. Rule `allocated`:
    `part` billionths, busy or not, in equal parts with others that were allotted the same by the same `holder`. A
    claim whose `parent` claims too takes from the parent's share alone, in equal parts with others inside it then.
    """

    owner: str
    start_ns: int
    end_ns: int
    rule: str = MACHINE
    cpu: tuple[tuple[int, int, int], ...] = ()
    parent: str = ""
    part: int = 0
    memory_part: int = 0
    """The same of the memory, where that was allotted as well; 0 where it follows the processors."""
    holder: str = ""
    part_is_shown: bool = False
    """Whether /proc shows the part as if it were the machine (lxcfs)."""


class _Part:
    """What a share of a timeline knows from the whole of it."""

    __slots__ = ("_whole", "channel", "key", "owner")

    def __init__(self, whole: Energy, owner: str) -> None:
        self.owner = owner
        self.channel: Channel = whole.channel
        self.key: str = whole.key
        self._whole = whole

    def coverage(self, start_ns: int, end_ns: int) -> float:
        """Share of the window whose energy is known."""
        return self._whole.coverage(start_ns, end_ns)

    def gaps_in(self, start_ns: int, end_ns: int) -> list[Gap]:
        """The timeline's gaps in the window."""
        return self._whole.gaps_in(start_ns, end_ns)

    def edge_sd(self, t_ns: int) -> float:
        """Standard deviation of the whole timeline at `t_ns`."""
        return self._whole.edge_sd(t_ns)

    def noise_var(self, start_ns: int, end_ns: int) -> float:
        """Variance in uJ^2 from sampling the whole timeline."""
        return self._whole.noise_var(start_ns, end_ns)

    def peak_w(self) -> float:
        """Highest power of the whole timeline."""
        return self._whole.peak_w()

    def baseline_w(self) -> float | None:
        """Idle power of the whole timeline."""
        return self._whole.baseline_w()


class _Slot:
    """The part of a whole that is one owner's, for as long as it stands in that whole."""

    __slots__ = ("_counted", "_is_rest", "_parts", "_rank", "whole")

    def __init__(self, whole: Energy, parts: Parts, rank: int, *, is_rest: bool) -> None:
        self.whole = whole
        self._parts = parts
        self._rank = rank
        self._is_rest = is_rest
        self._counted: list[int] = []

    @property
    def _uj(self) -> list[int]:
        """Energy up to each bound; not counted before it is asked for, as most owners' is not."""
        counted, parts, whole = self._counted, self._parts, self.whole
        if not counted:
            counted.append(whole.at(parts.bounds[0]) if parts.bounds and self._is_rest else 0)
            for index, (start, end) in enumerate(pairwise(parts.bounds)):
                counted.append(counted[-1] + parts.of(index, self._rank, whole.energy(start, end)))
        return counted

    def alike(self, whole: Energy) -> _Slot:
        """The same slot of another timeline of the same boot."""
        around = self.whole.alike(whole) if isinstance(self.whole, Share) else whole
        return _Slot(around, self._parts, self._rank, is_rest=self._is_rest)

    def at(self, t_ns: int) -> int:
        bounds = self._parts.bounds
        index = bisect_right(bounds, t_ns) - 1
        if index < 0:
            return self.whole.at(t_ns) if self._is_rest else 0
        if index == len(bounds) - 1:
            return self._uj[-1] + (self.whole.energy(bounds[-1], t_ns) if self._is_rest else 0)
        return self._uj[index] + self._parts.of(index, self._rank, self.whole.energy(bounds[index], t_ns))

    def edges(self, start_ns: int, end_ns: int) -> Iterator[tuple[int, float]]:
        for start, end in pairwise(self._points(start_ns, end_ns)):
            fraction = self._fraction(start)
            for t, weight in self.whole.edges(start, end) if fraction else ():
                yield t, fraction * weight

    def owned(self, start_ns: int, end_ns: int) -> float:
        """The fraction of the whole timeline, summed over the time in ns."""
        return sum(
            fraction * self.whole.share(start, end) * (end - start)
            for start, end in pairwise(self._points(start_ns, end_ns))
            if (fraction := self._fraction(start))
        )

    def _points(self, start_ns: int, end_ns: int) -> list[int]:
        bounds = self._parts.bounds
        return [start_ns, *bounds[bisect_right(bounds, start_ns) : bisect_left(bounds, end_ns)], end_ns]

    def _fraction(self, t_ns: int) -> float:
        index = bisect_right(self._parts.bounds, t_ns) - 1
        if index < 0 or index >= len(self._parts.weights):
            return float(self._is_rest)
        return self._parts.weights[index].get(self._rank, 0) / _WHOLE


class Share(_Part):
    """The part of a timeline that belongs to one owner; the same questions as of a `Timeline`.

    An owner that outlives the one around it has two slots: one inside that, and one beside the others.
    """

    __slots__ = ("_slots",)

    def __init__(self, whole: Energy, owner: str, slots: Sequence[_Slot]) -> None:
        super().__init__(whole, owner)
        self._slots = slots

    def alike(self, whole: Energy) -> Share:
        """The same share of another timeline of the same boot."""
        return Share(whole, self.owner, [slot.alike(whole) for slot in self._slots])

    def at(self, t_ns: int) -> int:
        """Energy of this owner in uJ up to `t_ns`; never falls."""
        return sum(slot.at(t_ns) for slot in self._slots)

    def energy(self, start_ns: int, end_ns: int) -> int:
        """Energy of this owner in uJ within a window."""
        return self.at(end_ns) - self.at(start_ns)

    def edges(self, start_ns: int, end_ns: int) -> list[Edge]:
        """The ends of the window and every instant at which the owner's fraction changes."""
        weights: dict[int, float] = {}
        for slot in self._slots:
            for t, weight in slot.edges(start_ns, end_ns):
                weights[t] = weights.get(t, 0.0) + weight
        return [Edge(t, weight) for t, weight in sorted(weights.items()) if weight]

    def share(self, start_ns: int, end_ns: int) -> float:
        """Mean fraction of the timeline that is this owner's within a window, by time."""
        owned = sum(slot.owned(start_ns, end_ns) for slot in self._slots)
        return owned / (end_ns - start_ns) if end_ns > start_ns else 0.0


class Parts(NamedTuple):
    """Elementary intervals between `bounds` and in each the weight of every owner, by rank, in billionths."""

    bounds: list[int]
    weights: list[dict[int, int]]

    def of(self, index: int, rank: int, uj: int) -> int:
        """The part of `uj` that is the owner's of that rank; all parts sum to `uj` and none falls as it grows.

        One owner after the other is parted from the rest, rounded down for the rest: each part and each rest
        grows by 0 or 1 with every microjoule, and the first owner gets what is left over.
        """
        left, rest = _WHOLE, uj
        for owner, weight in self.weights[index].items():
            later = rest * (left - weight) // left if left else 0
            if owner == rank:
                return rest - later
            left, rest = left - weight, later
        return 0


def split(timeline: Energy, claims: Iterable[Claim]) -> dict[str, Share]:
    """The shares of all owners and, under "", what nobody claimed; together they are the timeline, to 0 uJ.

    Nested owners are there as well: while the one around them claims they are part of its share and not to be added.
    """
    slots: dict[str, list[_Slot]] = {}
    for around, pieces in _hosted(list(claims)):
        owners = list(dict.fromkeys(claim.owner for claim in sorted(pieces, key=lambda one: (one.start_ns, one))))
        parts = _parts(pieces, owners)
        whole = Share(timeline, around, slots[around]) if around else timeline
        for rank, owner in enumerate(owners if around else [*owners, NOBODY]):
            slots.setdefault(owner, []).append(_Slot(whole, parts, rank, is_rest=owner == NOBODY))
    return {owner: Share(timeline, owner, own) for owner, own in slots.items()}


def _hosted(claims: list[Claim]) -> list[tuple[str, list[Claim]]]:
    """The pieces of all claims by who is around them at that time; those beside all others under "", first.

    Outer owners come before inner ones. What outlives the one around it (which was killed, say) stands beside others.
    """
    claims = [claim for claim in claims if claim.owner != NOBODY and claim.end_ns > claim.start_ns]
    parent: dict[str, str] = {}
    extents: dict[str, list[tuple[int, int]]] = {}
    for claim in claims:
        parent.setdefault(claim.owner, claim.parent)
        extents.setdefault(claim.owner, []).append((claim.start_ns, claim.end_ns))
    covers = {owner: unite(extent) for owner, extent in extents.items()}
    chains = {owner: _chain(owner, parent) for owner in parent}
    found: dict[str, list[Claim]] = {NOBODY: []}
    for owner in sorted(parent, key=lambda owner: len(chains[owner])):
        found[owner] = []
    for claim in claims:
        left = [(claim.start_ns, claim.end_ns)]
        for above in chains[claim.owner]:
            inside, left = _divided(left, covers[above])
            found[above] += [Claim(claim.owner, start, end) for start, end in inside]
        found[NOBODY] += [claim._replace(start_ns=start, end_ns=end) for start, end in left]
    return [(around, pieces) for around, pieces in found.items() if pieces or around == NOBODY]


def _chain(owner: str, parent: Mapping[str, str]) -> list[str]:
    """Who is around an owner, from the inside out; nobody where they stand in a circle."""
    chain: list[str] = []
    above = parent[owner]
    while above in parent:
        if above == owner or above in chain:
            return []
        chain.append(above)
        above = parent[above]
    return chain


def _divided(
    intervals: Iterable[tuple[int, int]], covers: Sequence[tuple[int, int]]
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The parts of intervals inside and outside of others, which are disjoint and rise."""
    inside, outside = list[tuple[int, int]](), list[tuple[int, int]]()
    for start, end in intervals:
        upto = start
        for begin, stop in covers:
            if stop > start and begin < end:
                outside.append((upto, begin))
                inside.append((max(start, begin), min(end, stop)))
                upto = stop
        outside.append((upto, end))
    return inside, [(start, end) for start, end in outside if start < end]


def _parts(claims: list[Claim], owners: list[str]) -> Parts:
    """Elementary intervals and weights; what the weights leave of the whole is nobody's."""
    points = {edge for claim in claims for edge in (claim.start_ns, claim.end_ns)}
    for claim in claims:
        if claim.rule == PROCESS:
            points.update(row[0] for row in claim.cpu if claim.start_ns < row[0] < claim.end_ns)
    bounds = sorted(points)
    ranks = {owner: rank for rank, owner in enumerate(owners)}
    columns = {cpu: number for number, cpu in enumerate(dict.fromkeys(claim.cpu for claim in claims))}
    starts = [(claim, columns[claim.cpu]) for claim in sorted(claims, key=lambda claim: claim.start_ns)]
    weights: list[dict[int, int]] = []
    active: list[tuple[Claim, int]] = []
    upcoming = 0
    for start, end in pairwise(bounds):
        while upcoming < len(starts) and starts[upcoming][0].start_ns <= start:
            active.append(starts[upcoming])
            upcoming += 1
        active = [pair for pair in active if pair[0].end_ns > start]
        weights.append(_weigh(active, start, end, ranks))
    return Parts(bounds, weights)


def _weigh(active: Sequence[tuple[Claim, int]], start: int, end: int, ranks: Mapping[str, int]) -> dict[int, int]:
    """Weights of one elementary interval in order of the owners' rank; they sum to the whole.

    `active` are the claims there, each with the number of its CPU columns: the same columns count once.
    """
    machine = {claim.owner for claim, _ in active if claim.rule not in (PROCESS, ALLOCATED)}
    process = _allocated([claim for claim, _ in active if claim.rule == ALLOCATED and claim.owner not in machine])
    once = {(c.owner, number): c for c, number in active if c.rule == PROCESS and c.owner not in machine}
    for (owner, _), claim in once.items():
        process[owner] = min(_WHOLE, process.get(owner, 0) + _busy_share(claim.cpu, start, end))
    asked = sum(process.values())
    if asked > _WHOLE:
        process = {owner: weight * _WHOLE // asked for owner, weight in process.items()}
    rest = _WHOLE - sum(process.values())
    if machine:
        each = rest // len(machine)
        process.update(dict.fromkeys(machine, each))
        rest -= each * len(machine)
        first = min(machine, key=ranks.__getitem__)
        process[first] += rest
        rest = 0
    result = {ranks[owner]: process[owner] for owner in sorted(process, key=ranks.__getitem__)}
    result[len(ranks)] = rest
    return result


def _allocated(claims: Sequence[Claim]) -> dict[str, int]:
    """The weight of each owner by what was allotted: once for each holder, in equal parts to those in it."""
    owners: dict[str, set[str]] = {}
    parts: dict[str, int] = {}
    for claim in claims:
        owners.setdefault(claim.holder, set()).add(claim.owner)
        parts[claim.holder] = min(_WHOLE, max(parts.get(claim.holder, 0), claim.part))
    weights: dict[str, int] = {}
    for holder, inside in owners.items():
        for owner in inside:
            weights[owner] = min(_WHOLE, weights.get(owner, 0) + parts[holder] // len(inside))
    return weights


def _busy_share(cpu: Sequence[tuple[int, int, int]], start: int, end: int) -> int:
    """The tree's part of the busy CPU time around an interval, in billionths."""
    if len(cpu) < 2:
        return 0
    index = bisect_right(cpu, (start + end) / 2, key=lambda row: row[0])
    index = min(max(index, 1), len(cpu) - 1)
    (_, tree0, busy0), (_, tree1, busy1) = cpu[index - 1], cpu[index]
    if busy1 <= busy0 or tree1 <= tree0:
        return 0
    return min(_WHOLE, (tree1 - tree0) * _WHOLE // (busy1 - busy0))


def unite(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The union of intervals as disjoint rising ones; empty ones vanish."""
    united: list[tuple[int, int]] = []
    for start, end in sorted(pair for pair in intervals if pair[1] > pair[0]):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united
