"""Keras 3, with any of its backends: `model.fit(..., callbacks=[JoulebookCallback("mnist")])`."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from time import monotonic
from typing import Any, Final

from joulebook.errors import MissingExtra
from joulebook.integrations.training import SLIPS, Metered, Plan, needs, silent
from joulebook.run.steps import Asked

try:
    from keras import __version__
    from keras.callbacks import Callback
except ImportError as error:
    raise MissingExtra.framework("keras", "3.0", str(error)) from error
needs("keras", "3.0", __version__)

APART_S: Final = 1.0
"""The running metrics within an epoch are recorded no more often."""


class JoulebookCallback(Metered, Callback):
    """Each `fit`, and each `evaluate` or `predict` outside of one, is a run, or a part of the run around it.

    The options are those of `joulebook.track`. Phases: "train", in it a "step" for each batch, "validation"; outside
    of a fit "test" and "predict". Metrics are recorded at the end of each epoch, and within it once a second.

    Keras has no hook for exceptions: `with JoulebookCallback("mnist") as metered:` around `fit` ends the run when
    something is raised; without it the run ends with the next training, or with the program.
    """

    _fits = _foreseen = False
    _done = 0
    _recorded = 0.0

    @silent
    def on_train_begin(self, logs: Any = None) -> None:
        """Begin the run."""
        self._begin(Plan(self.model.name, self._config()), "train")
        self._fits, self._foreseen, self._done, self._recorded = True, False, 0, monotonic()

    @silent
    def on_train_end(self, logs: Any = None) -> None:
        """End the run."""
        self._fits = False
        self._end()

    @silent
    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """The first epoch says where the training goes on."""
        training = self._training
        if training is None:
            return
        training.enter("train")
        steps, epochs = self.params.get("steps"), self.params.get("epochs")
        if not self._foreseen and steps and epochs:
            calls = ceil(steps / (getattr(self.model, "steps_per_execution", 1) or 1))
            self._foreseen, self._done = True, epoch * calls
            training.foresee(Asked(epochs * calls, epoch * calls))

    @silent
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Record what the epoch gave."""
        if isinstance(logs, Mapping):
            self._record({**logs, "epoch": epoch}, self._done)

    def on_train_batch_begin(self, *_: Any, **__: Any) -> None:
        """A step begins."""
        training = self._training
        if training is not None:
            try:
                training.enter_step()
            except SLIPS as error:
                self._problem("on_train_batch_begin", error)

    def on_train_batch_end(self, batch: Any = None, logs: Any = None, *_: Any, **__: Any) -> None:
        """A step ends."""
        training = self._training
        if training is None:
            return
        try:
            if training.finish_step():
                self.model.stop_training = True
            self._done += 1
            now = monotonic()
            if logs and now - self._recorded >= APART_S:
                self._recorded = now
                self._record(logs, self._done)
        except SLIPS as error:
            self._problem("on_train_batch_end", error)

    @silent
    def on_test_begin(self, logs: Any = None) -> None:
        """Validation inside a fit, or a test."""
        self._aside("validation", "test")

    @silent
    def on_test_end(self, logs: Any = None) -> None:
        """Within a fit the epoch will have the metrics."""
        if not self._fits and isinstance(logs, Mapping):
            self._record(logs)
        self._back()

    @silent
    def on_predict_begin(self, logs: Any = None) -> None:
        """Predictions, inside a fit or alone."""
        self._aside("predict", "predict")

    @silent
    def on_predict_end(self, logs: Any = None) -> None:
        """No more predictions."""
        self._back()

    def _aside(self, inside: str, alone: str) -> None:
        """Leave the training for something else, or begin a run for it."""
        training = self._training
        if not self._fits:
            self._begin(Plan(self.model.name), alone)
        elif training is not None:
            training.enter(inside)

    def _back(self) -> None:
        """Go on with the training, or end the run."""
        training = self._training
        if not self._fits:
            self._end()
        elif training is not None:
            training.enter("train")

    def _config(self) -> dict[str, object]:
        """What Keras knows of the training."""
        found = {"model": self.model.name, "epochs": self.params.get("epochs"), "steps": self.params.get("steps")}
        return {**found, "parameters": self.model.count_params()} if self.model.built else found
