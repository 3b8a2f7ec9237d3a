"""`serving`: what requests to a model take, by what is known of it: energy, latency and cost of each."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, NamedTuple, Unpack

from joulebook.account.terms import Statement
from joulebook.errors import ConfigError
from joulebook.estimate.amounts import Asked, amount, amount_or_none, only, untold
from joulebook.estimate.chip import Chip, chip, of_power
from joulebook.estimate.serve.device import is_small
from joulebook.estimate.serve.language import Answer, Setting, answered, coefficients
from joulebook.estimate.serve.load import (
    Lengths,
    Room,
    attentions_of,
    batch_of,
    checked_rate,
    copies_of,
    crowded,
    lengths,
    rather_copies,
    room,
)
from joulebook.estimate.serve.model import Served, served
from joulebook.estimate.serve.pictures import KINDS, picture_work
from joulebook.estimate.serve.precision import Precision, figures_of, precision_of
from joulebook.estimate.serve.roofline import Load, times
from joulebook.estimate.serve.small import small_work
from joulebook.estimate.serve.traffic import Traffic, traffic
from joulebook.estimate.stated import Part, Place, Work, catalog_of, stated
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Basis, Quantity, Source

_ONE: Final = untold("requests", 1.0, "request", "what is counted is one", Basis.REPORTED)
_HOST: Final = "parameter.host-over-accelerator"
_MOST: Final = 1e15
"""Requests."""


class Requests(Place, total=False):
    """What is known of requests and of what serves them; what is not said is assumed with a range, or asked for."""

    model: str
    """By name: Qwen3-8B, deepseek-ai/DeepSeek-R1; FLUX.1-dev for kind image."""
    params: Asked
    """Parameters, of a model that has no card."""
    count: Asked
    """Devices that share the model; as many as hold it unless given."""
    tensor_parallel: Asked
    """Devices between which the matrices of one copy of the model are divided."""
    expert_parallel: Asked
    """Devices between which its experts are divided: mostly the same."""
    data_parallel: Asked
    """Copies of the model, which share the batch."""
    batch: Asked
    """Requests that are worked on at once, on average."""
    requests: Asked
    """That are counted; 1 unless given."""
    busy: Asked
    """Share of the time in which there is work."""
    host: Asked
    """Energy of the servers around accelerators, over that of accelerators."""
    name: str
    active: Asked
    """Parameters that one token uses, of a mixture of experts."""
    precision: str
    """Of the weights: bf16, fp8, mxfp4, int4."""
    task: str
    """A workload whose lengths were measured: chat, reasoning, code, image-chat, video-chat."""
    tokens_in: Asked
    """Of a prompt, without what a cache of prompts has."""
    tokens_out: Asked
    concurrency: Asked
    """Requests that are taken at once at most, with more waiting."""
    rate: Asked
    """Requests that arrive in a second."""
    device_power: Asked
    """W of each accelerator at work."""
    shared_host: bool
    """Whether eight servers of one accelerator share their host."""
    steps: Asked
    """Of a picture or film."""
    size: str
    frames: Asked
    fps: Asked
    guidance: bool
    squeeze: Asked
    flop: Asked
    """Of an image that is classified."""


_TEXT: Final = frozenset(
    (
        *("active", "precision", "task", "tokens_in", "tokens_out", "concurrency", "rate"),
        *("device_power", "shared_host", "tensor_parallel", "expert_parallel", "data_parallel"),
    )
)
_DRAWN: Final = frozenset(("steps", "size", "frames", "fps", "guidance", "squeeze", "flop"))


class Asking(NamedTuple):
    """What is known of requests to a language model; None is not said."""

    device: str = ""
    model: str = ""
    params: Asked | None = None
    devices: Asked | None = None
    tensor_parallel: Asked | None = None
    expert_parallel: Asked | None = None
    data_parallel: Asked | None = None
    batch: Asked | None = None
    requests: Asked = _ONE
    busy: Asked | None = None
    host: Asked | None = None
    name: str = ""
    active: Asked | None = None
    precision: str = ""
    task: str = ""
    tokens_in: Asked | None = None
    tokens_out: Asked | None = None
    concurrency: Asked | None = None
    rate: Asked | None = None
    device_power: Asked | None = None
    shared_host: bool | None = None


def serving(*, kind: str = "text", device: str = "", **known: Unpack[Requests]) -> Statement:
    """The account of requests to a model that `count` devices serve together, as the statement of a run is.

    `kind` "text" is a language model: by name, or by `params` and the `active` ones that a token uses; lengths in
    tokens, or a `task` whose lengths were measured; `batch` requests are worked on at once on average, or `concurrency`
    or `rate` say how many. Kinds "image" and "video" take `steps`, `size`, `frames`, `fps`, `guidance`, "classify"
    takes `flop`. `rates` has energy, carbon, cost and latency of each request and token. Raises `ConfigError` for
    what is missing, contradictory or does not fit, `FactNotFound` for unknown names.
    """
    only(known, (*Requests.__annotations__, "kind", "device"))
    said: dict[str, Any] = {name: value for name, value in known.items() if value not in (None, "")}
    place: Place = {name: said.pop(name) for name in Place.__annotations__ if name in said}  # type: ignore[assignment]
    catalog = catalog_of(place)
    odd = sorted(said.keys() & (_DRAWN if kind == "text" else _TEXT))
    if odd:
        raise ConfigError(f"{', '.join(odd)}: not of kind {kind}; the kinds are text, {', '.join(KINDS)}")
    requests = said.get("requests", _ONE)
    if kind == "text":
        if "count" in said:
            said["devices"] = said.pop("count")
        work = work_of(catalog, Asking(device=device, **said))
    else:
        common = {name: said.pop(name) for name in ("count", "requests", "host", "busy", "name") if name in said}
        work = picture_work(catalog, kind, said, device=device, **common)  # type: ignore[arg-type] # the rest is of it
    return _each(stated(work, place), requests)


def _each(statement: Statement, requests: Asked) -> Statement:
    """With what one request comes to."""
    number = amount("requests", requests, "request", most=_MOST) / Quantity.exact(1.0, "request")
    rates = dict(statement.rates)
    for figure in ("energy", "carbon", "cost", "cost_hire", "water"):
        found = getattr(statement, figure)
        if found is not None:
            rates[f"{figure}_per_request"] = (found / number).named(f"{figure}_per_request")
    return statement._replace(rates=rates)


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
    if is_small(card) and card.tdp is not None:
        word = precision_of(asking.precision).name if asking.precision else model.native
        work = small_work(catalog, model, card, asked, precision=word, requests=requests, name=asking.name)
        return work._replace(warnings=[*work.warnings, *_unused(asking)])
    kept = precision_of(asking.precision or model.native or "bf16")
    each, copies = copies_of(asking.devices, asking.tensor_parallel, asking.expert_parallel, asking.data_parallel)
    fits = room(model, card, kept, asked, each)
    asked = crowded(catalog, asked, asking.task, card, fits.devices, shared=asking.shared_host)
    power = amount_or_none("device_power", asking.device_power, "W", most=1e5)
    figures, said = figures_of(card, kept, power)
    said += of_power(card, power) if power is not None else []
    setting = Setting(
        model=model,
        card=card,
        figures=figures,
        load=_load(model, kept, asked, fits)._replace(
            attentions=attentions_of(model, fits.devices, asking.tensor_parallel)
        ),
        batch=Quantity.exact(1.0, "request"),
        most=max(1.0, fits.requests),
        tokens_in=asked.tokens_in,
        tokens_out=asked.tokens_out,
    )
    batch, flow, doubts = _batch(catalog, asking, setting, fits._replace(copies=copies))
    answer = answered(catalog, setting._replace(batch=batch), power)
    undivided = asking.tensor_parallel is None and asking.expert_parallel is None and asking.devices is not None
    doubts += rather_copies(fits) if undivided and copies == 1 else []
    warnings = [*model.warnings, *fits.warnings, *asked.warnings, *said, *doubts]
    count = fits.devices * flow.replicas
    name = asking.name or f"{model.label} in {kept.name} on {count:g} x {card.label}"
    return _work(catalog, asking, _Case(card, fits, flow, answer, asked, batch, requests, name, warnings))


def _unused(asking: Asking) -> list[str]:
    """What was said of the load of a small device, which works on one request at a time."""
    named = ("batch", "concurrency", "rate", "busy", "host", "device_power", "devices")
    found = [name.replace("devices", "count") for name in named if str(getattr(asking, name)) not in {"None", "1"}]
    return [f"{', '.join(found)}: not used for a processor, a phone or a board"] if found else []


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
        return batch, Traffic(batch.value, busy.value if busy is not None else 1.0, int(fits.copies)), said
    if asking.batch is not None or asking.concurrency is not None or busy is not None:
        raise ConfigError("rate says how many requests are in work at once: leave out batch, concurrency and busy")
    rate = checked_rate(asking.rate) / fits.copies
    flow = traffic(rate, partial(_latency, catalog, setting), fits.requests)
    flow = flow._replace(replicas=flow.replicas * int(fits.copies))
    said = []
    if flow.replicas > fits.copies:
        said.append(
            f"this load needs {flow.replicas} copies of the model, {flow.replicas * fits.devices:g} accelerators"
        )
    law = Source(
        "batch by Little's law",
        f"from the given rate, {asking.rate} requests a second: so many at once that none piles up",
    )
    batch = Quantity.of(flow.batch, "request", basis=Basis.MODELLED, source=law, name="batch")
    return batch, flow, said


def _devices(asking: Asking, count: float) -> Quantity:
    """Accelerators in use, as given or as few as hold the model and its load."""
    words = "given, count" if asking.devices is not None else "joulebook: as few as hold the model and bear the load"
    source = Source("devices of a server", f"{words}: {count:g}")
    return Quantity.of(count, "device", basis=Basis.REPORTED, source=source, name="accelerators")


def _latency(catalog: Catalog, setting: Setting, batch: float) -> float:
    """Seconds of a request at a batch."""
    load = setting.load._replace(batch=batch)
    step = times(coefficients(catalog), setting.model.architecture, setting.figures.plain(), load).total()
    return step * load.tokens_out


def _work(catalog: Catalog, asking: Asking, case: _Case) -> Work:
    """Parts, time held and rates: accelerators at work, accelerators that wait, hosts."""
    number = case.requests / Quantity.exact(1.0, "request")
    answer, busy, copies = case.answer, case.flow.busy, case.flow.replicas
    devices = case.fits.devices * copies
    label = f"{devices:g} x {case.card.label}"
    at_work = (answer.energy * number).named("accelerators at work")
    each = Quantity.exact(1 / (busy * copies), name="1 / (share of time at work x copies)")
    held = (answer.held * number * each).named("duration")
    parts = [Part(label, "gpu", at_work, "roofline and power, fitted to measured servers")]
    around = at_work
    missing = []
    if busy < 1 and case.card.idle is None:
        missing.append(f"accelerators that wait: nothing is known of the idle power of {case.card.label}")
    elif busy < 1 and case.card.idle is not None:
        waiting = (case.card.idle * held * (devices * (1 - busy))).to("J").named("accelerators that wait")
        parts.append(Part(f"{label}, waiting", "gpu", waiting, "idle power for the time without requests"))
        around = at_work + waiting
    elif asking.rate is None and asking.busy is None:
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
        device_hours=(held * _devices(asking, devices)).to("device-h").named("device_hours"),
        parts=parts,
        chip=case.card,
        devices=devices,
        rates={name: rate.named(name) for name, rate in rates.items()},
        not_included=missing,
        warnings=case.warnings,
    )
