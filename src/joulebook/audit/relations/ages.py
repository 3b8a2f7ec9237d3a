"""Figures of different years set in one ratio, and growth that is counted from another year than it is said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from math import log10
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.relations import cues
from joulebook.audit.relations.context import Context
from joulebook.audit.relations.figures import PLAIN, PROPORTIONS, Figure
from joulebook.audit.relations.relation import Relation

_TIE: Final = 2.0
"""Tie from which a ratio counts."""
_BACK: Final = 14
"""Figures before a growth among which its series is looked for."""
_FEW, _CLOSE = 4, 0.01
"""Figures before a rate of money, and how closely it is met in powers of ten."""
_SERIES: Final = 3
"""Years of a series from which a wrong base shows."""
_NO_TERMS: Final = PLAIN | PROPORTIONS | {"time"}
_KIND: Final = 3.0
"""How far another figure may be from one whose place it could take."""
_AWARE: Final = re.compile(
    r"different years?|year (?:before|earlier|later|apart|old)|not the same year|other year"
    r"|(?:previous|prior|preceding) year|years? apart|latest (?:available|figure)|no figure"
    r"|andere\w* jahr|vorjahr|autre année|année précédente"
    r"|otro año|año anterior|approximat\w+|proxy",
    re.IGNORECASE,
)
"""The author knows that the years differ."""
_CHANGE: Final = re.compile(
    r"\bfold\b|\b(?:doubl|tripl|quadrupl|verdoppel|verdreifach|doubl|croiss|crec|aument|disminu|redu)\w*|\bsince\b"
    r"|\bago\b|\bseit\b|\bdepuis\b|\bdesde\b",
    re.IGNORECASE,
)
_FROM: Final = re.compile(
    r"\b(?:since|from|than|against|over|versus|vs\.?|on|relative to|compared? (?:with|to)|seit|gegenüber|als"
    r"|verglichen mit|gemessen an|depuis|par rapport à|que|desde|respecto (?:a|de)|frente a)\s"
    r"(?:(?:the|its|their|dem|der|das|le|la|el|l['’])\s)?"
    r"(?:(?:level|levels|figure|year|base|baseline|stand|niveau|niveaux|nivel|jahr|année|año)s?\s)?"
    r"(?:(?:of|in|von|im|de|en)\s(?:jahr\s)?)?(?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
"""The year that a change is counted from."""


def ages(context: Context) -> Iterator[Finding]:
    """Ratios across years, and changes since a year that are those since another."""
    years = context.years
    for one in context.figures if len(set(years.values())) > 1 else ():
        found = _ratio(one, context, years) or _since(one, context, years)
        if found is not None and not context.denies(one) and not _AWARE.search(f"{one.text} {context.after(one)}"):
            yield found


def _ratio(one: Figure, context: Context, years: Mapping[int, int]) -> Finding | None:
    """A quotient of two figures of different years, where none of like years gives the same."""
    if one.kind not in PROPORTIONS and not one.each and not one.is_rate:
        return None
    closing = [other for other in context.relations[one.order] if other.tie >= _TIE and other.closes()]
    pairs = [pair for pair in map(_quotient, closing) if pair is not None] or _of_money(one, context.figures)
    if not pairs or len(pairs) < len(closing):
        return None
    apart = [pair for pair in pairs if len({years.get(term.order, 0) for term in pair}) == 2]
    if len(apart) < len(pairs) or any(term.order not in years for term in apart[0]):
        return None
    first, last = apart[0]
    if first.dimensions != last.dimensions and max(first.order, last.order) > one.order:
        return None  # a rate that stands first is given
    if first.dimensions == last.dimensions and not _is_across(one, (first, last), context, years):
        return None
    told = ", ".join(f"{printed(term.amount)} of {years[term.order]}" for term in (first, last))
    evidence = f"{printed(one.amount)} is the ratio of {told}"
    remedy = "divide what belongs to one year"
    return Finding("mixed-years", "medium", 0.85, one.amount.place, evidence, remedy, one.text)


def _of_money(one: Figure, figures: Sequence[Figure]) -> list[tuple[Figure, Figure]]:
    """An amount and money of which a figure is the quotient, whatever power of a thousand it is for."""
    near = figures[max(0, one.order - _FEW) : one.order] if "each" in one.each else ()
    for top in near:
        for money in near:
            if top.kind == one.kind and money.kind == "money":
                power = log10(top.amount.value / money.amount.value / one.amount.value)
                if abs(power / 3 - round(power / 3)) * 3 < _CLOSE:
                    return [(top, money)]
    return []


def _quotient(relation: Relation) -> tuple[Figure, Figure] | None:
    """The two figures of which a result is the quotient, that stand before it or in its sentence."""
    terms = relation.terms
    is_quotient = relation.kind in ("part", "multiple") or (relation.kind == "product" and relation.divisor >= 0)
    if len(terms) != 2 or not is_quotient:
        return None
    if any(one.amount.ranged or one.kind in _NO_TERMS or one.sentence > relation.result.sentence for one in terms):
        return None
    return terms[0], terms[1]


def _is_across(one: Figure, pair: tuple[Figure, Figure], context: Context, years: Mapping[int, int]) -> bool:
    """Whether a share is of something else's other year: no change in time, and a figure of the right year is told."""
    near = f"{one.before[-50:]} {one.behind[:50]}"
    named = {str(years[term.order]) for term in pair}
    if _CHANGE.search(one.text) or cues.UP.search(near) or cues.DOWN.search(near):
        return False
    if one.kind == "factor" or all(year in one.text for year in named):
        return _is_share(one)
    return _is_share(one) or any(
        other.unit() == pair[0].unit()
        and other not in pair
        and years.get(other.order) == years[term.order]
        and 1 / _KIND < other.size / instead.size < _KIND
        for other in context.figures
        for term, instead in (pair, pair[::-1])
    )


