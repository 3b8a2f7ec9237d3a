"""Back-ends are found by name: in the table, among entry points, or as module:attribute."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from joulebook import registry
from joulebook.errors import MissingExtra, UnknownBackend
from joulebook.meter.sources import DEFAULT
from joulebook.registry import Backend


def test_names_come_in_order_of_preference() -> None:
    assert registry.names("sensor")[: len(DEFAULT)] == list(DEFAULT)


@pytest.mark.parametrize("name", registry.names("sensor"))
def test_every_listed_back_end_is_where_the_table_says(name: str) -> None:
    module, _, attribute = registry.SENSORS[name].path.partition(":")
    assert registry.load("sensor", name) is getattr(import_module(module), attribute)


def test_module_and_attribute_name_a_back_end() -> None:
    assert registry.load("sensor", "pathlib:Path") is Path
    assert registry.load("sensor", "pathlib:Path.home") == Path.home


@pytest.mark.parametrize(
    "name", ["rpal", "no_such_module:Sensor", "pathlib:NoSuchThing", "pathlib:", ":Path", ".relative:Sensor"]
)
def test_unknown_name_lists_the_known_ones(name: str) -> None:
    with pytest.raises(UnknownBackend, match=r"known: .*cpu_model, fake, .*nvml, ram_model, rapl") as caught:
        registry.load("sensor", name)
    assert repr(name) in str(caught.value)


def test_broken_back_end_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.SENSORS, "broken", Backend("no_such_library:Sensor"))
    with pytest.raises(UnknownBackend, match="No module named 'no_such_library'"):
        registry.load("sensor", "broken")


def test_missing_library_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.SENSORS, "nvml", Backend("no_such_library:Sensor", "nvidia"))
    with pytest.raises(MissingExtra) as caught:
        registry.load("sensor", "nvml")
    assert str(caught.value) == "sensor 'nvml' needs  pip install 'joulebook[nvidia]'"
    assert isinstance(caught.value.__cause__, ImportError)


def test_entry_point_of_an_installed_package_is_found_on_a_miss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "wallmeter-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: wallmeter\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[joulebook.sensors]\nwall = wallmeter:Meter\n")
    (tmp_path / "wallmeter.py").write_text("class Meter: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert registry.load("sensor", "wall") is import_module("wallmeter").Meter
    monkeypatch.delitem(sys.modules, "wallmeter")


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    code = (
        "import sys, joulebook.registry as r; r.names('sensor');"
        "print([m for m in sys.modules if m.startswith('joulebook.sensors.') or m == 'importlib.metadata'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['joulebook.sensors.base']\n"
