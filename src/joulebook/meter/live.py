"""What a machine and its runs use at this moment: from the ends of journals, or from sensors, to a `Snapshot`.

Pure: whoever has a clock and files feeds it. Shares between runs follow the rule that decides their energy too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import Final, NamedTuple

from joulebook.ledger.reader import Record
from joulebook.ledger.recording import Recording, decode, legible, status
from joulebook.ledger.tail import News
from joulebook.meter.claimed import Claimed, Scene, bounds, sharing
from joulebook.meter.ranks.members import rank_of
from joulebook.meter.thinning import with_periods
from joulebook.meter.timeline import Energy
from joulebook.quantity import Basis, Quantity, Source, total
from joulebook.sensors.base import Channel

WINDOW_NS: Final = 3_000_000_000
"""Present power is the mean over this time; over two readings where they come more rarely."""
_SHORTEST_NS: Final = 200_000_000
_STALE_NS: Final = 10_000_000_000
"""Readings older than this, or than three intervals, say nothing of the present."""
_LATE_NS: Final = 2_500_000_000
"""A run whose last reading is older than those of others by this much does not hold up their shares."""
_METRICS: Final = 64
_FIRST_RECORDS: Final = 60
_Z95: Final = 1.6448536269514722


class DeviceNow(NamedTuple):
    """Present power of one channel of a device, whoever uses it."""

    device: str
    channel: str
    kind: str
    basis: str
    within: str
    """Device whose power already contains this one: shown, never added."""
    method: str
    power: Quantity | None
    """In W; None while the readings do not tell."""


class RunNow(NamedTuple):
    """A run at this moment."""

    id: str
    name: str
    parent: str
    """Run around this one that is followed too; "" at the top."""
    status: str
    elapsed_s: float
    silent_s: float
    """Age of its last reading."""
    stage: str
    """Path of the innermost stage that was entered last; "" outside stages or while it is not known."""
    stage_s: float
    power: Quantity | None
    """Its share of the machine, in W."""
    shared_with: int
    energy: Quantity | None
    """What the machine used since the run began, in J; its share of that is settled when it is looked back on."""
    metrics: tuple[tuple[str, object], ...]
    """The last value of each logged metric, the latest first."""


class Snapshot(NamedTuple):
    """One look at a machine."""

    wall_ns: int
    """UTC."""
    source: str
    """"journals" of running runs, or this machine's own "sensors"."""
    devices: tuple[DeviceNow, ...]
    power: Quantity | None
    """Of all devices together, in W."""
    runs: tuple[RunNow, ...] = ()
    notices: tuple[str, ...] = ()


