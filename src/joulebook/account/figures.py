"""Every figure of a statement by name: totals, parts of them by stage and by device, and the values assumed."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final, NamedTuple

from joulebook.account.terms import (
    AT_SOCKET,
    CARBON,
    CARBON_MARGINAL,
    CARBON_MARKET,
    EMBODIED,
    FACILITY,
    IDLE,
    IT_ENERGY,
    MONEY,
    TOTALS,
    WATER_GRID,
    WATER_SITE,
    WHOLE_RUN,
    WITHIN,
    Line,
    Statement,
)
from joulebook.errors import ConfigError
from joulebook.quantity import Quantity, total

POWER: Final = "power"
_RATES: Final = {
    "carbon": "carbon_intensity",
    "carbon_market": "carbon_intensity_market",
    "carbon_marginal": "carbon_intensity_marginal",
    "cost": "price",
}
WATER: Final = "water"
PARTED: Final = ("it_energy", "energy", *_RATES, WATER, "duration", POWER, "idle_baseline")
"""The figures that are known by stage; all but the duration are known by device, too."""
MADE: Final = "carbon_embodied"
"""Known by device alone: what made a device was emitted before any stage."""
_LINES: Final = {
    "it_energy": (IT_ENERGY,),
    "energy": (FACILITY,),
    "carbon": (CARBON,),
    "carbon_market": (CARBON_MARKET,),
    "carbon_marginal": (CARBON_MARGINAL,),
    MADE: (EMBODIED,),
    WATER: (WATER_SITE, WATER_GRID),
    "cost": (MONEY,),
    "idle_baseline": (IDLE,),
}


_ALSO: Final = {
    "co2": "carbon",
    "co2e": "carbon",
    "emissions": "carbon",
    "money": "cost",
    "electricity": "energy",
    "joules": "it_energy",
    "time": "duration",
}
"""Other words for figures, as summaries and people say them."""


def spoken(word: str) -> str:
    """The name of the figure that a word means: "CO2e" and "carbon" are one; other words stay as they are."""
    name = word.strip().lower().replace("-", "_").replace(" ", "_")
    return _ALSO.get(name, name)


class Wanted(NamedTuple):
    """What the user asked for: a figure, of a stage or a device or of both ("" is all of them)."""

    figure: str
    stage: str = ""
    device: str = ""

    @property
    def name(self) -> str:
        """The figure as it is written: "energy:train/forward", "carbon:gpu-0"."""
        return ":".join(part for part in (self.figure, self.stage, self.device) if part)


def figure_names(statement: Statement) -> list[str]:
    """The figures that can be asked for by themselves."""
    return list(dict.fromkeys((*TOTALS, POWER, *(item.name for item in statement.assumptions))))


def wanted(statement: Statement, text: str, *, stage: str = "", device: str = "") -> Wanted:
    """What `text` ("carbon", "energy:train/forward", "it_energy:cpu-0") asks for; `stage` and `device` go before.

    Raises `ConfigError`, with near names, for a figure, stage or device that the statement does not have.
    """
    known = figure_names(statement)
    figure, colon, part = (text, "", "") if text in known else text.partition(":")  # a name may have a colon
    figure = figure if figure in known else spoken(figure)
    if figure not in known:
        raise _unknown("FIGURE", figure, known)
    stages, devices = _stages(statement), _devices(statement)
    if colon and (not part or (stage and device)):
        raise ConfigError.bad("FIGURE", text, f"{figure} alone, or a stage or a device after the colon")
    if part and not stage and _stage_of(part, stages):
        stage = part
    elif part:
        device, stage = (part, stage) if not device else (device, part)
    if stage and not _stage_of(stage, stages):
        raise _unknown("stage", stage, stages)
    if device and device not in devices:
        raise _unknown("stage or device" if part == device else "device", device, [*stages, *devices])
    asked = Wanted(figure, _stage_of(stage, stages), device)
    _check(asked)
    return asked


def _check(asked: Wanted) -> None:
    if asked.figure == MADE and asked.stage:
        raise ConfigError.bad("FIGURE", asked.name, "a device: what made it was emitted before any stage")
    if (asked.stage or asked.device) and asked.figure not in (*PARTED, MADE):
        raise ConfigError.bad("FIGURE", asked.name, f"one of {', '.join(PARTED)} for a stage or a device")
    if asked.device and asked.figure == "duration":
        raise ConfigError.bad("FIGURE", asked.name, "a stage: devices work side by side and have no time of their own")


def figure(statement: Statement, asked: Wanted) -> Quantity | None:
    """The figure, in J, gCO2e, s, W or the currency; None where it is not known."""
    if not asked.stage and not asked.device:
        return _of_the_run(statement, asked.figure)
    if asked.figure == "duration":
        return _time(statement, asked.stage)
    if asked.figure == POWER:
        return _quotient(figure(statement, asked._replace(figure="it_energy")), _time(statement, asked.stage))
    own = [line for kind in _LINES[asked.figure] for line in _lines(statement, kind, asked)]
    if own or asked.figure in ("it_energy", "idle_baseline", MADE):
        return _sum(own or (_beside(statement, asked) if asked.figure == "it_energy" else []))
    return _priced(statement, asked)


def _of_the_run(statement: Statement, name: str) -> Quantity | None:
    if name == POWER:
        return _quotient(statement.it_energy, statement.duration)
    if name in TOTALS:
        found: Quantity | None = getattr(statement, name)
        return found
    return next((item.quantity for item in statement.assumptions if item.name == name), None)


def reason(statement: Statement, asked: Wanted) -> str:
    """Why a figure is not known."""
    said = [text for text in statement.warnings if text.startswith(f"{asked.figure}: ")]
    return "; ".join(said) or f"{asked.name}: unknown; nothing was recorded from which it could follow"


def _priced(statement: Statement, asked: Wanted) -> Quantity | None:
    """A figure of a stage by the rule of the whole run: its IT energy x overhead x rate."""
    amount = _sum(_lines(statement, IT_ENERGY, asked))
    if amount is None or getattr(statement, asked.figure) is None:
        return None
    sensed = amount
    overhead = statement.assumption("pue")
    if overhead is not None:
        amount = (amount * overhead.quantity).named(f"energy of {asked.stage or asked.device}")
    if asked.figure == WATER:
        rates = (statement.assumption("wue"), statement.assumption("water_intensity"))
        pairs = zip((sensed, amount), rates, strict=True)
        return total([part * rate.quantity for part, rate in pairs if rate is not None], "L")
    rate_name = _RATES.get(asked.figure)
    if rate_name is None:
        return amount
    rate = statement.assumption(rate_name)
    return amount * rate.quantity if rate is not None else None


def _lines(statement: Statement, kind: str, asked: Wanted) -> list[Line]:
    found = statement.of_kind(kind, asked.stage or WHOLE_RUN)
    return [line for line in found if asked.device in ("", line.device)]


def _beside(statement: Statement, asked: Wanted) -> list[Line]:
    """Lines that are in no sum: parts of other ones, or what was read at the socket, of one device alone."""
    found = _lines(statement, WITHIN, asked)
    return found or (_lines(statement, AT_SOCKET, asked) if asked.device else [])


def _sum(lines: Iterable[Line]) -> Quantity | None:
    parts = [line.quantity for line in lines]
    return total(parts, parts[0].unit) if parts else None


def _time(statement: Statement, stage: str) -> Quantity | None:
    if not stage:
        return statement.duration
    return next((item.duration for item in statement.stages if item.span == stage), None)


def _quotient(energy: Quantity | None, time: Quantity | None) -> Quantity | None:
    return None if energy is None or time is None or time.value <= 0 else (energy / time).to("W")


def _stages(statement: Statement) -> list[str]:
    return list(dict.fromkeys(line.span for line in statement.lines if line.span != WHOLE_RUN))


def _stage_of(word: str, stages: list[str]) -> str:
    """The path that a word means: the path itself, as it is written or shown, or the end of exactly one path."""
    if word in stages:
        return word
    ends = [path for path in stages if path.endswith(f"/{word}") and not path.endswith(f"\\/{word}")]
    ends = ends or [path for path in stages if path.replace("\\/", "/") == word]
    return ends[0] if len(ends) == 1 else ""


def _devices(statement: Statement) -> list[str]:
    return list(dict.fromkeys(line.device for line in statement.lines))


def _unknown(what: str, word: str, known: list[str]) -> ConfigError:
    close = get_close_matches(word, known, 5, 0.4) or known[:20]
    return ConfigError.bad(what, word, f"one of {', '.join(close)}" if close else "none: this run has none")
