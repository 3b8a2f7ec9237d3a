"""Ranks of one training, as journals tell of them: several processes, on one node or on many, that are one run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from joulebook.ledger.recording import legible
from joulebook.meter.ranks.launcher import UNNUMBERED, Rank, group_id

_LARGEST: Final = 1 << 24


def rank_of(head: Mapping[str, object]) -> Rank | None:
    """The rank in a journal's head, which may be anybody's work; None where there is none, or nonsense."""
    plain = head.get("rank")
    if not isinstance(plain, dict):
        return None
    rank, of, local, attempt = (_number(plain.get(name)) for name in ("rank", "of", "local", "attempt"))
    group = plain.get("group")
    if not isinstance(group, str) or not _is_id(group):
        return None
    return Rank(group, rank, max(of, 0), max(local, 0), max(attempt, 0), legible(str(plain.get("launcher", ""))))


def parent_of(head: Mapping[str, object]) -> str:
    """What a recording takes its energy from: the run around it, or the group of its ranks."""
    rank = rank_of(head)
    return owner_of(rank.group) if rank else str(head.get("parent", ""))


def owner_of(group: str) -> str:
    """The name under which the ranks of a group claim energy together."""
    return f"ranks {group}"


class Member(NamedTuple):
    """A rank's recording, as far as it matters to whom it belongs. Times are UTC ns."""

    run: str
    rank: int
    attempt: int
    start_ns: int
    end_ns: int | None
    """None while it is being recorded."""


def launches(members: Iterable[Member]) -> list[list[Member]]:
    """The recordings of one group as launches, in time: the name of a group may be used again.

    A rank that begins after the same rank (of the same attempt) has ended belongs to a later launch; while that one
    lives, both are of one launch, for an elastic launcher may start a rank twice. A rank that was not there before
    belongs to the latest launch that nobody has ended, or to the last one. Processes without a number are a further
    attempt when all before them have ended: a training that goes on after an interruption.
    """
    found: list[list[Member]] = []
    taken: dict[tuple[int, int], tuple[Member, int]] = {}
    for member in sorted(members, key=lambda one: (one.start_ns, one.run)):
        slot = member.rank, member.attempt
        before, at = taken.get(slot, (None, 0))
        if before is not None and member.rank != UNNUMBERED:
            at += _has_ended(before, member.start_ns)
        while at + 1 < len(found) and all(_has_ended(one, member.start_ns) for one in found[at]):
            at += 1
        while len(found) <= at:
            found.append([])
        if member.rank == UNNUMBERED and all(_has_ended(one, member.start_ns) for one in found[at]):
            attempt = max((one.attempt + 1 for one in found[at]), default=0)
            member = member._replace(attempt=max(attempt, member.attempt))  # noqa: PLW2901 - the same, further known
        found[at].append(member)
        taken[slot] = member, at
    return found


def _has_ended(member: Member, now_ns: int) -> bool:
    return member.end_ns is not None and member.end_ns <= now_ns


def launch_id(group: str, place: int, first: Member) -> str:
    """The id of a launch: that of the group for the first, and one of its own for each that used the name again."""
    return group_id(f"{group} {first.run}") if place else group


def _number(value: object) -> int:
    return value if type(value) is int and 0 <= value < _LARGEST else UNNUMBERED


def _is_id(text: str) -> bool:
    return len(text) == 12 and set(text) <= set("0123456789abcdef")
