"""The verdict on a claim, by one rule for all: what is computed, with its interval, against what is claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from math import sqrt
from typing import Final, NamedTuple

from joulebook.audit.cases.expression import over_quantities
from joulebook.audit.claims.loading import Claim, Reading, load
from joulebook.quantity import Quantity

BINDING: Final[Mapping[str, float]] = {
    "is": 1.0,
    "about": 1.2,
    "close to": 1.2,
    "comparable to": 2.0,
    "of the order of": sqrt(10),
    "may be": 1.0,
    "over": 1.0,
    "below": 1.0,
    "if": 1.0,
}
"""How a claim binds, and the factor by which a figure that binds so may be off."""
_NEAR: Final = 0.05


class Verdict(StrEnum):
    """Of a claim."""

    HOLDS = "holds"
    ONLY_IF = "holds only if"
    NOT = "does not hold"
    GIVEN = "taken as given"


_OF_MANY: Final = {
    Verdict.HOLDS: "hold",
    Verdict.ONLY_IF: "hold only if a condition is met",
    Verdict.NOT: "do not hold",
    Verdict.GIVEN: "are taken as given",
}


class Held(StrEnum):
    """Of one reading of a claim."""

    INSIDE = "agrees"
    PARTLY = "agrees in part of its interval"
    NEARLY = "is nearly it"
    THRESHOLD = "is where it begins to hold"
    OUTSIDE = "is something else"
    BESIDE = "is told beside it"


class Computed(NamedTuple):
    """A reading with what comes out."""

    reading: Reading
    quantity: Quantity
    """In the unit of the claim."""
    held: Held

    @property
    def shown(self) -> str:
        """The amount and its interval, in the printed unit of the claim."""
        figure = self.reading.claimed or self.reading.shown
        size, symbol = (figure.size, figure.symbol) if figure is not None else (1.0, "1")
        digits = 6 if self.quantity.is_exact and self.quantity.value >= 1e7 * size else 4
        found = self.quantity
        value, low, high = (short(end / size, digits) for end in (found.value, found.low, found.high))
        ends = "" if low == high else f" ({low} to {high})"
        return f"{value}{ends}{'' if symbol == '1' else f' {symbol}'}"

    @property
    def off(self) -> float:
        """How many times the claimed figure the computed one is."""
        claimed = self.reading.claimed
        return self.quantity.value / claimed.value if claimed is not None and claimed.value else float("inf")

    @property
    def when(self) -> str:
        """The condition in words, with the computed figure where it belongs."""
        return self.reading.when.replace("{}", self.shown)


class Judged(NamedTuple):
    """A claim with its computation and verdict."""

    claim: Claim
    computed: tuple[Computed, ...]
    verdict: Verdict
    why: str

    @property
    def headline(self) -> Computed:
        """What is shown beside the claim: what agrees with it, otherwise the first that was computed."""
        inside = [item for item in self.computed if item.held == Held.INSIDE]
        return (inside or self.computed)[0]

    @property
    def claimed(self) -> str:
        """The claimed figures as they bind, with what they count; "" where there is none."""
        said = [(item.reading.says, item.reading.claimed) for item in self.computed]
        words = [
            f"{says} {figure.shown()}{f' {self.claim.of}' if figure.symbol == '1' and self.claim.of else ''}"
            for says, figure in said
            if figure is not None
        ]
        return ", ".join(dict.fromkeys(word.removeprefix("is ") for word in words))

    def as_dict(self) -> dict[str, object]:
        """The claim as JSON has it."""
        return {
            "id": self.claim.id,
            "text": self.claim.text,
            "claim": self.claim.claim,
            "verdict": str(self.verdict),
            "why": self.why,
            "readings": [
                {
                    "when": item.when,
                    "formula": item.reading.formula,
                    "claimed": None if item.reading.claimed is None else item.reading.claimed.text,
                    "binds": item.reading.says,
                    "held": str(item.held),
                    "computed": item.quantity.as_dict(),
                }
                for item in self.computed
            ],
        }


def judge_all() -> tuple[Judged, ...]:
    """Every claim with its verdict."""
    return tuple(judge(claim) for claim in load())


def counts(found: Sequence[Judged]) -> dict[str, int]:
    """How many claims have each verdict."""
    verdicts = [judged.verdict for judged in found]
    return {_OF_MANY[verdict]: verdicts.count(verdict) for verdict in Verdict if verdict in verdicts}


def judge(claim: Claim) -> Judged:
    """One claim with its verdict."""
    leaves = {
        name: given.figure.quantity(given.source, name.replace("_", " "), given.basis)
        for name, given in claim.inputs.items()
    }
    computed = tuple(_computed(reading, leaves) for reading in claim.readings)
    verdict, why = _verdict([item for item in computed if item.held != Held.BESIDE])
    if verdict in (Verdict.NOT, Verdict.GIVEN):
        beside = [f"{item.shown} {item.when}" for item in computed if item.held == Held.BESIDE and item.when]
        why = "; ".join([part for part in (why, *beside) if part])
    return Judged(claim, computed, verdict, why)


def _computed(reading: Reading, leaves: Mapping[str, Quantity]) -> Computed:
    found = over_quantities(reading.tree, leaves)
    figure = reading.claimed or reading.shown
    found = found.to(figure.unit) if figure is not None else found
    return Computed(reading, found.named("computed"), _held(reading, found))


def _held(reading: Reading, found: Quantity) -> Held:
    """Whether what is computed lies where the claim leaves room for it."""
    claimed = reading.claimed
    if reading.says == "if":
        return Held.THRESHOLD
    if claimed is None:
        return Held.BESIDE
    slack = BINDING[reading.says] * (1 + 1e-9)
    low, high = min(claimed.low, claimed.value / slack), max(claimed.high, claimed.value * slack)
    if claimed.is_range:
        low, high = claimed.low - claimed.step / 2, claimed.high + claimed.step / 2
    if reading.says == "over":
        low, high = claimed.value, float("inf")
    elif reading.says == "below":
        low, high = float("-inf"), claimed.value
    overlap = found.low <= high and found.high >= low
    contains = found.low <= claimed.value <= found.high and reading.says not in ("over", "below")
    if (low <= found.low and found.high <= high) or contains or (overlap and reading.says == "may be"):
        return Held.INSIDE
    if overlap:
        return Held.PARTLY
    near = reading.says == "is" and abs(found.value / claimed.value - 1) < _NEAR if claimed.value else False
    return Held.NEARLY if near else Held.OUTSIDE


def _verdict(found: Sequence[Computed]) -> tuple[Verdict, str]:
    if not found:
        return Verdict.GIVEN, ""
    outside = [item for item in found if item.held == Held.OUTSIDE]
    if all(item.held == Held.INSIDE for item in found):
        return Verdict.HOLDS, "; ".join(dict.fromkeys(item.when for item in found if item.when))
    if len(outside) == len(found):
        return Verdict.NOT, "; ".join(_against(item) for item in outside)
    conditions = [_condition(item) for item in found if item.held != Held.OUTSIDE]
    against = [_against(item) for item in outside]
    why = " or ".join(condition for condition in dict.fromkeys(conditions) if condition)
    return Verdict.ONLY_IF, f"{why}. Not so {'; '.join(against)}" if against else why


def _condition(item: Computed) -> str:
    if item.held == Held.NEARLY:
        return f"an error of {short(abs(100 * (item.off - 1)), 2)} % is allowed{f', {item.when}' if item.when else ''}"
    if item.held == Held.PARTLY:
        return f"{item.when or 'it lies in a part of the interval'} ({item.shown})"
    return item.when


def _against(item: Computed) -> str:
    more = item.off >= 1
    times = item.off if more else 1 / item.off if item.off > 0 else float("inf")
    said = f"{item.shown}, {short(times, 2)} times {'more' if more else 'less'} than claimed"
    return f"{item.when}: {said}" if item.when else said


def short(value: float, digits: int = 4) -> str:
    """A number to so many significant digits, thousands set apart, without an exponent."""
    if value == 0 or abs(value) == float("inf"):
        return f"{value:g}"
    rounded = float(f"{value:.{digits}g}")
    if abs(value) >= 10 ** (digits - 1):
        return f"{value if abs(value) < 1e7 else rounded:,.0f}"
    return f"{rounded:.12f}".rstrip("0").rstrip(".")
