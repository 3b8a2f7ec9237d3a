"""What a word means, whoever says it: a driver, the kernel, a scheduler, a cloud or a person.

A word is brought into the form in which names are listed, never changed into another name: what is not listed is not
found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from joulebook.errors import FactNotFound
from joulebook.facts.catalog import Catalog, Resolution

KINDS: Final = (
    "accelerator",
    "cpu",
    "instance",
    "site",
    "grid",
    "fuel",
    "model",
    "language",
    "diffusion",
    "classifier",
    "yardstick",
    "offset",
    "carbon",
    "parameter",
)
"""In the order in which they are shown."""
_MARKS: Final = ("(R)", "(r)", "(TM)", "(tm)", "(C)", "®", "™")
_AMBIGUOUS: Final = "is ambiguous"
_NEAR: Final = 6
_CUT: Final = 0.7


class Requested(NamedTuple):
    """What a scheduler is asked for: `gpu:a100:4`."""

    name: str
    """Type of the device; empty where any will do."""
    devices: int | None


def unmarked(name: str) -> str:
    """A name without trade marks: "Intel Data Center GPU Max 1550"."""
    for mark in _MARKS:
        name = name.replace(mark, " ")
    return name


def plain(name: str) -> str:
    """The model of a processor alone, without clock and what hangs on it: "Intel Xeon Platinum 8480C"."""
    name = unmarked(name).partition("@")[0].partition(" with ")[0].partition(" w/ ")[0]
    words = [word for word in name.split() if not word.endswith(("-Core", "-Cores"))]
    if len(words) > 2 and words[1].lower() == "gen" and words[0][0].isdigit():
        words = words[2:]
    kept = [word for at, word in enumerate(words) if not (at and word in ("CPU", "Processor", "processor", "APU"))]
    return " ".join(kept)


def requested(word: str) -> Requested | None:
    """A generic resource of Slurm ("gpu:a100:4", "gres/gpu:h100_80gb=8", "gpu:2"); None when it is none."""
    text = word.strip().lower().removeprefix("gres/").removeprefix("gres:").partition("(")[0].replace("=", ":")
    first, *rest = text.split(":")
    if first != "gpu" or not rest or len(rest) > 2 or not all(rest):
        return None
    devices = int(rest.pop()) if rest[-1].isascii() and rest[-1].isdigit() else None
    if len(rest) > 1:
        return None
    return Requested(rest[0] if rest else "", devices)


def accelerator(catalog: Catalog, name: str, *, listing: bool = True) -> Resolution:
    """The card or family of an accelerator as NVML, ROCm, Slurm, an instance type or a person calls it.

    Raises `FactNotFound`, with near names unless `listing` is off, which saves the 10 ms that they take.
    """
    return _one(catalog, name, "accelerator", listing=listing)


def processor(catalog: Catalog, name: str, *, listing: bool = True) -> Resolution:
    """The card or family of a processor as /proc/cpuinfo, lscpu, an instance type or a person calls it.

    Raises `FactNotFound`, as above.
    """
    return _one(catalog, name, "cpu", listing=listing)


def meanings(catalog: Catalog, name: str) -> list[Resolution]:
    """Everything that a word means, of whatever kind. Raises `FactNotFound`, with near names, when it means nothing."""
    found: list[Resolution] = []
    ambiguous: FactNotFound | None = None
    subject = name.strip().lower()
    if catalog.properties(subject):
        found.append(Resolution(subject, catalog.label(subject)))
    for kind in KINDS:
        try:
            found.append(_one(catalog, name, kind, listing=False))
        except FactNotFound as error:
            if _AMBIGUOUS in str(error):
                ambiguous = error
    if found:
        return list({one.subject: one for one in reversed(found)}.values())[::-1]
    raise ambiguous or FactNotFound.nowhere(name, near(catalog, name))


def _one(catalog: Catalog, name: str, kind: str, *, listing: bool = True) -> Resolution:
    """The first form of the name that is listed; `listing` adds near names to the error."""
    *forms, last = dict.fromkeys(_forms(name, kind))
    for form in forms:
        try:
            return catalog.resolve(form, kind, near=False)
        except FactNotFound as error:
            if _AMBIGUOUS in str(error):
                raise
    return catalog.resolve(last, kind, near=listing)


def _forms(name: str, kind: str) -> Iterator[str]:
    asked = requested(name) if kind == "accelerator" else None
    yield asked.name if asked and asked.name else name
    yield plain(name) if kind == "cpu" else unmarked(name)  # "RTX 2080 with Max-Q Design" is another card


def near(catalog: Catalog, name: str) -> list[str]:
    """Listed words like this one, of every kind; none of them is ever used unasked."""
    from difflib import get_close_matches  # only on the way to an error

    wanted = " ".join(plain(name).lower().replace("-", " ").split())[:60]
    words = list(dict.fromkeys(word for _, word in catalog.words()))
    parts = set(wanted.split())
    close = [word for word in words if parts and parts <= set(word.split())][:_NEAR]
    if len(close) < _NEAR:
        alike = [word for word in words if abs(len(word) - len(wanted)) <= 4]
        close += [word for word in get_close_matches(wanted, alike, _NEAR, _CUT) if word not in close]
    return close[:_NEAR]
