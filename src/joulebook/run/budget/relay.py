"""How a run with a budget reaches the runs inside it: a folder, in which it writes where it stands.

They write there that they listen. The one around decides, by what it has measured itself; a loop inside then ends by
itself, with its work saved.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from tempfile import mkdtemp
from typing import Final, NamedTuple

from joulebook.settings import BUDGET_VARIABLE

_ORDER: Final = "budget.json"
_LONGEST: Final = 4_096
"""Bytes of an order that are read."""


class Order(NamedTuple):
    """Where the budget of the run around stands."""

    over: str = ""
    """Why everything is to end now; "" while something is left."""
    word: str = ""
    """How much is spent, in words."""
    limits: str = ""
    """As they were said."""
    spent: tuple[float, ...] = ()
    """What has been used of each, in the unit of the limit."""


class Relay:
    """One such folder."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._pid = 0

    @classmethod
    def made(cls) -> Relay:
        """A new one, for this user alone. Raises OSError where there is no room for it."""
        return cls(mkdtemp(prefix="joulebook-budget-"))

    @classmethod
    def around(cls, environment: Mapping[str, str]) -> Relay | None:
        """The one of the run that this process is part of."""
        folder = environment.get(BUDGET_VARIABLE, "")
        return cls(folder) if folder and os.path.isdir(folder) else None  # noqa: PTH112 - as all of the metering path

    def environment(self) -> dict[str, str]:
        """What tells processes inside of it."""
        return {BUDGET_VARIABLE: self.folder}

    # -- the run around ---------------------------------------------------------------------------------------

    def tell(self, order: Order) -> None:
        """Say where the budget stands; a reader sees the old or the new order, whole."""
        beside = os.path.join(self.folder, f"{_ORDER}.new")  # noqa: PTH118
        with suppress(OSError):
            with open(beside, "w", encoding="utf-8") as file:  # noqa: PTH123
                json.dump(order._asdict(), file)
            os.replace(beside, os.path.join(self.folder, _ORDER))  # noqa: PTH105, PTH118

    def listeners(self) -> list[int]:
        """Processes inside that listen and live."""
        found = []
        with suppress(OSError):
            found = [int(name) for name in os.listdir(self.folder) if name.isdecimal()]  # noqa: PTH208
        return [pid for pid in found if _lives(pid)]

    def remove(self) -> None:
        """Take the folder away."""
        with suppress(OSError):
            for name in os.listdir(self.folder):  # noqa: PTH208
                os.unlink(os.path.join(self.folder, name))  # noqa: PTH108, PTH118
            os.rmdir(self.folder)  # noqa: PTH106

    # -- a run inside -----------------------------------------------------------------------------------------

    def listen(self) -> None:
        """Say, once, that this process ends its loops when it is told to."""
        if self._pid == os.getpid():
            return
        self._pid = os.getpid()
        with suppress(OSError):
            os.close(os.open(self._mark(), os.O_CREAT | os.O_WRONLY, 0o600))

    def leave(self) -> None:
        """Say that it does not any more."""
        if self._pid == os.getpid():
            with suppress(OSError):
                os.unlink(self._mark())  # noqa: PTH108

    def heard(self) -> Order | None:
        """What the run around says; None where there is nothing."""
        try:
            with open(os.path.join(self.folder, _ORDER), "rb") as file:  # noqa: PTH118, PTH123
                plain = json.loads(file.read(_LONGEST))
        except (OSError, ValueError):
            return None
        if not isinstance(plain, dict):
            return None
        over, word, limits = (str(plain.get(name, "")) for name in Order._fields[:3])
        spent = plain.get("spent")
        numbers = spent if isinstance(spent, list) and all(isinstance(one, int | float) for one in spent) else []
        return Order(over, word, limits, tuple(numbers))

    def _mark(self) -> str:
        return os.path.join(self.folder, str(self._pid))  # noqa: PTH118


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
