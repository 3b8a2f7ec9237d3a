"""EcoLogits 0.11: energy of a request to a hosted language model, from its parameters and the tokens of its answer.

Tokens of the prompt are not counted, 64 requests share a server, and every GPU is charged the full energy of one. The
formulas are those of its documentation (https://ecologits.ai, version 0.11); its numbers have no range here. Beside
the library itself they are held to 1e-9 (tests/estimate/methods/test_ecologits.py).
"""

from __future__ import annotations

from math import ceil, exp, log2
from typing import Final, NamedTuple

from joulebook.estimate.methods.job import Job
from joulebook.estimate.methods.told import BOTH, BOUNDARY, INTENSITY, OPERATION, OVERHEAD, Factor, Told

BATCH: Final = 64.0
PUE: Final = 1.2
_ALPHA, _BETA, _GAMMA = 1.1665273170451914e-06, -0.011205921025579175, 4.052928146734005e-05
"""Wh of a GPU for a token, by 1e9 parameters and by batch."""
_SECONDS: Final = (0.0006785088094353663, 0.0003119310311688259, 0.019473717579473387)
"""Between two tokens, by 1e9 parameters, by batch and at least."""
_BITS: Final = 16
_MEMORY_GB: Final = 80.0
_SERVER_KW: Final = 1.2
_GPUS: Final = 8
_LIFETIME_S: Final = 3 * 365 * 24 * 3600.0
_SERVER_KG: Final = 5700.0
_GPU_KG: Final = 273.0
SOURCE: Final = "EcoLogits 0.11, ecologits.ai"


class Request(NamedTuple):
    """What EcoLogits says of one request."""

    seconds: float
    gpus: int
    energy_kwh: float
    """With server and PUE."""
    gpu_kwh: float
    """Of its GPUs alone."""
    embodied_kg: float


def gpu_wh(active: float, batch: float = BATCH) -> float:
    """Wh of one GPU for a token; `active` in 1e9 parameters."""
    return _ALPHA * exp(_BETA * batch) * active + _GAMMA


def token_seconds(active: float, batch: float = BATCH) -> float:
    """Seconds between tokens; `active` in 1e9 parameters."""
    by_size, by_batch, least = _SECONDS
    return by_size * active + by_batch * batch + least


def gpus(total: float) -> int:
    """80 GB GPUs that hold so many 1e9 parameters, rounded up to a power of two."""
    needed = ceil(1.2 * total * _BITS / 8 / _MEMORY_GB)
    return int(2 ** ceil(log2(needed)))


def request(  # noqa: PLR0913 - what the library takes
    total: float,
    active: float,
    tokens_out: float,
    *,
    latency: float | None = None,
    batch: float = BATCH,
    pue: float = PUE,
    rate: float | None = None,
    first: float = 0.0,
) -> Request:
    """Energy and embodied carbon of one request; parameters in 1e9, `latency` as measured in seconds.

    `rate` in tokens a second and the seconds until the `first` token take the place of its own where they are known.
    """
    seconds = tokens_out * (token_seconds(active, batch) if rate is None else 1 / rate) + first
    seconds = seconds if latency is None else min(seconds, latency)
    devices = gpus(total)
    share = devices / _GPUS
    server = seconds / 3600 * _SERVER_KW * share / batch
    own = devices * tokens_out * gpu_wh(active, batch) / 1000
    embodied = seconds / (_LIFETIME_S * batch) * (share * _SERVER_KG + devices * _GPU_KG)
    return Request(seconds, devices, pue * (server + own), own, embodied)


def water_l(energy_kwh: float, pue: float, site: float, grid: float) -> float:
    """L of a request: site and grid in L/kWh."""
    return energy_kwh / pue * (site + pue * grid)


def told(job: Job) -> Told:
    """The same answers by its formula and defaults, with our intensity of the grid."""
    head = Told("ecologits", "EcoLogits", SOURCE)
    text = job.text
    if text is None:
        return head._replace(silent="it knows answers of language models alone: no training, no picture, no other work")
    one = request(text.total, text.active, text.tokens_out)
    kwh = one.energy_kwh * text.requests
    operation, made = kwh * job.intensity, one.embodied_kg * text.requests
    both = job.embodied_kg > 0
    factors = (
        *_accelerators(job, text.tokens_out * text.requests, one.gpus),
        Factor(BOUNDARY, job.boundary, one.energy_kwh / PUE / one.gpu_kwh),
        Factor(OVERHEAD, job.pue, PUE),
        Factor(INTENSITY, job.intensity, job.intensity, "kgCO2e/kWh"),
        *job.with_hardware(operation, made),
    )
    return head._replace(
        energy_kwh=kwh,
        carbon_kg=operation + made if both else operation,
        counts=BOTH if both else OPERATION,
        factors=factors,
        why=(
            f"{BATCH:g} requests at once instead of {text.batch:.3g}; 80 GB GPUs by a power of two ({one.gpus}; ours "
            f"{text.devices:g}), each charged whole; the prompt is free; server of 1.2 kW; PUE {PUE}"
        ),
    )


def _accelerators(job: Job, tokens: float, devices: int) -> tuple[Factor, ...]:
    """Energy of accelerators: that of one GPU and token at our batch, what its batch changes, and how many GPUs."""
    text = job.text
    assert text is not None  # noqa: S101 - asked above
    ours = job.accelerator_kwh * 1000 / tokens / text.devices
    same, its_own = gpu_wh(text.active, text.batch), gpu_wh(text.active)
    return (
        Factor("token", ours, same, "Wh/GPU/token"),
        Factor("batch", 1.0, its_own / same, said=f"{text.batch:.3g} to {BATCH:g} at once"),
        Factor("devices", text.devices, devices, "device"),
    )
