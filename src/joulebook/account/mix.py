"""The carbon intensity of a mix of sources of electricity, such as coal=.30,gas=.24,wind=.46."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import fsum, isfinite
from typing import Final

from joulebook.account.terms import Context
from joulebook.errors import ConfigError, FactNotFound
from joulebook.quantity import Quantity, derived

PROPERTY: Final = "carbon_intensity.lifecycle.generation"
SOURCES: Final = ("coal", "oil", "gas", "nuclear", "hydro", "wind", "solar", "biomass", "geothermal")
_WHOLE: Final = 1e-6
_EXPECTED: Final = "sources with shares that sum to 1, as in coal=.30,gas=.24,wind=.46"


def mixed(text: str, context: Context, option: str = "--mix", origin: str = "") -> Quantity:
    """The mean of the life-cycle intensities of the sources, in gCO2e/kWh; one word alone is all of it.

    Raises `ConfigError` for shares that are none or do not sum to 1, and for a source that the catalogue does not
    know, with those that it does.
    """
    shares: dict[str, float] = {}
    for part in text.split(","):
        word, equals, number = (piece.strip() for piece in part.partition("="))
        if not word or word in shares:
            raise ConfigError.bad(option, text, f"each source once, {_EXPECTED}", origin)
        shares[word] = _share(number, text, option, origin) if equals else 1.0
    whole = fsum(shares.values())
    if abs(whole - 1) > _WHOLE:
        raise ConfigError.bad(option, text, f"{_EXPECTED}; these sum to {whole:.6g}", origin)
    leaves = [_intensity(word, text, context, option, origin) for word in shares]
    words = ", ".join(f"{100 * share:.3g} % {word}" for word, share in shares.items())
    return mean(list(shares.values()), leaves, f"mix of {words}").named(f"mix of {words}")


def mean(shares: Sequence[float], parts: Sequence[Quantity], op: str) -> Quantity:
    """The sum of share x part, draw by draw, in the unit of the first part; `op` names it in a trace."""
    unit = parts[0].unit
    same = [part.to(unit) for part in parts]
    return derived(op, partial(_dot, shares), same, _dot(shares, *(part.value for part in same)), unit)


def _dot(shares: Sequence[float], *draws: float) -> float:
    return fsum(share * draw for share, draw in zip(shares, draws, strict=True))


def _share(number: str, text: str, option: str, origin: str) -> float:
    try:
        share = float(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
    except ValueError:
        raise ConfigError.bad(option, text, _EXPECTED, origin) from None
    if not isfinite(share) or not 0 <= share <= 1 + _WHOLE:
        raise ConfigError.bad(option, text, f"{_EXPECTED}; {number!r} is no share", origin)
    return share


def _intensity(word: str, text: str, context: Context, option: str, origin: str) -> Quantity:
    try:
        subject = context.catalog.resolve(word, "fuel").subject
        fact = context.catalog.find(subject, PROPERTY, on=context.on, edition=context.edition or None)
    except FactNotFound as error:
        known = f"one of {', '.join(SOURCES)}"
        raise ConfigError.bad(option, text, f"sources that the catalogue knows, {known} ({error})", origin) from error
    return fact.quantity().named(word)
