"""Running text -> paragraphs of sentences with their amounts."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from joulebook.audit.reading.amount import Amount, Paragraph, Place, Sentence
from joulebook.audit.reading.scan import scan

_LONGEST: Final = 2000
_END: Final = re.compile(
    r"(?:(?<!\b[A-Z])|(?<=\d [WJLVA]))(?<!\bca)(?<!\bapprox)(?<!\bvs)(?<!\be\.g)(?<!\bi\.e)(?<!\bFig)(?<!\bTab)"
    r"(?<!\bMio)(?<!\bMrd)(?<!\bNo)(?<!\bno(?=\.\s\d))(?<!\bz\.B)"
    r"(?<!\bal)(?<!\blb)(?<!\blbs)(?<!\bStd)(?<!\beq)(?<!\bp\.a)[.!?][\"'”)\]]?(?:\[\^?\w+\])*\s+(?=[\"'“(\[]?[A-ZÄÖÜÉÀ0-9~$€£*_])"
)


def paragraph(text: str, place: Place, *, comma: bool, heading: str = "") -> Paragraph:
    """The sentences of a block of text that begins at `place`."""
    sentences, start = [], 0
    ends = [found.end() for found in _END.finditer(text)] + [len(text)]
    ends = [end for begin, end in pairwise([0, *ends]) for end in _pieces(text, begin, end)]
    for end in ends:
        piece = text[start:end]
        if piece.strip():
            above = text.count("\n", 0, start)
            column = place.column + start if not above else start - text.rfind("\n", 0, start)
            where = Place(place.line + above, column, place.cell)
            words = " ".join(piece.split("\n"))
            amounts = _placed(scan(words, comma=comma), piece, where)
            sentences.append(Sentence(words.strip("\n"), where, tuple(amounts), heading))
        start = end
    return Paragraph(tuple(sentences))


def _pieces(text: str, begin: int, end: int) -> list[int]:
    """Where a sentence ends; what is longer than any sentence is cut between words."""
    ends = []
    while end - begin > _LONGEST:
        cut = text.rfind(" ", begin + 1, begin + _LONGEST) + 1
        begin = cut if cut > begin else begin + _LONGEST
        ends.append(begin)
    return [*ends, end]


def _placed(amounts: list[Amount], piece: str, where: Place) -> list[Amount]:
    """The amounts with their places in a piece whose line ends were made spaces."""
    placed = []
    for amount in amounts:
        above = piece.count("\n", 0, amount.start)
        column = where.column + amount.start if not above else amount.start - piece.rfind("\n", 0, amount.start)
        placed.append(amount._replace(place=Place(where.line + above, column, where.cell)))
    return placed
