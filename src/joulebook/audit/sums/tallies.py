"""Totals, remainders and lists of parts told in prose: what the entries around them add up to, and what is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from math import fsum, log
from typing import Final, NamedTuple

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Document
from joulebook.audit.relations import cues
from joulebook.audit.sums import words
from joulebook.audit.sums.entries import OF_WHICH, Entry, lines, passages
from joulebook.audit.sums.likeness import alike

_BACK: Final = 3
"""Sentences before a total in which its parts stand."""
_MOST: Final = 9
"""Entries among which parts are looked for."""
_CLAUSE: Final = 75
"""Letters before a figure in which the word for what it is stands."""
_AROUND, _FEW = 30, 2
"""Letters before the first of some figures, and years of which they are not of one time."""
_WIDE: Final = 0.5
"""Logarithm by which a total may be off that looks like no slip of a digit."""
_FACTORS: Final = frozenset({"number", "factor", "percent"})
_MET: Final = 0.01
"""How closely a factor is met."""
_PART, _SMALL = 1e-3, 0.02
"""A part of a total is no less than this share of it, of amounts and of plain numbers."""


class _Reading(NamedTuple):
    """One way to read a balance: what is added, and what is taken away."""

    added: tuple[Entry, ...]
    taken: tuple[Entry, ...] = ()

    @property
    def value(self) -> float:
        return fsum(one.value for one in self.added) - fsum(one.value for one in self.taken)

    def closes(self, result: Entry, *, plainly: bool = True) -> bool:
        """Whether it gives a figure, to its printed digits or, of the plain readings, rounded."""
        rough = max(result.loose, min(result.amount.rough, 0.02 * result.value) if plainly else 0.0)
        slack = fsum(one.loose if plainly else one.printed for one in (*self.added, *self.taken))
        return abs(self.value - result.value) <= slack + rough + 1e-9 * result.value

    def is_alike(self, result: Entry) -> bool:
        """Whether a figure looks like it, but for a slip of the pen."""
        return alike(result.amount, self.value / result.unit)

    def arithmetic(self) -> str:
        added = " + ".join(one.amount.digits for one in self.added)
        return " - ".join([added, *(one.amount.digits for one in self.taken)])


def tallies(document: Document) -> Iterator[Finding]:
    """Totals and remainders that are not what the figures around them give."""
    for passage in passages(document.paragraphs):
        for line in lines(passage):
            for at, result in enumerate(line):
                if result.here and result.is_sure and not result.is_denied:
                    found = _of(line, at)
                    if found is not None and not _is_scaled(result, found, passage):
                        yield _finding(result, found)


def _is_scaled(result: Entry, reading: _Reading, passage: Sequence[Entry]) -> bool:
    """Whether a figure is what was added, times a number or a percentage beside it: 105 MWh with a PUE of 1.2."""
    by = result.value / reading.value
    near = [one for one in passage if one.key[0] in _FACTORS and 0 <= result.sentence - one.sentence <= 1]
    return any(
        abs(by / factor - 1) < _MET
        for one in near
        for factor in ((one.value,) if one.key[0] != "percent" else (one.value / 100, 1 + one.value / 100))
    )


def _of(line: Sequence[Entry], at: int) -> _Reading | None:
    result = line[at]
    least = (_PART if result.key[0] != "number" else _SMALL) * result.value
    near = [one for one in line[:at] if result.sentence - one.sentence <= _BACK and one.value > least][-_MOST:]
    if result.key[0] == "number" and not all(one.noun in ("", result.noun, near[0].amount.noun) for one in near):
        return None
    behind = [one for one in line[at + 1 :] if one.sentence == result.sentence][:_MOST]
    if any(abs(one.value - result.value) <= min(one.slack, result.slack) for one in near):
        return None  # it is named again
    if _is_rest(result, near) and result.key[0] != "percent":
        return _rest(result, near, behind)
    if _is_total(result):
        return _total(result, near, behind) if near else _list(result, line[at + 1 :][:_MOST])
    if (words.LABEL.search(result.before) or cues.SO.search(_clause(result))) and not words.BOUND.search(result.before):
        found = _total(result, near, behind)
        return found if found is not None and len(found.added) > 2 and _is_likely(result, found) else None
    return _list(result, line[at + 1 :][:_MOST])


def _is_likely(result: Entry, reading: _Reading) -> bool:
    """Whether a figure that nothing calls a total looks like one: by its digits, or as the last of labelled figures."""
    labelled = all(words.LABEL.search(one.before) for one in (*reading.added, result))
    return reading.is_alike(result) or (labelled and abs(log(result.value / reading.value)) < _WIDE / 2)


def _clause(result: Entry) -> str:
    clause = (
        result.head
        if result.is_first
        else cues.OF_THE_LAST.sub("", result.head if result.key[0] != "number" else result.before)
    )
    return words.SHARE.sub("", clause[-_CLAUSE:])


def _is_total(result: Entry) -> bool:
    clause = _clause(result)
    if words.SHARE_OF.match(result.before) and not result.is_first:
        return False  # five per cent of both together
    return (
        any(one.search(clause) for one in (words.STRONG, words.TOTAL)) or words.BEHIND.match(result.behind) is not None
    )


def _is_rest(result: Entry, near: Sequence[Entry]) -> bool:
    if words.REST.search(_clause(result)) or words.REST_BEHIND.match(result.behind):
        return True
    texts = dict.fromkeys(one.text for one in near if one.sentence != result.sentence)
    text = " ".join([*texts, result.text[: result.amount.start]])
    so = cues.SO.search(_clause(result)) or words.ONLY.search(_clause(result))
    return so is not None and words.TAKEN.search(text) is not None


def _total(result: Entry, near: Sequence[Entry], behind: Sequence[Entry]) -> _Reading | None:
    readings = [_Reading(tuple(near[-many:])) for many in range(2, len(near) + 1)]
    others = [_Reading(some) for many in range(1, len(near) + 1) for some in combinations(near, many)]
    others += [_Reading((one,), some) for one in near for some in _others(near, one)]
    others += [_Reading(tuple(behind[:many])) for many in range(2, len(behind) + 1)]
    if any(one.closes(result) for one in readings) or any(one.closes(result, plainly=False) for one in others):
        return None
    of_sentence = {len([one for one in near if one.sentence >= since]) for since in {one.sentence for one in near}}
    whole = [one for one in readings if len(one.added) in of_sentence]
    return _told(result, whole)


def _others(near: Sequence[Entry], whole: Entry) -> Iterator[tuple[Entry, ...]]:
    """Figures that may be taken from another one, smaller ones up to three of them."""
    parts = [one for one in near if one is not whole and one.value < whole.value]
    for many in range(1, min(len(parts), 4) + 1):
        for some in combinations(parts, many):
            if fsum(one.value for one in some) < whole.value:
                yield some


def _told(result: Entry, whole: Sequence[_Reading]) -> _Reading | None:
    """The reading that a total contradicts: one that it differs from in a digit, or the plain one of plain words."""
    plain = [one for one in whole if _is_plain(result, one)]
    for one in plain:
        if one.is_alike(result):
            return one
    clause = f"{_clause(result)} {result.behind[:30]}"
    for one in plain:
        many = len(one.added)
        strong = words.STRONG.search(clause) is not None or words.BEHIND.match(result.behind) is not None
        together = len({part.sentence for part in one.added}) == 1 and many > 2
        over = one.value > result.value
        if not over and words.ADDING.search(f"{_before_parts(one)} {result.before[-_CLAUSE:]}"):
            continue
        near = abs(log(result.value / one.value)) < _WIDE
        if near and many > 1 and (strong or together or (over and many > 2)):
            return one
    return None


def _before_parts(reading: _Reading) -> str:
    first = reading.added[0]
    return first.text[max(0, first.amount.start - _CLAUSE) : first.amount.start]


def _is_plain(result: Entry, reading: _Reading) -> bool:
    """Whether parts are told plainly, as such, and of one time."""
    parts = reading.added
    if not all(one.is_sure for one in parts) or max(one.value for one in parts) >= result.value:
        return False
    return _is_of_one((*parts, result))


def _is_of_one(figures: Sequence[Entry]) -> bool:
    """Whether figures in order are told of one time and of one whole, and not compared with each other."""
    sentences = list(dict.fromkeys((one.sentence, one.text) for one in figures))
    first, last = figures[0].amount.start - _AROUND, figures[-1].amount.end
    inside = [
        text[max(0, first) if at == 0 else 0 : last if at == len(sentences) - 1 else len(text)]
        for at, (_, text) in enumerate(sentences)
    ]
    years = {year for _, text in sentences for year in words.YEAR.findall(text)}
    return not any(words.NOT_ALL.search(one) or words.RANGE.search(one) for one in inside) and len(years) < _FEW


def _rest(result: Entry, near: Sequence[Entry], behind: Sequence[Entry]) -> _Reading | None:
    others = [_Reading((one,), some) for one in (*near, *behind) for some in _others([*near, *behind], one)]
    others += [
        _Reading(some, taken)
        for some in combinations(near, 2)
        for many in range(1, 4)
        for taken in combinations([one for one in near if one not in some], many)
    ]
    others += [_Reading(some) for many in range(2, len(near) + 1) for some in combinations(near, many)]
    if any(one.closes(result, plainly=False) for one in others if one.value > 0):
        return None
    return _left(result, near)


def _left(result: Entry, near: Sequence[Entry]) -> _Reading | None:
    """The balance that a remainder contradicts."""
    readings: list[_Reading] = []
    near = _wholes_first(near)
    for begin in range(len(near) - 1):
        whole, parts = near[begin], tuple(near[begin + 1 :])
        if _is_whole(whole, parts) or (len(near) == 2 and words.NET.search(_clause(result))):
            readings.append(_Reading((whole,), parts))
        beside = parts[0].sentence == whole.sentence or words.GAINED.search(parts[0].behind[:_AROUND])
        if len(parts) > 1 and beside and _is_whole(parts[0], parts[1:]):
            readings.append(_Reading((whole, parts[0]), parts[1:]))
    if any(one.closes(result) for one in readings):
        return None
    plain = [one for one in readings if one.value > 0 and _is_balance(result, one)]
    for one in plain:
        if one.is_alike(result):
            return one
    for one in plain:
        if len(one.added) == 1 and abs(log(result.value / one.value)) < 2 * _WIDE:
            return one
    return None


def _wholes_first(near: Sequence[Entry]) -> list[Entry]:
    """Figures in order, of a part and its whole the whole first: 1,280 of the 1,510 GWh."""
    found = list(near)
    for at, (one, other) in enumerate(pairwise(near)):
        if one.order + 1 == other.order and words.OUT_OF.fullmatch(one.behind) and one.value < other.value:
            found[at : at + 2] = other, one
    return found


def _is_whole(whole: Entry, parts: Sequence[Entry]) -> bool:
    """Whether what follows a figure are parts of it, or what is taken from it, and not its neighbours in a list."""
    if parts[0].sentence > whole.sentence:
        return True
    between = whole.text[whole.amount.end : parts[0].amount.start]
    opened = words.OPENS.match(between) or OF_WHICH.search(between) or words.TAKEN.search(whole.text, whole.amount.end)
    return bool(
        opened or parts[0].order < whole.order or words.WHOLE.search(whole.before) or cues.SUCH.match(parts[0].behind)
    )


def _is_balance(result: Entry, reading: _Reading) -> bool:
    figures = (*reading.added, *reading.taken)
    if not all(one.is_sure for one in figures):
        return False
    if fsum(one.value for one in reading.added) <= result.value:
        return False
    if len(reading.added) == 1 and any(one.value >= reading.added[0].value for one in reading.taken):
        return False
    return _is_of_one(sorted((*figures, result), key=_order))


def _order(one: Entry) -> int:
    return one.order


def _list(whole: Entry, after: Sequence[Entry]) -> _Reading | None:
    """Parts behind their whole: a colon opens all of them, "of which" some, and "the three" announces them."""
    if not after or after[0].sentence - whole.sentence > 1:
        return None
    first = after[0]
    parts = [one for one in after if one.sentence == first.sentence]
    if len(parts) < 2 or not _are_parts(whole, parts) or any(_is_total(one) for one in parts):
        return None
    runs = [_Reading(tuple(parts[:many])) for many in range(2, len(parts) + 1)]
    later = [one for one in after[len(parts) :] if one.sentence - first.sentence <= 1]
    if any(one.closes(whole) for one in runs) or any(_is_rest(one, parts) for one in later):
        return None
    opened = first.order == whole.order + 1 and words.OPENS.match(first.before) is not None
    opened = opened or words.SPLIT.search(first.before) is not None
    opened = opened and first.sentence == whole.sentence
    announced = _is_total(whole) and words.AND.search(parts[-1].before) is not None
    of_which = OF_WHICH.search(first.before) is not None
    of_these = words.WHOLE.search(whole.before) is not None and words.AND.search(parts[-1].before) is not None
    by, many = runs[-1].value / whole.value, len(parts)
    for holds, low, high in (
        (opened, 0.6, 1.6),
        ((of_which or of_these) and many > 2, 1.0, 1.25),
        (announced and many > 2, 0.75, 1.33),
        ((of_which or of_these or announced) and many > 2 and runs[-1].is_alike(whole), 0.5, 2.0),
    ):
        if holds and low < by < high:
            return runs[-1]
    return None


def _are_parts(whole: Entry, parts: Sequence[Entry]) -> bool:
    """Whether figures may be parts of one before them: smaller, of its kind, and of one time."""
    if not all(one.is_sure and one.value < whole.value for one in parts):
        return False
    if whole.key[0] == "number" and not all(one.noun in ("", whole.amount.noun) for one in parts):
        return False
    return _is_of_one((whole, *parts))


def _finding(result: Entry, reading: _Reading) -> Finding:
    evidence = f"{reading.arithmetic()} = {reading.value / result.unit:.6g}, stated {result.amount.digits}"
    remedy = "one of these figures is wrong"
    return Finding("sum", "medium", 0.8, result.amount.place, evidence, remedy, result.text)
