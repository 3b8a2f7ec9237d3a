"""Sizes of single things that are wrong by orders of magnitude: a home of 10,500 MWh a year, a brain of 20 kW."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.nearby import clause
from joulebook.audit.rules.places import known
from joulebook.audit.rules.things import HOME_ENERGY, YEAR, home_of


class _Size(NamedTuple):
    """One thing: its words, the fact of its size, and by what factor one of its kind may differ from it."""

    what: str
    words: str
    subject: str
    prop: str
    differs: float
    yearly: bool = False


_HOME: Final = _Size("a home in a year", r"home|household|house|Haushalt|foyer|ménage", "", "energy", 12.0, yearly=True)
_SIZES: Final = (
    _HOME,
    _Size("a human brain", r"(?:human )?brain|Gehirn|cerveau", "human_brain_power", "power", 4.0),
    _Size("a reactor", r"(?:nuclear |power )?reactor|(?:Atom|Kern)reaktor|réacteur", "nuclear_reactor", "power", 20.0),
    _Size("a wind turbine", r"wind turbine|Windrad|éolienne", "wind_turbine", "power", 8.0),
    _Size("a kettle", r"kettle|Wasserkocher|bouilloire", "kettle", "power", 4.0),
    _Size("a phone's battery", r"(?:smart)?phone(?:'s)? battery|Handyakku", "smartphone_charge", "energy", 6.0),
    _Size("a car's battery", r"(?:electric car|EV|car)(?:'s)? battery|Autobatterie", "car_battery", "energy", 6.0),
    _Size("an American in a year", r"American", "average_american_life_one_year", "carbon", 4.0, yearly=True),
    _Size("a car in a year", r"(?:petrol )?car|Auto|voiture", "gasoline_car_one_year", "carbon", 6.0, yearly=True),
)
_OF_A_COUNTRY: Final = 5.0
"""By what factor a home may differ from the average of its country."""
_ONE: Final = (
    r"(?:an?|one|each|every|the|his|her|my|your|typical|average|eine?|jede[rs]?|der|das|die|un|une|le|la|chaque)"
)
_VERB: Final = (
    r"(?:(?:uses?|used|using|draws?|consumes?|consumed|needs?|takes?|gets? through|runs? on|has|holds?|emits?|puts? out"
    r"|of|with|is|was|at|rated|causes?|braucht|verbraucht|hat|verursacht|im|jahr|zieht|consomme|émet|a|in|year|about"
    r"|around|some|roughly|only|just|rund|etwa|environ|unos|electricity|energy|power|up to|on average|for|each|every"
    r"|per)\W+)+"
)
_EXEMPT: Final = re.compile(
    r"saves?|saved|saving|lifetime|per (?:person|day|month)|a day|daily|micro|small modular|heat|gas\b|farm|plant|fleet"
    r"|together|training|reduc\w*",
    re.IGNORECASE,
)


def sizes(document: Document) -> Iterator[Finding]:
    """Amounts said of one thing that no such thing has."""
    for sentence in document.sentences():
        for amount in sentence.amounts:
            if amount.value > 0 and amount.per in ((), ("year",), ("home",), ("car",)):
                yield from _of(sentence, amount)


def _of(sentence: Sentence, amount: Amount) -> Iterator[Finding]:
    around = clause(sentence, amount)
    if _EXEMPT.search(around.words):
        return
    for size in _SIZES:
        if amount.kind != ("mass" if size.prop == "carbon" else size.prop):
            continue
        named = rf"\b{_ONE}\s+(?:[\w-]+\s+){{0,2}}?(?:{size.words})(?:\s(?:in|of|aus|en)\s(?:the\s)?[\w-]+)?\s+{_VERB}$"
        one = re.search(named, around.before, re.IGNORECASE)
        is_yearly = amount.per == ("year",) or YEAR.search(around.words) is not None
        if one is None or is_yearly is not size.yearly:
            continue
        home = home_of(sentence.text)
        fact = known(f"yardstick.{size.subject or home.subject}", size.prop)
        differs = _OF_A_COUNTRY if not size.subject and home is not HOME_ENERGY else size.differs
        if fact is None:
            continue
        if not fact[0] / differs <= amount.value <= fact[0] * differs:
            evidence = f"{printed(amount)} for {size.what}; it is about {fact[1]}"
            remedy = "W and kW, kWh and MWh, or kg and t, may be exchanged"
            yield Finding("magnitude", "high", 0.85, amount.place, evidence, remedy, sentence.text)
        return
