"""Numbers in words, in four languages: "a hundred and twenty", "two and a half million", "ten point three"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from joulebook.audit.reading.numbers import MULTIPLES, Number

_ONES: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19,
    "eins": 1, "ein": 1, "eine": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8,
    "neun": 9, "zehn": 10, "elf": 11, "zwölf": 12, "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15, "sechzehn": 16,
    "siebzehn": 17, "achtzehn": 18, "neunzehn": 19,
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10,
    "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16,
    "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10, "doce": 12,
    "trece": 13, "catorce": 14, "quince": 15, "dieciséis": 16,
}  # fmt: skip
_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "zwanzig": 20, "dreißig": 30, "dreissig": 30, "vierzig": 40, "fünfzig": 50, "sechzig": 60, "siebzig": 70,
    "achtzig": 80, "neunzig": 90,
    "veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80,
    "noventa": 90,
    "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
}  # fmt: skip
_HUNDRED: Final = ("hundred", "hundert", "cent", "cents")
_LARGE: Final = {
    word: value for word, value in MULTIPLES.items() if word.isalpha() and (len(word) > 3 or word == "mil")
}
_FRENCH: Final = ("deux", "trois", "quatre", "cinq", "sept", "huit", "neuf")
_DOZEN: Final = ("dozen", "dutzend", "douzaine", "douzaines")
_ARTICLES: Final = ("a", "an", "one", "ein", "eine", "einem", "einer", "einen", "un", "une")
_ALONE: Final = ("hundert", "tausend", "cent", "mille")
"""German and French say "hundred" and "thousand" without "a"."""
_LINKS: Final = ("and", "und", "et", "of")
_MIXED: Final = {"anderthalb": 1.5, "eineinhalb": 1.5, "zweieinhalb": 2.5, "dreieinhalb": 3.5, "viereinhalb": 4.5}
HALF: Final = re.compile(
    r"[\s\u00a0-](?:and|et)[\s\u00a0-](?:(?P<half>a[\s-]half|one[\s-]half|demie?)|(?P<quarter>a[\s-]quarter|un quart)"
    r"|(?P<three>three[\s-]quarters|trois quarts))\b",
    re.IGNORECASE,
)
_ODD: Final = re.compile(
    rf"[\s\u00a0-]odd(?![A-Za-z])(?:[\s\u00a0-](?P<large>{'|'.join(_LARGE)})(?![A-Za-zÀ-ÿ]))?", re.IGNORECASE
)
"""Forty-odd thousand."""
_ZERO: Final = ("zero", "nought", "null", "zéro", "cero")
_DECIMAL: Final = {"zero": 0, "nought": 0, "oh": 0, "null": 0, "zéro": 0} | {
    word: value for word, value in _ONES.items() if value < 10 and word not in ("ein", "eine", "un", "une")
}
_POINT: Final = re.compile(
    rf"\s(?:point|komma|virgule|coma)(?P<digits>(?:\s(?:{'|'.join(_DECIMAL)})(?![A-Za-zÀ-ÿ]))+)", re.IGNORECASE
)
_WORD: Final = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]+")
_COUPLE: Final = re.compile(r"a[\s\u00a0]couple[\s\u00a0](?:of[\s\u00a0])?", re.IGNORECASE)
_NO_FIGURE: Final = re.compile(
    r"(?:several|few|many|some few|einige|mehrere|plusieurs|quelques)[\s\u00a0]$", re.IGNORECASE
)
_GERMAN: Final = re.compile(
    r"(?:(?P<thousands>\w*?)tausend)?(?:(?P<hundreds>\w*?)hundert)?(?:und)?(?P<rest>\w*)$", re.IGNORECASE
)


def part(half: re.Match[str]) -> float:
    """What "and a half" and the like, found by `HALF`, adds."""
    return 0.5 if half["half"] else 0.25 if half["quarter"] else 0.75


_BEGIN: Final = re.compile(
    rf"(?:{'|'.join([*_ONES, *_TENS, *_ARTICLES, *_MIXED, *_ALONE, *_ZERO])})$|\w*(?:hundert|tausend|zig$|ßig$|ssig$)",
    re.IGNORECASE,
)


class Spelled(NamedTuple):
    """A number in words, and where it stands."""

    number: Number
    start: int
    end: int
    multiple: float = 1.0


def spelled(text: str) -> Iterator[Spelled]:
    """The cardinal numbers in words of a text, in order; "one" alone is none."""
    words = list(_WORD.finditer(text))
    index = 0
    while index < len(words):
        read = _below_one if words[index][0].lower() in _ZERO else _at
        found = read(text, words, index) if _BEGIN.match(words[index][0]) else None
        if found is None:
            index += 1
            continue
        one, index = found
        yield one


def _at(text: str, words: list[re.Match[str]], index: int) -> tuple[Spelled, int] | None:
    """The number that begins at a word, and the index of the word behind it."""
    start = words[index].start()
    if start and (text[start - 1].isalnum() or text[start - 1] in "-_'’" or _NO_FIGURE.search(text[:start][-20:])):
        return None
    first = words[index][0].lower()
    by = 1.0
    if couple := _COUPLE.match(text, start):
        skipped = 2 + ("of" in couple[0].lower())
        rest = words[index + skipped][0].lower() if index + skipped < len(words) else ""
        if rest not in (*_HUNDRED, *_DOZEN, *_LARGE):
            return None
        by, index = 2.0, index + skipped
    reader = _Reader(by)
    while index < len(words) and (not reader.took or _near(text, words[index - 1].end(), words[index].start())):
        following = words[index + 1][0].lower() if index + 1 < len(words) else ""
        if index + 1 < len(words) and not _near(text, words[index].end(), words[index + 1].start()):
            following = ""
        if not reader.take(words[index][0].lower(), following):
            break
        index += 1
    while reader.took and words[index - 1][0].lower() in (*_LINKS, *(("a", "an") if reader.took > 1 else ())):
        index -= 1  # a link that linked nothing
        reader.took -= 1
    if not reader.took or reader.empty:
        return None
    if reader.took == 1 and by == 1.0 and first in _ARTICLES and not HALF.match(text, words[index - 1].end()):
        return None
    return _finished(text, words, index, start, reader)


def _below_one(text: str, words: list[re.Match[str]], index: int) -> tuple[Spelled, int] | None:
    """The same of zero point something."""
    found = _decimals(text, words[index].end())
    if found is None:
        return None
    value, step, end = found
    behind = next((at for at, word in enumerate(words) if word.start() >= end), len(words))
    return Spelled(Number(value, step, step), words[index].start(), end, 1.0), behind


def _finished(
    text: str, words: list[re.Match[str]], index: int, start: int, reader: _Reader
) -> tuple[Spelled, int] | None:
    """The number with the half behind it, and a multiple behind that."""
    value, end, multiple = reader.value, words[index - 1].end(), reader.multiple
    before = text[max(0, start - 4) : start].lower()
    if words[index - 1][0].lower() in ("cent", "cents") and before.endswith(("per ", "our ")):
        return None
    step = 1.0 if reader.has_article else max(1.0, multiple)
    if value != int(value):
        step = 0.5
    if odd := _ODD.match(text, end):
        by = _LARGE.get((odd["large"] or "").lower(), 1.0)
        value, step, multiple, end = value * by, 10.0 * by, max(multiple, by), odd.end()
        while index < len(words) and words[index].start() < end:
            index += 1
    if more := _decimals(text, end) or _half(text, end):
        scale = max(1.0, multiple)
        value, step, end = value + more[0] * scale, more[1] * scale, more[2]
        behind = _WORD.search(text, end)
        if behind and _near(text, end, behind.start()) and (large := _LARGE.get(behind[0].lower())):
            value, step, multiple, end = value * large, step * large, large, behind.end()
        while index < len(words) and words[index].start() < end:
            index += 1
    rough = max(step, _trailing(value)) if value >= 100 else step
    return Spelled(Number(value, step, rough), start, end, multiple), index


def _half(text: str, end: int) -> tuple[float, float, int] | None:
    """What "and a half" behind a number adds, how exact it is, and where it ends."""
    half = HALF.match(text, end)
    return None if half is None else (part(half), 0.5, half.end())


def _decimals(text: str, end: int) -> tuple[float, float, int] | None:
    """The same of decimals in words: ten point three."""
    found = _POINT.match(text, end)
    if found is None:
        return None
    digits = "".join(str(_DECIMAL[word.lower()]) for word in _WORD.findall(found["digits"]))
    return float(f"0.{digits}"), 10.0 ** -len(digits), found.end()


def _near(text: str, end: int, start: int) -> bool:
    return re.fullmatch(r"[ \u00a0\u202f]|-|\s?\n\s?", text[end:start]) is not None


def _trailing(value: float) -> float:
    """One unit of the last digit that is no trailing zero."""
    whole, unit = round(value), 1
    while whole and whole % (unit * 10) == 0:
        unit *= 10
    return float(unit)


class _Reader:
    """Takes the words of a number one after the other."""

    def __init__(self, by: float) -> None:
        self.total = 0.0
        self.current = by if by != 1.0 else 0.0
        self.multiple = 1.0
        self.took = 0
        self.closed = False
        self.last = ""
        self.has_article = by != 1.0

    @property
    def value(self) -> float:
        """What the words come to."""
        return self.total + self.current

    @property
    def empty(self) -> bool:
        """Whether no number was among the words."""
        return self.value == 0

    def take(self, word: str, following: str) -> bool:
        """Whether the word goes on the number."""
        taken = not self.closed and self._takes(word, following)
        self.last = word
        self.took += taken
        return taken

    def _takes(self, word: str, following: str) -> bool:
        scales = (*_HUNDRED, *_LARGE, *_DOZEN)
        if not self.took and word in _ARTICLES and following in scales:
            self.current, self.has_article = 1.0, True
            return True
        if word in _MIXED:
            self.current = _MIXED[word]
            return not self.took
        if word in _LINKS:
            return self._links(word, following)
        if word in _HUNDRED or word in _DOZEN or word in _LARGE:
            return self._scales(word)
        value = _ONES.get(word) or _TENS.get(word) or _german(word)
        return value is not None and self._adds(word, float(value))

    def _links(self, word: str, following: str) -> bool:
        if not self.took:
            return False
        if word == "of":
            return following in _DOZEN and self.current == 2
        small = following in _ONES or following in _TENS
        if word == "et":
            return following in ("un", "une", "onze") and self.current % 100 in (20, 30, 40, 50, 60)
        return small and self.value >= 100 and self.current % 100 == 0

    def _scales(self, word: str) -> bool:
        bare = not self.took and not self.has_article and not self.current
        if bare and word not in _ALONE:
            return False
        if word in _DOZEN:
            self.current, self.closed = (self.current or 1.0) * 12.0, True
        elif word in _HUNDRED:
            if self.current >= 100 or (word.startswith("cent") and not (bare or self.last in _FRENCH)):
                return False  # eight cents
            self.current = (self.current or 1.0) * 100.0
        else:
            large = _LARGE[word]
            if self.multiple == large and not self.current:
                return False
            self.total += (self.current or 1.0) * large
            self.current, self.multiple = 0.0, large
        return True

    def _adds(self, word: str, value: float) -> bool:
        now = self.current
        if self.total and self.total % 1000 == 0 and not now:
            self.multiple = 1.0
        if word in ("vingt", "vingts") and now % 100 == 4:
            self.current = now + 76
            return True
        within = now % 100
        fits = (
            within == 0,
            within in (60, 80) and value < 20,  # soixante-dix
            within % 10 == 0 and within >= 20 and value < 10,
            within in (10, 70, 90) and word in ("sept", "huit", "neuf"),
        )
        if any(fits):
            self.current = now + value
        return any(fits)


def _german(word: str) -> int | None:
    """A German number in one word: zweihundertfünfzig, einundzwanzig, dreitausend."""
    if word in _ONES or word in _TENS:
        return _ONES.get(word) or _TENS.get(word)
    head, link, tail = word.partition("und")
    if link and head in _ONES and tail in _TENS:
        return _ONES[head] + _TENS[tail]
    if not ("hundert" in word or "tausend" in word):
        return None
    found = _GERMAN.match(word)
    if found is None:
        return None
    parts = [0]
    for group, size in (("thousands", 1000), ("hundreds", 100)):
        if found[group] is not None:
            many = _german(found[group]) if found[group] else 1
            if many is None:
                return None
            parts.append(many * size)
    rest = _german(found["rest"]) if found["rest"] else 0
    return None if rest is None else sum(parts) + rest
