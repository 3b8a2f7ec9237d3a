"""Relations -> findings: figures that nothing explains, though the text ties them to others that give another value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import log
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Document
from joulebook.audit.relations import cues
from joulebook.audit.relations.figures import PROPORTIONS, Figure
from joulebook.audit.relations.gathering import figures_of
from joulebook.audit.relations.parts import is_listed, totals
from joulebook.audit.relations.passages import relations_of, way
from joulebook.audit.relations.proportions import changes, proportions
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.slips import Slip, slip
from joulebook.audit.relations.ties import consequence
from joulebook.audit.rules.finding import Finding, shown

_EXPLAINS: Final = 2.0
"""Tie from which a relation that closes explains its result."""
_INVOLVES: Final = 5.0
"""Tie from which a relation that closes explains its terms as well."""
_SAID: Final = 8.0
"""Tie of a change from one figure to another right before it."""
_CERTAIN: Final = 7.0
"""Tie from which a miss needs no natural slip."""
_PLAIN_SLIP, _COMMON, _SLIP = 0.8, 0.6, 0.4
"""Weights of slips as natural as a lost factor of a thousand, of common ones, and of rarer ones."""
_WAY_OFF: Final = 3.0
"""How far off "tripled" may be of what it is said of."""
_MOST_CHANGE: Final = 10.0
"""Change beyond which two figures are of different things."""
_FAR_OFF: Final = 20.0
"""How far off a product may be that looks like no natural slip."""
_SHARES: Final = {"part", "multiple", "rise", "fall"}
_PERIODS: Final = (2.0, 7.0, 12.0, 24.0, 30.4, 52.0, 60.0, 365.0, 730.0, 8760.0)
"""Ratios of periods that may be meant where none is said."""
_WORDS: Final = re.compile(
    r"(?!(?:the|of|its|our|their|his|her|your|and|for|was|are|that|this|with|from|than|all)\b)[a-zà-ÿ]{3,}"
)


class Accusation(NamedTuple):
    """A miss that tells: the relation, the natural slip that it looks like, and how sure it is."""

    relation: Relation
    slip: Slip | None
    sure: float
    blamed: Figure
    """The figure that seems wrong: the result, or the one factor that nothing confirms."""


class _Passage:
    """The figures of a document with their relations, and what explains each."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self.figures = figures
        self.relations = {one.order: relations_of(one, figures) for one in figures}
        overheads = [one.size for one in figures if one.is_pue]
        closing = [
            one for some in self.relations.values() for one in some if _explains(one) or _with_overhead(one, overheads)
        ]
        self.explained = dict.fromkeys(self.relations, -9.0)
        """Closest relation that gives each figure."""
        self.involved = dict.fromkeys(self.relations, -9.0)
        """Closest relation that closes with each figure as a term."""
        self.told: dict[frozenset[int], float] = {}
        """Pairs of which a proportion has been told, and how closely."""
        for one in closing:
            self.explained[one.result.order] = max(self.explained[one.result.order], one.tie)
            if one.tie >= _INVOLVES and one.closes():
                for term in one.terms:
                    self.involved[term.order] = max(self.involved[term.order], one.tie - 2)
                if one.kind in _SHARES:
                    self.told[one.pair] = one.tie
        self.same = {one.members for one in closing if len(one.terms) == 1}
        """Pairs that are one figure in two units."""

    def accusations(self) -> Iterator[Accusation]:
        """Every miss that tells."""
        for result in self.figures:
            for relation in self.relations[result.order]:
                told = relation.kind in _SHARES and self.told.get(relation.pair, -9.0) >= relation.tie
                if told or relation.pair in self.same or not self.is_open(relation):
                    continue
                found = _told(relation)
                if found is not None and not self.closes_elsewhere(relation):
                    yield found
        yield from self.blamed()

    def is_open(self, relation: Relation) -> bool:
        """Whether a relation does not close, and no other explains its result as well."""
        explained, involved = self.explained[relation.result.order], self.involved[relation.result.order]
        if not relation.accuses or relation.closes() or relation.tie <= explained + 1:
            return False
        natural = slip(relation)
        if explained >= _EXPLAINS and (
            natural is None or natural.weight < _PLAIN_SLIP or relation.tie < explained + 1.5
        ):
            return False
        is_last = all(one.order < relation.result.order for one in relation.terms)
        return involved < (relation.tie if is_last or natural is not None else _EXPLAINS)

    def closes_elsewhere(self, relation: Relation) -> bool:
        """Whether it closes with a figure of the same dimension from farther away, or with an unsaid period."""
        natural = slip(relation)
        if len(relation.terms) == 1 and any(abs(abs(log(relation.ratio)) - log(one)) < 0.08 for one in _PERIODS):
            return True
        if relation.result.kind in PROPORTIONS and relation.tie >= _SAID:
            return False
        if relation.result.kind in PROPORTIONS:
            last = max(relation.terms, key=lambda one: one.order)
            taken = (last.order, relation.result.order)
            known = self.figures[: relation.result.order] if way(relation.result) else self.figures
            far = [one for one in known if one.kind == last.kind and one.order not in taken]
            return any(found.closes() for one in far for found in proportions(relation.result, [one, last]))
        if relation.kind == "sum":
            return natural is None and any(_is_left_out(relation, one) for one in self.figures)
        if relation.kind != "product" or (
            natural is not None and natural.weight >= _PLAIN_SLIP and relation.exact < 0.15
        ):
            return False
        return any(_closes_with(relation, term, one) for term in relation.terms for one in self.figures)

    def blamed(self) -> Iterator[Accusation]:
        """Where the result follows from something else: the one factor of a miss that nothing confirms."""
        for order, some in self.relations.items():
            for one in some if self.explained[order] >= _EXPLAINS else ():
                natural = slip(one) if one.tie >= _INVOLVES and one.accuses and not one.closes() else None
                if natural is None or one.exact > 0.03 or not _cued(one):
                    continue
                if natural.weight < _PLAIN_SLIP and "devices" not in natural.words:
                    continue
                if self.closes_elsewhere(one):
                    continue
                alone = [
                    term for term in one.terms
                    if max(self.involved[term.order], self.explained[term.order]) < _EXPLAINS
                ]  # fmt: skip
                if len(alone) > 1 and "devices" in natural.words:
                    alone = [term for term in alone if term.is_bare]
                if len(alone) == 1:
                    yield Accusation(one, natural, 0.7, alone[0])


