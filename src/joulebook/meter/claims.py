"""Who a machine's energy belongs to: runs claim intervals of a timeline, overlaps are shared by a declared rule.

Shares are exact: at every instant the shares of all owners and of nobody ("") sum to the timeline.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from joulebook.meter.integrate import Gap
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


class Share(_Part):
    """The part of a timeline that belongs to one owner; the same questions as of a `Timeline`."""

    __slots__ = ("_counted", "_parts", "_rank")

    def __init__(self, whole: Energy, parts: Parts, rank: int, owner: str) -> None:
        super().__init__(whole, owner)
        self._parts = parts
        self._rank = rank
        self._counted: list[int] = []

    @property
    def _uj(self) -> list[int]:
        """Energy up to each bound; not counted before it is asked for, as most owners' is not."""
        counted, parts, whole = self._counted, self._parts, self._whole
        if not counted:
            counted.append(whole.at(parts.bounds[0]) if parts.bounds and self.owner == NOBODY else 0)
            for index, (start, end) in enumerate(pairwise(parts.bounds)):
                counted.append(counted[-1] + parts.of(index, self._rank, whole.energy(start, end)))
        return counted

    def alike(self, whole: Energy) -> Share:
        """The same share of another timeline of the same boot."""
        around = self._whole.alike(whole) if isinstance(self._whole, Share) else whole
        return Share(around, self._parts, self._rank, self.owner)

    def at(self, t_ns: int) -> int:
        """Energy of this owner in uJ up to `t_ns`; never falls."""
        bounds = self._parts.bounds
        index = bisect_right(bounds, t_ns) - 1
        if index < 0:
            return self._whole.at(t_ns) if self.owner == NOBODY else 0
        if index == len(bounds) - 1:
            return self._uj[-1] + (self._whole.energy(bounds[-1], t_ns) if self.owner == NOBODY else 0)
        return self._uj[index] + self._parts.of(index, self._rank, self._whole.energy(bounds[index], t_ns))

    def energy(self, start_ns: int, end_ns: int) -> int:
        """Energy of this owner in uJ within a window."""
        return self.at(end_ns) - self.at(start_ns)

    def edges(self, start_ns: int, end_ns: int) -> list[Edge]:
        """The ends of the window and every instant at which the owner's fraction changes."""
        weights: dict[int, float] = {}
        for start, end in pairwise(self._points(start_ns, end_ns)):
            fraction = self._fraction(start)
            for t, weight in self._whole.edges(start, end) if fraction else ():
                weights[t] = weights.get(t, 0.0) + fraction * weight
        return [Edge(t, weight) for t, weight in sorted(weights.items()) if weight]

    def share(self, start_ns: int, end_ns: int) -> float:
        """Mean fraction of the timeline that is this owner's within a window, by time."""
        parts = [
            (fraction, start, end)
            for start, end in pairwise(self._points(start_ns, end_ns))
            if (fraction := self._fraction(start))
        ]
        owned = sum(fraction * self._whole.share(start, end) * (end - start) for fraction, start, end in parts)
        return owned / (end_ns - start_ns) if end_ns > start_ns else 0.0

    def _points(self, start_ns: int, end_ns: int) -> list[int]:
        bounds = self._parts.bounds
        return [start_ns, *bounds[bisect_right(bounds, start_ns) : bisect_left(bounds, end_ns)], end_ns]

    def _fraction(self, t_ns: int) -> float:
        index = bisect_right(self._parts.bounds, t_ns) - 1
        if index < 0 or index >= len(self._parts.weights):
            return float(self.owner == NOBODY)
        return self._parts.weights[index].get(self._rank, 0) / _WHOLE


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

    Nested owners are there as well: they are part of their parent's share and not to be added.
    """
    tops, nested = _nesting(list(claims))
    owners = list(dict.fromkeys(claim.owner for claim in sorted(tops, key=lambda claim: (claim.start_ns, claim))))
    parts = _parts(tops, owners)
    result: dict[str, Share] = {
        owner: Share(timeline, parts, rank, owner) for rank, owner in enumerate([*owners, NOBODY])
    }
    while nested:
        ready = [owner for owner in nested if nested[owner][0].parent in result]
        inner: dict[str, list[Claim]] = {}
        for owner in ready:
            for claim in nested.pop(owner):
                inner.setdefault(claim.parent, []).append(Claim(owner, claim.start_ns, claim.end_ns))
        for parent, children in inner.items():
            names = list(dict.fromkeys(claim.owner for claim in sorted(children, key=lambda one: (one.start_ns, one))))
            parts = _parts(children, names)
            result |= {name: Share(result[parent], parts, rank, name) for rank, name in enumerate(names)}
    return result


def _nesting(claims: list[Claim]) -> tuple[list[Claim], dict[str, list[Claim]]]:
    """Claims that take part in the sharing, and those of owners whose parent claims too, by owner.

    What outlives its parent (which was killed, say) goes on inside it: its parent claims that time too.
    """
    claims = [claim for claim in claims if claim.owner != NOBODY and claim.end_ns > claim.start_ns]
    parent: dict[str, str] = {}
    for claim in claims:
        parent.setdefault(claim.owner, claim.parent)

    def depth(owner: str) -> int:
        """How many are around an owner; 0 where they stand in a circle."""
        seen = {owner}
        above = parent[owner]
        while above in parent and above not in seen:
            seen.add(above)
            above = parent[above]
        return 0 if above in seen else len(seen) - 1

    depths = {owner: depth(owner) for owner in parent}
    inner = {owner for owner in parent if depths[owner]}
    own: dict[str, list[Claim]] = {}
    for claim in claims:
        around = parent[claim.owner] if claim.owner in inner else claim.parent
        own.setdefault(claim.owner, []).append(claim._replace(parent=around))
    for owner in sorted(inner, key=lambda owner: -depths[owner]):
        above = parent[owner]
        covered = unite((claim.start_ns, claim.end_ns) for claim in own[above])
        own[above] += [
            claim._replace(owner=above, start_ns=start, end_ns=end, parent=parent[above])
            for claim in own[owner]
            for start, end in _left_out(claim, covered)
        ]
    return [claim for owner in own if owner not in inner for claim in own[owner]], {
        owner: own[owner] for owner in own if owner in inner
    }


def _left_out(claim: Claim, covered: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of a claim outside these disjoint rising intervals."""
    edges = [edge for pair in covered for edge in pair]
    points = sorted({claim.start_ns, claim.end_ns, *(edge for edge in edges if claim.start_ns < edge < claim.end_ns)})
    return [
        (start, end) for start, end in pairwise(points) if not any(a <= start and end <= b for a, b in covered)
    ]


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
