"""What the host is: its processor, memory, virtual machine and boot. Parsers of text, and one door.

Nothing here starts a process or reads more of a file than it needs: on large hosts /proc/cpuinfo alone is
half a megabyte.
"""

from __future__ import annotations

import os
from typing import Final, NamedTuple

from joulebook.sensors.darwin import ON_A_MAC, Mac, boot_session, read_mac

CPUINFO_HEAD: Final = 8_192
"""Bytes of /proc/cpuinfo that hold the first processor, the only one that is read."""
STAT_HEAD: Final = 32_768
"""Bytes of /proc/stat that hold the lines of some 500 processors."""
_CLOCK_TICKS: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
TICK_US: Final = 1_000_000 // _CLOCK_TICKS
"""Microseconds of one tick of CPU time."""
_VIRTUAL_VENDORS: Final = ("qemu", "vmware", "innotek", "xen", "bochs", "parallels", "nutanix", "openstack", "bhyve")
_NVIDIA: Final = ("dev/nvidiactl", "proc/driver/nvidia/version", "dev/dxg")
"""Files of the driver: of the kernel's, and of Windows below a Linux subsystem."""
_POWER_PMU: Final = "sys/bus/event_source/devices/power/type"
_AMD: Final = "dev/kfd"
"""The door of AMD's driver for computing."""
HWMON: Final = "sys/class/hwmon"
POWER_SUPPLIES: Final = "sys/class/power_supply"
_MOUNTS_CHARS: Final = 1 << 18


class CpuInfo(NamedTuple):
    """The first processor of /proc/cpuinfo."""

    model: str = ""
    vendor: str = ""
    siblings: int = 0
    """Threads of its socket, 0 when unknown; in a virtual machine as the hypervisor shows it."""
    cores: int = 0
    """Cores of its socket, 0 when unknown."""
    hypervisor: bool = False


class Host(NamedTuple):
    """The machine that is measured, as far as it shows itself."""

    model: str = ""
    vendor: str = ""
    logical_cpus: int = 1
    """Processors online on the machine."""
    threads_per_socket: int = 0
    threads_per_core: int = 0
    """2 where simultaneous multithreading shows; 0 when unknown."""
    sockets: int = 0
    memory_bytes: int = 0
    virtual: bool = False
    nvidia: bool = False
    """Whether a driver for NVIDIA GPUs shows itself."""
    boot_id: str = ""
    power_pmu: bool = False
    """Whether the kernel counts energy by perf events."""
    chips: tuple[str, ...] = ()
    """Drivers of the chips that hwmon shows."""
    batteries: tuple[str, ...] = ()
    amd: bool = False
    """Whether the driver for computing on AMD GPUs shows itself."""


def parse_cpuinfo(text: str) -> CpuInfo:
    """The first processor of the text of /proc/cpuinfo; what is not there stays empty."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip() and fields:
            break
        key, colon, value = line.partition(":")
        if colon:
            fields.setdefault(key.strip().lower(), value.strip())
    return CpuInfo(
        fields.get("model name") or fields.get("cpu") or "",
        fields.get("vendor_id", ""),
        _natural(fields.get("siblings", "")),
        _natural(fields.get("cpu cores", "")),
        "hypervisor" in fields.get("flags", "").split(),
    )


def parse_meminfo(text: str) -> int:
    """Bytes of memory of the machine, from /proc/meminfo; 0 when unknown."""
    for line in text.splitlines():
        if line.startswith("MemTotal:"):
            words = line.split()
            return _natural(words[1]) * 1024 if len(words) > 1 else 0
    return 0


def is_virtual(cpu: CpuInfo, dmi_vendor: str, dmi_product: str) -> bool:
    """Whether this is a virtual machine: the processor says so, or (ARM) the firmware's names do."""
    if cpu.hypervisor:
        return True
    vendor, product = dmi_vendor.lower(), dmi_product.lower()
    if any(word in vendor for word in _VIRTUAL_VENDORS) or "virtual machine" in product:
        return True
    return vendor in ("amazon ec2", "google") and cpu.vendor == "" and "metal" not in product


