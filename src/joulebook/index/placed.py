"""Where a run stood: its region, its site and its machine, as they were recorded, set, or given in tables."""

from __future__ import annotations

from typing import NamedTuple

from joulebook.account.machine import Machine, Site, contradict, machine_of, site_of, zone_of
from joulebook.errors import ConfigError, FactNotFound
from joulebook.facts.catalog import Catalog
from joulebook.index.state import text_of
from joulebook.meter.measured import Measurement
from joulebook.settings import Settings


class Placed(NamedTuple):
    """Region and site as words of the catalogue, the machine, and what is to be said of them."""

    region: str
    site: Site
    machine: Machine
    notices: list[str]


def placed(
    found: Measurement, catalog: Catalog, settings: Settings, asked: str = "", *, strict: bool = False
) -> Placed:
    """Where a run stood; `asked` is the region of whoever asks, in the place of the recorded one.

    The site of a cloud says on which grid it stands, where no region does. Raises `FactNotFound` for an unknown region
    that was asked for, and `ConfigError` for a mistake in `[site]` or `[hardware]` if `strict`; otherwise the table is
    left out, with a notice.
    """
    notices: list[str] = []
    recorded = text_of(found.head, "site")
    if asked:
        catalog.resolve(asked, "grid")
        region = asked
    else:
        by_site = zone_of(recorded, catalog)  # the site of the run comes before the settings of whoever reads
        region, notices = known(catalog, text_of(found.head, "region") or by_site, settings.region, "grid")
    own = Site()
    try:
        own = site_of(settings.tables.get("site"))
    except ConfigError as error:
        _told(error, notices, strict=strict)
    if recorded and recorded.casefold() != own.name.casefold():
        own = Site()  # it is about another building
    site, said = known(catalog, recorded, own.name or settings.site, "site")
    is_own = not site and (own.pue is not None or own.wue is not None)
    notices += [] if is_own else said  # a building of the user's own is in no catalogue
    zone = zone_of(site, catalog)
    if region and zone and not asked and contradict(region, zone, catalog):
        notices.append(f"region {region}, but {site} stands on the grid of {zone}: one of them is wrong")
    table = settings.tables.get("hardware")
    try:
        machine = machine_of(found.head, found.held, catalog, table, site=site)
    except ConfigError as error:
        _told(error, notices, strict=strict)
        machine = machine_of(found.head, found.held, catalog, site=site)
    return Placed(region or zone, own._replace(name=site), machine, notices)


def _told(error: ConfigError, notices: list[str], *, strict: bool) -> None:
    if strict:
        raise error
    notices.append(f"it is left out: {error}")


def known(catalog: Catalog, recorded: str, setting: str, kind: str) -> tuple[str, list[str]]:
    """The recorded region or site, else that of the settings, if the catalogue knows it; and what to say of it."""
    word = recorded or setting
    if not word:
        return "", []
    try:
        catalog.resolve(word, kind)
    except FactNotFound as error:
        return "", [str(error)]
    return word, [] if recorded else [f"{word} is from your settings; nothing was recorded with the run"]
