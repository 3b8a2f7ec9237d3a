"""Seconds and joules of a batch of pictures or films on accelerators, in plain numbers: work over speeds.

A pass of the denoiser takes as long as its matrix products, attentions, activations and what devices tell each other,
but never less than its operations take to start: the two join as a norm of the fourth power. Devices that do not wait
draw a share of their rated power; the rest of the time, and while one of them decodes, they draw their floor.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from joulebook.estimate.serve.denoising import Operations

PEAK: Final = 989e12
"""FLOP/s in bf16 of the device that efficiencies are stated for, an H100 SXM."""
_NORM: Final = 4


class Card(NamedTuple):
    """A device in SI units."""

    peak: float
    """FLOP/s in bf16 or fp16, dense."""
    bandwidth: float
    """B/s of its memory."""
    link: float
    """B/s to its neighbours."""
    tdp: float


class Job(NamedTuple):
    """A batch that is drawn at once."""

    batch: float
    steps: float
    passes: float
    """Of the denoiser in one step: 2 with classifier-free guidance, 1 for models distilled not to need it."""
    devices: float
    ring: float
    """Devices in each ring (ring attention); the others exchange heads (Ulysses)."""
    film: bool


class Speeds(NamedTuple):
    """What the fit finds; shares are of a peak, a bandwidth or the rated power."""

    dense: float
    """Share of the peak that products of very wide matrices reach."""
    narrow: float
    """Width at which half of that is reached."""
    attention: float
    passes_memory: float
    """How often activations of a sublayer pass memory."""
    launch: float
    """s to start the operations of a sublayer."""
    launch_shared: float
    """s more for a block when devices share it."""
    launch_hop: float
    """s more for each hop of a ring."""
    hop: float
    """How often activations cross the link in a hop of a ring."""
    exchange: float
    """How often they cross it when heads are exchanged."""
    decode: float
    """Share of the peak when a picture is decoded."""
    decode_film: float
    decode_everywhere: float
    """Share of the other devices that decode a film too."""
    after: float
    """s to make files of a picture."""
    floor: float
    busy: float
    busy_decoding: float
    busy_telling: float
    dense_lag: float
    """Exponent with which the share falls on devices with a higher peak than the H100's."""
    attention_lag: float
    busy_lag: float


SLOW_DENSE: Final = 0.2
"""Exponent for devices with a lower peak: cuBLAS reaches 0.8 of an A100's and 0.65 of an H100's in large products."""
SLOW_ATTENTION: Final = 0.57
"""FlashAttention-2 reaches 0.72 of an A100's peak and 0.37 of an H100's (Dao 2023; Shah et al. 2024)."""


def spent(work: Operations, job: Job, card: Card, speeds: Speeds) -> tuple[float, float]:
    """Seconds until the batch is there, and joules of all its devices."""
    above = PEAK / card.peak
    dense_share = speeds.dense * work.width / (work.width + speeds.narrow)
    dense_share *= above ** (speeds.dense_lag if above < 1 else SLOW_DENSE)
    attention_share = speeds.attention * above ** (speeds.attention_lag if above < 1 else SLOW_ATTENTION)
    each = job.batch * job.passes / job.devices
    computing = each * (
        work.dense / (card.peak * min(0.9, dense_share))
        + work.attention / (card.peak * min(0.8, attention_share))
        + work.traffic * speeds.passes_memory / card.bandwidth
    )
    telling, starting = 0.0, work.sublayers * speeds.launch
    if job.devices > 1:
        heads = job.devices / job.ring
        crossing = (job.ring - 1) * speeds.hop + 4 * speeds.exchange * (heads - 1) / heads
        telling = each * work.moved * crossing / card.link
        starting += work.blocks * (speeds.launch_shared + (job.ring - 1) * speeds.launch_hop)
    passing = ((computing + telling) ** _NORM + starting**_NORM) ** (1 / _NORM)
    decoding = job.batch * work.decode / (card.peak * (speeds.decode_film if job.film else speeds.decode))
    encoding = job.batch * job.passes * work.encode / (card.peak * dense_share)
    seconds = job.steps * passing + decoding + encoding + job.batch * speeds.after
    decoders = 1 + (job.devices - 1) * speeds.decode_everywhere if job.film else 1.0
    busy = speeds.busy * above ** (speeds.busy_lag if above < 1 else 0.0)
    swing = (
        job.devices * (job.steps * (busy * computing + speeds.busy_telling * telling) + busy * encoding)
        + decoders * speeds.busy_decoding * decoding
    )
    watts = card.tdp * (1 - speeds.floor)
    joules = job.devices * seconds * speeds.floor * card.tdp + swing * watts
    return seconds, min(joules, job.devices * seconds * card.tdp)
