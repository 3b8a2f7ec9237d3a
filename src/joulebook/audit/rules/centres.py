"""What data centres use, of the world and of countries: 415 GWh for the world, 6.97 GWh for those of Ireland."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.nearby import clause
from joulebook.audit.rules.places import places, span
from joulebook.audit.rules.refuted import believed

_CENTRES: Final = re.compile(
    r"data[- ]?cent(?:er|re)s|server farms|rechenzentren|centres de données|centros de datos", re.IGNORECASE
)
_WORLD: Final = re.compile(
    r"\b(?:world\w*|global\w*|weltweit\w*|welt|monde|mondia\w+|mundo|mundial\w*|planet|mankind\w*|humanity\w*)\b",
    re.IGNORECASE,
)
_PART: Final = re.compile(
    r"\b(?:AI|KI|IA|GPUs?|accelerat\w+|crypto\w*|bitcoin|hyperscale\w*|colocation|Google|Microsoft|Amazon|Meta|Apple"
    r"|network\w*|ICT|add\w*|extra|growth|increase|more than (?:half|a)|saved?|renewable|solar|wind|worst"
    r"|scenario|could"
    r"|might|per year since|EU|Europe\w*|US|U\.S\.|America\w*|China|Chinese|Irish|Ireland|German\w*|country|state)\b"
)
_SHARE: Final = re.compile(
    r"(?:of|des|de l.) (?:the |all |total )?(?:world(?:'s)?|global|welt\w*|mondiale?)\s?(?:'s "
    r"|total )?(?:electricity|power|strom\w*|électricité)"
    r"|(?:electricity|power) (?:of|in) the (?:whole )?world|(?:of|des) weltweiten strom\w*|électricité mondiale",
    re.IGNORECASE,
)
_OF_THE_WORLD: Final = re.compile(
    r"(?:the )?(?:world|globe|planet)(?:'s|’s)? (?:as a whole )?(?:uses?|used|consum\w+|needs?|generat\w+|produc\w+"
    r"|electricity|demand|total)"
    r"|(?:global|world|worldwide) (?:electricity|power|demand|consumption|generation|production)|(?:world"
    r"|global)(?:'s|’s)? (?:about |some |roughly )?\d"
    r"|weltweite\w* strom\w*|stromverbrauch der welt|électricité mondiale|production mondiale|\bout of\b"
    r"|(?:per ?cent|%|prozent) of\b|\bof the\s\W*\d",
    re.IGNORECASE,
)
"""What else stands in the sentence: the electricity of the whole world."""
_NOW: Final = re.compile(
    r"\b(?:today|now(?!here)|already|currently|at present|these days|last year|this year|(?:in|during|for) 20(?:1\d"
    r"|2[0-5])|heute|bereits|derzeit"
    r"|schon|aujourd.hui|déjà|actuellement|l.an dernier|each year|every year)\b",
    re.IGNORECASE,
)
_LATER: Final = re.compile(
    r"\b20(?:2[6-9]|[3-9]\d)\b|\b(?:will|would|could|might|may|forecast\w*|project\w*|expect\w*|predict\w*"
    r"|scenario\w*|by the end|decade|soon"
    r"|future|outlook|base case|tomorrow|path to|going to|heading|wird|werden|könnte\w*|prognos\w*|erwart\w*|sera"
    r"|pourrai\w+|prévi\w+|horizon"
    r"|twice|double\w*|more than doubl\w*|rise to|grow to|reach)\b",
    re.IGNORECASE,
)
_USED_BY: Final = re.compile(
    r"(?:data[- ]?cent(?:er|re)s|rechenzentren|centres de données)\b[^.;#]{0,60}#"
    r"|^[^#]*#[^.;]{0,50}(?:data[- ]?cent(?:er|re)s|rechenzentren"
    r"|centres de données)|(?:verbrauchen|verbrauchten|consomment)[^#]{0,60}#",
    re.IGNORECASE,
)
_SHARE_NOW, _SHARE_LATER = 6.0, 15.0
"""Per cent of the world's electricity: more than any published share of data centres, now and in forecasts."""
_SHARE_BEFORE: Final = re.compile(
    r"\b(?:electricity|power|strom|électricité|electricidad) (?:that )?(?:mankind|humanity|the (?:whole )?world"
    r"|the planet)"
    r" (?:uses|consumes|generates)\b[^;.#]{0,60}$"
    r"|(?:of|von|de) (?:all )?(?:the )?(?:world's|world|global|weltweiten) (?:electricity|power"
    r"|strom\w*)\b[^;.#]{0,60}$",
    re.IGNORECASE,
)
_OF_A_PLACE: Final = re.compile(
    r"\b(?:growth|increase|rise|new|additional|zuwachs|anstieg|croissance|hausse)\b", re.IGNORECASE
)
_LEAST_OF_ALL: Final = 1e7
"""kWh: what is less is of some of them."""
_OF_PLANET: Final = re.compile(
    rf"(?:{_CENTRES.pattern}) (?:of|in|on|around|across) the (?:whole )?(?:world|planet|globe)", re.IGNORECASE
)
_OF_COUNTRY: Final = (0.0015, 0.5)
"""Shares of a country's electricity between which those of its data centres lie."""
_BEHIND: Final = re.compile(
    r"(?:['’]s?)?\s(?:\w+\s)?(?:data[- ]?cent(?:er|re)s|server farms|rechenzentren|centres de données"
    r"|centros de datos)",
    re.IGNORECASE,
)
_SOME: Final = re.compile(
    r"\b(?:one|some|new|two|three|four|five|six|seven|eight|nine|ten|several|planned|Google|Microsoft|Amazon|Meta"
    r"|company"
    r"|operator|its|our|their|AI|KI|IA|each|per|more|added?|extra|additional|growth|by|save[ds]?|a day|month|heat|water"
    r"|universit\w+|federal|public|government|research)\b",
    re.IGNORECASE,
)


