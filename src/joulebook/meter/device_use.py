"""The part of a run's processes in the use of a GPU, as rows that claims by process can be shared by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from joulebook.sensors.nvml_uses import Use

USED: Final = "u"
"""Kind of the event that holds a row: device, microseconds of the run's own processes, microseconds in all."""
Row = tuple[int, int, int]
"""Boot ns, own us, all us; cumulative."""


class DeviceUse:
    """Adds up who used the GPUs; `members` are the ids of the run's processes now."""

    def __init__(self, members: Callable[[], Iterable[int]]) -> None:
        self._members = members
        self._rows: dict[str, Row] = {}

    def events(self, uses: Sequence[Use]) -> list[tuple[int, str, object]]:
        """One event for each of these uses, in their order."""
        own = set(self._members()) if uses else set()
        return [self._event(use, own) for use in uses]

    def _event(self, use: Use, own: set[int]) -> tuple[int, str, object]:
        before_ns, mine_us, all_us = self._rows.get(use.device, (use.t_ns, 0, 0))
        lasted = max(0, use.t_ns - before_ns) // 1_000
        whole = sum(use.weights.values())
        part = sum(weight for pid, weight in use.weights.items() if pid in own) / whole if whole else 0.0
        self._rows[use.device] = use.t_ns, mine_us + round(lasted * part), all_us + lasted
        return use.t_ns, USED, [use.device, *self._rows[use.device][1:]]


def rows_of(events: Iterable[tuple[int, str, object]]) -> dict[str, tuple[Row, ...]]:
    """The rows of each device from the events of a recording; what is not one is left out."""
    found: dict[str, list[Row]] = {}
    for t_ns, kind, payload in events:
        if kind == USED and isinstance(payload, list) and [type(value) for value in payload] == [str, int, int]:
            found.setdefault(payload[0], []).append((t_ns, payload[1], payload[2]))
    return {device: tuple(sorted(rows)) for device, rows in found.items()}
