"""Figures -> products and quotients: every way in which dimensions and things let one figure follow from others near."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from itertools import product as choices
from typing import Final

from joulebook.audit.reading.measures import PERIODS, PERS
from joulebook.audit.relations.figures import Figure
from joulebook.audit.relations.proportions import PROPORTIONS
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.ties import consequence, tie

_MOST: Final = 4
"""Factors of one product."""
_PLAIN: Final = {"count", "number"}
_SYSTEMS: Final = {"lb": "us", "short tons": "us", "gal": "us", "mi": "us", "J": "joule", "kJ": "joule", "MJ": "joule",
                   "GJ": "joule", "TJ": "joule"}  # fmt: skip
THINGS: Final = frozenset(PERS.values()) - frozenset(PERIODS)
_BESIDE: Final = re.compile(r"(?!.*\b(?:and|und|et|or|oder|ou)\b)[^,;.()]{0,34}", re.IGNORECASE)
_OF_THEM: Final = re.compile(
    r"\s*(?:[x×*·]|times\b|of (?:them|these|those)\b|such\b|davon\b|d['’]entre)", re.IGNORECASE
)
_EACH: Final = re.compile(r"\b(?:each|per|every|apiece|je(?:de[rs]?)?|chaque|chacun\w*)\b", re.IGNORECASE)

Choice = tuple[Figure, ...]


def products(result: Figure, near: Sequence[Figure]) -> Iterator[Relation]:
    """The products and quotients of figures `near` that have the dimension of `result`."""
    if result.kind in PROPORTIONS or result.kind == "points" or result.is_duty or result.is_pue:
        return
    usable = [one for one in near if _usable(one, near)]
    for size in range(1, _MOST + 1):
        for some in combinations(usable, size):
            for read in choices(*(one.readings() for one in some)):
                yield from _signed(result, read)


def _usable(one: Figure, near: Sequence[Figure]) -> bool:
    """Whether a figure may be a factor: of bare numbers those that count what something else is for one of."""
    if not one.is_bare or one.is_duty or one.is_pue or one.is_load:
        return True
    if one.kind not in _PLAIN:
        return False
    return any(_counts(one, other) for other in near if not other.is_bare)


def _counts(many: Figure, one: Figure) -> bool:
    """Whether a bare number may say how many of something there are."""
    if set(many.made) & set(one.each) or ("each" in one.each and many.sentence == one.sentence):
        return True
    if many.kind == "number":
        if many.size < 2 or not many.size.is_integer():
            return False
        return bool(one.each) or (_OF_THEM.match(many.behind) is not None and many.sentence == one.sentence)
    follows = one.order == many.order + 1 and one.sentence == many.sentence and many.amount.noun in THINGS
    if follows and not one.each and _BESIDE.fullmatch(one.before):
        return True
    return not one.each and bool(set(many.made) & one.words())


def _signed(result: Figure, some: Choice) -> Iterator[Relation]:
    """The products of a choice of figures, one of them a divisor or none."""
    for divisor in (None, *range(len(some))):
        if divisor is not None and (len(some) == 1 or not _divides(result, some, some[divisor])):
            continue
        signs = [-1 if at == divisor else 1 for at in range(len(some))]
        total: Counter[str] = Counter()
        for sign, one in zip(signs, some, strict=True):
            for base, power in one.dimensions:
                total[base] += sign * power
        for target in result.readings():
            if {base: power for base, power in total.items() if power} == dict(target.dimensions):
                fits = _things(target, some, signs)
                if fits is not None:
                    yield _relation(target, some, signs, is_loose=not fits or _is_rule_of_three(target, some, signs))


def _divides(result: Figure, some: Choice, divisor: Figure) -> bool:
    """Whether a figure may be the divisor: a number where so much for each is asked, and never in a rule of three."""
    if divisor.is_bare:
        return bool(result.each and divisor.made) or _EACH.search(result.before) is not None
    return True


def _is_rule_of_three(result: Figure, some: Choice, signs: list[int]) -> bool:
    """Whether a figure is divided by another of its dimension, as hours of a lifetime: that may only explain."""
    below = [one for sign, one in zip(signs, some, strict=True) if sign < 0]
    above = [one for sign, one in zip(signs, some, strict=True) if sign > 0]
    return not result.is_bare and any(one.dimensions == other.dimensions for one in below for other in above)


def _things(result: Figure, some: Choice, signs: list[int]) -> bool | None:
    """Whether what is counted fits: so much per request needs a number of requests; None where it cannot.

    False where it may: a number of things and the energy of one, which no word says to be of one.
    """
    if len(some) == 1:
        alone = some[0]
        if alone.is_bare:
            return None
        if (alone.kind, alone.amount.per) == (result.kind, result.amount.per):
            return True if _converts(alone, result) else None
        if alone.kind == result.kind and not result.amount.per and alone.each and alone.order + 1 == result.order:
            return True  # 357 J per request, or 0.1 Wh
    if len({one.period for one in (result, *some) if one.period}) > 1:
        return None
    if any(one.is_bare and not _usable(one, [*some, result]) for one in some):
        return None
    if result.kind == "time" and any(one.kind == "time" for one in some):
        return None
    currencies = {one.amount.unit for one in (result, *some) if one.kind == "money" and one.amount.unit != "cent"}
    if len(currencies) > 1:
        return None
    left: Counter[str] = Counter()
    for sign, one in ((-1, result), *zip(signs, some, strict=True)):
        for thing in one.made if not (sign < 0 and one.is_bare and one is not result and not result.each) else ():
            left[thing] += sign
        for thing in one.each:
            left[thing] -= sign
    anonymous = sum(one.kind == "number" and not one.is_pue for one in some)
    each = left.pop("each", 0)
    lacking = sum(-many for many in left.values() if many < 0) + max(0, -each)
    spare = sum(many for many in left.values() if many > 0)
    met = min(spare, max(0, -each))
    lacking, spare = lacking - met, spare - met
    if result.is_bare:
        return _counted(result, some, left)
    many = any(one.is_bare and one.made for sign, one in zip(signs, some, strict=True) if sign > 0)
    if each > 0 or any(left[thing] > 0 for thing in result.each) or lacking > anonymous or spare > 1:
        return None
    if many and not result.each and _EACH.search(result.before):
        return None
    return spare == 0 or consequence(result) or _follow(some)


def _converts(one: Figure, result: Figure) -> bool:
    """Whether a figure is said to be another one in units of another system."""
    systems = {_SYSTEMS.get(figure.amount.unit, "metric") for figure in (one, result)}
    return one.order + 1 == result.order and len(systems) == 2 and consequence(result)


def _follow(some: Choice) -> bool:
    """Whether a number of things stands right before what may be of one of them."""
    return any(
        one.order == many.order + 1 and many.made and not one.is_bare and _BESIDE.fullmatch(one.before)
        for many in some
        for one in some
    )


def _counted(result: Figure, some: Choice, left: Counter[str]) -> bool | None:
    """Whether a count is of what the divisor is for one of; False where nothing says so."""
    if result.kind != "count" or not result.made or all(one.kind == "time" for one in some):
        return None
    if any(one.made == result.made and not one.each for one in some):
        return True if all(one.made == result.made or one.kind == "time" for one in some) else None
    if not any(many for many in left.values()):
        return True
    noun = result.made[0]
    lacks_only_it = {thing for thing, many in left.items() if many} == {noun}
    return lacks_only_it and any(noun in one.words() for one in some)


def _relation(result: Figure, some: Choice, signs: list[int], *, is_loose: bool) -> Relation:
    low = middle = high = 1.0
    for sign, one in zip(signs, some, strict=True):
        least, most = one.spread()
        if sign > 0:
            low, middle, high = low * least, middle * one.size, high * most
        else:
            low, middle, high = low / most, middle / one.size, high / max(least, 1e-30)
    above = " x ".join(one.amount.digits for sign, one in zip(signs, some, strict=True) if sign > 0)
    under = "".join(f" / {one.amount.digits}" for sign, one in zip(signs, some, strict=True) if sign < 0)
    return Relation("product", result, some, low, middle, high, _tie(result, some), above + under, is_loose)


def _tie(result: Figure, some: Choice) -> float:
    """Points of the terms near it; less where one is taken from farther away, and for each term beyond two."""
    near = [one for one in some if not one.is_far]
    points = tie(result, near) if near else -9.0
    return points - 1.5 * (len(some) - len(near)) - 0.7 * max(0, len(some) - 2)
