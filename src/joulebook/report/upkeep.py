"""What a book holds, what would go from it, and what its damaged journals still say: lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from joulebook.ledger.recovery import Condition, Examined
from joulebook.ledger.retention import Held, OnDisk
from joulebook.quantity import Quantity
from joulebook.report import wording
from joulebook.report.wording import count, digits, plain

_BYTES: Final = ((1.0, "B"), (1e3, "kB"), (1e6, "MB"), (1e9, "GB"), (1e12, "TB"))
_SHOWN: Final = 20
_FEW: Final = 5


def size(count: int) -> str:
    """Bytes in the unit that fits: "61.2 MB"."""
    step, symbol = next(pair for pair in reversed(_BYTES) if count >= pair[0] or pair[0] == 1.0)
    return f"{digits(count / step)} {symbol}"


def day(wall_ns: int) -> str:
    """The day and minute in UTC."""
    return datetime.fromtimestamp(wall_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M")


def runs_lines(runs: Sequence[OnDisk], shown: int = _SHOWN) -> list[str]:
    """One line for each run, at most `shown`, and how many more there are."""
    lines = [
        f"  {run.id[:6]}  {size(run.bytes):>8}  {day(run.ended_ns)}  {run.status:<11}  {plain(run.name, 32)}".rstrip()
        for run in runs[:shown]
    ]
    if len(runs) > shown:
        lines.append(f"  ... and {len(runs) - shown} more, {size(sum(run.bytes for run in runs[shown:]))}")
    return lines


def held_lines(held: Sequence[Held]) -> list[str]:
    """The runs that stay although a rule names them, and why."""
    lines = [f"  {one.run.id[:6]}  {plain(one.run.name, 24)}  {one.why}" for one in held[:_SHOWN]]
    if len(held) > _SHOWN:
        lines.append(f"  ... and {len(held) - _SHOWN} more")
    return lines


def examined_dict(run: Examined) -> dict[str, object]:
    """What a run's journals still say, as plain values."""
    recorders = [
        {
            **one._asdict(),
            "missing": [gap._asdict() for gap in one.missing],
            "missing_s": one.missing_s,
            "sound": one.sound,
        }
        for one in run.recorders
    ]
    return {**run._asdict(), "recorders": recorders, "sound": run.sound}


def examined_lines(run: Examined, energy: Quantity | None) -> list[str]:
    """What a run's journals still say, recorder by recorder."""
    head = f"{run.id[:6]}  {plain(run.name, 32)}  {run.status}  {day(run.started_ns)} UTC"
    known = f"{wording.joules(energy)} {energy.basis}" if energy is not None else "unknown"
    lines = [f"{head}  energy until its end: {known}" if run.status != "unreadable" else head]
    for one in run.recorders:
        parts = f"{count(one.segments, 'segment')}, {size(one.bytes)}, {count(one.records, 'record')}"
        lines.append(f"  recorder {one.recorder}: {parts}; {'sound' if one.sound else one.status}")
        lines += [f"    {text}" for text in _findings(one)]
    copy = [f"its journal names another id, {plain(run.copy_of, 12)}: a copy"] if run.copy_of else []
    return [*lines, *(f"  note: {plain(note, 200)}" for note in (*run.notes, *copy))]


def _findings(one: Condition) -> list[str]:
    found = []
    if one.damaged_lines:
        mended = f", in {one.repairable} of them a single bit has turned" if one.repairable else ""
        found.append(f"damaged   {count(one.damaged_lines, 'line')}, {size(one.damaged_bytes)}{mended}")
    if one.torn_bytes:
        found.append(f"torn      {size(one.torn_bytes)} of an unfinished record, which was never acknowledged")
    for gap in one.missing[:_FEW]:
        lasted = wording.seconds((gap.end_ns - gap.start_ns) / 1e9)
        which = f"record {gap.first}" if gap.first == gap.last else f"records {gap.first} to {gap.last}"
        found.append(f"missing   {which}: {lasted} between their neighbours")
    if len(one.missing) > _FEW:
        found.append(f"missing   {len(one.missing) - _FEW} more gaps; {wording.seconds(one.missing_s)} in all")
    return [*found, *(f"problem   {plain(text, 200)}" for text in one.problems)]
