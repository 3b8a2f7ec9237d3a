"""Smart plugs that measure: Shelly (all generations) and Tasmota, asked over the local network.

Both show a power and count an energy. Both are kept; which of them an account uses depends on how often the counter
has moved (`meter/outer.py`). They see everything that is plugged into them.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from joulebook.errors import SensorDenied, SensorError, SensorUnavailable
from joulebook.sensors.base import COUNTER, POWER, Clock, boottime_ns
from joulebook.sensors.outer.address import Address
from joulebook.sensors.outer.http import CREDENTIALS, DEADLINE_S, Http, NotThere
from joulebook.sensors.outer.meter import PLUG_LIMIT_W, OuterMeter, field, micro

_ACCURACY: Final = (0.05, "90 % range: a judgement; no accuracy is promised for all of these plugs and loads")
_WATT_MINUTE, _WATT_HOUR, _KILOWATT_HOUR = 60.0, 3_600.0, 3_600_000.0
_COMPONENTS: Final = (("Switch", "apower", ("aenergy", "total")), ("PM1", "apower", ("aenergy", "total")))
"""Components of second-generation Shellys: their power in W, and their energy in Wh."""


class _Plug(OuterMeter):
    def __init__(self, address: Address, clock: Clock = boottime_ns, deadline_s: float = DEADLINE_S) -> None:
        super().__init__(address, clock)
        if address.path and not (address.path.isascii() and address.path.isdigit()):
            raise SensorUnavailable(
                f"{address.path!r} is no outlet", "give its number, such as shelly://192.168.1.20/1"
            )
        self._outlet = int(address.path or 0)
        self._http = Http(address, deadline_s)
        values = self.look()
        channels = [
            self.channel("power", POWER, "what the plug shows, asked every second", _ACCURACY, PLUG_LIMIT_W),
            self.channel("energy", COUNTER, "what the plug has counted", _ACCURACY, PLUG_LIMIT_W),
        ]
        if type(values[0]) is not int:
            raise SensorUnavailable("it shows no power: a plug without a meter, or another outlet")
        self.channels = channels[: 2 if type(values[1]) is int else 1]

    @abstractmethod
    def read_both(self) -> tuple[object, object]:
        """Power in microwatts and energy in microjoules."""

    def look(self) -> Sequence[object]:
        """Power and, where it counts, energy."""
        both = self.read_both()
        return both[: len(self.channels) or 2]


class Shelly(_Plug):
    """A Shelly; the number after the host is its outlet: shelly://192.168.1.20/1 is the second."""

    _generation = 0
    _component = 0

    def read_both(self) -> tuple[object, object]:
        """By the interface of its generation."""
        if not self._generation:
            told = field(self._http.get("/shelly"), "gen")
            self._generation = told if isinstance(told, int) and told > 1 else 1
        return self._first() if self._generation == 1 else self._later()

    def _first(self) -> tuple[object, object]:
        """/status: plugs have `meters`, which count watt-minutes, energy meters `emeters`, which count watt-hours."""
        status = self._http.get("/status")
        for name, unit in (("emeters", _WATT_HOUR), ("meters", _WATT_MINUTE)):
            meter = field(status, name, self._outlet)
            if meter is not None and field(meter, "is_valid") is not False:
                return micro(field(meter, "power")), micro(field(meter, "total"), unit)
        return None, None

    def _later(self) -> tuple[object, object]:
        while True:
            name, power, energy = _COMPONENTS[self._component]
            try:
                status = self._http.get(f"/rpc/{name}.GetStatus?id={self._outlet}")
            except NotThere:
                if self._component + 1 == len(_COMPONENTS):
                    raise
                self._component += 1
            else:
                return micro(field(status, power)), micro(field(status, *energy), _WATT_HOUR)


class Tasmota(_Plug):
    """A plug that runs Tasmota; the number after the host is its outlet, without one all of them count."""

    _wants = False

    def read_both(self) -> tuple[object, object]:
        """By the command Status 8."""
        status = self._ask()
        if field(status, "WARNING") is not None:
            raise SensorDenied("it wants a user and a password", CREDENTIALS)
        energy = field(status, "StatusSNS", "ENERGY")
        if energy is None:
            raise SensorError("it shows no energy: a plug without a meter")
        return micro(self._sum(field(energy, "Power"))), micro(self._sum(field(energy, "Total")), _KILOWATT_HOUR)

    def _ask(self) -> object:
        """Status 8; a password, which it wants in the request itself, only once it was asked for."""
        asked = "/cm?cmnd=Status%208"
        if not self._wants:
            try:
                status = self._http.get(asked)
            except SensorDenied:
                status = {"WARNING": ""}
            if field(status, "WARNING") is None or not self.address.password:
                return status
            self._wants = True
        user, password = quote(self.address.user or "admin", safe=""), quote(self.address.password, safe="")
        return self._http.get(f"{asked}&user={user}&password={password}")

    def _sum(self, value: object) -> object:
        """Several outlets show a list."""
        if not isinstance(value, list):
            return value
        if self.address.path:
            return field(value, self._outlet)
        return sum(value) if all(isinstance(one, int | float) for one in value) else None
