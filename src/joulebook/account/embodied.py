"""Embodied carbon: what was emitted to make the hardware, and the part of it that a run has to bear.

    M = TE x (TiR / EL) x (RR / ToR)                                   ISO/IEC 21031, Software Carbon Intensity

TE is what making a device emitted, TiR the time for which it was held, EL the hours of its life in which it works for
somebody, RR / ToR the share of it that the run had. EL is lifetime x share in use: what stands idle has to be borne
by those who use it, or nobody would (docs/methods/account.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum
from typing import Final, NamedTuple

from joulebook.account.configuration import model_of
from joulebook.account.knowledge import FoundFact
from joulebook.account.machine import Machine
from joulebook.account.overhead import as_assumed, cite, fact_or_none
from joulebook.account.terms import EMBODIED, WHOLE_RUN, Additions, Assumption, Context, Line, Statement
from joulebook.entry import Held
from joulebook.quantity import Basis, Quantity, Source, total

PROPERTY: Final = "embodied.cradle_to_gate"
ANY_ACCELERATOR: Final = "accelerator.any"
"""Range of the accelerators of data centres; for others that of `ANY_CARD`."""
ANY_CARD: Final = "component.gpu"
SERVER, MEMORY, PROCESSOR = "server.rack", "component.dram", "component.cpu"
"""A server with one processor and little memory; its memory by GB; each further processor."""
LIFETIME: Final = ("server.any", "lifetime")
USE: Final = ("parameter.lifetime-use", "value")
NOTHING: Final = "embodied carbon"
"""What is not included where nothing is known of it."""
_GIVE: Final = 'give that of the whole machine:  [hardware] embodied = "1200..1900 kg"  in joulebook.toml'


class _Part(NamedTuple):
    """A part of the machine: what making it emitted, and the seconds for which the run held it."""

    device: str
    kind: str
    embodied: Quantity
    seconds: float
    method: str


class _Found(NamedTuple):
    """What is known of a machine, gathered part by part; remarks come once, however many devices are alike."""

    parts: list[_Part]
    assumptions: dict[str, Assumption]
    missing: dict[str, None]
    warnings: dict[str, None]

    def assume(self, name: str, quantity: Quantity, fact: FoundFact) -> None:
        self.assumptions.setdefault(
            name, Assumption(name, quantity.named(name), cite(quantity, fact), fact.valid_from[:4])
        )

    def lack(self, what: str, why: str = "") -> None:
        self.missing[f"{NOTHING} of {what}"] = None
        self.warnings[f"carbon_embodied: {why or f'nothing is known of {what}'}; {_GIVE}"] = None


def embodied(_statement: Statement, context: Context) -> Additions:
    """The run's part of the embodied carbon of what it held; nothing is guessed for hardware without a sourced figure.

    Lines are by device; shares of those who hold a device at the same time add up to 1, as those of its energy do.
    """
    machine = context.machine
    life = _life(machine, context) if machine is not None and machine.held else None
    if machine is None or life is None:
        return Additions(not_included=(NOTHING,))
    found = _Found([], {}, {}, {})
    _look(machine, context, found)
    if not found.parts:
        return Additions(not_included=(NOTHING,), warnings=tuple(found.warnings))
    hours, assumptions = life
    lines = tuple(_lines(found.parts, machine, hours))
    return Additions(
        totals={"carbon_embodied": total([line.quantity for line in lines], "gCO2e", "carbon_embodied")},
        lines=lines,
        assumptions=(*found.assumptions.values(), *assumptions),
        not_included=tuple(found.missing),
        warnings=tuple(found.warnings),
    )


def share(held: Quantity, life: Quantity) -> Quantity:
    """(TiR / EL) x (RR / ToR): the part of a device's life that the time held of it is."""
    return (held / life).named("share of its life")


def _lines(parts: Sequence[_Part], machine: Machine, life: Quantity) -> Iterator[Line]:
    shares: dict[float, Quantity] = {}
    for part in parts:
        if part.seconds not in shares:
            shares[part.seconds] = share(machine.time(part.seconds), life)
        amount = (part.embodied * shares[part.seconds]).to("gCO2e").named(part.device)
        yield Line(WHOLE_RUN, part.device, EMBODIED, amount, device_kind=part.kind, method=part.method)


def _life(machine: Machine, context: Context) -> tuple[Quantity, list[Assumption]] | None:
    """The hours of a life in which a device works for somebody; None where the catalogue does not say."""
    lifetime = _given_or_fact("lifetime", machine.lifetime, LIFETIME, context)
    use = _given_or_fact("use of lifetime", machine.use, USE, context)
    if lifetime is None or use is None:
        return None
    return (lifetime.quantity * use.quantity).to("s").named("hours in use"), [lifetime, use]


def _given_or_fact(name: str, own: Quantity | None, fact: tuple[str, str], context: Context) -> Assumption | None:
    if own is not None:
        return Assumption(name, own.named(name), cite(own), "given")
    found = fact_or_none(*fact, context)
    if found is None:
        return None
    quantity = found.quantity().named(name)
    return Assumption(name, quantity, cite(quantity, found), found.valid_from[:4])


