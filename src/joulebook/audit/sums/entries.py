"""Paragraphs -> entries: amounts that may be added, with the unit of their list where they stand without one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Amount, Paragraph
from joulebook.audit.reading.measures import PERIODS
from joulebook.audit.relations.figures import PLAIN, THINGS
from joulebook.audit.rules.refuted import is_refuted

_KINDS: Final = frozenset({"energy", "power", "mass", "water", "money", "distance", "data", "device-hours", "time"})
"""Kinds of amounts that are added with each other."""
_LISTED: Final = _KINDS | {"percent"}
_ALONE: Final = re.compile(
    r"\s*(?:[,.;:)!?»”\"—–-]|$|(?:and|or|to|of|at|for|in|on|by|from|as|with|under|into|through|before|after"
    r"|during|more|less|only"
    r"|went|go(?:es)?|gone|are|is|was|were|ha[sd]|have|had|reach\w*|took|takes?|c[oa]mes?|left|remain\w*|hold"
    r"|run|each|that|which|who"
    r"|und|für|im|in|auf|an|aus|bei|am|zum|zur|gingen|gehen|ging|sind|waren|wurden|entf\w+|blieben|bleiben"
    r"|übrig|davon|mit"
    r"|et|pour|vont|sont|ont|étaient|aux?|en|dans|à|sur|par|restant\w*|restent|dont|du|des|de"
    r"|y|para|en|por|con|son|fueron|eran|van|quedan|restantes|al|a)\b)",
    re.IGNORECASE,
)
"""Behind a number that counts nothing of its own."""
_COUNTS: Final = re.compile(r"[-–]|\s+(?:[A-ZÄÖÜ]|(?:[a-zà-ÿ-]+\s)?[a-zà-ÿ-]+s\b|[a-zà-ÿ-]+-)")
"""Behind a number that counts something: a plural, or a name."""
_RATIO: Final = re.compile(
    r"\b(?:factor|ratio|pue|wue|faktor|facteur|effectiveness|version|phase|page|scope|level|type|tier|chapter"
    r"|(?:one|1) in|un sur|un[oa]? de|eine[rm]? von)"
    r"\s(?:(?:of|in|von|de|sur|was|is)\s)?(?:[a-zà-ÿ]+\s)?$",
    re.IGNORECASE,
)
"""Before a number that is no amount."""
_BY: Final = re.compile(r"\b(?:by|um|factor of|faktor|times|x|×)\s*$", re.IGNORECASE)
OF_WHICH: Final = re.compile(
    r"\b(?:of|among) (?:whom|this|that|these|those|them|it)(?=,|\s+(?:[\w-]+\s+){0,2}$)|\b(?:of which|davon"
    r"|dont|wovon"
    r"|de los cuales|de las cuales|de ellos|de ellas|consist\w*"
    r"|compris\w*|made up of|split|divided|breaks? down|broke down|aufgeteilt|réparti\w*|se reparten)\b",
    re.IGNORECASE,
)
"""Before the first of the parts of a whole."""
_SEPARATES: Final = re.compile(r"\s*(?:,|;|and|und|et|y|plus|\+|,? and)\s*", re.IGNORECASE)
"""Between the numbers of a list of which the last has the unit."""
_OF_THE: Final = re.compile(
    r"\s*(?:out of|of|von|der|des|sur|de)\s(?:(?:the|its|our|these|den|les|los|las)\s)?", re.IGNORECASE
)
"""Between a part and the whole that has the unit."""
_MANY: Final = re.compile(
    r"(?<![^\W\d_])(?:thousand|tausend|mille?\b|millionen|millions?|millones|millón|mio|mln|billions?|bn"
    r"|milliarden|milliards?|mrd)",
    re.IGNORECASE,
)
_MULTIPLES: Final = {
    "milliard": 1e9, "million": 1e6, "millon": 1e6, "millón": 1e6, "mio": 1e6, "mln": 1e6, "billion": 1e9, "bn": 1e9,
    "mrd": 1e9, "thousand": 1e3, "tausend": 1e3, "mil": 1e3,
}  # fmt: skip
_BESIDE: Final = 40
"""Letters between a number of things and what each of them has."""
_FINE, _ABOUT, _ROUGHLY = 0.005, 0.01, 0.05
"""Width up to which a figure has three digits, and what is granted to an "about" before it, and before others."""
_PERCENT: Final = re.compile(r"per ?cent|prozent|pour cent|por ciento|\bshares\b|%", re.IGNORECASE)
_EXACT: Final = 1000.0
"""Below it a whole number of things is exact."""
_WHOLE: Final = 100.0
_UNLIKE: Final = 1e4
"""Ratio beyond which a number is not in the unit of the figure before it."""

Key = tuple[str, str]


_IN_EACH: Final = re.compile(
    r"\s(?:in|for|on|to|per|pro|par|por|in|dans|en)\s(?:each|every|jed\w+|chacun\w*|cada)\b", re.IGNORECASE
)
"""Behind a number of things of one kind in each of another."""


class Entry(NamedTuple):
    """An amount as one of a list: its value in the base unit, and the words around it."""

    amount: Amount
    value: float
    slack: float
    order: int
    """Its place among the amounts of its passage."""
    sentence: int
    before: str
    """The words between the amount before it and itself."""
    behind: str
    """The words between itself and the next amount."""
    head: str
    """The words before it, since the last amount of the sentence that is no plain number."""
    text: str
    """Its sentence."""
    key: Key
    """What it can be added with."""
    per: tuple[str, ...] = ()
    is_bare: bool = False
    """Whether its unit is that of its list."""
    is_denied: bool = False
    """Whether the text calls its sentence wrong."""
    many: float = 1.0
    """How many there are that have so much each."""
    here: bool = True
    """Whether it stands in the paragraph, and not in the one before."""

    @property
    def is_first(self) -> bool:
        """Whether no amount stands before it in its sentence."""
        return len(self.before) == self.amount.start

    @property
    def noun(self) -> str:
        """What it counts; empty where no noun stands behind it."""
        named = self.amount.noun in THINGS or _COUNTS.match(self.behind) is not None
        return self.amount.noun if named and not _ALONE.match(self.behind) else ""

    @property
    def is_sure(self) -> bool:
        """Whether it is one number."""
        return not self.amount.ranged

    @property
    def unit(self) -> float:
        """What its printed number is to be multiplied with."""
        amount = self.amount
        return self.value / self.many / (amount.value / amount.scale / _times(amount))

    @property
    def printed(self) -> float:
        """By how much it may be off as printed: half a unit of its last digit."""
        exact = self.key[0] == "number" and self.value < _EXACT and self.value == int(self.value)
        return 0.0 if exact and not self.amount.hedged else min(self.slack, 0.05 * self.value)

    @property
    def loose(self) -> float:
        """The same, and more where it is hedged."""
        if not self.amount.hedged:
            return self.printed
        fine = self.amount.rough < _FINE * self.amount.value
        about = _ABOUT if fine else _ROUGHLY
        return max(self.slack, min(self.amount.rough / self.amount.value, 0.1) * self.value, about * self.value)


def passages(paragraphs: Sequence[Paragraph]) -> Iterator[list[Entry]]:
    """The entries of each paragraph, behind those of the paragraph before."""
    last: list[Entry] = []
    for paragraph in paragraphs:
        begin = last[-1].sentence + 1 if last else 0
        found = _entries(paragraph, begin, len(last))
        if found:
            yield [*(one._replace(here=False) for one in last), *found]
        last = [one._replace(order=at, sentence=one.sentence - begin) for at, one in enumerate(found)]


def lines(passage: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The entries of each unit, those of one period apart from those of another."""
    groups: dict[Key, list[Entry]] = {}
    for one in passage:
        groups.setdefault(one.key, []).append(one)
    for some in groups.values():
        pers = {one.per for one in some if one.per} or {()}
        for per in sorted(pers):
            line = [one for one in some if one.per == per or (not one.per and set(per) <= set(PERIODS))]
            if len(line) > 1:
                yield line


