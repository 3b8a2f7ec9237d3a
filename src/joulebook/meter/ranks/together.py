"""The ranks of one training as one run: their measurements together, and how they differ.

Every rank has its own share of its machine, so that amounts only have to be added: a machine is counted once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import fsum
from typing import Final

from joulebook.entry import Entry, Held
from joulebook.ledger.recording import legible
from joulebook.meter.measured import Measurement
from joulebook.meter.ranks.launcher import UNNUMBERED
from joulebook.meter.ranks.remarks import remarks
from joulebook.meter.ranks.uses import Part, RankUse, listed
from joulebook.quantity import Basis, Quantity, total

_WORST: Final = ("running", "failed", "interrupted", "stopped")


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
        notices=[*remarks(parts, uses), *_said((part.found.notices for part in parts), uses)],
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
        text if len(who) == len(uses) else f"{listed([use.name for use in who])}: {text}"
        for text, who in by_text.items()
    ]
