"""Totals that add a part once more to the whole that has it within, where the figures show which is which."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from math import fsum
from typing import Final, NamedTuple

from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Document
from joulebook.audit.relations import cues
from joulebook.audit.rules.doubles import ADDS, DEFINITE, LEVIED, OTHER
from joulebook.audit.sums.entries import Entry, lines, passages

_MOST: Final = 7
"""Figures before a total among which wholes and parts are looked for."""
_FEW: Final = 3
"""Parts of a whole at most, and figures that are added to it."""
_CLOSE: Final = 0.004
"""How closely a sum has to be met."""
_KINDS: Final = frozenset({"energy", "power", "mass", "water", "money"})
_AWARE: Final = re.compile(
    r"\b(?:not|never|wrong\w*|double|twice|mistak\w*|would|cannot|nicht|falsch|doppelt|pas|jamais|tort|doble"
    r"|nunca)\b|n['’]t",
    re.IGNORECASE,
)


class _Whole(NamedTuple):
    """A figure that is the sum of others, and these."""

    whole: Entry
    parts: tuple[Entry, ...]


def twice_added(document: Document) -> Iterator[Finding]:
    """Totals that only follow from a whole and one of its parts."""
    for passage in passages(document.paragraphs):
        for line in lines(passage):
            for at, result in enumerate(line) if line[0].key[0] in _KINDS else ():
                if result.here and result.is_sure and not result.is_denied and _adds(result):
                    yield from _of(result, line[max(0, at - _MOST) : at])


def _adds(result: Entry) -> bool:
    said = ADDS.search(result.text) or cues.TOTAL.search(result.text)
    return said is not None and not LEVIED.search(result.text) and not _AWARE.search(result.text)


def _of(result: Entry, near: Sequence[Entry]) -> Iterator[Finding]:
    """What is told of a total: with a whole and a part it closes, and with nothing else."""
    distinct = [one for at, one in enumerate(near) if not any(_same(one, other) for other in near[:at])]
    known = [one for one in distinct if one.is_sure and one.value < result.value]
    inside = {(one.whole, part) for one in _wholes(known) for part in one.parts if _is_precise(one.whole)}
    if not inside or any(_same(one, result) for one in near):
        return
    sums = [some for many in range(2, _FEW + 2) for some in combinations(known, many) if _closes(result, some)]
    doubled = [next((pair for pair in inside if set(pair) <= set(some)), None) for some in sums]
    pair = doubled[0] if doubled and all(doubled) else None
    if pair is None or any(_is_new(part, near) for part in pair):
        return
    whole, part = pair
    evidence = f"{printed(result.amount)} adds {printed(part.amount)} and {printed(whole.amount)}, which has it within"
    remedy = "leave out what is counted already, or say why both count"
    yield Finding("double-count", "medium", 0.8, result.amount.place, evidence, remedy, result.text)


def _wholes(known: Sequence[Entry]) -> Iterator[_Whole]:
    """The figures that are the sum of two or three others, none of them rough and no two alike."""
    for whole in known:
        others = [one for one in known if one.value < whole.value and not one.amount.hedged]
        for many in range(2, _FEW + 1):
            for some in combinations(others, many):
                is_half = max(one.value for one in some) < 0.51 * whole.value and many == 2
                if not is_half and not whole.amount.hedged and _closes(whole, some):
                    yield _Whole(whole, some)


def _is_precise(one: Entry) -> bool:
    """Whether it has two digits or more: single ones add up by chance."""
    return len(re.sub(r"\D", "", one.amount.digits).strip("0")) > 1


def _closes(whole: Entry, parts: Sequence[Entry]) -> bool:
    slack = whole.printed + fsum(one.printed for one in parts)
    off = abs(fsum(one.value for one in parts) - whole.value)
    return off <= min(slack, _CLOSE * whole.value) + 1e-9 * whole.value


def _same(one: Entry, other: Entry) -> bool:
    return abs(one.value - other.value) <= min(one.printed, other.printed)


def _is_new(part: Entry, near: Sequence[Entry]) -> bool:
    """Whether words say that a figure of the same size is one more."""
    again = [one for one in near if one is not part and _same(one, part)]
    heads = [one.text[: one.amount.start] for one in again]
    return any(DEFINITE.search(head) is None or OTHER.search(head) for head in heads)
