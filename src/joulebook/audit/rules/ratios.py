"""Changes, shares, multiples and periods in a sentence: from A to B, a rise of N %; A is N times B; a day, a year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.closing import agrees, slip, span
from joulebook.audit.rules.finding import Finding, shown

_UP: Final = re.compile(
    r"\b(?:rose|rises?|risen|grew|grows?|grown|increas\w*|growth|up|more|higher|gestiegen|steigerung|anstieg"
    r"|zunahme|wuchs|augment\w*|hausse)\b",
    re.IGNORECASE,
)
_DOWN: Final = re.compile(
    r"\b(?:fell|falls?|fallen|drop\w*|declin\w*|decreas\w*|reduc\w*|cut\w*|down|lower|less|sav\w+|gesunken"
    r"|senk\w*|rückgang|verringer\w*|reduzier\w*|baiss\w*|diminu\w*|rédui\w*)\b",
    re.IGNORECASE,
)
_FROM: Final = re.compile(r"\b(?:from|von|de)\s+[^.;]{0,30}$", re.IGNORECASE)
_TO: Final = re.compile(
    r"\s*(?:CO2e?|\(?(?:in )?(?:19|20)\d\d\)?|a year|per year|,|\s)*\s*(?:to|auf|à|down to|up to)\s+(?:about "
    r"|roughly |rund |environ )?[$€£]?$",
    re.IGNORECASE,
)
_SO: Final = re.compile(
    r"\b(?:so|that is|i\.e\.|means?|makes?|equals?|hence|therefore|thus|giv(?:es|ing)|which is|amounts? to|i.e"
    r"|comes? to|results? in|also|ergibt|macht|das sind|soit|donc|would be|yields?)\b|=|→",
    re.IGNORECASE,
)
_YEAR_DAYS: Final = {
    ("day", "year"): (360, 366),
    ("month", "year"): (12, 12),
    ("week", "year"): (52, 52.2),
    ("hour", "year"): (8736, 8784),
    ("day", "month"): (28, 31),
    ("hour", "day"): (24, 24),
    ("day", "week"): (7, 7),
}
_OR: Final = re.compile(
    r"\b(?:or|i\.e\.|that is|that makes|makes|which is|amounts to|adds up to|oder|soit|das sind|mithin|équivaut "
    r"à|corresponds to|equivalent to|equals?|comes to|is|are|ist|sind)\b|=|\(",
    re.IGNORECASE,
)
_SHARE: Final = re.compile(r"\b(?:of|out of|von|der|des|de|du)\b", re.IGNORECASE)


def ratios(document: Document) -> Iterator[Finding]:
    """Changes, multiples and periods whose figures do not fit."""
    for sentence in document.sentences():
        yield from _change(sentence)
        yield from _multiple(sentence)
        yield from _periods(sentence)
        yield from _share(sentence)
        yield from _all_year(sentence)


def _all_year(sentence: Sentence) -> Iterator[Finding]:
    """So much power all year, and the energy of the year; at part load it may be less."""
    powers = [amount for amount in _of_kind(sentence, "power") if not amount.per and amount.value > 0]
    energies = [amount for amount in _of_kind(sentence, "energy") if amount.per in ((), ("year",)) and amount.value > 0]
    if len(powers) != 1 or len(energies) != 1 or not _ALL_YEAR.search(sentence.text):
        return
    (power,), (energy,) = powers, energies
    ratio = energy.value / (power.value * 8760)
    words = slip(ratio)
    if words and not 0.2 < ratio < 2:
        year = shown(power.value * 8760, "energy", energy)
        evidence = f"{power.digits} for a year is {year}, stated {energy.digits}: {words}"
        yield _finding("unit-slip", energy, evidence, sentence)


_ALL_YEAR: Final = re.compile(
    r"(?:for|over|throughout) (?:a|one|the) (?:whole |full |entire )?year|around the clock|continuous\w*|all year"
    r"|year-round"
    r"|rund um die uhr|ganzjährig|das ganze jahr|toute l.année",
    re.IGNORECASE,
)


def _of_kind(sentence: Sentence, *kinds: str) -> list[Amount]:
    return [amount for amount in sentence.amounts if amount.kind in kinds]


def _finding(rule: str, stated: Amount, evidence: str, sentence: Sentence, sure: float = 0.9) -> Finding:
    return Finding(rule, "medium", sure, stated.place, evidence, "correct the one that is wrong", sentence.text)


def _change(sentence: Sentence) -> Iterator[Finding]:
    """From A to B, a change of N %."""
    percents = _of_kind(sentence, "percent")
    if len(percents) != 1:
        return
    percent = percents[0]._replace(rough=percents[0].slack)
    dated = [amount for amount in sentence.amounts if amount.kind != "year"]
    for left, right in pairwise(dated):
        if left.kind in ("number", "count") and right.kind not in ("number", "count", "percent", "factor"):
            left = _in_unit_of(left, right)  # noqa: PLW2901 - from 50,000 to 40,000 t
        same = (
            left.kind == right.kind
            and left.per == right.per
            and left.kind not in ("percent", "year", "factor", "number")
        )
        if not same or not _TO.fullmatch(sentence.text, left.end, right.start):
            years = [one for one in sentence.amounts if one.kind == "year" and left.end <= one.start < right.start]
            if not (same and years):
                continue
        if not _FROM.search(sentence.text[: left.start]) or left.value <= 0:
            continue
        rising = right.value > left.value
        words = _UP if rising else _DOWN
        if not words.search(sentence.text) and not (_UP if not rising else _DOWN).search(sentence.text):
            continue
        (a, b), (c, d) = span(left), span(right)
        low, high = (c / b - 1, d / a - 1) if rising else (1 - d / a, 1 - c / b)
        if not agrees(percent, 100 * low - 0.05, 100 * high + 0.05, 0.01) and abs(percent.value) < 1000:
            change = 100 * abs(right.value / left.value - 1)
            evidence = f"from {left.digits} to {right.digits} is a change of {change:.3g} %, stated {percent.digits}"
            yield _finding("percentage", percent, evidence, sentence)


def _in_unit_of(amount: Amount, other: Amount) -> Amount:
    """A bare number in the unit of the amount that it is one end of."""
    value, slack, rough = (part * other.scale for part in (amount.value, amount.slack, amount.rough))
    return amount._replace(value=value, low=value, high=value, slack=slack, rough=rough, kind=other.kind, per=other.per)


_TIMES_THAN: Final = re.compile(
    r"\b(?:than|as much|as many|as large|as high|more|less|larger|smaller|over-?estimat\w*|factor|compared"
    r"|against|versus|instead|correction|too (?:high|low|large)|mehr|weniger|plus|moins|fach|rather)\b",
    re.IGNORECASE,
)


def _multiple(sentence: Sentence) -> Iterator[Finding]:
    """A is N times B; N times A, so B."""
    factors = [one for one in _of_kind(sentence, "factor") if one.value >= 1.5]
    if len(factors) == 1:
        factor, named = factors[0], False
    else:
        found = re.search(
            r"(?:factor of|Faktor(?: von)?|facteur(?: de)?)\s+(?:about |roughly |nearly )?$",
            sentence.text[: _first_number(sentence)],
        )
        numbers = _of_kind(sentence, "number")
        if found is None or factors or not numbers:
            return
        factor = numbers[0]
        named = True
    others = [
        one for one in sentence.amounts
        if one is not factor and one.kind not in ("percent", "year", "factor", "time") and one.value > 0
    ]  # fmt: skip
    kinds = {(one.kind if one.kind not in ("count", "number") else "count", one.per) for one in others}
    if len(others) != 2 or len(kinds) != 1 or factor.ranged:
        return
    left, right = others
    if left.kind in ("count", "number"):
        connected = _SO.search(sentence.text[min(left.end, factor.end) : right.start])
        if connected is None or named or min(left.value, right.value) < 20:
            return
    elif not _is_multiple(sentence, factor):
        return
    small, large = sorted((left, right), key=lambda one: one.value)
    (a, b), (c, d) = span(small, result=True), span(large, result=True)
    ratio = large.value / small.value
    if (
        left.kind not in ("count", "number")
        and re.search(r"\bmore|less|larger\b", sentence.text)
        and agrees(factor, ratio - 1, ratio - 1, 0.05)
    ):
        return
    if a <= 0 or agrees(factor, c / b, d / a, 0.03) or ratio < 1.05:
        return
    evidence = f"{large.digits} / {small.digits} = {ratio:.4g}, stated {factor.digits}"
    if left.kind in ("count", "number"):
        evidence = (
            f"{factor.value:g} x {left.digits} = {shown(factor.value * left.value, 'count')}, stated {right.digits}"
        )
    yield _finding("arithmetic", right if left.kind in ("count", "number") else factor, evidence, sentence, 0.85)


def _is_multiple(sentence: Sentence, factor: Amount) -> bool:
    """Whether "N times" compares, and is not how often something happens."""
    if re.match(r"\s*(?:a|per|each|every|in)\s+(?:day|week|month|year)", sentence.text[factor.end :]):
        return False
    text = sentence.text
    return factor.unit == "x" or _TIMES_THAN.search(text) is not None or _SO.search(text) is not None


def _first_number(sentence: Sentence) -> int:
    numbers = _of_kind(sentence, "number")
    return numbers[0].start if numbers else 0


def _periods(sentence: Sentence) -> Iterator[Finding]:
    """So much a day, or so much a year."""
    for left, right in zip(sentence.amounts, sentence.amounts[1:], strict=False):
        if left.kind != right.kind or not left.per or not right.per or left.value <= 0 or right.value <= 0:
            continue
        if left.kind not in ("energy", "mass", "water", "money", "count"):
            continue
        key, turned = (left.per[0], right.per[0]), (right.per[0], left.per[0])
        between = sentence.text[left.end : right.start]
        if (key not in _YEAR_DAYS and turned not in _YEAR_DAYS) or not _OR.search(between) or len(between) > 40:
            continue
        short, long = (left, right) if key in _YEAR_DAYS else (right, left)
        least, most = _YEAR_DAYS.get(key) or _YEAR_DAYS[turned]
        a, b = span(short)
        working = key[0] == "day" and agrees(long, a * 249, b * 262)
        if agrees(long, a * least, b * most, 0.012) or working:
            continue
        evidence = (
            f"{short.digits} is {shown(short.value * (least + most) / 2, short.kind, long)}, stated {long.digits}"
        )
        yield _finding("period", right, evidence, sentence)


def _share(sentence: Sentence) -> Iterator[Finding]:
    """A of B (N %), N % of B, or A."""
    percents = _of_kind(sentence, "percent")
    if len(percents) != 1:
        return
    percent = percents[0]._replace(rough=percents[0].slack)
    others = [one for one in sentence.amounts if one.kind in ("energy", "mass", "water", "money", "device-hours")]
    if len(others) != 2 or others[0].kind != others[1].kind or others[0].per != others[1].per:
        return
    if others[0].kind == "money" and others[0].unit != others[1].unit:
        return
    text, (first, second) = sentence.text, others
    part_first = re.fullmatch(
        r"[^,.;]{0,30}?\b(?:of|out of|von|der|des|de|du)\b[^,.;]{0,25}", text[first.end : second.start]
    )
    bracket = re.fullmatch(
        r"[^,.;]{0,30}[(,]\s*(?:or |i\.e\. |that is |about |roughly |oder |soit |das sind |rund )*",
        text[second.end : percent.start],
    )
    of_whole = (
        re.fullmatch(r"\s*(?:of|von|der|des|de|du)\b[^,.;]{0,40}", text[percent.end : min(first.start, len(text))])
        if percent.end <= first.start
        else None
    )
    then = re.fullmatch(
        r"[^.;]{0,25}(?:[(,=]|\bor\b|\bis\b)\s*(?:or |i\.e\. |that is |about |so |oder |soit |roughly |rund )*",
        text[first.end : second.start],
    )
    if part_first and bracket and percent.start > second.end:
        part, whole = first, second
    elif of_whole and then:
        part, whole = second, first
    else:
        return
    (a, b), (c, d) = span(part, result=True), span(whole)
    if part.value < whole.value and c > 0 and not agrees(percent, 100 * a / d, 100 * b / c, 0.02):
        evidence = f"{part.digits} of {whole.digits} is {100 * part.value / whole.value:.3g} %, stated {percent.digits}"
        yield _finding("percentage", percent, evidence, sentence)
