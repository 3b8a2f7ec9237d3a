"""The words that belong to an amount: its clause, between the amounts beside it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Amount, Sentence

_CUT: Final = re.compile(
    r"[;—]|\s[–-]\s|:\s|\.\s|,\s(?:and|but|while|whereas|which|so|und|aber|während|et|mais|tandis)\b", re.IGNORECASE
)
_EVERY: Final = re.compile(
    r"\b(?:every|each|an?|one|the|per|jede|die|eine|der|chaque|le|un|du)\s"
    r"(?:(?:average|mean|single|produced|generated|used)\s)?(?:kWh|kilowatt[- ]?hour|Kilowattstunde|kilowattheure)\b"
    r"|\b(?:each|every|one|jede|chacun) (?:of|der|des|de) (?:(?:our|the|these|its|their|nos|unserer)\s)?"
    r"(?:kWh|kilowatt[- ]?hours|Kilowattstunden|kilowattheures)\b|\b(?:cada|por|el|un|la) (?:kWh|kilovatio[- ]hora)\b",
    re.IGNORECASE,
)
_PLURAL: Final = re.compile(r"\b(?:kWh|kilowatt[- ]?hours|Kilowattstunden|kilowattheures)\b", re.IGNORECASE)
_MOST: Final = 3.0
"""kg that a kWh can carry."""
_REACH: Final = 110


class Clause(NamedTuple):
    """What stands before an amount and behind it, in its clause."""

    before: str
    behind: str

    @property
    def words(self) -> str:
        """Both, with a gap where the amount stands."""
        return f"{self.before} # {self.behind}"


def clause(sentence: Sentence, amount: Amount) -> Clause:
    """The clause of an amount: to the amounts beside it, or to a cut between clauses."""
    bounds = [one for one in sentence.amounts if one.kind != "year"]
    begin = max(0, amount.start - _REACH, *(one.end for one in bounds if one.end <= amount.start))
    last = min((one.start for one in bounds if one.start >= amount.end), default=len(sentence.text))
    before, behind = sentence.text[begin : amount.start], sentence.text[amount.end : min(last, amount.end + _REACH)]
    start = max((found.end() for found in _CUT.finditer(before)), default=0)
    stop = _CUT.search(behind)
    return Clause(before[start:], behind[: stop.start()] if stop else behind)


def is_for_a_kwh(sentence: Sentence, amount: Amount) -> bool:
    """Whether words right before an amount say that it is for a kilowatt-hour."""
    at = sentence.amounts.index(amount)
    before = sentence.amounts[at - 1] if at else amount
    is_other = at and not (before.kind == "energy" and before.value == 1)
    begin = max(before.end if is_other else 0, amount.start - 70)
    return not amount.per and _EVERY.search(sentence.text[begin : amount.start]) is not None


def is_intensity(sentence: Sentence, amount: Amount) -> bool:
    """Whether an amount is carbon for a kWh, by its unit or in words: "every kilowatt-hour carries 0.27 kg"."""
    if amount.kind != "mass" or amount.value <= 0:
        return False
    at = sentence.amounts.index(amount)
    before = sentence.amounts[at - 1] if at else amount
    is_other = at and not (before.kind == "energy" and before.value == 1)  # "a kilowatt-hour" is what it is for
    begin = max(before.end if is_other else 0, amount.start - 70)
    if amount.per == ("each",) and amount.value < _MOST:
        return _PLURAL.search(sentence.text[begin : amount.start]) is not None
    is_said = not amount.per and amount.value < _MOST and _EVERY.search(sentence.text[begin : amount.start])
    return amount.per[:1] == ("kWh",) or bool(is_said)
