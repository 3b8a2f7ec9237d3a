"""The works of a plan: each device and count as the estimate sees it, with what no place changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from joulebook.errors import ConfigError
from joulebook.estimate.amounts import Asked
from joulebook.estimate.stated import Work
from joulebook.estimate.train.checks import of_memory
from joulebook.estimate.train.door import work_of
from joulebook.estimate.train.workload import Task, Workload, task_of
from joulebook.facts.catalog import Catalog
from joulebook.plan.asked import Held


class Made(NamedTuple):
    """One device and count."""

    held: Held
    number: int
    """Of devices."""
    told: Mapping[str, Any]
    """As the door of the estimate is told of it."""
    work: Work

    @property
    def name(self) -> str:
        """In words: "64 x H100"."""
        return f"{self.number} x {self.held.word}"


class Said:
    """Remarks with what they are about: one that is about everything is said once, without names."""

    def __init__(self) -> None:
        self._about: dict[str, dict[str, None]] = {}

    def say(self, text: str, about: str) -> None:
        """Note a remark about a work or a place."""
        self._about.setdefault(text, {})[about] = None

    def sentences(self, numbers: Mapping[str, int]) -> list[str]:
        """Each remark once, behind the names of what it is about unless that is all there is of its kind."""
        return [self._sentence(text, list(names), numbers) for text, names in self._about.items()]

    @staticmethod
    def _sentence(text: str, names: Sequence[str], numbers: Mapping[str, int]) -> str:
        kind = "works" if " x " in names[0] else "places"
        if len(names) == numbers[kind] or any(name and name.rpartition(" x ")[2] in text for name in names[:1]):
            return text
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        return f"{', '.join(names[:3])}{more}: {text}"


def works_of(
    held: Sequence[Held], times: Mapping[int, Asked | None], told: Mapping[str, Any], catalog: Catalog, said: Said
) -> list[Made]:
    """The works of every device and count; one that cannot be done is left out, and why is said.

    Raises `ConfigError` where none can be done.
    """
    task = task_of(cast("Workload", {key: value for key, value in told.items() if key in Workload.__annotations__}))
    made: list[Made] = []
    refused: list[ConfigError] = []
    for one in held:
        for count, hours in times.items():
            own = {"device": one.word, "count": count, "hours": hours, **told}
            try:
                if hours is None and task is not None:
                    _fits(one, count, task)
                made.append(Made(one, count, own, work_of(catalog, **own)))
            except ConfigError as error:
                refused.append(error)
                said.say(f"{count} x {one.word} is left out: {error}", f"{count} x {one.word}")
    if not made:
        raise refused[0]
    return made


def _fits(held: Held, count: int, task: Task) -> None:
    """Raises `ConfigError` where the training does not fit the memory: what cannot be done meets no budget."""
    for text in of_memory(held.chip, count, task):
        raise ConfigError(text)
