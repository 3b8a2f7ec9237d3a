"""What a user gives in tables of `joulebook.toml`: fields checked one by one, and mistakes told with file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Final, NamedTuple, NoReturn

from joulebook.errors import ConfigError, UnitMismatch
from joulebook.quantity import Basis, Quantity, Source
from joulebook.settings import Table
from joulebook.units import UNITS, unit

_DENIED: Final = ("neutral", "net zero", "net-zero", "netzero", "climate positive")
"""What no certificate and no offset makes of an amount; a name that says so is refused."""
_MOST: Final = 1e15
"""No amount that somebody gives is larger in any unit; beyond it products would leave what a number can hold."""


class Given(NamedTuple):
    """One table (`[tariff]`), or one of several of a name (the third `[[contract]]`), with its place in the file."""

    table: Table
    values: Mapping[str, object]
    path: tuple[str, ...]
    """Names of the tables around and this one: ("tariff", "rate")."""
    at: int = 0
    """Which of several of that name in the file, from 0."""

    def place(self, key: str = "") -> str:
        """The file and line of a key, or of the table's heading where the key is not found."""
        return f"{self.table.path}{_line(self.table, self.path, self.at, key)}"

    def refuse(self, key: str, expected: str) -> NoReturn:
        """Raise the `ConfigError` of this key."""
        value = self.values.get(key, "")
        raise ConfigError.bad(".".join((*self.path, key)), value, expected, self.place(key))

    def only(self, *keys: str) -> None:
        """Refuse any key but these."""
        for key in self.values:
            if key not in keys:
                raise ConfigError.bad(f"[{'.'.join(self.path)}]", key, f"one of {', '.join(keys)}", self.place(key))

    def needs(self, *keys: str) -> None:
        """Refuse a table without one of these."""
        for key in keys:
            if key not in self.values:
                where = self.place()
                raise ConfigError(f"[{'.'.join(self.path)}] (from {where}): it has no {key}; add  {key} = ...")

    def text(self, key: str, default: str = "", *, one_of: Sequence[str] = ()) -> str:
        """A text on one line, in lower case where it is one of several words."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or not value.isprintable() or (key in self.values and not value.strip()):
            self.refuse(key, f"one of {', '.join(one_of)}" if one_of else "a text")
        word = value.strip()
        if one_of and word and word.lower() not in one_of:
            self.refuse(key, f"one of {', '.join(one_of)}")
        if any(denied in word.lower() for denied in _DENIED):
            self.refuse(key, "a description: no certificate or offset makes anything neutral, and no text here says so")
        return word.lower() if one_of else word

    def number(self, key: str, low: float, high: float, expected: str) -> float:
        """A finite number from `low` to `high`."""
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
            self.refuse(key, expected)
        if not low <= value <= high:
            self.refuse(key, expected)
        return float(value)

    def whole(self, key: str, low: int, high: int, expected: str) -> int:
        """A whole number from `low` to `high`."""
        value = self.values.get(key)
        if type(value) is not int or not low <= value <= high:
            self.refuse(key, expected)
        return value

    def amount(self, key: str, like: str, expected: str) -> Quantity:
        """An amount or a 90 % range with a unit of the dimensions of `like`, never below zero: "3..5 USD/kWh"."""
        return amount_of(self.values.get(key), like) or self.refuse(key, expected)

    def within(self, key: str) -> list[Given]:
        """The tables of that name in this one."""
        return list(_all(self.table, self.values.get(key, []), (*self.path, key), self))


def given(table: Table | None) -> list[Given]:
    """The tables of that name in the file; none where there is none. Raises `ConfigError` for what is no table."""
    return list(_all(table, table.value, (table.name,), None)) if table is not None else []


def one(table: Table | None) -> Given | None:
    """The one table of that name; raises `ConfigError` where there are several."""
    found = given(table)
    if len(found) > 1:
        raise ConfigError(f"[[{found[1].path[0]}]] (from {found[1].place()}): there can be one; write [{table.name}]")  # type: ignore[union-attr]
    return found[0] if found else None


def amount_of(value: object, like: str) -> Quantity | None:
    """The amount, or the 90 % range, that a text such as "0.18..0.34 EUR/kWh" gives; None where it gives none.

    `like` is a unit of its dimensions; of money any currency will do. Nothing here is below zero.
    """
    if not isinstance(value, str):
        return None
    amounts, _, symbol = value.strip().partition(" ")
    try:
        ends = [float(end) for end in amounts.split("..")]
        found = unit(_carbon_unit(symbol.strip()))
    except (ValueError, UnitMismatch):
        return None
    if len(ends) > 2 or sorted(ends) != ends or not all(0 <= end <= _MOST for end in ends):
        return None
    if not _like(found.symbol, like):
        return None
    middle = sum(ends) / len(ends)
    text = f"given, {value.strip()}"
    if len(ends) == 1:
        return Quantity.of(middle, found.symbol, basis=Basis.REPORTED, source=Source(f"given {value}", text))
    return Quantity.of(
        middle, found.symbol, low=ends[0], high=ends[1], basis=Basis.REPORTED, source=Source(f"given {value}", text)
    )


def _carbon_unit(symbol: str) -> str:
    money, slash, per = symbol.partition("/")
    return f"{money}/tCO2e" if slash and per in ("t", "tCO2e", "t CO2e") and len(money) == 3 else symbol


def _like(symbol: str, like: str) -> bool:
    """Whether two units have the same dimensions, one currency being as good as another."""
    return unit(symbol).dims == unit(like).dims or (
        like.startswith("USD")
        and (other := UNITS.get(f"USD{symbol[3:]}")) is not None
        and other.dims == unit(like).dims
    )


def _all(table: Table | None, value: object, path: tuple[str, ...], inside: Given | None) -> Iterator[Given]:
    if table is None:
        return
    items = value if isinstance(value, list) else [value]
    for at, item in enumerate(items):
        found = Given(table, item if isinstance(item, dict) else {}, path, at)
        if not isinstance(item, dict):
            where = inside or found
            raise ConfigError.bad(".".join(path), item, "a table", where.place(path[-1] if inside else ""))
        yield found


def _line(table: Table, path: Sequence[str], at: int, key: str) -> str:
    """The suffix ":12"; empty where the table is written in a less usual way."""
    wanted = ".".join((*table.within.split("."), *path)).strip(".")
    seen, heading, inside = -1, "", False
    for number, line in enumerate(table.text.splitlines(), 1):
        text = line.strip()
        if text.startswith("["):
            name = text.strip("[").partition("]")[0].strip()
            seen += name == wanted
            inside = name == wanted and seen == at
            heading = f":{number}" if inside else heading
        elif inside and key and text.partition("=")[0].strip().strip("\"'") == key:
            return f":{number}"
    return heading or _line_of_key(table)


def _line_of_key(table: Table) -> str:
    """The suffix of a table that stands in one line behind its name."""
    for number, line in enumerate(table.text.splitlines(), 1):
        if line.partition("=")[0].strip() == table.name:
            return f":{number}"
    return ""
