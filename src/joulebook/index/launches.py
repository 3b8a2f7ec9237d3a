"""Runs of many ranks in a book: which recordings are one launch, by the names of their folders and their heads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from copy import copy
from typing import NamedTuple

from joulebook.errors import LedgerError
from joulebook.ledger.places import RunFolder
from joulebook.ledger.reader import Record, read_segments
from joulebook.ledger.recording import Recording
from joulebook.ledger.retention import ending
from joulebook.ledger.tail import alive
from joulebook.meter.ranks.launcher import UNNUMBERED
from joulebook.meter.ranks.members import Member, launch_id, launches, rank_of


class Launch(NamedTuple):
    """A run of many ranks; each of them is a recording with an id of its own."""

    id: str
    members: tuple[Member, ...]
    """In the order in which they began."""
    folders: tuple[RunFolder, ...]

    @property
    def started_ns(self) -> int:
        """UTC, to the millisecond."""
        return self.folders[0].started_ns

    @property
    def as_folder(self) -> RunFolder:
        """How a book lists it among its runs: it has no folder of its own."""
        return RunFolder(self.id, self.started_ns, "", self.folders[0].group)


class Launches:
    """The launches of a book, as seen by a machine on this boot; a group is looked into when somebody asks for it."""

    def __init__(self, folders: Mapping[str, RunFolder], boot_id: str) -> None:
        self._boot_id = boot_id
        self._groups: dict[str, list[RunFolder]] = {}
        self._group_of: dict[str, str] = {}
        self._found: dict[str, list[Launch]] = {}
        for folder in folders.values():
            if folder.group:
                self._groups.setdefault(folder.group, []).append(folder)
                self._group_of[folder.id] = folder.group

    def __iter__(self) -> Iterator[Launch]:
        return (launch for group in self._groups for launch in self._of(group))

    def get(self, run: str) -> Launch | None:
        """The launch of this id."""
        if run in self._group_of or not self._groups:
            return None
        near = self._of(run) if run in self._groups else self
        return next((launch for launch in near if launch.id == run), None)

    def holding(self, rank: str) -> Launch | None:
        """The launch that a recording belongs to."""
        launches = self._of(self._group_of[rank]) if rank in self._group_of else []
        return next((one for one in launches if any(member.run == rank for member in one.members)), None)

    def _of(self, group: str) -> list[Launch]:
        if group not in self._found:
            members = self._groups[group]
            heads = {folder.id: _head(folder) for folder in members}
            ends = _ends(members, heads, self._boot_id)
            rows = [member_of(folder, heads[folder.id], ends.get(folder.id)) for folder in members]
            self._found[group] = launch_of(group, rows, {folder.id: folder for folder in members})
        return self._found[group]


def launch_of(group: str, members: Iterable[Member], folders: Mapping[str, RunFolder]) -> list[Launch]:
    """The launches of one group."""
    return [
        Launch(launch_id(group, place, ranks[0]), tuple(ranks), tuple(folders[rank.run] for rank in ranks))
        for place, ranks in enumerate(launches(members))
    ]


def member_of(folder: RunFolder, head: Mapping[str, object], end_ns: int | None) -> Member:
    """A rank by its folder and its head; one whose head is lost counts as a rank without a number."""
    rank = rank_of(head)
    return Member(folder.id, rank.rank if rank else UNNUMBERED, rank.attempt if rank else 0, folder.started_ns, end_ns)


def _head(folder: RunFolder) -> Record:
    with suppress(LedgerError):
        return read_segments(folder.path)[0].head
    return {}


def _ends(members: Iterable[RunFolder], heads: Mapping[str, Record], boot_id: str) -> dict[str, int]:
    """When the recordings ended (UTC ns), where a number was given twice: only then it matters."""
    members = list(members)
    slots = [(rank.rank, rank.attempt) for folder in members if (rank := rank_of(heads[folder.id]))]
    if len(set(slots)) == len(slots):
        return {}
    found = {}
    for folder in members:
        head = heads[folder.id]
        status, last_ns = ending(folder.path)
        lives = status == "interrupted" and head.get("boot_id") == boot_id and alive(head.get("pid"))
        if not lives:
            found[folder.id] = Recording(folder.id, head).wall_ns(last_ns)
    return found


def as_one(recordings: Iterable[Recording], run: str) -> list[Recording]:
    """The recordings of a launch as if one run had made them."""
    found = []
    for recording in recordings:
        one = copy(recording)
        one.head = {key: value for key, value in recording.head.items() if key != "rank"} | {"run": run}
        found.append(one)
    return found
