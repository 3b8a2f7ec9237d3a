"""Meters of known truth on the loopback: plugs (Shelly, Tasmota) and a BMC (Redfish), with what goes wrong with them.

`FakeMeters` serves them all from one port of 127.0.0.1, one request after the other, in one thread that ends with it.
Their power follows a `Load` by a clock; averages and counters show it as such instruments do.
"""

from __future__ import annotations

import json
import socket
import threading
from base64 import b64encode
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Final, Self, cast
from urllib.parse import parse_qs, urlsplit

from joulebook.sensors.base import Clock, boottime_ns
from joulebook.sensors.outer.address import Address
from joulebook.testing.fake import SECOND, Load

USER, PASSWORD = "admin", "s3cret word"
FAULTS: Final = (
    "silent", "slow",
    "401", "403", "500", "garbage", "text", "huge", "deep", "redirect", "elsewhere", "hangup", "no http"
)  # fmt: skip
"""What `FakeMeters.fault` may be: no answer, a byte now and then, a status, and answers that are none."""
_STEP_WH: Final = {"shelly1": 1 / 60, "shelly2": 0.001, "tasmota": 1.0}


class FakeMeters:
    """All fake meters on one port. `load` is the truth in W, `window_ns` what the BMC averages over.

    `password` makes them ask for one; `fault` is one of `FAULTS`, or "" for none. `updates_ns` is the time between two
    values of a counter.
    """

    def __init__(
        self,
        load: Load | None = None,
        clock: Clock = boottime_ns,
        *,
        window_ns: int = 0,
        updates_ns: int = SECOND,
        password: str = "",
    ) -> None:
        self.load = load or Load.constant(180.0)
        self.clock = clock
        self.window_ns = window_ns
        self.updates_ns = updates_ns
        self.password = password
        self.generation = 2
        self.fault = ""
        self.overrides: dict[str, object] = {}
        """Documents by path that replace those of the meters; None for 404."""
        self.asked: list[str] = []
        """The paths of all requests, and whether a password came with them."""
        self.since = clock()
        self.free = threading.Event()
        self.at_rest = threading.Event()
        """Set while no connection is open."""
        self.at_rest.set()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return int(self._server.server_address[1])

    def address(self, kind: str, path: str = "", **options: object) -> Address:
        """The address of one of the meters."""
        return Address(kind, "127.0.0.1", self.port, path=path)._replace(**options)  # type: ignore[arg-type]

    def close(self) -> None:
        """End the server and its thread."""
        self.free.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        """The running server."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    # -- what they show ---------------------------------------------------------------------------------------

    def watts(self) -> float:
        """Present power, or the mean of the last `window_ns`."""
        now = self.clock()
        span = self.window_ns or SECOND // 100
        return (self.load.work(now) - self.load.work(now - span)) / span / 1e6

    def counted(self, step_wh: float) -> float:
        """Watt-hours since the beginning, in whole steps, as of the last update."""
        now = self.clock()
        updated = max(now - now % self.updates_ns, self.since)
        joules = (self.load.work(updated) - self.load.work(self.since)) / 1e15
        return 1_000 + joules // (step_wh * 3_600) * step_wh

    def document(self, target: str) -> object:
        """The JSON at a path; None where there is none."""
        parts = urlsplit(target)
        path = parts.path.rstrip("/") or "/"
        if path in self.overrides:
            return self.overrides[path]
        command = parse_qs(parts.query).get("cmnd", [""])[0]
        made: dict[str, Callable[[], object]] = {
            "/shelly": lambda: {"type": "SHPLG-S"} if self.generation == 1 else {"gen": self.generation, "id": "plug"},
            "/status": lambda: {"meters": [{"power": self.watts(), "is_valid": True, "total": self._minutes()}]},
            "/rpc/Switch.GetStatus": lambda: {
                "id": 0, "apower": self.watts(), "aenergy": {"total": round(self.counted(_STEP_WH["shelly2"]), 3)}
            },
            "/cm": lambda: self._tasmota() if command == "Status 8" else {"Command": "Unknown"},
            "/redfish/v1/Chassis": lambda: {"Members": [{"@odata.id": "/redfish/v1/Chassis/1"}]},
            "/redfish/v1/Chassis/1": lambda: {"Id": "1", "Power": {"@odata.id": "/redfish/v1/Chassis/1/Power"}},
            "/redfish/v1/Chassis/1/Power": lambda: {"PowerControl": [{"PowerConsumedWatts": round(self.watts())}]},
        }  # fmt: skip
        if path == "/rpc/Switch.GetStatus" and self.generation == 1:
            return None
        return made[path]() if path in made else None

    def _minutes(self) -> int:
        return round(self.counted(_STEP_WH["shelly1"]) * 60)

    def _tasmota(self) -> object:
        energy = {"Total": round(self.counted(_STEP_WH["tasmota"]) / 1_000, 3), "Power": round(self.watts())}
        return {"StatusSNS": {"Time": "2026-11-20T10:00:00", "ENERGY": energy}}


class _Server(HTTPServer):
    def __init__(self, meters: FakeMeters) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.meters = meters

    def get_request(self) -> tuple[socket.socket, object]:
        self.meters.at_rest.clear()
        return super().get_request()

    def shutdown_request(self, request: object) -> None:
        super().shutdown_request(request)  # type: ignore[arg-type]
        self.meters.at_rest.set()


class _Handler(BaseHTTPRequestHandler):
    """Answers for the meters of its server, or fails as their fault says."""

    timeout = 5

    def do_GET(self) -> None:
        """Answer, or fail as the fault says."""
        meters = self.meters
        given = self.headers.get("Authorization", "")
        query = parse_qs(urlsplit(self.path).query)
        with_password = bool(given or query.get("password"))
        meters.asked.append(f"{self.path.partition('?')[0]}{' with a password' if with_password else ''}")
        if meters.fault:
            self._fail(meters.fault)
        elif meters.password and not self._right(given, query):
            self._wants()
        else:
            found = meters.document(self.path)
            self._answer(404 if found is None else 200, json.dumps(found).encode())

    @property
    def meters(self) -> FakeMeters:
        """The meters that it answers for."""
        return cast("_Server", self.server).meters

    def _right(self, given: str, query: dict[str, list[str]]) -> bool:
        if self.path.startswith("/cm"):
            return query.get("password") == [self.meters.password] and query.get("user") == [USER]
        if self.path.startswith("/rpc"):
            return given.startswith("Digest ") and f'uri="{self.path}"' in given and "nc=00000001" in given
        return (
            given == f"Basic {b64encode(f'{USER}:{self.meters.password}'.encode()).decode()}" or self.path == "/shelly"
        )

    def _wants(self) -> None:
        if self.path.startswith("/cm"):
            self._answer(200, b'{"WARNING":"Need user=<username>&password=<password>"}')
            return
        digest = 'Digest qop="auth", realm="plug", nonce="60e1", algorithm=SHA-256'
        asked = digest if self.path.startswith("/rpc") else 'Basic realm="bmc"'
        self._answer(401, b"", ("WWW-Authenticate", asked))

    def _fail(self, fault: str) -> None:
        if fault in ("silent", "slow"):
            while not self.meters.free.wait(0.05) and self.meters.fault:
                if fault == "slow":
                    self.wfile.write(b"H")
                    self.wfile.flush()
        elif fault.isdigit():
            self._answer(int(fault), b"{}")
        elif fault in ("redirect", "elsewhere"):
            home = "" if fault == "redirect" else "http://127.0.0.2:1"
            to = f"{home}{self.path}/" if not self.path.endswith("/") else self.path
            if fault == "redirect" and self.path.endswith("/"):
                self._answer(200, json.dumps(self.meters.document(self.path)).encode())
            else:
                self._answer(302, b"", ("Location", to))
        elif fault == "hangup":
            self.close_connection = True
        elif fault == "no http":
            self.wfile.write(b"220 plug ready\r\n\r\n")
        else:
            bodies = {
                "garbage": b"\xff{]",
                "text": b'"180 W"',
                "huge": b"[" + b"0," * 500_000,
                "deep": b"[" * 90_000,
            }
            self._answer(200, bodies[fault])

    def _answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""

    def handle(self) -> None:
        """Answer one connection; who asked may have gone."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True
