"""Makes the packed index of what the loader read: sorted lines `key TAB json`, the same bytes every time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256

from joulebook.facts.fact import Fact
from joulebook.facts.loader import Contents


def pack(contents: Contents) -> bytes:
    """The index as bytes, `!edition` first.

    `f:` facts by subject, `h:` what facts have in common, `n:` subjects by kind and word, `l:` labels, `m:` members,
    `s:` sources.
    """
    lines: dict[str, object] = {f"s:{identity}": card for identity, card in contents.sources.items()}
    by_subject: dict[str, list[Fact]] = {}
    for fact in contents.facts:
        by_subject.setdefault(fact.subject, []).append(fact)
    heads: dict[tuple[str, ...], int] = {}
    for subject in sorted(by_subject):
        lines[f"f:{subject}"] = _facts(by_subject[subject], heads)
    lines.update((f"h:{number}", head) for head, number in heads.items())
    for name in contents.names:
        kind = name.subject.partition(".")[0]
        lines.setdefault(f"l:{name.subject}", name.label)
        for word in name.words:
            meanings = lines.setdefault(f"n:{kind}:{word}", [])
            assert isinstance(meanings, list)  # noqa: S101 - made in the line above
            if name.subject not in meanings:
                meanings.append(name.subject)
    lines.update((f"m:{name.subject}", name.members) for name in contents.names if name.members)
    body = b"".join(_line(key, lines[key]) for key in sorted(lines, key=str.encode))
    newest = max((fact.retrieved for fact in contents.facts), default="1970-01-01").replace("-", ".")
    return _line("!edition", f"{newest}+{sha256(body).hexdigest()[:8]}") + body


def _facts(facts: Iterable[Fact], heads: dict[tuple[str, ...], int]) -> list[object]:
    """Rows [number of the head, value, low, high, day]; no range where it is exact, a year for its first day."""
    rows: list[object] = []
    for fact in facts:
        head = (fact.property, fact.unit, fact.source, fact.retrieved, fact.evidence, fact.note)
        exact = fact.low == fact.value == fact.high
        numbers = (fact.value,) if exact else (fact.value, fact.low, fact.high)
        plain = (int(number) if number.is_integer() and abs(number) < 1e15 else number for number in numbers)
        year, _, rest = fact.valid_from.partition("-")
        day: object = int(year) if rest == "01-01" else fact.valid_from
        rows.append([heads.setdefault(head, len(heads)), *plain, day])
    return rows


def _line(key: str, value: object) -> bytes:
    return f"{key}\t{json.dumps(value, separators=(',', ':'))}\n".encode()
