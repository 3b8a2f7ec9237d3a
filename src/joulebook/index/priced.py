"""What a run is priced with: region, site, price and day, from its journal, the settings and whoever asks."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final, NamedTuple

from joulebook.account.configuration import hardware, sharing
from joulebook.account.statement import Context
from joulebook.account.terms import RankLine
from joulebook.errors import ConfigError, FactNotFound
from joulebook.facts.catalog import Catalog, day_of
from joulebook.index.state import text_of
from joulebook.ledger.recording import EARLIEST_NS
from joulebook.meter.measured import Measurement
from joulebook.meter.together import RankUse
from joulebook.quantity import Basis, Quantity, Source
from joulebook.settings import Settings

_AHEAD_NS: Final = 86_400 * 10**9


class Pricing(NamedTuple):
    """What whoever asks wants an account priced with, in the place of what was recorded."""

    region: str = ""
    edition: str = ""
    """A date, or "latest"."""
    live: str = ""
    """Services of carbon intensity to be asked on the network; "" asks nobody."""


RECORDED: Final = Pricing()


def context_of(
    found: Measurement, catalog: Catalog, settings: Settings, *, region: str = "", edition: str = ""
) -> Context:
    """The context of a run's statement.

    `region` is that of whoever asks and raises `FactNotFound` when it is unknown; a recorded region that is
    unknown counts as none, with a notice. `edition` is a date, "latest", or "" for the recorded one.
    """
    head = found.head
    notices = [*found.notices, *sharing(head), *settings.problems]
    if region:
        catalog.resolve(region, "grid")
    else:
        region, said = _known(catalog, text_of(head, "region"), settings.region, "grid")
        notices += said
    site, said = _known(catalog, text_of(head, "site"), settings.site, "site")
    notices += said
    recorded, said = _edition(text_of(head, "edition"))
    notices += said
    day, said = _day(found.start_ns, recorded or catalog.edition)
    notices += said
    code = (found.end or {}).get("exit")
    return Context(
        catalog=catalog,
        on=day,
        edition={"": recorded, "latest": ""}.get(edition, edition),
        name=text_of(head, "name"),
        exit=code if type(code) is int else None,
        reason=text_of(found.end or {}, "reason"),
        started=utc(found.start_ns),
        duration=found.duration,
        region=region,
        site=site,
        price=_price(settings.price),
        spans=found.spans,
        notices=notices,
        degraded=found.degraded,
        shared_with=found.shared_with,
        hardware=hardware(head),
    )


def rank_line(use: RankUse) -> RankLine:
    """What one rank was and used, as a line of the statement."""
    duration = Quantity.of(use.seconds, "s", basis=Basis.MEASURED, source="clock", name="duration")
    return RankLine(use.rank, use.attempt, use.node, use.run, use.status, duration, use.energy)


def utc(wall_ns: int) -> str:
    """A time as ISO 8601, to the second."""
    return datetime.fromtimestamp(wall_ns / 1e9, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _known(catalog: Catalog, recorded: str, setting: str, kind: str) -> tuple[str, list[str]]:
    """The recorded region or site, else that of the settings, if the catalogue knows it; and what to say of it."""
    word = recorded or setting
    if not word:
        return "", []
    try:
        catalog.resolve(word, kind)
    except FactNotFound as error:
        return "", [str(error)]
    return word, [] if recorded else [f"{word} is from your settings; nothing was recorded with the run"]


def _edition(recorded: str) -> tuple[str, list[str]]:
    """The edition of the facts that a journal names, if it is one; and what to say where it is none."""
    if not recorded:
        return "", []
    try:
        day_of(recorded)
    except ConfigError:
        return "", [f"the journal names no edition of the facts but {recorded!r}: priced with the newest"]
    return recorded, []


def _day(start_ns: int, edition: str) -> tuple[str, list[str]]:
    """The day whose facts a run is priced with, and what is to be said where its clock cannot have been right."""
    if EARLIEST_NS <= start_ns <= time.time_ns() + _AHEAD_NS:
        return utc(start_ns)[:10], []
    day = edition[:10].replace(".", "-")
    return day, [
        f"clock: it said {utc(start_ns)}, which cannot be; priced with the facts of {day}, when they were issued"
    ]


def _price(setting: str) -> Quantity | None:
    """The price that the user gave ("0.25 USD/kWh", "0.18..0.34 EUR/kWh"); a range is the 90 % interval."""
    if not setting:
        return None
    amounts, _, symbol = setting.partition(" ")
    low, _, high = amounts.partition("..")
    ends = float(low), float(high or low)
    source = Source("setting price", f"your setting, {setting}")
    return Quantity.of(
        sum(ends) / 2, symbol, low=ends[0], high=ends[1], basis=Basis.REPORTED, source=source, name="price"
    )
