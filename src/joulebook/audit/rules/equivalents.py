"""Cars, homes, flights, pools: whether an amount and what it is likened to fit, a year and a lifetime above all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding, printed, shown
from joulebook.audit.reading.amount import Amount, Document, Paragraph, Sentence
from joulebook.audit.rules.places import known
from joulebook.audit.rules.refuted import is_refuted
from joulebook.audit.rules.things import (
    CAR,
    CAR_EITHER,
    CAR_LIFETIME,
    CAR_YEAR,
    HOME,
    HOME_CARBON,
    LIFETIME,
    OTHERS,
    YEAR,
    Thing,
    home_of,
    words,
)

_MANY: Final = 20
"""Things beyond which an amount beside them may be the size of one."""
_OWN: Final = 2.5
"""How far a comparison may be off the size that its own text gives, before it is told here and not as arithmetic."""
_DAY: Final = words(r"a day|per day|daily|in a day|each day|am tag|pro tag|par jour")
_OFF_ROAD: Final = words(r"off the roads?|von der stra(?:ß|ss)e")
_LIKE: Final = re.compile(
    r"\bas (?:much|many|large|high)\b|\blike\b|equal\w*|equivalent\w*|the same|correspond\w*|compar\w+"
    r"|amounts? to|worth"
    r"|emissions? (?:of|from)|th(?:at|ose) of|\bwhat\b|driv(?:e|ing)|enough|suppl\w+|fill\w*|so viel|entspr\w+"
    r"|vergleich\w*|autant"
    r"|équival\w+|comme|power(?:s|ing)?\b|footprints?|taking|charg\w+|or (?:about |roughly |some )?\d"
    r"|electricity for|reich\w*|suffi\w*|aliment\w*|absorb\w*|offset\w*|compensat\w*|electricity of|\buses? (?:that"
    r"|this)\b|genug|rempli\w*"
    r"|füll\w*|takes? up|binds?\b|bind(?:en"
    r"|et)|\bholds?\b|fasst|fassen",
    re.IGNORECASE,
)
_OR: Final = re.compile(
    r"(?:\s(?:a|per|each|every)\s(?:day|year|month))?,?\s?(?:\(|\b(?:or|enough (?:for|to fill)|that is|i\.e\."
    r"|as much as|what|oder|soit))\s(?:(?:about|around|some"
    r"|roughly|nearly|the)\s)*",
    re.IGNORECASE,
)
"""Between an amount and the number of things that it is said to be."""
_OF_THEM: Final = re.compile(r"\d (?:of them\b|davon\b|d'entre elles)", re.IGNORECASE)
"""A second count, for a year and for a lifetime."""
_APART: Final = re.compile(r"[;:]|\d[^,]*,")
"""Between a word of likeness and what is no longer likened."""
_REPEATED: Final = re.compile(
    r"\b(?:once|twice|daily|every (?:day|night)|a day|a week|nightly|täglich|par jour)\b", re.IGNORECASE
)
_PART_OF: Final = re.compile(
    r"\b(?:half|third|quarter|tenth|fraction|twice|double|less than|fewer|share|out of|of the county|hälfte"
    r"|moitié)\b|%|per ?cent",
    re.IGNORECASE,
)
_AI: Final = re.compile(r"train\w*|model\w*|\bAI\b|neural|network|transformer|\bKI\b|entraîn\w*|modèle", re.IGNORECASE)
_SINGLE: Final = re.compile(r"\b(?:an?|one|eine?n?|une?)\s+(?:(?!of\b|for\b)[\w-]+\s+){0,3}$", re.IGNORECASE)
_SIZED: Final = re.compile(
    r"(?:\s\w+)?\s(?:of|that (?:use|draw|take|need)|rated at|with|at|von|mit|de|à)\s"
    r"(?:(?:about|some|rund|environ)\s)?\d"
)
"""Behind things whose own size is told."""
_KNOWN: Final = re.compile(r"\b(?:the|those|these|its|their|die|diese|les|ces)\s$", re.IGNORECASE)
"""Before a number of things that were spoken of already."""
_HEAT: Final = words(r"heat\w*|gas|thermal|wärme|heiz\w*|chal\w+|chauff\w*")


def equivalents(document: Document) -> Iterator[Finding]:
    """Comparisons whose sizes do not fit what they are compared with."""
    for paragraph in document.paragraphs:
        last: dict[str, Amount] = {}
        for at, sentence in enumerate(paragraph.sentences):
            if not is_refuted(sentence):
                yield from _sentence(paragraph, at, last)
            for amount in sentence.amounts:
                if amount.kind in ("mass", "energy", "water") and not amount.per:
                    last[amount.kind] = amount


def _sentence(paragraph: Paragraph, at: int, last: dict[str, Amount]) -> Iterator[Finding]:
    sentence = paragraph.sentences[at]
    context = " ".join(one.text for one in paragraph.sentences[max(0, at - 2) : at + 1])
    for thing in _things(sentence):
        counted = _counted(sentence, thing)
        if counted is None:
            continue
        count, many, place = counted
        stated = _stated(sentence, thing, count, last)
        if stated is None:
            if thing is CAR_YEAR and many == 5 and _AI.search(context):
                yield _famous(sentence, place)
            continue
        is_said = count is not None and stated in sentence.amounts and stated.end < count.start
        is_said = is_said and _OR.fullmatch(sentence.text[stated.end : count.start if count else 0]) is not None
        is_behind = count is not None and stated.start > count.start and stated in sentence.amounts
        is_size = is_behind or (many > _MANY and not is_said)
        if (found := _unlike(paragraph, thing, stated, many, is_size=is_size)) is not None:
            evidence, is_own = found, stated in sentence.amounts
            remedy = (
                "a year and a lifetime may be exchanged"
                if thing in (CAR_YEAR, CAR_LIFETIME)
                else "check the comparison, its number and units"
            )
            where = count.place if count is not None else stated.place
            yield Finding("equivalence", "high", 0.9 if is_own else 0.8, where, evidence, remedy, sentence.text)


def _things(sentence: Sentence) -> list[Thing]:
    """What a sentence likens its amounts to."""
    text, kinds = sentence.text, {one.kind for one in sentence.amounts}
    if not _LIKE.search(text):
        return []
    found = [
        one
        for one in OTHERS
        if one.words.search(text) and (one.needs is None or one.needs.search(text)) and one.by in ("", *kinds)
    ]
    if CAR.search(text) and "distance" not in kinds and not any(one.by == "distance" for one in found):
        is_year = YEAR.search(text) or _OFF_ROAD.search(text)
        is_life = LIFETIME.search(text)
        is_both = is_year and is_life and _OF_THEM.search(text)
        found.append(CAR_EITHER if is_both else CAR_LIFETIME if is_life else CAR_YEAR if is_year else CAR_EITHER)
    if HOME.search(text) and not _HEAT.search(text):
        found.append(home_of(text))
        if YEAR.search(text):
            found.append(HOME_CARBON)
    return found


def _counted(sentence: Sentence, thing: Thing) -> tuple[Amount | None, float, int] | None:
    """How many of a thing a sentence counts, and where; None for the amount where it is "a" or "one"."""
    text = sentence.text
    if thing.by:
        counts = [one for one in sentence.amounts if one.kind == thing.by and not one.per and one.value > 0]
        by = 3600.0 if thing.by == "time" else 1.0
        return (counts[0], counts[0].value * by, counts[0].start) if len(counts) == 1 else None
    numbers = [one for one in sentence.amounts if one.kind in ("count", "factor", "number") and one.value > 0]
    numbers = [one for one in numbers if one.per in ((), ("year",))]
    for found in thing.words.finditer(text):
        for near in [one for one in numbers if one.start < found.end()][-1:]:
            between = text[near.end : found.start()]
            is_own = _SIZED.match(text[found.end() :]) or _KNOWN.search(text[: near.start])
            if len(between) <= 60 and not is_own and not re.search(r"[,;:()]|\band\b|\d", between):
                is_part = _PART_OF.search(text[max(0, near.start - 25) : near.start])
                return None if is_part else (near, near.value, near.start)
    for found in thing.words.finditer(text):
        one = _SINGLE.search(text[: found.start()])
        if (
            one is None
            or found[0].lower().endswith("s")
            or not _LIKE.search(_APART.split(text[max(0, one.start() - 45) : one.start()])[-1] + one[0] + found[0])
        ):
            continue
        if _PART_OF.search(text[max(0, one.start() - 40) : found.start()]):
            continue
        if _REPEATED.search(text[found.end() :]):
            continue
        again = [near for near in numbers if near.kind == "factor" and 0 <= near.start - found.end() < 20]
        return (again[0], again[0].value, again[0].start) if again else (None, 1.0, found.start())
    return None


def _stated(sentence: Sentence, thing: Thing, count: Amount | None, last: dict[str, Amount]) -> Amount | None:
    """The one amount that is likened to a thing: of the sentence, or the last before it."""
    kinds = (thing.kind, "power") if thing.words is HOME and thing.kind == "energy" else (thing.kind,)
    own = [one for one in sentence.amounts if one.kind in kinds and one.value > 0 and one is not count]
    own = [
        one
        for one in own
        if one.per in ((), ("year",), ("request",), ("run",), ("model",))
        or ((_is_rate(thing) or thing.kind == "water") and one.per == ("day",))
    ]
    if own:
        fits = len(own) == 1 or all(abs(one.value / own[0].value - 1) < 0.05 for one in own)
        stated = own[0] if fits else None
    else:
        before = last.get(thing.kind)
        stated = before if before is not None and not any(one.kind in kinds for one in sentence.amounts) else None
    if stated is None or (_is_rate(thing) and not _is_a_year(sentence.text, stated)):
        return None
    return stated


def _is_rate(thing: Thing) -> bool:
    return thing.words is HOME and thing.kind == "energy"


def _is_a_year(text: str, stated: Amount) -> bool:
    """Whether an amount of energy and a use of homes are for the same time."""
    return stated.kind == "power" or bool(stated.per) or (YEAR.search(text) is not None and not _DAY.search(text))


def _unlike(paragraph: Paragraph, thing: Thing, stated: Amount, many: float, *, is_size: bool) -> str | None:
    """What one of a thing would have to be, where that is far from what it is; nothing where it is not."""
    fact = known(f"yardstick.{thing.subject}", thing.prop)
    if fact is None:
        return None
    size, told = fact
    by_year = 365.0 if stated.per == ("day",) and _is_rate(thing) else 1.0
    each = stated.value * (8766 if stated.kind == "power" else by_year) / many
    more = thing.more * (2.5 if stated.kind == "power" else 1.0)
    low, high = size / thing.less, size * more
    if is_size and low <= stated.value * by_year <= high:
        return None
    own = [one.value for sentence in paragraph.sentences for one in sentence.amounts if one.kind == thing.kind]
    wide = 4.0 if _is_rate(thing) else 1.0
    own = [value for value in own if low / wide <= value <= wide * high and value != stated.value]
    if low <= each <= high or any(1 / _OWN <= each / value <= _OWN for value in own):
        return None
    if own:
        told = f"{shown(own[-1], thing.kind)} as the text itself says"
    return f"{printed(stated)} / {many:g} = {shown(each, thing.kind)}; {thing.what} is about {told}"


def _famous(sentence: Sentence, start: int) -> Finding:
    """Five cars "for a year": the figure behind it, 626,155 lb, is of five lifetimes."""
    life, year = known("yardstick.car_lifetime_us", "carbon"), known("yardstick.gasoline_car_one_year", "carbon")
    told = f"{life[1]} each; five for a year are {shown(5 * year[0], 'mass')}" if life and year else "of one search"
    evidence = f"the published comparison is of five cars over their lifetimes, {told}"
    place = sentence.place._replace(column=sentence.place.column + start)
    return Finding("equivalence", "high", 0.85, place, evidence, "a year and a lifetime are exchanged", sentence.text)
