"""The energy timeline of one channel of a device: one curve made from what several recorders saw of it.

Every rank and every nested run may record the same device. At each time exactly one recorder counts, so that
the energy is counted once; joining is associative and idempotent because a timeline keeps its tracks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple, Protocol

from joulebook.meter.curve import Curve
from joulebook.meter.integrate import Track
from joulebook.meter.integrator import Gap
from joulebook.sensors.base import Channel

EVER_NS: Final = 1 << 62
"""Beyond any boot time: where a gap before or after the recording is open."""
_QUIET_SHARE: Final = 0.05


class Edge(NamedTuple):
    """An instant whose error enters an energy with this weight."""

    t_ns: int
    weight: float


class Energy(Protocol):
    """What a window can be taken of: a `Timeline`, or a share of one. Times in boot ns, energies in uJ."""

    @property
    def key(self) -> str:
        """Names the timeline."""

    @property
    def channel(self) -> Channel:
        """What the readings mean."""

    def at(self, t_ns: int) -> int:
        """Energy up to `t_ns`."""

    def energy(self, start_ns: int, end_ns: int) -> int:
        """Energy within a window."""

    def coverage(self, start_ns: int, end_ns: int) -> float:
        """Share of the window whose energy is known."""

    def gaps_in(self, start_ns: int, end_ns: int) -> list[Gap]:
        """Gaps that overlap the window, whole (`cut` them); before and after the recording one is open-ended."""

    def edge_sd(self, t_ns: int) -> float:
        """Standard deviation of the whole timeline at `t_ns`."""

    def noise_var(self, start_ns: int, end_ns: int) -> float:
        """Variance from sampling within a window."""

    def edges(self, start_ns: int, end_ns: int) -> list[Edge]:
        """The instants whose errors make the error of a window."""

    def share(self, start_ns: int, end_ns: int) -> float:
        """Mean share of the timeline within a window."""

    def peak_w(self) -> float:
        """Highest power that is plausible where nothing was seen."""

    def baseline_w(self) -> float | None:
        """Idle power; None when no quiet stretch was seen."""


class _Piece(NamedTuple):
    """A stretch on which one recorder counts, and the sums at its start."""

    start_ns: int
    end_ns: int
    curve: Curve
    uj: int
    var: float


class Timeline:
    """Cumulative energy of one channel; `energy(a, b) + energy(b, c) == energy(a, c)` to the microjoule."""

    __slots__ = ("_gaps", "_pieces", "_starts", "boot_id", "channel", "end_ns", "start_ns", "tracks")

    def __init__(self, tracks: Iterable[Track], boot_id: str = "") -> None:
        """Raises ValueError when there is no track or when the tracks are not of one channel."""
        given = list(tracks)
        self.tracks = _unique(given)
        self.boot_id = boot_id
        names = {(track.channel.device, track.channel.name) for track in given}
        if len(names) != 1:
            raise ValueError(f"a timeline is of one channel of one device; got {sorted(names) or 'no track'}")
        self.channel = self.tracks[0].channel
        self._pieces = _pieces(self.tracks)
        self._starts = [piece.start_ns for piece in self._pieces]
        self.start_ns = self._starts[0] if self._starts else 0
        self.end_ns = self._pieces[-1].end_ns if self._pieces else 0
        self._gaps = _gaps(self._pieces)

    @property
    def key(self) -> str:
        """Boot id, device and channel name."""
        return f"{self.boot_id}/{self.channel.device}/{self.channel.name}"

    def stretches(self) -> list[tuple[int, int, Curve, Track]]:
        """Start, end, curve and track of each stretch on which one recorder counts, in order of time."""
        return [(piece.start_ns, piece.end_ns, piece.curve, piece.curve.track) for piece in self._pieces]

    def merged(self, *others: Timeline) -> Timeline:
        """The timeline of the tracks of all; the order does not matter, nor does a repetition."""
        return Timeline([track for line in (self, *others) for track in line.tracks], self.boot_id)

    def at(self, t_ns: int) -> int:
        """Energy in uJ from the start up to `t_ns`; never falls."""
        index = bisect_right(self._starts, t_ns) - 1
        if index < 0:
            return 0
        piece = self._pieces[index]
        return piece.uj + piece.curve.at(min(t_ns, piece.end_ns)) - piece.curve.at(piece.start_ns)

    def energy(self, start_ns: int, end_ns: int) -> int:
        """Energy in uJ within a window."""
        return self.at(end_ns) - self.at(start_ns)

    def gaps_in(self, start_ns: int, end_ns: int) -> list[Gap]:
        """Gaps that overlap the window, whole (`cut` them); before and after the recording one is open-ended."""
        found = []
        if start_ns < self.start_ns:
            found.append(Gap(-EVER_NS, self.start_ns, "missing"))
        index = bisect_right(self._gaps, start_ns, key=lambda gap: gap.end_ns)
        found.extend(gap for gap in self._gaps[index:] if gap.start_ns < end_ns)
        if end_ns > self.end_ns:
            found.append(Gap(self.end_ns, EVER_NS, "missing"))
        return found

    def coverage(self, start_ns: int, end_ns: int) -> float:
        """Share of the window whose energy is known (time detail apart)."""
        if end_ns <= start_ns:
            return 1.0
        lost, upto = 0, start_ns
        for gap in sorted(gap for gap in self.gaps_in(start_ns, end_ns) if not gap.bridged):
            lost += max(0, min(gap.end_ns, end_ns) - max(gap.start_ns, upto))
            upto = max(upto, gap.end_ns)
        return 1 - lost / (end_ns - start_ns)

    def edge_sd(self, t_ns: int) -> float:
        """Standard deviation in uJ of `at(t_ns)` as an estimate of the true energy up to `t_ns`."""
        index = bisect_right(self._starts, t_ns) - 1
        if index < 0 or t_ns > self._pieces[index].end_ns:
            return 0.0
        return self._pieces[index].curve.edge_sd(t_ns)

    def noise_var(self, start_ns: int, end_ns: int) -> float:
        """Variance in uJ^2 that sampling a power adds to a window; 0 for a counter."""
        return max(0.0, self._var(end_ns) - self._var(start_ns))

    def _var(self, t_ns: int) -> float:
        index = bisect_right(self._starts, t_ns) - 1
        if index < 0:
            return 0.0
        piece = self._pieces[index]
        return piece.var + piece.curve.var(min(t_ns, piece.end_ns)) - piece.curve.var(piece.start_ns)

    def edges(self, start_ns: int, end_ns: int) -> list[Edge]:
        """The two ends of the window."""
        return [Edge(start_ns, -1.0), Edge(end_ns, 1.0)]

    def share(self, start_ns: int, end_ns: int) -> float:  # noqa: ARG002 - the whole of itself at any time
        """Always 1: the whole timeline."""
        return 1.0

    def peak_w(self) -> float:
        """Highest mean power over 0.2 s or more that was seen; the channel's limit when nothing was seen."""
        return max((piece.curve.peak_w() for piece in self._pieces), default=0.0) or self.channel.limit_w

    def baseline_w(self, window_s: float = 1.0) -> float | None:
        """Idle power: 5th percentile of the mean power of windows of `window_s`; None without a whole window."""
        step = int(window_s * 1e9)
        starts = range(self.start_ns, self.end_ns - step + 1, step)
        means = sorted(self.energy(t, t + step) / step * 1000 for t in starts if not self.gaps_in(t, t + step))
        return means[int(_QUIET_SHARE * (len(means) - 1))] if means else None


