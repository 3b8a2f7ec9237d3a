"""What stands between a user and the energy counters, and the smallest step that would let one read them.

Looks at modes, groups, mounts and levels; changes nothing and runs nothing. The steps are for somebody with the
right to take them: each says what it gives away.
"""

from __future__ import annotations

import os
import platform
import shlex
import stat
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from joulebook.sensors.host import beginning, mounts
from joulebook.sensors.permissions import (
    User,
    counted,
    counters_of,
    group_of,
    listed,
    matching,
    mode_of,
    mounted_over,
    waits,
)

GROUP: Final = "energy"
RULES: Final = "/etc/udev/rules.d/70-joulebook.rules"
_POWERCAP: Final = "sys/class/powercap"
_REAL: Final = "/sys/devices/virtual/powercap"
_MODELS: Final = ("cpu_model", "ram_model")

WORKS, WAITS, DO, ELSEWHERE, NEVER = "works", "waits", "to do", "elsewhere", "never"
BY_HAND: Final = "by hand"
_HAS_WAY: Final = (WORKS, WAITS, DO)


class Report(Protocol):
    """What became of one sensor."""

    @property
    def name(self) -> str: ...  # noqa: D102 - as in the sentence above
    @property
    def status(self) -> str: ...  # noqa: D102 - as above
    @property
    def detail(self) -> str: ...  # noqa: D102 - as above
    @property
    def remedy(self) -> str: ...  # noqa: D102 - as above


class Finding(NamedTuple):
    """One source: whether this user can read it, why not, and what would change that."""

    source: str
    state: str
    """works; waits (for a new login); to do (by root, here); by hand (a step that is in no script, since it opens more
    than needed); elsewhere (where the container is started); never."""
    why: str
    gives: str = ""
    """What the step gives away to whom."""
    commands: tuple[str, ...] = ()
    """Lines of a shell script, run as root; where the state is `elsewhere`, how the container is to be started."""
    rules: tuple[str, ...] = ()
    """Lines for a file of udev rules, so that it holds after the next boot."""
    undo: tuple[str, ...] = ()
    needs_group: bool = False


class Place(NamedTuple):
    """Where the sensors are."""

    user: User
    container: str = ""
    virtual: bool = False
    powercap_root: str = ""
    """Another powercap tree than the kernel's, as the settings name it."""
    machine: str = platform.machine() if sys.platform == "linux" else sys.platform
    python: str = sys.executable
    root: str = ""


def findings(reports: Sequence[Report], place: Place) -> list[Finding]:
    """What can be done for each source that is there and cannot be read; those that are not there are left out."""
    found = []
    for report in reports:
        look = next((look for name, look in _LOOKS.items() if report.name.startswith(name)), None)
        if report.name in _MODELS:
            continue
        if report.status == "used" and not report.remedy:
            found.append(Finding(report.name, WORKS, report.detail))
        elif report.name == "rapl_perf" and any(one.source == "rapl" and one.state in _HAS_WAY for one in found):
            continue  # the same counters: one way is enough
        elif look is not None and report.status != "not needed":
            steps = look(report, place)
            found += steps or ([Finding(report.name, WORKS, report.detail)] if report.status == "used" else [])
        elif report.status == "denied":
            found.append(Finding(report.name, BY_HAND, report.detail, commands=(report.remedy,)))
    return found


# -- RAPL ------------------------------------------------------------------------------------------------------

_PLATYPUS: Final = (
    f"who is in the group {GROUP} sees the power of all programs of this machine, some 1,000 times a second; keys of "
    "other users have been found that way (PLATYPUS, CVE-2020-8694)"
)
_RAPL_RULE: Final = (
    f'SUBSYSTEM=="powercap", KERNEL=="intel-rapl*:*", ACTION=="add|change", '
    f'RUN+="/bin/chgrp {GROUP} /sys%p/energy_uj", RUN+="/bin/chmod g+r /sys%p/energy_uj"'
)
_RAPL_GIVE: Final = (f"give {GROUP} g+r /{_POWERCAP}/intel-rapl*:*/energy_uj", "trigger powercap")
_RAPL_UNDO: Final = (f"give root g-r /{_POWERCAP}/intel-rapl*:*/energy_uj",)
_MODULES: Final = "/etc/modules-load.d/joulebook.conf"
_RAPL_LOAD: Final = (
    f"if modprobe intel_rapl_msr; then echo intel_rapl_msr > {_MODULES}",
    'else echo "rapl: this processor has no such counters, or its kernel no driver for them" >&2; fi',
)


