"""The Trainer's own ways: checkpoints, resuming, early stopping, a model of the library."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.integrations import training as room

STEPS = 6


@pytest.fixture
def lab(lab_of):
    return lab_of("transformers")


def test_checkpoints_are_a_phase_and_a_resumed_training_counts_the_steps_behind_it(lab, told, monkeypatch, tmp_path):
    options = {"save_strategy": "epoch", "load_best_model_at_end": True, "metric_for_best_model": "loss"}
    callback = lab.Callback("ft")
    lab.trainer([callback], epochs=2, **options).train()
    paths, _ = told(callback.run.id)
    assert [path for path in paths if "/" not in path] == ["train", "validation", "checkpoint"] * 2 + ["train"]
    saved = tmp_path / "out" / f"checkpoint-{2 * STEPS}"
    assert "joulebook" not in "".join(one.read_text(errors="replace") for one in saved.glob("*.json"))
    asked = []
    foresee = room.Training.foresee
    monkeypatch.setattr(room.Training, "foresee", lambda self, steps: (asked.append(steps), foresee(self, steps)))
    lab.trainer([lab.Callback("ft")], epochs=3, **options).train(resume_from_checkpoint=str(saved))
    assert (asked[0].first, asked[0].total) == (2 * STEPS, 3 * STEPS)


def test_early_stopping_is_reckoned_with(lab, monkeypatch):
    from transformers import EarlyStoppingCallback

    asked = []
    foresee = room.Training.foresee
    monkeypatch.setattr(room.Training, "foresee", lambda self, steps: (asked.append(steps), foresee(self, steps)))
    options = {"save_strategy": "epoch", "load_best_model_at_end": True, "metric_for_best_model": "loss"}
    stop = EarlyStoppingCallback(early_stopping_patience=1, early_stopping_threshold=9.0)
    callback = lab.Callback("ft")
    lab.trainer([callback, stop], epochs=9, **options).train()
    assert (asked[0].metric, asked[0].patience, asked[0].mode) == ("eval_loss", 1, "min")
    assert callback.run.stopped == "finished"


def test_gradient_accumulation_makes_one_step_of_several_batches(lab, told):
    callback = lab.Callback("ft")
    lab.trainer([callback], epochs=1, gradient_accumulation_steps=2).train()
    assert told(callback.run.id)[0].count("train/step") == STEPS // 2


def test_a_model_of_the_library(told, tmp_path):
    import torch
    from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

    from joulebook.integrations.transformers import JoulebookCallback

    torch.manual_seed(0)
    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    model = BertForSequenceClassification(BertConfig(vocab_size=50, max_position_embeddings=16, **small))
    rows = [{"input_ids": torch.randint(0, 50, (8,)), "labels": at % 2} for at in range(32)]
    arguments = TrainingArguments(
        str(tmp_path / "out"), num_train_epochs=1, report_to=[], disable_tqdm=True, use_cpu=True, save_strategy="no"
    )
    callback = JoulebookCallback()
    Trainer(model, arguments, train_dataset=rows, eval_dataset=rows, callbacks=[callback]).train()
    assert callback.problems == []
    assert callback.run.name == "BertForSequenceClassification"
    paths, metrics = told(callback.run.id)
    assert paths.count("train/step") == 4
    assert metrics[-1]["train_loss"] > 0


EVENTS = (
    "train_begin",
    "train_end",
    "step_begin",
    "step_end",
    "epoch_end",
    "prediction_step",
    "evaluate",
    "predict",
    "save",
)


class Control:
    def __init__(self, evaluates, saves):
        self.should_evaluate, self.should_save, self.should_training_stop = evaluates, saves, False


@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.booleans(), st.booleans()), max_size=30))
def test_in_whatever_order_events_come_stages_are_left_and_runs_end(events):
    """Without a recording: the order of stages alone."""
    from joulebook.integrations.transformers import JoulebookCallback

    open_, log = [], []

    class Stage:
        def __init__(self, name):
            self.name = name

        def __enter__(self):
            open_.append(self.name)

        def __exit__(self, *_):
            log.append(self.name)
            assert open_.pop() == self.name

    class Run:
        recording, notices = True, ()

        def stage(self, name):
            return Stage(name)

        def loop(self, asked):
            return None

        def log(self, **_):
            pass

        def stop(self, status, *, reason=""):
            self.recording = False
            assert open_ == []

    callback = JoulebookCallback("ft")
    callback._begin = lambda plan, phase="": begin(callback, phase)
    callback._config = {}

    def begin(self, phase):
        self._end()
        self._training = room.Training(Run())
        self._training.enter(phase)
        return self._training

    for name, evaluates, saves in events:
        getattr(callback, f"on_{name}")(None, None, Control(evaluates, saves), metrics={})
        assert len(open_) <= 2
        assert open_[1:] in ([], ["step"])
    callback._end()
    assert open_ == []
