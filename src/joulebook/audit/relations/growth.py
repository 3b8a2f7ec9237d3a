"""Steady growth: two paces of one thing have to be the same, however each of them is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import exp, log
from typing import Final

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Amount, Document, Paragraph, Sentence
from joulebook.audit.relations import cues
from joulebook.audit.relations.paces import Pace, between, labelled, paces

FOLLOWS: Final = re.compile(
    r"\b(?:so|thus|hence|thereby|therefore|then|means?|meaning|implies|imply\w*|that(?:'s| is| was| makes?| would)"
    r"|this (?:is|was|would)|which|i\.e|equals?|equivalent|correspond\w*|represents?|amounts? to|adds? up|works? out"
    r"|translates?|compound\w*|it would|it will|would (?:make|give|mean|be)|in other words|enough to"
    r"|even that|by that|it (?:will |would )?takes?|il faut|dauert es"
    r"|at (?:that|this|such|which)|(?:that|this) (?:pace|rate|speed|clip)|if (?:that|this|it)|or"
    r"|das (?:ist|sind|w\w+|ergibt|hei\w+|bedeutet|entspricht)|entspricht|bedeutet|also|somit|damit"
    r"|demnach|bei diesem"
    r"|in diesem tempo|soit|donc|c'est|ce qui|autrement dit|ce rythme|revient|équivaut|correspond)\b|[:=(→]",
    re.IGNORECASE,
)
"""What follows is said of the same growth."""
_ACROSS: Final = re.compile(
    r"\b(?:so|thus|hence|therefore|then|means?|implies|imply\w*|that(?:'s| is| was| makes?| would)"
    r"|this (?:is|was|would)"
    r"|it is|equivalent|correspond\w*|represents?|amounts? to|adds? up|works? out|translates?|compound\w*|would"
    r"|even that|(?:years?|months?) (?:of (?:it|that|this)|on)|(?:carry|keep|continue|go on)\w* (?:that|this|it|like)"
    r"|(?:at|by|of|on|with|bei|in|à) (?:that|this|such|dies\w+|ce)|(?:that|this) (?:pace|rate|speed"
    r"|clip)|if (?:that|this|it)"
    r"|(?:das|dies) (?:ist|sind|w\w+|ergibt|hei\w+|bedeutet|entspricht)|also|somit|damit|demnach"
    r"|soit|donc|c'est|cela|ce rythme)\b",
    re.IGNORECASE,
)
"""The same in a new sentence."""
OTHER: Final = re.compile(
    r"\b(?:while|whereas|than|compared|against|unlike|but|instead|later|until then|not|never|others?|rivals?|without"
    r"|although|während|als|statt|aber|nicht|andere\w*|alors que|tandis|contre|mais|au lieu|sans|hingegen"
    r"|dagegen)\b",
    re.IGNORECASE,
)
"""What follows is said of something else."""
_AND: Final = re.compile(r"\b(?:and|und|et)\b", re.IGNORECASE)
_AND_IT: Final = re.compile(
    r"[^.;,]{0,20}\b(?:and|und|et)\s(?:(?:so|thus|hence|it|will|would|therefore|damit|donc)\s){0,3}", re.IGNORECASE
)
"""Between a rate and what it makes of the same thing."""
_GIVEN: Final = re.compile(
    r"(?:\b(?:at|with|given|assuming|grow\w*|rising|increas\w*|doubl\w*|bei|mit|avec|à)\s+(?:[\w'’-]+\s+){0,5})$",
    re.IGNORECASE,
)
"""Before a pace from which something follows."""
_APPOSED: Final = re.compile(
    r"\s*[,–—-]\s*(?:(?:about|roughly|nearly|almost|some|around|just|under|over|well|an?|the|growth|rise"
    r"|rate|increase|average|mean|pace|of|by|at|annual|yearly|compound"
    r"|eine?|im|schnitt|durchschnitt\w*|mittel|moyenne|von|um|rund|etwa|fast|knapp|zuwachs|wachstum|une?"
    r"|de|d['’]environ|environ|croissance|hausse|près)\s+)*",
    re.IGNORECASE,
)
"""Between a pace and the same in other words."""
_NEXT: Final = 2
"""Sentences within which an amount may grow to another one."""
_HEAD: Final = 60
"""Letters at the head of a sentence, and before a pace, in which words of consequence are looked for."""
_SHORT: Final = 45
_LINEAR, _MET = 0.12, 0.01
"""How far a total has to be from the truth that a rate times years gives to within so much."""
_FREE: Final = 0.03
"""Relative difference that is never told."""


def growth(document: Document) -> Iterator[Finding]:
    """Pairs of paces, tied by the text to one another, of which no reading makes them the same."""
    for paragraph in document.paragraphs:
        yield from _told(paragraph)


def _told(paragraph: Paragraph) -> Iterator[Finding]:
    found = [(number, one) for number, sentence in enumerate(paragraph.sentences) for one in paces(sentence)]
    reached = list(_reached(paragraph))
    found = sorted([*found, *((at, one) for _, at, one in reached)], key=lambda one: (one[0], one[1].start))
    for index, (number, one) in enumerate(found[1:], 1):
        sentence = paragraph.sentences[number]
        before = found[index - 1]
        if number - before[0] > 1 or cues.REBUTTED.search(sentence.text):
            continue
        if one.is_rate and before[1].is_rate and one.years == before[1].years:
            continue  # two rates are of two things or two times
        near = [other for place, other in found if other is not one and place <= number]
        if any(same(one, other) for other in near):
            continue
        within = before[1].is_rate and any(since <= before[0] and one is last for since, _, last in reached)
        if (within or _tied(paragraph.sentences[before[0]], before[1], sentence, one)) and one.log * before[1].log > 0:
            first = paragraph.sentences[before[0]]
            yield (
                _as_increase(before[1], one, first)
                or _as_increase(one, before[1], sentence)
                or _finding(before[1], one, sentence)
            )


def _reached(paragraph: Paragraph) -> Iterator[tuple[int, int, Pace]]:
    """The pace from an amount of a year to one of a later year in the next sentences, with both sentences."""
    last: tuple[int, tuple[Amount, int]] | None = None
    for number, sentence in enumerate(paragraph.sentences):
        some = labelled(sentence)
        if len(some) == 1:
            if last is not None and number - last[0] <= _NEXT:
                yield from ((last[0], number, one) for one in between(last[1], some[0]))
            last = number, some[0]
        elif some:
            last = None


def same(one: Pace, other: Pace) -> bool:
    """Whether two paces can be one, the later first; years that were computed from a rate are rounded."""
    exact = one.is_rate or one.is_rate == other.is_rate or min(one.factor, other.factor) < 1 or _is_counted(one, other)
    (a, b), (c, d) = (one.narrow, other.narrow) if exact else ((one.least, one.most), (other.least, other.most))
    if _is_linear(one, other):
        return False
    free = _FREE * max(abs(one.log), abs(other.log))
    return a <= d + free and c <= b + free


def _as_increase(one: Pace, other: Pace, sentence: Sentence) -> Finding | None:
    """A multiple in per cent that is said to be an increase: 2.28 times as much is no increase of 228 per cent."""
    if one.is_rate or one.at.kind != "percent" or one.at.value <= 100 or not same(_times(one), other):
        return None
    evidence = (
        f"{other.words} for {one.years:.3g} years makes {exp(other.log * one.years):.3g} times as much, stated an "
        f"increase of {one.at.digits}: {one.at.value / 100:.3g} times as much is {one.at.value - 100:.3g} % more"
    )
    return Finding(
        "percentage", "medium", 0.85, one.at.place, evidence, "say the increase, or the multiple", sentence.text
    )


def _times(one: Pace) -> Pace:
    """A pace with its percentage read as the multiple."""
    factor, half = one.at.value / 100, one.at.slack / 100
    ends = log(factor - half) / one.years, log(factor + half) / one.years
    return one._replace(least=ends[0], log=log(factor) / one.years, most=ends[1], factor=factor, narrow=ends)


def _is_linear(one: Pace, other: Pace) -> bool:
    """Whether the total of a rate is so many times the rate: 4 % a year is no 40 % in ten years."""
    rate, total = (one, other) if one.is_rate else (other, one)
    if not rate.is_rate or total.is_rate or total.at.kind != "percent" or abs(total.log / rate.log - 1) < _LINEAR:
        return False
    return abs(rate.at.value * total.years / rate.years - total.at.value) < _MET * total.at.value


def _is_counted(one: Pace, other: Pace) -> bool:
    """Whether the years beside a rate are a time over which something is reckoned, and no result of it."""
    timed = other if one.is_rate else one
    return not float(timed.factor).is_integer()


def _tied(earlier: Sentence, first: Pace, sentence: Sentence, last: Pace) -> bool:
    """Whether words say that two paces are of the same growth."""
    if earlier is not sentence:
        text = sentence.text
        near = text[: last.start][:_HEAD], text[: last.start][-_HEAD:], text[last.start : last.end + 30]
        return not OTHER.search(text[: last.end]) and any(_ACROSS.search(words) for words in near)
    between = sentence.text[first.end : last.start]
    if OTHER.search(between) or (
        ";" in between and not _ACROSS.search(f"{between} {sentence.text[last.start : last.end]}")
    ):
        return False
    if FOLLOWS.search(sentence.text[first.end : last.end]) or _APPOSED.fullmatch(between):
        return True
    if _AND.search(between):
        return first.is_rate and not last.is_rate and _AND_IT.fullmatch(between) is not None
    is_given = _GIVEN.search(sentence.text[: first.start]) is not None and not re.search(r"\b(?:says?|said)\b", between)
    return len(between) < _SHORT and ("," not in between or is_given)


def _finding(first: Pace, last: Pace, sentence: Sentence) -> Finding:
    if last.is_rate:
        stated = f"is {100 * (exp(first.log * last.years) - 1):.3g} % a {'month' if last.years < 1 else 'year'}"
        evidence = f"{first.words} {stated}, as {first.factor:.3g}^(1/{first.years:.3g}) - 1; stated {last.words}"
    else:
        until = log(last.factor) / first.log
        evidence = (
            f"at {first.words} it takes ln {last.factor:.3g} / {first.log:.3g} = {until:.2g} years to be "
            f"{last.factor:.3g} times as much; {last.years:.3g} years make {exp(first.log * last.years):.3g} times as "
            f"much, stated {last.words}"
        )
    remedy = "correct the rate, the multiple or the years"
    return Finding("arithmetic", "medium", 0.85, last.at.place, evidence, remedy, sentence.text)
