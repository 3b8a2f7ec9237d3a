"""A share of a whole life that sets what is made once beside a single year of use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.relations.context import Context
from joulebook.audit.relations.figures import HOURS, Figure

_BACK: Final = 10
"""Figures before a share among which its parts are looked for."""
_YEARS: Final = (1.5, 40.0)
"""Lifetimes in years."""
_WHOLE: Final = re.compile(
    r"\blife\w*|\blives\b|cradle|\btotal\b|\boverall\b|\bfootprint|all (?:the )?(?:emissions|it|that)|everything"
    r"|altogether"
    r"|\bleben\w*|nutzungsdauer|gesamt\w*|insgesamt|fußabdruck|\bvie\b|empreinte|\btotale?\b|\bvida\b|huella",
    re.IGNORECASE,
)
_MADE: Final = re.compile(
    r"manufactur|embodied|making|factory|production|producing|building it|hardware|herstell|fabrik|fabrication|fabrica",
    re.IGNORECASE,
)
_USED: Final = re.compile(
    r"operati|electricity|running|in use|use phase|betrieb|strom|fonctionnement|usage|électricité|uso\b|electricidad",
    re.IGNORECASE,
)
_AND_YEAR: Final = re.compile(
    r"\s?(?:and|/|und|et|y|every|each|a|per|pro|im|par|al)\s?(?:years?|jahr|an|année|año)\b", re.IGNORECASE
)
_ONE_YEAR: Final = re.compile(
    r"\b(?:first|single|one|each|every|per) year\b|\bannual|\byearly|erste[ns]? jahr|pro jahr|première année"
    r"|primer año"
    r"|\bpor año|\bpar an\b",
    re.IGNORECASE,
)
"""It is said to be of one year."""


def whole_life(context: Context) -> Iterator[Finding]:
    """Shares that are those of one year, though a life of several is told and meant."""
    for share in context.figures:
        if share.kind not in ("percent", "share") or not _WHOLE.search(share.text) or _ONE_YEAR.search(share.text):
            continue
        near = context.figures[max(0, share.order - _BACK) : share.order]
        lives = [one for one in near if one.kind == "time" and _YEARS[0] <= _years(one) <= _YEARS[1]]
        yearly = [one for one in near if _is_yearly(one) and one.kind in ("mass", "energy")]
        for life, use, made in product(lives[-2:], yearly, near):
            if made.kind == use.kind and not _is_yearly(made) and not context.denies(share):
                found = _share(share, made, use, life)
                if found is not None:
                    yield found
                    break


def _is_yearly(one: Figure) -> bool:
    """Whether a figure is for one year, also of one thing: 2 t per node and year."""
    return "year" in one.amount.per or _AND_YEAR.match(one.behind) is not None


def _years(one: Figure) -> float:
    return one.size / HOURS["year"]


def _share(share: Figure, made: Figure, use: Figure, life: Figure) -> Finding | None:
    """A share of made, or of used, in both that holds for one year only."""
    unit = 100.0 if share.kind == "percent" else 1.0
    once, yearly, years = made.amount.value, use.amount.value, _years(life)
    low, high = (end / unit for end in share.reach())
    parts = {
        "made": (once / (once + yearly), once / (once + yearly * years)),
        "used": (yearly / (once + yearly), yearly * years / (once + yearly * years)),
    }
    named = [name for name, words in (("made", _MADE), ("used", _USED)) if words.search(share.text)]
    if len(named) == 1:
        parts = {named[0]: parts[named[0]]}
    if any(low - _free(share) <= whole <= high + _free(share) for _, whole in parts.values()):
        return None
    for name, (one, whole) in parts.items():
        if low - _free(share) <= one <= high + _free(share):
            of = once if name == "made" else yearly
            evidence = (
                f"{share.amount.digits} = {of / made.amount.scale:.4g} / ({printed(made.amount)} + one year of "
                f"{printed(use.amount)}); over {life.amount.digits} it is {100 * whole:.3g} %"
            )
            remedy = "set what is made once beside the use of all years"
            return Finding("mixed-boundary", "high", 0.85, share.amount.place, evidence, remedy, share.text)
    return None


def _free(share: Figure) -> float:
    """What a share may be off: half a point, of fractions in words two."""
    return 0.005 if share.kind == "percent" else 0.02
