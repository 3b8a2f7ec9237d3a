"""Makes the packed index of what the loader read: sorted lines `key TAB json`, the same bytes every time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256

from joulebook.facts.fact import Fact
from joulebook.facts.loader import Contents


def pack(contents: Contents) -> bytes:
    """The index as bytes: `f:` facts by subject, `n:` names by kind, `m:` members, `s:` sources, `!edition` first."""
    lines: dict[str, object] = {f"s:{identity}": card for identity, card in contents.sources.items()}
    by_subject: dict[str, list[Fact]] = {}
    for fact in contents.facts:
        by_subject.setdefault(fact.subject, []).append(fact)
    lines.update((f"f:{subject}", _facts(facts)) for subject, facts in by_subject.items())
    for name in contents.names:
        kind = name.subject.partition(".")[0]
        for word in name.words:
            meanings = lines.setdefault(f"n:{kind}:{word}", [])
            assert isinstance(meanings, list)  # noqa: S101 - made in the line above
            meanings.append([name.subject, name.label])
    lines.update((f"m:{name.subject}", name.members) for name in contents.names if name.members)
    body = b"".join(_line(key, lines[key]) for key in sorted(lines, key=str.encode))
    newest = max((fact.retrieved for fact in contents.facts), default="1970-01-01").replace("-", ".")
    return _line("!edition", f"{newest}+{sha256(body).hexdigest()[:8]}") + body


def _facts(facts: Iterable[Fact]) -> list[object]:
    """[heads, rows]: what many years of a subject have in common is written once, and rows begin with its number."""
    heads: dict[tuple[str, ...], int] = {}
    rows: list[object] = []
    for fact in facts:
        head = (fact.property, fact.unit, fact.source, fact.retrieved, fact.evidence, fact.note)
        numbers = (int(number) if number.is_integer() else number for number in (fact.value, fact.low, fact.high))
        rows.append([heads.setdefault(head, len(heads)), *numbers, fact.valid_from])
    return [list(heads), rows]


def _line(key: str, value: object) -> bytes:
    return f"{key}\t{json.dumps(value, separators=(',', ':'))}\n".encode()
