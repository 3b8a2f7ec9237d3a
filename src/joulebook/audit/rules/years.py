"""A ratio of one year's emissions to another year's energy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Amount, Document, Paragraph, Sentence
from joulebook.audit.rules.nearby import is_intensity

_YEAR: Final = re.compile(r"(?<![\d.,-])((?:19|20)\d\d)(?![\d.,]*\d)")
_BEHIND: Final = re.compile(
    r"^\W{0,3}(?:\w+\W+){0,2}?(?:in|for|of|during|im jahr|en)?\s*\(?((?:19|20)\d\d)\b", re.IGNORECASE
)
_AWARE: Final = re.compile(
    r"different years|year before|not the same year|other year|andere\w* jahr|autre année", re.IGNORECASE
)


def years(document: Document) -> Iterator[Finding]:
    """Intensities that are one year's carbon by another year's energy, where that year's own energy is told too."""
    for paragraph in document.paragraphs:
        amounts = [(one, sentence) for sentence in paragraph.sentences for one in sentence.amounts if one.value > 0]
        dated = {id(one): _year(sentence, one) for one, sentence in amounts}
        yield from _paragraph(paragraph, [one for one, _ in amounts], dated)


def _year(sentence: Sentence, amount: Amount) -> int | None:
    """The year that stands beside an amount: right behind it, or else as the only one of its sentence."""
    behind = _BEHIND.match(sentence.text[amount.end : amount.end + 30])
    named = set(_YEAR.findall(sentence.text))
    return int(behind[1]) if behind else int(named.pop()) if len(named) == 1 else None


def _paragraph(paragraph: Paragraph, amounts: list[Amount], dated: dict[int, int | None]) -> Iterator[Finding]:
    carbons = [one for one in amounts if one.kind == "mass" and not one.per and dated[id(one)]]
    energies = [one for one in amounts if one.kind == "energy" and not one.per and dated[id(one)]]
    for sentence in paragraph.sentences:
        if _AWARE.search(sentence.text):
            continue
        for ratio in [one for one in sentence.amounts if is_intensity(sentence, one)]:
            close = [(c, e) for c in carbons for e in energies if _closes(ratio, c, e)]
            if not close or any(dated[id(c)] == dated[id(e)] for c, e in close):
                continue
            carbon, energy = close[0]
            if any(dated[id(one)] == dated[id(carbon)] for one in energies):
                one, other = f"{printed(carbon)} of {dated[id(carbon)]}", f"{printed(energy)} of {dated[id(energy)]}"
                evidence = f"{printed(ratio)} is {one} by {other}"
                remedy = "divide what belongs to one year"
                yield Finding("mixed-years", "medium", 0.85, ratio.place, evidence, remedy, sentence.text)


def _closes(ratio: Amount, carbon: Amount, energy: Amount) -> bool:
    slack = ratio.slack * 1.01 + ratio.value * (carbon.slack / carbon.value + energy.slack / energy.value)
    return abs(carbon.value / energy.value - ratio.value) <= slack
