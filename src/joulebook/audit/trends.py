"""How fast the computation of trainings grows: a straight line through its logarithms over time.

    log2(FLOP) = a + b t          doubling time = 12 / b months, t in years

The interval is that of a bootstrap over models (percentiles 5 and 95 of 2,000 resamples, always the same ones): it
holds the scatter between models, and not that the notable models of a list are no sample of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import fsum, inf, log2
from random import Random
from typing import Final, NamedTuple

from joulebook.errors import ConfigError
from joulebook.facts.catalog import Catalog

SCHEMA: Final = "joulebook.trend/1"
PROPERTY: Final = "training_flop"
RESAMPLES: Final = 2000
_LEAST: Final = 5
"""Models without which nothing is fitted."""
_SEED: Final = 20180516
"""Of the resamples; any would do."""
_MONTHS: Final = 12.0
_DAYS: Final = 365.25


class Training(NamedTuple):
    """One model, when it was published, and the operations of its training."""

    label: str
    day: str
    """YYYY-MM-DD."""
    flop: float

    @property
    def year(self) -> float:
        """With the part of the year that had gone."""
        day = date.fromisoformat(self.day)
        return day.year + (day - date(day.year, 1, 1)).days / _DAYS


class Trend(NamedTuple):
    """Growth within a window."""

    which: str
    """all, or records: models that needed more than any before them."""
    start: str
    end: str
    trainings: tuple[Training, ...]
    doubling: float
    """Months; infinite where it does not grow."""
    low: float
    high: float
    """Ends of the 90 % interval."""
    middle: tuple[float, float]
    """Mean year and mean log2 of the operations: the line goes through it."""
    spread: float
    """Standard deviation of the models around the line, in factors of two."""
    sources: tuple[str, ...] = ()

    @property
    def yearly(self) -> float:
        """Factor of growth in a year."""
        return growth(self.doubling)

    @property
    def scatter(self) -> float:
        """Factor by which models lie around the line, one standard deviation."""
        return float(2**self.spread)

    def at(self, year: float, months: float | None = None) -> float:
        """Operations on the line; with `months`, on that of a claimed doubling time through the same middle."""
        time, level = self.middle
        return float(2 ** (level + (year - time) * _MONTHS / (self.doubling if months is None else months)))

    def verdict(self, months: float) -> str:
        """What the window says of a claimed doubling time."""
        ends = f"{self.low:.3g}-{self.high:.3g} months"
        if self.low <= months <= self.high:
            return f"holds for this window: {months:g} months are within {ends}"
        word = "slower" if months < self.low else "faster"
        return f"does not hold for this window: it grew {word}, doubling in {self.doubling:.3g} months ({ends})"

    def as_dict(self, claim: float | None = None) -> dict[str, object]:
        """The document of `joulebook.trend/1`; an interval without an end has null there."""
        first, last = self.trainings[0], self.trainings[-1]
        return {
            "schema": SCHEMA,
            "models": self.which,
            "from": self.start,
            "to": self.end,
            "n": len(self.trainings),
            "doubling_months": {name: _finite(getattr(self, key)) for name, key in _ENDS},
            "yearly_factor": self.yearly,
            "spread_doublings": self.spread,
            "first": first._asdict(),
            "last": last._asdict(),
            "claim": None if claim is None else {"months": claim, "verdict": self.verdict(claim)},
            "trainings": [one._asdict() for one in self.trainings],
            "sources": list(self.sources),
        }


_ENDS: Final = (("value", "doubling"), ("low", "low"), ("high", "high"))


def growth(months: float) -> float:
    """Factor in a year of what doubles in so many months."""
    return float(2 ** (_MONTHS / months))


def trend(catalog: Catalog, start: str, end: str, *, which: str = "records") -> Trend:
    """The growth between two days, both included, of all models or of those that set a record.

    A record is one over everything before it, before the window as well. Raises `ConfigError` for fewer than five.
    """
    if start >= end:
        raise ConfigError.bad("from", start, f"a day before {end}")
    known, sources = _trainings(catalog)
    chosen = records(known) if which == "records" else known
    inside = tuple(one for one in chosen if start <= one.day <= end)
    if len({one.day for one in inside}) < _LEAST:
        raise ConfigError(f"{len(inside)} models between {start} and {end}: a trend needs {_LEAST} on different days")
    slope, spread = line(*zip(*_points(inside), strict=True))
    low, high = _interval(inside)
    middle = tuple(fsum(values) / len(inside) for values in zip(*_points(inside), strict=True))
    return Trend(which, start, end, inside, _doubling(slope), low, high, (middle[0], middle[1]), spread, sources)


def records(trainings: Sequence[Training]) -> list[Training]:
    """Those that needed more operations than any before them, in order of time."""
    found: list[Training] = []
    for one in sorted(trainings, key=lambda one: (one.day, one.flop)):
        if not found or one.flop > found[-1].flop:
            found.append(one)
    return found


def line(times: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """Slope of least squares, and the standard deviation around it."""
    size = len(times)
    middle, mean = fsum(times) / size, fsum(values) / size
    square = fsum((time - middle) ** 2 for time in times)
    slope = fsum((time - middle) * (value - mean) for time, value in zip(times, values, strict=True)) / square
    rest = fsum((value - mean - slope * (time - middle)) ** 2 for time, value in zip(times, values, strict=True))
    return slope, (rest / max(size - 2, 1)) ** 0.5


def _interval(inside: Sequence[Training]) -> tuple[float, float]:
    """Doubling times at the percentiles of slopes: the steepest is the shortest."""
    random = Random(_SEED)  # noqa: S311 - a bootstrap keeps no secret
    points = _points(inside)
    slopes: list[float] = []
    while len(slopes) < RESAMPLES:
        drawn = random.choices(points, k=len(points))
        times = [time for time, _ in drawn]
        if max(times) > min(times):
            slopes.append(line(times, [value for _, value in drawn])[0])
    slopes.sort()
    return _doubling(slopes[round(0.95 * RESAMPLES) - 1]), _doubling(slopes[round(0.05 * RESAMPLES)])


def _points(inside: Sequence[Training]) -> list[tuple[float, float]]:
    return [(one.year, log2(one.flop)) for one in inside]


def _doubling(slope: float) -> float:
    return _MONTHS / slope if slope > 0 else inf


def _finite(value: float) -> float | None:
    return value if value != inf else None


def _trainings(catalog: Catalog) -> tuple[list[Training], tuple[str, ...]]:
    """Every model whose operations the catalogue knows, in order of time, and where they were taken from."""
    found, sources = [], dict[str, None]()
    for subject in catalog.subjects("model."):
        for fact in catalog.history(subject, PROPERTY)[-1:]:
            found.append(Training(catalog.label(subject), fact.valid_from, fact.quantity().to("FLOP").value))
            sources[fact.citation] = None
    return sorted(found, key=lambda one: one.day), tuple(sources)
