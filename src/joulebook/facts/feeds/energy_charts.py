"""Energy-Charts of Fraunhofer ISE: countries of Europe, quarter hours or hours, average, nobody has to log in.

Whether upstream emissions are in its factors is not stated where the interface is described: the range says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from joulebook.errors import FeedError
from joulebook.facts.catalog import SourceCard
from joulebook.facts.feeds.feed import Told, grams, instant, iso, rows, spans
from joulebook.facts.feeds.series import AVERAGE, FORECAST, MEASURED, UNSTATED, Point
from joulebook.facts.feeds.web import Web

_NAME: Final = "energy-charts"
_USUAL_S: Final = 900


class EnergyCharts:
    """The service."""

    url = "https://api.energy-charts.info"
    card = SourceCard(_NAME, "Energy-Charts", "Fraunhofer ISE", 2026, "CC BY 4.0", "https://www.energy-charts.info")
    kind = AVERAGE
    longest_s = 31 * 86_400

    def __init__(self, web: Web, _env: Mapping[str, str]) -> None:
        self._web = web

    def history(self, zone: str, start: int, end: int) -> Told:
        """The values of a country between two times; nulls, as at its edges, are no values."""
        answer = self._web.get("/co2eq", {"country": zone, "start": iso(start), "end": iso(end)})
        times = [instant(_NAME, value) for value in rows(_NAME, answer.document, "unix_seconds")]
        told, said = (rows(_NAME, answer.document, key) for key in ("co2eq", "co2eq_forecast"))
        if not len(times) == len(told) == len(said):
            raise FeedError(f"{_NAME}: the columns of its answer have {len(times)}, {len(told)} and {len(said)} rows")
        until = dict(spans(times, _USUAL_S))
        points = []
        for begins, actual, forecast in zip(times, told, said, strict=True):
            value = grams(_NAME, forecast if actual is None else actual)
            if value is not None:
                state = FORECAST if actual is None else MEASURED
                points.append(Point(begins, until[begins], value, state, answer.fetched))
        return Told(tuple(points), UNSTATED, answer.url, answer.fetched, answer.fresh_s)