def _entries(paragraph: Paragraph, sentence: int, order: int) -> list[Entry]:
    found: list[Entry] = []
    following = [*paragraph.sentences[1:], None]
    for number, (told, after) in enumerate(zip(paragraph.sentences, following, strict=True)):
        denied = is_refuted(told, after)
        amounts = [one for one in told.amounts if one.kind != "year" and one.value > 0]
        ends = [0, *(one.end for one in amounts)]
        starts = [*(one.start for one in amounts), len(told.text)]
        here: list[Entry] = []
        since = 0
        for at, one in enumerate(amounts):
            before, behind = told.text[ends[at] : one.start], told.text[one.end : starts[at + 1]]
            entry = Entry(
                one, one.value, one.slack, order + len(found) + at, sentence + number, before, behind,
                told.text[since : one.start], told.text,
                _key(one), one.per,
                is_denied=denied,
            )  # fmt: skip
            since = since if one.kind in PLAIN and not one.per else one.end
            here.append(_each(entry, here[-1] if here else None))
        found += _in_units(here, found)
    return found


def _key(one: Amount) -> Key:
    if one.kind in PLAIN:
        return "number", ""
    return one.kind, one.unit if one.kind == "money" else ""


def _each(entry: Entry, last: Entry | None) -> Entry:
    """So many things that have so much each, as what they have together."""
    if (
        last is None
        or "each" not in entry.per
        or last.key[0] != "number"
        or last.amount.per
        or len(entry.before) > _BESIDE
    ):
        return entry
    by = last.value if "," not in entry.before else 1.0
    per = tuple(one for one in entry.per if one != "each")
    return entry._replace(value=entry.value * by, slack=entry.slack * by, per=per, many=by)


