"""Parsers of /proc and /sys on recorded texts, and the one door that reads them."""

from __future__ import annotations

import pytest

from joulebook.sensors.host import (
    CpuInfo,
    boot_id,
    busy_ticks,
    clean_cpu_name,
    count_cpus,
    is_virtual,
    parse_cpuinfo,
    parse_meminfo,
    read_host,
)

XEON = """processor\t: 0
vendor_id\t: GenuineIntel
model name\t: Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz
siblings\t: 48
cpu cores\t: 24
flags\t\t: fpu vme de hypervisor lahf_lm

processor\t: 1
model name\t: another
"""
ARM = "processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n\n"
POWER = "processor\t: 0\ncpu\t\t: POWER9, altivec supported\nclock\t\t: 3800.0MHz\n"


def test_first_processor_is_read():
    assert parse_cpuinfo(XEON) == CpuInfo(
        "Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz", "GenuineIntel", 48, 24, True
    )


@pytest.mark.parametrize(
    ("text", "model"), [(ARM, ""), (POWER, "POWER9, altivec supported"), ("", ""), ("\n\n", ""), ("no colon", "")]
)
def test_processors_without_a_model_name_stay_unknown(text, model):
    info = parse_cpuinfo(text)
    assert (info.model, info.vendor, info.siblings, info.hypervisor) == (model, "", 0, False)


@pytest.mark.parametrize(
    ("shown", "clean"),
    [
        ("Intel(R) Xeon(R) Platinum 8175M CPU @ 2.50GHz", "Intel Xeon Platinum 8175M"),
        ("Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz", "Intel Xeon E5-2686 v4"),
        ("Intel(R) Xeon(R) Gold 6226R CPU @ 2.90GHz", "Intel Xeon Gold 6226R"),
        ("Intel(R) Xeon(R) CPU @ 2.20GHz", "Intel Xeon"),
        ("INTEL(R) XEON(R) PLATINUM 8481C", "INTEL XEON PLATINUM 8481C"),
        ("Intel(R) Core(TM) i7-10700K CPU @ 3.80GHz", "Intel Core i7-10700K"),
        ("11th Gen Intel(R) Core(TM) i5-1145G7 @ 2.60GHz", "Intel Core i5-1145G7"),
        ("13th Gen Intel(R) Core(TM) i9-13900K", "Intel Core i9-13900K"),
        ("Intel(R) Core(TM) Ultra 7 155H", "Intel Core Ultra 7 155H"),
        ("Intel(R) Core(TM)2 Duo CPU     E8400  @ 3.00GHz", "Intel Core 2 Duo E8400"),
        ("Intel(R) Atom(TM) Processor C3558 @ 2.20GHz", "Intel Atom C3558"),
        ("Intel Xeon Processor (Skylake, IBRS)", "Intel Xeon (Skylake, IBRS)"),
        ("AMD EPYC 7763 64-Core Processor", "AMD EPYC 7763"),
        ("AMD EPYC 7R13 Processor", "AMD EPYC 7R13"),
        ("AMD EPYC-Rome Processor", "AMD EPYC-Rome"),
        ("AMD EPYC", "AMD EPYC"),
        ("AMD Ryzen 9 5950X 16-Core Processor", "AMD Ryzen 9 5950X"),
        ("AMD Ryzen 7 PRO 4750U with Radeon Graphics", "AMD Ryzen 7 PRO 4750U"),
        ("AMD Ryzen Threadripper PRO 5995WX 64-Cores", "AMD Ryzen Threadripper PRO 5995WX"),
        ("AMD Ryzen 5 7535U w/ Radeon Graphics", "AMD Ryzen 5 7535U"),
        ("AMD Opteron(tm) Processor 6376", "AMD Opteron 6376"),
        ("Neoverse-N1", "Neoverse-N1"),
        ("", ""),
    ],
)
def test_names_of_processors_lose_what_is_not_the_model(shown, clean):
    assert clean_cpu_name(shown) == clean
    assert clean_cpu_name(clean) == clean


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MemTotal:       16384000 kB\nMemFree: 5 kB\n", 16_777_216_000),
        ("MemFree: 1 kB\n", 0),
        ("", 0),
        ("MemTotal:", 0),
    ],
)
def test_memory_of_the_machine(text, expected):
    assert parse_meminfo(text) == expected


