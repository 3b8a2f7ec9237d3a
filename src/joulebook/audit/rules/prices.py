"""Prices that nobody pays: water by the litre for that of a cubic metre, cents for a megawatt-hour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Amount, Document, Paragraph, Sentence
from joulebook.audit.rules.nearby import clause
from joulebook.audit.rules.refuted import is_refuted


class _Price(NamedTuple):
    """What a price is for one of, and from where to where such prices lie, in money of the United States or Europe."""

    what: str
    least: float
    most: float
    told: str
    but: re.Pattern[str]
    """Words of something else that is sold by the same unit, or of a price that is no tariff."""
    needs: re.Pattern[str] | None = None


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{pattern})", re.IGNORECASE)


_OF_WATER: Final = _words(r"\w*wa(?:ter|sser)|tariff|eau\b|authority|sewage|abwasser|utility|waterworks")
_ELECTRICITY: Final = _Price(
    "electricity", 0.002, 1.2, "tariffs lie between some 20 and 600 for a MWh",
    _words(
        r"batter\w*|storage|stor(?:ed|es)|speicher\w*|stockage|cells?\b|packs?\b|install\w*|invest\w*|capex|capacit\w*"
        r"|value|revenue|turnover|worth|earn\w*|output|gdp|invoice|per kWh used"
        r"|spik\w*|peak\w*|scarc\w*|hours?\b|charging|station|negativ\w*|crisis|storm|week of|lost load|penalt\w*"
        r"|blackout"
        r"|levy|levies|tax\w*|fee\b|fees\b|surcharge|rebate|discount|sav(?:ed|es|ings?)|cheaper|less\b|more\b|differ\w*"
        r"|component|extra|added|adds|rise|rose|fell|noon|surplus|spot|traded|certificate\w*|guarantees? of origin"
        r"|umlage"
        r"|steuer|taxe\b|hausse|baisse|stunde\b|heure\b|premium|hydrogen|compute\b|diesel|generator\w*|carbon"
    ),
)  # fmt: skip
_WATER: Final = _Price(
    "water", 1e-6, 0.05, "public water costs some 0.5 to 10 for a cubic metre",
    _words(
        r"\w*bott\w+|diesel|petrol|gasoline|fuels?\b|milk|oil\b|wine|beer|hydrogen|ultrapure|coolant|glycol|truck\w*"
        r"|tanker\w*"
        r"|drink\w*|flasche\w*|bouteille\w*|milch|lait\b|coffee|supermarket|liquid"
    ),
    _OF_WATER,
)  # fmt: skip
_DEVICE_HOUR: Final = _Price(
    "an hour of one accelerator", 0.01, 100.0, "clouds ask for some 0.3 to 15",
    _words(r"cluster|node|server|fleet|lost|penalt\w*|pod\b|rack|all\b|together|engineer\w*"),
)  # fmt: skip
_CARBON: Final = _Price(
    "a tonne of carbon", 0.3, 2500.0,
    "offsets, allowances and taxes lie between some 1 and 1,000 (Michaelowa et al.: the voluntary market (2023))",
    _words(
        r"cement|steel|coal|fuel|gas\b|oil\b|wood|paper|freight|transport|steam|hydrogen|ammonia|copper|lithium|ore\b"
        r"|revenue|gdp|turnover|per tonne-k"
    ),
    _words(r"carbon|co2\w*|co₂|emission\w*|klima\w*|kohlenstoff|carbone|carbono|emisi\w+|émission\w*|ets\b|offset\w*|credit"),
)  # fmt: skip
_CARD: Final = _Price(
    "a card of data centres", 500.0, 150_000.0,
    "such cards sold for some 8,000 to 40,000 dollars (Biewald: Deep Learning and Climate Change (2019); press, 2023)",
    _words(
        r"hours?|hourly|rent\w*|month\w*|week\w*|day|daily|a year|yearly|lease\w*|per\b|electric\w*|power(?! supply)"
        r"|energy"
        r"|cool\w*"
        r"|tokens?|bill\b|sav(?:e|ed|es|ing)\w*|more than|less|discount|shipping|stunde|heure|hora|deposit|fraction"
        r"|share"
    ),
)  # fmt: skip
_PRICES: Final[dict[tuple[str, ...], _Price]] = {
    ("kWh",): _ELECTRICITY, ("L",): _WATER, ("device-hour",): _DEVICE_HOUR, ("t",): _CARBON, ("card",): _CARD,
}  # fmt: skip
_A_TONNE: Final = re.compile(
    r"\s(?:an?|per|the|each|je|pro|die|la|par|por)\s(?:metric\s)?(?:tonne|ton|t)\s(?:of |de |d['’])?(?:CO2|CO₂|carbon)",
    re.IGNORECASE,
)
_AN_HOUR_OF: Final = re.compile(
    r"\s(?:for|per|pro|par|por)\s(?:(?:an?|one|every|each|eine|une|una)\s)?(?:hour|stunde|heure|hora) (?:of|on|with"
    r"|auf|sur|de)"
    r" (?:an?|one|eine[rm]?|une?)\s(?:nvidia\s)?(?:A100|[HBL]\d{1,3}S?|V100|T4|MI300X|card|GPU|karte|carte|tarjeta)\b",
    re.IGNORECASE,
)
_A_CARD: Final = re.compile(
    r"\b(?:an?|one|each|every|single|eine?|une?|un|el|la|le|die)\s(?:new\s|used\s|single\s|nvidia\s|neue\s)*"
    r"(?:A100|[HB][12]00|H800|V100|MI300X|GB200)s?\b[^.;,#]{0,40}\b(?:costs?|sells? (?:for|at)|sold (?:for|at)"
    r"|goes for|went"
    r" for|is priced at|lists? (?:for|at)|kostet|coûte|cuesta)\s(?:\w+\s){0,2}$",
    re.IGNORECASE,
)
"""Before what one card of a data centre is sold for."""
_HARD: Final = ("USD", "EUR", "GBP", "CHF", "cent")
_A_KWH: Final = re.compile(
    r"\b(?:an?|the|per|each|every|le|la|eine?|die|das|un)\s(?P<unit>kWh|kilowatt[- ]?(?:hour|heure)|kilowattstunde"
    r"|MWh|megawatt[- ]?hour|megawattstunde"
    r"|mégawattheure)\s(?:of (?:electricity|power)\s)?(?:costs?(?: (?:it|us|them|him|her))?|is (?:billed|sold|priced"
    r"|charged) at|sells (?:at"
    r"|for)|kostet|coûte|(?:est|était) (?:facturée?|vendue?)(?: à)?)"
    r"\s(?:(?:about|around|some|only|just|rund|etwa|environ)\s)*$",
    re.IGNORECASE,
)
"""Before the price of a kWh or a MWh that is told with a verb."""


def prices(document: Document) -> Iterator[Finding]:
    """Prices of electricity, water and accelerators that are off by a hundred or more."""
    for paragraph in document.paragraphs:
        yield from _paragraph(paragraph)
    for record in document.every_record():
        heads = " ".join(field.label for field in record.fields)
        for field in record.fields:
            yield from _unlike(field.amount, f"{field.label} {record.words}", heads, "")


def _paragraph(paragraph: Paragraph) -> Iterator[Finding]:
    before = ""
    for sentence in paragraph.sentences:
        for amount in () if is_refuted(sentence) else sentence.amounts:
            told = _for_a_kwh(sentence, amount) or _for_a_card(sentence, amount) or amount
            yield from _unlike(told, clause(sentence, amount).words, f"{before} {sentence.text}", sentence.text)
        before = sentence.text


def _for_a_kwh(sentence: Sentence, amount: Amount) -> Amount | None:
    """An amount of money as the price of a kWh, where a verb makes it one."""
    found = _A_KWH.search(sentence.text[max(0, amount.start - 80) : amount.start])
    if found is None or amount.kind != "money" or amount.per:
        return None
    by = 1e-3 if found["unit"][0] in "Mm" else 1.0
    return amount._replace(value=amount.value * by, per=("kWh",))


def _for_a_card(sentence: Sentence, amount: Amount) -> Amount | None:
    """An amount of money as the price of a card, where a verb makes it one, or of an hour of one."""
    if amount.kind == "money" and not amount.per and _AN_HOUR_OF.match(sentence.text[amount.end :]):
        return amount._replace(per=("device-hour",))
    if amount.kind == "money" and not amount.per and _A_TONNE.match(sentence.text[amount.end :]):
        return amount._replace(per=("t",))
    found = _A_CARD.search(sentence.text[max(0, amount.start - 110) : amount.start])
    return None if found is None or amount.kind != "money" or amount.per else amount._replace(per=("card",))


def _unlike(amount: Amount, words: str, before: str, quote: str) -> Iterator[Finding]:
    price = _PRICES.get(amount.per) if amount.kind == "money" and amount.unit in _HARD and amount.value > 0 else None
    if price is None or price.least <= amount.value <= price.most or price.but.search(words):
        return
    if price.needs is not None and not price.needs.search(f"{before} {words}"):
        return
    evidence = f"{printed(amount)} for {price.what}: {price.told}"
    remedy = "cents and whole money, kWh and MWh, or litres and cubic metres, may be exchanged"
    yield Finding("magnitude", "high", 0.85, amount.place, evidence, remedy, quote)
