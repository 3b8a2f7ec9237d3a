"""`search`: what finding hyper-parameters or an architecture will take, by grid, at random and guided by a model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import floor
from typing import Final, NamedTuple, Unpack, cast

from joulebook.account.terms import ESTIMATED, Assumption, Statement
from joulebook.errors import ConfigError
from joulebook.estimate.amounts import Asked, amount, only
from joulebook.estimate.stated import catalog_of
from joulebook.estimate.train.door import Asking, training
from joulebook.estimate.trials.counts import best_share, random_trials
from joulebook.estimate.trials.plan import Plan, Sought, Space, grid_points, plain, plan_of
from joulebook.estimate.trials.scaled import detailed, scaled, with_sensitivity
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Basis, Quantity, Source, derived, total

METHODS: Final = {"grid": "grid search", "random": "random search", "bayesian": "Bayesian search"}
_FULL: Final = "random search, no shortcuts"
_MOST_TRIALS: Final = 1e12
_REACHED: Final = "1 - (1 - certainty)^(1 / trials): Bergstra and Bengio 2012, JMLR 13"
_LONG_S: Final = 50 * 365 * 86_400.0
"""No search takes as long."""


class Searching(Sought, Asking, total=False):
    """How a search is done, and one full training as `training` is asked for it."""

    device: str
    count: Asked
    hours: Asked
    power: Asked
    device_power: Asked


def search(
    *,
    one: Statement | None = None,
    trials: Asked | None = None,
    space: Space | None = None,
    method: str = "random",
    name: str = "",
    **rest: Unpack[Searching],
) -> Statement:
    """The account of a search: trials, what they are made of, and the final training.

    `one` is the statement of one full training (an estimate, or of a run that was metered); without it, what
    `training` is asked. `space` has the values of each hyper-parameter, or their number; `trials` is how many `method`
    makes, otherwise as many as find one of the best 5 % with 95 %. `Sought` has the rest. `alternatives` are the other
    methods, `rates` what a trial takes and how methods compare. Raises `ConfigError` for what is no amount.
    """
    sought, of_one = _apart(rest)
    if one is not None and of_one:
        raise ConfigError(f"one full training is given: leave out {', '.join(sorted(of_one))}")
    if one is not None and not isinstance(one, Statement):
        raise ConfigError.bad("one", one, "the statement of one full training: an estimate, or that of a run")
    if space is not None and not isinstance(space, Mapping):
        raise ConfigError.bad(
            "space", space, "values by the name of each hyper-parameter: {'lr': 5, 'batch': [16, 32]}"
        )
    catalog = catalog_of(of_one)
    one = one or training(**of_one)
    if one.duration is None or one.it_energy is None or one.duration.value <= 0 or one.it_energy.value <= 0:
        raise ConfigError("the energy or the duration of one full training is not known: nothing can be multiplied")
    method = _method(method)
    plan = plan_of(sought, catalog)
    chances = (
        plain("best", sought.get("best", 0.05), 1e-9, 0.999),
        plain("certainty", sought.get("certainty", 0.95), 1e-9, 0.999_999),
    )
    counts = _counts(method, trials, space, chances, catalog)
    found = _compared(_ways(one, plan, counts))
    chosen = found.pop(method)
    chosen = detailed(chosen, one, chosen.rates["full_trainings"], plan.stages(counts[method]))
    return with_sensitivity(
        chosen._replace(
            name=name or chosen.name,
            rates={**chosen.rates, **_reached(method, counts, chances[1])},
            alternatives=tuple(found.values()),
            assumptions=_assumptions(plan, counts, method, one),
            not_included=(*one.not_included, *_left_out(plan)),
            warnings=(
                *one.warnings,
                *_cut_short(one),
                *_endless(chosen),
                *_warnings(plan, counts, trials_given=trials is not None),
            ),
        )
    )


def _apart(rest: Searching) -> tuple[Sought, Asking]:
    """How it is searched, and one training. Raises `ConfigError` for a name that means nothing."""
    only(rest, (*Searching.__annotations__, "one", "trials", "space", "method", "name"))
    sought = {key: value for key, value in rest.items() if key in Sought.__annotations__}
    of_one = {key: value for key, value in rest.items() if key not in sought}
    return cast("Sought", sought), cast("Asking", of_one)


def _ways(one: Statement, plan: Plan, counts: Mapping[str, Quantity]) -> dict[str, Statement]:
    """The account of each method; of random search also without early stopping and proxy, where there is one."""
    found = {word: _account(one, plan, count, METHODS[word]) for word, count in counts.items()}
    if plan.share(counts["random"].value).value < 1 or plan.proxy.value < 1:
        full = plan._replace(ran=Quantity.exact(1.0), proxy=Quantity.exact(1.0))
        found[_FULL] = _account(one, full, counts["random"], _FULL)
    return found


def _method(asked: str) -> str:
    word = asked.strip().lower() or "random"
    if word not in METHODS:
        raise ConfigError.bad("method", asked, f"one of {', '.join(METHODS)}")
    return word


# -- trials -----------------------------------------------------------------------------------------------------


def _counts(
    method: str, asked: Asked | None, space: Space | None, chances: tuple[float, float], catalog: Catalog
) -> dict[str, Quantity]:
    """Trials by method: those that are given for one, and for the others what finds as good a model."""
    saved = catalog.find("parameter.bayesian-trials-saved", "value").quantity().named("trials saved by a model")
    given = None if asked is None else amount("trials", asked, "1", least=1.0, most=_MOST_TRIALS).named("trials")
    if method == "grid" and given is None and not space:
        raise ConfigError("the grid is not known: give space, the values of each hyper-parameter, or trials")
    grid = given if method == "grid" and given is not None else None
    if grid is None and space:
        points = grid_points(space)
        counted = (f"{name} {values if isinstance(values, int) else len(values)}" for name, values in space.items())
        grid = _counted(points, Basis.REPORTED, f"given, values of {', '.join(counted)}")
    needed: float = random_trials(*chances)
    said = "ln(1 - {1:g}) / ln(1 - {0:g}): Bergstra and Bengio 2012, JMLR 13".format(*chances)
    if grid is not None and needed >= grid.value:
        needed, said = grid.value, "all points of the grid"
    random = _counted(needed, Basis.MODELLED, said)
    if given is not None and method != "grid":
        random = given if method == "random" else given * saved
    guided = given if given is not None and method == "bayesian" else random / saved
    found = {"grid": grid, "random": random, "bayesian": guided}
    return {word: count for word, count in found.items() if count is not None}


def _counted(trials: float, basis: Basis, said: str) -> Quantity:
    return Quantity.of(trials, "1", basis=basis, source=Source(f"trials: {said}", said), name="trials")


def _account(one: Statement, plan: Plan, trials: Quantity, name: str) -> Statement:
    """The account of one method."""
    stages = plan.stages(trials)
    times = total(stages.values(), "1")
    assert one.duration is not None  # noqa: S101 - the door has looked
    found = scaled(one, times, plan.elapsed(one.duration, stages), name)
    each = plan.of_a_trial(trials.value)
    rates = {"trials": trials, "full_trainings": times, "trainings_per_trial": each}
    for figure, per_trial in (("energy", "energy_per_trial"), ("carbon", "carbon_per_trial")):
        amount_of_one = getattr(one, figure)
        if amount_of_one is not None:
            rates[per_trial] = (amount_of_one * each).to(amount_of_one.unit)
    return found._replace(rates={key: rate.named(key) for key, rate in rates.items()})


def _reached(method: str, counts: Mapping[str, Quantity], certainty: float) -> dict[str, Quantity]:
    """The best share of all candidates that the search reaches, by the number of random trials that do as much."""
    grid = counts.get("grid")
    if method == "grid" or (grid is not None and counts["random"].value >= grid.value):
        return {}
    return {"best_share_reached": _counted(best_share(counts["random"].value, certainty), Basis.MODELLED, _REACHED)}


# -- side by side -------------------------------------------------------------------------------------------------


class _Against(NamedTuple):
    times: Quantity
    chance: Quantity


def _compared(found: Mapping[str, Statement]) -> dict[str, Statement]:
    """Each method with its energy over that of the grid, and how probable it is that it takes less."""
    first = next(iter(found))
    compared = {}
    for name, statement in found.items():
        rates = dict(statement.rates)
        if name != first:
            against = _against(statement, found[first])
            rates |= {f"energy_over_{first}": against.times, f"chance_below_{first}": against.chance}
        compared[name] = statement._replace(rates=rates)
    return compared


def _against(statement: Statement, other: Statement) -> _Against:
    mine, theirs = statement.rates["full_trainings"], other.rates["full_trainings"]
    below = [left < right for left, right in zip(mine.draws, theirs.draws, strict=True)]
    share = sum(below) / len(below)
    chance = derived("share of the draws in which it is less", partial(_constant, share), (mine, theirs), share, "1")
    return _Against(mine / theirs, chance)


def _constant(value: float, *_: float) -> float:
    return value


# -- words --------------------------------------------------------------------------------------------------------


def _assumptions(plan: Plan, counts: Mapping[str, Quantity], method: str, one: Statement) -> tuple[Assumption, ...]:
    """What the number of full trainings rests on, each once; then what one full training rests on."""
    shares = (
        plan.share(counts[method].value),
        plan.size,
        plan.proxy,
        plan.repeats,
        plan.failed,
        plan.final,
        plan.development,
    )
    found: dict[str, Assumption] = {}
    for figure in (*counts.values(), *shares):
        for leaf in figure.leaves():
            source = leaf.trace.source
            if source is not None and source.id != "by definition":
                found.setdefault(source.id, Assumption(leaf.name or source.id, leaf, source.text or source.id))
    return (*found.values(), *one.assumptions)


def _cut_short(one: Statement) -> list[str]:
    """What there is to say of a metered run that did not reach its end."""
    if one.status in ("finished", ESTIMATED):
        return []
    return [f"the run taken for one full training is {one.status}: a training that was cut short is not a full one"]


def _endless(found: Statement) -> list[str]:
    """Whether it takes longer than anybody waits for."""
    if found.duration is None or found.duration.to("s").value <= _LONG_S:
        return []
    years = found.duration.to("y").value
    return [
        f"the search takes {years:,.0f} years: give fewer trials, fewer values (space) or more at once (concurrency)"
    ]


def _left_out(plan: Plan) -> list[str]:
    left = [] if plan.development.value else ["development before the search"]
    return left if plan.final.value else [*left, "final training"]


def _warnings(plan: Plan, counts: Mapping[str, Quantity], *, trials_given: bool) -> list[str]:
    found = []
    if "grid" not in counts:
        found.append("grid: unknown; give space, the values of each hyper-parameter, and it stands beside the others")
    grid = counts.get("grid")
    if not trials_given and grid is not None and counts["random"].value >= floor(grid.value):
        found.append(f"the grid has {grid.value:g} points: no more trials are drawn at random than that")
    if plan.at_once.value > max(1.0, counts["bayesian"].value / 4):
        found.append("many trials at once: those of a Bayesian search learn nothing from those beside them")
    if plan.proxy.value < 1:
        found.append("proxy: time goes as FLOP here; a smaller model keeps its devices less busy and takes longer")
    return found
