"""The formulas of trainings, in plain numbers: what the fit and the estimate both call. No fact and no range is here.

Utilisation is that of the model: floating-point operations that the model needs (six per active parameter and token)
over what the device could do in bf16 or fp16, dense, in the same time. A fit in logarithms has one factor for each
feature: `reference x factor_1^feature_1 x ...`.
"""

from __future__ import annotations

from math import log2, log10
from typing import Final

FULL_SIZE: Final = 2e9
"""Active parameters from which a model's matrices are large enough for a device of this peak, in TFLOP/s:"""
FULL_SIZE_PEAK: Final = 312.0
USUAL_COUNT: Final = 512
"""Devices of a training whose number is not said."""
MOST_UTILISED: Final = 0.85
"""Of the 16-bit peak: no published training reached more, in 8 bits either."""
FULL_DRAW: Final = 1e9
"""Active parameters from which a device draws what it draws for the largest."""
USUAL_CONTEXT: Final = 2048
"""Tokens of a sequence up to which the six operations stand for attention too."""

UTILISATION_FEATURES: Final = ("smaller", "doublings", "sparse", "fp8", "convolutions")
"""Names of what `utilisation_features` returns, in order."""


def utilisation_features(
    active: float, total: float, count: float, peak: float, *, fp8: bool, convolutions: bool
) -> tuple[float, ...]:
    """Decades below full size, doublings of the usual count, decades of sparsity (at most one), 8 bits, convolutions.

    A device that is quicker needs larger matrices to be filled: full size is in proportion to its `peak` in TFLOP/s.
    """
    smaller = max(0.0, log10(FULL_SIZE * peak / FULL_SIZE_PEAK / active))
    doublings = log2(count / USUAL_COUNT)
    sparse = min(1.0, max(0.0, log10(total / active)))
    return smaller, doublings, sparse, float(fp8), float(convolutions)


def draw_feature(active: float) -> float:
    """Decades below the size from which a device draws what it does for the largest models."""
    return max(0.0, log10(FULL_DRAW / active))


def tpu_features(peak: float, memory: float) -> tuple[float, float]:
    """What the draw of a TPU goes by where nobody published it: decades of TFLOP/s and of GB, from those of v3."""
    return log10(peak / 123), log10(memory / 32)


def product(*draws: float) -> float:
    """Of a reference, its factors to their powers, and the error of the model."""
    result = 1.0
    for draw in draws:
        result *= draw
    return result


def utilised(*draws: float) -> float:
    """The same, no higher than what was ever reached."""
    return min(MOST_UTILISED, product(*draws))
