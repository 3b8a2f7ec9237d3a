"""The energy of one channel, reading by reading: integer microjoules that never fall.

What a faulty sensor leaves unknown becomes a `Gap`, never a guess and never a negative amount. No clock, no file, no
uncertainty here.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from joulebook.sensors.base import COUNTER, DENIED, SOCKET, Channel

HOLE_NS: Final = 2_000_000_000
"""No hole between two readings is flagged below this length,"""
HOLE_INTERVALS: Final = 10
"""nor below so many of the usual intervals."""
STUCK_READINGS: Final = 20
STUCK_NS: Final = 2_000_000_000
LATE_NS: Final = 200_000_000
"""How late a counter of unknown period may show energy (the slowest known update about every 100 ms)."""
_OUTER_NS: Final = 5_000_000_000
"""How seldom an outer meter may be asked."""
_LARGEST_UJ: Final = 1 << 62
"""No counter shows more: that is a kilowatt for a hundred and forty years."""
_REGULAR: Final = 3
_WRAP_LIKE: Final = 3
"""A wrap is believed up to this many times the mean power so far."""


class Gap(NamedTuple):
    """A stretch of time in which the course of energy is not known, and why.

    Reasons: missing, suspended, ambiguous, denied, reset, stuck, implausible. `lower_bound_uj` has been
    counted within it. `bridged` gaps lack time detail only: the counted energy is the energy.
    """

    start_ns: int
    end_ns: int
    reason: str
    lower_bound_uj: int = 0
    bridged: bool = False


class Integrator:
    """Accumulates the energy of one channel, reading by reading; `uj` never falls.

    A reading that contradicts the one before is held back until the next one: where that continues from the one before,
    a single bad value has cost nothing; where from the held one, a new epoch of the counter has begun, after a gap.
    """

    __slots__ = (
        "_bad_ns", "_counter", "_first_ns", "_hole_run", "_late_ns", "_limit", "_moved_ns", "_rest", "_same",
        "_since_ns", "_stuck_ns", "_suspect", "_suspensions", "_usual_ns", "_why", "_wrap_ns", "_wrap_uj",
        "channel", "gaps", "raw", "t_ns", "uj",
    )  # fmt: skip

    def __init__(self, channel: Channel, interval_ns: int = 0) -> None:
        self.channel = channel
        self.uj = 0
        self.gaps: list[Gap] = []
        self.t_ns = -1
        """Time of the last reading that counted; -1 before the first."""
        self.raw = 0
        self._counter = channel.form == COUNTER
        self._limit = channel.limit_w / 1000  # microjoules per nanosecond
        self._wrap_uj = channel.wrap_uj
        self._wrap_ns = int(channel.wrap_uj / self._limit) if channel.wrap_uj else 1 << 62
        self._late_ns = 2 * channel.period_ns + 10_000_000 if channel.period_ns else LATE_NS
        self._stuck_ns = max(STUCK_NS, STUCK_READINGS * channel.period_ns)
        if channel.basis != "measured":  # a model that does not rise says that nothing was done
            self._stuck_ns = 1 << 62
        self._moved_ns = self._first_ns = 0
        self._same = 1
        self._rest = 0  # uW x ns, below two microjoules
        self._usual_ns = interval_ns or (_OUTER_NS if channel.kind == SOCKET else 0)
        self._hole_run = 0
        self._suspect: tuple[int, int, str, int] | None = None
        self._suspensions: list[tuple[int, int]] = []
        self._since_ns = self._bad_ns = -1
        self._why = "missing"

    def step(self, t_ns: int, raw: object) -> None:
        """Take one reading; what cannot be true is left out, times that do not rise are dropped."""
        if type(raw) is not int or raw < 0 or self.t_ns < 0:
            self._unusual(t_ns, raw)
            return
        dt = t_ns - self.t_ns
        if dt <= 0:
            return
        if not self._counter:
            self._power(t_ns, dt, raw)
            return
        delta = raw - self.raw
        if (
            delta < 0
            or dt > HOLE_NS
            or dt >= self._wrap_ns
            or self._suspect
            or self._suspensions
            or self._bad_ns > self.t_ns
            or delta > (t_ns - self._moved_ns + self._late_ns) * self._limit
            or (self._wrap_uj and raw > self._wrap_uj)
        ):
            self._odd_counter(t_ns, dt, raw)
            return
        if delta == 0:
            self._same += 1
        else:
            self._moves(t_ns, delta)
            self.uj += delta
            self.raw = raw
        usual = self._usual_ns
        self._usual_ns = usual - ((usual - dt) >> 3) if dt <= usual else dt if dt <= 2 * usual else 2 * usual or dt
        self._why = "missing"
        self.t_ns = t_ns

    def suspended(self, start_ns: int, end_ns: int) -> None:
        """Make known that the machine slept from `start_ns` to `end_ns`, before the first reading after it."""
        if end_ns > max(start_ns, self.t_ns):
            self._suspensions.append((start_ns, end_ns))

    def pending(self) -> list[Gap]:
        """The gaps that stand open now and would be flagged if no further reading came."""
        seen = max(self.t_ns, self._bad_ns)
        if self.t_ns < 0:
            return [Gap(self._since_ns, seen, self._why)] if seen > self._since_ns else []
        result = []
        if self._counter and self._is_stuck():
            result.append(Gap(self._moved_ns, self.t_ns, "stuck"))
        if self._suspect:
            result.append(Gap(self.t_ns, max(seen, self._suspect[0]), self._suspect[2]))
        elif self._is_hole(seen - self.t_ns):
            result.append(Gap(self.t_ns, seen, self._why))
        return result

    # -- what is rare -------------------------------------------------------------------------------------

    def _unusual(self, t_ns: int, raw: object) -> None:
        """The first reading, or a raw value that is not a non-negative integer."""
        if self._since_ns < 0:
            self._since_ns = t_ns
        value = int(raw) if type(raw) is float and raw.is_integer() else raw
        if type(value) is not int or value < 0:
            self._reject(t_ns, "denied" if raw == DENIED else "missing")
        elif self.t_ns >= 0:
            self.step(t_ns, value)
        elif value > ((self._wrap_uj or _LARGEST_UJ) if self._counter else self._limit * 1e9):
            self._reject(t_ns, "implausible")
        else:
            if t_ns - self._since_ns > HOLE_NS:
                self.gaps.append(Gap(self._since_ns, t_ns, self._why))
            self.t_ns = self._moved_ns = self._first_ns = t_ns
            self.raw = value
            self._why = "missing"

    def _reject(self, t_ns: int, why: str) -> None:
        self._bad_ns = max(self._bad_ns, t_ns)
        if self._why == "missing" or why != "missing":
            self._why = why

    def _power(self, t_ns: int, dt: int, raw: int) -> None:
        if raw > self._limit * 1e9:
            self._reject(t_ns, "implausible")
            return
        asleep = self._asleep(t_ns) if self._suspensions else 0
        unanswered = self._bad_ns > self.t_ns and self.channel.kind == SOCKET  # nothing is held across that
        if asleep or unanswered or (dt > HOLE_NS and self._is_hole(dt)):
            self.gaps.append(Gap(self.t_ns, t_ns, "suspended" if asleep else self._why))
            self._hole(dt)
        else:
            # Integers throughout: the sum of all trapezoids loses less than one microjoule in any run.
            whole, self._rest = divmod(self._rest + (self.raw + raw) * dt, 2_000_000_000)
            self.uj += whole
            self._regular(t_ns)
        self._accept(t_ns, raw)

    def _odd_counter(self, t_ns: int, dt: int, raw: int) -> None:
        """A step that is backwards, too large, too long, across a suspension, or after a held-back reading."""
        asleep = self._asleep(t_ns) if self._suspensions else 0
        awake = dt - asleep
        delta = self._advance(self.raw, raw, awake, t_ns - self._moved_ns - asleep)
        if delta is None:
            self._contradiction(t_ns, raw)
            return
        suspect, self._suspect = self._suspect, None
        gap = None
        if raw < self.raw and awake < self._wrap_ns and self._unlike_wrap(delta, t_ns - self._moved_ns - asleep):
            delta = min(delta, raw)  # since a wrap or since a restart: at least this
            gap = Gap(self.t_ns, t_ns, "ambiguous", delta)
        elif awake >= self._wrap_ns or (suspect and self._restarted(suspect, t_ns, raw)):
            gap = Gap(self.t_ns, t_ns, "ambiguous", delta)
        elif asleep:
            gap = Gap(self.t_ns, t_ns, "suspended", delta, bridged=True)
        elif self._is_hole(dt):
            gap = Gap(self.t_ns, t_ns, self._why, delta, bridged=True)
        if delta:
            self._moves(t_ns, delta)
        else:
            self._same += 1
        if gap:
            self.gaps.append(gap)
            self._hole(dt)
        else:
            self._regular(t_ns)
        self.uj += delta
        self._accept(t_ns, raw)

    def _advance(self, before: int, now: int, dt: int, span: int) -> int | None:
        """Energy between two counter values `dt` apart, the earlier one unchanged for `span`; None: impossible."""
        wrap = self._wrap_uj
        if wrap and (now > wrap or before > wrap):
            return None
        delta = now - before
        if delta < 0:
            if not wrap:
                return None
            delta += wrap
        if dt >= self._wrap_ns:
            return delta
        return delta if delta <= (span + self._late_ns) * self._limit else None

    def _unlike_wrap(self, delta: int, span: int) -> bool:
        """Whether a fall could as well be a restart: as a wrap it would mean a power far above the mean so far."""
        elapsed = self.t_ns - self._first_ns
        return elapsed <= 0 or delta * elapsed > _WRAP_LIKE * self.uj * (span + self.channel.period_ns)

    def _restarted(self, suspect: tuple[int, int, str, int], t_ns: int, raw: int) -> bool:
        """Whether a held-back fall could as well have been a new start of the counter."""
        since, value, _, _ = suspect
        return value < self.raw and value < raw and self._advance(value, raw, t_ns - since, t_ns - since) is not None

    def _contradiction(self, t_ns: int, raw: int) -> None:
        self._bad_ns = t_ns
        if self._suspect:
            since, value, reason, seen = self._suspect
            delta = self._advance(value, raw, t_ns - since, t_ns - since)
            if delta == 0:
                self._suspect = (since, value, reason, t_ns)
                return
            if delta is not None:
                self._suspect = None
                if seen - since > self._late_ns:  # the new epoch stood still for longer than an update takes
                    since = seen
                self.gaps.append(Gap(self.t_ns, since, reason))
                if self._is_hole(t_ns - since):
                    self.gaps.append(Gap(since, t_ns, self._why, delta, bridged=True))
                self._same = 1
                self._moved_ns = t_ns
                self.uj += delta
                self._accept(t_ns, raw)
                return
        over = self._wrap_uj and raw > self._wrap_uj
        self._suspect = (t_ns, raw, "implausible" if raw > self.raw or over else "reset", t_ns)

    def _moves(self, t_ns: int, delta: int) -> None:
        if self._is_stuck():
            self.gaps.append(Gap(self._moved_ns, t_ns, "stuck", delta, bridged=True))
        self._same = 1
        self._moved_ns = t_ns

    def _is_stuck(self) -> bool:
        return self._same >= STUCK_READINGS and self.t_ns - self._moved_ns >= self._stuck_ns

    def _is_hole(self, dt: int) -> bool:
        return dt > HOLE_NS and dt > HOLE_INTERVALS * self._usual_ns

    def _hole(self, dt: int) -> None:
        """Holes one after the other are the regular interval of a slow recording."""
        self._hole_run += 1
        if self._hole_run >= _REGULAR:
            self._usual_ns = max(self._usual_ns, dt // 2)

    def _regular(self, t_ns: int) -> None:
        """The usual interval is the longest of late between attempts to read, good or bad; one pause is not usual."""
        dt, usual = t_ns - max(self.t_ns, self._bad_ns), self._usual_ns
        self._usual_ns = usual - ((usual - dt) >> 3) if dt <= usual else min(dt, 2 * usual or dt)
        self._hole_run = 0

    def _accept(self, t_ns: int, raw: int) -> None:
        self.t_ns = t_ns
        self.raw = raw
        self._why = "missing"
        if self._suspensions:
            self._suspensions = [pair for pair in self._suspensions if pair[1] > t_ns]

    def _asleep(self, t_ns: int) -> int:
        """Nanoseconds of suspension between the last reading and `t_ns`."""
        return sum(max(0, min(end, t_ns) - max(start, self.t_ns)) for start, end in self._suspensions)
