"""What stands between a user and the energy counters, and the smallest step that would let one read them.

Looks at modes, groups, mounts and levels; changes nothing and runs nothing. The steps are for somebody with the
right to take them: each says what it gives away.
"""

from __future__ import annotations

import os
import shlex
import stat
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from joulebook.sensors.host import beginning

GROUP: Final = "energy"
RULES: Final = "/etc/udev/rules.d/70-joulebook.rules"
_POWERCAP: Final = "sys/class/powercap"
_REAL: Final = "/sys/devices/virtual/powercap"
_NOBODY: Final = 65_534
"""The owner that files of the machine show where a user namespace does not know theirs."""
_SHOWN: Final = 3
_MODELS: Final = ("cpu_model", "ram_model")

WORKS, WAITS, DO, ELSEWHERE, NEVER = "works", "waits", "to do", "elsewhere", "never"


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
    """works; waits (for a new login); to do (by root, here); elsewhere (where the container is started); never."""
    why: str
    gives: str = ""
    """What the step gives away to whom."""
    commands: tuple[str, ...] = ()
    """Lines of a shell script, run as root; where the state is `elsewhere`, how the container is to be started."""
    rules: tuple[str, ...] = ()
    """Lines for a file of udev rules, so that it holds after the next boot."""
    undo: tuple[str, ...] = ()
    needs_group: bool = False


class User(NamedTuple):
    """Who wants to read."""

    name: str
    active: frozenset[int]
    """Groups of this process."""
    granted: frozenset[int]
    """Groups by the user database: those of the next login."""


class Place(NamedTuple):
    """Where the sensors are."""

    user: User
    container: str = ""
    virtual: bool = False
    powercap_root: str = ""
    """Another powercap tree than the kernel's, as the settings name it."""
    python: str = sys.executable
    root: str = ""


def this_user() -> User:
    """The user of this process; under sudo, the one who called it."""
    import grp  # the user database is opened by `doctor --fix` alone
    import pwd

    name = os.environ.get("SUDO_USER", "") if os.geteuid() == 0 else ""
    try:
        entry = pwd.getpwnam(name) if name else pwd.getpwuid(os.geteuid())
        granted = {group.gr_gid for group in grp.getgrall() if entry.pw_name in group.gr_mem} | {entry.pw_gid}
        name = entry.pw_name
    except (KeyError, OSError):  # an id without an entry, as in many containers
        name, granted = name or str(os.geteuid()), set()
    active = {os.getegid(), *os.getgroups()}
    return User(name, frozenset(active), frozenset(granted | active))


def findings(reports: Sequence[Report], place: Place) -> list[Finding]:
    """What can be done for each source that is there and cannot be read; those that are not there are left out."""
    found = []
    by_name = {report.name: report for report in reports}
    for report in reports:
        look = next((look for name, look in _LOOKS.items() if report.name.startswith(name)), None)
        if report.name in _MODELS:
            continue
        if report.status == "used" and not report.remedy:
            found.append(Finding(report.name, WORKS, report.detail))
        elif report.name == "rapl_perf" and _has_way(found, by_name.get("rapl")):
            continue  # the same counters: one way is enough
        elif look is not None and report.status != "not needed":
            found += look(report, place)
        elif report.status == "denied":
            found.append(Finding(report.name, NEVER, f"{report.detail}. {report.remedy}"))
    return found


def _has_way(found: Sequence[Finding], rapl: Report | None) -> bool:
    """Whether powercap is read, or will be."""
    states = [one.state for one in found if one.source == "rapl"]
    return rapl is not None and bool(states) and states[0] in (WORKS, WAITS, DO)


# -- RAPL ------------------------------------------------------------------------------------------------------

_PLATYPUS: Final = (
    f"who is in the group {GROUP} sees the power of all programs of this machine, some 1,000 times a second; keys of "
    "other users have been found that way (PLATYPUS, CVE-2020-8694)"
)
_RAPL_RULE: Final = (
    f'SUBSYSTEM=="powercap", KERNEL=="intel-rapl*:*", ACTION=="add|change", '
    f'RUN+="/bin/chgrp {GROUP} /sys%p/energy_uj", RUN+="/bin/chmod g+r /sys%p/energy_uj"'
)


def _rapl(_report: Report, place: Place) -> list[Finding]:
    root = place.powercap_root or f"{place.root}/{_POWERCAP}"
    counters = _counters(root)
    if not counters:
        return [_no_counter(root, place)]
    closed = [path for path in counters if not os.access(path, os.R_OK)]
    if not closed:
        return [Finding("rapl", WORKS, _counted(counters))]
    why = f"{_counted(closed)}: {_mode(closed[0])}"
    if place.container:
        return [_outside("rapl", why, place)]
    if place.powercap_root:
        return [Finding("rapl", NEVER, f"{why}; {root} is not the kernel's own: whoever made it decides who may read")]
    waiting = _waits(closed, place)
    if waiting:
        return [Finding("rapl", WAITS, waiting)]
    again = f"; {RULES} is there: run the script again" if os.access(f"{place.root}{RULES}", os.F_OK) else ""
    give = (f"give {GROUP} g+r /{_POWERCAP}/intel-rapl*:*/energy_uj", "trigger powercap")
    undo = (f"give root g-r /{_POWERCAP}/intel-rapl*:*/energy_uj",)
    return [Finding("rapl", DO, f"{why}{again}", _PLATYPUS, give, (_RAPL_RULE,), undo, needs_group=True)]