class Followed:
    """One recorder: its readings of the last seconds, the stages that are open, and the latest metrics."""

    def __init__(self, run: str, recorder: str, head: Mapping[str, object]) -> None:
        self.run = run
        self.recorder = recorder
        self.head: dict[str, object] = {**head, "run": run}
        self.end: dict[str, object] | None = None
        self.capped = False
        self.metrics: dict[str, tuple[int, object]] = {}
        self._recent = Recording(recorder, self.head)
        self.last_ns = self._recent.first_ns
        self._totals: dict[int, tuple[int, int]] = {}
        self._began = self._looked_back = False
        self._open: dict[int, tuple[int, str, int]] = {}
        self._left: set[int] = set()

    @property
    def first_ns(self) -> int:
        """Boot time of its beginning."""
        return self._recent.first_ns

    def take(self, news: News) -> None:
        """Add what a look into the journal has found."""
        if news.records:
            if news.whole and not self._began:  # read from its first record on: it began with nothing
                self._totals = dict.fromkeys(range(len(self._recent.channels)), (self.first_ns, 0))
                self._learn(news.records)
            self._began = True
            self._add(decode(self.recorder, self.head, news.records))
        if news.old:
            if not self._looked_back:  # the first of them are the beginning of the journal
                self._learn(news.old)
            self._looked_back = True
            self._stages(decode(self.recorder, self.head, news.old))
        if news.whole:
            self._left.clear()

    def read(self, columns: Mapping[int, tuple[Sequence[int], Sequence[object]]]) -> None:
        """Add readings that are in no journal."""
        piece = Recording(self.recorder, self.head)
        for at, (times, values) in columns.items():
            piece.t[at], piece.raw[at] = list(times), list(values)
            piece.last_ns = max([piece.last_ns, *times[-1:]])
        if columns and not self._began:
            self._began = True
            self._recent.channels = with_periods(piece)
        self._add(piece)

    def _learn(self, records: Sequence[Record]) -> None:
        """Find the periods of counters in the dense readings with which a recording begins."""
        self._recent.channels = with_periods(decode(self.recorder, self.head, records[:_FIRST_RECORDS]))

    def _add(self, piece: Recording) -> None:
        recent = self._recent
        for at, times in enumerate(piece.t):
            recent.t[at] += times
            recent.raw[at] += piece.raw[at]
            if piece.anchors[at]:
                self._totals[at] = piece.anchors[at][-1]
        for column, new in zip(recent.cpu, piece.cpu, strict=True):
            column.extend(new)
        self.last_ns = max(self.last_ns, piece.last_ns)
        self.capped = self.capped or piece.capped
        self.end = piece.end or self.end
        recent.events += [event for event in piece.events if event[1] == "g"]
        self._stages(piece)
        self._forget()

    def _stages(self, piece: Recording) -> None:
        for t_ns, kind, payload in piece.events:
            if kind == "+" and isinstance(payload, list) and len(payload) == 3:
                sid, parent, name = payload
                if type(sid) is int and type(parent) is int and sid not in self._left:
                    self._open[sid] = parent, legible(str(name)), t_ns
            elif kind == "-" and type(payload) is int:
                if self._open.pop(payload, None) is None:
                    self._left.add(payload)
            elif kind == "l" and isinstance(payload, dict):
                for name, value in payload.items():
                    if name not in self.metrics or self.metrics[name][0] <= t_ns:
                        self.metrics.pop(name, None)
                        self.metrics[name] = t_ns, value
        while len(self.metrics) > _METRICS:
            del self.metrics[min(self.metrics, key=lambda name: self.metrics[name][0])]

    def _forget(self) -> None:
        """Keep the readings of the window and back to the last accumulated energy, and two in any case."""
        recent = self._recent
        for at, times in enumerate(recent.t):
            since = min(times[-1] - 2 * WINDOW_NS, self._totals.get(at, (times[-1], 0))[0]) if times else 0
            drop = max(0, min(sum(1 for t in times if t < since), len(times) - 2))
            del times[:drop], recent.raw[at][:drop]
        since = self.last_ns - 4 * WINDOW_NS
        drop = sum(1 for t in recent.cpu[0] if isinstance(t, int) and t < since)
        for column in recent.cpu:
            del column[:drop]
        recent.events = [event for event in recent.events if event[0] >= since]

    # -- what is asked ----------------------------------------------------------------------------------------

    def recording(self) -> Recording:
        """The readings of the last seconds, as a recording of their own."""
        self._recent.last_ns = self.last_ns
        return self._recent

    def last_reading_ns(self) -> int:
        """Boot time of the last reading of any channel; that of the beginning without any."""
        return max((times[-1] for times in self._recent.t if times), default=self.first_ns)

    def counted(self, at: int) -> tuple[int, int] | None:
        """The last known energy of a channel since the beginning: boot time and microjoules."""
        return self._totals.get(at)

    def stage(self) -> tuple[str, int]:
        """Path and beginning (boot ns) of the open stage that was entered last; "" outside stages."""
        if not self._open:
            return "", 0
        sid = max(self._open, key=lambda sid: (self._open[sid][2], sid))
        began, names, seen = self._open[sid][2], list[str](), set[int]()
        while sid in self._open and sid not in seen:
            seen.add(sid)
            names.append(self._open[sid][1].replace("/", "\\/") or "(unnamed)")
            sid = self._open[sid][0]
        return "/".join(reversed(names)), began


class Moment(NamedTuple):
    """The present: UTC and boot time in ns, the boot, and which processes live."""

    wall_ns: int
    boot_ns: int
    boot_id: str
    alive: frozenset[int]


