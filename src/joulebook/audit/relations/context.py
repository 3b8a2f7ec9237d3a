"""`Context`: the figures of a document with their relations, what they cover, and the sentences around each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Document
from joulebook.audit.relations import cues
from joulebook.audit.relations.dating import dated
from joulebook.audit.relations.figures import Figure
from joulebook.audit.relations.labels import Labels, labels
from joulebook.audit.relations.relation import Relation
from joulebook.audit.relations.sides import Sides, sides

_DENIED: Final = re.compile(
    r"\b(?:count|add|includ|pay|bill)\w* [^.;]{0,40}\btwice\b(?! as)|double[- ]count\w*|\bdoubly\b"
    r"|\b(?:wrong|false|mistaken?|nonsense|incorrect|misleading|an error|a fallacy)\b|\bnot (?:true|right|correct"
    r"|so|the case)\b"
    r"|\balready (?:contain|includ|in it|within|counted|has)\w*"
    r"|\bdoppelt\b|\bfalsch\w*|\bstimmt nicht\b|\bbereits enthalten\b|\bdeux fois\b|\bfaux\b|\berreur\b|\bà tort\b",
    re.IGNORECASE,
)
"""A sentence says of the one before that it is not so."""
_ALLOWED: Final = re.compile(r"\bcorrect(?:ed|ing)? for\b|\bkorrigiert\w* um\b", re.IGNORECASE)
"""Words of an allowance and no rebuttal."""


class Context(NamedTuple):
    """The figures of a document, their relations, what they cover and are of; all sentences with their paragraphs."""

    figures: Sequence[Figure]
    relations: Mapping[int, Sequence[Relation]]
    known: Labels
    sentences: Sequence[tuple[int, str]]
    sides: Sides
    years: Mapping[int, int]

    def after(self, one: Figure) -> str:
        """The sentence behind that of a figure, in its paragraph; empty where there is none."""
        return self._beside(one, 1)

    def before(self, one: Figure) -> str:
        """The sentence before that of a figure, in its paragraph; empty where there is none."""
        return self._beside(one, -1)

    def denies(self, one: Figure) -> bool:
        """Whether the text says of a figure, there or right behind, that it is wrong."""
        here = _ALLOWED.sub(" ", one.text)
        return cues.REBUTTED.search(here) is not None or _DENIED.search(self.after(one)) is not None

    def _beside(self, one: Figure, step: int) -> str:
        at = one.sentence + step
        if not 0 <= at < len(self.sentences) or self.sentences[at][0] != one.paragraph:
            return ""
        return self.sentences[at][1]


def context_of(document: Document, figures: Sequence[Figure], relations: Mapping[int, Sequence[Relation]]) -> Context:
    """The context of a document's running text."""
    sentences = [(number, one.text) for number, some in enumerate(document.paragraphs) for one in some.sentences]
    known = labels(figures, relations, sentences)
    return Context(figures, relations, known, sentences, sides(figures, relations), dated(figures))
