"""The forecast of a run as a user has it: priced by the rules and the facts of its statement.

What each device has used so far grows by one factor, that of the remaining time; carbon and cost follow from the
energy by `account`, as they will when the run has ended.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from joulebook import settings as settings_room
from joulebook.account.statement import Statement, state
from joulebook.entry import Entry
from joulebook.facts.catalog import Catalog
from joulebook.index.priced import context_of
from joulebook.meter.forecasting.outlook import Range
from joulebook.meter.forecasting.prior import Expected
from joulebook.meter.live import known
from joulebook.meter.measured import Measurement
from joulebook.meter.opening import Opened
from joulebook.quantity import Basis, Quantity, Source
from joulebook.run.steps import FAULTS, Look, Loop
from joulebook.sensors.base import Channel

_METHOD = "docs/methods/forecasting.md"


class Forecast(NamedTuple):
    """A run at the end of its outermost loop. What is not known is None, and `reason` says why."""

    energy: Quantity | None = None
    duration: Quantity | None = None
    carbon: Quantity | None = None
    cost: Quantity | None = None
    steps: Quantity | None = None
    """The number of the step that ends it: below `total` where an early stop is likely."""
    done: int = 0
    total: int | None = None
    reason: str = ""
    notices: tuple[str, ...] = ()


def forecast_of(opened: Opened | None, loops: Sequence[Loop], *, reason: str = "") -> Forecast:
    """The forecast of a run with these loops, the outermost first. Never raises."""
    if reason:
        return Forecast(reason=reason)
    if opened is None:
        return Forecast(reason="nothing is being recorded")
    if not loops and opened.expected is not None:
        return _expected(opened.expected, "no loop of known length is running: this is the estimate")
    if not loops:
        return Forecast(reason="no loop of known length is running: use run.steps(..., total=N)")
    try:
        return _priced(opened, loops[0].look())
    except FAULTS as error:
        return Forecast(reason=f"no forecast: {type(error).__name__}: {error}")


def _priced(opened: Opened, look: Look) -> Forecast:
    found = look.outlook
    if found.seconds is None:
        return Forecast(done=look.done, total=look.total, reason=found.why)
    duration = _quantity(found.seconds, "s", f"forecast of the time of {opened.run}", "duration")
    known_so_far = Forecast(
        duration=duration,
        steps=_quantity(found.steps, "1", f"forecast of the steps of {opened.run}", "steps") if found.steps else None,
        done=look.done,
        total=look.total,
    )
    share = opened.head.get("share")
    if share in ("process", "allocated"):
        reason = f"energy: what falls to a run whose share is {share} is known at its end"
        if opened.expected is not None:
            return _expected(opened.expected, f"{reason}; this is the estimate", known_so_far)
        return known_so_far._replace(reason=reason)
    used = sum(joules for _, joules in look.devices)
    if opened.expected is not None and used <= 0:
        return _expected(opened.expected, "energy: no readings yet, this is the estimate", known_so_far)
    if found.joules is None or used <= 0:
        return known_so_far._replace(reason="energy: no readings yet")
    factor = Range(*(value / used for value in found.joules))  # the devices were last read a moment ago
    growth = _quantity(factor, "1", f"forecast of the energy of {opened.run}", "growth")
    statement = _statement(opened, look.devices, duration, growth)
    notices = ("the loss of the power supply is not included",) if "id" in _wall(opened) else ()
    return known_so_far._replace(energy=statement.energy, carbon=statement.carbon, cost=statement.cost, notices=notices)


def _expected(expected: Expected, reason: str, known: Forecast | None = None) -> Forecast:
    """What the estimate says, where nothing else is known."""
    said = expected.statement
    found = known or Forecast(duration=_modelled(said.duration))
    energy, carbon, cost = (_modelled(getattr(said, name, None)) for name in ("energy", "carbon", "cost"))
    return found._replace(energy=energy, carbon=carbon, cost=cost, reason=reason)


def _modelled(found: Quantity | None) -> Quantity | None:
    """The figure, known no better than a model tells it: hours that were typed are no observation of this run."""
    if found is None:
        return None
    basis = min(found.basis, Basis.MODELLED)
    source = Source(f"expected {found.name}", "the estimate that the run was started with")
    ends = {"low": found.low, "high": found.high}
    return Quantity.of(found.value, found.unit, **ends, basis=basis, source=source, name=found.name)


def so_far(opened: Opened, devices: Sequence[tuple[Channel, float]], seconds: float) -> Statement:
    """The account of what a run has used until now, by the rules of its statement."""
    duration = Quantity.of(seconds, "s", basis=Basis.MEASURED, source="clock", name="duration")
    return _statement(opened, devices, duration, None)


def _statement(
    opened: Opened, devices: Sequence[tuple[Channel, float]], duration: Quantity, growth: Quantity | None
) -> Statement:
    """The account of a run whose devices have used so much, times their growth."""
    wall = opened.head.get("wall_ns")
    start_ns = wall if isinstance(wall, int) else time.time_ns()
    end_ns = start_ns + round(duration.value * 1e9)
    entries = [
        _entry(opened.run, channel, joules, growth, (start_ns, end_ns)) for channel, joules in devices if joules > 0
    ]
    measured = Measurement(dict(opened.head), start_ns, duration, entries, [], None, [], [], 0)
    context = context_of(measured, Catalog.open(), settings_room.load(lenient=True))
    return state(entries, context._replace(run=opened.run, status="running"))


def _entry(run: str, channel: Channel, joules: float, growth: Quantity | None, window: tuple[int, int]) -> Entry:
    amount = known(channel, joules, "J")
    return Entry(
        id=f"{run}//{channel.device}/{channel.name}/forecast",
        run=run,
        span="",
        device=channel.device,
        start_ns=window[0],
        end_ns=window[1],
        amount=amount if growth is None else amount * growth,
        method=channel.method,
        labels={"kind": channel.kind, "channel": channel.name},
    )


def _wall(opened: Opened) -> dict[str, object]:
    found = opened.head.get("wall")
    return found if isinstance(found, dict) else {}


def _quantity(found: Range, symbol: str, source: str, name: str) -> Quantity:
    return Quantity.of(
        found.value,
        symbol,
        low=found.low,
        high=found.high,
        basis=Basis.MODELLED,
        source=Source(source, _METHOD),
        name=name,
    )
