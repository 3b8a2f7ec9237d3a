"""scikit-learn: an estimator that is tracked stays an estimator; callbacks where estimators call them."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import joulebook as jb
from joulebook.integrations.sklearn import JoulebookCallback, Tracked, tracked

X, Y = load_iris(return_X_y=True)


def test_inside_a_run_calls_are_stages_and_answers_are_the_same(told):
    plain = DecisionTreeClassifier(random_state=0).fit(X, Y)
    with jb.track("trees") as run:
        mine = tracked(DecisionTreeClassifier(random_state=0), "tree").fit(X, Y)
        assert np.array_equal(mine.predict(X), plain.predict(X))
        assert np.array_equal(mine.predict_proba(X), plain.predict_proba(X))
        assert mine.score(X, Y) == plain.score(X, Y)
    assert told(run.id)[0] == ["tree.fit", "tree.predict", "tree.predict_proba", "tree.score"]
    assert list(mine.classes_) == list(plain.classes_)
    assert not hasattr(mine, "transform")
    assert is_classifier(mine)


def test_outside_a_run_each_call_is_one(runs):
    tracked(DecisionTreeClassifier(), region="FR").fit(X, Y).predict(X)
    assert runs() == [("DecisionTreeClassifier.fit", "finished"), ("DecisionTreeClassifier.predict", "finished")]


def test_what_is_raised_is_theirs(runs):
    with pytest.raises(ValueError, match="does not match"):
        tracked(DecisionTreeClassifier()).fit(X, Y[:-1])
    with pytest.raises(AttributeError):
        tracked(DecisionTreeClassifier()).classes_  # noqa: B018
    assert runs() == [("DecisionTreeClassifier.fit", "failed")]


def test_clones_and_copies_are_tracked_too(told):
    mine = tracked(DecisionTreeClassifier(max_depth=3), "tree")
    assert clone(mine).get_params()["estimator__max_depth"] == 3
    with jb.track("trees") as run:
        fitted = clone(mine).fit(X, Y)
        again = pickle.loads(pickle.dumps(fitted))
        assert np.array_equal(again.predict(X), fitted.predict(X))
    assert told(run.id)[0] == ["tree.fit", "tree.predict", "tree.predict"]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_search_counts_everything_once(n_jobs, told, runs):
    search = GridSearchCV(
        make_pipeline(StandardScaler(), tracked(DecisionTreeClassifier(random_state=0), "tree")),
        {"tracked__estimator__max_depth": [1, 2]}, cv=2, n_jobs=n_jobs,
    )  # fmt: skip
    with jb.track("search") as run:
        search.fit(X, Y)
    assert runs() == [("search", "finished")]
    assert told(run.id)[0].count("tree.fit") == (5 if n_jobs == 1 else 1)
    assert isinstance(search.best_estimator_[-1], Tracked)
    assert list(search.classes_) == [0, 1, 2]


def test_a_callback_makes_a_run_of_a_fit_and_stages_of_its_tasks(told):
    callback = JoulebookCallback("lr", region="FR")
    plain = LogisticRegression(max_iter=200).fit(X, Y)
    mine = LogisticRegression(max_iter=200).set_callbacks(callback).fit(X, Y)
    assert np.array_equal(mine.coef_, plain.coef_)
    assert callback.problems == []
    assert (callback.run.name, callback.run.stopped) == ("lr", "finished")
    paths, _ = told(callback.run.id)
    assert paths[0] == "fit"
    assert len(paths) > 2
    assert pickle.loads(pickle.dumps(mine))._skl_callbacks[0].run is None


def test_a_callback_of_a_search_in_other_processes_is_one_run(runs, told):
    callback = JoulebookCallback("grid")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search = GridSearchCV(
            make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [0.1, 1]}, cv=2, n_jobs=2
        )
        search.set_callbacks(callback).fit(X, Y)
    assert callback.problems == []
    assert runs() == [("grid", "finished")]
    assert told(callback.run.id)[0][0] == "fit"


def test_a_fit_that_fails_ends_the_run_as_failed(runs):
    callback = JoulebookCallback("lr")
    with pytest.raises(ValueError, match="inconsistent"):
        LogisticRegression().set_callbacks(callback).fit(X, Y[:-1])
    LogisticRegression().set_callbacks(callback).fit(X, Y)
    assert {status for _, status in runs()} <= {"failed", "finished"}
    assert runs()[-1] == ("lr", "finished")


def test_off_nothing_is_recorded(monkeypatch, tmp_path):
    monkeypatch.setenv("JOULEBOOK_OFF", "1")
    LogisticRegression().set_callbacks(JoulebookCallback("lr")).fit(X, Y)
    tracked(DecisionTreeClassifier()).fit(X, Y).predict(X)
    assert not (tmp_path / "book").exists()