@pytest.mark.parametrize(
    ("cpu", "vendor", "product", "virtual"),
    [
        (CpuInfo(vendor="GenuineIntel", hypervisor=True), "Dell Inc.", "PowerEdge R740", True),
        (CpuInfo(vendor="GenuineIntel"), "Dell Inc.", "PowerEdge R740", False),
        (CpuInfo(vendor="GenuineIntel"), "Amazon EC2", "c5.metal", False),
        (CpuInfo(), "Amazon EC2", "m6g.large", True),
        (CpuInfo(), "Amazon EC2", "m6g.metal", False),
        (CpuInfo(vendor="AuthenticAMD"), "QEMU", "Standard PC", True),
        (CpuInfo(vendor="GenuineIntel"), "Microsoft Corporation", "Virtual Machine", True),
        (CpuInfo(), "", "", False),
    ],
)
def test_virtual_machines_are_told_from_metal(cpu, vendor, product, virtual):
    assert is_virtual(cpu, vendor, product) is virtual


def test_busy_time_leaves_out_waiting_stealing_and_guests():
    #             user nice system idle iowait irq softirq steal guest guest_nice
    assert busy_ticks(b"cpu  100 20 30 9999 888 4 5 777 66 55\ncpu0 1 2\n") == 159


def test_busy_time_of_an_old_kernel_without_steal():
    assert busy_ticks(b"cpu  100 20 30 9999 888 4 5\n") == 159


@pytest.mark.parametrize("data", [b"", b"cpu0 1 2 3 4 5 6 7 8\n", b"cpu  1 2 3\n", b"cpu  a b c d e f g h\n"])
def test_what_is_no_proc_stat_is_refused(data):
    with pytest.raises(ValueError):
        busy_ticks(data)


def test_processors_online_are_counted_unless_the_text_is_cut():
    assert count_cpus(b"cpu  1\ncpu0 1\ncpu2 1\nintr 5\n", 64) == 2
    assert count_cpus(b"cpu  1\ncpu0 1\ncpu2 1\n", 64) == 64


@pytest.fixture
def root(tmp_path):
    """Makes files of a fake root."""

    def write(**files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return str(tmp_path)

    return write


def test_host_is_read_from_its_files(root):
    stat = "cpu  1 2 3 4 5 6 7 8\n" + "".join(f"cpu{n} 1 2 3 4 5 6 7 8\n" for n in range(96)) + "intr 0\n"
    host = read_host(
        root(
            proc__cpuinfo=XEON,
            proc__stat=stat,
            proc__meminfo="MemTotal: 1048576 kB\n",
            proc__sys__kernel__random__boot_id="11-22\n",
        )
    )
    assert host.model == "Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz"
    assert (host.logical_cpus, host.threads_per_socket, host.sockets) == (96, 48, 2)
    assert (host.threads_per_core, host.memory_bytes, host.boot_id) == (2, 2**30, "11-22")
    assert host.virtual


def test_host_without_any_file_is_unknown_but_there(tmp_path):
    host = read_host(str(tmp_path))
    assert (host.model, host.vendor, host.memory_bytes, host.threads_per_socket) == ("", "", 0, 0)
    assert host.logical_cpus >= 1
    assert not host.virtual
    assert host.boot_id.startswith("host-")


def test_this_host_can_be_read():
    host = read_host()
    assert host.logical_cpus >= 1
    assert host.boot_id == boot_id()
    assert host.memory_bytes > 0
