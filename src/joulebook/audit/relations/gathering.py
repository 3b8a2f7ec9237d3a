"""Paragraphs -> figures: the amounts of running text in order, with what the words around them add."""

from __future__ import annotations

import re
from itertools import pairwise
from math import inf
from typing import Final

from joulebook.audit.reading.amount import Amount, Paragraph, Sentence
from joulebook.audit.reading.measures import PERS
from joulebook.audit.relations import cues
from joulebook.audit.relations.figures import HOURS, PLAIN, SINGULAR, STEM, THINGS, Figure, dimensions

_PHYSICAL: Final[dict[str, dict[str, int]]] = {
    "energy": {"energy": 1},
    "power": {"energy": 1, "time": -1},
    "time": {"time": 1},
    "mass": {"mass": 1},
    "water": {"water": 1},
    "money": {"money": 1},
    "distance": {"distance": 1},
    "data": {"data": 1},
    "compute": {"compute": 1},
    "device-hours": {"time": 1},
}
_UNIT_PERS: Final = {
    "kWh": ("energy", 1.0), "t": ("mass", 1000.0), "L": ("water", 1.0), "GB": ("data", 1.0), "km": ("distance", 1.0),
}  # fmt: skip
_UNITLESS: Final = PLAIN | {"percent", "factor", "share", "points"}
_RATED: Final = {"money", "mass", "water"}
_OF_ONE: Final = {"energy", "power", "mass", "water", "money"}
_CLAUSE: Final = 90
_SHORT: Final = 34
_NEAR: Final = 50
_WORD: Final = re.compile(r"[a-zà-ÿ][a-z0-9à-ÿ-]*")
_NUMBER: Final = re.compile(r"\d[\d.,]*(?<=\d)")
_EACH: Final = re.compile(r"each\b|jede[rs]?\b|chacun|cada uno", re.IGNORECASE)
_HUNDREDTHS: Final = re.compile(r"\d[\d.,]*[.,]\d\d")
_CHARGED: Final = re.compile(
    r"\b(?:charg|cost|pay|paid|bill|invoice|price|fee|kost|zahl|coût|pai)\w*\W(?:\w+\s){0,3}$", re.IGNORECASE
)
"""Before a price."""
_EACH_OF: Final = re.compile(
    r"\b(?:each|apiece|je(?:weils)?|chacun\w*|cada un\w)\s(?:(?:about|some|roughly|rund|etwa|environ)\s)?$",
    re.IGNORECASE,
)
"""Right before so much or so many of each."""
_EACH_OF_ALL: Final = re.compile(
    r"\b(?:each|every one|jede\w?|chacun\w?|cada un\w)\s(?:of\s\w+|der|des|de\s\w+)\s$", re.IGNORECASE
)
_OF_ALL: Final = re.compile(r"(?:of (?:the|these|those|our|its)|der|des|de(?:s|la|los)?)\s$", re.IGNORECASE)
"""Right before a number of things that is named again: each of the eight."""
_ASIDE: Final = re.compile(r",\s(?!(?:and|but|which|who|while|und|aber|et|y)\b)[^,;.:()]{2,40},")
_ALIKE: Final = 20.0
"""How far a number without a unit may be from the amount whose unit it has."""
_ENDS: Final = re.compile(r"\s*(?:[.;)]|,\s(?!\d)|$|\s(?:in|at|by|for|from|with|last|this|when|and|but|im|en|bei)\b)")
_GOES_ON: Final = re.compile(
    r"\b(?:was|is|be|were|are|at|to|around|about|some|roughly|nearly|almost|only|reach\w*|needs?"
    r"|takes?|took|uses?|used|rund|etwa|war|waren|sind|auf|environ|était)\s$",
    re.IGNORECASE,
)
"""Right before a number that is one more of a kind."""
_NOUN: Final = re.compile(r"[\s-]+[\w-]+")


def figures_of(paragraphs: tuple[Paragraph, ...]) -> list[Figure]:
    """The figures of a document's running text in order; years and what has no value are left out."""
    found: list[Figure] = []
    at = 0
    known: dict[str, Amount] = {}
    for number, paragraph in enumerate(paragraphs):
        last: list[Figure] = []
        for sentence in paragraph.sentences:
            last = _of_sentence(_named_again(sentence, known), (at, number), len(found), [one.amount for one in last])
            found += last
            at += 1
            known |= {_NUMBER.search(one.amount.text)[0]: one.amount for one in last if _is_known(one.amount)}  # type: ignore[index]
    return found


def _is_known(amount: Amount) -> bool:
    """Whether a later number of the same digits may be the same amount: it has a unit, and two digits or more."""
    digits = _NUMBER.search(amount.text)
    return amount.kind in _OF_ONE and not amount.ranged and digits is not None and len(digits[0].strip("0.,")) > 1


