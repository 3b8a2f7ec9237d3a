"""What a server is asked: workload, lengths, how many requests at once, how many accelerators; and whether it fits."""

from __future__ import annotations

from math import ceil, isfinite
from typing import Final, NamedTuple

from joulebook.errors import ConfigError
from joulebook.estimate.amounts import Asked, amount, amount_or_none
from joulebook.estimate.chip import Chip
from joulebook.estimate.serve.language import FITTED
from joulebook.estimate.serve.model import Served
from joulebook.estimate.serve.precision import Precision
from joulebook.estimate.serve.roofline import SERVER
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Basis, Quantity, Source

TASKS: Final = {
    "chat": "lm-arena-chat",
    "reasoning": "gpqa",
    "code": "sourcegraph-fim",
    "image-chat": "image-chat",
    "video-chat": "video-chat",
}
"""Workloads whose lengths were measured: the answers of each are as long as its models made them."""
_USUAL: Final = "chat"
_UNSAID: Final = (
    "lengths are not given: {} as long as those of chats are taken; give tokens_in and tokens_out, or task ({})"
)
_CROWDED: Final = ("gpqa", "image-chat")
"""Workloads whose runs on single B200 waited for the host."""
_USABLE: Final = 0.92
"""Of the memory; the rest is for what is in between."""
_ROOM: Final = 0.2
"""Of the memory that is left for requests where the number of accelerators is not given."""
_MOST: Final = 1024
_BEYOND: Final = 3.0
"""Times the room that a batch may be said to have: servers report those that wait as running, too."""
_DIVIDED: Final = 4
"""Times the accelerators that hold a model: more are rather copies of it."""
_PROMPT: Final = (300.0, 50.0, 2000.0)
"""Tokens of a prompt that nobody has told of, and their range."""


class Lengths(NamedTuple):
    """Of one request."""

    tokens_in: Quantity
    tokens_out: Quantity
    media: float = 0.0
    """Seconds of the host for its picture or film."""
    pace: float = 0.0
    """Seconds of the host for a step."""
    warnings: tuple[str, ...] = ()


def task_of(word: str) -> str:
    """The measured workload of that name; raises `ConfigError` for one that is none."""
    plain = word.strip().lower()
    found = TASKS.get(plain, plain)
    if found not in TASKS.values():
        raise ConfigError.bad("task", word, f"one of {', '.join((*TASKS, *TASKS.values()))}")
    return found


def lengths(catalog: Catalog, task: str, tokens_in: Asked | None, tokens_out: Asked | None) -> Lengths:
    """Tokens of prompt and answer as they are given, else those of the workload; of chats where none is named."""
    asked = amount_or_none("tokens_in", tokens_in, "token", least=-1e-9, most=1e8)
    if asked is not None and not asked.is_exact and asked.low <= 0:
        raise ConfigError.bad("tokens_in", tokens_in, "a range above 0; no prompt at all is 0")
    answer = amount_or_none("tokens_out", tokens_out, "token", least=0.5, most=1e7)
    if not task and answer is not None:
        return Lengths(asked if asked is not None else _prompt(), answer)
    kind = task_of(task or _USUAL)
    said = () if task else (_UNSAID.format("prompts and answers" if asked is None else "answers", ", ".join(TASKS)),)
    known = {name: catalog.find(FITTED, name) for name in (f"tokens_in.{kind}", f"tokens_out.{kind}")}
    read, written = (fact.quantity().named(name.partition(".")[0]) for name, fact in known.items())
    properties = catalog.properties(FITTED)
    media = catalog.find(FITTED, f"media.{kind}").value if f"media.{kind}" in properties else 0.0
    return Lengths(asked if asked is not None else read, answer if answer is not None else written, media, 0.0, said)


