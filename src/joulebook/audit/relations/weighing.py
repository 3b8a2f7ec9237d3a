"""Relations -> findings: figures that nothing explains, though the text ties them to others that give another value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf, log
from typing import Final

from joulebook.audit.finding import Finding, shown
from joulebook.audit.reading.amount import Document
from joulebook.audit.relations import cues
from joulebook.audit.relations.agreeing import agreed
from joulebook.audit.relations.figures import PLAIN, Figure
from joulebook.audit.relations.gathering import figures_of
from joulebook.audit.relations.judging import CERTAIN, PLAIN_SLIP, Accusation, cued, told
from joulebook.audit.relations.meaning import meaning
from joulebook.audit.relations.passages import relations, window
from joulebook.audit.relations.proportions import proportions, way
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.slips import DEVICES, OTHER_BASE, slip
from joulebook.audit.relations.things import within

_EXPLAINS: Final = 2.0
"""Tie from which a relation that closes explains its result."""
_INVOLVES: Final = 5.0
"""Tie from which a relation that closes explains its terms as well."""
_SAID: Final = 8.0
"""Tie of a change from one figure to another right before it."""
_SHARES: Final = {"part", "multiple", "rise", "fall"}
_PLAINLY: Final = 0.15
"""Relative width up to which a natural slip needs no look elsewhere."""
_PROPORTIONS: Final = {"percent": 0.01, "share": 1.0}
_MET: Final = 0.02
"""How closely a figure is another one with the overhead."""
_BESIDE: Final = 2
"""Sentences within which overhead stands that a closely tied cost or mass contains."""
_EXACTLY: Final = 0.004
"""How closely a percentage is met by the other base."""
_MONTH: Final = 0.08
"""How far the lengths of months differ."""
_PERIODS: Final = (2.0, 7.0, 12.0, 24.0, 30.4, 52.0, 60.0, 365.0, 730.0, 8760.0)
"""Ratios of periods that may be meant where none is said."""


class _Passage:
    """The figures of a document with their relations, and what explains each."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self.figures = figures
        self.relations = relations(figures)
        overheads = [one for one in figures if one.is_pue]
        closing = [
            one
            for some in self.relations.values()
            for one in some
            if (_explains(one) and not self.lacks_load(one)) or _with_overhead(one, overheads)
        ]
        self.explained = dict.fromkeys(self.relations, -9.0)
        """Closest relation that gives each figure."""
        self.involved = dict.fromkeys(self.relations, -9.0)
        """Closest relation that closes with each figure as a term."""
        self.scaled: set[frozenset[int]] = set()
        """Amounts that are the product with a number of things already: eight of 700 W are 5.6 kW."""
        self.made: set[frozenset[int]] = set()
        """Factors of which the product has been told."""
        self.told: dict[frozenset[int], float] = {}
        """Pairs of which a proportion has been told, and how closely."""
        for one in closing:
            self.explained[one.result.order] = max(self.explained[one.result.order], one.tie)
            if one.tie >= _INVOLVES and one.closes():
                for term in one.terms:
                    self.involved[term.order] = max(self.involved[term.order], one.tie - 2)
                if one.kind in _SHARES:
                    self.told[one.pair] = one.tie
                elif one.kind == "product" and len(one.terms) > 1:
                    self.made.add(one.pair)
                self.scaled |= {frozenset((one.result.order, term.order)) for term in one.terms if term.is_bare}
        self.same = {one.members for one in closing if len(one.terms) == 1}
        """Pairs that are one figure in two units."""

    def accusations(self) -> Iterator[Accusation]:
        """Every miss that tells."""
        for result in self.figures:
            for relation in self.relations[result.order]:
                if _has_other_base(relation) and self._is_only_pair(relation):
                    yield Accusation(relation, OTHER_BASE, 0.6, result)
                    continue
                known = relation.kind in _SHARES and self.told.get(relation.pair, -9.0) >= relation.tie
                if known or relation.pair in self.same or not self.is_open(relation):
                    continue
                found = told(relation)
                if found is not None and not self.closes_elsewhere(relation):
                    yield found
        yield from self.blamed()

    def lacks_load(self, relation: Relation) -> bool:
        """Whether the part of capacity that is used stands between a power and its result, and was left out."""
        first, last = min(relation.members), relation.result.order
        between = self.figures[first + 1 : last] if relation.kind == "product" and last - first < _BESIDE + 2 else ()
        powers = any(one.kind == "power" for one in relation.terms) and relation.result.kind == "energy"
        loads = [one for one in between if one.is_load and one.sentence == relation.result.sentence]
        return powers and any(one.order not in relation.members for one in loads)

    def _is_only_pair(self, relation: Relation) -> bool:
        """Whether nothing else gives a proportion than its pair of figures."""
        return all(not one.closes() or one.pair == relation.pair for one in self.relations[relation.result.order])

    def is_open(self, relation: Relation) -> bool:
        """Whether a relation does not close, and no other explains its result as well."""
        explained, involved = self.explained[relation.result.order], self.involved[relation.result.order]
        if not relation.accuses or relation.closes() or relation.tie <= explained + 1:
            return False
        if relation.kind == "product" and relation.pair in self.made:
            return False
        counted = [one.order for one in relation.terms if one.is_bare]
        if any(frozenset((many, one.order)) in self.scaled for many in counted for one in relation.terms):
            return False
        natural = slip(relation)
        if explained >= _EXPLAINS and (
            natural is None or natural.weight < PLAIN_SLIP or relation.tie < explained + 1.5
        ):
            return False
        return involved < (relation.tie if relation.is_last or natural is not None else _EXPLAINS)

    def closes_elsewhere(self, relation: Relation) -> bool:
        """Whether it closes with a figure of the same dimension from farther away, or with what is not said."""
        near = window(self.figures, relation.result)
        if relation.kind in _SHARES:
            return _share_closes(relation, near)
        if relation.kind == "sum":
            return slip(relation) is None and any(_is_left_out(relation, one) for one in near)
        return relation.kind == "product" and _product_closes(relation, near)

    def blamed(self) -> Iterator[Accusation]:
        """Where the result follows from something else: the one factor of a miss that nothing confirms."""
        for order, some in self.relations.items():
            for one in some if self.explained[order] >= _EXPLAINS else ():
                natural = slip(one) if one.tie >= _INVOLVES and one.accuses and not one.closes() else None
                if natural is None or one.exact > 0.03 or not cued(one):
                    continue
                if natural.weight < PLAIN_SLIP and natural.size != DEVICES:
                    continue
                if self.closes_elsewhere(one):
                    continue
                alone = [
                    term for term in one.terms
                    if max(self.involved[term.order], self.explained[term.order]) < _EXPLAINS
                ]  # fmt: skip
                if len(alone) > 1 and natural.size == DEVICES:
                    alone = [term for term in alone if term.is_bare]
                if len(alone) == 1:
                    yield Accusation(one, natural, 0.7, alone[0])


