"""`joulebook doctor`: which sensors are used, why the others are not, and the exact remedy."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace

from joulebook import settings as settings_room
from joulebook.cli.output import put, put_json
from joulebook.facts.catalog import Catalog
from joulebook.ledger.places import book_home, machine_facts
from joulebook.meter.sources import select
from joulebook.meter.updates import Updates, update_periods
from joulebook.meter.wall.in_use import calibration_here, head_of
from joulebook.report.wall import calibration_state
from joulebook.report.wording import plain
from joulebook.sensors.base import boottime_ns


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook doctor`."""
    parser.add_argument("--json", action="store_true", dest="as_json", help="the findings as JSON")


def main(arguments: Namespace) -> int:
    """Say which sensors are used, why the others are not, and what would change it."""
    settings = settings_room.load()
    catalog = Catalog.open()
    selection = select(settings, catalog)
    home = book_home(settings.home)
    channels = [channel for _, sensor in selection.sensors for channel in sensor.channels]
    calibration = calibration_here(machine_facts(), channels)
    updates = update_periods(selection.sensors, clock=boottime_ns, wait=_wait)
    if arguments.as_json:
        findings = {
            "sensors": [report._asdict() for report in selection.report],
            "updates": [update._asdict() for update in updates],
            "book": home.path,
            "edition": catalog.edition,
            "region": settings.region or None,
            "calibration": head_of(calibration) or None,
        }
        put_json(findings)
        return 0
    lines = []
    for report in selection.report:
        lines.append(f"{report.name:<10} {report.status:<12} {plain(report.detail, 1_000)}")
        if report.remedy:
            lines.append(f"{'':<10} {'':<12} -> {report.remedy}")
    lines += [f"{'updates':<10} {'':<12} {_told(update)}" for update in updates]
    region = settings.region or "unknown      -> joulebook config region FR"
    lines += [f"{'book':<10} {home.path}", f"{'facts':<10} edition {catalog.edition}", f"{'region':<10} {region}"]
    lines.append(f"{'wall meter':<10} {calibration_state(calibration)}")
    put("\n".join(lines) + "\n")
    return 0


def _wait(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def _told(update: Updates) -> str:
    if update.every_ms is None:
        return f"{update.channel}: its counter did not move"
    return f"{update.channel}: its counter moves every {update.every_ms:.3g} ms (± {update.error_ms:.1g} ms)"
