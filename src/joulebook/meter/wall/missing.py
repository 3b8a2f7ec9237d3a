"""What the sensors of a machine miss (power supply, fans, disks), from its calibration against a wall meter.

    missing = (gain - 1) x sensed energy + offset x time,    offset = excess - (gain - 1) x at

It is a timeline of its own, in integer microjoules, shared among runs and stages like any other: parts add up.
A run carries the calibration that held at its start in the head of its journal, so that it is never priced anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from joulebook.entry import Entry
from joulebook.facts.machine import Triple
from joulebook.ledger.recording import Recording, legible
from joulebook.meter.claimed import Claimed
from joulebook.meter.claims import Claim, Share, split, unite
from joulebook.meter.integrator import Gap
from joulebook.meter.timeline import Edge, Timeline
from joulebook.meter.wall.in_use import HEAD, sensor_name
from joulebook.meter.window import calibration_of
from joulebook.quantity import Basis, Quantity, Source, total
from joulebook.sensors.base import Channel

DEVICE: Final = "power supply, fans, disks"
KIND: Final = "supply"
Window = tuple[int, int]
_PPM: Final = 1_000_000
_LARGEST: Final = 1e6
_FAR: Final = 1.25
"""A run whose mean power lies beyond this factor of the calibrated loads is told so."""


class Wall(NamedTuple):
    """The calibration of a run, as its head says it."""

    id: str
    subject: str
    made: str
    file: str
    sensors: tuple[str, ...]
    gain: Triple
    excess: Triple
    at: Triple
    accuracy: Triple
    gain_known: bool

    @property
    def gain_ppm(self) -> int:
        """Gain - 1 in millionths."""
        return round((self.gain[0] - 1) * _PPM)

    @property
    def offset_pw(self) -> int:
        """Offset in picowatts, exact for the rounded gain."""
        return round(self.excess[0] * _PPM) * _PPM - self.gain_ppm * round(self.at[0] * _PPM)

    @property
    def basis(self) -> str:
        """Modelled: nothing at the wall was read during the run. Assumed, where the gain is that of any supply."""
        return "modelled" if self.gain_known else "assumed"

    @property
    def text(self) -> str:
        """What a reader needs to find the calibration again."""
        return f"calibration {self.id} of {self.made[:10]} against the wall meter's log {self.file}"


def wall_of(head: Mapping[str, object]) -> Wall | str:
    """The calibration in a head, or why there is none ("" where nothing is said); a head may be anybody's work."""
    plain = head.get(HEAD)
    if not isinstance(plain, dict) or not plain:
        return ""
    if "unused" in plain:
        return legible(str(plain["unused"]))
    try:
        wall = Wall(
            id=legible(str(plain["id"])),
            subject=legible(str(plain["subject"])),
            made=legible(str(plain["made"])),
            file=legible(str(plain["file"])),
            sensors=tuple(legible(str(name)) for name in plain["sensors"]),
            gain=_triple(plain["gain"]),
            excess=_triple(plain["excess"]),
            at=_triple(plain["at"]),
            accuracy=_triple(plain["accuracy"]),
            gain_known=bool(plain["gain_known"]),
        )
    except (KeyError, TypeError, ValueError):
        return "the wall calibration in the head of the journal makes no sense and is not used"
    return wall


def _triple(plain: Sequence[object]) -> Triple:
    value, low, high = (float(number) for number in plain if isinstance(number, int | float))
    if not -_LARGEST < low <= value <= high < _LARGEST:
        raise ValueError("not a value within an interval")
    return value, low, high


