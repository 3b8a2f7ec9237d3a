"""Everyday things that computing is likened to, told too large or too small: a kettle of 12 kWh."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.nearby import clause
from joulebook.audit.rules.places import known
from joulebook.audit.rules.refuted import believed
from joulebook.audit.rules.things import YEAR


class _Everyday(NamedTuple):
    """A thing or a deed, the words for it before or behind its amount, and the fact of its size."""

    what: str
    named: re.Pattern[str]
    subject: str
    prop: str
    differs: float
    """By what factor one of its kind may differ from the fact."""
    per: tuple[str, ...] = ()
    """What the amount has to be for one of."""
    but: re.Pattern[str] | None = None
    """Words of something else."""
    yearly: bool = False


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", re.IGNORECASE)


_ONE: Final = r"(?:an?|one|the|each|every|single|per|eine?|une?|le|la|der|die|das|chaque|jede[rs]?)"
_CAR: Final = (
    r"(?:petrol |gasoline |diesel |passenger "
    r"|average |typical |ordinary |normal |new |European |American |family )*(?:car|pkw|auto|voiture)"
)
_EVERYDAY: Final = (
    _Everyday(
        "boiling a kettle",
        _words(
            rf"{_ONE}\s(?:kettle boil|boil of (?:the|a) kettle)|(?:boil\w*|heat\w*)\s(?:up\s)?{_ONE}\s(?:full\s"
            rf"|litre of |liter of )?(?:kettle\w*|water(?: for tea)?)"
            rf"|{_ONE}\s(?:cup|pot) of tea"
        ),
        "kettle_boil",
        "energy",
        5.0,
    ),
    _Everyday(
        "an hour of video",
        _words(
            r"(?:an?|one|each|per|every) hour of (?:\w+ )?(?:streaming|video|netflix)(?: streaming)?"
            r"|stream\w*\s(?:\w+\s)?(?:for )?(?:an?|one) hour"
        ),
        "streaming_hour",
        "energy",
        10.0,
        but=_words(r"generat\w*|train\w*|AI"),
    ),
    _Everyday(
        "a laptop",
        _words(rf"{_ONE}\s(?:\w+\s)?(?:laptop|notebook|ordinateur portable)"),
        "laptop",
        "power",
        6.0,
        but=_words(r"stand-?by|idl\w+|sleep\w*|off|closed|leerlauf|veille|charger|screen|display"),
    ),
    _Everyday(
        "a km in an electric car",
        _words(r"electric (?:car|vehicle)|ev|e-?auto|elektroauto|voiture électrique|tesla"),
        "ev_one_km",
        "energy",
        5.0,
        per=("km",),
        but=_words(r"truck|bus|lorry|charg\w*|train\w*"),
    ),
    _Everyday(
        "a km by car",
        _words(rf"{_CAR}s?"),
        "gasoline_car_one_km",
        "carbon",
        5.0,
        per=("km",),
        but=_words(r"truck|bus|lorry|electric\w*|elektro\w*|train|plane|flight|bike|ship|freight|tonne-\w+"),
    ),
    _Everyday(
        "an Olympic pool",
        _words(
            rf"{_ONE}\s(?:standard\s)?olympi\w*(?:[- ]sized?)?(?:[- ]swimming)?(?:[- ]?pool|becken|schwimmbecken)"
            rf"|piscine olympique"
        ),
        "olympic_pool",
        "water",
        2.2,
    ),
    _Everyday(
        "a bathtub", _words(rf"{_ONE}\s(?:\w+\s)?(?:bath ?tub|bath|badewanne|baignoire)"), "bathtub", "water", 4.0
    ),
    _Everyday(
        "a tree in a year",
        _words(rf"{_ONE}\s(?:(?:mature|single|average|typical|young|grown)\s)*(?:tree|baum|arbre)"),
        "tree_sequestration_one_year",
        "carbon",
        8.0,
        but=_words(r"hectare|acre|forest|life\w*|wald"),
        yearly=True,
    ),
    _Everyday(
        "a passenger's flight over the Atlantic",
        _words(
            r"transatlantic (?:return |round-trip )?flight|transatlantikflug|vol transatlantique"
            r"|(?:flight|fly\w*|flug|vol|trip)\b[^.;]{0,40}\b(?:london|paris|frankfurt|berlin|madrid|dublin"
            r"|amsterdam)\b[^.;]{0,20}\b(?:new york|boston|washington)"
            r"|(?:flight|fly\w*|flug|vol|trip)\b[^.;]{0,40}\bnew york\b[^.;]{0,20}\b(?:london|paris|frankfurt|berlin"
            r"|madrid|dublin|amsterdam)"
        ),
        "flight_transatlantic_return",
        "carbon",
        6.0,
        but=_words(r"plane|aircraft|jet|airliner|all (?:the |its )?passengers|flights|full|train\w*|model|server\w*"),
    ),
    _Everyday(
        "a car in a year",
        _words(rf"{_ONE}\s{_CAR}"),
        "gasoline_car_one_year",
        "carbon",
        4.0,
        but=_words(r"train\w*|model|life\w*|cars|built|build\w*|making|manufactur\w*"),
        yearly=True,
    ),
    _Everyday(
        "the Bitcoin network in a year",
        _words(r"bitcoin(?:['’]s)?(?: network| mining| miners)?"),
        "bitcoin_year",
        "energy",
        6.0,
        but=_words(
            r"transactions?|miner|card|machine|per|each|share|more than|less|than|household\w*|in (?:the )?(?:US"
            r"|Texas|Iceland|Kazakhstan|China|Norway)|together|plus"
            r"|day|month|added?|20(?:0\d|1[0-8])|plant|site|farm|facility|and|difference|country|countries|as much as"
        ),
    ),
)
_SAID_OF: Final = re.compile(
    r"(?:,\s(?:which|that|die|das|der|qui)\s)?(?:[^,;:.()\d]|,\s(?:for example|say|on average"
    r"|in turn),?)*?\b(?:uses?|used|takes?|took|needs?|consum\w+"
    r"|costs?|requires?|draws?|holds?|contains?"
    r"|absorbs?|binds?|takes? up|soaks? up|sequesters?|captures?|locks? (?:up|away)|stores?|removes?|emits?|causes?"
    r"|caused|produces?|puts? out|is|are|was|of|at|about"
    r"|with|on|drives?|goes|=|braucht|verbraucht"
    r"|fasst|bindet|verursacht|hat|consomme|contient|absorbe|émet|pèse|stands? (?:at|for)|comes? to|runs? on"
    r"|swallow\w*)\s"
    r"(?:(?:about|around|some|roughly|only|just|up to|nearly|almost|over|more than|less than|rund|etwa|environ"
    r"|as much as|electricity|an estimated|the)\s)*$",
    re.IGNORECASE,
)
_FOR_ONE: Final = re.compile(
    r"\s(?:of (?:CO2e?|carbon dioxide|electricity|energy|water)\s)?(?:for|per|to|while|when|in|pro|par|pour"
    r"|für)\s(?:(?:\w+\s){0,2})?$",
    re.IGNORECASE,
)
_CHANGED: Final = _words(
    r"sav\w+|reduc\w*|less|fewer|avoid\w*|lifetime|share|part of|half|tenth|percent|times|thousands?|millions?"
    r"|train\w*|daily|a day|every day|each day|per day|once a \w+|a week|a month"
)
_REACH: Final = 110
_DRIVEN: Final = re.compile(
    r"\s(?:on|with|takes?|needs?|uses?|für|auf|mit|braucht|avec|consomme)\s(?:(?:about|around|some|only|just|rund"
    r"|etwa|environ)\s)?",
    re.IGNORECASE,
)
"""Between a distance and the energy that a car needs for it."""


def everyday(document: Document) -> Iterator[Finding]:
    """Amounts of everyday things that no such thing has."""
    for sentence in believed(document):
        for amount in sentence.amounts:
            if amount.value > 0 and amount.kind in ("energy", "power", "mass", "water"):
                yield from _of(sentence, amount)
        for far, energy in pairwise(sentence.amounts):
            is_trip = far.kind == "distance" and far.value > 1 and energy.kind == "energy" and not energy.per
            if is_trip and _DRIVEN.fullmatch(sentence.text[far.end : energy.start]):
                by = 1 / far.value
                one = energy._replace(value=energy.value * by, low=energy.low * by, high=energy.high * by, per=("km",))
                yield from _of(sentence, one, energy)


def _of(sentence: Sentence, amount: Amount, printed_as: Amount | None = None) -> Iterator[Finding]:
    """What is told of an amount; `printed_as` is what the text has where it was brought to one km."""
    stands = printed_as or amount
    around = clause(sentence, stands)
    for thing in _EVERYDAY:
        if amount.kind != ("mass" if thing.prop == "carbon" else thing.prop) or not _is_per(thing, sentence, amount):
            continue
        if not _is_named(thing, _before(sentence, stands), around.behind, sentence.text):
            continue
        about = sentence.text if thing.subject.startswith("flight") else around.words
        if _CHANGED.search(around.words) or (thing.but is not None and thing.but.search(about)):
            return
        fact = known(f"yardstick.{thing.subject}", thing.prop)
        if fact is not None and not fact[0] / thing.differs <= amount.value <= fact[0] * thing.differs:
            evidence = f"{printed(stands)} for {thing.what}; it is about {fact[1]}"
            remedy = "W and kW, Wh and kWh, kg and t, or litres and cubic metres, may be exchanged"
            yield Finding("magnitude", "high", 0.85, amount.place, evidence, remedy, sentence.text)
        return


def _before(sentence: Sentence, amount: Amount) -> str:
    """The words before an amount in its clause; "an hour" and "one kilometre" before it belong to them."""
    at = sentence.amounts.index(amount)
    last = sentence.amounts[at - 1] if at else None
    if (
        last is not None
        and last.kind in ("time", "distance")
        and re.match(r"an?\b|one\b|1\b", last.text, re.IGNORECASE)
    ):
        return sentence.text[last.start : amount.start]
    return sentence.text[max(last.end if last else 0, amount.start - _REACH) : amount.start]


def _is_per(thing: _Everyday, sentence: Sentence, amount: Amount) -> bool:
    """Whether an amount is for what the thing's size is for."""
    if thing.per:
        is_km = re.match(r"\s(?:for|on|over)\s(?:an?|one|each|every)\s(?:kilomet|km)", sentence.text[amount.end :])
        before = re.search(
            r"\b(?:an?|one|each|every)\s(?:kilomet\w+|km)\s(?:on|takes|with)\s$", sentence.text[: amount.start]
        )
        return amount.per == thing.per or (not amount.per and bool(is_km or before))
    if thing.yearly:
        is_year = YEAR.search(clause(sentence, amount).words) is not None
        return amount.per == ("year",) or (not amount.per and is_year)
    return (
        amount.per == ()
        or (thing.prop == "carbon" and amount.per in (("person",), ("each",)))
        or amount.per == ("year",)
    )


def _is_named(thing: _Everyday, before: str, behind: str, text: str) -> bool:
    """Whether the thing stands before its amount with a verb between, or behind it after "for" or "to"."""
    if thing.per:
        return thing.named.search(text) is not None
    found = list(thing.named.finditer(before))
    if found and _SAID_OF.fullmatch(before[found[-1].end() :]):
        return True
    after = thing.named.search(behind[:70])
    return after is not None and _FOR_ONE.match(behind[: after.start()]) is not None
