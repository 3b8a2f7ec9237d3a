"""Which GPUs a program can see: CUDA_VISIBLE_DEVICES and CUDA_DEVICE_ORDER, read as CUDA reads them.

What a program cannot see is not booked to it. Pure: boards in, a choice out; the driver is asked elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

VARIABLE: Final = "CUDA_VISIBLE_DEVICES"
_BY_BUS: Final = "PCI_BUS_ID"
_SHOWN: Final = 60


class Slice(NamedTuple):
    """A MIG device: its uuid and how many of the board's compute slices it has (0 of 0: not known)."""

    uuid: str
    parts: int = 0
    whole: int = 0


class Board(NamedTuple):
    """One physical GPU as the driver lists it, in the order of the PCI bus."""

    uuid: str
    name: str
    slices: tuple[Slice, ...] = ()


class Visible(NamedTuple):
    """The two variables; `devices` is None where CUDA_VISIBLE_DEVICES is not set."""

    devices: str | None = None
    order: str = ""


class Choice(NamedTuple):
    """The boards that are seen (by index, each with the slices it is seen through; none: as a whole) and a remark."""

    seen: dict[int, list[Slice]]
    remark: str = ""
    remedy: str = ""


def choose(visible: Visible, boards: Sequence[Board]) -> Choice:
    """What a program with these variables sees of the boards.

    CUDA reads the list up to the first entry that names nothing. It numbers unlike boards with the fastest first
    unless told otherwise, which nobody can repeat from outside: then every board counts as seen. A board of which
    only one slice is there is seen through that slice.
    """
    if visible.devices is None:
        return Choice({index: _only(board) for index, board in enumerate(boards)})
    entries = [entry.strip() for entry in visible.devices.split(",")]
    numbered = any(entry.isdigit() for entry in entries)
    if numbered and len({board.name for board in boards}) > 1 and visible.order.strip().upper() != _BY_BUS:
        return Choice(
            {index: _only(board) for index, board in enumerate(boards)},
            f"all GPUs are counted: {VARIABLE}={shown(visible)} gives numbers, and CUDA numbers unlike GPUs by speed",
            f"export CUDA_DEVICE_ORDER={_BY_BUS} or name the GPUs by uuid (nvidia-smi -L)",
        )
    seen: dict[int, list[Slice]] = {}
    for entry in entries:
        found = _find(entry, boards)
        if found is None:
            break
        index, part = found
        slices = seen.setdefault(index, [])
        if part is not None and part not in slices:
            slices.append(part)
    return Choice(seen)


def shown(visible: Visible) -> str:
    """The value of CUDA_VISIBLE_DEVICES as it can stand in a message."""
    text = "".join(char for char in visible.devices or "" if char.isprintable())
    return text if 0 < len(text) <= _SHOWN else f"'{text[:_SHOWN]}'"


def _only(board: Board) -> list[Slice]:
    """The slice of a board that has a single one; none for a board that is whole or divided."""
    return list(board.slices) if len(board.slices) == 1 else []


def _find(entry: str, boards: Sequence[Board]) -> tuple[int, Slice | None] | None:
    """The board, and the slice of it, that one entry names; None when it names nothing or more than one."""
    if entry.isascii() and entry.isdigit():
        return (int(entry), next(iter(_only(boards[int(entry)])), None)) if int(entry) < len(boards) else None
    wanted = entry.lower()
    if wanted.startswith("mig-gpu-"):  # before driver 470: MIG-<uuid of the board>/<gpu instance>/<compute instance>
        of_board = wanted.removeprefix("mig-").partition("/")[0]
        named = [index for index, board in enumerate(boards) if board.uuid.lower() == of_board]
        exact = [part for index in named for part in boards[index].slices if part.uuid.lower() == wanted]
        return (named[0], exact[0] if exact else Slice(entry)) if named else None
    if wanted.startswith("mig-"):
        parts = [
            (index, part)
            for index, board in enumerate(boards)
            for part in board.slices
            if part.uuid.lower().startswith(wanted)
        ]
        return parts[0] if len(parts) == 1 else None
    if wanted.startswith("gpu-"):
        named = [index for index, board in enumerate(boards) if board.uuid.lower().startswith(wanted)]
        return (named[0], None) if len(named) == 1 else None
    return None
