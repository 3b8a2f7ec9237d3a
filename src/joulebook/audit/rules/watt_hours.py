"""Units of energy where a power is told: a contract demand of 48 MWh, a 300 MWh campus, a meter hovering at 500 Wh."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from joulebook.audit.factors import WITHOUT_HOURS
from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Amount, Document, Paragraph, Record, Sentence
from joulebook.audit.rules import energy_words, power_deeds, power_names
from joulebook.audit.rules.nearby import clause
from joulebook.audit.rules.refuted import is_refuted
from joulebook.audit.rules.served import used

_ONE: Final = (("device",), ("node",), ("each",), ("rack",))
_RATE_BEHIND: Final = re.compile(
    r"\s*(?:per|/|a |each|over|during|for|in (?:total|all)|of (?:energy|electricity|storage)|every|when"
    r"|from|to (?:train|answer)|pro|je)",
    re.IGNORECASE,
)
_TIMES: Final = ("time", "device-hours")
_LIKE: Final = 30.0
_LARGE: Final = 1e5
"""kWh: more than a machine takes at a time."""
_CUT: Final = re.compile(r"[;:—]|,\s(?:and|but|while|which|und|aber|et|mais|y|pero)\b")
_HOUR: Final = power_names.words(r"hours?|hourly|stunden?|heures?|horas?")
_CHARGE: Final = re.compile(r"\d\s?(?:mAh|Ah)\b|\b(?:volts?|V|[Aa]mp(?:ere)?[- ]?hours?)\b")
"""Beside the energy of a battery."""
_IT_LOAD: Final = re.compile(r"\bIT[- ](?:load|last)\s(?:of|was|is|von|war|at|comes? to)\s(?:\w+\s)?$")
"""What many call the energy of the computers, too."""
_WHY: Final = "power is stated, in a unit of energy"


def watt_hours(document: Document) -> Iterator[Finding]:
    """Amounts in a unit of energy where words, or the figures beside them, tell a power."""
    for paragraph in document.paragraphs:
        yield from _paragraph(paragraph)
    for record in document.every_record():
        yield from _record(record)


def _paragraph(paragraph: Paragraph) -> Iterator[Finding]:
    before: Sentence | None = None
    following = [*paragraph.sentences[1:], None]
    for sentence, after in zip(paragraph.sentences, following, strict=True):
        amounts = [one for one in sentence.amounts if one.kind == "energy" and one.unit in WITHOUT_HOURS]
        if amounts and not power_deeds.STORED.search(sentence.text) and not is_refuted(sentence, after):
            for amount in amounts:
                if why := _power(sentence, amount, before):
                    yield _finding(amount, why, sentence.text)
        before = sentence


def _power(sentence: Sentence, amount: Amount, before: Sentence | None) -> str:
    """Why an amount of energy seems to be a power; empty where it does not."""
    if amount.per not in ((), *_ONE):
        return ""
    is_whole = energy_words.OF_A_WHOLE.search(clause(sentence, amount).words) is not None
    if _is_product(sentence, amount, before):
        return "as the power of several times the power of one"
    if not amount.per and _is_size(sentence, amount):
        return "the size of a site or a device is stated, in a unit of energy"
    if _is_parallel(sentence, amount):
        return "beside powers of the same size, and nowhere a time"
    if _is_drawn(sentence, amount, before, is_whole=is_whole):
        return "a draw is stated, in a unit of energy"
    return _WHY if _is_compared(sentence, amount) or _is_named(sentence, amount, is_whole=is_whole) else ""


def _is_named(sentence: Sentence, amount: Amount, *, is_whole: bool) -> bool:
    """Whether an amount is called a demand, a load, a capacity or a connection."""
    around = clause(sentence, amount)
    is_year = amount.unit in ("GWh", "TWh") and all(one.kind != "power" for one in sentence.amounts)
    if is_year and _IT_LOAD.search(sentence.text[: amount.start]):
        return False
    right_before = power_names.POWER_RIGHT_BEFORE.search(sentence.text[max(0, amount.start - 80) : amount.start])
    if right_before and not amount.per and not _RATE_BEHIND.match(sentence.text[amount.end :][:60]):
        return True
    is_named = power_names.POWER_NAMED.search(around.before) or power_names.CARRIED.search(around.before)
    return not is_whole and bool(is_named or power_names.CAPACITY_BEHIND.match(around.behind[:60]))


def _is_size(sentence: Sentence, amount: Amount) -> bool:
    """Whether an amount says how large a site or a device is: "a 450 MWh campus", "a campus of 450 MWh"."""
    before, behind = sentence.text[max(0, amount.start - 90) : amount.start], sentence.text[amount.end :][:60]
    if amount.value > 1 and power_names.ONE_BEFORE.search(before) and power_names.SIZED.match(behind):
        return True
    is_said = power_names.SIZE_NAMED.search(before) or power_names.SIZED_BEFORE.search(before)
    return is_said is not None and not _RATE_BEHIND.match(behind) and not energy_words.OF_A_WHOLE.search(behind)


def _is_drawn(sentence: Sentence, amount: Amount, last: Sentence | None, *, is_whole: bool) -> bool:
    """Whether an amount is what something draws at a time."""
    before, behind = sentence.text[max(0, amount.start - 80) : amount.start], sentence.text[amount.end :][:60]
    if power_deeds.DRAWN.search(before) and (
        power_deeds.AT_A_TIME_BEHIND.match(behind) or (power_deeds.AVERAGE_WITHIN.search(before) and not is_whole)
    ):
        return True
    if is_whole and not power_deeds.CLOCK.match(behind):
        return False
    if (
        (power_deeds.CLOCK.match(behind) and not power_deeds.WHOLES.search(clause(sentence, amount).words))
        or (power_deeds.USED_BY_ONE.search(before) and power_deeds.AT_WORK_BEHIND.match(behind))
        or power_deeds.FLAT.search(before)
        or power_deeds.HOVERING.search(before)
        or _is_level(sentence, amount)
        or _is_at_load(sentence, amount, last)
        or _is_metered(sentence, amount, last)
    ):
        return True
    at_any_time = power_deeds.AT_ANY_TIME.search(sentence.text) and power_deeds.DRAWING.search(before)
    if at_any_time or power_deeds.RECORD.search(sentence.text[: amount.start]):
        return True
    in_grid = power_deeds.IN_THE_GRID.search(sentence.text if last is None else f"{last.text} {sentence.text}")
    if power_deeds.RESERVED.search(before) and in_grid:
        return not energy_words.OF_ELECTRICITY.match(behind)
    return power_deeds.IS_STEADY.search(sentence.text) is not None and power_deeds.NEEDED.search(before) is not None


def _is_parallel(sentence: Sentence, amount: Amount) -> bool:
    """Whether an energy stands beside powers of like size, with no word of a time or a use."""
    powers = [one for one in sentence.amounts if one.kind == "power" and one.value > 0]
    unit = WITHOUT_HOURS[amount.unit]
    alike = [one for one in powers if one.unit == unit and 1 / _LIKE < one.value / amount.value < _LIKE]
    if not alike or any(one.kind in _TIMES or one.per[:1] == ("hour",) for one in sentence.amounts):
        return False
    said = (
        power_deeds.SUMMED.search(sentence.text)
        or power_deeds.YEAR.search(sentence.text)
        or _HOUR.search(sentence.text)
    )
    return not said and not power_deeds.WHOLES.search(sentence.text) and used(sentence, amount) is None


def _is_at_load(sentence: Sentence, amount: Amount, last: Sentence | None) -> bool:
    """Whether a clause tells what something takes in a state of load, and no time."""
    near = [*(last.amounts if last is not None else ()), *sentence.amounts]
    is_large = amount.value > _LARGE or any(one.kind in (*_TIMES, "power") for one in near)
    is_timed = (
        _HOUR.search(sentence.text)
        or power_deeds.YEAR.search(sentence.text)
        or power_deeds.SUMMED.search(sentence.text)
    )
    is_state = power_deeds.AT_LOAD.search(clause(sentence, amount).words) is not None
    return is_state and not is_large and not is_timed and used(sentence, amount) is None


def _is_level(sentence: Sentence, amount: Amount) -> bool:
    """Whether machines stand at an amount, by a meter or at an hour of the day, or average it apiece."""
    before, around = sentence.text[max(0, amount.start - 80) : amount.start], clause(sentence, amount)
    near = (
        power_deeds.WHOLES.search(around.words)
        or power_deeds.SUMMED.search(sentence.text)
        or power_deeds.YEAR.search(around.words)
    )
    if near or any(one.kind in _TIMES for one in sentence.amounts):
        return False
    if power_deeds.LEVEL.search(before):
        return bool(power_deeds.METER.search(sentence.text) or power_deeds.DAYTIME.search(around.behind))
    return bool(
        power_deeds.AVERAGES.search(before) and power_deeds.MACHINE.search(sentence.text[: amount.start]) and amount.per
    )


def _is_metered(sentence: Sentence, amount: Amount, before: Sentence | None) -> bool:
    """Whether a meter showed an amount and, in the same sentence, powers."""
    if not any(one.kind == "power" for one in sentence.amounts) or power_deeds.SUMMED.search(sentence.text):
        return False
    named = sentence.text if before is None else f"{before.text} {sentence.text}"
    return bool(power_deeds.METER.search(named) and power_deeds.METERED.search(sentence.text[: amount.start]))


def _is_compared(sentence: Sentence, amount: Amount) -> bool:
    """Whether an energy is compared with a power of the same size: "18 kWh, against 61 kW"."""
    for one, other in pairwise(sentence.amounts):
        is_pair = (
            amount in (one, other) and {one.kind, other.kind} == {"energy", "power"} and not (one.per or other.per)
        )
        is_alike = is_pair and WITHOUT_HOURS.get(amount.unit) in (one.unit, other.unit)
        between = sentence.text[one.end : other.start]
        is_range = energy_words.TO.fullmatch(between) and energy_words.FROM.search(
            sentence.text[max(0, one.start - 40) : one.start]
        )
        if is_alike and (is_range or power_deeds.AGAINST.fullmatch(between)):
            return True
    return False


def _is_product(sentence: Sentence, amount: Amount, before: Sentence | None) -> bool:
    """Whether an energy has the number of so many times a power of one, and nowhere a time beside it."""
    near = [*(before.amounts if before is not None else ()), *sentence.amounts]
    around = clause(sentence, amount)
    times = [one for one in sentence.amounts if one.kind in _TIMES]
    if _CHARGE.search(sentence.text):
        return False
    is_timed = any(one.start < amount.start or not _CUT.search(sentence.text[amount.end : one.start]) for one in times)
    if is_timed or energy_words.IN_A_PERIOD.search(around.words) or _HOUR.search(around.words):
        return False
    timed = before is not None and any(one.kind in _TIMES for one in before.amounts)
    if timed and energy_words.USED_BEFORE.search(around.before):
        return False
    counts = [one.value for one in near if one.kind in ("count", "number") and one.value > 1 and not one.per]
    powers = [one.value for one in near if one.kind == "power"]
    slack = max(amount.slack, 1e-6 * amount.value)
    return any(abs(count * power - amount.value) <= slack for count in counts for power in powers)


def _record(record: Record) -> Iterator[Finding]:
    for field in record.fields:
        amount, label = field.amount, field.label
        named = power_names.HEAD_POWER.search(label) is not None and not power_names.HEAD_NO_POWER.search(label)
        if amount.kind == "energy" and amount.unit in WITHOUT_HOURS and not amount.per and named:
            yield _finding(amount, f"{label!r} names power, the unit is one of energy", "")


def _finding(amount: Amount, why: str, quote: str) -> Finding:
    remedy = f"{WITHOUT_HOURS[amount.unit]} may be meant"
    return Finding("unit-slip", "high", 0.9, amount.place, f"{printed(amount)}: {why}", remedy, quote)