def _unique(tracks: Iterable[Track]) -> tuple[Track, ...]:
    """The longest track of each recorder, in order of precedence: earliest start, then recorder id."""
    best: dict[str, Track] = {}
    for track in tracks:
        held = best.get(track.recorder)
        if held is None or (len(track.t), track) > (len(held.t), held):
            best[track.recorder] = track
    return tuple(sorted(best.values(), key=lambda track: (_start(track), track.recorder)))


def _start(track: Track) -> int:
    starts = [*track.t[:1], *(gap.start_ns for gap in track.gaps[:1])]
    return min(starts, default=0)


def _end(track: Track) -> int:
    return max([*track.t[-1:], *(gap.end_ns for gap in track.gaps)], default=0)


def _pieces(tracks: Sequence[Track]) -> list[_Piece]:
    """The stretches on which one track counts, in order of time."""
    extents = [(track, _start(track), _end(track)) for track in tracks]
    points = {edge for _, *ends in extents for edge in ends}
    for track in tracks[: len(tracks) if len(tracks) > 1 else 0]:
        points.update(edge for gap in track.gaps for edge in gap[:2])
    ordered = sorted(points)
    stretches: list[tuple[int, int, Track]] = []
    for start, end in pairwise(ordered):
        chosen = _choose([track for track, begins, ends in extents if begins <= start and end <= ends], start, end)
        if chosen is None:
            continue
        if stretches and stretches[-1][1] == start and stretches[-1][2] is chosen:
            stretches[-1] = (stretches[-1][0], end, chosen)
        else:
            stretches.append((start, end, chosen))
    curves = {id(track): Curve(track) for track in {id(track): track for _, _, track in stretches}.values()}
    pieces: list[_Piece] = []
    uj, var = 0, 0.0
    for start, end, track in stretches:
        curve = curves[id(track)]
        pieces.append(_Piece(start, end, curve, uj, var))
        uj += curve.at(end) - curve.at(start)
        var += curve.var(end) - curve.var(start)
    return pieces


