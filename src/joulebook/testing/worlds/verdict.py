"""What must hold of a simulated world, whatever happened in it: of each journal, of each run, of each device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Final

from joulebook.errors import JournalDamaged
from joulebook.ledger.frame import to_json
from joulebook.ledger.reader import Record, read_segments, record_of
from joulebook.ledger.recording import Recording, read_recordings, status
from joulebook.meter.claimed import Ground, Scene, bounds
from joulebook.meter.claims import MACHINE
from joulebook.meter.integrator import HOLE_INTERVALS, HOLE_NS
from joulebook.meter.measured import measure, totals
from joulebook.meter.timeline import Timeline
from joulebook.sensors.base import POWER
from joulebook.testing.fake import SECOND, Script
from joulebook.testing.worlds.stepped import SYNC_NS, Log, Outage
from joulebook.testing.worlds.world import BRIEF_NS, Machine, Process, World

SYNC_EVERY_NS: Final = 5 * SECOND
_SCARS: Final = 0.05
"""How often a digit of a journal changes before it is read."""
_ALONE: Final = 16
"""In one world of so many each run is looked at by itself as well, with the others in another order."""
_ROUND_S: Final = 0.05
"""Runs that overlap by less are not beside each other."""
_MEASURED: Final = 64
"""One world of so many is measured with all its intervals, which takes longer."""


def judge(world: World, folder: Path, log: Log = lambda _: None) -> list[str]:
    """What does not hold, one sentence each."""
    wrong: list[str] = []
    runs: dict[str, list[Process]] = {}
    for name, disk in world.stillborn:
        disk.save(disk.visible(), folder / Path(name).name)
    for process in world.processes:
        wrong += _journal(world, process, folder / Path(process.folder).name, log)
        runs.setdefault(process.run, []).append(process)
    groups: list[list[Recording]] = []
    for processes in runs.values():
        place = folder / Path(processes[0].folder).name
        try:
            group = read_recordings(place)
        except JournalDamaged:
            continue
        groups.append(group)
        wrong += _statuses([one for one in processes if one.name not in world.scarred], group)
    for machine in {one.machine.boot: one.machine for one in world.processes}.values():
        own = [group for group in groups if group[0].head["boot_id"] == machine.boot]
        wrong += _energies(world, machine, own, log)
    return wrong


# -- journals --------------------------------------------------------------------------------------------------


def _journal(world: World, process: Process, place: Path, log: Log) -> list[str]:
    """Write what is left of a recorder's files into `place`, and hold it against what was written."""
    disk, journal, machine = process.disk, process.journal, process.machine
    files = disk.after_power_cut(world.chance) if machine.cut_ns else disk.visible()
    scar = world.chance.random() < _SCARS and _scarred(files, world.chance)
    private = sorted(files, key=lambda path: not path.startswith("/private"))  # what has the same name there is no more
    disk.save({path: files[path] for path in private if files[path]}, place)
    lines = {line for data in files.values() for line in data.splitlines(keepends=True)}
    who = f"{process.name}: "
    given: list[tuple[int, dict[str, object], bool]] = journal.given
    kept = [number for number, frame in enumerate(journal.acknowledged) if frame not in lines]
    wrong = [f"{who}frame {kept[0]} of those that a sync covered is gone"] if kept and not scar else []
    try:
        mine = [one for one in read_segments(place) if one.recorder == process.name]
    except JournalDamaged:
        mine = []
    if not mine:
        return wrong
    found = [record for record in mine[0].records() if "t" in record]
    places, strangers = _places(found, [record for _, record, _ in given])
    wrong += [f"{who}record {number} was never written" for number in strangers]
    numbers = [one for one, (_, _, taken) in enumerate(given) if taken and one not in set(places)]
    log(f"{who}{len(given)} given, {len(found)} found, {len(numbers)} lost, damage {mine[0].damage}")
    if scar:
        log(f"{who}a digit has changed in {scar}")
        world.scarred.add(process.name)
        return wrong if mine[0].damage else [*wrong, f"{who}a digit has changed and nothing is said"]
    if places != sorted(set(places)):
        wrong.append(f"{who}records out of order or twice")
    if not machine.cut_ns and numbers:
        wrong.append(f"{who}record {numbers[0]} was acknowledged and is not there")
    if machine.cut_ns and numbers and all(one.kind == "sync" and _lasted(one) <= BRIEF_NS for one in machine.outages):
        wrong += [who + text for text in _after_cut(process, given, places, numbers, holes=bool(mine[0].missing))]
    return wrong


