"""From entries to lines: one per span and device, the remainder outside stages, and the shares by basis.

Metered energy is added as integer microjoules, so that the parts of a run add up to it exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from joulebook.account.terms import AT_SOCKET, IDLE, IT_ENERGY, WHOLE_RUN, WITHIN, DeviceShare, Line, Stage
from joulebook.entry import Boundary, Entry, Span
from joulebook.errors import EntryRejected
from joulebook.quantity import Basis, Quantity, total
from joulebook.sensors.base import SOCKET
from joulebook.units import UNITS

OUTSIDE: Final = "outside stages"
_ENERGY = UNITS["J"].dims
_DEVICE_HOURS = UNITS["device-h"].dims
_UJ_PER_J = 1_000_000


class Activity(NamedTuple):
    """What the entries of one run say before any rule is applied."""

    lines: tuple[Line, ...]
    stages: tuple[Stage, ...]
    shares: Mapping[str, float] | None
    device_shares: tuple[DeviceShare, ...]
    it_energy: Quantity | None
    idle_baseline: Quantity | None
    device_hours: Quantity | None
    warnings: tuple[str, ...]


class _Key(NamedTuple):
    span: str
    device: str
    kind: str


def energy_of(parts: Sequence[Quantity], name: str) -> Quantity | None:
    """The sum in J, or None where there is nothing to add."""
    if not parts:
        return None
    return (parts[0].to("J") if len(parts) == 1 else total(parts, "J")).named(name)


def read(entries: Iterable[Entry], spans: Sequence[Span] = (), duration: Quantity | None = None) -> Activity:
    """The lines, stages and totals of activity of one run.

    Raises `EntryRejected` when the entries belong to several runs.
    """
    operational = [entry for entry in entries if entry.boundary is Boundary.OPERATIONAL]
    runs = sorted({entry.run for entry in operational})
    if len(runs) > 1:
        raise EntryRejected(f"entries of {len(runs)} runs ({', '.join(runs[:4])}) in one statement; give those of one")
    paths, parents = _paths(spans)
    energy = [entry._replace(span=paths.get(entry.span, entry.span)) for entry in operational if _is_energy(entry)]
    lines = _merged(energy)
    stages = _stages(energy, spans, paths, parents)
    remainder, warnings = _outside(lines, stages)
    counted = [entry for entry in energy if entry.span == WHOLE_RUN and not entry.labels.get("within")]
    whole = [line for line in lines if line.span == WHOLE_RUN]
    shares, device_shares = _shares(counted)
    return Activity(
        lines=tuple(lines + remainder),
        stages=tuple(stages),
        shares=shares,
        device_shares=device_shares,
        it_energy=energy_of([line.quantity for line in whole if line.kind == IT_ENERGY], "it_energy"),
        idle_baseline=energy_of([line.quantity for line in whole if line.kind == IDLE], "idle_baseline"),
        device_hours=_device_hours(operational, whole, duration),
        warnings=tuple(warnings),
    )


def _is_energy(entry: Entry) -> bool:
    return entry.amount.unit.dims == _ENERGY


def _paths(spans: Sequence[Span]) -> tuple[dict[str, str], dict[str, str]]:
    """The path of each span id, and the path around each path."""
    known = {span.id: span for span in spans}
    paths: dict[str, str] = {}
    parents: dict[str, str] = {}
    for span in spans:
        names, node, seen = [_part(span)], span, {span.id}
        while node.parent in known and node.parent not in seen:
            seen.add(node.parent)
            node = known[node.parent]
            names.append(_part(node))
        paths[span.id] = "/".join(reversed(names))
        parents[paths[span.id]] = "/".join(reversed(names[1:]))
    return paths, parents


def _part(span: Span) -> str:
    """The name of a span as one part of a path: never empty, since the empty path is the whole run."""
    return span.name.replace("/", "\\/") or "(unnamed)"


def _merged(entries: Sequence[Entry]) -> list[Line]:
    """One line for each span, device and kind, in order of appearance, the whole run first."""
    groups: dict[_Key, list[Entry]] = {}
    for entry in entries:
        within, idle = bool(entry.labels.get("within")), entry.labels.get("part") == "idle"
        if within and not idle:
            kind = AT_SOCKET if _kind(entry) == SOCKET else WITHIN
            groups.setdefault(_Key(entry.span, entry.device, kind), []).append(entry)
        if not within:
            groups.setdefault(_Key(entry.span, entry.device, IT_ENERGY), []).append(entry)
        if idle:
            groups.setdefault(_Key(entry.span, entry.device, IDLE), []).append(entry)
    lines = [_line(key, group) for key, group in groups.items()]
    return sorted(lines, key=lambda line: line.span != WHOLE_RUN)


def _line(key: _Key, entries: Sequence[Entry]) -> Line:
    exact = [entry.energy_uj for entry in entries if entry.energy_uj is not None]
    energy = energy_of([entry.amount for entry in entries], key.device)
    assert energy is not None  # noqa: S101 - a group has an entry
    times = [max(entry.end_ns - entry.start_ns, 0) for entry in entries]
    weighted = sum(entry.coverage * time for entry, time in zip(entries, times, strict=True))
    return Line(
        *key,
        quantity=energy,
        energy_uj=sum(exact) if len(exact) == len(entries) else None,
        device_kind=_kind(entries[0]),
        method="; ".join(dict.fromkeys(entry.method for entry in entries if entry.method)),
        coverage=weighted / sum(times) if sum(times) else min(entry.coverage for entry in entries),
    )


def _kind(entry: Entry) -> str:
    return entry.labels.get("kind") or "other"


def _stages(
    entries: Sequence[Entry], spans: Sequence[Span], paths: Mapping[str, str], parents: Mapping[str, str]
) -> list[Stage]:
    """Every path that has energy, with the path around it and the time spent in it."""
    inside = dict.fromkeys(entry.span for entry in entries if entry.span != WHOLE_RUN)
    visits: dict[str, list[tuple[int, int]]] = {}
    for span in spans:
        visits.setdefault(paths[span.id], []).append((span.start_ns, span.end_ns))
    nanoseconds = {path: _union(intervals) for path, intervals in visits.items()}
    for path in inside:
        if path not in nanoseconds:
            nanoseconds[path] = _longest(entry for entry in entries if entry.span == path)
    found = []
    for path in inside:
        around = parents[path] if path in parents else _prefix(path, inside)
        while around and around not in inside:
            around = parents.get(around, "")
        found.append(Stage(path, around, seconds(nanoseconds[path], f"stage {path}")))
    return found


def _union(intervals: list[tuple[int, int]]) -> int:
    """Nanoseconds covered by the intervals; what threads spend side by side counts once."""
    covered, upto = 0, 0
    for start, end in sorted(intervals):
        covered += max(end - max(start, upto), 0)
        upto = max(upto, end)
    return covered


def _prefix(path: str, known: Mapping[str, object]) -> str:
    """The longest other path that this one begins with."""
    parts = path.split("/")
    candidates = ("/".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))
    return next((candidate for candidate in candidates if candidate in known), "")


def _longest(entries: Iterable[Entry]) -> int:
    """Nanoseconds of the device with most time: devices work side by side, not one after the other."""
    times: dict[tuple[str, str], int] = {}
    for entry in entries:
        key = entry.device, entry.labels.get("part", "")
        times[key] = times.get(key, 0) + max(entry.end_ns - entry.start_ns, 0)
    return max(times.values(), default=0)


def seconds(nanoseconds: int, name: str) -> Quantity:
    """A time read from the clock, in s."""
    return Quantity.of(nanoseconds / 1e9, "s", basis=Basis.MEASURED, source="clock", name=name)


def _outside(lines: Sequence[Line], stages: Sequence[Stage]) -> tuple[list[Line], list[str]]:
    """What each device used outside the stages at the top, so that stages and remainder are the whole run."""
    top = {stage.span for stage in stages if not stage.parent}
    if not top:
        return [], []
    name = OUTSIDE
    while name in {stage.span for stage in stages}:
        name = f"({name})"
    remainder, warnings = [], []
    whole = [line for line in lines if line.span == WHOLE_RUN]
    for line in whole:
        parts = [part for part in lines if part.span in top and (part.device, part.kind) == (line.device, line.kind)]
        if line.kind == IDLE and not parts:
            continue  # known for the run as a whole only
        rest = _difference(line, parts, name)
        remainder.append(rest)
        negative = rest.energy_uj < 0 if rest.energy_uj is not None else rest.quantity.value < -1e-9
        if negative and line.kind == IT_ENERGY:
            warnings.append(f"the stages of {line.device} overlap: together they have more energy than the run")
    known = {(line.device, line.kind) for line in whole}
    lost = dict.fromkeys(line.device for line in lines if line.span in top and (line.device, line.kind) not in known)
    warnings += [f"{device} has energy in stages but none for the whole run: it is in no total" for device in lost]
    return remainder, warnings


def _difference(whole: Line, parts: Sequence[Line], name: str) -> Line:
    if not parts:
        return whole._replace(span=name)
    exact = [part.energy_uj for part in parts if part.energy_uj is not None]
    inside = energy_of([part.quantity for part in parts], "stages")
    assert inside is not None  # noqa: S101 - there are parts
    left = None
    if whole.energy_uj is not None and len(exact) == len(parts):
        left = whole.energy_uj - sum(exact)
    rest = (whole.quantity - inside).named(whole.quantity.name)
    if left == 0:
        rest = Quantity(0.0, rest.unit, rest.basis, rest.trace, name=rest.name)
    return whole._replace(span=name, quantity=rest, energy_uj=left)


def _shares(entries: Sequence[Entry]) -> tuple[Mapping[str, float] | None, tuple[DeviceShare, ...]]:
    """Shares of the energy by basis, and by device kind and basis; they are of entries, before any overhead."""
    joules: dict[tuple[str, Basis], float] = {}
    for entry in entries:
        key = _kind(entry), entry.basis
        joules[key] = joules.get(key, 0.0) + entry.amount.to("J").value
    everything = sum(joules.values())
    if everything <= 0:
        return None, ()
    shares = {str(basis): 0.0 for basis in sorted(Basis, reverse=True)}
    for (_, basis), amount in joules.items():
        shares[str(basis)] += amount / everything
    devices = [DeviceShare(kind, str(basis), amount / everything) for (kind, basis), amount in joules.items()]
    return shares, tuple(sorted(devices, key=lambda device: -device.share))


def _device_hours(entries: Sequence[Entry], whole: Sequence[Line], duration: Quantity | None) -> Quantity | None:
    """The device-hours that entries state; otherwise accelerators, or else processors, times the duration."""
    stated = [entry.amount for entry in entries if entry.span == WHOLE_RUN and entry.amount.unit.dims == _DEVICE_HOURS]
    if stated:
        return total(stated, "device-h", "device_hours")
    for kind in ("gpu", "cpu"):
        devices = {line.device for line in whole if line.kind == IT_ENERGY and line.device_kind == kind}
        if devices and duration is not None:
            count = Quantity.exact(len(devices), "device", name=f"{kind} devices")
            return (count * duration).to("device-h").named("device_hours")
    return None
