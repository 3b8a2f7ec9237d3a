"""What was bought beside or for a run: contracts of electricity, offsets, a tariff, hardware of one's own.

Records alone; `market`, `money` and `offsets` read them from tables of a file and apply them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from joulebook.facts.feeds.series import Slice
from joulebook.quantity import Quantity

CERTIFICATES: Final = ("go", "rec", "i-rec")
"""Attributes of electricity traded apart from it."""
CONTRACTS: Final = ("ppa", "supplier", *CERTIFICATES)
HOURS: Final = 24
WEEK: Final = 7 * HOURS


class Contract(NamedTuple):
    """Electricity, or its attributes, that a contract says where they come from."""

    name: str
    kind: str
    """ppa, supplier, go, rec or i-rec."""
    zone: str
    """Subject of the grid where it holds: "grid.fr"."""
    share: float
    """Part of the consumption of that zone and year that it covers; of that in its hours, if it has hours."""
    intensity: Quantity
    vintage: int
    """Year in which the electricity was made."""
    hours: frozenset[int] = frozenset(range(HOURS))
    """Hours of the day, UTC, in which it delivers; all of them if it is matched by the year."""
    start: str = ""
    """First day, YYYY-MM-DD; "" where only the vintage limits it."""
    end: str = ""
    energy: Quantity | None = None
    price: Quantity | None = None
    """Of a certificate, by MWh."""
    source: str = ""
    place: str = ""
    """File and line."""


class Offset(NamedTuple):
    """An offset or a certificate: bought beside a run, and no part of any amount of it.

    What was bought is counted in credits and certificates, units that convert into nothing: neither this record nor
    what it holds can be added to, or subtracted from, an amount of carbon or energy. Both are errors, when types are
    checked and when it is tried.
    """

    name: str
    kind: str
    bought: Quantity | None
    """In credits (one is sold as 1 tCO2e) or certificates (one stands for 1 MWh); None where no number was given."""
    delivered: Quantity | None
    """Of those, the ones of which there is reason to expect that they stand for what they say."""
    price: Quantity | None
    cost: Quantity | None
    storage: str
    """For how long carbon is kept out of the air."""
    vintage: int
    remark: str
    """What has to be known about this kind."""
    source: str


class Tariff(NamedTuple):
    """Prices of electricity by hour of the week in local time."""

    currency: str
    timezone: str
    rates: tuple[Quantity, ...]
    slots: tuple[int, ...]
    """Which rate holds in each hour of the week, from Monday 0 h."""
    source: str
    place: str


class Ownership(NamedTuple):
    """Hardware that was paid once and wears off."""

    price: Quantity
    devices: float
    """How many devices that price bought."""
    lifetime: Quantity
    utilisation: float
    """Part of its lifetime in which it works for somebody."""
    resale: Quantity | None
    source: str
    place: str


class Bought(NamedTuple):
    """Everything that the user says was bought."""

    contracts: tuple[Contract, ...] = ()
    offsets: tuple[Offset, ...] = ()
    tariff: Tariff | None = None
    ownership: Ownership | None = None
    carbon_price: Quantity | None = None
    currency: str = ""
    """Currency of all costs; "" is that of each price."""
    use: tuple[Slice, ...] = ()
    """The energy of the run in time, where prices or contracts depend on the hour; () is evenly spread."""

    @property
    def by_hour(self) -> bool:
        """Whether it matters in which hours the energy was used."""
        return self.tariff is not None or any(len(contract.hours) < HOURS for contract in self.contracts)


NOTHING: Final = Bought()