def _named_again(sentence: Sentence, known: dict[str, Amount]) -> Sentence:
    """A sentence whose bare numbers have the units that they had before: the old 2.9 and the new 0.34."""
    amounts = []
    for one in sentence.amounts:
        before = known.get(one.text) if one.kind == "number" and not one.per else None
        if before is not None and cues.THE.search(sentence.text, max(0, one.start - 30), one.start):
            amounts.append(_in_unit(one, before))
        else:
            amounts.append(one)
    return sentence._replace(amounts=tuple(amounts))


def _in_unit(amount: Amount, other: Amount) -> Amount:
    """A bare number in the unit of another amount."""
    scaled = {name: getattr(amount, name) * other.scale for name in ("value", "low", "high", "slack", "rough")}
    same = amount._replace(kind=other.kind, unit=other.unit, per=other.per, noun=other.noun, scale=other.scale)
    return same._replace(**scaled)


def _of_sentence(sentence: Sentence, place: tuple[int, int], order: int, earlier: list[Amount]) -> list[Figure]:
    text = sentence.text
    amounts = _rated(text, [one for one in sentence.amounts if 0 < one.value < inf and one.kind != "year"])
    found: list[Figure] = []
    for index, printed in enumerate(amounts):
        last = amounts[index - 1] if index else None
        before = text[_behind_noun(text, last) if last else 0 : printed.start]
        behind = text[printed.end : amounts[index + 1].start if index + 1 < len(amounts) else len(text)]
        of_last = last is not None and cues.OF_WHOLE.search(text, max(0, last.start - _SHORT), last.start) is not None
        amounts[index] = amount = _understood(printed, [*earlier, *amounts[:index]], (before, behind), of_last=of_last)
        counted = last is not None and last.noun in THINGS and _beside(before)
        figure = _figure(amount, order + len(found), place, (before, behind, text))
        counted = counted and bool(figure.dimensions) and not figure.each
        of_one = figure.kind in _OF_ONE if figure.dimensions else bool(figure.made)
        named = figure.is_bare and _OF_ALL.search(before) is not None
        said = _said(before[-_CLAUSE:]) if of_one and not figure.each and not named else ()
        if last is not None and last.noun and figure.dimensions and _EACH_OF_ALL.search(text[: last.start][-_CLAUSE:]):
            said += (last.noun,)
        if figure.dimensions and "each" in (*figure.each, *said):
            said += _of_which(before, [*earlier, *amounts[:index]])
        found.append(figure._replace(of_counted=counted, said=said).read())
    return found


def _rated(text: str, amounts: list[Amount]) -> list[Amount]:
    """The amounts with what a kWh costs, emits or evaporates as one: 17 cents for a kilowatt-hour."""
    found: list[Amount] = []
    for one in amounts:
        last = found[-1] if found else None
        if last is not None and _is_consumption(last, one, text):
            found[-1] = _of_unit(last, one, "km")
        elif last is not None and _is_rate(last, one):
            found[-1] = _of_unit(last, one)._replace(end=one.end)
        elif last is not None and _is_rate(one, last):
            found[-1] = _of_unit(one, last)._replace(start=last.start)
        else:
            found.append(one)
    return found


def _is_rate(amount: Amount, of: Amount) -> bool:
    """Whether an amount stands beside the one unit of energy that it is for."""
    is_one = cues.UNIT_OF.fullmatch(of.digits) is not None and abs(of.start - amount.start) < _NEAR
    return amount.kind in _RATED and not amount.per and is_one and of.kind == "energy"


def _is_consumption(amount: Amount, of: Amount, text: str) -> bool:
    """Whether an amount is what a hundred kilometres take."""
    is_hundred = of.kind == "distance" and of.value == 100 * of.scale and not of.per
    between = text[amount.end : of.start]
    return amount.kind == "energy" and not amount.per and is_hundred and cues.FOR.fullmatch(between) is not None


def _of_unit(amount: Amount, of: Amount, unit: str = "kWh") -> Amount:
    """An amount for some units of energy as of a kWh, or of distance as of a km."""
    scaled = {name: getattr(amount, name) / of.value for name in ("value", "low", "high", "slack", "rough", "scale")}
    return amount._replace(**scaled, per=(unit,), end=max(amount.end, of.end if unit == "km" else 0))


def _understood(amount: Amount, before: list[Amount], around: tuple[str, str], *, of_last: bool) -> Amount:
    """A bare number as what it is: a factor, a price, or in the unit of one before it: 0.4 Wh, of which 0.31."""
    words, _ = around
    is_rate = amount.kind in _RATED and cues.PER_KWH.search(words) is not None
    of_energy = bool(before) and before[-1].kind == "energy" and cues.AT.fullmatch(words.lstrip()) is not None
    is_rate = is_rate or (amount.unit in ("g", "kg") and bool(of_energy or cues.INTENSITY.search(words)))
    if is_rate and not amount.per:
        return amount._replace(per=("kWh",))
    if amount.kind != "number":
        return amount
    if cues.FACTOR.search(words):
        return amount._replace(kind="factor", unit="x")
    return _price(amount, before, words) or _shared(amount, before, around, of_last=of_last)


