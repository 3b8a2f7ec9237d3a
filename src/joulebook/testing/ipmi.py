"""A BMC of known power behind the kernel's IPMI interface, for machines without one.

`FakeBmc` answers "Get Power Reading" of DCMI as it is specified; `FakeKernel` is /dev/ipmi0 in front of it: its
`ioctl` reads and writes the structures of the kernel's header in memory, as the kernel does.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from joulebook.sensors.base import Clock, boottime_ns
from joulebook.sensors.outer.ipmi import COMMAND, NET_FN, POWER_READING
from joulebook.testing.fake import Load

SEND, RECEIVE = 0x8028690D, 0xC030690B
"""IPMICTL_SEND_COMMAND and IPMICTL_RECEIVE_MSG_TRUNC of a machine of 64 bits, as other programs have them."""
_PERIOD_MS: Final = 1_000


class FakeBmc:
    """A BMC whose machine draws `load`; `code` is the completion code of its answers, `active` whether it measures."""

    def __init__(self, load: Load | None = None, clock: Clock = boottime_ns) -> None:
        self.load = load or Load.constant(214.0)
        self.clock = clock
        self.code = 0
        self.active = True
        self.mute = False
        self.short = False
        self.asked = 0
        self.closed = 0

    def ask(self, net_fn: int, command: int, body: bytes, wait_s: float) -> bytes:
        """The response to a request; raises TimeoutError while it is mute."""
        self.asked += 1
        if self.mute:
            raise TimeoutError(f"nothing within {wait_s:g} s")
        if (net_fn, command, body) != (NET_FN, COMMAND, POWER_READING):
            return b"\xc1"
        if self.code:
            return bytes((self.code,))
        watts = round(self.load.power_uw(self.clock()) / 1e6)
        powers = b"".join(value.to_bytes(2, "little") for value in (watts, 2, 468, 184))
        times = (1_700_000_000).to_bytes(4, "little") + _PERIOD_MS.to_bytes(4, "little")
        whole = bytes((0, POWER_READING[0])) + powers + times + bytes((0x40 if self.active else 0,))
        return whole[:10] if self.short else whole

    def close(self) -> None:
        """Note that it was closed."""
        self.closed += 1


class _Message(ctypes.Structure):
    _fields_ = (
        ("net_fn", ctypes.c_ubyte),
        ("command", ctypes.c_ubyte),
        ("length", ctypes.c_ushort),
        ("data", ctypes.c_void_p),
    )


class FakeKernel:
    """/dev/ipmi0 as a pipe below `folder`, which can be read while a response waits; give its `ioctl` to fcntl."""

    def __init__(self, bmc: FakeBmc, folder: str | Path) -> None:
        self.bmc = bmc
        self.path = str(Path(folder) / "ipmi0")
        os.mkfifo(self.path)
        self._responses: list[tuple[int, bytes]] = []
        self.late: Callable[[int], int] | None = None
        """Makes the number of a response that is not the one of its request; it comes before the right one."""

    def ioctl(self, descriptor: int, number: int, given: Any) -> int:  # noqa: ANN401 - a structure of the caller
        """Take a request, or hand out a response."""
        layout = ctypes.addressof(given)
        if number == SEND:
            message = _Message.from_address(layout + 24)
            serial = ctypes.c_long.from_address(layout + 16).value
            to = ctypes.c_void_p.from_address(layout).value or 0
            if ctypes.c_int.from_address(to).value != 0x0C or ctypes.c_short.from_address(to + 4).value != 0x0F:
                raise OSError(22, os.strerror(22))
            body = ctypes.string_at(message.data, message.length)
            answer = self.bmc.ask(message.net_fn, message.command, body, 1.0)
            if self.late:
                self._responses.append((self.late(serial), b"\xc0"))
            self._responses.append((serial, answer))
            os.write(descriptor, b"." * len(self._responses))
        elif number == RECEIVE:
            os.read(descriptor, 1)
            serial, answer = self._responses.pop(0)
            message = _Message.from_address(layout + 32)
            ctypes.memmove(message.data, answer, len(answer))
            message.length = len(answer)
            ctypes.c_int.from_address(layout).value = 1
            ctypes.c_long.from_address(layout + 24).value = serial
        else:
            raise OSError(25, os.strerror(25))
        return 0
