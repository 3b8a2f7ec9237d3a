"""Which calibration against a wall meter holds here and now, and what a journal's head says of it.

Loaded on the metering path: no quantities, and nothing is parsed on machines that were never calibrated.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from joulebook.errors import FactRejected
from joulebook.facts import machine
from joulebook.facts.machine import Choice
from joulebook.sensors.base import Channel
from joulebook.sensors.machine_id import machine_subject

HEAD: Final = "wall"
"""Key of the calibration in the head of a journal,"""
FIELDS: Final = ("id", "subject", "made", "file", "sensors", "gain", "excess", "at", "accuracy", "gain_known")
"""and what stands there: all that is needed to use it again."""


def sensor_name(channel: Channel) -> str:
    """A channel as a calibration knows it: a model counts with its parameters."""
    made_of = f", {channel.source}, {channel.limit_w:.3g} W" if channel.basis != "measured" else ""
    return f"{channel.device} {channel.name} ({channel.method or channel.form}{made_of})"


def sensor_names(channels: Iterable[Channel]) -> list[str]:
    """The names of the channels that are added up; those shown beside others are not among them."""
    return [sensor_name(channel) for channel in channels if not channel.within]


def calibration_here(path: str, channels: Iterable[Channel]) -> Choice:
    """The calibration that holds for this machine with these channels now; never raises."""
    try:
        known = machine.read(path)
    except FactRejected as error:
        return Choice(None, str(error))
    return machine.choose(known, machine_subject(), sensor_names(channels)) if known else Choice(None)


def head_of(choice: Choice) -> dict[str, object]:
    """What a journal's head says of a calibration: the one in use, or why there is none; empty without any."""
    if choice.facts is None:
        return {"unused": choice.reason} if choice.reason else {}
    facts = choice.facts._asdict()
    return {name: facts[name] for name in FIELDS}
