"""`Fitted`: a number that a fit hands on as a fact, and how a file of them is written; scores of estimates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import log
from pathlib import Path
from statistics import median
from typing import NamedTuple

from joulebook.facts.loader import DATA


class Fitted(NamedTuple):
    """A fitted number with its 90 % interval."""

    subject: str
    """ "estimator.training"."""
    property: str
    value: float
    low: float
    high: float
    source: str
    """Id of a card in sources_estimators.toml."""
    note: str = ""
    unit: str = "1"
    evidence: str = "fitted"
    valid_from: str = "2026-01-01"

    def text(self) -> str:
        today = datetime.now(UTC).date().isoformat()
        lines = [
            "[[fact]]",
            f'subject = "{self.subject}"',
            f'property = "{self.property}"',
            *(f"{name} = {getattr(self, name):.5g}" for name in ("value", "low", "high")),
            f'unit = "{self.unit}"',
            f'valid_from = "{self.valid_from}"',
            f'source = "{self.source}"',
            f'retrieved = "{today}"',
            f'evidence = "{self.evidence}"',
        ]
        return "\n".join([*lines, f'note = "{self.note}"'] if self.note else lines)


def write(name: str, facts: Iterable[Fitted]) -> Path:
    """The file of facts of one kind of work, in the catalogue's folder."""
    path = DATA / f"estimators_{name}.toml"
    head = "# Made by tools/fit_estimates.py.\n\n"
    path.write_text(head + "\n\n".join(fact.text() for fact in facts) + "\n", encoding="utf-8")
    return path


class Score(NamedTuple):
    """How far estimates are from what was published."""

    rows: int
    median: float
    """Of the factor between the two, the larger over the smaller."""
    ninth: float
    """90th percentile of that factor."""
    held: float = 0.0
    """Share of rows within the 90 % interval; 0 where there is none."""
    width: float = 0.0
    """Median of high over low."""

    def cells(self) -> list[str]:
        shown = [str(self.rows), f"{self.median:.2f}", f"{self.ninth:.2f}"]
        return [*shown, f"{100 * self.held:.0f} %" if self.width else "-", f"{self.width:.2f}" if self.width else "-"]


def percentile(values: Iterable[float], share: float) -> float:
    """By linear interpolation between the ranks."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])


def score(pairs: Sequence[tuple[float, float]], spans: Sequence[tuple[float, float]] = ()) -> Score:
    """Of (estimated, published) pairs, and of the intervals (low, high) if there are any."""
    factors = [max(one / other, other / one) for one, other in pairs]
    held = [low <= true <= high for (low, high), (_, true) in zip(spans, pairs, strict=False)]
    width = median(high / low for low, high in spans) if spans else 0.0
    share = sum(held) / len(held) if held else 0.0
    return Score(len(pairs), median(factors), percentile(factors, 0.9), share, width)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of Markdown."""
    return [
        "| " + " | ".join(head) + " |",
        "| " + " | ".join("---" for _ in head) + " |",
        *("| " + " | ".join(row) + " |" for row in rows),
    ]


def deviation(estimated: float, true: float) -> float:
    """Natural logarithm of published over estimated."""
    return log(true / estimated)