class Missing:
    """One part of the missing energy of a boot as a timeline: that in proportion to a sensor, or that of time alone."""

    __slots__ = ("_end_ns", "_line", "_start_ns", "_suspended", "boot_id", "channel", "key", "wall")

    def __init__(self, wall: Wall, lines: Sequence[Timeline], line: Timeline | None = None) -> None:
        """`lines` are all sensors of the boot, `line` is the one in proportion to which this part is; None: time."""
        self.wall = wall
        self.boot_id = lines[0].boot_id
        self.key = f"{self.boot_id}/{DEVICE}/{line.key if line else 'time'}"
        self.channel = Channel(KIND, DEVICE, KIND, basis=wall.basis, method=f"wall meter {wall.made[:10]}, {wall.file}")
        self._line = line
        self._start_ns = min(line.start_ns for line in lines)
        self._end_ns = max(line.end_ns for line in lines)
        gaps = (gap for line in lines for gap in line.gaps_in(self._start_ns, self._end_ns))
        self._suspended = unite(gap[:2] for gap in gaps if gap.reason == "suspended")

    def at(self, t_ns: int) -> int:
        """Energy up to `t_ns` in uJ."""
        if self._line is not None:
            return self.wall.gain_ppm * self._line.at(t_ns) // _PPM
        t_ns = min(max(t_ns, self._start_ns), self._end_ns)
        asleep = sum(end - start for start, end in self.sleeps(self._start_ns, t_ns))
        return self.wall.offset_pw * (t_ns - self._start_ns - asleep) // 10**15

    def sleeps(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """The parts of a window in which the machine slept and drew nothing that is known."""
        parts = ((max(start, start_ns), min(end, end_ns)) for start, end in self._suspended)
        return [(start, end) for start, end in parts if end > start]

    def energy(self, start_ns: int, end_ns: int) -> int:
        """Energy in uJ within a window."""
        return self.at(end_ns) - self.at(start_ns)

    def coverage(self, start_ns: int, end_ns: int) -> float:
        """That of the sensor; time is always known."""
        return self._line.coverage(start_ns, end_ns) if self._line else 1.0

    def gaps_in(self, start_ns: int, end_ns: int) -> list[Gap]:
        """Those of the sensor."""
        return self._line.gaps_in(start_ns, end_ns) if self._line else []

    def edge_sd(self, t_ns: int) -> float:  # noqa: ARG002 - the errors of the sensors carry it
        """No error of its own at an instant."""
        return 0.0

    def noise_var(self, start_ns: int, end_ns: int) -> float:  # noqa: ARG002 - as above
        """No sampling of its own."""
        return 0.0

    def edges(self, start_ns: int, end_ns: int) -> list[Edge]:
        """The two ends of the window."""
        return [Edge(start_ns, -1.0), Edge(end_ns, 1.0)]

    def share(self, start_ns: int, end_ns: int) -> float:  # noqa: ARG002 - the whole of itself at any time
        """Always 1: the whole timeline."""
        return 1.0

    def peak_w(self) -> float:
        """Highest power of this part."""
        return self.wall.gain_ppm / _PPM * self._line.peak_w() if self._line else self.wall.offset_pw / 1e12

    def baseline_w(self) -> float | None:
        """Not told apart: what is missing at rest is paid for by whoever uses the machine."""
        return None


class Supply(NamedTuple):
    """What one run, or one of its stages, has of the missing energy of a boot."""

    time: Missing
    shares: tuple[Share, ...]
    """Of the part of time first, then of those of the sensors: each is shared as its sensor is."""

    def energy(self, start_ns: int, end_ns: int) -> int:
        """Energy in uJ within a window."""
        return sum(share.energy(start_ns, end_ns) for share in self.shares)

    def split(self, claims: Sequence[Claim]) -> dict[str, Supply]:
        """The supplies of stages beside each other, by path."""
        if not claims:
            return {}
        parts = [split(share, claims) for share in self.shares]
        return {path: self._replace(shares=tuple(part[path] for part in parts)) for path in parts[0]}

    def seconds(self, start_ns: int, end_ns: int) -> float:
        """Waking seconds of a window, times the share of the machine."""
        share = self.shares[0]
        own = share.share(start_ns, end_ns) * (end_ns - start_ns)
        for start, end in self.time.sleeps(start_ns, end_ns):
            own -= share.share(start, end) * (end - start)
        return own / 1e9


def supplies(own: Sequence[Recording], known: Sequence[Claimed], window: Window) -> tuple[list[Supply], list[str]]:
    """What the sensors missed in a run, for each of its boots, and what has to be said about it.

    `known` are the channels whose energy is known, whether the run has a share of them or not.
    """
    found: list[Supply] = []
    notices: list[str] = []
    for boot in dict.fromkeys(one.timeline.boot_id for one in known):
        said = [wall_of(recording.head) for recording in own if legible(str(recording.head.get("boot_id", ""))) == boot]
        wall = next((one for one in said if one), "")
        here = [one for one in known if one.timeline.boot_id == boot and not one.timeline.channel.within]
        if isinstance(wall, str):
            notices += [wall] if wall else []
            continue
        unused = f"the wall calibration of {wall.made[:10]} is not used"
        if {sensor_name(one.timeline.channel) for one in here} != set(wall.sensors):
            notices.append(f"{unused}: not all of its sensors are known here, or there are others")
            continue
        supply = _supply(wall, here)
        if supply is None:
            continue
        if supply.energy(*window) < 0:
            notices.append(f"{unused}: it was made at higher loads")
            continue
        found.append(supply)
        notices += _beyond(wall, here, window)
    return found, notices


def _supply(wall: Wall, here: Sequence[Claimed]) -> Supply | None:
    """Time is shared as the processor is: every run of a boot has to choose the same sensor for that.

    None for a run that lasted no time.
    """
    lines = [one.timeline for one in here]
    first = min(here, key=lambda one: (one.timeline.channel.kind != "cpu", one.timeline.key))
    if first.share is None:
        return None
    time = Missing(wall, lines)
    parts = [(first.share, time), *((one.share, Missing(wall, lines, one.timeline)) for one in here)]
    return Supply(time, tuple(share.alike(part) for share, part in parts if share is not None))


def _beyond(wall: Wall, here: Sequence[Claimed], window: Window) -> list[str]:
    """Said where the machine drew more or less than was calibrated."""
    seconds = (window[1] - window[0]) / 1e9
    watts = sum(one.timeline.energy(*window) for one in here) / 1e6 / seconds if seconds > 0 else 0.0
    _, low, high = wall.at
    if low / _FAR <= watts <= high * _FAR:
        return []
    made = f"the wall calibration of {wall.made[:10]} was made at {low:.3g} to {high:.3g} W"
    return [f"the sensors showed {watts:.3g} W; {made}"]


def supply_entry(supply: Supply, sensed: Sequence[tuple[Timeline, Entry]], intervals: Sequence[Window]) -> Entry:
    """What was missing in one span: `supply` is that of the span, `sensed` are the entries of its channels there.

    Each error belongs to its cause, so that windows of a run add up draw by draw: gain, excess and the meter's
    accuracy to the calibration. What is drawn at the wall was calibrated by what the sensors *show*: their own
    calibration error is in the missing part too, with the other sign, and leaves the sum.
    """
    channel, like = supply.time.channel, sensed[0][1]
    return like._replace(
        id=f"{like.run}/{like.span}/{DEVICE}",
        device=DEVICE,
        amount=_amount(supply, sensed, intervals).named(DEVICE),
        energy_uj=sum(supply.energy(start, end) for start, end in intervals),
        method=channel.method,
        coverage=min(entry.coverage for _, entry in sensed),
        labels={"kind": KIND, "channel": KIND},
    )


def _amount(supply: Supply, sensed: Sequence[tuple[Timeline, Entry]], intervals: Sequence[Window]) -> Quantity:
    wall, key = supply.time.wall, supply.time.key
    basis = Basis.parse(wall.basis)
    shown = sum(entry.energy_uj or 0 for _, entry in sensed) / 1e6
    seconds = sum(supply.seconds(start, end) for start, end in intervals)
    span = f"{intervals[0][0]}..{intervals[-1][1]}"

    def read(value: float, unit: str, what: str) -> Quantity:
        return Quantity.of(value, unit, basis=Basis.MEASURED, source=Source(f"{key}:{what}:{span}", what))

    def of_wall(name: str, unit: str, triple: Triple) -> Quantity:
        source = Source(f"{wall.subject} {name}", f"{name}, {wall.text}")
        value, low, high = triple
        return Quantity.of(value, unit, low=low, high=high, basis=basis, source=source, name=name)

    gain = 1 + wall.gain_ppm / _PPM
    factor = of_wall("wall_gain", "1", wall.gain) - Quantity.exact(1.0)
    beyond = shown - wall.at[0] * seconds
    drawn = shown + wall.excess[0] * seconds + (gain - 1) * beyond
    accuracy = of_wall("wall_meter_accuracy", "1", wall.accuracy) - Quantity.exact(wall.accuracy[0])
    terms = [
        factor * read(beyond, "J", f"energy shown by the sensors beyond {wall.at[0]:.4g} W"),
        of_wall("wall_excess", "W", wall.excess) * read(seconds, "s", "time"),
        accuracy * read(drawn, "J", "energy drawn at the wall"),
    ]
    for timeline, entry in sensed:
        own = _made_good(timeline, entry, gain)
        terms += [total(own, "J", f"error of {entry.device}, made good at the wall")] if own else []
    return total(terms, "J")


def _made_good(timeline: Timeline, entry: Entry, gain: float) -> list[Quantity]:
    """Around zero: a channel's edges and gaps times (gain - 1), and its calibration error with the other sign."""
    factor = calibration_of(timeline)
    if factor is None:
        return [] if entry.amount.is_exact else [entry.amount * (gain - 1), _shown(entry) * (1 - gain)]
    return [entry.amount * (gain - 1), _shown(entry) * factor * -gain, _shown(entry)]


def _shown(entry: Entry) -> Quantity:
    joules = (entry.energy_uj or 0) / 1e6
    return Quantity.of(joules, "J", basis=entry.basis, source=Source(f"shown:{entry.id}", f"shown by {entry.device}"))
