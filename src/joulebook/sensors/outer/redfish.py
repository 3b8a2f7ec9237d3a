"""The power of a machine as its BMC shows it by Redfish (DSP0266): its power control, or its environment metrics.

A BMC reads the power supplies' inputs, every second or as an average of minutes; where it tells how long, or the user
does (`?window=300`), that goes with the channel. Every reading is one request, no oftener than every five seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from joulebook.errors import SensorUnavailable
from joulebook.sensors.base import POWER, Clock, boottime_ns
from joulebook.sensors.outer.address import Address
from joulebook.sensors.outer.http import Http, NotThere
from joulebook.sensors.outer.meter import SERVER_LIMIT_W, OuterMeter, field, micro

_ACCURACY: Final = (0.10, "90 % range: a judgement; Redfish (DSP0268) promises no accuracy of PowerConsumedWatts")
_ROOT: Final = "/redfish/v1/Chassis"
_LINK: Final = "@odata.id"
_CHASSIS_MAX: Final = 8
_LONGEST_S: Final = 3_600.0
_DEADLINE_S: Final = 4.0
"""BMCs are small computers: a second for an answer is usual."""


class Redfish(OuterMeter):
    """redfish+https://BMC, or with the path of one chassis: redfish+https://BMC/redfish/v1/Chassis/1 ."""

    every_ns = 5_000_000_000
    open_s = 6.0
    late_s = 6.0

    def __init__(self, address: Address, clock: Clock = boottime_ns, deadline_s: float = _DEADLINE_S) -> None:
        super().__init__(address, clock)
        self._http = Http(address, deadline_s)
        self._path, self._names, window_ns = self._find()
        if window_ns and not address.window_ns:
            self.address = address._replace(window_ns=window_ns)
        method = f"what the BMC shows at {self._path}, asked every {self.every_ns // 10**9} s"
        self.channels = [self.channel("power", POWER, method, _ACCURACY, SERVER_LIMIT_W)]

    def look(self) -> Sequence[object]:
        """The present power in microwatts."""
        return [micro(field(self._http.get(self._path), *self._names))]

    def _find(self) -> tuple[str, tuple[str | int, ...], int]:
        """Where a power stands: the document, the names inside it, and over how long it is averaged."""
        for chassis in self._chassis():
            document = self._http.get(chassis)
            environment = field(document, "EnvironmentMetrics", _LINK)
            if isinstance(environment, str):
                metrics = self._there(environment)
                if type(micro(field(metrics, "PowerWatts", "Reading"))) is int:
                    return environment, ("PowerWatts", "Reading"), self._averaged(metrics)
            power = field(document, "Power", _LINK)
            if isinstance(power, str):
                control = field(self._there(power), "PowerControl", 0)
                if type(micro(field(control, "PowerConsumedWatts"))) is int:
                    return power, ("PowerControl", 0, "PowerConsumedWatts"), 0
        raise SensorUnavailable("no chassis shows a power: neither PowerControl nor EnvironmentMetrics")

    def _chassis(self) -> Iterator[str]:
        if self.address.path:
            yield f"/{self.address.path}"
            return
        members = field(self._http.get(_ROOT), "Members")
        for member in members[:_CHASSIS_MAX] if isinstance(members, list) else ():
            link = field(member, _LINK)
            if isinstance(link, str):
                yield link

    def _there(self, path: str) -> object:
        try:
            return self._http.get(path)
        except NotThere:
            return None

    def _averaged(self, metrics: object) -> int:
        """Nanoseconds over which the sensor behind the metrics averages, where it says so."""
        link = field(metrics, "PowerWatts", "DataSourceUri")
        sensor = self._there(link) if isinstance(link, str) else None
        return int(seconds(field(sensor, "AveragingInterval")) * 1e9)


def seconds(duration: object) -> float:
    """A duration as Redfish writes it ("PT5M", "PT1.5S"), in seconds; 0 for what is none, or longer than an hour."""
    if not isinstance(duration, str) or not duration.startswith("PT"):
        return 0.0
    total, number = 0.0, ""
    for char in duration[2:]:
        if char in "HMS":
            try:
                total += float(number) * {"H": 3_600, "M": 60, "S": 1}[char]
            except ValueError:
                return 0.0
            number = ""
        else:
            number += char
    return total if not number and 0 <= total <= _LONGEST_S else 0.0
