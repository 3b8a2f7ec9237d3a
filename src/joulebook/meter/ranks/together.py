"""The ranks of one training as one run: their measurements together, and how they differ.

Every rank has its own share of its machine, so that amounts only have to be added: a machine is counted once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import fsum
from statistics import median
from typing import Final, NamedTuple

from joulebook.entry import Entry, Held
from joulebook.ledger.recording import legible
from joulebook.meter.measured import Measurement
from joulebook.meter.ranks.launcher import UNNUMBERED
from joulebook.meter.ranks.members import rank_of
from joulebook.quantity import Basis, Quantity, total

STRAGGLER: Final = 1.2
"""A rank that needs so many times what the median rank needs is named,"""
_LEAST_S: Final = 0.1
"""if that is worth a word at all."""
_LATE_S: Final = 30
"""Nodes whose ranks begin further apart than this have clocks that differ, or one of them was late."""
_EARLY_S: Final = 2
_SHOWN: Final = 8
_WORST: Final = ("running", "failed", "interrupted", "stopped")


class Part(NamedTuple):
    """The recording of one rank."""

    run: str
    rank: int
    attempt: int
    status: str
    found: Measurement


class RankUse(NamedTuple):
    """What one rank was and used."""

    rank: int | None
    """None where nobody said."""
    attempt: int
    node: str
    run: str
    """The id of its recording."""
    status: str
    start_ns: int
    """UTC."""
    seconds: float
    energy: Quantity | None
    """Its share of what was sensed, in J."""

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"process {self.run[:4]}" if self.rank is None else f"rank {self.rank}"

    @property
    def end_ns(self) -> int:
        """UTC."""
        return self.start_ns + round(self.seconds * 1e9)


def status_of(ranks: Sequence[tuple[int, str]]) -> str:
    """How a run of these ranks (attempt, status) ended: as the worst of its last attempt, for the others went on."""
    last = max(attempt for attempt, _ in ranks)
    said = {status for attempt, status in ranks if attempt == last}
    return next((status for status in _WORST if status in said), "finished")


def together(run: str, parts: Sequence[Part]) -> tuple[Measurement, list[RankUse]]:
    """One measurement of all ranks, under the id `run`, and what each of them had of it."""
    parts = sorted(parts, key=lambda part: (part.attempt, part.rank, part.found.start_ns, part.run))
    nodes = nodes_of([(_boot(part), part.found.head) for part in parts])
    uses = [_use(part, nodes[_boot(part)]) for part in parts]
    start, end = min(use.start_ns for use in uses), max(use.end_ns for use in uses)
    many = len(set(nodes.values())) > 1
    newest = parts[-1].found if parts[-1].attempt else parts[0].found
    whole = Measurement(
        head={**newest.head, "run": run},
        start_ns=start,
        duration=Quantity.of((end - start) / 1e9, "s", basis=Basis.MEASURED, source="clock", name="duration"),
        entries=[
            entry._replace(run=run, device=f"{nodes[_boot(part)]} {entry.device}" if many else entry.device)
            for part in parts
            for entry in part.found.entries
        ],
        spans=[span for part in parts for span in part.found.spans],
        end=_end(parts),
        notices=[*_remarks(parts, uses), *_said((part.found.notices for part in parts), uses)],
        degraded=_said((part.found.degraded for part in parts), uses),
        shared_with=max(part.found.shared_with for part in parts),
        counts=_counted(parts),
        held=_held(parts, nodes, many=many),
    )
    return whole, uses


def _counted(parts: Sequence[Part]) -> dict[str, float]:
    """What all ranks counted, added up."""
    names = dict.fromkeys(name for part in parts for name in part.found.counts)
    return {name: fsum(part.found.counts.get(name, 0.0) for part in parts) for name in names}


def _held(parts: Sequence[Part], nodes: Mapping[str, str], *, many: bool) -> list[Held]:
    """The devices of all machines; each rank has its own share of those of its machine."""
    found: dict[str, list[Held]] = {}
    for part in parts:
        node = nodes[_boot(part)] if many else ""
        for held in part.found.held:
            device = f"{node} {held.device}" if many else held.device
            found.setdefault(device, []).append(held._replace(device=device, node=node))
    return [every[0]._replace(seconds=fsum(held.seconds for held in every)) for every in found.values()]


def _use(part: Part, node: str) -> RankUse:
    sensed = [entry.amount for entry in part.found.entries if _counts(entry)]
    host = _host(part.found.head)
    return RankUse(
        rank=None if part.rank == UNNUMBERED else part.rank,
        attempt=part.attempt,
        node=node if node.startswith(host) else host,
        run=part.run,
        status=part.status,
        start_ns=part.found.start_ns,
        seconds=part.found.duration.value,
        energy=total(sensed, "J", "it_energy") if sensed else None,
    )


def _counts(entry: Entry) -> bool:
    return not entry.span and not entry.labels.get("within")


def _boot(part: Part) -> str:
    return str(part.found.head.get("boot_id", ""))


def nodes_of(heads: Sequence[tuple[str, Mapping[str, object]]]) -> dict[str, str]:
    """A name for each machine, by its boot: that of its host, and a part of the boot's where two have the same."""
    hosts: dict[str, str] = {}
    for boot, head in heads:
        hosts.setdefault(boot, _host(head))
    alike = {host for host in hosts.values() if list(hosts.values()).count(host) > 1}
    return {boot: f"{host}-{legible(boot)[:4]}" if host in alike else host for boot, host in hosts.items()}


def _host(head: Mapping[str, object]) -> str:
    return legible(str(head.get("host") or "node"))


def _end(parts: Sequence[Part]) -> dict[str, object] | None:
    """The end record of the first rank that failed, or of any; None where one of the last attempt has none."""
    last = max(part.attempt for part in parts)
    ends = [part.found.end for part in parts if part.attempt == last]
    if any(end is None for end in ends):
        return None
    return next((end for end in ends if end and end.get("exit")), ends[0])


def _said(texts: Iterable[Sequence[str]], uses: Sequence[RankUse]) -> list[str]:
    """What the ranks say, once: by name where not all of them say it."""
    by_text: dict[str, list[RankUse]] = {}
    for use, said in zip(uses, texts, strict=True):
        for text in said:
            by_text.setdefault(text, []).append(use)
    return [
        text if len(who) == len(uses) else f"{_listed([use.name for use in who])}: {text}"
        for text, who in by_text.items()
    ]


def _listed(names: Sequence[str]) -> str:
    shown = list(dict.fromkeys(names))
    return ", ".join(shown[:_SHOWN]) + (f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else "")


# -- what is remarkable about the ranks --------------------------------------------------------------------------


def _remarks(parts: Sequence[Part], uses: Sequence[RankUse]) -> list[str]:
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
    return [
        f"{len(there)} of {size} ranks are in this book, without {_listed(absent)}, whose energy is missing: {cure}"
    ]


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
        found.append(f"{_listed(twice)}: more than one process had this number; each is counted")
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
    ][:_SHOWN]


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
