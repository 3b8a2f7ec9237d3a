"""Figures told again as something else: the peak as the average, a forecast as today's, a server's as a card's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.relations.context import Context
from joulebook.audit.relations.figures import Figure
from joulebook.audit.relations.labels import Label
from joulebook.audit.relations.lifetimes import nearest
from joulebook.audit.relations.period_said import beside
from joulebook.audit.relations.sides import SIDES, Sides, powered

_BACK: Final = 40
"""Figures before one among which its first mention is looked for."""
_UNLIKE: Final = 0.03
"""Relative difference from which two figures are not one."""
_LIKELY: Final = {"a peak": 12.0, "the rating": 5.0, "a forecast": 20.0, "an extreme case": 1e5}
"""How far the figure that is meant may be from the one that is told instead."""
_OPPOSED: Final = {
    ("a peak", "the average"),
    ("an extreme case", "the average"),
    ("an extreme case", "any case"),
    ("the rating", "a measurement"),
    ("a forecast", "today"),
    ("a server", "a card"),
    ("a card", "a server"),
}
_FOR: Final = {
    "the average": ("the average",),
    "any case": ("the average", "any case"),
    "a measurement": ("a measurement",),
    "today": ("today",),
}
"""What may be told of what a figure is said to be."""
_WEIGHED: Final = frozenset({"mass", "energy", "water"})
_MOST: Final = re.compile(
    r"est\b|größte|aufwendigste|\bplus\b|\bmás\b|mayor|search|suche|recherche|búsqueda", re.IGNORECASE
)
"""Words of the one most extreme case."""
_PERIODS: Final = ("day", "month", "year")
_DIGITS, _TIE, _NEAR, _LARGE = 2, 3.0, 45, 1e4
"""Digits of an amount that is known again, a tie that gives it, letters behind it, a large number."""
_BOUND: Final = re.compile(
    r"\b(?:at (?:most|worst|full)|upper|bound|maxim\w+|worst|ceiling|peak\w*|rated|rating|nameplate|nominal\w*|TDP"
    r"|if|would"
    r"|could|might|data ?sheet|full load|round figures?|conservativ\w*|höchst\w*|nenn\w*|obergrenze|würde\w*|wenn"
    r"|volllast|au plus|serait|pleine charge|nominale?|pic|máxim\w+|sería|nominal)\b",
    re.IGNORECASE,
)
"""The author says that it is a bound."""
_THAN: Final = (
    r"\b(?:times|than|above|below|beyond|against|versus|over|exceeds?|not|mal|als|über|unter|fois|que|veces)\b"
    r"(?:\s[^\W\d]+){0,2}\s"
)
_CONFIRMS: Final = re.compile(
    r"\b(?:exact\w*|indeed|confirm\w*|match\w*|same|also|again|agree\w*|just as|precisely|not|full|peak|maxim\w*"
    r"|volllast|pleine|plena|genau|bestätig\w*"
    r"|ebenfalls"
    r"|auch|exactement|confirm\w*|aussi|también)\b",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"\b(?!each|every|model|train)[a-z]{4,}\b")
_NO: Final = Label("", 0, "")
_SAME: Final = re.compile(r"\D")
_IF: Final = re.compile(
    r"\b(?:if|would|could|might|may|up to|at full|as if|assuming|suppos\w+|wenn|würde\w*|könnte\w*|angenommen|si"
    r"|serait|pourrait|sería|podría)\b",
    re.IGNORECASE,
)


def restated(context: Context) -> Iterator[Finding]:
    """Figures told once as one thing and once more as its opposite, for which another figure is told."""
    told = context.sides
    for one in context.figures:
        if one.is_bare and not _is_precise(one):
            continue
        if one.kind == "energy" and (instead := _made_of(one, told, context)) is not None:
            yield instead
            continue
        before = [other for other in context.figures[max(0, one.order - _BACK) : one.order] if _is_again(one, other)]
        found = next((found for other in reversed(before) if (found := _opposed(one, other, told, context))), None)
        found = found or next((found for other in reversed(before) if (found := _timed(one, other, context))), None)
        if found is not None and not context.denies(one) and not _IF.search(one.text[: one.amount.end]):
            yield found


def _is_precise(one: Figure) -> bool:
    """Whether a figure without a unit can be known by its digits: a percentage, a PUE of 1.07."""
    if one.kind == "count":
        return bool(one.amount.noun) and one.amount.value >= _LARGE
    return one.kind in ("percent", "number", "factor") and len(_SAME.sub("", one.amount.text).strip("0")) >= 2


def _is_again(one: Figure, other: Figure) -> bool:
    """Whether two figures are the same number of the same unit."""
    kinds = {one.kind, other.kind}
    if other.kind == "number" and not one.is_bare and other.amount.value * one.amount.scale == one.amount.value:
        return one.paragraph == other.paragraph and len(_SAME.sub("", other.amount.text).strip("0")) >= _DIGITS
    return (len(kinds) == 1 or kinds == {"number", "factor"}) and (
        abs(one.amount.value - other.amount.value) <= 1e-9 * one.amount.value
        and abs(one.paragraph - other.paragraph) <= 2
    )


def _opposed(one: Figure, other: Figure, told: Sides, context: Context) -> Finding | None:
    """What the first mention says against the second, on one axis."""
    for axis, here in told[one.order].items():
        there = told[other.order].get(axis)
        if there is None or (there.name, here.name) not in _OPPOSED or _is_measure(one, here):
            continue
        if here.name == "any case" and any(
            word in other.text[: other.amount.start] for word in _WORD.findall(here.why)
        ):
            continue  # each clip, where it is the clip's figure
        if (
            axis == "level"
            or _is_plain(one, axis)
            or (here.name == "any case" and one.kind in _WEIGHED and _MOST.search(there.why))
        ):
            return _finding(one, here, there, None)
        meant = _meant(one, axis, here, there, told, context.figures)
        if meant is not None:
            return _finding(one, here, there, meant)
    return None


def _is_plain(one: Figure, axis: str) -> bool:
    """Whether the second mention contradicts the first whatever else is told: what is rated as measured."""
    if axis == "measure":
        return _CONFIRMS.search(one.text) is None
    return (
        axis == "time"
        and not _IF.search(one.text)
        and not any(side.name == "a forecast" and side.words.search(one.text) for side in SIDES if side.axis == axis)
    )


def _last_clause(one: Figure) -> str:
    """What stands before a figure in its clause."""
    return re.split("[;:]", one.text[: one.amount.start])[-1]


def _is_measure(one: Figure, here: Label) -> bool:
    """Whether the words are of what a figure is compared with: hundreds of times the usual."""
    return re.search(rf"{_THAN}{re.escape(here.why)}", one.text, re.IGNORECASE) is not None


def _meant(one: Figure, axis: str, here: Label, there: Label, told: Sides, figures: Sequence[Figure]) -> Figure | None:
    """The figure that is told of what this one is said to be."""
    for other in figures[max(0, one.order - _BACK) : one.order + _BACK]:
        label = told[other.order].get(axis)
        if label is None or label.name not in _FOR[here.name] or other.order == one.order:
            continue
        if other.kind != one.kind and (other.kind != "number" or other.paragraph != one.paragraph):
            continue
        ratio = other.amount.value * (one.amount.scale if other.kind != one.kind else 1.0) / one.amount.value
        if abs(ratio - 1) > _UNLIKE and 1 / _LIKELY[there.name] < ratio < _LIKELY[there.name]:
            return other
    return None


def _timed(one: Figure, other: Figure, context: Context) -> Finding | None:
    """The same amount for a day and for a year."""
    here, there = _period(one), _period(other)
    digits = len(_SAME.sub("", one.amount.text).strip("0"))
    if not here or not there or here == there or digits < _DIGITS or one.amount.unit != other.amount.unit:
        return None
    if any(relation.closes() and relation.tie >= _TIE for relation in context.relations[one.order]):
        return None
    evidence = f"{printed(one.amount)} is for a {here}, and was for a {there} before (line {other.amount.place.line})"
    return Finding("equivalence", "high", 0.8, one.amount.place, evidence, "name one time of each figure", one.text)


def _period(one: Figure) -> str:
    """The period that an amount is for, by its unit or the words right beside it."""
    return (
        next((name for name in one.amount.per if name in _PERIODS), "")
        or nearest(one.behind[:_NEAR])
        or nearest(_last_clause(one)[-_NEAR:])
        or beside(one.before, "")
    )


def _made_of(one: Figure, told: Sides, context: Context) -> Finding | None:
    """Energy that is a peak or a rating for all hours, where the average or a measurement is told as well."""
    power = powered(context.relations[one.order])
    if power is None or _BOUND.search(one.text) or context.denies(one):
        return None
    average = _beside_average(power, told, context.figures)
    if average is not None and power.order not in (average.order, one.order):
        evidence = (
            f"{printed(one.amount)} is made of {printed(power.amount)}; the average is {printed(average.amount)} (line "
            f"{average.amount.place.line})"
        )
        remedy = "take the average for energy, or say that it is a bound"
        return Finding("mixed-boundary", "medium", 0.75, one.amount.place, evidence, remedy, one.text)
    for axis, there in told[power.order].items():
        name = next((here for before, here in _OPPOSED if before == there.name and axis in ("extent", "measure")), None)
        if name is None or told[one.order].get(axis, there).name != there.name:
            continue
        meant = _meant(power, axis, Label(name, 0, ""), there, told, context.figures)
        if meant is not None and meant.order < one.order and meant.each == power.each:
            evidence = (
                f"{printed(one.amount)} is made of {printed(power.amount)}, which is {there.name} ({there.why!r}); "
                f"{name} is {printed(meant.amount)} (line {meant.amount.place.line})"
            )
            remedy = "take the average for energy, or say that it is a bound"
            return Finding("mixed-boundary", "medium", 0.75, one.amount.place, evidence, remedy, one.text)
    return None


def _beside_average(power: Figure, told: Sides, figures: Sequence[Figure]) -> Figure | None:
    """The smaller power in the sentence of another that is said to be the average, where the other is not."""
    if told[power.order].get("extent", _NO).name == "the average" or power.each:
        return None
    near = figures[max(0, power.order - 2) : power.order + 3]
    alike = [one for one in near if (one.kind, one.each) == ("power", ()) and one.sentence == power.sentence]
    named = [one for one in alike if told[one.order].get("extent", _NO).name == "the average"]
    return named[0] if len(alike) == 2 and len(named) == 1 and named[0].size < power.size else None


def _finding(one: Figure, here: Label, there: Label, meant: Figure | None) -> Finding:
    instead = f"; {here.name} is {printed(meant.amount)} (line {meant.amount.place.line})" if meant else ""
    evidence = (
        f"{printed(one.amount)} is told as {here.name} ({here.why!r}), but was {there.name} before (line {there.line}: "
        f"{there.why!r}){instead}"
    )
    remedy = "say of each figure what it is"
    return Finding("mixed-boundary", "medium", 0.8, one.amount.place, evidence, remedy, one.text)
