"""Other ways to the same end, where a trained model is fine-tuned: from scratch, in full, by adapters, as it is."""

from __future__ import annotations

from typing import Final

from joulebook.errors import ConfigError
from joulebook.estimate.amounts import amount
from joulebook.estimate.stated import Part, Work
from joulebook.estimate.train.planned import Job, planned
from joulebook.estimate.train.workload import Workload
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Basis, Quantity, Source

SCRATCH: Final = "from scratch"
FULL: Final = "full fine-tuning"
ADAPTERS: Final = "adapters (LoRA)"
REUSE: Final = "reuse as it is"
_TOKENS_EACH: Final = Source(
    "tokens for each parameter of a training from scratch",
    "20 for the best model of given operations (Hoffmann et al. 2022, arXiv 2203.15556), 1,900 of Llama 3 8B",
)


def own_way(asked: Workload) -> str:
    """The name of the way that was asked for."""
    return ADAPTERS if asked.get("lora") else FULL


def ways_of(catalog: Catalog, job: Job, asked: Workload) -> list[Work]:
    """The ways to a model for a task other than the one asked for, each as a piece of work on the same devices.

    Their time is estimated whatever hours were given, which are those of the way that was asked for.
    """
    free = job._replace(hours=None, power=None)
    own = own_way(asked)
    tuning: Workload = {**asked, "lora": own == FULL}
    made = [_or_none(catalog, free._replace(name=ADAPTERS if own == FULL else FULL), tuning)]
    base = amount("from_base", asked["from_base"], "1", most=1e15)
    each = Quantity.of(200, "1", low=20, high=2000, basis=Basis.ASSUMED, source=_TOKENS_EACH, name="tokens each")
    scratch: Workload = {**asked, "params": base, "tokens": base * each}
    for name in ("from_base", "lora", "corpus", "epochs", "samples", "flop", "flop_per_sample"):
        scratch.pop(name, None)  # type: ignore[misc] # none of them is required
    made.insert(0, _or_none(catalog, free._replace(name=SCRATCH), scratch))
    unused = Part("devices", "gpu", Quantity.exact(0.0, "J"), "nothing is trained")
    nothing = Work(REUSE, Quantity.exact(0.0, "s"), Quantity.exact(0.0, "device-h"), [unused], not_included=())
    return [*(one for one in made if one is not None), nothing]


def _or_none(catalog: Catalog, job: Job, asked: Workload) -> Work | None:
    """The work, unless the devices do not hold it or nothing tells its time."""
    try:
        return planned(catalog, job, asked)
    except ConfigError:
        return None
