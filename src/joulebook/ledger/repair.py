"""A line of a journal in which a single bit has turned, put right by its own checksum.

A CRC-32 is linear: a turned bit changes it by an amount that depends on the bit's distance from the end alone, and no
two bits of a line as short as these change it alike. Reading never repairs; `joulebook recover` does, and says so.
"""

from __future__ import annotations

import zlib
from typing import Final

from joulebook.ledger.frame import unframe

LONGEST: Final = 64 << 10
"""Bytes of a line up to which it is tried: the checksum tells single bits apart in lines of that length."""
_CRC_CHARS: Final = 9
_TABLE: Final = [zlib.crc32(bytes((byte,))) ^ zlib.crc32(b"\0") for byte in range(256)]


def repaired(line: bytes) -> bytes | None:
    """The line as it was before one of its bits turned; None where more than that has happened to it."""
    if len(line) > LONGEST or line[-1:] != b"\n" or len(line) < _CRC_CHARS + 2:
        return None
    body = line[_CRC_CHARS:-1]
    right = b"%08x " % zlib.crc32(body)
    found: bytes | None = None
    if _bits(line[:_CRC_CHARS], right) == 1:
        found = right + line[_CRC_CHARS:]
    else:
        try:
            stated = int(line[: _CRC_CHARS - 1], 16)
        except ValueError:
            return None
        place = _turned(stated ^ zlib.crc32(body), len(body))
        if place is not None:
            index, bit = place
            mended = bytearray(body)
            mended[index] ^= 1 << bit
            found = line[:_CRC_CHARS] + bytes(mended) + b"\n"
    return found if found is not None and unframe(found) is not None else None


def _bits(left: bytes, right: bytes) -> int:
    return sum((a ^ b).bit_count() for a, b in zip(left, right, strict=True))


def _turned(syndrome: int, length: int) -> tuple[int, int] | None:
    """Byte and bit whose turning changes the checksum of so many bytes by `syndrome`."""
    changes = [_TABLE[1 << bit] for bit in range(8)]
    for index in range(length - 1, -1, -1):
        for bit, change in enumerate(changes):
            if change == syndrome:
                return index, bit
        changes = [(change >> 8) ^ _TABLE[change & 0xFF] for change in changes]
    return None
