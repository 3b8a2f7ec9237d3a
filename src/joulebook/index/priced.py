"""What a run is priced with: region, site, price and day, from its journal, the settings and whoever asks."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final, NamedTuple

from joulebook.account.bought import Bought
from joulebook.account.configuration import hardware, sharing
from joulebook.account.given import given, one
from joulebook.account.market import contracts
from joulebook.account.mix import mixed
from joulebook.account.money import carbon_price_of, ownership_of, tariff_of
from joulebook.account.offsets import offsets_of
from joulebook.account.statement import Context
from joulebook.account.terms import RankLine
from joulebook.errors import ConfigError
from joulebook.facts.catalog import Catalog, day_of
from joulebook.index.placed import placed
from joulebook.index.state import text_of
from joulebook.ledger.recording import EARLIEST_NS
from joulebook.meter.measured import Measurement
from joulebook.meter.ranks.uses import RankUse
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
    mix: str = ""
    """Sources of electricity with their shares, such as coal=.30,gas=.24,wind=.46."""
    strict: bool = False
    """Whether a mistake in what was bought is raised; otherwise it is a notice, and all of it is left out."""


RECORDED: Final = Pricing()


def context_of(found: Measurement, catalog: Catalog, settings: Settings, asked: Pricing = RECORDED) -> Context:
    """The context of a run's statement.

    A region of whoever asks raises `FactNotFound` when it is unknown; a recorded one that is unknown counts as none,
    with a notice. A mix that is none raises `ConfigError`.
    """
    head = found.head
    notices = [*found.notices, *sharing(head), *settings.problems]
    place = placed(found, catalog, settings, asked.region, strict=asked.strict)
    notices += place.notices
    recorded, said = _edition(text_of(head, "edition"))
    notices += said
    day, said = _day(found.start_ns, recorded or catalog.edition)
    notices += said
    code = (found.end or {}).get("exit")
    context = Context(
        catalog=catalog,
        on=day,
        edition={"": recorded, "latest": ""}.get(asked.edition, asked.edition),
        name=text_of(head, "name"),
        exit=code if type(code) is int else None,
        reason=text_of(found.end or {}, "reason"),
        started=utc(found.start_ns),
        duration=found.duration,
        region=place.region,
        site=place.site.name,
        pue=place.site.pue,
        wue=place.site.wue,
        machine=place.machine,
        price=_price(settings.price),
        spans=found.spans,
        notices=notices,
        degraded=found.degraded,
        shared_with=found.shared_with,
        hardware=hardware(head),
    )
    if asked.mix and asked.live:
        raise ConfigError("--live and --mix: each says what the electricity is made from; leave one out")
    if asked.mix:
        context = context._replace(intensity=mixed(asked.mix, context))
    try:
        return context._replace(bought=bought(settings, context))
    except ConfigError as error:
        if asked.strict:
            raise
        return context._replace(notices=[*notices, f"nothing that was bought is counted: {error}"])


def bought(settings: Settings, context: Context) -> Bought:
    """What the settings say was bought. Raises `ConfigError`, with file and line, for the first mistake."""
    tables = settings.tables
    origin = settings.origins.get("carbon_price", "")
    return Bought(
        contracts=contracts(given(tables.get("contract")), context),
        offsets=offsets_of(given(tables.get("offset")), context),
        tariff=tariff_of(one(tables.get("tariff"))),
        ownership=ownership_of(one(tables.get("ownership"))),
        carbon_price=carbon_price_of(settings.carbon_price, context, origin),
        currency=settings.currency,
    )


def rank_line(use: RankUse) -> RankLine:
    """What one rank was and used, as a line of the statement."""
    duration = Quantity.of(use.seconds, "s", basis=Basis.MEASURED, source="clock", name="duration")
    return RankLine(use.rank, use.attempt, use.node, use.run, use.status, duration, use.energy)


def utc(wall_ns: int) -> str:
    """A time as ISO 8601, to the second."""
    return datetime.fromtimestamp(wall_ns / 1e9, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


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
