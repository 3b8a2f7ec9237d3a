"""What a plan says in sentences: which options meet the budgets, what excludes the others, and what comes nearest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from joulebook.plan.budget import Budget
from joulebook.plan.option import COST, Amount
from joulebook.plan.table import Plan
from joulebook.units import convert, unit

_TOO_WIDE: Final = 3.0
WORDS: Final = {
    "time": "time",
    "energy": "energy",
    "carbon": "carbon",
    COST: "cost",
    "water": "water",
    "embodied": "embodied carbon",
    "carbon_total": "carbon with the making of the hardware",
}
_MISSING: Final = {
    COST: "no price of hire is known of them: give --price, or --owned",
    "water": "no water use is known there",
    "embodied": "nothing is known of the making of their hardware",
    "carbon_total": "nothing is known of the making of their hardware",
}


def findings(plan: Plan) -> list[str]:
    """The sentences; none where there are no budgets."""
    return list(_findings(plan)) if plan.budgets else []


def _findings(plan: Plan) -> Iterator[str]:
    count, sure = len(plan.meeting), f"with a probability of at least {100 * plan.frame.sure:g} %"
    several = "all budgets" if len(plan.budgets) > 1 else plan.budgets[0].text
    if count:
        yield f"{count} of {len(plan)} options {'meets' if count == 1 else 'meet'} {several} {sure}."
        cheapest = plan.cheapest() if count > 1 else None
        if cheapest is not None and cheapest.cost is not None:
            yield f"The cheapest of them is {cheapest.name}: {words(cheapest.cost)}."
    else:
        yield f"No option meets {several} {sure}."
    excluded = {one.text: len(plan.excluded_by(one)) for one in plan.budgets}
    some = [f"{text} excludes {number}" for text, number in excluded.items() if 0 < number < len(plan)]
    if some:
        yield f"{', '.join(some)}."
    for budget in plan.budgets:
        yield from _of_budget(plan, budget)
    if not count and all(len(plan.excluded_by(one)) < len(plan) for one in plan.budgets):
        yield from _together(plan)


def _of_budget(plan: Plan, budget: Budget) -> Iterator[str]:
    """Of a budget that excludes all options what comes nearest; and of what its figure is not known."""
    unknown = [option for option in plan if option.figure(budget.figure) is None]
    nearest = plan.nearest([budget]) if len(plan.excluded_by(budget)) == len(plan) else None
    amount = nearest.figure(budget.figure) if nearest is not None else None
    if nearest is not None and amount is not None:
        yield f"No option meets {budget.text}: the nearest is {nearest.name} with {words(amount, budget)}."
    if unknown:
        names = list(dict.fromkeys(option.device for option in unknown))
        why = _MISSING.get(budget.figure, "give what it is made of")
        yield f"{WORDS[budget.figure]} is not known of {', '.join(names)}, which cannot meet {budget.text}: {why}."


def _together(plan: Plan) -> Iterator[str]:
    """Where each budget can be met, but not all of them: what comes nearest, and which one to give up."""
    nearest = plan.nearest(plan.budgets)
    if nearest is not None:
        missed = [
            f"{budget.text} with {words(amount, budget)}"
            for budget, chance in zip(plan.budgets, nearest.chances, strict=True)
            if (chance or 0.0) < plan.frame.sure and (amount := nearest.figure(budget.figure)) is not None
        ]
        told = f"it misses {', '.join(missed)}" if missed else f"all at once it meets with {100 * nearest.meets:.0f} %"
        yield f"The nearest is {nearest.name}: {told}."
    for budget in plan.budgets:
        rest = [at for at, other in enumerate(plan.budgets) if other is not budget]
        left = sum(all((option.chances[at] or 0.0) >= plan.frame.sure for at in rest) for option in plan)
        if left:
            yield f"Without {budget.text}, {left} would meet {'each of the others' if len(rest) > 1 else 'the other'}."


def words(amount: Amount, budget: Budget | None = None) -> str:
    """An amount with its interval, in the unit of a budget where one is given: "4.2 d (3.1-5.6)".

    An interval wider than a factor of three is given alone, as everywhere.
    """
    target = unit(amount.unit) if budget is None else budget.most.unit
    value, low, high = (_short(convert(end, unit(amount.unit), target)) for end in amount[:3])
    symbol = target.symbol.removesuffix("CO2e")
    if amount.high > _TOO_WIDE * amount.low:
        return f"{low}-{high} {symbol}"
    return f"{value} {symbol}" if low == high else f"{value} {symbol} ({low}-{high})"


def _short(amount: float) -> str:
    return f"{float(f'{amount:.3g}'):,.10g}"
