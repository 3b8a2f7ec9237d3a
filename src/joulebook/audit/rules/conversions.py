"""The same amount in two units, and sums and products written out: 626,155 lb (284 t); 10 x 5,000 = 25,000."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from math import log10
from typing import Final

from joulebook.audit.factors import slip
from joulebook.audit.finding import Finding, shown
from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.closing import agrees, span

_SAME: Final = re.compile(
    r"\s*(?:of\s+(?:CO2e?|carbon|electricity|water|energy)\s*)?(?:CO2e?\s*)?(?:"
    r"[(\[]\s*(?:(?:or|i\.e\.|that is|also|oder|d\.h\.|soit|ou|equivalent to|equal to|equals|about|roughly"
    r"|around|some|approximately"
    r"|ca\.|rund|etwa|environ)[\s,]+)*[≈=~]?\s*|\s*[=≈]\s*"
    r"|\s*,?\s*(?:or|i\.e\.|that is|oder|soit|equals|equal to)\s+(?:about\s+|roughly\s+|around\s+|some\s+)?)$",
    re.IGNORECASE,
)
_THAT_IS: Final = re.compile(
    r"\s*(?:of\s+(?:CO2e?|carbon|water)\s*)?[,;—–]?\s*(?:(?:that|this|which) (?:is|makes|equals|comes to|means)"
    r"|that's|makes?|is|are|in other words"
    r"|das sind|das ist|also|c'est|ce qui fait|soit|corresponds? to|amounts? to|translates? (?:in)?to)\s+"
    r"(?:about\s+|roughly\s+|around\s+|some\s+|nearly\s+|rund\s+|etwa\s+|environ\s+|almost\s+)?",
    re.IGNORECASE,
)
"""Looser than the signs above: only for two units, and a slip that conversions have."""
_THAT: Final = re.compile(
    r"\W*(?:(?:that|this|it|which) (?:is|was|makes|equals|comes to|amounts to|would be)|that's|das sind|das ist"
    r"|c'est|cela fait"
    r"|eso es|son)\s(?:(?:about|roughly|around|some|nearly|almost|rund|etwa|environ|unos)\s)?",
    re.IGNORECASE,
)
_APPOSED: Final = re.compile(
    r",\s(?:about|roughly|around|some|approximately|rund|etwa|ungefähr|environ)\s", re.IGNORECASE
)
_MOVED: Final = 0.005
_OPERATOR: Final = re.compile(
    r"\s*(?:(?P<plus>\+|plus)|(?P<minus>−|–(?=\s)|minus)|(?P<times>[x×*·]|times|multiplied by)|(?P<over>[/÷]"
    r"|divided by))\s*(?:the\s+)?[$€£]?"
)
_EQUALS: Final = re.compile(
    r"\s*(?:\([^()=]*\)\s*)?(?:=|≈|equals|gives|makes|is|ergibt|macht|font|donne)\s*(?:about |roughly |around "
    r"|rund |environ |~)?[$€£]?"
)
_PERIOD: Final = re.compile(
    r"\W*(?:(?:in|over|for|during|after|within|per|an?|each|every|auf|im|in|über|nach|pro|par|en|sur|après)\s)"
    r"(?:[\w-]+\s){0,3}(?:(?:day|week|month|year|quarter|hour|run|workday|shift|(?:Arbeits)?tag|woche|monat|jahr|jour"
    r"|semaine|an|année)(?:s|en?|n)?|mois)\b"
    r"|\W*(?:for|across|over|in|after|with|per|für|bei|pour)\s(?:[a-z]+\s)?(?:\d|all\b|ten\b|twelve\b|hundred|thousand"
    r"|million|zehn|tausend|dix|mille)",
    re.IGNORECASE,
)
"""Right behind the second amount: it is of another time, or of more, than the first."""
_CONVERTIBLE: Final = {"energy", "power", "mass", "water", "time", "distance", "data"}


def conversions(document: Document) -> Iterator[Finding]:
    """Amounts that are said to be one and are not."""
    for paragraph in document.paragraphs:
        for sentence in paragraph.sentences:
            yield from _pairs(sentence)
            yield from _written_out(sentence)
        for sentence, following in pairwise(paragraph.sentences):
            yield from _said_again(sentence, following)


def _pairs(sentence: Sentence) -> Iterator[Finding]:
    for at, (left, right) in enumerate(pairwise(sentence.amounts)):
        before = sentence.amounts[at - 1] if at else None
        if before is not None and before.kind == left.kind and sentence.text[before.end : left.start].strip() == ",":
            continue  # a list: 3.6 J, 60 J or 3.6 kJ
        is_said = _is_said(sentence, left, right)
        if is_said is None:
            continue
        low, high = span(left, result=True)
        if agrees(right, low, high, 0.012) or _short_ton(left, right):
            continue
        yield from _apart(sentence, left, right, is_said=is_said)


def _said_again(sentence: Sentence, following: Sentence) -> Iterator[Finding]:
    """What is told of an amount that the next sentence begins to tell in another unit: "That is 6.8 billion pounds"."""
    if not sentence.amounts or not following.amounts:
        return
    left, right = sentence.amounts[-1], following.amounts[0]
    is_pair = left.kind == right.kind and left.kind in _CONVERTIBLE and left.unit != right.unit
    if not is_pair or right.per not in ((), left.per) or not _THAT.fullmatch(following.text[: right.start]):
        return
    words = slip(right.value / left.value, within=0.01) or _wrong_way(right.value / left.value, left, right)
    if words and not _PERIOD.match(following.text[right.end :]):
        evidence = f"{left.digits} = {shown(left.value, left.kind, right)}, stated {right.digits}"
        yield Finding("conversion", "high", 0.85, right.place, evidence, f"they differ by {words}", following.text)


def _is_said(sentence: Sentence, left: Amount, right: Amount) -> bool | None:
    """Whether signs or "or" between two amounts say that they are one; False where only looser words do."""
    between = sentence.text[left.end : right.start]
    strict = _SAME.fullmatch(between) is not None and left.per == right.per
    loose = _SAME.fullmatch(between) is not None and not left.per
    loose = loose or (_APPOSED.fullmatch(between) is not None and left.per == right.per)
    loose = loose or (_THAT_IS.fullmatch(between) is not None and right.per in ((), left.per))
    loose = loose or (_THAT_IS.fullmatch(between) is not None and not left.per)
    if left.kind != right.kind or left.kind not in _CONVERTIBLE or min(left.value, right.value) <= 0:
        return None
    if not strict and (not loose or left.unit == right.unit or _is_decimal(left, right)):
        return None
    inside = "(" in between or "[" in between
    behind = sentence.text[right.end : right.end + 25].lstrip()
    if inside and not re.match(r"(?:CO2e?|of CO2e?|carbon|eq\w*|metric)?\s*[)\],;]", behind):
        return None
    if "short tons" in (left.unit, right.unit) and not re.search(r"metric|tonne", left.text + right.text):
        return None
    is_marked = inside or "=" in between or "≈" in between
    return None if not is_marked and _PERIOD.match(sentence.text[right.end :]) else strict


def _apart(sentence: Sentence, left: Amount, right: Amount, *, is_said: bool) -> Iterator[Finding]:
    """What is told of two amounts that are said to be one and differ."""
    between, ratio = sentence.text[left.end : right.start], right.value / left.value
    inside = "(" in between or "[" in between
    words = slip(ratio, within=0.01) or _moved(ratio, left, right) or _wrong_way(ratio, left, right)
    if (not is_said and not words) or (left.unit == right.unit and not (words and inside)):
        return
    if not inside and "=" not in between and (left.kind == "time" or not (words or 0.3 < ratio < 3)):
        return
    evidence = f"{left.digits} = {shown(left.value, left.kind, right)}, stated {right.digits}; ratio {ratio:.4g}"
    remedy = f"they differ by {words}" if words else "convert one of the two again"
    place, sure = right.place, 0.95 if inside or "=" in between else 0.8
    yield Finding("unit-slip" if words else "conversion", "high", sure, place, evidence, remedy, sentence.text)


def _moved(ratio: float, left: Amount, right: Amount) -> str:
    """What is told of the same digits with the point elsewhere."""
    tens = round(log10(ratio))
    is_power = tens != 0 and abs(ratio / 10**tens - 1) < _MOVED
    told = [len(re.sub(r"\D|^[0.,]+|0+$", "", one.digits)) for one in (left, right)]
    is_told = min(told) >= 2 or (max(told) >= 2 and not _is_decimal(left, right))
    return f"a factor of {10 ** abs(tens):,}, the place of the point" if is_power and is_told else ""


def _wrong_way(ratio: float, left: Amount, right: Amount) -> str:
    """What is told where the factor between two units was multiplied by, and not divided."""
    by = right.scale / left.scale
    is_factor = left.unit != right.unit and not 0.95 < by < 1.06
    within = 0.03 if not 0.8 < by < 1.25 else 0.008
    return "a conversion the wrong way round" if is_factor and abs(ratio / by**2 - 1) < within else ""


def _is_decimal(left: Amount, right: Amount) -> bool:
    """Whether two units differ by a power of ten, so that "700 watts are 70 megawatts" may be said of many."""
    tens = log10(right.scale / left.scale)
    return abs(tens - round(tens)) < 1e-6


def _short_ton(left: Amount, right: Amount) -> bool:
    """Whether they agree when "ton" is the American short ton."""
    for one, other in ((left, right), (right, left)):
        if one.unit == "t" and re.search(r"\btons?\b", one.text) and other.unit in ("lb", "kg"):
            least, most = span(one, result=True)
            return agrees(other, least * 0.90718, most * 0.90718, 0.01)
    return False


def _written_out(sentence: Sentence) -> Iterator[Finding]:
    """Arithmetic in signs: amounts joined by + - x / up to an equals sign."""
    amounts, index = sentence.amounts, 0
    while index < len(amounts) - 1:
        end, operators = index, []
        while end + 1 < len(amounts):
            found = _OPERATOR.fullmatch(sentence.text, amounts[end].end, amounts[end + 1].start)
            factor = (
                amounts[end].kind == "factor" and not sentence.text[amounts[end].end : amounts[end + 1].start].strip()
            )
            if found is None and not factor:
                break
            operators.append("times" if found is None else str(found.lastgroup))
            end += 1
        is_result = end + 1 < len(amounts) and operators
        if is_result and _EQUALS.fullmatch(sentence.text, amounts[end].end, amounts[end + 1].start):
            finding = _checked(sentence, list(amounts[index : end + 1]), operators, amounts[end + 1])
            if finding is not None:
                yield finding
        index = max(end, index + 1)


def _checked(sentence: Sentence, terms: list[Amount], operators: list[str], stated: Amount) -> Finding | None:
    text = f"{sentence.text[terms[0].start : terms[-1].end]}"
    found = None
    if {"plus", "minus"} >= set(operators):
        found = _added(terms, operators, stated)
    elif {"times", "over"} >= set(operators):
        found = _multiplied(terms, operators, stated)
    if found is None or found[1] <= 0 or agrees(stated, found[0], found[2]):
        return None
    middle = found[1]
    ratio = stated.value / middle
    words = slip(ratio)
    evidence = f"{text} = {shown(middle, stated.kind, stated)}, stated {stated.digits}"
    rule = "unit-slip" if words and stated.unit else "arithmetic"
    remedy = f"they differ by {words}" if words else "one of the figures, or the result, is wrong"
    return Finding(rule, "high", 0.95, stated.place, evidence, remedy, sentence.text)


def _added(terms: list[Amount], operators: list[str], stated: Amount) -> tuple[float, float, float] | None:
    """Low, middle and high of a sum; None where units are mixed."""
    if len({term.kind for term in (*terms, stated) if term.kind not in ("number", "count")}) > 1:
        return None
    bare = [term for term in terms if term.kind in ("number", "count")]
    if bare and stated.kind not in ("number", "count"):  # 24.69 + 14.6 + 11.2 t
        terms = [_scaled(term, stated.scale) if term in bare else term for term in terms]
    elif bare and len(bare) < len(terms):
        return None
    signs = [1.0] + [1.0 if one == "plus" else -1.0 for one in operators]
    middle = sum(sign * term.value for sign, term in zip(signs, terms, strict=True))
    slack = sum(term.slack + (term.high - term.low) / 2 for term in terms)
    return middle - slack, middle, middle + slack


def _multiplied(terms: list[Amount], operators: list[str], stated: Amount) -> tuple[float, float, float] | None:
    """Low, middle and high of a product or quotient; None where the units do not give that of the result."""
    if not _multiplies(terms, operators, stated):
        return None
    low = middle = high = 1.0
    for operator, term in zip(["times", *operators], terms, strict=True):
        least, most = span(term)
        if operator == "times":
            low, middle, high = low * least, middle * term.value, high * most
        elif least > 0:
            low, middle, high = low / most, middle / term.value, high / least
    return low, middle, high


def _scaled(term: Amount, scale: float) -> Amount:
    return term._replace(
        value=term.value * scale, low=term.low * scale, high=term.high * scale, slack=term.slack * scale
    )


def _multiplies(terms: list[Amount], operators: list[str], stated: Amount) -> bool:
    """Whether the base units of the terms give that of the result: numbers always, kW x h = kWh, kWh x kg/kWh = kg."""
    kinds = [term.kind if not (term.kind == "mass" and "kWh" in term.per) else "intensity" for term in terms]
    real = sorted(kind for kind in kinds if kind not in ("number", "count", "factor"))
    result = stated.kind if stated.kind not in ("number", "count", "factor") else ""
    over = "over" in operators
    if not real:
        return not result or result == "percent"
    if "percent" in real or stated.per:
        return False
    if over:
        return len(real) == 2 and real[0] == real[1] and not result and len(terms) == 2
    known = {
        ("power", "time"): "energy",
        ("device-hours", "power"): "energy",
        ("energy", "intensity"): "mass",
        ("intensity", "power", "time"): "mass",
        ("device-hours", "intensity", "power"): "mass",
    }
    if len(real) == 1:
        return real[0] == result
    return known.get(tuple(real)) == result
