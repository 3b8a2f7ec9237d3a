"""Keras' own ways: a fit that goes on, several steps in one call, stopping, data without a length."""

from __future__ import annotations

import pytest

from joulebook.integrations import training as room

STEPS = 6


@pytest.fixture
def lab(lab_of):
    return lab_of("keras")


def asked_in(monkeypatch):
    asked = []
    foresee = room.Training.foresee
    monkeypatch.setattr(room.Training, "foresee", lambda self, steps: (asked.append(steps), foresee(self, steps)))
    return asked


def test_a_fit_that_goes_on_counts_the_steps_behind_it(lab, monkeypatch):
    asked = asked_in(monkeypatch)
    lab.fit(lab.model(), [lab.Callback("ft")], epochs=3, initial_epoch=2)
    assert (asked[0].first, asked[0].total) == (2 * STEPS, 3 * STEPS)


def test_data_without_a_length_is_trained_and_not_forecast(lab, monkeypatch, told):
    import numpy as np

    def forever():
        while True:
            yield np.zeros((8, 4), "float32"), np.zeros(8, "int64")

    asked = asked_in(monkeypatch)
    callback = lab.Callback("ft")
    lab.model().fit(forever(), steps_per_epoch=4, epochs=2, callbacks=[callback], verbose=0)
    assert [one.total for one in asked] == [8]
    assert told(callback.run.id)[0].count("train/step") == 8

    def some():
        for _ in range(5):
            yield np.zeros((8, 4), "float32"), np.zeros(8, "int64")

    lab.model().fit(some(), epochs=1, callbacks=[callback], verbose=0)
    assert len(asked) == 1
    assert callback.problems == []
    assert told(callback.run.id)[0].count("train/step") == 5


def test_several_callbacks_that_stop_the_training_leave_a_finished_run(lab):
    import keras

    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=0, min_delta=9.0)
    callback = lab.Callback("ft")
    lab.fit(lab.model(), [callback, stop], epochs=9)
    assert callback.run.stopped == "finished"


def test_a_saved_model_knows_nothing_of_us(lab, tmp_path):
    model = lab.model()
    lab.fit(model, [lab.Callback("ft")])
    model.save(tmp_path / "model.keras")
    assert b"joulebook" not in (tmp_path / "model.keras").read_bytes()
