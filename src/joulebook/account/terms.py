"""The words of an account: `Context`, `Line`, `Assumption`, `Stage`, `Yardstick`, `Additions`, `Statement`.

No rule lives here. Amounts are kept in J, gCO2e, s; `Statement.as_dict` turns them into the units of
`joulebook.statement/1` (kWh, kgCO2e, h, L, and the currency of the price, USD unless another was given).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from joulebook.account.bought import NOTHING, Bought, Offset
from joulebook.account.knowledge import Facts
from joulebook.account.machine import Machine
from joulebook.account.uncertainty import SourceShare
from joulebook.entry import Span
from joulebook.quantity import Quantity
from joulebook.registry import displayed
from joulebook.units import UNITS

SCHEMA: Final = "joulebook.statement/1"

IT_ENERGY: Final = "it_energy"
WITHIN: Final = "it_energy_within"
"""Energy that the line of another device already contains: listed, never added."""
AT_SOCKET: Final = "socket_energy"
"""Energy of the whole machine as a meter outside it read it: listed, never added."""
IDLE: Final = "idle_baseline"
"""What the device would have drawn doing nothing: a column of its own, never subtracted."""
FACILITY: Final = "facility_energy"
CARBON: Final = "carbon_location"
CARBON_MARKET: Final = "carbon_market"
CARBON_MARGINAL: Final = "carbon_marginal"
"""What the plants that follow a change of load emit for it: listed, in no total."""
MONEY: Final = "money"
EMBODIED: Final = "carbon_embodied"
WATER_SITE: Final = "water_site"
"""What the building evaporates to cool the machine."""
WATER_GRID: Final = "water_grid"
"""What power plants use up for its electricity."""

ESTIMATED: Final = "estimated"
"""Status of a statement about work that has not been done."""

WHOLE_RUN: Final = ""
"""Span of the lines from which totals are made."""


class Context(NamedTuple):
    """Everything besides the entries that a statement depends on."""

    catalog: Facts
    on: str
    """Day of the activity, as YYYY-MM-DD: which fact of several dated ones is used."""
    edition: str = ""
    """Edition of the facts to price with; "" is the newest."""
    run: str = ""
    name: str = ""
    status: str = "finished"
    """running, finished, failed, stopped or interrupted; estimated of work that has not been done."""
    exit: int | None = None
    reason: str = ""
    """Why it ended, where its end says so."""
    started: str = ""
    """UTC, ISO 8601."""
    duration: Quantity | None = None
    region: str = ""
    """As the user said it ("FR", "us-ca", "Germany"); "" is unknown."""
    site: str = ""
    """Word for a provider or building whose PUE is in the catalogue; "" is unknown."""
    intensity: Quantity | None = None
    """Carbon intensity to use instead of the catalogue's."""
    marginal: Quantity | None = None
    """Marginal carbon intensity to use instead of the catalogue's."""
    pue: Quantity | None = None
    wue: Quantity | None = None
    """Water of the site per IT energy, to use instead of the catalogue's."""
    machine: Machine | None = None
    price: Quantity | None = None
    """Of electricity."""
    hire: Quantity | None = None
    """Price of a device-hour, electricity within, to use instead of the catalogue's: then it is the cost."""
    bought: Bought = NOTHING
    spans: Sequence[Span] = ()
    """Names, nesting and times of the spans that entries refer to by id; spans of one path add up.

    A span of an entry that is not listed here is taken as a path. The parts of a path are divided by "/"; a "/"
    in the name of a span becomes "\\/".
    """
    notices: Sequence[str] = ()
    """What the recording says about itself; becomes warnings."""
    degraded: Sequence[str] = ()
    """Reasons why the meter did less than it should have."""
    shared_with: int = 0
    """Number of other runs that claimed the same devices at the same time."""
    hardware: Sequence[str] = ()
    """What the machine is, in words: its processor, memory and accelerators."""
    ranks: Sequence[RankLine] = ()
    not_included: Sequence[str] | None = None
    """What the entries leave out, where whoever made them knows; otherwise it is read off their devices."""


class Line(NamedTuple):
    """One amount of one kind, for one device in one span ("" is the whole run)."""

    span: str
    device: str
    kind: str
    quantity: Quantity
    energy_uj: int | None = None
    """Exact microjoules of energy lines that were metered: parts add up to the unit."""
    device_kind: str = ""
    method: str = ""
    coverage: float | None = None
    """Share of the time that has usable readings."""

    def as_dict(self) -> dict[str, object]:
        """The line in the units of the schema."""
        plain: dict[str, object] = self._asdict()
        plain["quantity"] = in_schema_unit(self.quantity)
        return plain


