"""Journals as the real poller would fill them, on a virtual clock: hours of a recording in a moment, of known truth."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from joulebook.ledger.batch import encode_batch
from joulebook.ledger.frame import frame, to_json
from joulebook.ledger.places import run_folder
from joulebook.meter.poller import Poller
from joulebook.sensors.base import COUNTER, POWER, Channel, Sensor
from joulebook.testing.fake import FakeSensor, Load, Script, VirtualClock

SECOND: Final = 1_000_000_000
_BATCH_NS: Final = 950_000_000
_ANCHOR_NS: Final = 10 * SECOND
_BURST_NS: Final = 900_000_000
_Edge = tuple[int, str, object]


class Recorded(NamedTuple):
    """One recorder's journal."""

    recorder: str
    head: dict[str, object]
    records: list[dict[str, object]]
    """With their numbers, without the head; the end record is the last one, where there is one."""

    def lines(self) -> bytes:
        """The journal as bytes."""
        records = [{"n": 0, "head": self.head}, *self.records]
        return b"".join(frame(to_json(record)) for record in records)

    def write(self, home: str | os.PathLike[str]) -> Path:
        """Write it into a book; the path of its segment."""
        wall, run, rank = self.head["wall_ns"], str(self.head["run"]), self.head.get("rank")
        group = str(rank["group"]) if isinstance(rank, dict) else ""
        folder = Path(run_folder(home, wall if isinstance(wall, int) else 0, run, group))
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.recorder}.000.jsonl"
        path.write_bytes(self.lines())
        return path


def instruments(period_ns: int = 1_000_000) -> list[Script]:
    """A counter that is updated every `period_ns` on a slow square load, and a sampled power."""
    counter = Channel("package-0", "cpu-0", "cpu", COUNTER, low=0.95, high=1.05, calibration="cpu", limit_w=2_000.0)
    power = Channel("board", "gpu-0", "gpu", POWER, low=0.95, high=1.05, calibration="gpu", limit_w=2_000.0)
    return [
        Script(Load.square(40, 200, 7.3), counter, period_ns=period_ns, jitter_ns=period_ns // 50),
        Script(Load.square(60, 400, 3.1), power),
    ]


def recorded(
    scripts: Sequence[Script],
    seconds: float,
    *,
    stages: Sequence[tuple[float, float, str]] = (),
    begin_s: float = 1_000.0,
    seed: int = 0,
    **head: object,
) -> Recorded:
    """What a recorder writes of these instruments in that time, reading at once at the edges of `stages`.

    `stages` are (begin, end, name) in seconds from the start. The head is that of a run of this process and of an
    invented boot unless `head` says otherwise; `status=""` leaves the end record out.
    """
    random = Random(seed)  # noqa: S311 - tests, not secrets
    clock = VirtualClock(int(begin_s * SECOND))
    sensors: list[tuple[str, Sensor]] = [("fake", FakeSensor(list(scripts), clock))]
    poller = Poller(sensors, clock=clock, uniform=random.random)
    start, status = clock.now, head.pop("status", "finished")
    full: dict[str, object] = {
        "format": 1,
        "run": f"{random.getrandbits(48):012x}",
        "name": "recorded",
        "boot_id": "invented",
        "wall_ns": clock.wall(),
        "boot_ns": start,
        "pid": os.getpid(),
        "parent": "",
        "span": "",
        "argv": [],
        "edition": "",
        "region": "",
        "share": "machine",
        "interval_s": 0.1,
        "channels": [channel._asdict() for channel in poller.channels],
        **head,
    }
    recorder = f"{full['pid']}-{random.getrandbits(32):08x}"
    found = list(_batches(poller, clock, start + int(seconds * SECOND), _edges(stages, start), random))
    if status:
        found.append(
            {"end": {"t": clock.now, "status": status, "exit": 0 if status == "finished" else 1, "reason": ""}}
        )
    return Recorded(recorder, full, [{"n": number, **record} for number, record in enumerate(found, 1)])


def _edges(stages: Sequence[tuple[float, float, str]], start: int) -> list[_Edge]:
    edges: list[_Edge] = []
    for number, (begin, end, name) in enumerate(stages, 1):
        edges.append((start + int(begin * SECOND), "+", [number, 0, name]))
        edges.append((start + int(end * SECOND), "-", number))
    return sorted(edges, key=lambda edge: edge[:2])


def _batches(
    poller: Poller, clock: VirtualClock, end: int, edges: list[_Edge], random: Random
) -> Iterator[dict[str, object]]:
    """One record for each drain of the poller, as the recorder makes them."""

    def wait(lasts: float) -> bool:
        clock.advance(int(lasts * SECOND) + random.randrange(50_000, 250_000))
        return False

    events: list[_Edge] = []
    poller.burst(wait, moves=2)
    burst = flushed = anchored = clock.now
    instant = poller.next_instant()
    while clock.now < end:
        clock.now = max(clock.now, min([instant, end, *[edge[0] for edge in edges[:1]]]))
        if edges and edges[0][0] <= clock.now:
            events.append(edges.pop(0))
            if clock.now - burst > _BURST_NS:
                burst = clock.now
                poller.disturbed()
                poller.burst(wait)
        else:
            poller.read()
        if clock.now >= instant:
            instant = poller.next_instant()
        if clock.now >= end:
            events += edges
        elif instant - flushed < _BATCH_NS:
            continue
        poller.adapt()
        every = clock.now - anchored >= _ANCHOR_NS
        anchored = clock.now if every else anchored
        readings = poller.drain()
        energies = {at: one.uj for at, one in enumerate(poller.integrators) if every or one.channel.form == POWER}
        yield encode_batch(clock.now, readings, energies, events)
        events, flushed = [], clock.now
