"""The numbers of a text, in digits and in words, each once: where they stand and what kind their words give them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from joulebook.audit.reading import measures
from joulebook.audit.reading.changes import changes
from joulebook.audit.reading.measures import Measure
from joulebook.audit.reading.numbers import NUMBER, Number, multiple_at, multiplied, number
from joulebook.audit.reading.portions import portions
from joulebook.audit.reading.spelled import HALF, part, spelled

_CURRENCY_BEFORE: Final = re.compile(
    rf"(?:{'|'.join(re.escape(one) for one in sorted(measures.CURRENCIES, key=len, reverse=True))})[\s\u00a0\u202f]?$"
)
FACTOR: Final = re.compile(
    r"\s?(?:[x×](?=[\s,.;:)]|$)(?!\s?(?:\d|(?-i:[A-Z])))|-?fold\b|\btimes\b|-?fach\w*|[-\s]?mal\b|\bfois\b|\bveces\b)",
    re.IGNORECASE,
)
COUNTED: Final = re.compile(r"\s?[x×*]\s?(?:NVIDIA |AMD |Google |Nvidia )?(?=[A-Z]{1,3}\w*\d)")
"""Between a count and the name of a device: 8x A100."""
_TIMES_BEHIND: Final = re.compile(r"(?<=[A-Z]\d\d|\d\d\d|TPU)\s?[x×]\s?(?P<many>\d{1,6})(?![\w.,]\d|\w)")
_PENCE: Final = re.compile(r"p(?![A-Za-z0-9.])|p(?=\.(?:\s|$))")
_LINES: Final = (144, 240, 360, 480, 720, 1080, 1440, 2160, 4320)
"""Heights of pictures: 1080p is no price."""
_LETTER: Final = re.compile(
    r"[\s-]?(?:parameters?|params?|models?|LLMs?|versions?|variants?|networks?|Transformers?)\b", re.IGNORECASE
)
_ONE: Final = re.compile(r"(?<![\w-])(?:an?|one|eine[rnm]?|ein|une?)[ \u00a0-](?=[A-Za-zÀ-ÿ%])", re.IGNORECASE)
_LASTING: Final = re.compile(
    r"\b(?:for|in|within|over|during|takes?|took|taking|lasts?|lasted|lasting|runs?|ran|running|after|than|about|roughly"
    r"|only|just|nearly|almost|full|pendant|en|für|während|nach|innerhalb)\s(?:(?:about|just|only|over|under|nearly)\s)?$",
    re.IGNORECASE,
)
_SO_OFTEN: Final = re.compile(
    r"\b(?:hours?|days?|weeks?|months?|minutes?|times?|once|twice|share|part)\s(?:of\s|in\s)$"
)
_OF_IT: Final = re.compile(r"\s(?:of(?!\s\d)|and a half|and a quarter|et demie)\s?(?!the\b)")
_NOT_ONE: Final = re.compile(
    r"(?:\bper|/|\bpart of|\bfraction of|\bevery|\beach|\bwhat|\bsuch|\bmany|\bquite)\s?$", re.IGNORECASE
)


_SIGNS: Final = ("$", "€", "£", "¥", "US$")


class Token(NamedTuple):
    """A number, where it stands with its multiple, and what is said of it."""

    number: Number
    start: int
    end: int
    """Behind number and multiple."""
    multiple: float = 1.0
    money: str = ""
    kind: str = ""
    """share, factor, device (behind the name of a device), parameter, or empty where the words behind it say."""
    noun: str = ""


def tokens(text: str, *, comma: bool) -> list[Token]:
    """The numbers of a text in order, none within another."""
    words = list(spelled(text))
    found = list(_digits(text, comma=comma))
    found += [Token(Number(float(one["many"]), 1.0, 1.0), one.start("many"), one.end(), 1.0, "", "device")
              for one in _TIMES_BEHIND.finditer(text)]  # fmt: skip
    found += [Token(one.number, one.start, one.end, one.multiple) for one in words]
    found += [Token(p.number, p.start, p.end, p.multiple, "", p.kind, p.noun) for p in portions(text, words)]
    found += [Token(one.number, one.start, one.end, 1.0, "", "factor", one.noun) for one in changes(text)]
    found += list(_ones(text))
    found.sort(key=lambda token: (token.start, -token.end))
    kept: list[Token] = []
    for token in found:
        if not kept or token.start >= kept[-1].end:
            kept.append(token)
    return kept


def _digits(text: str, *, comma: bool) -> Iterator[Token]:
    for match in NUMBER.finditer(text):
        one = number(match, comma=comma)
        start = match.start("digits") if match["digits"] else match.start()
        before = _CURRENCY_BEFORE.search(text, max(0, start - 5), start)
        sign = "" if before is None else before[0].strip()
        if sign.isalpha() and before is not None and before.start() and text[before.start() - 1].isalnum():
            before, sign = None, ""
        by, end = multiple_at(text, match.end(), money=bool(sign))
        begin = before.start() if before else start
        if not sign and _PENCE.match(text, match.end()) and one.value not in _LINES:
            yield Token(multiplied(one, 0.01), begin, match.end() + 1, 1.0, "p")
            continue
        is_name = end < len(text) and text[end].isalpha() and end == match.end()
        if is_name and not unit_at(text, end) and not FACTOR.match(text, end) and not COUNTED.match(text, end):
            continue  # 3D or 5nm
        is_letter = end == match.end() + 1 and text[end - 1] in "BM" and _LETTER.match(text, end)
        if half := HALF.match(text, end):
            one, end = Number(one.value + part(half), 0.5, 0.5), half.end()
            more, end = multiple_at(text, end, money=bool(sign))
            by *= more
        yield Token(multiplied(one, by), begin, end, by, sign, "parameter" if is_letter else "")


def _ones(text: str) -> Iterator[Token]:
    """One of a unit where that is an amount: "a kilowatt-hour costs", "for an hour"."""
    for found in _ONE.finditer(text):
        unit = unit_at(text, found.end())
        if unit is None or _NOT_ONE.search(text[: found.start()][-12:]):
            continue
        known, end, _ = unit
        word = text[found.end() : end]
        is_one = found[0][:3].lower() == "one"
        if len(word) < 3 or text[end : end + 1] == "-" or (known.kind == "money" and not is_one):
            continue
        if word.lower() in ("pound", "second", "mile") and not (is_one or HALF.match(text, end)):
            continue
        if word.lower() == "ton" and re.match(r"\sof\s(?!CO|carbon|emissions)", text[end:]):
            continue
        if known.kind == "time":
            lasting = _LASTING.search(text[max(0, found.start() - 24) : found.start()])
            whole = _OF_IT.match(text, end) and not re.search(r"\bpart\sof\s$", text[: found.start()])
            often = _SO_OFTEN.search(text[max(0, found.start() - 12) : found.start()])  # of the hours in a year
            if often or not (lasting or whole):
                continue
        yield Token(Number(1.0, 0.1, 0.1), found.start(), found.end() - 1)


def unit_at(text: str, position: int) -> tuple[Measure, int, bool] | None:
    """The unit that stands at a position, where it ends, and whether it carries a carbon mark."""
    if glued := measures.GLUED.match(text, position):
        known = measures.measure(glued["unit"])
        return None if known is None else (known, glued.end(), True)
    found = measures.UNIT.match(text, position)
    if found is None or (found[0] in _SIGNS and text[found.end() : found.end() + 1].isdigit()):
        return None  # five $30,000 cards
    known = measures.measure(found[0])
    return None if known is None else (known, found.end(), False)
