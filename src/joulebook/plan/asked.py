"""What a plan ranges over: devices, counts and places from words, with everything that is wrong told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from numbers import Integral
from typing import Final, NamedTuple, TypeVar, cast

from joulebook.account.machine import zone_of
from joulebook.errors import ConfigError, FactNotFound
from joulebook.estimate.amounts import Asked
from joulebook.estimate.chip import Chip, chip
from joulebook.facts.catalog import Catalog

T = TypeVar("T")

MOST: Final = 100_000
"""Options of a plan: more of them nobody compares, and they take minutes."""
_MOST_COUNT: Final = 10**8


class Where(NamedTuple):
    """A place of a plan: a grid, or a site of a cloud on its grid."""

    word: str
    region: str = ""
    site: str = ""
    subject: str = ""
    """In the catalogue."""

    @property
    def provider(self) -> str:
        """Whose prices of hire are looked for first; "" at no site."""
        return self.subject.split(".")[1] if self.site else ""


class Held(NamedTuple):
    """A device of a plan."""

    word: str
    chip: Chip


class Ranged(NamedTuple):
    """Everything that a plan ranges over."""

    devices: Sequence[Held]
    counts: Sequence[int]
    places: Sequence[Where]
    warnings: Sequence[str]


def ranged(devices: Sequence[str], counts: Sequence[int | str], regions: Sequence[str], catalog: Catalog) -> Ranged:
    """The devices, counts and places that were asked for, each once.

    Raises `FactNotFound` with every unknown name and what is near it, and `ConfigError` for lists that are empty,
    counts that are none, and plans of too many options.
    """
    wrong: list[str] = []
    said: list[str] = []
    cards = _each("devices", devices, lambda word: _device(word, catalog), wrong)
    places = _each("regions", regions, lambda word: where(word, catalog), wrong) or [Where("")]
    if wrong:
        raise FactNotFound("; ".join(wrong))
    if not cards:
        raise ConfigError.bad("devices", ",".join(devices), "at least one device: H100, 'TPU v4'")
    numbers = [number for one in counts for number in _numbers(one)]
    if not numbers:
        raise ConfigError.bad("counts", "", "at least one number of devices: 64, 8..1024")
    kept = (
        _once(cards, lambda one: one.chip.subject, lambda one: one.word, said),
        _once(numbers, lambda one: one, str, said),
        _once(places, lambda one: one.subject, lambda one: one.word, said),
    )
    many = len(kept[0]) * len(kept[1]) * len(kept[2])
    if many > MOST:
        sizes = f"{len(kept[0])} devices x {len(kept[1])} counts x {len(kept[2])} places"
        raise ConfigError(f"a plan of {sizes} has {many:,} options; give fewer, it can have {MOST:,}")
    return Ranged(*kept, [*said, *(text for one in kept[0] for text in one.chip.warnings)])


def where(word: str, catalog: Catalog) -> Where:
    """The place of a word: a site where it names one ("gcp:europe-west4"), else a grid ("FR").

    Raises `FactNotFound` with near names.
    """
    try:
        site = catalog.resolve(word, "site", near=False).subject
    except FactNotFound:
        return Where(word, region=word, subject=catalog.resolve(word, "grid").subject)
    return Where(word, region=zone_of(word, catalog), site=word, subject=site)


def hours_by_count(hours: Asked | Sequence[Asked] | None, counts: Sequence[int | str]) -> dict[int, Asked | None]:
    """The hours of each count. Raises `ConfigError` where there are not as many of them as counts."""
    numbers = [number for one in counts for number in _numbers(one)]
    if not isinstance(hours, list):
        return dict.fromkeys(numbers, cast("Asked | None", hours))  # a tuple is a range
    if len(hours) != len(numbers):
        expected = f"one time, or one for each of the {len(numbers)} counts"
        raise ConfigError.bad("hours", ",".join(map(str, hours)), expected)
    return dict(zip(numbers, hours, strict=True))


def _device(word: str, catalog: Catalog) -> Held:
    return Held(word, chip(word, catalog))


def _each(name: str, words: Sequence[str], make: Callable[[str], T], wrong: list[str]) -> list[T]:
    """What each word means; what is wrong with those that mean nothing goes to `wrong`."""
    if isinstance(words, str):
        raise ConfigError.bad(name, words, f"a list: {name}=[{words!r}]")
    found = []
    for word in words:
        if not isinstance(word, str):
            raise ConfigError.bad(name, word, "words")
        if not word.strip():
            continue
        try:
            found.append(make(word.strip()))
        except FactNotFound as error:
            wrong.append(str(error))
    return found


def _once(items: Iterable[T], key: Callable[[T], object], word: Callable[[T], str], said: list[str]) -> list[T]:
    """The items without those that mean the same as one before them."""
    found: dict[object, T] = {}
    for item in items:
        first = found.setdefault(key(item), item)
        if first is not item:
            names = dict.fromkeys((word(first), word(item)))
            said.append(f"{' and '.join(names)} {'are the same' if len(names) > 1 else 'stands twice'}: taken once")
    return list(found.values())


def _numbers(asked: int | str) -> list[int]:
    """One count, or each doubling between two ends: "8..64" is 8, 16, 32, 64."""
    ends = [_number(end, asked) for end in (asked.split("..") if isinstance(asked, str) else [asked])]
    if len(ends) == 1:
        return ends
    if len(ends) != 2 or ends[0] > ends[1]:
        raise ConfigError.bad("counts", asked, "numbers of devices, or doublings between two of them such as 8..1024")
    return [ends[0] * 2**power for power in range((ends[1] // ends[0]).bit_length())]


def _number(end: int | str, asked: object) -> int:
    whole = isinstance(end, Integral) and not isinstance(end, bool)
    if isinstance(end, str) and end.strip().isascii() and end.strip().isdigit() and len(end) < 20:
        end, whole = int(end), True
    if not whole or not 0 < int(end) <= _MOST_COUNT:
        raise ConfigError.bad("counts", asked, f"whole numbers of devices, from 1 to {_MOST_COUNT:,}")
    return int(end)
