"""Every exception of joulebook, divided by what the caller can do about it.

    JoulebookError
    ├── UnitMismatch (ValueError)
    ├── FactError        FactNotFound (LookupError) · FactRejected (ValueError)
    ├── FeedError        FeedUnavailable · FeedDenied (PermissionError)
    ├── SensorError      SensorUnavailable · SensorDenied (PermissionError)
    ├── LedgerError      JournalDamaged · BookNewer · EntryRejected · RunNotFound (LookupError)
    │                    BookDamaged · BookUnwritable
    ├── ExchangeError    CalibrationRefused
    ├── BackendError     UnknownBackend (LookupError) · MissingExtra (ImportError)
    └── ConfigError (ValueError)

Each message says what happened, with which value, and what to do next. None of these ever reaches a
process that is only being measured: the meter's boundary turns them into a `degraded` mark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


class JoulebookError(Exception):
    """Root of everything joulebook raises; `exit_code` is what the command line returns for it."""

    exit_code = 1


class UnitMismatch(JoulebookError, ValueError):
    """Two quantities whose units do not fit the operation."""

    exit_code = 2

    @classmethod
    def between(cls, operation: str, left: str, right: str) -> UnitMismatch:
        """Two units met in an operation that they cannot take part in together."""
        return cls(f"{left} {operation} {right}: the units do not fit; convert one side with .to(unit) first")

    @classmethod
    def unknown(cls, symbol: str, known: Iterable[str]) -> UnitMismatch:
        """A symbol that is not in the closed list of units."""
        return cls(f"unknown unit {symbol!r}; known units: {', '.join(known)}")


class FactError(JoulebookError):
    """Something about the catalogue of facts."""

    exit_code = 4


class FactNotFound(FactError, LookupError):
    """The catalogue has no such subject or property."""

    @classmethod
    def near(cls, subject: str, prop: str, candidates: Iterable[str]) -> FactNotFound:
        """No such fact; names what is close to it."""
        close = ", ".join(candidates)
        hint = f"; did you mean: {close}?" if close else ""
        return cls(f"the catalogue has no {prop!r} of {subject!r}{hint}")

    @classmethod
    def unnamed(cls, name: str, kind: str, candidates: Iterable[str]) -> FactNotFound:
        """Nothing of that kind ("grid", "cpu", "site") has this name; names what is close to it."""
        what = {"grid": "region", "cpu": "processor"}.get(kind, kind)
        close = ", ".join(candidates)
        hint = f"did you mean: {close}?" if close else "give a code such as FR, DEU or US-CA" if kind == "grid" else ""
        return cls(f"no {what} is called {name!r}; {hint or 'check the spelling'}")

    @classmethod
    def nowhere(cls, name: str, candidates: Iterable[str]) -> FactNotFound:
        """Nothing of any kind has this name; names what is close to it."""
        close = ", ".join(candidates)
        hint = f"did you mean: {close}?" if close else "search with  joulebook catalog search WORD"
        return cls(f"the catalogue knows nothing called {name!r}; {hint}")


class FactRejected(FactError, ValueError):
    """A catalogue file breaks a rule of the strict loader."""

    @classmethod
    def at(cls, file: str, line: int, problem: str) -> FactRejected:
        """The rule that was broken, with file and line."""
        return cls(f"{file}:{line}: {problem}")


class FeedError(JoulebookError):
    """A service on the network gave no value that can be used; what the catalogue knows is used instead."""


class FeedUnavailable(FeedError):
    """It did not answer in time, asks to wait, or fails."""


class FeedDenied(FeedError, PermissionError):
    """It wants credentials that it did not get, or that do not allow this."""


class SensorError(JoulebookError):
    """A source of readings cannot be used; `remedy` is what the user can do about it."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class SensorUnavailable(SensorError):
    """The hardware, driver or file is not there."""


class SensorDenied(SensorError, PermissionError):
    """The source is there but may not be read by this user."""


class LedgerError(JoulebookError):
    """Something about journals or the book."""

    exit_code = 5


class JournalDamaged(LedgerError):
    """A journal from which nothing at all can be read."""


