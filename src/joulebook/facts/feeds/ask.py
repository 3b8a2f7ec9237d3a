"""The intensity of a zone over a time, from what was kept and from the network: the only place where both meet."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from joulebook.errors import ConfigError, FeedError
from joulebook.facts.catalog import SourceCard
from joulebook.facts.feeds import kept
from joulebook.facts.feeds.feed import MARGINAL_ONES, TOKEN, Feed, Told, services_for, zone_of
from joulebook.facts.feeds.series import Point, current
from joulebook.registry import load, names

AUTOMATIC: Final = "auto"
_MINUTE: Final = 60
_DAY: Final = 86_400
_MOST: Final = 60
"""Requests that one run may cause."""


class Wanted(NamedTuple):
    """A service and, if it was named, its zone."""

    service: str
    zone: str = ""


class Here(NamedTuple):
    """What asking depends on besides the question."""

    env: Mapping[str, str]
    place: Path
    """The folder of what was told before."""
    now: int
    """UTC s."""
    ends: float
    """Nothing is waited for after that (monotonic s)."""

    @classmethod
    def and_now(cls, seconds: float) -> Here:
        """This process, the user's cache and so many seconds from now."""
        return cls(os.environ, kept.folder(), int(time.time()), time.monotonic() + seconds)


class Known(NamedTuple):
    """What is known of a zone over a time."""

    service: str
    zone: str
    kind: str
    boundary: str
    card: SourceCard
    points: tuple[Point, ...]
    """In order, none overlaps another."""
    address: str = ""
    """Where its interface begins; the whole of a request stands with its answer in the file of what was told."""
    note: str = ""
    """What the zone stands for, where it is not the region itself."""
    problem: str = ""
    """Why something is missing or old."""


def wanted(words: str, region: str, env: Mapping[str, str]) -> list[Wanted]:
    """The services that somebody names: `neso`, `watttime:PJM_DC`, `energy-charts,watttime`, `auto`.

    Raises `ConfigError` for a name that is none, and `FactNotFound` for a region that no service has.
    """
    found = []
    for word in words.split(","):
        service, _, zone = word.strip().partition(":")
        if service == AUTOMATIC and not zone:
            service = _automatic(region, env)
        if service not in names("feed"):
            expected = f"one of {', '.join(names('feed'))}; RUN stands before it: joulebook show last --live"
            raise ConfigError.bad("--live", word, expected)
        found.append(Wanted(service, zone.strip()))
    marginal = sum(one.service in MARGINAL_ONES for one in found)
    if marginal > 1 or len(found) - marginal > 1:
        raise ConfigError.bad("--live", words, "one service of averages, and one of marginal values beside it")
    return found


def _automatic(region: str, env: Mapping[str, str]) -> str:
    """The first service that has the region, gives averages and can be asked."""
    able = [name for name in services_for(region) if name not in MARGINAL_ONES]
    ready = [name for name in able if name != "electricity-maps" or env.get(TOKEN)]
    if not able:
        zone_of("electricity-maps", region)  # raises, with near regions
    return (ready or able)[0]


def ask(service: Wanted, region: str, window: tuple[int, int], here: Here) -> Known:
    """What a service tells of a region (`grid.fr`) over a time (UTC s); what it does not tell is simply not there.

    Raises `FactNotFound` for a region that it does not have and `MissingExtra` where the libraries are not installed;
    no failure of the network is raised.
    """
    zone, note = (service.zone, "") if service.zone else zone_of(service.service, region)
    make = load("feed", service.service)
    from joulebook.facts.feeds.web import Web  # with httpx2, which `load` has found or told how to install

    feed: Feed = make(Web(make.url, service.service, ends=here.ends), here.env)
    told, problem = _told(feed, zone, window, (kept.file_of(here.place, service.service, zone), here.now))
    boundary = next((one.boundary for one in reversed(told) if one.points), "")
    points = current(
        point for one in told if one.boundary == boundary for point in one.points if _touches(point, window)
    )
    if problem and points:
        newest = time.gmtime(max(point.fetched for point in points))
        problem += f"; what it told until {time.strftime('%Y-%m-%d %H:%M', newest)} UTC is used"
    return Known(service.service, zone, feed.kind, boundary, feed.card, tuple(points), feed.url, note, problem)


def _told(feed: Feed, zone: str, window: tuple[int, int], keeping: tuple[Path, int]) -> tuple[list[Told], str]:
    """All that was told of a zone, the newest last, and why it is not all that could be."""
    path, now = keeping
    before = kept.versions(path)
    asked: list[Told] = []
    problem = ""
    for start, end in _pieces(window, feed.longest_s, now):
        needed = max(start, window[0]), min(end, window[1])
        if any(version.covers(*needed, now) for version in before):
            continue
        try:
            told = feed.history(zone, start, end)
        except FeedError as error:
            problem = str(error)
            break
        kept.append(path, kept.Version(start, end, told))
        asked.append(told)
    return [version.told for version in before] + asked, problem


def _pieces(window: tuple[int, int], longest_s: int, now: int) -> list[tuple[int, int]]:
    """Whole days around a time, until now where the last of them goes on, in pieces that one answer can hold."""
    start = window[0] // _DAY * _DAY
    end = min(-(-window[1] // _DAY) * _DAY, max(now // _MINUTE * _MINUTE, -(-window[1] // _MINUTE) * _MINUTE))
    return [(at, min(at + longest_s, end)) for at in range(start, end, longest_s)][:_MOST]


def _touches(point: Point, window: tuple[int, int]) -> bool:
    return point.start < window[1] and point.end > window[0]