def derived(document: Document) -> Iterator[Finding]:
    """Figures of running text that do not follow from what they are said to follow from."""
    passage = _Passage(figures_of(document.paragraphs))
    accused: set[int] = set()
    for told in sorted(passage.accusations(), key=lambda one: (one.blamed.order, -one.relation.tie)):
        if not accused & told.relation.members and not cues.REBUTTED.search(told.blamed.text):
            accused.add(told.blamed.order)
            yield _finding(told)


def _explains(relation: Relation) -> bool:
    """Whether a relation closes, and is close enough where nothing says that it counts what it counts."""
    return relation.closes() and (not relation.is_loose or not relation.result.is_bare or relation.tie >= _INVOLVES)


def _with_overhead(relation: Relation, overheads: Sequence[float]) -> bool:
    """Whether a product closes when overhead is counted that the document states."""
    if relation.kind != "product" or relation.result.kind not in ("energy", "mass", "money", "power"):
        return False
    return any(abs(relation.ratio / one - 1) < max(relation.loose, 0.01) for one in overheads)


def _is_left_out(relation: Relation, one: Figure) -> bool:
    """Whether a figure from elsewhere is what a sum lacks."""
    lacks = relation.result.size - relation.middle
    alike = (one.kind, one.amount.per) == (relation.result.kind, relation.result.amount.per)
    return alike and one.order not in relation.members and abs(lacks - one.size) <= 0.006 * relation.result.size


def _closes_with(relation: Relation, term: Figure, other: Figure) -> bool:
    """Whether a product closes when a figure of the same dimension from elsewhere takes the place of a term."""
    alike = (term.dimensions, term.each) == (other.dimensions, other.each)
    if not alike or term.is_bare or other.order in relation.members:
        return False
    by = other.size / term.size
    wide = max(relation.loose, 0.01)
    return any(abs(log(relation.ratio / power)) < wide for power in (by, 1 / by))


def _told(relation: Relation) -> Accusation | None:
    """What a miss tells; None where it tells nothing."""
    natural, result, tie = slip(relation), relation.result, relation.tie
    so = consequence(result)
    if not _cued(relation) or (result.kind == "factor" and not (so or tie >= _CERTAIN)):
        return None
    off = relation.ratio if relation.ratio > 1 else 1 / relation.ratio
    if way(result) and tie >= _CERTAIN and relation.exact < 0.2 and 1.2 < off < _WAY_OFF:
        return Accusation(relation, None, 0.75, result)
    if natural is not None and (sure := _natural(relation, natural, so=so)):
        return Accusation(relation, natural, sure, result)
    changed = relation.kind in ("rise", "fall") and relation.middle < _MOST_CHANGE * (
        100 if result.kind == "percent" else 1
    )
    if relation.kind == "sum" and relation.ratio > 1 and not is_listed(result):
        return None  # a part may be unsaid
    if (so or changed or relation.kind == "sum" or _is_price(relation)) and tie >= _CERTAIN:
        return (
            Accusation(relation, None, 0.7, result) if relation.loose < 0.12 and (changed or off < _FAR_OFF) else None
        )
    return None