def crowded(catalog: Catalog, found: Lengths, task: str, card: Chip, devices: float, *, shared: bool | None) -> Lengths:
    """With a host that eight servers of one accelerator share, as the workloads were measured on B200.

    `shared` says whether the host is shared so; None: as it was measured, where a workload is named.
    """
    alone = devices == 1 and "-b200" in card.subject
    if shared is False or (shared is None and not (alone and task)):
        return found
    paced = shared or task_of(task) in _CROWDED
    media = found.media * catalog.find(FITTED, "crowded.media").value
    pace = catalog.find(FITTED, "crowded.pace").value if paced else 0.0
    if not (media or pace):
        return found
    said = (
        "its host is shared by eight servers of one accelerator each, as where this workload was measured: "
        f"{1000 * pace:.0f} ms for a step; shared_host=False is a host of its own"
    )
    return found._replace(media=media, pace=pace, warnings=(*found.warnings, said))


def _prompt() -> Quantity:
    value, low, high = _PROMPT
    source = Source("tokens of a prompt", "not given: prompts of chats and documents; give tokens_in, and it is gone")
    return Quantity.of(value, "token", low=low, high=high, basis=Basis.ASSUMED, source=source, name="tokens_in")


class Room(NamedTuple):
    """Accelerators, and how many requests their memory has room for."""

    devices: float
    requests: float
    """Of one copy of the model."""
    warnings: tuple[str, ...] = ()
    copies: float = 1.0
    enough: float = 1.0
    """Accelerators that would hold it."""


def room(model: Served, card: Chip, precision: Precision, asked: Lengths, count: Asked | None) -> Room:
    """The accelerators that a model is divided between, and the requests that fit beside its weights.

    Raises `ConfigError` where the weights do not fit, with what would do.
    """
    weights = model.architecture.total * precision.weight_bytes / 1e9
    memory = card.memory.to("GB").value if card.memory is not None else None
    if memory is None:
        if count is None:
            raise ConfigError(f"the catalogue has no memory of {card.label}: give count")
        return Room(_whole("count", count), float("inf"))
    usable = _USABLE * memory
    enough = _power_of_two(weights / usable)
    if count is None:
        devices = _power_of_two(weights / (usable * (1 - _ROOM)))
        if devices > _MOST:
            raise ConfigError(f"{model.label} has {weights:,.0f} GB of weights: no server holds them; check params")
    else:
        devices = _whole("count", count)
    if weights > usable * devices:
        raise ConfigError(_too_small(model, card, weights, usable, devices, enough))
    context = asked.tokens_in.value + asked.tokens_out.value / 2
    kept = model.architecture.cache_bytes(context) / 1e9
    said = []
    if count is None and devices > 1:
        said.append(f"count is not given: {model.label} is divided between {devices:g}")
    if devices > SERVER:
        said.append(f"no model on more than {SERVER} accelerators was metered for these estimates: the range is wider")
    return Room(devices, max(0.0, (usable * devices - weights) / kept), tuple(said), enough=enough)


def rather_copies(fits: Room) -> list[str]:
    """Whether so many accelerators, of which nobody said what they share, are rather copies of the model."""
    if fits.devices < _DIVIDED * fits.enough:
        return []
    copies = fits.devices // fits.enough
    holds = (
        f"one copy of the model is divided between {fits.devices:g} accelerators, though {fits.enough:g} would hold it"
    )
    return [f"{holds}; if there are copies of it, give data_parallel {copies:g}"]


def copies_of(
    count: Asked | None, tensor: Asked | None, expert: Asked | None, data: Asked | None
) -> tuple[Asked | None, float]:
    """Accelerators that share one copy of the model, and its copies, from the degrees of parallelism.

    Tensor and expert parallelism divide a copy, data parallelism makes copies. Raises `ConfigError` where they
    contradict the count.
    """
    degrees = {"tensor_parallel": tensor, "expert_parallel": expert, "data_parallel": data}
    found = {name: _whole(name, asked) for name, asked in degrees.items() if asked is not None}
    copies = found.pop("data_parallel", 1.0)
    if not found:
        if count is None or copies == 1:
            return count, copies
        each = _whole("count", count) / copies
        if each != int(each):
            raise ConfigError(f"count = {count} is not a multiple of data_parallel = {copies:g}")
        return each, copies
    each = max(found.values())
    if copies > 1 and each == found.get("tensor_parallel", 1.0) * copies:
        copies = 1.0  # attention in copies, experts divided between all devices: one model
    if count is not None and _whole("count", count) != each * copies:
        named = ", ".join(f"{name} = {value:g}" for name, value in found.items())
        raise ConfigError(f"count = {count}, but {named} and data_parallel = {copies:g} make {each * copies:g}")
    return each, copies


