"""Files that a user may read or not: their modes and groups in words, and what lies over them. Nothing is opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from typing import Final, NamedTuple

_NOBODY: Final = 65_534
"""The owner that files of the machine show where a user namespace does not know theirs."""
_SHOWN: Final = 3


class User(NamedTuple):
    """Who wants to read."""

    name: str
    active: frozenset[int]
    """Groups of this process."""
    granted: frozenset[int]
    """Groups by the user database: those of the next login."""


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


def mounted_over(mountinfo: str, path: str) -> str:
    """The kind of file system that something mounted exactly at `path`; "" for none. From /proc/self/mountinfo."""
    kind = ""
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split()
        if len(fields) > 4 and fields[4] == path:
            kind = next(iter(right.split()), "")
    return kind


def waits(paths: Sequence[str], user: User, wanted: int = stat.S_IRGRP) -> str:
    """What is said where all these files are open to a group that this user has, from the next login on."""
    groups = set()
    for path in paths:
        try:
            found = os.stat(path)  # noqa: PTH116 - as everywhere in this room
        except OSError:
            return ""
        if found.st_mode & wanted != wanted or found.st_gid in user.active or found.st_gid not in user.granted:
            return ""
        groups.add(group_of(path))
    names = ", ".join(sorted(groups))
    return f"{user.name} is in the group {names}, from the next login on; at once:  sg {names} -c 'joulebook doctor'"


def mode_of(path: str) -> str:
    """Mode, owner and group in words."""
    try:
        found = os.stat(path)  # noqa: PTH116 - as above
    except OSError as error:
        return error.strerror or str(error)
    strange = ", of a user namespace that does not know its owner" if found.st_uid == _NOBODY else ""
    return f"{stat.filemode(found.st_mode)} of group {group_of(path)}{strange}"


def group_of(path: str) -> str:
    """The name of its group; the number where that has none."""
    import grp  # as in this_user

    number = os.stat(path).st_gid  # noqa: PTH116 - as above
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def counted(paths: Sequence[str]) -> str:
    """The first of them, and how many more."""
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more


def counters_of(root: str, depth: int = 3) -> list[str]:
    """Files of the counters of a powercap tree: sysfs links all zones into one folder, elsewhere they are nested."""
    found = []
    for zone in listed(root):
        path = f"{root}/{zone}"
        if os.path.exists(f"{path}/energy_uj"):  # noqa: PTH110 - as everywhere here
            found.append(f"{path}/energy_uj")
        if depth and not os.path.islink(path):  # noqa: PTH114 - as above
            found += counters_of(path, depth - 1)
    return found


def listed(root: str) -> list[str]:
    """Zones of a folder of a powercap tree, links that lead nowhere among them."""
    try:
        return sorted(name for name in os.listdir(root) if name.startswith("intel-rapl"))  # noqa: PTH208 - as above
    except OSError:
        return []


def matching(folder: str, prefix: str) -> list[str]:
    """Files below a folder whose names begin so; folders are not among them."""
    head, _, tail = prefix.rpartition("/")
    folder = f"{folder}/{head}".rstrip("/")
    try:
        names = sorted(name for name in os.listdir(folder) if name.startswith(tail))  # noqa: PTH208 - as above
    except OSError:
        return []
    return [path for name in names if not os.path.isdir(path := f"{folder}/{name}")]  # noqa: PTH112 - as above
