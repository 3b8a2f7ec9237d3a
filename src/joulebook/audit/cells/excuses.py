"""Words by which a product need not hold: rated power, another meter, hosts and cooling within, another basis."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from joulebook.audit.roles import Dimension

_UPPER_BOUND: Final = re.compile(
    r"\b(?:tdp|rated|nameplate|peak|max(?:imum)?|limit|cap|up to|nenn\w*|höchst\w*|maximal\w*)\b", re.IGNORECASE
)
_MEASURED: Final = re.compile(
    r"\b(?:measured|metered|gemessen|mesuré\w*|recorded|nvidia-smi|rapl|meter|sensor)\b", re.IGNORECASE
)
_MORE_THAN_CARDS: Final = re.compile(
    r"\b(?:hosts?|cpus?|cooling|overheads?|network\w*|memory|dram|idle|infrastructure|kühlung|servers?)\b",
    re.IGNORECASE,
)
_WIDER: Final = re.compile(
    r"\b(?:host|cpus?|cooling|overhead|network\w*|memory|idle|system|facility|data[- ]?cent\w+|rechenzentrum"
    r"|kühlung|including|incl|pue)\b",
    re.IGNORECASE,
)
_OTHER_CARBON: Final = re.compile(
    r"market|offset|renewable|contract|\bppa\b|\bnet\b|embodied|life[- ]?cycle|scope 3|upstream|hourly"
    r"|certificate|marginal",
    re.IGNORECASE,
)
_MORE_CARBON: Final = re.compile(r"total|footprint|gesamt", re.IGNORECASE)
_OF_ENERGY: Final = re.compile(r"electric|energ|strom|power|grid|utility|courant|électr", re.IGNORECASE)
"""Words of a cost that is one of energy, and of no rent."""
_PART: Final = re.compile(
    r"cool|light|\bups\b|loss|network|storage|cpu|\bram\b|dram|memory|idle|failed|office|fans?\b|pump|heat|reus|saved"
    r"|saving|export|renewable|solar|generat|previous|before|baseline|last|kühl|verlust|vorjahr|refroid|perte",
    re.IGNORECASE,
)
"""Words of energy that is a part of what is used, or of another time."""
_STRANGE: Final = (0.25, 3.5)
"""Stated to computed, beyond which no words explain a miss."""
_ROUNDED: Final = 1.03
"""By how much what follows from a rated power may be above it."""
_MORE: Final = 2.2
"""How much more servers take than their cards, and buildings than their servers, at most."""


def is_excused(name: str, of: Sequence[Dimension], ratio: float, words: str, *, is_told: bool) -> bool:
    """Whether words tell why a result is not its product: `of` are the dimensions of result and factors.

    Overhead explains a difference where its size `is_told` nowhere.
    """
    result, told = of[0].role, f"{name} {words}"
    if not _STRANGE[0] < ratio < _STRANGE[1]:
        return False
    if (result == "C" and _MORE_CARBON.search(name)) or (result == "P" and 1 < ratio < _MORE):
        return True
    has_pue = any(one.role == "PUE" for one in of)
    of_cards = any(one.is_power or (one.role == "E" and one.overhead == 0) for one in of[1:])
    is_more = 1 < ratio < _MORE or (result == "W" and 1 / _MORE < ratio < _MORE)
    if not is_told and is_more and (result == "W" or (result in ("C", "K") and of_cards)):
        return True
    if result not in ("E", "C", "W") or not any(one.is_power for one in of[1:]):
        return False
    if _UPPER_BOUND.search(told):
        return ratio <= _ROUNDED or _WIDER.search(told) is not None
    return (
        (1 < ratio < _MORE and _MORE_THAN_CARDS.search(told) is not None)
        or (not has_pue and _MEASURED.search(told) is not None)
        or (ratio >= 1 and _WIDER.search(re.sub(r"(?i)\bpue\b", "", name)) is not None)
    )


def is_of_others(name: str, result: Dimension, factors: Sequence[tuple[str, Dimension]]) -> bool:
    """Whether words say that a result follows from other figures than these: rent and electricity, parts and bases."""
    if result.role == "C" and _OTHER_CARBON.search(name):
        return True
    rates = {one.role for _, one in factors} & {"PE", "PR"}
    if result.role == "K" and rates and (_OF_ENERGY.search(name) is None) == ("PE" in rates):
        return True
    return any(one.role == "E" and _PART.search(its) for its, one in ((name, result), *factors))