def _places(found: Sequence[Record], given: Sequence[Mapping[str, object]]) -> tuple[list[int], list[object]]:
    """Which of the given records were found, in the order they were found; and numbers of those that are not ours."""
    texts: dict[bytes, list[int]] = {}
    for at, record in enumerate(given):
        texts.setdefault(to_json(dict(record)), []).append(at)
    places, strangers = list[int](), list[object]()
    for record in found:
        plain = {key: value for key, value in record.items() if key != "n"}
        if texts.get(to_json(plain)):
            places.append(texts[to_json(plain)].pop(0))
        elif not _is_mark(plain):
            strangers.append(record["n"])
    return places, strangers


def _lasted(outage: Outage) -> int:
    return outage.end_ns - outage.start_ns


def _scarred(files: dict[str, bytes], chance: Random) -> str:
    """Change one digit in a whole line, not the first one; what was changed, or "" where nothing could be."""
    path = chance.choice(sorted(files)) if files else ""
    data = files.get(path, b"")
    lines = data.splitlines(keepends=True)
    whole = [number for number in range(1, len(lines)) if record_of(lines[number])]
    if not whole:
        return ""
    number = chance.choice(whole)
    digits = [at for at, byte in enumerate(lines[number]) if 48 <= byte < 58]
    at = sum(map(len, lines[:number])) + chance.choice(digits)
    digit = b"%d" % ((int(data[at : at + 1]) + chance.randrange(1, 10)) % 10)
    files[path] = data[:at] + digit + data[at + 1 :]
    return f"{path} at byte {at}"


def _is_mark(record: dict[str, object]) -> bool:
    """Whether the journal wrote this by itself."""
    events = record.get("e")
    return set(record) == {"t", "e"} and isinstance(events, list) and events[1] == ["g"]


def _after_cut(
    process: Process,
    given: Sequence[tuple[int, dict[str, object], bool]],
    places: Sequence[int],
    lost: Sequence[int],
    *,
    holes: bool,
) -> Iterator[str]:
    """After a power cut on a healthy disk: a beginning is left, and at most the last five seconds are gone."""
    if places != list(range(len(places))) and not holes:
        yield "what is left is no beginning, and nothing is said to be missing"
    silent = sum(end - begin for begin, end, _ in process.machine.silences)
    allowed = SYNC_EVERY_NS + silent + 2 * SYNC_NS + SECOND // 100
    failing = process.machine.outages
    if failing:  # what a failed sync put in doubt is written again, after a pause
        allowed += 2 * SYNC_EVERY_NS + sum(_lasted(one) for one in failing)
        if process.machine.cut_ns - max(one.end_ns for one in failing) < allowed:
            return
    interval = process.journal.head_interval_ns
    if process.killed_ns < process.machine.cut_ns:  # nobody asked for a sync after its death
        return
    age = process.machine.cut_ns - given[lost[0]][0]
    if age > allowed + max(0, interval * 2 - SECOND):
        yield f"a record was lost that was {age / 1e9:.3f} s old"


# -- runs ------------------------------------------------------------------------------------------------------


