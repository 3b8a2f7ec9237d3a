"""How closely the text ties figures together: their distance, what lies between, and words of consequence."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from joulebook.audit.relations import cues
from joulebook.audit.relations.figures import Figure

_CLAUSE: Final = 90
"""Letters before a figure in which words of consequence are looked for."""


def consequence(result: Figure, terms: Sequence[Figure] = ()) -> bool:
    """Whether words before a figure, or between the terms right before it, say that it follows from what was said."""
    orders = {one.order for one in terms}
    if orders and max(orders) < result.order and result.order - min(orders) == len(orders):
        begin = min((one.amount.end for one in terms if one.sentence == result.sentence), default=result.amount.start)
        if cues.GIVES.search(result.text, begin, result.amount.start):
            return True
    if any(one.is_rate and one.sentence == result.sentence and cues.AT_RATE.match(one.before) for one in terms):
        return True
    return _says_so(result.before, result.behind)


@lru_cache(maxsize=512)
def _says_so(before: str, behind: str) -> bool:
    """Whether words before a figure, or right behind it, say that it follows."""
    clause = cues.OF_THE_LAST.sub("", before)[-_CLAUSE:]
    words = (cues.SO, cues.OR, cues.IN_UNITS, cues.ALWAYS)
    return any(one.search(clause) for one in words) or cues.IN_TOTAL.match(behind) is not None


def tie(result: Figure, terms: Sequence[Figure], *, cued: bool = False) -> float:
    """Points for closeness: 3 for what lies between, 2 each for sentence and words, 1 each for order and things."""
    orders = [one.order for one in (result, *terms)]
    between = max(orders) - min(orders) + 1 - len(set(orders))
    points = 3.0 - min(between, 6)
    points += 2.0 - min(max(abs(result.sentence - one.sentence) for one in terms), 3)
    points -= 1.5 * min(max(abs(result.paragraph - one.paragraph) for one in terms), 3)
    is_last = result.order > max(one.order for one in terms)
    if cued or consequence(result, terms):
        points += 2.0 * is_last or 1.5 * _around(result, terms)
    counted = {thing for one in terms for thing in one.made}
    wanted = {thing for one in terms for thing in (*one.each, *one.said) if thing != "each"}
    of_each = bool(counted) and any("each" in one.said for one in terms)
    return points + is_last + (of_each or bool(counted & wanted))


def _around(result: Figure, terms: Sequence[Figure]) -> bool:
    """Whether one term follows right behind in its sentence, and the others stand before it."""
    behind = [one for one in terms if one.order > result.order]
    is_next = len(behind) == 1 and behind[0].order == result.order + 1 and behind[0].sentence == result.sentence
    return is_next and len(terms) > 1