def derived(document: Document) -> Iterator[Finding]:
    """Figures of running text that do not follow from what they are said to follow from."""
    passage = _Passage(figures_of(document.paragraphs))
    yield from meaning(document, passage.figures, passage.relations)
    accused: set[int] = set()
    ordered = sorted(
        passage.accusations(), key=lambda one: (not one.relation.is_last, one.blamed.order, -one.relation.tie)
    )
    sound = {order for order, tied in passage.explained.items() if tied >= _EXPLAINS}
    for found in agreed(ordered, passage.figures, sound):
        if not accused & found.relation.members and not cues.REBUTTED.search(found.blamed.text):
            accused.add(found.blamed.order)
            yield _finding(found)


def _explains(relation: Relation) -> bool:
    """Whether a relation closes, and is close enough where nothing says that it counts what it counts."""
    divided = any(one.is_pue and one.order == relation.divisor for one in relation.terms)
    if divided and cues.AT_GATE.search(f"{relation.result.before[-50:]} {relation.result.behind[:40]}"):
        return False  # what comes from the grid is more than what the servers take
    return relation.closes() and (not relation.is_loose or not relation.result.is_bare or relation.tie >= _INVOLVES)


def _has_other_base(relation: Relation) -> bool:
    """Whether a change closes only by what rounding leaves open, and exactly as printed from the other base."""
    if relation.kind not in ("rise", "fall") or relation.tie < _INVOLVES or not relation.closes() or not cued(relation):
        return False
    result, whole = relation.result, 100.0 if relation.result.kind == "percent" else 1.0
    change = relation.middle / whole
    other = whole * change / (1 + change if relation.kind == "rise" else max(1 - change, 1e-9))
    is_plain = not any(one.amount.ranged for one in (result, *relation.terms))
    off = abs(result.size - relation.middle) > _PLAINLY * relation.middle
    return is_plain and off and abs(result.size / other - 1) < _EXACTLY


def _with_overhead(relation: Relation, overheads: Sequence[Figure]) -> bool:
    """Whether a product closes when overhead is counted that the document states; of the closest, right beside it."""
    kind = relation.result.kind
    if relation.kind != "product" or kind not in ("energy", "mass", "money", "power"):
        return False
    if len(relation.terms) == 1 and kind != "energy":
        return False
    reach = _BESIDE if relation.tie >= CERTAIN and kind != "energy" else inf
    beside = [one for one in overheads if abs(one.sentence - relation.result.sentence) <= reach]
    return any(abs(relation.ratio / one.size - 1) < max(relation.loose, 0.01) for one in beside)


