"""Sentences that a text does not tell as true: hearsay, and what it calls wrong itself, there or right behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.reading.amount import Document, Sentence

REFUTED: Final = re.compile(
    r"\b(?:in fact|wrong\w*|mistaken\w*|mistakes?|incorrect\w*|misprint\w*|typo|erroneous\w*|corrected|nonsense"
    r"|falsch\w*"
    r"|irrtum\w*|irrtümlich\w*|korrigiert|erron\w+|à tort)\b",
    re.IGNORECASE,
)
_HEARSAY: Final = re.compile(
    r"\bpeople say\b|\bthey say\b|\bone (?:often )?(?:reads|hears)\b|\byou (?:often |may |will "
    r"|might )?(?:have )?(?:read|heard?)\b"
    r"|\bis often (?:said|quoted|told|repeated)\b|\bthe story goes\b|\bmyth\w*|\bexaggerat\w*|\bnowhere near\b"
    r"|\bfar too\b"
    r"|\bover-?estimat\w*|\bdebunk\w*|\bnot the case\b|\bmis(?:quot|read|understood|understand|tak)\w*|\bconfus\w*"
    r"|\bmixed up\b"
    r"|\bübertrieben\w*|\bverwechsel\w*|\bmythe\b|\bconfond\w*|\brumou?r\w*|\burban legend|\bthose who say\b"
    r"|\bmeant?\b[^.;]{0,30}-hours?\b"
    r"|\b(?:cannot|can't|could not|couldn't) be\b|\bimpossibl\w*|\bunmöglich|\bquote\w* a forecast"
    r"|\bon hearing\b|\bwill picture\b|\b(?:never|do not|don't) (?:write|say|claim|quote|repeat|print)\b",
    re.IGNORECASE,
)
_ANSWERED: Final = re.compile(
    r"\W*(?:No[,.:]|Not (?:so|quite|true|really|at all)|(?:That|This|It|Which) (?:is|was|are) (?:\w+ )?(?:wrong"
    r"|false|not|nonsense|untrue|mistaken|a myth|a mistake|a typo)"
    r"|(?:That|This|It) (?:isn't|cannot|can't)|In (?:fact|truth|reality)\b|Actually\b|The (?:real|true|actual|right"
    r"|correct) (?:figure|number|value)"
    r"|(?:Das|Dies) (?:ist falsch|stimmt nicht)|C'est faux|Neither\b|Nonsense\b|Wrong\b|(?:He|She|They) (?:meant"
    r"|must have meant))",
    re.IGNORECASE,
)


def believed(document: Document) -> Iterator[Sentence]:
    """The sentences of a document that it tells as true."""
    for paragraph in document.paragraphs:
        following = [*paragraph.sentences[1:], None]
        for sentence, after in zip(paragraph.sentences, following, strict=True):
            if not is_refuted(sentence, after):
                yield sentence


def is_refuted(sentence: Sentence, after: Sentence | None = None) -> bool:
    """Whether a sentence, or the one behind it, says that it is not so."""
    if REFUTED.search(sentence.text) or _HEARSAY.search(sentence.text):
        return True
    return after is not None and _ANSWERED.match(after.text) is not None
