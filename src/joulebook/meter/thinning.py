"""Fewer readings of runs that have ended: what is left says the same energies, with less detail between the edges.

Pure. Around the beginning and end of every run and stage, and around gaps, all readings stay; in between, one every
few seconds with the energy accumulated until then. Events stay. Who thins proves it: `differences` compares.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from joulebook.entry import Entry
from joulebook.ledger.batch import decode_batch, last_of
from joulebook.ledger.reader import Record
from joulebook.ledger.recording import Recording
from joulebook.meter.claimed import Scene
from joulebook.meter.measured import Measurement, measure
from joulebook.meter.visits import visits_in

SPACINGS_S: Final = (10.0, 1.0)
"""Between two readings that stay away from edges: the first that leaves the totals alone is taken."""
AROUND_NS: Final = 1_500_000_000
"""On each side of an edge everything stays."""
MARK: Final = "thinned"
"""Key of the head of a thinned journal: the seconds between its readings."""
_TOLERANCE_UJ: Final = 2
"""As in integration: the sum of a sampled power may lose so much to rounding."""

Group = Sequence[Recording]
"""The recordings of one run."""


def edges_of(groups: Iterable[Group]) -> list[int]:
    """The instants (boot ns) around which detail tells: of runs, of stages, of gaps in the readings."""
    found: set[int] = set()
    for group in groups:
        scene = Scene(group)
        found.update(scene.window)
        found.update(edge for visit in visits_in(scene) for edge in (visit.start_ns, visit.end_ns))
        for recording in group:
            found.update(edge for times in recording.t for edge in (*times[:1], *times[-1:]))
        for timeline, _ in scene.claimed:
            found.update(edge for track in timeline.tracks for gap in track.gaps for edge in gap[:2])
    return sorted(found)


def thinned(own: Recording, records: Sequence[Record], edges: Sequence[int], spacing_s: float) -> list[Record]:
    """The records of one recorder, less readings, numbered anew from 1."""
    totals = _Totals(own)
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
        found.append(
            {**kept, "a": {str(at): totals.at(at, column[-1]) for at, (column, _) in readings.items() if column}}
        )
    return [{**record, "n": number} for number, record in enumerate(found, 1)]


class _Totals:
    """Energy accumulated by a recorder, at its own readings."""

    def __init__(self, own: Recording) -> None:
        self._tracks = {
            (line.channel.device, line.channel.name): track for line, _ in Scene([own]).claimed for track in line.tracks
        }
        self._names = [(plain.get("device"), plain.get("name")) for plain in own.channels]

    def at(self, channel: int, t_ns: int) -> int:
        """Microjoules up to a reading; 0 for a channel that is none."""
        device, name = self._names[channel]
        track = self._tracks.get((str(device), str(name)))
        upto = bisect_right(track.t, t_ns) - 1 if track else -1
        return track.uj[upto] if track and upto >= 0 else 0


def _has_edge(edges: Sequence[int], start: int, end: int) -> bool:
    at = bisect_left(edges, start)
    return at < len(edges) and edges[at] <= end


def differences(before: Mapping[str, Group], after: Mapping[str, Group]) -> list[str]:
    """What thinning would change in the energies of these runs beyond what it may; one sentence each.

    The whole of a run has to stay as it is, to the microjoule or two; a stage has to stay in its interval.
    """
    found = []
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
        return "" if abs(old.energy_uj - new.energy_uj) <= _TOLERANCE_UJ else "its energy changes"
    inside = old.amount.low * 1e6 - _TOLERANCE_UJ <= new.energy_uj <= old.amount.high * 1e6 + _TOLERANCE_UJ
    return "" if inside else "its energy leaves its interval"
