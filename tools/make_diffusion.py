"""Writes the cards of diffusion models, src/joulebook/facts/data/diffusion_series.csv: `python tools/make_diffusion.py`.

What is typed here stands in the published configuration of each model; what the estimates need follows from it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import NamedTuple

from joulebook.facts.loader import DATA

KL, DC, WAN, COG, LTX, MOCHI = 9.3e6, 7.3e6, 8.6e6, 16e6, 1.2e6, 16e6
"""FLOP to decode a pixel: counted from the channels and kernels of each decoder."""
T5, T5_SMALL, GEMMA, LLAMA, CLIP, QWEN = 4.76e9, 1.67e9, 2.6e9, 8e9, 0.35e9, 7.6e9
"""Weights of text encoders."""


class Model(NamedTuple):
    """One model as its configuration and its model card describe it."""

    slug: str
    source: str
    parameters: float
    layers: int
    width: int
    latent: float
    """Weights a latent token meets in a layer, in width²: 4 of an attention, 2 of a cross-attention, 8 of a perceptron."""
    sublayers: float
    """In a layer."""
    joint: int = 0
    """Text tokens in the sequence."""
    seen: int = 0
    """Text tokens looked at by cross-attention."""
    text: float = -1.0
    """Weights a text token meets in a layer, in width²; by default as a latent token in a joint sequence."""
    attentions: float = -1.0
    """In a layer; 1 unless some layers have two, or none is quadratic."""
    patch: int = 2
    squeeze: int = 8
    squeeze_time: int = 1
    patch_time: int = 1
    passes: int = 2
    steps: int = 50
    height: int = 1024
    pixels: int = 1024
    frames: int = 1
    fps: int = 0
    decoder: float = KL
    encoder: float = T5
    prompt: int = 256
    """Tokens that the text encoder reads, padding included."""

    def facts(self) -> dict[str, float]:
        """Property to value."""
        area = self.width**2 * self.layers
        text = self.latent if self.text < 0 and self.joint else max(0.0, self.text)
        return {
            "parameters": self.parameters,
            "denoiser.latent_weights": self.latent * area,
            "denoiser.text_weights": text * area,
            "denoiser.attentions": self.layers * (1 if self.attentions < 0 else self.attentions),
            "denoiser.blocks": self.layers,
            "denoiser.sublayers": self.layers * self.sublayers,
            "denoiser.width": self.width,
            "denoiser.text_tokens": self.joint,
            "denoiser.seen_tokens": self.seen,
            "denoiser.patch": self.patch,
            "denoiser.patch_time": self.patch_time,
            "denoiser.squeeze": self.squeeze,
            "denoiser.squeeze_time": self.squeeze_time,
            "denoiser.encode_flop": 2 * self.encoder * self.prompt,
            "denoiser.decode_flop": self.decoder,
            "usual.passes": self.passes,
            "usual.steps": self.steps,
            "usual.height": self.height,
            "usual.width": self.pixels,
            "usual.frames": self.frames,
            "usual.fps": self.fps,
        }


def _wan(slug: str, parameters: float, layers: int, width: int, hidden: int, **more: int) -> Model:
    shape = {"height": 480, "pixels": 832, "frames": 81, "fps": 16} | more
    latent = 6 + 2 * hidden / width
    return Model(
        slug,
        "diffusion-wan",
        parameters,
        layers,
        width,
        latent,
        3,
        seen=512,
        squeeze_time=4,
        decoder=WAN,
        prompt=512,
        **shape,
    )


def _flux(slug: str, steps: int, text: int) -> Model:
    return Model(slug, "diffusion-flux", 11.9e9, 57, 3072, 12, 4 / 3, joint=text, passes=1, steps=steps, prompt=text)


def _sana(slug: str, parameters: float, layers: int, width: int) -> Model:
    return Model(
        slug,
        "diffusion-sana",
        parameters,
        layers,
        width,
        13.5,
        3,
        seen=300,
        attentions=0,
        patch=1,
        squeeze=32,
        steps=20,
        decoder=DC,
        encoder=GEMMA,
        prompt=300,
    )


def _pixart(slug: str, text: int) -> Model:
    return Model(slug, "diffusion-pixart", 0.61e9, 28, 1152, 14, 3, seen=text, steps=20, prompt=text)


def _sd3(  # noqa: PLR0913 - what tells the models apart
    slug: str, parameters: float, layers: int, width: int, *, dual: int = 0, steps: int = 28, passes: int = 2
) -> Model:
    return Model(
        slug,
        "diffusion-sd3",
        parameters,
        layers,
        width,
        12 + 4 * dual / layers,
        2 + dual / layers,
        joint=333,
        text=12,
        attentions=1 + dual / layers,
        steps=steps,
        passes=passes,
    )


def _unet(slug: str, source: str, parameters: float, macs: float, shape: tuple[float, ...], **more: float) -> Model:
    """Of a U-Net by its published multiply-accumulates at its usual size; attention in units of one width."""
    width, attentions, sublayers, patch, edge = shape
    tokens = (edge / 8 / patch) ** 2
    dense = macs - 2 * attentions * tokens**2 * width
    latent = dense / tokens / width**2
    return Model(
        slug,
        source,
        parameters,
        1,
        int(width),
        latent,
        sublayers,
        attentions=attentions,
        patch=int(patch),
        height=int(edge),
        pixels=int(edge),
        encoder=CLIP,
        prompt=77,
        **more,
    )  # type: ignore[arg-type]


_SD1 = (640, 2.85, 45, 1, 512)
_XL = (1280, 8.75, 30, 2, 1024)
MODELS = (
    _flux("flux-1-dev", 50, 512),
    _flux("flux-1-schnell", 4, 256),
    Model("flux-2-dev", "diffusion-flux2", 32e9, 56, 6144, 13, 8 / 7, joint=512, passes=1, encoder=24e9, prompt=512),
    _sd3("stable-diffusion-3-medium", 2.03e9, 24, 1536),
    _sd3("stable-diffusion-3-5-medium", 2.47e9, 24, 1536, dual=13),
    _sd3("stable-diffusion-3-5-large", 8.06e9, 38, 2432),
    _sd3("stable-diffusion-3-5-large-turbo", 8.06e9, 38, 2432, steps=4, passes=1),
    Model(
        "hunyuandit-1-2",
        "diffusion-hunyuandit",
        1.5e9,
        40,
        1408,
        6 + 2 * 4.3637 + 19 * 2 / 40,
        3.5,
        seen=333,
        encoder=T5_SMALL,
    ),
    _sana("sana-1-5-1-6b", 1.6e9, 20, 2240),
    _sana("sana-1-5-4-8b", 4.72e9, 60, 2240),
    _sana("sana-0-6b", 0.59e9, 28, 1152),
    _pixart("pixart-sigma", 300),
    _pixart("pixart-alpha", 120),
    Model("auraflow", "diffusion-auraflow", 6.8e9, 36, 3072, 12, 2, joint=256, text=12),
    Model(
        "qwen-image",
        "diffusion-qwen-image",
        20.4e9,
        60,
        3072,
        12,
        2,
        joint=128,
        height=1328,
        pixels=1328,
        encoder=QWEN,
        prompt=128,
    ),
    _unet("stable-diffusion-1-5", "diffusion-unets", 0.86e9, 339e9, _SD1),
    _unet("stable-diffusion-2-1", "diffusion-unets", 0.87e9, 339e9 * 2.4, (640, 2.85, 45, 1, 768)),
    _unet("sdxl", "diffusion-unets", 2.57e9, 2.99e12, _XL),
    _unet("sdxl-turbo", "diffusion-unets", 2.57e9, 2.99e12 / 4.1, (1280, 8.75, 30, 2, 512), passes=1, steps=1),
    _unet("playground-2-5", "diffusion-unets", 2.57e9, 2.99e12, _XL),
    _wan("wan-2-1-14b", 14.3e9, 40, 5120, 13824),
    _wan("wan-2-1-1-3b", 1.42e9, 30, 1536, 8960),
    _wan("wan-2-2-a14b", 28.6e9, 40, 5120, 13824, steps=40),
    _wan("wan-2-2-ti2v-5b", 5e9, 30, 3072, 14336, squeeze=16, height=704, pixels=1280, frames=121, fps=24),
    Model(
        "hunyuanvideo",
        "diffusion-hunyuanvideo",
        12.8e9,
        60,
        3072,
        12,
        4 / 3,
        joint=256,
        squeeze_time=4,
        passes=1,
        height=720,
        pixels=1280,
        frames=129,
        fps=24,
        decoder=COG,
        encoder=LLAMA,
    ),
    Model(
        "cogvideox-2b",
        "diffusion-cogvideox",
        1.69e9,
        30,
        1920,
        12,
        2,
        joint=226,
        squeeze_time=4,
        height=480,
        pixels=720,
        frames=49,
        fps=8,
        decoder=COG,
        prompt=226,
    ),
    Model(
        "cogvideox-5b",
        "diffusion-cogvideox",
        5.57e9,
        42,
        3072,
        12,
        2,
        joint=226,
        squeeze_time=4,
        height=480,
        pixels=720,
        frames=49,
        fps=8,
        decoder=COG,
        prompt=226,
    ),
    Model(
        "cogvideox-1-5-5b",
        "diffusion-cogvideox",
        5.57e9,
        42,
        3072,
        12,
        2,
        joint=226,
        squeeze_time=4,
        patch_time=2,
        height=768,
        pixels=1360,
        frames=81,
        fps=16,
        decoder=COG,
        prompt=226,
    ),
    Model(
        "ltx-video-2b",
        "diffusion-ltx",
        1.92e9,
        28,
        2048,
        14,
        3,
        seen=128,
        patch=1,
        squeeze=32,
        squeeze_time=8,
        height=480,
        pixels=704,
        frames=161,
        fps=25,
        decoder=LTX,
        prompt=128,
    ),
    Model(
        "mochi-1",
        "diffusion-mochi",
        10e9,
        48,
        3072,
        12,
        2,
        joint=256,
        text=3,
        squeeze_time=6,
        steps=64,
        height=480,
        pixels=848,
        frames=163,
        fps=30,
        decoder=MOCHI,
    ),
)

COLUMNS = ("subject", "property", "value", "low", "high", "unit", "valid_from", "source", "evidence", "note")
COUNTED = {"denoiser.decode_flop": 0.3, "denoiser.encode_flop": 0.2}
"""Shares by which counted figures may be off: prompts are padded or not, decoders are tiled or not."""
READ = {
    "flux-1-dev",
    "flux-1-schnell",
    "stable-diffusion-3-5-medium",
    "sana-1-5-1-6b",
    "sana-1-5-4-8b",
    "auraflow",
    "wan-2-1-14b",
    "wan-2-1-1-3b",
    "hunyuanvideo",
}
"""Models whose configuration was read; those of the others are typed from memory, and 5 % off at most."""


def rows() -> Iterator[list[str]]:
    """One for each property of each model; a property that is zero is left out."""
    for model in MODELS:
        for prop, value in model.facts().items():
            evidence = "derived" if model.slug in READ else "memory"
            off = COUNTED.get(prop, 0.0 if model.slug in READ else 0.05)
            ends = [f"{value * (1 - off):.6g}", f"{value * (1 + off):.6g}"] if off else ["", ""]
            if value:
                yield [
                    f"diffusion.{model.slug}",
                    prop,
                    f"{value:.6g}",
                    *ends,
                    "1",
                    "2024-01-01",
                    model.source,
                    evidence,
                    "",
                ]


if __name__ == "__main__":
    with (DATA / "diffusion_series.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows())
