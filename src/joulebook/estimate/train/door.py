"""`training`: what a training will take, from hours and power, or from its size and the hardware."""

from __future__ import annotations

from typing import Final, Unpack, cast

from joulebook.account.terms import Statement
from joulebook.errors import ConfigError
from joulebook.estimate.amounts import Asked, only
from joulebook.estimate.stated import Place, Work, accounted, catalog_of, stated
from joulebook.estimate.train.metered import Recorded, metered
from joulebook.estimate.train.planned import Job, planned
from joulebook.estimate.train.ways import own_way, ways_of
from joulebook.estimate.train.workload import Workload
from joulebook.facts.catalog import Catalog


class Asking(Workload, Place, total=False):
    """What is trained, where, and what it is priced with."""


_OWN: Final = ("device", "count", "hours", "power", "device_power", "power_from", "steps", "name")
"""What `training` itself takes."""


def training(  # noqa: PLR0913 - what people know of a training
    *,
    device: str = "",
    count: Asked | None = None,
    hours: Asked | None = None,
    power: Asked | None = None,
    device_power: Asked | None = None,
    power_from: str | Statement | Recorded | None = None,
    steps: Asked | None = None,
    name: str = "training",
    **rest: Unpack[Asking],
) -> Statement:
    """The account of a training that has not been done, as the statement of a run is.

    `hours` from beginning to end on `count` devices; `power` of the whole job or `device_power` of each, in W.
    Hours not given follow from what is trained (`Workload`: params, tokens, ...), power not given from the device.
    With `from_base`, the parameters of a model that is fine-tuned, the other ways to it stand in `alternatives`.
    `power_from` is a short metered run of it, scaled to `hours`, `steps` or the time of the workload and `count`:
    a run, its id or its statement.
    Raises `ConfigError` for what is missing, contradictory or no amount, `FactNotFound` for unknown names.
    """
    workload, place = apart(rest)
    if power_from is not None:
        if power is not None or device_power is not None:
            raise ConfigError("power_from tells the power of a run: leave out power and device_power")
        if workload and hours is None and steps is None:
            hours = planned(catalog_of(place), Job(device, count or 1, None, None, None, name), workload).duration
        shape = {"hours": hours, "steps": steps, "count": count}
        return stated(metered(power_from, catalog_of(place), name=name, device=device, **shape), place)
    if steps is not None:
        raise ConfigError("how long a step takes is not known: steps needs power_from")
    catalog = catalog_of(place)
    way = own_way(workload) if "from_base" in workload else name
    job = Job(device, count, hours, power, device_power, way if name == "training" else name)
    statement = stated(planned(catalog, job, workload), place)
    others = ways_of(catalog, job, workload) if "from_base" in workload and device else []
    return statement._replace(alternatives=tuple(accounted(one, place) for one in others))


def apart(asked: Asking) -> tuple[Workload, Place]:
    """What is trained, and its place, without what is None. Raises `ConfigError` for a name that means nothing."""
    only(asked.keys() - set(_OWN), (*Asking.__annotations__, *_OWN))
    said = {key: value for key, value in asked.items() if value is not None}
    size = {key: value for key, value in said.items() if key in Workload.__annotations__}
    rest = {key: value for key, value in said.items() if key not in size}
    return cast("Workload", size), cast("Place", rest)


def work_of(  # noqa: PLR0913 - the descriptions of `training`, without the place
    catalog: Catalog,
    *,
    device: str = "",
    count: Asked | None = None,
    hours: Asked | None = None,
    power: Asked | None = None,
    device_power: Asked | None = None,
    name: str = "training",
    **workload: Unpack[Workload],
) -> Work:
    """The training as a piece of work that has no place yet: a plan prices the same one in many."""
    return planned(catalog, Job(device, count, hours, power, device_power, name), workload)
