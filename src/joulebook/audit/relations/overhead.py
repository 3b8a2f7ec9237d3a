"""Overhead of the building that is counted twice: facility energy, multiplied by the PUE once more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.relations.context import Context
from joulebook.audit.relations.figures import Figure
from joulebook.audit.relations.labels import Label, Labels, overheads
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.ties import consequence

_CLOSE: Final = 2.0
"""Tie from which a relation counts."""
_FACILITY, _IT = "the whole facility", "IT"
_NEAR: Final = 12
"""Figures before a result among which the energy and the PUE are looked for."""
_FREE, _NARROW, _EXACT = 0.002, 0.08, 0.015
"""Relative difference that is free, width from which figures are too rough, and how closely they have to fit."""
_LEAST: Final = 1.02
"""PUE up to which its product is not told from the energy itself."""
_LATER: Final = re.compile(
    r"\b(?:next year|by (?:19|20)\d\d|in (?:19|20)\d\d|will|from (?:19|20)\d\d|year (?:before|later"
    r"|after)|second year|nächstes jahr"
    r"|wird|l.an prochain)\b",
    re.IGNORECASE,
)
_TOTAL: Final = re.compile(r"\b(?:total|overall|altogether|in all|gesamt\w*|insgesamt|total\w*)\b", re.IGNORECASE)
_APPLIES: Final = re.compile(
    r"\b(?:pue|power usage effectiveness|overheads?|cooling|kühlung|gemeinkosten|refroidissement|chillers?)\b",
    re.IGNORECASE,
)
"""Words for what is added to IT energy."""
_OTHERWISE: Final = re.compile(
    r"\b(?:twice|double|already|would (?:be wrong|count)|not be|(?:must|should) not (?!forget|overlook|omit"
    r"|neglect)|n['’]t (?!forget|overlook|omit|neglect)|never|mistak\w+"
    r"|doppelt|zweimal|bereits|nicht|deux fois|déjà|ne (?:doit|faut))\b",
    re.IGNORECASE,
)
"""The text itself speaks of counting twice."""


def twice(context: Context) -> Iterator[Finding]:
    """Results that only follow from facility energy when the overhead is added to it once more."""
    figures, known = context.figures, context.known
    factors = [(one, one.size) for one in overheads(figures)]
    factors += [(one, 1 + one.size / 100) for one in figures if _is_overhead(one)]
    for result in figures if factors else ():
        if result.kind in ("energy", "power", "mass", "money") and not _OTHERWISE.search(result.text):
            relations = context.relations[result.order]
            found = _of_relations(result, relations, known) or _of_pair(result, figures, factors, known)
            found = found or _of_chain(result, figures, factors, known)
            if found is not None and not context.denies(result):
                yield found


def _is_overhead(one: Figure) -> bool:
    """Whether a percentage is what the building adds."""
    return one.kind == "percent" and _APPLIES.search(f"{one.before[-40:]} {one.behind[:25]}") is not None


def _of_relations(result: Figure, some: Sequence[Relation], known: Labels) -> Finding | None:
    """A product that has the PUE and energy of the facility, where none without the PUE is as close."""
    closing = [one for one in some if one.closes() and one.tie >= _CLOSE and _is_said(one)]
    best = next((one for one in closing if _energy(one, known) is not None and _has_pue(one)), None)
    if best is None or " / " in best.arithmetic or any(one.tie >= best.tie and not _has_pue(one) for one in closing):
        return None
    energy = _energy(best, known)
    return _finding(result, best.arithmetic, known[energy.order]["energy"]) if energy is not None else None


def _is_said(relation: Relation) -> bool:
    """Whether all factors stand before the result, or in its sentence."""
    result = relation.result
    is_near = consequence(result) or all(one.sentence + 1 >= result.sentence for one in relation.terms)
    is_said = (
        consequence(result)
        or _APPLIES.search(result.text)
        or any(one.sentence == result.sentence for one in relation.terms if one.kind != "energy" and not one.is_rate)
    )
    return (
        is_near
        and bool(is_said)
        and not _is_later(result, relation.terms)
        and all(one.order < result.order or one.sentence == result.sentence for one in relation.terms)
    )


def _is_later(result: Figure, terms: Sequence[Figure]) -> bool:
    """Whether the result is of another year than what stands in earlier sentences."""
    return _LATER.search(result.text) is not None and all(
        one.sentence != result.sentence for one in terms if one.kind == "energy"
    )


def _has_pue(relation: Relation) -> bool:
    return any(one.is_pue for one in relation.terms)


def _energy(relation: Relation, known: Labels) -> Figure | None:
    """The energy in a product that is of the facility."""
    return next((one for one in relation.terms if one.kind == "energy" and not one.is_rate and _is(one, known)), None)


def _is(one: Figure, known: Labels) -> bool:
    label = known[one.order].get("energy")
    return label is not None and label.name == _FACILITY


def _of_pair(
    result: Figure, figures: Sequence[Figure], factors: Sequence[tuple[Figure, float]], known: Labels
) -> Finding | None:
    """An energy that is one of the facility times the PUE, which need not be printed beside it."""
    if result.kind != "energy" or result.is_rate:
        return None
    near = figures[max(0, result.order - _NEAR) : result.order]
    for energy in (one for one in reversed(near) if one.unit() == result.unit() and _is(one, known)):
        for pue, size in factors:
            beside = _APPLIES.search(result.text) or pue.sentence == result.sentence
            beside = beside or (pue.sentence + 1 == result.sentence and consequence(result))
            beside = beside and (energy.sentence + 1 >= result.sentence or consequence(result))
            if beside and _is_by(result, energy, size) and not _is_later(result, (energy,)):
                words = f"{printed(energy.amount)} x {size:g}"
                return _finding(result, words, known[energy.order]["energy"])
    return None


def _of_chain(
    result: Figure, figures: Sequence[Figure], factors: Sequence[tuple[Figure, float]], known: Labels
) -> Finding | None:
    """Three energies of which each is the PUE times the one before: the third has it twice."""
    if (
        result.kind not in ("energy", "power")
        or result.is_rate
        or not (_APPLIES.search(result.text) or _TOTAL.search(result.text))
    ):
        return None
    near = [one for one in figures[max(0, result.order - _NEAR) : result.order] if one.unit() == result.unit()]
    for _, size in factors:
        middle = next((one for one in near if _is_by(result, one, size)), None)
        first = next((one for one in near if middle is not None and _is_by(middle, one, size)), None)
        if middle is None or first is None or _is_later(result, (first, middle)):
            continue
        label = known[first.order].get("energy")
        if label is None or label.name in ("", _IT):
            words = f"{first.amount.digits} x {size:g} = {middle.amount.digits}"
            label = Label(_FACILITY, middle.amount.place.line, words)
            return _finding(result, f"{printed(middle.amount)} x {size:g}", label)
    return None


def _is_by(result: Figure, one: Figure, size: float) -> bool:
    """Whether a figure is another times the PUE, closely."""
    wide = one.loose() + result.loose()
    return size > _LEAST and wide < _NARROW and abs(result.size / one.size / size - 1) < min(wide, _EXACT) + _FREE


def _finding(result: Figure, arithmetic: str, label: Label) -> Finding:
    amount = result.amount
    evidence = (
        f"{arithmetic} = {printed(amount)}: the energy is of the facility already (line {label.line}: {label.why!r})"
    )
    remedy = "apply the PUE to IT energy once, and not to facility energy"
    return Finding("double-count", "medium", 0.8, amount.place, evidence, remedy, result.text)