def _no_counter(root: str, place: Place) -> Finding:
    """Why a powercap tree shows no counter at all."""
    mask = mounted_over(_mounts(place), _REAL)
    broken = any(not os.path.exists(f"{root}/{zone}") for zone in _listed(root))  # noqa: PTH110 - as everywhere here
    if place.container or mask or broken:
        hidden = f"{mask or 'something'} lies over {_REAL}" if mask or broken else "the container shows no counter"
        return _outside("rapl", f"{root} is empty" if place.powercap_root else hidden, place)
    if place.virtual:
        return Finding("rapl", NEVER, "a virtual machine has no RAPL counters: its host reads them")
    load = ("modprobe intel_rapl_msr", "echo intel_rapl_msr > /etc/modules-load.d/joulebook.conf")
    return Finding("rapl", DO, f"{root} has no zone: its driver may not be loaded", commands=load)


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


def mounted_over(mountinfo: str, path: str) -> str:
    """The kind of file system that something mounted exactly at `path`; "" for none. From /proc/self/mountinfo."""
    kind = ""
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split()
        if len(fields) > 4 and fields[4] == path:
            kind = next(iter(right.split()), "")
    return kind


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
        nodes = [path for pattern in patterns for path in _matching(f"{place.root}/dev", pattern)]
        closed = [path for path in nodes if not os.access(path, os.R_OK | os.W_OK)]
        if report.status != "denied" and not closed:
            return []
        if place.container:
            return [Finding(source, ELSEWHERE, report.detail, "the container may use these GPUs", (start,))]
        if not closed:
            return [Finding(source, NEVER, f"{report.detail}. {report.remedy}")]
        waiting = _waits(closed, place, stat.S_IRGRP | stat.S_IWGRP)
        why = f"{_counted(closed)}: {_mode(closed[0])}"
        if waiting:
            return [Finding(source, WAITS, waiting)]
        groups = sorted({_group(path) for path in closed if os.stat(path).st_mode & stat.S_IWGRP} - {"root", ""})  # noqa: PTH116 - a node
        if not groups:
            return [Finding(source, NEVER, f"{why}: no group may use them. {report.remedy}")]
        add = f'usermod -aG {shlex.quote(",".join(groups))} "$user"'
        return [Finding(source, DO, why, "you may use the GPU: its time and its memory", (add,))]

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


# -- files -----------------------------------------------------------------------------------------------------


def _waits(paths: Sequence[str], place: Place, wanted: int = stat.S_IRGRP) -> str:
    """What is said where all these files are open to a group that this user has, from the next login on."""
    user, groups = place.user, set()
    for path in paths:
        try:
            found = os.stat(path)  # noqa: PTH116 - as everywhere in this room
        except OSError:
            return ""
        if found.st_mode & wanted != wanted or found.st_gid in user.active or found.st_gid not in user.granted:
            return ""
        groups.add(_group(path))
    names = ", ".join(sorted(groups))
    return f"{user.name} is in the group {names}, from the next login on; at once:  sg {names} -c 'joulebook doctor'"


def _mode(path: str) -> str:
    """Mode, owner and group in words."""
    try:
        found = os.stat(path)  # noqa: PTH116 - as above
    except OSError as error:
        return error.strerror or str(error)
    strange = ", of a user namespace that does not know its owner" if found.st_uid == _NOBODY else ""
    return f"{stat.filemode(found.st_mode)} of group {_group(path)}{strange}"


def _group(path: str) -> str:
    import grp  # as in this_user

    number = os.stat(path).st_gid  # noqa: PTH116 - as above
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _counted(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more


def _counters(root: str, depth: int = 3) -> list[str]:
    """Files of the counters of a powercap tree: sysfs links all zones into one folder, elsewhere they are nested."""
    found = []
    for zone in _listed(root):
        path = f"{root}/{zone}"
        if os.path.exists(f"{path}/energy_uj"):  # noqa: PTH110 - as everywhere here
            found.append(f"{path}/energy_uj")
        if depth and not os.path.islink(path):  # noqa: PTH114 - as above
            found += _counters(path, depth - 1)
    return found


def _listed(root: str) -> list[str]:
    """Zones of a folder of a powercap tree, links that lead nowhere among them."""
    try:
        return sorted(name for name in os.listdir(root) if name.startswith("intel-rapl"))  # noqa: PTH208 - as above
    except OSError:
        return []


def _matching(folder: str, prefix: str) -> list[str]:
    """Files below a folder whose names begin so; folders are not among them."""
    head, _, tail = prefix.rpartition("/")
    folder = f"{folder}/{head}".rstrip("/")
    try:
        names = sorted(name for name in os.listdir(folder) if name.startswith(tail))  # noqa: PTH208 - as above
    except OSError:
        return []
    return [path for name in names if not os.path.isdir(path := f"{folder}/{name}")]  # noqa: PTH112 - as above


def _mounts(place: Place) -> str:
    try:
        with open(f"{place.root}/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - as above
            return file.read(1 << 18)
    except OSError:
        return ""
