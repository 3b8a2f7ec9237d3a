"""Boards of known power as hwmon and power_supply show them: what `Hwmon` and `Battery` read on machines without."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from joulebook.sensors.host import HWMON, POWER_SUPPLIES

ORIN_NX: Final[Mapping[str, tuple[int, int]]] = {
    "VDD_IN": (4_944, 2_400),
    "VDD_CPU_GPU_CV": (4_944, 900),
    "VDD_SOC": (4_944, 500),
}
"""Rails of a Jetson Orin NX: millivolts and milliamperes of each label."""
AGX_ORIN: Final[tuple[Mapping[str, tuple[int, int]], ...]] = (
    {"VDD_GPU_SOC": (19_000, 400), "VDD_CPU_CV": (19_000, 100), "VIN_SYS_5V0": (5_000, 800)},
    {"NC": (0, 0), "VDDQ_VDD2_1V8AO": (5_000, 300)},
)
"""The two chips of a Jetson AGX Orin, which has no rail for the whole."""


class FakeSys:
    """A /sys below `root`; files change in place, as a reader with an open descriptor needs it."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        self._chips = 0
        (self.root / HWMON).mkdir(parents=True, exist_ok=True)
        (self.root / POWER_SUPPLIES).mkdir(parents=True, exist_ok=True)

    def chip(self, driver: str, files: Mapping[str, object]) -> Path:
        """A chip of hwmon with these files; returns its folder."""
        folder = self.root / HWMON / f"hwmon{self._chips}"
        self._chips += 1
        self.write(folder, {"name": driver, **files})
        return folder

    def jetson(self, rails: Mapping[str, tuple[int, int]]) -> Path:
        """An INA3221 with these rails."""
        files: dict[str, object] = {}
        for index, (label, (volts, amperes)) in enumerate(rails.items(), 1):
            files |= {f"in{index}_label": label, f"in{index}_input": volts, f"curr{index}_input": amperes}
        return self.chip("ina3221", files)

    def sockets(self, *microjoules: int, driver: str = "amd_energy") -> Path:
        """AMD's energy driver: two cores, then a counter for each socket."""
        labels = ["Ecore000", "Ecore001", *(f"Esocket{number}" for number in range(len(microjoules)))]
        files: dict[str, object] = {}
        for index, (label, value) in enumerate(zip(labels, (1, 1, *microjoules), strict=True), 1):
            files |= {f"energy{index}_label": label, f"energy{index}_input": value}
        return self.chip(driver, files)

    def battery(self, name: str = "BAT0", status: str = "Discharging", **files: object) -> Path:
        """A battery with these files, such as power_now=15_000_000."""
        folder = self.root / POWER_SUPPLIES / name
        self.write(folder, {"type": "Battery", "status": status, **files})
        return folder

    def write(self, folder: Path, files: Mapping[str, object]) -> None:
        """Write files, padded to a length that does not change."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, value in files.items():
            with (folder / name).open("r+" if (folder / name).exists() else "w", encoding="ascii") as file:
                file.write(f"{value}".ljust(24) + "\n")
