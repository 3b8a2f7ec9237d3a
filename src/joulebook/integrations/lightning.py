"""Lightning: `Trainer(callbacks=[JoulebookCallback("bert-ft")])`."""

from __future__ import annotations

import sys
from typing import Any

from joulebook.errors import MissingExtra
from joulebook.integrations.training import SLIPS, Metered, Plan, Training, needs, silent
from joulebook.run.steps import Asked

try:
    if "pytorch_lightning" in sys.modules and "lightning.pytorch" not in sys.modules:
        from pytorch_lightning import Callback, __version__
        from pytorch_lightning.callbacks import EarlyStopping
    else:
        from lightning.pytorch import Callback, __version__
        from lightning.pytorch.callbacks import EarlyStopping
except ImportError as error:
    raise MissingExtra.framework("lightning", "2.0", str(error)) from error
needs("lightning", "2.0", __version__)


class JoulebookCallback(Metered, Callback):
    """Each fit, validate, test or predict is a run, or a part of the run around it.

    The options are those of `joulebook.track`. Phases: "train", in it a "step" for each batch (what is left is the
    wait for data), "validation", "sanity check", "test", "predict". The values of `self.log` are recorded as often as
    Lightning's loggers get them.
    """

    reports_exceptions = True

    def __init__(self, name: str = "", /, **options: object) -> None:
        super().__init__(name, **options)
        self._of_steps: frozenset[str] | None = None
        """Metrics that steps log; known after the first step."""
        self._until_log = 1
        """Batches until the next that is logged."""
        self._before: dict[str, object] = {}
        self._of_validation: set[str] = set()

    @silent
    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """Begin the run, before the model is moved to its device."""
        self._of_steps, self._of_validation = None, set()
        self._until_log = 1
        self._begin(Plan(type(pl_module).__name__, _config(trainer, pl_module)))

    @silent
    def teardown(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """End the run, after everything else of Lightning."""
        self._end()

    @silent
    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """End the run with what was raised; Ctrl-C as well."""
        self._end("failed", type(exception).__name__)

    @silent
    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Begin the training; its loop is forecast where Lightning knows its end."""
        training = self._training
        if training is not None:
            training.foresee(_steps(trainer))
            training.enter("train")

    @silent
    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """The steps are over."""
        self._enter("")

    def on_train_batch_start(self, *_: Any, **__: Any) -> None:
        """A step begins when its batch is there."""
        training = self._training
        if training is not None:
            try:
                training.enter_step()
            except SLIPS as error:
                self._problem("on_train_batch_start", error)

    def on_train_batch_end(self, trainer: Any = None, *_: Any, **__: Any) -> None:
        """A step ends; what it logged is recorded about as often as Lightning's loggers get it."""
        training = self._training
        if training is None:
            return
        try:
            if training.finish_step():
                trainer.should_stop = True
        except SLIPS as error:
            self._problem("on_train_batch_end", error)
        self._until_log -= 1
        if self._until_log <= 0:
            self._log_step(trainer)

    @silent
    def _log_step(self, trainer: Any) -> None:
        """Record what the step logged; Lightning counts the batches of an epoch for that."""
        done, every = trainer.fit_loop.epoch_loop.batch_idx + 1, trainer.log_every_n_steps
        self._until_log = every - done % every if every else sys.maxsize
        metrics = trainer.callback_metrics
        if self._of_steps is None:
            self._of_steps = frozenset(metrics)
        if every and done % every == 0:
            self._record({name: metrics[name] for name in self._of_steps if name in metrics}, trainer.global_step)

    @silent
    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Record what the epoch logged; validation has been recorded by itself."""
        self._until_log = 1  # the batches are counted anew
        metrics = {k: v for k, v in trainer.callback_metrics.items() if k not in self._of_validation}
        self._record({**metrics, "epoch": trainer.current_epoch}, trainer.global_step)

    @silent
    def on_sanity_check_start(self, trainer: Any, pl_module: Any) -> None:
        """The few batches of validation before the training."""
        self._enter("sanity check")

    @silent
    def on_sanity_check_end(self, trainer: Any, pl_module: Any) -> None:
        """The training comes next."""
        self._enter("")

    @silent
    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        """Validation interrupts the training, or stands alone."""
        if not trainer.sanity_checking:
            self._before = dict(trainer.callback_metrics)
            self._enter("validation")

    @silent
    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Record what validation logged; the training goes on."""
        if trainer.sanity_checking:
            return
        before, self._before = self._before, {}
        new = {k: v for k, v in trainer.callback_metrics.items() if before.get(k) is not v}
        self._of_validation.update(new)
        self._record(new, trainer.global_step)
        self._enter("train" if trainer.state.fn == "fit" else "")

    @silent
    def on_test_start(self, trainer: Any, pl_module: Any) -> None:
        """A test begins."""
        self._enter("test")

    @silent
    def on_test_end(self, trainer: Any, pl_module: Any) -> None:
        """Record what the test logged."""
        self._record(dict(trainer.callback_metrics), trainer.global_step)
        self._enter("")

    @silent
    def on_predict_start(self, trainer: Any, pl_module: Any) -> None:
        """Predictions begin."""
        self._enter("predict")

    @silent
    def on_predict_end(self, trainer: Any, pl_module: Any) -> None:
        """No more predictions."""
        self._enter("")

    def _enter(self, phase: str) -> None:
        training: Training | None = self._training
        if training is not None:
            training.enter(phase)


def _config(trainer: Any, pl_module: Any) -> dict[str, object]:
    """What Lightning knows of the training: the hyperparameters that the module saved, its size, the limits."""
    found: dict[str, object] = {
        "model": type(pl_module).__name__,
        "parameters": sum(one.numel() for one in pl_module.parameters()),
        "max_epochs": trainer.max_epochs,
        "max_steps": trainer.max_steps,
        "accumulate_grad_batches": trainer.accumulate_grad_batches,
        "precision": str(trainer.precision),
        "world_size": trainer.world_size,
    }
    return {**dict(pl_module.hparams), **found}


def _steps(trainer: Any) -> Asked:
    """Batches of the whole training, those that a checkpoint has behind it, and the rule of `EarlyStopping`."""
    batches, epochs, steps = trainer.num_training_batches, trainer.max_epochs, trainer.max_steps
    limits = []
    if epochs is not None and epochs >= 0 and batches != float("inf"):
        limits.append(int(batches) * epochs)
    if steps is not None and steps >= 0:
        limits.append(steps * trainer.accumulate_grad_batches)
    first = trainer.fit_loop.epoch_loop.total_batch_idx + 1
    total = min(limits) if limits else None
    for callback in trainer.callbacks:
        if isinstance(callback, EarlyStopping):
            return Asked(total, first, patience=callback.patience, metric=callback.monitor, mode=callback.mode)
    return Asked(total, first)
