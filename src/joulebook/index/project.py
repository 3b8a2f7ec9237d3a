"""`members`: the runs of a project, told by a label `project=NAME` or by the beginning of their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from joulebook.errors import RunNotFound
from joulebook.index.book import Book
from joulebook.ledger.query import Query

LABEL: Final = "project"
FINISHED: Final = "finished"
_LISTED: Final = 8


class Member(NamedTuple):
    """A run of a project."""

    id: str
    name: str
    status: str


def members(book: Book, project: str) -> list[Member]:
    """The runs of a project, oldest first; a run recorded inside another one of them is in that one already.

    A name belongs to it that is the project's, or goes on behind it with a sign that is no letter and no digit
    ("digits-7" of "digits"); a project with * or ? is a pattern of names. Raises `RunNotFound` where there are none.
    """
    labelled = _rows(book, Query(labels=((LABEL, project),), nested=True, limit=-1))
    is_pattern = "*" in project or "?" in project
    named = _rows(book, Query(name=project if is_pattern else f"{project}*", nested=True, limit=-1))
    begins = {run: row for run, row in named.items() if is_pattern or _goes_on(str(row["name"]), project)}
    found = {**labelled, **begins}
    if not found:
        raise RunNotFound(
            f"no run of a project {project!r}: none has the label {LABEL}={project}, and no name begins so"
            f"{_others(book)}; list the runs with  joulebook runs"
        )
    whole = [row for run, row in found.items() if not book.around(run) & found.keys()]
    return [
        Member(str(row["id"]), str(row["name"] or ""), str(row["status"]))
        for row in sorted(whole, key=lambda row: (str(row["started"]), _started_ns(book, str(row["id"]))))
    ]


def final_of(book: Book, found: list[Member], reference: str) -> Member | None:
    """The run of the final model: the one that is named, otherwise the last that finished; None where none did.

    Raises `RunNotFound` for a reference that means none of them.
    """
    if not reference:
        return next((member for member in reversed(found) if member.status == FINISHED), None)
    run = book.find(reference).id
    for member in found:
        if member.id == run:
            return member
    raise RunNotFound(f"the run {reference!r} is not one of the project's")


def _rows(book: Book, query: Query) -> dict[str, Mapping[str, object]]:
    return {str(row["id"]): row for row in book.listing.page(query).rows}


def _started_ns(book: Book, run: str) -> int:
    """When it began, between the seconds of a row; 0 of a run of many ranks, which has no folder."""
    folder = book.folders.get(run)
    return folder.started_ns if folder is not None else 0


def _goes_on(name: str, project: str) -> bool:
    begins = name.lower().startswith(project.lower())
    return begins and not name[len(project) : len(project) + 1].isalnum()


def _others(book: Book) -> str:
    """The projects that there are, for whoever has mistyped one."""
    labels = (row["labels"] for row in _rows(book, Query(nested=True, limit=500)).values())
    names = {str(label[LABEL]) for label in labels if isinstance(label, dict) and LABEL in label}
    return f"; labels there are: {', '.join(sorted(names)[:_LISTED])}" if names else ""