def _shared(amount: Amount, before: list[Amount], around: tuple[str, str], *, of_last: bool) -> Amount:
    """A bare number in the unit, or of the things, of an amount before it."""
    words, behind = around
    many = cues.MANY.search(amount.text)
    counted = next((one for one in reversed(before) if one.kind == "count" and one.noun in THINGS), None)
    if many is not None and counted is not None and cues.MANY.search(counted.text) and cues.THEY.match(behind):
        return amount._replace(kind="count", noun=counted.noun)  # a million prompts use 260 L, and a billion would ...
    known = [one for one in before if one.kind not in _UNITLESS]
    last = next((one for one in reversed(known) if not one.per), known[-1] if known else None)
    if last is None:
        return amount
    same = many is not None and (earlier := cues.MANY.search(last.text)) and many[0].lower() == earlier[0].lower()
    is_most = all(amount.value * last.scale > one.value for one in known)
    of_it = bool(cues.OF_WHICH.search(words) or (is_most and cues.IN_TOTAL.match(behind)))
    is_part = amount.value * last.scale < last.value
    of_it = of_it or (of_last and is_part and cues.COMMA.fullmatch(words) is not None)
    of_it = (of_it and before[-1] is last) or (last is known[-1] and _goes_on(amount, last, around))
    return _in_unit(amount, last) if same or (many is None and of_it) else amount


def _goes_on(amount: Amount, last: Amount, around: tuple[str, str]) -> bool:
    """Whether a number that ends its clause is one more of the last unit: it took 415 TWh, and in 2030 around 945."""
    words, behind = around
    alike = 1 / _ALIKE < amount.value * last.scale / last.value < _ALIKE
    precise = len(amount.digits.strip("0")) > 1 and amount.digits.isprintable()
    ends = _ENDS.match(behind) is not None and cues.NO_UNIT.search(words) is None
    return last.kind in _OF_ONE and alike and precise and ends and not last.noun and _GOES_ON.search(words) is not None


def _price(amount: Amount, before: list[Amount], words: str) -> Amount | None:
    """A number of money without its sign, as that of the money before it: your supplier would charge 5.90."""
    money = next((one for one in reversed(before) if one.kind == "money"), None)
    is_sum = _HUNDREDTHS.fullmatch(amount.digits) is not None and _CHARGED.search(words) is not None
    if money is None or not is_sum or amount.per:
        return None
    return _in_unit(amount, money._replace(scale=1.0, per=()))


def _beside(words: str) -> bool:
    """Whether words between a number of things and an amount say that it is of one of them."""
    return cues.BESIDE.fullmatch(words) is not None or (len(words) < _SHORT and cues.EACH.search(words) is not None)


def _said(before: str) -> tuple[str, ...]:
    """The thing of which one is spoken of right before an amount: "a single prompt is said to take"; or "each"."""
    words = _ASIDE.sub(" ", before)
    if _EACH_OF.search(words):
        return ("each",)
    for start in range(len(words)):
        found = cues.ONE.match(words, start)
        if found is not None:
            named = _WORD.findall(f"{found['thing']}{found['rest']}".lower())
            unknown = tuple(word for word in _WORD.findall(found["thing"].lower())[:2] if len(word) >= STEM)
            of_each = _EACH.match(words, start) is not None and named[0] not in PERS
            return _thing(named) or (("each",) if of_each else unknown)
    return ()


def _of_which(words: str, before: list[Amount]) -> tuple[str, ...]:
    """What "each" is one of: of what is named right before, or was counted last."""
    named = [SINGULAR[word] for word in _WORD.findall(words.lower()) if word in SINGULAR]
    counted = next((one.noun for one in reversed(before) if one.kind == "count" and one.noun), "")
    return tuple(named[-1:]) or ((counted,) if counted in THINGS else ())


def _thing(named: list[str]) -> tuple[str, ...]:
    """The first thing among words, of neighbours the last: an inference server is a server."""
    things = [SINGULAR.get(word, "") for word in named]
    return tuple(one for one, behind in pairwise((*things, "")) if one and not behind)[:1]


def _behind_noun(text: str, amount: Amount) -> int:
    """Where the words of the next figure begin: behind an amount and what it counts."""
    noun = _NOUN.match(text, amount.end) if amount.kind == "count" else None
    return noun.end() if noun else amount.end


def _figure(amount: Amount, order: int, place: tuple[int, int], words: tuple[str, str, str]) -> Figure:
    exponents = dict(_PHYSICAL.get(amount.kind, {}))
    size, each = amount.value, []
    for one in amount.per:
        if one in HOURS:
            exponents["time"] = exponents.get("time", 0) - 1
            size /= HOURS[one]
            each += ["device"] if one == "device-hour" else []
        elif one in _UNIT_PERS:
            base, by = _UNIT_PERS[one]
            exponents[base] = exponents.get(base, 0) - 1
            size /= by
        else:
            each.append(one)
    made = (amount.noun,) if amount.kind == "count" and amount.noun else ("device",) * (amount.kind == "device-hours")
    return Figure(amount, order, *place, *words, dimensions(exponents), size, made, tuple(each))
