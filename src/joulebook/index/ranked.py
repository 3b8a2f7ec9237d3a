"""Runs of many ranks, read from the recordings of their ranks: measured together, and shown side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from joulebook.errors import LedgerError
from joulebook.index.launches import Launch, Launches, as_one
from joulebook.ledger.recording import Recording
from joulebook.meter.claimed import Ground, Scene, boot_of
from joulebook.meter.measured import Measurement
from joulebook.meter.ranks.members import Member
from joulebook.meter.ranks.together import nodes_of, status_of, together
from joulebook.meter.ranks.uses import Part, RankUse
from joulebook.meter.series import History, history


class Recorded(Protocol):
    """What is asked of a book for each rank."""

    def recordings(self, run: str) -> list[Recording]:
        """The decoded journals."""

    def status(self, run: str) -> str:
        """How the recording ended."""

    def scene(self, run: str) -> Scene:
        """The run among those beside it."""

    def measurement(self, run: str, span: str = "", scene: Scene | None = None) -> Measurement:
        """Its energy."""


class Ranked:
    """The runs of many ranks of a book."""

    def __init__(self, book: Recorded, launches: Launches) -> None:
        self._book = book
        self._launches = launches
        self._found: dict[str, tuple[Measurement, list[RankUse]]] = {}

    def __contains__(self, run: str) -> bool:
        return self._launches.get(run) is not None

    def __iter__(self) -> Iterator[Launch]:
        return iter(self._launches)

    def ranks(self, run: str) -> list[str]:
        """The ids of the ranks of a run, in the order in which they began; of a run without ranks, its own."""
        return [member.run for member in self._members(run)] or [run]

    def launch_of(self, rank: str) -> str:
        """The run that a recording is a rank of; "" where it is none."""
        launch = self._launches.holding(rank)
        return launch.id if launch else ""

    def status(self, run: str) -> str:
        """How it ended, or that it is running."""
        readable = set(self._readable(run))
        members = (member for member in self._members(run) if member.run in readable)
        return status_of([(member.attempt, self._book.status(member.run)) for member in members])

    def measurement(self, run: str) -> Measurement:
        """Of all ranks together. Raises `LedgerError` when none of them can be read."""
        return self._together(run)[0]

    def uses(self, run: str) -> Sequence[RankUse]:
        """What each rank was and had of it; none for a run without ranks."""
        return self._together(run)[1] if run in self else ()

    def history(self, run: str, bins: int) -> History:
        """Power over time of each machine, and the stages of the first rank."""
        groups: dict[str, list[Scene]] = {}
        for rank in self._readable(run):
            scene = self._book.scene(rank)
            groups.setdefault(boot_of(scene.own[0]), []).append(scene)
        names = nodes_of([(boot, scenes[0].own[0].head) for boot, scenes in groups.items()])
        series, bands = [], None
        for boot, scenes in groups.items():
            ranks = {scene.own[0].run for scene in scenes}
            own = as_one((recording for scene in scenes for recording in scene.own), run)
            beside = {group[0].run: group for scene in scenes for group in scene.others if group[0].run not in ranks}
            found = history(Scene(own, beside.values()), bins)
            bands = history(scenes[0], bins).bands if bands is None else bands
            many = len(names) > 1
            series += [one._replace(device=f"{names[boot]} {one.device}") if many else one for one in found.series]
        return History(tuple(series), bands or ())

    def _members(self, run: str) -> Sequence[Member]:
        launch = self._launches.get(run)
        return launch.members if launch else ()

    def _together(self, run: str) -> tuple[Measurement, list[RankUse]]:
        if run not in self._found:
            self._found[run] = together(run, self._parts(run))
        return self._found[run]

    def _parts(self, run: str) -> list[Part]:
        """The measurements of its ranks, each with the share that it has beside the others."""
        scenes = {rank: self._book.scene(rank) for rank in self._readable(run)}
        grounds: dict[str, dict[str, Sequence[Recording]]] = {}
        for scene in scenes.values():
            groups = grounds.setdefault(boot_of(scene.own[0]), {})
            groups.update({group[0].run: group for group in (scene.own, *scene.others)})
        shared = {boot: Ground(list(groups.values())) for boot, groups in grounds.items()}
        for scene in scenes.values():
            scene.ground = shared[boot_of(scene.own[0])]
        return [
            Part(rank, at, attempt, self._book.status(rank), self._book.measurement(rank, scene=scenes[rank]))
            for rank, at, attempt, *_ in self._members(run)
            if rank in scenes
        ]

    def _readable(self, run: str) -> list[str]:
        """The ranks whose journals can be read. Raises `LedgerError` when there is none."""
        found, problem = [], None
        for rank in self.ranks(run):
            try:
                self._book.recordings(rank)
            except LedgerError as error:
                problem = error
            else:
                found.append(rank)
        if not found and problem is not None:
            raise problem
        return found