def _statuses(processes: Sequence[Process], group: Sequence[Recording]) -> Iterator[str]:
    """How each recording is said to have ended."""
    for recording in group:
        process = next((one for one in processes if one.name == recording.recorder), None)
        if process is None:  # killed right after its head
            continue
        machine = process.machine
        said = status(recording, machine.until_ns, "boot-1" if machine.cut_ns else machine.boot, process.lives)
        if recording.end is not None:
            if not process.journal.ends:
                yield f"{process.name}: has an end record that it never wrote"
            continue
        quiet = machine.until_ns - recording.last_ns
        fresh = process.lives and quiet < 10 * SECOND
        if said not in (("running",) if fresh else ("interrupted", "running" if process.lives else "interrupted")):
            yield f"{process.name}: is said to be {said}"
        if process.ended and not machine.cut_ns and not machine.outages:
            yield f"{process.name}: ended on a healthy disk and has no end record"


# -- energies --------------------------------------------------------------------------------------------------


def _energies(world: World, machine: Machine, groups: Sequence[list[Recording]], log: Log) -> Iterator[str]:
    """Devices against the truth, and the shares of all runs against the devices."""
    scenes = [Scene(group, [other for other in groups if other is not group]) for group in groups]
    ground = Ground(groups)
    for scene in scenes:
        scene.ground = ground
    whole = {one.timeline.key: one.timeline for scene in scenes for one in scene.claimed}
    for line in whole.values():
        script = next(one for one in machine.scripts if one.channel.name == line.channel.name)
        for gap in line.gaps_in(line.start_ns, line.end_ns):
            log(f"{line.channel.name}: {gap}")
        yield from (f"{line.channel.name}: {text}" for text in _against_truth(world, script, line))
        yield from (f"{line.channel.name}: {text}" for text in _against_claims(line, groups, scenes))
    for scene in scenes:
        found = totals(scene)
        if not world.seed % _ALONE:
            again = totals(Scene(scene.own, [other for other in reversed(groups) if other is not scene.own]))
            differs = abs((found.energy_uj or 0) - (again.energy_uj or 0))
            if differs > _ROUND_S * sum(one.load.top_uw for one in machine.scripts) or found[:2] != again[:2]:
                yield f"run {scene.own[0].run}: {found} among all, {again} by itself"
        if not world.seed % _MEASURED:
            told = measure(scene)
            energy = sum(
                one.energy_uj or 0
                for one in told.entries
                if not one.span and "part" not in one.labels and "within" not in one.labels
            )
            if energy != (found.energy_uj or 0):
                yield f"run {scene.own[0].run}: {found.energy_uj} uJ in a list, {energy} uJ in its account"


def _against_truth(world: World, script: Script, line: Timeline) -> Iterator[str]:
    """Between gaps the energy is the true one; in a gap it is no more than that, and nowhere less than none."""
    gaps = line.gaps_in(line.start_ns, line.end_ns)
    points = sorted({line.start_ns, line.end_ns, *(edge for gap in gaps for edge in gap[:2])})
    lag, allowed = 2 * script.period_ns + 2_000_000, _allowed(world, script, line)
    whole = line.start_ns, line.end_ns
    for start, end in [whole, *pairwise(points)]:
        energy = line.energy(start, end)
        least = _seen(script, end, -lag) - _seen(script, start, lag)
        most = _seen(script, end, lag) - _seen(script, start, -lag)
        blind = any(not gap.bridged and gap.start_ns < end and gap.end_ns > start for gap in gaps)
        part = blind and len(line.stretches()) > 1 and (start, end) != whole  # of a gap only the whole is known
        if energy < 0 or (not part and energy > most + allowed) or (not blind and energy < least - allowed):
            yield (
                f"{energy} uJ from {start / 1e9:.6f} to {end / 1e9:.6f} s,"
                f" in truth {max(0, least)} to {most}, {'a gap' if blind else 'no gap'}"
            )
    yield from _unsaid(world, line)


