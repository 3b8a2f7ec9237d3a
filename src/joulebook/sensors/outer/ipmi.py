"""The power of a machine as its own BMC tells it in band: DCMI "Get Power Reading" through /dev/ipmi0.

The kernel's interface is that of its header ipmi.h: a request goes out by one ioctl and its response comes by another.
No other command is ever sent, and none that changes anything.
"""

from __future__ import annotations

import os
import select
from collections.abc import Sequence
from typing import Final, Protocol

from joulebook.errors import SensorDenied, SensorError, SensorUnavailable
from joulebook.sensors.base import POWER, Clock, boottime_ns
from joulebook.sensors.outer.address import Address
from joulebook.sensors.outer.meter import SERVER_LIMIT_W, OuterMeter, micro

DEVICE: Final = "/dev/ipmi0"
POWER_READING: Final = bytes((0xDC, 0x01, 0x00, 0x00))
"""Body of the request: group DCMI, statistics of the system's power, two bytes that are reserved."""
NET_FN, COMMAND = 0x2C, 0x02
_ACTIVE: Final = 0x40
_ACCURACY: Final = (0.10, "90 % range: a judgement; what reads the power behind the BMC is not known")
_ANSWER_S: Final = 1.5
_CODES: Final = {
    0xC1: "the BMC does not know DCMI",
    0xC0: "the BMC is busy",
    0xCB: "the BMC has no power reading",
    0xD4: "the BMC refuses it to this interface",
}


class Door(Protocol):
    """What `Ipmi` needs of the kernel; `_Device` is the real one."""

    def ask(self, net_fn: int, command: int, body: bytes, wait_s: float) -> bytes:
        """The body of the response, which begins with the completion code; raises OSError."""

    def close(self) -> None:
        """Close the device."""


class Ipmi(OuterMeter):
    """`ipmi`, or with another device: ipmi:///dev/ipmi1 ."""

    every_ns = 2_000_000_000

    def __init__(self, address: Address, clock: Clock = boottime_ns, door: Door | None = None) -> None:
        super().__init__(address, clock)
        path = f"/{address.path}" if address.path else DEVICE
        try:
            self._door: Door = _Device(path) if door is None else door
        except FileNotFoundError:
            raise SensorUnavailable(f"there is no {path}", "with a BMC:  sudo modprobe ipmi_devintf ipmi_si") from None
        except PermissionError:
            raise SensorDenied(
                f"{path}: Permission denied",
                f"sudo chgrp energy {path} && sudo chmod g+rw {path}  lets a group send any command to the BMC, to "
                "switch it off as well; Redfish with a user that may only read is the safer way",
            ) from None
        except OSError as error:
            raise SensorUnavailable(f"{path}: {error.strerror or error}") from None
        try:
            self.look()
        except (SensorError, OSError):
            self.close()
            raise
        method = f"what the BMC tells (DCMI, {path}), asked every {self.every_ns // 10**9} s"
        self.channels = [self.channel("power", POWER, method, _ACCURACY, SERVER_LIMIT_W)]

    def look(self) -> Sequence[object]:
        """The present power in microwatts."""
        return [micro(watts_of(self._door.ask(NET_FN, COMMAND, POWER_READING, _ANSWER_S)))]

    def close(self) -> None:
        """Close the device; a second call does nothing."""
        if not self._closed:
            super().close()
            self._door.close()


def watts_of(response: bytes) -> int:
    """The present power in a response to "Get Power Reading"; raises SensorError where it has none."""
    code = response[0] if response else 0xFF
    if code:
        raise SensorError(_CODES.get(code, f"the BMC answers with the code 0x{code:02X}"))
    if len(response) < 19 or response[1] != POWER_READING[0]:
        raise SensorError("the BMC's answer is no power reading")
    if not response[18] & _ACTIVE:
        raise SensorError("the BMC's power measurement is not active")
    return int.from_bytes(response[2:4], "little")


# -- the kernel's interface: include/uapi/linux/ipmi.h ---------------------------------------------------------

_SYSTEM_INTERFACE, _BMC_CHANNEL = 0x0C, 0x0F
_RESPONSE: Final = 1
_RESPONSE_MAX: Final = 272
_READ, _WRITE = 2, 1


class _Device:
    """An open /dev/ipmi*."""

    def __init__(self, path: str) -> None:
        import ctypes  # several milliseconds, for those who named this meter
        from fcntl import ioctl  # as above

        class Message(ctypes.Structure):
            _fields_ = (
                ("net_fn", ctypes.c_ubyte),
                ("command", ctypes.c_ubyte),
                ("length", ctypes.c_ushort),
                ("data", ctypes.c_void_p),
            )

        class Request(ctypes.Structure):
            _fields_ = (
                ("address", ctypes.c_void_p),
                ("address_length", ctypes.c_uint),
                ("number", ctypes.c_long),
                ("message", Message),
            )

        class Received(ctypes.Structure):
            _fields_ = (
                ("kind", ctypes.c_int),
                ("address", ctypes.c_void_p),
                ("address_length", ctypes.c_uint),
                ("number", ctypes.c_long),
                ("message", Message),
            )

        class SystemInterface(ctypes.Structure):
            _fields_ = (("kind", ctypes.c_int), ("channel", ctypes.c_short), ("lun", ctypes.c_ubyte))

        self._ctypes, self._ioctl = ctypes, ioctl
        self._message, self._request, self._received, self._interface = Message, Request, Received, SystemInterface
        self._send = number(_READ, 13, ctypes.sizeof(Request))
        self._receive = number(_READ | _WRITE, 11, ctypes.sizeof(Received))
        self._count = 0
        self._descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)

    def ask(self, net_fn: int, command: int, body: bytes, wait_s: float) -> bytes:
        ctypes = self._ctypes
        self._count += 1
        to = self._interface(_SYSTEM_INTERFACE, _BMC_CHANNEL, 0)
        sent = ctypes.create_string_buffer(body, len(body))
        message = self._message(net_fn, command, len(body), ctypes.addressof(sent))
        request = self._request(ctypes.addressof(to), ctypes.sizeof(to), self._count, message)
        self._ioctl(self._descriptor, self._send, request)
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        while poll.poll(wait_s * 1_000):
            room, origin = ctypes.create_string_buffer(_RESPONSE_MAX), ctypes.create_string_buffer(32)
            into = self._message(0, 0, _RESPONSE_MAX, ctypes.addressof(room))
            received = self._received(0, ctypes.addressof(origin), 32, 0, into)
            self._ioctl(self._descriptor, self._receive, received)
            if received.kind == _RESPONSE and received.number == self._count:  # not one that came too late
                return bytes(room.raw[: received.message.length])
        raise SensorError(f"the BMC did not answer within {wait_s:g} s")

    def close(self) -> None:
        os.close(self._descriptor)


def number(direction: int, command: int, size: int) -> int:
    """The number of an ioctl of the kernel's IPMI interface, on x86 and ARM."""
    return direction << 30 | size << 16 | ord("i") << 8 | command
