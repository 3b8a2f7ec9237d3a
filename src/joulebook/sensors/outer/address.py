"""Where an outer meter is, as `JOULEBOOK_METERS` has it: `shelly://192.168.1.20/1`, `redfish+https://bmc`, `ipmi`.

A user and a password may stand in the address; neither is ever shown, nor kept with a run.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from joulebook.errors import ConfigError

USER, PASSWORD = "JOULEBOOK_METER_USER", "JOULEBOOK_METER_PASSWORD"
_EXPECTED: Final = "KIND://HOST or KIND+https://HOST, such as shelly://192.168.1.20 or redfish+https://bmc.local"
_OPTIONS: Final = frozenset(("window", "verify", "ca"))
_LONGEST_WINDOW_S: Final = 3_600.0


class Address(NamedTuple):
    """One address in its parts."""

    kind: str
    """The kind of meter: shelly, tasmota, redfish, ipmi, acpi."""
    host: str = ""
    port: int = 0
    tls: bool = False
    path: str = ""
    """What follows the host, without slashes at its ends."""
    window_ns: int = 0
    """How long the meter averages, where the user says so."""
    verify: bool = True
    """Whether the certificate has to be good."""
    ca: str = ""
    """File with a certificate to trust."""
    user: str = ""
    password: str = ""

    @property
    def name(self) -> str:
        """The meter as it is shown: without a user, a password or options."""
        return " ".join(part for part in (self.kind, self.place + (f"/{self.path}" if self.path else "")) if part)

    @property
    def place(self) -> str:
        """Host and port, as the head of a request has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port in (0, 443 if self.tls else 80) else f"{host}:{self.port}"


def parse(text: str, env: Mapping[str, str] | None = None) -> Address:
    """The parts of an address; user and password from the address, else the environment, else ~/.netrc.

    Raises `ConfigError`, which does not repeat the address: there may be a password in it.
    """
    scheme, _, rest = text.strip().partition("://")
    kind, _, transport = scheme.lower().partition("+")
    try:
        parts = urlsplit(f"//{rest}")
        port, host = parts.port, parts.hostname or ""
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        window_s = float(options.get("window", "0"))
    except ValueError:
        raise _bad(kind) from None
    verify = options.get("verify", "on")
    legible = all(char.isprintable() and char != " " for char in host + parts.path)
    if (
        not kind.isidentifier()
        or transport not in ("", "http", "https")
        or not legible
        or options.keys() - _OPTIONS
        or verify not in ("on", "off")
        or not 0 <= window_s <= _LONGEST_WINDOW_S
    ):
        raise _bad(kind)
    tls = transport == "https"
    user, password = _credentials(host, unquote(parts.username or ""), unquote(parts.password or ""), env)
    return Address(
        kind=kind,
        host=host,
        port=port or (443 if tls else 80) if host else 0,
        tls=tls,
        path=parts.path.strip("/"),
        window_ns=int(window_s * 1e9),
        verify=verify == "on",
        ca=os.path.expanduser(options.get("ca", "")),  # noqa: PTH111 - no pathlib here
        user=user,
        password=password,
    )


def _bad(kind: str) -> ConfigError:
    shown = kind if kind.isidentifier() else "an address"
    return ConfigError(f"meters: {shown}: expected {_EXPECTED}; options are window=SECONDS, verify=off, ca=FILE")


def _credentials(host: str, user: str, password: str, env: Mapping[str, str] | None) -> tuple[str, str]:
    env = os.environ if env is None else env
    if user or password or not host:
        return user, password
    if env.get(PASSWORD):
        return env.get(USER, ""), env[PASSWORD]
    file = os.path.expanduser(env.get("NETRC") or "~/.netrc")  # noqa: PTH111 - as above
    if not os.access(file, os.R_OK):
        return "", ""
    netrc = import_module("netrc")
    try:
        found = netrc.netrc(file).authenticators(host)
    except (OSError, netrc.NetrcParseError, UnicodeDecodeError):
        return "", ""
    return (found[0], found[2] or "") if found else ("", "")
