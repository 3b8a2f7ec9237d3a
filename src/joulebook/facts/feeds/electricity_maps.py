"""Electricity Maps, version 3: most grids of the world, hours, average with imports traced, by a token.

Every value says whether it is life cycle or direct, and whether it was estimated; both are carried along.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

from joulebook.errors import FeedDenied, FeedError
from joulebook.facts.catalog import SourceCard
from joulebook.facts.feeds.feed import TOKEN, Told, grams, instant, iso, part, rows, secret
from joulebook.facts.feeds.series import AVERAGE, DIRECT, ESTIMATED, LIFE_CYCLE, MEASURED, UNSTATED, Point
from joulebook.facts.feeds.web import Answer, Web

_NAME: Final = "electricity-maps"
_DAY: Final = 86_400
_STEPS: Final = {"5_minutes": 300, "15_minutes": 900, "hourly": 3_600}
_BOUNDARIES: Final = {"lifecycle": LIFE_CYCLE, "direct": DIRECT}


class ElectricityMaps:
    """The service."""

    url = "https://api.electricitymaps.com/v3"
    card = SourceCard(_NAME, "API v3", "Electricity Maps", 2026, "commercial", "https://www.electricitymaps.com")
    kind = AVERAGE
    longest_s = 9 * 86_400

    def __init__(self, web: Web, env: Mapping[str, str]) -> None:
        self._token = secret(TOKEN, env)
        self._web = web

    def history(self, zone: str, start: int, end: int) -> Told:
        """Hours of a zone between two times."""
        if not self._token:
            raise FeedDenied(f"{_NAME}: it wants a token: set {TOKEN} to the one of your account")
        answer, key = self._asked(zone, start, end)
        if part(_NAME, answer.document, "zone") != zone:
            raise FeedError(f"{_NAME}: it answers for another zone than {zone}")
        points, boundaries = [], set()
        for row in rows(_NAME, answer.document, key):
            value = grams(_NAME, part(_NAME, row, "carbonIntensity"))
            if value is not None:
                begins = instant(_NAME, part(_NAME, row, "datetime"))
                step = _STEPS.get(str(row.get("temporalGranularity", "hourly")), 3_600)
                state = ESTIMATED if row.get("isEstimated") else MEASURED
                points.append(Point(begins, begins + step, value, state, answer.fetched))
                boundaries.add(_BOUNDARIES.get(str(row.get("emissionFactorType")), UNSTATED))
        if len(boundaries) > 1:
            raise FeedError(f"{_NAME}: it mixes life-cycle and direct values in one answer, which are never added")
        boundary = boundaries.pop() if boundaries else UNSTATED
        return Told(tuple(points), boundary, answer.url, answer.fetched, answer.fresh_s)

    def _asked(self, zone: str, start: int, end: int) -> tuple[Answer, str]:
        """The answer, and under which key its values stand: a free plan has the last day and no range."""
        window = {"start": iso(start, ":00Z"), "end": iso(end, ":00Z"), "temporalGranularity": "hourly"}
        headers = {"auth-token": self._token}
        try:
            return self._web.get("/carbon-intensity/past-range", {"zone": zone, **window}, headers), "data"
        except FeedDenied as error:
            denied = FeedDenied(f"{error}: check {TOKEN}, and that your plan has {zone}")
        if end < time.time() - _DAY:
            raise denied
        try:
            return self._web.get("/carbon-intensity/history", {"zone": zone}, headers), "history"
        except FeedDenied:
            raise denied from None
