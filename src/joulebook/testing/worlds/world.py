"""Whole worlds from one integer: machines that sleep and lose power, disks and sensors with faults, up to 64 recorders.

Poller, recorder, syncer and journal are the real ones; clocks, disks, instruments and programs are not. `verdict` says
what must hold of what is left, `simulation` tries worlds by their number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from typing import Final, NamedTuple

from joulebook.errors import SensorDenied
from joulebook.ledger.places import run_folder
from joulebook.meter.poller import Poller
from joulebook.meter.recorder import Work
from joulebook.sensors.base import COUNTER, POWER, Channel, Reading
from joulebook.testing.fake import SECOND, FakeSensor, Fault, Load, Script
from joulebook.testing.worlds.stepped import KilledError, Life, Log, Outage, SteppedJournal, SteppedRecorder, TimedDisk

FIRST_BOOT_NS: Final = 1_000 * SECOND
BRIEF_NS: Final = 5 * SECOND
"""An outage of a disk that is over soon."""
_SIZES: Final = (1,) * 12 + (2,) * 9 + (3, 3, 4, 4, 8)
_SPANS: Final = (2, 4, 6, 8, 16)
_WRONG: Final = ("nan", "text", "empty", "negative", "huge", "none", "denied", "oserror", "stuck")


class Machine(NamedTuple):
    """A machine from one boot to the next: all times are its boot time."""

    boot: str
    scripts: tuple[Script, ...]
    silences: tuple[tuple[int, int, bool], ...]
    """Start, end, and whether the whole machine slept; else the processes stood still."""
    steps: tuple[tuple[int, int], ...]
    """When the wall clock was set, and by how much."""
    outages: tuple[Outage, ...]
    begin_ns: int
    cut_ns: int
    """When its power was cut; 0: never."""
    until_ns: int
    """When the world looks at it."""


class Process(NamedTuple):
    """One recorder of the world and what became of it."""

    name: str
    run: str
    parent: str
    machine: Machine
    start_ns: int
    folder: str
    journal: SteppedJournal
    disk: TimedDisk
    ended: bool
    """It came to its end; else it was killed, or still lives."""
    lives: bool
    killed_ns: int


class World(NamedTuple):
    """Everything that happened, before anybody looks."""

    seed: int
    chance: Random
    interval_s: float
    processes: list[Process]
    stillborn: list[tuple[str, TimedDisk]]
    """Folder and disk of those that were killed before their first record."""
    scarred: set[str]
    """Recorders in whose files a digit has changed since."""


def simulate(seed: int, log: Log = lambda _: None) -> World:
    """The world of a seed, lived to its end."""
    chance = Random(seed)  # noqa: S311 - tests, not secrets
    interval_s = chance.choice((0.1, 0.1, 0.25, 0.5, 1.0))
    span = round(chance.choice(_SPANS) * SECOND * max(1.0, interval_s * 4))
    count = chance.choice(_SIZES) if chance.random() < 0.995 else chance.choice((16, 32, 64))
    span = max(SECOND, span // max(1, count // 3))
    world = World(seed, chance, interval_s, [], [], set())
    for boot in range(2 if chance.random() < 0.15 else 1):
        machine = _machine(chance, f"boot-{boot}", span, last=boot == 1)
        log(f"{machine.boot}: {len(machine.scripts)} devices, {span / 1e9:g} s, power cut {_s(machine.cut_ns)}")
        for what in (*machine.silences, *machine.steps, *machine.outages, *(one.faults for one in machine.scripts)):
            log(f"  {what}")
        for number in range(count if not boot else 1 + count // 4):
            _live(world, machine, number, log)
    return world


def _s(ns: int) -> str:
    return f"{ns / 1e9:.6f} s"


def _machine(chance: Random, boot: str, span: int, *, last: bool) -> Machine:
    begin = FIRST_BOOT_NS if boot == "boot-0" else chance.randrange(20, 60) * SECOND
    end = begin + span
    silences: list[tuple[int, int, bool]] = []
    at = begin
    for _ in range(chance.choice((0, 0, 0, 1, 2))):
        at += chance.randrange(1, span)
        lasts = 6 * SECOND // 10 + int(span * chance.choice((0.01, 0.2, 3)) * chance.random())
        if at < end:
            silences.append((at, at + lasts, chance.random() < 0.6))
            at += lasts
            end += lasts
    steps = tuple(
        (chance.randrange(begin, end), chance.choice((3_600, -3_600, 1)) * SECOND)
        for _ in range(chance.choice((0, 0, 0, 1, 2)))
    )
    outages = []
    for _ in range(chance.choice((0, 0, 0, 1, 2))):
        start = chance.randrange(begin, end)
        kind = chance.choice(("full", "error", "sync", "slow"))
        lasts = chance.randrange(1, chance.choice((span, BRIEF_NS)))
        outages.append(Outage(kind, start, start + lasts, chance.randrange(30 * SECOND)))
    cut = chance.randrange(begin, end) if not last and chance.random() < 0.45 else 0
    asleep = [Fault("suspended", start, stop) for start, stop, slept in silences if slept]
    scripts = tuple(_script(chance, at, begin, span, asleep) for at in range(chance.choice((1, 1, 2, 3))))
    return Machine(boot, scripts, tuple(silences), tuple(sorted(steps)), tuple(outages), begin, cut, cut or end)


def _script(chance: Random, number: int, begin: int, span: int, asleep: Sequence[Fault]) -> Script:
    form = COUNTER if not number else chance.choice((COUNTER, POWER))
    watts = chance.uniform(5, 300)
    load = Load.constant(watts)
    if form == COUNTER and chance.random() < 0.4:
        load = Load.walk(chance, watts, watts * 2, chance.choice((0.25, 2.0)), 40)
    wrap = chance.choice((0, 262_143_328_850, 65_532_610_987, 2_000_000_000)) if form == COUNTER else 0
    period = chance.choice((1_000_000, 1_000_000, 20_000_000, 100_000_000))
    channel = Channel(
        f"channel-{number}",
        f"device-{number}",
        "gpu" if number else "cpu",
        form=form,
        wrap_uj=wrap,
        period_ns=period if form == COUNTER else 0,
        limit_w=1_500.0,
        within="device-0" if number and chance.random() < 0.2 else "",
    )
    kinds: tuple[str, ...] = _WRONG
    if form == POWER:
        kinds = tuple(kind for kind in kinds if kind != "stuck")
    elif not wrap:  # with a range a reset may look like a wrap
        kinds = (*kinds, "reset")
    faults = list(asleep)
    for _ in range(chance.choice((0, 0, 0, 0, 1, 2))):
        start = chance.randrange(begin, begin + span)
        faults.append(Fault(chance.choice(kinds), start, start + 1 + int(span * 0.4 * chance.random() ** 2)))
        kinds = tuple(kind for kind in kinds if kind != "reset")  # a second one may be without any fall
    offset = chance.randrange(wrap or 10**12)
    return Script(load, channel, 1.0, period if form == COUNTER else 0, period // 50, 0, offset, tuple(faults))


class _Devices(FakeSensor):
    """Instruments that are read one by one, so that one that fails costs itself only."""

    def read(self) -> list[Reading]:
        """What each shows now."""
        found: list[Reading] = []
        for index, script in enumerate(self.scripts):
            now = self.clock()
            wrong = [one.kind for one in script.faults if one.start_ns <= now < one.end_ns]
            if len(self.scripts) == 1 and "oserror" in wrong:
                raise OSError(5, "Input/output error")
            if len(self.scripts) == 1 and "denied" in wrong:
                raise SensorDenied("may not be read", "ask for permission")
            if "denied" in wrong or "oserror" in wrong:
                found.append(Reading(index, now, "denied" if "denied" in wrong else None))
            else:
                found.append(Reading(index, now, script.shown(now)))
        return found


def _live(world: World, machine: Machine, number: int, log: Log) -> None:
    """One process from its start to its end, its kill, or the moment at which the world looks."""
    chance, interval_s = world.chance, world.interval_s
    mates = [one for one in world.processes if one.machine is machine]
    run, parent = f"{chance.getrandbits(48):012x}", ""
    start = _awake(
        machine.begin_ns + chance.choice((0, chance.randrange(machine.until_ns - machine.begin_ns))), machine
    )
    kin = chance.choice(mates) if mates and chance.random() < 0.4 else None
    if kin and not kin.parent and kin.start_ns <= start < kin.killed_ns and chance.random() < 0.5:
        parent = kin.run
    elif kin:
        run, parent = kin.run, kin.parent
    name = f"{100 + number}-{chance.getrandbits(32):08x}"
    life = Life(start, machine.until_ns, machine.silences, machine.steps)
    disk = TimedDisk(life, machine.outages, chance, lambda text: log(f"{_s(life.now)} {name}: {text}"))
    seen = [one for one in machine.scripts if one.channel.kind == "cpu" or chance.random() < 0.7]
    sensor = _Devices(seen, life)
    share = chance.choice(("machine", "machine", "process"))
    poller = Poller([("fake", sensor)], clock=life, interval_s=interval_s, uniform=chance.random)
    head: dict[str, object] = {
        "run": run,
        "recorder": name,
        "boot_id": machine.boot,
        "wall_ns": life.wall(),
        "boot_ns": life.now,
        "pid": 0,
        "parent": parent,
        "share": share,
        "interval_s": interval_s,
        "channels": [one.channel._asdict() for one in seen],
    }
    folder = run_folder("/book", life.wall(), run) if not kin or kin.run != run else kin.folder
    log(f"{_s(start)} {name}: begins run {run[:4]} in {parent[:4] or 'nothing'}, {len(seen)} devices, share {share}")
    if chance.random() < 0.03:
        disk.dies_at_write = 1
    try:
        journal = SteppedJournal(folder, head, life, disk)
    except KilledError:
        world.stillborn.append((folder, disk))
        return
    weight = chance.randrange(1, 9)
    work = Work(lambda: life.monotonic() // 16_000 * weight, lambda: life.monotonic() // 1_000, share == "process")
    recorder = SteppedRecorder(journal, poller, work, chance)
    lives = _destiny(chance, machine, life, recorder, disk, log)
    ended = recorder.live()
    log(f"{_s(life.now)} {name}: {'ended' if ended else 'still lives' if lives else 'is gone'}; {journal.degraded}")
    lives = lives and not ended and not machine.cut_ns
    world.processes.append(Process(name, run, parent, machine, start, folder, journal, disk, ended, lives, life.now))


def _awake(at: int, machine: Machine) -> int:
    """The time, or the next one at which the machine is awake and processes run."""
    for begin, end, _ in machine.silences:
        if begin <= at < end:
            return end
    return at


def _destiny(
    chance: Random, machine: Machine, life: Life, recorder: SteppedRecorder, disk: TimedDisk, log: Log
) -> bool:
    """Decide what the program does and how it ends; whether it may still live when the world looks."""
    start, end = life.now, machine.until_ns
    left = max(2, end - start)
    times = sorted(start + chance.randrange(left) for _ in range(chance.choice((0, 0, 1, 4, 12))))
    for sid, at in enumerate(times):
        kind = chance.choice("+l")
        payload: object = (sid + 1, 0, "stage") if kind == "+" else {"loss": 1.0 / (sid + 1)}
        call: Callable[..., object] = recorder.edge if kind == "+" else recorder.event
        life.acts.append((at, partial(call, at, kind, payload)))
        if kind == "+" and chance.random() < 0.8:
            done = at + chance.randrange(left)
            life.acts.append((done, partial(recorder.edge, done, "-", sid + 1)))
    how = chance.choice(("end", "end", "end", "kill", "write", "live"))
    if how == "end":
        at = start + chance.randrange(left)
        final: dict[str, object] = {"t": at, "status": "finished", "exit": 0, "reason": ""}
        life.acts.append((at, partial(recorder.stop, final)))
    elif how == "kill":
        life.kill_ns = min(life.kill_ns, start + chance.randrange(left))
    elif how == "write":
        disk.dies_at_write = chance.choice((2, 3, 4, chance.randrange(2, 30)))
    life.acts.sort(key=lambda act: act[0])
    log(f"  {how}, killed at {_s(life.kill_ns)} at the latest, {len(life.acts)} acts")
    return how == "live"
