"""Figures that cannot be: more power than the world has, a card that draws 36 W at full load, a PUE below one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from joulebook.audit.reading.amount import Amount, Document, Field
from joulebook.audit.rules.finding import Finding, shown
from joulebook.audit.rules.roles import fields_of, role, roles_of
from joulebook.errors import FactNotFound
from joulebook.facts.catalog import Catalog
from joulebook.units import UNITS, convert

_FULL: Final = re.compile(
    r"full (?:load|power|tilt|utili\w+|throttle|blast)|flat out|maximum load|100\s?% (?:load|utili)|volllast"
    r"|vollast|pleine charge|at peak|fully (?:loaded|utili)",
    re.IGNORECASE,
)
_CARD: Final = re.compile(
    r"\b(?:GPUs?|accelerators?|cards?|TPUs?|Grafikkarten?|Beschleuniger|cartes? graphiques?|[AHBVP]\d{3}s?|MI\d{3}X?)\b"
)
_NAMED: Final = re.compile(
    r"\b(?:A100|H100|H200|B200|V100|P100|A40|A6000|L40S?|L4|T4|A10G?|MI250X?|MI300X|RTX\s?\d{4})\b"
)
_SMALL: Final = re.compile(
    r"\b(?:laptop|edge|jetson|phone|mobile|embedded|idle\w*|standby|leerlauf|sleep\w*|veille|saving|less|fan"
    r"|increase|difference|extra|more|reduc\w*)\b",
    re.IGNORECASE,
)
_LARGE_DEVICES: Final = re.compile(
    r"\b(?:server|node|rack|system|dgx|cluster|knoten|serveur|hgx|pod|wafer|cerebras)\b", re.IGNORECASE
)
_WORLDWIDE: Final = re.compile(r"\b(?:capacity|reserve|sun|solar|sunlight|primary|earth)\b", re.IGNORECASE)
_DATA_CENTRES: Final = re.compile(
    r"data[- ]?cent(?:er|re)s?|rechenzentren|centres de données|\bAI\b|\bKI\b|\bGPUs?\b|models?\b", re.IGNORECASE
)
_TOTAL: Final = re.compile(
    r"in total|together|all of them|whole cluster|fleet|cluster|combined|zusammen|insgesamt", re.IGNORECASE
)
_CLEAN: Final = re.compile(
    r"market|renewable|hydro|nuclear|green|wind|solar|\bnet\b|wasserkraft|renouvelable", re.IGNORECASE
)
_ONE_CARD: Final = re.compile(
    r"\b(?:the|an?|one|each|single|every|eine?|jede|une?)\s+(?:(?:NVIDIA|Nvidia|AMD|single)\s+)?(?:[AHBVP][12]00|K80|[TL]4"
    r"|L40S?|MI\d{3}X?)\b(?!\s+(?:GPUs|cards|cluster|server|node))",
    re.IGNORECASE,
)
_FUEL: Final = re.compile(r"coal|\boil\b|lignite|peat|biomass|\bfuels?\b|kohle|charbon", re.IGNORECASE)
_LEAST_FULL, _MOST = 0.055, 2.2
"""kW of a data-centre card at full load, and of any single one."""
_HOURS: Final = {"year": 8784.0, "month": 744.0, "week": 168.0, "day": 24.0}
_SITE: Final = 1000.0
"""kW from which a power is that of a whole site, and not of one of many devices."""
_MOST_GRAMS: Final = 1.6
"""kg per kWh, above which no grid and no fuel lies."""


@cache
def _catalog() -> Catalog:
    return Catalog.open(own=False)


@cache
def _world(subject: str, prop: str, unit: str) -> tuple[float, str]:
    fact = _catalog().find(subject, prop)
    return convert(
        fact.value, UNITS[fact.unit], UNITS[unit]
    ), f"{shown(convert(fact.value, UNITS[fact.unit], UNITS[unit]), prop)} ({fact.citation})"


def magnitudes(document: Document) -> Iterator[Finding]:
    """Figures beyond what is physically or globally possible."""
    for sentence in document.sentences():
        fields = fields_of(sentence)
        for field in fields:
            yield from _alone(field, sentence.text, sentence.text)
        yield from _fleet(fields, sentence.text)
        yield from _periods(fields, sentence.text)
    for record in document.every_record():
        words = " ".join([record.label, *(text for _, text in record.texts)])
        for field in record.fields:
            yield from _alone(field, f"{field.label} {words}", "")
        yield from _of_record(list(record.fields), words)


def _finding(amount: Amount, evidence: str, remedy: str, quote: str, sure: float = 0.95) -> Finding:
    return Finding("magnitude", "high", sure, amount.place, evidence, remedy, quote)


def _alone(field: Field, words: str, quote: str) -> Iterator[Finding]:
    amount, name = field.amount, role(field.label, field.amount)
    printed = f"{amount.digits}{_unit(amount)}"
    is_ratio = re.search(r"\bpue\W*[x×*]", field.label, re.IGNORECASE)
    if name == "PUE" and not is_ratio and not 1.0 - amount.slack <= amount.value <= 4 and 0 < amount.value < 100:
        remedy = "it is facility energy by IT energy: at least 1, and 1.05 to 2 in practice"
        yield _finding(amount, f"a PUE of {printed}", remedy, quote)
    elif name == "U" and (amount.value > (100.01 if amount.kind == "percent" else 1.0001)):
        yield _finding(amount, f"a utilisation of {printed}", "it cannot be above 100 %", quote)
    elif name == "I" and amount.value > _MOST_GRAMS and not _FUEL.search(words):
        remedy = "no grid is above 1,600 g/kWh: g, kg and lb, or kWh and MWh, may be exchanged"
        yield _finding(amount, f"a carbon intensity of {printed}", remedy, quote)
    elif name == "WUE" and amount.value > 40:
        remedy = "more than any cooling or power plant evaporates for a kWh"
        yield _finding(amount, f"{printed} of water", remedy, quote)
    elif amount.kind == "power":
        if not amount.per:
            yield from _power(field, words, quote)
        if name == "Pd" or (quote and _ONE_CARD.search(words)):
            yield from _card(field, words, quote)
    elif beyond := _beyond(amount, words):
        yield _finding(
            amount, f"{printed}{beyond}", "check its unit: Wh and kWh, MWh and TWh may be exchanged", quote, 0.9
        )


def _beyond(amount: Amount, words: str) -> str:
    """What an amount of energy or carbon is beyond of."""
    total = not amount.per or amount.per == ("year",)
    if amount.kind == "energy" and total and not _WORLDWIDE.search(words):
        most, told = _world("yardstick.world_electricity_2023", "energy", "kWh")
        return f": more than the world's electricity, {told}" if amount.value > 1.3 * most else ""
    if amount.kind == "energy" and amount.per[:1] == ("request",) and amount.value > 50:
        return ": far more than one request takes"
    if amount.kind == "mass" and not amount.per and amount.value > 6e13:
        return ": more than the whole world emits in a year"
    return ""


def _unit(amount: Amount) -> str:
    return (
        ""
        if any(char.isalpha() for char in amount.digits)
        else f" {amount.unit}" + "".join(f"/{one}" for one in amount.per)
    )


def _power(field: Field, words: str, quote: str) -> Iterator[Finding]:
    amount = field.amount
    most, told = _world("yardstick.world_primary_power", "power", "kW")
    electric = _world("yardstick.world_electricity_2023", "energy", "kWh")[0] / 8766
    if amount.value > most and not _WORLDWIDE.search(words):
        yield _finding(
            amount, f"{amount.digits}: more than the power of all the world's energy, {told}", _twh(amount), quote
        )
    elif amount.value > 0.5 * electric and _DATA_CENTRES.search(words) and not _WORLDWIDE.search(words):
        evidence = f"{amount.digits} of data centres: the world's electricity is {shown(electric, 'power')} on average"
        yield _finding(amount, evidence, _twh(amount), quote)


def _twh(amount: Amount) -> str:
    return f"a unit of energy may be meant: {amount.unit}h per year" if amount.unit else "check its unit"


def _card(field: Field, words: str, quote: str) -> Iterator[Finding]:
    amount = field.amount
    if _LARGE_DEVICES.search(field.label) or amount.value <= 0:
        return
    if amount.low > _MOST:
        yield _finding(
            amount,
            f"{amount.digits}{_unit(amount)} for one device",
            "no accelerator card draws more than about 2 kW: W and kW, or one and many, may be exchanged",
            quote,
            0.9,
        )
        return
    if _SMALL.search(words):
        return
    limit = _tdp(words)
    full = _FULL.search(words) or re.search(r"\btdp\b", field.label, re.IGNORECASE)
    if full and amount.high < (0.45 * limit[0] if limit else _LEAST_FULL) and (limit or _CARD.search(words)):
        known = f"; {limit[1]} is rated at {limit[0] * 1000:g} W" if limit else ""
        yield _finding(
            amount,
            f"{amount.digits}{_unit(amount)} for one card at full load{known}",
            "check power and number of devices",
            quote,
            0.9,
        )
    elif amount.high < 0.010 and _CARD.search(words):
        yield _finding(
            amount, f"{amount.digits}{_unit(amount)} for one card", "less than any of them draws idle", quote, 0.85
        )
    elif limit and amount.low > 1.35 * limit[0] and amount.low > 0.1:
        evidence = f"{amount.digits}{_unit(amount)} for one card; {limit[1]} is rated at {limit[0] * 1000:g} W"
        yield _finding(
            amount, evidence, "it may be the power of a server's share and not of the card; check the unit", quote, 0.75
        )


def _tdp(words: str) -> tuple[float, str] | None:
    """Rated power (kW) of the only card that the words name."""
    names = {found.upper() for found in _NAMED.findall(words)}
    if len(names) != 1:
        return None
    name = names.pop()
    try:
        resolved = _catalog().resolve(name, "accelerator", near=False)
        subjects = resolved.members or (resolved.subject,)
        return max(_catalog().find(subject, "tdp").value for subject in subjects) / 1000, name
    except FactNotFound:
        return None


def _fleet(fields: list[Field], text: str) -> Iterator[Finding]:
    """Power of all devices by their number, from one sentence."""
    counts = [field.amount for field in fields if field.amount.kind == "count" and field.amount.noun == "device"]
    powers = [field for field in fields if field.amount.kind == "power" and not field.amount.per]
    if len(counts) != 1 or len(powers) != 1 or counts[0].value < 2 or not _CARD.search(text):
        return
    amount, many = powers[0].amount, counts[0].value
    if role(powers[0].label, amount) != "P" or re.search(r"\beach\b|\bper\b|apiece|je\b|chacun", text):
        return
    each = amount.value / many
    evidence = f"{amount.digits} / {counts[0].digits} = {shown(each, 'power')} for each"
    limit = _tdp(text)
    if (
        _FULL.search(text)
        and amount.high / many < (0.45 * limit[0] if limit else _LEAST_FULL)
        and not _SMALL.search(text)
    ):
        if amount.value <= _MOST and not _TOTAL.search(text) and many <= 16:
            return  # the power of one may be meant
        yield _finding(
            amount, f"{evidence} at full load", "cards of data centres draw 70 to 1,200 W at full load", text, 0.95
        )
    elif each > 5 and not _LARGE_DEVICES.search(text):
        yield _finding(
            amount, evidence, "no accelerator with its host and cooling draws more than about 3 kW", text, 0.85
        )
    elif amount.high / many < 0.012 and many >= 8 and amount.value > _MOST and not _SMALL.search(text):
        yield _finding(amount, evidence, "less than a card draws idle", text, 0.85)


def _periods(fields: list[Field], text: str) -> Iterator[Finding]:
    """Energy of a period that the power of a site cannot give: 100 MW use at most 878 GWh a year."""
    powers = [field.amount for field in fields if field.amount.kind == "power" and not field.amount.per]
    for name, hours in _HOURS.items():
        energies = [field.amount for field in fields if field.amount.kind == "energy" and field.amount.per == (name,)]
        if len(powers) != 1 or len(energies) != 1 or powers[0].value < _SITE:
            continue
        power, energy = powers[0], energies[0]
        most = power.high * hours
        if energy.low > 1.05 * most:
            evidence = f"{power.digits} x {hours:,.0f} h = {shown(most, 'energy')} in a {name} at most, stated "
            yield _finding(energy, f"{evidence}{energy.digits}{_unit(energy)}", "check both units", text, 0.9)


def _of_record(fields: list[Field], words: str) -> Iterator[Finding]:
    """What a record's own ratios say: utilisation, power of one device from energy and device-hours."""
    roles = roles_of(fields)
    if len(roles.get("E", ())) == 1 and len(roles.get("DH", ())) == 1 and not {"P", "Pd"} & set(roles):
        energy, hours = roles["E"][0].amount, roles["DH"][0].amount
        if hours.value > 0:
            each = energy.value / hours.value
            if each > 5 or 0 < each < 0.008:
                evidence = (
                    f"{energy.digits}{_unit(energy)} / {hours.digits}{_unit(hours)} = "
                    f"{shown(each, 'power')} for a device"
                )
                yield _finding(
                    energy, evidence, "kWh and MWh, or hours and device-hours, may be exchanged", words[:120], 0.85
                )
    if len(roles.get("C", ())) == 1 and len(roles.get("E", ())) == 1 and "I" not in roles:
        carbon, energy = roles["C"][0].amount, roles["E"][0].amount
        if energy.value > 0 and 0 < carbon.value / energy.value < (
            3e-4 if _CLEAN.search(f"{roles['C'][0].label} {words}") else 1e-3
        ):
            evidence = f"{carbon.digits}{_unit(carbon)} / {energy.digits}{_unit(energy)} = "
            evidence += f"{carbon.value / energy.value * 1000:,.2g} g/kWh"
            remedy = "below any grid: g, kg and t, or kWh and MWh, may be exchanged"
            yield _finding(carbon, evidence, remedy, words[:120], 0.7)
        if energy.value > 0 and carbon.value / energy.value > 2.5:
            evidence = (
                f"{carbon.digits}{_unit(carbon)} / {energy.digits}{_unit(energy)} = "
                f"{carbon.value / energy.value * 1000:,.4g} g/kWh"
            )
            yield _finding(
                carbon, evidence, "above any grid: g, kg and t, or kWh and MWh, may be exchanged", words[:120], 0.85
            )
