"""The language model that is served: its architecture from the catalogue, or derived from its parameters."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from joulebook.errors import ConfigError, FactNotFound
from joulebook.estimate.amounts import Asked, amount, amount_or_none
from joulebook.estimate.serve.roofline import Architecture
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Basis, Quantity, Source

KIND: Final = "language"
_SIZED: Final = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?([BbTM])(?:[-_ ]?A(\d+(?:\.\d+)?)[Bb])?(?![A-Za-z0-9])")
_SCALES: Final = {"B": 1e9, "b": 1e9, "T": 1e12, "M": 1e6}
_NAMED: Final = {"fp8": "fp8", "awq": "int4", "gptq": "int4", "int4": "int4", "int8": "int8", "nvfp4": "nvfp4"}
"""Precisions by words in the names of models."""
_DEPTH: Final = (0.7, 1.4)
"""Layers of models of one size differ by as much: Llama 3 8B has 32, Qwen3-8B 36, gpt-oss-20b 24, Qwen3-30B 48."""
_CACHE: Final = (0.45, 2.2)
"""Cached bytes of a token differ more: 4 to 16 key-value heads, windows, latents."""


class Served(NamedTuple):
    """The model, and how far what is not known of it may be off."""

    label: str
    architecture: Architecture
    parameters: Quantity
    depth: Quantity | None = None
    """Factor on its layers; None where they are known."""
    cache: Quantity | None = None
    """Factor on what is cached of a token."""
    native: str = ""
    """Precision that it is published in."""
    warnings: tuple[str, ...] = ()


def served(catalog: Catalog, model: str = "", params: Asked | None = None, active: Asked | None = None) -> Served:
    """The model of that name, or one with so many parameters, of which `active` are multiplied with each token.

    Raises `ConfigError` where neither is given or more are active than there are, `FactNotFound` for an unknown name
    that does not say its size.
    """
    total = amount_or_none("params", params, "1", least=1e6, most=1e14)
    part = amount_or_none("active", active, "1", least=1e6, most=1e14)
    if model:
        try:
            found = known(catalog, model)
        except FactNotFound:
            return _by_name(model, total, part)
        return _agreed(found, total, part)
    if total is None:
        more = "" if part is None else "; active alone does not say what has to be held in memory"
        raise ConfigError(f"which model is not known: give model (its name) or params (its parameters){more}")
    return derived_from(total, part, "")


def known(catalog: Catalog, model: str) -> Served:
    """The model as its card in the catalogue has it. Raises `FactNotFound` with near names."""
    subject = catalog.resolve(model.rpartition("/")[2] if _is_path(model) else model, KIND).subject
    facts = {prop: catalog.find(subject, prop) for prop in catalog.properties(subject)}
    figures = {name: facts[name].value for name in Architecture._fields if name in facts}
    figures["total"] = facts["parameters"].value
    figures.setdefault("active", figures["total"])
    eight = "precision.fp8" in facts
    native = _written(model) or ("fp8" if eight else "mxfp4" if "precision.mxfp4" in facts else "")
    parameters = facts["parameters"].quantity().named("parameters")
    return Served(catalog.label(subject), Architecture(**figures), parameters, native=native)


def derived_from(total: Quantity, active: Quantity | None, label: str) -> Served:
    """A typical architecture of that size: what the open models of 2023 to 2025 have, with the range that they span."""
    size, used = total.value, (active or total).value
    if used > size * 1.001:
        raise ConfigError(f"active = {used:g} is more than params = {size:g}: active are those that one token uses")
    sparse = used < 0.8 * size
    depth = 48 * (size / 1e11) ** 0.22 if sparse else 36 * (size / 8e9) ** 0.32
    hidden = 4096 * (size / 1e11) ** 0.25 if sparse else (size / (12 * depth)) ** 0.5
    layers = max(4.0, depth)
    heads = 4.0 if sparse else 8.0
    chosen = 8.0 if sparse else 0.0
    # Attention and what all tokens share are about a third of the active parameters of a sparse model.
    experts = max(chosen + 1, chosen * (size - used / 3) / (used * 2 / 3)) if sparse else 0.0
    shape = Architecture(
        total=size,
        active=used,
        layers=layers,
        hidden=hidden,
        cached=layers * 2 * heads * 128,
        heads=heads,
        experts=experts,
        chosen=chosen,
        vocabulary=140e3,
    )
    words = f"a typical {'mixture of experts' if sparse else 'dense model'} of its size: {layers:.0f} layers"
    cure = "Give the name of the model, and it is gone." if not label else ""
    return Served(
        label or f"{size / 1e9:.3g}B",
        shape,
        total,
        depth=_factor("layers", _DEPTH, f"layers of {words}; {cure}"),
        cache=_factor("cache", _CACHE, f"keys and values of {words}; {cure}"),
        warnings=(f"its architecture is not known: {words} is taken",),
    )


def _factor(name: str, ends: tuple[float, float], text: str) -> Quantity:
    return Quantity.of(
        1.0, "1", low=ends[0], high=ends[1], basis=Basis.ASSUMED, source=Source(f"typical {name}", text), name=name
    )


def _by_name(model: str, total: Quantity | None, active: Quantity | None) -> Served:
    """A model that the catalogue does not have, whose name or whose description says its size."""
    if total is None:
        found = _SIZED.search(model)
        if found is None:
            raise FactNotFound(
                f"the catalogue has no language model {model!r}, and its name does not say its size: give params"
            )
        number, scale, used = found.groups()
        total = amount("params", float(number) * _SCALES[scale], "1", least=1e6, most=1e14)
        active = active or amount_or_none("active", used and float(used) * 1e9, "1", least=1e6, most=1e14)
    return derived_from(total, active, model.rpartition("/")[2])._replace(native=_written(model))


def _written(model: str) -> str:
    """The precision that a name says: Qwen3-32B-FP8, Llama-3.1-8B-AWQ."""
    words = model.lower().replace("_", "-").split("-")
    return next((kept for word, kept in _NAMED.items() if word in words), "")


def _agreed(found: Served, total: Quantity | None, active: Quantity | None) -> Served:
    """The model, unless what is said of it besides its name is something else: then a `ConfigError`."""
    shape = found.architecture
    for name, given, has in (("params", total, shape.total), ("active", active, shape.active)):
        if given is not None and not 0.8 <= given.value / has <= 1.25:
            raise ConfigError(f"{name} = {given.value:g}, but {found.label} has {has:g}: leave out model or {name}")
    return found


def _is_path(model: str) -> bool:
    return model.count("/") == 1 and not model.startswith("/")
