"""Whether the things that figures count fit each other: so much per request needs a number of requests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from joulebook.audit.relations import cues
from joulebook.audit.relations.figures import PLAIN, STEM, THINGS, Figure
from joulebook.audit.relations.period_said import beside
from joulebook.audit.relations.ties import consequence

_OF_ONE: Final = {"energy", "mass", "water", "money"}
_THEY: Final = re.compile(rf"\s[\w-]+{cues.THEY.pattern}", re.IGNORECASE)
"""Behind a number of things that take so much."""
_SUCH: Final = re.compile(rf"{cues.SUCH.pattern}|{_THEY.pattern}", re.IGNORECASE)
_ALONE: Final = re.compile(r"\s*[,.;:]")
"""Behind a number that counts what was told of one: we used sixty-four."""
_WITHIN: Final = {"device": "node"}
"""Things, and what has several of them."""
Signed = tuple[tuple[int, Figure], ...]
"""Factors (1) and divisors (-1)."""

_BESIDE: Final = 2
"""Figures back to which stands what something is counted by."""
_THEM: Final = 2
"""Sentences back to which "them" may look."""
_SYSTEMS: Final = {
    "lb": "us", "short tons": "us", "gal": "us", "mi": "us",
    "J": "joule", "kJ": "joule", "MJ": "joule", "GJ": "joule", "TJ": "joule",
}  # fmt: skip


def usable(one: Figure, near: Sequence[Figure]) -> bool:
    """Whether a figure may be a factor: of bare numbers those that count what something else is for one of."""
    if not one.is_bare or one.is_duty or one.is_pue or one.is_load or one.is_times:
        return True
    if one.made == ("node",) and any(other.made == ("device",) and other.order - one.order in (1, 2) for other in near):
        return True  # 640 servers, each with 8 cards
    return one.kind in PLAIN and (bool(one.each) or any(_counts(one, other) for other in near if not _is_mere(other)))


def _is_mere(one: Figure) -> bool:
    """Whether a figure is a bare number of nothing that is for one of something."""
    return one.is_bare and not (one.each or one.amount.per or "each" in one.said)


def _counts(many: Figure, one: Figure) -> bool:
    """Whether a bare number may say how many of something there are."""
    if _named(many, {*one.each, *one.said, *one.amount.per}) or _of_each(many, one):
        return True
    if many.kind == "number":
        whole = many.size >= 2 and many.size.is_integer()
        these = cues.OF_THEM.match(many.behind) is not None and abs(many.sentence - one.sentence) <= 1
        alone = bool(one.said) and _ALONE.match(many.behind) is not None and one.order < many.order
        alone = alone and many.sentence - one.sentence <= 1
        return whole and (bool(one.each) or these or alone)
    them = cues.THEM.search(one.before[-40:]) is not None and 0 <= one.sentence - many.sentence <= _THEM
    return (
        (one.of_counted and one.order == many.order + 1)
        or (many.order == one.order + 1 and one.kind in _OF_ONE and not one.each and _takes(many))
        or (many.amount.noun in THINGS and them)
        or (not one.each and _named(many, one.words()))
    )


def _named(many: Figure, words: set[str]) -> bool:
    """Whether what is counted is among words, in singular or plural; of things without a common name by their stem."""
    if set(many.made) & words:
        return True
    stems = {made[:STEM] for made in many.made if made not in THINGS and len(made) >= STEM}
    return bool(stems) and bool(stems & {word[:STEM] for word in words})


def _of_each(many: Figure, one: Figure) -> bool:
    """Whether something is said to be of each of what was counted in its sentence, or right before it."""
    if "each" in one.each and many.sentence == one.sentence:
        return True
    back = one.sentence - many.sentence
    return "each" in one.said and bool(many.made) and many.order < one.order and 0 <= back <= 1


def _takes(many: Figure) -> bool:
    """Whether a number of things is said to take what follows: a million prompts would need."""
    return _THEY.match(many.behind) is not None


def fits(result: Figure, signed: Signed) -> bool | None:
    """Whether things and periods fit; None where they cannot.

    False where they may: a number of things and the energy of one, which no word says to be of one.
    """
    some = [one for _, one in signed]
    periods = {one.period for one in (result, *some) if one.period}
    if len(periods - {thing for one in some for thing in one.made}) > 1:
        return None  # 45 Wh a day on 22 days is 1 kWh a month
    if len(some) == 1:
        alone = _alone(some[0], result)
        if alone is not None:
            return alone or None
    currencies = {one.amount.unit for one in (result, *some) if one.kind == "money" and one.amount.unit != "cent"}
    lengths = result.kind == "time" and any(one.kind == "time" for one in some)
    idle = any(one.is_bare and not usable(one, [*some, result]) for one in some)
    if len(currencies) > 1 or lengths or idle or _skips(some) or _counts_twice(signed):
        return None
    return _counted(result, signed) if result.is_bare else _balanced(result, signed)


def _alone(one: Figure, result: Figure) -> bool | None:
    """Whether one figure may be another in other words; None where this is no matter of words."""
    if one.is_bare:
        return False
    if one.kind == result.kind and one.amount.per in (result.amount.per, ("each",)):
        systems = {_SYSTEMS.get(figure.amount.unit, "metric") for figure in (one, result)}
        said = consequence(result) or cues.IS.fullmatch(result.before) is not None or not one.is_rate
        reach = 2 if cues.OR.search(result.before) is not None else 1
        return one.order < result.order <= one.order + reach and len(systems) == 2 and said
    if one.kind == result.kind:  # 357 J per request, or 0.1 Wh; 240 MWh a day, or 88 GWh a year
        told = cues.THAT_IS.fullmatch(result.before) or cues.IS.fullmatch(result.before)
        said = cues.OR.search(result.before[-90:]) is not None or told is not None
        timed = bool(one.period and result.amount.per) and one.sentence == result.sentence
        spoken = bool(one.amount.per and result.period and not result.amount.per) and not one.is_rate
        timed = timed or (spoken and one.kind != "power" and beside(result.before, result.behind) != "")
        both = bool(one.amount.per and result.amount.per) and one.sentence == result.sentence
        timed, reach = timed or (both and one.amount.per != result.amount.per), 2 if both else 1
        return (
            one.order < result.order <= one.order + reach
            and (said or timed)
            and (one.each == result.each or not result.amount.per)
        )
    return None


@lru_cache(maxsize=512)
def _tells(words: re.Pattern[str], before: str) -> bool:
    """Whether some of the words stand before a figure."""
    return words.search(before) is not None


def _alike(one: str, other: str) -> bool:
    """Whether two names are of one thing: the same, or the singular and plural of a thing without a common name."""
    return one == other or (one not in THINGS and len(other) >= STEM and one[:STEM] == other[:STEM])


def _left(result: Figure, signed: Signed) -> Counter[str]:
    """The things that a product leaves over (positive) or lacks (negative)."""
    left: Counter[str] = Counter()
    for sign, one in ((-1, result), *signed):
        is_neutral = sign < 0 and one.is_bare and one is not result and not result.each
        for thing in one.made if not is_neutral else ():
            left[thing] += sign
        for thing in one.each:
            left[thing] -= sign if one is not result or thing in THINGS or thing == "each" else 0
    for sign, one in signed:
        if one.period in left:
            left[one.period] -= sign
        for thing in one.said if "each" not in one.each else ():
            spare = next((some for some, many in left.items() if many > 0 and _alike(some, thing)), thing)
            left[spare] -= left[spare] > 0
    return left


def _balanced(result: Figure, signed: Signed) -> bool | None:
    """Whether all things cancel; one number too many is taken for how many of them there are."""
    left = _left(result, signed)
    anonymous = sum(one.kind == "number" and not one.is_pue for _, one in signed)
    each = left.pop("each", 0)
    lacking = sum(-many for many in left.values() if many < 0) + max(0, -each)
    spare = sum(many for many in left.values() if many > 0)
    met = min(spare, max(0, -each))
    spoken = sum("each" in one.said for _, one in signed)
    lacking, spare = lacking - met, max(0, spare - met - spoken)
    if spare == 2 and left["device"] == left["node"] == 1:
        spare = 1  # servers x devices of each
    multiplied = any(sign > 0 and one.is_bare and one.made for sign, one in signed)
    of_one = multiplied and not result.each and _tells(cues.EACH, result.before)
    if each > 0 or any(left[thing] > 0 for thing in result.each) or lacking > anonymous or spare > 1 or of_one:
        return None
    counted = {thing for _, one in signed for thing in one.made}
    if anonymous and any(counted & set(one.said) for _, one in signed):
        return None
    if any(within(counted, one) for _, one in signed) or (multiplied and counted & set(result.said)):
        return None
    said = consequence(result) or _tells(cues.TOTAL, result.before)
    spoken_of = {word for _, one in signed for word in one.said}
    said = said or "each" in spoken_of or any(_named(one, spoken_of) for _, one in signed if one.made)
    said = said or any(one.kind == "device-hours" or (one.is_bare and _SUCH.match(one.behind)) for _, one in signed)
    return spare == 0 or said or any(one.of_counted for _, one in signed)


def within(counted: set[str], one: Figure) -> bool:
    """Whether something is said to be of a whole, of whose parts a number is: of a server, and not of each card."""
    return not one.is_bare and any(thing in counted and whole in one.said for thing, whole in _WITHIN.items())


def _counted(result: Figure, signed: Signed) -> bool | None:
    """Whether a count is of what the divisor is for one of; False where nothing says so."""
    some = [one for _, one in signed]
    if result.kind != "count" or not result.made or all(one.kind == "time" for one in some):
        return None
    if any(one.made == result.made and not one.each for one in some):
        return True if all(one.made == result.made or one.kind == "time" for one in some) else None
    lacks = {thing for thing, many in _left(result, signed).items() if many and thing != "each"}
    noun = result.made[0]
    near = {word for sign, one in signed if sign < 0 for word in (*one.said, *one.words())}
    named = noun in near or noun[:STEM] in {word[:STEM] for word in near}
    return not lacks or (lacks == {noun} and (named or _of_divisor(result, signed)))


def _of_divisor(result: Figure, signed: Signed) -> bool:
    """Whether a count of what nothing else counts is of the divisor: a battery of 15 Wh, so that is 29 charges."""
    back = 1 if cues.SUCH.match(result.behind) else 0
    beside = [one for sign, one in signed if sign < 0 and 0 <= result.sentence - one.sentence <= back]
    is_next = any(0 < result.order - one.order <= _BESIDE for one in beside)
    return is_next and result.made[0] not in THINGS and consequence(result, [one for _, one in signed])


def _counts_twice(signed: Signed) -> bool:
    """Whether two numbers of one thing are multiplied: eight cards in each server, 1,024 cards in all."""
    counted = [one.made for sign, one in signed if sign > 0 and one.is_bare and one.made]
    return len(set(counted)) < len(counted)


def _skips(some: Sequence[Figure]) -> bool:
    """Whether a number of things is left out that stands right before one of the factors, and another one is taken."""
    taken = {one.order for one in some}
    counted = any(one.is_bare and one.made for one in some)
    return counted and any(one.of_counted and one.order - 1 not in taken for one in some)
