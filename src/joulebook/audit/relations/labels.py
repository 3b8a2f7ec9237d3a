"""Figures -> what each covers: by the words beside it, by the PUE between two of them, and by its other mentions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, groupby
from math import log
from typing import Final, NamedTuple

from joulebook.audit.relations.covers import COVERS, Cover
from joulebook.audit.relations.figures import PLAIN, Figure
from joulebook.audit.relations.published import PUBLISHED
from joulebook.audit.relations.relation import Relation

_CUT: Final = re.compile(
    r"[;:—–]|\.\s|,\s(?:and|but|while|whereas|so|und|aber|während|et|mais|tandis)\b|\b(?:than|als|que)\b"
)
_PAUSE: Final = re.compile(r",\s(?!(?:and|but|while|whereas|so|und|aber|während|et|mais|tandis)\b)|\b(?:and|und|et)\b")
_CUT_COSTS, _PAUSE_COSTS, _REACH = 45, 18, 140
"""Letters that a cut between clauses and a pause count as, and up to which words belong to a figure."""
_MET, _ROUNDED = 0.004, 0.015
"""How closely a published figure has to be met, and where it is rounded."""
_IT: Final = re.compile(
    r"\W*(?:(?:and|but|und|aber|et|mais) )?(?:(?:that|this|it|these|those|das|dies\w*|es|er|sie|c['’]est|cela|il"
    r"|elle)\b"
    r"|(?:the|this|that|their|its|his|her|our|die|der|diese\w*|ce|cette|le|la) (?:\w+ )?(?:figure|number|value"
    r"|estimate|total|count|account"
    r"|measurement|zahl|wert|angabe|chiffre|valeur|mesure)\b)",
    re.IGNORECASE,
)
"""How a sentence begins that speaks of the figure before it."""
_OPENING: Final = 12
"""Letters from the begin of a sentence up to which words hold for all of it, where a comma follows."""
_OPENS: Final = re.compile(r"(?: (?:basis|method|figures?|side))?[,:]")
_WIDE, _DIGITS = 0.1, 2
"""Width of the buckets of logarithms in which mentions are looked for, and digits that a figure needs."""
_SPAN: Final = 14
"""Figures among which two are looked for whose ratio is the PUE."""
_NARROW: Final = 0.03
"""Relative width up to which two figures and a PUE tell something."""
_EXACT, _MOST_TERMS = 0.002, 10
"""Relative width from which sums from afar are chance, and terms that are tried."""
_TIE: Final = 3.0
"""Tie from which a relation that closes hands on what its terms cover."""


class Label(NamedTuple):
    """What a figure covers, the line where that is said, and by which words."""

    name: str
    line: int
    why: str


Labels = Mapping[int, Mapping[str, Label]]
"""Of the figures by their order: axis to label."""


def labels(
    figures: Sequence[Figure],
    relations: Mapping[int, Sequence[Relation]],
    sentences: Sequence[tuple[int, str]] = (),
) -> dict[int, dict[str, Label]]:
    """What each figure covers, as far as the document says; `sentences` with their paragraphs tell more of some."""
    found: dict[int, dict[str, Label]] = {one.order: {} for one in figures}
    for _, some in groupby(figures, key=lambda one: one.sentence):
        by_words(list(some), found, COVERS)
    _by_the_next(figures, sentences, found)
    for one in figures:
        if "year" in one.amount.per:
            found[one.order]["span"] = Label("one year", one.amount.place.line, one.amount.digits)
        for axis, label in _published(one).items():
            found[one.order].setdefault(axis, label)
    mentions = _mentions(figures)
    _carry(mentions, found)
    _by_ratio(figures, found)
    for _ in range(2):
        _carry(mentions, found)
        _by_relations(figures, relations, found)
        _by_sums(figures, found)
    _carry(mentions, found)
    return found


def _published(one: Figure) -> dict[str, Label]:
    """What is known of famous figures, where the document does not say it."""
    return {
        case.axis: Label(case.name, one.amount.place.line, f"published so: {case.source}")
        for case in PUBLISHED
        if case.kind == one.kind and not one.each and _is_size(one, case.size) and case.named.search(one.text)
    }


def _is_size(one: Figure, size: float) -> bool:
    """Whether a figure is a published size, also rounded."""
    return abs(one.size / size - 1) < _MET or (
        abs(one.size - size) <= one.amount.rough and abs(one.size / size - 1) < _ROUNDED
    )


def overheads(figures: Sequence[Figure]) -> list[Figure]:
    """The figures that are a PUE: so called, or printed again with its digits."""
    named = [one for one in figures if one.is_pue and one.size > 1]
    sizes = {round(one.size, 4) for one in named if one.size != round(one.size)}
    again = [one for one in figures if one.kind in PLAIN | {"factor"} and round(one.size, 4) in sizes]
    return sorted({one.order: one for one in (*named, *again)}.values(), key=lambda one: one.order)


def same(one: Figure, other: Figure) -> bool:
    """Whether two figures are one, each within the printed digits of the other."""
    if one.kind != other.kind or one.each != other.each or one.dimensions != other.dimensions:
        return False
    (a, b), (c, d) = one.spread(), other.spread()
    return a <= other.size <= b or c <= one.size <= d


def by_words(
    some: list[Figure],
    found: dict[int, dict[str, Label]],
    covers: Sequence[Cover],
    distance: Callable[[str, Figure, int, int], float] | None = None,
) -> None:
    """Each word to the figure that is nearest, cuts between clauses counted as a distance."""
    text = some[0].text
    best: dict[tuple[int, str], tuple[float, Label]] = {}
    for cover, begin, end in _spots(text, covers):
        near = [
            ((distance or _distance)(text, one, begin, end), one)
            for one in some
            if one.kind in cover.kinds and one.size > 0
        ]
        if not near:
            continue
        label = Label(cover.name, near[0][1].amount.place.line, text[begin:end])
        for one in [one for _, one in near] if begin <= _OPENING and _OPENS.match(text, end) else []:
            best.setdefault((one.order, cover.axis), (2 * _REACH, label))
        off, one = min(near, key=lambda pair: (pair[0], pair[1].order))
        known = best.get((one.order, cover.axis))
        reach = _REACH if len(near) > 1 else 2 * _REACH
        if off <= reach and (known is None or off < known[0]):
            best[one.order, cover.axis] = (off, label)
    for (order, axis), (_, label) in best.items():
        found[order][axis] = label


def _by_the_next(
    figures: Sequence[Figure], sentences: Sequence[tuple[int, str]], found: dict[int, dict[str, Label]]
) -> None:
    """What the next sentence, which has no such figure of its own, says of the last one: it counts electricity only."""
    of_sentence = {at: list(some) for at, some in groupby(figures, key=lambda one: one.sentence)}
    for at, some in of_sentence.items():
        if at + 1 >= len(sentences) or sentences[at + 1][0] != some[0].paragraph or not _IT.match(sentences[at + 1][1]):
            continue
        text = sentences[at + 1][1]
        for cover, begin, end in _spots(text, COVERS):
            of_kind = [one for one in some if one.kind in cover.kinds]
            if of_kind and not any(one.kind in cover.kinds for one in of_sentence.get(at + 1, ())):
                label = Label(cover.name, of_kind[-1].amount.place.line, text[begin:end])
                found[of_kind[-1].order].setdefault(cover.axis, label)


def _spots(text: str, covers: Sequence[Cover]) -> list[tuple[Cover, int, int]]:
    """The words of covers in a sentence; of those of one axis that overlap, the longest."""
    spots = [(cover, *spot.span()) for cover in covers for spot in cover.words.finditer(text)]
    return [
        (cover, begin, end)
        for cover, begin, end in spots
        if cover.name
        and not any(
            other.axis == cover.axis and a < end and begin < b and (b - a > end - begin) for other, a, b in spots
        )
    ]


def _distance(text: str, one: Figure, begin: int, end: int) -> float:
    left, right = (end, one.amount.start) if end <= one.amount.start else (one.amount.end, begin)
    between = text[left:right]
    return max(0, right - left) + _CUT_COSTS * len(_CUT.findall(between)) + _PAUSE_COSTS * len(_PAUSE.findall(between))


def _by_ratio(figures: Sequence[Figure], found: dict[int, dict[str, Label]]) -> None:
    """IT and facility energy where their ratio is a PUE that the document states; what is facility is never IT."""
    sizes = {round(one.size, 4): one for one in overheads(figures)}
    energies = [one for one in figures if one.kind in ("energy", "power") and not one.is_rate]
    for at, last in enumerate(energies):
        for first in energies[max(0, at - _SPAN) : at]:
            small, large = sorted((first, last), key=lambda one: one.size)
            if first.unit()[::2] != last.unit()[::2] or first.each != last.each or small.size <= 0:
                continue
            if (
                large.loose() + small.loose() > _NARROW
                or "energy" in found[large.order]
                or _is(found, small, "the whole facility")
            ):
                continue
            for pue in sizes.values():
                if (
                    pue.size > 1.02
                    and abs(large.size / small.size / pue.size - 1) < large.loose() + small.loose() + 0.002
                ):
                    words = f"{small.amount.digits} x {pue.amount.digits}"
                    found[large.order]["energy"] = Label("the whole facility", large.amount.place.line, words)
                    found[small.order].setdefault("energy", Label("IT", small.amount.place.line, words))


def _is(found: Labels, one: Figure, name: str) -> bool:
    return any(label.name == name for label in found[one.order].values())


def _mentions(figures: Sequence[Figure]) -> dict[int, list[Figure]]:
    """The other mentions of each figure, those before it first, the nearest first; of two digits at least."""
    buckets: dict[tuple[tuple[object, ...], int], list[Figure]] = {}
    for one in figures:
        if not one.is_bare and one.size > 0:
            buckets.setdefault(((one.kind, one.each, one.dimensions), round(log(one.size) / _WIDE)), []).append(one)
    found: dict[int, list[Figure]] = {}
    for (what, at), some in buckets.items():
        near = [other for step in (-1, 0, 1) for other in buckets.get((what, at + step), ())]
        for one in some:
            if len(re.sub(r"\D", "", one.amount.text).strip("0")) >= _DIGITS:
                others = [other for other in near if other.order != one.order and same(one, other)]
                others.sort(key=lambda other: (other.order > one.order, abs(other.order - one.order)))
                found[one.order] = others
    return found


def _carry(mentions: Mapping[int, Sequence[Figure]], found: dict[int, dict[str, Label]]) -> None:
    """What one mention says holds for the others, of the nearest before it or else behind it."""
    for order, others in mentions.items():
        for other in others:
            for axis, label in found[other.order].items():
                found[order].setdefault(axis, label)


def _by_relations(
    figures: Sequence[Figure], relations: Mapping[int, Sequence[Relation]], found: dict[int, dict[str, Label]]
) -> None:
    """A product with hours or a number covers what its factor does, a sum what all of its parts do."""
    for one in figures:
        for relation in relations[one.order]:
            if relation.tie >= _TIE and relation.closes():
                for axis, label in _handed_on(relation, found):
                    found[one.order].setdefault(axis, label)


def _by_sums(figures: Sequence[Figure], found: dict[int, dict[str, Label]]) -> None:
    """Energy that is, to its printed digits, the sum of earlier figures of one cover, wherever they stand."""
    known: dict[str, dict[float, Figure]] = {}
    for one in figures:
        if one.kind != "energy" or one.is_rate or one.each:
            continue
        if "energy" in found[one.order]:
            known.setdefault(found[one.order]["energy"].name, {})[one.size] = one
        elif one.loose() < _EXACT:
            for name, some in known.items():
                terms = [other for other in list(some.values())[-_MOST_TERMS:] if other.size < one.size]
                summed = next(
                    (parts for many in (2, 3) for parts in combinations(terms, many) if _is_sum(one, parts)), None
                )
                if summed is not None:
                    words = " + ".join(part.amount.digits for part in summed)
                    found[one.order]["energy"] = Label(name, one.amount.place.line, words)
                    break


def _is_sum(total: Figure, parts: Sequence[Figure]) -> bool:
    slack = total.amount.slack + sum(one.amount.slack for one in parts)
    off = abs(sum(one.amount.value for one in parts) - total.amount.value)
    return off <= min(slack, _EXACT * total.amount.value)


def _handed_on(relation: Relation, found: Labels) -> Iterator[tuple[str, Label]]:
    result, words = relation.result, relation.arithmetic
    line = result.amount.place.line
    if relation.kind == "sum":
        axes = [found[one.order] for one in relation.terms]
        for axis in ("energy", "basis"):
            if len({some[axis].name if axis in some else "" for some in axes}) == 1 and axis in axes[0]:
                yield axis, Label(axes[0][axis].name, line, words)
        carbon = [some["carbon"].name for some in axes if "carbon" in some]
        if {"manufacture alone", "electricity alone"} <= set(carbon):
            yield "carbon", Label("the life cycle", line, words)
    elif relation.kind == "product" and result.kind in ("energy", "power"):
        physical = [one for one in relation.terms if one.kind in ("energy", "power")]
        others = [one for one in relation.terms if one not in physical]
        label = found[physical[0].order].get("energy") if len(physical) == 1 else None
        if label is not None and all(one.kind in ("time", "count") for one in others):
            yield "energy", label
    elif relation.kind == "product" and result.kind == "mass":
        rated = [one for one in relation.terms if one.is_rate]
        energies = [one for one in relation.terms if one.kind == "energy" and not one.is_rate]
        if rated and energies and not result.each:
            yield "basis", Label("location-based", line, words)
