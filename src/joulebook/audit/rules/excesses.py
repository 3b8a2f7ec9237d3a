"""Reductions of more than there is: a saving of 400 %."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.refuted import believed

_HEDGE: Final = (
    r"(?:(?:about|around|some|roughly|nearly|almost|over|more than|up to|rund|etwa|fast|environ|près de|casi)\s)*$"
)
_BEFORE: Final = re.compile(
    r"\b(?:(?:reduction|decrease|cut|drop|fall|decline|saving)s? (?:of|by)"
    r"|(?:reduc|decreas|declin|shr[aiu]nk|lower|slash|dropp?|sav)(?:es|ed|e|ing|s)?(?:\s(?!to\b)[\w’'-]+){0,6} by"
    r"|(?:cut|cuts|cutting|fell|falls|fallen)(?:\s(?!to\b)[\w’'-]+){0,6} by"
    r"|(?:senk|reduzier|verringer|gesunken|sank|sinkt|fiel|gefallen)\w*(?:\s(?!auf\b)[\w-]+){0,6} um"
    r"|(?:ein rückgang|eine einsparung|eine senkung|eine reduktion) (?:von|um)"
    r"|(?:baisse|réduction|diminution|économie)s? de|(?:baiss|rédui|diminu)\w*(?:\s[\w’'-]+){0,5} de"
    r"|(?:reducci[oó]n|ca[ií]da|ahorro|descenso|baja) del?|(?:redu[cjz]|disminu|baj)\w*(?:\s[\w-]+){0,5} (?:en )?un)\s"
    + _HEDGE,
    re.IGNORECASE,
)
_BEHIND: Final = re.compile(
    r"\s(?:less (?:energy|power|electricity|carbon|water|than)|lower\b|fewer\b|cheaper\b|smaller\b|reduction\b"
    r"|decrease\b"
    r"|weniger\b|niedriger\b|de moins\b|menos\b)",
    re.IGNORECASE,
)
_INCREASE: Final = re.compile(
    r"\b(?:increas|r[aio]se|gr[eo]w|gain|speed|efficien|improv|throughput|performance|profit|return)\w*", re.IGNORECASE
)
"""What may fall from more than double, or be cut from a rise."""
_ALL: Final = 100.0


def excesses(document: Document) -> Iterator[Finding]:
    """Percentages above 100 by which something is said to have become less."""
    for sentence in believed(document):
        for amount in sentence.amounts:
            if amount.kind == "percent" and amount.low > _ALL + amount.slack and _is_less(sentence, amount):
                evidence = f"a reduction by {amount.digits}: more than there was"
                remedy = "the new figure may be the base, or the old one so many times the new one"
                yield Finding("percentage", "high", 0.9, amount.place, evidence, remedy, sentence.text)


def _is_less(sentence: Sentence, amount: Amount) -> bool:
    before, behind = sentence.text[: amount.start], sentence.text[amount.end :]
    said = _BEFORE.search(before)
    if said is not None:
        return not _INCREASE.search(said[0])
    return _BEHIND.match(behind) is not None and not re.search(r"\bto\s$", before)
