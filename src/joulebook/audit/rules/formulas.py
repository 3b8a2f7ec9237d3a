"""How figures of one subject follow from each other: energy from power and hours, carbon from energy and intensity."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from itertools import product as choices
from math import log
from typing import Final, NamedTuple

from joulebook.audit.factors import slip
from joulebook.audit.finding import printed, shown
from joulebook.audit.reading.amount import Amount, Field
from joulebook.audit.roles import Roles, is_facility, is_it
from joulebook.audit.rules.closing import agrees, product

_MANY: Final = 4
"""Candidates for one term that are tried at most."""


class Formula(NamedTuple):
    """A result and its factors by their roles; `optional` ones may be within or not."""

    name: str
    result: str
    terms: tuple[str, ...]
    optional: tuple[str, ...] = ()
    divided: tuple[str, ...] = ()


FORMULAS: Final = (
    Formula("facility energy = IT energy x PUE", "Efac", ("Eit", "PUE")),
    Formula("energy = device-hours x power", "E", ("DH", "Pd"), ("PUE", "U")),
    Formula("energy = device-hours x power", "E", ("DH", "P"), ("PUE", "U")),
    Formula("energy = devices x power x hours", "E", ("N", "Pd", "T"), ("PUE", "U", "NN")),
    Formula("energy = nodes x devices x power x hours", "E", ("NN", "Npn", "Pd", "T"), ("PUE", "U")),
    Formula("energy = power x hours", "E", ("P", "T"), ("N", "NN", "PUE", "U")),
    Formula("energy = nodes x power of one x hours", "E", ("NN", "Pn", "T"), ("PUE",)),
    Formula("carbon = energy x intensity", "C", ("E", "I"), ("PUE",)),
    Formula("carbon = device-hours x power x intensity", "C", ("DH", "Pd", "I"), ("PUE", "U")),
    Formula("carbon = devices x power x hours x intensity", "C", ("N", "Pd", "T", "I"), ("PUE", "U")),
    Formula("cost = device-hours x price", "K", ("DH", "PR")),
    Formula("cost = devices x hours x price", "K", ("N", "T", "PR"), ("NN",)),
    Formula("cost = hours x price", "K", ("T", "PR"), ("N", "NN")),
    Formula("cost = energy x price", "K", ("E", "PE"), ("PUE",)),
    Formula("water = energy x water per kWh", "W", ("E", "WUE"), ("PUE",), ("PUE",)),
    Formula("device-hours = devices x hours", "DH", ("N", "T"), ("NN",)),
    Formula("device-hours = nodes x devices x hours", "DH", ("NN", "Npn", "T")),
    Formula("power = devices x power of one", "P", ("N", "Pd"), ("PUE", "NN", "U")),
    Formula("power = nodes x power of one", "P", ("NN", "Pn"), ("PUE",)),
    Formula("devices = nodes x devices of one", "N", ("NN", "Npn")),
)


class Miss(NamedTuple):
    """A formula that no choice of its terms closes: the nearest one."""

    formula: Formula
    result: Field
    terms: tuple[Field, ...]
    ratio: float
    """Stated to computed."""
    computed: float
    unique: bool
    """Whether there was one candidate for the result and for each term."""
    plain_ratio: float
    """Stated to computed without optional terms."""

    def arithmetic(self) -> str:
        """The calculation in figures: "64 x 400 W x 120 h = 3,072 kWh, stated 3,702 kWh"."""
        factors = " x ".join(printed(field.amount) for field in self.terms)
        amount = self.result.amount
        per = f"; stated / computed = {self.ratio:.4g}"
        return f"{factors} = {shown(self.computed, amount.kind, amount)}, stated {printed(amount)}{per}"

    def slip(self) -> str:
        """The known slip that it looks like."""
        more = []
        for field in self.terms:
            many = field.amount.value
            if field.amount.kind in ("count", "number") and many >= 2 and float(many).is_integer():
                more.append((many, f"the number of devices ({many:g}): one chip or card taken for all, or all for one"))
        return slip(self.ratio, tuple(more)) or slip(self.plain_ratio, tuple(more))


def formulas(roles: Roles) -> Iterator[Formula]:
    """The formulas whose result and terms are all there."""
    for formula in FORMULAS:
        if formula.result in roles and all(term in roles for term in formula.terms):
            yield formula
    for period in ("day", "week", "month", "year"):
        for kind in ("energy", "mass", "water"):
            if all(name in roles for name in (f"{kind}/{period}", f"n/{period}", f"one {kind}")):
                yield Formula(
                    f"a {period} = number a {period} x one", f"{kind}/{period}", (f"n/{period}", f"one {kind}")
                )
    for name in roles:
        kind, _, thing = name.partition(":")
        if thing and kind != "n":
            many = "N" if thing == "device" else "NN" if thing == "node" else f"n:{thing}"
            result = kind.upper()
            if many in roles and result in roles:
                yield Formula(f"total = number of {thing}s x one", result, (many, name), ("PUE",))


def missed(formula: Formula, roles: Roles, extra: Roles) -> Miss | None:
    """The nearest miss of a formula; None where some choice of its terms closes. `extra` has optional terms only."""
    results = roles[formula.result][:_MANY]
    options = [roles[term][:_MANY] for term in formula.terms]
    unique = len(results) == 1 and all(len(one) == 1 for one in options)
    best: Miss | None = None
    for result in results:
        for terms in choices(*options):
            if result in terms:
                continue
            plain = product([field.amount for field in terms])[1]
            for added, divided in _additions(formula, roles, extra, result):
                used = (*terms, *added)
                low, middle, high = product(
                    [_fraction(field.amount) for field in used], [field.amount for field in divided]
                )
                if agrees(result.amount, low, high):
                    return None
                if middle <= 0 or result.amount.value <= 0:
                    continue
                ratio = result.amount.value / middle
                miss = Miss(formula, result, used, ratio, middle, unique, result.amount.value / plain if plain else 1.0)
                if best is None or abs(log(ratio)) < abs(log(best.ratio)):
                    best = miss
    return best


def _fraction(amount: Amount) -> Amount:
    """A percentage as the factor that it is."""
    if amount.kind != "percent":
        return amount
    parts = {name: getattr(amount, name) / 100 for name in ("value", "low", "high", "slack", "rough")}
    return amount._replace(**parts)


def _additions(
    formula: Formula, roles: Roles, extra: Roles, result: Field
) -> Iterator[tuple[tuple[Field, ...], tuple[Field, ...]]]:
    """Every choice of optional terms; where words say whether overhead is within, only those that fit."""
    there = []
    for name in formula.optional:
        found = roles.get(name) or extra.get(name) or []
        if found:
            there.append((name, found[:_MANY]))
    forced = formula.result == "E" and is_facility(result.label) and "PUE" in roles
    barred = formula.result == "E" and is_it(result.label) and not forced
    for size in range(len(there) + 1):
        for some in combinations(there, size):
            names = [name for name, _ in some]
            if (forced and "PUE" not in names) or (barred and "PUE" in names):
                continue
            for picked in choices(*(found for _, found in some)):
                yield picked, ()
    for name in formula.divided:
        for field in roles.get(name) or extra.get(name) or []:
            yield (), (field,)
