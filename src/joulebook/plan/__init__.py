"""Choosing before the fact: every combination of device, region and count, held against budgets.

`jb.plan.choose(...)` returns a `Plan`, whose options are opened up as the statements that they are.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from joulebook.plan.budget import Budget
    from joulebook.plan.choice import choose
    from joulebook.plan.option import Amount, Option
    from joulebook.plan.table import Plan

_HOMES = {
    "Amount": "joulebook.plan.option",
    "Budget": "joulebook.plan.budget",
    "Option": "joulebook.plan.option",
    "Plan": "joulebook.plan.table",
    "choose": "joulebook.plan.choice",
}
__all__ = ["Amount", "Budget", "Option", "Plan", "choose"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'joulebook.plan' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
