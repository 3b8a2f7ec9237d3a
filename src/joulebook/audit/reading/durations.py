"""Durations as clocks and schedulers print them: 64:00:00, 2-12:30:00, PT11H45M, 3h 20m."""

from __future__ import annotations

import re
from typing import Final

_CLOCK: Final = re.compile(r"(?:(?P<d>\d+)-)?(?P<h>\d+):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d(?:\.\d+)?))?")
_ISO: Final = re.compile(
    r"P(?:(?P<d>\d+(?:\.\d+)?)D)?(?:T(?:(?P<h>\d+(?:\.\d+)?)H)?(?:(?P<m>\d+(?:\.\d+)?)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?"
)
_LETTERS: Final = re.compile(
    r"(?:(?P<d>\d+)\s?d(?:ays?)?\s+)?(?P<h>\d+)\s?h(?:ours?|rs?)?\s?(?P<m>\d+)\s?m(?:in(?:utes)?)?(?:\s?(?P<s>\d+)\s?s)?"
)
_LASTING: Final = re.compile(
    r"elapsed|duration|runtime|run time|wall|\btime\b|hours?|dauer|laufzeit|stunden|durée|temps|heures"
)
_MOMENT: Final = re.compile(r"start|begin|\bend\b|stamp|\bat\b|submitted|finish|clock|date|uhrzeit|departure")


def duration(text: str, words: str) -> float | None:
    """The hours that a cell under those words gives; None where it is no duration, or a time of day."""
    clock = _CLOCK.fullmatch(text)
    if clock is not None and (_MOMENT.search(words) or not (clock["s"] or _LASTING.search(words))):
        return None
    found = clock or _ISO.fullmatch(text) or _LETTERS.fullmatch(text)
    if found is None or not any(found.groupdict().values()):
        return None
    days, hours, minutes, seconds = (float(found[part] or 0) for part in "dhms")
    return 24 * days + hours + minutes / 60 + seconds / 3600
