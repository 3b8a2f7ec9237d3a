"""`Option`: one device, count and place with its figures, and how surely it meets the budgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from joulebook.account.terms import Statement
from joulebook.quantity import Quantity
from joulebook.units import UNITS, Unit, convert

COST: Final = "cost"
EMBODIED: Final = "embodied"
FIGURES: Final = ("time", "energy", "carbon", COST, "water", EMBODIED, "carbon_total")
"""What is known of an option, in the order in which it is shown."""
SHOWN: Final[Mapping[str, Unit]] = {
    "time": UNITS["h"],
    "energy": UNITS["kWh"],
    "carbon": UNITS["kgCO2e"],
    "water": UNITS["L"],
    EMBODIED: UNITS["kgCO2e"],
    "carbon_total": UNITS["kgCO2e"],
}
"""Units of the figures; cost is in the currency of its price."""


class Amount(NamedTuple):
    """A figure of an option with its 90 % interval; draws are not kept, since plans are long."""

    value: float
    low: float
    high: float
    unit: str
    basis: str

    def as_dict(self) -> dict[str, float | str]:
        """The five fields of a quantity; no amount is negative, so that an interval is cut at zero."""
        return {**self._asdict(), "low": max(self.low, 0.0) if self.value >= 0 else self.low}


class Option(NamedTuple):
    """One combination of device, count and place. A figure that is not known is None."""

    device: str
    """As it was asked for: "H100"."""
    label: str
    """What that means: "NVIDIA H100 SXM5 80GB"."""
    number: int
    """Of devices."""
    place: str
    """As it was asked for: "FR", "gcp:europe-west4"; "" is unknown."""
    time: Amount | None = None
    energy: Amount | None = None
    carbon: Amount | None = None
    """Operational, location-based."""
    cost: Amount | None = None
    """Of hire with its electricity; of the electricity alone where the hardware is owned."""
    water: Amount | None = None
    embodied: Amount | None = None
    """Carbon of making the hardware, for the time that it is held."""
    carbon_total: Amount | None = None
    """Operational and embodied."""
    meets: float = 1.0
    """Probability that it meets all the budgets: the share of the joint draws that do."""
    chances: tuple[float | None, ...] = ()
    """Of meeting each budget alone, in their order; None where the figure is not known."""
    dominated: bool = False
    """Whether another option is no worse in any figure that counts and better in one."""
    opened: Callable[[], Statement] | None = None

    @property
    def name(self) -> str:
        """In words: "64 x H100 in FR"."""
        return f"{self.number} x {self.device}" + (f" in {self.place}" if self.place else "")

    @property
    def statement(self) -> Statement:
        """The whole estimate of this option, with its assumptions, sources and causes of its ranges."""
        if self.opened is None:
            raise ValueError("an option that was made by hand has no statement")
        return self.opened()

    def figure(self, name: str) -> Amount | None:
        """The figure of that name."""
        found: Amount | None = getattr(self, name)
        return found

    def as_dict(self) -> dict[str, object]:
        """Names, figures and chances, ready for JSON."""
        about = {"device": self.device, "label": self.label, "count": self.number, "place": self.place}
        figures = {name: None if (one := self.figure(name)) is None else one.as_dict() for name in FIGURES}
        chances = {"meets": self.meets, "chances": list(self.chances), "dominated": self.dominated}
        return {**about, **figures, **chances}


class Priced(NamedTuple):
    """What was found of one option: its figures, and its chances."""

    figures: Mapping[str, Amount | None]
    chances: tuple[float | None, ...]
    meets: float


def figures_of(statement: Statement, *, owned: bool = False) -> dict[str, Quantity | None]:
    """The figures of an option in its statement."""
    carbon, making = statement.carbon, statement.carbon_embodied
    return {
        "time": statement.duration,
        "energy": statement.energy,
        "carbon": carbon,
        COST: statement.cost if owned else statement.cost_hire,
        "water": statement.water,
        EMBODIED: making,
        "carbon_total": carbon + making if carbon is not None and making is not None else None,
    }


def shown(name: str, quantity: Quantity | None) -> Amount | None:
    """The amount of a figure in the unit in which it is shown."""
    if quantity is None:
        return None
    target = SHOWN.get(name, quantity.unit)
    value, low, high = (convert(end, quantity.unit, target) for end in (quantity.value, quantity.low, quantity.high))
    return Amount(value, low, high, target.symbol, str(quantity.basis))
