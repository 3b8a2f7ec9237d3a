"""Cars, homes or people that an amount equals: whether for the time of which their own figure is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.relations.context import Context
from joulebook.audit.relations.figures import PLAIN, Figure

_BACK: Final = 8
"""Figures before a number among which its amount and that of one thing are looked for."""
_REACH, _AROUND = 110, 45
"""Letters around a number in which its time is said, and around the amount of one."""
_CUT: Final = re.compile(r"[;:.](?=\s|$)|[—–]|,\s(?:and|but|while|or|und|aber|oder|et|mais|ou|y|pero|o)\b|\(")
_TIMES: Final = (
    (
        "life",
        (
            r"(?:whole|entire|full|complete|all|rest of)\W+(?:of )?(?:its|their|his|her|a|the)?\W*(?:\w+ )?(?:life\w*"
            r"|lives|days)"
            r"|(?:its|their|his|her|your|our|the|a|whole|entire|full|in|of|for|over|per)\W+(?:\w+ )?(?:life ?times?"
            r"|life ?spans?"
            r"|lives|life|service life)(?!\W?(?:cycle|style))"
            r"|life ?times?\b|(?:between|from) (?:the )?\w+ (?:and|to) (?:the )?(?:scrap\w*|grave|death)"
            r"|from (?:the )?first (?:\w+ )?to (?:the )?last|cradle to grave|from birth to death"
            r"|leben(?:s(?:zeit|dauer|lang))?\b|nutzungsdauer"
            r"|(?:toute|entière|durée de|sa|leur|une)\s(?:\w+\s)?vie\b|vie entière"
            r"|(?:toda|durante|en|su|una)\s(?:\w+\s)?vida\b|vida (?:útil|entera)"
        ),
    ),
    (
        "year",
        (
            r"(?:an?|one|each|every|per|and|whole|full|entire|single|in the|over the|the"
            r"|that)\W(?:\w+\s)?years?(?:['’]s?)?"
            r"|annual(?:ly)?|yearly|year['’]s|twelve months"
            r"|(?:ein(?:em)?|pro|und|im|jedes|ganzes|ganze[ns])\s(?:\w+\s)?jahr(?:es)?|jährlich\w*|jahres\w+"
            r"|(?:par|un|et|en un|chaque|l['’])\s?an(?:née)?|annuel\w*|al año|y año|por año|un año|cada año|anual\w*"
        ),
    ),
    (
        "month",
        (
            r"(?:an?|one|each|every|per|whole|full|single)\W(?:\w+\s)?months?(?:['’]s?)?|monthly"
            r"|(?:einen?m?|pro|im|jeden)\s(?:\w+\s)?monat|monatlich\w*|(?:par|un|chaque) mois|mensuel\w*|al mes"
            r"|un mes"
            r"|mensual\w*"
        ),
    ),
    (
        "day",
        (
            r"(?:an?|one|each|every|per|whole|full|single)\W(?:\w+\s)?days?(?:['’]s?)?|daily"
            r"|(?:einen?m?|pro|am|jeden)\s(?:\w+\s)?tag|täglich\w*|(?:par|un|chaque) jour|quotidien\w*|al día|un día"
            r"|diari\w+"
        ),
    ),
)
TIMES: Final = tuple((name, re.compile(rf"(?<![\w-])(?:{words})(?!\w)", re.IGNORECASE)) for name, words in _TIMES)
"""Words of a time that an amount is for, the longest first."""
_MANY: Final = 2.0
_MET: Final = 0.02
"""How closely a number has to be met."""
_OF_THEM: Final = re.compile(r"\s(?:of (?:them|these|those)|davon|d['’]entre|de (?:ellos|ellas))\b", re.IGNORECASE)
_WORD: Final = re.compile(r"\s(?:such |solche[rn]? |tels |average |typical )?([^\W\d]+)")
_PERSON: Final = re.compile(
    r"\b(?:persons?|people|per head|capita|inhabitants?|citizens?|residents?|kopf|einwohner\w*|mensch\w*|personne"
    r"|habitants?|persona|habitante)\b",
    re.IGNORECASE,
)
_FOR: Final = re.compile(r"\b(?:for|in|over|during|für|während|pendant|durant|durante|por)\b", re.IGNORECASE)
_STEM: Final = 5
"""Letters by which a thing is known in singular and plural."""
_NAMES: Final = {"life": "a lifetime", "year": "a year", "month": "a month", "day": "a day"}


def lifetimes(context: Context) -> Iterator[Finding]:
    """Numbers of things whose figure is of one time, and which are told for another."""
    for many in context.figures:
        if many.kind not in PLAIN or many.size < _MANY or many.each or context.denies(many):
            continue
        claim = _claimed(many)
        if not claim:
            continue
        found = _shared(many, context.figures)
        if found is None or _period(found[1]) in ("", claim):
            continue
        total, each = found
        if total.amount.per and claim != "life":
            continue
        evidence = (
            f"{printed(total.amount)} / {printed(each.amount)} = {many.amount.digits}: that is what one has in "
            f"{_NAMES[_period(each)]} (line {each.amount.place.line}), not in {_NAMES[claim]}"
        )
        remedy = "name the time that the figure of one is for"
        yield Finding("equivalence", "high", 0.85, many.amount.place, evidence, remedy, many.text)


def _claimed(many: Figure) -> str:
    """The time that a number of things is told for; empty where none is."""
    behind = many.text[many.amount.end : many.amount.end + _REACH]
    cut = _CUT.search(behind)
    words = behind[: cut.start()] if cut else behind
    found = nearest(words)
    if found in ("day", "month") and not _FOR.search(words):
        return ""  # 800 million prompts a day
    return found or nearest(many.before[-25:][::1].rsplit(",")[-1])


def nearest(words: str) -> str:
    """The time that is named first; of two at one place the longer."""
    spots = [
        (spot.start(), at, name) for at, (name, pattern) in enumerate(TIMES) for spot in [pattern.search(words)] if spot
    ]
    return min(spots)[2] if spots else ""


def _period(each: Figure) -> str:
    """The time that an amount of one thing is for."""
    named = [name for name in each.amount.per if name in _NAMES]
    if named:
        return named[0]
    behind = each.text[each.amount.end : each.amount.end + _AROUND]
    cut = _CUT.search(behind)
    return nearest(behind[: cut.start()] if cut else behind) or nearest(each.before[-_AROUND:])


def _shared(many: Figure, figures: Sequence[Figure]) -> tuple[Figure, Figure] | None:
    """The amount and that of one thing whose quotient a number is."""
    near = [one for one in figures[max(0, many.order - _BACK) : many.order] if many.paragraph - one.paragraph <= 1]
    near += [one for one in figures[many.order + 1 : many.order + 3] if one.sentence == many.sentence]
    for each in reversed(near):
        if each.is_bare or each.kind not in ("mass", "energy", "water") or not _is_of_one(each, many):
            continue
        for total in reversed(near):
            alike = total.kind == each.kind and total.amount.value > each.amount.value and not total.each
            wide = min(many.loose() + total.loose() + each.loose(), 0.08) + _MET
            if alike and abs(total.amount.value / each.amount.value / many.size - 1) <= wide:
                return total, each
    return None


def _is_of_one(each: Figure, many: Figure) -> bool:
    """Whether an amount is told of what a number counts."""
    if set(many.made) & {*each.each, *each.said} or (
        _OF_THEM.match(many.behind) and many.sentence - each.sentence <= 1
    ):
        return True
    word = _WORD.match(many.behind)
    things = [thing for thing in (*many.made, many.amount.noun) if thing]
    things += [word[1]] if word is not None and len(word[1]) >= _STEM else []
    return any(_stem(thing) in each.text.lower() for thing in things) or (
        word is not None and word[1][0].isupper() and _PERSON.search(each.text) is not None
    )


def _stem(thing: str) -> str:
    """The letters by which a thing is known in singular and plural: bus, buses; car, cars."""
    return thing.lower()[: max(3, min(_STEM, len(thing) - 2))]