def _rapl(_report: Report, place: Place) -> list[Finding]:
    root = place.powercap_root or f"{place.root}/{_POWERCAP}"
    counters = counters_of(root)
    if not counters:
        return [_no_counter(root, place)]
    closed = [path for path in counters if not os.access(path, os.R_OK)]
    if not closed:
        return [Finding("rapl", WORKS, counted(counters))]
    why = f"{counted(closed)}: {mode_of(closed[0])}"
    if place.container:
        return [_outside("rapl", why, place)]
    if place.powercap_root:
        return [Finding("rapl", NEVER, f"{why}; {root} is not the kernel's own: whoever made it decides who may read")]
    waiting = waits(closed, place.user)
    if waiting:
        return [Finding("rapl", WAITS, waiting)]
    again = f"; {RULES} is there: run the script again" if os.access(f"{place.root}{RULES}", os.F_OK) else ""
    return [Finding("rapl", DO, f"{why}{again}", _PLATYPUS, _RAPL_GIVE, (_RAPL_RULE,), _RAPL_UNDO, needs_group=True)]


def _no_counter(root: str, place: Place) -> Finding:
    """Why a powercap tree shows no counter at all."""
    if place.virtual:
        return Finding("rapl", NEVER, "a virtual machine has no RAPL counters: its host reads them")
    mask = mounted_over(mounts(place.root), _REAL)
    broken = any(not os.path.exists(f"{root}/{zone}") for zone in listed(root))  # noqa: PTH110 - as everywhere here
    if place.container or mask or broken:
        hidden = f"{mask or 'something'} lies over {_REAL}" if mask or broken else "the container shows no counter"
        return _outside("rapl", f"{root} is empty" if place.powercap_root else hidden, place)
    if place.machine not in ("x86_64", "i686"):
        return Finding("rapl", NEVER, f"there are no RAPL counters on {place.machine}")
    why = f"{root} has no zone: its driver may not be loaded"
    give = (*_RAPL_LOAD, *_RAPL_GIVE)
    undo = (f"rm -f {_MODULES}", *_RAPL_UNDO)
    return Finding("rapl", DO, why, _PLATYPUS, give, (_RAPL_RULE,), undo, needs_group=True)


def _outside(source: str, why: str, place: Place) -> Finding:
    """What cannot be changed from inside of a container."""
    group = f'--group-add "$(getent group {GROUP} | cut -d: -f3)"'
    program = "podman" if place.container == "podman" else "docker"
    lines: tuple[str, ...] = (
        f"{program} run -v {_REAL}:/powercap:ro -e JOULEBOOK_POWERCAP_ROOT=/powercap {group} ...",
        "no --group-add where its user is root; the group comes from  joulebook doctor --fix  on the host",
    )
    if place.container == "kubernetes":
        lines = (
            f"a hostPath volume of {_REAL} at /powercap (readOnly), and JOULEBOOK_POWERCAP_ROOT=/powercap",
            f"securityContext.supplementalGroups: the number of the group {GROUP} on the node, unless it runs as root",
        )
    elif place.container in ("apptainer", "singularity"):
        lines = (f"run  joulebook doctor --fix  on the host, outside of {place.container}: it shows the same files",)
    gives = _PLATYPUS.replace(f"is in the group {GROUP}", "is in this container")
    return Finding(source, ELSEWHERE, why, gives, lines)


def _perf(report: Report, place: Place) -> list[Finding]:
    if report.status == "unavailable":
        return []
    level = beginning(f"{place.root}/proc/sys/kernel/perf_event_paranoid", 32).strip() or "unknown"
    why = f"{report.detail.partition(' (')[0]}; kernel.perf_event_paranoid is {level}"
    gives = f"who is in the group {GROUP} may count events of all programs of this machine, and infer secrets from them"
    if place.container:
        program = "podman" if place.container == "podman" else "docker"
        line = f"{program} run --cap-add PERFMON ..."
        if place.container == "kubernetes":
            line = 'securityContext.capabilities.add: ["PERFMON"]'
        return [Finding("rapl_perf", ELSEWHERE, why, gives.replace(f"is in the group {GROUP}", "is in it"), (line,))]
    copy = shlex.quote(f"{os.path.dirname(place.python)}/python-{GROUP}")  # noqa: PTH120 - beside pyvenv.cfg
    return [
        Finding(
            "rapl_perf",
            DO,
            why,
            f"{gives}, through this copy of Python alone; what it starts does not inherit the right",
            (
                f'install -o root -g {GROUP} -m 0750 "$(readlink -f {shlex.quote(place.python)})" {copy}',
                f"setcap cap_perfmon+ep {copy}",
                f"# from then on:  {copy} -m joulebook run -- CMD",
                "# for every user instead, and not needed with the lines above:  sysctl kernel.perf_event_paranoid=0",
            ),
            undo=(f"rm -f {copy}",),
            needs_group=True,
        )
    ]