def _is_left_factor(relation: Relation, one: Figure) -> bool:
    """Whether a number in the sentence of the result is what a product lacks: ten of the forty servers."""
    back = relation.result.sentence - one.sentence
    beside = back == 0 or (back == 1 and (bool(one.made) or one.is_load) and one.order < relation.result.order)
    is_within = any(within(set(one.made), term) for term in relation.terms)
    is_free = one.order not in relation.members and not is_within
    size = one.size if one.kind in PLAIN else _PROPORTIONS.get(one.kind, 0.0) * one.size
    return beside and is_free and size > 0 and abs(relation.ratio / size - 1) < _MET


def _is_left_out(relation: Relation, one: Figure) -> bool:
    """Whether a figure from elsewhere is what a sum lacks."""
    lacks = relation.result.size - relation.middle
    alike = (one.kind, one.amount.per) == (relation.result.kind, relation.result.amount.per)
    return alike and one.order not in relation.members and abs(lacks - one.size) <= 0.006 * relation.result.size


def _share_closes(relation: Relation, near: Sequence[Figure]) -> bool:
    """Whether the nearer figure of a pair gives a proportion with another one."""
    result, natural = relation.result, slip(relation)
    by_base = natural is not None and natural.is_base and relation.tie >= _INVOLVES
    if relation.kind in ("rise", "fall") and (relation.tie >= _SAID or by_base):
        return False
    last = max(relation.terms, key=lambda one: one.order)
    known = [one for one in near if one.order < result.order] if way(result) else near
    far = [one for one in known if one.dimensions == last.dimensions and one.order not in (last.order, result.order)]
    return any(found.closes() for one in far for found in proportions(result, [one, last]))


def _product_closes(relation: Relation, near: Sequence[Figure]) -> bool:
    """Whether a product closes with an unsaid period, a number beside it, or a figure from elsewhere for a factor."""
    is_one = len(relation.terms) == 1
    always = is_one and any(cues.ALWAYS.search(one.text) for one in (relation.result, *relation.terms))
    monthly = any(one.period == "month" for one in (relation.result, *relation.terms))
    if (
        (is_one and not always and any(abs(abs(log(relation.ratio)) - log(period)) < 0.08 for period in _PERIODS))
        or (monthly and abs(relation.ratio - 1) < _MONTH)
        or any(_adds_up(relation, term, one) for term in relation.terms for one in near)
        or any(_is_left_factor(relation, one) for one in near)
        or _is_with_overhead(relation.result, near)
    ):
        return True
    natural = slip(relation)
    if natural is not None and natural.weight >= PLAIN_SLIP and relation.exact < _PLAINLY:
        return False
    return any(_closes_with(relation, term, one) for term in relation.terms for one in near)


def _adds_up(relation: Relation, term: Figure, one: Figure) -> bool:
    """Whether a product closes with the sum of a factor and of the amount of its kind beside it."""
    alike = one.unit() == term.unit() and one.order not in relation.members and not term.is_bare
    return (
        alike
        and abs(one.order - term.order) == 1
        and abs(relation.ratio / (1 + one.amount.value / term.amount.value) - 1) < _MET
    )


def _is_with_overhead(result: Figure, near: Sequence[Figure]) -> bool:
    """Whether a figure is the one of its kind right before it with a PUE of the document: 31 MWh, or 39 with it."""
    before = [one for one in near if one.order < result.order and 0 <= result.sentence - one.sentence <= 1]
    overheads = [one.size for one in near if one.is_pue]
    alike = [one for one in before if (one.kind, one.amount.per) == (result.kind, result.amount.per)]
    return any(abs(result.size / one.size / by - 1) < _MET for one in alike[-1:] for by in overheads)


def _closes_with(relation: Relation, term: Figure, other: Figure) -> bool:
    """Whether a product closes when a figure of the same dimension from elsewhere takes the place of a term."""
    alike = (term.dimensions, term.each) == (other.dimensions, other.each)
    if not alike or term.is_bare or other.order in relation.members:
        return False
    by = other.size / term.size
    wide = max(relation.loose, 0.01)
    return any(abs(log(relation.ratio / power)) < wide for power in (by, 1 / by))


_RULES: Final = {"product": "product", "sum": "sum", "rest": "sum", "multiple": "arithmetic", "times": "arithmetic"}


def _finding(found: Accusation) -> Finding:
    relation, natural, amount = found.relation, found.slip, found.relation.result.amount
    computed = shown(relation.middle * amount.value / relation.result.size, amount.kind, amount)
    likely = f"; they differ by {natural.words}" if natural else ""
    evidence = f"{relation.arithmetic} = {computed}, stated {amount.digits}{likely}"
    is_unit = natural is not None and bool(natural.size) and relation.kind == "product"
    rule = "unit-slip" if is_unit else _RULES.get(relation.kind, "percentage")
    severity = "high" if natural is not None or not 0.5 < relation.ratio < 2 else "medium"
    remedy = "one of these figures is wrong"
    if found.blamed is not relation.result:
        remedy = f"check {found.blamed.amount.digits} first: the other figures are confirmed"
    return Finding(rule, severity, found.sure, found.blamed.amount.place, evidence, remedy, found.blamed.text)
