"""Time and power of one step of a language model that serves a batch, in plain numbers.

No fact and no range is here: the fit (tools/fitting/language.py) and the estimate call the same functions. A step gives
each request of the batch one token; the prompts of new requests are worked off in between, so that their share of it
belongs to the step as well (continuous batching).
"""

from __future__ import annotations

from math import exp, log2
from typing import Final, NamedTuple

CACHE_BYTES: Final = 2.0
"""Of a cached key or value: servers keep them in 16 bits unless told otherwise."""
_STATE_BYTES: Final = 4.0
"""Of a value of a recurrent state."""
_VOCABULARY: Final = 150e3
_LINK: Final = 0.13
"""Bandwidth of the links between devices over that of their memory: H100 450 of 3,350 GB/s, B200 900 of 7,700."""
_BETWEEN: Final = 0.015
"""The same between servers: 400 Gbit/s for each H100."""
SERVER: Final = 8
"""Accelerators that have such links."""
_EXCHANGED: Final = 3.0
"""Bytes of a value on its way to an expert, in 8 bits, and back, in 16 (DeepSeek-AI 2024, arXiv 2412.19437)."""
_PER_WATT: Final = 5.3e9
"""Bytes per second of an H100's memory for each watt above idle: the power of memory is that of its bytes."""
_LEAST: Final = 0.5
"""Of that share: memory that is not stacked takes at least twice the energy for a byte."""
_SHARP: Final = 8.0
"""How abruptly power stops at the rated one."""
_HOST: Final = 3.0
"""How abruptly the slower of host and accelerator sets the pace."""


class Architecture(NamedTuple):
    """What the work of a language model follows from; every figure is in its published configuration."""

    total: float
    """Parameters."""
    active: float
    """Parameters that one token is multiplied with."""
    layers: float
    hidden: float
    cached: float
    """Keys and values of one token in the layers that look at the whole context."""
    heads: float
    """Parts that the cache can be divided into between devices: key-value heads; 1 with a latent."""
    windowed: float = 0.0
    """Keys and values of one token in the layers that look at the last `window` tokens alone."""
    window: float = 0.0
    state: float = 0.0
    """Values of the recurrent states of one request."""
    experts: float = 0.0
    """In each layer, without those that every token uses; 0 of a dense model."""
    chosen: float = 0.0
    """Experts that one token uses."""
    vocabulary: float = 128e3
    latent: float = 0.0
    """1 where attention goes through a latent (MLA), which takes more kernels and comes with kernels of its own."""

    def cache_bytes(self, context: float) -> float:
        """Bytes that a request with that many tokens of context keeps in memory."""
        kept = self.cached * context + self.windowed * min(context, self.window)
        return kept * CACHE_BYTES + self.state * _STATE_BYTES


class Device(NamedTuple):
    """One accelerator."""

    rated: float
    """W."""
    idle: float
    """W."""
    bandwidth: float
    """Bytes per second of its memory."""
    peak: float
    """FLOP per second, dense, in the precision that it computes in."""


class Load(NamedTuple):
    """What is asked of the accelerators that share a model."""

    batch: float
    """Requests that are worked on at once, on average."""
    tokens_in: float
    """Of a prompt, without what a cache of prompts has."""
    tokens_out: float
    devices: float
    """Accelerators that a model is divided between."""
    weight_bytes: float
    """Of one parameter."""
    untuned: float = 0.0
    """1 where experts in 8 bits run in kernels that were not made for them."""
    media: float = 0.0
    """Seconds of the host for the picture or film of a request, while the accelerators wait."""
    pace: float = 0.0
    """Seconds that the host needs for a step, at least; 0 where it keeps up."""
    attentions: float = 1.0
    """Copies of the attention, each with its own share of the requests; experts are divided between all devices."""


class Coefficients(NamedTuple):
    """What the fit finds: shares of what the card promises, seconds, and shares of the power between idle and rated."""

    weights: float
    """Share of the bandwidth when weights are read."""
    cache: float
    """Share of it when keys and values are read."""
    untuned: float
    """Times that kernels not made for 8-bit experts read all of them in a step, in time."""
    decode: float
    """Share of the peak in the products of a step."""
    prefill: float
    """Share of it in prompts."""
    step: float
    """Seconds of a step whatever it does."""
    layer: float
    """Seconds of a layer in which nothing large is read: launches and small kernels."""
    expert_layer: float
    """Seconds more where it has experts."""
    latent_layer: float
    """Seconds more with a latent."""
    link: float
    """Seconds of a layer for each doubling of the devices."""
    sample: float
    """Seconds for each request, with a vocabulary of 150,000: logits, sorting, choosing."""
    mixed: float
    """Seconds of a layer more, in a step that holds a prompt: no recorded graph fits it."""
    mixed_expert: float
    """Seconds of it more where it has experts."""
    media: float
    """Batch at which half of what pictures and films take is hidden behind other work, or was prepared before."""
    power_compute: float
    power_memory: float
    power_cache: float
    power_launch: float
    power_mixed: float
    power_media: float
    power_wait: float


