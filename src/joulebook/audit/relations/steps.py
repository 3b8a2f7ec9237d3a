"""One change told twice: five doublings as a multiple, orders of magnitude as a factor, "halved" as per cent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from math import log
from typing import Final, NamedTuple

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.relations import cues
from joulebook.audit.relations.growth import OTHER
from joulebook.audit.relations.multiples import GROWS, ORDER, STEP, Multiple, multiples, step
from joulebook.audit.relations.paces import paces

_TIMES: Final = re.compile(r"\s*(?:times|mal\b|fois|-?mal\b)", re.IGNORECASE)
"""Behind how often something doubles."""
_MANY: Final = re.compile(r"\s(?:(?:such|more|further|successive|full|complete|weitere|volle)\s)?", re.IGNORECASE)
"""Between a number and the steps that it counts."""
_NOUNS: Final = re.compile(r"doublings|halvings|triplings|verdopp\w+ungen|halbierungen|doublements", re.IGNORECASE)
_FOLLOWS: Final = re.compile(
    r"\b(?:so|thus|hence|therefore|mak(?:e|es|ing)|made|giv(?:e|es|ing)|mean(?:s|ing)?|that is|that's|i\.e"
    r"|amounts?|which is"
    r"|or|would|adds? up|equals?|bring\w*|yield\w*|multipl\w+|machen|macht|ergeben|ergibt|also|somit|font"
    r"|fait|donnent|soit|donc)\b"
    r"|[=:,–—]",
    re.IGNORECASE,
)
"""What follows is the product of the steps."""
_EQUAL: Final = re.compile(
    r"\s*[,(;:–—-]?\s*(?:that is|that's|i\.\s?e\.?|in other words|which is|or|or rather|namely|meaning"
    r"|das hei(?:ß|ss)t|d\.\s?h\.|also"
    r"|nämlich|oder|soit|autrement dit|c'est-à-dire|ou)\b(?:(?!\b(?:and|but|while|und|aber|et|mais)\b)[^;]){0,45}",
    re.IGNORECASE,
)
"""Between a change and the same in other words."""
_PLAIN_OR: Final = re.compile(r"\s+(?:or|oder|ou)\b", re.IGNORECASE)
"""Between two alternatives."""
_FREE: Final = 0.2
"""Relative difference of logarithms that is never told of one change in two words."""
_STEPS_FREE: Final = 0.05
"""The same of steps that are counted."""
_EACH_OF: Final = re.compile(
    rf"(?:{STEP.pattern})[^.;,]{{0,12}}\s(?:with|in|at|after|over)\s(?:each|every one) of (?:the|its|their|our)"
    r" (?:last |past )?$",
    re.IGNORECASE,
)
_HALVED: Final = re.compile(r"\b(?:cut|slashed|reduced|fallen|fell) (?:in|by) half(?: again)?\s$", re.IGNORECASE)
_MOST: Final = 40
_NEAR: Final = 90


class _Steps(NamedTuple):
    factor: float
    start: int
    end: int
    at: Amount
    words: str


def steps(document: Document) -> Iterator[Finding]:
    """Changes that are told twice and differ."""
    for paragraph in document.paragraphs:
        before: list[_Steps] = []
        for sentence in paragraph.sentences:
            here, many = list(_steps(sentence)), multiples(sentence)
            if not cues.REBUTTED.search(sentence.text):
                yield from _products(sentence, here, many, before)
                yield from _reached(sentence, here, before)
                yield from _twice(sentence, many)
            before = here


def _steps(sentence: Sentence) -> Iterator[_Steps]:
    """Five doublings; doubled three times."""
    text = sentence.text
    for one in sentence.amounts:
        if one.kind not in ("number", "count", "factor") or not 1 < one.value <= _MOST or one.value != int(one.value):
            continue
        gap = _MANY.match(text, one.end)
        noun = _NOUNS.match(text, gap.end()) if gap else None
        if noun is not None:
            base = step(found) if (found := STEP.match(text, noun.start())) else 2.0
            yield _Steps(base**one.value, one.start, noun.end(), one, text[one.start : noun.end()])
            continue
        if (again := _again(text, one)) is not None:
            yield again
            continue
        verb = next(reversed(list(STEP.finditer(text, max(0, one.start - 25), one.start))), None)
        often = "times" in one.text or "mal" in one.text or _TIMES.match(text, one.end)
        if verb is not None and often and not text[verb.end() : one.start].strip():
            yield _Steps(step(verb) ** one.value, verb.start(), one.end, one, text[verb.start() : one.end])


def _again(text: str, one: Amount) -> _Steps | None:
    """Halved with each of the last three releases; cut in half three times."""
    before = text[: one.start]
    if each := _EACH_OF.search(before):
        base, start = step(found) if (found := STEP.search(each[0])) else 2.0, each.start()
    elif (halved := _HALVED.search(before)) and (one.text.endswith("times") or _TIMES.match(text, one.end)):
        base, start = 0.5, halved.start()
    else:
        return None
    return _Steps(base**one.value, start, one.end, one, text[start : one.end])


def _products(sentence: Sentence, here: list[_Steps], many: list[Multiple], before: list[_Steps]) -> Iterator[Finding]:
    """Steps whose product is told and differs."""
    known = here or before
    if len(known) != 1:
        return
    some = known[0]
    for one in many:
        apart = one.start >= some.end if here else True
        between = sentence.text[some.end if here else 0 : one.start]
        if (
            not apart
            or one.at is None
            or one.at is some.at
            or len(between) > _NEAR
            or not _FOLLOWS.search(between)
            or OTHER.search(between)
        ):
            continue
        if one.at.kind == "factor" and STEP.fullmatch(one.at.text):
            continue
        by = log(some.factor)
        if by * log(one.middle) > 0 and not _within(by, one, _STEPS_FREE):
            evidence = f"{some.words} make {some.factor:.4g} times as much, stated {one.words}"
            yield Finding("arithmetic", "medium", 0.8, one.at.place, evidence, "correct the multiple", sentence.text)
        return


def _reached(sentence: Sentence, here: list[_Steps], before: list[_Steps]) -> Iterator[Finding]:
    """Two amounts of which the last is not what counted steps make of the first."""
    known = here or before
    begin = known[0].end if here else 0
    ends = [one for one in sentence.amounts if one.kind in GROWS and one.kind != "number" and one.start >= begin]
    if len(known) != 1 or len(ends) != 2 or OTHER.search(sentence.text[begin : ends[1].start]):
        return
    first, last = ends
    if (first.kind, first.per, first.noun) != (last.kind, last.per, last.noun) or min(first.value, last.value) <= 0:
        return
    by, off = log(known[0].factor), log(last.value / first.value)
    if by * off > 0 and abs(by - off) > _STEPS_FREE * abs(by) + (first.slack / first.value + last.slack / last.value):
        made = first.value * known[0].factor / last.scale
        evidence = f"{known[0].words} make {first.digits} {made:.4g}, stated {last.digits}"
        yield Finding("arithmetic", "medium", 0.75, last.place, evidence, "correct the amount", sentence.text)


def _within(by: float, one: Multiple, free: float) -> bool:
    low, high = log(one.low), log(one.high)
    wide = free * abs(by)
    return low - wide <= by <= high + wide


def _twice(sentence: Sentence, many: list[Multiple]) -> Iterator[Finding]:
    """Two words for one change, the second behind "that is"."""
    text, timed = sentence.text, paces(sentence)
    for first, last in pairwise(many):
        between = text[first.end : last.start]
        worded = last.at is None or last.at.kind == "factor"
        if not _EQUAL.fullmatch(between) or (_PLAIN_OR.match(between) and worded):
            continue
        figures = any(
            one.at is not None and one.at.kind not in ("percent", "factor", "number") for one in (first, last)
        )
        if figures or last.at is None or any(one.start < last.end and first.start < one.end for one in timed):
            continue
        ends = (log(first.low), log(first.high)), (log(last.low), log(last.high))
        if log(first.middle) * log(last.middle) <= 0 or _alike(
            *ends, free=0.0 if ORDER.search(first.words + last.words) else _FREE
        ):
            continue
        evidence = f"{first.words} is {_told(first)}, stated {last.words}, which is {_told(last)}"
        yield Finding("arithmetic", "medium", 0.75, last.at.place, evidence, "say one of the two", text)


def _alike(one: tuple[float, float], other: tuple[float, float], *, free: float) -> bool:
    free = free * min(abs(one[0] + one[1]), abs(other[0] + other[1])) / 2
    return one[0] <= other[1] + free and other[0] <= one[1] + free


def _told(one: Multiple) -> str:
    return f"a change by {100 * (one.middle - 1):+.3g} %" if one.middle < 2 else f"{one.middle:.4g} times as much"
