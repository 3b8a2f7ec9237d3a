"""A training by a short metered run of it: the power of each device, scaled to the hours and the devices of the whole.

The method of E. Strubell, A. Ganesh, A. McCallum (ACL 2019, section 2): train for a while, take the mean power of each
device, multiply it by the time that the whole training takes. What changes between the two is part of the interval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil, exp, sqrt
from typing import Final, NamedTuple, Protocol

from joulebook.account.configuration import model_of
from joulebook.account.terms import IT_ENERGY, WHOLE_RUN, Line, Statement
from joulebook.errors import ConfigError, FactNotFound
from joulebook.estimate.amounts import Asked, amount, amount_or_none
from joulebook.estimate.chip import Chip, chip
from joulebook.estimate.stated import Part, Work
from joulebook.facts.catalog import Catalog
from joulebook.meter.forecasting.level import Block, standard_error, steady_from
from joulebook.meter.forecasting.outlook import Steps
from joulebook.meter.pace import STEP
from joulebook.meter.series import Bins, History
from joulebook.quantity import Basis, Quantity, Source, total
from joulebook.registry import load

_LATER: Final = (0.91, 1.10)
"""Mean power of the whole over that of a part of it."""
_OTHERS: Final = (0.93, 1.07)
"""Mean power of many devices of a kind over that of those that were metered."""
_OTHER_KIND: Final = (0.7, 1.4)
"""Power of another kind of device over what the TDP of both would make it."""
_NODES: Final = Source(
    "power of a part of a run",
    "Scogland et al., Node variability in large-scale power measurements, SC15: up to 20 % by the time of measuring, "
    "10 to 15 % by few nodes; taken as half of it either way",
)
_SERVER: Final = 8
"""Accelerators that share a host at most."""
_FEW: Final = 8
"""Bins of power without which nothing is said of its beginning."""
_PARTS: Final = 56
"""Into which the steps are taken together."""
_NOT_KNOWN: Final = 0.05
"""Relative standard error of the mean power where its course is not known."""
_IDLE: Final = 0.35
"""Part of the power of the busiest accelerator below which another one has not worked for the run."""
_SHORT_S: Final = 60.0
_WIDER: Final = 1.2
"""Student's t of seven batches over the normal's, at 90 %."""


class Recorded(Protocol):
    """A run that was metered: a `joulebook.Run`, or a `Metered`."""

    @property
    def statement(self) -> Statement:
        """Its account."""

    @property
    def history(self) -> History:
        """Its power over time."""

    @property
    def step_seconds(self) -> Sequence[float]:
        """Seconds of each finished step of its outermost loop."""


class Metered(NamedTuple):
    """A run that was metered, in plain figures."""

    statement: Statement
    history: History = History()
    step_seconds: Sequence[float] = ()


def metered(  # noqa: PLR0913 - what the whole has that the short run had not
    power_from: str | Statement | Recorded,
    catalog: Catalog,
    *,
    name: str,
    hours: Asked | None = None,
    steps: Asked | None = None,
    count: Asked | None = None,
    device: str = "",
) -> Work:
    """The work of `hours`, or of `steps` as long as those of the run, on `count` devices (as many as it had).

    Raises `ConfigError` for a run that tells no power or cannot be scaled so, `RunNotFound` for one that is not there.
    """
    run = _read(power_from)
    account = run.statement
    lines = [line for line in account.of_kind(IT_ENERGY, WHOLE_RUN) if line.quantity.value > 0]
    if not lines or account.duration is None or account.duration.value <= 0:
        raise ConfigError(f"run {_called(account)} tells no power: it has no energy; see  joulebook doctor")
    idle = _idle(lines)
    lines = [line for line in lines if line not in idle]
    gpus = [line for line in lines if line.device_kind == "gpu"]
    asked = amount_or_none("count", count, "device", most=1e8)
    devices = asked or Quantity.exact(max(len(gpus), 1), "device")
    said: list[str] = [f"{line.device} did next to nothing in run {_called(account)}: left out" for line in idle]
    own, card, more = _cards(run, gpus, device, devices, catalog)
    time = _time(run, hours, steps, moved=card is not own)
    settled = _settled(run.history)
    parts = list(_parts(account, lines, settled, devices, (own, card), time))
    energy = total([part.energy for part in parts], "J")
    rates = {"power": (energy / time.to("s")).to("W").named("power")}
    if steps is not None:
        number = amount("steps", steps, "1", most=1e15)
        rates["energy_per_step"] = (energy / number).named("energy per step")
        rates["time_per_step"] = (time.to("s") / number).named("time per step")
    return Work(
        name=name,
        duration=time.to("s").named("duration"),
        device_hours=(devices * time.to("h")).to("device-h").named("device_hours"),
        parts=parts,
        chip=card,
        devices=devices.value if gpus else 0.0,
        rates=rates,
        not_included=None,
        warnings=[*said, *more, *_warned(account, lines)],
    )


def _read(power_from: str | Statement | Recorded) -> Recorded:
    if isinstance(power_from, Statement):
        return Metered(power_from)
    if isinstance(power_from, str):
        found: Recorded = load("reader", "run")(power_from)
        return found
    if not all(hasattr(power_from, name) for name in Metered._fields):
        raise ConfigError.bad("power_from", power_from, "a run of the book, or the statement of one")
    return power_from


def _called(account: Statement) -> str:
    return f"{account.name} {account.run[:4]}".strip() or "without a name"


def _idle(lines: Sequence[Line]) -> list[Line]:
    """Accelerators of the machine that did not work meanwhile: a machine has them, a job that is scaled has not."""
    gpus = [line for line in lines if line.device_kind == "gpu"]
    busiest = max((line.quantity.value for line in gpus), default=0.0)
    return [line for line in gpus if line.quantity.value < _IDLE * busiest]


# -- how long ---------------------------------------------------------------------------------------------------------


def _time(run: Recorded, hours: Asked | None, steps: Asked | None, *, moved: bool) -> Quantity:
    """How long the whole takes: as given, or as many steps as given, forecast from those of the run."""
    if (hours is None) == (steps is None):
        raise ConfigError("how long the whole takes is not known: give hours, or steps, and one of them")
    if hours is not None:
        return amount("hours", hours, "h", most=1e7)
    if moved:
        raise ConfigError("steps take another time on another device: give hours, or meter a run on it")
    number = round(amount("steps", steps if steps is not None else 0, "1", most=1e15).value)
    called = _called(run.statement)
    if not run.step_seconds:
        raise ConfigError(f"run {called} has no steps: give hours, or put its loop into run.steps(...)")
    seen = len(run.step_seconds)
    if number < seen:
        raise ConfigError.bad("steps", number, f"at least the {seen} that run {called} had")
    loop = Steps(number)
    for seconds in run.step_seconds:
        loop.add(seconds)
    found = loop.outlook().seconds
    if found is None:
        raise ConfigError(f"the steps of run {called} take no time: give hours")
    source = Source(f"steps of {run.statement.run}", f"{seen} steps of run {called}, docs/methods/forecasting.md")
    ends = {"low": found.low, "high": found.high}
    time = Quantity.of(found.value, "s", **ends, basis=Basis.MODELLED, source=source, name="time of the steps")
    return time * _pace(run)


def _pace(run: Recorded) -> Quantity:
    """How the mean step of the whole differs from that of its parts: a factor around 1.

    The forecast takes one course to be right, warm-up or trend; over a time much longer than what was seen the mean
    wanders as its parts did.
    """
    steps, called = run.step_seconds, _called(run.statement)
    each = max(1, len(steps) // _PARTS)
    parts = [(sum(steps[at : at + each]), each) for at in range(0, len(steps) - each + 1, each)]
    mean = sum(seconds for seconds, _ in parts) / sum(count for _, count in parts)
    error = standard_error(parts, mean)[0] / mean if len(parts) >= _FEW else _NOT_KNOWN
    half = 1.645 * _WIDER * error
    text = f"scatter of the steps of run {called} between its parts"
    source = Source(f"steps over time of {run.statement.run}", text)
    scatter = Quantity.of(1.0, "1", low=exp(-half), high=exp(half), basis=Basis.MODELLED, source=source)
    return scatter.named("scatter of the steps")


# -- on what ----------------------------------------------------------------------------------------------------------


def _cards(
    run: Recorded, gpus: Sequence[Line], device: str, devices: Quantity, catalog: Catalog
) -> tuple[Chip | None, Chip | None, tuple[str, ...]]:
    """The accelerator of the run, that of the whole (the same object where it is the same), and what to know of it."""
    called = _called(run.statement)
    if not gpus:
        if device:
            raise ConfigError(f"run {called} metered no accelerator: its power tells nothing of {device}")
        return None, None, ()
    models = _models(run, gpus)
    if len(models) > 1 and (device or devices.value != len(gpus)):
        raise ConfigError(f"run {called} used {' and '.join(models)}: what more of them draw cannot be told; meter one")
    try:
        own = chip(models[0], catalog) if models else None
    except FactNotFound:
        if not device:
            return None, None, (f"{models[0]} is not in the catalogue: nothing is known of how it was made",)
        own = None
    if not device:
        return own, own, own.warnings if own is not None else ()
    card = chip(device, catalog)
    if own is None:
        raise ConfigError(f"which accelerator run {called} used is not known: leave out device, or meter a run on it")
    if card.subject == own.subject or own.label in " ".join(card.warnings):  # a family that the run's device is one of
        return own, own, own.warnings
    if own.tdp is None or card.tdp is None:
        raise ConfigError(f"run {called} used {own.label}: its power cannot be carried over to {card.label}")
    said = (
        f"power carried over from {own.label} to {card.label} by their TDP: a short run on it would narrow the range",
    )
    return own, card, (*said, *card.warnings)


def _models(run: Recorded, gpus: Sequence[Line]) -> list[str]:
    """What the accelerators that worked are, each model once; as their drivers name them."""
    working = {line.device for line in gpus}
    found = {one.device: model_of(one.channel) for one in run.history.series if one.device in working}
    names = [item.partition(" x ")[2] for item in run.statement.hardware if " x " in item]
    return list(dict.fromkeys(found.values() or names))


# -- how much power ---------------------------------------------------------------------------------------------------


class _Settled(NamedTuple):
    """The power of a run after its beginning: by device over the mean of all of it; and the error of the mean."""

    factors: Mapping[str, float]
    error: float
    """Relative standard error."""


def _settled(history: History) -> _Settled:
    """The part of the run that is like the rest of the training: its steps, without a beginning that differs (MSER)."""
    series = [one for one in history.series if not one.within]
    if not series:
        return _Settled({}, _NOT_KNOWN)
    start, step = series[0].start_ns, series[0].step_ns
    by_device: dict[str, list[Bins]] = {}
    for one in series:
        by_device.setdefault(one.device, []).append(one.mean_w)
    size = min(len(one.mean_w) for one in series)
    known = [at for at in range(size) if all(one.mean_w[at] is not None for one in series)]
    sums = {name: [sum(bins[at] or 0.0 for bins in parts) for at in known] for name, parts in by_device.items()}
    bands = [band for band in history.bands if band.path.rpartition("/")[2] == STEP]
    kept = range(len(known))
    if bands:
        first, last = min(band.start_ns for band in bands), max(band.end_ns for band in bands)
        inside = [at for at in kept if first <= start + known[at] * step and start + (known[at] + 1) * step <= last]
        kept = range(inside[0], inside[-1] + 1) if inside else kept
    if len(kept) < _FEW:
        return _Settled({}, _NOT_KNOWN)
    watts = [sum(one[at] for one in sums.values()) for at in kept]
    cut = steady_from([Block(at, 1, value, 0.0) for at, value in enumerate(watts)])
    rest = watts[cut:]
    mean = sum(rest) / len(rest)
    error = standard_error([(value, 1) for value in rest], mean)[0] / mean if mean > 0 else _NOT_KNOWN
    kept = kept[cut:]
    factors = {
        name: (sum(one[at] for at in kept) / len(kept)) / (sum(one) / len(one))
        for name, one in sums.items()
        if sum(one) > 0
    }
    return _Settled(factors, error)


def _parts(
    account: Statement,
    lines: Sequence[Line],
    settled: _Settled,
    devices: Quantity,
    cards: tuple[Chip | None, Chip | None],
    time: Quantity,
) -> Iterator[Part]:
    """The energy of the accelerators, and of each other kind of device, over all of the time."""
    duration = account.duration
    assert duration is not None  # noqa: S101 - as the caller looked
    by_kind: dict[str, list[Quantity]] = {}
    for line in lines:
        watts = (line.quantity / duration.to("s")).to("W") * Quantity.exact(settled.factors.get(line.device, 1.0))
        by_kind.setdefault(line.device_kind, []).append(watts)
    own, card = cards
    metered_devices = len(by_kind.get("gpu", ())) or 1
    later = _later(account, settled.error)
    part_of = f"mean power of run {_called(account)}"
    for kind, powers in by_kind.items():
        scale, words = devices / Quantity.exact(metered_devices, "device"), ""
        if kind == "gpu" and card is not None and own is not None:
            words = f"{devices.value:g} x {card.label}"
            if card is not own and own.tdp is not None and card.tdp is not None:
                scale = scale * (card.tdp / own.tdp) * _leaf(_OTHER_KIND, f"power of {card.label} over its TDP")
        elif "gpu" in by_kind and kind != "gpu":
            scale = _hosts(devices.value, metered_devices)
        if scale.value > 1:
            scale = scale * _leaf(_OTHERS, "power of other devices of the kind", _NODES.text)
        energy = total(powers, "W") * scale * later * time.to("s")
        yield Part(words or kind, kind, energy.to("J"), part_of)


def _later(account: Statement, error: float) -> Quantity:
    """How the mean power of the whole differs from that of the part that was metered: a factor around 1."""
    half = 1.645 * _WIDER * error
    called = _called(account)
    blocks = Source(f"power over time of {account.run}", f"scatter of the power of run {called} between its parts")
    scatter = Quantity.of(1.0, "1", low=exp(-half), high=exp(half), basis=Basis.MODELLED, source=blocks)
    return scatter.named("scatter of the power") * _leaf(_LATER, "power of a part for the whole", _NODES.text)


def _hosts(devices: float, seen: int) -> Quantity:
    """How many times the host of so many devices draws what that of those seen drew: by devices, or by servers."""
    most = devices / seen
    if most <= 1:
        return Quantity.exact(most)
    least = max(1.0, min(most, ceil(devices / max(seen, _SERVER))))
    if least == most:
        return Quantity.exact(most)
    return _leaf((least, most), "servers of the whole", f"between one for {_SERVER} accelerators and one for {seen}")


def _leaf(ends: tuple[float, float], name: str, text: str = "") -> Quantity:
    """An assumed factor between these ends."""
    source = Source(name, text or name)
    return Quantity.of(
        sqrt(ends[0] * ends[1]), "1", low=ends[0], high=ends[1], basis=Basis.ASSUMED, source=source, name=name
    )


def _warned(account: Statement, lines: Sequence[Line]) -> Iterator[str]:
    """What a reader has to know of the run."""
    called = _called(account)
    seconds = account.duration.to("s").value if account.duration is not None else 0.0
    if seconds < _SHORT_S:
        yield f"run {called} lasted {seconds:.3g} s: some minutes tell its power better"
    if account.shared_with:
        yield f"run {called} shared its machine: only its own share is scaled"
    for line in lines:
        if line.quantity.basis <= Basis.MODELLED:
            yield f"{line.device} of run {called} was not measured: {line.quantity.basis}, {line.method}"
