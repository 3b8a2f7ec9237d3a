"""Runs somebody's command as it would run alone: its bytes, its signals and its exit code are its own.

The command is spawned with the standard streams as they are. Signals that reach only us are passed on;
signals of the terminal reach the whole foreground group by themselves and are not sent twice.
"""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

_KEPT: Final = (
    "KILL",
    "STOP",
    "TSTP",
    "TTIN",
    "TTOU",
    "CONT",
    "CHLD",
    "PIPE",
    "SEGV",
    "BUS",
    "FPE",
    "ILL",
    "TRAP",
    "SYS",
)
"""Signals that cannot be passed on, that stop and continue, or that tell of a fault of our own."""
FORWARDED: Final = frozenset(signal.valid_signals()) - {getattr(signal, f"SIG{name}", 0) for name in _KEPT}
_RESET: Final = tuple(getattr(signal, name) for name in ("SIGPIPE", "SIGXFSZ") if hasattr(signal, name))
_SI_USER: Final = 0
_SHELL: Final = "/bin/sh"
NOT_FOUND, NOT_EXECUTABLE = 127, 126
LOOK_S: Final = 0.2
"""How often whoever waits looks whether the command is to be ended."""


class Ended(NamedTuple):
    """How a command ended: the exit code a shell would show, and the signal that ended it (0: none)."""

    code: int
    signal: int = 0
    reason: str = ""
    """Why it could not be started."""


class Child:
    """A command to spawn and wait for.

    From `hold_signals` to `release_signals` the forwarded signals are blocked in the calling thread and in threads
    started after it; hold them before any thread exists, or a signal kills the meter instead of reaching the child.
    """

    def __init__(self, argv: Sequence[str]) -> None:
        self._argv = list(argv)
        self._mask: set[int] = set()
        self.pid = 0

    def hold_signals(self) -> None:
        """Block the signals that belong to the command.

        A parent may have made us ignore SIGCHLD: then the end of the command would be neither told nor kept.
        """
        if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, {*FORWARDED, signal.SIGCHLD})

    def release_signals(self) -> None:
        """Drop the signals that came too late for the command, and receive new ones as before `hold_signals`."""
        while signal.sigtimedwait({*FORWARDED, signal.SIGCHLD}, 0) is not None:
            continue
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

    def spawn(self, environment: Mapping[str, str]) -> Ended | None:
        """Start the command; returns how it "ended" when it cannot be started (127 not found, 126 not executable)."""
        try:
            self._spawn(self._argv, environment)
        except FileNotFoundError:
            there = os.path.exists(self._argv[0])  # noqa: PTH110 - also what is no file
            return Ended(NOT_FOUND, reason="its interpreter was not found" if there else "command not found")
        except OSError as error:
            if error.errno == errno.ENOEXEC and self._spawn_by_shell(environment):
                return None
            return Ended(NOT_EXECUTABLE, reason=f"cannot be executed: {error.strerror}")
        return None

    def _spawn(self, argv: list[str], environment: Mapping[str, str]) -> None:
        self.pid = os.posix_spawnp(argv[0], argv, environment, setsigmask=self._mask, setsigdef=_RESET)

    def _spawn_by_shell(self, environment: Mapping[str, str]) -> bool:
        """A script without an interpreter in its first line, as shells and execvp(3) start it."""
        path = shutil.which(self._argv[0])
        if path is None:
            return False
        try:
            with open(path, "rb") as file:  # noqa: PTH123
                if b"\0" in file.read(256).partition(b"\n")[0]:
                    return False
            self._spawn([_SHELL, path, *self._argv[1:]], environment)
        except OSError:
            return False
        return True

    def wait(self, look: Callable[[], int] | None = None) -> Ended:
        """Wait for the command itself (not for what it left behind), passing on signals that are meant for it.

        `look` is asked several times a second; a signal that it returns (0: none) is sent to the command.
        """
        wanted = {*FORWARDED, signal.SIGCHLD}
        while True:
            info = signal.sigwaitinfo(wanted) if look is None else signal.sigtimedwait(wanted, LOOK_S)
            if info is not None and info.si_signo != signal.SIGCHLD and self._is_ours_alone(info):
                self._pass_on(info.si_signo)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid == self.pid:
                return _ended(status)
            number = look() if look is not None else 0
            if number:
                self._pass_on(number)

    def _is_ours_alone(self, info: signal.struct_siginfo) -> bool:
        """Whether the command has not had this signal: a kill, or the end of a terminal, told to its leader only."""
        if info.si_code > _SI_USER:
            return info.si_signo == signal.SIGHUP and os.getsid(0) == os.getpid()
        return info.si_pid not in (self.pid, os.getpid())

    def _pass_on(self, number: int) -> None:
        try:
            os.kill(self.pid, number)
        except OSError:  # it has ended, or has become another user's
            return


def die_of(number: int) -> None:
    """End this process by a signal, as the command ended, so that shells and supervisors see no difference.

    Returns where that is impossible (process 1 of a container). There is no second core file.
    """
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if hard:
        resource.setrlimit(resource.RLIMIT_CORE, (1, hard))  # of 1 byte: none in a file, and none into a pipe
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _ended(status: int) -> Ended:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return Ended(128 + number, number)
    return Ended(os.WEXITSTATUS(status))
