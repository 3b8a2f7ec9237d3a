"""Shares of one figure in another, told beside both: N is P per cent of M, P per cent of M or N, and one in so many."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations
from math import log
from typing import Final, NamedTuple

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Document
from joulebook.audit.reading.measures import PERIODS
from joulebook.audit.relations import cues
from joulebook.audit.rules.wholes import CHANGED, OTHERWISE
from joulebook.audit.sums import words
from joulebook.audit.sums.entries import Entry, lines, passages
from joulebook.audit.sums.likeness import alike

_SHARES: Final = {"percent": 0.01, "share": 1.0}
_NO_WHOLES: Final = frozenset({"percent", "share", "time", "factor", "points"})
_CLAUSE: Final = 70
"""Letters before a figure in which words of consequence stand."""
_NEAR: Final = 8
"""Figures of a line around a share that may explain it."""
_FREE: Final = 0.012
"""Relative difference that is never told."""
_ROUGH: Final = 0.08
"""The same for fractions in words."""
_POINT: Final = 0.004
"""Part of the whole that a share may be off where its digits are few."""
_FAR: Final = 2.5
"""Logarithm by which a share may be off."""
_IS: Final = re.compile(
    r"\b(?:in other words|that is|that'?s|that was|this is|this was|which is|which was|which makes|making|makes|share"
    r"|proportion|quota|rate|accounts? for|accounted for"
    r"|represent\w*|stands? for|equals?|equivalent|corresponds?|i\.e|thus|hence|so|therefore|just|only|merely"
    r"|a mere|fraction|percentage"
    r"|das sind|also|mithin|anteil|quote|entspricht|macht|soit|c['’]est|ce qui|part|taux|représente\w*|donc"
    r"|es decir|o sea|lo que|eso es|cuota|supone\w*|representa\w*|equivale\w*|tasa)\b[^.;]{0,40}$"
    r"|[,–—]\s*(?:or|oder|ou|o)\s+(?:[a-zà-ÿ]+\s){0,2}$|[(–—]\s*(?:(?:about|some|roughly|rund|etwa|knapp"
    r"|nearly|almost|environ|près de|unos|casi)\s+){0,3}$",
    re.IGNORECASE,
)
"""Before a share that follows from two figures."""
_OR: Final = re.compile(
    r"(?:[(,:–—]\s*|\s)(?:or|oder|soit|ou|o|that is|i\.e\.?,?|so|thus|hence|which is|that'?s|namely|es decir,?"
    r"|o sea,?|also|das sind|d\.\s?h\.|macht|equal to|amounting to"
    r"|makes?|which means|meaning|equivalent to)\s+(?:[a-zà-ÿ~]+\s+){0,3}$|[(:–—]\s*(?:[a-z~]+\s+){0,2}$",
    re.IGNORECASE,
)
"""Before an amount that says the share in other words."""
_NOT: Final = re.compile(
    r"\b(?:other(?! words)|others|rest|remain\w*|without|not|never|none|n['’]t|left|übrig\w*|rest\w*"
    r"|nicht|ohne|kein\w*"
    r"|reste|autres|sans|resto|sin)\b",
    re.IGNORECASE,
)
"""Words beside a share that is the rest."""
_CHANGE: Final = re.compile(
    r"\b(?:saved?|saving\w*|cut\w*|reduc\w*|drop\w*|fell|fall\w*|rose|rise\w*|gr[eo]w\w*|growth|increas\w*"
    r"|declin\w*|compared|than|since"
    r"|climb\w*|jump\w*|shr[aiu]nk\w*|up|down|instead|margin|efficien\w*|utili[sz](?:ation|ed)\b"
    r"|year[- ]on[- ]year|overhead"
    r"|loss(?:es)?|discount|off|gain\w*"
    r"|gestiegen|stieg\w*|gesunken|sank\w*|zunahme|rückgang|mehr|weniger|hausse|baisse|augment\w*|diminu\w*"
    r"|réduc\w*|rédui\w*|plus|moins"
    r"|subi\w*|baj[aóo]\w*|aument\w*|crec\w*|cayó|reduj\w*|más|menos)\b",
    re.IGNORECASE,
)
"""Words of a change from one figure to another."""
_BESIDE: Final = 30
"""Letters around a share in which it is called the rest."""
_WORD: Final = re.compile(r"(?!(?:this|that|with|from|than|their|which|about)\b)[a-zà-ÿ]{4,}")
_SAME: Final = re.compile(
    r"\b(?:in other words|that is|that'?s|i\.e\.?|which is|das sind|mit anderen worten|soit|autrement dit"
    r"|es decir|o sea)[,:]?\s"
    r"(?:[a-zà-ÿ]+\s){0,2}$",
    re.IGNORECASE,
)
"""Before a share that says what was said, of the same whole."""
_OF_THEM: Final = re.compile(
    r"\s*(?:davon|d['’]entre (?:eux|elles)|de (?:ellos|ellas)|(?:of|von|des|der|de los|de las) (?:all|those"
    r"|the \w+s\b(?! of)|befragt\w*|sondé\w*|encuestad\w*))",
    re.IGNORECASE,
)
_FROM_TO: Final = re.compile(r"\b(?:from|von|de|desde)\b[^.;]{0,50}\b(?:to|auf|à|a)\s", re.IGNORECASE)
_ONE_IN: Final = re.compile(
    r"\b(?:one|1) (?:in|out of|of)(?: every| each)?\s(?:[a-z]+\s)?$|\bjede[rsn]?\s$|\b(?:un|une|1) sur\s$"
    r"|\b(?:un[oa]?|1) de cada\s$",
    re.IGNORECASE,
)
_FRACTION: Final = re.compile(
    r"\b(?:half|third|quarter|fifth|tenth|hälfte|drittel|viertel|fünftel|moitié|tiers|quart|mitad|tercio"
    r"|cuarto)s?\b",
    re.IGNORECASE,
)
"""Another share, of which the rest is left."""
_ENDS: Final = re.compile(r"\s*(?:[.;)!?]|$)")
_COMMA: Final = re.compile(r"[,(–—:]\s*(?:[a-zà-ÿ]+\s){0,2}$", re.IGNORECASE)
"""Right before a share that says what the figures before it are."""
_AGAIN: Final = re.compile(
    r"(?:\s[\w’'-]+){0,4}\s?(?:[(–—]|,? (?:or|i\.e\.|that is|soit|oder|also|o sea|es decir),?|,(?= ?$))\s?"
    r"(?:(?:about|roughly|some|exactly|to be precise|precisely|rund|genau|environ|exactement|unos)\s?)?",
    re.IGNORECASE,
)
"""Between a fraction in words and the same in per cent."""
_LOOSE: Final = 0.15
"""Relative difference that is granted to fractions in words beside a percentage."""
_MOST_ONE: Final = 2000.0
_WORDS: Final = 90
"""Letters between a percentage and the same as one in so many."""


class _Pair(NamedTuple):
    part: Entry
    whole: Entry

    @property
    def share(self) -> float:
        return self.part.value / self.whole.value

    @property
    def slack(self) -> float:
        return self.share * (self.part.loose / self.part.value + self.whole.loose / self.whole.value)


def fractions(document: Document) -> Iterator[Finding]:
    """Shares, and amounts that a share of another one is said to be, which the figures beside them contradict."""
    for passage in passages(document.paragraphs):
        known = [one for one in passage if _SHARES.get(one.key[0])]
        rows = [row for row in lines(passage) if row[0].key[0] not in _NO_WHOLES] if known else []
        for share in known:
            if share.here and share.is_sure and not share.is_denied and _is_share(share):
                found = _of(share, rows, passage) or _one_in(share, passage) or _said_again(share, known)
                if found is not None:
                    yield found


def _is_share(share: Entry) -> bool:
    if share.amount.noun in ("up", "down") or share.amount.per or not 0 < _size(share) < 1:
        return False
    return not (CHANGED.search(share.before[-_CLAUSE:]) or OTHERWISE.match(share.behind))


def _size(share: Entry) -> float:
    return share.value * _SHARES[share.key[0]]


def _width(share: Entry) -> float:
    """By how much a share may be off, as printed and hedged."""
    size, by = _size(share), _SHARES[share.key[0]]
    if share.key[0] == "share":
        return _ROUGH * size
    return max(share.slack * by, 0.1 * size if share.amount.hedged else 0.0)


def _of(share: Entry, rows: Sequence[Sequence[Entry]], passage: Sequence[Entry]) -> Finding | None:
    for row in rows:
        near = sorted(
            (one for one in row if -2 <= one.sentence - share.sentence <= 1),
            key=lambda one: abs(one.order - share.order),
        )[:_NEAR]
        if len(near) > 1 and (
            any(_explains(share, _Pair(*pair)) for pair in permutations(near, 2))
            or any(abs(pair.share - _size(share)) <= _exact(share) + pair.slack for pair in _of_sums(near))
        ):
            return None
    for row in rows:
        found = _stated(share, row, passage) or _applied(share, row, passage)
        if found is not None:
            return found
    return None


def _exact(share: Entry) -> float:
    """By how much a share may be off as printed."""
    return min(_width(share), share.slack * _SHARES[share.key[0]])


def _of_sums(near: Sequence[Entry]) -> Iterator[_Pair]:
    """Parts of others together, and some of them together as part of another."""
    for part, whole in permutations(near, 2):
        if part.order < whole.order:
            both = part._replace(value=part.value + whole.value, slack=part.slack + whole.slack)
            for one in near:
                yield _Pair(both, one)
                yield _Pair(one, both)
    for begin in range(len(near)):
        for end in range(begin + 3, len(near) + 1):
            some = sorted(near, key=lambda one: one.order)[begin:end]
            total = some[0]._replace(value=sum(one.value for one in some), slack=sum(one.slack for one in some))
            for one in near:
                yield _Pair(one, total)


def _explains(share: Entry, pair: _Pair) -> bool:
    """Whether two figures give a share: as the part, as the rest or as the change."""
    size, width = _size(share), _width(share) + pair.slack + _FREE * pair.share
    ratio = pair.share
    if abs(ratio - size) <= width:
        return True
    beside = f"{share.before[-_BESIDE:]} {share.behind[:_BESIDE]}"
    if _NOT.search(beside) and abs(1 - ratio - size) <= width:
        return True
    return _CHANGE.search(share.text) is not None and min(abs(ratio - 1 - size), abs(1 - ratio - size)) <= width


def _stated(share: Entry, row: Sequence[Entry], passage: Sequence[Entry]) -> Finding | None:
    """A share behind the two figures that it follows from, right before it or on both sides of it."""
    before = [one for one in row if one.order < share.order and share.sentence - one.sentence <= 2]
    behind = [one for one in row if one.order == share.order + 1 and one.sentence == share.sentence]
    whole_behind = behind[0] if behind and words.OUT_OF.fullmatch(share.behind) else None
    follows = _IS.search(share.before[-_CLAUSE:]) is not None and (whole_behind or not _of_another(share, before))
    beside = len(before) > 1 and words.OUT_OF.fullmatch(before[-2].behind) and _COMMA.search(share.before)
    follows = follows or bool(len(before) == 2 and _COMMA.search(share.before) and _ENDS.match(share.behind))
    if not before or not (follows or beside or (whole_behind and before[-1].order == share.order - 1)):
        return None
    if whole_behind is not None:
        pair = _Pair(before[-1], whole_behind)
    elif (len(before) == 2 or beside) and before[-1].order >= share.order - 2 and before[-2].order >= share.order - 4:
        pair = _Pair(*sorted(before[-2:], key=lambda one: one.value))
    else:
        return None
    if any(one.many != 1 or set(one.per) - set(PERIODS) for one in pair):
        return None
    others = [one for one in passage if pair.part.order < one.order < share.order and one.key[0] in _SHARES]
    if others or pair.share >= 1 or not pair.part.is_sure or not pair.whole.is_sure or not _off(share, pair):
        return None
    if _NOT.search(f"{share.before[-_BESIDE:]} {share.behind[:_BESIDE]}") or _changes(min(pair, key=_order), share):
        return None
    made = f"{pair.part.amount.digits} of {pair.whole.amount.digits} is {100 * pair.share:.3g} %"
    return _finding(share, f"{made}, stated {share.amount.digits}")


def _of_another(share: Entry, before: Sequence[Entry]) -> bool:
    """Whether a share is said to be of something that the figures before it do not name."""
    if not cues.OF.match(share.behind) or cues.OF_IT.match(share.behind):
        return False
    counted = before[-1].key[0] == "number" if before else False
    if (counted and _SAME.search(share.before[-_CLAUSE:])) or _OF_THEM.match(share.behind):
        return False
    said = set(_WORD.findall(share.behind.lower())[:4])
    return not counted or not said & set(_WORD.findall(" ".join(one.text for one in before).lower()))


def _changes(first: Entry, last: Entry) -> bool:
    """Whether words of a change stand between figures, or right before the first of them."""
    begin = max(0, first.amount.start - _CLAUSE)
    if first.sentence == last.sentence:
        end = last.amount.end + _BESIDE
        return (_CHANGE.search(first.text, begin, end) or _FROM_TO.search(first.text, begin, end)) is not None
    return any(_CHANGE.search(one) for one in (first.text[begin:], last.text[: last.amount.end + _BESIDE]))


def _order(one: Entry) -> int:
    return one.order


def _off(share: Entry, pair: _Pair) -> bool:
    """Whether a share is off by more than its digits and those of the figures leave open."""
    off = abs(pair.share - _size(share))
    far = abs(log(pair.share / _size(share)))
    return off > _width(share) + pair.slack + max(_FREE * pair.share, _POINT * pair.share) and far < _FAR


def _applied(share: Entry, row: Sequence[Entry], passage: Sequence[Entry]) -> Finding | None:
    """An amount right behind a share that says the same, of the figure right before: 20 % of the 90 MWh, or 15 MWh."""
    around = [one for one in row if share.sentence - 1 <= one.sentence <= share.sentence + 1]
    behind = [one for one in around if one.order > share.order and one.sentence == share.sentence]
    before = [one for one in around if one.order < share.order]
    if behind and words.OUT_OF.fullmatch(share.behind) and behind[0].order == share.order + 1 and len(behind) > 1:
        whole, part = behind[0], behind[1]
    elif before and behind and behind[0].order == share.order + 1:
        whole, part = before[-1], behind[0]
        if len({one.value for one in before if one.value > part.value}) > 1:
            return None
    else:
        return None
    rest = words.REST.search(part.before) is not None
    others = [one for one in passage if one.key[0] in _SHARES and one.sentence == share.sentence and one is not share]
    rest = rest and not others and not _FRACTION.search(part.before)
    told = (
        rest
        or _OR.search(part.before[-_CLAUSE:])
        or (part.order == share.order + 1 and words.OF_IT.fullmatch(share.behind))
        or (
            whole.order == share.order + 1 == part.order - 1
            and _COMMA.search(part.before)
            and len(part.before) < _BESIDE
        )
        or (words.OF_IT.match(share.behind) and alike(part.amount, _size(share) * whole.value / part.unit))
    )
    said = part.order <= share.order + 2 and bool(told)
    pair = _Pair(part._replace(value=whole.value - part.value) if rest else part, whole)
    if not (said and 0 < pair.share < 1 and part.is_sure and whole.is_sure and _off(share, pair)):
        return None
    if (not rest and _NOT.search(f"{share.before[-_BESIDE:]} {part.before}")) or _changes(
        min((share, whole), key=_order), part
    ):
        return None
    made = (1 - _size(share) if rest else _size(share)) * whole.value
    if any(
        abs(part.value - one.value) <= one.slack for one in passage if one.order < share.order and one.key == part.key
    ):
        return None
    made_of = f"{share.amount.digits} of {whole.amount.digits}" + (" leave" if rest else " is")
    return _finding(part, f"{made_of} {made / part.unit:.4g}, stated {part.amount.digits}")


def _one_in(share: Entry, passage: Sequence[Entry]) -> Finding | None:
    """A percentage that is said again as one in so many."""
    for one, other in pairwise(passage):
        if share not in (one, other) or other.sentence - one.sentence > 1:
            continue
        many = other if share is one else one
        if many.key[0] != "number" or not _ONE_IN.search(many.before) or not 1 < many.value < _MOST_ONE:
            continue
        between = other.before if other.sentence > one.sentence else other.text[one.amount.end : other.amount.start]
        if len(between) > _WORDS or not (cues.SO.search(between) or _OR.search(between) or _IS.search(between)):
            continue
        size = _size(share)
        low, high = 1 / (many.value + 0.5), 1 / (many.value - 0.5)
        if low * (1 - 0.1) - _width(share) <= size <= high * (1 + 0.1) + _width(share):
            continue
        return _finding(many, f"{share.amount.digits} is one in {1 / size:.3g}, stated one in {many.amount.digits}")
    return None


def _said_again(share: Entry, known: Sequence[Entry]) -> Finding | None:
    """A percentage right behind a fraction in words that is another one: one in five, 28 per cent to be precise."""
    last = next((one for one in known if one.order == share.order - 1 and one.sentence == share.sentence), None)
    if last is None or {last.key[0], share.key[0]} != set(_SHARES) or not _AGAIN.fullmatch(share.before):
        return None
    size, other = _size(share), _size(last)
    if abs(size - other) <= _width(share) + _width(last) + _LOOSE * max(size, other):
        return None
    return _finding(share, f"{last.amount.digits} is {100 * other:.3g} %, stated {share.amount.digits}")


def _finding(at: Entry, evidence: str) -> Finding:
    return Finding("percentage", "medium", 0.8, at.amount.place, evidence, "one of these figures is wrong", at.text)
