"""Paragraphs -> figures: amounts with their dimensions, their size by the hour, and the words around them."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Amount, Paragraph, Sentence
from joulebook.audit.reading.measures import PERIODS, PERS

Dimensions = tuple[tuple[str, int], ...]
"""Exponents of the physical bases, in order of their names; those of zero are left out."""

_PHYSICAL: Final[dict[str, dict[str, int]]] = {
    "energy": {"energy": 1},
    "power": {"energy": 1, "time": -1},
    "time": {"time": 1},
    "mass": {"mass": 1},
    "water": {"water": 1},
    "distance": {"distance": 1},
    "data": {"data": 1},
    "compute": {"compute": 1},
    "device-hours": {"time": 1},
}
_PLAIN: Final = {"count", "number"}
_HOURS: Final = {**PERIODS, "minute": 1 / 60, "second": 1 / 3600, "device-hour": 1.0, "hour": 1.0}
_UNIT_PERS: Final = {"kWh": ("energy", 1.0), "t": ("mass", 1000.0), "GB": ("data", 1.0), "km": ("distance", 1.0)}
_PUE: Final = re.compile(r"\bpue\b|power usage effectiveness|indicateur d.efficacité", re.IGNORECASE)
_AT: Final = re.compile(r"\b(?:at|für|zu|à)\s+(?:[a-z]+\s+){0,2}$", re.IGNORECASE)
_PRICE: Final = 3.0
"""Money below which "at seven cents" may be a price of a kWh."""
_NOUN: Final = re.compile(r"[\s-]+[\w-]+")
_MANY: Final = re.compile(r"million|billion|thousand|trillion|Millionen|Milliarden|milliards?", re.IGNORECASE)
_WHOLE: Final = _PLAIN | {"time"}
_MOST_SLACK: Final = 0.06
"""Rounding that is granted at most: 0.3 is not 0.25."""
_ROUND: Final = 2
"""Digits up to which an "about" is taken as rough."""
_BEYOND: Final = 1.25
"""How far beyond its bound a figure may lie of which "more than" or "nearly" is said."""
_EXACT: Final = 1000.0
"""Below it a whole number of things is exact."""
_LOAD: Final = re.compile(
    r"capacity factor|load factor|utili[sz]\w+|availab\w+|up ?time|of the (?:time|year|hours)|auslastung|verfügbar\w*"
    r"|facteur de charge|disponib\w*",
    re.IGNORECASE,
)
_YEARLY_KINDS: Final = {"energy", "mass", "water", "money"}
_IN_A_YEAR: Final = re.compile(
    r"[^.;:,]{0,25}?\b(?:(?:over|in|for|during|within|each|every|per|a|the) (?:(?:a|one|the|whole|full) ){0,2}year|annually"
    r"|yearly|(?:pro|im|jedes|ein) jahr|jährlich|(?:par|un) an|par année)\b",
    re.IGNORECASE,
)
_TIMES: Final = re.compile(
    r"(?:factor of|faktor(?: von)?|facteur(?: de)?|multipl\w+[^.;]{0,40}\b(?:by|mit|par))\s+(?:[a-z]+ )?$",
    re.IGNORECASE,
)
_UNLIKE: Final = re.compile(r"[a-zà-ÿ]+", re.IGNORECASE)


_SINGULAR: Final = {spelling: thing for spelling, thing in PERS.items() if thing not in PERIODS}


class Figure(NamedTuple):
    """An amount in its passage."""

    amount: Amount
    order: int
    """Its place among the figures of the document."""
    sentence: int
    paragraph: int
    before: str
    """The words between the figure before it and itself."""
    behind: str
    """The words between itself and the next figure."""
    text: str
    """Its sentence."""
    dimensions: Dimensions
    size: float
    """In base units: kWh, kg, L, hours; periods as hours."""
    made: tuple[str, ...] = ()
    """What it counts, and the devices of device-hours."""
    each: tuple[str, ...] = ()
    """What it is for one of."""
    period: str = ""
    """The period whose amount it is read as."""
    is_far: bool = False
    """Whether it is taken from elsewhere in the document."""
    is_times: bool = False
    """Whether hours or days are read as how often something happens."""

    @property
    def kind(self) -> str:
        """The kind of its amount."""
        return self.amount.kind

    @property
    def is_bare(self) -> bool:
        """Whether it has no physical dimension."""
        return not self.dimensions

    @property
    def is_pue(self) -> bool:
        """Whether it is the ratio of facility to IT energy."""
        near = f"{self.before[-60:]} {self.behind[:20]}"
        return self.kind in _PLAIN | {"factor"} and 1.0 <= self.size < 3.5 and _PUE.search(near) is not None

    @property
    def is_rate(self) -> bool:
        """Whether it is so much for a kWh, or the price of an hour of a device."""
        exponents = dict(self.dimensions)
        return exponents.get("energy", 0) < 0 or (exponents.get("money") == 1 and "device" in self.each)

    @property
    def is_duty(self) -> bool:
        """Whether it is a part of the time: six hours a day."""
        return self.kind == "time" and not self.dimensions

    @property
    def is_load(self) -> bool:
        """Whether it is the part of capacity that is used."""
        return self.kind == "percent" and _LOAD.search(f"{self.before[-50:]} {self.behind[:30]}") is not None

    def readings(self) -> tuple[Figure, ...]:
        """Itself, and as the amount of one period where it is so much a year or a day."""
        if self.kind == "money" and not self.amount.per and _AT.search(self.before) and self.size < _PRICE:
            dimensions = tuple(sorted((*self.dimensions, ("energy", -1))))
            return (self, self._replace(dimensions=dimensions))
        if self.is_load:
            return (self._replace(size=self.size / 100),)
        if self.kind == "time" and not self.amount.per:
            return (self, self._replace(dimensions=(), size=self.amount.value / self.amount.scale, is_times=True))
        if not self.amount.per and self.kind in _YEARLY_KINDS and _IN_A_YEAR.match(self.behind):
            dimensions = tuple(sorted({**dict(self.dimensions), "time": -1}.items()))
            return (self, self._replace(dimensions=dimensions, size=self.size / _HOURS["year"], period="year"))
        period = next((one for one in self.amount.per if one in ("year", "month", "day")), None)
        if period is None or self.kind == "time":
            return (self,)
        exponents = dict(self.dimensions)
        exponents["time"] = exponents.get("time", 0) + 1
        dimensions = tuple(sorted((base, power) for base, power in exponents.items() if power))
        return (self, self._replace(dimensions=dimensions, size=self.size * _HOURS[period], period=period))

    def spread(self) -> tuple[float, float]:
        """Between which sizes it lies, as printed and hedged."""
        amount, scale = self.amount, self.size / self.amount.value if self.amount.value else 1.0
        half = min(amount.slack, _MOST_SLACK * abs(amount.value))
        printed = amount.value / amount.scale
        if amount.kind in _WHOLE and abs(printed - round(printed)) < 1e-9 * abs(printed):
            half = min(half, 0.0 if amount.kind in _PLAIN and amount.value < _EXACT else 0.015 * amount.value)
        if amount.hedged:
            digits = len(re.sub(r"\D", "", f"{printed:.6g}").strip("0"))
            half = max(
                half,
                min(amount.rough, 0.1 * abs(amount.value)),
                (0.05 if digits <= _ROUND else 0.02) * abs(amount.value),
            )
        return (amount.low - half) * scale, (amount.high + half) * scale

    def reach(self) -> tuple[float, float]:
        """Between which sizes it may lie as a result: "more than 5" is also 6."""
        low, high = self.spread()
        half = self.amount.rough * self.size / self.amount.value
        low, high = min(low, self.size - half), max(high, self.size + half)
        if self.amount.bound == "least":
            return low, high * _BEYOND
        return (low / _BEYOND, high) if self.amount.bound == "most" else (low, high)

    def loose(self) -> float:
        """Relative half-width of its spread."""
        low, high = self.spread()
        return abs(high - low) / (2 * abs(self.size)) if self.size else 1.0

    def words(self) -> set[str]:
        """Words of its sentence around it, small and without plural."""
        near = f"{self.before[-60:]} {self.behind[:60]}"
        return {_SINGULAR.get(word.lower(), word.lower().rstrip("s")) for word in _UNLIKE.findall(near)}


def figures_of(paragraphs: tuple[Paragraph, ...]) -> list[Figure]:
    """The figures of a document's running text in order; years and what has no value are left out."""
    found: list[Figure] = []
    at = 0
    for number, paragraph in enumerate(paragraphs):
        for sentence in paragraph.sentences:
            found += _of_sentence(sentence, at, number, len(found))
            at += 1
    return found