class BookNewer(LedgerError):
    """A journal or book written by a newer joulebook."""

    @classmethod
    def than(cls, place: str, found: int, supported: int) -> BookNewer:
        """The version found and the one this program reads."""
        return cls(f"{place} has format {found}, this joulebook reads up to {supported}: upgrade joulebook to read it")


class BookDamaged(LedgerError):
    """An index of a book that cannot be used; it can always be made again from the journals."""

    @classmethod
    def index(cls, place: str, reason: str) -> BookDamaged:
        """The file and what is wrong with it."""
        return cls(f"{place}: {reason}; nothing is lost: delete the file, and it is made again from the journals")


class BookUnwritable(LedgerError):
    """An index that is whole but takes nothing now: locked by somebody, read-only, or on a full disk."""

    @classmethod
    def index(cls, place: str, reason: str) -> BookUnwritable:
        """The file and what SQLite says of it."""
        return cls(f"{place} takes nothing now: {reason}")


class EntryRejected(LedgerError):
    """A record that breaks the rules of an entry."""


class RunNotFound(LedgerError, LookupError):
    """No run, or several, answer to this name."""

    exit_code = 4

    @classmethod
    def named(cls, reference: str, candidates: Iterable[str]) -> RunNotFound:
        """The reference and the runs it could mean."""
        close = ", ".join(candidates)
        if close:
            return cls(f"{reference!r} is ambiguous: {close}; give more of the id")
        return cls(f"no run {reference!r} in this book; list the runs with  joulebook runs")


class ExchangeError(JoulebookError):
    """A file in somebody else's format is not what it should be."""

    exit_code = 5

    @classmethod
    def at(cls, file: str, line: int, expected: str) -> ExchangeError:
        """The place and what was expected there."""
        return cls(f"{file}:{line}: expected {expected}")


class CalibrationRefused(ExchangeError):
    """A meter's log that cannot be read, does not belong to the run, or cannot tell what the sensors miss."""

    @classmethod
    def because(cls, reason: str, remedy: str = "") -> CalibrationRefused:
        """What is wrong with it and what would be right."""
        return cls(f"not calibrated: {reason}{f'; {remedy}' if remedy else ''}")


class BackendError(JoulebookError):
    """A back-end cannot be loaded by its name."""

    exit_code = 2


class UnknownBackend(BackendError, LookupError):
    """No back-end of this kind has that name."""

    @classmethod
    def named(cls, kind: str, name: str, known: Iterable[str], reason: str = "") -> UnknownBackend:
        """The name, the names that exist, and why what was found under that name cannot be loaded."""
        why = f" can be loaded ({reason})" if reason else ""
        return cls(f"no {kind} named {name!r}{why}; known: {', '.join(sorted(known))}")


class MissingExtra(BackendError, ImportError):
    """A back-end whose library is not installed."""

    @classmethod
    def of(cls, kind: str, name: str, extra: str) -> MissingExtra:
        """The exact command that installs what is missing."""
        return cls(f"{kind} {name!r} needs  pip install 'joulebook[{extra}]'")

    @classmethod
    def framework(cls, name: str, version: str, reason: str) -> MissingExtra:
        """The framework that a callback is for, the oldest version of it that will do, and what is wrong here."""
        return cls(
            f"joulebook's callback for {name} cannot be used ({reason}); it needs  pip install '{name}>={version}'"
        )


class ConfigError(JoulebookError, ValueError):
    """A setting, option or environment variable has a value that cannot be used."""

    exit_code = 2

    @classmethod
    def bad(cls, name: str, value: object, expected: str, origin: str = "") -> ConfigError:
        """The setting, the value, where it came from and what would be right."""
        where = f" (from {origin})" if origin else ""
        return cls(f"{name} = {value!r}{where}: expected {expected}")


def spared(step: Callable[..., T], tell: Callable[[str], object], /, *arguments: object, **named: object) -> T | None:
    """What a step returns of these arguments; whatever it raises is told in one line and goes no further.

    For the outermost doors: what the step serves (somebody's command, somebody's loop) must go on.
    """
    try:
        return step(*arguments, **named)
    except Exception as error:  # noqa: BLE001 - the outermost door: nothing of ours may change what others do
        tell(str(error) or type(error).__name__)
        return None
