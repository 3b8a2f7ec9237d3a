"""Use of countries and of the world's data centres: 4,150 TWh for 415, "as much as Ireland" for 460 TWh."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding, printed, shown
from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.nearby import clause
from joulebook.audit.rules.places import Named, places, span
from joulebook.audit.rules.refuted import believed

_CENTRES: Final = re.compile(r"data[- ]?cent(?:er|re)s|rechenzentren|centres de données", re.IGNORECASE)
_WORLD: Final = re.compile(r"\b(?:world\w*|global\w*|weltweit\w*|welt|monde|mondia\w+|planet)\b", re.IGNORECASE)
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
_OF_A_PLACE: Final = re.compile(
    r"\b(?:growth|increase|rise|new|additional|zuwachs|anstieg|croissance|hausse)\b", re.IGNORECASE
)
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
_NOT_ALL: Final = re.compile(
    r"\b(?:data|AI|by|more|extra|added?|adding|grow\w*|grew|rise|increase|from|solar|wind|nuclear|coal|gas|renewable\w*"
    r"|hydro\w*|per (?:head|person|capita)|for (?:cooling|lighting|air|its|their)|day|hour|month)\b",
    re.IGNORECASE,
)
_ELECTRIC: Final = re.compile(r"\b(?:electric\w*|strom\w*|électri\w*|eléctri\w*)\b", re.IGNORECASE)
_WORLD_LESS, _OF_ALL_ENERGY = 2.5, 8.0
"""By what factor older totals are smaller, and all energy is larger than electricity."""
_LEAST_OF_ALL: Final = 1e7
"""kWh: what is less is of some of them."""
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
    r"(?:\s(?:as a whole|alone|itself|today|now))?,?\s(?:uses?|used|consum(?:es?|ed)|emit(?:s|ted)?|generat(?:es?|ed)"
    r"|verbraucht\w*|consomme|stößt|émet|consume|emite)\s"
    r"(?:(?:about|around|some|roughly|only|just|nearly|almost|over|rund|etwa|environ|unos|a total of)\s)*",
    re.IGNORECASE,
)
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
    """Amounts of countries and of the world's data centres that are wrong by factors."""
    for sentence in believed(document):
        yield from _centres(sentence)
        yield from _world(sentence)
        yield from _countries(sentence)


def _finding(amount: Amount, evidence: str, sentence: Sentence, sure: float = 0.85) -> Finding:
    remedy = "GWh and TWh, kt and Mt, or the thing compared, may be exchanged"
    return Finding("magnitude", "high", sure, amount.place, evidence, remedy, sentence.text)


def _centres(sentence: Sentence) -> Iterator[Finding]:
    """What all data centres use, in TWh or as a share of the world's electricity."""
    text = sentence.text
    if not _CENTRES.search(text):
        return
    for amount in sentence.amounts:
        around = clause(sentence, amount)
        is_share = amount.kind == "percent" and _SHARE.search(around.behind)
        most = _SHARE_LATER if _LATER.search(around.words) else _SHARE_NOW
        if is_share and amount.low > most and not _OF_A_PLACE.search(around.words):
            told = f"{printed(amount)} of the world's electricity: published shares of data centres are 1 to 3 %"
            yield _finding(amount, told, sentence)
        is_yearly = amount.kind == "energy" and (not amount.per or amount.per == ("year",))
        if is_yearly and not _PART.search(around.words) and not _OF_THE_WORLD.search(_with_share(sentence, amount)):
            yield from _of_all_centres(sentence, amount)


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
    if is_beyond and not _SHARE.search(text):
        told = f"{printed(amount)} for the world's data centres: {low.told} in 2018, {high.told} in 2030"
        yield _finding(amount, told, sentence, 0.8)
        return
    before = text[: amount.start]
    is_now = _NOW.search(text) and not _LATER.search(text) and _USED_BY.search(f"{before} # {text[amount.end :]}")
    if is_now and now.high * 1.2 < amount.low < 1.8 * high.high and not _is_of_a_country(text):
        told = f"{printed(amount)} for data centres today: {now.told} in 2024; {high.told} is forecast for 2030"
        yield _finding(amount, told, sentence, 0.85)


def _world(sentence: Sentence) -> Iterator[Finding]:
    """What the world generates or uses of electricity in a year."""
    size = span("yardstick.world_electricity_2023", "energy")
    for amount in sentence.amounts:
        if amount.kind != "energy" or amount.per not in ((), ("year",)) or size is None:
            continue
        around = clause(sentence, amount)
        is_told = _THE_WORLD_USES.search(around.before) and not _NOT_ALL.search(around.words)
        most = _TIMES if _ELECTRIC.search(around.words) else _OF_ALL_ENERGY
        if is_told and not size.low / _WORLD_LESS <= amount.value <= size.high * most:
            yield _finding(amount, f"{printed(amount)} for the world's electricity of a year: {size.told}", sentence)


def _is_of_a_country(text: str) -> bool:
    """Whether the data centres of a sentence are those of one country, and the country nothing they are likened to."""
    return any(
        re.search(r"\b(?:in|across|of|for|en|au|der|des)\s(?:the\s)?$", text[: one.start], re.IGNORECASE)
        or _CENTRES.search(text[one.end : one.end + 35])
        for one in places(text)
    )


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
        is_emitted = re.search(r"emi|stößt|émet", sentence.text[place.end : end]) is not None
        if amount.kind == ("mass" if is_emitted else "energy") and amount.value > _OF_A_PERSON:
            yield from _against(sentence, place, amount, "")


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
    between = sentence.text[min(amount.start, place.start) : max(amount.end, place.end) + 40]
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
