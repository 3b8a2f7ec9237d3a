"""`stated`: an estimated piece of work becomes a `Statement`, by the rules that price a recorded run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypedDict

from joulebook.account.configuration import model_of
from joulebook.account.given import amount_of
from joulebook.account.machine import Machine
from joulebook.account.statement import RULES, Rule, state
from joulebook.account.terms import ESTIMATED, WHOLE_RUN, Assumption, Context, Statement
from joulebook.account.uncertainty import leading
from joulebook.entry import Entry, Held
from joulebook.errors import ConfigError
from joulebook.estimate.amounts import Asked, amount, amount_or_none
from joulebook.estimate.chip import Chip
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Quantity

CAUSES: Final = 3
"""Inputs that a figure's sensitivity names."""
_FIGURES: Final = ("duration", "energy", "carbon", "cost")
_NONE: Final = -1e-12
"""So that nothing is an amount too, as of the carbon of wind power."""
_PRICE: Final = "a price such as 0.43..1.46 (USD/device-h) or '0.25 EUR/kWh'"
_HOURS: Final = (
    "h",
    "hour",
    "hr",
    "gpu-h",
    "gpu-hour",
    "gpuh",
    "gpu h",
    "gpu hour",
    "device-h",
    "device-hour",
    "chip-h",
)
"""What a price of a device for an hour is written as being for."""
_READINGS: Final = ("reading:", "edge:", "edges:", "noise:", "gap:")
"""What a metered run is made of: its lines, no inputs."""
_PER_SERVER: Final = 8
"""Accelerators that share a server, as in every HGX and DGX machine since 2016."""
_DESKTOP: Final = ("GeForce", "Radeon", "Arc", "TITAN", "Apple", "Jetson", "Snapdragon", "Raspberry", "Hailo", "Edge")
"""Words in the names of devices that do not stand in data centres."""


class Place(TypedDict, total=False):
    """Where the work is done and what it is priced with; what is not said comes from the catalogue, or is unknown."""

    region: str
    """Of the grid: FR, US-CA, Germany."""
    site: str
    """Whose PUE and water are in the catalogue: aws, gcp:europe-west4."""
    pue: Asked
    intensity: Asked
    """Of the grid; gCO2e/kWh unless another unit is written: "0.954 lb/kWh"."""
    price: Asked
    """Of a device-hour, electricity within ("0.43..1.46"), or of electricity ("0.25 EUR/kWh")."""
    currency: str
    on: str
    """Day whose facts are used, as YYYY-MM-DD; today unless it is given."""
    edition: str
    catalog: Catalog


class Part(NamedTuple):
    """Energy of one kind of device over the whole of the work."""

    device: str
    """ "8 x NVIDIA P100", "host", "job"."""
    kind: str
    """gpu, cpu, board, ...: as sensors name what they read."""
    energy: Quantity
    """J."""
    method: str
    """How it was found, in a few words."""


class Work(NamedTuple):
    """A piece of work as an estimator sees it."""

    name: str
    duration: Quantity
    """s, from beginning to end."""
    device_hours: Quantity
    parts: Sequence[Part]
    chip: Chip | None = None
    devices: float = 0.0
    """Of the chip that are held for the duration."""
    rates: Mapping[str, Quantity] = {}
    not_included: Sequence[str] | None = ()
    """What the parts leave out; None reads it off their kinds."""
    warnings: Sequence[str] = ()


def stated(work: Work, place: Place) -> Statement:
    """The account of an estimated piece of work, with what causes most of the range of its figures.

    Raises `FactNotFound` for an unknown region or site, and `ConfigError` for amounts that are none.
    """
    statement = accounted(work, place)
    inputs = _inputs(work, statement)
    statement = statement._replace(assumptions=inputs, rates=dict(work.rates))
    figures = {name: getattr(statement, name) for name in _FIGURES}
    causes = {name: tuple(leading(one, CAUSES)) for name, one in figures.items() if one is not None}
    return statement._replace(sensitivity={name: found for name, found in causes.items() if found})


def accounted(work: Work, place: Place, rules: Sequence[Rule] = RULES) -> Statement:
    """The account alone, by these rules, without what causes the ranges. Raises as `stated` does."""
    return state(_entries(work), _context(work, place), rules)


def catalog_of(place: Place) -> Catalog:
    """The catalogue of the place: the shipped one, opened once, unless another was given."""
    return place.get("catalog") or _catalog()


def _entries(work: Work) -> list[Entry]:
    end_ns = round(work.duration.to("s").value * 1e9)
    made = [
        Entry(f"part {at}", ESTIMATED, WHOLE_RUN, part.device, 0, end_ns, part.energy, None, part.method)._replace(
            labels={"kind": part.kind}
        )
        for at, part in enumerate(work.parts)
    ]
    return [*made, Entry("device-hours", ESTIMATED, WHOLE_RUN, "devices", 0, end_ns, work.device_hours)]


