"""Which sensors a recording uses: each one asked for is tried, and why it is not used is kept for `doctor`.

Models stand in only for what no sensor measures, whatever the order they are named in.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple, Protocol

from joulebook import registry
from joulebook.errors import (
    BackendError,
    ConfigError,
    FactNotFound,
    MissingExtra,
    SensorDenied,
    SensorError,
    SensorUnavailable,
)
from joulebook.facts.catalog import Catalog
from joulebook.sensors.base import POWER, SOCKET, Channel, Sensor
from joulebook.sensors.cpu_model import Between, CpuPower, CpuShape, Range, combined, cpu_power
from joulebook.sensors.darwin import ON_A_MAC
from joulebook.sensors.host import Host, clean_cpu_name, read_host
from joulebook.sensors.ram_model import RamPower
from joulebook.settings import Settings

Make = Callable[[], Sensor]
_LINUX: Final = ("rapl", "rapl_perf", "hwmon", "nvml", "amdgpu", "battery", "cpu_model", "ram_model")
_MAC: Final = ("apple", "cpu_model", "ram_model")
DEFAULT: Final = _MAC if ON_A_MAC else _LINUX
_MODELS: Final[Mapping[str, tuple[str, ...]]] = {"cpu_model": ("cpu", "board"), "ram_model": ("dram", "ram", "board")}
"""Each model, and the device classes of which any, when measured, makes it superfluous."""
_SAME: Final[Mapping[str, str]] = {"rapl": "rapl_perf", "rapl_perf": "rapl"}
"""Two ways to the same counters: the one that opens first is used."""
_LAST: Final = ("battery", *_MODELS)
"""Sensors that have to know what the others count, in the order in which they are asked."""
_CORE_PER_VCPU: Final = Between(1.0, 1.0, 2.0)
"""A virtual machine that shows no threads may have a whole core for each of its processors."""


_CHIPS: Final = frozenset(("ina3221", "amd_energy", "zenergy"))
"""Drivers of which `hwmon` has something to book; a test holds them equal to its own list."""
_SHOWN: Final = 8
_SHAPE_FACTS: Final = "cpu.any full_load_share, idle_share, load_curve_exponent"


class SourceReport(NamedTuple):
    """What became of one sensor: used, unavailable, denied, not needed or failed; and what would change that."""

    name: str
    status: str
    detail: str
    remedy: str = ""


class Selection(NamedTuple):
    """The sensors that are open, by name, and what became of each that was asked for."""

    sensors: list[tuple[str, Sensor]]
    report: list[SourceReport]


class _Place(NamedTuple):
    """What the probes of our own sensors need."""

    settings: Settings
    catalog: Catalog
    host: Host
    today: str
    sensors: dict[str, Sensor]
    """Those that are open already."""

    def counted(self) -> list[Channel]:
        """What they count."""
        return [channel for sensor in self.sensors.values() for channel in sensor.channels if not channel.within]


def select(settings: Settings, catalog: Catalog, host: Host | None = None) -> Selection:
    """Open the sensors of the settings (default: every one that measures, and models for what they do not).

    Raises `UnknownBackend` for a name that nothing answers to; everything else stands in the report.
    """
    names = settings.sensors or DEFAULT
    sensors: dict[str, Sensor] = {}
    place = _Place(settings, catalog, host or read_host(), time.strftime("%Y-%m-%d", time.gmtime()), sensors)
    reports: dict[str, SourceReport] = {}
    for name in sorted(names, key=lambda name: _LAST.index(name) if name in _LAST else -1):
        reason = _superfluous(name, sensors)
        if reason:
            reports[name] = SourceReport(name, "not needed", reason)
            continue
        absent = _ABSENT[name](place) if name in _ABSENT and not settings.sensors else None  # who names it wants it
        reports[name], sensor = (absent, None) if absent else _probe(name, place)
        if sensor is not None:
            sensors[name] = sensor
    if settings.meters:
        names = (*names, *_outer(settings, sensors, reports))
    return Selection([(name, sensors[name]) for name in names if name in sensors], [reports[name] for name in names])


def _outer(settings: Settings, sensors: dict[str, Sensor], reports: dict[str, SourceReport]) -> list[str]:
    """Open the outer meters that the settings name, after everything else: they stand in for nothing."""
    from joulebook.sensors.detached import Detached, Patience  # a dozen milliseconds, for those who have such a meter
    from joulebook.sensors.outer.address import parse  # as above

    names = []
    for number, text in enumerate(settings.meters, 1):
        name = f"meter {number}"
        try:
            address = parse(text)
            name = address.name
            backend = registry.load("meter", address.kind)
        except (BackendError, ConfigError) as error:
            reports[name] = SourceReport(name, "failed", str(error))
        else:
            never_waits = Patience(open_s=backend.open_s, prompt_s=0.0, late_s=backend.late_s)
            make = partial(Detached, partial(backend, address), name, patience=never_waits)
            reports[name], sensor = _tried(name, make)
            if sensor is not None:
                sensors[name] = sensor
            elif reports[name].detail.startswith("its driver did not answer"):
                reports[name] = SourceReport(name, "failed", f"no answer within {backend.open_s:g} s")
        names.append(name)
    return list(dict.fromkeys(names))


def _superfluous(name: str, sensors: Mapping[str, Sensor]) -> str:
    """Why a model, or a second way to the same counters, is not needed beside these sensors; empty when it is."""
    same = sensors.get(_SAME.get(name, ""))
    if same is not None:
        return f"{_SAME[name]} reads the same counters: {same.channels[0].name}"
    if name == "nvml" and "hwmon" in sensors:
        rail = next((c.name for c in sensors["hwmon"].channels if c.form == POWER and not c.within), "")
        return f"hwmon has {rail} of this module, its GPU included" if rail else ""
    for other, sensor in sensors.items():
        for channel in sensor.channels:
            if channel.kind in _MODELS.get(name, ()) and not channel.within:
                return f"{other} has {channel.name}"
    return ""


def _probe(name: str, place: _Place) -> tuple[SourceReport, Sensor | None]:
    try:
        backend = registry.load("sensor", name)
    except MissingExtra as error:
        return SourceReport(name, "unavailable", str(error)), None

    def made() -> Sensor:
        make = _ARGUMENTS[name](backend, place) if name in _ARGUMENTS else backend
        return _detached(make, name) if getattr(backend, "may_block", False) else make()

    return _tried(name, made)


def _tried(name: str, make: Make) -> tuple[SourceReport, Sensor | None]:
    """What comes of making a sensor."""
    try:
        sensor = make()
        detail = _describe(sensor)
    except SensorDenied as error:
        return SourceReport(name, "denied", str(error), error.remedy), None
    except SensorUnavailable as error:
        return SourceReport(name, "unavailable", str(error), error.remedy), None
    except SensorError as error:
        return SourceReport(name, "failed", str(error), error.remedy), None
    except Exception as error:  # noqa: BLE001 - drivers raise whatever they like (KeyError, their own); a job goes on
        return SourceReport(name, "failed", f"{type(error).__name__}: {error}"), None
    return SourceReport(
        name, "used", detail, next((zone.remedy for zone in _skipped(sensor) if zone.remedy), "")
    ), sensor


def _detached(make: Make, name: str) -> Sensor:
    """The sensor in a thread of its own."""
    from joulebook.sensors.detached import Detached  # two milliseconds that most machines are spared

    return Detached(make, name)


class _Skipped(Protocol):
    @property
    def zone(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def remedy(self) -> str: ...


def _skipped(sensor: Sensor) -> Sequence[_Skipped]:
    """What a sensor with several parts had to leave out."""
    return getattr(sensor, "skipped", ())


def _describe(sensor: Sensor) -> str:
    counted = [_counted(channel) for channel in sensor.channels if not channel.within]
    outer = [channel for channel in sensor.channels if channel.kind == SOCKET]
    shown = [channel.name for channel in sensor.channels if channel.within and channel not in outer]
    parts = [", ".join(dict.fromkeys(counted))] if counted else []
    if shown:
        parts.append(f"shown, not added: {', '.join(shown)}")
    if outer:
        parts.append(f"at the socket, not added: {', '.join(channel.name for channel in outer)} ({outer[0].method})")
    skipped = _skipped(sensor)
    parts += [f"without {skip.zone}: {skip.reason}" for skip in skipped[:_SHOWN]]
    if len(skipped) > _SHOWN:
        parts.append(f"and without {len(skipped) - _SHOWN} more")
    return "; ".join(parts)


def _counted(channel: Channel) -> str:
    """A counter by its name, a model by its method; of a sampled power or a part of a device both are said."""
    if channel.form == POWER or channel.share != 1:
        return f"{channel.name} ({channel.method})" if channel.method else channel.name
    return channel.name if channel.basis == "measured" else channel.method


# -- what our own sensors are made with -----------------------------------------------------------------------


def _rapl(backend: Any, place: _Place) -> Make:  # noqa: ANN401 - a class
    return partial(backend, place.settings.powercap_root or None)


def _cpu_model(backend: Any, place: _Place) -> Make:  # noqa: ANN401 - a class
    return partial(backend, cpu_params(place.host, place.catalog, place.today))


def _ram_model(backend: Any, place: _Place) -> Make:  # noqa: ANN401 - a class
    return partial(backend, ram_params(place.host, place.catalog, place.today))


def _nvml(backend: Any, place: _Place) -> Make:  # noqa: ANN401 - a class
    from joulebook.sensors.cuda_visible import Visible  # a millisecond that machines without a GPU are spared

    visible = Visible(os.environ.get("CUDA_VISIBLE_DEVICES"), os.environ.get("CUDA_DEVICE_ORDER", ""))
    return partial(backend, visible, processes=place.settings.share == "process")


def _amdgpu(backend: Any, place: _Place) -> Make:  # noqa: ANN401, ARG001 - a class; as the others
    from joulebook.sensors.rocm_visible import RocmVisible  # loaded already, with the back-end

    hip = os.environ.get("HIP_VISIBLE_DEVICES", os.environ.get("CUDA_VISIBLE_DEVICES"))
    return partial(backend, RocmVisible(os.environ.get("ROCR_VISIBLE_DEVICES"), hip))


def _no_amd(place: _Place) -> SourceReport | None:
    if place.host.amd:
        return None
    remedy = "with an AMD GPU:  sudo modprobe amdgpu ; in a container:  docker run --device /dev/kfd --device /dev/dri"
    return SourceReport("amdgpu", "unavailable", "no AMD driver for computing is loaded (/dev/kfd)", remedy)


def _no_nvidia(place: _Place) -> SourceReport | None:
    """Why it would be in vain to load the binding of NVML: on most machines this spares 20 ms."""
    if place.host.nvidia:
        return None
    remedy = "with an NVIDIA GPU:  sudo modprobe nvidia ; in a container:  docker run --gpus all"
    return SourceReport("nvml", "unavailable", "no NVIDIA driver is loaded", remedy)


def _no_power_pmu(place: _Place) -> SourceReport | None:
    """Perf events are looked into where the kernel has a PMU for energy, which no virtual machine has."""
    if place.host.power_pmu:
        return None
    return SourceReport("rapl_perf", "unavailable", "the kernel has no PMU power", "on bare metal:  sudo modprobe rapl")


def _hwmon(backend: Any, place: _Place) -> Make:  # noqa: ANN401 - a class
    return partial(backend, taken=frozenset(channel.device for channel in place.counted()))


def _no_chips(place: _Place) -> SourceReport | None:
    """Only drivers whose channels have a known scope are opened; the others are named."""
    chips = place.host.chips
    if not _CHIPS.isdisjoint(chips):
        return None
    detail = f"of these drivers nothing is booked, their scope is not known: {', '.join(chips)}" if chips else ""
    return SourceReport("hwmon", "unavailable", detail or "the kernel shows no chip of a board")


def _battery(backend: Any, place: _Place) -> Make:  # noqa: ANN401 - a class
    return partial(backend, place.host.batteries, beside=bool(place.counted()))


def _no_battery(place: _Place) -> SourceReport | None:
    return None if place.host.batteries else SourceReport("battery", "unavailable", "there is no battery")


_ABSENT: Final[Mapping[str, Callable[[_Place], SourceReport | None]]] = {
    "nvml": _no_nvidia,
    "rapl_perf": _no_power_pmu,
    "hwmon": _no_chips,
    "amdgpu": _no_amd,
    "battery": _no_battery,
}
_ARGUMENTS: Final[Mapping[str, Callable[[Any, _Place], Make]]] = {
    "rapl": _rapl,
    "hwmon": _hwmon,
    "nvml": _nvml,
    "amdgpu": _amdgpu,
    "battery": _battery,
    "cpu_model": _cpu_model,
    "ram_model": _ram_model,
}


def cpu_params(host: Host, catalog: Catalog, on: str) -> CpuPower:
    """Power of the host's processors: from the card of its model, else from the distribution of its class."""
    shape = CpuShape(
        catalog.find("cpu.any", "full_load_share", on=on),
        catalog.find("cpu.any", "idle_share", on=on),
        catalog.find("cpu.any", "load_curve_exponent", on=on),
    )
    subject = _card(clean_cpu_name(host.model), catalog)
    known = catalog.properties(subject) if subject else []
    threads = 0 if host.virtual else host.threads_per_socket
    if "tdp" in known and not threads and "threads" in known:
        threads = int(catalog.find(subject, "threads", on=on).value)
    if "tdp" not in known or not threads:
        subject = next(word for word in _classes(host) if "power_per_thread" in catalog.properties(word))
        source = f"{subject} power_per_thread; {_SHAPE_FACTS}"
        rated: Range = catalog.find(subject, "power_per_thread", on=on)
        power = cpu_power(rated, 1, host.logical_cpus, shape, basis="assumed", source=source)
        return power._replace(calibration=f"cpu_model {subject}")
    rated = catalog.find(subject, "tdp", on=on)
    if host.virtual and host.threads_per_core < 2:
        low, high = combined(rated, _CORE_PER_VCPU)
        rated = Between(rated.value, rated.value * low, rated.value * high)
    source = f"{subject} tdp, threads; {_SHAPE_FACTS}"
    power = cpu_power(rated, threads, host.logical_cpus, shape, basis="modelled", source=source)
    return power._replace(calibration=f"cpu_model {subject}")