def _of_sentence(sentence: Sentence, at: int, paragraph: int, order: int) -> list[Figure]:
    amounts = [one for one in sentence.amounts if one.value > 0 and one.kind != "year"]
    found: list[Figure] = []
    for index, amount in enumerate(amounts):
        begin = _behind_noun(sentence.text, amounts[index - 1]) if index else 0
        stop = amounts[index + 1].start if index + 1 < len(amounts) else len(sentence.text)
        before, behind = sentence.text[begin : amount.start], sentence.text[amount.end : stop]
        if index:
            amount = _inherited(amount, amounts[index - 1])  # noqa: PLW2901
            amounts[index] = amount
        if amount.kind == "number" and _TIMES.search(before):
            amount = amount._replace(kind="factor", unit="x")  # noqa: PLW2901
        found.append(_figure(amount, order + len(found), (at, paragraph), (before, behind, sentence.text)))
    return found


def _inherited(amount: Amount, last: Amount) -> Amount:
    """A bare number of millions in the unit of the one before it: 9.8 million gallons, of which 5.2 million ..."""
    many, before = _MANY.search(amount.text), _MANY.search(last.text)
    if amount.kind != "number" or last.kind in _PLAIN | {"percent", "factor"} or many is None or before is None:
        return amount
    if many[0].lower() != before[0].lower():
        return amount
    scaled = {name: getattr(amount, name) * last.scale for name in ("value", "low", "high", "slack", "rough")}
    return amount._replace(**scaled, kind=last.kind, unit=last.unit, per=last.per, scale=last.scale)


def _behind_noun(text: str, amount: Amount) -> int:
    """Where the words of the next figure begin: behind an amount and what it counts."""
    noun = _NOUN.match(text, amount.end) if amount.kind == "count" else None
    return noun.end() if noun else amount.end


def _figure(amount: Amount, order: int, place: tuple[int, int], words: tuple[str, str, str]) -> Figure:
    exponents = dict(_PHYSICAL.get(amount.kind, {}))
    size, each, made = amount.value, [], []
    if amount.kind == "money":
        exponents["money"] = 1
    if amount.kind == "count" and amount.noun:
        made.append(amount.noun)
    if amount.kind == "device-hours":
        made.append("device")
    for one in amount.per:
        if one in _HOURS:
            exponents["time"] = exponents.get("time", 0) - 1
            size /= _HOURS[one]
            if one == "device-hour":
                each.append("device")
        elif one in _UNIT_PERS:
            base, by = _UNIT_PERS[one]
            exponents[base] = exponents.get(base, 0) - 1
            size /= by
        else:
            each.append(one)
    dimensions = tuple(sorted((base, power) for base, power in exponents.items() if power))
    return Figure(amount, order, place[0], place[1], *words, dimensions, size, tuple(made), tuple(each))