def attentions_of(model: Served, devices: float, tensor: Asked | None) -> float:
    """Copies of the attention of a model whose experts are divided between so many accelerators.

    Without a degree of tensor parallelism there is one in each server of eight; with a latent, which cannot be divided,
    one on each accelerator as soon as there are several servers.
    """
    shape = model.architecture
    if not shape.experts:
        return 1.0
    if tensor is not None:
        return max(1.0, devices / _whole("tensor_parallel", tensor))
    return 1.0 if devices <= SERVER else devices if shape.latent else devices / SERVER


def _too_small(model: Served, card: Chip, weights: float, usable: float, devices: float, enough: float) -> str:
    total = model.architecture.total / 1e9
    bytes_ = next(
        (
            name
            for name, size in (("fp8", 1.0), ("int4", 0.5625))
            if total * size <= usable * devices and size < weights / total
        ),
        "",
    )
    fewer = f", or precision {bytes_}" if bytes_ else ""
    return (
        f"{model.label} does not fit: {weights:,.0f} GB of weights in {devices:g} x {usable:.0f} GB of {card.label}; "
        f"give count {enough:g}{fewer}"
    )


def _power_of_two(least: float) -> float:
    found = 1.0
    while found < least:
        found *= 2
    return found


def _whole(name: str, asked: Asked) -> float:
    found = amount(name, asked, "device", least=1.0, most=1e5)
    if not found.is_exact or found.value != int(found.value):
        raise ConfigError.bad(name, asked, "a whole number of accelerators")
    return found.value


def batch_of(
    catalog: Catalog, batch: Asked | None, concurrency: Asked | None, fits: Room, model: Served
) -> tuple[Quantity, list[str]]:
    """Requests that are worked on at once, on average, and what a reader has to know.

    `concurrency` is the most that the server takes at once, and that many wait. Without either it is as unknown as of
    any service. Raises `ConfigError` where the memory has no room for so many.
    """
    if batch is not None and concurrency is not None:
        raise ConfigError("batch is the average, concurrency the most at once: give one of them")
    name = "batch" if batch is not None else "concurrency"
    asked = batch if batch is not None else concurrency
    checked_room(fits, model)
    if asked is None:
        fact = catalog.find("parameter.batch-size", "value")
        return fact.quantity().named("batch"), ["batch is not given: it is what changes the energy most; give batch"]
    found = amount(name, asked, "request", least=0.999, most=1e6) / fits.copies
    most = fits.requests
    if found.value <= most * 1.05:
        return found.named("batch"), []
    if name == "batch" and found.value > _BEYOND * most / _slack(model):
        need = ceil(fits.devices * found.value / max(most, 1e-9)) if most >= 1 else 2 * fits.devices
        raise ConfigError(
            f"batch = {found.value:g} does not fit: beside the weights there is room for {most:.0f} requests of that "
            f"length; give a smaller batch, or count {need:g}"
        )
    said = f"{name} = {found.value:g} is more than the memory has room for: {most:.0f} are worked on, the rest waits"
    return found.named("batch"), [said]


def checked_room(fits: Room, model: Served) -> None:
    """Raise a `ConfigError` where one request does not fit beside the weights."""
    if fits.requests < _slack(model):
        raise ConfigError(
            "beside the weights there is no room for a request of that length: give a larger count, or fewer tokens"
        )


def _slack(model: Served) -> float:
    """How much less than is thought a model may cache of a token, where that is not known."""
    return model.cache.low if model.cache is not None else 1.0


def checked_rate(rate: Asked) -> float:
    """Requests per second; `ConfigError` for what is none."""
    found = amount("rate", rate, "1", least=0.0, most=1e9)
    if not found.is_exact or not isfinite(found.value):
        raise ConfigError.bad("rate", rate, "one number of requests per second")
    return found.value
