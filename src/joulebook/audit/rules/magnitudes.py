"""Figures that cannot be: a PUE below one, a load factor above one, 3 kWh for a prompt, more than the world has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding, printed, shown
from joulebook.audit.reading.amount import Amount, Document, Field, Sentence
from joulebook.audit.roles import fields_of, role, roles_of
from joulebook.audit.rules.nearby import clause, is_for_a_kwh
from joulebook.audit.rules.places import known

_FUEL: Final = re.compile(r"coal|\boil\b|lignite|peat|biomass|\bfuels?\b|kohle|charbon", re.IGNORECASE)
_CLEAN: Final = re.compile(
    r"market|renewable|hydro|nuclear|green|wind|solar|\bnet\b|wasserkraft|renouvelable", re.IGNORECASE
)
_NOT_OUR_KIND: Final = re.compile(r"\b(?:capacity|reserve|sun|solar|sunlight|primary|earth)\b", re.IGNORECASE)
_DATA_CENTRES: Final = re.compile(
    r"data[- ]?cent(?:er|re)s?|rechenzentren|centres de données|\bAI\b|\bKI\b|\bGPUs?\b|models?\b", re.IGNORECASE
)
_SHARE_OF_USE: Final = re.compile(
    r"\b(?:utili[sz]ation|utili[sz]ed|busy|occupied|in use|load factor|capacity factor|occupancy|uptime|availability"
    r"|mfu|auslastung|lastfaktor"
    r"|belegt|occupée?s?|ocupad[ao]s?|verfügbarkeit|taux d.utilisation|facteur de charge|taux de charge|ausgelastet"
    r"|utilisée?s)\b",
    re.IGNORECASE,
)
_CHANGED: Final = re.compile(
    r"\b(?:r[io]se\w*|gr[eo]w\w*|fell|up|more|increas\w*|improv\w*|stieg|de plus)\b|\b(?:by|um)\s(?:\w+\s)?$",
    re.IGNORECASE,
)
_CAME_TO: Final = (
    r"(?:was|were|is|are|averaged|average[sd]|came to|comes to|reached|stood at|stands at|amounted to|hit|lag bei"
    r"|liegt bei|betrug"
    r"|beträgt|war|bei|erreicht\w*|était(?: de)?|est(?: de)?|atteint|of|at)"
)
_SAID_OF: Final = re.compile(
    r"[^\W\d]*(?:[\s=:~]+[^\W\d]*){0,8}"
    r"|(?:\s+[^\W\d][\w-]*){0,8}(?:,[^,.;]{2,70},)?(?:\s+[^\W\d][\w-]*){0,4}?\s+" + _CAME_TO + r"(?:\s+[^\W\d]+)?\s+",
    re.IGNORECASE,
)
"""Between a name and its figure: a few words, or also what stands between two commas, and a verb."""
_OF_ANOTHER: Final = re.compile(
    r"\s*(?:of|more|higher|as|relative|compared|von|des|der|de|du)\b(?! (?:the |its |their |all )?(?:time|it\b"
    r"|that\b|hours|day"
    r"|year|capacity|peak"
    r"|max\w*|available|nameplate"
    r"|rated))",
    re.IGNORECASE,
)
_MANY_TIMES: Final = 10.0
_BY_CORE: Final = re.compile(r"\bcpu|cores?\b|threads?|\btop\b|over-?subscri\w*|kern", re.IGNORECASE)
_MOST_GRAMS: Final = 1.6
"""kg per kWh, above which no grid and no fuel lies."""
_PUE: Final = (1.0, 3.2)
_WUE: Final = 40.0
"""L per kWh: more than any cooling or power plant evaporates, reservoirs left aside."""
_WORLD_CARBON: Final = 6e13
"""kg: all greenhouse gases of the world in a year."""


def magnitudes(document: Document) -> Iterator[Finding]:
    """Figures beyond what is physically or globally possible."""
    for sentence in document.sentences():
        for field in fields_of(sentence):
            yield from _alone(field, sentence.text, sentence.text)
        yield from _shares(sentence)
        yield from _water(sentence)
    for record in document.every_record():
        words = record.words
        for field in record.fields:
            yield from _alone(field, f"{field.label} {words}", "")
        yield from _of_record(list(record.fields), words)


def _finding(amount: Amount, evidence: str, remedy: str, quote: str, sure: float = 0.95) -> Finding:
    return Finding("magnitude", "high", sure, amount.place, evidence, remedy, quote)


def _alone(field: Field, words: str, quote: str) -> Iterator[Finding]:
    amount, name = field.amount, role(field.label, field.amount)
    is_ratio = re.search(r"\bpue\W*[x×*]|(?:times|×|x|\*)\W*(?:the |a )?pue", field.label, re.IGNORECASE)
    if name == "PUE" and not is_ratio and 0 < amount.value < 100:
        is_change = (
            re.search(r"(?:(?<!pue )(?<!PUE )\b(?:by|um|de)\s(?:\w+\s)?|±\s?)$", words[: amount.start])
            if quote
            else None
        )
        if not _PUE[0] - amount.slack <= amount.value <= _PUE[1] and not is_change:
            remedy = "it is facility energy by IT energy: at least 1, and 1.05 to 2 in practice"
            yield _finding(amount, f"a PUE of {printed(amount)}", remedy, quote)
    elif name == "U" and not quote and amount.value > (100.01 if amount.kind == "percent" else 1.0001):
        yield _finding(amount, f"a utilisation of {printed(amount)}", "it cannot be above 100 %", quote)
    elif name == "I" and amount.value > _MOST_GRAMS and not _FUEL.search(words):
        remedy = "no grid is above 1,600 g/kWh: g, kg and lb, or kWh and MWh, may be exchanged"
        yield _finding(amount, f"a carbon intensity of {printed(amount)}", remedy, quote)
    elif name == "WUE" and amount.value > _WUE and not re.search(r"hydro|reservoir", words, re.IGNORECASE):
        yield _finding(
            amount, f"{printed(amount)} of water", "more than any cooling or power plant evaporates for a kWh", quote
        )
    elif beyond := _beyond(amount, words):
        remedy = "check its unit: Wh and kWh, MWh and TWh may be exchanged"
        if amount.kind == "power" and amount.unit:
            remedy = f"a unit of energy may be meant: {amount.unit}h per year"
        yield _finding(amount, f"{printed(amount)}{beyond}", remedy, quote, 0.9)


def _beyond(amount: Amount, words: str) -> str:
    """What an amount of energy, power or carbon is beyond of."""
    if _NOT_OUR_KIND.search(words) or (amount.per and amount.per != ("year",)):
        return ""
    electricity, told = known("yardstick.world_electricity_2023", "energy") or (0.0, "")
    if amount.kind == "energy":
        return f": more than the world's electricity of a year, {told}" if amount.value > 1.3 * electricity else ""
    if amount.kind == "power":
        primary, told_primary = known("yardstick.world_primary_power", "power") or (0.0, "")
        average = electricity / 8766
        if amount.value > primary:
            return f": more than the power of all the world's energy, {told_primary}"
        if amount.value > 0.5 * average and _DATA_CENTRES.search(words):
            return f" of data centres: the world's electricity is {shown(average, 'power')} on average"
    is_all = amount.kind == "mass" and amount.value > _WORLD_CARBON
    return ": more than the whole world emits in a year" if is_all else ""


def _water(sentence: Sentence) -> Iterator[Finding]:
    """Water that a text says in words is for a kilowatt-hour."""
    for amount in sentence.amounts:
        if amount.kind == "water" and amount.value > _WUE and is_for_a_kwh(sentence, amount):
            told = f"{printed(amount)} of water for a kWh"
            yield _finding(amount, told, "more than any cooling or power plant evaporates", sentence.text, 0.9)


def _shares(sentence: Sentence) -> Iterator[Finding]:
    """Utilisation, load factor, availability above one."""
    for amount in sentence.amounts:
        if amount.kind not in ("percent", "number", "count") or amount.per or amount.noun:
            continue
        around = clause(sentence, amount)
        before = _over_times(sentence, amount)
        named = list(_SHARE_OF_USE.finditer(before))
        apart = before[named[-1].end() :] if named else "#" * 99
        is_behind = re.match(rf"\s*(?:{_SHARE_OF_USE.pattern}|(?:full|loaded)\b)", around.behind, re.IGNORECASE)
        if not is_behind and (_CHANGED.search(apart) or not _SAID_OF.fullmatch(apart)):
            continue
        if not is_behind and _OF_ANOTHER.match(around.behind):
            continue
        most = 100.01 if amount.kind == "percent" else 1.0001
        if most < amount.low < _MANY_TIMES * most and not _BY_CORE.search(around.words):
            yield _finding(
                amount, f"{printed(amount)} of what there is", "it cannot be above 100 %", sentence.text, 0.9
            )


def _over_times(sentence: Sentence, amount: Amount) -> str:
    """The words of a clause before an amount, over times between: "utilisation over the six weeks was"."""
    before = clause(sentence, amount).before
    at = sentence.amounts.index(amount)
    while at and sentence.amounts[at - 1].kind in ("time", "year") and sentence.text[: amount.start].endswith(before):
        at -= 1
        one = sentence.amounts[at]
        if sentence.text[one.end : amount.start] != before:
            break
        before = clause(sentence, one).before + "so" + before
    return before


def _of_record(fields: list[Field], words: str) -> Iterator[Finding]:
    """What a record's own ratios say: power of one device from energy and device-hours, intensity from carbon."""
    roles = roles_of(fields)
    if len(roles.get("E", ())) == 1 and len(roles.get("DH", ())) == 1 and not {"P", "Pd"} & set(roles):
        energy, hours = roles["E"][0].amount, roles["DH"][0].amount
        each = energy.value / hours.value if hours.value > 0 else 1.0
        if each > 5 or 0 < each < 0.008:
            evidence = f"{printed(energy)} / {printed(hours)} = {shown(each, 'power')} for a device"
            remedy = "kWh and MWh, or hours and device-hours, may be exchanged"
            yield _finding(energy, evidence, remedy, words[:120], 0.85)
    if len(roles.get("C", ())) != 1 or len(roles.get("E", ())) != 1 or "I" in roles:
        return
    carbon, energy = roles["C"][0].amount, roles["E"][0].amount
    intensity = carbon.value / energy.value if energy.value > 0 else 0.5
    least = 3e-4 if _CLEAN.search(f"{roles['C'][0].label} {words}") else 1e-3
    evidence = f"{printed(carbon)} / {printed(energy)} = {intensity * 1000:,.4g} g/kWh"
    remedy = "g, kg and t, or kWh and MWh, may be exchanged"
    if 0 < intensity < least:
        yield _finding(carbon, evidence, f"below any grid: {remedy}", words[:120], 0.7)
    elif intensity > 2.5:
        yield _finding(carbon, evidence, f"above any grid: {remedy}", words[:120], 0.85)
