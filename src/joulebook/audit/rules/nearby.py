"""The words that belong to an amount: its clause, between the amounts beside it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Amount, Sentence

_CUT: Final = re.compile(
    r"[;—]|\s[–-]\s|:\s|\.\s|,\s(?:and|but|while|whereas|which|so|und|aber|während|et|mais|tandis)\b", re.IGNORECASE
)
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
    at = sentence.amounts.index(amount)
    begin = max(sentence.amounts[at - 1].end if at else 0, amount.start - _REACH)
    last = sentence.amounts[at + 1].start if at + 1 < len(sentence.amounts) else len(sentence.text)
    before, behind = sentence.text[begin : amount.start], sentence.text[amount.end : min(last, amount.end + _REACH)]
    start = max((found.end() for found in _CUT.finditer(before)), default=0)
    stop = _CUT.search(behind)
    return Clause(before[start:], behind[: stop.start()] if stop else behind)


def printed(amount: Amount) -> str:
    """An amount with its unit, where that is not printed with it."""
    if any(char.isalpha() or char in "%$€£×" for char in amount.digits) or not amount.unit:
        return amount.digits
    return f"{amount.digits} {amount.unit}" + "".join(f"/{one}" for one in amount.per)
