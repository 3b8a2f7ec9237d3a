"""What a run has used so far, in the units of its budget; carbon and money by the rules and facts of its statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from joulebook.meter.limits import Limit
from joulebook.run.trail import joules_at
from joulebook.sensors.base import boottime_ns

if TYPE_CHECKING:
    from joulebook.account.statement import Statement
    from joulebook.meter.opening import Opened
    from joulebook.sensors.base import Channel

_GROWN: Final = 2.0
"""Energies are priced anew when so many times as much has been used."""
Ends = tuple[float, float, float]
"""A value with its 5th and 95th percentile, in the unit of a limit."""


class Spending:
    """What a run, or a part of one that begins now, has used in units of limits. Not for the trained thread."""

    def __init__(self, opened: Opened, *, part: bool = False) -> None:
        began = opened.head.get("boot_ns")
        self._opened = opened
        self.began_ns = began if isinstance(began, int) and not part else boottime_ns()
        self.seconds_before = (self.began_ns - began) / 1e9 if isinstance(began, int) else 0.0
        """Of the recording, before a part of it began."""
        self._before = dict(self._devices()) if part else {}
        self._joules_before: float | None = None if part else 0.0
        self.notices: list[str] = []
        """Why a limit cannot be watched, and what else is to be known."""
        self._rates: dict[str, tuple[float | None, float]] = {}
        """By unit, with the energy at which it was priced."""

    @property
    def joules_before(self) -> float:
        """Used before a part of a recording began; between two readings, of which the second may come later."""
        if self._joules_before is None:
            self._joules_before = joules_at(list(self._opened.recorder.trail), self.began_ns)
        return self._joules_before or 0.0

    def amount(self, limit: Limit, at_ns: int = 0) -> float | None:
        """What has been used of this kind until now, or a moment ago; None where it is not known."""
        now = at_ns or boottime_ns()
        if limit.kind == "duration":
            return (now - self.began_ns) / 1e9
        joules = joules_at(list(self._opened.recorder.trail), now)
        if joules is None:
            return None
        joules -= self.joules_before
        rate = self.rate(limit, joules)
        return None if rate is None else rate * joules

    def rate(self, limit: Limit, joules: float) -> float | None:
        """Units of the limit for a joule of the machine's devices."""
        head = self._opened.head
        if head.get("share", "machine") != "machine":
            self._remark(
                f"budget {limit.text}: not watched, for what falls to a run whose share is {head['share']}"
                " is known at its end; give it a time, or record it with the share machine"
            )
            return None
        if limit.kind == "energy" and not head.get("site"):
            return 1.0
        if limit.unit not in self._rates or joules > _GROWN * self._rates[limit.unit][1]:
            self._rates[limit.unit] = self._priced(limit, joules), joules
        return self._rates[limit.unit][0]

    def statement(self) -> Statement:
        """The account of what has been used so far."""
        from joulebook.run.ahead import so_far  # pricing is heavy and is not loaded before it is needed

        devices = [(channel, joules - self._before.get(channel, 0.0)) for channel, joules in self._devices()]
        return so_far(self._opened, devices, (boottime_ns() - self.began_ns) / 1e9)

    def _devices(self) -> list[tuple[Channel, float]]:
        return self._opened.recorder.used()

    def _priced(self, limit: Limit, joules: float) -> float | None:
        """By the rules and facts of the statement; where no region is known, at the high end of all of them."""
        statement = self.statement()
        total = getattr(statement, limit.kind)
        used = sum(joules for _, joules in self._devices()) - sum(self._before.values())
        if total is None or used <= 0 or joules <= 0 or statement.energy is None:
            return None
        if total.unit.symbol != limit.unit:
            self._remark(
                f"budget {limit.text}: not watched, for the energy is priced in {total.unit} and no rate between"
                f" currencies is taken; set a price of your own, as in  JOULEBOOK_PRICE='0.25 {limit.unit}/kWh'"
            )
            return None
        name = {"carbon": "carbon_intensity", "cost": "price"}.get(limit.kind, "")
        found = statement.assumption(name) if name else None
        if found is None or found.note:
            return float(total.value / used)
        self._remark(
            f"budget {limit.text}: the region is unknown, so that it is compared with the high end of all grids"
            " and prices; set it once with  joulebook config region FR"
        )
        dearest = found.quantity.high / found.quantity.value  # of a rate: no unit is left
        return float(total.value / used * dearest)

    def _remark(self, line: str) -> None:
        if line not in self.notices:
            self.notices.append(line)
