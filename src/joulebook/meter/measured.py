"""From the recordings of a run to its entries: timelines, claims, stages, and one entry per span and device."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from joulebook.entry import Entry, Span
from joulebook.ledger.recording import Recording, legible
from joulebook.meter.claims import MACHINE, Claim, Inside, Share, split, unite
from joulebook.meter.integrate import Track, integrate
from joulebook.meter.timeline import Timeline
from joulebook.meter.window import energy
from joulebook.quantity import Basis, Quantity
from joulebook.sensors.base import COUNTER, POWER, Channel

_ROUND_NS: Final = 50_000_000
"""Readings of one round are not further apart than this."""
_BASES: Final = tuple(basis.name.lower() for basis in Basis)
_LARGEST_FACTOR: Final = 1e9
_UNKNOWN_PERIOD_NS: Final = 10_000_000
_STILL_PERIODS: Final = 100
"""A device that is there uses something: a counter that shows nothing for so many of its periods says nothing."""
Interval = tuple[int, int]
Key = tuple[str, str, str]
"""Boot id, device, channel name: one timeline."""


class Measurement(NamedTuple):
    """What the readings say of one run, before any fact is applied."""

    head: dict[str, object]
    start_ns: int
    """UTC."""
    duration: Quantity
    entries: list[Entry]
    spans: list[Span]
    end: dict[str, object] | None
    notices: list[str]
    degraded: list[str]
    shared_with: int


def measure(own: Sequence[Recording], beside: Iterable[Sequence[Recording]], *, span: str = "") -> Measurement:
    """The entries of the run recorded by `own`, shared with the runs `beside` it on the same boot.

    `span` limits everything to one span of the run, by its id. Times of entries are UTC.
    """
    first = own[0]
    others = [group for group in beside if _overlap(own, group)]
    visits = _visits(own) + [visit for group in _inside(own, others) for visit in _nested_visits(own, group)]
    window = _window(own, visits, span)
    if span:
        visits = _below(visits, span)
    tracks = _tracks([own, *others])
    claims = _claims([own, *others])
    offset = first.wall_ns(window[0]) - window[0]
    stages, parents = _stages(visits, window)
    beside_each_other = _simultaneous(stages, parents)
    entries: list[Entry] = []
    notices = _notices(own)
    for key in _own_keys(own):
        timeline = Timeline(tracks[key], key[0])
        silence = _silence(timeline, window)
        if silence:
            notices.append(f"{key[1]} {key[2]}: {silence}: its energy is unknown and not included")
            continue
        share = split(timeline, claims[key[0]]).get(first.run)
        if share is None:  # it lasted no time at all
            continue
        entries.append(_entry(first.run, share, "", [window], offset))
        parts = split(share, beside_each_other) if beside_each_other else {}
        entries += [
            _entry(first.run, parts.get(path, share), path, intervals, offset) for path, intervals in stages.items()
        ]
        baseline = _baseline(first.run, timeline, share, window, offset)
        if baseline is not None:
            entries.append(baseline)
    return Measurement(
        head=first.head,
        start_ns=first.wall_ns(window[0]),
        duration=_seconds(window[1] - window[0]),
        entries=entries,
        spans=[visit._replace(start_ns=visit.start_ns + offset, end_ns=visit.end_ns + offset) for visit in visits],
        end=next((recording.end for recording in own if recording.end is not None), None),
        notices=notices,
        degraded=_degraded(own),
        shared_with=len({group[0].run for group in others if not _related(own, group, others)}),
    )


# -- recordings -> tracks and claims ------------------------------------------------------------------------


def _bounds(recordings: Sequence[Recording]) -> Interval:
    """A run lasts from its first readings to its last; without readings, from its first record to its last.

    The command starts after the first readings and has ended before the last ones. The channels of one round
    are read one after the other: the run begins when all of them have been read, and ends alike.
    """
    times = [t for recording in recordings for t in recording.t if t]
    starts = [t[0] for t in times] or [recording.first_ns for recording in recordings]
    ends = [t[-1] for t in times] or [recording.last_ns for recording in recordings]
    begin = max(start for start in starts if start - min(starts) <= _ROUND_NS)
    return begin, max(begin, min(end for end in ends if max(ends) - end <= _ROUND_NS))


def _boot(recording: Recording) -> str:
    return legible(str(recording.head.get("boot_id", "")))


def _overlap(own: Sequence[Recording], other: Sequence[Recording]) -> bool:
    """Whether two runs were recorded on the same boot at the same time."""
    (start, end), (begin, stop) = _bounds(own), _bounds(other)
    return _boot(own[0]) == _boot(other[0]) and start < stop and begin < end


def _related(own: Sequence[Recording], other: Sequence[Recording], all_others: Sequence[Sequence[Recording]]) -> bool:
    """Whether the other run is nested in this one or around it: then it takes no share of it."""
    parents = {group[0].run: str(group[0].head.get("parent", "")) for group in (own, *all_others)}
    return _is_below(own[0].run, other[0].run, parents) or _is_below(other[0].run, own[0].run, parents)


def _is_below(run: str, ancestor: str, parents: Mapping[str, str]) -> bool:
    seen = {run}
    above = parents.get(run, "")
    while above and above not in seen:
        if above == ancestor:
            return True
        seen.add(above)
        above = parents.get(above, "")
    return False


def _channels(recording: Recording) -> Iterator[tuple[int, Channel]]:
    """The channels of a recording, less what is not one (a head written by other hands)."""
    for at, plain in enumerate(recording.channels):
        known = {key: _legible(value) for key, value in plain.items() if key in Channel._fields}
        if {"name", "device", "kind"} <= known.keys() and _makes_sense(Channel(**known)):  # type: ignore[arg-type]
            yield at, Channel(**known)  # type: ignore[arg-type]


def _legible(value: object) -> object:
    return legible(value) if isinstance(value, str) else value


def _makes_sense(channel: Channel) -> bool:
    texts = (channel.name, channel.device, channel.kind, channel.method, channel.within, channel.calibration)
    factors = (channel.limit_w, channel.low, channel.high)
    return (
        all(type(text) is str for text in (*texts, channel.source, channel.basis))
        and all(texts[:3])
        and channel.form in (COUNTER, POWER)
        and channel.basis in _BASES
        and all(type(number) is int and 0 <= number < 1 << 63 for number in (channel.wrap_uj, channel.period_ns))
        and all(type(factor) in (int, float) and 0 < factor < _LARGEST_FACTOR for factor in factors)
    )


def _own_keys(own: Sequence[Recording]) -> list[Key]:
    return list(
        dict.fromkeys(
            (_boot(recording), channel.device, channel.name) for recording in own for _, channel in _channels(recording)
        )
    )


def _tracks(groups: Iterable[Sequence[Recording]]) -> dict[Key, list[Track]]:
    found: dict[Key, list[Track]] = {}
    for recording in (recording for group in groups for recording in group):
        suspensions = _suspensions(recording)
        for at, channel in _channels(recording):
            readings = zip(recording.t[at], recording.raw[at], strict=True)
            anchors = [(recording.first_ns, 0), *recording.anchors[at]] if recording.anchors[at] else []
            track = integrate(channel, readings, anchors, suspensions, recording.recorder)
            found.setdefault((_boot(recording), channel.device, channel.name), []).append(track)
    return found


def _suspensions(recording: Recording) -> list[Interval]:
    found = []
    for t_ns, kind, payload in recording.events:
        if kind == "g" and isinstance(payload, dict) and payload.get("reason") == "suspended":
            lasted = payload.get("ns")
            if isinstance(lasted, int) and lasted > 0:
                found.append((t_ns - lasted, t_ns))
    return found


def _claims(groups: Iterable[Sequence[Recording]]) -> dict[str, list[Claim]]:
    """What each run claims of the timelines of a boot."""
    found: dict[str, list[Claim]] = {}
    for recording in (recording for group in groups for recording in group):
        start, end = _bounds([recording])
        found.setdefault(_boot(recording), []).append(
            Claim(
                owner=recording.run,
                start_ns=start,
                end_ns=end,
                rule=str(recording.head.get("share", MACHINE)),
                cpu=_cpu(recording),
                parent=str(recording.head.get("parent", "")),
            )
        )
    return found


def _cpu(recording: Recording) -> tuple[tuple[int, int, int], ...]:
    return tuple(
        (t, tree, busy)
        for t, tree, busy in zip(*recording.cpu, strict=True)
        if isinstance(t, int) and isinstance(tree, int) and isinstance(busy, int)
    )


def _inside(own: Sequence[Recording], others: Sequence[Sequence[Recording]]) -> list[Sequence[Recording]]:
    """The runs recorded inside this one (by programs that it started), outer ones first."""
    parents = {group[0].run: str(group[0].head.get("parent", "")) for group in (own, *others)}
    inner = [group for group in others if _is_below(group[0].run, own[0].run, parents)]
    return sorted(inner, key=lambda group: group[0].first_ns)


# -- spans ----------------------------------------------------------------------------------------------------


def _nested_visits(own: Sequence[Recording], inner: Sequence[Recording]) -> list[Span]:
    """A run inside this one as a span, with its stages below it."""
    run, parent = inner[0].run, str(inner[0].head.get("parent", ""))
    start, end = _bounds(inner)
    around = Span(run, "" if parent == own[0].run else parent, _stage_name(inner[0].name or "run"), start, end)
    stages = [visit._replace(parent=visit.parent or run) for visit in _visits(inner, run)]
    return [around, *stages]


def _visits(own: Sequence[Recording], ids: str = "") -> list[Span]:
    """Every visit of every stage, in boot time; one that was never left ends with its recording."""
    visits: list[Span] = []
    for number, recording in enumerate(own):
        prefix = f"{ids}#{number}." if number else f"{ids}#"
        open_: dict[object, int] = {}
        for t_ns, kind, payload in recording.events:
            if kind == "+" and isinstance(payload, list) and len(payload) == 3:
                sid, parent, name = payload
                if type(sid) is not int or type(parent) is not int:
                    continue
                open_[sid] = len(visits)
                around = f"{prefix}{parent}" if parent else ""
                visits.append(Span(f"{prefix}{sid}", around, _stage_name(name), t_ns, recording.last_ns))
            elif kind == "-" and isinstance(payload, int) and payload in open_:
                at = open_.pop(payload)
                visits[at] = visits[at]._replace(end_ns=max(t_ns, visits[at].start_ns))
    return visits


def _stage_name(name: object) -> str:
    """A name that can stand in a path: "/" divides stages, and "" is the whole run."""
    return legible(str(name)).replace("/", "\\/") or "(unnamed)"


def _window(own: Sequence[Recording], visits: Sequence[Span], span: str) -> Interval:
    for visit in visits:
        if span and visit.id == f"#{span}":
            return visit.start_ns, visit.end_ns
    return _bounds(own)


def _below(visits: Sequence[Span], span: str) -> list[Span]:
    """The visits inside one span, which becomes the top."""
    inside = {f"#{span}"}
    found = []
    for visit in visits:
        if visit.parent in inside:
            inside.add(visit.id)
            found.append(visit._replace(parent="") if visit.parent == f"#{span}" else visit)
    return found


def _stages(visits: Sequence[Span], window: Interval) -> tuple[dict[str, list[Interval]], dict[str, str]]:
    """The intervals of each stage path, and the path around it; simultaneous visits of one path count once."""
    paths: dict[str, str] = {}
    parents: dict[str, str] = {}
    found: dict[str, list[Interval]] = {}
    for visit in visits:
        around = paths.get(visit.parent, "")
        paths[visit.id] = path = f"{around}/{visit.name}" if around else visit.name
        start, end = max(visit.start_ns, window[0]), min(visit.end_ns, window[1])
        if end > start:
            parents[path] = around
            found.setdefault(path, []).append((start, end))
    united = {path: unite(intervals) for path, intervals in found.items()}
    return {path: intervals for path, intervals in united.items() if intervals}, parents  # some last no nanosecond


def _silence(timeline: Timeline, window: Interval) -> str:
    """Why the energy of a device is not known at all, where it would seem to be zero."""
    start, end = window
    channel = timeline.channel
    if end <= start or timeline.energy(start, end):
        return ""
    if timeline.coverage(start, end) == 0:
        return "no usable readings"
    still = channel.form == COUNTER and channel.basis == "measured" and not channel.within
    period = channel.period_ns or _UNKNOWN_PERIOD_NS
    return "its counter stood still" if still and _STILL_PERIODS * period <= end - start else ""


# -- entries --------------------------------------------------------------------------------------------------


def _entry(run: str, share: Share | Inside, path: str, intervals: Sequence[Interval], offset: int) -> Entry:
    """What one channel used in one span; a stage that ran beside another one has its own part of it."""
    channel = share.channel
    window = energy(share, intervals, f"{channel.device} {channel.name}")
    return Entry(
        id=f"{run}/{path}/{channel.device}/{channel.name}",
        run=run,
        span=path,
        device=channel.device,
        start_ns=intervals[0][0] + offset,
        end_ns=intervals[-1][1] + offset,
        amount=window.amount,
        energy_uj=window.energy_uj,
        method=channel.method,
        coverage=window.coverage,
        labels=_labels(channel),
    )


def _simultaneous(stages: Mapping[str, list[Interval]], parents: Mapping[str, str]) -> list[Claim]:
    """Claims of the stages when different ones at the top overlap (threads); empty when none do."""
    tops = sorted((start, end, path) for path, parts in stages.items() if not parents[path] for start, end in parts)
    upto, last, overlapping = 0, "", False
    for start, end, path in tops:
        overlapping = overlapping or (start < upto and path != last)
        if end > upto:
            upto, last = end, path
    if not overlapping:
        return []
    return [
        Claim(owner=path, start_ns=start, end_ns=end, parent=parents[path])
        for path, parts in stages.items()
        for start, end in parts
    ]


def _labels(channel: Channel) -> dict[str, str]:
    labels = {"kind": channel.kind, "channel": channel.name}
    if channel.within:
        labels["within"] = channel.within
    if channel.name == "idle":
        labels["part"] = "idle"
    return labels


def _baseline(run: str, timeline: Timeline, share: Share | Inside, window: Interval, offset: int) -> Entry | None:
    """What a measured device would have used at rest, from its quiet periods; a column of its own."""
    channel = share.channel
    if channel.within or channel.basis != "measured":
        return None
    watts = timeline.baseline_w()
    if watts is None:
        return None
    start, end = window
    joules = watts * (end - start) / 1e9 * share.share(start, end)
    amount = Quantity.of(
        joules, "J", low=0.0, high=joules, basis=Basis.MODELLED, source=f"idle:{timeline.key}", name="idle baseline"
    )
    return Entry(
        id=f"{run}//{channel.device}/{channel.name}/idle",
        run=run,
        span="",
        device=channel.device,
        start_ns=start + offset,
        end_ns=end + offset,
        amount=amount,
        energy_uj=round(joules * 1e6),
        method="5th percentile of the power over 1 s",
        labels={**_labels(channel), "part": "idle", "within": channel.device},
    )


def _seconds(ns: int) -> Quantity:
    return Quantity.of(ns / 1e9, "s", basis=Basis.MEASURED, source="clock", name="duration")


def _notices(own: Sequence[Recording]) -> list[str]:
    notices = [text for recording in own for text in recording.damage]
    lost = sum(recording.lost for recording in own)
    if lost:
        notices.append(f"{lost} events did not fit into the queue and are lost")
    return notices


def _degraded(own: Sequence[Recording]) -> list[str]:
    found: list[str] = []
    for recording in own:
        for _, kind, payload in recording.events:
            if kind == "g" and isinstance(payload, dict) and payload.get("reason") == "degraded":
                found.append(str(payload.get("detail", "")))
    return list(dict.fromkeys(found))
