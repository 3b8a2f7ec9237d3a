"""Settings and where each came from: flags, then environment, project file, user file, defaults.

Loaded inside processes that are being trained: TOML is parsed only where a file of ours exists, and
`lenient` turns every mistake into a line of `problems` instead of an exception.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, NamedTuple

from joulebook.errors import ConfigError

PREFIX = "JOULEBOOK_"
RUN_VARIABLE = "JOULEBOOK_RUN"
"""Environment variable by which a recording inside another one finds the run around it; not a setting."""
BUDGET_VARIABLE = "JOULEBOOK_BUDGET_AROUND"
"""Environment variable by which it hears of that run's budget; not a setting either."""
SHARES = ("machine", "process", "allocated")
"""How the energy of a machine may be divided between those who use it."""
METERS = "meters"
"""Their addresses may hold a password, and a stranger's project must not send packets: see `_layers`."""
TABLES = ("contract", "offset", "tariff", "ownership", "site", "hardware")
"""Tables of a file, whose content is read where a run is priced; `site` may be a word instead."""
_PRICES = ("USD/kWh", "EUR/kWh", "USD/MWh", "EUR/MWh")
_ON, _OFF = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class Setting(NamedTuple):
    """One setting: its value, and the flag, variable, file with line or "default" that decided it."""

    name: str
    value: object
    origin: str


class Table(NamedTuple):
    """A table of a file as it stands there, unread; `account/given.py` tells the lines of its keys."""

    name: str
    value: object
    path: str
    within: str
    """"tool.joulebook" in a pyproject.toml, else ""."""
    text: str
    """The whole file."""


class Settings(NamedTuple):
    """All settings; an empty text or tuple means that joulebook decides by itself."""

    home: str = ""
    """Folder of the book."""
    region: str = ""
    """Where the machine stands, such as "FR"."""
    site: str = ""
    """Name of the data centre, for its overhead."""
    sensors: tuple[str, ...] = ()
    """Names of the sensors to use, in order."""
    interval: float = 0.1
    """Seconds between two readings of a sensor."""
    share: str = "machine"
    """How the machine's energy is divided: machine, process or allocated."""
    powercap_root: str = ""
    """Another powercap tree than the kernel's."""
    price: str = ""
    """Price of electricity, such as "0.18..0.34 EUR/kWh"."""
    meters: tuple[str, ...] = ()
    """Addresses of outer meters, such as "shelly://192.168.1.20": the only ones that are ever asked."""
    budget: str = ""
    """What a run may use, such as "5 Wh, 2 h"."""
    off: bool = False
    """Do nothing at all."""
    carbon_price: str = ""
    """Price of a tonne of CO2e, such as "190 USD/t" or "EU ETS allowance"."""
    currency: str = ""
    """Currency of all costs."""
    tables: Mapping[str, Table] = {}
    """Contracts, offsets, a tariff, ...: each from the strongest file that has it."""
    origins: Mapping[str, str] = {}
    """What decided each setting that is not at its default."""
    problems: tuple[str, ...] = ()
    """What a lenient `load` skipped, one sentence each."""

    def explain(self) -> list[Setting]:
        """Every setting with its value and what decided it; passwords in addresses of meters are left out."""
        shown = self._replace(meters=tuple(map(without_user, self.meters)))
        rows = [Setting(name, getattr(shown, name), self.origins.get(name, "default")) for name in _KNOBS]
        return rows + [Setting(f"[{name}]", "given", table.path) for name, table in self.tables.items()]


def without_user(address: str) -> str:
    """The address of a meter without the user and password in it."""
    scheme, mark, rest = address.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"


class _Layer(NamedTuple):
    """Settings from one place; `origin` tells where in it a name stands, `base` is what its paths start from."""

    values: Mapping[str, object]
    origin: Callable[[str], str]
    base: str
    place: tuple[str, str, str] = ("", "", "")
    """Of a file: its path, the table in it, and its text."""


def _text(value: object, _base: str) -> str:
    if not isinstance(value, str) or not value.strip() or not value.strip().isprintable():
        raise ValueError
    return value.strip()


def _path(value: object, base: str) -> str:
    return os.path.normpath(os.path.join(base, os.path.expanduser(_text(value, base))))


def _names(value: object, base: str) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, (list, tuple)):
        raise TypeError
    found = tuple(_text(word, base) for word in words)
    if not found or len(set(found)) < len(found):
        raise ValueError
    return found


