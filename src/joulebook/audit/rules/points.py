"""Percent said for percentage points: from 5 to 21 per cent, "an increase of 16 per cent"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Amount, Document, Paragraph, Sentence

_CHANGE: Final = (
    r"(?:increase|rise|growth|jump|gain|climb|leap|addition|improvement|decrease|drop|fall|decline|cut"
    r"|reduction|change|swing"
    r"|anstieg|zunahme|zuwachs|rückgang|abnahme|hausse|augmentation|baisse|diminution|recul)s?"
)
_CHANGED: Final = (
    r"(?:increas\w+|r[io]s(?:e|es|ing|en)|gr[eo]w\w*|jump\w*|climb\w*|gain\w*|up|add\w*|decreas\w+|dropp\w+"
    r"|fell|fall\w*|declin\w+|down"
    r"|went|stieg\w*|gestiegen|sank|gesunken|augment\w+|progress\w+|baiss\w+|diminu\w+)"
)
_HEDGE: Final = r"(?:only |just |about |around |some |roughly |almost |nearly |a mere |over |rund |etwa |environ )*"
_NOUN: Final = re.compile(
    rf"(?:\b{_CHANGE}\s+(?:of|by|von|um|de)|(?:\bi\.e\.|\bthat is|\bor|das heißt|\bsoit),?\s+(?:by|um|de))\s+{_HEDGE}$",
    re.IGNORECASE,
)
_VERB: Final = re.compile(rf"\b{_CHANGED}(?:\s+(?:by|um|de))?\s+{_HEDGE}$", re.IGNORECASE)
_SAME_SUBJECT: Final = re.compile(
    rf"[,;(—–]\s*(?:(?:it|this|that|which|so|thus|has|have|es|elle|il|or|i\.e\.)\s+)*{_CHANGED}\s+(?:by|um"
    rf"|de)\s+{_HEDGE}$",
    re.IGNORECASE,
)
_BEHIND: Final = re.compile(
    rf"^\s*(?:\w+\s)?(?:{_CHANGE}|more|less|higher|lower|mehr|weniger|de plus|de moins)\b", re.IGNORECASE
)
_SHARE: Final = (
    r"(?:(?:its|their|the|this|that|his|her|our|der|sein|ihr|dieser|la|cette|leur|sa)\s(?:[\w-]+\s){0,2}?"
    r"(?:share|proportion|percentage|portion|fraction|rate|\w*anteil|\w*quote|part|proportion|it)|it|this|that|they"
    r"|elle)"
)
_THEIR_SHARE: Final = (
    r"(?:its|their|our|his|her|ihr|sein|leur|sa)\s(?:[\w-]+\s){0,2}?(?:share|proportion|portion|\w*anteil|part)"
    r"\s(?:of|in|an|am|von|de|du|des)(?:\s[\w'’-]+){1,4}?"
)
_SHARE_CHANGED: Final = re.compile(
    rf"(?:^|[,;:—]\s|\b(?:so|thus|then|hence|and|years|jahren)\s)\W*(?:(?:ist|hat|sind)\s)?(?:{_SHARE}|{_THEIR_SHARE})\s(?:(?:has|have"
    rf"|had|is|ist|hat|sich|a|est|thus|therefore|so|then|thereby"
    rf"|damit|also|donc|ainsi)\s)*(?:(?:gone|went|goes) (?:up|down)|{_CHANGED})?\s*(?:(?:by|um|de"
    rf"|d'environ)\s)?{_HEDGE}$",
    re.IGNORECASE,
)
"""A share that is named again, and its change: "so their share has risen by"."""
_VERB_BEHIND: Final = re.compile(rf"\s(?:\w+\s){{0,2}}?{_CHANGED}\b", re.IGNORECASE)
_THEN_FIRST: Final = re.compile(
    r"\b(?:against|after|compared|up from|down from|versus|vs|from|contre|après|gegenüber|nach|statt)\b", re.IGNORECASE
)
"""Between two shares of which the second is the earlier one."""
_RELATIVE: Final = re.compile(r"\brelativ\w*|\bpoints?\b|prozentpunkt|\bin relative terms\b", re.IGNORECASE)
_LOST: Final = re.compile(
    r"\b(?:lost|loses?|losing|sav(?:ed|es|ing)|gain(?:ed|s)?|by|cuts?|cost|costs|adds?|added|um)\s(?:(?:about|around"
    r"|some|only|just)\s)?$",
    re.IGNORECASE,
)
"""Before a percentage that is a change itself, and no share."""
_APART: Final = re.compile(r"\b(?:while|whereas|but|although|während|aber|tandis|mais)\b|;")


def points(document: Document) -> Iterator[Finding]:
    """Changes of a share that are told in per cent and are its difference in points."""
    for paragraph in document.paragraphs:
        yield from _paragraph(paragraph)


def _paragraph(paragraph: Paragraph) -> Iterator[Finding]:
    for at, sentence in enumerate(paragraph.sentences):
        for change in sentence.amounts:
            if change.kind != "percent" or change.value <= 0 or _RELATIVE.search(sentence.text):
                continue
            ends = _ends(paragraph, at, change)
            if ends is not None and _is_change(sentence, change, ends[0]) and _is_difference(change, *ends):
                left, right = ends
                ratio = right.value / left.value - 1
                evidence = (
                    f"from {left.digits} to {right.digits} is {abs(right.value - left.value):.3g} percentage points, "
                    f"or {abs(ratio):.0%}; stated {change.digits}"
                )
                remedy = "say percentage points, or give the change relative to the first share"
                yield Finding("percentage", "medium", 0.8, change.place, evidence, remedy, sentence.text)


def _ends(paragraph: Paragraph, at: int, change: Amount) -> tuple[Amount, Amount] | None:
    """The two shares that a change lies between: in its sentence, or in the one before."""
    sentences = paragraph.sentences
    sentence = sentences[at]
    own = [one for one in sentence.amounts if one.kind == "percent" and one is not change]
    if len(own) == 2:
        return (own[0], own[1])
    if at == 0 or len(own) > 1:
        return None
    if own:
        alone = [one for one in paragraph.sentences[at - 1].amounts if one.kind == "percent"]
        return (alone[0], own[0]) if len(alone) == 1 and _NOUN.search(sentence.text[: change.start]) else None
    before = [one for one in paragraph.sentences[at - 1].amounts if one.kind == "percent"]
    if len(before) == 1 and at > 1:
        earlier = [one for one in paragraph.sentences[at - 2].amounts if one.kind == "percent"]
        before = earlier + before if len(earlier) == 1 else before
    opens = sentence.text[: change.start]
    is_of_it = len(opens) < 60 and re.match(
        rf"\W*(?:That|This|It|The|An?|Das|Dies\w*|Ein\w*|Ce|Cette|Une?|C'est)\b[^,;]{{0,45}}{_CHANGE}|\W*(?:That"
        rf"|This|It) (?:is|was|means)",
        opens + sentence.text[change.start : change.end + 25],
        re.IGNORECASE,
    )
    if len(before) != 2 or not (is_of_it or _is_share_again(opens, sentence.text[change.end :])):
        return None
    is_one = before[0] in sentences[at - 1].amounts
    between = sentences[at - 1].text[before[0].end if is_one else 0 : before[1].start]
    return (before[1], before[0]) if _THEN_FIRST.search(between) else (before[0], before[1])


def _is_share_again(opens: str, behind: str) -> bool:
    """Whether a sentence names a share again and tells its change."""
    again = _SHARE_CHANGED.search(opens)
    if again is None:
        return False
    return re.search(rf"\b{_CHANGED}\b|gone (?:up|down)", again[0], re.IGNORECASE) is not None or bool(
        _VERB_BEHIND.match(behind)
    )


def _is_change(sentence: Sentence, change: Amount, left: Amount) -> bool:
    """Whether words call an amount a change, and of nothing else than the shares."""
    if left in sentence.amounts and _LOST.search(sentence.text[: left.start]):
        return False
    before, behind = sentence.text[: change.start], sentence.text[change.end :]
    is_here = left in sentence.amounts
    if is_here and _APART.search(sentence.text[left.end : change.start]):
        return False
    if not is_here and _is_share_again(before, behind):
        return True
    if _VERB.search(before):
        return (is_here and change.start < left.start) or _SAME_SUBJECT.search(before) is not None
    return _NOUN.search(before) is not None or _BEHIND.match(behind) is not None


def _is_difference(change: Amount, left: Amount, right: Amount) -> bool:
    """Whether a change is the difference of two shares, and not their ratio."""
    apart = abs(right.value - left.value)
    if not 0 < left.value <= 100 or not 0 < right.value <= 100 or apart < 1e-9:
        return False
    slack = change.slack + left.slack + right.slack
    ratio = apart / left.value * 100
    is_ratio = abs(ratio - change.value) <= max(
        0.05 * ratio, change.slack + 100 * (left.slack + right.slack) / left.value
    )
    return abs(apart - change.value) <= min(slack, 0.15 * change.value) * 1.01 and not is_ratio