# -- other sources ---------------------------------------------------------------------------------------------

_HWMON_RULE: Final = (
    'SUBSYSTEM=="hwmon", ATTR{name}=="amd_energy|zenergy", ACTION=="add|change", '
    f"RUN+=\"/bin/sh -c '/bin/chgrp {GROUP} /sys%p/energy*_input; /bin/chmod g+r /sys%p/energy*_input'\""
)


def _hwmon(report: Report, place: Place) -> list[Finding]:
    if not report.remedy or "Permission denied" not in f"{report.detail}":
        return []
    if place.container:
        return [Finding("hwmon", ELSEWHERE, report.detail, commands=("run  joulebook doctor --fix  on the host",))]
    files = [f"/sys/class/hwmon/{name}/energy*_input" for name in _chips(place)]
    give = (*(f"give {GROUP} g+r {file}" for file in files), "trigger hwmon")
    undo = tuple(f"give root g-r {file}" for file in files)
    return [Finding("hwmon", DO, report.detail, _PLATYPUS, give, (_HWMON_RULE,), undo, needs_group=True)]


def _chips(place: Place) -> list[str]:
    """Folders of the chips whose counters are read as AMD's."""
    folder = f"{place.root}/sys/class/hwmon"
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - as everywhere here
    except OSError:
        return []
    return [
        name
        for name in names
        if name.isalnum() and beginning(f"{folder}/{name}/name", 64).strip() in ("amd_energy", "zenergy")
    ]


def _gpu(source: str, patterns: Sequence[str], start: str) -> Callable[[Report, Place], list[Finding]]:
    def look(report: Report, place: Place) -> list[Finding]:
        nodes = [path for pattern in patterns for path in matching(f"{place.root}/dev", pattern)]
        closed = [path for path in nodes if not os.access(path, os.R_OK | os.W_OK)]
        if report.status != "denied" and not closed:
            return []
        if place.container:
            return [Finding(source, ELSEWHERE, report.detail, "the container may use these GPUs", (start,))]
        if not closed:
            return [Finding(source, BY_HAND, report.detail, commands=(report.remedy,))]
        waiting = waits(closed, place.user, stat.S_IRGRP | stat.S_IWGRP)
        why = f"{counted(closed)}: {mode_of(closed[0])}"
        if waiting:
            return [Finding(source, WAITS, waiting)]
        groups = sorted({group_of(path) for path in closed if os.stat(path).st_mode & stat.S_IWGRP} - {"root", ""})  # noqa: PTH116 - a node
        if not groups:
            return [Finding(source, BY_HAND, f"{why}: no group may use them", commands=(report.remedy,))]
        add = tuple(f'gpasswd -a "$user" {shlex.quote(group)}' for group in groups)
        return [Finding(source, DO, why, "you may use the GPU: its time and its memory", add)]

    return look


def _ipmi(report: Report, place: Place) -> list[Finding]:
    if report.status != "denied":
        return []
    node = f"{place.root}/dev/ipmi0"
    why = f"{report.detail}. No step is printed: who may write to {node} controls the board (power, users, firmware)"
    return [Finding(report.name, NEVER, f"{why}; a Redfish account that may only read, or a PDU, tells the same power")]


_LOOKS: Final[Mapping[str, Callable[[Report, Place], list[Finding]]]] = {
    "rapl_perf": _perf,
    "rapl": _rapl,
    "hwmon": _hwmon,
    "nvml": _gpu("nvml", ("nvidia",), "docker run --gpus all ..."),
    "amdgpu": _gpu(
        "amdgpu", ("kfd", "dri/renderD"), "docker run --device /dev/kfd --device /dev/dri --group-add render ..."
    ),
    "ipmi": _ipmi,
}
