"""A miss -> what it tells: which relations the words allow, and when a figure that does not follow is a slip."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from joulebook.audit.relations import cues
from joulebook.audit.relations.figures import Figure
from joulebook.audit.relations.parts import is_listed, totals
from joulebook.audit.relations.proportions import changes, way
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.slips import Slip, slip
from joulebook.audit.relations.ties import consequence

PLAIN_SLIP: Final = 0.8
"""Weight from which a slip is as natural as a lost factor of a thousand."""
_COMMON, _SLIP = 0.6, 0.4
"""Weights of common slips, and of rarer ones."""
CERTAIN: Final = 7.0
"""Tie from which a miss needs no natural slip."""
_NUMBERED, _WORDED = 0.12, 0.2
"""Relative widths up to which a miss tells without a natural slip: of figures, and of multiples in words."""
_AFAR: Final = 1.5
"""Tie from which a product with a factor from elsewhere counts."""
_MET: Final = 0.02
"""Relative closeness with which a factor has to be met from afar."""
_WAY_OFF: Final = 3.0
"""How far off "tripled" may be of what it is said of."""
_MOST_CHANGE: Final = 10.0
"""Change beyond which two figures are of different things."""
_FEW: Final = 2.0
"""Least number of things that a quotient may give."""
_FAR_OFF: Final = 20.0
"""How far off a product may be that looks like no natural slip."""
_PARTS: Final = 2
"""Parts beyond which a consequence is a total."""
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


def told(relation: Relation) -> Accusation | None:
    """What a miss tells; None where it tells nothing."""
    natural, result, tie = slip(relation), relation.result, relation.tie
    so = consequence(result, relation.terms)
    if way(result) and (cues.SUPPOSED.search(result.before) or cues.SUPPOSING.search(result.head)):
        return None
    if not cued(relation) or (result.kind == "factor" and not (so or tie >= CERTAIN)):
        return None
    if natural is not None and (sure := _natural(relation, natural, so=so)) and not way(result):
        return Accusation(relation, natural, sure, result)
    if tie < CERTAIN or not _tells_alone(relation, so=so):
        return None
    return Accusation(relation, None, 0.75 if way(result) else 0.7, result)


def _tells_alone(relation: Relation, *, so: bool) -> bool:
    """Whether a close miss that looks like no natural slip tells something all the same."""
    result = relation.result
    off = relation.ratio if relation.ratio > 1 else 1 / relation.ratio
    if way(result):
        return relation.exact < _WORDED and 1 + _WORDED < off < _WAY_OFF
    if relation.kind in ("rise", "fall"):
        most = _MOST_CHANGE * (100 if result.kind == "percent" else 1)
        return relation.loose < _NUMBERED and relation.middle < most
    if relation.kind in ("part", "multiple") and not relation.is_last and "," in result.behind:
        return False  # what follows belongs to the next
    if relation.kind == "sum":
        unsaid = relation.ratio > 1 and not (is_listed(result) or relation.is_close)
        if unsaid or result.size < max(one.size for one in relation.terms):
            return False
    if relation.kind == "product" and all(one.sentence != result.sentence for one in relation.terms):
        same = len(relation.terms) == 1 and relation.terms[0].kind == result.kind
        timed = same or (len(relation.terms) == 2 and any(one.kind == "time" for one in relation.terms))
        so = so and not timed and cues.TOGETHER.search(result.before) is None  # all residences together need 4 GWh
    is_guess = relation.kind == "product" and bool(result.dimensions) and result.amount.text.isdigit()
    if is_guess or (result.is_bare and relation.middle < _FEW):
        return False  # its unit is a guess; the number of cards is no quotient of two powers
    wide = _WORDED if relation.kind == "times" else _NUMBERED
    return (so or relation.kind == "sum" or _is_price(relation)) and relation.loose < wide and off < _FAR_OFF


def _is_price(relation: Relation) -> bool:
    """Whether a cost follows from a price of what is counted, or a number from numbers: there is no other basis."""
    rated = any(one.is_rate and one.each for one in relation.terms) and relation.result.kind == "money"
    return rated or (
        relation.kind == "product" and relation.result.is_bare and all(one.is_bare for one in relation.terms)
    )


def _natural(relation: Relation, natural: Slip, *, so: bool) -> float:
    """How sure a natural slip is, from the closeness of the figures and the exactness with which it is met; or 0."""
    if any(one.is_far for one in relation.terms):
        return _from_afar(relation, natural, so=so)
    tie, exact, is_plain = relation.tie, relation.exact, natural.weight >= PLAIN_SLIP
    physical = sum(not one.is_bare or one.is_duty for one in relation.terms)
    physical += len(relation.terms) == 1 and relation.terms[0].kind != relation.result.kind
    is_lost = natural.weight == 1.0 and physical > 1 and relation.is_last and relation.result.kind != "time"
    by_base = natural.is_base and exact < 0.1 and max(relation.pair) + 1 == relation.result.order
    for holds, sure in (
        (is_lost and exact < 0.07 and tie >= 4, 0.75),
        (is_lost and exact < 0.2 and natural.off < _MET and tie >= 3, 0.7),
        (is_plain and exact < 0.05 and tie >= 5 - so, 0.85),
        (natural.weight >= _COMMON and exact < 0.13 and tie >= 5, 0.8),
        (natural.weight >= _SLIP and exact < 0.06 and tie >= 6 - so and relation.is_last, 0.75),
        (is_plain and exact < 0.25 and tie >= 6 - 0.5 * so, 0.75),
        (by_base, 0.7),
    ):
        if holds:
            return sure
    is_rated = relation.kind == "product" and any(one.is_rate or one.amount.per for one in relation.terms)
    return _from_afar(relation, natural, so=so) if is_rated and len(relation.terms) > 1 else 0.0


def _from_afar(relation: Relation, natural: Slip, *, so: bool) -> float:
    """How sure a natural slip is where one factor stands elsewhere in the document: it has to be met closely."""
    result = relation.result
    is_last = all(one.order < result.order for one in relation.terms if not one.is_far)
    after = result.kind == "time" and cues.AFTER.search(result.before) is not None
    if result.kind == "time" and not after:
        return 0.0
    wide = 0.2 if after or so else 0.1
    met = natural.weight >= PLAIN_SLIP and natural.off < _MET and relation.exact < wide
    return 0.7 * (met and relation.tie >= _AFAR and (is_last or not result.is_bare))


def cued(relation: Relation) -> bool:
    """Whether words fit the kind of relation."""
    result = relation.result
    if relation.kind == "sum":
        together = len(relation.terms) > _PARTS and len({one.sentence for one in relation.terms}) == 1
        adds_up = together and relation.is_last and consequence(result)
        is_part = cues.LISTED.fullmatch(result.behind) or cues.OF_TOTAL.search(result.before)
        return not is_part and (totals(result) or adds_up) and not (result.kind == "percent" and changes(result))
    if relation.kind == "rest":
        return cues.REST.search(f"{result.before[-60:]} {result.behind[:40]}") is not None
    if relation.kind in ("rise", "fall"):
        return changes(result)
    if relation.kind in ("part", "multiple"):
        if cues.FROM.search(result.before) or cues.TO.fullmatch(result.before):
            return False
        listed = cues.LISTED.fullmatch(result.before) or cues.LISTED.fullmatch(result.behind)
        changed = changes(result) and not consequence(result) and not cues.TO_THAT.match(result.behind)
        return not listed and not _of_another(relation) and not changed
    return _may_multiply(relation)


def _may_multiply(relation: Relation) -> bool:
    """Whether words let a result be a product: of carbon, not of another basis; of many no less than of one."""
    result = relation.result
    if result.kind == "mass":
        rated = relation.is_scaled or any(
            (one.is_rate and one.sentence == result.sentence) or (one.kind == "mass" and len(one.dimensions) > 1)
            for one in relation.terms
        )
        if cues.OTHER_BASIS.search(cues.BEFORE_THEM.sub("", result.text)) or not (
            rated or cues.CARBON.search(result.text)
        ):
            return False
    alike = [one.size for one in relation.terms if one.dimensions == result.dimensions]
    is_less = relation.is_scaled and result.size < max(alike, default=0.0)
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
