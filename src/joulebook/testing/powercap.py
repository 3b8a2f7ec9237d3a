"""A powercap tree in a folder, of known power: what `Rapl` reads on machines without one.

The files change in place and keep their length, as a reader with an open descriptor needs it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple, Self

from joulebook.sensors.base import Clock, boottime_ns

LAYOUTS: Final = ("nested", "flat", "links")
"""Children inside their parent; all zones beside each other; or flat links into a nested tree, as sysfs has it."""
_WIDTH: Final = 20


class Zone(NamedTuple):
    """One zone of a powercap tree: its folder name ("intel-rapl:0:1"), what it covers and its true power."""

    folder: str
    name: str
    watts: float
    wrap_uj: int | None = 262_143_328_850
    """None: the tree has no range file for this zone."""
    start_uj: int = 0


TWO_SOCKETS: Final = (
    Zone("intel-rapl:0", "package-0", 95.0, start_uj=262_143_000_000),
    Zone("intel-rapl:0:0", "core", 60.0),
    Zone("intel-rapl:0:1", "dram", 12.0, 65_712_999_613),
    Zone("intel-rapl:1", "package-1", 70.0),
    Zone("intel-rapl:1:0", "core", 40.0),
    Zone("intel-rapl:1:1", "dram", 8.0, 65_712_999_613),
)
"""Two packages with cores and memory; the counter of package 0 starts 0.3 J before it wraps."""


class PowercapTree:
    """A fake powercap tree; `advance` or `running` lets its energy grow."""

    def __init__(self, root: Path, zones: Sequence[Zone], clock: Clock = boottime_ns) -> None:
        self.root = root
        self.zones = tuple(zones)
        self._clock = clock
        self._seconds = 0.0
        self._files: dict[str, int] = {}
        self._retired: list[int] = []

    def folder(self, zone: Zone) -> Path:
        """The real folder of a zone."""
        return next(path for path in self.root.rglob(zone.folder) if not path.is_symlink())

    def true_uj(self, zone: Zone) -> int:
        """Energy that the zone has used since the tree was made, in microjoules."""
        return round(zone.watts * self._seconds * 1e6)

    def advance(self, seconds: float) -> None:
        """Let every zone use its power for that long and show it."""
        self._seconds += seconds
        self.show()

    def show(self) -> None:
        """Write all counters."""
        for zone in self.zones:
            shown = zone.start_uj + self.true_uj(zone)
            if zone.wrap_uj:
                shown %= zone.wrap_uj
            os.pwrite(self._descriptor(zone), str(shown).ljust(_WIDTH).encode() + b"\n", 0)

    def _descriptor(self, zone: Zone) -> int:
        if zone.folder not in self._files:
            path = self.folder(zone) / "energy_uj"
            self._files[zone.folder] = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        return self._files[zone.folder]

    def renew(self, zone: Zone, mode: int) -> None:
        """Put a new file of this mode in place of a counter, as a driver does that is loaded anew."""
        path = self.folder(zone) / "energy_uj"
        new = path.with_name("new")
        new.write_text(path.read_text())
        descriptor = os.open(new, os.O_WRONLY | os.O_CLOEXEC)
        new.chmod(mode)
        new.replace(path)
        self._retired.append(self._descriptor(zone))  # a thread may be writing to it now
        self._files[zone.folder] = descriptor

    @contextmanager
    def running(self, every_s: float = 0.001) -> Iterator[PowercapTree]:
        """Keep the tree up to date with real time from a thread, until the block is left."""
        ended = threading.Event()
        thread = threading.Thread(target=self.serve, args=(ended, every_s), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            ended.set()
            thread.join()

    def serve(self, ended: threading.Event, every_s: float = 0.001) -> None:
        """Keep the tree up to date with real time until `ended` is set."""
        before = self._clock()
        while not ended.wait(every_s):
            now = self._clock()
            self.advance((now - before) / 1e9)
            before = now

    def close(self) -> None:
        """Close the files that are written; the tree stays."""
        for descriptor in (*self._files.values(), *self._retired):
            os.close(descriptor)
        self._files.clear()
        self._retired.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def write_powercap_tree(
    folder: str | Path, zones: Sequence[Zone] = TWO_SOCKETS, layout: str = "nested", clock: Clock = boottime_ns
) -> PowercapTree:
    """Make a powercap tree under `folder`, which becomes the root to give to `Rapl`."""
    root = Path(folder)
    real = root / "devices" if layout == "links" else root
    for zone in zones:
        place = real / _place(zone.folder, nested=layout != "flat")
        place.mkdir(parents=True)
        (place / "name").write_text(zone.name + "\n")
        (place / "enabled").write_text("1\n")
        if zone.wrap_uj is not None:
            (place / "max_energy_range_uj").write_text(f"{zone.wrap_uj}\n")
        if layout == "links":
            (root / zone.folder).symlink_to(place.relative_to(root))
    tree = PowercapTree(root, zones, clock)
    tree.show()
    return tree


def _place(folder: str, *, nested: bool) -> Path:
    """Where a zone stands: under its parents ("a:0/a:0:1") or by itself."""
    parts = folder.split(":")
    names = [":".join(parts[:count]) for count in range(2, len(parts) + 1)] if nested else [folder]
    return Path(*names)
