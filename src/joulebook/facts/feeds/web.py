"""The one door to services on the network: JSON from one host, bounded in time, size and patience.

A redirection to another host is refused, secrets travel in headers to that host alone and are in no message. The
deadline holds for names that do not resolve and for answers that drip, too: each exchange has a thread of its own,
which is left behind when its time is over.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

import httpx2
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from joulebook.errors import FeedDenied, FeedError, FeedUnavailable
from joulebook.version import __version__

REQUEST_S: Final = 10.0
"""No exchange lasts longer."""
LIMIT: Final = 8 << 20
"""Bytes of an answer. None is asked for in packed form: what is counted is what comes."""
ATTEMPTS: Final = 3
FRESH_S: Final = 300
"""How long an answer is good that does not say so itself."""
_LONGEST_FRESH_S: Final = 86_400
_REDIRECTS: Final = 3
_PAUSE_S: Final = 0.5
_AGAIN: Final = frozenset((429, 500, 502, 503, 504))


class Answer(NamedTuple):
    """A document and how long it is good."""

    document: object
    url: str
    """Where it is from: nothing in it is secret."""
    fetched: int
    """UTC s."""
    fresh_s: int
    """As the service says (Cache-Control), else `FRESH_S`."""


class _Passing(FeedUnavailable):
    """A failure that may be over soon."""

    def __init__(self, message: str, pause_s: float | None = None) -> None:
        super().__init__(message)
        self.pause_s = pause_s
        """As the service asks (Retry-After)."""


class Web:
    """What one command asks of one service until `ends` (monotonic s)."""

    def __init__(
        self,
        base: str,
        name: str,
        *,
        ends: float,
        request_s: float = REQUEST_S,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base = httpx2.URL(base)
        self._name = name
        self._request_s = request_s
        self._sleep = sleep
        self._ends = ends

    def get(
        self, path: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The JSON at a path below the base.

        Raises `FeedDenied` (401, 403), `FeedUnavailable` (no answer in time, 429, 5xx after some attempts) or
        `FeedError` (anything that is not what was asked for).
        """
        url = self._base.copy_with(path=self._base.path.rstrip("/") + path, params=params or None)
        retrying = Retrying(
            sleep=self._sleep,
            retry=retry_if_exception_type(_Passing),
            wait=_pause,
            stop=lambda state: state.attempt_number >= ATTEMPTS or state.upcoming_sleep >= self._left(),
            reraise=True,
        )
        answer: Answer = retrying(self._once, url, dict(headers or {}))
        return answer

    def _left(self) -> float:
        return self._ends - time.monotonic()

    def _once(self, url: httpx2.URL, headers: Mapping[str, str]) -> Answer:
        """One exchange, in a thread that is given up when its time is over."""
        allowed = min(self._request_s, self._left())
        if allowed <= 0:
            raise FeedUnavailable(f"{self._name}: no time was left to ask it")
        found: list[Answer | Exception] = []

        def exchange() -> None:
            try:
                found.append(self._exchange(url, headers, time.monotonic() + allowed))
            except (FeedError, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, OSError, ValueError) as error:
                found.append(error)

        thread = threading.Thread(target=exchange, name=f"joulebook live {self._name}", daemon=True)
        thread.start()
        thread.join(allowed)
        if not found:
            raise _Passing(f"{self._name}: no answer within {allowed:.3g} s")
        if isinstance(found[0], Answer):
            return found[0]
        raise self._said(found[0], allowed) from None

    def _said(self, error: Exception, allowed: float) -> FeedError:
        """What went wrong, in words of ours."""
        if isinstance(error, FeedError):
            return error
        if isinstance(error, (httpx2.TimeoutException, TimeoutError)):
            return _Passing(f"{self._name}: no answer within {allowed:.3g} s")
        if isinstance(error, (httpx2.TransportError, OSError)):
            return _Passing(f"{self._name}: cannot be reached ({_brief(error)})")
        return FeedError(f"{self._name}: its answer cannot be used ({_brief(error)})")

    def _exchange(self, url: httpx2.URL, headers: Mapping[str, str], ends: float) -> Answer:
        own = {
            "accept": "application/json",
            "accept-encoding": "identity",
            "user-agent": f"joulebook/{__version__}",
            **headers,
        }
        left = max(ends - time.monotonic(), 0.001)
        with httpx2.Client(timeout=left, follow_redirects=False, headers=own) as client:
            for _ in range(_REDIRECTS + 1):
                with client.stream("GET", url) as response:
                    if response.has_redirect_location:
                        url = self._next(url, response.headers["location"])
                        continue
                    self._check(response)
                    body = self._body(response, ends)
                    return Answer(_parsed(self._name, body), str(url), int(time.time()), _fresh_s(response.headers))
        raise FeedError(f"{self._name}: it sends us on and on; nothing was read")

    def _next(self, url: httpx2.URL, location: str) -> httpx2.URL:
        there = url.join(location)
        if (there.scheme, there.host, there.port) != (url.scheme, url.host, url.port):
            raise FeedError(f"{self._name}: it sends us to another host ({there.host or location}), which is refused")
        return there

    def _check(self, response: httpx2.Response) -> None:
        code = response.status_code
        if code in (401, 403):
            why = "does not accept the credentials" if code == 401 else "does not allow this account to read it"
            raise FeedDenied(f"{self._name}: it {why} ({code})")
        if code in _AGAIN:
            what = "asks us to wait" if code == 429 else "fails"
            raise _Passing(f"{self._name}: it {what} ({code})", _retry_after_s(response.headers.get("retry-after", "")))
        if code != 200:
            raise FeedError(f"{self._name}: it answers {code}")
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise FeedError(f"{self._name}: its answer is {kind or 'of no type'} where JSON was expected")

    def _body(self, response: httpx2.Response, ends: float) -> bytes:
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > LIMIT:
                raise FeedError(f"{self._name}: its answer is longer than {LIMIT >> 20} MiB")
            if time.monotonic() > ends:
                raise TimeoutError
        return bytes(body)


def _pause(state: RetryCallState) -> float:
    """Seconds until the next attempt: what the service asks for, else half a second, then twice that."""
    error = state.outcome.exception() if state.outcome is not None else None
    asked = error.pause_s if isinstance(error, _Passing) else None
    return _PAUSE_S * 2 ** (state.attempt_number - 1) if asked is None else asked


def _retry_after_s(text: str) -> float | None:
    """Seconds of a Retry-After, which is a number of them or a date."""
    if text.strip().isascii() and text.strip().isdigit():
        return float(text)
    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def _fresh_s(headers: Mapping[str, str]) -> int:
    """How long an answer is good, by its Cache-Control; at most a day."""
    for word in headers.get("cache-control", "").lower().split(","):
        name, _, value = word.strip().partition("=")
        if name in ("no-store", "no-cache"):
            return 0
        if name == "max-age" and value.isascii() and value.isdigit():
            return min(int(value), _LONGEST_FRESH_S)
    return FRESH_S


def _parsed(name: str, body: bytes) -> object:
    try:
        found: object = json.loads(body, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise FeedError(f"{name}: its answer is no whole JSON ({len(body)} bytes)") from None
    return found


def _refused(word: str) -> object:
    raise ValueError(word)


def _brief(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:120]
