"""What a Mac says of itself through sysctl (sysctlbyname of libSystem): chip, memory, boot, and whether it is virtual.

Called on macOS only; nothing here starts a process. What is not known stays empty.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final, NamedTuple

Sysctl = Callable[[str], bytes]
"""Returns the raw value under a name; no bytes where there is none."""
ON_A_MAC: Final = str(sys.platform) == "darwin"
_LONGEST: Final = 1_024


class Mac(NamedTuple):
    """A Mac, as far as it shows itself."""

    model: str = ""
    logical_cpus: int = 0
    memory_bytes: int = 0
    virtual: bool = False
    boot_id: str = ""


def read_mac(sysctl: Sysctl | None = None) -> Mac:
    """The Mac that this runs on."""
    ask = sysctl or _sysctl()
    return Mac(
        model=_text(ask("machdep.cpu.brand_string")),
        logical_cpus=_number(ask("hw.logicalcpu")),
        memory_bytes=_number(ask("hw.memsize")),
        virtual=bool(_number(ask("kern.hv_vmm_present"))),
        boot_id=boot_session(ask),
    )


def boot_session(sysctl: Sysctl | None = None) -> str:
    """The kernel's random name of this boot, else when it began; "" where neither is told."""
    ask = sysctl or _sysctl()
    began = ask("kern.boottime")
    named = _text(ask("kern.bootsessionuuid")).lower()
    return named or (f"boot-{int.from_bytes(began[:8], 'little')}" if len(began) >= 8 else "")


def _text(raw: bytes) -> str:
    return raw.split(b"\0")[0].decode("utf-8", "replace").strip()


def _number(raw: bytes) -> int:
    """Macs write the low byte first."""
    return int.from_bytes(raw, "little") if len(raw) in (4, 8) else 0


def _sysctl() -> Sysctl:
    import ctypes  # several milliseconds, on Macs only

    call = getattr(ctypes.CDLL(None), "sysctlbyname", None)

    def ask(name: str) -> bytes:
        if call is None:
            return b""
        size = ctypes.c_size_t(_LONGEST)
        buffer = ctypes.create_string_buffer(_LONGEST)
        failed = call(name.encode(), buffer, ctypes.byref(size), None, ctypes.c_size_t(0))
        return b"" if failed else buffer.raw[: size.value]

    return ask
