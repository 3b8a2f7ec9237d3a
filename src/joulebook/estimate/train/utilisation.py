"""What share of a device's peak a training will use, and the time that follows: fitted numbers become quantities."""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

from joulebook.errors import ConfigError, FactNotFound
from joulebook.estimate.amounts import amount_or_none
from joulebook.estimate.chip import Chip
from joulebook.estimate.train.formulas import (
    FULL_SIZE,
    UTILISATION_FEATURES,
    utilisation_features,
    utilised,
)
from joulebook.estimate.train.generations import generation
from joulebook.estimate.train.workload import CONVOLUTIONS, Task, Workload
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Quantity, Source, derived

FITTED: Final = "estimator.training"
_LIKE: Final = "utilisation.like."
_OWN_ERRORS: Final = {
    "utilisation.error": ("own error of utilisation", " Give utilisation as a run of your own showed it: it goes."),
    "power.error": ("own error of draw", " Give device_power as a run of your own showed it: it goes."),
}
"""Names of what the models leave unexplained, and what takes its place."""
LOW: Final = 0.01
"""Utilisation below which something is another one than is thought."""
_PEAKS: Final = (0.2, 5.0)
"""A peak given over that of the card, where the unit is likely to be the right one."""
_SPARSE: Final = (1.8, 4.2)
"""A peak given over the dense one of the card that is that of sparse or of narrower arithmetic."""


class Used(NamedTuple):
    """The utilisation, what it is a share of, and what a reader has to know."""

    share: Quantity
    peak: Quantity
    """TFLOP/s of one device."""
    warnings: tuple[str, ...] = ()


def used(catalog: Catalog, card: Chip, count: float, task: Task, asked: Workload) -> Used:
    """The utilisation of one training on so many devices; `ConfigError` where the device has no known peak."""
    peak, warnings = peak_of(card, task.precision, asked)
    eight = task.precision == "fp8" and ("fp8" in card.peaks or not card.peaks or "peak" in asked)
    if task.precision == "fp8" and not eight:
        warnings = (*warnings, f"{card.label} does not compute in 8 bits: precision is taken as bf16")
    given = amount_or_none("utilisation", asked.get("utilisation"), "1", most=1.0)
    if given is not None:
        few = (f"utilisation = {given.value:g} is below {LOW}: 35 % is 0.35 or '35 %'",) if given.value < LOW else ()
        return Used(given, peak, (*warnings, *few))
    kind, maker = generation(card.subject)
    try:
        reference = fitted(catalog, f"utilisation.{kind}")
    except FactNotFound:
        reference = fitted(catalog, f"utilisation.maker.{maker}")
    active = task.active.value if task.active is not None else FULL_SIZE
    total = task.total.value if task.total is not None else active
    features = utilisation_features(
        active, total, count, peak.value, fp8=eight, convolutions=task.architecture in CONVOLUTIONS
    )
    factors = [
        to_the(fitted(catalog, f"utilisation.factor.{name}"), feature)
        for name, feature in zip(UTILISATION_FEATURES, features, strict=True)
        if feature
    ]
    word = asked.get("like", "")
    precedent = [_precedent(catalog, word)] if word else []
    parts = [reference, *factors, *precedent, fitted(catalog, "utilisation.error")]
    share = derived("utilisation", utilised, parts, utilised(*(part.value for part in parts)), "1")
    return Used(share.named("utilisation"), peak, warnings)


def peak_of(card: Chip, precision: str, asked: Workload) -> tuple[Quantity, tuple[str, ...]]:
    """The dense peak that a utilisation is a share of: that of 16 bits, unless the arithmetic is wider."""
    known = {name: card.peaks[name] for name in ("bf16", "fp16") if name in card.peaks}
    best = max(known.values(), key=lambda one: one.value, default=None)
    wide = card.peaks.get(precision) if precision in ("tf32", "fp32") else None
    chosen = wide or best or card.peaks.get("fp32")
    given = amount_or_none("peak", asked.get("peak"), "TFLOP/s", most=1e6)
    if given is not None:
        if chosen is not None and _SPARSE[0] < given.value / chosen.value < _SPARSE[1]:
            times = f"{given.value / chosen.value:.2g} times the dense peak of {card.label}, {chosen.value:g}"
            raise ConfigError(
                f"peak = {given.value:g} TFLOP/s is {times}: data sheets print that of sparse or 8-bit arithmetic "
                "larger; leave peak out, or give the dense one"
            )
        if chosen is not None and not _PEAKS[0] < given.value / chosen.value < _PEAKS[1]:
            return given, (f"peak = {given.value:g} TFLOP/s, but {card.label} has {chosen.value:g}: check the unit",)
        return given, ()
    if chosen is None:
        raise ConfigError(f"the catalogue has no peak of {card.label}: give peak in TFLOP/s, dense, or hours")
    if wide is None and (precision in ("tf32", "fp32") or best is None):
        name = "16-bit" if best is not None else "32-bit"
        return chosen, (f"{card.label}: no peak of {precision} is known, its {name} peak is taken",)
    return chosen, ()


def fitted(catalog: Catalog, prop: str) -> Quantity:
    """A fitted number of trainings with its interval, whose source says what it is and how it is narrowed."""
    fact = catalog.find(FITTED, prop)
    name, cure = _OWN_ERRORS.get(prop, (prop.replace(".", " "), ""))
    source = Source(f"{FITTED} {prop}", f"{fact.note}{cure} ({fact.citation or fact.source})")
    return Quantity.of(fact.value, fact.unit, low=fact.low, high=fact.high, basis=fact.basis, source=source, name=name)


def to_the(base: Quantity, exponent: float) -> Quantity:
    """A factor as often as its feature says."""
    return (
        base
        if exponent == 1
        else derived(f"to the power of {exponent:.3g}:", partial(_to_the, exponent), [base], base.value**exponent, "1")
    )


def _to_the(exponent: float, base: float) -> float:
    raised: float = base**exponent
    return raised


def _precedent(catalog: Catalog, word: str) -> Quantity:
    """The factor of a published family of that name, which may be cut short: "llama 3" is llama31."""
    plain = "".join(letter for letter in word.lower() if letter.isalnum())
    names = [prop.removeprefix(_LIKE) for prop in catalog.properties(FITTED) if prop.startswith(_LIKE)]
    found = [name for name in names if name == plain] or [name for name in names if plain and name.startswith(plain)]
    if len(found) != 1:
        raise FactNotFound(f"no published family is called {word!r}; those known: {', '.join(sorted(found or names))}")
    return fitted(catalog, _LIKE + found[0])
