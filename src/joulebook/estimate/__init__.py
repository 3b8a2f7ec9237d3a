"""Estimates before the fact: a description of work and facts become entries, and these a statement.

`training`, `serving` and `search` are what `jb.estimate` offers. The packages below are called by other words
(`train`, `serve`, `trials`), since a package of the same name would hide its function.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from joulebook.estimate.serve.door import serving
    from joulebook.estimate.train.door import training
    from joulebook.estimate.trials.door import search

_HOMES = {
    "search": "joulebook.estimate.trials.door",
    "serving": "joulebook.estimate.serve.door",
    "training": "joulebook.estimate.train.door",
}
__all__ = ["search", "serving", "training"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'joulebook.estimate' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
