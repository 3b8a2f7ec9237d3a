"""Which sensors are chosen, why the others are not, and what the models are made with."""

from __future__ import annotations

import os
import sys
from types import ModuleType

import pytest

from joulebook import registry
from joulebook.errors import SensorError, UnknownBackend
from joulebook.facts.catalog import Catalog
from joulebook.meter.sources import cpu_params, ram_params, select
from joulebook.registry import Backend
from joulebook.sensors.amdgpu import AmdGpu
from joulebook.sensors.base import Channel, Reading
from joulebook.sensors.battery import Battery
from joulebook.sensors.host import Host, read_host
from joulebook.sensors.hwmon import Hwmon
from joulebook.settings import Settings
from joulebook.testing.amdgpu import two_amd_gpus
from joulebook.testing.hwmon import ORIN_NX, FakeSys
from joulebook.testing.perf import fake_rapl_perf
from joulebook.testing.powercap import Zone, write_powercap_tree

TODAY = "2026-11-20"
VM = Host(model="AMD EPYC", vendor="AuthenticAMD", logical_cpus=4, memory_bytes=8 * 2**30, virtual=True)
PACKAGE, DRAM = Zone("intel-rapl:0", "package-0", 50.0), Zone("intel-rapl:0:1", "dram", 5.0)
PSYS = Zone("intel-rapl:1", "psys", 90.0)


@pytest.fixture(scope="module")
def catalog():
    return Catalog.open()


@pytest.fixture
def choose(catalog, tmp_path):
    """Selects on a powercap tree of these zones and closes what was opened."""
    opened = []

    def choice(*zones, sensors=(), host=VM):
        root = tmp_path / "powercap"
        if zones:
            write_powercap_tree(root, zones).close()
        selection = select(Settings(sensors=tuple(sensors), powercap_root=str(root)), catalog, host)
        opened.extend(sensor for _, sensor in selection.sensors)
        return selection

    yield choice
    for sensor in opened:
        getattr(sensor, "close", lambda: None)()


@pytest.fixture
def backend(monkeypatch):
    """Registers a sensor made by a function under a name."""

    def register(name, make, extra=""):
        module = ModuleType(f"sensor_{name}")
        module.make = make
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setitem(registry.SENSORS, name, Backend(f"{module.__name__}:make", extra))

    return register


ELSEWHERE = ("rapl_perf", "hwmon", "nvml", "amdgpu", "battery")
"""Sensors of hardware that the machine of these tests does not have."""


def outcome(selection):
    return {report.name: report.status for report in selection.report if report.name not in ELSEWHERE}


def told(selection, name):
    return next(report for report in selection.report if report.name == name)


def names(selection):
    return [name for name, _ in selection.sensors]


def test_without_a_sensor_models_stand_in_and_the_reason_is_kept(choose):
    selection = choose()
    assert outcome(selection) == {"rapl": "unavailable", "cpu_model": "used", "ram_model": "used"}
    assert names(selection) == ["cpu_model", "ram_model"]
    rapl = selection.report[0]
    assert "no RAPL zone" in rapl.detail
    assert rapl.remedy


def test_models_fill_only_what_is_not_measured(choose):
    selection = choose(PACKAGE)
    assert outcome(selection) == {"rapl": "used", "cpu_model": "not needed", "ram_model": "used"}
    assert told(selection, "cpu_model").detail == "rapl has package-0"


def test_memory_that_is_measured_needs_no_model(choose):
    selection = choose(PACKAGE, DRAM)
    assert outcome(selection) == {"rapl": "used", "cpu_model": "not needed", "ram_model": "not needed"}
    assert told(selection, "ram_model").detail == "rapl has package-0/dram"
    assert selection.report[0].detail == "package-0, package-0/dram"


def test_platform_domain_alone_covers_processor_and_memory(choose):
    assert outcome(choose(PSYS)) == {"rapl": "used", "cpu_model": "not needed", "ram_model": "not needed"}


def test_platform_domain_that_is_only_shown_covers_nothing(choose):
    selection = choose(PACKAGE, PSYS)
    assert outcome(selection) == {"rapl": "used", "cpu_model": "not needed", "ram_model": "used"}
    assert selection.report[0].detail == "package-0; shown, not added: psys"


def test_order_of_names_never_counts_a_device_twice(choose):
    selection = choose(PACKAGE, sensors=["cpu_model", "rapl"])
    assert [report.name for report in selection.report] == ["cpu_model", "rapl"]
    assert outcome(selection) == {"cpu_model": "not needed", "rapl": "used"}