class Assumption(NamedTuple):
    """A value that was not observed in this run, and where it comes from."""

    name: str
    quantity: Quantity
    source: str
    note: str = ""
    """Short form for a line on the terminal ("France, life cycle, 2024")."""

    def as_dict(self) -> dict[str, object]:
        """Name, quantity and source."""
        return {"name": self.name, "quantity": in_schema_unit(self.quantity), "source": self.source}


class Stage(NamedTuple):
    """A named part of the run; `span` is its path, `parent` the path around it ("" at the top)."""

    span: str
    parent: str
    duration: Quantity | None

    def as_dict(self) -> dict[str, object]:
        """Path, parent and hours."""
        return {"span": self.span, "parent": self.parent, "duration": in_schema_unit(self.duration)}


class RankLine(NamedTuple):
    """One rank of a run of many: where it was, how it ended, and its share of the run."""

    rank: int | None
    """None where nobody numbered it."""
    attempt: int
    """How often the run had been started anew."""
    node: str
    run: str
    """Id of its recording."""
    status: str
    duration: Quantity
    it_energy: Quantity | None

    def as_dict(self) -> dict[str, object]:
        """The rank in the units of the schema."""
        figures = {"duration": in_schema_unit(self.duration), "it_energy": in_schema_unit(self.it_energy)}
        return {**self._asdict(), **figures}


class DeviceShare(NamedTuple):
    """Share of the IT energy that devices of one kind used and that is known on one basis."""

    kind: str
    basis: str
    share: float


class Yardstick(NamedTuple):
    """An everyday amount of a fitting size, and how many of it the energy is."""

    text: str
    number: Quantity
    source: str
    edition: str = ""
    """Year from which the everyday amount holds: others have others."""

    def as_dict(self) -> dict[str, object]:
        """Text, number, source and edition."""
        return {**self._asdict(), "number": in_schema_unit(self.number)}


