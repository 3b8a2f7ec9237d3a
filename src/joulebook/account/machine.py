"""The machine of a run as far as it matters beyond its energy, and its site: parts, time held, overhead, grid.

Names are those that drivers and the kernel gave when the run was recorded; `[hardware]` and `[site]` of a
`joulebook.toml` come before what the catalogue says of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import isclose
from typing import Final, NamedTuple

from joulebook.account.configuration import model_of
from joulebook.account.given import Given, amount_of, one
from joulebook.entry import Held
from joulebook.errors import FactNotFound
from joulebook.facts.catalog import Catalog, Resolution
from joulebook.facts.names import plain
from joulebook.ledger.recording import legible
from joulebook.quantity import Basis, Quantity, Source
from joulebook.settings import Table
from joulebook.units import UNITS

_CLOCK: Final = Source("clock", "monotonic clock of the run")
_SERVERS: Final = "-server"
"""How the families of processors of servers end."""
_SUBREGION: Final = "-egrid-"
"""Regions of the US grid, which lie across states."""
_LONGEST_NAME: Final = 12
"""Words of a processor's name that are looked at."""


class Machine(NamedTuple):
    """What a run ran on."""

    held: Sequence[Held] = ()
    processor: str = ""
    """As the kernel names it."""
    processor_threads: Quantity | None = None
    """Threads of one such processor; of a family the range over its members. None where the name means nothing."""
    server: bool = False
    """Whether it is one of those that stand in data centres: its processor is, it is virtual, or its site is known."""
    sockets: int = 0
    threads: int = 0
    """That the run could see; 0 is unknown."""
    memory_gb: float = 0.0
    """10^9 bytes."""
    virtual: bool = False
    cards: Mapping[str, str] = {}
    """Subject of an accelerator by its name; those that mean none are missing."""
    embodied: Quantity | None = None
    """Of the whole machine, accelerators included, as the user gave it."""
    lifetime: Quantity | None = None
    use: Quantity | None = None
    """Share of its life in which it works for somebody, as the user gave it."""
    estimated: Quantity | None = None
    """Device-hours, where no clock but an estimate told the seconds held: they share its interval and its tree."""

    def time(self, seconds: float) -> Quantity:
        """So many seconds held of a device, with their interval."""
        if self.estimated is None:
            return Quantity.of(seconds, "s", basis=Basis.MEASURED, source=_CLOCK, name="time held x share")
        whole = (self.estimated / Quantity.exact(1.0, "device")).to("s")
        share = seconds / whole.value
        held = whole if isclose(share, 1.0) else whole * Quantity.exact(share, name="machines for each device")
        return held.named("time held, estimated")


def machine_of(
    head: Mapping[str, object], held: Sequence[Held], catalog: Catalog, table: Table | None = None, *, site: str = ""
) -> Machine:
    """The machine of a run from the head of its journal and a `[hardware]` table.

    Raises `ConfigError` where the table has a mistake.
    """
    known = head.get("hardware")
    hardware: Mapping[str, object] = known if isinstance(known, Mapping) else {}
    name = legible(str(hardware.get("cpu") or ""))
    embodied, lifetime, use = _given(table)
    virtual = hardware.get("virtual") is True
    return Machine(
        held=held,
        processor=name,
        processor_threads=_threads(name, catalog) if virtual else None,
        server=virtual or bool(site) or _of_server(name, catalog),
        sockets=_number(hardware.get("sockets")),
        threads=_number(hardware.get("threads")),
        memory_gb=_number(hardware.get("memory_bytes")) / UNITS["GB"].num,
        virtual=virtual,
        cards=_cards(held, catalog),
        embodied=embodied,
        lifetime=lifetime,
        use=use,
    )


class Site(NamedTuple):
    """What the user gave of a site."""

    name: str = ""
    pue: Quantity | None = None
    wue: Quantity | None = None
    """Water per IT energy."""


def site_of(table: Table | None) -> Site:
    """The site of a `[site]` table. Raises `ConfigError` where it has a mistake."""
    found = one(table)
    if found is None:
        return Site()
    found.only("name", "pue", "wue", "source")
    pue = _amount(found, "pue", "1", "a number or a range from 1 on, such as 1.3 or '1.2..1.4'")
    if pue is not None and pue.low < 1:
        found.refuse("pue", "1 or more: a building cannot use less than what stands in it")
    wue = _amount(found, "wue", "L/kWh", "an amount or a range, such as '0.4..1.8 L/kWh'")
    return Site(found.text("name"), pue, wue)