def _is_price(relation: Relation) -> bool:
    """Whether a cost follows from a price of what is counted, or a number from numbers: there is no other basis."""
    rated = any(one.is_rate and one.each for one in relation.terms) and relation.result.kind == "money"
    return rated or (relation.kind == "product" and relation.result.is_bare and not relation.is_loose)


def _natural(relation: Relation, natural: Slip, *, so: bool) -> float:
    """How sure a natural slip is, from the closeness of the figures and the exactness with which it is met; or 0."""
    tie, exact, is_plain = relation.tie, relation.exact, natural.weight >= _PLAIN_SLIP
    if any(one.is_far for one in relation.terms):
        last = all(one.order < relation.result.order for one in relation.terms if not one.is_far)
        return 0.7 * (last and is_plain and exact < (0.2 if so and relation.result.is_bare else 0.07) and tie >= 1.5)
    physical = sum(not one.is_bare for one in relation.terms)
    if natural.weight == 1.0 and exact < 0.07 and tie >= 4 and physical > 1 and relation.is_last:
        return 0.75
    if is_plain and exact < 0.05 and tie >= 5 - so:
        return 0.85
    if natural.weight >= _COMMON and exact < 0.13 and tie >= 5:
        return 0.8
    if natural.weight >= _SLIP and exact < 0.06 and tie >= 6 - so:
        return 0.75
    return 0.75 * (is_plain and exact < 0.25 and tie >= 6 - 0.5 * so)


def _cued(relation: Relation) -> bool:
    """Whether words fit the kind of relation."""
    result = relation.result
    if relation.kind == "sum":
        return totals(result)
    if relation.kind == "rest":
        return cues.REST.search(f"{result.before[-60:]} {result.behind[:40]}") is not None
    if relation.kind in ("rise", "fall"):
        return changes(result)
    if relation.kind in ("part", "multiple"):
        listed = cues.LISTED.fullmatch(result.before) or cues.LISTED.fullmatch(result.behind)
        return not listed and not _of_another(relation) and (not changes(result) or consequence(result))
    return _may_multiply(relation)


def _may_multiply(relation: Relation) -> bool:
    """Whether words let a result be a product: of carbon, not of another basis; of many no less than of one."""
    result = relation.result
    if result.kind == "mass" and (cues.OTHER_BASIS.search(result.text) or not cues.CARBON.search(result.text)):
        return False
    is_less = relation.is_scaled and result.size < max(
        (one.size for one in relation.terms if not one.is_bare), default=0.0
    )
    return not is_less or consequence(result)


def _of_another(relation: Relation) -> bool:
    """Whether a percentage is said to be of something else than the larger of two figures."""
    result = relation.result
    if result.kind == "factor" or not cues.OF.match(result.behind) or cues.OF_IT.match(result.behind):
        return False
    whole = max(relation.terms, key=lambda one: one.size)
    said = set(_WORDS.findall(result.behind.lower())[:5])
    known = set(_WORDS.findall(f"{whole.before} {whole.amount.text} {whole.behind}".lower()))
    return not (whole.order == result.order + 1 or said & known)


_RULES: Final = {"product": "product", "sum": "sum", "rest": "sum", "multiple": "arithmetic"}


def _finding(told: Accusation) -> Finding:
    relation, natural, amount = told.relation, told.slip, told.relation.result.amount
    computed = shown(relation.middle * amount.value / relation.result.size, amount.kind, amount)
    likely = f"; they differ by {natural.words}" if natural else ""
    evidence = f"{relation.arithmetic} = {computed}, stated {amount.digits}{likely}"
    is_unit = natural is not None and "factor" in natural.words and relation.kind == "product"
    rule = "unit-slip" if is_unit else _RULES.get(relation.kind, "percentage")
    severity = "high" if natural is not None or not 0.5 < relation.ratio < 2 else "medium"
    remedy = "one of these figures is wrong"
    if told.blamed is not relation.result:
        remedy = f"check {told.blamed.amount.digits} first: the other figures are confirmed"
    return Finding(rule, severity, told.sure, told.blamed.amount.place, evidence, remedy, told.blamed.text)
