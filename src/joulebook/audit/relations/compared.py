"""A multiple, a change or a part that is said to follow, and that no two figures near it give."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Document
from joulebook.audit.relations import cues
from joulebook.audit.relations.figures import PROPORTIONS, THINGS, Figure
from joulebook.audit.relations.gathering import figures_of
from joulebook.audit.relations.multiples import STEP, signed
from joulebook.audit.relations.proportions import changes, proportions, way
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.ties import consequence

_BACK: Final = 3
"""Sentences back to the figures that are compared."""
_PAGE: Final = 30
"""Figures around a comparison among which those that would explain it are looked for."""
_LEAST: Final = 4.0
"""Ratio from which a bare number is none of overhead."""
_OFF: Final = 1.1
"""Ratio of the stated to the nearest computed one from which a miss is told."""
_MOST: Final = 30.0
"""The same beyond which something else is compared."""
_ROUGH: Final = 0.35
"""Relative width beyond which figures are too rough to compare."""
_OTHER_WAY: Final = {1: "fall", -1: "rise", 0: ""}
"""What a percentage is not, by the way that the words go."""
_PARTS: Final = ("part", "multiple")
_CHANGE_BEHIND: Final = re.compile(
    r"[\s-](?:\w+\s)?(?:reduction|increase|rise|drop|cut|saving|decline|decrease|jump|gain|improvement|growth)s?\b",
    re.IGNORECASE,
)
"""Behind a percentage that is a change and no part."""
_CUT: Final = re.compile(r"[.;:()—]|\s[–-]\s|,\s")
_THAN_BEFORE: Final = re.compile(
    r"\b(?:than|as|wie|als|que)\s(?:it|they|what it|es|sie|zuvor|vorher|avant|antes)\b|\b(?:of|de) what (?:it|they)\b"
    r"|\bthe (?:first|former|earlier|old|original|previous|other|same|smaller|larger|latter)\b|\bbefore\b|\boriginal\w*"
    r"|\b(?:erste|alte|vorige|ursprüngliche)\w*\b|\b(?:premi[eè]re?|ancien\w*|précédent\w*|initial\w*)\b",
    re.IGNORECASE,
)
"""Behind a proportion: it is of a figure that has been told."""
_OF_WHOLE: Final = re.compile(
    r"(?:^|[,;:—]\s)\W*(?:(?:out )?of|von|sur|de)\s(?:(?:the|these|its|our|les|los|las|den)\s)?(?:\w+\s)?$",
    re.IGNORECASE,
)
"""How a clause begins that tells of a whole."""
_COMPARES: Final = re.compile(
    r"#\s*(?:times\s)?(?:as (?:much|many)|more|larger|higher|greater|bigger|the|what|that|than|so viel|mehr|des|der"
    r"|plus|m[aá]s)\b"
    r"|#\s*(?:\w+\s)?(?:difference|gap|jump|increase|leap|spread|ratio|step)"
    r"|\b(?:difference|gap|ratio|spread|jump|distance|unterschied|verhältnis|écart|rapport|diferencia)\b[^.;]*#",
    re.IGNORECASE,
)
"""Around a multiple that compares two things."""
_ANAPHOR: Final = re.compile(
    r"\b(?:this|that|it|which|(?:growth|change|decline) was|das|dies|cela|c['’]est|esto"
    r"|the (?:change|increase|rise|drop|cut|difference|saving))\b"
    r"[^,.;]*$",
    re.IGNORECASE,
)
_FILLS: Final = re.compile(
    r"\b(?:that|this|it|which|das|dies|cela|could|would)\s(?:\w+\s){0,3}"
    r"(?:fill|charg|recharg|power|boil|driv|run|heat|empt|cover)\w*\b[^.;]*$",
    re.IGNORECASE,
)
"""Before how often an amount would do something."""
_CLAUSE: Final = 70
_OF: Final = re.compile(r"\b(?:of|on|von|der|des|du|de(?! (?:plus|moins|más|menos)\b)|del)\b", re.IGNORECASE)
_RATIO: Final = re.compile(r"\b(?:ratio|verhältnis|rapport)\s(?:of|is|was|von|de|=)\s(?:\w+\s){0,4}$", re.IGNORECASE)
_TO_ONE: Final = re.compile(r"\s(?:to one|to 1|zu eins|zu 1|pour un|a uno)\b", re.IGNORECASE)
"""Around a number that is a ratio."""
_QUANTITIES: Final = (
    (("energy", "power"), r"energ\w*|electric\w*|power\w*|watt\w*|consum\w*|draw\w*|strom\w*|verbrauch\w*|élec\w*"),
    (("mass",), r"carbon|co2e?|emission\w*|emit\w*|footprint\w*|tonn?es?|klima\w*|émi\w+|empreinte"),
    (("water",), r"water|litres?|liters?|gallons?|thirst\w*|wasser\w*|eau|agua"),
    (("money",), r"pric\w+|pa(?:y|id)\w*|bills?|dollars?|euros?|revenue\w*|invest\w*|money|spen[dt]\w*|preis\w*|prix"),
    (("time",), r"fast\w*|quick\w*|slow\w*|speed\w*|long|longer|latency|sooner|schnell\w*|rapide\w*|vite|minutes?"),
    (
        ("count", "compute", "data"),
        r"accura\w*|parameters?|users?|requests?|queries|prompts?|tokens?|people|traffic|memory|cores?|gpus?|servers?",
    ),
)
_NAMED: Final = tuple((kinds, re.compile(rf"\b(?:{said})\b", re.IGNORECASE)) for kinds, said in _QUANTITIES)


def compared(document: Document) -> Iterator[Finding]:
    """Proportions that words tie to the figures right before them, where no two figures near give them."""
    figures = [_ratio(one) for one in figures_of(document.paragraphs)]
    for result in figures:
        if result.kind not in PROPORTIONS or result.amount.per or cues.REBUTTED.search(result.text):
            continue
        near = figures[max(0, result.order - _PAGE) : result.order + _PAGE // 3]
        if result.kind == "factor":
            near = [_level(one) for one in near]
        near = _counted(near)
        pair = _nearest(result, near)
        is_tied = pair is not None and (_is_tied(result, pair) or _is_only(result, pair, near))
        if pair is not None and all(one.is_pue for one in pair):
            continue  # what doubles or halves is the overhead
        if pair is None or not is_tied or _is_other(result, pair[1]) or _is_of_another(result):
            continue
        relation = _least_off(result, pair)
        if relation is not None and not _is_given(result, near) and not _is_told(result, pair, near):
            yield _finding(result, relation)


def _ratio(one: Figure) -> Figure:
    """A bare number that words make a ratio as a factor: a ratio of seventy, twenty to one."""
    if one.kind != "number" or one.size < _LEAST or not (_RATIO.search(one.before) or _TO_ONE.match(one.behind)):
        return one
    return one._replace(amount=one.amount._replace(kind="factor", unit="x"))


def _level(one: Figure) -> Figure:
    """A percentage that is no change as an amount of its own, which may rise or be so many times another."""
    if one.kind != "percent" or one.amount.per or changes(one):
        return one
    return one._replace(amount=one.amount._replace(kind="level"), dimensions=(("share", 1),), meanings=())


def _is_tied(result: Figure, pair: tuple[Figure, Figure]) -> bool:
    """Whether words say that a proportion follows from what was told."""
    clause = _CUT.split(result.behind)[0]
    if consequence(result) or _THAN_BEFORE.search(clause) is not None:
        return True
    if result.kind != "factor":
        return _is_whole(pair)
    return _FILLS.search(result.head[-_CLAUSE:]) is not None or _has_stepped(result, pair)


def _is_step(result: Figure) -> bool:
    """Whether a factor is a word such as "tripled"."""
    return way(result) != "" and STEP.match(result.amount.text) is not None


def _has_stepped(result: Figure, pair: tuple[Figure, Figure]) -> bool:
    """Whether a verb says that something has doubled or tripled, and the two figures before it go that way."""
    first, last = pair
    if not _is_step(result) or cues.SUPPOSED.search(result.before) or cues.SUPPOSING.search(result.head):
        return False
    return (last.size > first.size) == (way(result) == "up") and result.sentence - first.sentence <= 1


def _is_only(result: Figure, pair: tuple[Figure, Figure], near: Sequence[Figure]) -> bool:
    """Whether a multiple compares, and the paragraph has no other figures of that dimension than two."""
    if result.kind != "factor" or _is_step(result) or not _COMPARES.search(f"{result.head[-_CLAUSE:]}#{result.behind}"):
        return False
    return all(
        one in pair or one.size in (pair[0].size, pair[1].size)
        for one in near
        if one.paragraph == result.paragraph and _like(one, pair[0])
    )


def _counted(near: Sequence[Figure]) -> list[Figure]:
    """Figures with bare numbers of what was counted before: 12 million prompts, and now 42 million; three of them."""
    found: list[Figure] = []
    last: Figure | None = None
    for one in near:
        known = last if last is not None and one.paragraph == last.paragraph else None
        many, earlier = (cues.MANY.search(some.amount.text) if some else None for some in (one, known))
        is_alike = many is not None and earlier is not None and many[0].lower() == earlier[0].lower()
        if one.kind == "number" and known is not None and (is_alike or cues.OF_THEM.match(one.behind)):
            size = one.size * known.size / known.amount.value
            same = one._replace(dimensions=known.dimensions, size=size, made=known.made, each=known.each)
            found.append(same._replace(amount=one.amount._replace(kind="count", per=known.amount.per)))
            continue
        found.append(one)
        last = one if one.kind == "count" and one.made else last
    return found


def _is_whole(pair: tuple[Figure, Figure]) -> bool:
    """Whether the words of two figures say that one is of the other."""
    whole, part = sorted(pair, key=lambda one: -one.size)
    if cues.OF_THEM.match(part.behind) and part.is_bare:
        return True
    return whole.sentence == part.sentence and _OF_WHOLE.search(whole.head) is not None


def _is_other(result: Figure, last: Figure) -> bool:
    """Whether the clause of a proportion names another quantity than that of two figures, and not theirs."""
    clause = f"{_CUT.split(result.before)[-1]} {_CUT.split(result.behind)[0]}"
    named = {kind for kinds, said in _NAMED if said.search(clause) for kind in kinds}
    return bool(named) and last.kind not in named


def _nearest(result: Figure, near: Sequence[Figure]) -> tuple[Figure, Figure] | None:
    """The last two figures of one unit before a proportion."""
    before = [
        one
        for one in near
        if one.order < result.order
        and one.paragraph == result.paragraph
        and result.sentence - one.sentence <= _BACK
        and one.kind not in PROPORTIONS
        and one.kind != "time"
        and (one.dimensions or one.made)
    ]
    last = before[-1] if before else None
    if last is None:
        return None
    alike = [one for one in before[:-1] if _like(one, last) and one.size != last.size]
    return (alike[-1], last) if alike else None


def _like(one: Figure, other: Figure) -> bool:
    """Whether two figures are of one dimension, and of like periods."""
    units = [{each for each in some.each if each not in THINGS} for some in (one, other)]
    same = (one.kind, one.made, one.dimensions) == (other.kind, other.made, other.dimensions)
    return same and units[0] == units[1]


def _least_off(result: Figure, pair: tuple[Figure, Figure]) -> Relation | None:
    """The proportion of two figures that comes closest to the stated one, where it is plainly another."""
    other = _OTHER_WAY[_sign(result)]
    found = [one for one in proportions(result, pair) if one.middle > 0 and one.kind != other]
    if result.kind != "factor":
        is_part = _THAN_BEFORE.search(_CUT.split(result.behind)[0]) is not None or _is_whole(pair)
        is_change = changes(result) or bool(result.amount.noun) or bool(_sign(result))
        wanted = ("rise", "fall") if is_change else ("part", "multiple") if is_part else ()
        found = [one for one in found if one.kind in wanted]
    closest = min(found, key=_off, default=None)
    return closest if closest is not None and closest.loose < _ROUGH and _OFF <= _off(closest) <= _MOST else None


def _is_of_another(result: Figure) -> bool:
    """Whether a percentage is of something that is named, and was not told before."""
    clause = _CUT.split(result.behind)[0]
    return result.kind != "factor" and _OF.search(clause) is not None and _THAN_BEFORE.search(clause) is None


def _sign(result: Figure) -> int:
    """Whether a percentage goes up (1) or down (-1) by the words around it, or 0."""
    return signed(result.text, result.amount) if result.kind == "percent" else 0


def _off(relation: Relation) -> float:
    """By what factor a stated proportion misses all that two figures allow."""
    low, high = relation.result.reach()
    return max(low / max(relation.high, 1e-9), relation.low / high)


def _is_given(result: Figure, near: Sequence[Figure]) -> bool:
    """Whether any two figures near a proportion give it."""
    some = [one for one in near if one.order != result.order and abs(one.paragraph - result.paragraph) <= 1]
    others = {_OTHER_WAY[_sign(result)], *(_PARTS if _CHANGE_BEHIND.match(result.behind) else ())}
    return any(
        (relation.closes() and relation.kind not in others) or (result.kind == "factor" and _is_more(relation))
        for pair in combinations(some, 2)
        for relation in proportions(result, pair)
    )


def _is_told(result: Figure, pair: tuple[Figure, Figure], near: Sequence[Figure]) -> bool:
    """Whether another proportion near is that of two figures already."""
    others = [one for one in near if one.kind in PROPORTIONS and not one.amount.per and one.order != result.order]
    return any(relation.closes() for one in others for relation in proportions(one, pair))


def _is_more(relation: Relation) -> bool:
    """Whether a multiple is of what something is more: four times as much is three times more."""
    low, high = relation.result.reach()
    return low + 1 <= relation.high and relation.low <= high + 1


def _finding(result: Figure, relation: Relation) -> Finding:
    percent = " %" if result.kind == "percent" else ""
    evidence = f"{relation.arithmetic} = {relation.middle:.3g}{percent}, stated {result.amount.digits}"
    rule = "arithmetic" if result.kind == "factor" else "percentage"
    remedy = "correct the proportion or one of the figures"
    return Finding(rule, "medium", 0.7, result.amount.place, evidence, remedy, result.text)
