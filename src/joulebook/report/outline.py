"""The skeleton of every document about a run: stages in order, sums of lines, amounts beside their intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from joulebook.account.terms import IT_ENERGY, WHOLE_RUN, Line, Stage, Statement
from joulebook.quantity import Quantity, total
from joulebook.report import wording
from joulebook.report.wording import Figure, plain


def in_order(stages: Sequence[Stage]) -> list[tuple[Stage, int]]:
    """Stages in the order of their tree, each with its depth."""
    below: dict[str, list[Stage]] = {}
    for stage in stages:
        below.setdefault(stage.parent, []).append(stage)
    found: list[tuple[Stage, int]] = []
    stack = [(stage, 0) for stage in reversed(below.get("", []))]
    while stack:
        stage, depth = stack.pop()
        found.append((stage, depth))
        stack += [(inner, depth + 1) for inner in reversed(below.get(stage.span, []))]
    return found


def outline(statement: Statement) -> list[tuple[Stage, int]]:
    """The stages in order and what lies outside them; nothing for a run without stages."""
    if not statement.stages:
        return []
    known = {stage.span for stage in statement.stages} | {WHOLE_RUN}
    outside = dict.fromkeys(line.span for line in statement.of_kind(IT_ENERGY) if line.span not in known)
    return in_order(statement.stages) + [(Stage(span, "", None), 0) for span in outside]


def leaf(stage: Stage) -> str:
    """The own name of a stage, as its user wrote it."""
    own = stage.span.removeprefix(f"{stage.parent}/") if stage.parent else stage.span
    return own.replace("\\/", "/")


def sum_of(lines: Iterable[Line]) -> Quantity | None:
    """The amount of these lines together; None where there is none."""
    parts = [line.quantity for line in lines]
    return total(parts, parts[0].unit) if parts else None


def amount_and_interval(quantity: Quantity) -> tuple[str, str]:
    """The amount, and its interval in the same unit; where that is too wide the amount is a dash."""
    figure = Figure.of(quantity)
    scale: wording.Scale = ((1.0, figure.unit),)
    symbol = figure.unit
    if symbol == "J":
        scale = wording.JOULES
    elif symbol == "gCO2e":
        scale = wording.GRAMS
    elif symbol == "L":
        scale = wording.LITRES
    elif symbol == "s":
        return wording.duration(quantity), ""
    elif symbol in ("USD", "EUR") and figure.wide:
        return "-", wording.money(quantity)
    text, ends = wording.amount_and_ends(figure, scale)
    if figure.wide:
        return "-", text
    return text, f"{ends} {text.partition(' ')[2]}".rstrip() if ends else "exact"


def started(statement: Statement) -> str:
    """When the run began, to the minute: "2026-11-20 10:00 UTC"; "" where that is not known."""
    text = plain(statement.started)
    return f"{text.replace('T', ' ')[:16]} UTC" if text.endswith("Z") else text
