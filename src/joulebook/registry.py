"""Back-ends by name: where each one lives and which extra provides its library.

The file of a back-end is imported when its name is asked for, never before. Names that are not in the
table are looked up among the entry points of installed packages, then as `module:attribute`.
"""

from __future__ import annotations

from importlib import import_module
from operator import attrgetter
from typing import Any, NamedTuple

from joulebook.errors import JoulebookError, MissingExtra, UnknownBackend


class Backend(NamedTuple):
    """Where a back-end lives ("module:attribute") and the extra that installs what it needs ("": the base)."""

    path: str
    extra: str = ""


SENSORS: dict[str, Backend] = {
    "rapl": Backend("joulebook.sensors.rapl:Rapl"),
    "rapl_perf": Backend("joulebook.sensors.rapl_perf:RaplPerf"),
    "hwmon": Backend("joulebook.sensors.hwmon:Hwmon"),
    "nvml": Backend("joulebook.sensors.nvml:Nvml"),
    "amdgpu": Backend("joulebook.sensors.amdgpu:AmdGpu"),
    "battery": Backend("joulebook.sensors.battery:Battery"),
    "cpu_model": Backend("joulebook.sensors.cpu_model:CpuModel"),
    "ram_model": Backend("joulebook.sensors.ram_model:RamModel"),
    "apple": Backend("joulebook.sensors.apple:Apple"),
    "fake": Backend("joulebook.testing.fake:FakeSensor"),
}
METERS: dict[str, Backend] = {
    "shelly": Backend("joulebook.sensors.outer.plugs:Shelly"),
    "tasmota": Backend("joulebook.sensors.outer.plugs:Tasmota"),
    "redfish": Backend("joulebook.sensors.outer.redfish:Redfish"),
    "ipmi": Backend("joulebook.sensors.outer.ipmi:Ipmi"),
    "acpi": Backend("joulebook.sensors.outer.acpi:AcpiMeter"),
}
"""Outer meters, by the kind that their address begins with."""
FEEDS: dict[str, Backend] = {
    "neso": Backend("joulebook.facts.feeds.neso:Neso", "live"),
    "energy-charts": Backend("joulebook.facts.feeds.energy_charts:EnergyCharts", "live"),
    "electricity-maps": Backend("joulebook.facts.feeds.electricity_maps:ElectricityMaps", "live"),
    "watttime": Backend("joulebook.facts.feeds.watttime:WattTime", "live"),
}
"""Services of carbon intensity, asked with `--live` alone."""
FIGURES: dict[str, Backend] = {
    "power": Backend("joulebook.report.charts.power:power", "report"),
    "stages": Backend("joulebook.report.charts.energy:stages", "report"),
    "devices": Backend("joulebook.report.charts.energy:devices", "report"),
    "shares": Backend("joulebook.report.charts.shares:shares", "report"),
    "runs": Backend("joulebook.report.charts.runs:runs", "report"),
    "compare": Backend("joulebook.report.charts.compare:comparison", "report"),
    "yardsticks": Backend("joulebook.report.charts.yardsticks:yardsticks", "report"),
}
DISPLAYS: dict[str, Backend] = {
    "notebook": Backend("joulebook.report.notebook:bundle"),
    "text": Backend("joulebook.report.notebook:text"),
    "terminal": Backend("joulebook.report.notebook:renderable"),
    "progress": Backend("joulebook.report.progress:shown"),
}
READERS: dict[str, Backend] = {"run": Backend("joulebook.index.metered:metered")}
"""What rooms below the index are given by name: they know of no book."""
_TABLES = {
    "sensor": SENSORS,
    "meter": METERS,
    "feed": FEEDS,
    "figure": FIGURES,
    "display": DISPLAYS,
    "reader": READERS,
}


def names(kind: str) -> list[str]:
    """The built-in names of that kind of back-end, in order of preference."""
    return list(_TABLES[kind])


def load(kind: str, name: str) -> Any:  # noqa: ANN401 - the caller names the protocol it expects
    """The class or function registered under `name`.

    Raises `UnknownBackend` when nothing has that name and `MissingExtra` when its library is not installed.
    """
    backend = _TABLES[kind].get(name) or _elsewhere(kind, name)
    module_name, _, attribute = backend.path.partition(":")
    try:
        return attrgetter(attribute)(import_module(module_name))
    except ImportError as error:
        if backend.extra:
            raise MissingExtra.of(kind, name, backend.extra) from error
        raise UnknownBackend.named(kind, name, _TABLES[kind], reason=str(error)) from error
    except (AttributeError, TypeError, ValueError) as error:  # no such attribute; not the name of a module
        raise UnknownBackend.named(kind, name, _TABLES[kind], reason=str(error)) from error


def displayed(display: str, value: object) -> Any:  # noqa: ANN401 - what that display makes
    """What a display makes of a value; None where it cannot: a notebook cell or a terminal is no place to fail."""
    try:
        return load("display", display)(value)
    except (JoulebookError, ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError):
        return None


def _elsewhere(kind: str, name: str) -> Backend:
    if ":" in name:
        return Backend(name)
    metadata = import_module("importlib.metadata")
    for entry_point in metadata.entry_points(group=f"joulebook.{kind}s", name=name):
        return Backend(f"{entry_point.module}:{entry_point.attr}")
    raise UnknownBackend.named(kind, name, _TABLES[kind])
