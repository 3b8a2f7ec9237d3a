"""Relations -> findings: what nothing explains, though the text ties it to figures that give something else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import log
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Document
from joulebook.audit.relations.figures import Figure, figures_of
from joulebook.audit.relations.parts import REST, TOTAL, sums
from joulebook.audit.relations.products import products
from joulebook.audit.relations.proportions import PROPORTIONS, alternatives, changes, proportions
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.slips import Slip, slip
from joulebook.audit.relations.ties import consequence
from joulebook.audit.rules.finding import Finding, shown

_BACK, _AHEAD = 8, 3
"""Figures before and behind one that it may follow from."""
_EXPLAINS: Final = 2.0
"""Tie from which a relation that closes explains its result."""
_INVOLVES: Final = 5.0
"""Tie from which a relation that closes explains its terms as well."""
_OF_OTHERS: Final = re.compile(
    r"\s*(?:of|von|de|des|du|der)\s+(?!(?:it|that|this|them|those|these|what|which|the (?:total|whole|sum)|its|their)\b)",
    re.IGNORECASE,
)


_COMPARED: Final = 7.0
"""Tie of a multiple between the two figures that it compares."""
_MOST_FAR: Final = 6
_PERIODS: Final = (2.0, 7.0, 12.0, 24.0, 30.4, 52.0, 60.0, 365.0, 730.0, 8760.0)
"""Ratios of periods that may be meant where none is said."""


_PLAIN_SLIP: Final = 0.8
"""Weight from which a slip is as natural as a lost factor of a thousand."""
_WORDS: Final = re.compile(r"(?!(?:the|of|its|and|for|was|are|that|this)\b)[a-zà-ÿ]{3,}")
_REMEDY: Final = "one of these figures is wrong"
_SHARES: Final = {"part", "multiple", "rise", "fall"}


class Accusation(NamedTuple):
    """A miss that tells: the relation, the natural slip that it looks like, and how sure it is."""

    relation: Relation
    slip: Slip | None
    sure: float
    blamed: Figure | None = None
    """The factor that seems wrong, where it is not the result."""


def derived(document: Document) -> Iterator[Finding]:
    """Figures of running text that do not follow from what they are said to follow from."""
    figures = figures_of(document.paragraphs)
    relations = {result.order: relations_of(result, figures) for result in figures}
    overheads = [one.size for one in figures if one.is_pue]
    explained = {
        order: max((one.tie for one in some if one.closes() or _with_overhead(one, overheads)), default=-9.0)
        for order, some in relations.items()
    }
    involved = dict(explained)
    for some in relations.values():
        for one in some:
            if one.tie >= _INVOLVES and one.closes():
                for term in one.terms:
                    involved[term.order] = max(involved[term.order], one.tie - 2)
    told_of = {
        frozenset(term.order for term in one.terms): one.tie
        for some in relations.values()
        for one in some
        if one.kind in _SHARES and one.tie >= _INVOLVES and one.closes()
    }
    same = {one.members for some in relations.values() for one in some if len(one.terms) == 1 and one.closes()}
    found = []
    for result in figures:
        for relation in relations[result.order]:
            pair = frozenset(one.order for one in relation.terms)
            if pair in same:
                continue
            if relation.kind in _SHARES and told_of.get(pair, -9.0) >= relation.tie:
                continue
            if _open(relation, explained[result.order], involved[result.order]):
                told = _tells(relation)
                if told is not None and not _elsewhere(relation, figures):
                    found.append(told)
    found += _blamed(figures, relations, explained, involved)
    accused: set[int] = set()
    for told in sorted(found, key=lambda one: ((one.blamed or one.relation.result).order, -one.relation.tie)):
        if not accused & told.relation.members:
            accused.add((told.blamed or told.relation.result).order)
            yield _finding(told)


def _blamed(
    figures: Sequence[Figure],
    relations: dict[int, list[Relation]],
    explained: dict[int, float],
    involved: dict[int, float],
) -> list[Accusation]:
    """Where the result follows from something else: the one factor of a miss that nothing confirms."""
    found = []
    for order, some in relations.items():
        for one in some if explained[order] >= _EXPLAINS else ():
            natural = slip(one) if one.tie >= _INVOLVES and one.accuses and not one.closes() else None
            if natural is None or natural.weight < 0.5 or one.exact > 0.03 or _elsewhere(one, figures):
                continue
            alone = [term for term in one.terms if involved[term.order] < _EXPLAINS]
            if len(alone) == 1:
                found.append(Accusation(one, natural, 0.7, alone[0]))
    return found


def relations_of(result: Figure, figures: Sequence[Figure]) -> list[Relation]:
    """The relations that a figure may stand in with those near it, the closest first."""
    near = [
        one for one in figures[max(0, result.order - _BACK) : result.order + _AHEAD + 1]
        if one.order != result.order and abs(one.paragraph - result.paragraph) <= 1
    ]  # fmt: skip
    if any(_same(result, one) for one in figures[: result.order]):
        return []
    near = [one for one in near if not (one.kind == result.kind and alternatives(one, result))]
    found = [*products(result, [*near, *_far(result, near, figures)]), *sums(result, near), *proportions(result, near)]
    return sorted(found, key=lambda one: (-round(one.tie), abs(log(one.ratio)) if one.ratio > 0 else 9.0))


def _direction(result: Figure) -> str:
    """Which way a word such as "tripled" goes."""
    return result.amount.noun if result.kind == "factor" else ""


def _of_another(relation: Relation) -> bool:
    """Whether a percentage is said to be of something else than the larger of two figures."""
    result = relation.result
    if result.kind not in ("percent", "share") or not _OF_OTHERS.match(result.behind):
        return False
    whole = max(relation.terms, key=lambda one: one.size)
    said = set(_WORDS.findall(result.behind.lower())[1:6])
    return not (
        whole.order == result.order + 1
        or said & set(_WORDS.findall(f"{whole.before} {whole.amount.text} {whole.behind}".lower()))
    )


def _far(result: Figure, near: Sequence[Figure], figures: Sequence[Figure]) -> list[Figure]:
    """From elsewhere: rates for the energy near a figure, or the energy for a rate near it."""
    if result.kind not in ("mass", "water", "money"):
        return []
    others = [one._replace(is_far=True) for one in figures if one not in near and one.order != result.order]
    base = {base for base, power in result.dimensions if power > 0}
    rates = [one for one in near if one.is_rate and base & set(dict(one.dimensions))]
    if rates:
        return [one for one in others if one.kind in ("energy", "device-hours") and not one.is_rate][:_MOST_FAR]
    if any(one.kind in ("energy", "device-hours") for one in near):
        return [one for one in others if one.is_rate and base & set(dict(one.dimensions))][:_MOST_FAR]
    return []


def _same(result: Figure, earlier: Figure) -> bool:
    """Whether a figure repeats an earlier one."""
    alike = (result.kind, result.made, result.amount.per) == (earlier.kind, earlier.made, earlier.amount.per)
    low, high = result.spread()
    return alike and result.kind not in PROPORTIONS and not result.is_bare and low <= earlier.size <= high


def _open(relation: Relation, explained: float, involved: float) -> bool:
    """Whether a relation does not close, and no other explains its result as well."""
    if not relation.accuses or relation.closes() or relation.tie <= explained + 1:
        return False
    natural = slip(relation) if explained >= _EXPLAINS else None
    if explained >= _EXPLAINS and (natural is None or natural.weight < _PLAIN_SLIP or relation.tie < explained + 1.5):
        return False
    is_last = all(one.order < relation.result.order for one in relation.terms)
    return involved < (relation.tie if is_last else _EXPLAINS)


def _tells(relation: Relation) -> Accusation | None:
    """What a miss tells; None where it tells nothing."""
    natural = slip(relation)
    so = consequence(relation.result)
    if not _cued(relation) or (relation.result.kind == "factor" and not (so or relation.tie >= _COMPARED)):
        return None
    tie = relation.tie
    if natural is not None and natural.weight >= _PLAIN_SLIP and relation.exact < 0.05 and tie >= 5 - so:
        return Accusation(relation, natural, 0.85)
    is_far = any(one.is_far for one in relation.terms)
    if is_far:
        plain = natural is not None and natural.weight >= _PLAIN_SLIP and relation.exact < 0.05
        return Accusation(relation, natural, 0.7) if plain and tie >= 1.5 else None
    if natural is not None and natural.weight >= 0.4 and relation.exact < 0.13 and tie >= 5.0:
        return Accusation(relation, natural, 0.8)
    if natural is not None and natural.weight >= _PLAIN_SLIP and relation.exact < 0.25 and tie >= 6.0:
        return Accusation(relation, natural, 0.75)
    cued = so or relation.kind in ("rise", "fall") or bool(_direction(relation.result))
    if cued and tie >= 7 and relation.loose < 0.12 and 0.05 < relation.ratio < 20:
        return Accusation(relation, None, 0.7)
    return None


def _cued(relation: Relation) -> bool:
    """Whether words fit the kind of relation."""
    result = relation.result
    near = f"{result.before[-60:]} {result.behind[:40]}"
    if relation.kind == "sum":
        return TOTAL.search(near) is not None
    if relation.kind == "rest":
        return REST.search(near) is not None
    if relation.kind in ("rise", "fall"):
        return changes(result)
    if relation.kind in ("part", "multiple"):
        return not _of_another(relation) and (not changes(result) or consequence(result))
    return True


def _with_overhead(relation: Relation, overheads: Sequence[float]) -> bool:
    """Whether a product closes when overhead is counted that the document states."""
    if relation.kind != "product" or relation.result.kind not in ("energy", "mass", "money", "power"):
        return False
    return any(abs(relation.ratio / one - 1) < max(relation.loose, 0.01) for one in overheads)


def _elsewhere(relation: Relation, figures: Sequence[Figure]) -> bool:
    """Whether it closes with overhead that the document states, or with a figure of the same kind from farther away."""
    result = relation.result
    if len(relation.terms) == 1 and any(abs(abs(log(relation.ratio)) - log(one)) < 0.08 for one in _PERIODS):
        return True
    if result.kind in PROPORTIONS:
        last = max(relation.terms, key=lambda one: one.order)
        far = [one for one in figures if one.kind == last.kind and one.order not in (last.order, result.order)]
        return any(found.closes() for one in far for found in proportions(result, [one, last]))
    natural = slip(relation)
    if relation.kind != "product" or (natural is not None and natural.weight >= _PLAIN_SLIP and relation.exact < 0.15):
        return False
    return any(_closes_with(relation, term, one) for term in relation.terms for one in figures)


def _closes_with(relation: Relation, term: Figure, other: Figure) -> bool:
    """Whether a product closes when a figure of the same dimension from elsewhere takes the place of a term."""
    alike = (term.dimensions, term.each) == (other.dimensions, other.each)
    if not alike or term.is_bare or other.order in relation.members:
        return False
    by = other.size / term.size
    wide = max(relation.loose, 0.01)
    return any(abs(log(relation.ratio / power)) < wide for power in (by, 1 / by))


def _finding(told: Accusation) -> Finding:
    relation, natural = told.relation, told.slip
    result = relation.result
    amount = result.amount
    likely = f"; they differ by {natural.words}" if natural else ""
    scale = result.size / amount.value
    computed = shown(relation.middle / scale, amount.kind, amount)
    evidence = f"{relation.arithmetic} = {computed}, stated {amount.digits}{likely}"
    grave = natural is not None or not 0.5 < relation.ratio < 2
    rule = {"product": "product", "sum": "sum", "rest": "sum", "multiple": "arithmetic"}.get(
        relation.kind, "percentage"
    )
    if natural and "factor" in natural.words and relation.kind == "product":
        rule = "unit-slip"
    severity = "high" if grave else "medium"
    at = told.blamed or result
    remedy = f"check {at.amount.digits} first: the other figures are confirmed" if told.blamed else _REMEDY
    return Finding(rule, severity, told.sure, at.amount.place, evidence, remedy, at.text)
