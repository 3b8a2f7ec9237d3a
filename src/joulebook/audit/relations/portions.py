"""Figures -> portions: an amount as so many per cent of another, or by so many per cent more or less."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from joulebook.audit.relations import cues
from joulebook.audit.relations.figures import Figure
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.ties import consequence, tie

_ROUGH, _WIDE = 3.0, 0.06
"""Points less where figures are rough, and from which relative width."""
_PROPORTIONS = {"percent": 0.01, "share": 1.0, "factor": 1.0}


def portions(result: Figure, near: Sequence[Figure]) -> Iterator[Relation]:
    """What a percentage or multiple near a figure makes of another; percentages only explain."""
    for part in near:
        by = _PROPORTIONS.get(part.kind, 0.0)
        if not by or result.kind in ("number", "percent") or part.order > result.order + 1:
            continue
        least, most = (by * end for end in part.spread())
        for whole in (one for one in near if one.order <= part.order + 1):
            for read in whole.readings() if whole.kind == result.kind else ():
                if read.dimensions == result.dimensions and read.made == result.made:
                    yield from _of(result, (read, part), (least, by * part.size, most))


def _of(result: Figure, terms: tuple[Figure, Figure], share: tuple[float, float, float]) -> Iterator[Relation]:
    (low, high), (least, middle, most) = terms[0].spread(), share
    size, near = terms[0].size, tie(result, terms)
    compared = any(
        one is not None for one in (cues.COMPARED_TO.search(result.before), cues.OF_THAT.match(terms[1].behind))
    )
    so = terms[0].order + 2 == terms[1].order + 1 == result.order and consequence(result) and not compared
    near -= _ROUGH * (not so and terms[0].loose() + terms[1].loose() > _WIDE)
    words = f"{terms[0].amount.digits} and {terms[1].amount.digits}"
    if terms[1].kind == "factor":
        up = terms[1].amount.noun != "down"
        a, b, c = share if up else (1 / most, 1 / middle, 1 / least)
        words = f"{terms[1].amount.digits} {terms[0].amount.digits}"
        yield Relation("times", result, terms, low * a, size * b, high * c, near, words, is_loose=not so)
        return
    part = terms[1]
    words_near = f"{part.before[-40:]} {part.behind[:30]} {result.before[-40:]} {result.behind[:20]}"
    down = cues.DOWN.search(words_near) or cues.REST.search(words_near)
    changed = [(1 + least, 1 + middle, 1 + most)] if cues.UP.search(words_near) else []
    changed += [(1 - most, 1 - middle, 1 - least)] if down else []
    for a, b, c in ((least, middle, most), *changed):
        yield Relation("portion", result, terms, low * a, size * b, high * c, near, words, is_loose=True)
