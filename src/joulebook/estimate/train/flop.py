"""Operations of a training by its architecture, in plain numbers. Each rule says where it is from.

A pass forward takes two operations (multiply and add) for each parameter that a token meets; the way back takes twice
that: once for the gradients of activations, once for those of weights (Kaplan et al. 2020, arXiv 2001.08361).
"""

from __future__ import annotations

from typing import Final

from joulebook.estimate.train.formulas import USUAL_CONTEXT

FORWARD: Final = 2.0
WHOLE: Final = 6.0
"""Forward, and back through activations and weights."""
ADAPTED: Final = 4.0
"""Forward, and back through activations alone: weights that are kept have no gradient (LoRA, Hu et al. 2021)."""
ADAPTER_SHARE: Final = 0.005
"""Of all parameters, in low-rank adapters of rank 16 on every matrix of a layer."""
PASSES: Final = 3.0
"""Of a training over those of a pass forward."""
WIDTH_TO_DEPTH: Final = 100
"""Width of a layer over the number of layers, in dense decoders from GPT-2 to Llama 3: 64 to 130."""
LATENT: Final = 8
"""Pixels by which the usual autoencoder of a diffusion model shortens each side (Rombach et al. 2022)."""
UNET_SHARE: Final = 0.1
"""Of a U-Net's parameters, that one pixel of the latent meets: most work on coarser grids (Stable Diffusion 1: 0.68e12
operations for 860e6 parameters and 64 x 64 pixels)."""


def attention(parameters: float, context: float) -> float:
    """By how much longer sequences raise the operations per token, over those of the usual length; 1 up to it.

    Scores and sums over a context s take 12 L d s beside 6 N (Chowdhery et al. 2022, appendix B); with N = 12 L d^2
    that is s / 6 d, of which a causal mask leaves half.
    """
    width: float = (parameters * WIDTH_TO_DEPTH / 12) ** (1 / 3)
    return (1 + max(context, USUAL_CONTEXT) / (12 * width)) / (1 + USUAL_CONTEXT / (12 * width))


def of_tokens(active: float, tokens: float, per_parameter: float = WHOLE, longer: float = 1.0) -> float:
    """Operations of a network in which every token meets the active parameters."""
    return per_parameter * active * tokens * longer


def of_adapters(active: float, tokens: float, longer: float = 1.0) -> float:
    """Operations of fine-tuning by low-rank adapters."""
    return (ADAPTED + WHOLE * ADAPTER_SHARE) * active * tokens * longer


def of_samples(samples: float, forward: float) -> float:
    """Operations of so many samples (with repeats) that take `forward` each on the way forward."""
    return PASSES * samples * forward


def vit_forward(parameters: float, side: float, patch: float) -> float:
    """Of a vision transformer for one square picture: a token for each patch, and one for the class."""
    return FORWARD * parameters * ((side / patch) ** 2 + 1)


def dit_forward(parameters: float, side: float, patch: float) -> float:
    """Of a diffusion transformer for one square picture, on the latent of the usual autoencoder."""
    return FORWARD * parameters * (side / LATENT / patch) ** 2


def unet_forward(parameters: float, side: float) -> float:
    """Of the U-Net of a diffusion model for one square picture, on the latent of the usual autoencoder."""
    return FORWARD * UNET_SHARE * parameters * (side / LATENT) ** 2
