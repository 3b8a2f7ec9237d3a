"""The power meter of the firmware (ACPI 4.0), as the kernel's driver acpi_power_meter shows it through hwmon.

Some servers have one; it tells how long it averages and how accurate it claims to be. It is slow, and outside of what
the other sensors see: an outer meter, used where `JOULEBOOK_METERS` names `acpi`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from joulebook.errors import SensorDenied, SensorUnavailable
from joulebook.sensors.attributes import Attributes, number
from joulebook.sensors.base import DENIED, POWER, Clock, boottime_ns
from joulebook.sensors.host import HWMON, beginning
from joulebook.sensors.outer.address import Address
from joulebook.sensors.outer.meter import SERVER_LIMIT_W, OuterMeter

DRIVER: Final = "power_meter"
_UNSAID: Final = (0.10, "90 % range: a judgement; the firmware tells no accuracy")
_LONGEST_MS: Final = 3_600_000


class AcpiMeter(OuterMeter):
    """`acpi`: the first such meter that shows a power."""

    every_ns = 2_000_000_000

    def __init__(self, address: Address, clock: Clock = boottime_ns, root: str = "/") -> None:
        super().__init__(address, clock)
        folder = self._folder(f"{root.rstrip('/')}/{HWMON}")
        try:
            self._file = Attributes([f"{folder}/power1_average"], number)
        except PermissionError:
            raise SensorDenied("power1_average: Permission denied", f"sudo chmod a+r {folder}/power1_average") from None
        except OSError as error:
            raise SensorUnavailable(f"power1_average: {error.strerror or error}") from None
        window_ms = beginning(f"{folder}/power1_average_interval", 64).strip()
        if window_ms.isascii() and window_ms.isdigit() and 0 < int(window_ms) <= _LONGEST_MS and not address.window_ns:
            self.address = address._replace(window_ns=int(window_ms) * 1_000_000)
        accuracy = accuracy_of(beginning(f"{folder}/power1_accuracy", 64)) or _UNSAID
        method = f"what the firmware's power meter shows, read every {self.every_ns // 10**9} s"
        self.channels = [self.channel("power", POWER, method, accuracy, SERVER_LIMIT_W)]

    def look(self) -> Sequence[object]:
        """The mean power in microwatts of the meter's own interval."""
        raw = self._file.value(self._clock())
        if raw == DENIED:
            raise SensorDenied("power1_average: Permission denied")
        if raw is None:
            raise SensorUnavailable("power1_average cannot be read")
        return [raw]

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        super().close()
        self._file.close()

    @staticmethod
    def _folder(hwmon: str) -> str:
        try:
            names = sorted(os.listdir(hwmon), key=lambda name: (len(name), name))  # noqa: PTH208 - no pathlib here
        except OSError:
            names = []
        for name in names:
            if beginning(f"{hwmon}/{name}/name", 64).strip() == DRIVER:
                return f"{hwmon}/{name}"
        raise SensorUnavailable("the kernel shows no ACPI power meter", "sudo modprobe acpi_power_meter")


def accuracy_of(text: str) -> tuple[float, str] | None:
    """The share by which a meter may be wrong that says it is 95.0 % accurate; None where it does not say."""
    word = text.strip().removesuffix("%")
    try:
        share = 1 - float(word) / 100
    except ValueError:
        return None
    if not 0 < share <= 0.5:
        return None
    return share, f"the firmware says {word} % (power1_accuracy), taken as a 90 % range"