# -- the parts of a machine ---------------------------------------------------------------------------------------


def _look(machine: Machine, context: Context, found: _Found) -> None:
    """Gather the parts of a machine; what the user gave stands for all of them."""
    if machine.embodied is None:
        for held in machine.held:
            if held.kind == "gpu" and not _is_built_in(held):
                _accelerator(held, machine, context, found)
        _host(machine, context, found)
        return
    whole = machine.embodied.named("embodied, whole machine")
    found.assumptions[whole.name] = Assumption(whole.name, whole, cite(whole), "given")
    for node, seconds in _times(machine).items():
        found.parts.append(_Part(_on(node, "machine"), "machine", whole, seconds, cite(whole)))


def _is_built_in(held: Held) -> bool:
    """Whether a GPU is a part of the processor's chip: its sensor names no model of it."""
    return held.name == held.device.removeprefix(f"{held.node} ")


def _accelerator(held: Held, machine: Machine, context: Context, found: _Found) -> None:
    """A card by its own figure, or by the range of its class, which is assumed and said."""
    model = model_of(held.name) or "accelerator"
    subject = machine.cards.get(model, "")
    fact = fact_or_none(subject, PROPERTY, context) if subject else None
    card = fact.quantity() if fact is not None else None
    if fact is None:
        fact = fact_or_none(ANY_ACCELERATOR if machine.server else ANY_CARD, PROPERTY, context)
        if fact is None:
            found.lack(model)
            return
        card = as_assumed(fact)
        low, high = (f"{card.to('kgCO2e').low:.3g}", f"{card.to('kgCO2e').high:.3g}")
        said = f"carbon_embodied: no figure is published for {model}: {low} to {high} kg of its class is assumed"
        found.warnings[f"{said}; {_GIVE}"] = None
    assert card is not None  # noqa: S101 - of the fact, or of its class
    name = f"embodied, {model}"
    found.assume(name, card, fact)
    found.parts.append(_Part(held.device, "gpu", card.named(name), held.seconds, cite(card, fact)))


def _host(machine: Machine, context: Context, found: _Found) -> None:
    """The server around the accelerators: board, supply and processors, and its memory by GB."""
    part, why = _share_of_server(machine)
    base = fact_or_none(SERVER, PROPERTY, context)
    if part is None or base is None:
        found.lack("the computer itself", why)
        return
    amounts = [("server", base, part)]
    if not part.is_exact and machine.processor_threads is not None:
        threads = machine.processor_threads.named("threads of the server")
        found.assumptions[threads.name] = Assumption(threads.name, threads, cite(threads), machine.processor)
    further = fact_or_none(PROCESSOR, PROPERTY, context) if machine.sockets > 1 and not machine.virtual else None
    if further is not None:
        amounts.append(("processors", further, _seen(machine.sockets - 1, "1", "further processors")))
    by_size = fact_or_none(MEMORY, PROPERTY, context) if machine.memory_gb > 0 else None
    if by_size is not None:
        amounts.append(("memory", by_size, _seen(machine.memory_gb, "GB", "memory")))
    else:
        found.lack("memory")
    times = _times(machine)
    for word, fact, size in amounts:
        one = fact.quantity().named(f"embodied, {word}")
        found.assume(one.name, one, fact)
        whole = (one * size).named(f"{word} of the run")
        for node, seconds in times.items():
            found.parts.append(_Part(_on(node, word), word, whole, seconds, cite(one, fact)))


def _share_of_server(machine: Machine) -> tuple[Quantity | None, str]:
    """How much of a server with one processor the run could see; or why that is not known."""
    name = machine.processor or "this processor"
    if not machine.server:
        return None, f"no figure is known for a computer with {name}"
    if not machine.virtual:
        return Quantity.exact(1.0, name="share of the server"), ""
    if machine.processor_threads is None or machine.threads <= 0:
        return None, f"how much of its server this virtual machine is cannot be told from {name}"
    seen = _seen(machine.threads, "1", "threads of the virtual machine")
    return (seen / machine.processor_threads.to("1")).named("share of the server"), ""


def _seen(amount: float, symbol: str, name: str) -> Quantity:
    """What the kernel says of the machine, exactly, as it was recorded when the run began."""
    source = Source(f"kernel {name}", f"{name}, recorded with the run as the kernel says it")
    return Quantity.of(amount, symbol, basis=Basis.MEASURED, source=source, name=name)


def _times(machine: Machine) -> dict[str, float]:
    """The seconds for which the run held each node: those of its processors, or else of its other devices."""
    nodes: dict[str, list[Held]] = {}
    for held in machine.held:
        nodes.setdefault(held.node, []).append(held)
    found = {}
    for node, devices in nodes.items():
        own = [held.seconds for held in devices if held.kind == "cpu"]
        own = own or [held.seconds for held in devices if held.kind != "gpu"] or [held.seconds for held in devices]
        found[node] = fsum(own) / len(own)
    return found


def _on(node: str, device: str) -> str:
    return f"{node} {device}" if node else device