def _seconds(value: object, _base: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError
    if not 0.02 <= float(value) <= 60:
        raise ValueError
    return float(value)


def _one_of(*words: str) -> Callable[[object, str], str]:
    return lambda value, _base: words[words.index(value)]


def _price(value: object, base: str) -> str:
    amounts, _, unit = _text(value, base).partition(" ")
    ends = [float(end) for end in amounts.split("..")]
    if len(ends) > 2 or not all(abs(end) <= 1e6 for end in ends) or sorted(ends) != ends or unit.strip() not in _PRICES:
        raise ValueError
    return f"{amounts} {unit.strip()}"


def _switch(value: object, _base: str) -> bool:
    word = str(value).strip().lower()
    if word not in _ON + _OFF:
        raise ValueError
    return word in _ON


class _Knob(NamedTuple):
    parse: Callable[[object, str], object]
    expected: str


_KNOBS = {
    "home": _Knob(_path, "the path of a folder"),
    "region": _Knob(_text, "the name of a region, such as FR"),
    "site": _Knob(_text, "the name of a site"),
    "sensors": _Knob(_names, "names of sensors in order, each once, such as rapl,ram_model"),
    "interval": _Knob(_seconds, "seconds from 0.02 to 60"),
    "share": _Knob(_one_of(*SHARES), f"{', '.join(SHARES[:-1])} or {SHARES[-1]}"),
    "powercap_root": _Knob(_path, "the path of a folder"),
    "price": _Knob(
        _price, f"an amount or a range, then {', '.join(_PRICES[:-1])} or {_PRICES[-1]}, such as 0.18..0.34 EUR/kWh"
    ),
    "carbon_price": _Knob(_text, "a price such as 190 USD/t, or the name of one in the catalogue"),
    "currency": _Knob(_one_of("USD", "EUR"), "USD or EUR"),
    METERS: _Knob(_names, "addresses of outer meters, each once, such as shelly://192.168.1.20, ipmi"),
    "budget": _Knob(_text, "amounts with their units, such as 5 Wh, 2 h"),
    "off": _Knob(_switch, "1 or 0"),
}


def load(
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    flags: Mapping[str, object] | None = None,
    *,
    lenient: bool = False,
) -> Settings:
    """The settings that hold in `cwd`; a flag that is None and a variable that is empty count as not given.

    Raises `ConfigError`, naming the flag, variable or file and line, when something given cannot be used;
    `lenient` skips it and says so in `problems` instead.
    """
    env = os.environ if env is None else env
    found: dict[str, Any] = {}
    origins: dict[str, str] = {}
    problems: list[str] = []
    tables: dict[str, Table] = {}
    cwd = _here() if cwd is None else cwd
    for layer in _layers(env, cwd, flags or {}):
        if isinstance(layer, ConfigError):
            _refuse(layer, problems, lenient=lenient)
            continue
        for name, value in layer.values.items():
            is_table = isinstance(value, (dict, list)) or name not in _KNOBS  # site = "..." is a name
            if name in TABLES and is_table and layer.place[0]:
                tables.setdefault(name, Table(name, value, *layer.place))
                continue
            if value is None or name in found:
                continue
            try:
                found[name] = _parsed(name, value, layer.origin(name), layer.base)
                origins[name] = layer.origin(name)
            except ConfigError as error:
                _refuse(error, problems, lenient=lenient)
    return Settings(**found, tables=tables, origins=origins, problems=tuple(problems))


def _refuse(error: ConfigError, problems: list[str], *, lenient: bool) -> None:
    if not lenient:
        raise error
    problems.append(str(error))


def _parsed(name: str, value: object, origin: str, base: str) -> object:
    knob = _KNOBS.get(name)
    if knob is None:
        raise ConfigError.bad(name, value, f"one of the settings {', '.join(_KNOBS)}", origin)
    try:
        return knob.parse(value, base)
    except (TypeError, ValueError) as error:
        shown = "..." if name == METERS else value
        raise ConfigError.bad(name, shown, knob.expected, origin) from error


def _here() -> str:
    try:
        return os.getcwd()
    except OSError:  # the folder was removed under the process
        return os.sep


def _layers(env: Mapping[str, str], cwd: str, flags: Mapping[str, object]) -> Iterator[_Layer | ConfigError]:
    """Where settings come from, the strongest first; a file that cannot be read comes as its error."""
    yield _Layer(flags, lambda name: f"--{name.replace('_', '-')}", cwd)
    given = {name: env[variable] for name in _KNOBS if env.get(variable := PREFIX + name.upper(), "").strip()}
    yield _Layer(given, lambda name: PREFIX + name.upper(), cwd)
    folder = cwd
    while True:
        for name, table in (("joulebook.toml", ""), ("pyproject.toml", "tool.joulebook")):
            layer = _file_layer(os.path.join(folder, name), table)
            if isinstance(layer, _Layer) and METERS in layer.values:
                refused = f"no meters in the file of a project{layer.origin(METERS).removeprefix(folder)}"
                yield ConfigError(f"{refused}: set JOULEBOOK_METERS, or  joulebook config meters ADDRESS")
                layer = layer._replace(values={name: one for name, one in layer.values.items() if name != METERS})
            if layer is not None:
                yield layer
                break
        else:
            above = os.path.dirname(folder)
            if above != folder:
                folder = above
                continue
        break
    user = _file_layer(user_file(env), "")
    if user is not None:
        yield user


def _file_layer(path: str, table: str) -> _Layer | ConfigError | None:
    """The settings in one table of one file; None when there is no such file or no such table."""
    try:
        text = _read(path)
        values = None if text is None or (table and not _may_hold_tool_table(text)) else _toml(path, text)
    except ConfigError as error:
        return error
    for word in table.split(".") if table else ():
        values = values.get(word) if isinstance(values, dict) else None
    if text is None or values is None:
        return None
    if not isinstance(values, dict):
        return ConfigError.bad(table, values, "a table", path)
    return _Layer(
        values, lambda name: f"{path}{_line_of(name, table, text)}", os.path.dirname(path), (path, table, text)
    )


def _may_hold_tool_table(text: str) -> bool:
    """False only where [tool.joulebook] cannot be: spares the start of most projects a TOML parser."""
    dense = text.translate({ord(mark): None for mark in " \t\"'"})
    return "tool.joulebook" in dense or "\njoulebook" in dense


def _read(path: str) -> str | None:
    """The text of a file; None when there is none."""
    try:
        if not os.path.isfile(path):
            return None
        with open(path, "rb") as file:
            return file.read().decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text; correct the file or remove it") from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; make it readable or remove it") from error