def test_only_what_is_named_is_tried(choose):
    assert outcome(choose(PACKAGE, sensors=["ram_model"])) == {"ram_model": "used"}


def test_refused_counters_are_denied_with_the_remedy(choose, monkeypatch):
    real = os.open

    def guarded(path, *args, **kwargs):
        if str(path).endswith("energy_uj"):
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **kwargs)

    tree = choose(PACKAGE, sensors=["ram_model"])
    assert outcome(tree) == {"ram_model": "used"}
    monkeypatch.setattr("joulebook.sensors.rapl.os.open", guarded)
    selection = choose()
    assert outcome(selection) == {"rapl": "denied", "cpu_model": "used", "ram_model": "used"}
    assert "chmod" in selection.report[0].remedy


@pytest.fixture
def perf(monkeypatch, tmp_path):
    """The sensor of perf events, on a fake kernel; returns the host that shows its PMU."""
    monkeypatch.setattr("joulebook.sensors.rapl_perf.RaplPerf", lambda: fake_rapl_perf(tmp_path / "perf"))
    return VM._replace(power_pmu=True)


def test_perf_events_are_read_where_powercap_is_masked(choose, perf):
    selection = choose(host=perf)
    assert names(selection) == ["rapl_perf"]
    assert told(selection, "rapl").status == "unavailable"
    assert told(selection, "rapl_perf").status == "used"
    assert told(selection, "cpu_model").detail == "rapl_perf has package-0"


@pytest.mark.parametrize("order", [(), ("rapl", "rapl_perf", "ram_model")])
def test_a_domain_is_read_through_powercap_or_perf_events_and_never_both(choose, perf, order):
    selection = choose(PACKAGE, DRAM, host=perf, sensors=order)
    assert names(selection) == ["rapl"]
    assert told(selection, "rapl_perf").status == "not needed"
    assert told(selection, "rapl_perf").detail == "rapl reads the same counters: package-0"


def test_the_way_to_the_counters_that_is_named_first_is_taken(choose, perf):
    selection = choose(PACKAGE, DRAM, host=perf, sensors=["rapl_perf", "rapl"])
    assert [(report.name, report.status) for report in selection.report] == [
        ("rapl_perf", "used"),
        ("rapl", "not needed"),
    ]


def test_perf_events_are_tried_where_no_pmu_shows_only_when_they_are_named(choose):
    assert told(choose(), "rapl_perf").detail == "the kernel has no PMU power"


@pytest.fixture
def boards(monkeypatch, tmp_path):
    """A fake /sys for the sensors of boards and batteries; call it for the host that shows itself there."""
    fake = FakeSys(tmp_path / "sys")

    class Here(Hwmon):
        def __init__(self, **options):
            super().__init__(str(fake.root), **options)

    class BatteryHere(Battery):
        def __init__(self, names, **options):
            super().__init__(names, str(fake.root), **options)

    monkeypatch.setattr("joulebook.sensors.hwmon.Hwmon", Here)
    monkeypatch.setattr("joulebook.sensors.battery.Battery", BatteryHere)
    found = read_host(str(fake.root))
    return fake, lambda: VM._replace(
        chips=read_host(str(fake.root)).chips, batteries=read_host(str(fake.root)).batteries, nvidia=found.nvidia
    )


def test_a_module_that_measures_its_input_needs_no_model_and_no_other_sensor_of_its_gpu(choose, boards):
    fake, host = boards
    fake.jetson(ORIN_NX)
    selection = choose(host=host()._replace(nvidia=True))
    assert names(selection) == ["hwmon"]
    assert told(selection, "nvml").detail == "hwmon has VDD_IN of this module, its GPU included"
    assert told(selection, "cpu_model").detail == told(selection, "ram_model").detail == "hwmon has VDD_IN"
    assert "shown, not added: VDD_CPU_GPU_CV, VDD_SOC" in told(selection, "hwmon").detail


def test_sockets_of_amd_are_counted_once_whichever_way_they_are_read(choose, boards):
    fake, host = boards
    fake.sockets(7_000_000)
    assert names(choose(host=host())) == ["hwmon", "ram_model"]
    selection = choose(PACKAGE, host=host())
    assert names(selection) == ["rapl", "ram_model"]
    assert "RAPL reads the same counter" in told(selection, "hwmon").detail


