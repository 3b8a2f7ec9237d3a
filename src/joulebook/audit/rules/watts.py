"""Units of power where an energy is told: 200 TW a year, a prompt of 0.24 watts, a training that took 433 MW."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.factors import WITH_HOURS
from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Amount, Document, Paragraph, Sentence
from joulebook.audit.rules import energy_words, power_deeds
from joulebook.audit.rules.nearby import clause
from joulebook.audit.rules.refuted import is_refuted
from joulebook.audit.rules.served import used

_SMALL: Final = 0.02
"""kW below which nothing draws that answers anybody."""
_DAY: Final = 24.0
_OVER: Final = re.compile(
    r"\b(?:in|over|within|during|im|binnen|über|durant|en|pendant|durante)\s(?:[\w-]+\s)?$", re.IGNORECASE
)
_RAMP: Final = re.compile(r"\bramp\w*|gradient|slope", re.IGNORECASE)
_PERIODS: Final = ("year", "day", "month", "week")
_OF_A_YEAR: Final = re.compile(
    rf"{energy_words.OF_ELECTRICITY.pattern}\s(?:{energy_words.IN_A_PERIOD.pattern})", re.IGNORECASE
)
_RESULTS: Final = {"mass": "carbon", "money": "cost", "water": "water"}
_WHOLE: Final = "for a whole time: an amount of energy is told, and watts are energy by time"


def watts(document: Document) -> Iterator[Finding]:
    """Amounts in a unit of power where words, or the figures beside them, tell an energy."""
    for paragraph in document.paragraphs:
        yield from _paragraph(paragraph)
    for record in document.every_record():
        for field in record.fields:
            if (
                field.amount.kind == "power"
                and field.amount.unit in WITH_HOURS
                and energy_words.HEAD_ENERGY.match(field.label)
            ):
                yield _finding(field.amount, f": {field.label!r} names energy, the unit is one of power", "")


def _paragraph(paragraph: Paragraph) -> Iterator[Finding]:
    following = [*paragraph.sentences[1:], None]
    for sentence, after in zip(paragraph.sentences, following, strict=True):
        amounts = [one for one in sentence.amounts if one.kind == "power" and one.value > 0 and one.unit in WITH_HOURS]
        if amounts and not is_refuted(sentence, after):
            for amount in amounts:
                if why := _energy(sentence, amount, after):
                    yield _finding(amount, why, sentence.text)


def _energy(sentence: Sentence, amount: Amount, after: Sentence | None) -> str:
    """Why an amount of power seems to be an energy; empty where it does not."""
    return (
        _named(sentence, amount)
        or _of_use(sentence, amount)
        or _of_a_period(sentence, amount)
        or _charged(sentence, amount, after)
    )


def _named(sentence: Sentence, amount: Amount) -> str:
    """By the words right before it and behind it."""
    before = sentence.text[max(0, amount.start - 80) : amount.start]
    behind = sentence.text[amount.end : amount.end + 60]
    is_average = power_deeds.AT_A_TIME_BEHIND.match(behind)
    is_said = (
        (energy_words.ENERGY_NAMED.search(before) or energy_words.ELECTRICITY_AT.search(before))
        and not energy_words.CAPACITY.search(before[-45:])
        and not is_average
    )
    is_said = bool(is_said or energy_words.STORES.search(before))
    if is_said or energy_words.OF_ENERGY.match(behind):
        return ": energy is stated, in a unit of power"
    if amount.per[:1] == ("hour",) and not _RAMP.search(sentence.text):
        return ": power for an hour is energy, and power already is energy for a time"
    is_training = energy_words.TRAINING_TOOK.search(before) and not energy_words.FOR_A_TIME.search(behind)
    if is_training and not amount.per and not energy_words.CAPACITY.search(before):
        return ": the energy of a training is stated, in a unit of power"
    is_yearly = (
        energy_words.IN_A_PERIOD.search(behind[:28])
        and not re.match(r"[^a-z]*\.\s", behind)
        and energy_words.USED_BEFORE.search(before)
    )
    is_periodic = bool(amount.per) and amount.per[0] in _PERIODS
    if (is_periodic and not energy_words.CAPACITY.search(sentence.text)) or (
        is_yearly and not energy_words.CAPACITY.search(clause(sentence, amount).words)
    ):
        return ": an amount of a period is stated, in a unit of power"
    return ""


def _of_use(sentence: Sentence, amount: Amount) -> str:
    """A power that is said of one use of a model, of which there is only energy."""
    use = used(sentence, amount)
    around = clause(sentence, amount)
    if use is None or power_deeds.MACHINE.search(around.words) or energy_words.WHILE.search(around.words):
        return ""
    is_taken = amount.per or energy_words.TAKES.search(around.before)
    if not is_taken and amount.value > _SMALL:
        return ""
    return f" for {use.what}: it takes energy, and watts are energy by time"


def _of_a_period(sentence: Sentence, amount: Amount) -> str:
    """A power that was used in a year or in a training, where no word says that it was drawn at a time."""
    at = sentence.amounts.index(amount)
    begin = sentence.amounts[at - 1].end if at and sentence.amounts[at - 1].kind not in ("year", "time") else 0
    before = sentence.text[max(begin, amount.start - 110) : amount.start]
    ahead, after = sentence.text[: amount.start], sentence.text[amount.end :]
    if energy_words.DREW.search(ahead) and not power_deeds.AVERAGE_ANYWHERE.search(sentence.text):
        return f" {_WHOLE}"
    if energy_words.DRAWN_AT_A_TIME.search(f"{before} # {clause(sentence, amount).behind}"):
        return ""
    in_a_period = energy_words.OF_A_PERIOD.search(sentence.text[begin : amount.end + 40])
    told = (
        energy_words.CONSUMED.search(before) and (in_a_period or _is_over_a_time(sentence, amount)),
        energy_words.TRAINING_TOOK.search(before) and energy_words.OF_ELECTRICITY.match(after),
        energy_words.YEARLY_USE.search(before),
        _OF_A_YEAR.match(after),
    )
    return f" {_WHOLE}" if any(told) else ""


def _is_over_a_time(sentence: Sentence, amount: Amount) -> bool:
    """Whether a time of a day or more is told before an amount, as that in which it was used."""
    return any(
        one.kind == "time" and one.value >= _DAY and _OVER.search(sentence.text[max(0, one.start - 30) : one.start])
        for one in sentence.amounts
        if one.end <= amount.start
    )


def _charged(sentence: Sentence, amount: Amount, after: Sentence | None) -> str:
    """A power whose number by a rate for a kWh gives the carbon, cost or water beside it, and nowhere a time."""
    near = [*sentence.amounts, *(after.amounts if after is not None else ())]
    if amount.per or any(one.kind == "time" for one in near) or energy_words.IN_A_PERIOD.search(sentence.text):
        return ""
    for rate in near:
        if rate.per != ("kWh",) or rate.kind not in _RESULTS:
            continue
        whole = amount.value * rate.value
        for result in near:
            if result.kind == rate.kind and not result.per and abs(whole - result.value) <= 0.02 * result.value:
                return f" by {printed(rate)} gives the {_RESULTS[rate.kind]} {printed(result)}: energy is meant"
    return ""


def _finding(amount: Amount, why: str, quote: str) -> Finding:
    remedy = f"{WITH_HOURS[amount.unit]} may be meant"
    return Finding("unit-slip", "high", 0.9, amount.place, f"{printed(amount)}{why}", remedy, quote)
