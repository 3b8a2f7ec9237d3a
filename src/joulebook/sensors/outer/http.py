"""One document of JSON from a meter in the local network: bounded in time and size, and from that place alone.

No proxy, no cookie, no redirection to another place; certificates are checked unless the address says `verify=off`. The
deadline holds for all of an exchange, so that a meter that sends a byte a second is late as well.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import time
from base64 import b64encode
from hashlib import md5, sha256
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from typing import Final, cast
from urllib.parse import urljoin, urlsplit
from urllib.request import parse_http_list, parse_keqv_list

from joulebook.errors import SensorDenied, SensorError
from joulebook.sensors.outer.address import PASSWORD, USER, Address
from joulebook.version import __version__

DEADLINE_S: Final = 1.5
LIMIT: Final = 256 * 1_024
"""Bytes of an answer, its head included."""
_PIECE: Final = 16_384
CREDENTIALS: Final = f"set {USER} and {PASSWORD}, or write the host into ~/.netrc"


class NotThere(SensorError):
    """The meter answers, and knows no such document (404)."""


class Http:
    """A meter that is asked by HTTP; every call is a connection of its own.

    A password is sent where it is asked for, and nowhere else: one variable may serve several meters.
    """

    def __init__(self, address: Address, deadline_s: float = DEADLINE_S) -> None:
        self._address = address
        self._deadline_s = deadline_s
        self._context = _context(address)
        self._authorization = ""

    def get(self, path: str) -> object:
        """The JSON at a path; raises `SensorDenied`, `NotThere` or `SensorError` with what went wrong."""
        deadline = time.monotonic() + self._deadline_s
        try:
            status, headers, body = self._ask(path, deadline, self._authorization)
            if status in (301, 302, 307, 308):
                path = self._same_place(path, headers.get("location", ""))
                status, headers, body = self._ask(path, deadline, self._authorization)
            if status == 401 and self._address.password:
                answer = self._answer(path, headers.get("www-authenticate", ""))
                status, headers, body = self._ask(path, deadline, answer)
        except TimeoutError:
            raise SensorError(f"no answer within {self._deadline_s:g} s") from None
        except ssl.SSLCertVerificationError as error:
            remedy = "name its certificate in the address: ?ca=/etc/ssl/bmc.pem ; or trust it unseen: ?verify=off"
            raise SensorError(f"its certificate is not trusted: {error.verify_message}", remedy) from None
        except (OSError, HTTPException, UnicodeError) as error:
            raise SensorError(getattr(error, "strerror", None) or f"{type(error).__name__}: {error}") from None
        return _document(status, path, body)

    def _answer(self, path: str, challenge: str) -> str:
        """What to say to a meter that wants a password; Basic is said unasked from then on."""
        word, _, rest = challenge.partition(" ")
        if word.lower() == "digest":
            return digest(self._address, path, rest)
        pair = f"{self._address.user or 'admin'}:{self._address.password}".encode()
        self._authorization = f"Basic {b64encode(pair).decode()}"
        return self._authorization

    def _ask(self, path: str, deadline: float, authorization: str) -> tuple[int, dict[str, str], bytes]:
        if not path.startswith("/") or any(char <= " " for char in path):
            raise SensorError("it names a document by what is no path")
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {self._address.place}",
            f"User-Agent: joulebook/{__version__}",
            "Accept: application/json",
            "Connection: close",
            *([f"Authorization: {authorization}"] if authorization else []),
        ]
        raw = self._exchange("\r\n".join([*lines, "", ""]).encode("ascii"), deadline)
        answer = HTTPResponse(cast("socket.socket", _Received(raw)))
        answer.begin()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read(LIMIT)

    def _exchange(self, request: bytes, deadline: float) -> bytes:
        host, port = self._address.host, self._address.port
        with socket.create_connection((host, port), timeout=_left(deadline)) as plain:
            plain.settimeout(_left(deadline))
            with self._context.wrap_socket(plain, server_hostname=host) if self._context else plain as stream:
                stream.settimeout(_left(deadline))
                stream.sendall(request)
                raw = b""
                while not _is_whole(raw):
                    stream.settimeout(_left(deadline))
                    piece = stream.recv(_PIECE)
                    if not piece:
                        break
                    raw += piece
                    if len(raw) > LIMIT:
                        raise SensorError(f"its answer is longer than {LIMIT // 1_024} KiB")
        return raw

    def _same_place(self, path: str, location: str) -> str:
        here = f"{'https' if self._address.tls else 'http'}://{self._address.place}"
        there = urlsplit(urljoin(here + path, location))
        if not location or f"{there.scheme}://{there.netloc}" != here:
            raise SensorError("it sends us to another place, which is not followed")
        return there.path + (f"?{there.query}" if there.query else "")


class _Received:
    """The bytes of an answer in the place of the connection that brought them."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, _mode: str) -> BytesIO:
        return BytesIO(self._raw)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _is_whole(raw: bytes) -> bool:
    """Whether an answer is there, for meters that leave the connection open."""
    head, found, body = raw.partition(b"\r\n\r\n")
    if not found:
        return False
    fields = head.lower().split(b"\r\n")
    if any(field.startswith(b"transfer-encoding:") and b"chunked" in field for field in fields):
        return body.endswith(b"0\r\n\r\n")
    length = next((field.partition(b":")[2].strip() for field in fields if field.startswith(b"content-length:")), b"")
    return length.isdigit() and len(body) >= int(length)


def _document(status: int, path: str, body: bytes) -> object:
    if status == 401:
        raise SensorDenied("it wants a user and a password (401)", CREDENTIALS)
    if status == 403:
        raise SensorDenied("this user may not read it (403)", "give the user the right to log in and read sensors")
    if status == 404:
        raise NotThere(f"it has no {path} (404)")
    if status != 200:
        raise SensorError(f"it answers {status}")
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        raise SensorError("its answer is no JSON") from None
    return found


def _context(address: Address) -> ssl.SSLContext | None:
    if not address.tls:
        return None
    try:
        context = ssl.create_default_context(cafile=address.ca or None)
    except OSError as error:
        raise SensorError(f"the certificates in {address.ca}: {error.strerror or error}") from None
    if not address.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def digest(address: Address, path: str, challenge: str, own: str = "") -> str:
    """The answer to a challenge (RFC 7616): SHA-256 as second-generation Shellys ask for it, or MD5."""
    asked = parse_keqv_list(parse_http_list(challenge))
    algorithm = asked.get("algorithm", "MD5")
    known = {"SHA-256": sha256, "MD5": md5}.get(algorithm.upper())
    if known is None or "auth" not in [word.strip() for word in asked.get("qop", "auth").split(",")]:
        raise SensorDenied(f"it wants a password in a way that is not spoken here (digest {algorithm})")

    def hashed(*parts: str) -> str:
        return known(":".join(parts).encode()).hexdigest()

    user, realm, nonce = address.user or "admin", asked.get("realm", ""), asked.get("nonce", "")
    count, own = "00000001", own or os.urandom(8).hex()
    secret = hashed(user, realm, address.password)
    response = hashed(secret, nonce, count, own, "auth", hashed("GET", path))
    fields = {"username": user, "realm": realm, "nonce": nonce, "uri": path, "cnonce": own, "response": response}
    if "opaque" in asked:
        fields["opaque"] = asked["opaque"]
    quoted = ", ".join(f'{name}="{value}"' for name, value in fields.items())
    return f"Digest {quoted}, algorithm={algorithm}, qop=auth, nc={count}"