def centres(document: Document) -> Iterator[Finding]:
    """Use of all data centres of the world or of a country that is off by factors."""
    for sentence in believed(document):
        if _CENTRES.search(sentence.text):
            yield from _centres(sentence)


def _finding(amount: Amount, evidence: str, sentence: Sentence, sure: float = 0.85) -> Finding:
    remedy = "GWh and TWh, or a part and the whole, may be exchanged"
    return Finding("magnitude", "high", sure, amount.place, evidence, remedy, sentence.text)


def _centres(sentence: Sentence) -> Iterator[Finding]:
    """What all data centres use, in TWh or as a share of the world's electricity."""
    for amount in sentence.amounts:
        yield from _emitted(sentence, amount)
        around = clause(sentence, amount)
        is_share = amount.kind == "percent" and (_SHARE.search(around.behind) or _SHARE_BEFORE.search(around.before))
        most = _SHARE_LATER if _LATER.search(around.words) else _SHARE_NOW
        if is_share and amount.low > most and not _OF_A_PLACE.search(around.words):
            told = f"{printed(amount)} of the world's electricity: published shares of data centres are 1 to 3 %"
            yield _finding(amount, told, sentence)
        is_yearly = amount.kind == "energy" and (not amount.per or amount.per == ("year",))
        if is_yearly:
            yield from _of_a_country(sentence, amount)
        if (
            is_yearly
            and not _PART.search(around.words)
            and not _OF_THE_WORLD.search(_OF_PLANET.sub(" ", _with_share(sentence, amount)))
        ):
            yield from _of_all_centres(sentence, amount)


