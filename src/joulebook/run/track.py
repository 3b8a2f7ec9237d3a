"""`track()`: a block or a function as a run; whatever kind of function it is, it stays one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Mapping
from functools import wraps
from types import TracebackType
from typing import Any, TypeVar, overload

from joulebook.run.running import Run, current, start

F = TypeVar("F", bound=Callable[..., Any])
_CO_GENERATOR, _CO_COROUTINE, _CO_ASYNC_GENERATOR = 0x20, 0x80, 0x200  # as in inspect, which costs 7 ms


class Track:
    """What `track(...)` returns: a context manager that starts a run, and a decorator that does so at each call."""

    def __init__(self, name: str, options: Mapping[str, object]) -> None:
        self._name = name
        self._options: Mapping[str, Any] = options
        self._runs: list[Run] = []

    def __enter__(self) -> Run:
        run = _started(self._name, self._options)
        self._runs.append(run)
        return run

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        here = current()
        run = here if here is not None and here in self._runs else self._runs[-1]
        self._runs.remove(run)
        run.__exit__(kind, error, trace)

    def __call__(self, function: F) -> F:
        """The function, each call of which is a run; a coroutine function or a generator stays one, a class too."""
        if isinstance(function, staticmethod | classmethod):
            return type(function)(self(function.__func__))
        if isinstance(function, type):
            return function
        name = self._name or getattr(function, "__qualname__", "function")
        flags = getattr(getattr(function, "__code__", None), "co_flags", 0)
        return _wrapped(function, flags, lambda: _started(name, self._options))


def _started(name: str, options: Mapping[str, Any]) -> Run:
    run = start(name, **{word: given for word, given in options.items() if word != "expect"})
    if options.get("expect") is not None:
        run.expect(options["expect"])
    return run


def _wrapped(function: F, flags: int, begin: Callable[[], Run]) -> F:
    """The function in the kind of function that it is, with a run from its first step to its last."""

    @wraps(function)
    async def awaited(*args: object, **kwargs: object) -> object:
        with begin():
            return await function(*args, **kwargs)

    @wraps(function)
    def generated(*args: object, **kwargs: object) -> Generator[object, object, object]:
        with begin():
            return (yield from function(*args, **kwargs))

    @wraps(function)
    async def async_generated(*args: object, **kwargs: object) -> AsyncIterator[object]:
        with begin():
            inner = function(*args, **kwargs)
            try:
                item = await inner.asend(None)
                while True:
                    try:
                        sent = yield item
                    except GeneratorExit:
                        await inner.aclose()
                        raise
                    except BaseException as error:  # noqa: BLE001 - thrown in by whoever iterates
                        item = await inner.athrow(error)
                    else:
                        item = await inner.asend(sent)
            except StopAsyncIteration:
                return

    @wraps(function)
    def called(*args: object, **kwargs: object) -> object:
        with begin():
            return function(*args, **kwargs)

    kinds = ((_CO_COROUTINE, awaited), (_CO_GENERATOR, generated), (_CO_ASYNC_GENERATOR, async_generated))
    return next((wrapper for flag, wrapper in kinds if flags & flag), called)  # type: ignore[return-value]


@overload
def track(name: F, /) -> F: ...
@overload
def track(name: str = "", /, **options: object) -> Track: ...
def track(name: str | Callable[..., Any] = "", /, **options: object) -> Any:
    """Record a block or a function: `with jb.track("bert-ft", config=cfg) as run:`, or `@jb.track`.

    Options are those of `start`: config, region, share ("machine", "process" or "allocated"), labels,
    durable, budget ("5 Wh, 2 h"), on_budget ("stop", "warn" or a function), and expect (an estimate: the forecast
    answers from it until the steps say more).
    """
    if callable(name) or isinstance(name, classmethod):
        return Track("", options)(name)
    return Track(name, options)
