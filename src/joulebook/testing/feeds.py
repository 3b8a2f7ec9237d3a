"""Services of carbon intensity with known truth on the loopback, and what goes wrong with such services.

`FakeFeeds` plays all four from one port of 127.0.0.1. Its truth is a function of time; a request takes the next fault.
"""

from __future__ import annotations

import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self, cast
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN: Final = "map-token-4711"  # noqa: S105 - nobody's
USER, PASSWORD = "watt", "s3cret time"
FAULTS: Final = (
    "401", "403", "404", "429", "429 soon", "429 date", "429 late", "500", "503", "302 back", "302 away", "302 round",
    "cut", "text", "empty", "list", "nan", "negative", "words", "huge", "drip", "silent", "hangup"
)  # fmt: skip
"""What `FakeFeeds.faults` may hold: a status, a redirection, and answers that are none."""
_LB_PER_MWH: Final = 1_000 * 100_000 / 45_359_237
"""1 g/kWh is 1 kg/MWh, in pounds."""

Truth = Callable[[int], float | None]
"""g/kWh at a time (UTC s); None where the service has no value."""


class FakeFeeds:
    """All fake services on one port. `truth` is what was, `forecast` what was said before."""

    def __init__(self, truth: Truth = lambda _: 100.0, forecast: Truth | None = None) -> None:
        self.truth = truth
        self.forecast = forecast or truth
        self.measured_until = 1 << 40
        """From then on (UTC s) only the forecast is known."""
        self.step_s = 1_800
        """Of Energy-Charts; the others have their own."""
        self.zone = ""
        """Answered in the place of the zone that was asked for."""
        self.boundaries: tuple[str, ...] = ("lifecycle",)
        """Of Electricity Maps, one value after the other."""
        self.estimated = False
        self.free_plan = False
        """Whether the token of Electricity Maps opens the last day alone."""
        self.units = "lbs_co2_per_mwh"
        self.faults: list[str] = []
        self.max_age = ""
        self.asked: list[str] = []
        """The paths of all requests, with their parameters."""
        self.heard: list[str] = []
        """What was said to whoever asked: values of the headers that may hold a secret."""
        self.tokens = 0
        self.expired = 0
        """Tokens of WattTime up to this number are not accepted any more."""
        self.free = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def place(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def url(self, service: str) -> str:
        """Where the interface of a service begins."""
        return f"{self.place}/{service}"

    def close(self) -> None:
        """End the server and its threads."""
        self.free.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- documents ---------------------------------------------------------------------------------------------

    def answer(self, path: str, wanted: dict[str, str], headers: dict[str, str]) -> tuple[int, object]:
        """Status and document for a request."""
        service, _, rest = path.strip("/").partition("/")
        makers = {
            "neso": self._neso,
            "energy-charts": self._energy_charts,
            "electricity-maps": self._electricity_maps,
            "watttime": self._watttime,
        }
        return makers[service](rest, wanted, headers) if service in makers else (404, {"error": "no such service"})

    def _value(self, at: int) -> tuple[float | None, float | None]:
        """What was measured and what was forecast."""
        return (self.truth(at) if at < self.measured_until else None), self.forecast(at)

    def _neso(self, rest: str, _wanted: dict[str, str], _headers: dict[str, str]) -> tuple[int, object]:
        _, begins, ends = rest.split("/")
        data = []
        for at in _steps(begins, ends, 1_800):
            actual, forecast = self._value(at)
            intensity = {"forecast": forecast, "actual": actual, "index": "moderate"}
            data.append({"from": _iso(at), "to": _iso(at + 1_800), "intensity": intensity})
        return 200, {"data": data}

    def _energy_charts(self, _rest: str, wanted: dict[str, str], _headers: dict[str, str]) -> tuple[int, object]:
        times = list(_steps(wanted["start"], wanted["end"], self.step_s))
        told = [self._value(at) for at in times]
        columns = {"co2eq": [actual for actual, _ in told], "co2eq_forecast": [said for _, said in told]}
        return 200, {"unix_seconds": times, **columns, "deprecated": False}

    def _electricity_maps(self, rest: str, wanted: dict[str, str], headers: dict[str, str]) -> tuple[int, object]:
        if headers.get("auth-token") != TOKEN:
            return 401, {"message": "Invalid auth-token"}
        key = "data"
        if rest.endswith("history"):
            key, now = "history", int(time.time())
            wanted = wanted | {"start": _iso(now - 86_400), "end": _iso(now)}
        elif self.free_plan:
            return 403, {"message": "Not in your plan"}
        data = []
        for number, at in enumerate(_steps(wanted["start"], wanted["end"], 3_600)):
            row = {"zone": wanted["zone"], "carbonIntensity": self.truth(at), "datetime": _iso(at, ":00.000Z")}
            row["emissionFactorType"] = self.boundaries[number % len(self.boundaries)]
            data.append({**row, "isEstimated": self.estimated, "temporalGranularity": "hourly"})
        return 200, {"zone": self.zone or wanted["zone"], "temporalGranularity": "hourly", key: data}

    def _watttime(self, rest: str, wanted: dict[str, str], headers: dict[str, str]) -> tuple[int, object]:
        said = headers.get("authorization", "")
        if rest == "login":
            pair = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            self.tokens += said == f"Basic {pair}"
            return (200, {"token": f"token-{self.tokens}"}) if said == f"Basic {pair}" else (401, {"ok": False})
        if said not in {f"Bearer token-{number}" for number in range(self.expired + 1, self.tokens + 1)}:
            return 401, {"error": "Invalid token"}
        per_unit = _LB_PER_MWH if self.units == "lbs_co2_per_mwh" else 1.0
        told = [(at, self.truth(at)) for at in _steps(wanted["start"], wanted["end"], 300)]
        data = [{"point_time": _iso(at, ":00+00:00"), "value": v if v is None else v * per_unit} for at, v in told]
        meta = {"region": self.zone or wanted["region"], "signal_type": wanted["signal_type"], "units": self.units}
        return 200, {"data": data, "meta": {**meta, "data_point_period_seconds": 300, "model": {"date": "2026-03-01"}}}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], feeds: FakeFeeds) -> None:
        super().__init__(address, _Handler)
        self.feeds = feeds

    def handle_error(self, request: object, client_address: object) -> None:  # whoever asked has gone
        pass


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        feeds = cast("_Server", self.server).feeds
        feeds.asked.append(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        feeds.heard += [headers[name] for name in ("auth-token", "authorization") if name in headers]
        parts = urlsplit(self.path)
        fault = feeds.faults.pop(0) if feeds.faults else ""
        if fault:
            self._fault(feeds, fault, parts.path)
            return
        wanted = {name: values[0] for name, values in parse_qs(parts.query).items()}
        status, document = feeds.answer(unquote(parts.path), wanted, headers)
        self._send(status, json.dumps(document).encode(), Cache_Control=feeds.max_age)

    def _fault(self, feeds: FakeFeeds, fault: str, path: str) -> None:
        code, _, more = fault.partition(" ")
        bodies = {
            "cut": b'{"data": [{"from": "2026-11-2',
            "empty": b"{}",
            "list": b"[1, 2]",
            "nan": b'{"data": [NaN]}',
            "negative": json.dumps({"data": [_row(-3)], "unix_seconds": [1_780_000_000], "co2eq": [-3.0]}).encode(),
            "words": json.dumps({"data": [_row("many")], "zone": "FR"}).encode(),
            "huge": b'{"data": "' + b"x" * (9 << 20) + b'"}',
        }
        if code.isdigit() and code != "302":
            retry = {"soon": "1", "late": "3600", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}.get(more, "")
            self._send(int(code), b'{"error": "as planned"}', Retry_After=retry)
        elif code == "302":
            away = f"http://localhost:{feeds.place.rpartition(':')[2]}{path}"  # the same port under another name
            target = {"back": self.path, "away": away, "round": self.path}[more]
            feeds.faults[:0] = ["302 round"] if more == "round" else []
            self._send(302, b"", Location=target)
        elif fault == "text":
            self._send(200, b"<html>Maintenance</html>", Content_Type="text/html")
        elif fault in bodies:
            self._send(200, bodies[fault])
        elif fault == "silent":
            feeds.free.wait(20)
        elif fault == "drip":
            self._drip(feeds)
        else:
            self.connection.close()

    def _drip(self, feeds: FakeFeeds) -> None:
        """A byte now and then, so that no single read is ever late."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(400):
            self.wfile.write(b"x")
            self.wfile.flush()
            if feeds.free.wait(0.05):
                return

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        own = {"Content_Type": "application/json", "Content_Length": str(len(body))}
        for name, value in (own | headers).items():
            if value:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the library has it
        pass


def _row(value: object) -> dict[str, object]:
    """One value in the rows of all services at once."""
    intensity = {"forecast": value, "actual": value}
    own = {"carbonIntensity": value, "datetime": "2026-06-01T00:00:00Z", "point_time": "2026-06-01T00:00:00Z"}
    return {"from": "2026-06-01T00:00Z", "to": "2026-06-01T00:30Z", "intensity": intensity, "value": value, **own}


def _steps(begins: str, ends: str, step_s: int) -> Iterator[int]:
    start, end = (int(datetime.fromisoformat(text).timestamp()) for text in (begins, ends))
    return iter(range(start // step_s * step_s, end, step_s))


def _iso(at: int, tail: str = "Z") -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M") + tail