def zone_of(site: str, catalog: Catalog) -> str:
    """The grid that a site of a cloud stands on, as a region is written ("NL", "US-OR"); "" where nobody says."""
    return _named(site, "grid", catalog).partition(".")[2].upper() if site else ""


def contradict(region: str, zone: str, catalog: Catalog) -> bool:
    """Whether a region is another one than the zone of a site: neither the same, nor one within the other."""
    said, stands = (_named(word, "grid", catalog) for word in (region, zone))
    countries = {subject.partition("-")[0] for subject in (said, stands)}
    nested = said == stands or said in countries or stands in countries or _SUBREGION in said + stands
    return bool(said and stands) and not (nested and len(countries) == 1)


def _given(table: Table | None) -> tuple[Quantity | None, Quantity | None, Quantity | None]:
    found = one(table)
    if found is None:
        return None, None, None
    found.only("embodied", "lifetime", "use", "source")
    embodied = _amount(found, "embodied", "gCO2e", "an amount or a range, such as '1500 kg' or '1200..1900 kg'")
    lifetime = _amount(found, "lifetime", "h", "a time or a range, such as '5 y' or '4..6 y'")
    use = _amount(found, "use", "1", "a share from 0 to 1 or a range, such as 0.6 or '0.4..0.85'")
    if lifetime is not None and lifetime.low <= 0:
        found.refuse("lifetime", "a time above zero")
    if use is not None and not 0 < use.low <= use.high <= 1:
        found.refuse("use", "a share above 0, up to 1")
    return embodied, lifetime, use


def _amount(found: Given, key: str, like: str, expected: str) -> Quantity | None:
    """The amount of a key, with the source that the table names; None where the key is not there."""
    value = found.values.get(key)
    if value is None:
        return None
    text = f"{value}" if isinstance(value, int | float) and not isinstance(value, bool) else value
    amount = amount_of(text, like)
    if amount is None:
        found.refuse(key, expected)
    source = found.text("source")
    said = f"{source}, given in [{found.path[-1]}]" if source else f"given in [{found.path[-1]}]"
    low, high = (None, None) if amount.is_exact else (amount.low, amount.high)
    own = Source(f"{found.path[-1]}.{key} {text}", said)
    return Quantity.of(amount.value, amount.unit, low=low, high=high, basis=amount.basis, source=own, name=key)


def _cards(held: Sequence[Held], catalog: Catalog) -> dict[str, str]:
    names = dict.fromkeys(model_of(item.name) for item in held if item.kind == "gpu" and item.name)
    found = {name: _named(name, "accelerator", catalog) for name in names}
    return {name: subject for name, subject in found.items() if subject}


def _of_server(name: str, catalog: Catalog) -> bool:
    """Whether the beginning of a processor's name is that of a family of servers: "AMD EPYC", "Intel Xeon"."""
    words = plain(name).split()[:_LONGEST_NAME]
    heads = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    return any(_named(head, "cpu", catalog).endswith(_SERVERS) for head in heads)


def _threads(name: str, catalog: Catalog) -> Quantity | None:
    """The threads of a processor; of a family from the fewest to the most of its members, with their median."""
    found = _resolved(name, "cpu", catalog)
    if found is None:
        return None
    subjects = found.members or (found.subject,)
    known = [catalog.find(subject, "threads") for subject in subjects if "threads" in catalog.properties(subject)]
    if not known:
        return None
    ordered = sorted(known, key=lambda fact: fact.value)
    if len(ordered) == 1:
        return known[0].quantity()
    ends = "; ".join(f"{fact.subject} threads" for fact in (ordered[0], ordered[-1]))
    words = f"threads of {found.label}: {ends}; {known[0].citation or known[0].source}"
    source = Source(f"{found.subject} threads", words)
    low, middle, high = ordered[0].value, ordered[(len(ordered) - 1) // 2].value, ordered[-1].value
    return Quantity.of(middle, "1", low=low, high=high, basis=Basis.ASSUMED, source=source)


def _named(name: str, kind: str, catalog: Catalog) -> str:
    """The subject that a name means; "" where it means none, or several."""
    found = _resolved(name, kind, catalog)
    return found.subject if found is not None else ""


def _resolved(name: str, kind: str, catalog: Catalog) -> Resolution | None:
    """What a name means, as it is or without what hangs on it; None where it means nothing, or several things."""
    for form in dict.fromkeys((name, plain(name))):
        if form:
            with suppress(FactNotFound):
                return catalog.resolve(form, kind, near=False)
    return None


def _number(value: object) -> int:
    """A count that was written down; 0 for anything else."""
    return value if type(value) is int and value > 0 else 0
