"""The work of a diffusion model, in plain numbers: operations and bytes of one picture or film, by its architecture.

No fact and no range is here: the fit (tools/fitting/diffusion.py) and the estimate call the same functions.
Multiplications and additions count as two operations, as in 2 x weights x tokens of Kaplan et al. 2020.
"""

from __future__ import annotations

from math import ceil
from typing import Final, NamedTuple

_BYTES: Final = 2
"""Of a number in bf16 or fp16."""


class Denoiser(NamedTuple):
    """What the work of a diffusion model follows from; every figure is in its published configuration."""

    latent_weights: float
    """Weights that every latent token is multiplied with in one pass: those of its stream, not of modulations."""
    text_weights: float
    """Weights that every text token is multiplied with; 0 where the text is only looked at."""
    attentions: float
    """Softmax attentions over the whole sequence in one pass."""
    blocks: float
    """Blocks whose attention has to hear of all devices when the sequence is divided between them."""
    sublayers: float
    """Attentions and perceptrons with a normalisation and a residual of their own."""
    width: float
    text_tokens: float
    """In the sequence beside the latent ones."""
    seen_tokens: float
    """Text that the latent tokens look at in attentions of their own (cross-attention)."""
    patch: float
    """Latent points on an edge of a token."""
    squeeze: float
    """Pixels on an edge of a latent point."""
    squeeze_time: float
    """Frames in a latent frame."""
    patch_time: float
    encode_flop: float
    """Of the text encoder, for one prompt."""
    decode_flop: float
    """Of the decoder, for one pixel of one frame."""


class Size(NamedTuple):
    """What is drawn: pixels, and frames of a film (1 of a picture)."""

    height: float
    width: float
    frames: float


class Operations(NamedTuple):
    """Of one picture or film: in one pass of the denoiser, and once to decode it and to encode its prompt."""

    dense: float
    """FLOP of matrix products with weights."""
    attention: float
    """FLOP of the products between tokens."""
    traffic: float
    """Bytes of the activations of all sublayers, each read once."""
    moved: float
    """Bytes of the activations of the blocks whose attention needs all devices."""
    width: float
    sublayers: float
    blocks: float
    decode: float
    encode: float


def latent_tokens(model: Denoiser, size: Size) -> float:
    """Tokens of the sequence that stand for pixels."""
    edge = model.squeeze * model.patch
    frames = ceil((1 + (size.frames - 1) / model.squeeze_time) / model.patch_time)
    return frames * (size.height // edge or 1) * (size.width // edge or 1)


def operations(model: Denoiser, size: Size) -> Operations:
    """The work of one picture or film: 2 x weights x tokens, 4 x attentions x tokens² x width, and memory traffic."""
    latent = latent_tokens(model, size)
    tokens = latent + model.text_tokens
    between = model.attentions * tokens * tokens + model.blocks * latent * model.seen_tokens
    return Operations(
        dense=2 * (model.latent_weights * latent + model.text_weights * model.text_tokens),
        attention=4 * between * model.width,
        traffic=_BYTES * model.sublayers * tokens * model.width,
        moved=_BYTES * model.blocks * tokens * model.width,
        width=model.width,
        sublayers=model.sublayers,
        blocks=model.blocks,
        decode=model.decode_flop * size.height * size.width * size.frames,
        encode=model.encode_flop,
    )


SHARE: Final = 0.62
"""Of all weights, those that a latent token meets: 0.32 to 0.54 with a stream for text, 0.6 to 0.88 without."""
EDGE: Final = 16.0
"""Pixels on an edge of a token: 8 of the decoder times 2 of a patch."""
_SLENDER: Final = 60
"""Width over layers: 35 to 128 in published models."""


def typical(parameters: float, share: float, edge: float = EDGE, *, film: bool) -> Denoiser:
    """A transformer of that size when nothing else is known: 12 x width² weights a layer, latents as most models have.

    `share` of its weights meet each latent token, which stands for `edge` x `edge` pixels.
    """
    width = (_SLENDER * share * parameters / 12) ** (1 / 3)
    layers = share * parameters / (12 * width * width)
    return Denoiser(
        latent_weights=share * parameters,
        text_weights=share * parameters,
        attentions=layers,
        blocks=layers,
        sublayers=2.5 * layers,
        width=width,
        text_tokens=256,
        seen_tokens=0,
        patch=1,
        squeeze=edge,
        squeeze_time=4 if film else 1,
        patch_time=1,
        encode_flop=2.4e12,
        decode_flop=12e6 if film else 9.3e6,
    )
