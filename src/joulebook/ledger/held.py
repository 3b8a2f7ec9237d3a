"""Frames that wait in memory until the disk is back: a bounded ring that drops the oldest and counts."""

from __future__ import annotations

from collections import deque
from typing import Final

HELD_RECORDS: Final = 4_096
HELD_BYTES: Final = 4 << 20


class Held:
    """A ring of frames."""

    def __init__(self) -> None:
        self.frames: deque[bytes] = deque()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self.frames)

    def add(self, frame: bytes) -> int:
        """Append a frame; how many old ones had to go."""
        self.frames.append(frame)
        self.bytes += len(frame)
        dropped = 0
        while len(self.frames) > HELD_RECORDS or self.bytes > HELD_BYTES:
            self.drop_first()
            dropped += 1
        return dropped

    def drop_first(self) -> None:
        """Remove the oldest frame."""
        self.bytes -= len(self.frames.popleft())

    def clear(self) -> int:
        """Remove all; how many there were."""
        count, self.bytes = len(self.frames), 0
        self.frames.clear()
        return count