def _emitted(sentence: Sentence, amount: Amount) -> Iterator[Finding]:
    """What the electricity of all data centres of the world emits in a year."""
    size = span("yardstick.data_centres_2024", "energy")
    around = clause(sentence, amount)
    is_theirs = amount.kind == "mass" and amount.per in ((), ("year",)) and _CENTRES.search(around.words)
    if size is None or not is_theirs or not _WORLD.search(sentence.text) or _SOME.search(around.before):
        return
    if re.search(r"\bemi(?:t|ssion)|CO2|CO₂|carbon", sentence.text) is None or _is_of_a_country(sentence.text):
        return
    low, high = 0.1 * size.low, 3.0 * size.high
    if not low <= amount.value <= high:
        told = f"{printed(amount)} for the data centres of the world, which used {size.told} in 2024"
        yield _finding(amount, told, sentence, 0.8)


def _with_share(sentence: Sentence, amount: Amount) -> str:
    """The words of an amount's clause, with the share before it: "1.5 per cent of the world's # TWh"."""
    at, around = sentence.amounts.index(amount), clause(sentence, amount)
    share = sentence.amounts[at - 1].text if at and sentence.amounts[at - 1].kind in ("percent", "share") else ""
    return share + around.words


def _of_all_centres(sentence: Sentence, amount: Amount) -> Iterator[Finding]:
    """An energy of all data centres: beyond any published figure, or a forecast's that is said of today."""
    text = sentence.text
    low, now, high = (span(f"yardstick.data_centres_{name}", "energy") for name in ("2018", "2024", "2030_base_case"))
    if low is None or now is None or high is None or amount.value < _LEAST_OF_ALL:
        return
    is_beyond = _WORLD.search(text) and not 0.4 * low.low < amount.value < 1.8 * high.high
    if is_beyond and not _SHARE.search(clause(sentence, amount).words):
        told = f"{printed(amount)} for the world's data centres: {low.told} in 2018, {high.told} in 2030"
        yield _finding(amount, told, sentence, 0.8)
        return
    before = text[: amount.start]
    is_now = _NOW.search(text) and not _LATER.search(text) and _USED_BY.search(f"{before} # {text[amount.end :]}")
    if is_now and now.high * 1.2 < amount.low < 1.8 * high.high and not _is_of_a_country(text):
        told = f"{printed(amount)} for data centres today: {now.told} in 2024; {high.told} is forecast for 2030"
        yield _finding(amount, told, sentence, 0.85)


def _is_of_a_country(text: str) -> bool:
    """Whether the data centres of a sentence are those of one country, and the country nothing they are likened to."""
    return any(
        re.search(r"\b(?:in|across|of|for|en|au|der|des)\s(?:the\s)?$", text[: one.start], re.IGNORECASE)
        or _CENTRES.search(text[one.end : one.end + 35])
        for one in places(text)
    )


def _of_a_country(sentence: Sentence, amount: Amount) -> Iterator[Finding]:
    """The use of all data centres of one country, against its electricity."""
    named = [
        one
        for one in places(sentence.text)
        if one.end <= amount.start and one.subject != "grid.world" and "-" not in one.subject
    ]
    if len({one.subject for one in named}) != 1 or amount.bound or amount.per not in ((), ("year",)):
        return
    place = named[-1]
    is_theirs = _BEHIND.match(sentence.text[place.end :]) or re.search(
        rf"(?:{_CENTRES.pattern})\s$|(?:{_CENTRES.pattern})[^.;,#]{{0,30}}\s(?:in|of|across|au|en|de|in der"
        rf"|in den)\s(?:the\s|la\s)?$"
        rf"|(?:{_CENTRES.pattern})\s(?:[a-zà-ÿ]+\s){{1,2}}in\s$",
        sentence.text[: place.start],
        re.IGNORECASE,
    )
    is_first = not any(one.kind == "energy" for one in sentence.amounts[: sentence.amounts.index(amount)])
    size = span(f"yardstick.electricity_year_{place.subject.removeprefix('grid.')}", "energy")
    if not is_theirs or not is_first or size is None or _SOME.search(sentence.text[: amount.start]):
        return
    low, high = _OF_COUNTRY
    if not low * size.low <= amount.value <= high * size.high:
        told = f"{printed(amount)} for the data centres of {place.label}, whose electricity of a year is {size.told}"
        yield _finding(amount, told, sentence, 0.8)
