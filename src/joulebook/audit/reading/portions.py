"""Fractions in words: "half a litre" is an amount, "a third of the power" and "one in eight" are shares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from joulebook.audit.reading.measures import UNIT
from joulebook.audit.reading.numbers import MULTIPLES, Number
from joulebook.audit.reading.spelled import Spelled

ABOUT: Final = 0.08
"""Relative half-width of what a fraction in words means."""
_DENOMINATORS: Final = {
    "half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "twelfth": 12, "fifteenth": 15, "twentieth": 20, "fiftieth": 50, "hundredth": 100,
    "thousandth": 1000, "millionth": 1e6,
    "drittel": 3, "viertel": 4, "fünftel": 5, "sechstel": 6, "siebtel": 7, "achtel": 8, "neuntel": 9, "zehntel": 10,
    "zwanzigstel": 20, "hundertstel": 100, "tausendstel": 1000,
    "tiers": 3, "quart": 4, "cinquième": 5, "sixième": 6, "septième": 7, "huitième": 8, "dixième": 10, "vingtième": 20,
    "centième": 100, "millième": 1000,
}  # fmt: skip
_NUMERATORS: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "nine": 9,
    "ein": 1, "einem": 1, "eines": 1, "zwei": 2, "drei": 3, "vier": 4, "un": 1, "deux": 2, "trois": 3, "quatre": 4,
}  # fmt: skip
_FRACTION: Final = re.compile(
    rf"(?<![\w-])(?:(?P<many>{'|'.join(_NUMERATORS)})[\s\u00a0-]|(?P<digit>\d)[\s\u00a0])?"
    rf"(?P<part>{'|'.join(sorted(_DENOMINATORS, key=len, reverse=True))})(?P<plural>s)?(?![A-Za-zÀ-ÿ])",
    re.IGNORECASE,
)
_HALF: Final = re.compile(
    r"(?<![\w-])(?:(?:an?\s)?half|(?:ein\w*\s)?halbe[nrsm]?|halb(?=\sso\b)|(?:une?\s)?demie?|dreiviertel)(?![A-Za-zÀ-ÿ])",
    re.IGNORECASE,
)
_GLYPH: Final = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3, "⅕": 0.2, "⅛": 0.125}
_GLYPHS: Final = re.compile(
    r"(?<![\w.,/])(?:(?P<whole>\d{1,4})[ \u00a0]?)?(?:(?P<glyph>[½¼¾⅓⅔⅕⅛])|(?<=[ \u00a0])(?P<slash>[13]/[248])(?=\s))"
)
_SLASHED: Final = re.compile(r"(?<![\w.,/])(?P<many>[1-9])/(?P<of>[2-9]|10)(?=\s(?:of|der|des|de)\b)")
_MOITIE: Final = re.compile(r"\b(?P<not>(?:erste|zweite|première|seconde)n?\s)?(?:Hälfte|moitié)\b", re.IGNORECASE)
_OF_ONE: Final = re.compile(
    r"(?:[\s\u00a0-](?:of|de|d['’])?[\s\u00a0]?(?:an?\b|one\b|une?\b|1\b|eine[rsm]?\b|per)?|[\s\u00a0-])?[\s\u00a0-]?",
)
_MULTIPLE: Final = re.compile(
    rf"(?P<word>{'|'.join(word for word in MULTIPLES if word.isalpha())}|dozen)\b", re.IGNORECASE
)
_PERIOD_BEFORE: Final = re.compile(
    r"\b(?:the|each|every|last|past|first|second|third|fourth|next|previous|per|this|fiscal|full)[\s\u00a0]$",
    re.IGNORECASE,
)
_BEHIND: Final = re.compile(
    r"(?:[\s\u00a0](?:of|the|its|their|that|what|this|these|those|all|our|too|more|less|lower|higher|fewer|smaller|larger"
    r"|greater|above|below|as|each|every|to|is|are|was|were|went|goes|go|comes|came|in|by|from|over|on|at|or|and|but|than"
    r"|der|des|davon|aller|mehr|weniger|de|du|des|d['’]|plus|moins|longer|shorter|cheaper|faster)\b"
    r"|\s*[.,;:)!?—–\"”]|\s*$)",
    re.IGNORECASE,
)
_HALF_BEHIND: Final = re.compile(
    r"(?:[\s\u00a0](?:of|the|its|their|that|what|this|these|those|all|our|is|are|was|were|went|goes|comes|came|from|to|as|so|every|each|der|des|aller)\b"
    r"|\s*[.,;:)!?—–]|\s*$)",
    re.IGNORECASE,
)
_AGAIN: Final = re.compile(r"\s(?:again|as\s(?:much|many|\w+)\sagain)\b")
_MORE: Final = re.compile(
    r"\s(?:more|too|higher|larger|greater|above|extra|longer|mehr|gestiegen|gewachsen|de plus|up)\b", re.IGNORECASE
)
_LESS: Final = re.compile(
    r"\s(?:less|lower|fewer|smaller|below|cheaper|shorter|faster|weniger|zurück|gesunken|gefallen|de moins|down)\b",
    re.IGNORECASE,
)
_BY: Final = re.compile(r"\b(?:by|um|de|of)\s(?:[\w-]+\s){0,3}$", re.IGNORECASE)
_ROSE: Final = re.compile(
    r"\b(?:rose|risen|rises?|rising|gr[eo]w\w*|increas\w+|climb\w+|up|stieg\w*|gestiegen|augment\w+)\b"
)
_FELL: Final = re.compile(
    r"\b(?:fell|fallen|falls?|falling|dropp?\w*|cuts?|cutting|reduc\w+|declin\w+|shr[aiu]nk\w*|down|sank|gesunken|sav\w+"
    r"|lower\w*|baiss\w+|rédui\w+)\b"
)
_IN: Final = re.compile(
    r"\s(?:parts?\s|Teile?\s)?(?:in|out\sof(?:\severy)?|of\severy|in\severy|von|sur|pour)\s(?P<article>(?:a|each|one)\s)?$",
    re.IGNORECASE,
)
_DIGITS_IN: Final = re.compile(
    r"(?<![\w.,$€£-])(?P<many>\d)\s(?:parts?\s)?(?:in(?:\severy)?|of\severy|out\sof(?:\severy)?)\s(?:a\s)?(?P<of>[3-9]|10|12|20|50|100|1,?000|10,?000)"
    r"(?![\w.,]?\d|\s?%|[\s-](?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|countries|states|[kMGT]?Wh?)\b)"
)
_JEDE: Final = re.compile(
    r"\bjede[rsnm]?\s(?P<what>dritte|vierte|fünfte|sechste|achte|zehnte|zwanzigste|hundertste)[rsn]?\b", re.IGNORECASE
)
_JEDES: Final = {
    "dritte": 3, "vierte": 4, "fünfte": 5, "sechste": 6, "achte": 8, "zehnte": 10, "zwanzigste": 20, "hundertste": 100,
}  # fmt: skip


class Portion(NamedTuple):
    """A fraction in words: of a unit behind it, or a share of something."""

    number: Number
    start: int
    end: int
    kind: str = ""
    """share, or empty where a unit follows."""
    noun: str = ""
    """"up" or "down" where it is by what something changed."""
    multiple: float = 1.0


def portions(text: str, cardinals: list[Spelled]) -> Iterator[Portion]:
    """The fractions of a text; `cardinals` are its numbers in words."""
    for find, read in ((_FRACTION, _fraction), (_HALF, _half), (_GLYPHS, _glyph)):
        yield from (one for found in find.finditer(text) if (one := read(text, found)) is not None)
    for found in _SLASHED.finditer(text):
        yield _share(text, int(found["many"]) / int(found["of"]), found)
    for found in _MOITIE.finditer(text):
        if not found["not"]:
            yield _share(text, 0.5, found)
    for found in _JEDE.finditer(text):
        yield _share(text, 1 / _JEDES[found["what"].lower()], found)
    for found in _DIGITS_IN.finditer(text):
        if int(found["many"]) < (of := int(found["of"].replace(",", ""))):
            yield Portion(_number(int(found["many"]) / of), found.start(), found.end(), "share")
    yield from _one_in(text, cardinals)


def _share(text: str, value: float, found: re.Match[str]) -> Portion:
    return Portion(_number(value), *found.span(), "share", _direction(text, *found.span()))


def _glyph(text: str, found: re.Match[str]) -> Portion | None:
    """2½, 3 1/2: of a unit, or a number."""
    if found["slash"] and not found["whole"]:
        return None
    value = float(found["whole"] or 0) + (_GLYPH.get(found["glyph"] or "") or _ratio(found["slash"]))
    return _portion(text, value, found, exact=True) or Portion(_number(value), *found.span())


def _ratio(slashed: str) -> float:
    return int(slashed[0]) / int(slashed[2:])


def _number(value: float) -> Number:
    """The number with what such words leave open."""
    return Number(value, 2 * ABOUT * value, 2 * ABOUT * value)


def _portion(text: str, value: float, found: re.Match[str], *, exact: bool = False) -> Portion | None:
    """The fraction of a unit or a multiple that follows; None where none does."""
    link = _OF_ONE.match(text, found.end())
    at = link.end() if link else found.end()
    if large := _MULTIPLE.match(text, at):
        word = large["word"].lower()
        by = 12.0 if word == "dozen" else MULTIPLES[word]
        return Portion(_number(value * by), found.start(), large.end(), multiple=by)
    if at == found.end() and not exact:
        return None
    unit = UNIT.match(text, at)
    if unit is None or (len(unit[0]) < 2 and unit[0] != "%"):
        return None
    return Portion(_number(value), found.start(), at)


def _fraction(text: str, found: re.Match[str]) -> Portion | None:
    part = found["part"].lower()
    over = _DENOMINATORS[part]
    many = float(found["digit"]) if found["digit"] else float(_NUMERATORS.get((found["many"] or "").lower(), 0))
    is_plural = found["plural"] or over <= 4 or part.endswith("l")  # vier Fünftel
    if not many or (over == 2 and many > 1) or many >= over or (many > 1 and not is_plural):
        return None
    value = many / over
    if over != 2 and (one := _portion(text, value, found)):
        return one
    if over == 2 and found["many"] and found["many"].lower() in ("a", "an"):
        return None  # _half
    if over == 4 and (_PERIOD_BEFORE.search(text[max(0, found.start() - 20) : found.start()]) or not found["many"]):
        return None
    is_english = not (part.endswith(("tel", "ième")) or part in ("tiers", "quart"))
    if is_english and not _BEHIND.match(text, found.end()):
        return None
    return _share(text, value, found)


def _half(text: str, found: re.Match[str]) -> Portion | None:
    value = 0.75 if found[0].lower() == "dreiviertel" else 0.5
    if one := _portion(text, value, found):
        return one
    before = text[max(0, found.start() - 12) : found.start()].lower()
    is_risen = before.endswith("by ") and _direction(text, *found.span()) == "up"
    is_other = re.search(r"(?:first|second|other|latter|better|and|one-and-a|in|by)[\s-]$", before)
    if (is_other and not is_risen) or _AGAIN.match(text, found.end()):
        return None
    if "hal" not in found[0].lower() or not _HALF_BEHIND.match(text, found.end()):
        return None
    return _share(text, value, found)


def _direction(text: str, start: int, end: int) -> str:
    """Whether a share says by what something rose or fell."""
    if _MORE.match(text, end):
        return "up"
    if _LESS.match(text, end):
        return "down"
    before = text[max(0, start - 60) : start]
    if not _BY.search(before):
        return ""
    rose, fell = list(_ROSE.finditer(before)), list(_FELL.finditer(before))
    if not rose and not fell:
        return ""
    return "up" if (rose[-1].end() if rose else -1) > (fell[-1].end() if fell else -1) else "down"


def _one_in(text: str, cardinals: list[Spelled]) -> Iterator[Portion]:
    """One in eight, three out of five, eine von zehn, un sur huit."""
    for one in cardinals:
        of = one.number.value
        before = text[max(0, one.start - 40) : one.start]
        link = _IN.search(before)
        if link is None or of < 3 or of > 1e6:
            continue
        many = re.search(
            r"(?<![\w.,-])(?P<many>one|two|three|four|five|six|seven|nine|eine[rs]?|zwei|drei|vier|une?|deux|trois|quatre)(?:\s(?!of\b)[a-zà-ÿ-]+)?$",
            before[: link.start()],
            re.IGNORECASE,
        )
        if (
            many is None
            or text[one.end : one.end + 1] == "-"
            or re.match(r"[\s-](?:years?|months?|weeks?|days?|hours?|Jahre\w*|ans|countries|states)\b", text[one.end :])
        ):
            continue
        word = many["many"].lower()
        value = 1 if word[:3] in ("ein", "un", "une") or word == "one" else _COUNT[word]
        if value < of:
            yield Portion(_number(value / of), one.start - len(before) + many.start("many"), one.end, "share")


_COUNT: Final = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "nine": 9, "zwei": 2, "drei": 3, "vier": 4,
    "deux": 2, "trois": 3, "quatre": 4,
}  # fmt: skip
