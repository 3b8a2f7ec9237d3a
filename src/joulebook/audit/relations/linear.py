"""So much more each year: what it adds up to in so many years."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Amount, Document, Paragraph, Sentence
from joulebook.audit.relations import cues
from joulebook.audit.relations.growth import FOLLOWS, OTHER

_HOURS: Final = 8760.0
_PERIODS: Final = {"year": 1.0, "month": 1 / 12}
_KINDS: Final = frozenset({"power", "count", "energy", "mass", "water", "money"})
_ADDS: Final = re.compile(
    r"\b(?:add\w*|gr[eo]w\w*|ris\w+|rose|increas\w*|expand\w*|gain\w*|build\w*|install\w*|sav\w*|shed\w*|los\w+|fall\w*|drop\w*"
    r"|wächst|wachs\w*|steig\w*|bau\w*|spar\w*|ajout\w*|augment\w*|cro[iî]\w*|économis\w*|install\w*)\b[^.;]{0,60}$",
    re.IGNORECASE,
)
"""Before what is added each year."""
_OVER: Final = re.compile(
    r"\b(?:in|within|over|after|by|binnen|nach|über|en|dans|sur|au bout de)\s+(?:[\w'’-]+\s+){0,3}$", re.IGNORECASE
)
_PAID: Final = re.compile(
    r"\b(?:pa(?:y|ys|id|ying)|offset\w*|recoup\w*|break\w* even|amorti\w*|rentab\w*)\b", re.IGNORECASE
)
"""What is added each year is set against something else."""
_NEAR: Final = 60
_OFF: Final = 0.06
"""Relative difference that is told."""


def linear(document: Document) -> Iterator[Finding]:
    """Totals of so many years that are not so many times what each of them adds."""
    for paragraph in document.paragraphs:
        for number, sentence in enumerate(paragraph.sentences):
            for one in sentence.amounts:
                if _is_added(sentence, one):
                    yield from _told(paragraph, number, one)


def _is_added(sentence: Sentence, one: Amount) -> bool:
    yearly = one.kind in _KINDS and len(one.per) == 1 and one.per[0] in _PERIODS
    return yearly and not one.ranged and one.value > 0 and _ADDS.search(sentence.text[: one.start]) is not None


def _told(paragraph: Paragraph, number: int, one: Amount) -> Iterator[Finding]:
    """The total in the sentence, or in the next."""
    sentence = paragraph.sentences[number]
    for place, begin in ((sentence, one.end), *((after, 0) for after in paragraph.sentences[number + 1 : number + 2])):
        behind = [some for some in place.amounts if some.start >= begin]
        spans = [some for some in behind if some.kind == "time" and some.unit in ("y", "months")]
        if len(spans) != 1 or cues.REBUTTED.search(place.text):
            continue
        totals = _totals(one, behind)
        others = [some for some in (*sentence.amounts, *place.amounts) if some.kind == one.kind and not some.per]
        if len(totals) != 1 or len([some for some in others if some not in totals]) > 0:
            continue
        yield from _checked(place, begin, one, spans[0], totals[0])
        return


def _totals(one: Amount, behind: Sequence[Amount]) -> list[Amount]:
    return [
        some
        for some in behind
        if not some.per
        and not some.ranged
        and (some.kind == "number" or (some.kind, some.noun) == (one.kind, one.noun))
    ]


def _checked(place: Sentence, begin: int, one: Amount, span: Amount, total: Amount) -> Iterator[Finding]:
    first, last = sorted((span, total), key=lambda some: some.start)
    between = place.text[first.end : last.start]
    head = between if first is total else place.text[begin : span.start]
    if len(between) > _NEAR or not _OVER.search(head) or "." in between:
        return
    words = place.text[begin : last.end]
    if OTHER.search(words) or _PAID.search(words) or not FOLLOWS.search(words):
        return
    years = span.value / _HOURS / _PERIODS[one.per[0]]
    scale = one.scale if total.kind == "number" else 1.0
    made, stated = one.value * years, total.value * scale
    slack = one.slack * years + total.slack * scale + (0.1 if total.hedged or span.hedged else _OFF) * made
    if abs(made - stated) <= slack or not 1 / 3 < stated / made < 3:
        return
    evidence = f"{one.digits} for {span.digits} is {made / one.scale:.4g}, stated {total.digits}"
    yield Finding("arithmetic", "medium", 0.75, total.place, evidence, "one of these figures is wrong", place.text)