def _is_share(one: Figure) -> bool:
    """Whether words call a proportion a part of a whole."""
    return one.kind != "factor" and _PART.search(f"{one.before[-60:]} {one.amount.text} {one.behind[:60]}") is not None


_PART: Final = re.compile(
    r"\b(?:of (?:the|its|all|that|this|national|total|world)|goes|went|go|share|renewable|covered"
    r"|covers?|in (?:five|four|three|ten)"
    r"|an?teil|entf[aä]ll\w*|part|représent\w+|proportion|cuota|parte)\b",
    re.IGNORECASE,
)


def _since(one: Figure, context: Context, years: Mapping[int, int]) -> Finding | None:
    """A change that is said to be since one year and is, to its digits, that since another."""
    base = _FROM.search(one.text) if one.kind in ("percent", "factor", "share") else None
    if base is None:
        return None
    before = [other for other in context.figures[max(0, one.order - _BACK) : one.order + 1] if not other.is_bare]
    if not before:
        return None
    series = {
        years[other.order]: other for other in before if other.unit() == before[-1].unit() and other.order in years
    }
    start = series.get(int(base["year"]))
    if start is None or len(series) < _SERIES:
        return None
    last = series[max(series)]
    others = [other for year, other in series.items() if other not in (start, last)]
    if last is start or _is_change(one, start, last):
        return None
    meant = next((other for other in others if _is_change(one, other, last)), None)
    if meant is None:
        return None
    change = last.size / start.size - 1
    evidence = (
        f"{one.amount.digits} is the change from {printed(meant.amount)} ({years[meant.order]}) to "
        f"{printed(last.amount)} ({years[last.order]}); "
        f"since {base['year']} ({printed(start.amount)}) it is {100 * change:+.3g} %"
    )
    return Finding(
        "mixed-years", "medium", 0.85, one.amount.place, evidence, "name the year it is counted from", one.text
    )


def _is_change(one: Figure, start: Figure, last: Figure) -> bool:
    """Whether a percentage or factor is the change from one figure to another."""
    unit = 100.0 if one.kind == "percent" else 1.0
    low, high = (value / unit for value in one.spread())
    (a, b), (c, d) = start.spread(), last.spread()
    least, most = c / b, d / a
    spans: Sequence[tuple[float, float]] = [(1 + low, 1 + high), (1 - high, 1 - low)]
    if one.kind != "percent":
        spans = [*spans, (low, high)]
    return any(least <= above and most >= below for below, above in spans)
