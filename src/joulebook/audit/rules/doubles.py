"""What is within a figure, told in words, and yet added to it: a part beside its whole, PUE on facility energy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from math import fsum
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Amount, Document, Sentence

_WITHIN: Final = re.compile(
    r"\binclud\w+|\bof (?:which|it|them|this|that)\b|^\s*of (?:the|these|those)\b|\bof (?:the|these|those)\s*$"
    r"|\bonce\b|\bin all\b|already"
    r"|\bthereof\b"
    r"|\bpart of\b|contain\w+"
    r"|\bcounts?\b|replac\w+|supersed\w+|in place of|instead of|\bdavon\b|enthält|enthalten|einschließlich|inbegriffen"
    r"|\bdont\b|inclus\w*|comprend\w*|compris\w*",
    re.IGNORECASE,
)
"""Words between a whole and its part, or between a plan and what replaced it."""
_APART: Final = re.compile(
    r"not includ\w*|exclud\w*|without|on top of|in addition|beside|except|excl\.|nicht enthalten|ohne|sans"
    r"|hors|non compris",
    re.IGNORECASE,
)
ADDS: Final = re.compile(
    r"\badd(?:s|ed|ing)?\b|\btogether\b|\btotal\w*\b|\bsum\w*\b|\bplus\b|\bcombined\b|\bin all\b|\bput\b"
    r"|\baltogether\b|\boverall\b"
    r"|\+|\b(?:comes?|came|coming) to\b|\ball told\b|\bamount\w* to\b|\btot(?:s|ted|ting)? up\b|\btally\b"
    r"|\bcount(?:s|ed|ing)? up\b"
    r"|\bbr(?:ings?|inging|ought)\b|\bon top\b|\bleaves? .{0,30} with\b|\bin sum\b|\b(?:thus|hence|therefore"
    r"|so that|makes?|weighs?)\b|\btaken as a whole\b"
    r"|zusammen|insgesamt|summe|addier\w*|zähl\w* man|unterm strich|hinzu\w*|alles in allem|macht das"
    r"|au total|ensemble|ajout\w*|somme|en tout|on (?:atteint|arrive|obtient)|additionn\w*|cumul\w*",
    re.IGNORECASE,
)
_FACILITY: Final = re.compile(
    r"(?:facility|building|whole[- ]site|data[- ]cent(?:er|re)|meter(?:ed)?|gebäude"
    r"|rechenzentrums?)[- ]?(?:level |wide )?"
    r"(?:energy|electricity|consumption|figure|total|meter|energie|verbrauch)|(?:cooling|overhead"
    r"|PUE)\W+(?:\w+\W+){0,2}(?:included|already in)"
    r"|(?:includ(?:es|ing)|with) (?:the )?(?:cooling|overhead|PUE)|at the (?:utility |facility |building )?meter",
    re.IGNORECASE,
)
_TIMES_PUE: Final = re.compile(
    r"\b(?:appl\w+|multipl\w+|times|scal\w+|gross\w* up|mark\w* up|rais\w+|×|\*)[^.;]{0,30}?\b(?:PUE"
    r"|power usage effectiveness)\b"
    r"|\bmit (?:dem|einem|der) PUE\b[^.;]{0,25}\bmultipli\w+|multipli\w+ par (?:le|un) PUE",
    re.IGNORECASE,
)
_REPLACED: Final = re.compile(r"\breplac\w+|supersed\w+|\bersetz\w*|remplac\w+", re.IGNORECASE)
_DERIVED: Final = re.compile(
    r"\bIT\b|GPU|server|\bgives?\b|obtain|estimat\w*|to get|deriv\w*|comput\w*|calculat\w*|is the|we get", re.IGNORECASE
)
_GIVES: Final = re.compile(
    r"\bmakes?\b|\bgives?\b|\bis\b|\breach\w*\b|\bfor\b|\bmacht\b|\bergibt\b|\bfait\b|\bdonne\b", re.IGNORECASE
)
_WITHIN_IT: Final = re.compile(
    r"\b(?:includ(?:es?|ed|ing)|contain(?:s|ed|ing)?|compris(?:es?|ed|ing)|already (?:in|within|counted|included"
    r"|contains?)"
    r"|(?:is|are|was|were) (?:a )?(?:part|portion|slice|share) of|of (?:it|this|that|these|those|which|them)\b"
    r"|belongs? to|falls? within"
    r"|(?:is|are|was|were) (?:in|within) (?:it|that|this|them)|enthält|enthalten|umfasst|davon|darin|darunter"
    r"|gehör\w+ zu|dont|comprend|inclut"
    r"|compris\w*|fait partie|en fait)\b",
    re.IGNORECASE,
)
"""Words beside a part whose whole stands in an earlier sentence."""
DEFINITE: Final = re.compile(
    r"(?:\b(?:the|its|their|these|those|this|that|our|his|her|of|and|plus|with|for|to|die|von|den|der|des|dem|ihren?"
    r"|und|mit|für|les?|la|ces"
    r"|ses|leurs?|du|et|avec|pour|de)|['’]s?|[,:;(+&=–—])\s*(?:(?:about|some|roughly|around|rund|etwa|environ)\s+)?$",
    re.IGNORECASE,
)
"""Before an amount that has been told already; without it the amount is one more of the same size."""
OTHER: Final = re.compile(
    r"\b(?:second|third|other|another|new|next|further|additional|neighbou?ring|zweite[nrs]?|andere[nrs]?|autres?"
    r"|second\w*)\b[^.;,]{0,20}$",
    re.IGNORECASE,
)
"""Before an amount of something else."""
LEVIED: Final = re.compile(
    r"\b(?:VAT|tax\w*|surcharge|mark-?up|levy|interest|mehrwertsteuer|steuern?|TVA|taxes?)\b", re.IGNORECASE
)
"""A share that comes on top of what it is a share of."""
_MOST_PARTS, _BACK, _CLAUSE = 7, 3, 70
"""Parts of a sum, sentences back to a whole, and letters between such words and the part."""
_EXACT: Final = 0.005
"""How closely a sum has to be met that nothing calls one."""
_REACH: Final = 12
"""Sentences under one heading within which a sum refers to what was said."""
_MANY: Final = re.compile(r"(?:m|b|tr)illion|Millionen|Milliarden|milliards?", re.IGNORECASE)
_OF_THE: Final = re.compile(
    r"(?:^|[,;:(“\"]\s*|\b(?:and|but|und|et)\s)(?:of|out of|von|sur) (?:the|these|those|its|their|this|all|den"
    r"|les)\s*$",
    re.IGNORECASE,
)
"""Before a whole of which a part follows: of the 70 million, 25 million went into cooling."""
_KINDS: Final = ("energy", "power", "mass", "water", "money", "count")


def doubles(document: Document) -> Iterator[Finding]:
    """Sums over a part and its whole; PUE applied to what has the overhead within."""
    sentences = document.sentences()
    for sentence in sentences:
        yield from _overhead(sentence)
    for at, sentence in enumerate(sentences):
        if ADDS.search(sentence.text):
            before = [one for one in sentences[max(0, at - _REACH) : at] if one.heading == sentence.heading]
            yield from _sums([*before, sentence])


def _overhead(sentence: Sentence) -> Iterator[Finding]:
    """Facility energy of a stated size, and then PUE applied to it."""
    for applied in _TIMES_PUE.finditer(sentence.text):
        before = sentence.text[: applied.start()]
        facility = list(_FACILITY.finditer(before))
        if not facility:
            continue
        named = facility[-1]
        energies = [one for one in sentence.amounts if one.kind == "energy" and one.end <= applied.start()]
        near = [one for one in energies if one.start >= named.start() - 40]
        is_derived = _DERIVED.search(before[named.start() :])
        if near and not is_derived and not re.search(r"\bnot\b|n't|never|must", sentence.text):
            evidence = f"{printed(near[-1])} is called {named[0]!r}, and PUE is applied to it"
            remedy = "facility energy has the overhead within: apply PUE to IT energy only"
            yield Finding("double-count", "medium", 0.85, near[-1].place, evidence, remedy, sentence.text)


def _sums(scope: list[Sentence]) -> Iterator[Finding]:
    """A total of the last sentence that adds what these sentences call a part of something else in it."""
    sentence = scope[-1]
    pairs = (
        [(pair, kept) for kept in scope for pair in _parts(kept)] + _replaced(scope) + _explained(scope) + _named(scope)
    )
    if not pairs or LEVIED.search(sentence.text):
        return
    for total in [one for one in sentence.amounts if _is_term(one)]:
        terms = [(kept, _like(one, total, kept is sentence)) for kept in scope for one in kept.amounts]
        terms = [(kept, one) for kept, one in terms if _is_term(one)]
        told = [pair for pair, origin in pairs if origin is not sentence or _before(pair, total)]
        told = [pair for pair in told if not _is_new(pair[1], scope)]
        added = next((pair for pair in told if _is_sum(total, *pair, _others(total, *pair, terms))), None)
        if added is not None:
            evidence = f"{printed(total)} adds {printed(added[1])} and {printed(added[0])}, which has it within"
            remedy = "leave out what is counted already, or say why both count"
            yield Finding("double-count", "medium", 0.85, total.place, evidence, remedy, sentence.text)
            return


def _like(amount: Amount, total: Amount, is_beside: bool) -> Amount:
    """A bare number of a list as an amount in the unit of the total beside it."""
    if amount.kind not in ("number", "count") or amount.noun or amount.per:
        return amount
    many = _MANY.search(amount.text)
    if not is_beside and (many is None or many[0].lower() not in total.text.lower()):
        return amount
    value, slack = amount.value * total.scale, amount.slack * total.scale
    return amount._replace(kind=total.kind, value=value, slack=slack)


def _replaced(scope: list[Sentence]) -> list[tuple[tuple[Amount, Amount], Sentence]]:
    """What a sentence says has replaced what the sentences before it told."""
    found = []
    for at, sentence in enumerate(scope):
        words = _REPLACED.search(sentence.text)
        new = [one for one in sentence.amounts if _is_term(one) and words and one.start > words.start()][:1]
        old = [one for kept in scope[max(0, at - 2) : at] for one in kept.amounts if new and one.kind == new[0].kind][
            -1:
        ]
        if new and old and old[0].value != new[0].value:
            found.append(((max(new[0], old[0], key=_value), min(new[0], old[0], key=_value)), sentence))
    return found


def _explained(scope: list[Sentence]) -> list[tuple[tuple[Amount, Amount], Sentence]]:
    """Wholes that are the sum of the amounts right before them, each with its parts."""
    found = []
    amounts = [(one, kept) for kept in scope for one in kept.amounts if _is_term(one)]
    for at, (whole, kept) in enumerate(amounts):
        if not ADDS.search(kept.text) and not _GIVES.search(kept.text):
            continue
        before = [one for one, _ in amounts[max(0, at - _MOST_PARTS) : at]]
        for many in range(2, len(before) + 1):
            parts = before[-many:]
            alike = all((one.kind, one.noun, one.per) == (whole.kind, whole.noun, whole.per) for one in parts)
            exact = abs(fsum(one.value for one in parts) - whole.value) <= _EXACT * whole.value
            if alike and exact and whole.value > 0 and _closes(whole, tuple(parts)):
                found += [((whole, part), kept) for part in parts]
                break
    return found


def _named(scope: list[Sentence]) -> list[tuple[tuple[Amount, Amount], Sentence]]:
    """Parts that are said to be within a figure that stands before, in words: "that figure includes 0.25 t"."""
    found = []
    for at, sentence in enumerate(scope):
        terms = [one for one in sentence.amounts if _is_term(one)]
        words = _WITHIN_IT.search(sentence.text)
        if words is None or _APART.search(sentence.text) or LEVIED.search(sentence.text):
            continue
        within = next((one for one in terms if 0 <= one.start - words.end() < _CLAUSE), None)
        within = within or next((one for one in reversed(terms) if 0 <= words.start() - one.end < _CLAUSE), None)
        if within is None:
            continue
        earlier = [one for kept in scope[max(0, at - _BACK) : at] for one in kept.amounts if _is_term(one)]
        earlier += [one for one in terms if one.end <= words.start() and one is not within]
        wholes = [
            one for one in earlier if one.kind == within.kind and one.noun == within.noun and one.value > within.value
        ]
        found += [((whole, within), sentence) for whole in wholes]
    return found


def _is_new(part: Amount, scope: list[Sentence]) -> bool:
    """Whether words say that an amount of the same size is one more: "another 9 million", "training adds 4 GWh"."""
    return any(
        DEFINITE.search(kept.text[: one.start]) is None or OTHER.search(kept.text[: one.start])
        for kept in scope
        for one in kept.amounts
        if one is not part and (one.kind, one.value) == (part.kind, part.value)
    )


def _value(amount: Amount) -> float:
    return amount.value


def _before(pair: tuple[Amount, Amount], total: Amount) -> bool:
    return min(one.end for one in pair) < total.start


def _is_term(amount: Amount) -> bool:
    return amount.kind in _KINDS and amount.value > 0 and amount.per in ((), ("year",), ("day",))


def _parts(sentence: Sentence) -> list[tuple[Amount, Amount]]:
    """Wholes with their parts, as a sentence tells them: of two amounts beside each other the larger is the whole."""
    found = []
    for left, following in pairwise(sentence.amounts):
        between = sentence.text[left.end : following.start]
        right = following
        if following.kind == "number" and re.fullmatch(r"\s*of (?:the|these|those)\s*", between):
            value, slack = following.value * left.scale, following.slack * left.scale
            right = following._replace(kind=left.kind, value=value, slack=slack)
        if not (_is_term(left) and _is_term(right)) or len(between) > 90 or left.value == right.value:
            continue
        same = left.kind == right.kind and left.noun == right.noun
        if same and _WITHIN.search(between) and not _APART.search(between):
            found.append((left, right) if left.value > right.value else (right, left))
    for left, right in pairwise(sentence.amounts):
        if _is_term(left) and _is_term(right) and (left.kind, left.noun) == (right.kind, right.noun):
            between = sentence.text[left.end : right.start]
            if _OF_THE.search(sentence.text[: left.start]) and left.value > right.value and ";" not in between:
                found.append((left, right))
    return found


def _others(total: Amount, whole: Amount, part: Amount, terms: list[tuple[Sentence, Amount]]) -> list[Amount]:
    """What else a total may add: each amount once, though a later sentence names it again."""
    kept: list[tuple[Sentence | None, Amount]] = [(None, total)]
    kept += [(origin, one) for origin, one in terms if one is whole or one is part]
    found: list[Amount] = []
    for origin, one in terms:
        is_new = all(
            one is not other and (abs(one.value - other.value) > max(one.slack, other.slack, 1e-9) or origin is home)
            for home, other in kept
        )
        if one.kind == total.kind and is_new and one.value < total.value:
            found.append(one)
            kept.append((origin, one))
    return found[-7:]


def _is_sum(total: Amount, whole: Amount, part: Amount, others: list[Amount]) -> bool:
    """Whether a total is the sum of whole, part and others, and none of the others without the part."""
    if total.kind != whole.kind or total.value < whole.value + 0.9 * part.value:
        return False
    sets = [chosen for size in range(4) for chosen in combinations(others, size)]
    if any(_closes(total, (whole, *chosen)) for chosen in sets):
        return False
    return any(_closes(total, (whole, part, *chosen)) for chosen in sets)


def _closes(total: Amount, parts: tuple[Amount, ...]) -> bool:
    slack = total.slack * 1.01 + fsum(min(one.slack, 0.02 * one.value) for one in parts)
    return abs(fsum(one.value for one in parts) - total.value) <= slack
