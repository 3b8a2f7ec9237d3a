"""WattTime, version 3: the marginal operating emissions of a grid in steps of five minutes, by user and password.

Marginal: what the plants that follow a change of load emit, by a model. It is never location-based carbon.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Final

from joulebook.errors import FeedDenied, FeedError
from joulebook.facts.catalog import SourceCard
from joulebook.facts.feeds.feed import PASSWORD, USER, Told, grams, instant, iso, part, rows, secret, spans
from joulebook.facts.feeds.series import DIRECT, ESTIMATED, MARGINAL, Point
from joulebook.facts.feeds.web import Answer, Web

_NAME: Final = "watttime"
_USUAL_S: Final = 300
_UNITS: Final = {
    "lbs_co2_per_mwh": ("lbCO2e/kWh", 1_000.0),
    "kg_co2_per_mwh": ("kgCO2e/MWh", 1.0),
    "g_co2_per_kwh": ("gCO2e/kWh", 1.0),
}
"""The unit here, and how many of theirs make one."""


class WattTime:
    """The service."""

    url = "https://api.watttime.org"
    card = SourceCard(_NAME, "API v3, co2_moer", "WattTime", 2026, "commercial", "https://watttime.org")
    kind = MARGINAL
    longest_s = 31 * 86_400

    def __init__(self, web: Web, env: Mapping[str, str]) -> None:
        self._user, self._password = secret(USER, env), secret(PASSWORD, env)
        self._web = web
        self._token = ""

    def history(self, zone: str, start: int, end: int) -> Told:
        """The marginal rate of a region between two times."""
        answer = self._asked(
            {"region": zone, "start": iso(start, ":00Z"), "end": iso(end, ":00Z"), "signal_type": "co2_moer"}
        )
        meta = part(_NAME, answer.document, "meta")
        if part(_NAME, meta, "region") != zone or part(_NAME, meta, "signal_type") != "co2_moer":
            raise FeedError(f"{_NAME}: it answers for another region or signal than co2_moer of {zone}")
        units = str(part(_NAME, meta, "units"))
        if units not in _UNITS:
            raise FeedError(f"{_NAME}: its values are in {units[:40]!r}, which is no intensity known here")
        symbol, size = _UNITS[units]
        told = [
            (instant(_NAME, part(_NAME, row, "point_time")), grams(_NAME, part(_NAME, row, "value"), symbol, size))
            for row in rows(_NAME, answer.document, "data")
        ]
        until = dict(spans((begins for begins, _ in told), _USUAL_S))
        points = [
            Point(begins, until[begins], value, ESTIMATED, answer.fetched)
            for begins, value in told
            if value is not None
        ]
        return Told(tuple(points), DIRECT, answer.url, answer.fetched, answer.fresh_s)

    def _asked(self, wanted: Mapping[str, str]) -> Answer:
        """The answer; a token that has expired, as they do after half an hour, is got anew once."""
        if not self._user or not self._password:
            raise FeedDenied(f"{_NAME}: it wants an account: set {USER} and {PASSWORD}")
        for fresh in (not self._token, True):
            if fresh:
                self._token = self._login()
            try:
                return self._web.get("/v3/historical", wanted, {"authorization": f"Bearer {self._token}"})
            except FeedDenied as error:
                if fresh or "(403)" in str(error):
                    raise FeedDenied(f"{error}: your plan may not have {wanted['region']}") from None
        raise AssertionError  # the second turn returns or raises

    def _login(self) -> str:
        pair = b64encode(f"{self._user}:{self._password}".encode()).decode()
        try:
            token = part(_NAME, self._web.get("/login", headers={"authorization": f"Basic {pair}"}).document, "token")
        except FeedDenied as error:
            raise FeedDenied(f"{error}: check {USER} and {PASSWORD}") from None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise FeedError(f"{_NAME}: its answer to the login holds no token")
        return token
