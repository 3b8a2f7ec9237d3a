"""`Figure`: an amount in its passage, with dimensions, size by the hour, things that it counts, and words around it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Amount
from joulebook.audit.reading.measures import PERIODS, PERS
from joulebook.audit.relations import cues
from joulebook.audit.relations.period_said import running, span

Dimensions = tuple[tuple[str, int], ...]
"""Exponents of the physical bases, in order of their names; those of zero are left out."""

PLAIN: Final = frozenset({"count", "number"})
PROPORTIONS: Final = frozenset({"percent", "share", "factor"})
THINGS: Final = frozenset(PERS.values()) - frozenset(PERIODS)
"""What is counted, and what something is for one of."""
HOURS: Final = {**PERIODS, "minute": 1 / 60, "second": 1 / 3600, "device-hour": 1.0, "hour": 1.0}
SINGULAR: Final = {spelling: thing for spelling, thing in PERS.items() if thing not in PERIODS}
STEM: Final = 5
"""Letters by which a word is known in singular and plural."""
_WORD: Final = re.compile(r"[a-zà-ÿ]+", re.IGNORECASE)
_EXACT: Final = 1000.0
"""Below it a whole number of things is exact."""
_MOST_SLACK: Final = 0.06
"""Rounding that is granted at most: 0.3 is not 0.25."""
_ROUND, _ROUGHLY, _ABOUT = 2, 0.05, 0.02
"""Digits up to which an "about" is rough, and what is granted to rougher and to finer figures."""
_BEYOND: Final = 1.25
"""How far beyond its bound a figure may lie of which "more than" or "nearly" is said."""
_PERCENT: Final = 1.0
"""Percentage points that a round percentage may be off."""
_AROUND: Final = 90
"""Letters before a figure whose words are about it."""
MOST_PUE: Final = 3.5
"""Above it a number is no PUE."""
_PRICE: Final = 3.0
"""Money below which "at seven cents" may be a price of a kWh."""


def dimensions(exponents: dict[str, int]) -> Dimensions:
    """Exponents in their order, without those of zero."""
    return tuple(sorted((base, power) for base, power in exponents.items() if power))


_TERM: Final = re.compile(
    r"\s(?:agreement|contract|deal|lease|plan|term|programme|program|bond|loan|vertrag|contrat|contrato)s?\b"
)
"""Behind the length of what is agreed on, which is no number of times."""


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
    said: tuple[str, ...] = ()
    """What the words before it say that it is of one of: a prompt takes 0.3 Wh."""
    period: str = ""
    """The period whose amount it is read as."""
    of_counted: bool = False
    """Whether a number of known things stands right before it: 8 cards of 700 W."""
    is_far: bool = False
    """Whether it is taken from elsewhere in the document."""
    meanings: tuple[Figure, ...] = ()
    """Its readings, itself among them; empty where it has but one."""
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
        return self.kind in PLAIN | {"factor"} and 1.0 <= self.size < MOST_PUE and cues.PUE.search(near) is not None

    @property
    def is_rate(self) -> bool:
        """Whether it is so much for a kWh, or the price of an hour of a device."""
        exponents = dict(self.dimensions)
        return exponents.get("energy", 0) < 0 or (exponents.get("money") == 1 and "device" in self.each)

    @property
    def is_duty(self) -> bool:
        """Whether it is a part of the time: six hours a day."""
        return self.kind == "time" and not self.dimensions and not self.is_times

    @property
    def is_one(self) -> bool:
        """Whether it is a single hour or year, named and not counted."""
        return self.kind == "time" and self.amount.value == self.amount.scale and not re.search(r"\d", self.amount.text)

    @property
    def is_load(self) -> bool:
        """Whether it is the part of capacity that is used."""
        return (
            self.kind in ("percent", "share")
            and cues.LOAD.search(f"{self.before[-50:]} {self.behind[:30]}") is not None
        )

    @property
    def head(self) -> str:
        """The words of its sentence before it."""
        return self.text[: self.amount.start]

    def readings(self) -> tuple[Figure, ...]:
        """Itself, and what else it may mean."""
        return self.meanings or (self,)

    def read(self) -> Figure:
        """Itself with what it may mean: the amount of one period, a price of a kWh, a number of times."""
        return self._replace(meanings=self._meanings())

    def afar(self) -> Figure:
        """Itself as taken from elsewhere in the document."""
        return self._replace(is_far=True, meanings=tuple(one._replace(is_far=True) for one in self.meanings))

    def _meanings(self) -> tuple[Figure, ...]:
        if self.is_load:
            return (self._replace(size=self.size / (100 if self.kind == "percent" else 1)),)
        if self.kind == "time":
            times = self._replace(dimensions=(), size=self.amount.value / self.amount.scale, is_times=True)
            return () if self.amount.per or _TERM.match(self.behind) else (self, times)
        if self.kind == "money" and not self.amount.per and cues.AT.search(self.before) and self.size < _PRICE:
            return (self, self._with(energy=-1))
        period = next((one for one in self.amount.per if one in ("year", "quarter", "month", "week", "day")), None)
        if period is not None:
            return (self, self._with(time=1, size=HOURS[period], period=period))
        if self.kind == "power" and not self.amount.per and (during := running(self.behind, self.text)):
            return (self, self._with(time=1, size=HOURS[during], period=during))
        unspoken = not self.amount.per and self.kind in ("energy", "mass", "water", "money")
        unsaid = span(self.before, self.behind, self.text) if unspoken else ""
        return (self, self._with(time=-1, size=1 / HOURS[unsaid], period=unsaid)) if unsaid else ()

    def _with(self, *, energy: int = 0, time: int = 0, size: float = 1.0, period: str = "") -> Figure:
        exponents = dict(self.dimensions)
        for base, power in (("energy", energy), ("time", time)):
            exponents[base] = exponents.get(base, 0) + power
        return self._replace(dimensions=dimensions(exponents), size=self.size * size, period=period)

    def spread(self) -> tuple[float, float]:
        """Between which sizes it lies, as printed and hedged."""
        amount, scale = self.amount, self.size / self.amount.value if self.amount.value else 1.0
        half = min(amount.slack, _MOST_SLACK * abs(amount.value))
        printed = amount.value / amount.scale
        if amount.kind in PLAIN | {"time"} and abs(printed - round(printed)) < 1e-9 * abs(printed):
            half = min(half, 0.0 if amount.kind in PLAIN and amount.value < _EXACT else 0.015 * amount.value)
        if amount.hedged:
            digits = len(re.sub(r"\D", "", f"{printed:.6g}").strip("0"))
            about = _ROUGHLY if digits <= _ROUND else _ABOUT
            half = max(half, min(amount.rough, 2 * _ROUGHLY * abs(amount.value)), about * abs(amount.value))
        return (amount.low - half) * scale, (amount.high + half) * scale

    def reach(self) -> tuple[float, float]:
        """Between which sizes it may lie as a result: "more than 5" is also 6."""
        low, high = self.spread()
        rough = self.amount.rough if self.kind != "percent" else min(self.amount.rough, _PERCENT)
        half = rough * self.size / self.amount.value
        low, high = min(low, self.size - half), max(high, self.size + half)
        if self.amount.bound == "least":
            return low, high * _BEYOND
        return (low / _BEYOND, high) if self.amount.bound == "most" else (low, high)

    def loose(self) -> float:
        """Relative half-width of its spread."""
        low, high = self.spread()
        return abs(high - low) / (2 * abs(self.size)) if self.size else 1.0

    def unit(self) -> tuple[str, str, tuple[str, ...]]:
        """Its kind, its unit and what it is for one of."""
        return self.kind, self.amount.unit, self.amount.per

    def words(self) -> set[str]:
        """Words of its sentence around it; things in their common name."""
        near = f"{self.before[-_AROUND:]} {self.behind[:60]}".lower()
        return {SINGULAR.get(word, word.rstrip("s")) for word in _WORD.findall(near)}
