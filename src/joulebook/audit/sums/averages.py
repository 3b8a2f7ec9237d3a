"""Averages, medians and extremes told of figures that are listed beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from math import fsum
from statistics import median
from typing import Final

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Document
from joulebook.audit.sums.entries import Entry, lines, passages

_CLAUSE: Final = 60
"""Letters around a figure in which it is called an average."""
_FEW: Final = 3
"""Figures of which an average is told."""
_BACK: Final = 2
"""Sentences between a list and its average."""
_SPREAD: Final = 3.0
"""How far apart the figures are at most of which an average is told."""
_OF: Final = re.compile(r"\b(?:of|von|de|des|der|from|aus)\s$", re.IGNORECASE)
_IS: Final = re.compile(r"\s*(?:[\w-]+\s){0,2}(?:is|was|=|ist|beträgt|est|es)\s", re.IGNORECASE)
_NEXT: Final = re.compile(r"\s*(?:,|and|und|et|y)\s*", re.IGNORECASE)
_GAP: Final = re.compile(r"[^.;:()]{0,25}(?:,|\b(?:and|und|et|y)\b)[^.,;:()]{0,25}", re.IGNORECASE)
"""Between the figures of a list."""
_FREE: Final = 0.006
"""Relative difference that is never told."""
_WEIGHTED: Final = re.compile(
    r"\b(?:weighted|moving|rolling|all|other|national|world|global|industry|fleet|gewichtet\w*|pondéré\w*"
    r"|ponderad\w*|geometric|usual|long-term"
    r"|per|each|compared|than|against|including|without|excluding|across (?:all|the)|of all the)\b",
    re.IGNORECASE,
)
"""Averages of something else than a list, or with weights."""
_NAMES: Final[tuple[tuple[re.Pattern[str], str, Callable[[Sequence[float]], float]], ...]] = (
    (re.compile(r"\b(?:medians?|médiane?|mediana|zentralwert)\b", re.IGNORECASE), "median", median),
    (
        re.compile(
            r"\b(?:averag\w+|mean|on average|durchschnitt\w*|mittel(?:wert)?|im schnitt|moyenne?|promedio"
            r"|de media|la media)\b",
            re.IGNORECASE,
        ),
        "average",
        lambda some: fsum(some) / len(some),
    ),
)
_EXTREMES: Final[tuple[tuple[re.Pattern[str], str, Callable[[Sequence[float]], float]], ...]] = (
    (
        re.compile(
            r"\b(?:the (?:highest|largest|maximum|peak|most)|at most|maximum(?: of)?|never (?:more|above)"
            r"|höchstens|der höchste|le plus élevé|au plus"
            r"|el (?:más alto|máximo)|como máximo)\b",
            re.IGNORECASE,
        ),
        "highest",
        max,
    ),
    (
        re.compile(
            r"\b(?:the (?:lowest|smallest|minimum|least)|minimum(?: of)?|never (?:less|below)|der niedrigste"
            r"|le plus (?:bas|faible)"
            r"|el (?:más bajo|mínimo)|como mínimo)\b",
            re.IGNORECASE,
        ),
        "lowest",
        min,
    ),
)


def averages(document: Document) -> Iterator[Finding]:
    """Averages, medians and extremes that are not those of the list beside them."""
    for passage in passages(document.paragraphs):
        for line in lines(passage):
            for at, result in enumerate(line):
                if (
                    result.here
                    and result.is_sure
                    and not result.is_denied
                    and len(line) > _FEW
                    and result.key[0] != "time"
                ):
                    yield from _of(line, at)


def _of(line: Sequence[Entry], at: int) -> Iterator[Finding]:
    result = line[at]
    words = f"{result.before[-_CLAUSE:]} {result.behind[: _CLAUSE // 2].split('.')[0].split(',')[0]}"
    if _OF.search(result.before) and _NEXT.fullmatch(result.behind):
        return  # the first of the list
    if (
        _IS.match(result.before)
        and len(some := _list(list(reversed(line[:at])))) >= _FEW
        and _OF.search(some[-1].before)
    ):
        words = some[-1].before[-_CLAUSE:]
    named = next(((name, make) for search, name, make in (*_NAMES, *_EXTREMES) if search.search(words)), None)
    if named is None or _WEIGHTED.search(words):
        return
    name, make = named
    for some in (_list(list(reversed(line[:at]))), _list(line[at + 1 :])):
        if (
            len(some) < _FEW
            or abs(result.sentence - some[0].sentence) > _BACK
            or not _are_alike(some, wide=name == "median")
        ):
            continue
        made = make([one.value for one in some])
        slack = 0.3 * max(one.printed for one in some) + result.loose
        values = [one.value for one in some]
        if abs(made - result.value) <= slack + _FREE * made or not min(values) * 0.5 <= result.value <= max(values) * 2:
            return
        known = next(
            (f"; it is their {one}" for _, one, other in _NAMES if abs(other(values) - result.value) <= slack), ""
        )
        listed = ", ".join(one.amount.digits for one in sorted(some, key=lambda one: one.order))
        evidence = f"the {name} of {listed} is {made / result.unit:.4g}, stated {result.amount.digits}{known}"
        yield Finding(
            "arithmetic", "medium", 0.8, result.amount.place, evidence, "one of these figures is wrong", result.text
        )
        return


def _are_alike(some: Sequence[Entry], *, wide: bool) -> bool:
    """Whether figures are printed in one unit and of one size, as measurements of one thing are."""
    values = [one.value for one in some]
    units = {one.amount.unit for one in some if not one.is_bare}
    return (
        all(one.is_sure for one in some)
        and len(units) < 2
        and max(values) < (_SPREAD**2 if wide else _SPREAD) * min(values)
    )


def _list(some: Sequence[Entry]) -> list[Entry]:
    """The figures of one list, from the first of some on: in one sentence, with nothing else between them."""
    found: list[Entry] = []
    for one in some:
        if found and (one.sentence != found[-1].sentence or abs(one.order - found[-1].order) > 1):
            break
        if found and not 1 / _SPREAD**2 < one.value / found[-1].value < _SPREAD**2:
            break
        if found and not _GAP.fullmatch((found[-1] if found[-1].order > one.order else one).before):
            break
        found.append(one)
    return found
