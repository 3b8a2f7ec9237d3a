"""EcoLogits 0.11: energy of a request to a hosted language model, from its parameters and the tokens of its answer.

Tokens of the prompt are not counted, 64 requests share a server, and every GPU is charged the full energy of one. The
formulas are those of its documentation (https://ecologits.ai, version 0.11); its numbers have no range here.
"""

from __future__ import annotations

from math import ceil, exp, log2
from typing import Final, NamedTuple

BATCH: Final = 64.0
PUE: Final = 1.2
_BITS: Final = 16
_MEMORY_GB: Final = 80.0
_SERVER_KW: Final = 1.2
_GPUS: Final = 8
_LIFETIME_S: Final = 3 * 365 * 24 * 3600.0
_SERVER_KG: Final = 5700.0
_GPU_KG: Final = 273.0


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
    return 1.1665273e-6 * exp(-1.1205921e-2 * batch) * active + 4.0529281e-5


def token_seconds(active: float, batch: float = BATCH) -> float:
    """Seconds between tokens; `active` in 1e9 parameters."""
    return 6.785088e-4 * active + 3.119310e-4 * batch + 1.9473718e-2


def gpus(total: float) -> int:
    """80 GB GPUs that hold so many 1e9 parameters, rounded up to a power of two."""
    needed = ceil(1.2 * total * _BITS / 8 / _MEMORY_GB)
    return int(2 ** ceil(log2(needed)))


def request(
    total: float,
    active: float,
    tokens_out: float,
    *,
    latency: float | None = None,
    batch: float = BATCH,
    pue: float = PUE,
) -> Request:
    """Energy and embodied carbon of one request; parameters in 1e9, `latency` as measured in seconds."""
    seconds = tokens_out * token_seconds(active, batch)
    seconds = seconds if latency is None else min(seconds, latency)
    devices = gpus(total)
    share = devices / _GPUS
    server = seconds / 3600 * _SERVER_KW * share / batch
    own = devices * tokens_out * gpu_wh(active, batch) / 1000
    embodied = seconds / (_LIFETIME_S * batch) * (share * _SERVER_KG + devices * _GPU_KG)
    return Request(seconds, devices, pue * (server + own), own, embodied)
