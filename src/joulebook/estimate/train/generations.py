"""Which generation an accelerator is of, and who made it: what the fitted numbers of trainings go by."""

from __future__ import annotations

from typing import Final

ANY: Final = "other"
"""The maker of devices that none of these words means."""

_BY_WORD: Final = {
    "tpu-v2": ("tpu-v2", "google"),
    "tpu-v3": ("tpu-v3", "google"),
    "tpu-v4i": ("tpu-v4i", "google"),
    "tpu-v4": ("tpu-v4", "google"),
    "tpu-v5e": ("tpu-v5e", "google"),
    "tpu-v5p": ("tpu-v5p", "google"),
    "tpu-v6e": ("tpu-v6e", "google"),
    "tpu-v7": ("tpu-v7", "google"),
    "tpu": ("tpu", "google"),
    "p100": ("p100", "nvidia"),
    "v100": ("v100", "nvidia"),
    "a100": ("a100", "nvidia"),
    "a800": ("a100", "nvidia"),
    "h100": ("h100", "nvidia"),
    "h800": ("h100", "nvidia"),
    "h200": ("h100", "nvidia"),
    "h20": ("h100", "nvidia"),
    "gh200": ("h100", "nvidia"),
    "b100": ("b200", "nvidia"),
    "b200": ("b200", "nvidia"),
    "b300": ("b200", "nvidia"),
    "gb200": ("b200", "nvidia"),
    "gb300": ("b200", "nvidia"),
    "mi250": ("mi250", "amd"),
    "mi250x": ("mi250", "amd"),
    "mi210": ("mi250", "amd"),
    "mi300x": ("mi300", "amd"),
    "mi300a": ("mi300", "amd"),
    "mi325x": ("mi300", "amd"),
    "mi350x": ("mi350", "amd"),
    "mi355x": ("mi350", "amd"),
    "gaudi2": ("gaudi", ANY),
    "gaudi3": ("gaudi", ANY),
    "nvidia": ("", "nvidia"),
    "amd": ("", "amd"),
}
"""The first of these words that a subject has says its generation ("" is none) and its maker."""

_BOARDS: Final = {"google-tpu-v2-device": 4, "google-tpu-v3-device": 4, "google-tpu-v4-device": 4}
"""Devices that are sold whole and hold several chips."""


def generation(subject: str) -> tuple[str, str]:
    """Generation and maker of "accelerator.nvidia-h800-sxm-80gb": "h100" and "nvidia".

    The generation of a device that the fits know nothing of is "".
    """
    name = subject.partition(".")[2]
    words = name.split("-")
    pairs = ["-".join(words[at : at + 2]) for at in range(len(words) - 1)]
    has = {*words, *pairs}
    return next((found for word, found in _BY_WORD.items() if word in has), ("", ANY))


def chips_of(subject: str) -> int:
    """Chips within one such device: 4 of a TPU board, 1 of anything else."""
    return _BOARDS.get(subject.partition(".")[2], 1)
