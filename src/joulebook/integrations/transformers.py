"""Transformers: `Trainer(..., callbacks=[JoulebookCallback("bert-ft")])`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joulebook.errors import MissingExtra
from joulebook.integrations.training import SLIPS, Metered, Plan, needs, silent
from joulebook.run.steps import Asked

try:
    from transformers import TrainerCallback, __version__
except ImportError as error:
    raise MissingExtra.framework("transformers", "4.40", str(error)) from error
needs("transformers", "4.40", __version__)


class JoulebookCallback(Metered, TrainerCallback):
    """Each `train()`, and each `evaluate()` or `predict()` outside of one, is a run, or a part of the run around it.

    The options are those of `joulebook.track`. Phases: "train", in it a "step" for each update of the weights,
    "validation", "checkpoint"; "predict" outside a training. Whatever the Trainer logs is recorded.

    The Trainer has no hook for exceptions: `with JoulebookCallback("bert-ft") as metered:` around it ends the run when
    something is raised; without it the run ends with the next training, or with the program.
    """

    _fits = False

    @silent
    def on_train_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Begin the run; a resumed training counts the steps that are behind it."""
        model = more.get("model")
        training = self._begin(Plan(type(model).__name__, _config(args, state, model)), "train")
        training.foresee(_steps(args, state))
        self._fits = True

    @silent
    def on_train_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """End the run."""
        self._fits = False
        self._end()

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        """A step begins when its batches are there."""
        training = self._training
        if training is not None:
            try:
                training.enter_step()
            except SLIPS as error:
                self._problem("on_step_begin", error)

    def on_step_end(self, args: Any = None, state: Any = None, control: Any = None, *_: Any, **__: Any) -> None:
        """A step ends; what comes next has been decided by the callbacks before this one."""
        training = self._training
        if training is not None:
            try:
                if training.finish_step():
                    control.should_training_stop = True
                if control.should_evaluate or control.should_save:
                    self._next(control)
            except SLIPS as error:
                self._problem("on_step_end", error)

    @silent
    def on_epoch_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """An epoch ends, after which there may be an evaluation."""
        self._next(control)

    @silent
    def on_prediction_step(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """A batch has been predicted: inside a training or, without one, as a run that begins here."""
        training = self._training
        if training is not None:
            training.enter("validation" if self._fits else "predict")
        elif self._training is None:
            self._fits = False
            self._begin(Plan(type(more.get("model")).__name__), "predict")

    @silent
    def on_evaluate(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """An evaluation has ended."""
        if self._fits:
            self._next(control)
        else:
            self._end()

    @silent
    def on_predict(self, args: Any, state: Any, control: Any, *rest: Any, **more: Any) -> None:
        """Predictions have ended."""
        if self._fits:
            self._next(control)
        else:
            self._end()

    @silent
    def on_save(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """A checkpoint has been written."""
        self._next(control)

    @silent
    def on_log(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Record what the Trainer logs."""
        logs = more.get("logs")
        if isinstance(logs, Mapping):
            self._record(logs, state.global_step)

    def _next(self, control: Any) -> None:
        """Enter the phase that comes next."""
        training = self._training
        if training is not None:
            evaluates, saves = control.should_evaluate, control.should_save
            training.enter("validation" if evaluates else "checkpoint" if saves else "train")


def _config(args: Any, state: Any, model: Any) -> dict[str, object]:
    """What the Trainer knows of the training."""
    names = (
        "num_train_epochs", "per_device_train_batch_size", "gradient_accumulation_steps", "learning_rate", "seed",
        "bf16", "fp16",
    )  # fmt: skip
    found: dict[str, object] = {name: getattr(args, name) for name in names if hasattr(args, name)}
    parameters = sum(one.numel() for one in model.parameters())
    return {"model": type(model).__name__, "parameters": parameters, "max_steps": state.max_steps, **found}


def _steps(args: Any, state: Any) -> Asked:
    """Updates of the whole training, those behind a checkpoint, and the rule of `EarlyStoppingCallback`."""
    plain = Asked(state.max_steps, state.global_step)
    stop = (getattr(state, "stateful_callbacks", None) or {}).get("EarlyStoppingCallback")
    metric = args.metric_for_best_model
    if not isinstance(stop, Mapping) or not metric:
        return plain
    patience = stop["args"]["early_stopping_patience"]
    name = metric if metric.startswith("eval_") else f"eval_{metric}"
    return plain._replace(patience=patience, metric=name, mode="max" if args.greater_is_better else "min")