def _allowed(world: World, script: Script, line: Timeline) -> int:
    """How far an energy may be off, in uJ: a thousandth, what the instrument shows late, and what cannot be known.

    That is: where one recorder takes over from another between two readings, or within a gap that is bridged; when a
    counter that stood still began to; what a lost record said of a gap.
    """
    top, several = script.load.top_uw, len(line.stretches()) > 1
    allowed = (script.true_uj(line.end_ns) - script.true_uj(line.start_ns)) // 1_000
    allowed += top * (2 * script.period_ns + 2_000_000) // SECOND + 10
    if len(script.load.segments) > 1:
        allowed += 2 * top if several else top // 10
    if several and any(fault.kind == "suspended" for fault in script.faults):
        allowed += int(top * max(1.0, 2 * world.interval_s))
    stuck = [fault for fault in script.faults if fault.kind == "stuck"]
    if stuck:
        allowed += top // 2 + sum(script.true_uj(one.end_ns) - script.true_uj(one.start_ns) for one in stuck)
    return allowed + (2 * top if world.scarred else 0)


def _seen(script: Script, t_ns: int, shift: int) -> int:
    """Energy that the instrument has shown by about then; the earliest or the latest that is possible."""
    for fault in script.faults:
        if fault.kind == "stuck" and fault.start_ns <= t_ns + abs(shift) and t_ns - abs(shift) < fault.end_ns:
            t_ns = fault.start_ns if shift < 0 else max(t_ns, fault.end_ns)
    return script.true_uj(t_ns + shift)


def _unsaid(world: World, line: Timeline) -> Iterator[str]:
    """Stretches without a reading that no gap covers."""
    times = sorted({t for track in line.tracks for t in track.t})
    gaps = line.gaps_in(times[0], times[-1]) if times else []
    usual = int(world.interval_s * SECOND)
    longest = max(HOLE_NS, HOLE_INTERVALS * (2 * usual if line.channel.form == POWER else max(2 * usual, SECOND)))
    for before, after in pairwise(times):
        if after - before > longest and not any(gap.start_ns < after and gap.end_ns > before for gap in gaps):
            yield f"nothing was read from {before / 1e9:.6f} to {after / 1e9:.6f} s, and no gap says so"


def _against_claims(line: Timeline, groups: Sequence[list[Recording]], scenes: Sequence[Scene]) -> Iterator[str]:
    """All that somebody claims belongs to somebody, once; what nobody claims to nobody."""
    shares = {
        scene.own[0].run: share
        for scene in scenes
        for timeline, share in scene.claimed
        if timeline.key == line.key and share is not None
    }
    seers = {track.recorder for track in line.tracks}
    windows = {scene.own[0].run: scene.window for scene in scenes}
    claims = [
        (recording, bounds([recording]))
        for group in groups
        for recording in group
        if line.channel.kind == "cpu" or recording.recorder in seers
    ]
    parents = {recording.run: str(recording.head["parent"]) for recording, _ in claims}
    edges = sorted({edge for _, pair in claims for edge in pair})
    for start, end in pairwise(edges):
        there = [recording for recording, pair in claims if pair[0] <= start and end <= pair[1]]
        runs = {recording.run for recording in there}
        if any(windows[run][0] > start or end > windows[run][1] for run in runs):
            continue  # the ranks of a run begin and end within 50 ms, of which the run has the common part
        tops = [run for run in runs if not any(above in runs for above in _around(run, parents))]
        given = sum(shares[run].energy(start, end) for run in tops if run in shares)
        energy = line.energy(start, end)
        whole = any(recording.head["share"] == MACHINE for recording in there if recording.run in tops)
        odd = len(claims)  # each run rounds for itself
        if given > energy + odd or (whole and given < energy - odd and set(tops) <= set(shares)):
            yield f"{given} of {energy} uJ are given to {len(tops)} runs from {start / 1e9:.6f} to {end / 1e9:.6f} s"


def _around(run: str, parents: Mapping[str, str]) -> Iterator[str]:
    while parents.get(run):
        run = parents[run]
        yield run
