"""The tree of errors is the one that its docstring draws, and each message says what to do."""

from __future__ import annotations

import builtins
import pickle
import re

import pytest

from joulebook import errors
from joulebook.errors import (
    BookNewer,
    ConfigError,
    ExchangeError,
    FactNotFound,
    FactRejected,
    JoulebookError,
    MissingExtra,
    RunNotFound,
    SensorDenied,
    SensorUnavailable,
    UnitMismatch,
    UnknownBackend,
)

ALL = {name: cls for name, cls in vars(errors).items() if isinstance(cls, type) and cls.__module__ == errors.__name__}


def drawn() -> dict[str, tuple[str, str | None]]:
    """Class -> (parent, standard-library parent), read from the drawing in the module's docstring."""
    tree: dict[str, tuple[str, str | None]] = {}
    group = ""
    for line in (errors.__doc__ or "").splitlines():
        words = re.findall(r"([A-Z]\w+)(?: \((\w+)\))?", line)
        if re.match(r"\s*[├└]", line):
            (group, twin), *members = words
            tree[group] = ("JoulebookError", twin or None)
            tree.update({name: (group, twin or None) for name, twin in members})
        elif re.match(r"\s*│", line):
            tree.update({name: (group, twin or None) for name, twin in words})
    return tree


def test_drawing_names_every_class() -> None:
    assert set(drawn()) | {"JoulebookError"} == set(ALL)


@pytest.mark.parametrize("name", drawn())
def test_drawing_is_the_tree(name: str) -> None:
    parent, twin = drawn()[name]
    expected = [ALL[parent]] + ([getattr(builtins, twin)] if twin else [])
    assert list(ALL[name].__bases__) == expected


def test_roots() -> None:
    assert JoulebookError.__bases__ == (Exception,)


def test_exit_codes_are_those_of_the_command_line() -> None:
    codes = {name: cls.exit_code for name, cls in ALL.items() if issubclass(cls, JoulebookError)}
    assert {name for name, code in codes.items() if code == 2} == {
        "UnitMismatch", "BackendError", "UnknownBackend", "MissingExtra", "ConfigError",
    }  # fmt: skip
    assert {name for name, code in codes.items() if code == 4} == {
        "FactError", "FactNotFound", "FactRejected", "RunNotFound",
    }  # fmt: skip
    assert {name for name, code in codes.items() if code == 5} == {
        "LedgerError", "JournalDamaged", "BookNewer", "BookDamaged", "BookUnwritable", "EntryRejected",
        "ExchangeError", "CalibrationRefused",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (UnitMismatch.between("+", "J", "W"), ["J + W", ".to(unit)"]),
        (UnitMismatch.unknown("furlong", ["J", "W"]), ["'furlong'", "J, W"]),
        (FactNotFound.near("h100-sxm", "tdp", ["h100-pcie"]), ["'tdp'", "'h100-sxm'", "h100-pcie"]),
        (FactNotFound.near("h100-sxm", "tdp", []), ["'tdp'", "'h100-sxm'"]),
        (FactRejected.at("chips.toml", 12, "no source"), ["chips.toml:12: no source"]),
        (BookNewer.than("the book", 3, 1), ["format 3", "up to 1", "upgrade"]),
        (RunNotFound.named("a3", ["a3f9", "a371"]), ["'a3'", "a3f9, a371", "more of the id"]),
        (RunNotFound.named("zz", []), ["'zz'", "joulebook runs"]),
        (ExchangeError.at("emissions.csv", 4, "a number"), ["emissions.csv:4: expected a number"]),
        (UnknownBackend.named("sensor", "rpal", ["rapl", "fake"]), ["'rpal'", "fake, rapl"]),
        (MissingExtra.of("sensor", "nvml", "nvidia"), ["sensor 'nvml' needs  pip install 'joulebook[nvidia]'"]),
        (ConfigError.bad("interval", 0, "seconds from 0.02 to 60", "--interval"), ["interval = 0", "--interval"]),
    ],
)
def test_message_says_what_and_what_to_do(error: JoulebookError, words: list[str]) -> None:
    for word in words:
        assert word in str(error)


@pytest.mark.parametrize("cls", [SensorUnavailable, SensorDenied])
def test_sensor_errors_carry_a_remedy_and_travel_between_processes(cls: type[errors.SensorError]) -> None:
    error = cls("energy_uj may not be read", "sudo chmod a+r ...")
    assert (str(error), error.remedy) == ("energy_uj may not be read", "sudo chmod a+r ...")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.remedy) == (cls, str(error), error.remedy)


def test_caller_may_catch_what_python_would_raise() -> None:
    with pytest.raises(PermissionError):
        raise SensorDenied("no")
    with pytest.raises(ImportError):
        raise MissingExtra.of("sensor", "nvml", "nvidia")
    with pytest.raises(LookupError):
        raise RunNotFound.named("x", [])
