"""A name for this machine that is the same on every boot and tells nobody which machine it is."""

from __future__ import annotations

from typing import Final

from joulebook.sensors.host import beginning

_FILES: Final = ("etc/machine-id", "var/lib/dbus/machine-id")
_CPUINFO: Final = "proc/cpuinfo"


def machine_subject(root: str = "/") -> str:
    """The word machine, and twelve digits: a hash of the machine id and its processor; "" where the machine has no id.

    The id itself is never written down (machine-id(5) asks for that). The processor is part of it, because copies
    of one disk image share an id.
    """
    root = root.rstrip("/")
    identity = next((text for name in _FILES if (text := beginning(f"{root}/{name}", 64).strip())), "")
    if not identity or identity == "uninitialized":
        return ""
    from hashlib import sha256  # 3 ms, for those who have calibrated

    lines = beginning(f"{root}/{_CPUINFO}", 4_096).splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model"))), "")
    return f"machine.{sha256(f'joulebook {identity} {model}'.encode()).hexdigest()[:12]}"
