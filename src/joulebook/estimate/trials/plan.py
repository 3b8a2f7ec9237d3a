"""`Plan`: what is typed about a search, as quantities; and what it comes to in full trainings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from math import prod
from typing import Final, NamedTuple, TypeAlias, TypedDict

from joulebook.errors import ConfigError
from joulebook.estimate.amounts import Asked, amount
from joulebook.estimate.trials.counts import halving_share, hyperband_share, rounds_of
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Basis, Quantity, Source, derived, total

Space: TypeAlias = Mapping[str, int | Sequence[object]]
"""The values of each hyper-parameter, or how many there are."""

STOPPING: Final = ("none", "halving", "asha", "hyperband", "median")
DEVELOPMENT: Final = {"none": "", "development": "parameter.dev-over-train", "research": "parameter.rnd-over-final"}
"""Words for what is trained before the search, and the facts that they stand for."""
_PROXIES: Final = ("data", "params", "epochs", "steps")
_MOST_LOST: Final = 0.95
_NEVER: Final = Quantity.exact(0.0)


class Sought(TypedDict, total=False):
    """How a search is done."""

    best: float
    """Share of all candidates of which one is to be found (0.05); of searches that are not told their trials."""
    certainty: float
    """With which it is to be found (0.95)."""
    early_stopping: Asked
    """none, halving, asha, hyperband, median, or the share of a full training that the average trial runs."""
    eta: float
    """Of halving: one trial of so many goes on (3)."""
    rounds: int
    """Of halving: how often (3, or as often as the trials can be divided)."""
    size: Asked
    """The mean trial over the one training that is described, if both are run to the end (0.6 to 1.4)."""
    proxy: Asked | Mapping[str, Asked]
    """Share of the FLOP of a full training that a trial is, or shares of data, params, epochs, which multiply."""
    repeats: Asked
    """Trainings of each trial, with other seeds (1)."""
    failed: Asked
    """Share of the time that failures lose; of the catalogue unless it is given."""
    final: Asked
    """Full trainings at the end (1)."""
    development: Asked
    """Full trainings before the search: none, development, research, or their number."""
    concurrency: Asked
    """Trials at once (1)."""


class Plan(NamedTuple):
    """What all methods of a search have in common."""

    stopping: str
    eta: float
    rounds: int | None
    ran: Quantity | None
    """Share of a full training that the average trial runs, where it does not follow from the number of trials."""
    size: Quantity
    proxy: Quantity
    repeats: Quantity
    failed: Quantity
    final: Quantity
    development: Quantity
    at_once: Quantity

    def share(self, trials: float) -> Quantity:
        """Share of a full training that the average of so many trials runs, 0 to 1."""
        if self.ran is not None:
            return self.ran
        rounds = rounds_of(trials, self.eta) if self.rounds is None else self.rounds
        if self.stopping == "hyperband":
            said, value = f"Hyperband, eta {self.eta:g}, {rounds} rounds", hyperband_share(self.eta, rounds)
        else:
            said = f"successive halving, eta {self.eta:g}, {rounds} rounds, {trials:.6g} trials"
            value = halving_share(trials, self.eta, rounds)
        source = Source(said, f"{said}: Li et al. 2018, JMLR 18:185")
        found = Quantity.of(value, "1", basis=Basis.MODELLED, source=source, name="share of a training per trial")
        if self.stopping != "asha":
            return found
        more = halving_share(trials, self.eta, rounds, promoted_too_many=True) / value - 1
        return found * (_ONE + _WRONGLY * more)

    def of_a_trial(self, trials: float) -> Quantity:
        """Full trainings that a trial is, of so many of them, with its repeats."""
        return _product(self.share(trials), self.size, self.proxy, self.repeats)

    def stages(self, trials: Quantity) -> dict[str, Quantity]:
        """Full trainings by what they are for; their sum is what the search takes."""
        searched = _product(trials, self.share(trials.value), self.size, self.proxy, self.repeats)
        planned = total([searched, self.final], "1") if self.final.value else searched
        parts = {"search": searched, "final training": self.final, "before the search": self.development}
        if self.failed.value:
            value = _lost(planned.value, self.failed.value)
            parts["failed and repeated"] = derived("lost", _lost, (planned, self.failed), value, "1")
        return {name: part for name, part in parts.items() if part.value}

    def elapsed(self, one: Quantity, stages: Mapping[str, Quantity]) -> Quantity:
        """Time from beginning to end, in s: trials beside each other, then the final training; at least one of each."""
        parts = (stages["search"], self.final, self.development, self.failed, self.proxy, self.at_once)
        times = derived("elapsed", _elapsed, parts, _elapsed(*(part.value for part in parts)), "1")
        return (one * times).to("s")


_ONE: Final = Quantity.exact(1.0)
_WRONGLY: Final = Quantity.of(
    0.5,
    "1",
    low=0.0,
    high=1.0,
    basis=Basis.ASSUMED,
    source=Source(
        "promoted too many",
        "between none and sqrt(n) trials too many at each rung of asynchronous halving: Li et al. 2020, MLSys",
    ),
    name="promoted too many",
)
"""How much of sqrt(n) is promoted too many at each rung: one source, whatever the method."""


def _product(first: Quantity, *factors: Quantity) -> Quantity:
    """The product without factors that are 1 by definition: nobody wants to read them in a trace."""
    for factor in factors:
        if not (factor.is_exact and factor.value == 1):
            first = first * factor
    return first


def _lost(planned: float, failed: float) -> float:
    lost = min(max(failed, 0.0), _MOST_LOST)
    return planned * lost / (1 - lost)


def _elapsed(searched: float, final: float, before: float, failed: float, proxy: float, at_once: float) -> float:
    beside = max(at_once, 1.0)
    planned = max(searched / beside, min(proxy, searched)) + max(final / beside, min(final, 1.0))
    return planned + _lost(planned, failed) + before / beside


def plan_of(asked: Sought, catalog: Catalog) -> Plan:
    """What is typed, as quantities. Raises `ConfigError` for what is no amount or out of bounds."""
    stopping, ran = stopping_of(asked.get("early_stopping", "none"), catalog)
    rounds = asked.get("rounds")
    return Plan(
        stopping=stopping,
        eta=plain("eta", asked.get("eta", 3.0), 1.5, 100),
        rounds=None if rounds is None else int(plain("rounds", rounds, 0, 20)),
        ran=ran,
        size=size_of(asked.get("size"), catalog),
        proxy=proxy_of(asked.get("proxy", 1.0)),
        repeats=number("repeats", asked.get("repeats", 1), 1.0, 1e6),
        failed=failed_of(asked.get("failed"), catalog),
        final=number("final", asked.get("final", 1), most=1e6),
        development=development_of(asked.get("development", "none"), catalog),
        at_once=number("concurrency", asked.get("concurrency", 1), 1.0, 1e6),
    )


def grid_points(space: Space) -> int:
    """How many points a grid of these values has. Raises `ConfigError` where a hyper-parameter has none."""
    counts = []
    for name, values in space.items():
        counted = values if isinstance(values, int) else len(values) if isinstance(values, Sized) else 0
        if isinstance(values, bool | str) or counted < 1:
            raise ConfigError.bad(f"space {name}", values, "its values, as 16,32,64, or how many they are, as 3")
        counts.append(counted)
    points = prod(counts)
    if not counts or points > 10**12:
        raise ConfigError.bad("space", f"{points:g} points", "the values of each hyper-parameter, up to 1e12 points")
    return points


def proxy_of(asked: Asked | Mapping[str, Asked]) -> Quantity:
    """Share of the FLOP of a full training that a trial on the proxy task takes.

    FLOP go as parameters x samples x epochs (J. Kaplan et al. 2020, arXiv 2001.08361: 6 N D for a dense network).
    """
    if not isinstance(asked, Mapping):
        return number("proxy", asked, 1e-9, 1.0)
    unknown = sorted(asked.keys() - set(_PROXIES))
    if unknown:
        raise ConfigError.bad("proxy", ", ".join(unknown), f"shares of {', '.join(_PROXIES)}")
    found = Quantity.exact(1.0)
    for name, share in asked.items():
        found = found * amount(f"proxy {name}", share, "1", most=1.0)
    return found


def stopping_of(asked: Asked, catalog: Catalog) -> tuple[str, Quantity | None]:
    """The rule by which trials are stopped, and the share of a training that they run where it is a fact or given."""
    word = asked.strip().lower() if isinstance(asked, str) else ""
    if word == "median":
        found = catalog.find("parameter.median-stopping-share", "value").quantity()
        return word, found.named("share of a training per trial")
    if word in ("", "none") and isinstance(asked, str):
        return "none", Quantity.exact(1.0)
    if word in STOPPING:
        return word, None
    if word[:1].isalpha():
        raise ConfigError.bad("early_stopping", asked, f"one of {', '.join(STOPPING)}, or a share of a full training")
    return "given", amount("early_stopping", asked, "1", most=1.0)


def development_of(asked: Asked, catalog: Catalog) -> Quantity:
    """Full trainings before the search, for each final one."""
    word = asked.strip().lower() if isinstance(asked, str) else ""
    if word in DEVELOPMENT:
        if not DEVELOPMENT[word]:
            return _NEVER
        return catalog.find(DEVELOPMENT[word], "value").quantity().named("trained before the search / final training")
    if word[:1].isalpha():
        raise ConfigError.bad("development", asked, f"one of {', '.join(DEVELOPMENT)}, or a number of full trainings")
    return number("development", asked)


def size_of(asked: Asked | None, catalog: Catalog) -> Quantity:
    """The mean trial over the one training that is described; of the catalogue where it is not given."""
    if asked is None:
        return catalog.find("parameter.trial-over-one", "value").quantity().named("mean trial / one training")
    return number("size", asked, 1e-6, 1e6)


def failed_of(asked: Asked | None, catalog: Catalog) -> Quantity:
    """Share of the time that is lost to failures; of the catalogue where it is not given."""
    if asked is None:
        return catalog.find("parameter.failed-run-share", "value").quantity().named("share of time lost to failures")
    return number("failed", asked, most=_MOST_LOST)


def number(name: str, asked: Asked, least: float = 0.0, most: float = 1e9) -> Quantity:
    """A pure number that may be zero, if `least` is; 0 and 1 are no assumption and exact."""
    found = (
        Quantity.exact(0.0) if least == 0 and asked in (0, "0") else amount(name, asked, "1", least=least, most=most)
    )
    return Quantity.exact(found.value) if found.is_exact and found.value in (0, 1) else found


def plain(name: str, asked: float, least: float, most: float) -> float:
    """A number within bounds: what arithmetic is made of has no range."""
    value = number(name, asked, least, most)
    if not value.is_exact:
        raise ConfigError.bad(name, asked, "one number, without a range")
    return value.value
