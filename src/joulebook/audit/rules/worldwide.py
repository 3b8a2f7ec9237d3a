"""Electricity and emissions of countries and of the world: "as much as Ireland" for 460 TWh, 300 TWh for the world."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding, printed, shown
from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.nearby import clause
from joulebook.audit.rules.places import Named, places, span
from joulebook.audit.rules.refuted import believed

_THE_WORLD_USES: Final = re.compile(
    r"\b(?:the (?:whole |entire )?(?:world|planet)|the world as a whole|humanity|die welt|le monde"
    r"|el mundo)(?:\s\w+)?\s"
    r"(?:generat\w+|us(?:es|ed)|consum\w+|produc\w+|erzeugt\w*|verbrauch\w*|produit|consomme|genera)\b[^,;.#]{0,40}$"
    r"|\b(?:(?:the )?world(?:['’]s)?|global|worldwide|weltweite\w*)\s(?:total\s)?(?:electricity|power|strom\w*)\s?"
    r"(?:use|demand|consumption|generation|production|output)?\s(?:of|is|was|reached|came to|totall?ed|stood at|lag bei"
    r"|beträgt)\s(?:\w+\s){0,3}$"
    r"|\b(?:consommation|production|consumo|producción) (?:mondiale|mundial) d['e][ ’']?(?:électricité|electricidad)"
    r"[^,;.#]{0,30}$",
    re.IGNORECASE,
)
_WORLD_BEHIND: Final = re.compile(
    r"\s(?:of (?:electricity|power) )?(?:that |which )?the (?:whole )?world (?:produc|generat|us|consum)(?:ed|es"
    r"|e)\b",
    re.IGNORECASE,
)
_THE_WORLD_EMITS: Final = re.compile(
    r"\b(?:the (?:whole |entire )?(?:world|planet)|humanity|mankind|die welt|le monde|el mundo)(?:\s\w+)?\s(?:emit\w*"
    r"|stößt"
    r"|émet|emite)\b[^;.#]{0,50}$"
    r"|\b(?:(?:the )?world(?:['’]s)?|global|worldwide|weltweite\w*)\s(?:(?:total|annual|carbon|CO2|energy-related"
    r"|greenhouse[- ]gas|fossil)\s)*(?:emissions|emissionen)\b[^;.#]{0,50}$"
    r"|\b(?:émissions mondiales|emisiones mundiales)\b[^;.#]{0,50}$",
    re.IGNORECASE,
)
_WORLD_EMITS: Final = (5e12, 7e13)
"""kg of a year, from the middle of the last century to all greenhouse gases of today."""
_EMITTED: Final = "about 37 Gt CO2 from fossil fuels (Global Carbon Project: Global Carbon Budget (2024))"
_NOT_ALL: Final = re.compile(
    r"\b(?:data|datos|données|rechenzentren|AI|by|more|extra|added?|adding|grow\w*|grew|rise|increase|from (?!energy"
    r"|fossil|all)|solar|wind"
    r"|nuclear|coal|gas|renewable\w*"
    r"|hydro\w*|per (?:head|person|capita)|for (?:cooling|lighting|air|its|their)|day|hour|month)\b",
    re.IGNORECASE,
)
_ELECTRIC: Final = re.compile(r"\b(?:electric\w*|strom\w*|électri\w*|eléctri\w*)\b", re.IGNORECASE)
_WORLD_LESS, _OF_ALL_ENERGY = 2.5, 8.0
"""By what factor older totals are smaller, and all energy is larger than electricity."""
_OF_A_COUNTRY: Final = re.compile(
    r"^(?:'s|’s|s')?\s*(?:(?:whole|total|entire|annual|yearly|national|own|country's|overall|current)\s+)*"
    r"(?:(?P<what>electricity|power|CO2|carbon|fossil|greenhouse[- ]gas)?\s*(?:consumption|use|usage|demand"
    r"|emissions?))"
    r"|^(?:\s+as a whole|\s+(?:uses|consumes|needs|used|consumed|emits|emitted|does)\b)",
    re.IGNORECASE,
)
_AS_MUCH: Final = re.compile(
    r"(?:\bas (?:much|many|large|high)\b|equal to|equivalent to|compar\w+ (?:to|with)|on a par with"
    r"|roughly what|about what"
    r"|the same as|similar to|matches|that of|so viel|autant)",
    re.IGNORECASE,
)
_MORE: Final = re.compile(
    r"\b(?:more|greater|higher|larger) than\b|exceed\w*|surpass\w*|overtak\w*|mehr als|plus que", re.IGNORECASE
)
_LESS: Final = re.compile(r"\b(?:less|lower|smaller|fewer) than\b|below|weniger als|moins que", re.IGNORECASE)
_FRACTION: Final = re.compile(
    r"\b(?:half|third|quarter|fifth|tenth|twice|double|triple|times|fold|share|part|fraction|per ?cent"
    r"|combined|together|plus"
    r"|added|households?|homes?|data|residential|industr\w+|capital|sector|month|day|week|hälfte|mal|fois"
    r"|moitié|per (?:head|capita))\b|%",
    re.IGNORECASE,
)
_TIMES: Final = 2.0
_USED_THERE: Final = re.compile(
    r"(?:['’]s (?:\w+ ){0,2}(?:plants|stations|grid|utilities|economy))?(?:\s(?:as a whole|alone|itself|today"
    r"|now))?,?\s(?:uses?|used|consum(?:es?|ed)|emit(?:s|ted)?|generat(?:es?|ed)"
    r"|produc(?:es?|ed)|produit|produce|erzeugt|genera"
    r"|verbraucht\w*|consomme|stößt|émet|consume|emite)\s"
    r"(?:(?:about|around|some|roughly|only|just|nearly|almost|over|rund|etwa|environ|unos|a total of)\s)*",
    re.IGNORECASE,
)
_MAKES: Final = re.compile(r"as a whole|generat|produc|erzeugt|produit|genera|emit|stößt|émet", re.IGNORECASE)
"""Verbs of a whole country, of which no electricity has to be named."""
_WITHIN: Final = re.compile(
    r"\b(?:in|of|from|for|to|by|than|and|across|outside|im?|aus|für|en|de|par|por)\s(?:the\s|der\s"
    r"|la\s)?$",
    re.IGNORECASE,
)
_OF_A_PERSON: Final = 1e5
"""kWh or kg: what is less is of a person or of a thing."""
_NOT_ELECTRIC: Final = re.compile(
    r"\s(?:(?:a|per|each) year\s)?(?:of|an|de|d['’])\s?(?:(?!electricity|strom|électricité|electricidad|CO2|CO₂|carbon"
    r"|greenhouse)\w)"
    r"|\s(?:in|on|for|to|for its)\s(?!all|total|20|19|a year)\w",
    re.IGNORECASE,
)


def worldwide(document: Document) -> Iterator[Finding]:
    """Amounts of countries and of the world that are wrong by factors."""
    for sentence in believed(document):
        yield from _world(sentence)
        yield from _world_emissions(sentence)
        yield from _countries(sentence)


def _finding(amount: Amount, evidence: str, sentence: Sentence, sure: float = 0.85) -> Finding:
    remedy = "GWh and TWh, kt and Mt, or the thing compared, may be exchanged"
    return Finding("magnitude", "high", sure, amount.place, evidence, remedy, sentence.text)


def _world(sentence: Sentence) -> Iterator[Finding]:
    """What the world generates or uses of electricity in a year."""
    size = span("yardstick.world_electricity_2023", "energy")
    for amount in sentence.amounts:
        if amount.kind != "energy" or amount.per not in ((), ("year",)) or size is None:
            continue
        around = clause(sentence, amount)
        is_told = _THE_WORLD_USES.search(around.before) or _WORLD_BEHIND.match(around.behind)
        if not is_told or _NOT_ALL.search(f"{around.before} # {around.behind.split(',')[0]}"):
            continue
        most = _TIMES if _ELECTRIC.search(around.words) else _OF_ALL_ENERGY
        if not size.low / _WORLD_LESS <= amount.value <= size.high * most:
            yield _finding(amount, f"{printed(amount)} for the world's electricity of a year: {size.told}", sentence)


def _world_emissions(sentence: Sentence) -> Iterator[Finding]:
    """What the world emits in a year."""
    for amount in sentence.amounts:
        around = clause(sentence, amount)
        is_told = amount.kind == "mass" and amount.per in ((), ("year",)) and _THE_WORLD_EMITS.search(around.before)
        if is_told and not _NOT_ALL.search(around.words) and not _WORLD_EMITS[0] <= amount.value <= _WORLD_EMITS[1]:
            yield _finding(amount, f"{printed(amount)} for the emissions of the world in a year: {_EMITTED}", sentence)


def _countries(sentence: Sentence) -> Iterator[Finding]:
    """An amount that is said of, or likened to, the yearly use or emissions of a country."""
    for place in places(sentence.text):
        own = _OF_A_COUNTRY.match(sentence.text[place.end :])
        before = sentence.text[max(0, place.start - 90) : place.start]
        whole = re.search(r"(?:all of|the whole of|the country of|the nation of)\s*(?:the )?$", before, re.IGNORECASE)
        likened = _likened(before)
        used = _USED_THERE.match(sentence.text[place.end :])
        if used and not likened:
            yield from _used_there(sentence, place, place.end + used.end())
        if not likened and not (own and own["what"]):
            continue
        kind = (
            "mass"
            if re.search(r"emi(?:t|ssion)|CO2|CO₂|carbon", sentence.text[place.start :][:60] + before[-60:])
            else "energy"
        )
        amounts = [one for one in sentence.amounts if one.kind == kind and _is_yearly(one)]
        if not amounts or len(amounts) > 1 or (likened and not own and not whole and not _ends_there(sentence, place)):
            continue
        yield from _against(sentence, place, amounts[0], likened)


def _used_there(sentence: Sentence, place: Named, end: int) -> Iterator[Finding]:
    """An amount right behind "Germany uses": electricity, or what is emitted."""
    if _WITHIN.search(sentence.text[: place.start]):
        return
    for amount in sentence.amounts:
        if amount.start != end or not _is_yearly(amount) or _NOT_ELECTRIC.match(sentence.text[amount.end :]):
            continue
        verb, about = sentence.text[place.end : end], clause(sentence, amount).words
        if not (_ELECTRIC.search(about + amount.text) or _MAKES.search(verb)):
            continue
        is_emitted = re.search(r"emi|stößt|émet", sentence.text[place.end : end]) is not None
        if amount.kind == ("mass" if is_emitted else "energy") and amount.value > _OF_A_PERSON:
            yield from _against(sentence, place, amount, "as")


def _likened(before: str) -> str:
    """How an amount is likened to what follows: "as", "more", "less", or not at all."""
    for name, pattern in (("more", _MORE), ("less", _LESS), ("as", _AS_MUCH)):
        found = list(pattern.finditer(before))
        if found and len(before) - found[-1].end() < 45:
            return name
    return ""


def _ends_there(sentence: Sentence, place: Named) -> bool:
    """Whether nothing that would narrow a country follows its name, as in "as much as Ireland"."""
    return (
        re.match(
            r"(?:\s+(?:in (?:a|one|the) year|a year|annually|per year|in \d{4}))?\s*(?:[.,;:)!?]|$)",
            sentence.text[place.end :],
        )
        is not None
    )


def _is_yearly(amount: Amount) -> bool:
    return (not amount.per or amount.per == ("year",)) and amount.value > 0


def _against(sentence: Sentence, place: Named, amount: Amount, likened: str) -> Iterator[Finding]:
    end = max(amount.end, place.end)
    between = sentence.text[min(amount.start, place.start) : end] + re.split("[,;]", sentence.text[end : end + 40])[0]
    prop = "energy" if amount.kind == "energy" else "carbon"
    yearly = "electricity" if prop == "energy" else "emissions"
    size = span(f"yardstick.{yearly}_year_{place.subject.removeprefix('grid.')}", prop)
    is_old = any(int(year) < 2012 for year in re.findall(r"\b(?:19|20)\d\d\b", sentence.text))
    if size is None or is_old or _FRACTION.search(between):
        return
    if likened == "" and not re.search(
        r"\b(?:is|are|was|were|of|at|about|around|reached|totall?ed|to|some|roughly|nearly|comes|:|=)\s*(?:about "
        r"|around |some |roughly )?$",
        sentence.text[place.end : amount.start],
    ):
        return
    low, high = size.low / _TIMES, size.high * _TIMES
    is_wrong = (
        amount.high < low or (amount.low > high and likened != "more") if likened != "less" else amount.low > high
    )
    if is_wrong:
        name = "electricity" if prop == "energy" else "emissions"
        evidence = f"{printed(amount)} beside the {name} of {place.label} in a year: {size.told}"
        yield _finding(
            amount,
            f"{evidence}, a factor of {shown(max(amount.value / size.high, size.low / amount.value), '')}",
            sentence,
        )