def _context(work: Work, place: Place) -> Context:
    catalog = catalog_of(place)
    for name in ("region", "site", "currency", "on", "edition"):
        if not isinstance(place.get(name) or "", str):
            raise ConfigError.bad(name, place.get(name), "a text")
    price = _price(place.get("price"))
    electricity = price is not None and price.unit.symbol.endswith("Wh")
    chip = work.chip
    return Context(
        catalog=catalog,
        on=place.get("on") or datetime.now(UTC).date().isoformat(),
        edition=place.get("edition") or "",
        run=ESTIMATED,
        name=work.name,
        status=ESTIMATED,
        duration=work.duration,
        region=place.get("region") or "",
        site=place.get("site") or "",
        pue=amount_or_none("pue", place.get("pue"), "1", least=1.0, most=20.0),
        intensity=amount_or_none("intensity", place.get("intensity"), "gCO2e/kWh", least=_NONE, most=1e5),
        price=price if electricity else None,
        hire=None if electricity else price,
        bought=Context._field_defaults["bought"]._replace(currency=place.get("currency") or ""),
        machine=_machine(work, chip) if chip is not None else None,
        hardware=[f"{work.devices:g} x {chip.label}"] if chip is not None else [],
        notices=[*(chip.warnings if chip is not None else ()), *work.warnings],
        not_included=work.not_included,
    )


def _machine(work: Work, chip: Chip) -> Machine:
    """The accelerators and the servers around them, held for as long as the estimate says."""
    seconds = work.duration.to("s")
    held = seconds.value * work.devices
    desktop = any(word in chip.label for word in _DESKTOP)
    is_processor = chip.subject.startswith("cpu.")
    device = f"{work.devices:g} x {chip.label}"
    servers = seconds.value * (work.devices if is_processor else work.devices / _PER_SERVER)
    holding = [] if is_processor else [Held(device, "gpu", chip.label, held)]
    return Machine(
        held=[*holding, Held("host", "cpu", "", servers)],
        server=not desktop,
        cards={model_of(chip.label): chip.subject},
        estimated=work.device_hours,
    )


def _price(asked: Asked | None) -> Quantity | None:
    """A price of a device-hour, or of electricity where its unit says so."""
    if asked is None:
        return None
    if isinstance(asked, Quantity):
        fits = any(asked.unit.symbol[3:] == per and asked.low >= 0 for per in ("/kWh", "/MWh", "/device-h"))
        if not fits:
            raise ConfigError.bad("price", str(asked), _PRICE)
        return asked
    plain = _plain_price(asked) if isinstance(asked, str) else ""
    if " " in plain:
        for like in ("USD/kWh", "USD/device-h"):
            found = amount_of(plain, like)
            if found is not None:
                return found
        raise ConfigError.bad("price", asked, _PRICE)
    return amount("price", plain or asked, "USD/device-h", least=_NONE, most=1e6)


def _plain_price(asked: str) -> str:
    """A price of an hour as the units have it: "$2", "2 $/GPU-hour" and "2 USD/h" are "2 USD/device-h"."""
    read = re.fullmatch(r"\s*([$€]?)\s*([\d._]+)\s*([$€]|[A-Za-z]{3})?\s*(?:/\s*(\S.*?))?\s*", asked)
    if read is None or (read[1] and read[3]):
        return asked.strip()
    sign, amounts, money, per = read.groups()
    if not (sign or money or per):
        return asked.strip()
    money = {"$": "USD", "€": "EUR"}.get(sign or money or "$", (money or "").upper())
    per = "device-h" if per is None or per.lower() in _HOURS else per
    return f"{amounts} {money}/{per}"


def _inputs(work: Work, statement: Statement) -> tuple[Assumption, ...]:
    """Everything that the figures rest on, each once: what was given, facts, fits; then what priced them."""
    found: dict[str, Assumption] = {}
    for figure in (work.duration, work.device_hours, *(part.energy for part in work.parts), *work.rates.values()):
        for leaf in figure.leaves():
            source = leaf.trace.source
            if source is not None and source.id != "by definition" and not source.id.startswith(_READINGS):
                found.setdefault(source.id, Assumption(leaf.name or source.id, leaf, source.text or source.id))
    known = {item.name for item in found.values()}
    return (*found.values(), *(item for item in statement.assumptions if item.name not in known))


_opened: list[Catalog] = []


def _catalog() -> Catalog:
    if not _opened:
        _opened.append(Catalog.open())
    return _opened[0]
