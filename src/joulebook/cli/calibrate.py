"""`joulebook calibrate`: what the sensors miss, from the log of a wall meter beside a run, or a meter in it."""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime
from hashlib import sha256
from math import isfinite
from pathlib import Path

from joulebook.cli.output import put, put_json
from joulebook.errors import CalibrationRefused, ConfigError
from joulebook.exchange.wall_meter import UNITS, Options, read_wall_meter
from joulebook.facts import machine
from joulebook.facts.machine import WallFacts
from joulebook.index import Book
from joulebook.ledger.places import machine_facts
from joulebook.meter.claimed import Scene
from joulebook.meter.wall.line import Calibration, calibrate
from joulebook.meter.wall.log import WallLog
from joulebook.meter.wall.outer import recorded_log
from joulebook.meter.wall.sensed import Log, SensedRun, facts_of, sensed_run
from joulebook.report.wall import calibration_lines, summary_of
from joulebook.sensors.machine_id import machine_subject

SCHEMA = "joulebook.calibration/1"


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook calibrate`."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--meter", type=Path, metavar="FILE", help="the meter's log: a CSV table (default: JOULEBOOK_METERS in the run)"
    )
    what.add_argument("--forget", action="store_true", help="use the last calibration no more, but the one before it")
    parser.add_argument(
        "--run", default="last", metavar="RUN", help="the run beside which it was logged (default: last)"
    )
    parser.add_argument(
        "--column", default="", metavar="NAME", help="column of power or energy, or meter, where several could be it"
    )
    parser.add_argument("--unit", default="", choices=("", *UNITS), metavar="U", help=", ".join(UNITS))
    parser.add_argument("--zone", default="", metavar="Z", help="zone of local times: Europe/Paris, +02:00, UTC")
    parser.add_argument(
        "--offset", type=_number, metavar="S", help="seconds to add to the meter's times (default: found by the load)"
    )
    parser.add_argument(
        "--accuracy",
        type=_percent,
        default=0.02,
        metavar="PERCENT",
        help="of the meter, 90 %% of such meters (default: 2)",
    )
    parser.add_argument("--dry-run", action="store_true", help="say what is found and keep nothing")
    parser.add_argument("--json", action="store_true", dest="as_json", help=f"schema {SCHEMA}")


def main(arguments: Namespace) -> int:
    """Find what the sensors of this machine miss, from the log of a wall meter.

    A run is compared with the log beside it, and what is found is kept. Runs that
    start from then on show it as a line of its own; earlier runs stay as they are.
    Record idle, half and full load beside the meter first.

    examples:
      joulebook run -- python examples/calibration_load.py
      joulebook calibrate --run last
      joulebook calibrate --meter plug.csv
      joulebook calibrate --meter plug.csv --zone Europe/Paris --dry-run
    """
    path = machine_facts()
    if not path:
        raise ConfigError("there is no home folder in which facts of this machine could be kept; set HOME")
    if arguments.forget:
        return _forget(path)
    book = Book()
    run = book.find(arguments.run)
    recordings = book.recordings(run.id)
    _check_host(str(recordings[0].head.get("host", "")))
    scene = Scene(recordings)
    sensed = sensed_run(scene)
    log, file = _log(scene, sensed, arguments)
    found = calibrate(log.log, sensed.sensed, arguments.offset)
    facts = _facts(found, sensed, run.id, (file, arguments.accuracy))
    before = _in_use(path, facts)
    if not arguments.dry_run:
        machine.keep(path, facts)
    if arguments.as_json:
        put_json(_as_json(found, facts, log, sensed, kept=not arguments.dry_run))
        return 0
    lines = calibration_lines(found, facts, log) + [f"{'note':<12} {note}" for note in sensed.notes]
    if before is not None:
        lines.append(f"{'before':<12} {summary_of(before)}")
    if arguments.dry_run:
        lines.append(f"{'kept':<12} nothing (--dry-run)")
    else:
        lines.append(f"{'kept':<12} in {path} as {facts.id}: runs that start from now on use it")
        lines.append(f"{'undo':<12} joulebook calibrate --forget")
    put("\n".join(lines) + "\n")
    return 0


def _log(scene: Scene, sensed: SensedRun, arguments: Namespace) -> tuple[WallLog, Log]:
    """The meter's log, from its file or from the run itself, and what it is called."""
    if arguments.meter is None:
        return recorded_log(scene, arguments.column)
    options = Options(arguments.column, arguments.unit, arguments.zone)
    log = read_wall_meter(arguments.meter, sensed.sensed.start_ns, options)
    return log, Log(arguments.meter.name, sha256(arguments.meter.read_bytes()).hexdigest())


def _facts(found: Calibration, sensed: SensedRun, run: str, meter: tuple[Log, float]) -> WallFacts:
    """What is kept; `meter` is its log and its accuracy."""
    subject = machine_subject()
    if not subject:
        raise ConfigError("this machine has no id (/etc/machine-id) by which its facts would be found again")
    now = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    identity = (f"wall-{os.urandom(4).hex()}", subject, now, run)
    return facts_of(found, sensed, identity, *meter)


def _in_use(path: str, facts: WallFacts) -> WallFacts | None:
    return machine.choose(machine.read(path), facts.subject, facts.sensors).facts


def _forget(path: str) -> int:
    """Make the newest calibration of this machine one that is not used."""
    subject = machine_subject()
    known = sorted((facts for facts in machine.read(path) if facts.subject == subject), key=lambda facts: facts.made)
    if not known:
        raise ConfigError(f"{path}: there is no calibration of this machine to forget")
    machine.forget(path, known[-1].id, datetime.now(UTC).isoformat(timespec="seconds"))
    before = summary_of(known[-2]) if len(known) > 1 else "none"
    put(f"{'forgotten':<12} {summary_of(known[-1])}\n{'in use':<12} {before}\n")
    return 0


def _check_host(host: str) -> None:
    here = os.uname().nodename if hasattr(os, "uname") else ""
    if host and here and host != here:
        raise CalibrationRefused.because(f"the run was recorded on {host!r}, this is {here!r}", "calibrate over there")


def _as_json(found: Calibration, facts: WallFacts, log: WallLog, sensed: SensedRun, *, kept: bool) -> dict[str, object]:
    plain = facts._asdict()
    for name in ("gain", "excess", "offset", "at", "accuracy"):
        unit = "1" if name in ("gain", "accuracy") else "W"
        plain[name] = dict(zip(("value", "low", "high"), plain[name], strict=True)) | {"unit": unit}
    clock = found.alignment._asdict()
    source = {"column": log.column, "unit": log.unit, "kind": log.kind, "rows": log.rows}
    notes = [*log.notes, *found.notes, *sensed.notes]
    return {
        "schema": SCHEMA,
        "kept": kept,
        **plain,
        "clock": clock,
        "log": source,
        "overlap_s": found.overlap_s,
        "notes": notes,
    }


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise ArgumentTypeError(f"{text!r}: expected seconds, such as -3.5")
    return number


def _percent(text: str) -> float:
    number = _number(text.removesuffix("%"))
    if not 0 <= number <= 20:
        raise ArgumentTypeError(f"{text!r}: expected percent from 0 to 20")
    return number / 100
