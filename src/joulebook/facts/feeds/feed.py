"""What every service is to joulebook: a card, zones, and the history of a zone as points; and how answers are read.

A service's file turns its answers into points and does nothing else: asking is `web.py`, keeping is `kept.py`, and
`ask.py` puts the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from math import isfinite
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from joulebook.errors import ConfigError, FactNotFound, FeedError, UnitMismatch
from joulebook.facts.catalog import SourceCard
from joulebook.facts.feeds.series import Point
from joulebook.units import convert, unit

TOKEN: Final = "ELECTRICITYMAPS_TOKEN"  # noqa: S105 - the name of a variable
USER: Final = "WATTTIME_USER"
PASSWORD: Final = "WATTTIME_PASSWORD"  # noqa: S105 - as above
"""Where secrets stand: the names that the services' own clients and their users have for them."""

MARGINAL_ONES: Final = ("watttime",)
"""Services that tell marginal values: no average is expected of them."""
_ZONES: Final = Path(__file__).with_name("zones.toml")
_HIGHEST: Final = 5_000.0
"""g/kWh. No power plant emits as much: the dirtiest stand below 2,000."""
_FIRST: Final = 946_684_800
_LAST: Final = 4_102_444_800
"""2000 and 2100 in UTC s: a time outside is an error of somebody's."""


class Told(NamedTuple):
    """What a service told: points with what they are, and where they are from."""

    points: tuple[Point, ...]
    boundary: str
    url: str
    fetched: int
    fresh_s: int


class Feed(Protocol):
    """A service."""

    url: str
    """Where its interface begins."""
    card: SourceCard
    """Publisher, title, licence."""
    kind: str
    """average or marginal: never one in the place of the other."""
    longest_s: int
    """The longest time that one answer covers."""

    def history(self, zone: str, start: int, end: int) -> Told:
        """The intensity of a zone between two times (UTC s). Raises `FeedError` where there is no usable answer."""


def zone_of(service: str, region: str) -> tuple[str, str]:
    """The service's zone for a region of the catalogue (`grid.fr` or `fr`), and what must be said of it.

    Raises `FactNotFound`, with near regions and the services that have it, where there is none.
    """
    code = region.partition(".")[2] or region
    table = _tables()[service]
    found = table["zones"].get(code)
    if found is not None:
        notes = table.get("note", "")
        return found, notes if code in table.get("other", {}) else ""
    others = [name for name, other in _tables().items() if code in other["zones"]]
    near = get_close_matches(code, table["zones"], 5, 0.6) or sorted(table["zones"])[:5]
    raise FactNotFound(
        f"{service} has no zone for {code.upper()}; near: {', '.join(word.upper() for word in near)}; "
        + (f"services that have it: {', '.join(others)}" if others else f"name one of its zones: --live {service}:ZONE")
    )


def services_for(region: str) -> list[str]:
    """The services that have a zone for a region of the catalogue, in the order in which they are preferred."""
    code = region.partition(".")[2] or region
    return [name for name, table in _tables().items() if code in table["zones"]]


@cache
def _tables() -> Mapping[str, Any]:
    tables = import_module("tomllib").loads(_ZONES.read_text(encoding="utf-8"))
    for table in tables.values():
        upper = table.get("letters") == "upper"
        same = {code: code.upper() if upper else code for code in table.get("same", "").split()}
        table["zones"] = same | table.get("other", {})
    return dict(tables)


# -- reading answers -----------------------------------------------------------------------------------------------


def part(name: str, document: object, *keys: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """What stands below these keys of an answer; raises `FeedError` where something else stands."""
    found: Any = document
    for key in keys:
        if not isinstance(found, Mapping) or key not in found:
            raise FeedError(f"{name}: its answer has no {'.'.join(keys)}; the service may have changed")
        found = found[key]
    return found


def rows(name: str, document: object, *keys: str) -> list[Any]:
    """The list below these keys of an answer."""
    found = part(name, document, *keys)
    if not isinstance(found, list):
        raise FeedError(f"{name}: {'.'.join(keys)} of its answer is no list; the service may have changed")
    return found


def instant(name: str, value: object) -> int:
    """UTC s of a time with its zone, or of a number of seconds."""
    try:
        seconds = value if type(value) is int else int(_moment(value).timestamp())
    except (ValueError, TypeError, OverflowError):
        raise FeedError(f"{name}: {str(value)[:40]!r} in its answer is no time with a time zone") from None
    if not _FIRST <= seconds < _LAST:
        raise FeedError(f"{name}: {str(value)[:40]!r} in its answer is no time of this century")
    return seconds


def _moment(value: object) -> datetime:
    found = datetime.fromisoformat(value) if isinstance(value, str) else None
    if found is None or found.tzinfo is None:
        raise ValueError(value)
    return found


def grams(name: str, value: object, symbol: str = "gCO2e/kWh", size: float = 1.0) -> float | None:
    """An intensity in g/kWh, of which `size` of theirs make one `symbol`; None for one that is not known.

    Raises `FeedError` for what cannot be one.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise FeedError(f"{name}: {str(value)[:40]!r} in its answer is no number")
    try:
        found = convert(float(value) / size, unit(symbol), unit("gCO2e/kWh"))
    except (UnitMismatch, OverflowError):
        raise FeedError(f"{name}: its values are in {symbol!r}, which is no intensity known here") from None
    if not isfinite(found) or not 0 <= found <= _HIGHEST:
        raise FeedError(f"{name}: {value!r} {symbol} in its answer cannot be the intensity of a grid")
    return found


def spans(times: Iterable[int], usual_s: int) -> list[tuple[int, int]]:
    """From and until of values that come with a beginning alone: each lasts until the next, at most an hour.

    Behind a longer hole, and at the end, a value lasts as long as the one before.
    """
    ordered = sorted(set(times))
    found: list[tuple[int, int]] = []
    length = usual_s
    for at, start in enumerate(ordered):
        step = ordered[at + 1] - start if at + 1 < len(ordered) else 0
        length = step if 0 < step <= 3_600 else min(length, step) if step else length
        found.append((start, start + length))
    return found


def iso(seconds: int, tail: str = "Z") -> str:
    """UTC s as services write it: 2026-11-21T08:30Z, or with ":00Z" at its end."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M") + tail


def secret(variable: str, env: Mapping[str, str]) -> str:
    """A secret of the environment; "" where it is not set.

    Raises `ConfigError`, which does not repeat it, where it cannot be sent.
    """
    value = env.get(variable, "").strip()
    if not value.isascii() or not value.isprintable():
        raise ConfigError(f"{variable}: expected the token as the service gave it, on one line")
    return value
