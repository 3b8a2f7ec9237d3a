"""scikit-learn: `tracked(estimator)` for all estimators, `JoulebookCallback` for those with callbacks (1.9 on)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from joulebook.errors import MissingExtra
from joulebook.integrations.training import Metered, Plan, needs, silent
from joulebook.run import Stage, track
from joulebook.run.running import current
from joulebook.run.steps import Asked
from joulebook.settings import RUN_VARIABLE

try:
    from sklearn import __version__
    from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
    from sklearn.utils.metaestimators import available_if
except ImportError as error:
    raise MissingExtra.framework("scikit-learn", "1.7", str(error)) from error
needs("scikit-learn", "1.7", __version__)


def _has(method: str) -> Callable[[Tracked], bool]:
    """Whether the estimator inside has that method."""
    return lambda self: hasattr(getattr(self, "estimator_", self.estimator), method)


class Tracked(MetaEstimatorMixin, BaseEstimator):
    """An estimator around another one, whose `fit`, `predict`, ... are stages; cloned and pickled like any other.

    Inside a run they are stages of that run, elsewhere each call is a run. In the worker processes of a search, which
    belong to a run that is being recorded, nothing is recorded again.
    """

    def __init__(self, estimator: Any, name: str = "", options: Mapping[str, Any] | None = None) -> None:
        self.estimator = estimator
        self.name = name
        self.options = options

    def fit(self, X: Any, y: Any = None, **params: Any) -> Tracked:  # noqa: N803 - scikit-learn's name
        """Fit a clone of the estimator, as `estimator_`."""
        with self._stage("fit"):
            self.estimator_ = clone(self.estimator)
            self.estimator_.fit(X, y, **params)
        return self

    @available_if(_has("predict"))
    def predict(self, X: Any, **params: Any) -> Any:  # noqa: N803
        """What the estimator predicts."""
        return self._called("predict", X, **params)

    @available_if(_has("predict_proba"))
    def predict_proba(self, X: Any, **params: Any) -> Any:  # noqa: N803
        """The probabilities that the estimator predicts."""
        return self._called("predict_proba", X, **params)

    @available_if(_has("decision_function"))
    def decision_function(self, X: Any, **params: Any) -> Any:  # noqa: N803
        """The decision function of the estimator."""
        return self._called("decision_function", X, **params)

    @available_if(_has("transform"))
    def transform(self, X: Any, **params: Any) -> Any:  # noqa: N803
        """What the estimator makes of the data."""
        return self._called("transform", X, **params)

    @available_if(_has("score"))
    def score(self, X: Any, y: Any = None, **params: Any) -> Any:  # noqa: N803
        """The score of the estimator."""
        return self._called("score", X, y, **params)

    def _called(self, method: str, *args: Any, **params: Any) -> Any:
        with self._stage(method):
            return getattr(self.estimator_, method)(*args, **params)

    def _stage(self, method: str) -> AbstractContextManager[object]:
        around = current()
        if around is not None and around.recording:
            return around.stage(f"{self.name or type(self.estimator).__name__}.{method}")
        if os.environ.get(RUN_VARIABLE):
            return nullcontext()
        return track(f"{self.name or type(self.estimator).__name__}.{method}", **(self.options or {}))

    def __sklearn_tags__(self) -> Any:
        return self.estimator.__sklearn_tags__()

    def __getattr__(self, name: str) -> Any:
        """What the fitted estimator has learnt: `classes_`, `coef_`, ..."""
        if not name.endswith("_") or name.startswith("_") or "estimator_" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.__dict__["estimator_"], name)


def tracked(estimator: Any, name: str = "", **options: Any) -> Tracked:
    """The estimator with its `fit`, `predict`, ... recorded; options are those of `joulebook.track`."""
    return Tracked(estimator, name, options or None)


class JoulebookCallback(Metered):
    """For `estimator.set_callbacks(...)`: each fit is a run, or a part of the run around it, its tasks are stages.

    What is fitted in other processes is in the energy of the run, and not among its stages.
    """

    reports_exceptions = True

    def __init__(self, name: str = "", /, **options: object) -> None:
        super().__init__(name, **options)
        self._tasks: dict[int, Stage] = {}

    @silent
    def setup(self, estimator: Any, context: Any) -> None:
        """Begin the run; tasks that follow each other are forecast where their number is known."""
        name = type(estimator).__name__
        training = self._begin(Plan(name, {"model": name}))
        if context.sequential_subtasks and context.max_subtasks:
            training.foresee(Asked(context.max_subtasks))

    @silent
    def teardown(self, estimator: Any, context: Any) -> None:
        """End the run; scikit-learn does this when something is raised as well."""
        self._tasks.clear()
        raised = sys.exc_info()[0]
        if raised is None:
            self._end()
        else:
            self._end("failed", raised.__name__)

    @silent
    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """A task begins."""
        training = self._training
        if training is not None:
            stage = self._tasks[id(context)] = training.run.stage(context.task_name)
            stage.__enter__()

    @silent
    def on_fit_task_end(self, estimator: Any, context: Any) -> bool:
        """A task ends; True where the rest is to be left out, because the budget is spent."""
        training, stage = self._training, self._tasks.pop(id(context), None)
        if training is None or stage is None:
            return False
        stage.__exit__()
        parent = context.parent
        return parent is not None and parent.parent is None and training.finish_step()

    def __getstate__(self) -> dict[str, object]:
        return {**super().__getstate__(), "_tasks": {}}
