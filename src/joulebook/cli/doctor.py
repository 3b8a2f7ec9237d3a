"""`joulebook doctor`: which sensors are used, why the others are not, and the exact remedy."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from joulebook import settings as settings_room
from joulebook.cli.output import put, put_json
from joulebook.facts.catalog import Catalog
from joulebook.ledger.places import book_home, machine_facts
from joulebook.meter.calibrated import calibration_here, head_of
from joulebook.meter.sources import select
from joulebook.report.wall import calibration_state
from joulebook.report.wording import plain


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook doctor`."""
    parser.add_argument("--json", action="store_true", dest="as_json", help="the findings as JSON")


def main(arguments: Namespace) -> int:
    """Say which sensors are used here, why the others are not, and what would change that."""
    settings = settings_room.load()
    catalog = Catalog.open()
    selection = select(settings, catalog)
    home = book_home(settings.home)
    channels = [channel for _, sensor in selection.sensors for channel in sensor.channels]
    calibration = calibration_here(machine_facts(), channels)
    if arguments.as_json:
        findings = {
            "sensors": [report._asdict() for report in selection.report],
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
    region = settings.region or "unknown      -> joulebook config region FR"
    lines += [f"{'book':<10} {home.path}", f"{'facts':<10} edition {catalog.edition}", f"{'region':<10} {region}"]
    lines.append(f"{'wall meter':<10} {calibration_state(calibration)}")
    put("\n".join(lines) + "\n")
    return 0