def _toml(path: str, text: str) -> object:
    try:
        return import_module("tomllib").loads(text)
    except (ValueError, RecursionError) as error:
        line = str(error).partition("line ")[2].partition(",")[0]
        place = f"{path}:{line}" if line.isdigit() else path
        raise ConfigError(f"{place}: not TOML ({error}); correct the file or remove it") from error


def _line_of(name: str, table: str, text: str) -> str:
    """The suffix ":12" for a key on line 12 of the text; empty when it is written in a less usual way."""
    current = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("["):
            current = line.partition("]")[0].strip("[ \t")
        elif current == table and line.partition("=")[0].strip().strip("\"'") == name:
            return f":{number}"
    return ""


def user_file(env: Mapping[str, str] | None = None) -> str:
    """The path of the user's file of settings, whether it exists or not."""
    env = os.environ if env is None else env
    folder = env.get("XDG_CONFIG_HOME", "")
    if sys.platform != "linux":
        folder = import_module("platformdirs").user_config_dir(appauthor=False)
    elif not os.path.isabs(folder):  # the XDG specification: a relative path is to be ignored
        folder = os.path.join(env.get("HOME") or os.path.expanduser("~"), ".config")
    return os.path.join(folder, "joulebook", "config.toml")


def write_user(name: str, value: str | None, env: Mapping[str, str] | None = None) -> str:
    """Set one setting in the user's file (None removes it), keeping its comments; returns the path.

    Raises `ConfigError` for an unknown name, a bad value, or a file that is there but cannot be read or written.
    """
    path = os.path.realpath(user_file(env))
    parsed = None if value is None and name in _KNOBS else _parsed(name, value, "", _here())
    try:
        with _alone(os.path.dirname(path)):
            _change(path, name, parsed)
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror}; make its folder writable or set {PREFIX}{name.upper()}"
        ) from error
    return path


def _change(path: str, name: str, parsed: object) -> None:
    existing = _file_layer(path, "")
    if isinstance(existing, ConfigError):
        raise existing
    tomlkit = import_module("tomlkit")
    document = tomlkit.document()
    if existing is not None:
        with open(path, encoding="utf-8", newline="") as file:
            document = tomlkit.parse(file.read())
    if parsed is None:
        document.pop(name, None)
    else:
        document[name] = list(parsed) if isinstance(parsed, tuple) else parsed
    _replace(path, tomlkit.dumps(document))


@contextmanager
def _alone(folder: str) -> Iterator[None]:
    """Only one of us at a time changes the file; where a file system has no locks, all of them at their own risk."""
    os.makedirs(folder, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(ImportError, OSError):
            fcntl = import_module("fcntl")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(path: str, text: str) -> None:
    """Write a file so that at every moment either the old or the new one is whole."""
    beside = f"{path}.{os.getpid()}.tmp"
    try:
        with open(beside, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        if os.path.exists(beside):
            os.unlink(beside)
