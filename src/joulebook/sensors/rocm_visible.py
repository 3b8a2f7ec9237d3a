"""Which AMD GPUs a program can see: ROCR_VISIBLE_DEVICES and HIP_VISIBLE_DEVICES, read as ROCm reads them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from joulebook.sensors.cuda_visible import Board, Visible, choose, shown


class RocmVisible(NamedTuple):
    """The variables that hide GPUs; None where one is not set."""

    rocr: str | None = None
    hip: str | None = None
    """HIP_VISIBLE_DEVICES, or CUDA_VISIBLE_DEVICES, which HIP reads as well: numbers among those that ROCR leaves."""


def hidden_by(boards: Sequence[Board], visible: RocmVisible) -> dict[int, str]:
    """The GPUs that a program cannot see, by index, each with the variable that hides it.

    ROCR comes first, with numbers and uuids; HIP counts anew among what is left. Both read up to the first entry
    that names nothing, as CUDA does.
    """
    left = list(range(len(boards)))
    hidden: dict[int, str] = {}
    for name, value in (("ROCR_VISIBLE_DEVICES", visible.rocr), ("HIP_VISIBLE_DEVICES", visible.hip)):
        if value is None:
            continue
        asked = Visible(value, "PCI_BUS_ID")
        seen = choose(asked, [boards[index] for index in left]).seen
        hidden |= {index: f"{name}={shown(asked)}" for at, index in enumerate(left) if at not in seen}
        left = [left[at] for at in seen]
    return hidden