class Times(NamedTuple):
    """Seconds of one step by what sets the pace."""

    compute: float
    memory: float
    cache: float
    launch: float
    mixed: float
    media: float
    wait: float
    """For the host."""

    def total(self) -> float:
        """Seconds of the step."""
        return sum(self)


def read_weights(model: Architecture, batch: float) -> float:
    """Parameters that a step of that batch reads: all that tokens share, and the experts that any of them uses.

    With many experts 1-(1-chosen/experts)^batch of them is used, which is the exponential below.
    """
    if model.experts <= model.chosen:
        return model.active
    one = (model.total - model.active) / (model.experts - model.chosen)
    used = model.experts * (1 - exp(-batch * model.chosen / model.experts))
    return min(model.total, max(0.0, model.active - model.chosen * one) + used * one)


def prompt_flop(model: Architecture, tokens: float) -> float:
    """Operations of a prompt: products with the weights, and attention of each token to those before it."""
    whole = model.cached / (model.cached + model.windowed) if model.windowed else 1.0
    looked = whole * tokens + (1 - whole) * min(tokens, 2 * model.window)
    return tokens * (2 * model.active + 2 * model.layers * model.hidden * looked)


def times(by: Coefficients, model: Architecture, device: Device, load: Load) -> Times:
    """Seconds of one step, which are added: kernels follow each other."""
    batch, devices = load.batch, load.devices
    prompts, copies = batch / load.tokens_out, load.attentions
    read = read_weights(model, batch) * load.weight_bytes / by.weights
    if load.untuned:
        experts = (model.total - model.active) / (model.experts - model.chosen) * model.experts
        shared = read_weights(model, 0.0) * load.weight_bytes / by.weights
        read = max(read, shared + by.untuned * experts * load.weight_bytes)
    if copies > 1:
        read += (copies - 1) * read_weights(model, 0.0) * load.weight_bytes / by.weights
    context = load.tokens_in + load.tokens_out / 2
    kept = batch * (model.cache_bytes(context) + model.state * _STATE_BYTES)  # a state is read and written
    answers = 2 * model.active * batch / by.decode
    spent = (answers + prompts * prompt_flop(model, load.tokens_in) / by.prefill) / device.peak
    has_experts = model.experts > 0
    launch = by.layer + by.expert_layer * has_experts + by.latent_layer * model.latent
    between = by.link * log2(devices) + _moved(model, device, load) if devices > 1 else 0.0
    mixed = (1 - exp(-prompts / copies)) * model.layers * (by.mixed + by.mixed_expert * has_experts)
    media = prompts * load.media / (1 + batch / by.media)
    found = Times(
        compute=spent / devices,
        memory=read / devices / device.bandwidth,
        cache=kept / min(devices, model.heads * copies) / (device.bandwidth * by.cache),
        launch=by.step + model.layers * (launch + between),
        mixed=mixed + batch / copies * by.sample * model.vocabulary / _VOCABULARY,
        media=media,
        wait=0.0,
    )
    if not load.pace:
        return found
    own = found.total()
    return found._replace(wait=(own**_HOST + load.pace**_HOST) ** (1 / _HOST) - own)


def _moved(model: Architecture, device: Device, load: Load) -> float:
    """Seconds of a layer in which devices tell each other what they have computed."""
    values = (load.batch + load.batch / load.tokens_out * load.tokens_in) * model.hidden
    within = 4 * values / load.attentions / (_LINK * device.bandwidth) if load.attentions < load.devices else 0.0
    if load.attentions <= 1:
        return within
    speed = (_LINK if load.devices <= SERVER else _BETWEEN) * device.bandwidth
    return within + _EXCHANGED * model.chosen * values / load.devices / speed


def watts(by: Coefficients, device: Device, spent: Times) -> float:
    """Mean power of one accelerator: idle, and a share of what lies between idle and rated for each way to spend time.

    A byte from memory takes about the same energy everywhere, so that its share follows bandwidth over power.
    """
    above = device.rated - device.idle
    memory = max(_LEAST, device.bandwidth / above / _PER_WATT)
    load = (
        by.power_compute * spent.compute
        + by.power_memory * memory * spent.memory
        + by.power_cache * memory * spent.cache
        + by.power_launch * spent.launch
        + by.power_mixed * spent.mixed
        + by.power_media * spent.media
        + by.power_wait * spent.wait
    ) / spent.total()
    limited: float = load / (1 + load**_SHARP) ** (1 / _SHARP)
    return device.idle + above * limited
