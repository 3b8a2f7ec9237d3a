"""joulebook: the account book for the energy, carbon and money that deep learning uses.

Importing it loads what every recording needs and nothing heavy; sensors and facts are loaded by the first
`track` or `start`, everything else when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module

from joulebook.run import Run, start, track
from joulebook.version import __version__

_HOMES = {
    "Quantity": "joulebook.quantity",
    "Basis": "joulebook.quantity",
    "Entry": "joulebook.entry",
    "JoulebookError": "joulebook.errors",
}
__all__ = ["Basis", "Entry", "JoulebookError", "Quantity", "Run", "__version__", "estimate", "plan", "start", "track"]


def __getattr__(name: str) -> object:
    if name in ("estimate", "plan"):
        return import_module(f"joulebook.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'joulebook' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
