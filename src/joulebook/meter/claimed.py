"""From the recordings of runs to what each of them has of a machine: timelines, claims, and shares of timelines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from joulebook.ledger.recording import Recording, legible
from joulebook.meter.claims import ALLOCATED, MACHINE, PROCESS, Claim, Share, split
from joulebook.meter.device_use import Row, rows_of
from joulebook.meter.integrate import Track, integrate
from joulebook.meter.outer import centred, second_ways
from joulebook.meter.ranks.members import owner_of, parent_of, rank_of
from joulebook.meter.timeline import Timeline
from joulebook.quantity import Basis
from joulebook.sensors.base import COUNTER, POWER, SOCKET, Channel

_HOUR_S: Final = 3_600
_SILENT_NS: Final = 2_000_000_000
_ANSWER_NS: Final = 10_000_000_000
"""An outer meter may answer so long after its last question."""
_ROUND_NS: Final = 50_000_000
"""Readings of one round are not further apart than this."""
_BASES: Final = tuple(basis.name.lower() for basis in Basis)
_LARGEST_FACTOR: Final = 1e9
_WHOLE: Final = 1_000_000_000
"""Parts of a device are counted in billionths."""
_MEMORY: Final = ("ram", "dram")
Interval = tuple[int, int]
Key = tuple[str, str, str]
"""Boot id, device, channel name: one timeline."""


class Claimed(NamedTuple):
    """One channel of a device, and what one run has of it; None where it lasted no time at all."""

    timeline: Timeline
    share: Share | None


class Ground:
    """What was recorded on one boot, and how its timelines are shared; each is made when it is first asked for."""

    def __init__(self, groups: Sequence[Sequence[Recording]]) -> None:
        self._tracks = _tracks(groups)
        self._claims = _claims(groups)
        self._uses = {recording.recorder: rows_of(recording.events) for group in groups for recording in group}
        self._found: dict[Key, tuple[Timeline, dict[str, Share]]] = {}

    def shares(self, key: Key) -> tuple[Timeline, dict[str, Share]]:
        """A timeline and the shares of all runs in it."""
        if key not in self._found:
            line = Timeline(self._tracks[key], key[0])
            self._found[key] = line, split(line, _claims_to(line, self._claims[line.boot_id], self._uses))
        return self._found[key]


class Scene:
    """One run among those that were recorded at the same time on the same boot."""

    def __init__(self, own: Sequence[Recording], beside: Iterable[Sequence[Recording]] = ()) -> None:
        self.own = own
        self.ground: Ground | None = None
        """That of these recordings and perhaps of others, where many scenes share one."""
        self.others = [group for group in beside if overlap(own, group)]
        self.window = bounds(own)
        self.offset = own[0].wall_ns(self.window[0]) - self.window[0]
        """What has to be added to a boot time of this run to have UTC."""

    @cached_property
    def claimed(self) -> list[Claimed]:
        """What the run has of each of its channels."""
        ground = self.ground or Ground([self.own, *self.others])
        own = {
            (boot_of(recording), channel.device, channel.name): None
            for recording in self.own
            for _, channel in _channels(recording)
        }
        shared = (ground.shares(key) for key in own)
        found = [Claimed(line, shares.get(self.own[0].run)) for line, shares in shared]
        left_out = second_ways([one.timeline for one in found], self.window)
        return [one for one in found if one.timeline.key not in left_out] if left_out else found


def bounds(recordings: Sequence[Recording]) -> Interval:
    """A run lasts from its first readings to its last; without readings, from its first record to its last.

    The command starts after the first readings and has ended before the last ones. The channels of one round
    are read one after the other: the run begins when all of them have been read, and ends alike. Where records go on
    without readings, for every sensor is lost, it lasts to the last record, and a gap is what lies between.
    """
    times = [t for recording in recordings for at, t in enumerate(recording.t) if t and not _is_outer(recording, at)]
    starts = [t[0] for t in times] or [recording.first_ns for recording in recordings]
    ends = [t[-1] for t in times] or [recording.last_ns for recording in recordings]
    begin = max(start for start in starts if start - min(starts) <= _ROUND_NS)
    read = min(end for end in ends if max(ends) - end <= _ROUND_NS)
    written = max(recording.last_ns for recording in recordings)
    return begin, max(begin, written if written - read > _silence_ns(recordings) else read)


def _silence_ns(recordings: Sequence[Recording]) -> float:
    """Readings that are further apart than this were not only waited for."""
    intervals = (recording.head.get("interval_s") for recording in recordings)
    slowest = max((s for s in intervals if isinstance(s, int | float) and 0 < s < _HOUR_S), default=0)
    asked = any(_is_outer(recording, at) for recording in recordings for at in range(len(recording.channels)))
    return 2e9 * slowest + (_ANSWER_NS if asked else _SILENT_NS)


def _is_outer(recording: Recording, at: int) -> bool:
    """Whether a channel is that of an outer meter, which answers in a time of its own."""
    return recording.channels[at].get("kind") == SOCKET


def boot_of(recording: Recording) -> str:
    """The boot that the times of a recording count from."""
    return legible(str(recording.head.get("boot_id", "")))


def overlap(own: Sequence[Recording], other: Sequence[Recording]) -> bool:
    """Whether two runs were recorded on the same boot at the same time."""
    (start, end), (begin, stop) = bounds(own), bounds(other)
    return boot_of(own[0]) == boot_of(other[0]) and start < stop and begin < end


def sharing(own: Sequence[Recording], others: Sequence[Sequence[Recording]]) -> list[str]:
    """The runs that have a share beside this one; the ranks of a group are one.

    Neither it, nor what is around it or inside it, nor what is inside one of those: that takes from its parent alone.
    """
    run = own[0].run
    heads = [group[0].head for group in (own, *others)]
    parents = {group[0].run: parent_of(group[0].head) for group in (own, *others)}
    parents |= {parent_of(head): str(head.get("parent", "")) for head in heads if rank_of(head)}
    return [
        other
        for other in parents
        if other != run
        and not _is_below(run, other, parents)
        and not _is_below(other, run, parents)
        and (parents[other] not in parents or _is_below(run, parents[other], parents))
        and not (rank_of(own[0].head) and parents[other] == parents[run])
    ]


def _is_below(run: str, ancestor: str, parents: Mapping[str, str]) -> bool:
    seen = {run}
    above = parents.get(run, "")
    while above and above not in seen:
        if above == ancestor:
            return True
        seen.add(above)
        above = parents.get(above, "")
    return False


def inside(own: Sequence[Recording], others: Sequence[Sequence[Recording]]) -> list[Sequence[Recording]]:
    """The runs recorded inside this one (by programs that it started), outer ones first."""
    parents = {group[0].run: str(group[0].head.get("parent", "")) for group in (own, *others)}
    inner = [group for group in others if _is_below(group[0].run, own[0].run, parents)]
    return sorted(inner, key=lambda group: group[0].first_ns)


def _channels(recording: Recording) -> Iterator[tuple[int, Channel]]:
    """The channels of a recording, less what is not one (a head written by other hands)."""
    for at, plain in enumerate(recording.channels):
        known = {key: _legible(value) for key, value in plain.items() if key in Channel._fields}
        if {"name", "device", "kind"} <= known.keys():
            channel = Channel(**known)  # type: ignore[arg-type]
            if _makes_sense(channel):
                yield at, channel


def _legible(value: object) -> object:
    return legible(value) if isinstance(value, str) else value


def _makes_sense(channel: Channel) -> bool:
    texts = (channel.name, channel.device, channel.kind, channel.method, channel.within, channel.calibration)
    factors = (channel.limit_w, channel.low, channel.high, channel.share)
    return (
        all(type(text) is str for text in (*texts, channel.source, channel.basis))
        and all(texts[:3])
        and channel.form in (COUNTER, POWER)
        and channel.basis in _BASES
        and all(type(number) is int and 0 <= number < 1 << 63 for number in (channel.wrap_uj, channel.period_ns))
        and all(type(factor) in (int, float) and 0 < factor < _LARGEST_FACTOR for factor in factors)
        and channel.share <= 1
    )


def _tracks(groups: Iterable[Sequence[Recording]]) -> dict[Key, list[Track]]:
    found: dict[Key, list[Track]] = {}
    for recording in (recording for group in groups for recording in group):
        suspensions = _suspensions(recording)
        for at, channel in _channels(recording):
            readings = zip(recording.t[at], recording.raw[at], strict=True)
            anchors = [(recording.first_ns, 0), *recording.anchors[at]] if recording.anchors[at] else []
            lost = [gap.start_ns for gap in recording.missing]
            track = centred(_part(integrate(channel, readings, anchors, suspensions, recording.recorder, lost)))
            found.setdefault((boot_of(recording), channel.device, channel.name), []).append(track)
    return found


def _part(track: Track) -> Track:
    """The track of the part of a device that its channel stands for."""
    if track.channel.share == 1:
        return track
    part = round(track.channel.share * _WHOLE)
    return track._replace(
        uj=tuple(uj * part // _WHOLE for uj in track.uj),
        power_uw=tuple(uw * part // _WHOLE for uw in track.power_uw),
        gaps=tuple(gap._replace(lower_bound_uj=gap.lower_bound_uj * part // _WHOLE) for gap in track.gaps),
    )


def _suspensions(recording: Recording) -> list[Interval]:
    found = []
    for t_ns, kind, payload in recording.events:
        if kind == "g" and isinstance(payload, dict) and payload.get("reason") == "suspended":
            lasted = payload.get("ns")
            if isinstance(lasted, int) and lasted > 0:
                found.append((t_ns - lasted, t_ns))
    return found


def _claims_to(
    line: Timeline, claims: Sequence[tuple[str, Claim]], uses: Mapping[str, Mapping[str, tuple[Row, ...]]]
) -> list[Claim]:
    """The claims to one timeline, of all on the boot; `uses` are the rows of each recorder and device."""
    if line.channel.basis != "measured":  # a model knows what /proc shows, be it the machine or a part of it
        claims = [(by, claim._replace(rule=MACHINE) if claim.part_is_shown else claim) for by, claim in claims]
    if line.channel.kind in _MEMORY:
        return [claim._replace(part=claim.memory_part or claim.part) for _, claim in claims]
    if not _is_seen_by_some(line.channel):
        return [claim for _, claim in claims]
    seen = {track.recorder for track in line.tracks}
    device = line.channel.device
    return [_of_device(claim, uses[by].get(device, ())) for by, claim in claims if by in seen]


def _is_seen_by_some(channel: Channel) -> bool:
    """Whether a run may be kept from seeing the device (a GPU, a module with one): then it does not claim it."""
    return channel.kind == "gpu" or channel.device.startswith("GPU-")


def _of_device(claim: Claim, rows: tuple[Row, ...]) -> Claim:
    """The claim to a device whose use by processes is known by `rows`, and to all of it where it is not.

    Who is shown a device by an allocation is allotted the whole of it.
    """
    if claim.rule == PROCESS and len(rows) > 1:
        return claim._replace(cpu=rows)
    return claim._replace(rule=MACHINE, cpu=())


def _claims(groups: Iterable[Sequence[Recording]]) -> dict[str, list[tuple[str, Claim]]]:
    """What each run claims of the timelines of a boot, with the recorder that says so."""
    found: dict[str, list[tuple[str, Claim]]] = {}
    for recording in (recording for group in groups for recording in group):
        start, end = bounds([recording])
        part, memory_part, holder = _allotted(recording.head)
        rule = str(recording.head.get("share", MACHINE))
        claim = Claim(
            owner=recording.run,
            start_ns=start,
            end_ns=end,
            rule=MACHINE if rule == ALLOCATED and not part else rule,
            cpu=_cpu(recording),
            parent=parent_of(recording.head),
            part=part,
            memory_part=memory_part,
            holder=holder,
            part_is_shown=_lxcfs(recording.head),
        )
        claims = found.setdefault(boot_of(recording), [])
        claims.append((recording.recorder, claim))
        rank = rank_of(recording.head)
        if rank is not None:  # ranks share what is the group's, so that a run of many counts as one
            whole = claim._replace(owner=owner_of(rank.group), parent=str(recording.head.get("parent", "")))
            claims.append((recording.recorder, whole))
    return found


def _allotted(head: Mapping[str, object]) -> tuple[int, int, str]:
    """Billionths of processors and of memory that were allotted (0: not known), and a name of who has them."""
    context = head.get("context")
    if not isinstance(context, Mapping):
        return 0, 0, ""
    processors = _part_of(context.get("cpus"), context.get("machine_cpus"))
    return (
        processors,
        _part_of(context.get("memory_bytes"), context.get("machine_memory_bytes")) if processors else 0,
        str(context.get("holder", "")),
    )


def _lxcfs(head: Mapping[str, object]) -> bool:
    context = head.get("context")
    return isinstance(context, Mapping) and context.get("lxcfs") is True


def _part_of(amount: object, whole: object) -> int:
    """Billionths; 0 for what is no part of anything."""
    if not isinstance(amount, int | float) or not isinstance(whole, int | float) or amount is True:
        return 0
    return round(_WHOLE * amount / whole) if 0 < amount < whole < 1 << 60 else 0


def _cpu(recording: Recording) -> tuple[tuple[int, int, int], ...]:
    return tuple(
        (t, tree, busy)
        for t, tree, busy in zip(*recording.cpu, strict=True)
        if isinstance(t, int) and isinstance(tree, int) and isinstance(busy, int)
    )
