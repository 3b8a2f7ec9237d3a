"""Texts whose slips are known: how many of them `audit` finds, and what it finds beside them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final, NamedTuple

from joulebook.audit.finding import Finding
from joulebook.audit.findings import audit
from joulebook.audit.reading.door import document

FORMS: Final = {".md": "md", ".csv": "csv", ".json": "json", ".yaml": "yaml", ".html": "html"}
_OF_MEANING: Final = re.compile(
    r"boundar|bas[ei]s|mixed|year|lifetime|extreme|stale|double.?count|counted twice|typical|scope|chip.*(?:device"
    r"|node|server)"
)
"""Kinds of slips whose figures are right and of different things."""
_NEAR: Final = 400
"""Letters around a slip within which a finding that names its figure counts."""


class Slip(NamedTuple):
    """A known slip: where it stands, and its figure as printed."""

    begin: int
    end: int
    figure: str
    why: str
    is_of_numbers: bool
    """Whether the figure itself is wrong, and not what it is held against."""


class Score(NamedTuple):
    """Slips, those found, and alarms of some texts."""

    texts: int = 0
    slips: int = 0
    found: int = 0
    numbers: int = 0
    """Slips that arithmetic, units or the scale of things show."""
    numbers_found: int = 0
    alarms: int = 0
    lines: tuple[str, ...] = ()
    """What is missed, and every alarm."""

    def plus(self, other: Score) -> Score:
        """Both together."""
        return Score(
            self.texts + other.texts,
            self.slips + other.slips,
            self.found + other.found,
            self.numbers + other.numbers,
            self.numbers_found + other.numbers_found,
            self.alarms + other.alarms,
            self.lines + other.lines,
        )

    def row(self, name: str) -> str:
        """A row of a Markdown table."""
        share, of_numbers = (
            f"{100 * found / slips:.0f} %" if slips else ""
            for found, slips in ((self.found, self.slips), (self.numbers_found, self.numbers))
        )
        each = self.alarms / max(1, self.texts)
        return f"| {name} | {self.slips} | {self.found} | {share} | {of_numbers} | {self.alarms} | {each:.2f} |"


def scored(folder: Path, every: int = 1) -> Score:
    """The score of the texts of a folder that have a key beside them, or of every so many of them."""
    total = Score()
    for key in sorted(folder.glob("*.key.json"))[::every]:
        name = key.name.removesuffix(".key.json")
        path = next(one for one in folder.glob(f"{name}.*") if one.suffix in FORMS and one != key)
        total = total.plus(of_text(path, key))
    return total


def of_text(path: Path, key: Path) -> Score:
    """The score of one text."""
    text = path.read_text(encoding="utf-8")
    slips = [_slip(text, one) for one in json.loads(key.read_text(encoding="utf-8"))["slips"]]
    findings = audit(document(text, name=path.name, form=FORMS[path.suffix]))
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    met = [
        [one for one in findings if _meets(one, starts[one.place.line - 1] + one.place.column - 1, slip)]
        for slip in slips
    ]
    alarms = [one for one in findings if not any(one in some for some in met)]
    lines = [
        f"{path.name}: missed: {text[slip.begin : slip.end]} ({slip.why})"
        for slip, some in zip(slips, met, strict=True)
        if not some
    ]
    lines += [f"{path.name}:{one.place}: alarm: {one.rule}: {one.evidence}" for one in alarms]
    found = [slip for slip, some in zip(slips, met, strict=True) if some]
    numbers, numbers_found = (sum(one.is_of_numbers for one in some) for some in (slips, found))
    return Score(1, len(slips), len(found), numbers, numbers_found, len(alarms), tuple(lines))


def _slip(text: str, told: dict[str, str]) -> Slip:
    begin = text.index(told["quote"])
    return Slip(
        begin,
        begin + len(told["quote"]),
        _plain(told["figure"]),
        told["why"],
        not _OF_MEANING.search(told["kind"].lower()),
    )


def _meets(finding: Finding, at: int, slip: Slip) -> bool:
    named = bool(slip.figure) and slip.figure in _plain(finding.evidence)
    return slip.begin - 3 <= at <= slip.end + 3 or (named and slip.begin - _NEAR <= at <= slip.end + _NEAR)


def _plain(text: str) -> str:
    return re.sub(r"[^\w.,]", "", text)