def _in_units(here: list[Entry], earlier: Sequence[Entry]) -> list[Entry]:
    """The entries of a sentence, bare numbers of a list with its unit."""
    found: list[Entry] = []
    for at, one in enumerate(here):
        if one.key[0] != "number" or not _is_bare(one):
            found.append(one)
            continue
        near = [some for some in (*earlier, *found) if one.sentence - some.sentence <= 1 and some.key[0] in _LISTED]
        last = next((some for some in reversed(near) if _may_be(one, some)), None)
        if _OF_THE.fullmatch(one.behind):
            last = _ahead(here[at:]) or last
        last = last or next((some for some in reversed(near) if some.key[0] == "time"), None)
        found.append(_like(one, last or _ahead(here[at:])))
    return found


def _may_be(one: Entry, other: Entry) -> bool:
    if other.key[0] != "percent" and other.sentence != one.sentence and _PERCENT.search(one.head):
        return False
    return other.key[0] != "time" and (other.key[0] != "percent" or one.value < _WHOLE)


def _is_bare(one: Entry) -> bool:
    if one.amount.per or one.amount.noun in THINGS or _RATIO.search(one.before[-30:]) or _BY.search(one.before[-12:]):
        return False
    if not one.amount.text[:1].isdigit() or _IN_EACH.match(one.behind):
        return False  # a number in words counts, and so many in each do
    if one.amount.kind == "number" and not _COUNTS.match(one.behind):
        return True
    return _ALONE.match(one.behind) is not None or OF_WHICH.search(one.before[-_BESIDE:]) is not None


def _ahead(some: Sequence[Entry]) -> Entry | None:
    """The figure behind a list of numbers that have its unit."""
    for one, following in pairwise(some):
        if not (_SEPARATES.fullmatch(one.behind) or _OF_THE.fullmatch(one.behind)):
            return None
        if following.key[0] in _LISTED:
            return following
    return None


def _like(one: Entry, other: Entry | None) -> Entry:
    """A bare number in the unit of another entry; itself where that cannot be."""
    if other is None:
        return one
    by = other.unit / (1.0 if _times(one.amount) == 1 else _times(other.amount))
    if not 1 / _UNLIKE < one.value * by / other.value < _UNLIKE or (other.key[0] == "percent" and one.value >= _WHOLE):
        return one
    slack = one.amount.slack * by
    return one._replace(value=one.value * by, slack=slack, key=other.key, per=other.per, is_bare=True)


def _times(one: Amount) -> float:
    """The multiple in words behind a number: millions."""
    found = _MANY.search(one.text)
    return next((by for name, by in _MULTIPLES.items() if found and found[0].lower().startswith(name)), 1.0)
