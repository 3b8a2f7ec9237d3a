"""What is likely to be confused in the description of a training, and how to put it right."""

from __future__ import annotations

from math import ceil
from typing import Final

from joulebook.errors import ConfigError
from joulebook.estimate.chip import Chip
from joulebook.estimate.train.generations import chips_of, generation
from joulebook.estimate.train.utilisation import LOW
from joulebook.estimate.train.workload import Task
from joulebook.quantity import Quantity

STATE_BYTES: Final = 16.0
"""Per parameter trained in mixed precision with Adam: weights, gradients, a 32-bit copy, two moments.

Rajbhandari et al. 2020, arXiv 1910.02054.
"""
KEPT_BYTES: Final = 2.0
"""Per parameter that is kept as it is."""
_MOST_DEVICES: Final = 200_000
_JOB_POWER: Final = (0.1, 3.0)
"""Of the rated power of all accelerators of a job: with hosts and building it is seldom twice as much."""
_SERVER: Final = 8
"""Devices that are had together."""
_DISTILLED: Final = 0.08
"""Below any published training of a language model on 16-bit devices, except distilled ones."""
_TOKENS_EACH: Final = 2_000
"""Tokens for each active parameter beyond which small models are mostly taught by a larger one (Llama 3.2, Gemma 3)."""
_LONG_H: Final = 3 * 8760.0
"""No published training took as long from beginning to end."""
_CORES: Final = {"tpu-v2", "tpu-v3", "tpu-v4", "tpu-v5p"}
"""Generations whose slices are named by cores, two of a chip."""


def of_device(card: Chip) -> list[str]:
    """What people count differently of that device."""
    kind, chips = generation(card.subject)[0], chips_of(card.subject)
    said = []
    if chips > 1:
        said.append(f"{card.label} is a board of {chips} chips: count is of boards")
    elif kind in _CORES:
        named = "the number in the name of a slice (v3-512) is of cores, two of a chip"
        said.append(f"{card.label} is counted in chips, four of a board; {named}")
    elif kind == "mi250":
        said.append(f"{card.label} is counted in cards: ROCm and Slurm list its two halves (GCDs) as two devices")
    return said


def of_count(count: float) -> list[str]:
    """Whether there are more devices than anybody was known to train on."""
    if count <= _MOST_DEVICES:
        return []
    return [f"{count:,.0f} devices are more than one training is known to have used: check count"]


def of_job(card: Chip, count: float, watts: Quantity) -> list[str]:
    """What is odd about a power in W that is given for the whole job."""
    if card.tdp is None:
        return []
    rated = card.tdp.to("W").value * count
    share = watts.value / rated
    if _JOB_POWER[0] < share < _JOB_POWER[1]:
        return []
    slip = (
        "are servers in it that are not of this job?"
        if share > 1
        else "is it of one device (device_power)? Or in kW: then write '1.5 kW'"
    )
    return [f"power = {watts.value:.4g} W is {share:.2g} times what {count:g} x {card.label} are rated for: {slip}"]


def fewest(card: Chip, task: Task) -> int:
    """As few devices as hold the states of the training, whole servers of eight where one device does not."""
    if card.memory is None or task.total is None:
        return 1
    alone = task.total.value * _bytes(task) / (card.memory.to("GB").value * 1e9)
    return 1 if alone <= 1 else _SERVER * ceil(alone / _SERVER)


def of_memory(card: Chip, count: float, task: Task) -> list[str]:
    """Whether the states of the training fit the memory of all devices."""
    if card.memory is None or task.total is None:
        return []
    have, size = card.memory.to("GB").value * count, task.total.value
    weights, need = size * KEPT_BYTES / 1e9, size * _bytes(task) / 1e9
    cure = f"give a count of {fewest(card, task)} or more, or a device with more memory"
    if weights > have:
        return [f"it does not fit: the weights alone take {weights:.4g} GB of the {have:.4g} GB of the devices; {cure}"]
    if need > have:
        states = f"weights, gradients and optimiser states take {need:.4g} GB of the {have:.4g} GB of the devices"
        return [f"it does not fit as it is: {states}; {cure}; 8-bit states, offloading and adapters (lora) need less"]
    return []


def _bytes(task: Task) -> float:
    """Of memory for each parameter."""
    return KEPT_BYTES if task.adapted else STATE_BYTES


def of_tokens(task: Task) -> list[str]:
    """Whether a model sees so many tokens for its size that a larger one probably taught it."""
    if task.tokens is None or task.active is None or task.tokens.value <= _TOKENS_EACH * task.active.value:
        return []
    each = task.tokens.value / task.active.value
    teacher = "if it is distilled from a larger model, the operations of its teacher are not in params x tokens"
    return [f"{each:,.0f} tokens for each parameter: {teacher}: give hours, or flop with the teacher's"]


def of_length(hours: Quantity, count: float, *, given: bool) -> list[str]:
    """Whether it takes longer than anybody waited for."""
    if hours.value <= _LONG_H:
        return []
    years = f"{hours.value:.4g} h from beginning to end are {hours.value / 8760:.3g} years"
    if given and count > 1:
        return [f"{years}: if they are device-hours, give {hours.value / count:.4g} h"]
    return [years if given else f"{years} on {count:g} device{'s' * (count > 1)}: give a larger count"]


def of_hours(hours: Quantity, task: Task, implied: float, count: float) -> list[str]:
    """What the utilisation says that hours and operations imply; `ConfigError` where it is above 1."""
    said = f"{hours.value:.4g} h on {count:g} devices imply a utilisation of {implied:.2g}"
    if implied > 1:
        raise ConfigError(
            f"{said}, above 1: give hours from beginning to end and the number of devices, not of nodes; check that "
            "tokens are those consumed, and that params are active ones if few of all are used (active)"
        )
    if implied < LOW:
        cure = (
            f"if they are device-hours, give {hours.value / count:.4g} h; tokens are those consumed, repeats included"
        )
        return [f"{said}, below {LOW}: {cure}"]
    if implied < _DISTILLED and task.active is not None:
        return [f"{said}, less than trainings reach: params x tokens leave out the teacher of a distilled model"]
    return []