def clean_cpu_name(name: str) -> str:
    """The model of a processor without trade marks, clock and core count: "Intel Xeon Platinum 8175M"."""
    for mark in ("(R)", "(r)", "(TM)", "(tm)", "(C)", "®", "™"):
        name = name.replace(mark, " ")
    name = name.partition("@")[0].partition(" with ")[0].partition(" w/ ")[0]
    words = name.split()
    if len(words) > 2 and words[1].lower() == "gen" and words[0][0].isdigit():
        words = words[2:]
    kept = [
        word
        for at, word in enumerate(words)
        if not word.endswith(("-Core", "-Cores"))
        and not (at and word in ("CPU", "Processor", "processor", "APU"))
        and word != "0"
    ]
    return " ".join(kept)


def busy_ticks(data: bytes) -> int:
    """Ticks of CPU time that work has used on all processors since boot, from /proc/stat.

    User, nice, system, irq and softirq. Waiting for disks is idle time, stolen time was used by other machines,
    and guests are in user time already. Raises ValueError when this is no /proc/stat.
    """
    words = data.partition(b"\n")[0].split()
    if len(words) < 8 or words[0] != b"cpu":
        raise ValueError("the first line of /proc/stat does not start with cpu and its ticks")
    return int(words[1]) + int(words[2]) + int(words[3]) + int(words[6]) + int(words[7])


def count_cpus(data: bytes, default: int) -> int:
    """Processors online in /proc/stat; `default` when the data does not reach to the end of them."""
    return data.count(b"\ncpu") if b"\nintr" in data else default


def boot_id(proc_root: str = "/proc") -> str:
    """The kernel's random name of this boot; the host's name where there is none."""
    node = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    named = beginning(f"{proc_root}/sys/kernel/random/boot_id").strip()
    return named or (boot_session() if ON_A_MAC else "") or f"host-{node}"


def read_host(root: str = "/") -> Host:
    """The host as the files below `root` describe it; a file that is missing leaves its fields empty."""
    root = root.rstrip("/")
    if ON_A_MAC and not root:
        return host_of(read_mac())
    proc = f"{root}/proc"
    cpu = parse_cpuinfo(beginning(f"{proc}/cpuinfo", CPUINFO_HEAD))
    logical = count_cpus(beginning(f"{proc}/stat", STAT_HEAD).encode(), 0) or os.cpu_count() or 1
    dmi = f"{root}/sys/class/dmi/id"
    return Host(
        model=cpu.model,
        vendor=cpu.vendor,
        logical_cpus=logical,
        threads_per_socket=cpu.siblings,
        threads_per_core=cpu.siblings // cpu.cores if cpu.cores else 0,
        sockets=max(1, round(logical / cpu.siblings)) if cpu.siblings else 0,
        memory_bytes=parse_meminfo(beginning(f"{proc}/meminfo", 256)),
        virtual=is_virtual(cpu, beginning(f"{dmi}/sys_vendor").strip(), beginning(f"{dmi}/product_name").strip()),
        nvidia=any(os.access(f"{root}/{path}", os.F_OK) for path in _NVIDIA),
        boot_id=boot_id(proc),
        amd=os.access(f"{root}/{_AMD}", os.F_OK),
        power_pmu=os.access(f"{root}/{_POWER_PMU}", os.F_OK),
        chips=tuple(
            sorted({beginning(f"{root}/{HWMON}/{name}/name", 64).strip() for name in _names(f"{root}/{HWMON}")} - {""})
        ),
        batteries=tuple(sorted(name for name in _names(f"{root}/{POWER_SUPPLIES}") if name.startswith("BAT"))),
    )


def host_of(mac: Mac) -> Host:
    """A Mac as a host."""
    return Host(
        model=mac.model,
        vendor="Apple" if mac.model.startswith("Apple") else "",
        logical_cpus=mac.logical_cpus or os.cpu_count() or 1,
        memory_bytes=mac.memory_bytes,
        virtual=mac.virtual,
        boot_id=boot_id(),
    )


def _natural(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - pathlib costs an import on the metering path
    except OSError:
        return []


def beginning(path: str, size: int = 4_096) -> str:
    """The beginning of a file, at most `size` bytes of it; "" when it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return ""
    try:
        return os.read(descriptor, size).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(descriptor)


def mounts(root: str) -> str:
    """What is mounted where: /proc/self/mountinfo, which comes in pieces, up to 256 KiB; "" when it cannot be read."""
    try:
        with open(f"{root}/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - no pathlib here
            return file.read(_MOUNTS_CHARS)
    except OSError:
        return ""
