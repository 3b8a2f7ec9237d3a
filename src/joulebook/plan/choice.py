"""`choose`: every combination of device, count and place, with its figures and how surely it meets the budgets.

What depends on the device and the count is estimated once, by the estimate's own functions; what depends on the place
is looked up once, by the account's own rules; only their products are made for every combination.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack, cast

from joulebook.errors import ConfigError
from joulebook.estimate.amounts import Asked, only
from joulebook.estimate.stated import Place, catalog_of
from joulebook.estimate.train.workload import Workload
from joulebook.plan.asked import Where, hours_by_count, ranged
from joulebook.plan.budget import budgets_of, currency_of
from joulebook.plan.findings import findings
from joulebook.plan.option import FIGURES
from joulebook.plan.pricing import Ask, Rated, options_of, quick, rated
from joulebook.plan.table import Frame, Plan, arranged
from joulebook.plan.works import Said, works_of
from joulebook.quantity import Quantity


class Described(Workload, Place, total=False):
    """What `jb.estimate.training` is told of a training and of its place, but for what the plan ranges over."""

    power: Asked
    device_power: Asked
    name: str


def choose(  # noqa: PLR0913 - what a plan ranges over, and what it is held against
    *,
    devices: Sequence[str],
    counts: Sequence[int | str],
    regions: Sequence[str] = (),
    hours: Asked | Sequence[Asked] | None = None,
    budgets: Sequence[str | Quantity] | str = (),
    sort: str = "carbon",
    sure: float = 0.5,
    owned: bool = False,
    **described: Unpack[Described],
) -> Plan:
    """Every combination of device, count and region (or site of a cloud), those that meet the budgets first.

    `budgets` such as "10 kg", "50 USD", "3 days" are maxima; an option meets them where the probability that it keeps
    all of them is at least `sure`. `hours` is one time, or a list with one for each count. Cost is that of hire, or of
    the electricity alone where the hardware is `owned`. The rest is what `jb.estimate.training` takes.

    Raises `FactNotFound` with every unknown name, `ConfigError` for what cannot be used.
    """
    only(
        described,
        (*Described.__annotations__, "devices", "counts", "regions", "hours", "budgets", "sort", "sure", "owned"),
    )
    limits = budgets_of(budgets)
    if sort not in FIGURES:
        raise ConfigError.bad("sort", sort, f"one of {', '.join(FIGURES)}")
    if not 0 < sure <= 1:
        raise ConfigError.bad("sure", sure, "a probability above 0, up to 1")
    base = cast("Place", {key: value for key, value in described.items() if key in Place.__annotations__})
    told = {key: value for key, value in described.items() if key not in base}
    if regions and (base.get("region") or base.get("site")):
        raise ConfigError("region and site beside regions: name all of them in regions")
    catalog = catalog_of(base)
    over = ranged(devices, counts, regions, catalog)
    base["currency"] = currency_of(limits) or base.get("currency", "") or "USD"
    said = Said()
    times = {count: time for count, time in hours_by_count(hours, counts).items() if count in over.counts}
    with quick():
        places = [_rated(where, base, said) for where in over.places]
        works = works_of(over.devices, times, told, catalog, said)
        options = options_of(works, places, Ask(limits, owned, said))
    remarks = [*over.warnings, *said.sentences({"works": len(works), "places": len(places)})]
    edition = base.get("edition", "") or catalog.edition
    plan = arranged(options, Frame(limits, sort, sure, owned, edition, tuple(dict.fromkeys(remarks))))
    return Plan(plan.options, plan.frame._replace(findings=tuple(findings(plan))))


def _rated(where: Where, base: Place, said: Said) -> Rated:
    place: Place = {**base, "region": where.region, "site": where.site} if where.word else {**base}
    found = rated(where, place)
    for text in found.remarks:
        said.say(text, where.word)
    return found