def test_other_chips_are_named_with_the_reason(choose, boards):
    fake, host = boards
    fake.chip("nvme", {"temp1_input": 30_000})
    fake.chip("power_meter", {"power1_average": 30_000_000})
    report = told(choose(host=host()), "hwmon")
    assert (report.status, report.detail) == (
        "unavailable", "of these drivers nothing is booked, their scope is not known: nvme, power_meter",
    )  # fmt: skip


def test_a_battery_is_the_whole_machine_alone_and_shown_beside_others(choose, boards):
    fake, host = boards
    fake.battery(power_now=15_000_000)
    alone = choose(host=host())
    assert names(alone) == ["battery"]
    assert told(alone, "cpu_model").detail == told(alone, "ram_model").detail == "battery has BAT0"
    beside = choose(PACKAGE, host=host(), sensors=["battery", "rapl", "ram_model"])
    assert names(beside) == ["battery", "rapl", "ram_model"]
    assert told(beside, "battery").detail == "shown, not added: BAT0"


def test_a_battery_on_mains_leaves_the_models(choose, boards):
    fake, host = boards
    fake.battery(status="Charging", power_now=15_000_000)
    selection = choose(host=host())
    assert names(selection) == ["cpu_model", "ram_model"]
    assert "mains" in told(selection, "battery").detail


def test_amd_gpus_are_looked_for_where_their_driver_is(choose, monkeypatch):
    assert told(choose(), "amdgpu").detail == "no AMD driver for computing is loaded (/dev/kfd)"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    report = told(choose(host=VM._replace(amd=True)), "amdgpu")
    assert (report.status, "pip install amdsmi" in report.remedy) == ("unavailable", True)


@pytest.mark.parametrize(
    ("variables", "seen"),
    [
        ({}, 2),
        ({"ROCR_VISIBLE_DEVICES": "1"}, 1),
        ({"HIP_VISIBLE_DEVICES": "0", "CUDA_VISIBLE_DEVICES": ""}, 1),
        ({"CUDA_VISIBLE_DEVICES": "1"}, 1),
    ],
)
def test_amd_gpus_are_those_that_the_program_sees(choose, monkeypatch, variables, seen):
    class Here(AmdGpu):
        def __init__(self, visible):
            super().__init__(visible, library=two_amd_gpus())

    for name in ("ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("joulebook.sensors.amdgpu.AmdGpu", Here)
    selection = choose(host=VM._replace(amd=True))
    assert names(selection) == ["amdgpu", "cpu_model", "ram_model"]
    assert len(selection.sensors[0][1].channels) == seen


def test_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(UnknownBackend, match="rapl"):
        select(Settings(sensors=("rapple",)), Catalog.open(), VM)


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (KeyError("ROCM_PATH"), "failed", "KeyError: 'ROCM_PATH'"),
        (RuntimeError("driver"), "failed", "RuntimeError: driver"),
        (OSError(5, "Input/output error"), "failed", "Input/output error"),
        (SensorError("odd", "do this"), "failed", "odd"),
    ],
)
def test_whatever_a_driver_raises_is_a_reason_not_a_crash(choose, backend, error, status, detail):
    def make():
        raise error

    backend("driver", make)
    selection = choose(sensors=["driver", "ram_model"])
    assert outcome(selection) == {"driver": status, "ram_model": "used"}
    assert detail in selection.report[0].detail


def test_missing_library_names_the_command_that_installs_it(choose, monkeypatch):
    monkeypatch.setitem(registry.SENSORS, "plug", Backend("no_such_module_here:Plug", "plugs"))
    [report] = choose(sensors=["plug"]).report
    assert report.status == "unavailable"
    assert "pip install 'joulebook[plugs]'" in report.detail


class DeskPlug:
    """The four-line sensor of somebody else."""

    channels = (Channel("plug", "desk-plug", "board"),)

    def read(self):
        return [Reading(0, 0, 1)]


def test_sensor_of_somebody_else_is_found_by_module_and_name(choose, monkeypatch):
    module = ModuleType("my_plugs")
    module.DeskPlug = DeskPlug
    monkeypatch.setitem(sys.modules, "my_plugs", module)
    selection = choose(sensors=["my_plugs:DeskPlug", "cpu_model"])
    assert names(selection) == ["my_plugs:DeskPlug"]
    assert selection.report[1].detail == "my_plugs:DeskPlug has plug"


def test_what_is_no_sensor_failed(choose, backend):
    backend("number", lambda: 5)
    [report] = choose(sensors=["number"]).report
    assert report.status == "failed"


# -- what the models are made with ---------------------------------------------------------------------------------


