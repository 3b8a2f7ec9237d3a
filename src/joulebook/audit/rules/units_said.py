"""A unit of power where energy is said, and the other way round: 200 TW a year, a draw of 400 Wh."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.factors import WITH_HOURS, WITHOUT_HOURS
from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Amount, Document, Record, Sentence

_DRAWN: Final = re.compile(
    r"\b(?:gpus?|cards?|accelerators?|chips?|servers?|nodes?|racks?|devices?|machines?|cluster|hall|karten?"
    r"|beschleuniger|knoten"
    r"|schrank|cartes?|accélérateurs?|serveurs?|h100s?|a100s?|h200s?|one)\W+(?:[\w-]+\s){0,3}?"
    r"(?:dr[ae]ws?|drawing|drawn|pull(?:s|ed|ing)?|zieht|ziehen|zog(?:en)?|tir(?:e|ent|ait|aient))\s(?:(?:about"
    r"|around|roughly|some|only|just"
    r"|nearly|over|under|rund|etwa|environ|inzwischen|heute|mittlerweile|now|today|already|bis zu|up to"
    r"|désormais)\s)*$",
    re.IGNORECASE,
)
_AT_A_TIME: Final = re.compile(
    r"\s*,?\s*(?:on average|average\b|at (?:its |the )?(?:peak|most|full|maximum|idle|night|rest|the wall|the plug)"
    r"|at any (?:time|moment)"
    r"|around the clock|continuous\w*|constantly|under (?:full )?load|when (?:idle|busy|idling|training)"
    r"|im (?:mittel|schnitt|durchschnitt|leerlauf)"
    r"|unter (?:voll)?last|in der spitze|en moyenne|en pointe|au repos)\b(?!\s(?:in|per|a|each|every|for|pro|je|par"
    r"|over)\b)",
    re.IGNORECASE,
)
"""Of a power, not of an amount: what devices draw on average or at the peak."""
_ENERGY_WORD: Final = re.compile(
    r"(?:\benergy (?:use|usage|consumption|consumed|demand|used|total|bill)|\b(?:total |training |annual "
    r"|overall )?energy\b(?! efficien\w+| intensity| mix| source| cost| price)"
    r"|\belectricity consumption\b(?= (?:of|was|is|:|for the (?:year|training|run)))|\bstromverbrauch"
    r"|\benergieverbrauch|\bconsommation (?:d.énergie|électrique|énergétique))"
    r"(?:\s(?:of|was|is|came to|amounts? to|amounted to|reached|totall?ed|betrug|beträgt|lag bei|von|de|était "
    r"de|est de|about|roughly|around|some|the|a|run|training|for|in|model|de[rs] \w+|annuelle|totale)"
    r"|[:=\s~≈]|\s20\d\d)*$",
    re.IGNORECASE,
)
_POWER_WORD: Final = re.compile(
    r"(?:\b(?:power draw|power demand|power of|peak power|average power|mean power|power limit|power rating"
    r"|rated power|rated at|power budget|draws?|peak(?: demand| draw)? of|peaked at|tdp|nameplate"
    r"|leistung(?:saufnahme)?|puissance|peak load|load)\b)"
    r"(?:\s(?:of|was|is|at|about|roughly|around|some|nearly|up to|only|the|a|between|on average|von|betrug"
    r"|beträgt|lag bei|bei|de|est de|était de|moyenne|cap|limit)|[:=\s~≈]|,)*$",
    re.IGNORECASE,
)
_OF_ENERGY: Final = re.compile(
    r"\s+(?:of|an|d['’]|de)\s?(?:(?:energy|energie|énergie)\b|electricity (?:to train|over|during|in total"
    r"|a year|per|each|every))",
    re.IGNORECASE,
)
_YEARLY: Final = re.compile(
    r"\b(?:per year|a year|annually|each year|every year|yearly|per annum|in (?:19|20)\d\d|during (?:19|20)\d\d"
    r"|(?:over|during) (?:the|a|one) (?:whole |full |entire )?(?:day|week|month|quarter|year)|pro jahr"
    r"|jährlich|par an|im jahr)\b",
    re.IGNORECASE,
)
_USED: Final = re.compile(
    r"\b(?:use[sd]?|using|consum\w+|verbrauch\w*|burn\w*|consomm\w*|needed|needs)\b[^.;]{0,40}$", re.IGNORECASE
)
_CAPACITY: Final = re.compile(
    r"\b(?:add\w*|install\w*|capacity|build\w*|built|construct\w*|grow\w*|grew|pipeline|order\w*|contract\w*"
    r"|ppas?|peak|load|average|mean|demand|leistung|shipped|planned|capacité|deploy\w*|connect\w*|draws?|drew"
    r"|drawing|around the clock|continuous\w*)\b",
    re.IGNORECASE,
)
_HEAD_ENERGY: Final = re.compile(
    r"^(?:(?:total|annual|training|it|facility|mean|gesamt|yearly|inference|measured|gpu|cpu|server|estimated"
    r"|overall)\W+)*(?:energy|energie|énergie|electricity|strom|energieverbrauch|stromverbrauch|consumption"
    r"|verbrauch|consommation)(?:[\s_](?:use|usage|used|consumed|consumption|total|annual))?\W*(?:[kmgt]? ?w\b"
    r"|in [kmgt]? ?w|mw|gw|kw|tw)?\W*$",
    re.IGNORECASE,
)
_HEAD_POWER: Final = re.compile(r"\b(?:power|leistung|puissance|tdp|draw)\b", re.IGNORECASE)
_NO_POWER: Final = re.compile(
    r"powered|power consumption|purchase|hydro|solar|wind|energy|usage effectiveness|\bpue\b|cost|price|bill"
    r"|total power use|used",
    re.IGNORECASE,
)
_NO_RATE: Final = re.compile(
    r"\s*(?:per|/|a |each|over|during|for|in (?:total|all)|of (?:energy|electricity|storage)|every|when"
    r"|from|to (?:train|answer)|pro|je)",
    re.IGNORECASE,
)
_SIZED: Final = re.compile(
    r"[\s-]+(?:(?!of\b|von\b|de\b)[\w-]+\s)?(?:data[- ]?cent(?:er|re)|campus|facility|site|substation|connection|feeder"
    r"|power (?:plant|station)|reactor|turbine"
    r"|server|rack|cluster|supercomputer|GPU|card|chip|accelerator|rechenzentrum"
    r"|centre de données)s?\b(?! (?:a|per|each) (?:year|day))"
    r"(?![ -](?:energy|electricity|power|consumption|us(?:e|age)|bills?|totals?|figures?|numbers?|shares?|parts?|runs?"
    r"|budgets?|demand|factor(?:y|ies)|contracts?|deals?|losses|savings?|meter\w*|hours?|time|energie|strom"
    r"|verbrauch)\b)",
    re.IGNORECASE,
)
"""What is sized by its power: a 100 MW campus."""
_SIZE: Final = re.compile(
    r"\b(?:(?:connected|installed|peak|nameplate|rated|grid|IT|cooling|site|contracted) (?:capacity|load"
    r"|power|connection)|capacity|anschlussleistung"
    r"|puissance (?:installée|souscrite))\s(?:of|is|was|at|von|de)\s(?:about |around |some |roughly |up to "
    r"|nearly |over )?$",
    re.IGNORECASE,
)
_STORED: Final = re.compile(r"batter\w*|storage|stor(?:ed|es)|ups\b|tank|speicher\w*|batterie|stockage", re.IGNORECASE)
_TRAINING: Final = re.compile(
    r"\b(?:training|pre-?training|fine-?tuning|das training|entraînement|(?:the|this|each) (?:run|job|campaign"
    r"|experiment))\b[^.;,]{0,60}\b(?:consum\w+|took"
    r"|takes|required|requires|needed|needs"
    r"|cost|verbrauch\w*|benötigt\w*|consomm\w+)\s(?:about |around |some |roughly |nearly |over "
    r"|an estimated |rund |environ )?$",
    re.IGNORECASE,
)
_FOR_A_TIME: Final = re.compile(
    r"\b(?:for|over|during|throughout|on average|at (?:its )?peak|of power|continuous\w*|around the clock"
    r"|capacity|per|each|while|when|in total power)\b",
    re.IGNORECASE,
)
_RAMP: Final = re.compile(r"\bramp\w*|gradient|slope", re.IGNORECASE)


def units_said(document: Document) -> Iterator[Finding]:
    """Amounts whose unit is of another kind than the words beside it."""
    for sentence in document.sentences():
        for amount in sentence.amounts:
            found = _in_sentence(sentence, amount)
            if found:
                yield _finding(amount, found, sentence.text)
    for record in document.every_record():
        yield from _in_record(record)


def _in_sentence(sentence: Sentence, amount: Amount) -> str:
    before = sentence.text[max(0, amount.start - 80) : amount.start]
    behind = sentence.text[amount.end : amount.end + 60]
    if amount.kind == "power" and amount.unit in WITH_HOURS:
        return _power_for_energy(amount, before, behind, sentence.text)
    is_plain = amount.kind == "energy" and amount.unit in WITHOUT_HOURS and not amount.per
    if is_plain and _POWER_WORD.search(before) and not _NO_RATE.match(behind):
        return "power is stated, in a unit of energy"
    if is_plain and _DRAWN.search(before) and _AT_A_TIME.match(behind) and not _STORED.search(sentence.text):
        return "a draw is stated, in a unit of energy"
    named = re.search(r"\b(?:an?|the|one|this|new|eine?n?|un)\s(?:new |planned )?$", before, re.IGNORECASE)
    is_site = amount.value > 1 and named
    sized = (is_site and _SIZED.match(behind)) or (_SIZE.search(before) and not _NO_RATE.match(behind))
    if is_plain and sized and not _STORED.search(sentence.text):
        return "the size of a site or a device is stated, in a unit of energy"
    return ""


def _power_for_energy(amount: Amount, before: str, behind: str, text: str) -> str:
    """Why an amount of power seems to be one of energy; empty where it does not."""
    is_average = re.match(r"\W*(?:on average|average|continuous\w*|at (?:its |the )?peak|im mittel|en moyenne)", behind)
    said = _ENERGY_WORD.search(before) and not _CAPACITY.search(before[-45:]) and not is_average
    of_energy = _OF_ENERGY.match(behind) and not re.match(r"\s+of energy\s+(?:capacity|storage|generation)", behind)
    if said or of_energy:
        return "energy is stated, in a unit of power"
    if amount.per[:1] == ("hour",) and not _RAMP.search(text):
        return "power for an hour is energy, and power already is energy for a time"
    if _TRAINING.search(before) and not amount.per and not _FOR_A_TIME.search(behind) and not _CAPACITY.search(before):
        return "the energy of a training is stated, in a unit of power"
    period = bool(amount.per) and amount.per[0] in ("year", "day", "month", "week")
    yearly = _YEARLY.search(behind[:28]) and not re.match(r"[^a-z]*\.\s", behind) and _USED.search(before)
    if (period or yearly) and not _CAPACITY.search(text):
        return "an amount of a period is stated, in a unit of power"
    return ""


def _in_record(record: Record) -> Iterator[Finding]:
    for field in record.fields:
        amount, label = field.amount, field.label
        if amount.kind == "power" and amount.unit in WITH_HOURS and _HEAD_ENERGY.match(label):
            yield _finding(amount, f"{label!r} names energy, the unit is one of power", "")
        named = _HEAD_POWER.search(label) is not None and not _NO_POWER.search(label)
        if amount.kind == "energy" and amount.unit in WITHOUT_HOURS and not amount.per and named:
            yield _finding(amount, f"{label!r} names power, the unit is one of energy", "")


def _finding(amount: Amount, why: str, quote: str) -> Finding:
    other = WITH_HOURS.get(amount.unit) or WITHOUT_HOURS.get(amount.unit) or "another unit"
    unit = "" if any(char.isalpha() for char in amount.digits) else f" {amount.unit}"
    evidence = f"{amount.digits}{unit}: {why}"
    return Finding("unit-slip", "high", 0.9, amount.place, evidence, f"{other} may be meant", quote)