def _card(name: str, catalog: Catalog) -> str:
    """The subject of a processor's card; empty when there is none.

    A subject is the name itself with hyphens, so that most hosts need no search. A name without a number
    ("AMD EPYC", as hypervisors show it) is a class, and searching for names like it costs 20 ms.
    """
    plain = "".join(char if char.isalnum() or char == "+" else " " for char in name.lower())
    subject = "cpu." + "-".join(plain.split())
    if catalog.properties(subject):
        return subject
    if not any(char.isdigit() for char in name):
        return ""
    try:
        return catalog.resolve(name, "cpu").subject
    except FactNotFound:
        return ""


def _classes(host: Host) -> list[str]:
    """Subjects that describe processors like this one, the closest first."""
    vendor = {"AuthenticAMD": "-amd", "GenuineIntel": "-intel"}.get(host.vendor, "")
    words = clean_cpu_name(host.model).upper().replace("-", " ").split()
    server = host.virtual or any(word in ("EPYC", "XEON", "OPTERON") for word in words)
    return list(
        dict.fromkeys(f"cpu.any{of}{size}" for size in (("-server", "") if server else ("",)) for of in (vendor, ""))
    )


def ram_params(host: Host, catalog: Catalog, on: str) -> RamPower:
    """Power of the host's memory: watts per gigabyte of any memory times its size."""
    fact = catalog.find("ram.any", "power_per_gb", on=on)
    low, high = combined(fact)
    return RamPower(fact.value, host.memory_bytes, low, high, "ram.any power_per_gb")
