"""The findings of an audit: as text that people read, and as `joulebook.audit/1`."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

from joulebook.report.wording import count, plain

SCHEMA: Final = "joulebook.audit/1"
_WIDTH: Final = 112
_WORDS: Final = {
    "high": "Cannot be right",
    "medium": "Does not fit together",
    "low": "Missing or weak",
}


def findings_text(name: str, findings: Sequence[Mapping[str, Any]], read: str, notes: Sequence[str]) -> str:
    """Findings (as `Finding.as_dict`) by severity, with position, arithmetic and remedy; then what was not read."""
    lines = [f"{plain(name, 200)}: {count(len(findings), 'finding')} in {read}"]
    for severity, words in _WORDS.items():
        some = [one for one in findings if one["severity"] == severity]
        if some:
            lines += ["", words]
        for one in some:
            place = one["place"]
            cell = f"  {plain(place['cell'], 80)}" if place["cell"] else ""
            sure = f"{100 * one['confidence']:.0f} % sure"
            lines.append(f"  {place['line']}:{place['column']}{cell}  [{one['rule']}, {sure}]")
            lines += _folded(one["evidence"], "    ")
            lines += _folded(one["remedy"], "    -> ")
            if one["quote"]:
                lines += _folded(f'"{plain(" ".join(one["quote"].split()), 240)}"', "    ")
    if notes:
        lines += ["", "Not read, or read with a guess"]
        lines += [line for note in notes for line in _folded(note, "  ")]
    return "\n".join(lines) + "\n"


def _folded(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        plain(text, 1000), _WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent), break_long_words=False
    )


def findings_document(
    name: str, form: str, findings: Sequence[Mapping[str, Any]], amounts: int, notes: Sequence[str]
) -> dict[str, object]:
    """The document of schema `joulebook.audit/1`."""
    return {
        "schema": SCHEMA,
        "document": name,
        "form": form,
        "amounts": amounts,
        "findings": [dict(one) for one in findings],
        "notes": list(notes),
    }