def _choose(present: Sequence[Track], start: int, end: int) -> Track | None:
    """The one of the tracks there that counts between two neighbouring points: the best known, then the first."""
    if len(present) < 2:
        return present[0] if present else None
    return min(present, key=lambda track: _rank(track, present, start, end))  # the first of equals


def _rank(track: Track, present: Sequence[Track], start: int, end: int) -> int:
    """0: usable here; 1: a bridged gap that another track sees in full; 2: a gap."""
    rank = 0
    for gap in track.gaps:
        if gap.start_ns >= end or gap.end_ns <= start:
            continue
        if not gap.bridged:
            return 2
        if any(_sees(other, gap) for other in present if other is not track):
            rank = 1
    return rank


def _sees(track: Track, gap: Gap) -> bool:
    inside = _start(track) <= gap.start_ns and gap.end_ns <= _end(track)
    return inside and not any(own.start_ns < gap.end_ns and own.end_ns > gap.start_ns for own in track.gaps)


def _gaps(pieces: Sequence[_Piece]) -> list[Gap]:
    """Gaps of the track that counts, and stretches that no track covers, disjoint in each piece's order."""
    found: list[Gap] = []
    for number, piece in enumerate(pieces):
        if number and pieces[number - 1].end_ns < piece.start_ns:
            found.append(Gap(pieces[number - 1].end_ns, piece.start_ns, "missing"))
        found.extend(
            cut(gap, piece.start_ns, piece.end_ns)
            for gap in piece.curve.gaps
            if gap.start_ns < piece.end_ns and gap.end_ns > piece.start_ns
        )
    return sorted(found, key=lambda gap: (gap.end_ns, gap.start_ns))


def cut(gap: Gap, start_ns: int, end_ns: int) -> Gap:
    """The part of a gap inside a window, with its proportion of what was counted."""
    start, end = max(gap.start_ns, start_ns), min(gap.end_ns, end_ns)
    if (start, end) == (gap.start_ns, gap.end_ns):
        return gap
    counted = gap.lower_bound_uj * (end - start) // max(1, gap.end_ns - gap.start_ns)
    return gap._replace(start_ns=start, end_ns=end, lower_bound_uj=counted)
