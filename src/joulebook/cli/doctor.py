"""`joulebook doctor`: which sensors are used, why the others are not, and the exact remedy."""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from joulebook import settings as settings_room
from joulebook.cli.output import put, put_document, put_json, say
from joulebook.facts.catalog import Catalog
from joulebook.ledger.places import book_home, machine_facts
from joulebook.meter.sources import SourceReport, select
from joulebook.meter.updates import update_periods
from joulebook.meter.wall.in_use import calibration_here, head_of
from joulebook.report.fixing import as_dict, script
from joulebook.report.fixing import lines as fixing_lines
from joulebook.report.machine import surroundings, update_sentence
from joulebook.report.wall import calibration_state
from joulebook.report.wording import plain
from joulebook.sensors.access import Place
from joulebook.sensors.access import findings as access_findings
from joulebook.sensors.base import boottime_ns
from joulebook.sensors.context import Context, read_context
from joulebook.sensors.host import Host, read_host
from joulebook.sensors.permissions import this_user
from joulebook.settings import Settings


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook doctor`."""
    parser.add_argument("--json", action="store_true", dest="as_json", help="the findings as JSON")
    parser.add_argument(
        "--fix",
        action="store_true",
        help="print a script for root that opens what a permission keeps closed, and check",
    )


def main(arguments: Namespace) -> int:
    """Say which sensors are used, why the others are not, and what would change it.

    With --fix a shell script goes to stdout, to be read and run by root, and to
    stderr what works, what waits and what has to be done elsewhere. joulebook
    itself changes nothing and runs no command.

    examples:
      joulebook doctor
      joulebook doctor --fix > fix.sh
    """
    settings = settings_room.load()
    catalog = Catalog.open()
    host = read_host()
    context = read_context(host.logical_cpus, host.memory_bytes)
    selection = select(settings, catalog, host)
    if arguments.fix:
        return _fix(selection.report, settings, host, context, as_json=arguments.as_json)
    home = book_home(settings.home)
    channels = [channel for _, sensor in selection.sensors for channel in sensor.channels]
    calibration = calibration_here(machine_facts(), channels)
    updates = update_periods(selection.sensors, clock=boottime_ns, wait=_wait)
    if arguments.as_json:
        findings = {
            "machine": {**host._asdict(), **context.head()},
            "sensors": [report._asdict() for report in selection.report],
            "updates": [update._asdict() for update in updates],
            "book": home.path,
            "edition": catalog.edition,
            "region": settings.region or None,
            "calibration": head_of(calibration) or None,
        }
        put_json(findings)
        return 0
    lines = [f"{name:<10} {text}" for name, text in surroundings(host, context)]
    for report in selection.report:
        lines.append(f"{report.name:<10} {report.status:<12} {plain(report.detail, 1_000)}")
        if report.remedy:
            lines.append(f"{'':<10} {'':<12} -> {report.remedy}")
    lines += [f"{'updates':<10} {'':<12} {update_sentence(update)}" for update in updates]
    region = settings.region or "unknown      -> joulebook config region FR"
    lines += [f"{'book':<10} {home.path}", f"{'facts':<10} edition {catalog.edition}", f"{'region':<10} {region}"]
    lines.append(f"{'wall meter':<10} {calibration_state(calibration)}")
    put("\n".join(lines) + "\n")
    return 0


def _fix(reports: Sequence[SourceReport], settings: Settings, host: Host, context: Context, *, as_json: bool) -> int:
    """The script and where each source stands."""
    user = this_user()
    place = Place(user, context.container, host.virtual, settings.powercap_root)
    found = access_findings(reports, place)
    if as_json:
        put_json(as_dict(found, user))
        return 0
    say("\n".join(fixing_lines(found)))
    if os.geteuid() == 0 and user.name != "root":
        say(f"asked as root, who reads everything: ask again as {plain(user.name, 60)}, without sudo")
    put_document(script(found, user))
    return 0


def _wait(seconds: float) -> bool:
    time.sleep(seconds)
    return False