def snapshot(followed: Sequence[Followed], now: Moment, notices: Iterable[str] = ()) -> Snapshot:
    """The machine and its runs as these recorders saw them last."""
    runs: dict[str, list[Followed]] = {}
    for one in followed:
        runs.setdefault(one.run, []).append(one)
    fresh = {
        run: [one.recording() for one in ones if _is_fresh(one, now)]
        for run, ones in runs.items()
        if state_of(ones, now) == "running"
    }
    groups = {run: group for run, group in fresh.items() if any(any(one.t) for one in group)}
    scenes = {
        run: Scene(group, [other for name, other in groups.items() if name != run]) for run, group in groups.items()
    }
    until = _known_until(scenes.values())
    devices: dict[tuple[str, str], tuple[Channel, Quantity | None]] = {}
    for claimed in (claimed for scene in scenes.values() for claimed in scene.claimed):
        channel = claimed.timeline.channel
        if (channel.device, channel.name) not in devices:
            devices[channel.device, channel.name] = channel, _power(claimed.timeline, _recent(claimed))
    return Snapshot(
        wall_ns=now.wall_ns,
        source="journals",
        devices=tuple(_device(channel, power) for channel, power in devices.values()),
        power=_sum(devices.values(), "W"),
        runs=tuple(_run(ones, scenes, until, now) for _, ones in sorted(runs.items(), key=_beginning)),
        notices=tuple(notices),
    )


def sensed(own: Followed, wall_ns: int, notices: Iterable[str] = ()) -> Snapshot:
    """The machine as its sensors show it, without any run."""
    found = [(one.timeline, _power(one.timeline, _recent(one))) for one in Scene([own.recording()]).claimed]
    return Snapshot(
        wall_ns=wall_ns,
        source="sensors",
        devices=tuple(_device(line.channel, power) for line, power in found),
        power=_sum([(line.channel, power) for line, power in found], "W"),
        notices=tuple(notices),
    )


def state_of(ones: Sequence[Followed], now: Moment) -> str:
    """The status of a run, or `silent`: its process lives and nothing has been written for a while."""
    pid = ones[0].head.get("pid")
    lives = pid in now.alive
    said = status(ones[0], now.boot_ns, now.boot_id, lives)
    return "silent" if said == "interrupted" and lives and ones[0].head.get("boot_id") == now.boot_id else said


def _beginning(pair: tuple[str, list[Followed]]) -> tuple[int, str]:
    return pair[1][0].first_ns, pair[0]


def _is_fresh(one: Followed, now: Moment) -> bool:
    interval = one.head.get("interval_s")
    slow = int(3e9 * interval) if isinstance(interval, int | float) and 0 < interval < 3_600 else 0
    return one.capped or now.boot_ns - one.last_reading_ns() < max(_STALE_NS, slow)


def _run(ones: Sequence[Followed], scenes: Mapping[str, Scene], until: int, now: Moment) -> RunNow:
    first = ones[0]
    scene = scenes.get(first.run)
    said = state_of(ones, now)
    lives = said in ("running", "silent")
    now_ns = now.boot_ns if lives else max(one.last_ns for one in ones)
    path, began = max((one.stage() for one in ones), key=lambda stage: stage[1])
    latest = sorted(
        ((t, name, value) for one in ones for name, (t, value) in one.metrics.items()), reverse=True, key=_time
    )
    name, parent, rank = (
        legible(str(first.head.get("name") or "")),
        str(first.head.get("parent") or ""),
        rank_of(first.head),
    )
    shares = scene.claimed if scene else []
    return RunNow(
        id=first.run,
        name=f"{name} rank {rank.rank}" if rank else name,
        parent=parent if parent in scenes else "",
        status=said,
        elapsed_s=max(0, now_ns - min(one.first_ns for one in ones)) / 1e9,
        silent_s=max(0, now_ns - max(one.last_reading_ns() for one in ones)) / 1e9,
        stage=path if lives else "",
        stage_s=max(0, now_ns - began) / 1e9 if path and lives else 0.0,
        power=_sum([(one.timeline.channel, _share_of_power(one, scene, until)) for one in shares if scene], "W"),
        shared_with=len(sharing(scene.own, scene.others)) if scene else 0,
        energy=_energy(ones, shares),
        metrics=tuple((name, value) for _, name, value in latest),
    )


