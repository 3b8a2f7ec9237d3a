"""Fewer readings of runs that have ended: what is left says the same energies, with less detail between the edges.

Pure. Around the beginning and end of every run and stage, and around gaps, all readings stay; in between, one every
few seconds with the energy accumulated until then. Events stay. Who thins proves it: `differences` compares.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from joulebook.entry import Entry
from joulebook.ledger.batch import decode_batch, last_of
from joulebook.ledger.reader import Record
from joulebook.ledger.recording import Recording
from joulebook.meter.claimed import Scene
from joulebook.meter.curve import Curve
from joulebook.meter.measured import Measurement, measure
from joulebook.meter.phase import FAST_NS
from joulebook.meter.visits import visits_in
from joulebook.sensors.base import COUNTER

SPACINGS_S: Final = (10.0, 1.0)
"""Between two readings that stay away from edges: the first that leaves the totals alone is taken."""
AROUND_NS: Final = 1_500_000_000
"""On each side of an edge everything stays."""
ENDS_NS: Final = 15_000_000_000
"""So much stays of the beginning and the end of a run: there the phase of a slow counter is found."""
MARK: Final = "thinned"
"""Key of the head of a thinned journal: the seconds between its readings."""
_TOLERANCE_UJ: Final = 2
"""As in integration: the sum of a sampled power may lose so much to rounding."""
_TOLERANCE: Final = 1e-8
"""Of the energy of a counter that is updated seldom: its period is kept in whole nanoseconds."""

Group = Sequence[Recording]
"""The recordings of one run."""


def edges_of(groups: Iterable[Group]) -> list[int]:
    """The instants (boot ns) around which detail tells: of runs, of stages, of gaps in the readings."""
    found: set[int] = set()
    for group in groups:
        scene = Scene(group)
        start, end = scene.window
        found.update(range(start, min(start + ENDS_NS, end), AROUND_NS))
        found.update(range(end, max(start, end - ENDS_NS), -AROUND_NS))
        found.update(edge for visit in visits_in(scene) for edge in (visit.start_ns, visit.end_ns))
        for recording in group:
            found.update(edge for times in recording.t for edge in (*times[:1], *times[-1:]))
        for timeline, _ in scene.claimed:
            found.update(edge for track in timeline.tracks for gap in track.gaps for edge in gap[:2])
    return sorted(found)


def thinned(records: Sequence[Record], edges: Sequence[int], spacing_s: float) -> list[Record]:
    """The records of a recorder, less readings, numbered anew from 1; accumulated energies stay with their readings."""
    found: list[Record] = []
    kept_ns = -(1 << 62)
    for record in records:
        if "r" not in record:
            found.append(record)
            continue
        readings = decode_batch(record).readings
        times = [t for column, _ in readings.values() for t in column]
        first, last = min(times), max(times)
        if _has_edge(edges, first - AROUND_NS, last + AROUND_NS):
            kept = dict(record)
        elif last - kept_ns >= spacing_s * 1e9:
            kept = {**{key: record[key] for key in ("e", "cpu", "clock") if key in record}, **last_of(record)}
        else:
            rest: Record = {key: record[key] for key in ("t", "e", "cpu", "clock", "lost") if key in record}
            if len(rest) > 1:
                found.append(rest)
            continue
        kept_ns = last
        found.append(kept)
    return [{**record, "n": number} for number, record in enumerate(found, 1)]


def thinned_head(own: Recording, head: Record, spacing_s: float) -> Record:
    """The head of a thinned journal: it says so, and how often each slow counter is updated."""
    return {**head, "channels": with_periods(own), MARK: spacing_s}


def with_periods(own: Recording) -> list[Record]:
    """The channels of a recording with the update periods of its slow counters, as all its readings tell them.

    From the few readings of a thinned journal, or of its last seconds, they would be found less well.
    """
    found = {
        (line.channel.device, line.channel.name): Curve(track).period
        for line, _ in Scene([own]).claimed
        for track in line.tracks
        if line.channel.form == COUNTER
    }
    channels = []
    for plain in own.channels:
        period = found.get((str(plain.get("device")), str(plain.get("name"))))
        unknown = not plain.get("period_ns") or (period is not None and period.ns > FAST_NS)
        known = period is not None and unknown and 0 < period.sd_ns < period.ns
        told = {"period_ns": round(period.ns), "period_sd_ns": max(1, round(period.sd_ns))} if period and known else {}
        channels.append({**plain, **told})
    return channels


def _has_edge(edges: Sequence[int], start: int, end: int) -> bool:
    at = bisect_left(edges, start)
    return at < len(edges) and edges[at] <= end


def differences(before: Mapping[str, Group], after: Mapping[str, Group]) -> list[str]:
    """What thinning would change in the energies of these runs beyond what it may; one sentence each.

    The whole of a run has to stay as it is, to a hundred-millionth; a stage has to stay in its interval.
    """
    found = list[str]()
    for run in before:
        old, new = _measured(run, before), _measured(run, after)
        entries = {entry.id: entry for entry in new.entries}
        found += [
            f"{entry.span or 'the whole run'}, {entry.device}: {problem}"
            for entry in old.entries
            if not _is_baseline(entry) and (problem := _problem(entry, entries.get(entry.id)))
        ]
        if old.duration != new.duration or old.start_ns != new.start_ns:
            found.append("its duration changes")
    return found


def _measured(run: str, groups: Mapping[str, Group]) -> Measurement:
    return measure(Scene(groups[run], [group for other, group in groups.items() if other != run]))


def _is_baseline(entry: Entry) -> bool:
    """The idle baseline is told from quiet seconds, of which fewer are left."""
    return entry.labels.get("within") == entry.device


def _problem(old: Entry, new: Entry | None) -> str:
    if new is None or old.energy_uj is None or new.energy_uj is None:
        return "it would not be known any more"
    if abs(old.coverage - new.coverage) > 1e-6:
        return "its coverage changes"
    if not old.span:
        most = _TOLERANCE_UJ + _TOLERANCE * old.energy_uj
        return "" if abs(old.energy_uj - new.energy_uj) <= most else "its energy changes"
    inside = old.amount.low * 1e6 - _TOLERANCE_UJ <= new.energy_uj <= old.amount.high * 1e6 + _TOLERANCE_UJ
    return "" if inside else "its energy leaves its interval"
