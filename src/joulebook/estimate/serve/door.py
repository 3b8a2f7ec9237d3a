"""`serving`: what requests to a model take, by what is known of it: energy, latency and cost of each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final, NamedTuple, Unpack, cast

from joulebook.account.terms import Statement
from joulebook.errors import ConfigError
from joulebook.estimate.amounts import Asked, amount, amount_or_none
from joulebook.estimate.chip import Chip, chip
from joulebook.estimate.serve.device import is_small
from joulebook.estimate.serve.kinds import TEXT, kind_of, pictured, small_work, with_rates
from joulebook.estimate.serve.device import is_small
from joulebook.estimate.serve.language import Answer, Setting, answered, coefficients
from joulebook.estimate.serve.load import Lengths, Room, batch_of, checked_rate, crowded, lengths, room
from joulebook.estimate.serve.model import Served, served
from joulebook.estimate.serve.pictures import KINDS, picture_work
from joulebook.estimate.serve.pictures import Drawing
from joulebook.estimate.serve.precision import Precision, device_of, precision_of
from joulebook.estimate.serve.roofline import Load, times
from joulebook.estimate.serve.small import small_work
from joulebook.estimate.serve.traffic import Traffic, traffic
from joulebook.estimate.stated import Part, Place, Work, catalog_of, stated
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Quantity

_HOST: Final = "parameter.host-over-accelerator"
_MOST: Final = 1e15
"""Requests."""


class More(Drawing, Place, total=False):
    """What pictures and films have besides, and the place."""


class Asking(NamedTuple):
    """What is known of a service of a language model; None is not said."""

    model: str = ""
    params: Asked | None = None
    active: Asked | None = None
    precision: str = ""
    device: str = ""
    devices: Asked | None = None
    task: str = ""
    tokens_in: Asked | None = None
    tokens_out: Asked | None = None
    batch: Asked | None = None
    concurrency: Asked | None = None
    rate: Asked | None = None
    busy: Asked | None = None
    device_power: Asked | None = None
    host: Asked | None = None
    shared_host: bool | None = None
    requests: Asked = 1
    name: str = ""


def serving(  # noqa: PLR0913 - what people know of a service
    *,
    kind: str = "text",
    model: str = "",
    params: Asked | None = None,
    active: Asked | None = None,
    precision: str = "",
    device: str = "",
    count: Asked | None = None,
    task: str = "",
    tokens_in: Asked | None = None,
    tokens_out: Asked | None = None,
    batch: Asked | None = None,
    concurrency: Asked | None = None,
    rate: Asked | None = None,
    busy: Asked | None = None,
    device_power: Asked | None = None,
    host: Asked | None = None,
    shared_host: bool | None = None,
    steps: Asked | None = None,
    size: str | None = None,
    frames: Asked | None = None,
    fps: Asked | None = None,
    guidance: bool | None = None,
    squeeze: Asked | None = None,
    flop: Asked | None = None,
    requests: Asked = 1,
    name: str = "",
    **place: Unpack[Place],
) -> Statement:
    """The account of `requests` requests to a model that `count` devices serve together.

    `kind` "text" is a language model: by name, or by `params` and the `active` ones that a token uses. Lengths in
    tokens, or a `task` whose lengths were measured. `batch` requests are worked on at once on average; otherwise
    `concurrency` (the most at once, more waiting) or `rate` (arriving per second) say so. `device_power` in W while
    they work, `busy` the share of the time in which there is work, `host` the energy of servers around over theirs.
    Kinds "image" and "video" take `steps`, `size`, `frames`, `fps`, `guidance`, `squeeze`, and "classify" `flop`.
    `rates` has energy, carbon, cost, latency for each request and token. Raises `ConfigError` for what is missing,
    contradictory or does not fit, `FactNotFound` for unknown names.
    """
    text = {
        "active": active,
        "precision": precision,
        "task": task,
        "tokens_in": tokens_in,
        "tokens_out": tokens_out,
        "concurrency": concurrency,
        "rate": rate,
        "device_power": device_power,
        "shared_host": shared_host,
    }
    drawing = {
        "steps": steps,
        "size": size,
        "frames": frames,
        "fps": fps,
        "guidance": guidance,
        "squeeze": squeeze,
        "flop": flop,
    }
    both = {"model": model, "params": params, "batch": batch}
    common = {"device": device, "busy": busy, "host": host, "requests": requests, "name": name}
    catalog = catalog_of(place)
    if kind == "text":
        _only(kind, drawing)
        asking = Asking(**both, **text, **common, devices=count)  # type: ignore[arg-type] # the names of its fields
        work = work_of(catalog, asking)
    else:
        _only(kind, text)
        asked = {name: value for name, value in {**both, **drawing}.items() if value not in (None, "")}
        work = picture_work(catalog, kind, asked, count=1 if count is None else count, **common)  # type: ignore[arg-type]
    return _each(stated(work, place), requests)


def _only(kind: str, odd: Mapping[str, object]) -> None:
    """Refuse what belongs to another kind."""
    given = [name for name, value in odd.items() if value not in (None, "")]
    if given:
        raise ConfigError(f"{', '.join(given)}: not of kind {kind}; the kinds are text, {', '.join(KINDS)}")


def _each(statement: Statement, requests: Asked) -> Statement:
    """With what one request comes to."""
    number = amount("requests", requests, "request", most=_MOST) / Quantity.exact(1.0, "request")
    rates = dict(statement.rates)
    for figure in ("energy", "carbon", "cost", "cost_hire", "water"):
        found = getattr(statement, figure)
        if found is not None:
            rates[f"{figure}_per_request"] = (found / number).named(f"{figure}_per_request")
    return statement._replace(rates=rates)


def _apart(more: More) -> tuple[Place, dict[str, object]]:
    """The place, and what is drawn."""
    drawing = {name: value for name, value in more.items() if name in Drawing.__annotations__}
    place = {name: value for name, value in more.items() if name not in drawing}
    return cast("Place", place), drawing


def work_of(catalog: Catalog, asking: Asking) -> Work:
    """Requests to a language model as a piece of work that has no place yet.

    Raises `ConfigError` for what is missing, contradictory or does not fit, `FactNotFound` for unknown names.
    """
    if not asking.device:
        raise ConfigError("which accelerator is not known: give device (H100, B200, L4)")
    model = served(catalog, asking.model, asking.params, asking.active)
    card = chip(asking.device, catalog)
    asked = lengths(catalog, asking.task, asking.tokens_in, asking.tokens_out)
    requests = amount("requests", asking.requests, "request", least=1e-9, most=_MOST)
    if is_small(card):
        word = precision_of(asking.precision).name if asking.precision else model.native
        return small_work(catalog, model, card, asked, precision=word, requests=requests, name=asking.name)
    kept = precision_of(asking.precision or model.native or "bf16")
    fits = room(model, card, kept, asked, asking.devices)
    asked = crowded(catalog, asked, asking.task, card, fits.devices, shared=asking.shared_host)
    power = amount_or_none("device_power", asking.device_power, "W", most=1e5)
    device, said = device_of(card, kept, power.value if power is not None else None)
    setting = Setting(
        model=model,
        card=card,
        device=device,
        load=_load(model, kept, asked, fits),
        batch=Quantity.exact(1.0, "request"),
        most=max(1.0, fits.requests),
        tokens_in=asked.tokens_in,
        tokens_out=asked.tokens_out,
    )
    batch, flow, doubts = _batch(catalog, asking, setting, fits)
    answer = answered(catalog, setting._replace(batch=batch), power)
    warnings = [*model.warnings, *fits.warnings, *asked.warnings, *said, *doubts]
    name = asking.name or f"{model.label} in {kept.name} on {fits.devices:g} x {card.label}"
    return _work(catalog, asking, _Case(card, fits, flow, answer, asked, batch, requests, name, warnings))


class _Case(NamedTuple):
    """What was found, on its way into parts."""

    card: Chip
    fits: Room
    flow: Traffic
    answer: Answer
    asked: Lengths
    batch: Quantity
    requests: Quantity
    name: str
    warnings: list[str]


def _load(model: Served, kept: Precision, asked: Lengths, fits: Room) -> Load:
    shape = model.architecture
    return Load(
        batch=1.0,
        tokens_in=asked.tokens_in.value,
        tokens_out=asked.tokens_out.value,
        devices=fits.devices,
        weight_bytes=kept.weight_bytes,
        untuned=float(kept.name in ("fp8", "int8") and shape.experts > 0 and not shape.latent),
        media=asked.media,
        pace=asked.pace,
    )


def _batch(catalog: Catalog, asking: Asking, setting: Setting, fits: Room) -> tuple[Quantity, Traffic, list[str]]:
    """Requests at once, how busy the accelerators are, and what a reader has to know."""
    busy = amount_or_none("busy", asking.busy, "1", most=1.0)
    if asking.rate is None:
        batch, said = batch_of(catalog, asking.batch, asking.concurrency, fits, setting.model)
        return batch, Traffic(batch.value, busy.value if busy is not None else 1.0, 1), said
    if asking.batch is not None or asking.concurrency is not None or busy is not None:
        raise ConfigError("rate says how many requests are in work at once: leave out batch, concurrency and busy")
    flow = traffic(checked_rate(asking.rate), partial(_latency, catalog, setting), fits.requests)
    said = []
    if flow.replicas > 1:
        said.append(
            f"this load needs {flow.replicas} copies of the model, {flow.replicas * fits.devices:g} accelerators"
        )
    return Quantity.exact(flow.batch, "request", "batch"), flow, said


def _latency(catalog: Catalog, setting: Setting, batch: float) -> float:
    """Seconds of a request at a batch."""
    load = setting.load._replace(batch=batch)
    step = times(coefficients(catalog), setting.model.architecture, setting.device, load).total()
    return step * load.tokens_out


def _work(catalog: Catalog, asking: Asking, case: _Case) -> Work:
    """Parts, time held and rates: accelerators at work, accelerators that wait, hosts."""
    number = case.requests / Quantity.exact(1.0, "request")
    answer, devices, busy = case.answer, case.fits.devices, case.flow.busy
    label = f"{devices * case.flow.replicas:g} x {case.card.label}"
    at_work = (answer.energy * number).named("accelerators at work")
    held = (answer.held * number * (1 / busy)).named("duration")
    parts = [Part(label, "gpu", at_work, "roofline and power, fitted to measured servers")]
    around = at_work
    missing = []
    if busy < 1 and case.card.idle is not None:
        waiting = (case.card.idle * held * (devices * (1 - busy))).to("J").named("accelerators that wait")
        parts.append(Part(f"{label}, waiting", "gpu", waiting, "idle power for the time without requests"))
        around = at_work + waiting
    elif busy == 1:
        missing.append("accelerators that wait for requests (give rate, or busy)")
    share = amount_or_none("host", asking.host, "1", least=-1e-9, most=100.0)
    share = share if share is not None else catalog.find(_HOST, "value").quantity().named("host over accelerators")
    if share.value > 0:
        parts.append(Part("host", "cpu", (around * share).to("J"), "share of the servers around accelerators"))
    token = case.asked.tokens_out / Quantity.exact(1.0, "token")
    rates = {
        "accelerator_energy_per_token": answer.energy / token,
        "accelerator_energy_per_request": answer.energy,
        "latency": answer.latency,
        "time_to_first_token": answer.first,
        "time_per_token": answer.step,
        "accelerator_power": answer.power,
        "batch": case.batch,
        "tokens_in": case.asked.tokens_in,
        "tokens_out": case.asked.tokens_out,
    }
    return Work(
        name=case.name,
        duration=held,
        device_hours=(held * Quantity.exact(devices, "device")).to("device-h").named("device_hours"),
        parts=parts,
        chip=case.card,
        devices=devices,
        rates={name: rate.named(name) for name, rate in rates.items()},
        not_included=missing,
        warnings=case.warnings,
    )