def _time(item: tuple[int, str, object]) -> int:
    return item[0]


# -- power and energy of a channel ------------------------------------------------------------------------------


def _recent(claimed: Claimed) -> tuple[int, int]:
    """The window at the end of a timeline: long enough for two readings where they are rare."""
    line = claimed.timeline
    before = max((track.t[-2] for track in line.tracks if len(track.t) > 1), default=line.end_ns)
    return max(min(line.end_ns - WINDOW_NS, before), line.start_ns), line.end_ns


def _share_of_power(claimed: Claimed, scene: Scene, until: int) -> Quantity | None:
    """The power of the run's share since the last of those that share began, up to where all of them are known."""
    if claimed.share is None:
        return None
    start, end = _recent(claimed)
    shift = max(0, end - until)
    begins = [bounds(group)[0] for group in (scene.own, *scene.others)]
    start = max([start - shift, scene.window[0], *(at for at in begins if at < end - shift - _SHORTEST_NS)])
    return _power(claimed.share, (start, end - shift))


def _known_until(scenes: Iterable[Scene]) -> int:
    """The last instant at which the readings of all runs are there; one that is late is not waited for."""
    ends = [scene.window[1] for scene in scenes]
    return min((end for end in ends if max(ends) - end < _LATE_NS), default=0)


def _power(line: Energy, window: tuple[int, int]) -> Quantity | None:
    """Mean power within a window in W, with calibration, edges and sampling in its interval."""
    start, end = window
    if end - start < _SHORTEST_NS or line.coverage(start, end) < 0.5:
        return None
    watts = line.energy(start, end) / (end - start) * 1_000
    variance = sum((weight * line.edge_sd(t)) ** 2 for t, weight in line.edges(start, end))
    variance += line.share(start, end) ** 2 * line.noise_var(start, end)
    return known(line.channel, watts, "W", spread=_Z95 * sqrt(variance) / (end - start) * 1_000)


def known(channel: Channel, value: float, symbol: str, *, spread: float = 0.0) -> Quantity:
    """A figure of one channel with the error of its calibration, and `spread` beside that."""
    low, high = min(channel.low, 1.0), max(channel.high, 1.0)
    down, up = sqrt((value * (1 - low)) ** 2 + spread**2), sqrt((value * (high - 1)) ** 2 + spread**2)
    owner = Source(channel.calibration or f"calibration:{channel.device}/{channel.name}", channel.source)
    return Quantity.of(
        value, symbol, low=max(0.0, value - down), high=value + up, basis=Basis.parse(channel.basis), source=owner
    )


def _sum(parts: Iterable[tuple[Channel, Quantity | None]], symbol: str) -> Quantity | None:
    """The sum over devices, less what is inside another one; None where one of them is not known."""
    counted = [quantity for channel, quantity in parts if not channel.within]
    if not counted or any(quantity is None for quantity in counted):
        return None
    return total([quantity for quantity in counted if quantity is not None], symbol)


def _energy(ones: Sequence[Followed], shares: Sequence[Claimed]) -> Quantity | None:
    parts: list[tuple[Channel, Quantity | None]] = []
    for claimed in shares:
        line = claimed.timeline
        found = [
            total_uj * line.channel.share + line.energy(t_ns, line.end_ns)
            for one in ones
            for at, plain in enumerate(one.recording().channels)
            if (plain.get("device"), plain.get("name")) == (line.channel.device, line.channel.name)
            for t_ns, total_uj in [one.counted(at) or (0, -1)]
            if total_uj >= 0
        ]
        parts.append((line.channel, known(line.channel, max(found) / 1e6, "J") if found else None))
    return _sum(parts, "J")


def _device(channel: Channel, power: Quantity | None) -> DeviceNow:
    return DeviceNow(channel.device, channel.name, channel.kind, channel.basis, channel.within, channel.method, power)
