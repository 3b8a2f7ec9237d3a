"""Accelerate: `Accelerator(log_with=JoulebookTracker("bert-ft"))`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joulebook.errors import MissingExtra
from joulebook.integrations.training import Metered, Plan, needs, silent
from joulebook.run import Run

try:
    from accelerate import __version__
    from accelerate.tracking import GeneralTracker
except ImportError as error:
    raise MissingExtra.framework("accelerate", "0.30", str(error)) from error
needs("accelerate", "0.30", __version__)


class JoulebookTracker(Metered, GeneralTracker):
    """A run from `init_trackers` to `end_training`, on every process, with what `accelerator.log` is given.

    The options are those of `joulebook.track`. The loop is yours: `for batch in tracker.run.steps(loader)` makes a step
    of each batch and looks ahead, `with tracker.run.stage("validation")` names a phase.
    """

    name = "joulebook"
    requires_logging_directory = False
    main_process_only = False

    @property
    def tracker(self) -> Run | None:
        """The run, which `accelerator.get_tracker("joulebook", unwrap=True)` returns."""
        return self.run

    @silent
    def start(self) -> None:
        """Begin the run; `init_trackers` calls it."""
        if self._training is None:
            self._begin(Plan())

    @silent
    def store_init_configuration(self, values: Mapping[str, Any]) -> None:
        """Record the configuration given to `init_trackers` among the metrics: the run has begun already."""
        self._record(values)

    @silent
    def log(self, values: Mapping[str, Any], step: int | None = None, **more: Any) -> None:
        """Record what `accelerator.log` is given."""
        self._record(values, step)

    @silent
    def finish(self) -> None:
        """End the run; `end_training` calls it."""
        self._end()
