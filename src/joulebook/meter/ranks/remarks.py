"""What is remarkable about the ranks of a run: who is missing, came again, ended early, began late, or is slow."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from joulebook.meter.ranks.members import rank_of
from joulebook.meter.ranks.uses import SHOWN, Part, RankUse, listed
from joulebook.quantity import total

STRAGGLER: Final = 1.2
"""A rank that needs so many times what the median rank needs is named,"""
_LEAST_S: Final = 0.1
"""if that is worth a word at all."""
_LATE_S: Final = 30
"""Nodes whose ranks begin further apart than this have clocks that differ, or one of them was late."""
_EARLY_S: Final = 2


def remarks(parts: Sequence[Part], uses: Sequence[RankUse]) -> list[str]:
    """Sentences on ranks that are missing, came again, ended early, began late or were slow."""
    return [*_missing(parts, uses), *_repeated(parts, uses), *_early(uses), *_late(uses), *_stragglers(parts, uses)]


def _missing(parts: Sequence[Part], uses: Sequence[RankUse]) -> list[str]:
    last = max(use.attempt for use in uses)
    there = {use.rank for use in uses if use.attempt == last and use.rank is not None}
    ranks = (rank_of(part.found.head) for part in parts if part.attempt == last)
    size = max((rank.of for rank in ranks if rank), default=0)
    if not there or len(there) >= size:
        return []
    absent = [f"rank {number}" for number in range(min(size, 1 << 16)) if number not in there]
    cure = "bring the books of other nodes here with  joulebook recover FOLDER"
    return [f"{len(there)} of {size} ranks are in this book, without {listed(absent)}, whose energy is missing: {cure}"]


def _repeated(parts: Sequence[Part], uses: Sequence[RankUse]) -> list[str]:
    """Attempts that were made again, and ranks that were there twice."""
    found = []
    last = max(use.attempt for use in uses)
    before = [use.energy for use in uses if use.attempt < last and use.energy is not None]
    if last and before:
        used = total(before, "J")
        again = "once" if last == 1 else f"{last} times"
        found.append(f"started anew {again}: the attempts before the last used {used.value:.3g} J, which are included")
    found += _trained_again(parts)
    slots = [(use.rank, use.attempt) for use in uses if use.rank is not None]
    twice = [f"rank {rank}" for rank, attempt in dict.fromkeys(slots) if slots.count((rank, attempt)) > 1]
    if twice:
        found.append(f"{listed(twice)}: more than one process had this number; each is counted")
    return found


def _trained_again(parts: Sequence[Part]) -> list[str]:
    """The steps that an attempt logged and a later one logged again, for it went on from a checkpoint before them."""
    spans: dict[int, tuple[int, int]] = {}
    for part in parts:
        if part.found.steps:
            first, last = spans.get(part.attempt, tuple(part.found.steps))
            spans[part.attempt] = min(first, part.found.steps[0]), max(last, part.found.steps[1])
    again = 0
    reached: int | None = None
    for _, (first, last) in sorted(spans.items()):
        again += max(0, min(reached, last) - first + 1) if reached is not None else 0
        reached = last if reached is None else max(reached, last)
    return [f"{again} steps were trained again after a restart"] if again else []


def _early(uses: Sequence[RankUse]) -> list[str]:
    """Ranks that were gone before the others."""
    last = max(use.attempt for use in uses)
    now = [use for use in uses if use.attempt == last and use.status != "running"]
    end = max(use.end_ns for use in uses)
    return [
        f"{use.name} on {use.node} {use.status} {(end - use.end_ns) / 1e9:.3g} s before the last one ended"
        for use in now
        if use.status in ("failed", "interrupted") and end - use.end_ns > _EARLY_S * 1e9
    ][:SHOWN]


def _late(uses: Sequence[RankUse]) -> list[str]:
    first = [use for use in uses if use.attempt == min(use.attempt for use in uses)]
    begins = {node: min(use.start_ns for use in first if use.node == node) for node in {use.node for use in first}}
    latest, earliest = max(begins, key=begins.__getitem__), min(begins, key=begins.__getitem__)
    apart = (begins[latest] - begins[earliest]) / 1e9
    if apart <= _LATE_S:
        return []
    why = "it was late, or their clocks differ; the duration depends on that, energy does not"
    return [f"{latest} began {apart:.3g} s after {earliest}: {why}"]


def _stragglers(parts: Sequence[Part], uses: Sequence[RankUse]) -> list[str]:
    """The stage that the slowest rank spends longest in, compared with the median rank, for a visit of it."""
    last = max(use.attempt for use in uses)
    times: dict[str, list[tuple[float, RankUse, float]]] = {}
    for part, use in zip(parts, uses, strict=True):
        if use.attempt != last:
            continue
        for span in part.found.spans:
            visits = part.found.visits.get(span.id, 0)
            if visits and span.end_ns > span.start_ns:
                seconds = (span.end_ns - span.start_ns) / 1e9
                times.setdefault(span.id, []).append((seconds / visits, use, seconds))
    found = []
    for path, rows in times.items():
        slowest = max(rows, key=lambda row: row[0])
        usual = median(row[0] for row in rows if row is not slowest) if len(rows) > 1 else slowest[0]
        lost = slowest[2] * (1 - usual / slowest[0])
        if slowest[0] >= STRAGGLER * usual and lost >= _LEAST_S:
            found.append((lost, path, slowest[1], slowest[0] / usual))
    if not found:
        return []
    most = max(row[0] for row in found)
    _, path, use, factor = max((row for row in found if row[0] >= most / 2), key=lambda row: row[1].count("/"))
    slow = f"{use.name} on {use.node} takes {factor:.2g} times as long as the others in {path}"
    return [f"straggler: {slow}, or waits there for one that is slow elsewhere"]