class Statement(NamedTuple):
    """The account of one run. A total that is not known is None, and `warnings` says what would give it."""

    run: str
    edition: str
    name: str = ""
    status: str = "finished"
    exit: int | None = None
    reason: str = ""
    """Why it ended, where its end says so: "budget 5 Wh spent", "KeyError"."""
    started: str = ""
    region: str = ""
    site: str = ""
    hardware: tuple[str, ...] = ()
    """Processor, memory and accelerators in words, as far as they were recorded."""
    duration: Quantity | None = None
    device_hours: Quantity | None = None
    """Hours of accelerators; of processors where no accelerator was metered."""
    it_energy: Quantity | None = None
    energy: Quantity | None = None
    """IT energy x PUE where the site is known, otherwise the IT energy."""
    carbon: Quantity | None = None
    """Operational, location-based."""
    carbon_market: Quantity | None = None
    """Operational, by contracts and residual mix; as location-based where neither is known."""
    carbon_marginal: Quantity | None = None
    """What the plants that follow a change of load emit for it: beside the others, in none of them."""
    carbon_embodied: Quantity | None = None
    water: Quantity | None = None
    cost: Quantity | None = None
    """Of the electricity."""
    cost_hire: Quantity | None = None
    """What hiring the devices would cost, pre-emptible to on demand, electricity within: never added to `cost`."""
    cost_owned: Quantity | None = None
    """Depreciation of hardware of one's own."""
    cost_carbon: Quantity | None = None
    """Location-based carbon at the price of a tonne."""
    idle_baseline: Quantity | None = None
    shares: Mapping[str, float] | None = None
    """Shares of the IT energy by basis, before overhead; None where there is no energy to share."""
    device_shares: tuple[DeviceShare, ...] = ()
    lines: tuple[Line, ...] = ()
    stages: tuple[Stage, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    not_included: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    """Those of the warnings that the recording itself gave."""
    degraded: tuple[str, ...] = ()
    shared_with: int = 0
    ranks: tuple[RankLine, ...] = ()
    """Those of a run of many; each has its share of every line."""
    offsets: tuple[Offset, ...] = ()
    """Offsets and certificates, apart: no total knows of them."""
    yardstick: Yardstick | None = None
    rates: Mapping[str, Quantity] = {}
    """Of an estimate: amounts for one request, one token, one trial, by name."""
    sensitivity: Mapping[str, tuple[SourceShare, ...]] = {}
    """Of an estimate: by figure, the inputs that cause most of its range, the widest first."""
    alternatives: tuple[Statement, ...] = ()
    """Of an estimate: other ways to the same end, by name, each with its own account."""

    def __repr__(self) -> str:
        """A few lines: what it is of and the figures that matter."""
        return displayed("text", self) or tuple.__repr__(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows: three figures, in HTML and in words."""
        return displayed("notebook", self) or {"text/plain": repr(self)}

    def __rich__(self) -> object:
        """What `rich` prints: the whole account."""
        return displayed("terminal", self) or repr(self)

    def of_kind(self, kind: str, span: str | None = None) -> list[Line]:
        """The lines of that kind, of that span if one is given."""
        return [line for line in self.lines if line.kind == kind and (span is None or line.span == span)]

    def assumption(self, name: str) -> Assumption | None:
        """The assumption of that name."""
        return next((item for item in self.assumptions if item.name == name), None)

    def as_dict(self) -> dict[str, object]:
        """The document of `joulebook.statement/1`, ready for JSON (report/schema/statement-1.json)."""
        plain: dict[str, object] = {"schema": SCHEMA, **self._asdict()}
        del plain["notices"]  # they are among the warnings
        for name in TOTALS:
            plain[name] = in_schema_unit(getattr(self, name))
        plain["shares"] = dict(self.shares) if self.shares is not None else None
        plain["device_shares"] = [share._asdict() for share in self.device_shares]
        for name in ("lines", "stages", "assumptions", "ranks"):
            plain[name] = [item.as_dict() for item in getattr(self, name)]
        for name in ("hardware", "not_included", "warnings", "degraded"):
            plain[name] = list(getattr(self, name))
        plain["offsets"] = [plain_offset(item) for item in self.offsets]
        plain["yardstick"] = self.yardstick.as_dict() if self.yardstick else None
        plain["rates"] = {name: rate.as_dict() for name, rate in self.rates.items()}
        plain["sensitivity"] = {name: [one.as_dict() for one in causes] for name, causes in self.sensitivity.items()}
        plain["alternatives"] = [one.as_dict() for one in self.alternatives]
        return plain


TOTALS: Final = (
    "duration",
    "device_hours",
    "it_energy",
    "energy",
    "carbon",
    "carbon_market",
    "carbon_marginal",
    "carbon_embodied",
    "water",
    "cost",
    "cost_hire",
    "cost_owned",
    "cost_carbon",
    "idle_baseline",
)
OPTIONAL: Final = frozenset({"carbon_marginal", "cost_hire", "cost_owned", "cost_carbon", "idle_baseline"})
"""Totals that are passed over in silence where nothing is known of them."""


class Additions(NamedTuple):
    """What one rule adds to a statement."""

    totals: Mapping[str, Quantity] = {}
    lines: tuple[Line, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    not_included: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    offsets: tuple[Offset, ...] = ()
    yardstick: Yardstick | None = None

    def to(self, statement: Statement) -> Statement:
        """The statement with these additions."""
        totals: dict[str, Any] = dict(self.totals)
        if not (totals.keys() <= set(TOTALS) and all(isinstance(one, Quantity) for one in totals.values())):
            raise TypeError(f"a rule may set the totals {', '.join(TOTALS)}, each to a Quantity")
        return statement._replace(
            **totals,
            lines=statement.lines + self.lines,
            assumptions=statement.assumptions + self.assumptions,
            not_included=statement.not_included + self.not_included,
            warnings=statement.warnings + self.warnings,
            offsets=statement.offsets + self.offsets,
            yardstick=self.yardstick or statement.yardstick,
        )


Rule = Callable[[Statement, Context], Additions]

_SCHEMA_UNITS: Final = {UNITS[base].dims: shown for base, shown in (("J", "kWh"), ("gCO2e", "kgCO2e"), ("s", "h"))}


def plain_offset(offset: Offset) -> dict[str, object]:
    """The fields of an offset, ready for JSON."""
    amounts = {name: in_schema_unit(getattr(offset, name)) for name in ("bought", "delivered", "price", "cost")}
    return {**offset._asdict(), **amounts}


def in_schema_unit(quantity: Quantity | None) -> dict[str, float | str] | None:
    """The five fields of a quantity in the unit that the schema has for its dimensions; None stays None.

    No amount of a statement can be negative: an interval that reaches below zero is cut there.
    """
    if quantity is None:
        return None
    fields = quantity.to(_SCHEMA_UNITS.get(quantity.unit.dims, quantity.unit)).as_dict()
    if quantity.value >= 0 and isinstance(fields["low"], float):
        fields["low"] = max(fields["low"], 0.0)
    return fields
