"""The Carbon Intensity API of Great Britain: half hours, average, direct, nobody has to log in.

`actual` is its estimate from metered generation, `forecast` what it said before; imports and losses are in both,
upstream emissions and the building of plants are not (https://carbonintensity.org.uk).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from joulebook.facts.catalog import SourceCard
from joulebook.facts.feeds.feed import Told, grams, instant, iso, part, rows
from joulebook.facts.feeds.series import AVERAGE, DIRECT, FORECAST, MEASURED, Point
from joulebook.facts.feeds.web import Web

_NAME: Final = "neso"


class Neso:
    """The service."""

    url = "https://api.carbonintensity.org.uk"
    card = SourceCard(_NAME, "Carbon Intensity API", "NESO", 2026, "CC BY 4.0", "https://carbonintensity.org.uk")
    kind = AVERAGE
    longest_s = 13 * 86_400

    def __init__(self, web: Web, _env: Mapping[str, str]) -> None:
        self._web = web

    def history(self, zone: str, start: int, end: int) -> Told:  # noqa: ARG002 - it has one
        """Half hours between two times."""
        answer = self._web.get(f"/intensity/{iso(start)}/{iso(end)}")
        points = []
        for row in rows(_NAME, answer.document, "data"):
            intensity = part(_NAME, row, "intensity")
            actual = grams(_NAME, part(_NAME, intensity, "actual"))
            value = grams(_NAME, part(_NAME, intensity, "forecast")) if actual is None else actual
            if value is not None:
                begins, ends = (instant(_NAME, part(_NAME, row, word)) for word in ("from", "to"))
                state = FORECAST if actual is None else MEASURED
                points.append(Point(begins, ends, value, state, answer.fetched))
        return Told(tuple(points), DIRECT, answer.url, answer.fetched, answer.fresh_s)
