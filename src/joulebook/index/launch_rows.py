"""The rows of runs of many ranks in the index: made from the rows of their ranks, in the same transaction as these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from joulebook.index.launches import Launch, launch_of
from joulebook.index.state import depends_on, digest
from joulebook.ledger.places import RunFolder
from joulebook.ledger.run_index import RunIndex
from joulebook.ledger.tables import Run
from joulebook.meter.ranks.launcher import UNNUMBERED
from joulebook.meter.ranks.members import Member
from joulebook.meter.ranks.together import status_of


def rows_of_launches(
    index: RunIndex, rows: Sequence[Run], gone: Iterable[str], places: Mapping[str, RunFolder]
) -> tuple[list[Run], list[str]]:
    """What changes with these rows and those that are gone: rows of ranks and of whole runs, and whole runs that end.

    `rows` are about to be written, `places` are the folders of the book.
    """
    fresh = {row.id: row for row in rows}
    gone = set(gone)
    found: list[Run] = []
    ended: list[str] = []
    for group in sorted({row.group for row in rows if row.group} | index.groups([*fresh, *gone])):
        before = index.in_group(group)
        ranks = {row.id: row for row in before if row.folder and row.id not in gone} | {
            row.id: row for row in rows if row.group == group
        }
        ranks = {run: row for run, row in ranks.items() if run in places}
        launches = launch_of(group, (_member(row, places[row.id]) for row in ranks.values()), places)
        found += [_together(launch, [ranks[member.run] for member in launch.members]) for launch in launches]
        ended += [row.id for row in before if not row.folder]
    return found, ended


def _member(row: Run, folder: RunFolder) -> Member:
    """A rank by its row."""
    end = None if row.status == "running" else row.started_ns + (row.duration_ns or 0)
    return Member(row.id, UNNUMBERED if row.rank is None else row.rank, row.attempt or 0, folder.started_ns, end)


def _together(launch: Launch, ranks: Sequence[Run]) -> Run:
    """The row of a whole run."""
    attempts = [member.attempt for member in launch.members]
    _, _, first = min((member.attempt, member.rank, row) for member, row in zip(launch.members, ranks, strict=True))
    start = min(row.started_ns for row in ranks)
    end = max(row.started_ns + (row.duration_ns or 0) for row in ranks)
    energies = [row.energy_uj for row in ranks if row.energy_uj is not None]
    parents = {row.parent for row in ranks}
    codes = [row.exit for row in ranks if row.exit is not None]
    return Run(
        id=launch.id,
        folder="",
        folder_ns=0,
        settled=all(row.settled for row in ranks),
        state=digest([row.state for row in ranks]),
        depends=depends_on(launch.id, (row.depends for row in ranks)),
        name=first.name,
        status=status_of([*zip(attempts, (row.status for row in ranks), strict=True)]),
        exit=next((code for code in codes if code), codes[0] if codes else None),
        parent=parents.pop() if len(parents) == 1 else "",
        region=first.region,
        host=", ".join(sorted({row.host for row in ranks if row.host})),
        labels=first.labels,
        started_ns=start,
        duration_ns=end - start,
        energy_uj=sum(energies) if energies else None,
        problem=next((row.problem for row in ranks if row.problem), ""),
        group=first.group,
    )
