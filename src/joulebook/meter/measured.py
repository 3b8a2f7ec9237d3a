"""From the recordings of a run to its entries: timelines, claims, stages, and one entry per span and device."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import Final, NamedTuple

from joulebook.entry import Entry, Held, Span
from joulebook.ledger.recording import Recording, legible
from joulebook.meter import outer
from joulebook.meter.claimed import Claimed, Interval, Scene, sharing
from joulebook.meter.claims import Share, split
from joulebook.meter.timeline import Timeline
from joulebook.meter.visits import below, condensed, paths_of, simultaneous, stages_of, visits_in
from joulebook.meter.wall.missing import supplies, supply_entry
from joulebook.meter.window import energy
from joulebook.quantity import Basis, Quantity
from joulebook.sensors.base import COUNTER, DENIED, SOCKET, Channel

_STEPS: Final = 1 << 53
"""No training has so many steps; also whole numbers that a float cannot hold."""
_UNKNOWN_PERIOD_NS: Final = 10_000_000
_STILL_PERIODS: Final = 100
_STOOD_IN_FOR: Final = frozenset(("rapl", "rapl_perf", "battery"))
"""Sensors for which a model stands in, and says so."""
"""A device that is there uses something: a counter that shows nothing for so many of its periods says nothing."""


class Measurement(NamedTuple):
    """What the readings say of one run, before any fact is applied."""

    head: dict[str, object]
    start_ns: int
    """UTC."""
    duration: Quantity
    entries: list[Entry]
    spans: list[Span]
    """One for each path of stages, with the path as its id; as long as the visits of the path together."""
    end: dict[str, object] | None
    notices: list[str]
    degraded: list[str]
    shared_with: int
    visits: Mapping[str, int] = {}
    """How often each path of stages was entered."""
    steps: Sequence[int] = ()
    """The first and the last step that was logged; none where no step was."""
    counts: Mapping[str, float] = {}
    """What the run counted of its work, by name."""
    held: Sequence[Held] = ()
    """Its devices, those whose energy is not known among them; no device that another one contains."""


class Totals(NamedTuple):
    """The whole of a run in plain numbers, without intervals: what a list of runs is sorted by."""

    start_ns: int
    """UTC."""
    duration_ns: int
    energy_uj: int | None
    """None where nothing is known."""


def totals(scene: Scene) -> Totals:
    """The totals of a run, to the microjoule those of its `measure`."""
    start, end = scene.window
    known = known_channels(scene)
    shares = [share for timeline, share in known if share is not None and not timeline.channel.within]
    energies = [share.energy(start, end) for share in shares]
    energies += [supply.energy(start, end) for supply in supplies(scene.own, known, scene.window)[0]]
    return Totals(start + scene.offset, end - start, sum(energies) if energies else None)


def known_channels(scene: Scene) -> list[Claimed]:
    """The channels whose energy is known."""
    return [one for one in scene.claimed if not silence_of(one.timeline, scene.window)]


def measure(scene: Scene, *, span: str = "", whole: bool = False) -> Measurement:
    """The entries of a run, shared with the runs beside it. Times of entries are UTC.

    `span` limits everything to one span of the run, by its id; `whole` leaves the stages out.
    """
    own, first = scene.own, scene.own[0]
    visits = [] if whole else visits_in(scene)
    window = _window(scene, visits, span)
    if span:
        visits = below(visits, span)
    offset = first.wall_ns(window[0]) - window[0]
    stages, parents = stages_of(visits, window)
    beside_each_other = simultaneous(stages, parents)
    spans = {"": [window]} | stages
    entries: list[Entry] = []
    sensed: dict[tuple[str, str], list[tuple[Timeline, Entry]]] = {}
    notices = [*_notices(own), *_refused(scene)]
    for timeline, share in scene.claimed:
        silence = silence_of(timeline, window)
        if silence:
            channel = timeline.channel
            notices.append(f"{channel.device} {channel.name}: {silence}: its energy is unknown and not included")
            continue
        if share is None:  # it lasted no time at all
            continue
        parts = split(share, beside_each_other) if beside_each_other else {}
        for path, intervals in spans.items():
            part = parts.get(path, share) if path else share  # what is in no stage is a part too, and not the whole
            entry = _entry(first.run, part, path, intervals, offset)
            entries.append(entry)
            if not timeline.channel.within:
                sensed.setdefault((timeline.boot_id, path), []).append((timeline, entry))
        baseline = _baseline(first.run, timeline, share, window, offset)
        if baseline is not None:
            entries.append(baseline)
    missing, said = supplies(own, known_channels(scene), scene.window)
    notices += said
    for supply in missing:
        inner = supply.split(beside_each_other)
        entries += [
            supply_entry(inner.get(path, supply) if path else supply, there, intervals)
            for path, intervals in spans.items()
            if (there := sensed.get((supply.time.boot_id, path)))
        ]
    return Measurement(
        head=first.head,
        start_ns=first.wall_ns(window[0]),
        duration=_seconds(window[1] - window[0]),
        entries=entries,
        spans=condensed(stages, parents, offset),
        end=end_of(own),
        notices=notices,
        degraded=_degraded(own),
        shared_with=len(sharing(own, scene.others)),
        visits=dict(Counter(paths_of(visits).values())),
        steps=_steps(own),
        counts=_counts(own),
        held=_held(scene, window),
    )


def _window(scene: Scene, visits: Sequence[Span], span: str) -> Interval:
    for visit in visits:
        if span and visit.id == f"#{span}":
            return visit.start_ns, visit.end_ns
    return scene.window


def silence_of(timeline: Timeline, window: Interval) -> str:
    """Why the energy of a device is not known at all, where it would seem to be zero."""
    start, end = window
    channel = timeline.channel
    if channel.kind == SOCKET:
        return outer.silence(timeline, window)
    if end <= start or timeline.energy(start, end):
        return ""
    if timeline.coverage(start, end) == 0:
        return "no usable readings"
    still = channel.form == COUNTER and channel.basis == "measured" and not channel.within
    period = channel.period_ns or _UNKNOWN_PERIOD_NS
    return "its counter stood still" if still and _STILL_PERIODS * period <= end - start else ""


# -- entries --------------------------------------------------------------------------------------------------


def _entry(run: str, share: Share, path: str, intervals: Sequence[Interval], offset: int) -> Entry:
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


def _labels(channel: Channel) -> dict[str, str]:
    labels = {"kind": channel.kind, "channel": channel.name}
    if channel.within:
        labels["within"] = channel.within
    if channel.name == "idle":
        labels["part"] = "idle"
    return labels


def _baseline(run: str, timeline: Timeline, share: Share, window: Interval, offset: int) -> Entry | None:
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
    return notices + list(dict.fromkeys(text for recording in own for text in _unread(recording)))


def _refused(scene: Scene) -> Iterator[str]:
    """The counters that a right was taken away for while this run read them."""
    own = {recording.recorder for recording in scene.own}
    ended = {
        (str(channel.get("device")), str(channel.get("name")))
        for recording in scene.own
        for channel, raw in zip(recording.channels, recording.raw, strict=False)
        if raw and raw[-1] == DENIED
    }
    for timeline, _ in scene.claimed:
        channel = timeline.channel
        gaps = [gap for track in timeline.tracks if track.recorder in own for gap in track.gaps]
        if (channel.device, channel.name) in ended or any(gap.reason == DENIED for gap in gaps):
            yield f"{channel.device} {channel.name} could no longer be read: permission denied; joulebook doctor --fix"


def _unread(recording: Recording) -> Iterator[str]:
    """The sensors that are there and could not be used, less those for which others stand in."""
    reports = recording.head.get("sensors")
    for report in reports if isinstance(reports, list) else ():
        lost = isinstance(report, dict) and report.get("status") in ("failed", "denied")
        if lost and report.get("name") not in _STOOD_IN_FOR:
            said = legible(f"{report.get('name')} {report['status']}: {report.get('detail')}")
            yield f"sensor {said}; see  joulebook doctor"


def _steps(own: Sequence[Recording]) -> Sequence[int]:
    logged = [
        round(step)
        for recording in own
        for _, kind, payload in recording.events
        if kind == "l" and isinstance(payload, dict)
        if isinstance(step := payload.get("step"), int | float) and abs(step) < _STEPS
    ]
    return [min(logged), max(logged)] if logged else []


def _counts(own: Sequence[Recording]) -> dict[str, float]:
    """The sums of what was counted; a number that is none, or endless, counts nothing."""
    found: dict[str, list[float]] = {}
    for recording in own:
        for _, kind, payload in recording.events:
            if kind == "c" and isinstance(payload, dict):
                for name, number in payload.items():
                    if type(number) in (int, float) and abs(number) < _STEPS:
                        found.setdefault(legible(str(name)), []).append(number)
    return {name: fsum(numbers) for name, numbers in found.items()}


def _held(scene: Scene, window: Interval) -> list[Held]:
    """The time that the run had of each device; of a device with several channels the longest."""
    start, end = window
    found: dict[str, Held] = {}
    for timeline, share in scene.claimed:
        channel = timeline.channel
        if share is None or channel.within or channel.kind == SOCKET:
            continue
        seconds = (end - start) / 1e9 * share.share(start, end) * channel.share
        known = found.get(channel.device)
        if known is None or known.seconds < seconds:
            name = legible(channel.name) if channel.kind == "gpu" else ""
            found[channel.device] = Held(channel.device, channel.kind, name, seconds)
    return list(found.values())


def _degraded(own: Sequence[Recording]) -> list[str]:
    found: list[str] = []
    for recording in own:
        for _, kind, payload in recording.events:
            if kind == "g" and isinstance(payload, dict) and payload.get("reason") == "degraded":
                found.append(str(payload.get("detail", "")))
    return list(dict.fromkeys(found))


def end_of(own: Sequence[Recording]) -> dict[str, object] | None:
    """The end record of the first recorder that has one."""
    return next((recording.end for recording in own if recording.end is not None), None)
