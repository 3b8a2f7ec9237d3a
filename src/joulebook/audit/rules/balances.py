"""A whole, its parts and what remains, with the unit printed once: of 1,510 GWh, 1,280 ..., the other 230."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, zip_longest
from math import fsum
from typing import Final, NamedTuple

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Amount, Document, Paragraph
from joulebook.audit.rules.refuted import is_refuted

_KINDS: Final = frozenset({"energy", "power", "mass", "water", "money", "count", "distance", "data", "device-hours"})
_BACK: Final = 2
"""Sentences back to the whole."""
_MOST: Final = 8
"""Figures of one balance."""
_TOLD: Final = 0.006
"""Part of the whole by which a balance has to be off."""
_FOLLOWED: Final = re.compile(
    r"\s*(?:[,.;:)!?]|$|(?:and|to|after|before|during|with|under|for|in|on|by|from|as|at|went|go(?:es)?"
    r"|gone|are|is|was|were|reach\w*"
    r"|took|take\w*|of|came|come"
    r"|und|für|im|auf|an|aus|gingen|gehen|ging|sind|waren|et|pour|vont|sont|aux?|en|dans|à|restant\w*)\b)",
    re.IGNORECASE,
)
"""Behind a bare number that counts nothing of its own."""
_REST: Final = re.compile(
    r"\b(?:the (?:other|remaining|remainder|rest)|remaining|remainder|what is left|all else|everything else"
    r"|(?:die|der|das|den|dem|weitere) (?:übrig\w*|rest\w*|verbleib\w*)|übrig\w*|restlich\w*|le reste"
    r"|les autres|solde|le(?:ft|aves?|aving))\b"
    r"(?:,? (?:or|some|about|roughly|that is|i\.e\.|soit|rund|etwa|of|for|to|took|takes|were|was|being"
    r"|amounted|comes|came))*,?\s*$",
    re.IGNORECASE,
)
"""Right before what is left of a whole."""
_OF_ONLY: Final = re.compile(r"\s*(?:of|von|der|des|sur)\s+(?:the|its|all|our|den|der|les|these)?\s*", re.IGNORECASE)
_LEFT: Final = re.compile(
    r"\s*(?:restant\w*|remain(?:s|ed|ing)?\b|(?:is|are|was|were) left|left over|bleiben|übrig)", re.IGNORECASE
)
_OPENS: Final = re.compile(r"[^.,;:()\d]{0,40}:\s[^.;\d]{0,30}$")
"""Between a whole and the list of its parts."""
_OF_WHICH: Final = re.compile(
    r"\b(?:of which|of (?:this|that|these|those|them|it)|davon|dont|wovon)\b[^.;:]{0,30}$", re.IGNORECASE
)
_FIRST: Final = re.compile(r"[^.;:\d]{0,30},\s(?:[\w'’-]+\s){0,3}")
"""Between a whole of which parts are told and the first of them."""
_NOT_ALL: Final = re.compile(
    r"\b(?:includ\w+|such as|among|for example|e\.g|mainly|mostly|largest|biggest|instead|than|rose|fell"
    r"|from|versus|against|average"
    r"|each|apiece|respectively|einschlie\w+|darunter|zum beispiel|notamment|y compris|je\b|chacun\w*|or|oder|ou)\b",
    re.IGNORECASE,
)
"""A list is not of all parts, or is none."""
_CHANGE: Final = re.compile(r"\b(?:by|than|from|um|als|against)\s+(?:[a-z]+\s+)?$", re.IGNORECASE)
_RATIO: Final = re.compile(r"\b(?:of|by|factor|ratio|pue|wue|um|von|to|at|version|phase|page|scope)\s*$", re.IGNORECASE)
"""Before a number that is no amount."""
_RATIO_NAMED: Final = re.compile(r"\b(?:pue|wue|effectiveness|factor|ratio|faktor|facteur)\b", re.IGNORECASE)
_TOTAL: Final = re.compile(
    r"\b(?:makes?|totals?|totall?ing|altogether|together(?! with)|combined|in all|sum|adds? up to"
    r"|amounts? to|comes? to"
    r"|macht|ergibt|insgesamt|zusammen|au total|en tout|soit|ensemble)\b[^.;]{0,30}$",
    re.IGNORECASE,
)
_TOTAL_BEHIND: Final = re.compile(
    r"\s*(?:in total|in all|altogether|together|combined|insgesamt|zusammen|au total|en tout)\b", re.IGNORECASE
)
_NESTED: Final = 1.25
"""Part of the whole beyond which parts are within one another."""
_OF: Final = re.compile(
    r"\b(?:of|from|out of|von|vom|sur|des?)\s+(?:(?:the|these|its|all|every|each|our|den|der|les|ces"
    r"|a total of)\s+)*$",
    re.IGNORECASE,
)
_MANY: Final = re.compile(
    r"(?<![^\W\d_])(?:thousand|tausend|mille\b|k\b|millionen|millions?|mio|mln|m\b|billions?|bn|b\b"
    r"|milliarden|milliards?|mrd)",
    re.IGNORECASE,
)
_MULTIPLES: Final = {
    "thousand": 1e3, "tausend": 1e3, "milliard": 1e9, "million": 1e6, "mille": 1e3, "mio": 1e6, "mln": 1e6, "mrd": 1e9,
    "k": 1e3, "m": 1e6, "b": 1e9,
}  # fmt: skip
_YEAR: Final = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]*\d)")


class _Item(NamedTuple):
    amount: Amount
    value: float
    slack: float
    sentence: int
    before: str
    behind: str
    whole: _Item | None = None
    """The figure right behind a bare number that it is a part of: 272 of the 1,510 GWh."""
    is_sure: bool = True
    """Whether it is one number, which counts nothing of its own."""


def balances(document: Document) -> Iterator[Finding]:
    """Remainders that are not what is left, and lists behind a whole that are not the whole."""
    for paragraph in document.paragraphs:
        for items in _groups(paragraph):
            yield from _told(paragraph, items)


def _told(paragraph: Paragraph, items: Sequence[_Item]) -> Iterator[Finding]:
    for index, item in enumerate(items):
        sentence, *after = paragraph.sentences[item.sentence : item.sentence + 2]
        if is_refuted(sentence, *after):
            continue
        found = _remainder(items, index) if _is_rest(item) else _list(items, index) or _total(items, index)
        if found is not None and not _of_two_years(paragraph, items, index):
            evidence, at = found
            yield Finding("sum", "medium", 0.8, at.place, evidence, "one of these figures is wrong", sentence.text)
            return


def _groups(paragraph: Paragraph) -> Iterator[list[_Item]]:
    """The figures of each unit in order; a bare number has the unit of the figure before it, or of that it is of."""
    groups: dict[tuple[object, ...], list[_Item]] = {}
    last: _Item | None = None
    for item in _items(paragraph):
        one = item.amount
        if one.kind in _KINDS and one.value > 0:
            groups.setdefault(_unit(item), []).append(item)
            last = item
        elif one.kind == "number" and one.value > 0:
            of = item.whole if item.whole is not None else last
            if of is not None and item.sentence - of.sentence <= 1:
                by = of.amount.scale * _times(of.amount) / _times(one)
                groups.setdefault(_unit(of), []).append(item._replace(value=one.value * by, slack=one.slack * by))
    yield from (some for some in groups.values() if len(some) > 1)


def _unit(item: _Item) -> tuple[object, ...]:
    one = item.amount
    return one.kind, one.per, one.noun, one.unit if one.kind == "money" else ""


def _items(paragraph: Paragraph) -> Iterator[_Item]:
    for number, sentence in enumerate(paragraph.sentences):
        begin, text = 0, sentence.text
        amounts = [one for one in sentence.amounts if one.kind not in ("year", "percent", "share", "factor")]
        for one, following in zip_longest(amounts, amounts[1:]):
            end = following.start if following is not None else len(text)
            before, behind = text[begin : one.start], text[one.end : end]
            item = _Item(one, one.value, one.slack, number, before, behind)
            of = following is not None and following.kind in _KINDS and _OF_ONLY.fullmatch(behind)
            whole = _Item(following, 0.0, 0.0, number, "", "") if of and following is not None else None
            sure = not one.ranged and (one.kind != "number" or whole is not None or _is_bare(item))
            yield item._replace(whole=whole, is_sure=sure)
            begin = one.end


def _times(one: Amount) -> float:
    """The multiple in words behind a number: millions."""
    found = _MANY.search(one.text)
    return next((by for name, by in _MULTIPLES.items() if found and found[0].lower().startswith(name)), 1.0)


def _is_bare(item: _Item) -> bool:
    """Whether a number counts nothing of its own: 1,280 of 1,510 GWh."""
    if _RATIO.search(item.before) or _RATIO_NAMED.search(item.before[-40:]):
        return False
    return _FOLLOWED.match(item.behind) is not None or _is_rest(item)


def _is_rest(item: _Item) -> bool:
    return _REST.search(item.before) is not None or _LEFT.match(item.behind) is not None


def _remainder(items: Sequence[_Item], index: int) -> tuple[str, Amount] | None:
    """What is told of a remainder: a whole without its parts is something else."""
    rest = items[index]
    near = [one for one in items[:index] if rest.sentence - one.sentence <= _BACK][-_MOST:]
    after = [one for one in items[index + 1 :] if one.sentence == rest.sentence]
    if len(near) < 2 or _closes(rest, [*near, *after]):
        return None
    alone = 0 if near[1].sentence > near[0].sentence else None
    opens = [at for at, one in enumerate(near[1:]) if _OPENS.fullmatch(one.before)]
    begin = max([*opens, *(at for at, one in enumerate(near) if _OF.search(one.before))], default=alone)
    if begin is None:
        return None
    if begin and near[begin - 1].whole is not None:
        near[begin - 1 : begin + 1] = near[begin], near[begin - 1]
        begin -= 1
    whole, *parts = near[begin:]
    total = fsum(one.value for one in parts)
    if (
        not parts
        or not all(one.is_sure for one in (whole, *parts, rest))
        or whole.value <= max(total, rest.value)
        or any(_CHANGE.search(one.before) for one in parts)
    ):
        return None
    off = abs(whole.value - total - rest.value)
    if off <= whole.slack + rest.slack + fsum(one.slack for one in parts) + _TOLD * whole.value:
        return None
    listed = " - ".join(one.amount.digits for one in (whole, *parts))
    left = (whole.value - total) / _printed(whole)
    return f"{listed} = {left:.4g}, stated {rest.amount.digits} as what remains", rest.amount


def _closes(rest: _Item, others: Sequence[_Item]) -> bool:
    """Whether some figures before a remainder make some other one with it."""
    return any(
        abs(whole.value - fsum(one.value for one in few) - rest.value)
        <= 0.006 * whole.value + whole.slack + rest.slack + fsum(one.slack for one in few)
        for whole in others
        for many in range(1, len(others))
        for few in combinations([one for one in others if one is not whole], many)
    )


def _list(items: Sequence[_Item], index: int) -> tuple[str, Amount] | None:
    """What is told of a whole with its parts right behind: a colon opens all of them, "of which" some."""
    whole = items[index]
    parts = [one for one in items[index + 1 :] if one.sentence == whole.sentence][:_MOST]
    if len(parts) < 2:
        return None
    opened, of_which = _OPENS.fullmatch(parts[0].before), _OF_WHICH.search(parts[0].before)
    of_which = of_which or (_OF.search(whole.before) and _FIRST.fullmatch(parts[0].before))
    inside = f"{_OF.sub('', whole.before)} {' '.join(one.before for one in parts)} {parts[-1].behind}"
    if (
        not (opened or of_which)
        or not all(one.is_sure for one in (whole, *parts))
        or _NOT_ALL.search(inside)
        or any(_is_rest(one) for one in parts)
    ):
        return None
    total = fsum(one.value for one in parts)
    slack = whole.slack + fsum(one.slack for one in parts) + _TOLD * whole.value
    over = len(parts) > 2 and whole.value + slack < total < _NESTED * whole.value
    is_off = abs(total - whole.value) > slack if opened else over
    sums = [fsum(one.value for one in parts[:many]) for many in range(2, len(parts) + 1)]
    if not is_off or not 0.5 < total / whole.value < 2 or any(abs(one - whole.value) <= slack for one in sums):
        return None
    listed = " + ".join(one.amount.digits for one in parts)
    return f"{listed} = {total / _printed(whole):.4g}, stated {whole.amount.digits}", whole.amount


def _total(items: Sequence[_Item], index: int) -> tuple[str, Amount] | None:
    """What is told of a total behind a list with the unit printed once."""
    whole = items[index]
    parts = [one for one in items[:index] if one.sentence == whole.sentence][-_MOST:]
    said = _TOTAL.search(whole.before) or _TOTAL_BEHIND.match(whole.behind)
    if (
        not said
        or len(parts) < 3
        or not all(one.is_sure for one in (whole, *parts))
        or all(one.amount.kind != "number" for one in parts)
        or _closes_total(whole, parts)
    ):
        return None
    if _NOT_ALL.search(" ".join(one.before for one in (*parts, whole))):
        return None
    total = fsum(one.value for one in parts)
    if not 0.5 < total / whole.value < 2 or max(one.value for one in parts) >= whole.value:
        return None
    listed = " + ".join(one.amount.digits for one in parts)
    return f"{listed} = {total / _printed(whole):.4g}, stated {whole.amount.digits}", whole.amount


def _closes_total(whole: _Item, parts: Sequence[_Item]) -> bool:
    return any(
        abs(fsum(one.value for one in few) - whole.value)
        <= 0.006 * whole.value + fsum(one.slack for one in (*few, whole))
        for many in range(1, len(parts) + 1)
        for few in combinations(parts, many)
    )


def _printed(item: _Item) -> float:
    """What the printed number of a figure is to be multiplied with."""
    return item.value / (item.amount.value / item.amount.scale / _times(item.amount))


def _of_two_years(paragraph: Paragraph, items: Sequence[_Item], index: int) -> bool:
    """Whether the sentences of a balance tell of two years."""
    since = min(one.sentence for one in items[max(0, index - _MOST) : index + 1])
    last = items[index].sentence
    texts = [paragraph.sentences[at].text for at in range(max(since, last - _BACK), last + 1)]
    return len({year for text in texts for year in _YEAR.findall(text)}) > 1
