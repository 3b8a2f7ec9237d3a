"""Thins the journals of runs that have ended, with the proof that their energies stay as they were.

Runs that were recorded at the same time are looked at together: each one's energy depends on the readings of all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from joulebook.errors import LedgerError
from joulebook.ledger.frame import frame, to_json
from joulebook.ledger.reader import Record, RecorderFile, read_segments
from joulebook.ledger.recording import Recording, decode
from joulebook.ledger.retention import OnDisk, beside_each_other, families_of, untouchable
from joulebook.ledger.rewrite import replace_series, write_series
from joulebook.meter.thinning import MARK, SPACINGS_S, differences, edges_of, thinned, thinned_head

MOST_RUNS: Final = 32
MOST_BYTES: Final = 256 << 20
"""More than this beside each other would have to be in memory at once."""
_WORTH_IT: Final = 0.8


class Thinned(NamedTuple):
    """What became of one run: bytes before and after, or why it stays as it is."""

    run: OnDisk
    before: int
    after: int
    why: str = ""


class _Loaded(NamedTuple):
    run: OnDisk
    file: RecorderFile
    records: list[Record]
    recording: Recording


def clusters(runs: Sequence[OnDisk]) -> list[list[OnDisk]]:
    """Runs that were recorded at the same time as each other, directly or by way of others."""
    families = {family[0].path: family for family in families_of(runs)}
    beside = beside_each_other(list(families.values()))
    found, seen = [], set[str]()
    for path in families:
        cluster, queue = list[OnDisk](), [path]
        while queue:
            one = queue.pop()
            if one not in seen:
                seen.add(one)
                cluster += families[one]
                queue += beside.get(one, ())
        if cluster:
            found.append(cluster)
    return found


def thin(cluster: Sequence[OnDisk], chosen: Collection[str], *, write: bool) -> list[Thinned]:
    """Thin those runs of a cluster whose paths are chosen; without `write` only say what would come of it."""
    wanted = [run for run in cluster if run.path in chosen]
    why = untouchable(cluster) and f"itself or a run beside it: {untouchable(cluster)}"
    if not why and (len(cluster) > MOST_RUNS or sum(run.bytes for run in cluster) > MOST_BYTES) and len(cluster) > 1:
        why = f"{len(cluster)} runs were recorded beside each other: too many to prove that nothing changes"
    if not wanted or why:
        return [Thinned(run, run.bytes, run.bytes, why) for run in wanted]
    loaded = [one for run in cluster for one in _load(run)]
    reasons = {run.path: _unfit([one for one in loaded if one.run is run]) for run in wanted}
    able = {path for path, reason in reasons.items() if not reason}
    spacing, new, reason = _prove(loaded, able)
    found = []
    for run in wanted:
        own = [one for one in loaded if one.run is run]
        before = sum(_size(one.records) for one in own)
        after = sum(_size(new[one.recording.recorder]) for one in own) if run.path in able and new else before
        why = reasons[run.path] or reason or ("there is nothing to gain" if after > _WORTH_IT * before else "")
        if not why and write:
            why = _write(own, new, spacing)
        found.append(Thinned(run, run.bytes, run.bytes if why else run.bytes - before + after, why))
    return found


def _load(run: OnDisk) -> list[_Loaded]:
    try:
        files = read_segments(run.path)
    except LedgerError:  # it claims nothing that could be told
        return []
    found = []
    for file in files:
        records = list(file.records())
        recording = decode(file.recorder, {**file.head, "run": run.id}, records)
        recording.damage += file.damage
        found.append(_Loaded(run, file, records, recording))
    return found


def _unfit(own: Sequence[_Loaded]) -> str:
    """Why a run is not thinned, whatever would come of it."""
    if not own or any(one.recording.damage or one.file.missing for one in own):
        return "its journal is damaged: joulebook recover says how"
    if any(one.file.head.get(MARK) for one in own):
        return "it is thinned already"
    if any(len(one.file.paths) > 1 for one in own):
        return "its journal is in several parts, after trouble with the disk"
    return ""


def _prove(loaded: Sequence[_Loaded], able: Collection[str]) -> tuple[float, dict[str, list[Record]], str]:
    """The widest spacing that changes nothing, the new records by recorder, and else what would change."""
    if not able:
        return 0.0, {}, ""
    before = _groups(loaded, {})
    edges = edges_of(before.values())
    problems: list[str] = []
    for spacing in SPACINGS_S:
        new = {one.recording.recorder: thinned(one.records, edges, spacing) for one in loaded if one.run.path in able}
        problems = differences(before, _groups(loaded, new, spacing))
        if not problems:
            return spacing, new, ""
    return 0.0, {}, f"thinner, its energies would not stay as they are ({problems[0]})"


def _groups(
    loaded: Sequence[_Loaded], new: dict[str, list[Record]], spacing: float = 0.0
) -> dict[str, list[Recording]]:
    found: dict[str, list[Recording]] = {}
    for one in loaded:
        recorder = one.recording.recorder
        recording = one.recording
        if recorder in new:
            recording = decode(recorder, thinned_head(recording, recording.head, spacing), new[recorder])
        found.setdefault(one.run.id, []).append(recording)
    return found


def _size(records: Sequence[Record]) -> int:
    return sum(len(frame(to_json(record))) for record in records)


def _write(own: Sequence[_Loaded], new: dict[str, list[Record]], spacing: float) -> str:
    """Put the new records into the places of the old; why not, where that fails."""
    for one in own:
        recorder, folder = one.recording.recorder, Path(one.run.path)
        head: Record = {"n": 0, "head": thinned_head(one.recording, one.file.head, spacing)}
        try:
            path = write_series(folder, recorder, [head, *new[recorder]])
            replace_series(path, recorder, one.file.paths, keep=False)
        except OSError as error:
            return f"{error.strerror or error}"
    return ""