def test_known_processor_on_metal_is_modelled_by_its_sockets(catalog):
    host = Host(
        model="Intel(R) Xeon(R) Platinum 8175M CPU @ 2.50GHz",
        vendor="GenuineIntel",
        logical_cpus=96,
        threads_per_socket=48,
        threads_per_core=2,
        sockets=2,
    )
    power = cpu_params(host, catalog, TODAY)
    tdp = catalog.find("cpu.intel-xeon-platinum-8175m", "tdp").value
    share = catalog.find("cpu.any", "full_load_share").value
    assert power.full_w == pytest.approx(2 * tdp * share)
    assert power.basis == "modelled"
    assert power.source.startswith("cpu.intel-xeon-platinum-8175m tdp")


def test_known_processor_of_a_virtual_machine_is_its_part_of_the_chip(catalog):
    host = Host(
        "AMD EPYC 7763 64-Core Processor", "AuthenticAMD", 8, threads_per_socket=8, threads_per_core=2, virtual=True
    )
    power = cpu_params(host, catalog, TODAY)
    assert power.full_w == pytest.approx(280 * 8 / 128 * catalog.find("cpu.any", "full_load_share").value)
    assert power.basis == "modelled"


def test_virtual_processor_may_be_a_whole_core_where_no_threads_show(catalog):
    shown = Host("AMD EPYC 7763 64-Core Processor", "AuthenticAMD", 8, threads_per_core=2, virtual=True)
    hidden = shown._replace(threads_per_core=1)
    narrow, wide = cpu_params(shown, catalog, TODAY), cpu_params(hidden, catalog, TODAY)
    assert wide.full_w == narrow.full_w
    assert wide.active_high > narrow.active_high
    assert wide.active_low == pytest.approx(narrow.active_low)


@pytest.mark.parametrize(
    ("model", "vendor", "virtual", "subject"),
    [
        ("AMD EPYC", "AuthenticAMD", True, "cpu.any-amd-server"),
        ("AMD EPYC-Rome Processor", "AuthenticAMD", False, "cpu.any-amd-server"),
        ("Intel Xeon Processor (Skylake, IBRS)", "GenuineIntel", True, "cpu.any-intel-server"),
        ("Intel(R) Xeon(R) CPU @ 2.20GHz", "GenuineIntel", True, "cpu.any-intel-server"),
        ("AMD Ryzen 99 Imaginary", "AuthenticAMD", False, "cpu.any-amd"),
        ("Intel Imaginary", "GenuineIntel", False, "cpu.any-intel"),
        ("", "", True, "cpu.any-server"),
        ("", "", False, "cpu.any"),
    ],
)
def test_unknown_processor_is_assumed_from_its_class(catalog, model, vendor, virtual, subject):
    power = cpu_params(Host(model, vendor, 4, virtual=virtual), catalog, TODAY)
    per_thread = catalog.find(subject, "power_per_thread").value
    assert power.full_w == pytest.approx(4 * per_thread * catalog.find("cpu.any", "full_load_share").value)
    assert power.basis == "assumed"
    assert power.source.startswith(f"{subject} power_per_thread")


@pytest.mark.parametrize("watts_per_vcpu", [1.69, 2.55, 3.5, 3.69, 3.76, 3.97, 4.26, 4.74, 5.42, 8.25, 8.58])
def test_unknown_virtual_machine_at_full_load_contains_the_published_power_of_clouds(catalog, watts_per_vcpu):
    """Cloud Carbon Footprint: maximum watts per vCPU by generation, and the means of AWS, Azure and GCP."""
    power = cpu_params(Host("", "", 1, virtual=True), catalog, TODAY)
    active = power.full_w - power.idle_w
    low = power.idle_w * power.idle_low + active * power.active_low
    high = power.idle_w * power.idle_high + active * power.active_high
    assert low < watts_per_vcpu < high


def test_memory_is_its_size_times_a_fact(catalog):
    power = ram_params(VM, catalog, TODAY)
    fact = catalog.find("ram.any", "power_per_gb")
    assert power.watts == pytest.approx(8 * fact.value)
    assert (power.low * fact.value, power.high * fact.value) == pytest.approx((fact.low, fact.high))


def test_nvml_is_tried_where_no_driver_shows_only_when_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", ModuleType("pynvml"))
    host = read_host()._replace(nvidia=False)
    reports = {report.name: report for report in select(Settings(), Catalog.open(), host).report}
    assert reports["nvml"].detail == "no NVIDIA driver is loaded"
    (report,) = select(Settings(sensors=("nvml",)), Catalog.open(), host).report
    assert (report.status, "pynvml" in report.detail) == ("failed", True)
