"""The readings below a figure: which channel of which sensor, how many, and how much of the time they cover."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from joulebook.ledger.recording import Recording
from joulebook.quantity import Quantity
from joulebook.report.wording import count, digits


class Readings(NamedTuple):
    """The readings of one channel within one window."""

    id: str
    """Of the source in the tree."""
    device: str
    channel: str
    basis: str
    method: str
    calibration: str
    """Where method and range of the channel come from."""
    number: int
    """Readings within the window, of all recorders."""
    seconds: float
    """Length of the window."""
    covered: float
    """Share of the window between the first and the last of them."""

    @property
    def note(self) -> str:
        """In a few words."""
        share = f"{digits(100 * self.covered)} %"
        return f"{count(self.number, 'reading')} over {share} of {digits(self.seconds)} s"


def readings(quantity: Quantity, recordings: Sequence[Recording]) -> list[Readings]:
    """What is known of the readings below a quantity, in the order of its tree."""
    found = []
    for source in quantity.sources().values():
        kind, _, rest = source.id.partition(":")
        key, _, window = rest.rpartition(":")
        start, _, end = window.partition("..")
        if kind != "reading" or not (start.isdecimal() and end.isdecimal()):
            continue
        made = _of(source.id, key, (int(start), int(end)), recordings)
        if made is not None:
            found.append(made)
    return found


def _of(owner: str, key: str, window: tuple[int, int], recordings: Iterable[Recording]) -> Readings | None:
    first: dict[str, object] | None = None
    times: list[int] = []
    for recording in recordings:
        boot = str(recording.head.get("boot_id", ""))
        for at, channel in enumerate(recording.channels):
            if f"{boot}/{channel.get('device')}/{channel.get('name')}" == key:
                first = first or channel
                usable = zip(recording.t[at], recording.raw[at], strict=True)
                times += [t for t, raw in usable if raw is not None and window[0] <= t <= window[1]]
    if first is None:
        return None
    length = window[1] - window[0]
    device, name, basis, method, source = (
        str(first.get(key, "")) for key in ("device", "name", "basis", "method", "source")
    )
    covered = (max(times) - min(times)) / length if times and length else 0.0
    return Readings(owner, device, name, basis, method, source, len(times), length / 1e9, covered)
